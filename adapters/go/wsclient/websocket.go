package wsclient

import (
	"encoding/binary"
	"unicode/utf8"
)

// Opcodes of RFC 6455 section 11.8.
const (
	OpContinuation = 0
	OpText         = 1
	OpBinary       = 2
	OpClose        = 8
	OpPing         = 9
	OpPong         = 10
)

// An Event is a message or a control frame that has arrived whole.
type Event struct {
	Opcode     int
	Payload    []byte
	Compressed bool
	Fragments  int
}

// CloseCode is that of a close frame; 0 when it has none.
func (e Event) CloseCode() uint16 {
	if len(e.Payload) < 2 {
		return 0
	}
	return binary.BigEndian.Uint16(e.Payload)
}

// CloseCodeMayBeSent follows RFC 6455 section 7.4 and the codes registered since.
func CloseCodeMayBeSent(code uint16) bool {
	return code >= 1000 && code <= 1003 || code >= 1007 && code <= 1014 || code >= 3000 && code <= 4999
}

// AppendFrame appends one WebSocket frame. first is its first byte, key masks it (nil: a server's, unmasked).
func AppendFrame(out []byte, first byte, payload, key []byte) []byte {
	mask := byte(0)
	if key != nil {
		mask = 0x80
	}
	out = append(out, first)
	switch {
	case len(payload) <= 125:
		out = append(out, mask|byte(len(payload)))
	case len(payload) <= 0xFFFF:
		out = binary.BigEndian.AppendUint16(append(out, mask|126), uint16(len(payload)))
	default:
		out = binary.BigEndian.AppendUint64(append(out, mask|127), uint64(len(payload)))
	}
	out = append(out, key...)
	start := len(out)
	out = append(out, payload...)
	if key != nil {
		applyMask(out[start:], key)
	}
	return out
}

func applyMask(data, key []byte) {
	for at := range data {
		data[at] ^= key[at&3]
	}
}

// A Decoder takes the bytes of a peer as they come and puts messages together.
type Decoder struct {
	// PeerMasks is true at a server, Deflate where permessage-deflate was negotiated, Limit the size of a message.
	PeerMasks, Deflate bool
	Limit              uint64

	buffer   []byte
	passed   int // bytes that came before the buffer
	message  *message
	examined int // payload bytes of the frame in the buffer that were looked at for UTF-8
	closed   bool
}

type message struct {
	opcode     int
	compressed bool
	payload    []byte
	fragments  int
	utf8       *utf8Watch
}

// Closed says whether there was a close frame. Nothing after it is decoded.
func (d *Decoder) Closed() bool { return d.closed }

// Feed returns what the bytes complete. With an error, that of the first violation, come the events before it.
func (d *Decoder) Feed(data []byte) (events []Event, err error) {
	d.buffer = append(d.buffer, data...)
	for !d.closed {
		event, ok, err := d.frame()
		if err != nil || !ok {
			return events, err
		}
		if event != nil {
			events = append(events, *event)
		}
	}
	return events, nil
}

// frame takes one frame; ok is false when its end has not arrived, event nil when it completes nothing.
func (d *Decoder) frame() (event *Event, ok bool, err error) {
	b, start := d.buffer, d.passed
	if len(b) == 0 {
		return nil, false, nil
	}
	fin, rsv, opcode := b[0] >= 0x80, b[0]>>4&7, int(b[0]&15)
	if code := d.firstByteFault(fin, rsv, opcode); code != "" {
		return nil, false, faultAt(code, start)
	}
	if len(b) < 2 {
		return nil, false, nil
	}
	masked, length, head := b[1] >= 0x80, uint64(b[1]&127), 2
	switch {
	case masked && !d.PeerMasks:
		return nil, false, faultAt("masked-server", start+1)
	case !masked && d.PeerMasks:
		return nil, false, faultAt("unmasked-client", start+1)
	case opcode >= OpClose && length > 125:
		return nil, false, faultAt("control-too-long", start+1)
	}
	if length > 125 {
		size, least := 2, uint64(126)
		if length == 127 {
			size, least = 8, 0x10000
		}
		if len(b) < head+size {
			return nil, false, nil
		}
		length = 0
		for _, digit := range b[head : head+size] {
			length = length<<8 | uint64(digit)
		}
		if length < least {
			return nil, false, faultAt("nonminimal-length", start+1)
		}
		if length>>63 != 0 {
			return nil, false, faultAt("bad-length", start+head)
		}
		head += size
	}
	if opcode < OpClose && d.size()+length > d.Limit {
		return nil, false, &ProtocolError{"message-too-large", start, 1009}
	}
	var key []byte
	if masked {
		if len(b) < head+4 {
			return nil, false, nil
		}
		key = b[head : head+4]
		head += 4
	}
	body := b[head:]
	whole := uint64(len(body)) >= length
	if whole {
		body = body[:length]
	}
	if opcode < OpClose {
		if err := d.examine(opcode, rsv, fin && whole, body, key, start+head); err != nil {
			return nil, false, err
		}
	}
	if !whole {
		return nil, false, nil
	}
	payload := append([]byte{}, body...)
	if masked {
		applyMask(payload, key)
	}
	d.buffer = append(d.buffer[:0], b[head+int(length):]...)
	d.passed += head + int(length)
	d.examined = 0
	if opcode >= OpClose {
		event, err = d.control(opcode, payload, start+head)
		return event, err == nil, err
	}
	return d.fragment(fin, payload), true, nil
}

