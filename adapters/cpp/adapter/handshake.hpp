// The opening handshake of both sides (clause 7); the client's is the client's own.
#pragma once
#include "extensions.hpp"
#include "metadata.hpp"

namespace operations {

struct Request {
  std::string path, query, host, key;
  wsclient::Header header;
  std::size_t consumed = 0;
};

inline Value field(const wsclient::Header& header, const char* name) {
  const auto value = header.joined(name);
  return value ? Value(*value) : Value();
}

inline bool is_key(std::string_view key) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  // The last digit of 16 bytes has four bits that are nothing.
  return key.size() == 24 && key.substr(0, 22).find_first_not_of(digits) == std::string_view::npos && key.substr(22) == "==" &&
         digits.find(key[21]) % 16 == 0;
}

// An upgrade request has no content: what a server does not read as content it would read as frames.
inline void refuse_content(const wsclient::Head& head, const wsclient::Header& header) {
  const auto refuse = [&](const char* code, std::string_view name) {
    std::size_t place = 0;
    for (const auto& line : head.lines) {
      if (wsclient::ascii_lower(line.text.substr(0, line.text.find(':'))) == name) place = line.offset;
    }
    throw ProtocolError(code, place);
  };
  if (header.has("transfer-encoding")) {
    const auto codings = header.elements("transfer-encoding");
    int chunked = 0;
    bool is_last = false;
    for (const auto& coding : codings) {
      is_last = wsclient::ascii_lower(coding) == "chunked";
      chunked += is_last ? 1 : 0;
    }
    refuse(chunked == 1 && is_last ? "has-content" : "bad-framing", "transfer-encoding");
  }
  std::set<std::string> lengths;
  for (const auto& value : header.all("content-length")) {
    for (const auto part : wsclient::detail::split(value, ",")) {
      const auto length = wsclient::detail::trimmed(part);
      if (!wsclient::detail::is_digits(length)) refuse("bad-framing", "content-length");
      lengths.emplace(length);
    }
  }
  if (lengths.size() > 1) refuse("bad-framing", "content-length");
  for (const auto& length : lengths) {
    if (length.find_first_not_of('0') != std::string::npos) refuse("has-content", "content-length");
  }
}

inline bool is_visible(std::string_view text) {
  for (const char one : text) {
    const auto byte = static_cast<std::uint8_t>(one);
    if (byte <= 0x20 || byte == 0x7F) return false;
  }
  return !text.empty();
}

inline Request parse_request(std::string_view data) {
  const auto refuse = [](bool is_fault, const char* code) {
    if (is_fault) throw ProtocolError(code);
  };
  Request request;
  const wsclient::Head head = wsclient::Head::split(data);
  request.consumed = head.size;
  const auto words = wsclient::detail::split(head.lines[0].text, " ");
  refuse(words.size() != 3 || !wsclient::is_token(words[0]) || !is_visible(words[1]) || !is_visible(words[2]) ||
             words[2].substr(0, 5) != "HTTP/", "bad-request-line");
  std::string target(words[1]), host;
  const std::size_t scheme = target.find("://");
  static const std::set<std::string> schemes{"http", "https", "ws", "wss"};
  if (scheme != std::string::npos && schemes.count(wsclient::ascii_lower(target.substr(0, scheme))) != 0) {
    const std::size_t end = std::min(target.find_first_of("/?", scheme + 3), target.size());
    host = target.substr(scheme + 3, end - scheme - 3);
    refuse(host.empty() || host[0] == ':' || host.find('@') != std::string::npos, "bad-request-line");
    target = target.substr(end);
    if (target.empty() || target[0] == '?') target = "/" + target;
  }
  const std::size_t mark = std::min(target.find('?'), target.size());
  request.path = target.substr(0, mark);
  request.query = target.substr(std::min(mark + 1, target.size()));
  refuse(!wsclient::is_http_1_1(words[2]), "bad-http-version");
  request.header = wsclient::Header(head);
  const auto& header = request.header;
  const auto &versions = header.all("sec-websocket-version"), &keys = header.all("sec-websocket-key");
  refuse(words[0] != "GET", "not-get");
  refuse(!header.has("host"), "missing-host");
  refuse(!header.has_token("upgrade", "websocket"), "missing-upgrade");
  refuse(!header.has_token("connection", "upgrade"), "missing-connection");
  refuse(versions.empty(), "missing-version");
  refuse(versions.size() > 1 || versions[0] != "13", "unsupported-version");
  refuse(keys.empty(), "missing-key");
  refuse(keys.size() > 1 || !is_key(keys[0]), "bad-key");
  refuse_content(head, header);
  request.key = keys[0];
  request.host = host.empty() ? *header.joined("host") : host;
  return request;
}

