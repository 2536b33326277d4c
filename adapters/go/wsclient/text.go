package wsclient

import (
	_ "embed"
	"encoding/binary"
	"strings"
	"sync"
	"unicode/utf8"
)

// Codes of charsets in metadata (9.1).
const (
	UTF8 = 0
	GBK  = 1
)

// A row for each lead byte 81 to FE, of 190 code points for the trail bytes 40 to 7E and 80 to FE; 0 where there is none.
//
//go:embed gbk.bin
var gbkTable []byte

var gbkPairs struct {
	once  sync.Once
	pairs map[rune]uint16
}

func gbkRune(lead, trail byte) rune {
	if lead < 0x81 || lead > 0xFE || trail < 0x40 || trail == 0x7F || trail > 0xFE {
		return 0
	}
	column := int(trail) - 0x40
	if trail > 0x7F {
		column--
	}
	return rune(binary.LittleEndian.Uint16(gbkTable[2*((int(lead)-0x81)*190+column):]))
}

func gbkPair(character rune) uint16 {
	gbkPairs.once.Do(func() {
		gbkPairs.pairs = make(map[rune]uint16, 22000)
		for lead := 0xFE; lead >= 0x81; lead-- { // downwards: where two pairs are one character the lower is written
			for trail := 0xFE; trail >= 0x40; trail-- {
				if found := gbkRune(byte(lead), byte(trail)); found != 0 {
					gbkPairs.pairs[found] = uint16(lead<<8 | trail)
				}
			}
		}
	})
	return gbkPairs.pairs[character]
}

// DecodeText reads text in a charset. Nothing is replaced silently: what is no text is an error with its offset.
func DecodeText(data []byte, charset int) (string, error) {
	if charset != GBK {
		for at := 0; at < len(data); {
			character, size := utf8.DecodeRune(data[at:])
			if character == utf8.RuneError && size == 1 {
				return "", faultAt("malformed", at)
			}
			at += size
		}
		return string(data), nil
	}
	var out strings.Builder
	for at := 0; at < len(data); at++ {
		switch {
		case data[at] < 0x80:
			out.WriteByte(data[at])
		case data[at] == 0x80:
			out.WriteRune('€')
		default:
			character := rune(0)
			if at+1 < len(data) {
				character = gbkRune(data[at], data[at+1])
			}
			if character == 0 {
				return "", faultAt("malformed", at)
			}
			out.WriteRune(character)
			at++
		}
	}
	return out.String(), nil
}

// EncodeText writes text in a charset. The error's offset is the number of characters before the first that does not fit.
func EncodeText(text string, charset int) ([]byte, error) {
	out, offset := make([]byte, 0, len(text)), 0
	for at := 0; at < len(text); offset++ {
		character, size := utf8.DecodeRuneInString(text[at:])
		pair := uint16(0)
		if charset == GBK && character >= 0x80 && character != '€' {
			pair = gbkPair(character)
		}
		switch {
		case character == utf8.RuneError && size == 1:
			return nil, faultAt("unencodable", offset)
		case character < 0x80:
			out = append(out, byte(character))
		case charset != GBK:
			out = append(out, text[at:at+size]...)
		case character == '€':
			out = append(out, 0x80)
		case pair == 0:
			return nil, faultAt("unencodable", offset)
		default:
			out = append(out, byte(pair>>8), byte(pair))
		}
		at += size
	}
	return out, nil
}
