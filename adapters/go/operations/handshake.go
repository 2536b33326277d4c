package operations

import (
	"encoding/base64"
	"regexp"
	"strings"
	"unicode/utf8"

	"example.org/wsclient/wsclient"
)

func handshakeParse(input struct {
	Side, Key         string
	Pieces            []Bytes
	OfferedExtensions string
	OfferedProtocols  []string
}) (any, error) {
	data := joined(input.Pieces)
	if input.Side == "server" {
		request, _, err := parseRequest(data)
		return request.object(), err
	}
	answer, err := wsclient.ReadAnswer(data, input.Key, input.OfferedExtensions, input.OfferedProtocols)
	return object{"status": 101, "extensions": field(answer.Header, "sec-websocket-extensions"), "protocol": textOrNull(answer.Protocol),
		"consumed": answer.Consumed}, err
}

// field is a header field in one text, or nil.
func field(header wsclient.Header, name string) any {
	if value, ok := header.Joined(name); ok {
		return readable(value)
	}
	return nil
}

// readable replaces what is no UTF-8.
func readable(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	return string([]rune(text))
}

type upgradeRequest struct {
	path, query, host, key string
	header                 wsclient.Header
	consumed               int
}

func (r upgradeRequest) object() object {
	protocols := r.header.Elements("sec-websocket-protocol")
	if protocols == nil {
		protocols = []string{}
	}
	return object{"path": readable(r.path), "query": Bytes(r.query), "host": readable(r.host), "origin": field(r.header, "origin"),
		"key": r.key, "extensions": field(r.header, "sec-websocket-extensions"), "protocols": protocols, "consumed": r.consumed}
}

var absoluteForm = regexp.MustCompile(`^(?i:https?|wss?)://([^/?]*)`)

func isVisible(text string) bool {
	for at := 0; at < len(text); at++ {
		if text[at] <= 0x20 || text[at] == 0x7F {
			return false
		}
	}
	return text != ""
}

func parseRequest(data []byte) (r upgradeRequest, lines []wsclient.HeadLine, err error) {
	lines, r.consumed, err = wsclient.SplitHead(data)
	if err != nil {
		return r, lines, err
	}
	words := strings.Split(lines[0].Text, " ")
	if len(words) != 3 || !wsclient.IsToken(words[0]) || !isVisible(words[1]) || !isVisible(words[2]) || !strings.HasPrefix(words[2], "HTTP/") {
		return r, lines, wsclient.Fault("bad-request-line")
	}
	target, host := words[1], ""
	if absolute := absoluteForm.FindStringSubmatch(target); absolute != nil {
		host, target = absolute[1], target[len(absolute[0]):]
		if host == "" || host[0] == ':' || strings.Contains(host, "@") {
			return r, lines, wsclient.Fault("bad-request-line")
		}
		if target == "" || target[0] == '?' {
			target = "/" + target
		}
	}
	r.path, r.query, _ = strings.Cut(target, "?")
	if !wsclient.IsHTTP11(words[2]) {
		return r, lines, wsclient.Fault("bad-http-version")
	}
	if r.header, err = wsclient.ParseHeader(lines[1:]); err != nil {
		return r, lines, err
	}
	if r.host, _ = r.header.Joined("host"); host != "" {
		r.host = host
	}
	versions, keys := r.header["sec-websocket-version"], r.header["sec-websocket-key"]
	code := ""
	switch {
	case words[0] != "GET":
		code = "not-get"
	case r.header["host"] == nil:
		code = "missing-host"
	case !r.header.HasToken("upgrade", "websocket"):
		code = "missing-upgrade"
	case !r.header.HasToken("connection", "upgrade"):
		code = "missing-connection"
	case versions == nil:
		code = "missing-version"
	case len(versions) > 1 || versions[0] != "13":
		code = "unsupported-version"
	case keys == nil:
		code = "missing-key"
	case len(keys) > 1 || !isKey(keys[0]):
		code = "bad-key"
	}
	if code != "" {
		return r, lines, wsclient.Fault(code)
	}
	r.key = keys[0]
	return r, lines, refuseContent(lines[1:], r.header)
}

func isKey(key string) bool {
	raw, err := base64.StdEncoding.Strict().DecodeString(key)
	return err == nil && len(raw) == 16 && !strings.ContainsAny(key, "\r\n")
}

