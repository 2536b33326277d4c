package wsclient

// DEFLATE (RFC 1951), decompressing: written out because compress/flate neither says whether it stopped between two blocks nor
// holds distances to the negotiated window.

var (
	lengthBase   = [...]int{3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258}
	lengthBits   = [...]uint{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0}
	distanceBase = [...]int{1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
		6145, 8193, 12289, 16385, 24577}
	distanceBits  = [...]uint{0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13}
	lengthOrder   = [...]int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}
	fixedLiterals = fixedCode()
	fixedDistance = mustHuffman(repeat(5, 32))
)

const longestCode = 15

// An Inflater decompresses the messages of one direction (12.5).
type Inflater struct {
	// WindowBits bounds distances, Fresh is no context takeover, Limit bounds a message.
	WindowBits uint
	Fresh      bool
	Limit      int

	history []byte

	data     []byte
	at       int
	bits     uint32
	bitCount uint
	out      []byte
	start    int // of this message in out
	oldest   int // what a distance may reach
	err      *ProtocolError
}

// Message decompresses one message, given without its tail 00 00 FF FF. It stops as soon as the limit is passed.
func (f *Inflater) Message(data []byte) ([]byte, error) {
	f.data = append(append(make([]byte, 0, len(data)+4), data...), 0, 0, 0xFF, 0xFF)
	f.at, f.bits, f.bitCount, f.err, f.oldest = 0, 0, 0, nil, 0
	f.out = f.history
	if f.Fresh {
		f.out = nil
	}
	f.start = len(f.out)
	for f.at < len(f.data) || f.bitCount > 0 {
		final := f.block()
		if f.err != nil {
			return nil, f.err
		}
		if final { // what follows is a stream of its own, unless it is only the tail
			f.bits, f.bitCount, f.oldest = 0, 0, len(f.out)
			if f.at == len(data) {
				break
			}
		}
	}
	message := append([]byte(nil), f.out[f.start:]...)
	keep := len(f.out) - 1<<f.WindowBits
	if keep < f.oldest {
		keep = f.oldest
	}
	f.history = append([]byte(nil), f.out[keep:]...)
	return message, nil
}

func (f *Inflater) fail(code string, closeCode uint16) {
	if f.err == nil {
		f.err = &ProtocolError{code, -1, closeCode}
	}
}

func (f *Inflater) invalid() { f.fail("invalid-data", 1007) }

func (f *Inflater) take(count uint) int {
	for f.bitCount < count {
		if f.at == len(f.data) || f.err != nil {
			f.fail("truncated", 1007)
			return 0
		}
		f.bits |= uint32(f.data[f.at]) << f.bitCount
		f.at++
		f.bitCount += 8
	}
	value := f.bits & (1<<count - 1)
	f.bits >>= count
	f.bitCount -= count
	return int(value)
}

func (f *Inflater) put(b byte) {
	if len(f.out)-f.start >= f.Limit {
		f.fail("too-large", 1009)
		return
	}
	f.out = append(f.out, b)
}

func (f *Inflater) block() (final bool) {
	final = f.take(1) == 1
	switch kind := f.take(2); {
	case f.err != nil:
	case kind == 0:
		f.stored()
	case kind == 1:
		f.codes(fixedLiterals, fixedDistance)
	case kind == 2:
		f.dynamic()
	default:
		f.invalid()
	}
	return final
}

func (f *Inflater) stored() {
	f.bits, f.bitCount = 0, 0
	length := f.take(16)
	if complement := f.take(16); f.err == nil && length^complement != 0xFFFF {
		f.invalid()
	}
	for ; length > 0 && f.err == nil; length-- {
		if b := f.take(8); f.err == nil {
			f.put(byte(b))
		}
	}
}

