// Package driver has a client do what its peer tells it: the in-band driver of wireproof probe client. A one-way message with
// id 20 is a command in JSON, one with id 21 the report.
package driver

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"sync"
	"time"
)

// Protocol ids of commands and reports, and of the calls that a driven client answers.
const (
	Command = 20
	Report  = 21
	Call    = 7
	Answer  = 17
)

const longestPayload = 128 << 10 // in a report, which has two digits a byte: what is longer goes as its hash

// Errors that a client reports by name. ErrStopped: the message found no connection.
var (
	ErrStopped     = errors.New("stopped")
	ErrUnsupported = errors.New("unsupported")
	ErrTooLarge    = errors.New("not-encodable")
	ErrCharset     = errors.New("charset")
)

// An Answered is the answer to a call.
type Answered struct {
	SN, ProtocolID uint32
	Payload        []byte
}

// A Client is what is driven. Text and SetNextSN may return ErrUnsupported.
type Client interface {
	Send(protocolID uint32, payload []byte) error
	Call(ctx context.Context, protocolID uint32, payload []byte) (Answered, error)
	EncodeText(text string) ([]byte, error)
	DecodeText(payload []byte) (string, error)
	SetNextSN(sn uint32) error
	Close(code uint16)
	Reconnect(code uint16) error
}

// A Driver obeys on behalf of a client.
type Driver struct {
	Client Client

	mutex        sync.Mutex
	held         []report // that no connection has taken; they go first on the next one
	reconnecting *int64
	calls        *sync.WaitGroup // those made on the connection there is
}

type command struct {
	Seq       int64   `json:"seq"`
	Do        string  `json:"do"`
	ID        *uint32 `json:"id"`
	Payload   string  `json:"payload"`
	Text      *string `json:"text"`
	Size      *int    `json:"size"`
	SN        *uint32 `json:"sn"`
	TimeoutMs *int64  `json:"timeoutMs"`
	Code      *uint16 `json:"code"`
}

type report struct {
	Seq     int64   `json:"seq"`
	OK      bool    `json:"ok"`
	Error   string  `json:"error,omitempty"`
	SN      *uint32 `json:"sn,omitempty"`
	ID      *uint32 `json:"id,omitempty"`
	Payload *string `json:"payload,omitempty"`
	Text    *string `json:"text,omitempty"`
	Length  *int    `json:"length,omitempty"`
	SHA256  string  `json:"sha256,omitempty"`
	Elapsed *int64  `json:"elapsedMs,omitempty"`
}

// Opened sends what the last connection could not take, in the order it came: first what became of its calls.
func (d *Driver) Opened() {
	d.mutex.Lock()
	before := d.calls
	d.calls = nil
	d.mutex.Unlock()
	if before != nil {
		before.Wait() // they have failed with their connection
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	reports := d.held
	d.held = nil
	if d.reconnecting != nil {
		reports = append(reports, report{Seq: *d.reconnecting, OK: true})
		d.reconnecting = nil
	}
	for _, r := range reports {
		d.send(r)
	}
}

// calling counts a call; the returned function says that it was reported.
func (d *Driver) calling() (reported func()) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.calls == nil {
		d.calls = &sync.WaitGroup{}
	}
	d.calls.Add(1)
	return d.calls.Done
}

func (d *Driver) report(r report) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.send(r)
}

// send needs the lock: between a failed attempt and keeping the report no connection may open.
func (d *Driver) send(r report) {
	data, _ := json.Marshal(r) // of numbers and strings: cannot fail
	if d.Client.Send(Report, data) != nil {
		d.held = append(d.held, r)
	}
}

// Obey carries out a command that came as a one-way message.
func (d *Driver) Obey(payload []byte) {
	var order command
	if json.Unmarshal(payload, &order) != nil || order.Seq == 0 {
		d.report(report{Error: "malformed"})
		return
	}
	if order.Do == "call" {
		defer d.calling()()
	}
	began := time.Now()
	r, err := d.run(order)
	if err != nil {
		elapsed := time.Since(began).Milliseconds()
		r = &report{Error: word(err), Elapsed: &elapsed}
	}
	if r != nil {
		r.Seq, r.OK = order.Seq, err == nil
		d.report(*r)
	}
}

func (d *Driver) run(order command) (*report, error) {
	id := uint32(2)
	if order.ID != nil {
		id = *order.ID
	}
	code := uint16(1000)
	if order.Code != nil {
		code = *order.Code
	}
	switch order.Do {
	case "call":
		return d.call(order, id)
	case "send":
		payload, err := d.payload(order)
		if err != nil {
			return nil, err
		}
		return &report{}, d.Client.Send(id, payload)
	case "close":
		d.report(report{Seq: order.Seq, OK: true})
		d.Client.Close(code)
		return nil, nil
	case "reconnect":
		d.mutex.Lock()
		d.reconnecting = &order.Seq
		d.mutex.Unlock()
		err := d.Client.Reconnect(code)
		if err != nil {
			d.mutex.Lock()
			d.reconnecting = nil
			d.mutex.Unlock()
		}
		return nil, err
	}
	return nil, ErrUnsupported
}

func (d *Driver) call(order command, id uint32) (*report, error) {
	payload, err := d.payload(order)
	if err != nil {
		return nil, err
	}
	if order.SN != nil {
		if err := d.Client.SetNextSN(*order.SN); err != nil {
			return nil, err
		}
	}
	timeout := 10 * time.Second
	if order.TimeoutMs != nil {
		timeout = time.Duration(*order.TimeoutMs) * time.Millisecond
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	began := time.Now()
	answer, err := d.Client.Call(ctx, id, payload)
	if err != nil {
		return nil, err
	}
	elapsed := time.Since(began).Milliseconds()
	r := &report{SN: &answer.SN, ID: &answer.ProtocolID, Elapsed: &elapsed}
	if len(answer.Payload) <= longestPayload {
		digits := hex.EncodeToString(answer.Payload)
		r.Payload = &digits
	} else {
		length, sum := len(answer.Payload), sha256.Sum256(answer.Payload)
		r.Length, r.SHA256 = &length, hex.EncodeToString(sum[:])
	}
	if order.Text != nil {
		if text, err := d.Client.DecodeText(answer.Payload); err == nil {
			r.Text = &text
		}
	}
	return r, nil
}

// payload is the text, or the bytes, repeated up to a size where one is given.
func (d *Driver) payload(order command) ([]byte, error) {
	if order.Text != nil {
		return d.Client.EncodeText(*order.Text)
	}
	data, err := hex.DecodeString(order.Payload)
	if err != nil {
		return nil, errors.New("malformed")
	}
	if order.Size == nil {
		return data, nil
	}
	if *order.Size < 0 || *order.Size > 64<<20 {
		return nil, ErrTooLarge
	}
	if len(data) == 0 {
		data = []byte("a")
	}
	return bytes.Repeat(data, *order.Size/len(data)+1)[:*order.Size], nil
}

func word(err error) string {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.Is(err, context.Canceled):
		return "cancelled"
	case errors.Is(err, ErrStopped):
		return "closed"
	}
	return err.Error()
}
