package wsclient

import (
	"bytes"
	"encoding/hex"
	"errors"
	"reflect"
	"testing"
)

func unhex(t *testing.T, digits string) []byte {
	t.Helper()
	data, err := hex.DecodeString(digits)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func refuses(t *testing.T, err error, code string, offset int) {
	t.Helper()
	var fault *ProtocolError
	if !errors.As(err, &fault) || fault.Code != code || fault.Offset != offset {
		t.Errorf("%v instead of %s at %d", err, code, offset)
	}
}

func TestAFrameIsTheBytesOfTheSpecificationBothWays(t *testing.T) {
	message, err := Frame{2, 4, []byte("hi")}.Encode(MaxFrameLength)
	if err != nil || hex.EncodeToString(message) != "feef0a00000002000000040000006869" {
		t.Errorf("%x, %v", message, err)
	}
	if frame, err := DecodeFrame(message, MaxFrameLength); err != nil || !reflect.DeepEqual(frame, Frame{2, 4, []byte("hi")}) {
		t.Errorf("%v, %v", frame, err)
	}
}

func TestAMalformedFrameIsRefusedWhereTheFaultIs(t *testing.T) {
	for message, want := range map[string]ProtocolError{
		"": {Code: "empty"}, "feee0800000000000000": {Code: "bad-magic", Offset: 1}, "feef080000": {Code: "short", Offset: 5},
		"feef08000000": {Code: "short", Offset: 6}, "feef070000000000000000": {Code: "length-too-small", Offset: 2},
		"feef01000800": {Code: "too-large", Offset: 2}, "feefffffffff": {Code: "too-large", Offset: 2},
		"feef080000000200000000000000ff": {Code: "trailing-bytes", Offset: 14},
	} {
		_, err := DecodeFrame(unhex(t, message), MaxFrameLength)
		refuses(t, err, want.Code, want.Offset)
	}
}

func TestADisplacementIsReadWithoutAProtobufLibrary(t *testing.T) {
	found, err := DecodeDisplacement(unhex(t, "0a0161"+"2207756e6b6e6f776e"+"120162"+"18ffffffffffffffffff01"))
	if err != nil || !reflect.DeepEqual(found, Displacement{[]byte("a"), []byte("b"), -1}) {
		t.Errorf("%v, %v", found, err)
	}
	_, err = DecodeDisplacement(unhex(t, "0a01610a05"))
	refuses(t, err, "bad-protobuf", 3)
}

func TestTextIsNeverReplacedSilently(t *testing.T) {
	encoded, err := EncodeText("€你", GBK)
	if err != nil || hex.EncodeToString(encoded) != "80c4e3" {
		t.Errorf("%x, %v", encoded, err)
	}
	if text, err := DecodeText(encoded, GBK); err != nil || text != "€你" {
		t.Errorf("%q, %v", text, err)
	}
	_, err = EncodeText("a😀", GBK)
	refuses(t, err, "unencodable", 1)
	_, err = DecodeText([]byte("a\xff"), GBK)
	refuses(t, err, "malformed", 1)
}

func TestSerialNumbersWrapWithoutZeroAndSkipThoseThatWait(t *testing.T) {
	calls := ClientCalls[string]()
	first := calls.Begin("first")
	calls.SetNext(0xFFFFFFFE)
	last, next := calls.Begin("last"), calls.Begin("next")
	if first != 2 || last != 0xFFFFFFFE || next != 4 {
		t.Error(first, last, next)
	}
}

func TestMessagesArePutTogetherHoweverTheBytesAreCut(t *testing.T) {
	stream := unhex(t, "02016189008001628200")
	whole, err := (&Decoder{Limit: 100}).Feed(stream)
	if err != nil || len(whole) != 3 || string(whole[1].Payload) != "ab" {
		t.Fatal(whole, err)
	}
	decoder, cut := &Decoder{Limit: 100}, []Event{}
	for _, b := range stream {
		events, err := decoder.Feed([]byte{b})
		if err != nil {
			t.Fatal(err)
		}
		cut = append(cut, events...)
	}
	if !reflect.DeepEqual(cut, whole) {
		t.Error(cut, whole)
	}
}

func TestAMessageInflatesNoFurtherThanTheLimit(t *testing.T) {
	data := make([]byte, 100000)
	deflater, err := NewDeflater(15, false, 6)
	if err != nil {
		t.Fatal(err)
	}
	compressed := deflater.Message(data)
	inflated, err := (&Inflater{WindowBits: 15, Limit: len(data)}).Message(compressed)
	if err != nil || !bytes.Equal(inflated, data) {
		t.Error(len(inflated), err)
	}
	_, err = (&Inflater{WindowBits: 15, Limit: len(data) - 1}).Message(compressed)
	refuses(t, err, "too-large", -1)
}

func TestTheAnswerIsHeldAgainstWhatWasAsked(t *testing.T) {
	const key, accept = "dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" // RFC 6455 section 1.3
	answer := func(accept, more string) []byte {
		return []byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
			accept + "\r\n" + more + "\r\n")
	}
	early := append([]byte("HTTP/1.1 103 Early\r\n\r\n"), answer(accept, "")...)
	if found, err := ReadAnswer(append(early, 0x82, 0), key, "", nil); err != nil || found.Consumed != len(early) {
		t.Error(found, err)
	}
	for code, data := range map[string][]byte{
		"incomplete": answer(accept, "")[:40], "wrong-accept": answer("AAAA", ""),
		"unoffered-extension": answer(accept, "Sec-WebSocket-Extensions: permessage-deflate\r\n"),
		"unoffered-protocol":  answer(accept, "Sec-WebSocket-Protocol: chat\r\n"),
		"bad-header":          answer(accept, "no colon\r\n"),
	} {
		if _, err := ReadAnswer(data, key, "", nil); err == nil || err.(*ProtocolError).Code != code {
			t.Errorf("%v instead of %s", err, code)
		}
	}
}

func FuzzDecoder(f *testing.F) {
	f.Add([]byte("\x82\x03abc"), true)
	f.Add([]byte("\xc1\x7f"), false)
	f.Fuzz(func(t *testing.T, data []byte, deflate bool) {
		events, _ := (&Decoder{Limit: 1 << 16, Deflate: deflate}).Feed(data)
		for _, event := range events {
			inflater := Inflater{WindowBits: 15, Limit: 1 << 16}
			inflater.Message(event.Payload)
			DecodeFrame(event.Payload, 1<<16)
			DecodeDisplacement(event.Payload)
			ParseExtensions(string(event.Payload))
		}
	})
}
