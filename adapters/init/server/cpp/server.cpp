// A server of the goutils/ws protocol over Boost.Beast: one frame a binary message, calls both ways, a hub, in one thread.
// serve has the handlers, those of the application that wireproof probes: put yours beside them, and take the rest along.
#include <charconv>
#include <deque>
#include <map>
#include <regex>
#include <utility>

#include <boost/asio.hpp>
#include <boost/beast.hpp>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::use_awaitable, asio::ip::tcp, std::string, std::chrono::seconds;
template <class T = void> using awaitable = asio::awaitable<T>;

const string magic = "\xFE\xEF";               // magic 2, length 4, protocolId 4, sn 4, all little-endian
const size_t headerSize = 14, maxLength = 512 << 10; // of the field length, which counts all behind itself
const uint32_t displacement = 0x7FFFFFFF;      // the protocolId that tells a client of its displacement

string bytes(uint32_t value) { return {char(value), char(value >> 8), char(value >> 16), char(value >> 24)}; }
uint32_t number(const char *at) { return uint8_t(at[0]) | uint8_t(at[1]) << 8 | uint8_t(at[2]) << 16 | uint32_t(uint8_t(at[3])) << 24; }

struct Peer : std::enable_shared_from_this<Peer> {
  websocket::stream<tcp::socket> socket;
  asio::steady_timer drained{socket.get_executor(), asio::steady_timer::time_point::max()};
  string address;
  std::map<uint32_t, std::function<void(string)>> pending; // calls by sn
  uint32_t sn = 1;
  std::deque<string> queue;
  bool isWriting = false, isClosing = false;
  uint16_t closeCode = 0;

  Peer(tcp::socket plain) : socket(std::move(plain)) {
    std::ostringstream text;
    beast::error_code ignored;
    text << socket.next_layer().remote_endpoint(ignored);
    address = text.str();
  }

  // Writes a frame: one-way with sn 0, an answer with the sn of its request, a call with a number of our own.
  void send(uint32_t id, uint32_t number, const string &payload) {
    if (!isClosing) write(magic + bytes(8 + payload.size()) + bytes(id) + bytes(number) + payload);
  }

  // A request; done gets the payload of the answer, if one comes. A server's numbers are odd, from 3 on.
  void call(uint32_t id, const string &payload, std::function<void(string)> done) {
    do sn = sn == 0xFFFFFFFF ? 3 : sn + 2; while (pending.count(sn));
    pending[sn] = done;
    send(id, sn, payload);
  }

  void close(uint16_t code) {
    isClosing = true, closeCode = code;
    write({});
  }

  void write(string frame) {
    if (!frame.empty()) queue.push_back(std::move(frame));
    if (!std::exchange(isWriting, true)) co_spawn(socket.get_executor(), flush(shared_from_this()), asio::detached);
  }

  awaitable<> flush(std::shared_ptr<Peer> itself) try {
    for (; !queue.empty(); queue.pop_front(), drained.cancel()) co_await socket.async_write(asio::buffer(queue.front()), use_awaitable);
    if (isClosing) co_await socket.async_close(closeCode, use_awaitable);
    isWriting = false;
  } catch (const std::exception &) {} // the client has left; the reader sees it, too

  // What the application does on a protocolId. Unknown ones are ignored. What takes long must not hold up the thread.
  void serve(uint32_t id, uint32_t sn, const string &payload) {
    auto itself = shared_from_this();
    if (id == 2) send(3, sn, payload); // echo: of a call as its answer, else one-way
    if (id == 4) { // the same, slowly
      auto timer = std::make_shared<asio::steady_timer>(socket.get_executor(), seconds(2));
      timer->async_wait([itself, timer, sn, payload](beast::error_code) { itself->send(5, sn, payload); });
    }
    if (id == 6) call(7, payload, [this](string answer) { send(8, 0, answer); }); // a call of the server, which reports the answer
    if (id == 10) for (int each = 0; each < 100; each++) send(11, 0, std::to_string(each)); // a burst
    if (id == 12) send(9, 0, "pulled"); // a signal to fetch what is new
  }

  // P_DISPLACE {old_ip = 1, new_ip = 2, ts = 3}, the last frame, then the close frame.
  void displace(const string &newcomer) {
    string payload = "\x0A" + string(1, address.size()) + address + "\x12" + string(1, newcomer.size()) + newcomer + "\x18";
    uint64_t time = std::chrono::system_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
    for (; time > 127; time >>= 7) payload += char(time | 128);
    send(displacement, 0, payload + char(time));
    close(websocket::close_code::normal);
  }

  // Handles a message; the close code where it is no frame. An answer is known by its number alone.
  uint16_t receive(const string &message) {
    if (!socket.got_binary()) return websocket::close_code::unknown_data;
    if (message.size() < headerSize || message.substr(0, 2) != magic || number(&message[2]) != message.size() - 6)
      return websocket::close_code::protocol_error;
    auto sn = number(&message[10]);
    if (auto found = pending.extract(sn)) found.mapped()(message.substr(headerSize));
    serve(number(&message[6]), sn, message.substr(headerSize));
    return 0;
  }
};

