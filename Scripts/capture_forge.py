"""Makes captures of conversations: WebSocket bytes, TCP segments, IP packets, link frames and files, each with its oddities, and
says what a capture truly holds.
"""
import base64
import hashlib
import random
import struct
import zlib

SIDES = ["c2s", "s2c"]
FIN, SYN, RST, PUSH, ACK = 1, 2, 4, 8, 16
START = 1_700_000_000 * 10**9
MEGA = 1 << 32
BOTH_RESET = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
KEEPS = "permessage-deflate"


class Conversation:
    """The bytes of both directions, in writes, and the messages in them."""

    def __init__(self, seed, extension=None, bits=(15, 15), fragments=None, http=True, text=True):
        self.random = random.Random(seed)
        self.fragments = fragments
        self.writes, self.messages, self.position = [], [], [0, 0]
        self.deflaters, self.bits, self.resets = None, bits, [False, False]
        self.text = text
        self.heads = [0, 0]
        if http:
            self.upgrade(extension)
        if extension:
            self.resets = ["client_no_context" in extension, "server_no_context" in extension]
            self.deflaters = [self.deflater(side) for side in (0, 1)]

    def deflater(self, side):
        return zlib.compressobj(6, zlib.DEFLATED, -max(9, self.bits[side]))

    def write(self, side, data):
        self.writes.append((side, data))
        self.position[side] += len(data)

    def upgrade(self, extension=None, status=101, uid="u1001", accept=None):
        key = base64.b64encode(self.random.randbytes(16)).decode()
        digest = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
        line = f"Sec-WebSocket-Extensions: {extension}\r\n" if extension else ""
        self.write(0, (f"GET /ws?uid={uid}&typed=2&deviceId=d HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n"
                       f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{line}\r\n").encode())
        if status == 101:
            self.write(1, (f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                           f"Sec-WebSocket-Accept: {accept or base64.b64encode(digest).decode()}\r\n{line}\r\n").encode())
        else:
            self.write(1, f"HTTP/1.1 {status} No\r\nContent-Length: 4\r\n\r\nnope".encode())
        self.heads = list(self.position)

    def frame(self, side, first, payload, masked=None):
        masked = side == 0 if masked is None else masked
        size, bit = len(payload), 0x80 if masked else 0
        if size < 126:
            head = bytes([first, bit | size])
        elif size < 65536:
            head = bytes([first, bit | 126]) + struct.pack(">H", size)
        else:
            head = bytes([first, bit | 127]) + struct.pack(">Q", size)
        if not masked:
            return head + payload
        key = self.random.randbytes(4)
        mask = (key * (size // 4 + 1))[:size]
        return head + key + bytes(a ^ b for a, b in zip(payload, mask))

    def payload(self, size):
        if not self.text:
            return self.random.randbytes(size)
        words = [b"alpha", b"beta", b'{"uid":"u1001",', b'"x":564,']
        data = b""
        while len(data) < size:
            data += self.random.choice(words) + bytes([48 + self.random.randrange(10)])
        return data[:size]

    def say(self, side, protocol_id, sn, payload, compressed=True, ending=None):
        body, first = app(protocol_id, sn, payload), 0x82
        if self.deflaters and compressed:
            body, first = self.deflate(side, body, ending), 0xC2
        cuts = [0, len(body)]
        if self.fragments == "random":
            cuts = sorted(cuts + [self.random.randrange(len(body) + 1) for _ in range(3)])
        elif self.fragments == "header":
            cuts = sorted(cuts + [min(len(body), cut) for cut in (1, 1, 3, 6, 10, 14)])
        elif self.fragments == "empty":
            cuts = [0, 0, len(body), len(body)]
        data = b""
        for index in range(len(cuts) - 1):
            last = index == len(cuts) - 2
            opcode = (first & 0x7F if index == 0 else 0) | (0x80 if last else 0)
            data += self.frame(side, opcode, body[cuts[index]:cuts[index + 1]])
            if index == 0 and not last:
                data += self.frame(side, 0x89, b"between")
        start = self.position[side]
        self.write(side, data)
        self.messages.append({
            "dir": SIDES[side], "side": side, "protocolId": protocol_id, "sn": sn, "len": len(payload),
            "sha256": hashlib.sha256(payload).hexdigest(), "start": start, "end": self.position[side]})

    def deflate(self, side, body, ending):
        """`ending`: how the compressed message ends, where it is not as in RFC 7692, section 7.2.1."""
        deflater = self.deflaters[side]
        if ending in ("final", "final_bare"):
            self.deflaters[side] = self.deflater(side)
            return deflater.compress(body) + deflater.flush(zlib.Z_FINISH) + (b"\0" if ending == "final" else b"")
        data = b""
        if ending == "twice":
            data, body = deflater.compress(body[:7]) + deflater.flush(zlib.Z_SYNC_FLUSH), body[7:]
        data += deflater.compress(body) + deflater.flush(zlib.Z_FULL_FLUSH if ending == "full" else zlib.Z_SYNC_FLUSH)
        if self.resets[side]:
            self.deflaters[side] = self.deflater(side)
        return data if ending == "tail_kept" else data[:-4]

    def talk(self, sizes=(0, 12, 40, 111, 112, 200, 500, 1500), steps=6, ending=None):
        """Calls both ways, in flight together, one-way messages and pings."""
        size = lambda: self.random.choice(sizes)
        for step in range(steps):
            self.say(0, 1, 2 + 2 * step, self.payload(size()), ending=ending if step == 2 else None)
            self.say(1, 5, 3 + 2 * step, self.payload(size()), ending=ending if step == 3 else None)
            self.say(step % 2, 9, 0, self.payload(size()))
            self.say(1, 2, 2 + 2 * step, self.payload(size()))
            self.write(0, self.frame(0, 0x89, b"ping"))
            self.write(1, self.frame(1, 0x8A, b"ping"))
            self.say(0, 6, 3 + 2 * step, self.payload(size()))
        return self

    def close(self):
        for side in (0, 1):
            self.write(side, self.frame(side, 0x88, b"\x03\xe8bye"))
        return self


def app(protocol_id, sn, payload):
    return b"\xfe\xef" + struct.pack("<III", 8 + len(payload), protocol_id, sn) + payload


class Packet:
    """A TCP segment. `offset` counts from the first byte of its direction; `isFalse` marks one whose bytes are not the truth."""

    def __init__(self, **fields):
        self.__dict__.update({"flags": ACK, "data": b"", "window": 65535, "isFalse": False, "badSum": False, "kept": None})
        self.__dict__.update(fields)

    def but(self, **fields):
        return Packet(**{**self.__dict__, **fields})


def packets(conversation, size=1448, ends=(("10.0.0.1", 40001), ("10.0.0.200", 8080)), first=None, time=START, fin=True):
    rng = conversation.random
    first = first or [rng.randrange(MEGA), rng.randrange(MEGA)]
    result, sent = [], [0, 0]

    def add(side, flags, data=b"", offset=None):
        nonlocal time
        time += rng.randrange(20_000, 900_000)
        result.append(Packet(time=time, side=side, flags=flags, data=data, offset=sent[side] if offset is None else offset,
                             ack=sent[1 - side], ends=ends, first=first))

    add(0, SYN, offset=-1)
    add(1, SYN | ACK, offset=-1)
    add(0, ACK)
    for side, data in conversation.writes:
        for start in range(0, len(data), size):
            part = data[start:start + size]
            add(side, PUSH | ACK, part)
            sent[side] += len(part)
        add(1 - side, ACK)
    for side in (0, 1) if fin else ():
        add(side, FIN | ACK)
        sent[side] += 1
    return result


def checksum(data):
    data += b"\0" * (len(data) & 1)
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return 0xFFFF - total


class Wire:
    """Packs segments into IP packets and link frames."""

    def __init__(self, link="ethernet", version=4, fragment=None, options=False, offload=False, tail=b"", extension=False):
        self.link, self.version, self.fragment, self.options = link, version, fragment, options
        self.offload, self.tail, self.extension, self.number = offload, tail, extension, 100

    def address(self, end):
        host = bytes(map(int, end[0].split(".")))
        return host if self.version == 4 else bytes.fromhex("20010db8000000000000ffff") + host

    def name(self, end):
        if self.version == 4:
            return "%s:%d" % end
        a, b, c, d = map(int, end[0].split("."))
        return "[2001:db8::ffff:%x:%x]:%d" % (a << 8 | b, c << 8 | d, end[1])

    def segment(self, packet):
        source, target = (packet.ends[packet.side], packet.ends[1 - packet.side])
        sequence = (packet.first[packet.side] + 1 + packet.offset) % MEGA
        ack = (packet.first[1 - packet.side] + 1 + packet.ack) % MEGA if packet.flags & ACK else 0
        head = struct.pack(">HHIIBBHHH", source[1], target[1], sequence, ack, 0x50, packet.flags, packet.window, 0, 0)
        data = head + packet.data
        pseudo = self.address(source) + self.address(target) + struct.pack(">HHHH", 0, len(data), 0, 6)
        total = checksum(pseudo + data) ^ (0x5555 if packet.badSum else 0)
        return data[:16] + struct.pack(">H", total) + data[18:]

    def internet(self, packet):
        self.number += 1
        data = self.segment(packet)
        ends = self.address(packet.ends[packet.side]) + self.address(packet.ends[1 - packet.side])
        step = 400 if self.fragment and len(data) > 500 else len(data)
        parts = [(at, data[at:at + step], at + step < len(data)) for at in range(0, len(data), step)]
        if self.fragment == "backwards":
            parts.reverse()
        elif self.fragment == "twice":
            parts = parts + parts
        elif self.fragment == "overlap" and len(parts) > 1:
            parts.insert(2, (parts[1][0] + 8, bytes(x ^ 0x55 for x in parts[1][1][8:16]), True))
        elif self.fragment == "lost" and len(parts) > 1 and not getattr(self, "hasLost", False):
            self.hasLost, packet.isFalse = True, True
            parts.pop()
        for offset, part, more in parts:
            if self.version == 6:
                body, following = part, 6
                if len(parts) > 1:
                    body, following = struct.pack(">BBHI", 6, 0, offset | more, self.number) + part, 44
                if self.extension:
                    body, following = bytes([following, 0, 1, 4, 0, 0, 0, 0]) + body, 0
                yield struct.pack(">IHBB", 6 << 28, len(body), following, 64) + ends + body
            else:
                options = b"\x94\x04\0\0\x01\x01\x01\0" if self.options else b""
                total = 0 if self.offload and len(part) > 500 else 20 + len(options) + len(part)
                head = struct.pack(">BBHHHBBH", 0x45 + len(options) // 4, 0, total, self.number & 0xFFFF,
                                   offset // 8 | (0x2000 if more else 0), 64, 6, 0) + ends + options
                yield head[:10] + struct.pack(">H", checksum(head)) + head[12:] + part

    def framed(self, packet):
        for data in self.internet(packet):
            yield self.linked(data) + self.tail

    def linked(self, data):
        macs, kind = bytes(12), b"\x08\0" if self.version == 4 else b"\x86\xdd"
        ppp = b"\0\x21" if self.version == 4 else b"\0\x57"
        family = 2 if self.version == 4 else 30
        heads = {
            "ethernet": macs + kind, "vlan": macs + b"\x81\0\0\x07" + kind,
            "qinq": macs + b"\x88\xa8\0\x07\x81\0\0\x08" + kind, "mpls": macs + b"\x88\x47\0\x10\0\x40\0\x20\x01\x40",
            "pppoe": macs + b"\x88\x64\x11\0\0\x07" + struct.pack(">H", len(data) + 2) + ppp,
            "null": struct.pack("<I", family), "null-big": struct.pack(">I", family), "loop": struct.pack(">I", family),
            "raw": b"", "ppp": b"\xff\x03" + ppp, "cooked": bytes([0, 0, 0, 1, 0, 6]) + bytes(8) + kind,
            "cooked2": kind + bytes([0, 0, 0, 0, 0, 2, 0, 1, 0, 6]) + bytes(8),
        }
        return heads[self.link] + data


LINK_TYPES = {"ethernet": 1, "vlan": 1, "qinq": 1, "mpls": 1, "pppoe": 1, "null": 0, "null-big": 0, "loop": 108, "raw": 101,
              "ppp": 9, "cooked": 113, "cooked2": 276}


def pcap(records, link, order="<", nano=False, modified=False, check_length=0, snap=262144):
    magic = 0xA1B2CD34 if modified else 0xA1B23C4D if nano else 0xA1B2C3D4
    data = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snap, link | (0x04000000 | check_length << 28 if check_length else 0))
    for time, record, size in records:
        unit = 1 if nano else 1000
        data += struct.pack(order + "IIII", time // 10**9, time % 10**9 // unit, len(record), size)
        data += (struct.pack(order + "IHBB", 1, 0, 0, 0) if modified else b"") + record
    return data


def block(order, kind, body):
    body += bytes(-len(body) % 4)
    return struct.pack(order + "II", kind, len(body) + 12) + body + struct.pack(order + "I", len(body) + 12)


def option(order, code, value):
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def pcapng(records, link, orders="<", resolution=6, offset=0, simple=False, noise=False, interfaces=1, obsolete=False):
    """A section for each of `orders`."""
    data, step = b"", len(records) // len(orders) + 1
    for number, order in enumerate(orders):
        data += block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))
        options = option(order, 9, bytes([resolution])) + option(order, 14, struct.pack(order + "q", offset)) + bytes(4)
        data += block(order, 1, struct.pack(order + "HHI", link, 0, 0) + (b"" if simple else options)) * interfaces
        for place, (time, record, size) in enumerate(records[number * step:(number + 1) * step]):
            if noise:
                data += block(order, 0x0BAD, b"unknown") + block(order, 4, bytes(4)) + block(order, 5, bytes(12))
            time -= offset * 10**9
            units = (time << (resolution & 127)) // 10**9 if resolution & 128 else time * 10**resolution // 10**9
            if simple:
                data += block(order, 3, struct.pack(order + "I", size) + record)
            else:
                name = struct.pack(order + "HH", place % interfaces, 0) if obsolete else struct.pack(order + "I", place % interfaces)
                fields = name + struct.pack(order + "IIII", units >> 32, units % MEGA, len(record), size)
                data += block(order, 2 if obsolete else 6, fields + record)
    return data


def truth(conversation, segments, wire):
    """What a capture of these segments holds of a conversation."""
    times = [[None] * conversation.position[side] for side in (0, 1)]
    for packet in segments:
        if packet.isFalse or packet.flags & SYN:
            continue
        end = len(packet.data) if packet.kept is None else min(len(packet.data), packet.kept)
        for at in range(max(0, packet.offset), min(packet.offset + end, len(times[packet.side]))):
            if times[packet.side][at] is None:
                times[packet.side][at] = packet.time
    # A byte is there when all before it are.
    for known in times:
        latest = 0
        for at, time in enumerate(known):
            if time is not None:
                latest = known[at] = max(latest, time)
    held, calls, pairs = [], {}, []
    for message in conversation.messages:
        if None in times[message["side"]][message["start"]:message["end"]]:
            continue
        held.append({key: message[key] for key in ("dir", "protocolId", "sn", "len", "sha256")})
        time, asker = times[message["side"]][message["end"] - 1], message["sn"] % 2
        if message["sn"] and message["side"] == asker:
            calls[message["sn"]] = (message, time)
        elif message["sn"] in calls:
            request, asked = calls.pop(message["sn"])
            pairs.append({"sn": message["sn"], "asked_by": SIDES[asker], "request": request["protocolId"],
                          "response": message["protocolId"], "latency_ns": time - asked})
    client, server = (wire.name(end) for end in segments[0].ends)
    return {"client": client, "server": server, "upgrade": {"query": {"uid": "u1001"}}, "messages": held,
            "rpc": {"pairs": pairs}}
