package wsclient

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"math/rand"
	"net/url"
	"regexp"
	"strconv"
	"sync"
	"time"
)

// Options of a client. The zero value is usable.
type Options struct {
	// Handlers run for messages by their protocolId, each in a goroutine of its own. Messages without one are ignored. The
	// context ends with the connection.
	Handlers map[uint32]func(context.Context, *Message)
	// Displaced runs when another connection has taken the place of this one, Opened when frames can be sent.
	Displaced func(Displacement)
	Opened    func(*Client)
	// Protocols are what to negotiate (10.3), as ws.v3.c1. Compress offers permessage-deflate. Header is added to the request.
	Protocols []string
	Compress  bool
	Header    map[string]string
	TLS       *tls.Config // of wss; nil is the usual one
	// MaxFrameLength bounds frames both ways; 0 is MaxFrameLength.
	MaxFrameLength uint32
	// ReadWait gives up a peer from which nothing comes (60 s), PingInterval is how often it is pinged (24 s), CloseWait bounds
	// the closing handshake (1 s), DialWait the opening one (10 s).
	ReadWait, PingInterval, CloseWait, DialWait time.Duration
	// Redial says what to do about a lost connection; nil dials only once.
	Redial *Redial
	// Log is told of what peers do wrong; nil is the standard logger.
	Log func(format string, arguments ...any)
}

// Redial makes so many attempts in a row, after random pauses of at most First, which doubles up to Most.
type Redial struct {
	Attempts    int
	First, Most time.Duration
}

func (r Redial) delay(attempt int) time.Duration {
	bound := r.Most
	if attempt < 20 && r.First<<attempt < bound {
		bound = r.First << attempt
	}
	return time.Duration(rand.Int63n(int64(bound) + 1))
}

const stableAfter = 5 * time.Second // a connection that lasts so long makes the attempts count anew

// A Message is what arrived. SN is 0 in a one-way message.
type Message struct {
	Frame
	link *link
}

// IsRequest says whether the peer waits for an answer.
func (m *Message) IsRequest() bool { return m.SN%2 == 1 }

// Text is the payload in the charset of the connection.
func (m *Message) Text() (string, error) { return DecodeText(m.Payload, m.link.client.Charset()) }

// Answer answers a request, on the connection that it came on and on no other.
func (m *Message) Answer(protocolID uint32, payload []byte) error {
	return m.link.send(Frame{protocolID, m.SN, payload})
}

// A Client is one connection after the other to a URL. It is safe for concurrent use.
type Client struct {
	target  *url.URL
	options Options

	mutex     sync.Mutex
	calls     *Calls[chan *Message] // of the connection there is; closed channels tell of its end
	link      *link
	displaced bool
	reconnect bool // the connection was given up for another one
	version   int
	charset   int
	ended     chan struct{}
	stop      context.CancelFunc
}

// Dial connects once and fails when that fails. From then on lost connections are dialled again, as Options.Redial says, until
// Close. The context bounds the first attempt only.
func Dial(ctx context.Context, address string, options Options) (*Client, error) {
	target, err := url.Parse(address)
	if err != nil || target.Scheme != "ws" && target.Scheme != "wss" || target.Host == "" {
		return nil, fmt.Errorf("%q is no URL of the form ws://host:port/path", address)
	}
	if options.MaxFrameLength == 0 {
		options.MaxFrameLength = MaxFrameLength
	}
	for wait, usual := range map[*time.Duration]time.Duration{&options.ReadWait: time.Minute, &options.PingInterval: 24 * time.Second,
		&options.CloseWait: time.Second, &options.DialWait: 10 * time.Second} {
		if *wait == 0 {
			*wait = usual
		}
	}
	if options.Log == nil {
		options.Log = log.Printf
	}
	c := &Client{target: target, options: options, calls: ClientCalls[chan *Message](), ended: make(chan struct{})}
	query := target.Query()
	c.version, _ = strconv.Atoi(query.Get("version"))
	if query.Get("charset") == "1" {
		c.charset = GBK
	}
	first, err := c.dial(ctx)
	if err != nil {
		return nil, err
	}
	running, stop := context.WithCancel(context.Background())
	c.stop = stop
	go c.run(running, first)
	return c, nil
}

// Version is what the server selected, or what the query declares.
func (c *Client) Version() int {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.version
}

// Charset is what the server selected, or what the query declares: UTF8 or GBK.
func (c *Client) Charset() int {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.charset
}

// SetNextSN says which serial number the next call tries; it must be even.
func (c *Client) SetNextSN(sn uint32) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.calls.SetNext(sn)
}

// Done is closed when there is no connection and none is being dialled.
func (c *Client) Done() <-chan struct{} { return c.ended }

// Send sends a one-way message. It waits while the peer does not read.
func (c *Client) Send(protocolID uint32, payload []byte) error {
	return c.SendFrame(Frame{protocolID, 0, payload})
}

// SendFrame sends a frame as it is. Message.Answer is the better way to answer: it knows the connection that the request came on.
func (c *Client) SendFrame(frame Frame) error {
	link := c.current()
	if link == nil {
		return ErrStopped
	}
	return link.send(frame)
}

// Text is a payload in the charset of the connection.
func (c *Client) Text(text string) ([]byte, error) { return EncodeText(text, c.Charset()) }

