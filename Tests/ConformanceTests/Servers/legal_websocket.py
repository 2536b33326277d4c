"""The WebSocket layer of a legal server (RFC 6455), with the interface that the reference application asks of a socket."""
import asyncio
import enum
import random
import struct
import time
import zlib

from websockets.exceptions import ConnectionClosedError

from legal_deflate import Broken

LIMIT = 524288 + 6
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


class Violation(Exception):
    """Of RFC 6455: the close code and why."""


class State(enum.Enum):
    OPEN = 0
    CLOSED = 1


class Socket:
    """A connection after its 101."""

    def __init__(self, reader, wire, request, deflate, switches):
        self.reader, self.wire, self.request, self.deflate, self.switches = reader, wire, request, deflate, switches
        self.transport, self.state, self.close_code, self.heard = wire.transport, State.OPEN, None, time.monotonic()
        self.remote_address = self.transport.get_extra_info("peername")
        self.messages, self.ended, self.close_sent = asyncio.Queue(16), asyncio.Event(), False
        self.sent, self.tokens, self.refilled = 0, 20.0, time.monotonic()
        self.batch, self.flushing = [], None
        self.sending, self.tasks = asyncio.Lock(), set()
        self.running, self.idle, self.handled, self.ping = 0, asyncio.Event(), asyncio.Event(), None
        self.opened, self.waiting = asyncio.Event(), 0

    def start(self, work):
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    # What is sent

    def frame(self, opcode, payload, final=True, rsv1=False):
        size = len(payload)
        head = bytes([final << 7 | rsv1 << 6 | opcode])
        head += bytes([size]) if size < 126 else struct.pack(">BH", 126, size) if size < 65536 else struct.pack(">BQ", 127, size)
        return head + payload

    def control(self, opcode, payload=b""):
        if not self.close_sent or self.switches.on("pong-behind-close") and opcode == PONG:
            self.wire.write(self.frame(opcode, payload))

    async def send(self, data, text=None):
        """Sends a message, or keeps it for the next batch."""
        if self.close_sent or self.state is State.CLOSED:
            raise ConnectionClosedError(None, None)
        if self.switches.on("batches"):
            self.batch.append(data)
            if self.flushing is None:
                self.flushing = asyncio.get_running_loop().call_later(0.04, self.flush)
            return
        async with self.sending:
            await self.pace()
            await self.wire.room()
            if not self.close_sent:
                self.write_message(data)

    def flush(self):
        if self.flushing is not None:
            self.flushing.cancel()
        self.flushing = None
        batch, self.batch = self.batch[::-1], []
        for data in batch if not self.close_sent else []:
            self.write_message(data)

    async def pace(self):
        while self.switches.on("paced") and not self.close_sent:
            now = time.monotonic()
            self.tokens, self.refilled = min(20, self.tokens + 15 * (now - self.refilled)), now
            if self.tokens >= 1:
                self.tokens -= 1
                return
            await asyncio.sleep((1 - self.tokens) / 15)

    def write_message(self, data):
        on, self.sent = self.switches.on, self.sent + 1
        compresses = self.deflate is not None and not on("deflate-never") and not (on("deflate-some") and self.sent % 2 or on("deflate-large") and len(data) < 1024)
        if compresses:
            if on("deflate-flushes"):
                data = self.deflate.compress_in_blocks(data)
            else:
                if on("deflate-fresh"):
                    self.deflate.deflater = None
                strategy = zlib.Z_HUFFMAN_ONLY if on("deflate-huffman") else zlib.Z_DEFAULT_STRATEGY
                data = self.deflate.compress(data, on("deflate-some") and self.sent % 6 == 0, 0 if on("deflate-stored") else 6, strategy)
        if on("one-byte") and len(data) <= 2000:
            pieces = [data[index:index + 1] for index in range(len(data))]
        elif on("fragment-empty-first"):
            pieces = [b"", data]
        elif on("fragments"):
            half = len(data) // 2
            pieces = [data[:half], data[half:], b"", b""]
        elif on("fragments-of-original"):
            pieces = [data[at:at + 4096] for at in range(0, len(data), 4096)] if len(data) <= 8220 else [data, b""]
        else:
            pieces = [data]
        output = b""
        for index, piece in enumerate(pieces):
            last = index == len(pieces) - 1
            output += self.frame(CONTINUATION if index else BINARY, piece, last, compresses and index == 0)
            if on("one-byte", "fragments") and not last and (on("fragments") or index % 3 == 0):
                output += self.frame(PING, b"between") if index % 2 == 0 else self.frame(PONG, b"unasked")
        self.wire.write(output)

    async def close(self, code=None, reason=""):
        """Closes from this side, and waits for the end."""
        self.flush()
        if not self.close_sent:
            self.send_close(code, reason)
            self.start(self.give_up())
        await self.ended.wait()

    def end_with(self, data, code=None):
        """Sends a last message and closes, past everything that waits to be sent."""
        self.flush()
        if not self.close_sent and self.state is State.OPEN:
            self.write_message(data)
            self.send_close(code, "displaced")
            self.start(self.give_up())

    def send_close(self, code=None, reason=""):
        if self.switches.on("close-text"):
            code, reason = code or 1000, "\r\nwhat\x1b[31m is\t\u00fc?\n" + "\U0001f600" * 25
        body = b"" if code is None else struct.pack(">H", code) + reason.encode()[:123]
        self.wire.write(self.frame(CLOSE, body))
        self.close_sent = True
        if self.switches.on("rst"):
            self.wire.finish(reset=True)

    async def give_up(self):
        """The peer's close frame is not waited for without end."""
        await asyncio.sleep(10 if self.switches.on("close-waits") else 1)
        self.wire.finish()

    # What is received

    def __aiter__(self):
        return self

    async def __anext__(self):
        message = await self.messages.get()
        if message is None:
            raise StopAsyncIteration
        return message

    async def receive(self):
        """Reads until the end; what breaks a rule is answered as the switches say."""
        try:
            await self.read_messages()
        except (Violation, Broken) as violation:
            await self.fail(*violation.args)
            if self.switches.on("close-waits"):
                try:
                    await self.skip()
                except (asyncio.IncompleteReadError, ConnectionError):
                    pass
        except (asyncio.IncompleteReadError, ConnectionError):
            self.close_code = self.close_code or 1006
            if self.switches.on("half-close"):
                await self.finish_calls()
        self.state = State.CLOSED
        if not self.close_sent and not (self.switches.on("eof-silent") and self.close_code == 1006):
            self.send_close()
        self.wire.finish(reset=self.switches.on("rst"), after=0.5 if self.switches.on("end-late") else 0)
        self.ended.set()
        await self.messages.put(None)
        for task in list(self.tasks):
            task.cancel()

    async def fail(self, code, reason):
        """Fails the connection."""
        on = self.switches.on
        if on("close-slow"):
            await asyncio.sleep(1.3)
        if on("close-after-calls"):
            await self.finish_calls()
        if self.close_sent:
            return
        self.flush()
        if on("close-none-tcp"):
            self.close_sent = True
            return self.wire.finish()
        self.send_close(1008 if on("close-1008") else 4000 if on("close-4000") else 1011 if on("close-1011") else code, reason)
        self.start(self.give_up())

    async def skip(self):
        """Skips what comes until the close frame, as long as it has the form of frames."""
        while True:
            first, second = await self.reader.readexactly(2)
            size = second & 127
            size = int.from_bytes(await self.reader.readexactly({126: 2, 127: 8}[size]), "big") if size > 125 else size
            await self.reader.readexactly(min(size, 1 << 20) + 4 * (second >> 7))
            if first & 15 == CLOSE:
                return

    async def finish_calls(self):
        """Waits until no call runs."""
        while self.running:
            self.idle.clear()
            await self.idle.wait()

    async def read_messages(self):
        message, opcode, compressed, size = [], None, False, 0
        while True:
            final, rsv, kind, payload = await self.read_frame(opcode is not None, size)
            if kind >= CLOSE:
                if await self.read_control(kind, payload):
                    return
                continue
            if kind != CONTINUATION:
                message, opcode, compressed, size = [], kind, bool(rsv), 0
            message.append(payload)
            size += len(payload)
            if not final:
                continue
            data, text, opcode, size = b"".join(message), opcode == TEXT, None, 0
            self.heard = time.monotonic()
            if self.switches.on("bandwidth"):
                await asyncio.sleep(len(data) / 524288)
            if compressed:
                data = self.deflate.inflate(data)
            if text:
                try:
                    data = data.decode()
                except UnicodeDecodeError:
                    raise Violation(1007, "no UTF-8") from None
            if self.close_sent or text and self.switches.on("text-dropped"):
                continue
            self.handled.clear()
            await self.messages.put(data)
            if self.switches.on("blocking"):
                await self.handled.wait()

    async def read_frame(self, within, before):
        first, second = await self.reader.readexactly(2)
        final, rsv, kind, masked, size = first >> 7, first >> 4 & 7, first & 15, second >> 7, second & 127
        allowed = 4 if self.deflate is not None and kind in (TEXT, BINARY) else 0
        if rsv & ~allowed or kind not in (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG):
            raise Violation(1002, "reserved")
        if kind >= CLOSE and (not final or size > 125):
            raise Violation(1002, "control frame")
        if kind < CLOSE and (kind == CONTINUATION) != within:
            raise Violation(1002, "order of fragments")
        if not masked:
            raise Violation(1002, "not masked")
        if size == 126:
            size, = struct.unpack(">H", await self.reader.readexactly(2))
            if size < 126:
                raise Violation(1002, "length not minimal")
        elif size == 127:
            size, = struct.unpack(">Q", await self.reader.readexactly(8))
            if size < 65536 or size >> 63:
                raise Violation(1002, "length")
        if kind < CLOSE and before + size > LIMIT:
            raise Violation(1009, "too large")
        mask = await self.reader.readexactly(4)
        payload = await self.reader.readexactly(size)
        key = (mask * (size // 4 + 1))[:size]
        return final, rsv, kind, (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")

    async def read_control(self, kind, payload):
        """Whether that was the end."""
        if kind == PONG:
            self.heard = time.monotonic()
        elif kind == PING:
            self.heard = time.monotonic()
            if self.switches.on("pong-latest"):
                if self.ping is None:
                    asyncio.get_running_loop().call_later(0.05, self.answer_latest)
                self.ping = payload
            elif self.switches.on("pongs-of-latest"):
                if self.waiting == 0:
                    asyncio.get_running_loop().call_later(0.002, self.answer_all)
                self.waiting, self.ping = self.waiting + 1, payload
            elif self.switches.on("pong-queued"):
                self.start(self.pong_behind(payload))
            elif self.switches.on("pong-late"):
                asyncio.get_running_loop().call_later(0.3, self.control, PONG, payload)
            else:
                self.control(PONG, payload)
        else:
            await self.answer_close(payload)
            return True
        return False

    async def answer_close(self, payload):
        on = self.switches.on
        if len(payload) == 1:
            raise Violation(1002, "one byte")
        code = struct.unpack(">H", payload[:2])[0] if payload else None
        if code is not None and not (1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999):
            raise Violation(1002, "close code")
        try:
            payload[2:].decode()
        except UnicodeDecodeError:
            raise Violation(1007, "no UTF-8") from None
        self.close_code = code or 1005
        if self.close_sent:
            return
        if on("ack-close-late"):
            await asyncio.sleep(1)
        if on("close-drains"):
            await self.finish_calls()
        self.flush()
        self.send_close(1000 if on("close-answers-1000") else None if on("echo-empty") or code is None else code)
        if on("two-ends"):
            self.wire.finish(reset=True)

    def answer_all(self):
        for _ in range(self.waiting):
            self.control(PONG, self.ping)
        self.waiting = 0

    async def pong_behind(self, payload):
        async with self.sending:
            await self.wire.room()
            self.control(PONG, payload)

    def answer_latest(self):
        payload, self.ping = self.ping, None
        self.control(PONG, payload)

    # What a server does unasked

    async def ping_and_wait(self):
        while True:
            self.control(PING, b"there?")
            await asyncio.sleep(1)
            if time.monotonic() - self.heard > 5 and not self.close_sent:
                self.send_close(1011, "keepalive ping timeout")
                self.start(self.give_up())
                return

    async def ping_often(self):
        while True:
            self.control(PING, b"%d" % random.randrange(1000))
            self.control(PONG, b"unasked")
            await asyncio.sleep(0.02)
