// Text in the charset of a connection (clause 9), to and from UTF-8 in std::string. Nothing is replaced silently.
#pragma once
#include <string>
#include <string_view>
#include <unordered_map>

#include "frame.hpp"
#include "gbk_table.hpp"

namespace wsclient {

inline constexpr int utf8 = 0, gbk = 1;

namespace detail {

// The code point of the UTF-8 sequence at a place, and its size; 0 is a size for what is none (RFC 3629 section 4).
inline std::size_t utf8_sequence(std::string_view text, std::size_t at, std::uint32_t& code_point) {
  const std::uint8_t lead = byte_at(text, at);
  std::size_t size = lead < 0x80 ? 1 : lead >= 0xC2 && lead <= 0xDF ? 2 : lead >= 0xE0 && lead <= 0xEF ? 3
                     : lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
  if (size == 0 || at + size > text.size()) return 0;
  code_point = size == 1 ? lead : lead & (0xFF >> (size + 1));
  for (std::size_t place = 1; place < size; ++place) {
    const std::uint8_t byte = byte_at(text, at + place);
    if ((byte & 0xC0) != 0x80) return 0;
    code_point = code_point << 6 | (byte & 0x3F);
  }
  const bool is_overlong = (size == 3 && code_point < 0x800) || (size == 4 && code_point < 0x10000);
  const bool is_surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  return is_overlong || is_surrogate || code_point > 0x10FFFF ? 0 : size;
}

inline void put_code_point(std::string& out, std::uint32_t code_point) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code_point < 0x80) return put(code_point);
  if (code_point < 0x800) return put(0xC0 | code_point >> 6), put(0x80 | (code_point & 0x3F));
  if (code_point < 0x10000) put(0xE0 | code_point >> 12);
  else put(0xF0 | code_point >> 18), put(0x80 | (code_point >> 12 & 0x3F));
  put(0x80 | (code_point >> 6 & 0x3F)), put(0x80 | (code_point & 0x3F));
}

inline std::uint32_t gbk_code_point(std::uint8_t lead, std::uint8_t trail) {
  if (lead < 0x81 || lead > 0xFE || trail < 0x40 || trail == 0x7F || trail > 0xFE) return 0;
  return gbk_table[(lead - 0x81) * 190 + trail - (trail < 0x7F ? 0x40 : 0x41)];
}

// The lowest pair of each character.
inline const std::unordered_map<std::uint32_t, std::uint16_t>& gbk_pairs() {
  static const auto pairs = [] {
    std::unordered_map<std::uint32_t, std::uint16_t> found;
    for (std::uint32_t pair = 0x8140; pair <= 0xFEFE; ++pair) {
      if (const auto code_point = gbk_code_point(static_cast<std::uint8_t>(pair >> 8), pair & 0xFF)) {
        found.emplace(code_point, static_cast<std::uint16_t>(pair));
      }
    }
    return found;
  }();
  return pairs;
}

}  // namespace detail

// Reads bytes of a charset as UTF-8. `malformed` names the offset of the sequence at fault.
inline std::string decode_text(std::string_view data, int charset = utf8) {
  std::string out;
  for (std::size_t at = 0; at < data.size();) {
    std::uint32_t code_point = detail::byte_at(data, at);
    std::size_t size = 1;
    if (charset != gbk) {
      size = detail::utf8_sequence(data, at, code_point);
    } else if (code_point == 0x80) {
      code_point = 0x20AC;
    } else if (code_point > 0x80) {
      const std::uint8_t lead = static_cast<std::uint8_t>(code_point);
      code_point = at + 1 < data.size() ? detail::gbk_code_point(lead, detail::byte_at(data, at + 1)) : 0;
      size = code_point == 0 ? 0 : 2;
    }
    if (size == 0) throw ProtocolError("malformed", at);
    detail::put_code_point(out, code_point);
    at += size;
  }
  return out;
}

// Writes UTF-8 in a charset. `unencodable` names the number of characters before the first that the charset cannot hold.
inline std::string encode_text(std::string_view text, int charset = utf8) {
  std::string out;
  std::size_t offset = 0;
  for (std::size_t at = 0; at < text.size(); ++offset) {
    std::uint32_t code_point = 0;
    const std::size_t size = detail::utf8_sequence(text, at, code_point);
    if (size == 0) throw ProtocolError("unencodable", offset);
    if (charset != gbk || code_point < 0x80) {
      out += text.substr(at, size);
    } else if (code_point == 0x20AC) {
      out += '\x80';
    } else {
      const auto pair = detail::gbk_pairs().find(code_point);
      if (pair == detail::gbk_pairs().end()) throw ProtocolError("unencodable", offset);
      out += {static_cast<char>(pair->second >> 8), static_cast<char>(pair->second & 0xFF)};
    }
    at += size;
  }
  return out;
}

inline bool is_utf8(std::string_view text) {
  std::uint32_t code_point = 0;
  for (std::size_t at = 0, size = 0; at < text.size(); at += size) {
    if ((size = detail::utf8_sequence(text, at, code_point)) == 0) return false;
  }
  return true;
}

}  // namespace wsclient
