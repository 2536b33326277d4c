// The harness for a Go client with the interface of goutils/ws, driven by its peer. wrap.py builds it: it puts the import path of the
// module under test in the place of example.org/original.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"example.org/original/ws"
	"example.org/wsclient/driver"
)

func main() {
	compress := flag.Bool("compress", false, "offer permessage-deflate, and compress at level 1")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: wrapped [-compress] URL")
		os.Exit(2)
	}
	client := &wrapped{url: flag.Arg(0), ended: make(chan struct{}, 1)}
	client.options = []ws.ConnOption{
		ws.ClientDialRetryOption(3, 200*time.Millisecond), ws.ConnClosedHandlerOption(client.closed),
		ws.ClientDialCompressOption(*compress),
	}
	if *compress {
		client.options = append(client.options, ws.CompressionLevelOption(1))
	}
	obeying := &driver.Driver{Client: client}
	client.opened = obeying.Opened
	ws.InitClient()
	ws.RegisterHandler(driver.Call, func(ctx context.Context, connection ws.IConnection, message ws.IMessage) error {
		if message.GetSn()%2 == 0 {
			return nil
		}
		answer := ws.NewMessage(driver.Answer)
		answer.SetData(message.GetData())
		return connection.SendResponseMsg(ctx, answer, message.GetSn(), nil)
	})
	ws.RegisterHandler(driver.Command, func(_ context.Context, _ ws.IConnection, message ws.IMessage) error {
		if message.GetSn() == 0 {
			// Its bytes may be used again once the handler returns.
			go obeying.Obey(append([]byte(nil), message.GetData()...))
		}
		return nil
	})
	if err := client.dial(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	<-client.ended
}

// wrapped is such a client as the driver wants one.
type wrapped struct {
	url     string
	options []ws.ConnOption
	opened  func()
	ended   chan struct{}

	mutex        sync.Mutex
	connection   ws.IConnection
	written      chan struct{} // closed when the last message is on its way; they go in order
	reconnecting bool
}

func (w *wrapped) dial() error {
	connection, err := ws.DialConnect(context.Background(), w.url, http.Header{}, w.options...)
	if err != nil {
		return err
	}
	w.mutex.Lock()
	w.connection = connection
	w.mutex.Unlock()
	go w.opened()
	return nil
}

// closed dials again where it was told to; a lost connection is not dialled again by itself.
func (w *wrapped) closed(context.Context, ws.IConnection) {
	w.mutex.Lock()
	again := w.reconnecting
	w.connection, w.reconnecting = nil, false
	w.mutex.Unlock()
	if again && w.dial() == nil {
		return
	}
	w.ended <- struct{}{}
}

func (w *wrapped) current() (ws.IConnection, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.connection == nil || w.connection.IsStopped() {
		return nil, driver.ErrStopped
	}
	return w.connection, nil
}

func (w *wrapped) Send(protocolID uint32, payload []byte) error {
	connection, err := w.current()
	if err != nil {
		return err
	}
	message := ws.NewMessage(protocolID)
	message.SetData(payload)
	written := make(chan struct{})
	var once sync.Once
	err = connection.SendMsg(context.Background(), message, func(context.Context, ws.IConnection, error) {
		once.Do(func() { close(written) })
	})
	if err != nil {
		return driver.ErrStopped // a full queue blocks: nothing else keeps a message from being sent
	}
	w.mutex.Lock()
	w.written = written
	w.mutex.Unlock()
	return nil
}

func (w *wrapped) Call(ctx context.Context, protocolID uint32, payload []byte) (driver.Answered, error) {
	connection, err := w.current()
	if err != nil {
		return driver.Answered{}, err
	}
	request := ws.NewMessage(protocolID)
	request.SetData(payload)
	answer, err := connection.SendRequestMsg(ctx, request, nil)
	switch {
	case err == nil:
		return driver.Answered{SN: answer.GetSn(), ProtocolID: answer.GetProtocolId(), Payload: answer.GetData()}, nil
	case ctx.Err() != nil:
		return driver.Answered{}, ctx.Err()
	case strings.Contains(err.Error(), "stopped"):
		return driver.Answered{}, driver.ErrStopped
	}
	return driver.Answered{}, err
}

// kick waits for the report that was sent just before: such a client drops what is queued when it is told to end.
func (w *wrapped) kick(connection ws.IConnection) {
	w.mutex.Lock()
	written := w.written
	w.mutex.Unlock()
	if written != nil {
		select {
		case <-written:
		case <-time.After(time.Second): // its connection has ended meanwhile, or it calls nobody back
		}
	}
	connection.KickServer()
}

func (w *wrapped) Close(uint16) {
	if connection, err := w.current(); err == nil {
		w.kick(connection)
	}
}

func (w *wrapped) Reconnect(uint16) error {
	connection, err := w.current()
	if err != nil {
		return err
	}
	w.mutex.Lock()
	w.reconnecting = true
	w.mutex.Unlock()
	w.kick(connection)
	return nil
}

// Such a client has no text, and gives its own numbers.
var errNone = errors.New("unsupported")

func (w *wrapped) EncodeText(string) ([]byte, error) { return nil, errNone }
func (w *wrapped) DecodeText([]byte) (string, error) { return "", errNone }
func (w *wrapped) SetNextSN(uint32) error            { return errNone }
