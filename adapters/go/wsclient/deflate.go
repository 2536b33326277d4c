package wsclient

import (
	"bytes"
	"compress/flate"
)

// A Deflater compresses the messages of one direction (12.4).
type Deflater struct {
	fresh  bool
	writer *flate.Writer
	out    bytes.Buffer
}

// NewDeflater compresses for a window of 15 bits. compress/flate knows no smaller one: below it writes no distances at all.
func NewDeflater(windowBits uint, fresh bool, level int) (*Deflater, error) {
	d := &Deflater{fresh: fresh}
	if windowBits < 15 {
		level = flate.HuffmanOnly
	}
	writer, err := flate.NewWriter(&d.out, level)
	d.writer = writer
	return d, err
}

// Message compresses one message and leaves out its tail 00 00 FF FF.
func (d *Deflater) Message(data []byte) []byte {
	d.out.Reset()
	if d.fresh {
		d.writer.Reset(&d.out)
	}
	d.writer.Write(data) // to memory: neither fails
	d.writer.Flush()
	out := bytes.TrimSuffix(d.out.Bytes(), []byte{0, 0, 0xFF, 0xFF})
	if len(out) == 0 {
		return []byte{0} // nothing to flush: an empty stored block says the same
	}
	return append([]byte(nil), out...)
}
