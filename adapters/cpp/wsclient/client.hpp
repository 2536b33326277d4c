// A client on POSIX sockets, with a thread of its own. Handlers and the callbacks of calls run on that thread, one at a time, and
// should not take long. No TLS and no compression, which would take libraries.
#pragma once
#include <algorithm>
#include <atomic>
#include <cctype>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "handshake.hpp"
#include "posix.hpp"
#include "session.hpp"
#include "websocket.hpp"

namespace wsclient {

// A call failed; what() is the name of the reason.
struct CallFailed : std::runtime_error {
  CallError error;
  explicit CallFailed(CallError error) : std::runtime_error(name(error)), error(error) {}
};

// What to do about a lost connection: so many attempts in a row, after random pauses of at most `first`, which doubles up to `most`.
struct Redial {
  int attempts = 5;
  Milliseconds first{500}, most{15000};
};

struct Options {
  std::vector<std::string> protocols;                        // to negotiate (10.3), as ws.v3.c1
  std::vector<std::pair<std::string, std::string>> headers;  // added to the request
  std::uint32_t limit = max_frame_length;
  Redial redial;
  // Bytes that may wait to be written. While more do, senders on other threads wait, and nothing is read.
  std::size_t queue_limit = 1 << 20;
  Milliseconds dial_wait{10000}, read_wait{60000}, write_wait{60000}, ping_interval{24000}, close_wait{1000};
  std::function<void(const std::string&)> log;  // told of what peers do wrong
  std::function<void()> opened, closed;         // a connection is there; it has ended
  std::function<void(const Displacement&)> displaced;
};

class Client {
 public:
  // `url` is ws://host:port/path?query with the metadata in its query.
  Client(const std::string& url, Options options) : options_(std::move(options)), session_(options_.limit) {
    const auto fault = [&] { throw std::invalid_argument("\"" + url + "\" is no URL of the form ws://host:port/path"); };
    if (url.compare(0, 5, "ws://") != 0 || has_control(url) || url.find(' ') != std::string::npos) fault();
    const std::size_t path = std::min(url.find_first_of("/?#", 5), url.size());
    host_ = url.substr(5, path - 5);
    target_ = url.substr(path, url.find('#') - path);
    if (target_.empty() || target_[0] != '/') target_ = "/" + target_;
    const std::size_t colon = host_.find(':', host_.find(']') == std::string::npos ? 0 : host_.find(']'));
    name_ = host_.substr(0, colon);
    port_ = colon == std::string::npos ? "80" : host_.substr(colon + 1);
    if (name_.size() > 1 && name_[0] == '[') name_ = name_.substr(1, name_.size() - 2);
    if (name_.empty() || !detail::is_digits(port_)) fault();
    version_ = parameter("version"), charset_ = parameter("charset") == gbk ? gbk : utf8;
    session_.on_displaced([this](const Displacement& by) {
      if (options_.displaced) options_.displaced(by);
    });
  }

  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { close(); }

  // Before `connect`. A handler may answer, send and call.
  void handle(std::uint32_t protocol_id, Session::Handler handler) { session_.handle(protocol_id, std::move(handler)); }

  // Dials once and throws when that fails. From then on lost connections are dialled again, but not after a displacement.
  void connect() {
    close();
    is_wanted_ = true, has_ended_ = false;
    Link first = dial();
    begin();
    thread_ = std::thread([this, link = std::move(first)]() mutable { run(std::move(link)); });
  }

  bool send(std::uint32_t protocol_id, std::string payload) {
    return when_room([&] { return session_.send(protocol_id, std::move(payload)); });
  }

  bool answer(const Message& request, std::uint32_t protocol_id, std::string payload) {
    return when_room([&] { return session_.answer(request.sn, protocol_id, std::move(payload)); });
  }

  // `done` runs on the client's thread; on the caller's where there is no connection.
  std::uint32_t call(std::uint32_t protocol_id, std::string payload, Milliseconds timeout, Session::Done done) {
    return when_room([&] { return session_.call(protocol_id, std::move(payload), timeout, std::move(done)); });
  }

