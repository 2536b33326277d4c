package operations

import (
	"encoding/hex"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"example.org/wsclient/wsclient"
)

var (
	integerForm = regexp.MustCompile(`^[+-]?[0-9]+$`)
	offerForm   = regexp.MustCompile(`^ws\.v(0|[1-9][0-9]*)\.c(0|[1-9][0-9]*)$`)
)

// unescape undoes percent escapes and `+`; ok is false when an escape is broken.
func unescape(part string) (text string, ok bool) {
	var out strings.Builder
	for at := 0; at < len(part); at++ {
		switch part[at] {
		case '+':
			out.WriteByte(' ')
		case '%':
			if at+3 > len(part) {
				return "", false
			}
			digit, err := hex.DecodeString(part[at+1 : at+3])
			if err != nil {
				return "", false
			}
			out.Write(digit)
			at += 2
		default:
			out.WriteByte(part[at])
		}
	}
	return out.String(), true
}

// readQuery drops broken pairs; the first of repeated keys wins.
func readQuery(query []byte) map[string]string {
	found := map[string]string{}
	for _, pair := range strings.Split(string(query), "&") {
		escapedKey, escapedValue, _ := strings.Cut(pair, "=")
		key, keyOK := unescape(escapedKey)
		value, valueOK := unescape(escapedValue)
		if _, repeated := found[key]; pair != "" && !strings.Contains(pair, ";") && keyOK && valueOK && !repeated {
			found[key] = value
		}
	}
	return found
}

// integer is a parameter's number: 0 for what is none, at most 64 bits.
func integer(text string) int64 {
	if !integerForm.MatchString(text) {
		return 0
	}
	number, _ := strconv.ParseInt(text, 10, 64) // beyond the range it is the bound
	return number
}

func decimal(number int64) string { return strconv.FormatInt(number, 10) }

func metadataParse(input struct{ Query Bytes }) (any, error) {
	found, out := readQuery(input.Query), object{}
	for _, name := range []string{"uid", "deviceId", "source"} {
		out[name] = Bytes(found[name])
	}
	for _, name := range []string{"typed", "version", "charset"} {
		out[name] = decimal(integer(found[name]))
	}
	return out, nil
}

func identityFormat(input struct {
	UID, DeviceID, Source Bytes
	Typed                 json.RawMessage
	WithSource            *bool
}) (any, error) {
	identity := string(input.UID) + "-" + strings.Trim(string(input.Typed), `"`) + "-" + string(input.DeviceID)
	if or(input.WithSource, true) {
		identity += "-" + string(input.Source)
	}
	return object{"identity": Bytes(identity)}, nil
}

// limits are what a server supports; a nil range or list does not limit.
type limits struct {
	Versions *struct{ Min, Max string }
	Charsets *[]string
}

func (l limits) versions() (low, high int64) {
	low, _ = strconv.ParseInt(l.Versions.Min, 10, 64)
	high, _ = strconv.ParseInt(l.Versions.Max, 10, 64)
	return low, high
}

func (l limits) hasCharset(code int64) bool {
	if l.Charsets == nil {
		return true
	}
	for _, one := range *l.Charsets {
		if one == decimal(code) {
			return true
		}
	}
	return false
}

type selection struct {
	version, charset int64
	protocol         any
}

func (s selection) object() object {
	return object{"version": decimal(s.version), "charset": decimal(s.charset), "protocol": s.protocol}
}

func negotiateSelect(input struct {
	Query     Bytes
	Protocols *string
	limits
}) (any, error) {
	selected, err := choose(input.Query, input.Protocols, input.limits)
	return selected.object(), err
}

func choose(query []byte, protocols *string, l limits) (selection, error) {
	found := readQuery(query)
	selected := selection{integer(found["version"]), integer(found["charset"]), nil}
	if l.Versions == nil && l.Charsets == nil {
		return selected, nil
	}
	if protocols != nil {
		return chooseProtocol(*protocols, l)
	}
	for name, limited := range map[string]bool{"version": l.Versions != nil, "charset": l.Charsets != nil} {
		if value, there := found[name]; limited && there && !integerForm.MatchString(value) {
			return selected, wsclient.Fault("bad-parameter")
		}
	}
	if l.Versions != nil {
		low, high := l.versions()
		if selected.version == 0 {
			selected.version = low
		}
		if selected.version < low {
			return selected, wsclient.Fault("version-too-low")
		}
		if selected.version > high {
			selected.version = high
		}
	}
	if !l.hasCharset(selected.charset) {
		return selected, wsclient.Fault("charset-unsupported")
	}
	return selected, nil
}

func chooseProtocol(protocols string, l limits) (selection, error) {
	for _, token := range strings.Split(protocols, ",") {
		token = strings.Trim(token, " \t")
		offer := offerForm.FindStringSubmatch(token)
		if offer == nil {
			continue
		}
		version, charset := integer(offer[1]), integer(offer[2])
		if version > 2147483647 || charset > 2147483647 || !l.hasCharset(charset) {
			continue
		}
		if l.Versions != nil {
			if low, high := l.versions(); version < low || version > high {
				continue
			}
		}
		return selection{version, charset, token}, nil
	}
	return selection{}, wsclient.Fault("no-protocol")
}