inline Array texts(const std::vector<std::string>& all) { return Array(all.begin(), all.end()); }

inline Value handshake_parse(const Value& input) {
  const std::string data = joined(input["pieces"]);
  if (input["side"].as_string() == "server") {
    const Request request = parse_request(data);
    return Object{{"path", request.path}, {"query", json::to_hex(request.query)}, {"host", request.host}, {"origin", field(request.header, "origin")},
                  {"key", request.key}, {"extensions", field(request.header, "sec-websocket-extensions")},
                  {"protocols", texts(request.header.elements("sec-websocket-protocol"))}, {"consumed", offset(request.consumed)}};
  }
  std::vector<std::string> protocols;
  if (!input["offeredProtocols"].is_null()) {
    for (const auto& one : input["offeredProtocols"].as_array()) protocols.push_back(one.as_string());
  }
  const std::string offered = input["offeredExtensions"].string_or("");
  const auto check = [&](const std::string& response) {  // the client itself offers no extension
    try {
      check_answer(offered, response);
    } catch (const ProtocolError& fault) {
      throw ProtocolError(fault.code == "unoffered-extension" ? fault.code : "bad-extension");
    }
  };
  const auto answer = wsclient::Answer::read(data, input["key"].as_string(), protocols, check);
  return Object{{"status", 101}, {"extensions", field(answer.header, "sec-websocket-extensions")}, {"protocol", text_or_null(answer.protocol)},
                {"consumed", offset(answer.consumed)}};
}

// The header fields of the 101.
inline Object accept_request(const Request& request, const Value& config) {
  const auto& header = request.header;
  if (!config["path"].is_null() && config["path"].as_string() != request.path) throw ProtocolError("unknown-path");
  if (const auto origin = header.joined("origin"); origin && !config["origins"].is_null()) {
    bool is_allowed = false;
    for (const auto& one : config["origins"].as_array()) is_allowed = is_allowed || one.as_string() == *origin;
    if (!is_allowed) throw ProtocolError("forbidden-origin");
  }
  Object headers{{"upgrade", "websocket"}, {"connection", "Upgrade"}, {"sec-websocket-accept", wsclient::accept_value(request.key)}};
  if (const auto offers = header.joined("sec-websocket-extensions")) {
    const std::string response = answer_offers(*offers, {});
    if (!response.empty() && config["compression"].boolean_or(false)) headers["sec-websocket-extensions"] = response;
  }
  std::optional<std::string> protocols;
  for (const auto& one : header.elements("sec-websocket-protocol")) protocols = protocols ? *protocols + ", " + one : one;
  const Limits limits{config["versions"], config["charsets"]};
  const Selection selected = choose(request.query, protocols, limits);
  if (!selected.protocol.empty()) headers["sec-websocket-protocol"] = selected.protocol;
  if (!limits.versions.is_null() || !limits.charsets.is_null()) {
    headers["x-ws-version"] = std::to_string(selected.version);
    headers["x-ws-charset"] = std::to_string(selected.charset);
  }
  return headers;
}

inline Value refusal(const std::string& code) {
  static const std::map<std::string, int> statuses{
      {"not-get", 405}, {"bad-http-version", 505}, {"headers-too-large", 431}, {"unsupported-version", 426}, {"missing-version", 426},
      {"unknown-path", 404}, {"forbidden-origin", 403}, {"version-too-low", 426}, {"charset-unsupported", 406}, {"no-protocol", 406}};
  const auto found = statuses.find(code);
  Object headers;
  if (code == "not-get") headers["allow"] = "GET";
  if (found != statuses.end() && found->second == 426) headers["upgrade"] = "websocket";
  if (code == "unsupported-version" || code == "missing-version") headers["sec-websocket-version"] = "13";
  return Object{{"status", found == statuses.end() ? 400 : found->second}, {"headers", headers}, {"reject", code}};
}

inline Value handshake_respond(const Value& input) {
  try {
    const Request request = parse_request(bytes(input["request"]));
    const Value config = input["config"].is_null() ? Value(Object{}) : input["config"];
    Object answer{{"status", 101}, {"headers", accept_request(request, config)}, {"reject", {}}};
    if (request.header.has_token("expect", "100-continue")) answer["interim"] = Array{100};
    return answer;
  } catch (const ProtocolError& fault) {
    return refusal(fault.code);
  }
}

}  // namespace operations
