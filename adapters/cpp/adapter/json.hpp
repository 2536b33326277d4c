// JSON as the adapter and the driver need it: strict enough for what the runner writes, and never beyond a bounded depth.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "../wsclient/text.hpp"

namespace json {

struct Null {};
class Value;
using Array = std::vector<Value>;
using Object = std::map<std::string, Value>;

// Integers only: the adapter protocol has no others.
class Value {
 public:
  Value() = default;
  Value(bool value) : value_(value) {}
  Value(std::int64_t value) : value_(value) {}
  Value(std::uint64_t value) : value_(static_cast<std::int64_t>(value)) {}
  Value(std::uint32_t value) : value_(std::int64_t{value}) {}
  Value(int value) : value_(std::int64_t{value}) {}
  Value(std::string value) : value_(std::move(value)) {}
  Value(const char* value) : value_(std::string(value)) {}
  Value(Array value) : value_(std::move(value)) {}
  Value(Object value) : value_(std::move(value)) {}

  bool is_null() const { return std::holds_alternative<Null>(value_); }
  bool is_string() const { return std::holds_alternative<std::string>(value_); }
  bool as_bool() const { return get<bool>("a boolean"); }
  std::int64_t as_integer() const { return get<std::int64_t>("an integer"); }
  const std::string& as_string() const { return get<std::string>("a string"); }
  const Array& as_array() const { return get<Array>("an array"); }
  const Object& as_object() const { return get<Object>("an object"); }

  // A member; null when there is none.
  const Value& operator[](const std::string& name) const {
    static const Value none;
    const auto found = as_object().find(name);
    return found == as_object().end() ? none : found->second;
  }

  bool boolean_or(bool otherwise) const { return is_null() ? otherwise : as_bool(); }
  std::int64_t integer_or(std::int64_t otherwise) const { return is_null() ? otherwise : as_integer(); }
  std::string string_or(std::string otherwise) const { return is_null() ? otherwise : as_string(); }

  void write(std::string& out) const {
    if (is_null()) out += "null";
    else if (const auto* boolean = std::get_if<bool>(&value_)) out += *boolean ? "true" : "false";
    else if (const auto* integer = std::get_if<std::int64_t>(&value_)) out += std::to_string(*integer);
    else if (const auto* text = std::get_if<std::string>(&value_)) write_string(*text, out);
    else if (const auto* array = std::get_if<Array>(&value_)) {
      out += '[';
      for (const auto& element : *array) {
        if (&element != &array->front()) out += ',';
        element.write(out);
      }
      out += ']';
    } else {
      char before = '{';
      for (const auto& [name, member] : as_object()) {
        out += before;
        write_string(name, out);
        out += ':';
        member.write(out);
        before = ',';
      }
      out += before == '{' ? "{}" : "}";
    }
  }

 private:
  template <typename Type>
  const Type& get(const char* what) const {
    if (const auto* found = std::get_if<Type>(&value_)) return *found;
    throw std::invalid_argument(std::string("not ") + what);
  }

  // What is no UTF-8 is written as U+FFFD.
  static void write_string(std::string_view text, std::string& out) {
    constexpr char digits[] = "0123456789abcdef";
    out += '"';
    for (std::size_t at = 0; at < text.size();) {
      std::uint32_t code_point = 0;
      const std::size_t size = wsclient::detail::utf8_sequence(text, at, code_point);
      if (size == 0) out += "\xEF\xBF\xBD";
      else if (code_point == '"' || code_point == '\\') (out += '\\') += static_cast<char>(code_point);
      else if (code_point < 0x20) ((out += "\\u00") += digits[code_point >> 4]) += digits[code_point & 15];
      else out += text.substr(at, size);
      at += size == 0 ? 1 : size;
    }
    out += '"';
  }

  std::variant<Null, bool, std::int64_t, std::string, Array, Object> value_;
};

// Throws std::invalid_argument for what is no JSON.
class Parser {
 public:
  static Value parse(std::string_view text) {
    Parser parser(text);
    Value value = parser.value(0);
    parser.skip();
    if (parser.at_ != text.size()) parser.refuse();
    return value;
  }

