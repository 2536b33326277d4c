// Frames of all four revisions (clauses 4 to 6): the current one by the client, the older ones here.
#pragma once
#include "operation.hpp"

namespace operations {

inline bool is_protobuf(const std::string& revision) { return revision == "1.1" || revision == "1.2"; }
inline std::uint32_t least_length(const std::string& revision) { return revision == "1.3.3" ? 8 : revision == "1.3.0" ? 4 : 0; }
inline std::string magic(const std::string& revision) { return revision == "1.3.3" ? "\xFE\xEF" : "\xFE\xEE"; }

inline void put_varint(std::string& out, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7) out += static_cast<char>((number & 0x7F) | 0x80);
  out += static_cast<char>(number);
}

inline void put_integer_field(std::string& out, int number, std::uint64_t value) {
  if (value == 0) return;
  out += static_cast<char>(number << 3);
  put_varint(out, value);
}

inline void put_bytes_field(std::string& out, int number, const std::string& value) {
  if (value.empty()) return;
  out += static_cast<char>(number << 3 | 2);
  put_varint(out, value.size());
  out += value;
}

inline std::string encode_displacement(const Value& input) {
  std::string out;
  put_bytes_field(out, 1, bytes(input["oldIp"]));
  put_bytes_field(out, 2, bytes(input["newIp"]));
  put_integer_field(out, 3, static_cast<std::uint64_t>(std::stoll(input["ts"].as_string())));
  return out;
}

inline Object displacement_object(const wsclient::Displacement& found) {
  return {{"oldIp", json::to_hex(found.old_ip)}, {"newIp", json::to_hex(found.new_ip)}, {"ts", std::to_string(found.ts)}};
}

inline Value displacement_encode(const Value& input) { return Object{{"payload", json::to_hex(encode_displacement(input))}}; }
inline Value displacement_decode(const Value& input) { return displacement_object(wsclient::Displacement::decode(bytes(input["payload"]))); }

inline std::uint32_t limit_of(const Value& input) {
  return static_cast<std::uint32_t>(input["maxFrameLength"].integer_or(wsclient::max_frame_length));
}

inline Value frame_encode(const Value& input) {
  const std::string revision = input["revision"].as_string(), payload = bytes(input["payload"]);
  const std::int64_t id = input["protocolId"].as_integer(), sn = input["sn"].integer_or(0);
  const bool is_signed = is_protobuf(revision);
  const std::int64_t low = is_signed ? INT32_MIN : 0, high = is_signed ? INT32_MAX : std::int64_t{UINT32_MAX};
  if (id < low || id > high) throw ProtocolError("protocol-id-out-of-range");
  if (revision == "1.3.3") {
    const wsclient::Frame frame{static_cast<std::uint32_t>(id), static_cast<std::uint32_t>(sn), payload};
    return Object{{"message", json::to_hex(frame.encode(limit_of(input)))}};
  }
  if (sn != 0) throw ProtocolError("sn-unsupported");
  std::string body;
  if (is_signed) {  // P_MESSAGE { int32 protocol_id = 1; bytes data = 2; }
    put_integer_field(body, 1, static_cast<std::uint64_t>(id));
    put_bytes_field(body, 2, payload);
  } else {
    wsclient::detail::put_uint32(body, static_cast<std::uint32_t>(id));
    body += payload;
  }
  if (body.size() > limit_of(input)) throw ProtocolError("too-large");
  std::string message;
  if (revision != "1.1") {
    message = magic(revision);
    wsclient::detail::put_uint32(message, static_cast<std::uint32_t>(body.size()));
  }
  return Object{{"message", json::to_hex(message + body)}};
}

// What `length` counts, taken apart.
inline Value frame_object(std::string_view body, const std::string& revision, std::size_t base) {
  Object found{{"protocolId", 0}, {"sn", {}}, {"length", revision == "1.1" ? Value() : offset(body.size())}, {"payload", ""}};
  if (is_protobuf(revision)) {
    wsclient::Fields(body, base).each([&](std::uint32_t number, int wire_type, std::uint64_t integer, std::string_view data) {
      if (number == 1 && wire_type == 0) found["protocolId"] = static_cast<std::int32_t>(integer & 0xFFFFFFFF);
      if (number == 2 && wire_type == 2) found["payload"] = json::to_hex(data);
    });
    return found;
  }
  found["protocolId"] = wsclient::detail::get_uint32(body, 0);
  if (revision == "1.3.3") found["sn"] = wsclient::detail::get_uint32(body, 4);
  found["payload"] = json::to_hex(body.substr(least_length(revision)));
  return found;
}

inline void check_magic(std::string_view data, const std::string& revision, std::size_t base) {
  for (std::size_t place = 0; place < std::min<std::size_t>(2, data.size()); ++place) {
    if (data[place] != magic(revision)[place]) throw ProtocolError("bad-magic", base + place);
  }
}

inline std::size_t read_length(std::string_view data, const std::string& revision, std::uint32_t limit, std::size_t base) {
  const std::uint32_t length = wsclient::detail::get_uint32(data, 2);
  if (length < least_length(revision)) throw ProtocolError("length-too-small", base + 2);
  if (length > limit) throw ProtocolError("too-large", base + 2);
  return length;
}

constexpr std::size_t frame_head = 6;  // magic and length

inline Value frame_decode(const Value& input) {
  const std::string revision = input["revision"].as_string(), message = bytes(input["message"]);
  const std::uint32_t limit = limit_of(input);
  if (revision == "1.3.3") {
    const wsclient::Frame frame = wsclient::Frame::decode(message, limit);
    return Object{{"protocolId", frame.protocol_id}, {"sn", frame.sn}, {"length", offset(frame.payload.size() + 8)},
                  {"payload", json::to_hex(frame.payload)}};
  }
  if (message.empty()) throw ProtocolError("empty", 0);
  if (revision == "1.1") {
    if (message.size() > limit) throw ProtocolError("too-large", 0);
    return frame_object(message, revision, 0);
  }
  check_magic(message, revision, 0);
  if (message.size() < frame_head) throw ProtocolError("short", message.size());
  const std::size_t end = frame_head + read_length(message, revision, limit, 0);
  if (message.size() < end) throw ProtocolError("short", message.size());
  if (message.size() > end) throw ProtocolError("trailing-bytes", end);
  return frame_object(std::string_view(message).substr(frame_head), revision, frame_head);
}

// Frames back to back. Every decision falls at a fixed byte, so where the pieces are cut does not matter.
inline Value frame_stream(const Value& input) {
  const std::string revision = input["revision"].as_string(), stream = joined(input["pieces"]);
  Array frames;
  std::size_t at = 0;
  try {
    while (at < stream.size()) {
      const std::string_view rest = std::string_view(stream).substr(at);
      check_magic(rest, revision, at);
      if (rest.size() < frame_head) break;
      const std::size_t length = read_length(rest, revision, limit_of(input), at);
      if (rest.size() < frame_head + length) break;
      frames.push_back(frame_object(rest.substr(frame_head, length), revision, at + frame_head));
      at += frame_head + length;
    }
  } catch (const ProtocolError& fault) {
    return Object{{"frames", frames}, {"pending", 0}, {"violation", Object{{"code", fault.code}, {"offset", offset(*fault.offset)}}}};
  }
  return Object{{"frames", frames}, {"pending", offset(stream.size() - at)}, {"violation", {}}};
}

}  // namespace operations
