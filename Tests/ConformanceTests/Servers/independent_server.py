#!/usr/bin/env python3
"""The reference application over Python's `websockets`: a server that shares no code with this package.

It is what `wireproof probe server` is tried on. Right, it must not be found wrong; with `--fault NAME` it has one fault,
and the probe that FAULTS names has to find it. `--list-faults` prints that table.
"""
import argparse
import asyncio
import os
import re
import struct
import sys
import time

import websockets.frames
import websockets.protocol
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed, InvalidHeader
from websockets.headers import parse_extension

# The modules beside this file are small: nothing is left behind for them.
sys.dont_write_bytecode = True
import independent_faults
from independent_faults import FAULTS, fault
from independent_websocket import Connection, Deflate, LaxFrame

LIMIT, DISPLACEMENT = 524288, 0x7FFFFFFF
hub, connections, arguments = {}, [], argparse.Namespace()


def pairs(query):
    """The first value of each parameter; pairs with a broken escape or a semicolon are dropped."""
    found = {}
    for pair in query.split("&"):
        if not pair or ";" in pair or re.search("%(?![0-9A-Fa-f]{2})", pair):
            continue
        if not fault("plus-kept"):
            pair = pair.replace("+", " ")
        name, _, value = pair.partition("=")
        decode = lambda text: text if fault("escapes-kept") else re.sub(
            b"%([0-9A-Fa-f]{2})", lambda hit: bytes([int(hit[1], 16)]), text.encode()).decode(errors="surrogateescape")
        if decode(name) not in found or fault("last-parameter-wins"):
            found[decode(name)] = decode(value)
    return found


def integer(text):
    return max(-2**63, min(2**63 - 1, int(text))) if re.fullmatch("[+-]?[0-9]+", text) else 0


def path_of(target):
    """The path of a request target, which may be a whole URI (RFC 9112 section 3.2.2)."""
    path = target.partition("?")[0]
    return "/" + path.partition("://")[2].partition("/")[2] if "://" in path else path


def identity(query):
    typed = "" if fault("typed-missing") and "typed" not in query else integer(query.get("typed", ""))
    parts = [query.get("uid", ""), str(typed), query.get("deviceId", "")]
    parts += [] if fault("source-ignored") else [query.get("source", "")]
    return "-".join(parts + ([query.get("version", "")] if fault("version-in-identity") else []))


def varint(value):
    return bytes([value & 127 | 128]) + varint(value >> 7) if value > 127 else bytes([value])


def displacement(old, new):
    if fault("addresses-swapped"):
        old, new = new, old
    text = lambda tag, value: bytes([tag]) + varint(len(value)) + value.encode()
    return text(0x0A, old) + text(0x12, new) + b"\x18" + varint(time.time_ns())


def frame(protocol_id, sn, payload):
    length = len(payload) + (0 if fault("length-of-payload") else 7 if fault("length-off-by-one") else 8)
    return (b"\xef\xfe" if fault("magic-swapped") else b"\xfe\xef") + struct.pack("<III", length, protocol_id, sn) + payload


class Refused(Exception):
    """A message that is no frame: the close code and a reason."""


def parse(message):
    if isinstance(message, str):
        if not fault("text-accepted"):
            raise Refused(1003, "text")
        return 2, 0, message.encode()
    if fault("short-filled"):
        message = message.ljust(14, b"\0")
    if len(message) < 14:
        raise Refused(1002, "short")
    magic, length, protocol_id, sn = struct.unpack_from("<2sIII", message)
    if magic != b"\xfe\xef" and not fault("magic-unchecked"):
        raise Refused(1002, "magic")
    if fault("length-unchecked"):
        return protocol_id, sn, message[14:]
    if length > LIMIT - fault("limit-below") + fault("limit-above"):
        raise Refused(1009, "length")
    behind = len(message) - 6 - length
    if length < 8 or behind < 0 or behind and not fault("trailing-delivered", "second-frame-delivered"):
        raise Refused(1002, "length")
    return protocol_id, sn, message[14:] if fault("trailing-delivered") else message[14:6 + length]


