"""One open connection: what arrives is handled, what is sent goes out in order, and it ends in due form."""
import asyncio
import collections
import os
import random
import time

from . import deflate, frame, websocket
from .calls import Calls
from .faults import on
from .oddities import odd
from .source import Ended

CLOSE_WAIT = 2
LEGAL_CODES = [*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)]


class Connection:
    """`handlers` maps a protocolId to a function of (connection, sn, payload)."""

    def __init__(self, transport, source, parameters, handlers, options):
        self.transport, self.source, self.handlers, self.options = transport, source, handlers, options
        self.stream = self.ending = None
        self.writer = websocket.Writer(parameters)
        self.reader = websocket.Reader(source, parameters)
        self.calls, self.calling = Calls(options.first_sn), set()
        self.loop = asyncio.get_running_loop()
        # Set by whoever asks for the end: "close" or "reconnect".
        self.wish, self.displaced, self.reason = None, False, ""
        self.close_sent = self.close_got = self.failed = False
        # The server has said that it is done: what is still sent to it may be read by nobody.
        self.over = False
        self.late, self.joined, self.waiting_pong, self.recent = collections.deque(), [], None, {}
        self.heard = time.monotonic()
        self.reads_before = self.answers = self.count = 0
        self.one_at_a_time = asyncio.Lock()

    # Sending

    def send(self, protocol_id, sn, payload):
        """A frame, as a message of its own; whether it could still be sent."""
        if self.transport.is_closing() or self.close_sent and not on("data-after-close-when-calls-pend"):
            return False
        if on("payload-cut-when-65536"):
            payload = payload[:65535]
        if on("payload-trimmed-when-nul-at-end"):
            payload = payload.rstrip(b"\0")
        data = frame.encode(protocol_id, sn, payload)
        if on("two-frames-joined-when-reports-meet") and sn == 0:
            self.joined.append(data)
            self.loop.call_soon(self._send_joined)
            return True
        if odd("pongs-unasked"):
            self._write(self.writer.control(websocket.PONG, b"unasked"))
        opcode = websocket.TEXT if on("message-text") else websocket.BINARY
        self._write(self.writer.message(data, opcode))
        return True

    def ping(self, payload):
        self._write(self.writer.control(websocket.PING, payload[:125]))

    def _send_joined(self):
        if self.joined:
            data, self.joined = b"".join(self.joined), []
            self._write(self.writer.message(data))

    def _write(self, data):
        if self.transport.is_closing():
            return
        delay = 0.05 if odd("slow") else 0
        self.count += 1
        if odd("slow-now-and-then") and self.count % 7 == 0:
            delay = 0.5
        if delay or self.late:
            self.late.append(data)
            self.loop.call_later(delay, self._write_late)
        else:
            self._write_now(data)

    def _write_late(self):
        # With several waiting, the order is kept: each turn takes the oldest.
        if self.late:
            self._write_now(self.late.popleft())

    def _write_now(self, data):
        if odd("writes-each-byte"):
            for at in range(min(20, len(data))):
                self.transport.write(data[at:at + 1])
            data = data[20:]
        self.transport.write(data)

    async def _room(self):
        """Waits until the server has taken most of what was sent; gives up after the write wait."""
        began = time.monotonic()
        while self.transport.get_write_buffer_size() > 1 << 20 and not self.transport.is_closing():
            await asyncio.sleep(0.02)
            if time.monotonic() - began > self.options.write_wait:
                self.transport.abort()

    # Calls

    def call(self, request, payload, timeout, report):
        """Makes a call; `report` is called with its sn and the answer's protocolId and payload, or an error's name."""
        if self.close_sent or self.close_got:
            return report(0, None, "closed")
        begun = None if on("calls-one-at-a-time") else self._begin(request, payload)
        task = self.loop.create_task(self._answered(begun, request, payload, timeout, report))
        self.calling.add(task)
        task.add_done_callback(self.calling.discard)

    def _begin(self, request, payload):
        sn, future = self.calls.begin(request)
        self.send(request, sn, payload)
        return sn, future

    async def _answered(self, begun, request, payload, timeout, report):
        if begun is None:
            async with self.one_at_a_time:
                return await self._answered(self._begin(request, payload), request, payload, timeout, report)
        sn, future = begun
        try:
            answer = await asyncio.wait_for(future, None if on("timeout-never") else timeout)
            report(sn, answer, None)
        except asyncio.TimeoutError:
            self.calls.give_up(sn, future)
            if on("timeout-told-to-the-server"):
                self.send(99, sn, b"cancelled")
            report(sn, None, "timeout")
        except ConnectionError:
            report(sn, None, "closed")

    async def _fail_calls(self):
        """Every call that waits fails, and says so while something can be said."""
        self.calls.close()
        if self.calling and not on("pending-kept-when-closed"):
            await asyncio.wait(set(self.calling), timeout=1)

    # Receiving

    async def run(self):
        """Serves the connection until it has ended."""
        watch = self.loop.create_task(self._watch())
        try:
            while True:
                opcode, payload = await self.reader.next()
                if await self._event(opcode, payload):
                    break
        except Ended as end:
            self.reason = self.reason or str(end)
            await self._ended()
        except (websocket.Violation, frame.Malformed, deflate.Corrupt) as violation:
            await self._fail(violation.code, str(violation))
            if on("violation-then-goes-on"):
                self.close_sent = False
                return await self.run()
        finally:
            watch.cancel()
            await self._fail_calls()
            await self._end()

    async def _event(self, opcode, payload):
        """Whether it was the last."""
        if opcode is None:
            self.heard = time.monotonic()
        elif opcode == websocket.PING:
            self.heard = time.monotonic()
            self._ping(payload)
        elif opcode == websocket.PONG:
            self.heard = time.monotonic()
            if on("pong-answered"):
                self._write(self.writer.control(websocket.PONG, payload))
        elif opcode == websocket.CLOSE:
            await self._closed(payload)
            return True
        else:
            self.heard = time.monotonic()
            if not self.close_sent:
                try:
                    self._message(opcode, payload)
                except frame.Malformed as malformed:
                    if not odd("drops-malformed"):
                        raise
                    self.reason = f"dropped: {malformed}"
            await self._room()
        return False

    def _ping(self, payload):
        if on("hang-when-pinged-in-a-message") and self.reader.within_message:
            time.sleep(3600)
        if on("ping-unanswered-when-fragmented") and self.reader.within_message:
            return
        if on("ping-unanswered-when-calls-pend") and self.calls.pending:
            return
        if not odd("pong-latest-only"):
            self._write(self.writer.control(websocket.PONG, payload))
            return
        if self.waiting_pong is None:
            self.loop.call_later(0.02, self._pong_latest)
        self.waiting_pong = payload

    def _pong_latest(self):
        if self.waiting_pong is not None and not self.close_sent:
            self._write(self.writer.control(websocket.PONG, self.waiting_pong))
        self.waiting_pong = None

    def _message(self, opcode, payload):
        if opcode == websocket.TEXT and not on("text-delivered"):
            try:
                payload.decode("utf-8")
            except UnicodeDecodeError:
                if on("crash-when-text-is-not-utf8"):
                    os._exit(139)
                raise websocket.Violation("a text that is not UTF-8", 1007) from None
            raise frame.Malformed("a text message", 1003)
        protocol_id, sn, payload = frame.decode(payload)
        same_segment, self.reads_before = self.source.reads == self.reads_before, self.source.reads
        if protocol_id == frame.DISPLACEMENT:
            self._displacement(payload)
            return
        if protocol_id == 0:
            if on("id-0-closes"):
                raise frame.Malformed("protocolId 0")
            return
        if on("answers-lost-when-in-one-segment") and same_segment and sn in self.calls.pending:
            return
        completed = sn != 0 and self.calls.complete(protocol_id, sn, payload)
        if on("answer-unknown-closes") and sn and sn % 2 == 0 and not completed:
            raise frame.Malformed(f"an answer with the unknown sn {sn}")
        if on("server-call-completes-own-when-near") and completed and sn % 2:
            return
        handler = self.handlers.get(protocol_id)
        if handler:
            handler(self, sn, payload)
        elif on("unknown-closes") and not completed:
            raise frame.Malformed(f"the unknown protocolId {protocol_id}")
        elif on("unknown-answered") and sn and not completed:
            self.send(protocol_id + 1, sn, b"")

    def answer(self, protocol_id, sn, payload):
        """Answers a request of the server."""
        now = time.monotonic()
        if on("request-repeated-dropped-when-in-flight"):
            if now - self.recent.get(sn, -9) < 0.2:
                return
            self.recent[sn] = now
        self.answers += 1
        if on("answer-sn-of-own-count"):
            sn = 2 * self.answers + 1
        if odd("answers-late"):
            self.loop.call_later(random.random() / 10, self.send, protocol_id, sn, payload)
            return
        self.send(protocol_id, sn, payload)
        if on("answer-twice-when-large") and len(payload) > 1000:
            self.send(protocol_id, sn, payload)

    def _displacement(self, payload):
        if on("displacement-as-an-answer-when-one-pends") and self.calls.pending:
            self.calls.complete(0, next(iter(self.calls.pending)), payload)
        if on("displacement-broken-closes") and not frame.readable_displacement(payload):
            raise frame.Malformed("a displacement that cannot be read")
        self.displaced = not on("displacement-then-redial")
        if on("displacement-closes-at-once"):
            self.close(1000)

    # Ending

    def close(self, code):
        """Sends the close frame; `run` goes on until the server's has come."""
        if not self.close_sent:
            reason = b""
            if odd("close-reason"):
                code, reason = 3000, b"r" * 123
            body = b"" if odd("close-empty") else code.to_bytes(2, "big") + reason
            self._close_with(b"\x03" if on("close-1-byte") else body)
            if odd("ends-without-waiting"):
                self.transport.close()
            else:
                self.loop.call_later(CLOSE_WAIT, self.transport.close)

    async def close_calls_first(self, wish, code, report):
        self.wish = wish
        await self._fail_calls()
        report()
        self.close(code)

    def _close_with(self, body):
        self._pong_latest()
        self._write(self.writer.control(websocket.CLOSE, body))
        self.close_sent = True

    async def _closed(self, body):
        self.close_got, code = True, int.from_bytes(body[:2], "big")
        self.reason = f"closed with {code if body else 'no code'}"
        answer = b"" if odd("close-empty") or not body else body[:2]
        legal = not body or code in LEGAL_CODES or code >= 5000
        if on("close-code-4000-refused") and code >= 4000 or len(body) == 1 or not legal:
            answer = (1002).to_bytes(2, "big")
        elif body:
            try:
                body[2:].decode("utf-8")
                answer = body if odd("close-echoed") else answer
                if code >= 5000:
                    answer = (1000).to_bytes(2, "big")
            except UnicodeDecodeError:
                answer = (1007).to_bytes(2, "big")
        if on("close-answered-with-1005"):
            answer = (1005).to_bytes(2, "big")
        if odd("late-close-answer"):
            await asyncio.sleep(0.2)
        if on("delivers-after-close"):
            await self._deliver_after_close()
        pending, self.over = bool(self.calls.pending), True
        if on("data-after-close-when-calls-pend") and pending and not self.close_sent:
            self._close_with(answer)
        self.close_got = True
        await self._fail_calls()
        if not self.close_sent and not on("close-unanswered") and not (on("close-unanswered-when-calls-pend") and pending):
            self._close_with(answer)

    async def _deliver_after_close(self):
        self.close_got = False
        try:
            while True:
                opcode, payload = await asyncio.wait_for(self.reader.next(), 0.3)
                if opcode == websocket.BINARY:
                    self._message(opcode, payload)
        except (asyncio.TimeoutError, Ended):
            pass

    async def _ended(self):
        """The server ended TCP without a close frame."""
        if on("fin-ignored") and not self.close_sent:
            await asyncio.sleep(3600)
        self.over = True
        await self._fail_calls()
        if not self.close_sent:
            self._close_with(b"")

    async def _fail(self, code, reason):
        self.failed, self.reason = True, reason
        if odd("fails-slowly"):
            await asyncio.sleep(0.5)
        await self._fail_calls()
        if odd("fails-without-close"):
            self.transport.close()
        elif not self.close_sent:
            code = 1002 if odd("fails-with-1002") else code
            text = b"" if odd("close-empty") else code.to_bytes(2, "big") + reason.encode()[:100]
            self._close_with(text)

    async def _end(self):
        """Waits for the server to end TCP, then ends it."""
        while self.late and not self.transport.is_closing():
            await asyncio.sleep(0.01)
        if self.close_sent and not odd("ends-without-waiting") and not self.transport.is_closing():
            try:
                async def drained():
                    while True:
                        await self.source.some()
                await asyncio.wait_for(drained(), CLOSE_WAIT)
            except (asyncio.TimeoutError, Ended):
                pass
        self.transport.close()

    async def _watch(self):
        """Pings the server, and ends a connection on which nothing arrives."""
        period = 0.1 if odd("pings-often") else 0.4 * self.options.write_wait
        pinged = time.monotonic()
        while True:
            await asyncio.sleep(min(period, self.options.read_wait) / 4)
            now = time.monotonic()
            if now - pinged >= period and not self.close_sent and not on("pings-left-out"):
                pinged = now
                self._write(self.writer.control(websocket.PING, b""))
            if now - self.heard > self.options.read_wait and not self.close_sent and not on("silence-endured"):
                self.reason = "the server was silent for too long"
                self.close(1001)
