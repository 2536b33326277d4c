// A small Qt client with the interface of goutils/ws, to try wrap.py with.
#pragma once
#include <QHash>
#include <QObject>
#include <QWebSocket>
#include <functional>

class StandIn : public QObject {
  Q_OBJECT

 public:
  using MsgHandler = std::function<void(QWebSocket*, const QByteArray&)>;
  using EvtHandler = std::function<void(QWebSocket*)>;
  enum State { STATE_OK = 1, STATE_SEND_FAILED = -1, STATE_RESP_TIMEOUT = -2 };

  explicit StandIn(const QString& url, QObject* parent = nullptr);

  void RegisterMsgHandler(uint32_t protocolId, MsgHandler handler) { handlers.insert(protocolId, handler); }
  void SetEstablishHandler(EvtHandler handler) { established = handler; }
  void SetCloseHandler(EvtHandler handler) { closed = handler; }
  void SetErrHandler(std::function<void(QWebSocket*, QAbstractSocket::SocketError, const QString&)> handler) { failed = handler; }
  void SetDisplacedHandler(std::function<void(QWebSocket*, QString, QString, int64_t)> handler) { displaced = handler; }

  State SendMsg(uint32_t protocolId, const QByteArray& data);
  State SendRequestMsg(uint32_t protocolId, const QByteArray& request, uint32_t timeoutMs, QByteArray& response);

 public slots:
  void Connect();
  void Close();

 signals:
  void answered(quint32 sn, const QByteArray& payload);
  void ended();

 private:
  void received(const QByteArray& message);
  bool write(uint32_t protocolId, uint32_t sn, const QByteArray& data);

  QString url;
  QWebSocket socket;
  uint32_t next = 2;
  QHash<uint32_t, MsgHandler> handlers;
  EvtHandler established, closed;
  std::function<void(QWebSocket*, QAbstractSocket::SocketError, const QString&)> failed;
  std::function<void(QWebSocket*, QString, QString, int64_t)> displaced;
};