class Peer:
    def __init__(self, socket):
        self.socket, self.displaced, self.sn, self.pending = socket, False, 2 if fault("server-sn-even") else 3, {}
        self.tasks, self.in_flight, self.held, self.puller = set(), [], None, asyncio.Event()
        address = socket.remote_address
        self.address = f"[{address[0]}]:{address[1]}" if ":" in address[0] else f"{address[0]}:{address[1]}"
        self.identity = identity(pairs(socket.request.path.partition("?")[2]))

    def start(self, work):
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def send(self, protocol_id, sn, payload):
        to = hub.get(self.identity, self) if fault("answers-by-identity") else self
        if fault("answers-recycled") and self.socket.state.name != "OPEN" and connections:
            to = connections[-1]
        if to.displaced:
            return
        data = frame(protocol_id, sn, payload)
        if fault("frames-joined"):
            data += frame(protocol_id, 0, b"more")
        for peer in connections if fault("answers-everywhere") and protocol_id == 3 and sn == 0 else [to]:
            try:
                await peer.socket.send(data, text=True if fault("text-sent") else None)
            except ConnectionClosed:
                pass

    async def answer(self, protocol_id, sn, payload):
        sn = sn + fault("sn-plus-one") & (0xFFFF if fault("sn-16-bits") else 0xFFFFFFFF) if sn else 7 if fault("one-way-numbered") else 0
        if fault("charset-transcoded"):
            payload = payload.decode(errors="replace").encode()
        if sn and fault("answers-missing"):
            return
        if sn and fault("answers-swapped"):
            if self.held is None:
                self.held = sn, payload
                await asyncio.sleep(0.05)
                if self.held is None:
                    return
                (sn, payload), self.held = self.held, None
            else:
                other, self.held = self.held, None
                await self.send(protocol_id, other[0], payload)
                payload = other[1]
        if fault("calls-dropped"):
            await asyncio.sleep(0.1)
        await self.send(protocol_id, sn, payload)
        if sn and fault("answers-twice"):
            await self.send(protocol_id, sn, payload)

    async def slow(self, sn, payload):
        await asyncio.sleep(arguments.slow_delay)
        await self.answer(5, sn, payload)

    async def track(self, sn, work):
        if fault("calls-dropped") and len(self.in_flight) >= 8 or fault("duplicate-sn-dropped") and sn in self.in_flight:
            return work.close()
        self.in_flight.append(sn)
        await work
        self.in_flight.remove(sn)

    async def call(self, payload):
        sn, self.sn = self.sn, self.sn + 2 - 2 * fault("server-sn-constant")
        self.pending[sn] = asyncio.get_running_loop().create_future()
        await self.send(7, sn, payload)
        try:
            await self.send(8, 0, await asyncio.wait_for(self.pending[sn], 60))
        except asyncio.TimeoutError:
            pass
        if not fault("second-answer"):
            self.pending.pop(sn, None)

    async def burst(self):
        for number in range(100 - fault("burst-short")):
            await self.send(11, 0, str(number).encode())

    async def pull(self):
        while True:
            await self.puller.wait()
            self.puller.clear()
            await self.send(9, 0, b"pulled")

    async def handle(self, message):
        if not message and fault("dies"):
            print("\x1b[31mpanic:\x1b[0m an empty message\x07", file=sys.stderr, flush=True)
            os._exit(3)
        if not message and fault("hangs"):
            time.sleep(1000)
        protocol_id, sn, payload = parse(message)
        if fault("second-frame-delivered") and len(message) > 14 + len(payload):
            await self.handle(message[:14 + len(payload)])
            return await self.handle(message[14 + len(payload):])
        if fault("id-16-bits"):
            protocol_id &= 0xFFFF
        waiting = next(iter(self.pending.values()), None) if sn and fault("any-answer") else self.pending.get(sn)
        if sn and waiting is not None:
            if not waiting.done():
                waiting.set_result(payload)
            elif fault("second-answer"):
                await self.send(8, 0, payload)
        if arguments.minimal:
            return await self.send(3, 0, b"welcome") if protocol_id == 2 and sn == 0 else None
        if protocol_id == 2 and sn and fault("answers-swapped", "calls-dropped", "duplicate-sn-dropped"):
            self.start(self.track(sn, self.answer(3, sn, payload)))
        elif protocol_id == 2:
            await self.answer(3, sn, payload)
        elif protocol_id == 4:
            self.start(self.track(sn, self.slow(sn, payload)))
        elif protocol_id == 6:
            self.start(self.call(payload))
        elif protocol_id == 10:
            self.start(self.burst())
        elif protocol_id == 12 and not fault("puller-silent"):
            self.puller.set()
        elif fault("unknown-closes") or protocol_id == DISPLACEMENT and fault("displacement-believed"):
            raise Refused(1008, "unknown protocolId")
        elif fault("unknown-answered") and sn and sn % 2 == 0:
            await self.send(0, sn, b"unknown protocolId")

    async def displace(self, newcomer):
        """The last frame and the close frame; a peer that does not read them is cut off."""
        self.displaced = not fault("displaced-kept", "answers-by-identity")
        try:
            async with asyncio.timeout(2):
                if not fault("displacement-missing"):
                    await self.socket.send(frame(DISPLACEMENT, 0, displacement(self.address, newcomer.address)))
                if not fault("displaced-kept"):
                    await self.socket.close()
        except (TimeoutError, ConnectionClosed):
            self.socket.transport.abort()

    async def deadline(self):
        while arguments.read_wait and not fault("no-deadline"):
            left = self.socket.heard + arguments.read_wait - time.monotonic()
            if left <= 0:
                return await self.socket.close()
            await asyncio.sleep(left)


