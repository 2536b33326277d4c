// The adapter of the Go client: one JSON object a line on standard input, one on standard output.
//
//	wireproof verify --iut .build/adapters/go-adapter
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"example.org/wsclient/operations"
	"example.org/wsclient/wsclient"
)

var capabilities = []string{
	"charset-text", "close-wait", "deadlines", "frame-stream", "header-limit", "integer-clamp", "legacy-limit", "negotiation",
	"negotiation-subprotocol", "origin-list", "protobuf-depth", "send-limit", "sn-wrap",
}

type request struct {
	Cmd       string          `json:"cmd"`
	Seq       int64           `json:"seq"`
	Operation string          `json:"operation"`
	Input     json.RawMessage `json:"input"`
}

func main() {
	input, output := bufio.NewReaderSize(os.Stdin, 1<<16), json.NewEncoder(os.Stdout)
	output.SetEscapeHTML(false)
	for {
		line, err := input.ReadBytes('\n') // a Scanner would stop at a long line
		if len(line) > 0 {
			var asked request
			if err := json.Unmarshal(line, &asked); err != nil {
				fmt.Fprintln(os.Stderr, "this line is no request:", err)
			} else if asked.Cmd == "stop" {
				return
			} else if err := output.Encode(answer(asked)); err != nil {
				return
			}
		}
		if err == io.EOF {
			return
		}
	}
}

func answer(asked request) map[string]any {
	body := map[string]any{"seq": asked.Seq}
	if asked.Cmd == "hello" {
		body["name"], body["language"], body["version"], body["capabilities"] = "wireproof's Go client", "Go", "1", capabilities
		return body
	}
	operation, ok := operations.All[asked.Operation]
	if !ok {
		body["unsupported"] = "no operation " + asked.Operation
		return body
	}
	output, err := operation(asked.Input)
	var fault *wsclient.ProtocolError
	var refused *operations.Refused
	var unsupported operations.Unsupported
	switch {
	case err == nil:
		body["output"] = output
	case errors.As(err, &fault):
		if body["error"] = fault.Code; fault.Offset >= 0 {
			body["offset"] = fault.Offset
		}
	case errors.As(err, &refused):
		body["error"], body["index"] = refused.Code, refused.Index
	case errors.As(err, &unsupported):
		body["unsupported"] = unsupported.Error()
	default: // a fault of this program or of the input: the runner shows it, and goes on
		fmt.Fprintln(os.Stderr, err)
		body["error"] = "internal"
	}
	return body
}
