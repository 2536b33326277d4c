"""The driver of a client under test: what the harnesses in this folder have in common.

It reads frames of the protocol, makes calls, answers the server's, and does what the server asks for in band: a one-way
message with id 20 holds an order in JSON, its report goes back with id 21. It needs nothing but Python 3.8.
"""
import asyncio
import hashlib
import json
import struct

LIMIT = 524288
DISPLACEMENT = 0x7FFFFFFF


class Malformed(Exception):
    """What the connection has to be failed for, with this close code."""

    def __init__(self, reason, code=1002):
        super().__init__(reason)
        self.code = code


def encode(protocol_id, sn, payload):
    return b"\xfe\xef" + struct.pack("<III", 8 + len(payload), protocol_id, sn) + payload


def decode(message):
    if message[:2] != b"\xfe\xef" or len(message) < 14:
        raise Malformed("no frame")
    length, protocol_id, sn = struct.unpack_from("<III", message, 2)
    if length > LIMIT:
        raise Malformed("the frame is too large", 1009)
    if length < 8 or len(message) != 6 + length:
        raise Malformed("the frame's length is wrong")
    return protocol_id, sn, message[14:]


class Driver:
    """One for a client; it outlives its connections. `attach` and `detach` say which one there is."""

    def __init__(self):
        self.held, self.reconnecting, self.displaced, self.finished = [], None, False, False
        self.send = self.close = None

    def attach(self, send, close):
        """A connection is open: `send` takes a message's bytes, `close` a code; neither waits."""
        self.send, self.close, self.next, self.pending = send, close, 2, {}
        held, self.held = self.held, []
        for report in held:
            self.report(report)
        if self.reconnecting is not None:
            self.report({"seq": self.reconnecting, "ok": True})
            self.reconnecting = None

    def detach(self):
        """The connection has ended: every call fails, and is reported on the next one."""
        self.send = self.close = None
        for sn in list(self.pending):
            self.finish(sn, error="closed")

    def take(self, message):
        """A binary message has come; raises Malformed."""
        protocol_id, sn, payload = decode(message)
        if protocol_id == DISPLACEMENT:
            self.displaced = True
            return
        if sn in self.pending:
            self.finish(sn, payload=payload)
        if protocol_id == 7 and sn:
            self.send(encode(17, sn, payload))
        elif protocol_id == 20 and sn == 0:
            self.obey(payload)

    def obey(self, payload):
        order = {}
        try:
            order = json.loads(payload)
            data = bytes.fromhex(order.get("payload", "")) or order.get("text", "").encode()
            if "size" in order:
                data = (data or b"a") * (order["size"] // len(data or b"a") + 1)
                data = data[:order["size"]]
            do, protocol_id = order["do"], order.get("id", 2)
            if do == "call":
                self.next = order.get("sn", self.next)
                self.call(order["seq"], protocol_id, data, order.get("timeoutMs", 10000) / 1000)
            elif do == "send":
                self.send(encode(protocol_id, 0, data))
                self.report({"seq": order["seq"], "ok": True})
            elif do == "close":
                self.report({"seq": order["seq"], "ok": True})
                self.finished = True
                self.close(order.get("code", 1000))
            elif do == "reconnect":
                self.reconnecting = order["seq"]
                self.close(order.get("code", 1000))
            else:
                self.report({"seq": order["seq"], "ok": False, "error": "unsupported"})
        except (AttributeError, KeyError, TypeError, ValueError, struct.error, RecursionError):
            self.report({"seq": order.get("seq", 0) if isinstance(order, dict) else 0, "ok": False, "error": "malformed"})

    def call(self, seq, protocol_id, data, timeout):
        while self.next in self.pending:
            self.advance()
        sn = self.next
        self.advance()
        timer = asyncio.get_running_loop().call_later(timeout, lambda: self.finish(sn, error="timeout"))
        self.pending[sn] = (seq, timer)
        self.send(encode(protocol_id, sn, data))

    def advance(self):
        self.next = self.next + 2 if self.next < 0xFFFFFFFE else 2

    def finish(self, sn, payload=b"", error=None):
        seq, timer = self.pending.pop(sn)
        timer.cancel()
        if error:
            self.report({"seq": seq, "ok": False, "error": error, "sn": sn})
        elif len(payload) > 1 << 17:
            digest = hashlib.sha256(payload).hexdigest()
            self.report({"seq": seq, "ok": True, "sn": sn, "length": len(payload), "sha256": digest})
        else:
            self.report({"seq": seq, "ok": True, "sn": sn, "payload": payload.hex()})

    def report(self, value):
        if self.send:
            self.send(encode(21, 0, json.dumps(value).encode()))
        else:
            self.held.append(value)

    @property
    def goes_on(self):
        """Whether the client may connect again."""
        return not self.displaced and not self.finished
