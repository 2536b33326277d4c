#include "StandIn.h"

#include <QEventLoop>
#include <QTimer>
#include <QUrl>
#include <QtEndian>

#include "msg.pb.h"

StandIn::StandIn(const QString& url, QObject* parent) : QObject(parent), url(url) {
  connect(&socket, &QWebSocket::connected, this, [this] { established(&socket); });
  connect(&socket, &QWebSocket::disconnected, this, [this] {
    emit ended();
    closed(&socket);
  });
  connect(&socket, QOverload<QAbstractSocket::SocketError>::of(&QWebSocket::error), this,
          [this](QAbstractSocket::SocketError error) { failed(&socket, error, socket.errorString()); });
  connect(&socket, &QWebSocket::binaryMessageReceived, this, &StandIn::received);
  connect(&socket, &QWebSocket::textMessageReceived, this, [this] { socket.close(QWebSocketProtocol::CloseCodeDatatypeNotSupported); });
}

void StandIn::Connect() { socket.open(QUrl(url)); }

void StandIn::Close() { socket.close(); }

bool StandIn::write(uint32_t protocolId, uint32_t sn, const QByteArray& data) {
  QByteArray message(14, 0);
  auto* head = reinterpret_cast<uchar*>(message.data());
  qToBigEndian<quint16>(0xFEEF, head);
  qToLittleEndian<quint32>(static_cast<quint32>(data.size()) + 8, head + 2);
  qToLittleEndian<quint32>(protocolId, head + 6);
  qToLittleEndian<quint32>(sn, head + 10);
  return socket.isValid() && socket.sendBinaryMessage(message + data) > 0;
}

StandIn::State StandIn::SendMsg(uint32_t protocolId, const QByteArray& data) { return write(protocolId, 0, data) ? STATE_OK : STATE_SEND_FAILED; }

StandIn::State StandIn::SendRequestMsg(uint32_t protocolId, const QByteArray& request, uint32_t timeoutMs, QByteArray& response) {
  const uint32_t sn = next;
  next = next >= 0xFFFFFFFE ? 2 : next + 2;
  State state = STATE_RESP_TIMEOUT;
  QEventLoop loop;
  connect(this, &StandIn::answered, &loop, [&](quint32 number, const QByteArray& payload) {
    if (number != sn) return;
    response = payload, state = STATE_OK;
    loop.quit();
  });
  connect(this, &StandIn::ended, &loop, [&] {
    state = STATE_SEND_FAILED;
    loop.quit();
  });
  QTimer::singleShot(static_cast<int>(timeoutMs), &loop, &QEventLoop::quit);
  if (!write(protocolId, sn, request)) return STATE_SEND_FAILED;
  loop.exec();
  return state;
}

void StandIn::received(const QByteArray& message) {
  const auto* head = reinterpret_cast<const uchar*>(message.constData());
  const bool isFrame = message.size() >= 14 && qFromBigEndian<quint16>(head) == 0xFEEF &&
                       qFromLittleEndian<quint32>(head + 2) == static_cast<quint32>(message.size()) - 6 && message.size() <= 524294;
  if (!isFrame) return socket.close(QWebSocketProtocol::CloseCodeProtocolError);
  const quint32 id = qFromLittleEndian<quint32>(head + 6), sn = qFromLittleEndian<quint32>(head + 10);
  const QByteArray payload = message.mid(14);
  if (id == ws::P_BASE::s2c_err_displace) {
    ws::P_DISPLACE found;
    if (found.ParseFromArray(payload.constData(), payload.size())) {
      displaced(&socket, QString::fromStdString(found.old_ip()), QString::fromStdString(found.new_ip()), found.ts());
    }
    return;
  }
  if (sn != 0) emit answered(sn, payload);
  if (const auto handler = handlers.value(id)) handler(&socket, payload);
}
