// Metadata, identity, and the negotiation of version and charset (clauses 8 and 10).
#pragma once
#include <map>
#include <optional>

#include "../wsclient/handshake.hpp"
#include "operation.hpp"

namespace operations {

using Query = std::map<std::string, std::string>;

// Percent escapes and `+`; none when an escape is broken.
inline std::optional<std::string> unescape(std::string_view part) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (std::size_t at = 0; at < part.size(); ++at) {
    if (part[at] != '%') {
      out += part[at] == '+' ? ' ' : part[at];
      continue;
    }
    const std::string escape = wsclient::ascii_lower(part.substr(at + 1, 2));
    if (escape.size() != 2 || escape.find_first_not_of(digits) != std::string::npos) return {};
    out += json::from_hex(escape);
    at += 2;
  }
  return out;
}

// Broken pairs are dropped; the first of repeated keys wins.
inline Query read_query(std::string_view query) {
  Query found;
  for (const auto pair : wsclient::detail::split(query, "&")) {
    const std::size_t at = pair.find('=');
    const auto key = unescape(pair.substr(0, at)), value = unescape(at == std::string_view::npos ? "" : pair.substr(at + 1));
    if (!pair.empty() && pair.find(';') == std::string_view::npos && key && value) found.emplace(*key, *value);
  }
  return found;
}

inline bool is_integer(std::string_view text) {
  return wsclient::detail::is_digits(text.substr(!text.empty() && (text[0] == '+' || text[0] == '-') ? 1 : 0));
}

// A parameter's number: 0 for what is none, at most 64 bits.
inline std::int64_t integer(const std::string& text) {
  if (!is_integer(text)) return 0;
  try {
    return std::stoll(text);
  } catch (const std::out_of_range&) {
    return text[0] == '-' ? INT64_MIN : INT64_MAX;
  }
}

inline std::string parameter(const Query& query, const std::string& name) {
  const auto found = query.find(name);
  return found == query.end() ? std::string() : found->second;
}

inline Value metadata_parse(const Value& input) {
  const Query query = read_query(bytes(input["query"]));
  Object out;
  for (const char* name : {"uid", "deviceId", "source"}) out[name] = json::to_hex(parameter(query, name));
  for (const char* name : {"typed", "version", "charset"}) out[name] = std::to_string(integer(parameter(query, name)));
  return out;
}

inline Value identity_format(const Value& input) {
  const Value& typed = input["typed"];
  std::string identity = bytes(input["uid"]) + "-" + (typed.is_string() ? typed.as_string() : std::to_string(typed.as_integer())) + "-" +
                         bytes(input["deviceId"]);
  if (input["withSource"].boolean_or(true)) identity += "-" + json::from_hex(input["source"].string_or(""));
  return Object{{"identity", json::to_hex(identity)}};
}

struct Selection {
  std::int64_t version, charset;
  std::string protocol;

  Value object() const {
    return Object{{"version", std::to_string(version)}, {"charset", std::to_string(charset)}, {"protocol", text_or_null(protocol)}};
  }
};

// What a server supports; null limits nothing.
struct Limits {
  const Value &versions, &charsets;

  std::int64_t bound(const char* name) const { return std::stoll(versions[name].as_string()); }

  bool has_charset(std::int64_t code) const {
    if (charsets.is_null()) return true;
    for (const auto& one : charsets.as_array()) {
      if (std::stoll(one.as_string()) == code) return true;
    }
    return false;
  }
};

inline Selection choose_protocol(const std::string& protocols, const Limits& limits) {
  const auto number = [](std::string_view digits) -> std::optional<std::int64_t> {
    if (!wsclient::detail::is_digits(digits) || (digits[0] == '0' && digits.size() > 1)) return {};
    const std::int64_t found = integer(std::string(digits));
    return found > 2147483647 ? std::nullopt : std::optional(found);
  };
  for (const auto part : wsclient::detail::split(protocols, ",")) {
    const std::string_view token = wsclient::detail::trimmed(part);
    const std::size_t dot = token.find(".c");
    if (token.substr(0, 4) != "ws.v" || dot == std::string_view::npos) continue;
    const auto version = number(token.substr(4, dot - 4)), charset = number(token.substr(dot + 2));
    if (!version || !charset || !limits.has_charset(*charset)) continue;
    if (!limits.versions.is_null() && (*version < limits.bound("min") || *version > limits.bound("max"))) continue;
    return {*version, *charset, std::string(token)};
  }
  throw ProtocolError("no-protocol");
}

inline Selection choose(const std::string& text, const std::optional<std::string>& protocols, const Limits& limits) {
  const Query query = read_query(text);
  Selection selected{integer(parameter(query, "version")), integer(parameter(query, "charset")), {}};
  if (limits.versions.is_null() && limits.charsets.is_null()) return selected;
  if (protocols) return choose_protocol(*protocols, limits);
  for (const auto& [name, limit] : {std::pair<const char*, const Value&>("version", limits.versions), {"charset", limits.charsets}}) {
    if (!limit.is_null() && query.count(name) != 0 && !is_integer(parameter(query, name))) throw ProtocolError("bad-parameter");
  }
  if (!limits.versions.is_null()) {
    if (selected.version == 0) selected.version = limits.bound("min");
    if (selected.version < limits.bound("min")) throw ProtocolError("version-too-low");
    selected.version = std::min(selected.version, limits.bound("max"));
  }
  if (!limits.has_charset(selected.charset)) throw ProtocolError("charset-unsupported");
  return selected;
}

inline Value negotiate_select(const Value& input) {
  std::optional<std::string> protocols;
  if (!input["protocols"].is_null()) protocols = input["protocols"].as_string();
  return choose(bytes(input["query"]), protocols, {input["versions"], input["charsets"]}).object();
}

}  // namespace operations
