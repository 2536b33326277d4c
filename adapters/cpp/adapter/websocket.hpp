// ws.encode and ws.decode, on the client's own frames.
#pragma once
#include "../wsclient/websocket.hpp"
#include "operation.hpp"

namespace operations {

constexpr std::int64_t max_message_length = wsclient::max_frame_length + 6;

inline Value opcode_name(int opcode) {
  return opcode == wsclient::op_text ? "text" : opcode == wsclient::op_binary ? "binary" : opcode == wsclient::op_ping ? "ping" : "pong";
}

inline Value ws_encode(const Value& input) {
  using namespace wsclient;
  const auto opcode = static_cast<int>(input["opcode"].as_integer()), rsv = static_cast<int>(input["rsv"].integer_or(0));
  const bool fin = input["fin"].as_bool(), control = opcode >= op_close, is_client = input["role"].as_string() == "client";
  const std::string payload = bytes(input["payload"]), key = json::from_hex(input["maskingKey"].string_or(""));
  const auto refuse = [](bool is_fault, const char* code) {
    if (is_fault) throw ProtocolError(code);
  };
  refuse(!is_opcode(opcode), "reserved-opcode");
  const bool compressible = input["deflate"].boolean_or(false) && (opcode == op_text || opcode == op_binary);
  refuse((rsv & 3) != 0 || ((rsv & 4) != 0 && !compressible), "reserved-bits");
  refuse(control && !fin, "control-fragmented");
  refuse(control && payload.size() > 125, "control-too-long");
  if (opcode == op_close && !payload.empty()) {
    refuse(payload.size() == 1, "close-length-one");
    refuse(!close_code_may_be_sent(Event{opcode, payload}.close_code()), "close-code");
    refuse(!is_utf8(std::string_view(payload).substr(2)), "close-utf8");
  }
  refuse(!input["maskingKey"].is_null() != is_client || (is_client && key.size() != 4), "masking-key");
  const auto first = static_cast<std::uint8_t>((fin ? 0x80 : 0) | rsv << 4 | opcode);
  return Object{{"bytes", json::to_hex(encode_websocket_frame(first, payload, key))}};
}

inline Value event_object(const wsclient::Event& event) {
  using namespace wsclient;
  if (event.opcode == op_close) {
    const bool is_empty = event.payload.empty();
    return Object{{"type", "close"}, {"code", is_empty ? Value() : Value(std::int64_t{event.close_code()})},
                  {"reason", is_empty ? "" : event.payload.substr(2)}};
  }
  if (event.opcode >= op_close) return Object{{"type", opcode_name(event.opcode)}, {"payload", json::to_hex(event.payload)}};
  return Object{{"type", "message"}, {"opcode", opcode_name(event.opcode)}, {"payload", json::to_hex(event.payload)},
                {"compressed", event.compressed}, {"fragments", event.fragments}};
}

inline Value ws_decode(const Value& input) {
  const auto limit = static_cast<std::uint64_t>(input["maxMessageLength"].integer_or(max_message_length));
  wsclient::Decoder decoder(input["role"].as_string() == "server", input["deflate"].boolean_or(false), limit);
  std::vector<wsclient::Event> events;
  Value violation;
  try {
    for (const auto& piece : input["pieces"].as_array()) decoder.feed(bytes(piece), events);
  } catch (const ProtocolError& fault) {
    violation = Object{{"code", fault.code}, {"offset", offset(*fault.offset)}, {"closeCode", int{fault.close_code}}};
  }
  Array shown;
  for (const auto& event : events) shown.push_back(event_object(event));
  return Object{{"events", shown}, {"violation", violation}};
}

}  // namespace operations
