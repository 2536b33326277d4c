#!/usr/bin/env python3
"""The reference application over Python's `websockets`: a server that shares no code with this package.

It is what `wireproof probe server` is tried on. Right, it must not be found wrong; with `--fault NAME` it has one fault,
and the probe that FAULTS names has to find it. `--list-faults` prints that table.
"""
import argparse
import asyncio
import functools
import os
import re
import struct
import sys
import time
import zlib

import websockets.frames
import websockets.protocol
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidHeader
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.frames import Opcode
from websockets.headers import parse_extension

# What is wrong, the probe that has to find it, and the options that it takes to see it; --strict and --hub are the prober's.
FAULTS = {
    "sn-plus-one": ("an answer has the next sn", "rpc.sn.first"),
    "sn-16-bits": ("an answer has the low half of the sn", "rpc.sn.top-bit-and-two"),
    "one-way-numbered": ("the echo of a one-way message has an sn", "sanity.one-way"),
    "answers-missing": ("calls are not answered", "sanity.call"),
    "answers-twice": ("each call is answered twice", "rpc.answer.once"),
    "answers-swapped": ("the answers of two calls are exchanged", "rpc.concurrent.8"),
    "calls-dropped": ("a ninth call in flight is dropped", "rpc.concurrent.64"),
    "duplicate-sn-dropped": ("a second call with the sn of one in flight is dropped", "rpc.sn.duplicate.slow"),
    "answers-by-identity": ("an answer goes to whoever holds the identity by then", "displacement.in-flight"),
    "answers-recycled": ("the answer for a peer that left goes to another one", "isolation.leaver"),
    "answers-everywhere": ("one-way echoes go to all connections", "isolation.one-way"),
    "length-off-by-one": ("length counts one byte too few", "sanity.sender.frame"),
    "length-of-payload": ("length counts the payload alone", "sanity.call"),
    "magic-swapped": ("frames are sent with the magic swapped", "sanity.call"),
    "magic-unchecked": ("any magic is taken", "frame.magic.swapped"),
    "short-filled": ("a short message is filled up with zeros", "frame.cut.13"),
    "length-unchecked": ("length is not looked at", "frame.length.minimum.0"),
    "limit-below": ("a frame of exactly the limit is refused", "frame.length.limit.exact"),
    "limit-above": ("a frame one above the limit is served", "frame.length.limit.above"),
    "trailing-delivered": ("what follows the frame is delivered with it", "frame.trailing.one-byte"),
    "second-frame-delivered": ("a second frame in a message is served", "frame.trailing.two-frames.one-way"),
    "id-16-bits": ("half of the protocolId is looked at", "frame.protocol-id.high-bits.bit-16"),
    "unknown-closes": ("an unknown protocolId fails the connection", "frame.protocol-id.unknown.one-way"),
    "unknown-answered": ("an unknown protocolId is answered", "frame.protocol-id.unknown.call"),
    "displacement-believed": ("a displacement from a client closes", "displacement.from-client.empty"),
    "text-accepted": ("frames in text messages are served", "message.text.plain.words"),
    "text-sent": ("answers are text messages", "sanity.sender.frame"),
    "frames-joined": ("an echo has a second frame in its message", "sanity.sender.frame"),
    "no-pong": ("pings are not answered", "sanity.ping"),
    "pong-empty": ("pongs have no payload", "sanity.ping"),
    "masked": ("frames are masked", "sanity.sender.websocket"),
    "reserved-bit-sent": ("RSV2 is set", "sanity.sender.websocket"),
    "length-not-minimal": ("short frames have a 16-bit length", "sanity.sender.websocket"),
    "unmasked-accepted": ("unmasked frames are served", "ws.mask.missing.binary"),
    "reserved-bits-ignored": ("reserved bits are ignored", "ws.rsv.2"),
    "reserved-opcode-accepted": ("reserved opcodes are taken for binary", "ws.opcode.3"),
    "control-unchecked": ("control frames may be long or fragmented", "control.length.ping.126"),
    "close-unanswered": ("a close frame is answered by the end of TCP alone", "sanity.close"),
    "close-without-end": ("TCP does not end after the close frames", "sanity.close"),
    "data-after-close": ("a message follows the close frame", "close.burst"),
    "accept-wrong": ("Sec-WebSocket-Accept does not follow from the key", "sanity.upgrade"),
    "version-unchecked": ("any WebSocket version is taken", "handshake.version.8"),
    "displacement-missing": ("a displaced connection is only closed", "displacement.newcomer"),
    "displaced-kept": ("a displaced connection is told and not closed", "displacement.newcomer"),
    "newcomer-refused": ("who comes first keeps the identity", "displacement.newcomer"),
    "no-hub": ("connections with one identity live side by side", "displacement.newcomer", "--hub"),
    "slot-lost": ("an identity is not free again after a reset", "displacement.freed.reset"),
    "slot-taken": ("the end of a displaced connection removes its successor", "displacement.old-end"),
    "addresses-swapped": ("a displacement has its addresses exchanged", "displacement.addresses"),
    "typed-missing": ("a missing typed is not 0", "identity.same.defaults.typed"),
    "source-ignored": ("source is no part of the identity", "identity.other.source"),
    "version-in-identity": ("version is a part of the identity", "identity.metadata.version"),
    "last-parameter-wins": ("the last of repeated parameters counts", "metadata.repeated.uid"),
    "plus-kept": ("a plus in the query stays one", "metadata.plus.in-value"),
    "escapes-kept": ("percent escapes are not decoded", "metadata.percent.hyphen"),
    "server-sn-even": ("the server takes even numbers", "server-calls.answered"),
    "server-sn-constant": ("all calls of the server have the sn 3", "server-calls.concurrent"),
    "any-answer": ("any numbered frame completes a call of the server", "server-calls.wrong-sn"),
    "second-answer": ("a second answer is reported, too", "server-calls.second-answer"),
    "burst-short": ("one message of a burst is missing", "burst.count"),
    "puller-silent": ("the puller never runs", "puller.signal"),
    "charset-transcoded": ("payloads are decoded and encoded again", "frame.payload.not-utf8"),
    "others-blocked": ("who sends a part of a frame holds up everybody", "slow.sender.others"),
    "dies": ("the process ends at a message without bytes", "frame.cut.0"),
    "hangs": ("the process hangs at a message without bytes", "frame.cut.0"),
    "window-exceeded": ("the window that was agreed on is not kept to", "deflate.offer.valid.server-window-10", "--compress"),
    "window-unanswered": ("server_max_window_bits is accepted and not answered", "deflate.offer.valid.server-window-10", "--compress"),
    "context-kept": ("no_context_takeover is answered and not kept", "deflate.offer.valid.both-no-context", "--compress"),
    "parameters-ignored": ("unknown parameters are ignored", "deflate.offer.unknown-parameter.flag", "--compress"),
    "rsv1-missing": ("compressed messages are not marked", "deflate.message.small", "--compress"),
    "inflate-unchecked": ("broken deflate data are skipped", "deflate.invalid.block-type", "--compress"),
    "no-deadline": ("a silent connection is kept for ever", "keepalive.deadline.idle", "--read-wait 1 --strict"),
    "deadline-not-restarted": ("messages do not keep a connection", "keepalive.deadline.messages", "--read-wait 1"),
    "deadline-by-fragments": ("fragments keep a connection", "keepalive.deadline.fragments", "--read-wait 1 --strict"),
}
LIMIT, DISPLACEMENT = 524288, 0x7FFFFFFF
hub, connections, arguments = {}, [], argparse.Namespace(fault=None)


