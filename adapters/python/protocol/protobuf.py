"""The two protobuf messages of the protocol."""
from .refusal import Refused

DEEPEST_GROUP = 32


def put_varint(number):
    """A varint; a negative number is its 64-bit two's complement, ten bytes."""
    number &= 0xFFFFFFFFFFFFFFFF
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def signed(number, bits):
    """The low bits of a number as two's complement."""
    number &= (1 << bits) - 1
    return number - (1 << bits) if number >> (bits - 1) else number


class ProtobufReader:
    """Walks the fields of a message. A field that cannot be parsed is refused at the offset of its tag."""

    def __init__(self, data, base=0):
        self.data, self.base, self.at, self.field_start = data, base, 0, 0

    def refuse(self):
        raise Refused("bad-protobuf", self.base + self.field_start)

    def varint(self):
        number = 0
        for count in range(10):
            if self.at == len(self.data):
                self.refuse()
            byte = self.data[self.at]
            self.at += 1
            if count == 9 and byte > 1:
                self.refuse()
            number |= (byte & 0x7F) << 7 * count
            if byte < 0x80:
                return number
        self.refuse()

    def take(self, size):
        if size > len(self.data) - self.at:
            self.refuse()
        self.at += size
        return self.data[self.at - size:self.at]

    def tag(self):
        self.field_start = self.at
        tag = self.varint()
        if tag > 0xFFFFFFFF or tag >> 3 == 0:
            self.refuse()
        return tag >> 3, tag & 7

    def value(self, number, wire_type, depth):
        if wire_type == 0:
            return self.varint()
        if wire_type == 1:
            return self.take(8)
        if wire_type == 2:
            return self.take(self.varint())
        if wire_type == 3:
            return self.skip_group(number, depth + 1)
        if wire_type == 5:
            return self.take(4)
        self.refuse()  # 4 ends a group that never began; 6 and 7 do not exist

    def skip_group(self, number, depth):
        start = self.field_start
        if depth > DEEPEST_GROUP:
            self.refuse()
        while self.at < len(self.data):
            inner, wire_type = self.tag()
            if wire_type == 4:
                if inner != number:
                    self.refuse()
                return None
            self.value(inner, wire_type, depth)
        self.field_start = start  # the group has no end
        self.refuse()

    def fields(self):
        while self.at < len(self.data):
            number, wire_type = self.tag()
            yield number, wire_type, self.value(number, wire_type, 0)


def put_bytes_field(number, value):
    return bytes([number << 3 | 2]) + put_varint(len(value)) + value if value else b""


def put_integer_field(number, value):
    return bytes([number << 3]) + put_varint(value) if value else b""


def put_message(protocol_id, payload):
    """P_MESSAGE { int32 protocol_id = 1; bytes data = 2; }"""
    return put_integer_field(1, protocol_id) + put_bytes_field(2, payload)


def get_message(data, base):
    protocol_id, payload = 0, b""
    for number, wire_type, value in ProtobufReader(data, base).fields():
        if (number, wire_type) == (1, 0):
            protocol_id = signed(value, 32)
        elif (number, wire_type) == (2, 2):
            payload = value
    return protocol_id, payload


def put_displacement(old_ip, new_ip, timestamp):
    """P_DISPLACE { bytes old_ip = 1; bytes new_ip = 2; int64 ts = 3; }"""
    return put_bytes_field(1, old_ip) + put_bytes_field(2, new_ip) + put_integer_field(3, timestamp)


def get_displacement(data):
    old_ip, new_ip, timestamp = b"", b"", 0
    for number, wire_type, value in ProtobufReader(data).fields():
        if (number, wire_type) == (1, 2):
            old_ip = value
        elif (number, wire_type) == (2, 2):
            new_ip = value
        elif (number, wire_type) == (3, 0):
            timestamp = signed(value, 64)
    return old_ip, new_ip, timestamp


def displacement_encode(asked):
    payload = put_displacement(bytes.fromhex(asked["oldIp"]), bytes.fromhex(asked["newIp"]), int(asked["ts"]))
    return {"payload": payload.hex()}


def displacement_decode(asked):
    old_ip, new_ip, timestamp = get_displacement(bytes.fromhex(asked["payload"]))
    return {"oldIp": old_ip.hex(), "newIp": new_ip.hex(), "ts": str(timestamp)}