func (f *Inflater) dynamic() {
	literals, distances, codes := f.take(5)+257, f.take(5)+1, f.take(4)+4
	if f.err == nil && (literals > 286 || distances > 30) {
		f.invalid()
	}
	lengths := make([]byte, 19, 320)
	for _, place := range lengthOrder[:codes] {
		lengths[place] = byte(f.take(3))
	}
	code, ok := newHuffman(lengths, false)
	if f.err == nil && !ok {
		f.invalid()
	}
	lengths = lengths[:0]
	for len(lengths) < literals+distances && f.err == nil {
		symbol := f.symbol(code)
		repeated, times := byte(symbol), 1
		switch {
		case symbol == 16 && len(lengths) == 0:
			f.invalid()
		case symbol == 16:
			repeated, times = lengths[len(lengths)-1], 3+f.take(2)
		case symbol == 17:
			repeated, times = 0, 3+f.take(3)
		case symbol == 18:
			repeated, times = 0, 11+f.take(7)
		}
		if len(lengths)+times > literals+distances {
			f.invalid()
		}
		for ; times > 0 && f.err == nil; times-- {
			lengths = append(lengths, repeated)
		}
	}
	if f.err != nil {
		return
	}
	literal, ok := newHuffman(lengths[:literals], true)
	distance, alsoOK := newHuffman(lengths[literals:], true)
	if !ok || !alsoOK || lengths[256] == 0 { // without 256 the block could not end
		f.invalid()
		return
	}
	f.codes(literal, distance)
}

func (f *Inflater) codes(literals, distances *huffman) {
	for f.err == nil {
		symbol := f.symbol(literals)
		switch {
		case f.err != nil || symbol == 256:
			return
		case symbol < 256:
			f.put(byte(symbol))
			continue
		case symbol > 285:
			f.invalid()
			return
		}
		length := lengthBase[symbol-257] + f.take(lengthBits[symbol-257])
		code := f.symbol(distances)
		if f.err != nil {
			return
		}
		if code > 29 {
			f.invalid()
			return
		}
		distance := distanceBase[code] + f.take(distanceBits[code])
		if f.err == nil && (distance > 1<<f.WindowBits || distance > len(f.out)-f.oldest) {
			f.invalid()
		}
		for ; length > 0 && f.err == nil; length-- {
			f.put(f.out[len(f.out)-distance])
		}
	}
}

func (f *Inflater) symbol(h *huffman) int {
	code, first, index := 0, 0, 0
	for length := 1; length <= longestCode && f.err == nil; length++ {
		code |= f.take(1)
		count := h.count[length]
		if code-count < first {
			return h.symbols[index+code-first]
		}
		index += count
		first = (first + count) << 1
		code <<= 1
	}
	f.invalid()
	return 0
}

// huffman is a canonical Huffman code.
type huffman struct {
	count   [longestCode + 1]int
	symbols []int
}

func newHuffman(lengths []byte, mayBeIncomplete bool) (*huffman, bool) {
	h := &huffman{symbols: make([]int, len(lengths))}
	for _, length := range lengths {
		h.count[length]++
	}
	left := 1
	for length := 1; length <= longestCode; length++ {
		if left = left<<1 - h.count[length]; left < 0 {
			return h, false
		}
	}
	used := len(lengths) - h.count[0]
	// One code of one bit, or none at all, is as much as may be missing.
	if left > 0 && !(mayBeIncomplete && used <= 1 && h.count[1] == used) {
		return h, false
	}
	h.count[0] = 0
	var offsets [longestCode + 2]int
	for length := 1; length <= longestCode; length++ {
		offsets[length+1] = offsets[length] + h.count[length]
	}
	for symbol, length := range lengths {
		if length > 0 {
			h.symbols[offsets[length]] = symbol
			offsets[length]++
		}
	}
	return h, true
}

func mustHuffman(lengths []byte) *huffman {
	h, _ := newHuffman(lengths, false)
	return h
}

func repeat(length byte, count int) []byte {
	out := make([]byte, count)
	for at := range out {
		out[at] = length
	}
	return out
}

func fixedCode() *huffman {
	lengths := append(append(append(repeat(8, 144), repeat(9, 112)...), repeat(7, 24)...), repeat(8, 8)...)
	return mustHuffman(lengths)
}
