// Sec-WebSocket-Extensions (RFC 6455 section 9.1) and what follows from permessage-deflate in it (RFC 7692 section 7.1).
#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "../wsclient/handshake.hpp"
#include "operation.hpp"

namespace operations {

struct Extension {
  struct Parameter {
    std::string name;
    std::optional<std::string> value;
  };
  std::string name;
  std::vector<Parameter> parameters;
};

class ExtensionHeader {
 public:
  explicit ExtensionHeader(std::string text) : text_(std::move(text)) {}

  std::vector<Extension> extensions() {
    std::vector<Extension> found;
    for (;;) {
      while (takes(',')) {
      }
      if (is_at_end() && !found.empty()) return found;
      Extension extension{token(), {}};
      while (takes(';')) {
        Extension::Parameter parameter{token(), {}};
        if (takes('=')) parameter.value = value();
        extension.parameters.push_back(std::move(parameter));
      }
      found.push_back(std::move(extension));
      if (!is_at_end() && !takes(',')) refuse();
    }
  }

 private:
  [[noreturn]] void refuse() const { throw ProtocolError("bad-grammar", at_); }

  bool is_at_end() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
    return at_ == text_.size();
  }

  bool takes(char one) {
    if (is_at_end() || text_[at_] != one) return false;
    ++at_;
    return true;
  }

  bool is_token_here() const { return at_ < text_.size() && wsclient::is_token(std::string_view(text_).substr(at_, 1)); }

  std::string token() {
    is_at_end();
    const std::size_t start = at_;
    while (is_token_here()) ++at_;
    if (at_ == start) refuse();
    return text_.substr(start, at_ - start);
  }

  std::string value() {
    if (!takes('"')) return token();
    std::string out;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\\') ++at_;
      if (!is_token_here()) refuse();
      out += text_[at_++];
    }
    if (at_ == text_.size() || out.empty()) refuse();
    ++at_;
    return out;
  }

  std::string text_;
  std::size_t at_ = 0;
};

// Parameters of permessage-deflate. A window of 0 was not named; an offered client window without a value is 15.
struct Deflate {
  bool server_fresh = false, client_fresh = false;
  int server_window = 0, client_window = 0;
  std::set<std::string> seen;

  void read(const Extension::Parameter& parameter, bool is_offer) {
    const std::string& name = parameter.name;
    bool* fresh = name == "server_no_context_takeover" ? &server_fresh : name == "client_no_context_takeover" ? &client_fresh : nullptr;
    int* window = name == "server_max_window_bits" ? &server_window : name == "client_max_window_bits" ? &client_window : nullptr;
    if (fresh == nullptr && window == nullptr) throw ProtocolError("unknown-parameter");
    if (!seen.insert(name).second) throw ProtocolError("repeated-parameter");
    if (fresh != nullptr) {
      if (parameter.value) throw ProtocolError("bad-value");
      *fresh = true;
    } else if (!parameter.value && is_offer && window == &client_window) {
      *window = 15;
    } else {
      static const std::set<std::string> windows{"8", "9", "10", "11", "12", "13", "14", "15"};
      if (!parameter.value || windows.count(*parameter.value) == 0) throw ProtocolError("bad-value");
      *window = std::stoi(*parameter.value);
    }
  }

  static Deflate offer(const Extension& extension) {
    Deflate found;
    for (const auto& parameter : extension.parameters) found.read(parameter, true);
    return found;
  }
};

constexpr const char* deflate_name = "permessage-deflate";

inline int least_window(int own, int offered) { return std::min(own == 0 ? 15 : own, offered == 0 ? 15 : offered); }

// What a server answers, given what it wants itself; empty declines.
inline std::string answer_offers(const std::string& offers, const Deflate& own) {
  for (const auto& extension : ExtensionHeader(offers).extensions()) {
    if (extension.name != deflate_name) continue;
    Deflate offer;
    try {
      offer = Deflate::offer(extension);
    } catch (const ProtocolError&) {
      continue;
    }
    std::string answer = deflate_name;
    if (offer.server_fresh || own.server_fresh) answer += "; server_no_context_takeover";
    if (offer.client_fresh || own.client_fresh) answer += "; client_no_context_takeover";
    const int server = least_window(own.server_window, offer.server_window), client = least_window(own.client_window, offer.client_window);
    if (offer.server_window != 0 || server < 15) answer += "; server_max_window_bits=" + std::to_string(server);
    if (offer.client_window != 0 && client < 15) answer += "; client_max_window_bits=" + std::to_string(client);
    return answer;
  }
  return {};
}

inline Deflate check_answer_to(const Deflate& offer, const Extension& extension) {
  Deflate answer;
  for (const auto& parameter : extension.parameters) {
    answer.read(parameter, false);
    if (parameter.name == "client_max_window_bits") {
      if (offer.client_window == 0) throw ProtocolError("unoffered-window");
      if (answer.client_window > offer.client_window) throw ProtocolError("window-above-offer");
    }
    const bool is_above = offer.server_window != 0 && answer.server_window > offer.server_window;
    if (parameter.name == "server_max_window_bits" && is_above) throw ProtocolError("window-above-offer");
  }
  const bool lacks_window = offer.server_window != 0 && answer.server_window == 0;
  if ((offer.server_fresh && !answer.server_fresh) || lacks_window) throw ProtocolError("missing-parameter");
  return answer;
}

// What a client makes of the server's answer; none when there is no extension.
inline std::optional<Deflate> check_answer(const std::string& offer, const std::string& response) {
  if (wsclient::detail::trimmed(response).empty()) return {};
  const auto answers = ExtensionHeader(response).extensions();
  std::vector<Deflate> offered;
  if (!wsclient::detail::trimmed(offer).empty()) {
    for (const auto& extension : ExtensionHeader(offer).extensions()) {
      if (extension.name == deflate_name) offered.push_back(Deflate::offer(extension));
    }
  }
  for (const auto& answer : answers) {
    if (answer.name != deflate_name || offered.empty()) throw ProtocolError("unoffered-extension");
    if (&answer != &answers.front()) throw ProtocolError("repeated-extension");
  }
  std::optional<ProtocolError> first;
  for (const auto& one : offered) {
    try {
      return check_answer_to(one, answers.front());
    } catch (const ProtocolError& fault) {
      if (!first) first = fault;
    }
  }
  throw ProtocolError(*first);
}

inline Value deflate_negotiate(const Value& input) {
  if (input["side"].as_string() == "server") {
    Deflate own;
    if (const Value& config = input["config"]; !config.is_null()) {
      own.server_fresh = config["serverNoContextTakeover"].boolean_or(false);
      own.client_fresh = config["clientNoContextTakeover"].boolean_or(false);
      own.server_window = static_cast<int>(config["serverMaxWindowBits"].integer_or(0));
      own.client_window = static_cast<int>(config["clientMaxWindowBits"].integer_or(0));
    }
    return Object{{"response", text_or_null(answer_offers(input["offers"].as_string(), own))}};
  }
  const auto agreed = check_answer(input["offer"].as_string(), input["response"].as_string());
  if (!agreed) return Object{{"parameters", {}}};
  const auto window = [](int bits) { return bits == 0 ? 15 : bits; };
  return Object{{"parameters", Object{{"serverNoContextTakeover", agreed->server_fresh}, {"clientNoContextTakeover", agreed->client_fresh},
                                      {"serverMaxWindowBits", window(agreed->server_window)},
                                      {"clientMaxWindowBits", window(agreed->client_window)}}}};
}

}  // namespace operations
