// Package ws stands in for a Go client of somebody else's: the interface of goutils/ws, as far as the harness uses it, on our client.
package ws

import (
	"context"
	"net/http"
	"time"

	"example.org/wsclient/wsclient"
)

type IMessage interface {
	GetProtocolId() uint32
	GetSn() uint32
	GetData() []byte
	SetData(data []byte)
}

type IConnection interface {
	IsStopped() bool
	SendMsg(ctx context.Context, payload IMessage, sc SendCallback) error
	SendRequestMsg(ctx context.Context, reqMsg IMessage, sc SendCallback) (IMessage, error)
	SendResponseMsg(ctx context.Context, respMsg IMessage, reqSn uint32, sc SendCallback) error
	KickServer()
}

type (
	SendCallback func(ctx context.Context, c IConnection, err error)
	EventHandler func(context.Context, IConnection)
	MsgHandler   func(context.Context, IConnection, IMessage) error
	ConnOption   func(*connection)
)

var handlers = map[uint32]MsgHandler{}

func InitClient() {}

func RegisterHandler(protocolId uint32, h MsgHandler) { handlers[protocolId] = h }

func NewMessage(protocolId uint32) IMessage {
	return &message{wsclient.Frame{ProtocolID: protocolId}, nil}
}

func ClientDialRetryOption(int, time.Duration) ConnOption { return func(*connection) {} }

func ConnClosedHandlerOption(handler EventHandler) ConnOption {
	return func(c *connection) { c.closed = handler }
}

func ClientDialCompressOption(compress bool) ConnOption {
	return func(c *connection) { c.compress = compress }
}

func CompressionLevelOption(int) ConnOption { return func(*connection) {} }

func DialConnect(ctx context.Context, sUrl string, header http.Header, opts ...ConnOption) (IConnection, error) {
	c := &connection{}
	for _, option := range opts {
		option(c)
	}
	receivers := map[uint32]func(context.Context, *wsclient.Message){}
	for id, handler := range handlers {
		handler := handler
		receivers[id] = func(ctx context.Context, m *wsclient.Message) { handler(ctx, c, &message{m.Frame, m}) }
	}
	client, err := wsclient.Dial(ctx, sUrl, wsclient.Options{Handlers: receivers, Compress: c.compress})
	if err != nil {
		return nil, err
	}
	c.client = client
	go func() {
		<-client.Done()
		if c.closed != nil {
			c.closed(ctx, c)
		}
	}()
	return c, nil
}

type message struct {
	wsclient.Frame
	received *wsclient.Message
}

func (m *message) GetProtocolId() uint32 { return m.ProtocolID }
func (m *message) GetSn() uint32         { return m.SN }
func (m *message) GetData() []byte       { return m.Payload }
func (m *message) SetData(data []byte)   { m.Payload = data }

type connection struct {
	client   *wsclient.Client
	closed   EventHandler
	compress bool
}

func (c *connection) IsStopped() bool {
	select {
	case <-c.client.Done():
		return true
	default:
		return false
	}
}

func (c *connection) SendMsg(ctx context.Context, payload IMessage, sc SendCallback) error {
	err := c.client.Send(payload.GetProtocolId(), payload.GetData())
	if sc != nil {
		sc(ctx, c, err)
	}
	return err
}

func (c *connection) SendRequestMsg(ctx context.Context, reqMsg IMessage, _ SendCallback) (IMessage, error) {
	answer, err := c.client.Call(ctx, reqMsg.GetProtocolId(), reqMsg.GetData())
	if err != nil {
		return nil, err
	}
	return &message{answer.Frame, answer}, nil
}

func (c *connection) SendResponseMsg(_ context.Context, respMsg IMessage, reqSn uint32, _ SendCallback) error {
	return c.client.SendFrame(wsclient.Frame{ProtocolID: respMsg.GetProtocolId(), SN: reqSn, Payload: respMsg.GetData()})
}

func (c *connection) KickServer() { c.client.Close() }
