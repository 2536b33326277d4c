// Package ws has the interface of goutils/ws, as far as the project of wireproof init server go-goutils uses it, so that the project
// can be compiled where the module is not at hand. Nothing in it does anything.
package ws

import (
	"context"
	"net/http"
)

type IMessage interface {
	GetProtocolId() uint32
	GetSn() uint32
	GetData() []byte
	SetData(data []byte)
}

type IConnection interface {
	SendMsg(ctx context.Context, payload IMessage, sc SendCallback) error
	SendRequestMsg(ctx context.Context, reqMsg IMessage, sc SendCallback) (IMessage, error)
	SendResponseMsg(ctx context.Context, respMsg IMessage, reqSn uint32, sc SendCallback) error
	SignalPullSend(ctx context.Context, pullChannelId int) error
}

type Puller interface {
	PullSend()
}

type ConnectionMeta struct {
	UserId          string
	Typed           int
	DeviceId        string
	Version         int
	Charset         int
	Source          string
	DisableConnPool bool
}

type (
	SendCallback func(ctx context.Context, c IConnection, err error)
	EventHandler func(context.Context, IConnection)
	MsgHandler   func(context.Context, IConnection, IMessage) error
	ConnOption   func(IConnection)
)

func InitServer() {}

func RegisterHandler(protocolId uint32, h MsgHandler) {}

func NewMessage(protocolId uint32) IMessage { return nil }

func SrvPullChannelsOption(pullChannelIds []int) ConnOption { return nil }

func ConnEstablishHandlerOption(handler EventHandler) ConnOption { return nil }

func NewDefaultPuller(conn IConnection, pullChannelId int, firstPullFunc, pullFunc EventHandler) Puller {
	return nil
}

func Accept(ctx context.Context, w http.ResponseWriter, r *http.Request, meta ConnectionMeta, opts ...ConnOption) (IConnection, error) {
	return nil, nil
}
