// A Qt client with the interface of goutils/ws, driven by its peer (docs/client-driver.md). wrap.py builds it with WRAPPED_HEADER
// and WRAPPED_CLASS, the header of the client and the name of its class:
//
//     Class(url)                                      the rest of the constructor's parameters have defaults
//     Connect(), Close()
//     RegisterMsgHandler(id, handler(QWebSocket*, const QByteArray&))
//     SetEstablishHandler, SetCloseHandler(handler(QWebSocket*)), SetErrHandler, SetDisplacedHandler
//     SendMsg(id, payload)                            nothing, or a number above 0 where it was sent
//     SendRequestMsg(id, payload, timeoutMs, answer)  a number above 0 where an answer came; clients before calls lack it
#include <QCoreApplication>
#include <cstdio>
#include <deque>

#include "../adapter/json.hpp"
#include WRAPPED_HEADER

namespace {

using json::Object;
using json::Value;

constexpr std::uint32_t command_id = 20, report_id = 21;
constexpr int longest_payload = 128 * 1024;  // in a report, which has two digits a byte: of what is longer it has the length

QByteArray bytes(const std::string& text) { return QByteArray(text.data(), static_cast<int>(text.size())); }

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
  explicit Driver(const QString& url) : client_(url) {
    client_.RegisterMsgHandler(command_id, [this](QWebSocket*, const QByteArray& payload) {
      commands_.push_back(payload.toStdString());
      // Not from within its handler: a call waits for an answer that could not be handled meanwhile.
      QMetaObject::invokeMethod(qApp, [this] { obey(); }, Qt::QueuedConnection);
    });
    client_.SetEstablishHandler([this](QWebSocket*) { has_opened_ = true; });
    client_.SetCloseHandler([this](QWebSocket*) { QCoreApplication::exit(has_opened_ ? 0 : 2); });
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
  void report(Object members) {
    std::string text;
    Value(std::move(members)).write(text);
    send(client_, report_id, bytes(text));
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

  bool has_opened_ = false;
  std::deque<std::string> commands_;
  WRAPPED_CLASS client_;
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
