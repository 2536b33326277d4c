// One connection in virtual time (clauses 13 to 16), on the client's own table of calls.
#pragma once
#include <functional>
#include <optional>
#include <set>

#include "../wsclient/calls.hpp"
#include "frames.hpp"

namespace operations {

class Timeline {
 public:
  Timeline(const std::string& role, const Value& config)
      : is_client_(role == "client"), calls_(is_client_ ? wsclient::Side::client : wsclient::Side::server) {
    if (config.is_null()) return;
    if (!config["handlers"].is_null()) {
      for (const auto& id : config["handlers"].as_array()) handlers_.insert(id.as_integer());
    }
    if (!config["nextSn"].is_null()) calls_.set_next(static_cast<std::uint32_t>(config["nextSn"].as_integer()));
    close_wait_ = config["closeWait"].integer_or(1000);
    if (!config["queueLimit"].is_null()) queue_limit_ = config["queueLimit"].as_integer();
    if (!config["readWait"].is_null()) read_wait_ = config["readWait"].as_integer();
    if (!config["writeWait"].is_null()) ping_interval_ = std::max<std::int64_t>(1, config["writeWait"].as_integer() * 4 / 10);
    read_deadline_ = read_wait_.value_or(0), next_ping_ = ping_interval_.value_or(0);
  }

  // Lets everything happen that is due by then, of one moment in the order that it is looked at here.
  void advance(std::int64_t time) {
    for (;;) {
      std::int64_t due = time + 1;
      std::function<void()> fire;
      const auto consider = [&](std::int64_t at, std::function<void()> run) {
        if (at < due) due = at, fire = std::move(run);
      };
      for (const auto sn : calls_.waiting()) {
        if (const auto deadline = calls_.get(sn).deadline) consider(*deadline, [this, sn] { fail_call(sn, "timeout"); });
      }
      if (state_ == State::open && read_wait_) consider(read_deadline_, [this] { fail(1001); });
      if (state_ == State::closing || state_ == State::awaiting_end) consider(close_deadline_, [this] { close_transport(); });
      if (state_ == State::open && ping_interval_) consider(next_ping_, [this] { ping(); });
      if (!fire) break;
      now_ = due;
      fire();
    }
    now_ = time;
  }

  void take(const Value& event) {
    const std::string& kind = event["event"].as_string();
    if (kind == "call") call(event);
    else if (kind == "cancel") cancel(event["call"].as_string());
    else if (kind == "send") send(event["protocolId"], 0, event["payload"]);
    else if (kind == "answer") send(event["protocolId"], event["sn"], event["payload"]);
    else if (kind == "written") queued_ = std::max<std::int64_t>(0, queued_ - event["frames"].as_integer());
    else if (kind == "nextSn") calls_.set_next(static_cast<std::uint32_t>(event["sn"].as_integer()));
    else if (kind == "receive") receive(event);
    else if (kind == "messageStart" || kind == "pong") heard();
    else if (kind == "ping") pinged(event["payload"]);
    else if (kind == "close") { if (state_ == State::open) await_end(event["code"], State::closing); }
    else if (kind == "peerClose") peer_close(event["code"]);
    else if (kind == "violation") violation(event["closeCode"]);
    else if (kind == "transportClosed") leave_open(State::ended);
    else if (kind == "displace") make_room(encode_displacement(event));
    else if (kind == "kick") make_room({});
  }

  std::int64_t now() const { return now_; }
  Value output() const { return Object{{"actions", actions_}}; }

 private:
  enum class State { open, closing, awaiting_end, ended };
  struct Call {
    std::string name;
    std::optional<std::int64_t> deadline;
  };

  void act(const char* action, Object members = {}) {
    members["at"] = now_;
    members["action"] = action;
    actions_.push_back(std::move(members));
  }

  void ping() {
    act("sendPing", {{"payload", ""}});
    next_ping_ += *ping_interval_;
  }

  void heard() {
    if (read_wait_) read_deadline_ = now_ + *read_wait_;
  }

  void pinged(const Value& payload) {
    if (state_ != State::open) return;
    heard();
    act("sendPong", {{"payload", payload}});
  }

  // Why nothing can be sent now; null when it can.
  const char* refusal() const {
    if (state_ != State::open) return "stopped";
    return queue_limit_ && queued_ >= *queue_limit_ ? "queue-full" : nullptr;
  }

