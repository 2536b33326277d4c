package wsclient

import (
	"regexp"
	"strconv"
	"strings"
)

// An Extension is one element of Sec-WebSocket-Extensions.
type Extension struct {
	Name       string
	Parameters []Parameter
}

// A Parameter of an extension; HasValue tells "name" from "name=value".
type Parameter struct {
	Name, Value string
	HasValue    bool
}

// ParseExtensions reads a header field by the grammar of RFC 6455 section 9.1.
func ParseExtensions(header string) ([]Extension, error) {
	p := &extensionParser{text: header}
	var found []Extension
	for p.err == nil {
		for p.takes(',') {
		}
		if p.next() == 0 && len(found) > 0 && p.at == len(p.text) {
			return found, nil
		}
		extension := Extension{Name: p.token()}
		for p.err == nil && p.takes(';') {
			parameter := Parameter{Name: p.token()}
			if p.err == nil && p.takes('=') {
				parameter.Value, parameter.HasValue = p.value(), true
			}
			extension.Parameters = append(extension.Parameters, parameter)
		}
		found = append(found, extension)
		if p.next(); p.err == nil && p.at < len(p.text) && !p.takes(',') {
			p.refuse()
		}
	}
	return nil, p.err
}

type extensionParser struct {
	text string
	at   int
	err  error
}

func (p *extensionParser) refuse() {
	if p.err == nil {
		p.err = faultAt("bad-grammar", p.at)
	}
}

// next is the next byte that is no space; 0 at the end.
func (p *extensionParser) next() byte {
	for p.at < len(p.text) && (p.text[p.at] == ' ' || p.text[p.at] == '\t') {
		p.at++
	}
	if p.at == len(p.text) {
		return 0
	}
	return p.text[p.at]
}

func (p *extensionParser) takes(b byte) bool {
	if p.next() != b {
		return false
	}
	p.at++
	return true
}

func (p *extensionParser) isToken() bool { return p.at < len(p.text) && IsToken(p.text[p.at:p.at+1]) }

func (p *extensionParser) token() string {
	p.next()
	start := p.at
	for p.isToken() {
		p.at++
	}
	if p.at == start {
		p.refuse()
	}
	return p.text[start:p.at]
}

func (p *extensionParser) value() string {
	if !p.takes('"') {
		return p.token()
	}
	var out strings.Builder
	for p.at < len(p.text) && p.text[p.at] != '"' {
		if p.text[p.at] == '\\' {
			p.at++
		}
		if !p.isToken() {
			p.refuse()
			return ""
		}
		out.WriteByte(p.text[p.at])
		p.at++
	}
	if p.at == len(p.text) || out.Len() == 0 {
		p.refuse()
		return ""
	}
	p.at++
	return out.String()
}

// IsToken says whether text is a token of HTTP.
func IsToken(text string) bool {
	for at := 0; at < len(text); at++ {
		b := text[at]
		isAlphanumeric := b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z'
		if !isAlphanumeric && strings.IndexByte("!#$%&'*+-.^_`|~", b) < 0 {
			return false
		}
	}
	return text != ""
}

// Deflate holds parameters of permessage-deflate. A window of 0 was not named; an offered client window without a value is 15.
type Deflate struct {
	ServerFresh, ClientFresh   bool // no_context_takeover
	ServerWindow, ClientWindow uint // max_window_bits
}

const deflateName = "permessage-deflate"

var windowValue = regexp.MustCompile(`^([89]|1[0-5])$`)

// ReadDeflate reads the parameters of an offer, or of an answer, where no window may lack its value.
func ReadDeflate(parameters []Parameter, isOffer bool) (found Deflate, err error) {
	seen := map[string]bool{}
	for _, p := range parameters {
		if err := found.read(p, isOffer, seen); err != nil {
			return found, err
		}
	}
	return found, nil
}

