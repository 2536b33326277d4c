package wsclient

// A Displacement says who took the place of a connection: P_DISPLACE { bytes old_ip = 1; bytes new_ip = 2; int64 ts = 3; }.
type Displacement struct {
	OldIP, NewIP []byte
	TS           int64 // nanoseconds since 1970
}

// DecodeDisplacement reads the payload of a displacement.
func DecodeDisplacement(payload []byte) (found Displacement, err error) {
	err = Fields(payload, 0, func(number uint32, wireType int, integer uint64, data []byte) {
		switch {
		case number == 1 && wireType == 2:
			found.OldIP = data
		case number == 2 && wireType == 2:
			found.NewIP = data
		case number == 3 && wireType == 0:
			found.TS = int64(integer)
		}
	})
	return found, err
}

const deepestGroup = 32

// Fields calls visit for each field of a protobuf message. What cannot be parsed is refused at the tag of its field; base is
// added to offsets.
func Fields(data []byte, base int, visit func(number uint32, wireType int, integer uint64, data []byte)) error {
	reader := &fieldReader{data: data, base: base}
	for reader.at < len(data) && reader.err == nil {
		number, wireType := reader.tag()
		integer, bytes := reader.value(number, wireType, 0)
		if reader.err == nil {
			visit(number, wireType, integer, bytes)
		}
	}
	return reader.err
}

type fieldReader struct {
	data            []byte
	base, at, field int
	err             error
}

func (r *fieldReader) refuse() {
	if r.err == nil {
		r.err = faultAt("bad-protobuf", r.base+r.field)
	}
}

func (r *fieldReader) varint() (number uint64) {
	for count := 0; count < 10 && r.at < len(r.data); count++ {
		b := r.data[r.at]
		r.at++
		if count == 9 && b > 1 {
			break
		}
		number |= uint64(b&0x7F) << (7 * count)
		if b < 0x80 {
			return number
		}
	}
	r.refuse()
	return 0
}

func (r *fieldReader) take(size uint64) []byte {
	if size > uint64(len(r.data)-r.at) {
		r.refuse()
		return nil
	}
	r.at += int(size)
	return r.data[r.at-int(size) : r.at]
}

func (r *fieldReader) tag() (number uint32, wireType int) {
	r.field = r.at
	tag := r.varint()
	if tag > 0xFFFFFFFF || tag>>3 == 0 {
		r.refuse()
	}
	return uint32(tag >> 3), int(tag & 7)
}

func (r *fieldReader) value(number uint32, wireType, depth int) (uint64, []byte) {
	if r.err != nil {
		return 0, nil
	}
	switch wireType {
	case 0:
		return r.varint(), nil
	case 1:
		return 0, r.take(8)
	case 2:
		return 0, r.take(r.varint())
	case 3:
		r.group(number, depth+1)
	case 5:
		return 0, r.take(4)
	default: // 4 ends a group that never began; 6 and 7 do not exist
		r.refuse()
	}
	return 0, nil
}

func (r *fieldReader) group(number uint32, depth int) {
	start := r.field
	if depth > deepestGroup {
		r.refuse()
	}
	for r.at < len(r.data) && r.err == nil {
		inner, wireType := r.tag()
		if wireType == 4 && inner == number {
			return
		}
		r.value(inner, wireType, depth)
	}
	if r.err == nil {
		r.field = start // the group has no end
		r.refuse()
	}
}