// Call calls the peer and waits for its answer until the context ends. The peer hears nothing of a call that is given up.
func (c *Client) Call(ctx context.Context, protocolID uint32, payload []byte) (*Message, error) {
	answered := make(chan *Message, 1)
	c.mutex.Lock()
	link := c.link
	if link == nil {
		c.mutex.Unlock()
		return nil, ErrStopped
	}
	sn := c.calls.Begin(answered)
	c.mutex.Unlock()
	defer c.giveUp(sn, answered)
	if err := link.send(Frame{protocolID, sn, payload}); err != nil {
		return nil, err
	}
	select {
	case message, ok := <-answered:
		if !ok {
			return nil, ErrClosed
		}
		return message, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// giveUp takes a call out, unless its number belongs to another one by now.
func (c *Client) giveUp(sn uint32, answered chan *Message) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.calls.Get(sn) == answered {
		c.calls.End(sn)
	}
}

// Close ends the connection for good: calls that wait fail at once, nothing is dialled again.
func (c *Client) Close() error { return c.CloseWith(1000) }

// CloseWith closes with another code.
func (c *Client) CloseWith(code uint16) error {
	c.stop()
	if link := c.current(); link != nil {
		c.lost(link)
		link.close(code)
	}
	<-c.ended
	return nil
}

// Reconnect gives the connection up, and has it dialled again at once. Options.Opened tells when there is one again.
func (c *Client) Reconnect(code uint16) error {
	c.mutex.Lock()
	link := c.link
	c.reconnect, c.displaced = link != nil, false
	c.mutex.Unlock()
	if link == nil {
		return ErrStopped
	}
	c.lost(link)
	link.close(code)
	return nil
}

func (c *Client) current() *link {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.link
}

var protocolForm = regexp.MustCompile(`^ws\.v(\d+)\.c(\d+)$`)

func (c *Client) dial(ctx context.Context) (*link, error) {
	ctx, cancel := context.WithTimeout(ctx, c.options.DialWait)
	defer cancel()
	link, err := openLink(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("cannot connect to %s: %w", c.target, err)
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if selected := protocolForm.FindStringSubmatch(link.answer.Protocol); selected != nil {
		c.version, _ = strconv.Atoi(selected[1])
		c.charset, _ = strconv.Atoi(selected[2])
	} else {
		for name, place := range map[string]*int{"x-ws-version": &c.version, "x-ws-charset": &c.charset} {
			if text, ok := link.answer.Header.Joined(name); ok {
				if number, err := strconv.Atoi(text); err == nil {
					*place = number
				}
			}
		}
	}
	c.link = link
	return link, nil
}

// run serves one connection after the other, until one ends for good.
func (c *Client) run(ctx context.Context, current *link) {
	c.mutex.Lock()
	ended := c.ended
	c.mutex.Unlock()
	defer close(ended)
	for attempt := 0; current != nil; {
		began := time.Now()
		if c.options.Opened != nil {
			go c.options.Opened(c)
		}
		current.serve()
		c.lost(current)
		if time.Since(began) >= stableAfter {
			attempt = 0
		}
		if c.takeReconnect() {
			attempt = 0
			if next, err := c.dial(ctx); err == nil {
				current = next
				continue
			}
		}
		current = c.dialAgain(ctx, &attempt)
	}
}

func (c *Client) takeReconnect() bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	wanted := c.reconnect
	c.reconnect = false
	return wanted
}

func (c *Client) dialAgain(ctx context.Context, attempt *int) *link {
	for c.options.Redial != nil && *attempt < c.options.Redial.Attempts {
		c.mutex.Lock()
		displaced := c.displaced
		c.mutex.Unlock()
		if displaced { // another connection would displace the one that displaced this (14.3)
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(c.options.Redial.delay(*attempt)):
		}
		*attempt++
		link, err := c.dial(ctx)
		if err == nil {
			return link
		}
		if !errors.Is(err, context.Canceled) {
			c.options.Log("%v", err)
		}
	}
	return nil
}

// lost fails every call that waits, unless another connection has taken over.
func (c *Client) lost(link *link) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.link != link {
		return
	}
	c.link = nil
	for _, sn := range c.calls.Waiting() {
		answered, _ := c.calls.End(sn)
		close(answered)
	}
}

// received does what a frame asks for. Only the goroutine that reads calls it.
func (c *Client) received(link *link, frame Frame) {
	switch frame.ProtocolID {
	case 0:
		return
	case DisplacementID:
		displacement, err := DecodeDisplacement(frame.Payload)
		if err != nil {
			c.options.Log("a displacement that cannot be read: %v", err)
			return
		}
		c.mutex.Lock()
		c.displaced = true
		c.mutex.Unlock()
		if c.options.Displaced != nil {
			c.options.Displaced(displacement)
		}
		return
	}
	message := &Message{frame, link}
	c.mutex.Lock()
	answered, ok := c.calls.End(frame.SN)
	c.mutex.Unlock()
	if ok {
		answered <- message
	}
	if handler := c.options.Handlers[frame.ProtocolID]; handler != nil {
		link.handling <- struct{}{} // so many at a time: more are not read
		go func() {
			defer func() { <-link.handling }()
			handler(link.context, message)
		}()
	}
}
