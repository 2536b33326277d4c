package wsclient

import "encoding/binary"

const (
	// MaxFrameLength limits the field length: payload and 8 bytes (4.4).
	MaxFrameLength = 524288
	// DisplacementID tells a client that another connection has taken its place (14.2).
	DisplacementID = 0x7FFFFFFF

	headerLength  = 14 // magic 2, length 4, protocolId 4, sn 4
	beforeCounted = 6  // what length does not count
	countedFields = 8  // and what it counts with the payload
)

// A Frame of revision 1.3.3. SN is 0 in a one-way message.
type Frame struct {
	ProtocolID uint32
	SN         uint32
	Payload    []byte
}

// Encode returns the WebSocket message that carries the frame.
func (f Frame) Encode(maxFrameLength uint32) ([]byte, error) {
	length := countedFields + len(f.Payload)
	if uint64(length) > uint64(maxFrameLength) {
		return nil, Fault("too-large")
	}
	message := make([]byte, headerLength, headerLength+len(f.Payload))
	message[0], message[1] = 0xFE, 0xEF
	binary.LittleEndian.PutUint32(message[2:], uint32(length))
	binary.LittleEndian.PutUint32(message[6:], f.ProtocolID)
	binary.LittleEndian.PutUint32(message[10:], f.SN)
	return append(message, f.Payload...), nil
}

// DecodeFrame takes one whole WebSocket message apart. The payload is a part of the message, not a copy.
func DecodeFrame(message []byte, maxFrameLength uint32) (Frame, error) {
	switch {
	case len(message) == 0:
		return Frame{}, faultAt("empty", 0)
	case message[0] != 0xFE:
		return Frame{}, faultAt("bad-magic", 0)
	case len(message) > 1 && message[1] != 0xEF:
		return Frame{}, faultAt("bad-magic", 1)
	case len(message) < beforeCounted:
		return Frame{}, faultAt("short", len(message))
	}
	length := binary.LittleEndian.Uint32(message[2:])
	end := beforeCounted + uint64(length)
	switch {
	case length < countedFields:
		return Frame{}, faultAt("length-too-small", 2)
	case length > maxFrameLength:
		return Frame{}, &ProtocolError{"too-large", 2, 1009}
	case uint64(len(message)) < end:
		return Frame{}, faultAt("short", len(message))
	case uint64(len(message)) > end:
		return Frame{}, faultAt("trailing-bytes", int(end))
	}
	return Frame{binary.LittleEndian.Uint32(message[6:]), binary.LittleEndian.Uint32(message[10:]), message[headerLength:]}, nil
}
