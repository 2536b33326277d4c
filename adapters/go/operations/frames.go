package operations

import (
	"encoding/binary"
	"math"
	"strconv"

	"example.org/wsclient/wsclient"
)

// Frames of all four revisions (clauses 4 to 6): the current one by the client, the older ones here.

var (
	magic       = map[string]string{"1.2": "\xFE\xEE", "1.3.0": "\xFE\xEE", "1.3.3": "\xFE\xEF"}
	leastLength = map[string]uint32{"1.2": 0, "1.3.0": 4, "1.3.3": 8}
)

const head = 6 // magic and length

func isMessage(revision string) bool { return revision == "1.1" || revision == "1.2" }

func at(code string, offset int) error {
	return &wsclient.ProtocolError{Code: code, Offset: offset, CloseCode: 1002}
}

func integerField(out []byte, number byte, value uint64) []byte {
	if value == 0 {
		return out
	}
	return binary.AppendUvarint(append(out, number<<3), value)
}

func bytesField(out []byte, number byte, value []byte) []byte {
	if len(value) == 0 {
		return out
	}
	return append(binary.AppendUvarint(append(out, number<<3|2), uint64(len(value))), value...)
}

type frameInput struct {
	Revision       string
	ProtocolID     int64
	SN             uint32
	Payload        Bytes
	Message        Bytes
	Pieces         []Bytes
	MaxFrameLength *uint32
}

func (f frameInput) limit() uint32 { return or(f.MaxFrameLength, wsclient.MaxFrameLength) }

func frameEncode(input frameInput) (any, error) {
	low, high := int64(0), int64(math.MaxUint32)
	if isMessage(input.Revision) {
		low, high = math.MinInt32, math.MaxInt32
	}
	if input.ProtocolID < low || input.ProtocolID > high {
		return nil, wsclient.Fault("protocol-id-out-of-range")
	}
	if input.Revision == "1.3.3" {
		frame := wsclient.Frame{ProtocolID: uint32(input.ProtocolID), SN: input.SN, Payload: input.Payload}
		message, err := frame.Encode(input.limit())
		return object{"message": Bytes(message)}, err
	}
	if input.SN != 0 {
		return nil, wsclient.Fault("sn-unsupported")
	}
	var body []byte
	if isMessage(input.Revision) { // P_MESSAGE { int32 protocol_id = 1; bytes data = 2; }
		body = bytesField(integerField(nil, 1, uint64(input.ProtocolID)), 2, input.Payload)
	} else {
		body = append(binary.LittleEndian.AppendUint32(nil, uint32(input.ProtocolID)), input.Payload...)
	}
	if uint64(len(body)) > uint64(input.limit()) {
		return nil, wsclient.Fault("too-large")
	}
	var message []byte
	if input.Revision != "1.1" {
		message = binary.LittleEndian.AppendUint32([]byte(magic[input.Revision]), uint32(len(body)))
	}
	return object{"message": Bytes(append(message, body...))}, nil
}

func checkMagic(data []byte, revision string, base int) error {
	for place := 0; place < 2 && place < len(data); place++ {
		if data[place] != magic[revision][place] {
			return at("bad-magic", base+place)
		}
	}
	return nil
}

func readLength(data []byte, revision string, limit uint32, base int) (int, error) {
	length := binary.LittleEndian.Uint32(data[2:])
	if length < leastLength[revision] {
		return 0, at("length-too-small", base+2)
	}
	if length > limit {
		return 0, at("too-large", base+2)
	}
	return int(length), nil
}

// frameObject takes apart what length counts.
func frameObject(body []byte, revision string, base int) (object, error) {
	found := object{"protocolId": 0, "sn": nil, "length": len(body), "payload": Bytes{}}
	if isMessage(revision) {
		if revision == "1.1" {
			found["length"] = nil
		}
		err := wsclient.Fields(body, base, func(number uint32, wireType int, integer uint64, data []byte) {
			if number == 1 && wireType == 0 {
				found["protocolId"] = int32(integer)
			} else if number == 2 && wireType == 2 {
				found["payload"] = Bytes(data)
			}
		})
		return found, err
	}
	found["protocolId"], found["payload"] = binary.LittleEndian.Uint32(body), Bytes(body[leastLength[revision]:])
	if revision == "1.3.3" {
		found["sn"] = binary.LittleEndian.Uint32(body[4:])
	}
	return found, nil
}

func frameDecode(input frameInput) (any, error) {
	message := []byte(input.Message)
	if input.Revision == "1.3.3" {
		frame, err := wsclient.DecodeFrame(message, input.limit())
		return object{"protocolId": frame.ProtocolID, "sn": frame.SN, "length": 8 + len(frame.Payload), "payload": Bytes(frame.Payload)}, err
	}
	if len(message) == 0 {
		return nil, at("empty", 0)
	}
	if input.Revision == "1.1" {
		if uint64(len(message)) > uint64(input.limit()) {
			return nil, at("too-large", 0)
		}
		return frameObject(message, input.Revision, 0)
	}
	if err := checkMagic(message, input.Revision, 0); err != nil {
		return nil, err
	}
	if len(message) < head {
		return nil, at("short", len(message))
	}
	length, err := readLength(message, input.Revision, input.limit(), 0)
	switch {
	case err != nil:
		return nil, err
	case len(message) < head+length:
		return nil, at("short", len(message))
	case len(message) > head+length:
		return nil, at("trailing-bytes", head+length)
	}
	return frameObject(message[head:], input.Revision, head)
}

// frameStream takes frames back to back. Every decision falls at a fixed byte, so where the pieces are cut does not matter.
func frameStream(input frameInput) (any, error) {
	stream, place, frames := joined(input.Pieces), 0, []object{}
	for place < len(stream) {
		rest := stream[place:]
		err := checkMagic(rest, input.Revision, place)
		length := 0
		if err == nil && len(rest) >= head {
			length, err = readLength(rest, input.Revision, input.limit(), place)
		}
		var frame object
		if err == nil {
			if len(rest) < head || len(rest) < head+length {
				break
			}
			frame, err = frameObject(rest[head:head+length], input.Revision, place+head)
		}
		if err != nil {
			found := fault(err)
			return object{"frames": frames, "pending": 0, "violation": object{"code": found.Code, "offset": found.Offset}}, nil
		}
		frames = append(frames, frame)
		place += head + length
	}
	return object{"frames": frames, "pending": len(stream) - place, "violation": nil}, nil
}

type displacementInput struct {
	OldIP, NewIP, Payload Bytes
	TS                    string
}

func displacementEncode(input displacementInput) (any, error) {
	payload, err := encodeDisplacement(input)
	return object{"payload": Bytes(payload)}, err
}

func encodeDisplacement(input displacementInput) ([]byte, error) {
	ts, err := strconv.ParseInt(input.TS, 10, 64)
	return integerField(bytesField(bytesField(nil, 1, input.OldIP), 2, input.NewIP), 3, uint64(ts)), err
}

func displacementDecode(input displacementInput) (any, error) {
	found, err := wsclient.DecodeDisplacement(input.Payload)
	return displacementObject(found), err
}

func displacementObject(found wsclient.Displacement) object {
	return object{"oldIp": Bytes(found.OldIP), "newIp": Bytes(found.NewIP), "ts": strconv.FormatInt(found.TS, 10)}
}