  // The same as a future, for other threads than the client's; it throws CallFailed.
  std::future<Message> call(std::uint32_t protocol_id, std::string payload, Milliseconds timeout) {
    auto promise = std::make_shared<std::promise<Message>>();
    call(protocol_id, std::move(payload), timeout, [promise](Outcome outcome) {
      if (outcome.answer) promise->set_value(std::move(*outcome.answer));
      else promise->set_exception(std::make_exception_ptr(CallFailed(outcome.error)));
    });
    return promise->get_future();
  }

  void cancel(std::uint32_t sn) {
    locked([&] { session_.cancel(sn); });
  }

  void set_next_sn(std::uint32_t sn) {
    locked([&] { session_.set_next_sn(sn); });
  }

  // What the server selected, or what the query declares.
  int version() const { return version_; }
  int charset() const { return charset_; }

  // Gives the connection up and dials again at once; `opened` tells when there is one.
  bool reconnect(std::uint16_t code = 1000) {
    return locked([&] {
      if (!session_.is_open()) return false;
      is_reconnecting_ = true;
      session_.forget_displacement();
      begin_close(code);
      return true;
    });
  }

  // Ends the connection for good: calls that wait fail at once, nothing is dialled again. On the client's own thread it returns
  // before the end.
  void close(std::uint16_t code = 1000) {
    locked([&] {
      is_wanted_ = false;
      begin_close(code);
    });
    if (thread_.joinable() && thread_.get_id() != std::this_thread::get_id()) thread_.join();
  }

  // Waits until there is no connection and none is being dialled.
  void wait_ended() {
    std::unique_lock<std::mutex> lock(ended_mutex_);
    ended_.wait(lock, [this] { return has_ended_.load(); });
  }

 private:
  // One WebSocket connection.
  struct Link {
    Socket socket;
    Decoder decoder;
    std::string early;  // frames in the same segment as the answer
  };

  enum class End { lost, violation, close };

  template <typename Work>
  auto locked(Work work) -> decltype(work()) {
    const std::lock_guard<std::recursive_mutex> lock(mutex_);
    return work();
  }

  // The same when there is room in the queue. The client's own thread, which makes the room, does not wait.
  template <typename Work>
  auto when_room(Work work) -> decltype(work()) {
    std::unique_lock<std::recursive_mutex> lock(mutex_);
    if (own_thread_ != std::this_thread::get_id()) room_.wait(lock, [this] { return out_.size() < options_.queue_limit || !session_.is_open(); });
    return work();
  }

  int parameter(const std::string& name) const {
    for (const auto pair : detail::split(std::string_view(target_).substr(std::min(target_.find('?') + 1, target_.size())), "&")) {
      if (pair.substr(0, name.size() + 1) == name + "=") return number(pair.substr(name.size() + 1));
    }
    return 0;
  }

  static int number(std::string_view digits) {
    return detail::is_digits(digits) && digits.size() < 10 ? std::stoi(std::string(digits)) : 0;
  }

  void log(const std::string& text) const {
    if (options_.log) options_.log(text);
  }

  // Dialling

  Link dial() {
    try {
      Socket socket(name_, port_, options_.dial_wait, wake_up_);
      const std::string key = detail::base64(random_bytes(16));
      std::string out = request(key), in;
      const auto deadline = Clock::now() + options_.dial_wait;
      for (;;) {
        const auto left = std::chrono::duration_cast<Milliseconds>(deadline - Clock::now());
        if (left <= Milliseconds(0) || (!is_wanted_ && !is_reconnecting_)) throw std::runtime_error("no answer in time");
        if (!out.empty() && !socket.write(out)) throw std::runtime_error("the server ended the connection");
        if (socket.wait(!out.empty(), left, wake_up_) != Socket::Ready::socket) continue;
        if (!socket.read(in)) throw std::runtime_error("the server ended the connection instead of answering");
        try {
          const Answer answer = Answer::read(in, key, options_.protocols);
          take(answer);
          return {std::move(socket), Decoder(false, false, std::uint64_t{options_.limit} + detail::before_counted), in.substr(answer.consumed)};
        } catch (const ProtocolError& fault) {
          if (fault.code != "incomplete") throw;
        }
      }
    } catch (const std::runtime_error& fault) {
      throw std::runtime_error("cannot connect to ws://" + host_ + target_ + ": " + fault.what());
    }
  }

