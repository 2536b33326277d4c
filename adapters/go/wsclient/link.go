package wsclient

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

const (
	handlersAtOnce = 1024
	// What is offered. compress/flate has no smaller window, so that of the client is not offered.
	deflateOffer = "permessage-deflate"
)

// link is one WebSocket connection.
type link struct {
	client   *Client
	socket   net.Conn
	answer   Answer
	early    []byte // frames in the same segment as the answer
	decoder  Decoder
	inflater *Inflater
	handling chan struct{}
	context  context.Context
	cancel   context.CancelFunc
	served   chan struct{}

	writing   sync.Mutex // guards what follows
	deflater  *Deflater
	closeSent bool
}

func openLink(ctx context.Context, c *Client) (*link, error) {
	host, port := c.target.Hostname(), c.target.Port()
	if port == "" {
		port = map[string]string{"ws": "80", "wss": "443"}[c.target.Scheme]
	}
	address := net.JoinHostPort(host, port)
	var socket net.Conn
	var err error
	if c.target.Scheme == "wss" {
		socket, err = (&tls.Dialer{Config: c.options.TLS}).DialContext(ctx, "tcp", address)
	} else {
		socket, err = (&net.Dialer{}).DialContext(ctx, "tcp", address)
	}
	if err != nil {
		return nil, err
	}
	l := &link{client: c, socket: socket, handling: make(chan struct{}, handlersAtOnce), served: make(chan struct{})}
	stop := closeWhenDone(ctx, socket)
	err = l.shakeHands()
	if stop(); err != nil {
		socket.Close()
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, err
	}
	l.context, l.cancel = context.WithCancel(context.Background())
	return l, nil
}

// closeWhenDone closes a socket when the context ends before stop is called, and never after.
func closeWhenDone(ctx context.Context, socket net.Conn) (stop func()) {
	settled, finished := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(finished)
		select {
		case <-ctx.Done():
			socket.Close()
		case <-settled:
		}
	}()
	return func() {
		close(settled)
		<-finished // else a context that ends next would still find the goroutine choosing
	}
}

func (l *link) shakeHands() error {
	nonce := make([]byte, 16)
	if _, err := rand.Read(nonce); err != nil {
		return err
	}
	key, options, extensions := base64.StdEncoding.EncodeToString(nonce), l.client.options, ""
	if options.Compress {
		extensions = deflateOffer
	}
	if _, err := l.socket.Write(request(l.client.target, key, extensions, options.Protocols, options.Header)); err != nil {
		return err
	}
	var data []byte
	for part := make([]byte, 4096); ; {
		count, err := l.socket.Read(part)
		if err != nil {
			return fmt.Errorf("no answer: %w", err)
		}
		data = append(data, part[:count]...)
		l.answer, err = ReadAnswer(data, key, extensions, options.Protocols)
		var fault *ProtocolError
		if errors.As(err, &fault) && fault.Code == "incomplete" {
			continue
		}
		if err != nil {
			return err
		}
		break
	}
	l.early = data[l.answer.Consumed:]
	limit := int(options.MaxFrameLength) + beforeCounted
	l.decoder = Decoder{Limit: uint64(limit), Deflate: l.answer.Deflate != nil}
	if agreed := l.answer.Deflate; agreed != nil {
		l.inflater = &Inflater{WindowBits: leastWindow(agreed.ServerWindow), Fresh: agreed.ServerFresh, Limit: limit}
		var err error
		l.deflater, err = NewDeflater(15, agreed.ClientFresh, 6)
		return err
	}
	return nil
}

func (l *link) send(frame Frame) error {
	message, err := frame.Encode(l.client.options.MaxFrameLength)
	if err != nil {
		return err
	}
	l.writing.Lock()
	defer l.writing.Unlock()
	if l.closeSent {
		return ErrStopped
	}
	first := byte(0x80 | OpBinary)
	if l.deflater != nil {
		first, message = first|0x40, l.deflater.Message(message)
	}
	if err := l.write(first, message); err != nil {
		return fmt.Errorf("%w: %v", ErrClosed, err)
	}
	return nil
}

