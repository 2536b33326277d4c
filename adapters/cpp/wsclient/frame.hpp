// The binary protocol of goutils/ws over WebSocket: frames of revision 1.3.3 and the displacement. C++17, header-only, no
// dependencies. Bytes are std::string. The numbers in comments are clauses of docs/specification.md.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace wsclient {

// Bytes, or what is to become bytes, break the protocol. `code` names the fault as docs/operations.md does, `offset` is its place,
// where there is one, and `close_code` what to fail the connection with (RFC 6455 section 7.4.1).
struct ProtocolError : std::runtime_error {
  std::string code;
  std::optional<std::size_t> offset;
  std::uint16_t close_code;

  explicit ProtocolError(std::string code, std::optional<std::size_t> offset = {}, std::uint16_t close_code = 1002)
      : std::runtime_error(offset ? code + " at offset " + std::to_string(*offset) : code),
        code(std::move(code)), offset(offset), close_code(close_code) {}
};

inline constexpr std::uint32_t max_frame_length = 524288;  // of the field length: payload and 8 bytes (4.4)
inline constexpr std::uint32_t displacement_id = 0x7FFFFFFF;

namespace detail {

inline constexpr std::size_t header_length = 14;  // magic 2, length 4, protocolId 4, sn 4
inline constexpr std::size_t before_counted = 6, counted_fields = 8;

inline std::uint8_t byte_at(std::string_view data, std::size_t at) { return static_cast<std::uint8_t>(data[at]); }

inline void put_uint32(std::string& out, std::uint32_t number) {
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(number >> shift & 0xFF);
}

inline std::uint32_t get_uint32(std::string_view data, std::size_t at) {
  std::uint32_t number = 0;
  for (int place = 3; place >= 0; --place) number = number << 8 | byte_at(data, at + static_cast<std::size_t>(place));
  return number;
}

}  // namespace detail

struct Frame {
  std::uint32_t protocol_id = 0;
  std::uint32_t sn = 0;  // 0 of a one-way message
  std::string payload;

  // The WebSocket message that carries this frame.
  std::string encode(std::uint32_t limit = max_frame_length) const {
    if (payload.size() + detail::counted_fields > limit) throw ProtocolError("too-large");
    std::string message("\xFE\xEF", 2);
    message.reserve(detail::header_length + payload.size());
    detail::put_uint32(message, static_cast<std::uint32_t>(payload.size() + detail::counted_fields));
    detail::put_uint32(message, protocol_id);
    detail::put_uint32(message, sn);
    return message += payload;
  }

  // Takes one whole WebSocket message apart; checks come in the order of the bytes.
  static Frame decode(std::string_view message, std::uint32_t limit = max_frame_length) {
    using namespace detail;
    if (message.empty()) throw ProtocolError("empty", 0);
    if (byte_at(message, 0) != 0xFE) throw ProtocolError("bad-magic", 0);
    if (message.size() > 1 && byte_at(message, 1) != 0xEF) throw ProtocolError("bad-magic", 1);
    if (message.size() < before_counted) throw ProtocolError("short", message.size());
    const std::uint32_t length = get_uint32(message, 2);
    if (length < counted_fields) throw ProtocolError("length-too-small", 2);
    if (length > limit) throw ProtocolError("too-large", 2, 1009);
    const std::size_t end = before_counted + std::size_t{length};
    if (message.size() < end) throw ProtocolError("short", message.size());
    if (message.size() > end) throw ProtocolError("trailing-bytes", end);
    return {get_uint32(message, 6), get_uint32(message, 10), std::string(message.substr(header_length))};
  }
};

// Protobuf, as far as displacements need it: calls visit(number, wire_type, integer, bytes) for each field. What cannot be parsed
// is refused at the tag of its field; `base` is added to offsets.
class Fields {
 public:
  explicit Fields(std::string_view data, std::size_t base = 0) : data_(data), base_(base) {}

  template <typename Visit>
  void each(Visit visit) {
    while (at_ < data_.size()) {
      const auto [number, wire_type] = tag();
      std::uint64_t integer = 0;
      const std::string_view bytes = value(number, wire_type, 0, integer);
      visit(number, wire_type, integer, bytes);
    }
  }

 private:
  struct Tag {
    std::uint32_t number;
    int wire_type;
  };

  [[noreturn]] void refuse() const { throw ProtocolError("bad-protobuf", base_ + field_); }

  std::uint64_t varint() {
    std::uint64_t number = 0;
    for (unsigned count = 0; count < 10 && at_ < data_.size(); ++count) {
      const std::uint64_t byte = detail::byte_at(data_, at_++);
      if (count == 9 && byte > 1) break;
      number |= (byte & 0x7F) << 7 * count;
      if (byte < 0x80) return number;
    }
    refuse();
  }

  std::string_view take(std::uint64_t size) {
    if (size > data_.size() - at_) refuse();
    at_ += static_cast<std::size_t>(size);
    return data_.substr(at_ - static_cast<std::size_t>(size), static_cast<std::size_t>(size));
  }

  Tag tag() {
    field_ = at_;
    const std::uint64_t tag = varint();
    if (tag > 0xFFFFFFFF || tag >> 3 == 0) refuse();
    return {static_cast<std::uint32_t>(tag >> 3), static_cast<int>(tag & 7)};
  }

  std::string_view value(std::uint32_t number, int wire_type, int depth, std::uint64_t& integer) {
    switch (wire_type) {
      case 0: integer = varint(); return {};
      case 1: return take(8);
      case 2: return take(varint());
      case 3: group(number, depth + 1); return {};
      case 5: return take(4);
      default: refuse();  // 4 ends a group that never began; 6 and 7 do not exist
    }
  }

  void group(std::uint32_t number, int depth) {
    constexpr int deepest = 32;
    const std::size_t start = field_;
    if (depth > deepest) refuse();
    while (at_ < data_.size()) {
      const auto [inner, wire_type] = tag();
      std::uint64_t ignored = 0;
      if (wire_type == 4 && inner == number) return;
      value(inner, wire_type, depth, ignored);
    }
    field_ = start;  // the group has no end
    refuse();
  }

  std::string_view data_;
  std::size_t base_, at_ = 0, field_ = 0;
};

// Who took the place of a connection: P_DISPLACE { bytes old_ip = 1; bytes new_ip = 2; int64 ts = 3; }.
struct Displacement {
  std::string old_ip, new_ip;
  std::int64_t ts = 0;  // nanoseconds since 1970

  static Displacement decode(std::string_view payload) {
    Displacement found;
    Fields(payload).each([&](std::uint32_t number, int wire_type, std::uint64_t integer, std::string_view bytes) {
      if (number == 1 && wire_type == 2) found.old_ip = bytes;
      if (number == 2 && wire_type == 2) found.new_ip = bytes;
      if (number == 3 && wire_type == 0) found.ts = static_cast<std::int64_t>(integer);
    });
    return found;
  }
};

}  // namespace wsclient