func (d *Decoder) size() uint64 {
	if d.message == nil {
		return 0
	}
	return uint64(len(d.message.payload))
}

func (d *Decoder) firstByteFault(fin bool, rsv byte, opcode int) string {
	control := opcode >= OpClose
	began := d.message != nil && d.message.fragments > 0
	switch {
	case rsv&3 != 0 || rsv != 0 && !d.Deflate:
		return "reserved-bits"
	case opcode > OpBinary && opcode < OpClose || opcode > OpPong:
		return "reserved-opcode"
	case rsv != 0 && control:
		return "control-compressed"
	case control && !fin:
		return "control-fragmented"
	case opcode == OpContinuation && !began:
		return "stray-continuation"
	case (opcode == OpText || opcode == OpBinary) && began:
		return "interleaved-message"
	case opcode == OpContinuation && rsv != 0:
		return "continuation-compressed"
	}
	return ""
}

// examine refuses a text at the first byte that cannot go on, also before its frame is whole.
func (d *Decoder) examine(opcode int, rsv byte, final bool, body, key []byte, at int) error {
	if d.message == nil {
		d.message = &message{opcode: opcode, compressed: rsv != 0}
		if opcode == OpText && rsv == 0 {
			d.message.utf8 = &utf8Watch{}
		}
	}
	watch := d.message.utf8
	if watch == nil {
		return nil
	}
	for ; d.examined < len(body); d.examined++ {
		b := body[d.examined]
		if key != nil {
			b ^= key[d.examined&3]
		}
		if !watch.accepts(b) {
			return &ProtocolError{"text-utf8", at + d.examined, 1007}
		}
	}
	if final && watch.missing > 0 {
		return &ProtocolError{"text-utf8", at + len(body), 1007}
	}
	return nil
}

func (d *Decoder) control(opcode int, payload []byte, at int) (*Event, error) {
	event := &Event{Opcode: opcode, Payload: payload, Fragments: 1}
	if opcode != OpClose {
		return event, nil
	}
	switch {
	case len(payload) == 1:
		return nil, faultAt("close-length-one", at)
	case len(payload) > 1 && !CloseCodeMayBeSent(event.CloseCode()):
		return nil, faultAt("close-code", at)
	case len(payload) > 2 && !utf8.Valid(payload[2:]):
		return nil, &ProtocolError{"close-utf8", at, 1007}
	}
	d.closed = true
	return event, nil
}

func (d *Decoder) fragment(fin bool, payload []byte) *Event {
	m := d.message
	if m.payload == nil {
		m.payload = payload
	} else {
		m.payload = append(m.payload, payload...)
	}
	m.fragments++
	if !fin {
		return nil
	}
	d.message = nil
	return &Event{m.opcode, m.payload, m.compressed, m.fragments}
}

// utf8Watch follows a text from byte to byte (RFC 3629 section 4).
type utf8Watch struct {
	missing   int
	low, high byte
}

func (w *utf8Watch) accepts(b byte) bool {
	if w.missing > 0 {
		fits := b >= w.low && b <= w.high
		w.missing, w.low, w.high = w.missing-1, 0x80, 0xBF
		return fits
	}
	w.low, w.high = 0x80, 0xBF
	switch {
	case b < 0x80:
	case b >= 0xC2 && b <= 0xDF:
		w.missing = 1
	case b >= 0xE0 && b <= 0xEF:
		w.missing = 2
		if b == 0xE0 {
			w.low = 0xA0
		} else if b == 0xED {
			w.high = 0x9F
		}
	case b >= 0xF0 && b <= 0xF4:
		w.missing = 3
		if b == 0xF0 {
			w.low = 0x90
		} else if b == 0xF4 {
			w.high = 0x8F
		}
	default:
		return false
	}
	return true
}