var digitsOnly = regexp.MustCompile(`^[0-9]+$`)

// refuseContent: an upgrade request has no content. What a server does not read as content it would read as frames.
func refuseContent(lines []wsclient.HeadLine, header wsclient.Header) error {
	refuse := func(code, name string) error {
		offset := 0
		for _, line := range lines {
			if found, _, _ := strings.Cut(line.Text, ":"); wsclient.AsciiLower(found) == name {
				offset = line.Offset
			}
		}
		return at(code, offset)
	}
	if header["transfer-encoding"] != nil {
		codings, chunked := header.Elements("transfer-encoding"), 0
		for place := range codings {
			if codings[place] = wsclient.AsciiLower(codings[place]); codings[place] == "chunked" {
				chunked++
			}
		}
		if chunked == 1 && codings[len(codings)-1] == "chunked" {
			return refuse("has-content", "transfer-encoding")
		}
		return refuse("bad-framing", "transfer-encoding")
	}
	lengths := map[string]bool{}
	for _, value := range header["content-length"] {
		for _, length := range strings.Split(value, ",") {
			length = strings.Trim(length, " \t")
			if lengths[length] = true; !digitsOnly.MatchString(length) {
				return refuse("bad-framing", "content-length")
			}
		}
	}
	if len(lengths) > 1 {
		return refuse("bad-framing", "content-length")
	}
	for length := range lengths {
		if strings.Trim(length, "0") != "" {
			return refuse("has-content", "content-length")
		}
	}
	return nil
}

type respondConfig struct {
	Path        *string
	Origins     *[]string
	Compression bool
	limits
}

func handshakeRespond(input struct {
	Request Bytes
	Config  respondConfig
}) (any, error) {
	request, _, err := parseRequest(input.Request)
	var headers object
	if err == nil {
		headers, err = accept(request, input.Config)
	}
	if refusal := fault(err); refusal != nil {
		status, headers := refusalOf(refusal.Code)
		return object{"status": status, "headers": headers, "reject": refusal.Code}, nil
	}
	answer := object{"status": 101, "headers": headers, "reject": nil}
	if request.header.HasToken("expect", "100-continue") {
		answer["interim"] = []int{100}
	}
	return answer, err
}

func refusalOf(code string) (status int, headers object) {
	switch code {
	case "not-get":
		return 405, object{"allow": "GET"}
	case "bad-http-version":
		return 505, object{}
	case "headers-too-large":
		return 431, object{}
	case "unsupported-version", "missing-version":
		return 426, object{"sec-websocket-version": "13", "upgrade": "websocket"}
	case "version-too-low":
		return 426, object{"upgrade": "websocket"}
	case "unknown-path":
		return 404, object{}
	case "forbidden-origin":
		return 403, object{}
	case "charset-unsupported", "no-protocol":
		return 406, object{}
	}
	return 400, object{}
}

// accept returns the header fields of the 101.
func accept(request upgradeRequest, config respondConfig) (object, error) {
	if config.Path != nil && *config.Path != request.path {
		return nil, wsclient.Fault("unknown-path")
	}
	if origin, there := request.header.Joined("origin"); there && config.Origins != nil {
		allowed := false
		for _, one := range *config.Origins {
			allowed = allowed || one == origin
		}
		if !allowed {
			return nil, wsclient.Fault("forbidden-origin")
		}
	}
	headers := object{"upgrade": "websocket", "connection": "Upgrade", "sec-websocket-accept": wsclient.AcceptValue(request.key)}
	if offers, there := request.header.Joined("sec-websocket-extensions"); there {
		response, err := wsclient.AnswerOffers(offers, wsclient.Deflate{})
		if err != nil {
			return nil, err
		}
		if response != "" && config.Compression {
			headers["sec-websocket-extensions"] = response
		}
	}
	var protocols *string
	if offered := request.header.Elements("sec-websocket-protocol"); offered != nil {
		text := strings.Join(offered, ", ")
		protocols = &text
	}
	selected, err := choose([]byte(request.query), protocols, config.limits)
	if err != nil {
		return nil, err
	}
	if selected.protocol != nil {
		headers["sec-websocket-protocol"] = selected.protocol
	}
	if config.Versions != nil || config.Charsets != nil {
		headers["x-ws-version"], headers["x-ws-charset"] = decimal(selected.version), decimal(selected.charset)
	}
	return headers, nil
}
