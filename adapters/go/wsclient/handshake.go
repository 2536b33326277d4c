package wsclient

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"net/url"
	"regexp"
	"sort"
	"strings"
)

// HeadLimit bounds a head, from its first byte up to and with the empty line (7.2).
const HeadLimit = 16384

const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

// AcceptValue is what Sec-WebSocket-Accept answers to a key.
func AcceptValue(key string) string {
	sum := sha1.Sum([]byte(key + guid))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// A HeadLine is a line of a head and where it begins.
type HeadLine struct {
	Offset int
	Text   string
}

// SplitHead returns the lines of a head, the first of them without a name, and its size with the empty line.
func SplitHead(data []byte) (lines []HeadLine, size int, err error) {
	end := bytes.Index(data, []byte("\r\n\r\n"))
	if end < 0 && len(data) > HeadLimit || end >= 0 && end+4 > HeadLimit {
		return nil, 0, Fault("headers-too-large")
	}
	if end < 0 {
		return nil, 0, Fault("incomplete")
	}
	at := 0
	for _, line := range strings.Split(string(data[:end]), "\r\n") {
		lines = append(lines, HeadLine{at, line})
		at += len(line) + 2
	}
	return lines, end + 4, nil
}

// Header holds fields by their names in lower case.
type Header map[string][]string

// ParseHeader reads the fields of a head.
func ParseHeader(lines []HeadLine) (Header, error) {
	found := Header{}
	for _, line := range lines {
		name, value, ok := strings.Cut(line.Text, ":")
		if !ok || !IsToken(name) || hasControl(value) {
			return nil, faultAt("bad-header", line.Offset)
		}
		name = strings.ToLower(name)
		found[name] = append(found[name], strings.Trim(value, " \t"))
	}
	return found, nil
}

func hasControl(text string) bool {
	for at := 0; at < len(text); at++ {
		if b := text[at]; b < 0x20 && b != '\t' || b == 0x7F {
			return true
		}
	}
	return false
}

// Joined is a field in one text, over all fields of that name.
func (h Header) Joined(name string) (string, bool) {
	values, ok := h[name]
	return strings.Join(values, ", "), ok
}

// Elements are those of a field that is a list, over all fields of that name.
func (h Header) Elements(name string) (elements []string) {
	for _, value := range h[name] {
		for _, part := range strings.Split(value, ",") {
			if part = strings.Trim(part, " \t"); part != "" {
				elements = append(elements, part)
			}
		}
	}
	return elements
}

// HasToken compares without regard to the case of ASCII letters only: strings.EqualFold takes the Kelvin sign for a k.
func (h Header) HasToken(name, token string) bool {
	for _, element := range h.Elements(name) {
		if AsciiLower(element) == token {
			return true
		}
	}
	return false
}

// AsciiLower leaves everything but A to Z as it is.
func AsciiLower(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, text)
}

// An Answer is what a server agreed to.
type Answer struct {
	Header   Header
	Protocol string   // "" for none
	Deflate  *Deflate // nil for none
	Consumed int      // bytes of the head; frames may follow it in the same segment
}

var (
	http11 = regexp.MustCompile(`^HTTP/1\.[1-9]$`)
	status = regexp.MustCompile(`^[0-9]{3}$`)
)

// IsHTTP11 is true for HTTP/1.1 and later versions 1.x.
func IsHTTP11(version string) bool { return http11.MatchString(version) }

// ReadAnswer reads a server's answer and holds it against what was asked; answers of the class 1xx before it are read over.
func ReadAnswer(data []byte, key, extensions string, protocols []string) (Answer, error) {
	for before := 0; ; {
		lines, size, err := SplitHead(data[before:])
		if err != nil {
			return Answer{}, err
		}
		words := append(strings.Split(lines[0].Text, " "), "")
		if !IsHTTP11(words[0]) || !status.MatchString(words[1]) || hasControl(lines[0].Text) {
			return Answer{}, Fault("bad-status-line")
		}
		header, err := ParseHeader(lines[1:])
		if fault, ok := err.(*ProtocolError); ok {
			fault.Offset += before
			return Answer{}, fault
		}
		before += size
		if words[1] == "101" || words[1][0] != '1' {
			answer := Answer{Header: header, Consumed: before}
			return answer, answer.judge(words[1], key, extensions, protocols)
		}
	}
}

func (a *Answer) judge(status, key, extensions string, protocols []string) error {
	accepts, chosen := a.Header["sec-websocket-accept"], a.Header["sec-websocket-protocol"]
	switch {
	case status != "101":
		return Fault("refused")
	case !a.Header.HasToken("upgrade", "websocket"):
		return Fault("missing-upgrade")
	case !a.Header.HasToken("connection", "upgrade"):
		return Fault("missing-connection")
	case len(accepts) == 0:
		return Fault("missing-accept")
	case len(accepts) > 1 || accepts[0] != AcceptValue(key):
		return Fault("wrong-accept")
	}
	if response, ok := a.Header.Joined("sec-websocket-extensions"); ok {
		deflate, err := CheckAnswer(extensions, response)
		if fault, ok := err.(*ProtocolError); ok {
			if fault.Code != "unoffered-extension" {
				fault = Fault("bad-extension")
			}
			return fault
		}
		a.Deflate = deflate
	}
	if len(chosen) == 0 {
		return nil
	}
	for _, protocol := range protocols {
		if len(chosen) == 1 && chosen[0] == protocol {
			a.Protocol = protocol
			return nil
		}
	}
	return Fault("unoffered-protocol")
}

// request writes the upgrade request.
func request(target *url.URL, key, extensions string, protocols []string, header map[string]string) []byte {
	var out strings.Builder
	out.WriteString("GET " + target.RequestURI() + " HTTP/1.1\r\nHost: " + target.Host + "\r\n")
	out.WriteString("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key + "\r\n")
	if len(protocols) > 0 {
		out.WriteString("Sec-WebSocket-Protocol: " + strings.Join(protocols, ", ") + "\r\n")
	}
	if extensions != "" {
		out.WriteString("Sec-WebSocket-Extensions: " + extensions + "\r\n")
	}
	names := make([]string, 0, len(header))
	for name := range header {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		out.WriteString(name + ": " + header[name] + "\r\n")
	}
	return []byte(out.String() + "\r\n")
}
