// A connection without its transport: give it the binary WebSocket messages that come (of QWebSocket, say), and it writes those
// that go. It has no thread and no clock; all of it belongs to one thread.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "calls.hpp"
#include "frame.hpp"
#include "text.hpp"

namespace wsclient {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::milliseconds;

// Why a call failed: no answer in time; given up; the connection ended while it waited; there was none.
enum class CallError { timeout, cancelled, closed, stopped };

inline const char* name(CallError error) {
  constexpr const char* names[] = {"timeout", "cancelled", "closed", "stopped"};
  return names[static_cast<int>(error)];
}

enum class Kind { message, request, response };

struct Message : Frame {
  Kind kind = Kind::message;
  Message(Frame frame, Kind kind) : Frame(std::move(frame)), kind(kind) {}
};

// What became of a call: an answer, or why there is none.
struct Outcome {
  std::optional<Message> answer;
  CallError error = CallError::timeout;
};

class Session {
 public:
  using Write = std::function<void(std::string message)>;
  using Handler = std::function<void(const Message&)>;
  using Done = std::function<void(Outcome)>;

  explicit Session(std::uint32_t limit = max_frame_length) : limit_(limit) {}

  // Runs for each message with this protocolId; others are ignored. What it throws reaches the caller of `received`.
  void handle(std::uint32_t protocol_id, Handler handler) { handlers_[protocol_id] = std::move(handler); }
  void on_displaced(std::function<void(const Displacement&)> handler) { displaced_handler_ = std::move(handler); }

  // The connection is there: frames can be written, until `ended`.
  void opened(Write write) { write_ = std::move(write); }
  bool is_open() const { return static_cast<bool>(write_); }
  // Whether another connection has taken the place of this one: then none should be opened (14.3).
  bool is_displaced() const { return is_displaced_; }
  void set_next_sn(std::uint32_t sn) { calls_.set_next(sn); }
  void forget_displacement() { is_displaced_ = false; }

  // False when there is no connection.
  bool send(std::uint32_t protocol_id, std::string payload) { return write({protocol_id, 0, std::move(payload)}); }
  bool answer(std::uint32_t sn, std::uint32_t protocol_id, std::string payload) { return write({protocol_id, sn, std::move(payload)}); }

  // Calls the peer. `done` runs exactly once, and not before this returns except where there is no connection. Returns the serial
  // number, 0 without a connection. The peer hears nothing of a call that is given up.
  std::uint32_t call(std::uint32_t protocol_id, std::string payload, Milliseconds timeout, Done done, Clock::time_point now = Clock::now()) {
    if (!write_) {
      done({{}, CallError::stopped});
      return 0;
    }
    Frame frame{protocol_id, 0, std::move(payload)};
    if (frame.payload.size() + detail::counted_fields > limit_) throw ProtocolError("too-large");  // before a number is used up
    const auto never = Clock::time_point::max();
    const auto deadline = timeout > std::chrono::hours(24 * 365) ? never : now + timeout;
    frame.sn = calls_.begin({std::move(done), deadline});
    write(frame);
    return frame.sn;
  }

  void cancel(std::uint32_t sn) { fail(sn, CallError::cancelled); }

  // A binary message has arrived. Throws ProtocolError where it breaks the protocol: then the connection has to be failed.
  void received(std::string_view message) {
    if (!write_) return;
    Frame frame = Frame::decode(message, limit_);
    if (frame.protocol_id == displacement_id) return displaced(frame.payload);
    if (frame.protocol_id == 0) return;
    const Kind kind = frame.sn == 0 ? Kind::message : calls_.is_own(frame.sn) ? Kind::response : Kind::request;
    const Message arrived(std::move(frame), kind);
    if (auto waiting = calls_.end(arrived.sn)) waiting->done({arrived, {}});
    const auto found = handlers_.find(arrived.protocol_id);
    if (found == handlers_.end()) return;
    const Handler handler = found->second;  // which may replace itself
    handler(arrived);
  }

  // When `expire` has something to do.
  Clock::time_point next_deadline() const {
    Clock::time_point next = Clock::time_point::max();
    for (const auto sn : calls_.waiting()) next = std::min(next, calls_.get(sn).deadline);
    return next;
  }

  // Fails the calls whose time is over.
  void expire(Clock::time_point now = Clock::now()) {
    for (const auto sn : calls_.waiting()) {
      if (calls_.get(sn).deadline <= now) fail(sn, CallError::timeout);
    }
  }

  // The connection has ended: every call that waits fails at once.
  void ended() {
    write_ = nullptr;
    for (const auto sn : calls_.waiting()) fail(sn, CallError::closed);
  }

 private:
  struct Waiting {
    Done done;
    Clock::time_point deadline;
  };

  bool write(const Frame& frame) {
    if (write_) write_(frame.encode(limit_));
    return is_open();
  }

  void fail(std::uint32_t sn, CallError error) {
    if (auto waiting = calls_.end(sn)) waiting->done({{}, error});
  }

  void displaced(std::string_view payload) {
    Displacement found;
    try {
      found = Displacement::decode(payload);
    } catch (const ProtocolError&) {
      return;  // the connection goes on, as nobody can say what was meant (14.3)
    }
    is_displaced_ = true;
    if (displaced_handler_) displaced_handler_(found);
  }

  std::uint32_t limit_;
  Write write_;
  bool is_displaced_ = false;
  Calls<Waiting> calls_;
  std::unordered_map<std::uint32_t, Handler> handlers_;
  std::function<void(const Displacement&)> displaced_handler_;
};

}  // namespace wsclient
