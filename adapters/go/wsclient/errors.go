// Package wsclient speaks the binary protocol of goutils/ws over WebSocket: a codec and a client, on the standard library
// alone. The numbers in comments are clauses of docs/specification.md.
package wsclient

import (
	"errors"
	"fmt"
)

// ErrClosed is why a call failed whose connection ended while it waited, ErrStopped why one failed that found none. A call
// whose context ends fails with the error of the context.
var (
	ErrClosed  = errors.New("the connection ended")
	ErrStopped = errors.New("there is no connection")
)

// A ProtocolError says what about some bytes breaks the protocol. Code names the fault as docs/operations.md does, Offset its
// place or -1, CloseCode what to fail the connection with (RFC 6455 section 7.4.1).
type ProtocolError struct {
	Code      string
	Offset    int
	CloseCode uint16
}

func (e *ProtocolError) Error() string {
	if e.Offset < 0 {
		return e.Code
	}
	return fmt.Sprintf("%s at offset %d", e.Code, e.Offset)
}

// Fault is a violation without a place.
func Fault(code string) *ProtocolError { return &ProtocolError{code, -1, 1002} }

func faultAt(code string, offset int) *ProtocolError { return &ProtocolError{code, offset, 1002} }
