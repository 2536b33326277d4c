// The C++ client, driven by its peer (docs/client-driver.md):
//
//   wireproof probe client --profile client.yaml -- ./harness {url}
#include <csignal>
#include <cstdio>
#include <deque>

#include "adapter/json.hpp"
#include "wsclient/client.hpp"

namespace {

using json::Object;
using json::Value;
using wsclient::Client;
using wsclient::Message;

constexpr std::uint32_t command_id = 20, report_id = 21, call_id = 7, answer_id = 17;
constexpr std::size_t longest_payload = 128 * 1024;  // in a report, which has two digits a byte: of what is longer it has the length

// All of it runs on the client's thread.
class Driver {
 public:
  Driver(const std::string& url, wsclient::Options options) : client_(url, with_callbacks(std::move(options))) {
    client_.handle(call_id, [this](const Message& request) {
      if (request.kind == wsclient::Kind::request) client_.answer(request, answer_id, request.payload);
    });
    client_.handle(command_id, [this](const Message& message) {
      if (message.sn == 0) obey(message.payload);  // one that is part of a call is no command
    });
  }

  void run() {
    client_.connect();
    client_.wait_ended();
  }

 private:
  wsclient::Options with_callbacks(wsclient::Options options) {
    options.opened = [this] { opened(); };
    return options;
  }

  // What no connection has taken goes first on the next one.
  void opened() {
    auto reports = std::exchange(held_, {});
    if (!reconnecting_.is_null()) reports.push_back(Object{{"seq", std::exchange(reconnecting_, {})}, {"ok", true}});
    for (auto& one : reports) report(std::move(one));
  }

  void report(Object members) {
    std::string text;
    Value(members).write(text);
    if (!client_.send(report_id, text)) held_.push_back(std::move(members));
  }

  void fail(const Value& seq, const std::string& error) { report({{"seq", seq}, {"ok", false}, {"error", error}}); }

  void obey(const std::string& payload) {
    Value command, seq = 0;
    try {
      command = json::Parser::parse(payload);
      seq = command["seq"].as_integer();
      carry_out(command, seq);
    } catch (const std::invalid_argument&) {
      fail(seq, "malformed");
    } catch (const wsclient::ProtocolError& fault) {
      fail(seq, fault.code == "unencodable" ? "charset" : "not-encodable");
    }
  }

  void carry_out(const Value& command, const Value& seq) {
    const std::string action = command["do"].as_string();
    const auto id = static_cast<std::uint32_t>(command["id"].integer_or(2));
    const auto code = static_cast<std::uint16_t>(command["code"].integer_or(1000));
    if (action == "call") {
      call(command, seq, id);
    } else if (action == "send") {
      if (client_.send(id, payload_of(command))) report({{"seq", seq}, {"ok", true}});
      else fail(seq, "closed");
    } else if (action == "close") {
      report({{"seq", seq}, {"ok", true}});
      client_.close(code);
    } else if (action == "reconnect") {
      reconnecting_ = seq;
      client_.reconnect(code);
    } else {
      fail(seq, "unsupported");
    }
  }

  void call(const Value& command, const Value& seq, std::uint32_t id) {
    if (!command["sn"].is_null()) client_.set_next_sn(static_cast<std::uint32_t>(command["sn"].as_integer()));
    const bool is_text = !command["text"].is_null();
    const auto began = wsclient::Clock::now();
    const wsclient::Milliseconds timeout(command["timeoutMs"].integer_or(10000));
    client_.call(id, payload_of(command), timeout, [this, seq, is_text, began](wsclient::Outcome outcome) {
      const auto elapsed = std::chrono::duration_cast<wsclient::Milliseconds>(wsclient::Clock::now() - began).count();
      if (!outcome.answer) {
        const std::string error = outcome.error == wsclient::CallError::stopped ? "closed" : wsclient::name(outcome.error);
        return report({{"seq", seq}, {"ok", false}, {"error", error}, {"elapsedMs", std::int64_t{elapsed}}});
      }
      const auto& answer = *outcome.answer;
      Object members{{"seq", seq}, {"ok", true}, {"sn", answer.sn}, {"id", answer.protocol_id}, {"elapsedMs", std::int64_t{elapsed}}};
      if (answer.payload.size() <= longest_payload) members["payload"] = json::to_hex(answer.payload);
      else members["length"] = std::uint64_t{answer.payload.size()};
      if (is_text) {
        try {
          members["text"] = wsclient::decode_text(answer.payload, client_.charset());
        } catch (const wsclient::ProtocolError&) {
          // no text: the payload says what came
        }
      }
      report(std::move(members));
    });
  }

  // The text, or the bytes, repeated up to a size where one is given.
  std::string payload_of(const Value& command) const {
    if (!command["text"].is_null()) return wsclient::encode_text(command["text"].as_string(), client_.charset());
    const std::string data = json::from_hex(command["payload"].string_or(""));
    if (command["size"].is_null()) return data;
    const auto size = static_cast<std::size_t>(std::clamp<std::int64_t>(command["size"].as_integer(), 0, 64 << 20));
    std::string out;
    while (out.size() < size) out += data.empty() ? "a" : data;
    return out.substr(0, size);
  }

  Client client_;
  std::deque<Object> held_;
  Value reconnecting_;
};

}  // namespace

int main(int count, char** given) {
  std::string url, protocols;
  for (int at = 1; at < count; ++at) {
    const std::string word = given[at];
    if (word == "--protocols" && at + 1 < count) protocols = given[++at];
    else url = word;
  }
  if (url.empty() || url[0] == '-') {
    std::fprintf(stderr, "usage: harness [--protocols ws.v3.c1,ws.v2.c0] URL\n");
    return 2;
  }
  wsclient::Options options;
  options.redial = {6, wsclient::Milliseconds(200), wsclient::Milliseconds(3000)};
  options.log = [](const std::string& text) { std::fprintf(stderr, "%s\n", text.c_str()); };
  if (!protocols.empty()) {
    for (const auto one : wsclient::detail::split(protocols, ",")) options.protocols.emplace_back(one);
  }
  try {
    Driver(url, std::move(options)).run();
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "%s\n", fault.what());
    return 2;
  }
  return 0;
}