std::map<string, std::shared_ptr<Peer>> hub; // one connection an identity, the newest

string decode(string text) {
  std::replace(text.begin(), text.end(), '+', ' ');
  for (size_t at = 0; (at = text.find('%', at)) != string::npos; at++) text.replace(at, 3, 1, char(std::stoi(text.substr(at + 1, 2), nullptr, 16)));
  return text;
}

// uid-typed-deviceId-source. The first of each name counts; a pair with a broken escape or ; is as if it was not there.
string identity(const string &query) {
  static const std::regex broken(";|%(?![0-9A-Fa-f]{2})"), integer("[+-]?[0-9]{1,18}");
  std::map<string, string> values;
  std::istringstream pairs(query);
  for (string pair; std::getline(pairs, pair, '&');) {
    auto sign = std::min(pair.find('='), pair.size()), value = std::min(sign + 1, pair.size());
    if (!std::regex_search(pair, broken)) values.emplace(decode(pair.substr(0, sign)), decode(pair.substr(value)));
  }
  auto typed = std::regex_match(values["typed"], integer) ? std::stoll(values["typed"]) : 0;
  return values["uid"] + '-' + std::to_string(typed) + '-' + values["deviceId"] + '-' + values["source"];
}

// Whether a request is one that Beast alone would take, and RFC 6455 (sections 4.2.1 and 9.1) and RFC 9112 do not.
bool isWrong(http::request<http::string_body> &request) {
  static const string token = "[\\w!#$%&'*+.^`|~-]+", extension = token + "(\\s*;\\s*" + token + "(\\s*=\\s*(" + token + "|\"" + token + "\"))?)*";
  static const std::regex extensions("[\\s,]*(" + extension + "\\s*(,[\\s,]*" + extension + "\\s*)*[\\s,]*)?"), key("[A-Za-z0-9+/]{22}==");
  std::map<http::field, string> lists; // each may come in several fields
  for (auto &field : request) lists[field.name()] += string(field.value()) + ",";
  if (request.count(http::field::connection) > 1) request.set(http::field::connection, lists[http::field::connection]); // Beast looks at one
  auto &offers = lists[http::field::sec_websocket_extensions];
  return request.count(http::field::transfer_encoding) > 0 || offers.size() > 2000 || !std::regex_match(offers, extensions) ||
         !std::regex_match(string(request[http::field::sec_websocket_key]), key);
}

awaitable<> join(tcp::socket plain) try {
  beast::flat_buffer buffer;
  http::request<http::string_body> request;
  co_await http::async_read(plain, buffer, request, use_awaitable);
  string target(request.target()), scheme = "http://";
  if (target.rfind(scheme, 0) == 0) target.erase(0, std::min(target.find('/', scheme.size()), target.size()));
  auto mark = std::min(target.find('?'), target.size());
  if (bool isElsewhere = target.substr(0, mark) != "/join"; isElsewhere || isWrong(request)) {
    http::response<http::empty_body> response(isElsewhere ? http::status::not_found : http::status::bad_request, 11);
    response.prepare_payload();
    co_await http::async_write(plain, response, use_awaitable);
    co_return;
  }
  auto peer = std::make_shared<Peer>(std::move(plain));
  auto &socket = peer->socket;
  socket.read_message_max(6 + maxLength);
  socket.binary(true);
  socket.set_option(websocket::stream_base::decorator([](websocket::response_type &answer) { answer.erase(http::field::server); }));
  socket.control_callback([&socket](websocket::frame_type kind, auto) { // Beast would repeat a code that nobody may send
    if (kind == websocket::frame_type::close && socket.reason().code > 4999) socket.next_layer().close();
  });
  co_await socket.async_accept(request, use_awaitable);
  socket.set_option(websocket::stream_base::timeout{seconds(1), seconds(60), true}); // for closing, for silence; with pings
  auto name = identity(target.substr(std::min(mark + 1, target.size())));
  auto old = std::exchange(hub[name], peer);
  if (old) old->displace(peer->address);
  try {
    for (beast::flat_buffer message; !peer->isClosing; message.clear()) {
      co_await socket.async_read(message, use_awaitable); // fails with 1002, 1007 or 1009 what breaks RFC 6455
      auto code = peer->isClosing ? 0 : peer->receive(beast::buffers_to_string(message.data()));
      if (code) peer->close(code);
      beast::error_code ignored;
      while (peer->queue.size() > 200) co_await peer->drained.async_wait(asio::redirect_error(use_awaitable, ignored)); // it does not read
    }
  } catch (const std::exception &) {} // it left, or broke RFC 6455
  if (hub[name] == peer) hub.erase(name);
} catch (const std::exception &) {} // no WebSocket came about

awaitable<> listen(tcp::endpoint at) {
  auto here = co_await asio::this_coro::executor;
  for (tcp::acceptor acceptor(here, at);;) co_spawn(here, join(co_await acceptor.async_accept(use_awaitable)), asio::detached);
}

int main(int count, char **words) {
  asio::io_context context(1);
  co_spawn(context, listen({asio::ip::make_address("127.0.0.1"), uint16_t(count > 1 ? std::stoi(words[1]) : 8003)}), asio::detached);
  context.run();
}
