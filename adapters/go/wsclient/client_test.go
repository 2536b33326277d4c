package wsclient

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"reflect"
	"sync/atomic"
	"testing"
	"time"
)

// peer is a server's end of one connection, played by a test.
type peer struct {
	t       *testing.T
	socket  net.Conn
	decoder Decoder
	waiting []Event
}

// server plays its connections one after the other and counts them.
func server(t *testing.T, plays ...func(*peer)) (address string, connections *atomic.Int32) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	connections = &atomic.Int32{}
	go func() {
		for {
			socket, err := listener.Accept()
			if err != nil {
				return
			}
			number := int(connections.Add(1)) - 1
			reader := bufio.NewReader(socket)
			request, err := http.ReadRequest(reader)
			if err != nil {
				socket.Close()
				continue
			}
			answer := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
				AcceptValue(request.Header.Get("Sec-WebSocket-Key")) + "\r\n"
			if protocol := request.Header.Get("Sec-WebSocket-Protocol"); protocol != "" {
				answer += "Sec-WebSocket-Protocol: " + protocol + "\r\n"
			}
			socket.Write([]byte(answer + "\r\n"))
			if number < len(plays) {
				plays[number](&peer{t: t, socket: socket, decoder: Decoder{PeerMasks: true, Limit: 1 << 20}})
			}
			socket.Close()
		}
	}()
	return "ws://" + listener.Addr().String() + "/join?uid=100", connections
}

func (p *peer) raw(opcode byte, payload []byte) {
	p.socket.Write(AppendFrame(nil, 0x80|opcode, payload, nil))
}

func (p *peer) send(protocolID, sn uint32, payload string) {
	message, _ := Frame{protocolID, sn, []byte(payload)}.Encode(MaxFrameLength)
	p.raw(OpBinary, message)
}

// next is the next message or close frame; the zero event at the end.
func (p *peer) next() Event {
	part := make([]byte, 4096)
	for {
		for len(p.waiting) > 0 {
			event := p.waiting[0]
			p.waiting = p.waiting[1:]
			if event.Opcode == OpBinary || event.Opcode == OpClose {
				return event
			}
		}
		count, err := p.socket.Read(part)
		if err != nil {
			return Event{}
		}
		if p.waiting, err = p.decoder.Feed(part[:count]); err != nil {
			p.t.Error(err)
			return Event{}
		}
	}
}

func (p *peer) frame() Frame {
	frame, _ := DecodeFrame(p.next().Payload, MaxFrameLength)
	return frame
}

func dial(t *testing.T, address string, options Options) *Client {
	t.Helper()
	options.Log = func(string, ...any) {}
	client, err := Dial(context.Background(), address, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

func TestCallsGetTheAnswersWithTheirNumbersInAnyOrder(t *testing.T) {
	address, _ := server(t, func(p *peer) {
		one, two := p.frame(), p.frame()
		p.send(3, two.SN, string(two.Payload))
		p.send(3, one.SN, string(one.Payload))
		p.send(3, one.SN, "again")
		p.frame()
	})
	client, texts := dial(t, address, Options{}), make(chan bool, 2)
	for _, text := range []string{"one", "two"} {
		text := text
		go func() {
			message, err := client.Call(context.Background(), 2, []byte(text))
			texts <- err == nil && string(message.Payload) == text
		}()
	}
	if !<-texts || !<-texts {
		t.Error("an answer went to another call")
	}
}

func TestACallFailsWithItsContextAndAtTheEndOfTheConnection(t *testing.T) {
	address, _ := server(t, func(p *peer) {
		p.frame()
		p.frame()
	})
	client := dial(t, address, Options{})
	short, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
	defer cancel()
	if _, err := client.Call(short, 2, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if _, err := client.Call(context.Background(), 2, nil); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	<-client.Done()
	if _, err := client.Call(context.Background(), 2, nil); !errors.Is(err, ErrStopped) {
		t.Error(err)
	}
}

func TestThePeerIsAnsweredAndMayBreakNothing(t *testing.T) {
	answered := make(chan Frame, 1)
	address, _ := server(t, func(p *peer) {
		p.send(99, 3, "nobody handles this")
		p.send(DisplacementID, 0, "\x0a\x05")
		p.send(7, 5, "hi")
		answered <- p.frame()
	})
	dial(t, address, Options{Handlers: map[uint32]func(context.Context, *Message){
		7: func(_ context.Context, m *Message) { m.Answer(17, m.Payload) },
	}})
	if frame := <-answered; !reflect.DeepEqual(frame, Frame{17, 5, []byte("hi")}) {
		t.Error(frame)
	}
}

func TestAViolationFailsTheConnectionWithItsCode(t *testing.T) {
	for payload, want := range map[string]struct {
		opcode byte
		code   uint16
	}{"\xfe\xee": {OpBinary, 1002}, "text": {OpText, 1003}, "\xfe\xef\x01\x00\x08\x00": {OpBinary, 1009}} {
		closed := make(chan uint16, 1)
		address, _ := server(t, func(p *peer) {
			p.raw(want.opcode, []byte(payload))
			closed <- p.next().CloseCode()
		})
		client := dial(t, address, Options{})
		if code := <-closed; code != want.code {
			t.Errorf("%d instead of %d", code, want.code)
		}
		<-client.Done()
	}
}

func TestALostConnectionIsDialledAgainButNotAfterADisplacement(t *testing.T) {
	lose := func(*peer) {}
	displacements := make(chan Displacement, 1)
	address, connections := server(t, lose, lose, func(p *peer) {
		p.send(DisplacementID, 0, "\x0a\x01a\x12\x01b\x18\x05")
		p.raw(OpClose, nil)
		p.next()
	})
	client := dial(t, address, Options{
		Displaced: func(d Displacement) { displacements <- d },
		Redial:    &Redial{Attempts: 2, First: time.Millisecond, Most: time.Millisecond},
	})
	<-client.Done()
	if found := <-displacements; string(found.NewIP) != "b" || connections.Load() != 3 {
		t.Error(found, connections.Load())
	}
}

func TestTheContextOfDialBoundsTheDialOnly(t *testing.T) {
	var plays [50]func(*peer) // a connection beyond those is closed at once
	for at := range plays {
		plays[at] = func(p *peer) { p.frame() }
	}
	address, _ := server(t, plays[:]...)
	for range plays { // the end of the context raced with the end of the dial once in 60 times
		ctx, cancel := context.WithCancel(context.Background())
		client, err := Dial(ctx, address, Options{Log: func(string, ...any) {}})
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		if err := client.Send(2, nil); err != nil {
			t.Fatal(err)
		}
		client.Close()
	}
}

func TestVersionAndCharsetAreThoseThatTheServerSelected(t *testing.T) {
	address, _ := server(t, func(p *peer) { p.frame() })
	client := dial(t, address, Options{Protocols: []string{"ws.v3.c1"}})
	if client.Version() != 3 || client.Charset() != GBK {
		t.Error(client.Version(), client.Charset())
	}
}

func TestClosingEndsTheCallsAndTheGoroutines(t *testing.T) {
	address, _ := server(t, func(p *peer) {
		p.frame()
		p.next()
	})
	client, failed := dial(t, address, Options{}), make(chan error, 1)
	go func() {
		_, err := client.Call(context.Background(), 2, nil)
		failed <- err
	}()
	for client.callsWaiting() == 0 {
		time.Sleep(time.Millisecond)
	}
	client.Close()
	if err := <-failed; !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

func (c *Client) callsWaiting() int {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return len(c.calls.Waiting())
}
