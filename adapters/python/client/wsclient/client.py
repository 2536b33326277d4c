"""A client on asyncio: calls both ways, displacement, and a connection that is dialled again when it is lost."""
import asyncio
import inspect
import logging
import random
import re
import ssl
from dataclasses import dataclass, field
from typing import Optional
from urllib.parse import parse_qs, urlsplit

from . import handshake, websocket
from .calls import Calls, is_own
from .compression import Deflater, Inflater
from .errors import CallError, ProtocolError
from .frames import DISPLACEMENT, MAX_FRAME_LENGTH, Displacement, Frame
from .text import GBK, UTF8, decode_text, encode_text

_log = logging.getLogger("wsclient")
_HEADER_LENGTH = 6  # bytes of a WebSocket message that its frame's `length` does not count
_STABLE_AFTER = 5.0  # seconds that a connection has to last for the attempts to count anew


@dataclass(frozen=True)
class Redial:
    """What to do about a lost connection: so many attempts in a row, after random pauses of at most `first`, which doubles up to
    `most`. Times are in seconds."""
    attempts: int = 5
    first: float = 0.5
    most: float = 15.0

    def delay(self, attempt):
        return random.uniform(0, min(self.most, self.first * 2 ** attempt))


@dataclass
class Message:
    """What arrived."""
    protocol_id: int
    sn: int  # 0 of a one-way message
    payload: bytes
    _client: "Client" = field(repr=False)
    _link: "_Link" = field(repr=False)

    @property
    def kind(self):
        return "message" if self.sn == 0 else "response" if is_own(self.sn) else "request"

    @property
    def text(self):
        """The payload in the charset of the connection."""
        return decode_text(self.payload, self._client.charset)

    async def answer(self, protocol_id, payload=b""):
        """Answers a request, on the connection that it came on and on no other."""
        await self._link.send(protocol_id, self.sn, self._client.to_bytes(payload))


