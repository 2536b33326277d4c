// The tests of the C++ client: a main that says what failed. The session needs no socket, so most run without one.
#include <cstdio>
#include <functional>

#include "../adapter/json.hpp"
#include "../wsclient/client.hpp"

namespace {

using namespace wsclient;

int failures = 0;

void check(bool holds, const char* what) {
  if (holds) return;
  ++failures;
  std::printf("failed: %s\n", what);
}

template <typename Work>
void refuses(const std::string& code, std::optional<std::size_t> offset, Work work) {
  try {
    work();
    check(false, (code + " was not refused").c_str());
  } catch (const ProtocolError& fault) {
    check(fault.code == code && fault.offset == offset, (code + " instead of " + fault.what()).c_str());
  }
}

const auto bytes = json::from_hex;

void frames() {
  const std::string message = bytes("feef0a00000002000000040000006869");
  check(Frame{2, 4, "hi"}.encode() == message, "a frame is the bytes of the specification");
  const Frame frame = Frame::decode(message);
  check(frame.protocol_id == 2 && frame.sn == 4 && frame.payload == "hi", "and these bytes are the frame");
  struct Case {
    const char *message, *code;
    std::size_t offset;
  };
  for (const Case& one : {Case{"", "empty", 0}, {"feee0800000000000000", "bad-magic", 1}, {"feef080000", "short", 5}, {"feef08000000", "short", 6},
                          {"feef070000000000000000", "length-too-small", 2}, {"feef01000800", "too-large", 2},
                          {"feef080000000200000000000000ff", "trailing-bytes", 14}}) {
    refuses(one.code, one.offset, [&] { Frame::decode(bytes(one.message)); });
  }
  const auto found = Displacement::decode(bytes("0a01612207756e6b6e6f776e12016218ffffffffffffffffff01"));
  check(found.old_ip == "a" && found.new_ip == "b" && found.ts == -1, "a displacement is read without a protobuf library");
  refuses("bad-protobuf", 3, [] { Displacement::decode(bytes("0a01610a05")); });
}

void texts() {
  check(json::to_hex(encode_text("€你", gbk)) == "80c4e3" && decode_text(bytes("80c4e3"), gbk) == "€你", "text in GBK, both ways");
  refuses("unencodable", 1, [] { encode_text("a😀", gbk); });
  refuses("malformed", 1, [] { decode_text("a\xFF", gbk); });
  refuses("malformed", 1, [] { decode_text("a\xED\xA0\x80"); });
}

void numbers() {
  Calls<int> calls;
  const auto first = calls.begin(1);
  calls.set_next(0xFFFFFFFE);
  const auto last = calls.begin(2), next = calls.begin(3);
  check(first == 2 && last == 0xFFFFFFFE && next == 4, "serial numbers wrap without 0 and skip those that wait");
}

void websocket() {
  const std::string stream = bytes("02016189008001628200");
  std::vector<Event> whole, cut;
  Decoder(false, false, 100).feed(stream, whole);
  Decoder decoder(false, false, 100);
  for (const char one : stream) decoder.feed(std::string_view(&one, 1), cut);
  check(whole.size() == 3 && whole[1].payload == "ab" && cut.size() == 3 && cut[1].payload == "ab", "messages, however the bytes are cut");
  check(accept_value("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "the example of RFC 6455 section 1.3");
}

// A session as a program under Qt has one: messages in, messages out, time told.
void session() {
  Session session;
  std::vector<Frame> sent;
  std::vector<std::string> outcomes;
  const auto done = [&](Outcome outcome) { outcomes.push_back(outcome.answer ? outcome.answer->payload : name(outcome.error)); };
  const Clock::time_point start{};
  check(session.call(2, "", Milliseconds(5), done, start) == 0 && outcomes == std::vector<std::string>{"stopped"}, "no connection, no call");
  outcomes.clear();
  session.opened([&](std::string message) { sent.push_back(Frame::decode(message)); });
  session.handle(7, [&](const Message& request) { session.answer(request.sn, 17, request.payload); });
  const auto one = session.call(2, "one", Milliseconds(5), done, start), two = session.call(2, "two", Milliseconds(9), done, start);
  session.received(Frame{3, two, "2"}.encode());
  session.received(Frame{3, two, "again"}.encode());
  session.received(Frame{99, 3, "nobody handles this"}.encode());
  session.received(Frame{displacement_id, 0, "\x0A\x05"}.encode());
  check(session.next_deadline() == start + Milliseconds(5), "the next deadline is that of the call that waits");
  session.expire(start + Milliseconds(4));
  check(outcomes == std::vector<std::string>{"2"}, "an answer goes to its call, once");
  session.expire(start + Milliseconds(5));
  session.received(Frame{3, one, "late"}.encode());
  session.cancel(session.call(2, "", Milliseconds(9), done, start));
  session.call(2, "", Milliseconds(9), done, start);
  session.received(Frame{7, 5, "hi"}.encode());
  check(sent.back().protocol_id == 17 && sent.back().sn == 5 && sent.back().payload == "hi", "the peer is answered");
  session.ended();
  check(outcomes == std::vector<std::string>{"2", "timeout", "cancelled", "closed"}, "late, cancelled, closed");
  check(!session.send(2, "") && !session.is_displaced(), "nothing is sent after the end");
}

// A server that shakes hands and then does what the test says with its socket.
class Server {
 public:
  explicit Server(std::function<void(int)> play) : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_.get(), plain, size) != 0 || ::listen(listener_.get(), 5) != 0 || ::getsockname(listener_.get(), plain, &size) != 0) std::abort();
    url = "ws://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/join?uid=100";
    thread_ = std::thread([this, play = std::move(play)] {
      for (;;) {
        const Descriptor socket(::accept(listener_.get(), nullptr, nullptr));
        if (!socket.is_open()) return;
        ++connections;
        const std::string request = read_until(socket.get(), "\r\n\r\n");
        const std::size_t key = request.find("Sec-WebSocket-Key: ") + 19;
        write(socket.get(), "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
                                accept_value(request.substr(key, request.find('\r', key) - key)) + "\r\n\r\n");
        play(socket.get());
      }
    });
  }
  ~Server() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }

  static void write(int socket, const std::string& data) { [[maybe_unused]] const auto sent = ::send(socket, data.data(), data.size(), MSG_NOSIGNAL); }
  static void frame(int socket, const Frame& frame) { write(socket, encode_websocket_frame(0x82, frame.encode(), {})); }

  static std::string read_until(int socket, std::string_view end) {
    std::string all;
    for (char one; all.find(end) == std::string::npos && ::recv(socket, &one, 1, 0) == 1;) all += one;
    return all;
  }

  // The next event; a close without a code at the end of TCP.
  static Event next(int socket, Decoder& decoder) {
    std::vector<Event> events;
    for (char one; events.empty() && ::recv(socket, &one, 1, 0) == 1;) decoder.feed(std::string_view(&one, 1), events);
    return events.empty() ? Event{op_close, {}} : events[0];
  }

  std::string url;
  std::atomic<int> connections{0};

 private:
  Descriptor listener_;
  std::thread thread_;
};