async def serve_peer(socket):
    peer = Peer(socket)
    old = None if fault("no-hub") else hub.get(peer.identity)
    if old and fault("newcomer-refused", "slot-lost"):
        return await socket.close(1008, "the identity is taken")
    hub[peer.identity] = peer
    connections.append(peer)
    displacing = asyncio.create_task(old.displace(peer)) if old and not arguments.minimal else None
    peer.start(peer.pull())
    peer.start(peer.deadline())
    try:
        async for message in socket:
            await peer.handle(message)
    except Refused as refused:
        await socket.close(*refused.args)
    except ConnectionClosed:
        pass
    finally:
        connections.remove(peer)
        if hub.get(peer.identity) is peer and not (fault("slot-lost") and socket.close_code == 1006) or fault("slot-taken"):
            hub.pop(peer.identity, None)
        if not fault("answers-recycled", "answers-by-identity"):
            for task in peer.tasks:
                task.cancel()
        if displacing:
            await displacing


def look_at_request(connection, request):
    if path_of(request.path) != "/join":
        return connection.respond(404, "no such path\n")
    # RFC 6455 section 9.1: a field that breaks the grammar is refused, also by a server without extensions, whose library
    # does not read it.
    try:
        for value in request.headers.get_all("Sec-WebSocket-Extensions"):
            parse_extension(value)
    except InvalidHeader:
        return connection.respond(400, "Sec-WebSocket-Extensions breaks the grammar\n")
    if fault("version-unchecked"):
        del request.headers["Sec-WebSocket-Version"]
        request.headers["Sec-WebSocket-Version"] = "13"


def change_response(connection, request, response):
    if fault("accept-wrong"):
        del response.headers["Sec-WebSocket-Accept"]
        response.headers["Sec-WebSocket-Accept"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAA="
    if response.status_code == 101:
        del response.headers["Date"]
    elif request.headers.get("Sec-WebSocket-Version", "13") != "13":
        response.headers["Sec-WebSocket-Version"] = "13"
    return response


async def main():
    if fault("unmasked-accepted", "reserved-bits-ignored", "reserved-opcode-accepted"):
        websockets.protocol.Frame = LaxFrame
    if fault("control-unchecked"):
        websockets.frames.Frame.check = lambda frame: None
    extensions = [Deflate(server_max_window_bits=None, client_max_window_bits=None)] if arguments.compress else None
    async with serve(
            serve_peer, "127.0.0.1", arguments.port, create_connection=Connection, compression=None, extensions=extensions,
            max_size=LIMIT + 6 + fault("limit-above"), process_request=look_at_request, process_response=change_response,
            server_header=None, ping_interval=None, close_timeout=2):
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8003)
    parser.add_argument("--compress", action="store_true")
    parser.add_argument("--slow-delay", type=float, default=2)
    parser.add_argument("--read-wait", type=float, default=0, help="0: a silent connection is kept")
    parser.add_argument("--minimal", action="store_true", help="answers id 2, one-way, and knows no calls")
    parser.add_argument("--fault", choices=FAULTS, action="append", default=[], help="may be repeated")
    parser.add_argument("--list-faults", action="store_true")
    arguments = parser.parse_args()
    independent_faults.active += arguments.fault
    if arguments.list_faults:
        for name, (what, case, *options) in FAULTS.items():
            print(name, case, *options, what, sep="\t")
    else:
        asyncio.run(main())
