// A Qt client with the interface of goutils/ws, driven by its peer (docs/client-driver.md). wrap.py builds it with WRAPPED_HEADER
// and WRAPPED_CLASS, the header of the client and the name of its class:
//
//     Class(url)                                      a QString, QUrl or std::string; further parameters have defaults or are the parent
//     Connect(), Close()
//     RegisterMsgHandler(id, handler(QWebSocket*, const QByteArray&))
//     SetEstablishHandler, SetCloseHandler(handler(QWebSocket*)), SetErrHandler, SetDisplacedHandler
//     SendMsg(id, payload)                            nothing, or a number above 0 where it was sent
//     SendRequestMsg(id, payload, timeoutMs, answer)  a number above 0 where an answer came; clients before calls lack it
#include <QCoreApplication>
#include <QTimer>
#include <QUrl>
#include <chrono>
#include <cstdio>
#include <deque>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "../adapter/json.hpp"
#include WRAPPED_HEADER

namespace {

using json::Object;
using json::Value;

constexpr std::uint32_t command_id = 20, report_id = 21;
constexpr int longest_payload = 128 * 1024;  // in a report, which has two digits a byte: of what is longer it has the length

QByteArray bytes(const std::string& text) { return QByteArray(text.data(), static_cast<int>(text.size())); }

// A client for a URL, by whichever constructor it has.
template <typename Client>
std::unique_ptr<Client> made(const QString& url) {
  if constexpr (std::is_constructible_v<Client, const QString&>) return std::make_unique<Client>(url);
  else if constexpr (std::is_constructible_v<Client, const QUrl&>) return std::make_unique<Client>(QUrl(url));
  else if constexpr (std::is_constructible_v<Client, const std::string&>) return std::make_unique<Client>(url.toStdString());
  else if constexpr (std::is_constructible_v<Client, const QString&, QObject*>) return std::make_unique<Client>(url, nullptr);
  else if constexpr (std::is_constructible_v<Client, const QUrl&, QObject*>) return std::make_unique<Client>(QUrl(url), nullptr);
  else {
    auto client = std::make_unique<Client>();  // which has to be told its URL
    client->SetUrl(url);
    return client;
  }
}

// Whether a message was sent; a client that says nothing of it is believed.
template <typename Client>
bool send(Client& client, std::uint32_t id, const QByteArray& payload) {
  if constexpr (std::is_void_v<decltype(client.SendMsg(id, payload))>) return client.SendMsg(id, payload), true;
  else return static_cast<int>(client.SendMsg(id, payload)) > 0;
}

template <typename Client>
auto call(Client& client, std::uint32_t id, const QByteArray& payload, std::uint32_t timeout, QByteArray& answer, int)
    -> decltype(static_cast<int>(client.SendRequestMsg(id, payload, timeout, answer))) {
  return static_cast<int>(client.SendRequestMsg(id, payload, timeout, answer));
}

template <typename Client>
int call(Client&, std::uint32_t, const QByteArray&, std::uint32_t, QByteArray&, long) {
  return 0;  // it makes no calls
}

class Driver {
 public:
  explicit Driver(const QString& url) : owned_(made<WRAPPED_CLASS>(url)), client_(*owned_) {
    client_.RegisterMsgHandler(command_id, [this](QWebSocket*, const QByteArray& payload) {
      commands_.push_back(payload.toStdString());
      // Not from within its handler: a call waits for an answer that could not be handled meanwhile.
      QMetaObject::invokeMethod(qApp, [this] { obey(); }, Qt::QueuedConnection);
    });
    client_.SetEstablishHandler([this](QWebSocket*) { opened(); });
    client_.SetCloseHandler([this](QWebSocket*) {
      if (reconnecting_.is_null()) return QCoreApplication::exit(has_opened_ ? 0 : 2);
      QTimer::singleShot(settling, qApp, [this] { client_.Connect(); });
    });
    client_.SetErrHandler([this](QWebSocket*, QAbstractSocket::SocketError error, const QString& text) {
      std::fprintf(stderr, "the client says: error %d %s\n", static_cast<int>(error), text.toUtf8().constData());
      if (!has_opened_) QCoreApplication::exit(2);
    });
    client_.SetDisplacedHandler([](QWebSocket*, QString from, QString to, std::int64_t) {
      std::fprintf(stderr, "displaced: %s by %s\n", from.toUtf8().constData(), to.toUtf8().constData());
    });
    client_.Connect();
  }

