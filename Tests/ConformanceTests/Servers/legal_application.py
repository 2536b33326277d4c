"""The reference application as a legal server may have it: in another order, at other times, with words of its own."""
import asyncio
import random
import time
import types

import independent_server as reference
from websockets.exceptions import ConnectionClosed


global_sn = random.randrange(3, 1 << 32, 2)


def displacements(switches):
    """Writes displacements as the switches say."""
    if switches.on("clock-coarse"):
        clock = time.time_ns
        reference.time = types.SimpleNamespace(time_ns=lambda: clock() // 10**9 * 10**9 - 3600 * 10**9, monotonic=time.monotonic)
    if not switches.on("displacement-odd"):
        return
    plain = reference.displacement

    def odd(old, new):
        whole, head = plain(old, new), b"\x0a" + bytes([len(old)]) + old.encode()
        middle = b"\x12" + bytes([len(new)]) + new.encode()
        unknown = b"\x7a\x03any" + b"\xa0\x06\x81\x80\x00" + b"\x25\1\2\3\4"
        return unknown + whole[len(head) + len(middle):] + middle + unknown + head
    reference.displacement = odd


class Peer(reference.Peer):
    def __init__(self, socket, switches):
        super().__init__(socket)
        self.switches, self.calls, self.turn = switches, 0, asyncio.Lock()
        if switches.on("sn-wraps"):
            self.sn = 0xFFFFFFFD
        request = socket.request
        if switches.on("proxy-trusted"):
            self.address = (request.values("x-real-ip") + request.values("x-forwarded-for") + [self.address])[0]
        if switches.on("puller-first"):
            self.puller.set()

    async def send(self, protocol_id, sn, payload):
        if self.switches.on("answers-jitter"):
            self.start(self.send_late(protocol_id, sn, payload))
        else:
            await super().send(protocol_id, sn, payload)

    async def send_late(self, protocol_id, sn, payload):
        await asyncio.sleep(random.uniform(0, 0.3))
        await super().send(protocol_id, sn, payload)

    async def pull(self):
        if not self.switches.on("puller-late"):
            return await super().pull()
        while True:
            await self.puller.wait()
            self.puller.clear()
            await asyncio.sleep(0.8)
            for number in range(3):
                await self.send(9, 0, b"%d" % number)

    async def report_timeout(self, sn):
        await asyncio.sleep(3)
        if sn in self.pending and not self.pending[sn].done():
            del self.pending[sn]
            await self.send(8, 0, b"error: rpc cancel or timeout")

    async def call(self, payload):
        global global_sn
        if self.switches.on("sn-smallest-free"):
            self.sn = next(sn for sn in range(3, 1 << 32, 2) if sn not in self.pending)
        if self.switches.on("sn-global"):
            self.sn, global_sn = global_sn, 3 if global_sn == 0xFFFFFFFF else global_sn + 2
        if self.switches.on("timeouts-reported"):
            self.start(self.report_timeout(self.sn))
        if self.sn > 0xFFFFFFFF:
            self.sn = 3
        await super().call(payload)

    async def slow(self, sn, payload):
        self.socket.running += 1
        try:
            if self.switches.on("slow-later"):
                await asyncio.sleep(random.uniform(0, 1.5))
            await super().slow(sn, payload)
        finally:
            self.socket.running -= 1
            self.socket.idle.set()

    def start(self, work):
        # What a handler starts is a part of it where messages are handled one after the other.
        if self.switches.on("blocking", "sequential") and work.__name__ == "slow":
            self.handling = work
        else:
            super().start(work)

    handling = None

    async def handle(self, message):
        await super().handle(message)
        if self.handling is not None:
            work, self.handling = self.handling, None
            await work
        self.calls += 1
        if self.switches.on("after-call") and self.calls == 1:
            for number in range(10):
                await self.send(99, 0, b"%d" % number)
