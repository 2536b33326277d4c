package operations

import (
	"unicode/utf8"

	"example.org/wsclient/wsclient"
)

const maxMessageLength = wsclient.MaxFrameLength + 6

var opcodeNames = map[int]string{wsclient.OpText: "text", wsclient.OpBinary: "binary", wsclient.OpPing: "ping", wsclient.OpPong: "pong"}

func wsEncode(input struct {
	Role       string
	Fin        bool
	RSV        byte
	Opcode     int
	Deflate    bool
	MaskingKey *Bytes
	Payload    Bytes
}) (any, error) {
	control, payload, opcode := input.Opcode >= wsclient.OpClose, input.Payload, input.Opcode
	code := ""
	compressible := input.Deflate && (opcode == wsclient.OpText || opcode == wsclient.OpBinary)
	switch {
	case opcode > wsclient.OpBinary && opcode < wsclient.OpClose || opcode > wsclient.OpPong:
		code = "reserved-opcode"
	case input.RSV&3 != 0 || input.RSV&4 != 0 && !compressible:
		code = "reserved-bits"
	case control && !input.Fin:
		code = "control-fragmented"
	case control && len(payload) > 125:
		code = "control-too-long"
	case opcode == wsclient.OpClose && len(payload) == 1:
		code = "close-length-one"
	case opcode == wsclient.OpClose && len(payload) > 1 && !wsclient.CloseCodeMayBeSent(wsclient.Event{Payload: payload}.CloseCode()):
		code = "close-code"
	case opcode == wsclient.OpClose && len(payload) > 2 && !utf8.Valid(payload[2:]):
		code = "close-utf8"
	case (input.MaskingKey != nil) != (input.Role == "client") || input.MaskingKey != nil && len(*input.MaskingKey) != 4:
		code = "masking-key"
	}
	if code != "" {
		return nil, wsclient.Fault(code)
	}
	first := input.RSV<<4 | byte(opcode)
	if input.Fin {
		first |= 0x80
	}
	var key []byte
	if input.MaskingKey != nil {
		key = *input.MaskingKey
	}
	return object{"bytes": Bytes(wsclient.AppendFrame(nil, first, payload, key))}, nil
}

func wsDecode(input struct {
	Role             string
	Pieces           []Bytes
	Deflate          bool
	MaxMessageLength *uint64
}) (any, error) {
	decoder := wsclient.Decoder{PeerMasks: input.Role == "server", Deflate: input.Deflate, Limit: or(input.MaxMessageLength, maxMessageLength)}
	events := []object{}
	for _, piece := range input.Pieces {
		found, err := decoder.Feed(piece)
		for _, event := range found {
			events = append(events, eventObject(event))
		}
		if err != nil {
			violation := fault(err)
			return object{"events": events, "violation": object{
				"code": violation.Code, "offset": violation.Offset, "closeCode": violation.CloseCode}}, nil
		}
	}
	return object{"events": events, "violation": nil}, nil
}

func eventObject(event wsclient.Event) object {
	switch event.Opcode {
	case wsclient.OpClose:
		if len(event.Payload) == 0 {
			return object{"type": "close", "code": nil, "reason": ""}
		}
		return object{"type": "close", "code": event.CloseCode(), "reason": string(event.Payload[2:])}
	case wsclient.OpPing, wsclient.OpPong:
		return object{"type": opcodeNames[event.Opcode], "payload": Bytes(event.Payload)}
	}
	return object{"type": "message", "opcode": opcodeNames[event.Opcode], "payload": Bytes(event.Payload),
		"compressed": event.Compressed, "fragments": event.Fragments}
}
