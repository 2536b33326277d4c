// The adapter of the C++ client: one JSON object a line on standard input, one on standard output.
//
//   wireproof verify --iut .build/adapters/cpp-adapter
#include <iostream>

#include "adapter/deflate.hpp"
#include "adapter/frames.hpp"
#include "adapter/handshake.hpp"
#include "adapter/timeline.hpp"
#include "adapter/websocket.hpp"

namespace {

using namespace operations;

Value charset_decode(const Value& input) {
  return Object{{"text", wsclient::decode_text(bytes(input["bytes"]), static_cast<int>(input["charset"].as_integer()))}};
}

Value charset_encode(const Value& input) {
  return Object{{"bytes", json::to_hex(wsclient::encode_text(input["text"].as_string(), static_cast<int>(input["charset"].as_integer())))}};
}

const std::map<std::string, Value (*)(const Value&)> all_operations{
    {"frame.encode", frame_encode}, {"frame.decode", frame_decode}, {"frame.stream", frame_stream},
    {"displacement.encode", displacement_encode}, {"displacement.decode", displacement_decode},
    {"ws.encode", ws_encode}, {"ws.decode", ws_decode},
    {"deflate.negotiate", deflate_negotiate}, {"deflate.compress", deflate_compress}, {"deflate.decompress", deflate_decompress},
    {"handshake.parse", handshake_parse}, {"handshake.respond", handshake_respond},
    {"metadata.parse", metadata_parse}, {"identity.format", identity_format}, {"negotiate.select", negotiate_select},
    {"charset.decode", charset_decode}, {"charset.encode", charset_encode},
    {"rpc.timeline", rpc_timeline},
};

Object hello() {
  return {{"name", "wireproof's C++ client"}, {"language", "C++"}, {"version", "1"},
          {"capabilities", Array{"charset-text", "close-wait", "deadlines", "frame-stream", "header-limit", "integer-clamp", "legacy-limit",
                                 "negotiation", "negotiation-subprotocol", "origin-list", "protobuf-depth", "send-limit", "sn-wrap"}}};
}

Object run(const std::string& operation, const Value& input) {
  const auto found = all_operations.find(operation);
  if (found == all_operations.end()) return {{"unsupported", "no operation " + operation}};
  try {
    return {{"output", found->second(input)}};
  } catch (const Refused& fault) {
    return {{"error", fault.code}, {"index", fault.index}};
  } catch (const ProtocolError& fault) {
    Object body{{"error", fault.code}};
    if (fault.offset) body["offset"] = offset(*fault.offset);
    return body;
  } catch (const std::exception& fault) {  // of this program or of the input: the runner shows it, and goes on
    std::cerr << fault.what() << std::endl;
    return {{"error", "internal"}};
  }
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);) {
    try {
      const Value request = json::Parser::parse(line);
      const std::string command = request["cmd"].as_string();
      if (command == "stop") break;
      Object body = command == "hello" ? hello() : run(request["operation"].string_or(""), request["input"]);
      body["seq"] = request["seq"];
      std::string out;
      Value(std::move(body)).write(out);
      std::cout << out << std::endl;  // with the flush that the runner waits for
    } catch (const std::exception& fault) {
      std::cerr << "this line is no request: " << fault.what() << std::endl;
    }
  }
}
