// Package operations is what wireproof verify asks for (docs/operations.md), by the client's own code where it has it.
package operations

import (
	"encoding/hex"
	"encoding/json"
	"errors"

	"example.org/wsclient/wsclient"
)

// An Operation takes its input as JSON and returns an output, or an error: *wsclient.ProtocolError, *Refused, Unsupported.
type Operation func(input json.RawMessage) (any, error)

// Unsupported is why an operation cannot be done.
type Unsupported string

func (u Unsupported) Error() string { return string(u) }

// Refused is an error with the index of the message at fault.
type Refused struct {
	Code  string
	Index int
}

func (r *Refused) Error() string { return r.Code }

// All operations by name.
var All = map[string]Operation{
	"frame.encode": of(frameEncode), "frame.decode": of(frameDecode), "frame.stream": of(frameStream),
	"displacement.encode": of(displacementEncode), "displacement.decode": of(displacementDecode),
	"ws.encode": of(wsEncode), "ws.decode": of(wsDecode),
	"deflate.negotiate": of(deflateNegotiate), "deflate.compress": of(deflateCompress), "deflate.decompress": of(deflateDecompress),
	"handshake.parse": of(handshakeParse), "handshake.respond": of(handshakeRespond),
	"metadata.parse": of(metadataParse), "identity.format": of(identityFormat), "negotiate.select": of(negotiateSelect),
	"charset.decode": of(charsetDecode), "charset.encode": of(charsetEncode),
	"rpc.timeline": of(rpcTimeline),
}

func of[Input any](run func(Input) (any, error)) Operation {
	return func(data json.RawMessage) (any, error) {
		var input Input
		if err := json.Unmarshal(data, &input); err != nil {
			return nil, err
		}
		return run(input)
	}
}

// object is an output.
type object map[string]any

// Bytes are hexadecimal digits in JSON.
type Bytes []byte

// MarshalJSON writes lowercase digits.
func (b Bytes) MarshalJSON() ([]byte, error) { return json.Marshal(hex.EncodeToString(b)) }

// UnmarshalJSON reads digits.
func (b *Bytes) UnmarshalJSON(data []byte) (err error) {
	var digits string
	if err = json.Unmarshal(data, &digits); err == nil {
		*b, err = hex.DecodeString(digits)
	}
	return err
}

func joined(pieces []Bytes) (all []byte) {
	for _, piece := range pieces {
		all = append(all, piece...)
	}
	return all
}

// or is a value, or what holds when it is absent.
func or[T any](value *T, otherwise T) T {
	if value == nil {
		return otherwise
	}
	return *value
}

func fault(err error) *wsclient.ProtocolError {
	var found *wsclient.ProtocolError
	errors.As(err, &found)
	return found
}

func charsetDecode(input struct {
	Charset int
	Bytes   Bytes
}) (any, error) {
	text, err := wsclient.DecodeText(input.Bytes, input.Charset)
	return object{"text": text}, err
}

func charsetEncode(input struct {
	Charset int
	Text    json.RawMessage
}) (any, error) {
	text, err := jsonText(input.Text)
	if err != nil {
		return nil, err
	}
	bytes, err := wsclient.EncodeText(text, input.Charset)
	return object{"bytes": Bytes(bytes)}, err
}