def fault(*names):
    return any(name in names for name in arguments.fault)


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


class Connection(ServerConnection):
    """Notes when something was heard, and breaks the rules of the WebSocket layer that `websockets` keeps."""

    heard = 0.0

    def connection_made(self, transport):
        self.heard = time.monotonic()
        send_eof = self.protocol.send_eof
        self.protocol.send_frame = self.send_frame
        self.protocol.send_eof = lambda: setattr(self.protocol, "eof_sent", True) if fault("close-without-end") else send_eof()
        super().connection_made(transport)

    def process_event(self, event):
        new = getattr(event, "opcode", None) in (Opcode.TEXT, Opcode.BINARY, Opcode.PING, Opcode.PONG)
        if (new or fault("deadline-by-fragments")) and not fault("deadline-not-restarted"):
            self.heard = time.monotonic()
        super().process_event(event)

    def data_received(self, data):
        if fault("others-blocked") and self.request is not None and len(data) < 6 + (data + b"\0")[1] % 128:
            time.sleep(6)
        super().data_received(data)

    def send_frame(self, frame):
        if frame.opcode is Opcode.PONG and fault("no-pong") or frame.opcode is Opcode.CLOSE and fault("close-unanswered"):
            return
        if frame.opcode is Opcode.PONG and fault("pong-empty"):
            frame.data = b""
        data = bytearray(frame.serialize(mask=fault("masked"), extensions=self.protocol.extensions))
        if fault("reserved-bit-sent"):
            data[0] |= 0x20
        if fault("rsv1-missing"):
            data[0] &= 0xBF
        if fault("length-not-minimal") and data[1] < 126:
            data[1:2] = [126, 0, data[1]]
        self.protocol.writes.append(bytes(data))
        if frame.opcode is Opcode.CLOSE and fault("data-after-close"):
            self.protocol.writes.append(b"\x82\x0e\xfe\xef\x08\0\0\0\x0b\0\0\0\0\0\0\0")


class LaxFrame(websockets.frames.Frame):
    """Reads what `websockets` refuses, by mending it before it is looked at."""

    @classmethod
    def parse(cls, read_exact, **options):
        first, unmasked = True, False

        def read(count):
            nonlocal first, unmasked
            if count == 4 and unmasked:
                unmasked = False
                return bytes(4)
            data = bytearray((yield from read_exact(count)))
            if first:
                first, unmasked = False, data[1] < 128 and fault("unmasked-accepted")
                data[1] |= 128 if unmasked else 0
                data[0] &= 0x8F if fault("reserved-bits-ignored") else 0xFF
                if fault("reserved-opcode-accepted") and data[0] & 7 > 2:
                    data[0] = data[0] & 0xF0 | 2
            return data
        return super().parse(read, **options)


class Deflate(ServerPerMessageDeflateFactory):
    def process_request_params(self, params, accepted):
        if fault("parameters-ignored"):
            params = [pair for pair in params if not pair[0].startswith("x")]
        answer, extension = super().process_request_params(params, accepted)
        if fault("window-unanswered"):
            answer = [pair for pair in answer if pair[0] != "server_max_window_bits"]
        if fault("window-exceeded", "window-unanswered"):
            extension.local_max_window_bits = 15
        if fault("context-kept"):
            extension.local_no_context_takeover = False
        extension.encoder = zlib.compressobj(wbits=-extension.local_max_window_bits)
        if fault("inflate-unchecked"):
            decode = extension.decode
            extension.decode = functools.partial(skip_broken, decode)
        return answer, extension


def skip_broken(decode, frame, **options):
    try:
        return decode(frame, **options)
    except websockets.exceptions.ProtocolError:
        return websockets.frames.Frame(Opcode.PONG, b"")


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
    if arguments.list_faults:
        for name, (what, case, *options) in FAULTS.items():
            print(name, case, *options, what, sep="\t")
    else:
        asyncio.run(main())