  std::string request(const std::string& key) const {
    std::string out = "GET " + target_ + " HTTP/1.1\r\nHost: " + host_ + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
                      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key + "\r\n";
    std::string protocols;
    for (const auto& one : options_.protocols) protocols += (protocols.empty() ? "" : ", ") + one;
    if (!protocols.empty()) out += "Sec-WebSocket-Protocol: " + protocols + "\r\n";
    for (const auto& [name, value] : options_.headers) out += name + ": " + value + "\r\n";
    return out + "\r\n";
  }

  void take(const Answer& answer) {
    const std::string& selected = answer.protocol;
    const std::size_t dot = selected.find(".c");
    if (selected.compare(0, 4, "ws.v") == 0 && dot != std::string::npos) {
      version_ = number(std::string_view(selected).substr(4, dot - 4));
      charset_ = number(std::string_view(selected).substr(dot + 2));
      return;
    }
    if (const auto text = answer.header.joined("x-ws-version")) version_ = number(*text);
    if (const auto text = answer.header.joined("x-ws-charset")) charset_ = number(*text);
  }

  // The client's thread

  void run(Link link) {
    own_thread_ = std::this_thread::get_id();
    int attempt = 0;
    for (bool is_there = true; is_there;) {
      const auto began = Clock::now();
      serve(link);
      if (options_.closed) options_.closed();
      if (Clock::now() - began >= std::chrono::seconds(5)) attempt = 0;  // it was a stable one
      is_there = false;
      const bool at_once = is_reconnecting_.exchange(false);
      if (at_once) attempt = 0;
      for (bool pause = !at_once; !is_there && is_wanted_ && !session_.is_displaced() && attempt < options_.redial.attempts; pause = true) {
        if (pause) rest(attempt++);
        try {
          if (!is_wanted_) break;
          link = dial(), is_there = true;
          begin();
        } catch (const std::runtime_error& fault) {
          log(fault.what());
        }
      }
    }
    const std::lock_guard<std::mutex> lock(ended_mutex_);
    has_ended_ = true;
    ended_.notify_all();
  }

  // A random pause, which `close` cuts short.
  void rest(int attempt) {
    thread_local std::mt19937 generator{std::random_device{}()};
    const auto bound = std::min(options_.redial.most, options_.redial.first * (1 << std::min(attempt, 10)));
    const auto until = Clock::now() + Milliseconds(std::uniform_int_distribution<long>(0, bound.count())(generator));
    while (is_wanted_ && Clock::now() < until) std::this_thread::sleep_for(std::min<Clock::duration>(until - Clock::now(), Milliseconds(20)));
  }

  // From here on frames can be sent.
  void begin() {
    locked([&] {
      out_.clear();
      is_close_sent_ = false;
      session_.opened([this](std::string message) { write(op_binary, std::move(message)); });
      if (!is_wanted_) begin_close(1000);  // told to close in the meantime
    });
  }

  void serve(Link& link) {
    if (options_.opened) options_.opened();
    const End end = exchange(link);
    locked([&] { session_.ended(); });
    room_.notify_all();
    finish(link.socket, end);
    link.socket.close();  // now, not when another connection takes its place
  }