 private:
  // First what the last connection did not take, in the order in which it came.
  void opened() {
    has_opened_ = true;
    std::deque<std::string> held;
    held.swap(held_);
    for (std::string& text : held) write(std::move(text));
    if (reconnecting_.is_null()) return;
    const Value seq = std::exchange(reconnecting_, Value());
    report({{"seq", seq}, {"ok", true}});
  }

  void report(Object members) {
    std::string text;
    Value(std::move(members)).write(text);
    write(std::move(text));
  }

  void write(std::string text) {
    if (!send(client_, report_id, bytes(text))) held_.push_back(std::move(text));
  }

  void fail(const Value& seq, const std::string& error) { report({{"seq", seq}, {"ok", false}, {"error", error}}); }

  void obey() {
    if (commands_.empty()) return;
    const std::string text = std::move(commands_.front());
    commands_.pop_front();
    Value seq = 0;
    try {
      const Value command = json::Parser::parse(text);
      seq = command["seq"].as_integer();
      carry_out(command, seq);
    } catch (const std::invalid_argument&) {
      fail(seq, "malformed");
    }
  }

  void carry_out(const Value& command, const Value& seq) {
    const std::string action = command["do"].as_string();
    const auto id = static_cast<std::uint32_t>(command["id"].integer_or(2));
    if (!command["text"].is_null() || !command["sn"].is_null()) return fail(seq, "unsupported");
    if (action == "call") return make_call(command, seq, id);
    if (action == "send") {
      if (!send(client_, id, payload_of(command))) return fail(seq, "closed");
      return report({{"seq", seq}, {"ok", true}});
    }
    if (action == "close") {
      report({{"seq", seq}, {"ok", true}});
      return client_.Close();
    }
    if (action == "reconnect") {
      reconnecting_ = seq;
      return client_.Close();
    }
    fail(seq, "unsupported");
  }

  // Waits for the answer, in an event loop of the client's own; another order may be obeyed meanwhile, and ends first.
  void make_call(const Value& command, const Value& seq, std::uint32_t id) {
    QByteArray answer;
    const auto timeout = static_cast<std::uint32_t>(command["timeoutMs"].integer_or(10000));
    const int state = call(client_, id, payload_of(command), timeout, answer, 0);
    if (state == 0) return fail(seq, "unsupported");
    // -1 and -2 in clients that say why.
    if (state < 0) return fail(seq, state == -1 ? "closed" : "timeout");
    Object members{{"seq", seq}, {"ok", true}};
    if (answer.size() <= longest_payload) members["payload"] = json::to_hex(answer.toStdString());
    else members["length"] = std::uint64_t{static_cast<std::uint64_t>(answer.size())};
    report(std::move(members));
  }

  static QByteArray payload_of(const Value& command) {
    const std::string data = json::from_hex(command["payload"].string_or(""));
    if (command["size"].is_null()) return bytes(data);
    const auto size = static_cast<std::size_t>(std::min<std::int64_t>(std::max<std::int64_t>(command["size"].as_integer(), 0), 64 << 20));
    std::string out;
    while (out.size() < size) out += data.empty() ? "a" : data;
    return bytes(out.substr(0, size));
  }

  static constexpr std::chrono::milliseconds settling{50};  // in which calls that waited come to their end

  bool has_opened_ = false;
  Value reconnecting_;  // the number of that order while it is carried out
  std::deque<std::string> commands_, held_;
  std::unique_ptr<WRAPPED_CLASS> owned_;
  WRAPPED_CLASS& client_;
};

}  // namespace

int main(int count, char** given) {
  // With GLib's, an event loop within another misses what comes for the outer one's sources now and then.
  qputenv("QT_NO_GLIB", "1");
  QCoreApplication application(count, given);
  if (count != 2 || given[1][0] == '-') {
    std::fprintf(stderr, "usage: harness URL\n");
    return 2;
  }
  const Driver driver{QString::fromUtf8(given[1])};
  return QCoreApplication::exec();
}
