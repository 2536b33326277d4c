// The opening handshake of a client, without I/O (clauses 7.1, 7.2, 7.5). No extension is offered.
#pragma once
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "frame.hpp"

namespace wsclient {

namespace detail {

inline std::string sha1(std::string_view data) {
  const auto rotate = [](std::uint32_t value, int bits) { return value << bits | value >> (32 - bits); };
  std::string padded(data);
  padded += '\x80';
  while (padded.size() % 64 != 56) padded += '\0';
  for (int shift = 56; shift >= 0; shift -= 8) padded += static_cast<char>(std::uint64_t{data.size()} * 8 >> shift & 0xFF);
  std::array<std::uint32_t, 5> h{0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  for (std::size_t block = 0; block < padded.size(); block += 64) {
    std::array<std::uint32_t, 80> w{};
    for (std::size_t at = 0; at < 64; ++at) w[at / 4] = w[at / 4] << 8 | byte_at(padded, block + at);
    for (std::size_t at = 16; at < 80; ++at) w[at] = rotate(w[at - 3] ^ w[at - 8] ^ w[at - 14] ^ w[at - 16], 1);
    auto [a, b, c, d, e] = h;
    for (std::size_t at = 0; at < 80; ++at) {
      const std::uint32_t f = at < 20 ? (b & c) | (~b & d) : at < 40 || at >= 60 ? b ^ c ^ d : (b & c) | (b & d) | (c & d);
      const std::uint32_t k = at < 20 ? 0x5A827999 : at < 40 ? 0x6ED9EBA1 : at < 60 ? 0x8F1BBCDC : 0xCA62C1D6;
      const std::uint32_t next = rotate(a, 5) + f + e + k + w[at];
      e = d, d = c, c = rotate(b, 30), b = a, a = next;
    }
    h = {h[0] + a, h[1] + b, h[2] + c, h[3] + d, h[4] + e};
  }
  std::string out;
  for (const std::uint32_t word : h) {
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(word >> shift & 0xFF);
  }
  return out;
}

inline std::string base64(std::string_view data) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < data.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t place = 0; place < 3; ++place) group = group << 8 | (at + place < data.size() ? byte_at(data, at + place) : 0);
    for (int place = 0; place < 4; ++place) {
      const bool is_there = at + static_cast<std::size_t>(place) <= data.size();
      out += is_there ? digits[group >> (18 - 6 * place) & 63] : '=';
    }
  }
  return out;
}

inline std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

inline std::vector<std::string_view> split(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0;;) {
    const std::size_t end = text.find(separator, at);
    parts.push_back(text.substr(at, end == std::string_view::npos ? end : end - at));
    if (end == std::string_view::npos) return parts;
    at = end + separator.size();
  }
}

inline bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace detail

// ASCII letters only: the C library's tolower depends on the locale.
inline std::string ascii_lower(std::string_view text) {
  std::string out(text);
  for (char& letter : out) letter = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
  return out;
}

