"""A server of the goutils/ws protocol over websockets: one frame a binary message, calls both ways, a hub.

`serve` has the handlers, those of the application that wireproof probes: put yours beside them, and take the rest along.
"""
import asyncio
import re
import struct
import sys
import time

from websockets.asyncio.server import serve as listen
from websockets.exceptions import ConnectionClosed, InvalidHeader
from websockets.headers import parse_extension

HEADER = struct.Struct("<2sIII")  # magic, length, protocolId, sn, all little-endian
MAGIC = b"\xfe\xef"
MAX_LENGTH = 512 * 1024  # of the field length, which counts all behind itself
DISPLACEMENT = 0x7FFFFFFF  # the protocolId that tells a client of its displacement
WAIT = 60
hub = {}  # one connection an identity, the newest


class Peer:
    def __init__(self, socket):
        self.socket, self.pending, self.sn, self.tasks, self.displaced = socket, {}, 1, set(), False
        host, port = socket.remote_address[:2]
        self.address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    async def send(self, protocol_id, sn, payload):
        """Writes a frame: one-way with sn 0, an answer with the sn of its request, a call with a number of our own."""
        if not self.displaced:
            try:
                await self.socket.send(HEADER.pack(MAGIC, 8 + len(payload), protocol_id, sn) + payload)
            except ConnectionClosed:
                pass

    async def call(self, protocol_id, payload):
        """The payload of the answer. A server's numbers are odd, from 3 on; the largest is followed by 3."""
        self.sn = self.sn + 2 if self.sn < 0xFFFFFFFF else 3
        answer = self.pending[self.sn] = asyncio.get_running_loop().create_future()
        await self.send(protocol_id, self.sn, payload)
        return await answer

    async def serve(self, protocol_id, sn, payload):
        """What the application does on a protocolId, each in a task of its own. Unknown ones are ignored."""
        if protocol_id == 2:  # echo: of a call as its answer, else one-way
            await self.send(3, sn, payload)
        elif protocol_id == 4:  # the same, slowly
            await asyncio.sleep(2)
            await self.send(5, sn, payload)
        elif protocol_id == 6:  # a call of the server, which reports the answer
            await self.send(8, 0, await self.call(7, payload))
        elif protocol_id == 10:  # a burst
            for number in range(100):
                await self.send(11, 0, str(number).encode())
        elif protocol_id == 12:  # a signal to fetch what is new
            await self.send(9, 0, b"pulled")

    def receive(self, message):
        """Handles a message; the close code where it is no frame. An answer is known by its number alone."""
        if isinstance(message, str):
            return 1003
        if len(message) < HEADER.size:
            return 1002
        magic, length, protocol_id, sn = HEADER.unpack_from(message)
        if magic != MAGIC or length != len(message) - 6:
            return 1002
        answer = self.pending.pop(sn, None)
        if answer:
            answer.set_result(message[HEADER.size:])
        task = asyncio.create_task(self.serve(protocol_id, sn, message[HEADER.size:]))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def displace(self, newcomer):
        """P_DISPLACE {old_ip = 1, new_ip = 2, ts = 3} in the last frame, then the close frame."""
        stamp, varint = time.time_ns(), b""
        while stamp > 127:
            stamp, varint = stamp >> 7, varint + bytes([stamp & 127 | 128])
        texts = [bytes([tag, len(text)]) + text.encode() for tag, text in ((10, self.address), (18, newcomer.address))]
        await self.send(DISPLACEMENT, 0, b"".join(texts) + b"\x18" + varint + bytes([stamp]))
        self.displaced = True
        await self.socket.close()


def identity(query):
    """uid-typed-deviceId-source. The first of each name counts; values need not be UTF-8, and bytes make the difference."""
    values = {}
    for pair in query.split("&"):
        if not re.search(";|%(?![0-9A-Fa-f]{2})", pair):  # else it is as if it was not there
            pair = re.sub("%(..)", lambda escape: chr(int(escape[1], 16)), pair.replace("+", " ").replace("=", "\0", 1))
            name, _, value = pair.partition("\0")
            values.setdefault(name, value)
    typed = values.get("typed", "")
    typed = int(typed) if re.fullmatch("[+-]?[0-9]{1,19}", typed) else 0
    return "-".join([values.get("uid", ""), str(typed), values.get("deviceId", ""), values.get("source", "")])


async def join(socket):
    peer, name = Peer(socket), identity(socket.request.path.partition("?")[2])
    old, hub[name] = hub.get(name), peer
    displacing = asyncio.create_task(old.displace(peer)) if old else None  # the newcomer does not wait for it
    try:
        async for message in socket:  # closes with 1002, 1007 or 1009 what breaks RFC 6455
            if code := peer.receive(message):
                return await socket.close(code)
    except ConnectionClosed:
        pass
    finally:
        if hub.get(name) is peer:
            del hub[name]
        for task in peer.tasks:
            task.cancel()
        if displacing:
            await displacing


def refuse(socket, request):
    """A refusal before the 101, or None, where websockets alone would refuse less, or in other words, than RFC 6455."""
    if re.sub("^[a-z]+://[^/?]*", "", request.path.partition("?")[0]) != "/join":
        return socket.respond(404, "no such path\n")
    if request.headers.get_all("Sec-WebSocket-Version") != ["13"]:
        response = socket.respond(426, "WebSocket version 13, please\n")
        response.headers["Sec-WebSocket-Version"] = "13"
        return response
    try:
        for field in request.headers.get_all("Sec-WebSocket-Extensions"):
            parse_extension(field)
    except InvalidHeader:
        return socket.respond(400, "no extensions by RFC 6455\n")


async def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8003
    async with listen(join, "127.0.0.1", port, process_request=refuse, compression=None, max_size=6 + MAX_LENGTH,
                      ping_interval=WAIT * 0.4, ping_timeout=WAIT, close_timeout=1, server_header=None) as server:
        await server.serve_forever()


asyncio.run(main())