class Client:
    """One connection after the other to a URL, with the metadata in its query.

    `protocols` are what to negotiate (10.3), as `ws.v3.c1`; `compress` offers permessage-deflate; `tls` is an ssl.SSLContext for
    wss; `read_wait` and `ping_interval` are in seconds; `redial` is None to dial only once. `on_displaced` is called with a
    Displacement, `on_open` and `on_close` with nothing.
    """

    def __init__(self, url, *, protocols=(), compress=False, headers=(), tls=None, redial: Optional[Redial] = Redial(),
                 max_frame_length=MAX_FRAME_LENGTH, connect_wait=10.0, read_wait=60.0, ping_interval=24.0, close_wait=1.0,
                 on_displaced=None, on_open=None, on_close=None):
        parts = urlsplit(url)
        if parts.scheme not in ("ws", "wss") or not parts.hostname:
            raise ValueError(f"{url!r} is no URL of the form ws://host:port/path")
        self.url, self.protocols, self.compress, self.headers, self.tls = url, tuple(protocols), compress, tuple(headers), tls
        self.redial, self.max_frame_length = redial, max_frame_length
        self.connect_wait, self.read_wait, self.ping_interval, self.close_wait = connect_wait, read_wait, ping_interval, close_wait
        self.on_displaced, self.on_open, self.on_close = on_displaced, on_open, on_close
        query = parse_qs(parts.query)
        self.version = _number(query.get("version", ["0"])[0])
        self.charset = GBK if query.get("charset", ["0"])[0] == "1" else UTF8
        self.calls = Calls()
        self.displaced: Optional[Displacement] = None
        self._handlers, self._link, self._runner, self._tasks = {}, None, None, set()
        self._ended = asyncio.Event()

    async def __aenter__(self):
        await self.connect()
        return self

    async def __aexit__(self, *_):
        await self.close()

    def handle(self, protocol_id, handler):
        """Has a function or coroutine function run for each message with this protocolId. Others are ignored."""
        self._handlers[protocol_id] = handler

    @property
    def is_open(self):
        return self._link is not None and self._link.is_open

    @property
    def is_compressed(self):
        return self._link is not None and self._link.deflater is not None

    async def connect(self):
        """Dials once; raises OSError or ProtocolError when that fails. From then on lost connections are dialled again."""
        await self._stop(1000, "")
        self._ended.clear()
        self.displaced = None
        try:
            link = await self._dial()
        except BaseException:
            self._ended.set()
            raise
        self._runner = asyncio.ensure_future(self._run(link))

    async def wait_ended(self):
        """Waits until there is no connection and none is being dialled."""
        await self._ended.wait()

    async def close(self, code=1000, reason=""):
        """Ends the connection for good: calls that wait fail, nothing is dialled again."""
        await self._stop(code, reason)
        self._ended.set()

    async def _stop(self, code, reason):
        runner, self._runner = self._runner, None
        if self._link is not None:
            self._fail_calls()
            await self._link.close(code, reason)
        if runner is not None and runner is not asyncio.current_task():
            runner.cancel()
            await asyncio.gather(runner, return_exceptions=True)

    async def send(self, protocol_id, payload=b""):
        """Sends a one-way message; text goes out in the charset of the connection. Waits while the peer does not read."""
        await self._connected().send(protocol_id, 0, self.to_bytes(payload))

    async def call(self, protocol_id, payload=b"", timeout=10.0) -> Message:
        """Calls the peer and waits for its answer, `timeout` seconds at most (None: as long as the connection lasts).

        Cancelling the task gives the call up. The peer hears of neither.
        """
        link, data = self._connected(), self.to_bytes(payload)
        answered = asyncio.get_running_loop().create_future()
        sn = self.calls.begin(answered)
        try:
            await link.send(protocol_id, sn, data)
            return await asyncio.wait_for(answered, timeout)
        except asyncio.TimeoutError:
            raise CallError("timeout") from None
        finally:
            self.calls.end(sn)

    def to_bytes(self, payload):
        return encode_text(payload, self.charset) if isinstance(payload, str) else bytes(payload)

    def _connected(self):
        if not self.is_open:
            raise CallError("stopped")
        return self._link

    # Connections

    async def _dial(self):
        link = await asyncio.wait_for(_Link.open(self), self.connect_wait)
        answer, self._link = link.answer, link
        selected = re.fullmatch(r"ws\.v(\d+)\.c(\d+)", answer.protocol or "")
        if selected:
            self.version, self.charset = int(selected[1]), int(selected[2])
        else:
            self.version = _number(answer.headers.get("x-ws-version", str(self.version)))
            self.charset = _number(answer.headers.get("x-ws-charset", str(self.charset)))
        return link

    async def _run(self, link):
        """Serves connections until one ends for good."""
        loop, attempt = asyncio.get_running_loop(), 0
        try:
            while link is not None:
                began = loop.time()
                self._notify(self.on_open)
                try:
                    await link.serve()
                finally:
                    self._fail_calls()
                self._notify(self.on_close)
                if loop.time() - began >= _STABLE_AFTER:
                    attempt = 0
                link, attempt = await self._dial_again(attempt)
        finally:
            if self._runner is not None:  # else another connection is about to take over
                self._ended.set()

    async def _dial_again(self, attempt):
        """The next connection, or None; and how many attempts there were."""
        # After a displacement another connection would displace the one that displaced this (14.3).
        while self.redial is not None and self.displaced is None and attempt < self.redial.attempts:
            await asyncio.sleep(self.redial.delay(attempt))
            attempt += 1
            try:
                return await self._dial(), attempt
            except (OSError, ProtocolError, asyncio.TimeoutError) as fault:
                _log.info("cannot connect to %s: %s", self.url, fault)
        return None, attempt

    def _fail_calls(self):
        for answered in self.calls.end_all():
            if not answered.done():
                answered.set_exception(CallError("closed"))

    # What arrives

    def _received(self, link, frame):
        if frame.protocol_id == 0:
            return
        if frame.protocol_id == DISPLACEMENT:
            try:
                self.displaced = Displacement.decode(frame.payload)
            except ProtocolError as fault:
                _log.warning("a displacement that cannot be read: %s", fault)
            else:
                self._notify(self.on_displaced, self.displaced)
            return
        message = Message(frame.protocol_id, frame.sn, frame.payload, self, link)
        answered = self.calls.end(frame.sn)
        if answered is not None and not answered.done():
            answered.set_result(message)
        self._notify(self._handlers.get(frame.protocol_id), message)

    def _notify(self, handler, *given):
        """Runs what the application gave; what it raises ends nothing."""
        if handler is None:
            return
        try:
            result = handler(*given)
        except Exception:
            _log.exception("a handler failed")
            return
        if inspect.isawaitable(result):
            task = asyncio.ensure_future(result)
            self._tasks.add(task)  # the loop itself keeps no task alive
            task.add_done_callback(self._finished)

    def _finished(self, task):
        self._tasks.discard(task)
        fault = None if task.cancelled() else task.exception()
        if isinstance(fault, CallError):
            _log.info("a handler could not send: %s", fault)
        elif fault is not None:
            _log.error("a handler failed", exc_info=fault)