inline bool is_token(std::string_view text) {
  constexpr std::string_view allowed = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

inline bool has_control(std::string_view text) {
  for (const char one : text) {
    const auto byte = static_cast<std::uint8_t>(one);
    if ((byte < 0x20 && byte != '\t') || byte == 0x7F) return true;
  }
  return false;
}

inline std::string accept_value(std::string_view key) {
  return detail::base64(detail::sha1(std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
}

// The lines of a head with their offsets, and its size with the empty line.
struct Head {
  struct Line {
    std::size_t offset;
    std::string text;
  };
  std::vector<Line> lines;
  std::size_t size = 0;

  static Head split(std::string_view data) {
    constexpr std::size_t limit = 16384;
    const std::size_t end = data.find("\r\n\r\n");
    if ((end == std::string_view::npos ? data.size() : end + 4) > limit) throw ProtocolError("headers-too-large");
    if (end == std::string_view::npos) throw ProtocolError("incomplete");
    Head head;
    std::size_t offset = 0;
    for (const auto line : detail::split(data.substr(0, end), "\r\n")) {
      head.lines.push_back({offset, std::string(line)});
      offset += line.size() + 2;
    }
    head.size = end + 4;
    return head;
  }
};

// Header fields by their names in lower case.
class Header {
 public:
  Header() = default;
  explicit Header(const Head& head) {
    for (std::size_t at = 1; at < head.lines.size(); ++at) {
      const std::string& line = head.lines[at].text;
      const std::size_t colon = line.find(':');
      const bool fits = colon != std::string::npos && is_token(line.substr(0, colon)) && !has_control(line.substr(colon + 1));
      if (!fits) throw ProtocolError("bad-header", head.lines[at].offset);
      values_[ascii_lower(line.substr(0, colon))].emplace_back(detail::trimmed(std::string_view(line).substr(colon + 1)));
    }
  }

  const std::vector<std::string>& all(const std::string& name) const {
    static const std::vector<std::string> none;
    const auto found = values_.find(name);
    return found == values_.end() ? none : found->second;
  }

  bool has(const std::string& name) const { return values_.count(name) != 0; }

  // A field in one text, over all fields of that name.
  std::optional<std::string> joined(const std::string& name) const {
    if (!has(name)) return {};
    std::string out;
    for (const auto& value : all(name)) out += (&value == &all(name).front() ? "" : ", ") + value;
    return out;
  }

  // The elements of a field that is a list.
  std::vector<std::string> elements(const std::string& name) const {
    std::vector<std::string> found;
    for (const auto& value : all(name)) {
      for (const auto part : detail::split(value, ",")) {
        if (const auto element = detail::trimmed(part); !element.empty()) found.emplace_back(element);
      }
    }
    return found;
  }

  bool has_token(const std::string& name, std::string_view token) const {
    for (const auto& element : elements(name)) {
      if (ascii_lower(element) == token) return true;
    }
    return false;
  }

 private:
  std::map<std::string, std::vector<std::string>> values_;
};

inline bool is_http_1_1(std::string_view version) {
  return version.size() == 8 && version.substr(0, 7) == "HTTP/1." && version[7] >= '1' && version[7] <= '9';
}

// What a server agreed to.
struct Answer {
  Header header;
  std::string protocol;      // empty for none
  std::size_t consumed = 0;  // bytes of the head; frames may follow it in the same segment

  // Reads a server's answer; those of the class 1xx before it are read over. `check_extensions(text)` says what to make of
  // Sec-WebSocket-Extensions: this client offers none, so that any is too much.
  template <typename CheckExtensions>
  static Answer read(std::string_view data, std::string_view key, const std::vector<std::string>& protocols,
                     CheckExtensions check_extensions) {
    for (std::size_t before = 0;;) {
      Answer answer;
      const Head head = Head::split(data.substr(before));
      const auto words = detail::split(head.lines[0].text, " ");
      const std::string_view status = words.size() > 1 ? words[1] : std::string_view();
      if (!is_http_1_1(words[0]) || status.size() != 3 || !detail::is_digits(status) || has_control(head.lines[0].text)) {
        throw ProtocolError("bad-status-line");
      }
      try {
        answer.header = Header(head);
      } catch (const ProtocolError& fault) {
        throw ProtocolError(fault.code, *fault.offset + before);
      }
      answer.consumed = before += head.size;
      if (status != "101" && status[0] == '1') continue;
      answer.judge(status, key, protocols, check_extensions);
      return answer;
    }
  }

  static Answer read(std::string_view data, std::string_view key, const std::vector<std::string>& protocols) {
    return read(data, key, protocols, [](const std::string& text) {
      if (!detail::trimmed(text).empty()) throw ProtocolError("unoffered-extension");
    });
  }

 private:
  template <typename CheckExtensions>
  void judge(std::string_view status, std::string_view key, const std::vector<std::string>& protocols, CheckExtensions check_extensions) {
    const auto refuse = [](bool is_fault, const char* code) {
      if (is_fault) throw ProtocolError(code);
    };
    const auto& accepts = header.all("sec-websocket-accept");
    const auto& chosen = header.all("sec-websocket-protocol");
    refuse(status != "101", "refused");
    refuse(!header.has_token("upgrade", "websocket"), "missing-upgrade");
    refuse(!header.has_token("connection", "upgrade"), "missing-connection");
    refuse(accepts.empty(), "missing-accept");
    refuse(accepts.size() > 1 || accepts[0] != accept_value(key), "wrong-accept");
    if (const auto extensions = header.joined("sec-websocket-extensions")) check_extensions(*extensions);
    if (chosen.empty()) return;
    bool is_offered = false;
    for (const auto& one : protocols) is_offered = is_offered || one == chosen[0];
    refuse(chosen.size() > 1 || !is_offered, "unoffered-protocol");
    protocol = chosen[0];
  }
};

}  // namespace wsclient