// write needs the lock.
func (l *link) write(first byte, payload []byte) error {
	key := make([]byte, 4)
	if _, err := rand.Read(key); err != nil {
		return err
	}
	l.socket.SetWriteDeadline(time.Now().Add(l.client.options.ReadWait))
	_, err := l.socket.Write(AppendFrame(make([]byte, 0, len(payload)+14), first, payload, key))
	if err != nil {
		l.socket.Close() // half a frame may have gone out
	}
	return err
}

func (l *link) control(opcode byte, payload []byte) {
	l.writing.Lock()
	defer l.writing.Unlock()
	if l.closeSent {
		return
	}
	l.closeSent = opcode == OpClose
	l.write(0x80|opcode, payload)
}

func (l *link) sendClose(code uint16) {
	var payload []byte
	if code != 0 {
		payload = binary.BigEndian.AppendUint16(nil, code)
	}
	l.control(OpClose, payload)
}

// close is the closing handshake; it waits for the peer's part of it, but not for long.
func (l *link) close(code uint16) {
	l.sendClose(code)
	select {
	case <-l.served:
	case <-time.After(l.client.options.CloseWait):
		l.socket.Close()
		<-l.served
	}
}

// serve reads until the connection ends.
func (l *link) serve() {
	defer close(l.served)
	defer l.socket.Close()
	defer l.cancel()
	go l.keepAlive()
	failed := false
	data, part := l.early, make([]byte, 1<<16)
	for {
		if err := l.take(data); err != nil {
			var fault *ProtocolError
			if errors.As(err, &fault) {
				l.client.options.Log("the server broke the protocol: %v", fault)
				failed = true
				l.client.lost(l)
				l.sendClose(fault.CloseCode)
			}
			break
		}
		l.socket.SetReadDeadline(time.Now().Add(l.client.options.ReadWait))
		count, err := l.socket.Read(part)
		data = part[:count]
		if errors.Is(err, io.EOF) && count == 0 {
			break
		}
		if err != nil && count == 0 {
			var timeout net.Error
			if errors.As(err, &timeout) && timeout.Timeout() {
				l.client.options.Log("nothing heard for %v", l.client.options.ReadWait)
				l.sendClose(1001)
			}
			return
		}
	}
	l.client.lost(l)
	l.linger(failed)
}

var errEnd = errors.New("a close frame")

func (l *link) take(data []byte) error {
	events, violation := l.decoder.Feed(data)
	for _, event := range events {
		switch event.Opcode {
		case OpPing:
			l.control(OpPong, event.Payload)
		case OpClose:
			l.sendClose(event.CloseCode())
			return errEnd
		case OpText:
			return &ProtocolError{"text", -1, 1003}
		case OpBinary:
			if err := l.message(event); err != nil {
				return err
			}
		}
	}
	return violation
}

func (l *link) message(event Event) (err error) {
	l.writing.Lock()
	closing := l.closeSent
	l.writing.Unlock()
	if closing {
		return nil
	}
	data := event.Payload
	if event.Compressed {
		if data, err = l.inflater.Message(data); err != nil {
			return err
		}
	}
	frame, err := DecodeFrame(data, l.client.options.MaxFrameLength)
	if err == nil {
		l.client.received(l, frame)
	}
	return err
}

func (l *link) keepAlive() {
	ticker := time.NewTicker(l.client.options.PingInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			l.control(OpPing, nil)
		case <-l.context.Done():
			return
		}
	}
}

// linger leaves the end of TCP to the server, for a moment; after a violation it ends our side at once, and reads on: a reset
// would overtake the close frame.
func (l *link) linger(failed bool) {
	if half, ok := l.socket.(interface{ CloseWrite() error }); ok && failed {
		half.CloseWrite()
	}
	l.socket.SetReadDeadline(time.Now().Add(l.client.options.CloseWait))
	io.Copy(io.Discard, l.socket)
}
