"""One connection of the reference application: its frames, its calls, its queue and its end."""
import asyncio
import collections
import socket
import struct
import time

from faulty import protocol, travel, websocket
from faulty.controls import Controls
from faulty.deflate import Deflater, Violation
from faulty.faults import on

QUEUE = 8
WRITE_WAIT = 60
MOST_CALLS = 4096


class Connection(Controls):
    newest = None
    bursting = 0
    shared_pending = {}
    shared_payload = b""
    shared_compressor = []
    writing = None
    reading = None
    slow_timer = None

    def __init__(self, server, transport_reader, writer, identity, deflate):
        self.server, self.input, self.writer = server, transport_reader, writer
        self.identity, self.deflate = identity, deflate
        host, port = writer.get_extra_info("peername")[:2]
        self.address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        limit = protocol.LIMIT + (14 if on("limit-on-payload") else 6)
        self.reader = websocket.Reader(limit, deflate)
        self.deflater = Deflater(deflate, server.level) if deflate else None
        self.queue, self.space, self.filled = collections.deque(), asyncio.Event(), asyncio.Event()
        self.tasks, self.closing, self.ended, self.displaced_by = set(), False, False, None
        self.next_sn, self.pending, self.order = 3, {}, []
        self.signals, self.pulling, self.pulled = 0, None, 0
        self.handled, self.one_way, self.seen, self.running = 0, 0, set(), {}
        self.last_sn, self.drop_next, self.last_heard = 0, False, time.monotonic()
        self.aliased = None
        self.highest, self.previous, self.repeated, self.unknown, self.answer_id = 0, None, False, 0, 5
        Connection.newest = self

    # Sending

    async def send(self, number, sn, payload):
        """Queues a message; waits while the queue is full."""
        if on("queue-overflow-dropped") and len(self.queue) >= QUEUE and self.unsent() > 65536:
            return
        if on("queue-overflow-closes") and self.unsent() > 65536:
            self.end(abort=True)
            return
        if not on("queue-unbounded"):
            while len(self.queue) >= QUEUE and not self.closing:
                self.space.clear()
                await self.space.wait()
        if self.ended and on("closed-still-serves"):
            self.writer.write(b"".join(self.packed(protocol.encoded(number, sn, payload))))
            return
        if self.closing:
            return
        self.queue.append(protocol.encoded(number, sn, payload))
        self.filled.set()

    def unsent(self):
        return self.writer.transport.get_write_buffer_size()

    def put(self, opcode, payload, reserved=0):
        """A control frame, before what is queued: sent at once."""
        if not self.closing:
            self.writer.write(websocket.frame(opcode, payload, True, reserved))

    def packed(self, message):
        if self.deflater is None or on("send-large-uncompressed-with-bit") and len(message) > 65536:
            return websocket.pieces(message, self.deflater is not None)
        payload, compressed = self.deflater.message(message)
        return websocket.pieces(payload, compressed)

    async def write(self):
        batches = 0
        try:
            while True:
                await self.filled.wait()
                self.filled.clear()
                first = True
                while self.queue and not self.closing:
                    message = self.queue.popleft()
                    self.space.set()
                    if on("batch-last-lost") and len(self.queue) == QUEUE - 2:
                        continue
                    if on("batch-first-twice") and first and len(self.queue) >= QUEUE - 1:
                        self.writer.write(b"".join(self.packed(message)))
                    first = False
                    if on("stuck-writer-blocks-all"):
                        while Connection.writing not in (None, self) and Connection.writing.unsent() > 65536 \
                                and not Connection.writing.closing:
                            await asyncio.sleep(0.05)
                        Connection.writing = self
                    frames = self.packed(message)
                    if on("deflate-large-behind-next") and self.deflater and len(message) > 8192:
                        self.run(self.write_late(frames))
                        continue
                    if on("send-messages-mixed") and len(message) > 8192:
                        self.run(self.write_slowly(message))
                        continue
                    self.writer.write(b"".join(frames))
                    if on("queue-full-stalls") and self.unsent() > 1 << 18:
                        await asyncio.sleep(WRITE_WAIT)
                    await asyncio.wait_for(self.writer.drain(), WRITE_WAIT)
        except (ConnectionError, asyncio.TimeoutError):
            self.end(abort=True)

    async def write_late(self, frames):
        await asyncio.sleep(0.002)
        self.writer.write(b"".join(frames))

    async def write_slowly(self, message):
        """Fragments of one message, with others' between them."""
        parts = [message[at:at + 4096] for at in range(0, len(message), 4096)]
        for index, part in enumerate(parts):
            self.writer.write(websocket.frame(2 if index == 0 else 0, part, index == len(parts) - 1))
            await asyncio.sleep(0.001)

    def run(self, coroutine):
        task = asyncio.create_task(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    # Receiving

    async def serve(self):
        writing = asyncio.create_task(self.write())
        watching = asyncio.create_task(self.watch())
        try:
            while not self.closing:
                data = await self.input.read(65536)
                if not data:
                    break
                if on("partial-message-blocks-all"):
                    while Connection.reading not in (None, self) and not Connection.reading.closing:
                        await asyncio.sleep(0.05)
                await self.received(data)
                if on("partial-message-blocks-all"):
                    half = self.reader.buffer or self.reader.opcode is not None
                    Connection.reading = self if half and not self.closing else None
            if not self.closing and on("fin-ignored"):
                await asyncio.sleep(60)
            if not self.closing:
                self.end()
            await self.linger()
        except ConnectionError:
            self.end(abort=True)
        finally:
            self.closing = True
            self.space.set()
            self.left()
            if self.server.hub.get(self.identity) is self or on("displaced-end-removes-newcomer"):
                self.server.unregister(self)
            writing.cancel()
            watching.cancel()
            if not on("slow-answer-to-newest-of-identity") and not on("puller-of-newcomer"):
                for task in list(self.tasks):
                    task.cancel()
            if on("reset-kills-server") and isinstance(self.input.exception(), ConnectionResetError):
                self.server.stop_accepting()
            self.writer.close()

    def left(self):
        """What a connection leaves behind for others."""
        self.reader.recycle()
        if self.deflater:
            self.deflater.left.append(self.deflater.compressor)
        self.server.application.left(self)
        if on("reconnect-soon-refused"):
            self.server.recent[self.identity] = time.monotonic()

    async def linger(self):
        """Takes what still comes, so that a reset does not overtake the close frame."""
        try:
            await asyncio.wait_for(self.discard(), 30 if on("close-without-fin") else 2)
        except asyncio.TimeoutError:
            pass

    async def discard(self):
        data = b""
        while True:
            if on("closed-still-serves"):
                self.closing, self.ended = False, True
                await self.received(data)
                self.closing = True
            data = await self.input.read(65536)
            if not data:
                return

    async def received(self, data):
        self.reader.buffer += data
        if on("segment-rest-waits-for-more") and len(data) < 65536:
            await self.one()
            return
        taken = 0
        while not self.closing and not (taken == 64 and on("frames-of-read-at-most-64")) and await self.one():
            taken += 1
        if on("segment-partial-frame-lost") and len(data) > 100 and 0 < len(self.reader.buffer) < 14:
            self.reader.buffer.clear()

    async def one(self):
        """Handles the next control frame or message; false if there is none."""
        try:
            item = self.reader.next()
            if item is None or self.said_close and isinstance(item, tuple):
                return False
            self.last_heard = time.monotonic()
            if isinstance(item, tuple):
                await self.message(item[1], item[2])
            else:
                self.control(item)
        except Violation as violation:
            self.violated(violation.code)
        except protocol.Malformed as malformed:
            if on("malformed-dropped") or on("malformed-drops-next"):
                self.drop_next = on("malformed-drops-next")
            elif on("malformed-close-kept-open"):
                self.put(8, struct.pack("!H", malformed.code))
            else:
                self.violated(malformed.code)
        return True

    def violated(self, code):
        if on("violation-1006") and code == 1009:
            code = 1006
        if on("violation-data-behind"):
            self.writer.write(websocket.frame(8, struct.pack("!H", code)))
            self.writer.write(b"".join(websocket.pieces(protocol.encoded(3, 0, b"late"), False)))
            self.end(silent=True)
            return
        if on("close-answer-answered"):
            if not self.said_close:
                self.put(8, struct.pack("!H", code))
            self.said_close = True
            self.reader.buffer.clear()
            return
        if on("violation-of-one-ends-all-of-user"):
            uid = self.identity.split("-")[0]
            for other in list(self.server.hub.values()):
                if other is not self and uid and other.identity.split("-")[0] == uid:
                    other.end()
        if on("violation-bans-address"):
            self.server.banned = time.monotonic() + 0.3
        if on("violation-reason-long") and code == 1009:
            self.writer.write(bytes([0x88, 126]) + struct.pack("!HH", 419, code) + b"x" * 417)
            self.end(silent=True)
            return
        if on("violation-reason-not-utf-8"):
            self.end(struct.pack("!H", code) + b"\xff\xfe")
            return
        self.end(struct.pack("!H", code))

    async def end_after(self, tasks, answer):
        await asyncio.wait(tasks)
        self.end(answer)

    # The end

    def end(self, payload=b"", silent=False, abort=False):
        """Sends a close frame and ends TCP; what is queued is dropped."""
        if self.closing:
            return
        if not silent and not abort:
            self.writer.write(websocket.frame(8, payload))
        self.closing = True
        self.space.set()
        if self.server.hub.get(self.identity) is self or on("ended-removes-newcomer-from-hub"):
            self.server.unregister(self)
        if abort:
            self.writer.transport.abort()
        elif on("close-rst"):
            self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.writer.transport.abort()
        elif not on("close-without-fin") and not on("closed-still-serves") and self.writer.can_write_eof():
            try:
                self.writer.write_eof()
            except OSError:
                pass

    async def watch(self):
        """Pings, and the end of a connection that is not heard."""
        wait = self.server.read_wait
        while not self.closing:
            await asyncio.sleep(0.4 * wait)
            if time.monotonic() - self.last_heard > wait:
                self.end()
            else:
                self.put(9, b"")

    # The application

    async def message(self, opcode, data):
        if opcode == websocket.TEXT:
            fragmented = self.reader.fragments > 1
            if on("text-dropped") or on("text-context-lost"):
                return
            if on("text-drops-next"):
                self.drop_next = True
                return
            delivered = on("text-fragmented-delivered") and fragmented
            delivered = delivered or on("text-compressed-delivered") and self.reader.compressed
            if not delivered:
                raise Violation(1003)
        for message in travel.taken(data, self.reader.fragments > 1, self.reader.compressed):
            await self.frame(message)

    async def frame(self, message):
        if self.handled > 0:
            message = travel.behind_first(message)
        number, sn, payload = protocol.decoded(message)
        self.handled += 1
        Connection.heard_before = time.monotonic()
        if self.drop_next:
            self.drop_next = False
            return
        await self.server.application.frame(self, number, sn, payload)