  void send_frame(const Value& id, const Value& sn, const Value& payload) {
    ++queued_;
    act("sendFrame", {{"protocolId", id}, {"sn", sn}, {"payload", payload}});
  }

  void send(const Value& id, const Value& sn, const Value& payload) {
    if (const char* reason = refusal()) act("refuse", {{"error", reason}});
    else send_frame(id, sn, payload);
  }

  void call(const Value& event) {
    if (const char* reason = refusal()) return act("failCall", {{"call", event["call"]}, {"error", reason}});
    Call made{event["call"].as_string(), {}};
    if (!event["timeout"].is_null()) made.deadline = now_ + event["timeout"].as_integer();
    send_frame(event["protocolId"], calls_.begin(std::move(made)), event["payload"]);
  }

  void cancel(const std::string& name) {
    for (const auto sn : calls_.waiting()) {
      if (calls_.get(sn).name == name) fail_call(sn, "cancelled");
    }
  }

  void fail_call(std::uint32_t sn, const char* error) {
    if (const auto failed = calls_.end(sn)) act("failCall", {{"call", failed->name}, {"error", error}});
  }

  void receive(const Value& event) {
    if (state_ != State::open) return;
    if (!event["fragmented"].boolean_or(false)) heard();
    const std::int64_t id = event["protocolId"].as_integer();
    const auto sn = static_cast<std::uint32_t>(event["sn"].as_integer());
    if (id == wsclient::displacement_id) return displaced(bytes(event["payload"]));
    if (id == 0) return;
    if (const auto answered = calls_.end(sn)) act("complete", {{"call", answered->name}, {"protocolId", id}, {"payload", event["payload"]}});
    if (handlers_.count(id) == 0) return;
    const char* kind = sn == 0 ? "message" : calls_.is_own(sn) ? "response" : "request";
    act("deliver", {{"protocolId", id}, {"sn", sn}, {"payload", event["payload"]}, {"kind", kind}});
  }

  void displaced(const std::string& payload) {
    if (!is_client_) return;
    try {
      act("displaced", displacement_object(wsclient::Displacement::decode(payload)));
    } catch (const ProtocolError&) {
      // dropped
    }
  }

  void leave_open(State next) {
    state_ = next;
    for (const auto sn : calls_.waiting()) fail_call(sn, "closed");
  }

  void close_transport() {
    act("closeTransport");
    state_ = State::ended;
  }

  void fail(const Value& code) {
    act("sendClose", {{"code", code}});
    leave_open(State::closing);
    close_transport();
  }

  void await_end(const Value& code, State next) {
    act("sendClose", {{"code", code}});
    leave_open(next);
    close_deadline_ = now_ + close_wait_;
  }

  void peer_close(const Value& code) {
    if (state_ == State::closing) close_transport();
    else if (state_ == State::open && is_client_) await_end(code, State::awaiting_end);
    else if (state_ == State::open) fail(code);
  }

  void violation(const Value& code) {
    if (state_ == State::open) fail(code);
    else if (state_ != State::ended) close_transport();
  }

  // Ends a connection for another one; without a displacement it is a kick, which tells nothing.
  void make_room(const std::optional<std::string>& displacement) {
    if (is_client_ || state_ != State::open) return;
    if (queued_ > 0) act("discardQueue", {{"frames", queued_}});
    if (displacement) act("sendFrame", {{"protocolId", wsclient::displacement_id}, {"sn", 0}, {"payload", json::to_hex(*displacement)}});
    fail({});
  }

  bool is_client_;
  wsclient::Calls<Call> calls_;
  std::set<std::int64_t> handlers_;
  std::optional<std::int64_t> read_wait_, ping_interval_, queue_limit_;
  std::int64_t close_wait_ = 1000, now_ = 0, queued_ = 0, read_deadline_ = 0, next_ping_ = 0, close_deadline_ = 0;
  State state_ = State::open;
  Array actions_;
};

inline Value rpc_timeline(const Value& input) {
  Timeline timeline(input["role"].as_string(), input["config"]);
  for (const auto& event : input["events"].as_array()) {
    timeline.advance(event["at"].as_integer());
    timeline.take(event);
  }
  timeline.advance(timeline.now());  // what is due at the very end, a limit of 0 for one
  return timeline.output();
}

}  // namespace operations