  // Reads and writes until the connection is to end.
  End exchange(Link& link) {
    auto next_ping = Clock::now() + options_.ping_interval, heard = Clock::now(), taken = heard, close_by = Clock::time_point::max();
    std::string in = std::move(link.early);
    for (;;) {
      try {
        if (take_events(link.decoder, in)) return End::close;
      } catch (const ProtocolError& fault) {
        log("the server broke the protocol: " + std::string(fault.what()));
        locked([&] {
          session_.ended();
          write_close(fault.close_code);
        });
        return End::violation;
      }
      in.clear();
      const auto now = Clock::now();
      bool has_more = false, is_full = false;
      const auto wait_until = locked([&] {
        session_.expire(now);
        if (now >= next_ping) write(op_ping, {}), next_ping = now + options_.ping_interval;
        if (is_close_sent_) close_by = std::min(close_by, now + options_.close_wait);
        has_more = !out_.empty(), is_full = out_.size() >= options_.queue_limit;
        if (is_full) heard = now;  // this side has stopped reading: the silence is not the server's
        if (!has_more) taken = now;
        return std::min({session_.next_deadline(), next_ping, heard + options_.read_wait, taken + options_.write_wait, close_by});
      });
      if (now >= close_by) return End::lost;
      if (now >= heard + options_.read_wait) {
        log("nothing heard for too long");
        locked([&] { write_close(1001); });
        return End::lost;
      }
      if (now >= taken + options_.write_wait) {
        log("the server takes nothing for too long");
        return End::lost;
      }
      const auto wait = std::chrono::ceil<Milliseconds>(wait_until - now);
      if (link.socket.wait(has_more, wait, wake_up_, !is_full) != Socket::Ready::socket) continue;
      const bool is_writable = locked([&] {
        const std::size_t before = out_.size();
        const bool is_there = out_.empty() || link.socket.write(out_);
        if (out_.size() < before) taken = Clock::now();
        return is_there;
      });
      room_.notify_all();
      if (!is_writable || (!is_full && !link.socket.read(in))) return End::lost;
      if (!in.empty()) heard = Clock::now();
    }
  }

  // Whether there was a close frame.
  bool take_events(Decoder& decoder, std::string_view in) {
    std::vector<Event> events;
    std::exception_ptr violation;
    try {
      decoder.feed(in, events);
    } catch (const ProtocolError&) {
      violation = std::current_exception();  // what came before it still counts
    }
    for (const Event& event : events) {
      const std::lock_guard<std::recursive_mutex> lock(mutex_);
      if (event.opcode == op_ping) write(op_pong, event.payload);
      if (event.opcode == op_close) return write_close(event.close_code()), true;
      if (event.opcode == op_text) throw ProtocolError("text", {}, 1003);
      if (event.opcode == op_binary) session_.received(event.payload);
    }
    if (violation) std::rethrow_exception(violation);
    return false;
  }

  // Writes what is left, leaves the end of TCP to the server, for a moment; after a violation ends our side at once, and reads on: a
  // reset would overtake the close frame.
  void finish(Socket& socket, End end) {
    const auto deadline = Clock::now() + options_.close_wait;
    std::string rest = locked([&] { return std::move(out_); }), ignored;
    for (bool is_ended = end == End::lost && rest.empty(), half = false; !is_ended;) {
      if (!rest.empty() && !socket.write(rest)) return;
      if (rest.empty() && end != End::close && !half) socket.end_writing(), half = true;
      const auto left = std::chrono::duration_cast<Milliseconds>(deadline - Clock::now());
      if (left <= Milliseconds(0)) return;
      if (socket.wait(!rest.empty(), left, wake_up_) == Socket::Ready::socket) is_ended = !socket.read(ignored);
      ignored.clear();
    }
  }

  // What follows needs the lock.

  void write(int opcode, std::string payload) {
    if (is_close_sent_) return;
    is_close_sent_ = opcode == op_close;
    out_ += encode_websocket_frame(static_cast<std::uint8_t>(0x80 | opcode), std::move(payload), random_bytes(4));
    wake_up_.signal();
  }

  void write_close(unsigned code) {
    write(op_close, code == 0 ? std::string() : std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)});
  }

  void begin_close(std::uint16_t code) {
    if (session_.is_open()) {
      session_.ended();
      write_close(code);
    }
    wake_up_.signal();
    room_.notify_all();
  }

  const Options options_;
  std::string host_, name_, port_, target_;
  std::recursive_mutex mutex_;  // guards session_, out_ and is_close_sent_; handlers run under it
  Session session_;
  std::string out_;
  std::condition_variable_any room_;  // there is room in out_, or no connection
  bool is_close_sent_ = false;
  WakeUp wake_up_;
  std::atomic<bool> is_wanted_{false}, is_reconnecting_{false}, has_ended_{true};
  std::atomic<std::thread::id> own_thread_{};
  std::atomic<int> version_{0}, charset_{utf8};
  std::mutex ended_mutex_;
  std::condition_variable ended_;
  std::thread thread_;
};

}  // namespace wsclient
