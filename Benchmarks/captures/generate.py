#!/usr/bin/env python3
"""Writes a capture of clients of one server, as a benchmark wants it: long, whole and deterministic.

Each connection upgrades, then makes calls and sends one-way messages of 0 to 8 KiB in both directions; a segment has at
most 1,448 bytes, each second one is acknowledged, checksums are right. Prints what is in it, for whoever counts.

With --open connections are opened one after the other, a call and its answer pass on each, and none is closed: what an open
connection takes shows then.

Usage: generate.py FILE [--megabytes 200] [--connections 24] [--deflate] [--open]
"""
import argparse
import base64
import hashlib
import json
import random
import struct
import zlib

SEGMENT = 1448
SERVER = (0x0A00_0001, 8003)
EXTENSION = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
WORDS = [b'{"uid":"u1001",', b'"amount":', b'"state":"open",', b'"items":[1,2,3],', b'"note":"paid in full"}', b"2023-11-14T22:13:20Z "]


class Capture:
    """A pcap file with microseconds, and the clock of its packets."""

    def __init__(self, file):
        self.file, self.bytes, self.packets, self.microseconds = file, 0, 0, 1_700_000_000_000_000
        self.put(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))

    def put(self, data):
        self.file.write(data)
        self.bytes += len(data)

    def packet(self, frame):
        self.microseconds += 7
        self.packets += 1
        self.put(struct.pack("<IIII", *divmod(self.microseconds, 1_000_000), len(frame), len(frame)) + frame)


class Connection:
    """A TCP connection from its SYN to its FIN; side 0 is the client."""

    def __init__(self, capture, number, deflate, rng):
        self.capture, self.deflate, self.random, self.number = capture, deflate, rng, number
        self.ends = [(0x0A00_0100 + number, 40_000 + number % 20_000), SERVER]
        self.next = [rng.getrandbits(32), rng.getrandbits(32)]
        self.unacknowledged = [0, 0]
        self.sn = [2, 1]
        self.open_call = None
        self.segment(0, 0x02)
        self.segment(1, 0x12)
        self.segment(0, 0x10)
        self.upgrade()

    def segment(self, side, flags, data=b""):
        (source, source_port), (target, target_port) = self.ends[side], self.ends[1 - side]
        acknowledged = self.next[1 - side] if flags & 0x10 else 0
        tcp = struct.pack(">HHIIBBHHH", source_port, target_port, self.next[side], acknowledged, 0x50, flags, 65535, 0, 0)
        pseudo = struct.pack(">IIHH", source, target, 6, len(tcp) + len(data))
        tcp = tcp[:16] + struct.pack(">H", internet_sum(pseudo + tcp + data)) + tcp[18:]
        ip = struct.pack(">BBHHHBBHII", 0x45, 0, 40 + len(data), self.capture.packets & 0xFFFF, 0x4000, 64, 6, 0, source, target)
        ip = ip[:10] + struct.pack(">H", internet_sum(ip)) + ip[12:]
        self.capture.packet(b"\x02\0\0\0\0\x02\x02\0\0\0\0\x01\x08\x00" + ip + tcp + data)
        self.next[side] = (self.next[side] + len(data) + (1 if flags & 0x03 else 0)) & 0xFFFF_FFFF

    def write(self, side, data):
        for start in range(0, len(data), SEGMENT):
            self.segment(side, 0x18, data[start:start + SEGMENT])
            self.unacknowledged[side] += 1
            if self.unacknowledged[side] == 2:
                self.segment(1 - side, 0x10)
                self.unacknowledged[side] = 0

    def upgrade(self):
        key = base64.b64encode(self.random.randbytes(16)).decode()
        accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
        extension = f"Sec-WebSocket-Extensions: {EXTENSION}\r\n" if self.deflate else ""
        self.write(0, (f"GET /join?uid=u{self.number}&typed=2 HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{extension}\r\n").encode())
        self.write(1, (f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       f"Sec-WebSocket-Accept: {accept}\r\n{extension}\r\n").encode())

    def message(self, side, protocol_id, sn, most=8192):
        size = self.random.randrange(most)
        body = b"\xfe\xef" + struct.pack("<III", 8 + size, protocol_id, sn) + self.payload(size)
        first = 0x82
        if self.deflate:
            deflater = zlib.compressobj(6, zlib.DEFLATED, -15)
            body = (deflater.compress(body) + deflater.flush(zlib.Z_SYNC_FLUSH))[:-4]
            first = 0xC2
        length, mask = len(body), 0x80 if side == 0 else 0
        head = bytes([first, mask | length]) if length < 126 else bytes([first, mask | 126]) + struct.pack(">H", length)
        if side == 0:
            key = self.random.randbytes(4)
            pad = int.from_bytes((key * (length // 4 + 1))[:length], "big")
            head, body = head + key, (int.from_bytes(body, "big") ^ pad).to_bytes(length, "big")
        self.write(side, head + body)

    def payload(self, size):
        if not self.deflate:
            return self.random.randbytes(size)
        data = b"".join(self.random.choice(WORDS) + b"%d" % self.random.getrandbits(32) for _ in range(size // 20 + 1))
        return data[:size].ljust(size, b".")

    def step(self):
        """A call, the answer to an open one, or a one-way message; returns the frames and the calls that it completed."""
        if self.open_call:
            side, sn = self.open_call
            self.open_call = None
            self.message(1 - side, 3, sn)
            return 1, 1
        side = self.random.randrange(2)
        if self.random.random() < 0.4:
            self.open_call = (side, self.sn[side])
            self.message(side, 2, self.sn[side])
            self.sn[side] += 2
        else:
            self.message(side, 11, 0)
        return 1, 0

    def close(self):
        self.segment(0, 0x11)
        self.segment(1, 0x11)
        self.segment(0, 0x10)


def internet_sum(data):
    """RFC 1071 over bytes with the sum field 0."""
    if len(data) % 2:
        data += b"\0"
    folded = int.from_bytes(data, "big") % 0xFFFF
    return ~folded & 0xFFFF


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("file")
    arguments.add_argument("--megabytes", type=int, default=200)
    arguments.add_argument("--connections", type=int, default=24)
    arguments.add_argument("--deflate", action="store_true")
    arguments.add_argument("--open", action="store_true")
    options = arguments.parse_args()
    rng = random.Random(1)
    with open(options.file, "wb") as file:
        capture = Capture(file)
        if options.open:
            for number in range(options.connections):
                connection = Connection(capture, number, options.deflate, rng)
                connection.message(0, 2, 2, 100)
                connection.message(1, 3, 2, 100)
            print(json.dumps({"bytes": capture.bytes, "packets": capture.packets, "connections": options.connections,
                              "frames": 2 * options.connections, "rpcs": options.connections}))
            return
        connections = [Connection(capture, number, options.deflate, rng) for number in range(options.connections)]
        frames = calls = 0
        while capture.bytes < options.megabytes * 1_000_000:
            more_frames, more_calls = rng.choice(connections).step()
            frames, calls = frames + more_frames, calls + more_calls
        for connection in connections:
            if connection.open_call:
                more_frames, more_calls = connection.step()
                frames, calls = frames + more_frames, calls + more_calls
            connection.close()
    print(json.dumps({"bytes": capture.bytes, "packets": capture.packets, "connections": options.connections, "frames": frames, "rpcs": calls}))


if __name__ == "__main__":
    main()