 private:
  explicit Parser(std::string_view text) : text_(text) {}

  [[noreturn]] void refuse() const { throw std::invalid_argument("no JSON at byte " + std::to_string(at_)); }

  void skip() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
  }

  bool takes(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return false;
    at_ += expected.size();
    return true;
  }

  Value value(int depth) {
    if (depth > 64) refuse();
    skip();
    if (takes("null")) return {};
    if (takes("true")) return true;
    if (takes("false")) return false;
    if (takes("\"")) return string();
    if (takes("[")) {
      Array array;
      for (skip(); !takes("]"); skip()) {
        if (!array.empty() && !takes(",")) refuse();
        array.push_back(value(depth + 1));
      }
      return array;
    }
    if (takes("{")) {
      Object object;
      for (skip(); !takes("}"); skip()) {
        if (!object.empty() && !takes(",")) refuse();
        skip();
        if (!takes("\"")) refuse();
        std::string name = string();
        skip();
        if (!takes(":")) refuse();
        object[std::move(name)] = value(depth + 1);
      }
      return object;
    }
    return integer();
  }

  Value integer() {
    const std::size_t start = at_;
    if (at_ < text_.size() && text_[at_] == '-') ++at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    const std::string digits(text_.substr(start, at_ - start));
    if (digits.empty() || digits == "-" || digits.size() > 18) refuse();
    return std::int64_t{std::stoll(digits)};
  }

  std::uint32_t unit() {
    std::uint32_t number = 0;
    for (int place = 0; place < 4; ++place, ++at_) {
      const auto digit = at_ < text_.size() ? std::string_view("0123456789abcdefABCDEF").find(text_[at_]) : std::string_view::npos;
      if (digit == std::string_view::npos) refuse();
      number = number << 4 | static_cast<std::uint32_t>(digit < 16 ? digit : digit - 6);
    }
    return number;
  }

  // Half of a surrogate pair becomes the byte FF, which no text has: encoding it then fails where it stands.
  std::string string() {
    std::string out;
    while (at_ < text_.size() && text_[at_] != '"') {
      const char next = text_[at_++];
      if (next != '\\') {
        out += next;
        continue;
      }
      if (at_ == text_.size()) refuse();
      const char escape = text_[at_++];
      constexpr std::string_view escapes = "\"\\/bfnrt", meant = "\"\\/\b\f\n\r\t";
      if (escape != 'u') {
        const auto place = escapes.find(escape);
        if (place == std::string_view::npos) refuse();
        out += meant[place];
        continue;
      }
      std::uint32_t code_point = unit();
      if (code_point >= 0xD800 && code_point < 0xDC00 && text_.substr(at_, 2) == "\\u") {
        const std::size_t before = at_;
        at_ += 2;
        const std::uint32_t low = unit();
        if (low >= 0xDC00 && low < 0xE000) code_point = 0x10000 + ((code_point - 0xD800) << 10) + (low - 0xDC00);
        else at_ = before;
      }
      if (code_point >= 0xD800 && code_point < 0xE000) out += '\xFF';
      else wsclient::detail::put_code_point(out, code_point);
    }
    if (!takes("\"")) refuse();
    return out;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

inline std::string to_hex(std::string_view data) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const char one : data) (out += digits[static_cast<std::uint8_t>(one) >> 4]) += digits[static_cast<std::uint8_t>(one) & 15];
  return out;
}

inline std::string from_hex(std::string_view digits) {
  const auto digit = [](char one) {
    const auto found = std::string_view("0123456789abcdef").find(one);
    if (found == std::string_view::npos) throw std::invalid_argument("no hexadecimal digit");
    return found;
  };
  if (digits.size() % 2 != 0) throw std::invalid_argument("half a byte");
  std::string out;
  for (std::size_t at = 0; at < digits.size(); at += 2) out += static_cast<char>(digit(digits[at]) << 4 | digit(digits[at + 1]));
  return out;
}

}  // namespace json