Options options() {
  Options found;
  found.redial = {2, Milliseconds(1), Milliseconds(2)};
  return found;
}

void calls_over_tcp() {
  Server server([](int socket) {
    Decoder decoder(true, false, 1 << 20);
    const Frame request = Frame::decode(Server::next(socket, decoder).payload);
    Server::frame(socket, {3, request.sn, request.payload});
    Server::next(socket, decoder);  // a second call, which gets no answer
  });
  Options none = options();
  none.redial.attempts = 0;
  Client client(server.url, none);
  client.connect();
  check(client.call(2, "hi", Milliseconds(10000)).get().payload == "hi", "a call over TCP");
  try {
    client.call(2, "", Milliseconds(60000)).get();
    check(false, "a call outlived its connection");
  } catch (const CallFailed& fault) {
    check(fault.error == CallError::closed, "a call that waits fails when the connection ends");
  }
  client.wait_ended();
  check(!client.send(2, ""), "and then there is no connection");
}

// A client that dials again only after an hour still ends the TCP connection that its server has ended.
void end_of_tcp() {
  std::promise<bool> ended;
  Server server([&](int socket) {
    ::shutdown(socket, SHUT_WR);
    timeval limit{20, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    char one;
    ended.set_value(::recv(socket, &one, 1, 0) == 0);
  });
  Options late = options();
  late.redial = {1, Milliseconds(3600000), Milliseconds(3600000)};
  Client client(server.url, late);
  client.connect();
  check(ended.get_future().get(), "the end of TCP is answered with the end of TCP");
}

void violations() {
  struct Case {
    std::uint8_t first;
    std::string payload;
    unsigned code;
  };
  for (const Case& one : {Case{0x82, "\xFE\xEE", 1002}, {0x81, "text", 1003}, {0x82, bytes("feef01000800"), 1009}, {0x83, "", 1002}}) {
    std::promise<unsigned> code;
    Server server([&](int socket) {
      Decoder decoder(true, false, 1 << 20);
      Server::write(socket, encode_websocket_frame(one.first, one.payload, {}));
      code.set_value(Server::next(socket, decoder).close_code());
    });
    Options none = options();
    none.redial.attempts = 0;
    Client client(server.url, none);
    client.connect();
    check(code.get_future().get() == one.code, "a violation fails the connection with its code");
    client.wait_ended();
  }
}

void displacement() {
  std::atomic<int> number{0};
  Server server([&](int socket) {
    if (++number < 3) return;  // lost
    Decoder decoder(true, false, 1 << 20);
    Server::frame(socket, {displacement_id, 0, bytes("0a01611201621805")});
    Server::write(socket, encode_websocket_frame(0x88, "", {}));
    Server::next(socket, decoder);
  });
  std::string displaced_by;
  Options told = options();
  told.displaced = [&](const Displacement& by) { displaced_by = by.new_ip; };
  Client client(server.url, told);
  client.connect();
  client.wait_ended();
  check(displaced_by == "b" && server.connections == 3, "a lost connection is dialled again, but not after a displacement");
}

// A server that does not read holds up its senders, not the client's memory, and is given up in the end.
void back_pressure() {
  constexpr int count = 64;
  const std::string payload(400000, 'x');
  std::promise<void> go;
  std::promise<int> received;
  Server server([&](int socket) {
    go.get_future().wait();
    Decoder decoder(true, false, 1 << 20);
    int found = 0;
    std::vector<Event> events;
    for (char piece[65536]; found < count;) {
      const auto size = ::recv(socket, piece, sizeof piece, 0);
      if (size <= 0) break;
      decoder.feed(std::string_view(piece, static_cast<std::size_t>(size)), events);
      for (const Event& event : events) found += event.opcode == op_binary && Frame::decode(event.payload).payload == payload;
      events.clear();
    }
    received.set_value(found);
  });
  Client client(server.url, options());
  client.connect();
  std::promise<bool> sent;
  std::thread sender([&] {
    bool all = true;
    for (int number = 0; number < count; ++number) all = client.send(2, payload) && all;
    sent.set_value(all);
  });
  auto done = sent.get_future();
  check(done.wait_for(Milliseconds(300)) == std::future_status::timeout, "senders wait for a server that does not read");
  go.set_value();
  check(done.get() && received.get_future().get() == count, "and then everything arrives");
  sender.join();
  client.close();

  std::promise<void> end;
  Server deaf([&](int) { end.get_future().wait(); });
  Options impatient = options();
  impatient.redial.attempts = 0, impatient.write_wait = Milliseconds(50), impatient.close_wait = Milliseconds(10);
  Client other(deaf.url, impatient);
  other.connect();
  while (other.send(2, payload)) {
  }
  other.wait_ended();
  end.set_value();
}

void refusals() {
  for (const char* url : {"http://127.0.0.1/", "ws://", "ws://host:port/", "ws://host/\r\n"}) {
    try {
      Client client(url, {});
      check(false, url);
    } catch (const std::invalid_argument&) {
      // as it should be
    }
  }
}

}  // namespace

int main() {
  for (const auto test : {frames, texts, numbers, websocket, session, calls_over_tcp, end_of_tcp, violations, displacement, back_pressure, refusals}) test();
  std::printf("%s\n", failures == 0 ? "all pass" : "some failed");
  return failures == 0 ? 0 : 1;
}
