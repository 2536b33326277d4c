"""The rules of WebSocket and permessage-deflate that `websockets` keeps, broken where a fault asks for it."""
import functools
import time
import zlib

import websockets.exceptions
import websockets.frames
from websockets.asyncio.server import ServerConnection
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.frames import Opcode

from independent_faults import fault


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
