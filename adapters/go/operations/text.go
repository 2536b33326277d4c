package operations

import (
	"encoding/json"
	"errors"
	"strconv"
	"unicode/utf8"
)

// jsonText reads a JSON string and keeps what encoding/json would replace: half of a surrogate pair becomes bytes that are no
// UTF-8, so that encoding it fails where it stands.
func jsonText(data json.RawMessage) (string, error) {
	if len(data) < 2 || data[0] != '"' {
		return "", errors.New("not a string")
	}
	var out []byte
	for at := 1; at < len(data)-1; at++ {
		if data[at] != '\\' {
			out = append(out, data[at])
			continue
		}
		at++
		if data[at] != 'u' {
			var one string
			if err := json.Unmarshal([]byte{'"', '\\', data[at], '"'}, &one); err != nil {
				return "", err
			}
			out = append(out, one...)
			continue
		}
		unit, err := strconv.ParseUint(string(data[at+1:at+5]), 16, 32)
		if err != nil {
			return "", err
		}
		at += 4
		if unit >= 0xD800 && unit < 0xDC00 && at+6 < len(data) && data[at+1] == '\\' && data[at+2] == 'u' {
			low, err := strconv.ParseUint(string(data[at+3:at+7]), 16, 32)
			if err == nil && low >= 0xDC00 && low < 0xE000 {
				out = utf8.AppendRune(out, rune(0x10000+(unit-0xD800)<<10+low-0xDC00))
				at += 6
				continue
			}
		}
		if unit >= 0xD800 && unit < 0xE000 {
			out = append(out, 0xFF) // what no text has
		} else {
			out = utf8.AppendRune(out, rune(unit))
		}
	}
	return string(out), nil
}