class _Link:
    """One WebSocket connection."""

    def __init__(self, client, reader, writer):
        self._client, self._reader, self._writer = client, reader, writer
        self.is_open, self.answer, self.deflater = True, None, None
        self._close_sent = False
        self._heard = asyncio.get_running_loop().time()
        self._served = asyncio.Event()

    @classmethod
    async def open(cls, client):
        parts = urlsplit(client.url)
        is_secure = parts.scheme == "wss"
        tls = (client.tls or ssl.create_default_context()) if is_secure else None
        port = parts.port or (443 if is_secure else 80)
        reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=tls, limit=1 << 16)
        link = cls(client, reader, writer)
        try:
            await link._shake_hands()
        except BaseException:
            writer.transport.abort()
            raise
        return link

    async def _shake_hands(self):
        client, key, data = self._client, handshake.new_key(), b""
        self._writer.write(handshake.request(client.url, key, client.protocols, client.compress, client.headers))
        while self.answer is None:
            part = await self._reader.read(1 << 14)
            if not part:
                raise ConnectionError("the server ended the connection instead of answering")
            data += part
            self.answer = handshake.answer(data, key, client.protocols, client.compress)
        self._early = data[self.answer.consumed:]  # frames in the same segment as the answer
        deflate, limit = self.answer.deflate, client.max_frame_length + _HEADER_LENGTH
        if deflate is not None:
            self.deflater = Deflater(deflate.client_max_window_bits, deflate.client_no_context_takeover)
            self._inflater = Inflater(deflate.server_max_window_bits, deflate.server_no_context_takeover, limit)
        self._decoder = websocket.Decoder(limit, deflate is not None)

    async def send(self, protocol_id, sn, payload):
        if not self.is_open:
            raise CallError("stopped")
        message = Frame(protocol_id, sn, payload).encode(self._client.max_frame_length)
        if self.deflater is not None:
            message = self.deflater.message(message)
        self._writer.write(websocket.encode(websocket.BINARY, message, self.deflater is not None))
        try:
            await self._writer.drain()
        except ConnectionError:
            raise CallError("closed") from None

    async def serve(self):
        """Reads until the connection ends."""
        watch = asyncio.ensure_future(self._watch())
        failed = False
        try:
            data = self._early
            while True:
                for event in self._decoder.feed(data):
                    self._take(event)
                if self._decoder.closed:
                    break
                data = await self._reader.read(1 << 16)
                if not data:
                    break
                self._heard = asyncio.get_running_loop().time()
        except ProtocolError as fault:
            _log.warning("the server broke the protocol: %s", fault)
            failed = True
            self._client._fail_calls()
            self._write_close(fault.close_code, fault.code)
        except ConnectionError:
            pass
        finally:
            watch.cancel()
            self.is_open = False
            await self._finish(failed)
            self._served.set()

    def _take(self, event):
        if event.opcode == websocket.PING:
            self._write_control(websocket.PONG, event.payload)
        elif event.opcode == websocket.CLOSE:
            self._write_close(event.close_code)
        elif event.opcode == websocket.TEXT:
            raise ProtocolError("text", close_code=1003)
        elif event.opcode == websocket.BINARY and self.is_open:
            data = self._inflater.message(event.payload) if event.compressed else event.payload
            self._client._received(self, Frame.decode(data, self._client.max_frame_length))

    async def _watch(self):
        """Pings, and gives up a peer from which nothing comes."""
        loop, client = asyncio.get_running_loop(), self._client
        while True:
            await asyncio.sleep(client.ping_interval)
            if loop.time() - self._heard > client.read_wait:
                _log.warning("nothing heard for %s s", client.read_wait)
                self._write_close(1001)
                self._writer.transport.abort()
                return
            self._write_control(websocket.PING, b"")

    def _write_control(self, opcode, payload):
        if not self._close_sent and not self._writer.is_closing():
            self._writer.write(websocket.encode(opcode, payload))

    def _write_close(self, code, reason=""):
        payload = b"" if code is None else code.to_bytes(2, "big") + reason.encode("utf-8")[:123]
        self._write_control(websocket.CLOSE, payload)
        self._close_sent, self.is_open = True, False

    async def close(self, code, reason):
        """The closing handshake; waits for the peer's part of it, but not for long."""
        self._write_close(code, reason)
        try:
            await asyncio.wait_for(self._served.wait(), self._client.close_wait)
        except asyncio.TimeoutError:
            self._writer.transport.abort()

    async def _finish(self, failed):
        """Leaves the end of TCP to the server, for a moment; after a violation it ends our side at once, and reads on: a reset
        would overtake the close frame."""
        try:
            if failed and self._writer.can_write_eof():
                self._writer.write_eof()
            while await asyncio.wait_for(self._reader.read(1 << 16), self._client.close_wait):
                pass
        except (OSError, asyncio.TimeoutError):
            pass
        finally:
            self._writer.close()


def _number(text):
    return int(text) if re.fullmatch(r"[+-]?[0-9]{1,19}", text) else 0