func (d *Deflate) read(p Parameter, isOffer bool, seen map[string]bool) error {
	fresh := map[string]*bool{"server_no_context_takeover": &d.ServerFresh, "client_no_context_takeover": &d.ClientFresh}[p.Name]
	window := map[string]*uint{"server_max_window_bits": &d.ServerWindow, "client_max_window_bits": &d.ClientWindow}[p.Name]
	switch {
	case fresh == nil && window == nil:
		return Fault("unknown-parameter")
	case seen[p.Name]:
		return Fault("repeated-parameter")
	case fresh != nil && p.HasValue:
		return Fault("bad-value")
	case fresh != nil:
		*fresh = true
	case isOffer && !p.HasValue && p.Name == "client_max_window_bits":
		*window = 15
	case !windowValue.MatchString(p.Value):
		return Fault("bad-value")
	default:
		bits, _ := strconv.Atoi(p.Value)
		*window = uint(bits)
	}
	seen[p.Name] = true
	return nil
}

// CheckAnswer says what a client makes of a server's Sec-WebSocket-Extensions (12.3); nil when there is no extension.
func CheckAnswer(offer, response string) (*Deflate, error) {
	if strings.Trim(response, " \t") == "" {
		return nil, nil
	}
	answers, err := ParseExtensions(response)
	if err != nil {
		return nil, err
	}
	var offered []Deflate
	if strings.Trim(offer, " \t") != "" {
		extensions, err := ParseExtensions(offer)
		if err != nil {
			return nil, err
		}
		for _, extension := range extensions {
			if extension.Name == deflateName {
				one, err := ReadDeflate(extension.Parameters, true)
				if err != nil {
					return nil, err
				}
				offered = append(offered, one)
			}
		}
	}
	for place, answer := range answers {
		if answer.Name != deflateName || len(offered) == 0 {
			return nil, Fault("unoffered-extension")
		}
		if place > 0 {
			return nil, Fault("repeated-extension")
		}
	}
	var first error
	for _, one := range offered {
		found, err := checkAnswerTo(one, answers[0].Parameters)
		if err == nil {
			return found, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, first
}

func checkAnswerTo(offer Deflate, parameters []Parameter) (*Deflate, error) {
	answer, seen := Deflate{}, map[string]bool{}
	for _, p := range parameters {
		if err := answer.read(p, false, seen); err != nil {
			return nil, err
		}
		switch {
		case p.Name == "client_max_window_bits" && offer.ClientWindow == 0:
			return nil, Fault("unoffered-window")
		case p.Name == "client_max_window_bits" && answer.ClientWindow > offer.ClientWindow,
			p.Name == "server_max_window_bits" && offer.ServerWindow != 0 && answer.ServerWindow > offer.ServerWindow:
			return nil, Fault("window-above-offer")
		}
	}
	if offer.ServerFresh && !answer.ServerFresh || offer.ServerWindow != 0 && answer.ServerWindow == 0 {
		return nil, Fault("missing-parameter")
	}
	return &answer, nil
}

// AnswerOffers says what a server answers to offers, given what it wants itself (windows of 0: 15); "" declines (12.2).
func AnswerOffers(offers string, own Deflate) (string, error) {
	extensions, err := ParseExtensions(offers)
	if err != nil {
		return "", err
	}
	for _, extension := range extensions {
		offer, err := ReadDeflate(extension.Parameters, true)
		if extension.Name != deflateName || err != nil {
			continue
		}
		answer := deflateName
		if offer.ServerFresh || own.ServerFresh {
			answer += "; server_no_context_takeover"
		}
		if offer.ClientFresh || own.ClientFresh {
			answer += "; client_no_context_takeover"
		}
		if bits := leastWindow(own.ServerWindow, offer.ServerWindow); offer.ServerWindow != 0 || bits < 15 {
			answer += "; server_max_window_bits=" + strconv.Itoa(int(bits))
		}
		if bits := leastWindow(own.ClientWindow, offer.ClientWindow); offer.ClientWindow != 0 && bits < 15 {
			answer += "; client_max_window_bits=" + strconv.Itoa(int(bits))
		}
		return answer, nil
	}
	return "", nil
}

func leastWindow(windows ...uint) uint {
	least := uint(15)
	for _, window := range windows {
		if window != 0 && window < least {
			least = window
		}
	}
	return least
}
