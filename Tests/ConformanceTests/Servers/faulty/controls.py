"""What a connection makes of control frames (RFC 6455 section 5.5)."""
import struct
import time

from faulty import websocket
from faulty.faults import on


class Controls:
    """The part of a connection that answers pings and close frames."""
    controls_between = 0
    latest_ping = b""
    heard_before = 0.0
    last_ping = None
    said_close = False

    def control(self, frame):
        payload = frame.payload
        self.controls_between = self.controls_between + 1 if self.reader.opcode is not None else 0
        if on("fragments-with-many-controls-refused") and self.controls_between > 8:
            return self.violated(1008)
        if on("fragments-behind-long-ping-lost") and self.reader.opcode is not None and len(payload) > 64:
            self.reader.parts.clear()
        if frame.opcode == websocket.PING:
            if on("ping-answer-shared"):
                Controls.latest_ping, payload = payload, Controls.latest_ping or payload
            if on("ping-same-payload-once"):
                if payload == self.last_ping:
                    return
                self.last_ping = payload
            if on("pong-dropped-when-unsent") and self.unsent() > 65536:
                return
            if on("ping-empty-unanswered") and not payload:
                return
            if on("ping-cut-at-124"):
                payload = payload[:124]
            if on("ping-125-unanswered") and len(payload) == 125:
                return
            if on("ping-cut-at-nul"):
                payload = payload.split(b"\0")[0]
            if on("ping-unanswered-while-slow") and self.running:
                return
            if on("ping-unanswered-in-message") and self.reader.opcode is not None:
                return
            if on("ping-while-slow-cancels") and self.running:
                for task in self.running.values():
                    task.cancel()
            if on("ping-answer-compressed") and self.deflater:
                self.put(10, self.deflater.message(payload)[0][:125], 0x40)
                return
            if on("ping-answered-with-ping"):
                self.put(9, payload)
                return
            self.put(10, payload)
        elif frame.opcode == websocket.PONG:
            if on("pong-answered"):
                self.put(10, payload)
            if on("pong-unsolicited-refused"):
                self.violated(1002)
            if on("pong-in-message-refused") and self.reader.opcode is not None:
                self.violated(1002)
        elif frame.opcode == websocket.CLOSE:
            self.closed_by_peer(payload)

    def closed_by_peer(self, payload):
        answer = payload[:2]
        if self.said_close:
            self.end(answer)
            return
        if len(payload) == 1:
            if not on("close-one-byte-accepted"):
                answer = struct.pack("!H", 1002)
        elif payload:
            code = struct.unpack("!H", payload[:2])[0]
            legal = code in (1000, 1001, 1002, 1003) or 1007 <= code <= 1014 or 3000 <= code <= 4999
            if on("close-application-codes-refused"):
                legal = code < 3000 and legal
            if on("close-1012-refused") and 1012 <= code <= 1014:
                legal = False
            if not legal and not on("close-any-code-accepted"):
                answer = struct.pack("!H", 1002)
            try:
                payload[2:].decode()
            except UnicodeDecodeError:
                if not on("close-reason-not-utf-8-accepted"):
                    answer = struct.pack("!H", 1007)
            if answer == payload[:2] and payload[2:]:
                if on("close-answer-reason-cut"):
                    answer += (b"closed: " + payload[2:])[:120]
                if on("close-answer-reason-long"):
                    answer += b"closed: " + payload[2:]
            if on("close-answer-code-swapped"):
                answer = answer[::-1]
            if on("close-long-reason-unanswered") and len(payload) > 100:
                self.end(silent=True)
                return
        elif on("close-empty-answered-1005"):
            answer = struct.pack("!H", 1005)
        elif on("close-empty-unanswered"):
            self.end(silent=True)
            return
        if on("close-unanswered-when-unsent") and self.unsent() > 65536:
            self.end(abort=True)
            return
        if on("close-unanswered-when-running") and (self.running or self.pending):
            self.end(silent=True)
            return
        if on("close-waits-for-running") and self.running:
            self.run(self.end_after(list(self.running.values()), answer))
            return
        if on("close-unanswered-in-message") and self.reader.opcode is not None:
            self.end(silent=True)
            return
        if on("close-unanswered-behind-data") and self.handled > 0 and time.monotonic() - self.heard_before < 0.01:
            self.end(silent=True)
            return
        if on("close-answered-twice"):
            self.writer.write(websocket.frame(8, answer))
        if on("close-answer-compressed-bit") and self.deflater:
            self.writer.write(websocket.frame(8, answer, True, 0x40))
            self.end(silent=True)
            return
        self.end(answer)
