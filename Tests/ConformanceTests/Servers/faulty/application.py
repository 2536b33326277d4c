"""The reference application: what its protocol ids do, and whom it asks."""
import asyncio
import collections
import json
import unicodedata

from faulty import protocol
from faulty.connection import Connection
from faulty.faults import on


class Application:
    def __init__(self, slow_delay):
        self.slow_delay = slow_delay
        self.last_slow, self.pullers, self.slow_lock = None, None, asyncio.Lock()
        self.answers = {}
        self.count = 0
        self.dead, self.slow_permits, self.call_permits = set(), asyncio.Semaphore(32), 64
        self.large = b""

    def left(self, connection):
        """A connection has ended."""
        if connection.bursting:
            self.dead.add("burst")
        if connection.running:
            self.dead.add("slow")
        if connection.pulling and not connection.pulling.done():
            self.dead.add("puller")

    async def frame(self, connection, number, sn, payload):
        connection.highest = max(connection.highest, connection.last_sn)
        connection.last_sn = sn
        if len(payload) > 1024:
            self.large = payload
        connection.repeated = (number, sn, payload) == connection.previous
        connection.previous = (number, sn, payload)
        if on("every-300th-closes") and connection.handled >= 300:
            connection.violated(1008)
            return
        if on("handled-256-lost") and connection.handled % 256 == 0:
            return
        if on("sn-own-parity-ignored") and sn % 2:
            return
        if on("call-table-without-parity") and sn and sn + 1 in connection.pending:
            sn += 1
        if on("answer-fragmented-unreported") and sn in connection.pending and connection.reader.fragments > 1:
            return
        if on("one-way-completes-call") and sn == 0 and number == 7 and connection.pending:
            sn = next(iter(connection.pending))
        if on("one-way-dropped-while-calling") and sn == 0 and number == 2 and connection.pending:
            return
        if sn and sn in connection.pending and not (on("answer-zero-unreported") and not payload):
            await self.answered(connection, number, sn, payload)
            if on("answer-handler-skipped"):
                return
        elif on("answer-unknown-drops-next") and sn % 2:
            connection.drop_next = True
        elif on("answer-unknown-closes") and sn % 2 and number not in (2, 4, 6, 10, 12):
            connection.violated(1002)
            return
        if sn and on("sn-used-once"):
            if sn in connection.seen:
                return
            connection.seen.add(sn)
        handler = {2: self.echo, 4: self.slow, 6: self.call, 10: self.burst, 12: self.pull}.get(number)
        if handler:
            await handler(connection, sn, payload)
            return
        connection.unknown += 1
        if on("unknown-at-most-64") and connection.unknown >= 64:
            await asyncio.sleep(3600)
        if on("unknown-drops-next"):
            connection.drop_next = True
        if on("unknown-answered-when-call") and sn and sn not in connection.pending and sn % 2 == 0:
            await connection.send(0, sn, b"")
        if on("id-0-closes") and number == 0:
            connection.violated(1002)
        if on("id-high-closes") and number >= 1 << 31:
            connection.violated(1002)
        if on("displacement-from-client-drops-next") and number == protocol.DISPLACEMENT:
            connection.drop_next = True
        if on("displacement-from-client-closes") and number == protocol.DISPLACEMENT:
            connection.end()

    async def echo(self, connection, sn, payload):
        self.count += 1
        connection.answer_id = 3
        if on("one-way-repeated-dropped") and sn == 0 and connection.repeated:
            return
        payload = as_text(connection, payload)
        if connection.closing:
            return
        if on("calls-of-read-share-sn") and sn:
            connection.run(self.echo_behind_read(connection, payload))
            return
        if on("answer-in-burst-one-way") and connection.bursting:
            sn = 0
        if sn == 0:
            connection.one_way += 1
            if on("one-way-stops-at-300") and connection.one_way > 300:
                return
            if on("one-way-carries-last-sn") and connection.running:
                sn = next(iter(connection.running))
            if on("one-way-unanswered-while-slow") and connection.running:
                return
            if on("one-way-empty-unanswered") and not payload:
                return
        else:
            if on("echo-empty-unanswered") and not payload:
                return
            if on("echo-cached-by-sn"):
                payload = self.answers.setdefault(sn, payload)
                if len(self.answers) > 2000:
                    self.answers.clear()
            if on("echo-waits-for-slow") and connection.running:
                await asyncio.wait(list(connection.running.values()))
            if on("echo-at-most-300") and connection.handled > 300:
                return
            if on("echo-lost-behind-100") and self.count % 100 == 99:
                return
        if on("echo-above-64-kib-lost") and len(payload) > 65536:
            return
        if on("echo-to-newest") and len(payload) > 4096 and not Connection.newest.closing:
            connection = Connection.newest
        if on("echo-buffer-shared") and len(payload) > 1024:
            connection.run(self.echo_shared(connection, sn, payload))
            return
        if on("compressor-shared-when-large") and connection.deflater and len(payload) > 5120:
            connection.run(self.echo_compressing(connection, sn, payload))
            return
        if on("echo-broadcast-to-user"):
            uid = connection.identity.split("-")[0]
            for other in list(connection.server.hub.values()):
                if other is not connection and sn == 0 and uid and other.identity.split("-")[0] == uid:
                    await other.send(3, 0, payload)
        await connection.send(3, sn, payload)

    async def echo_behind_read(self, connection, payload):
        await asyncio.sleep(0)
        await connection.send(3, connection.last_sn, payload)

    async def echo_shared(self, connection, sn, payload):
        Connection.shared_payload = payload
        await asyncio.sleep(0.002)
        await connection.send(3, sn, (Connection.shared_payload + payload)[:len(payload)])

    async def echo_compressing(self, connection, sn, payload):
        """One compressor for all large answers of a connection, fed piece by piece: two at once mix."""
        if not hasattr(connection, "large"):
            connection.large = connection.deflater.new()
        message, out = protocol.encoded(3, sn, payload), b""
        for at in range(0, len(message), 4096):
            out += connection.large.compress(message[at:at + 4096])
            await asyncio.sleep(0)
        out += connection.large.flush(2)
        connection.large = connection.deflater.new()
        connection.writer.write(bytes([0xC2]) + (bytes([len(out) - 4]) if len(out) < 130 else
                                bytes([126]) + (len(out) - 4).to_bytes(2, "big") if len(out) < 65540 else
                                bytes([127]) + (len(out) - 4).to_bytes(8, "big")) + out[:-4])

    async def slow(self, connection, sn, payload):
        if on("slow-at-most-16") and len(connection.running) >= 16:
            return
        if on("slow-payload-shared"):
            connection.aliased = payload
        if on("slow-one-per-sn-of-16-bits") and any(isinstance(each, int) and (each ^ sn) & 0xFFFF == 0 for each in connection.running):
            return
        if on("slow-dies-with-connection") and "slow" in self.dead:
            return
        connection.answer_id = 5
        if on("slow-one-per-sn") and sn in connection.running:
            return
        if on("slow-timer-shared") and connection.running:
            for task in connection.running.values():
                task.cancel()
        if on("slow-timer-of-all") and self.last_slow and not self.last_slow.done():
            self.last_slow.cancel()
        if on("slow-dropped-with-empty") and not payload:
            return
        task = connection.run(self.slow_answer(connection, sn, payload))
        self.last_slow = task
        key = object() if sn in connection.running else sn
        connection.running[key] = task
        task.add_done_callback(lambda _: connection.running.pop(key, None))

    async def slow_answer(self, connection, sn, payload):
        early = None
        if on("slow-compressed-early") and connection.deflater:
            early = connection.packed(protocol.encoded(5, sn, payload))
        if on("slow-one-at-a-time"):
            async with self.slow_lock:
                await asyncio.sleep(self.slow_delay)
        elif on("slow-permit-kept-by-leaver"):
            await self.slow_permits.acquire()
            await asyncio.sleep(self.slow_delay)
            self.slow_permits.release()
        else:
            await asyncio.sleep(self.slow_delay)
        if on("slow-large-overwritten") and len(payload) > 1024:
            payload = (self.large + payload[len(self.large):])[:len(payload)]
        if on("slow-answer-id-shared") and connection.answer_id != 5:
            await connection.send(connection.answer_id, sn, payload)
            return
        if early:
            connection.writer.write(b"".join(early))
            return
        if on("slow-payload-shared"):
            payload = connection.aliased
        if on("slow-answered-with-last-sn"):
            sn = connection.last_sn
        if on("slow-answer-to-newest-of-identity"):
            connection = connection.server.hub.get(connection.identity, connection)
        if on("slow-one-way-numbered") and not sn:
            sn = 1
        if on("slow-answer-large-cut"):
            payload = payload[:4096]
        await connection.send(5, sn, payload)
        if on("slow-answered-twice-when-large") and len(payload) > 4096:
            await connection.send(5, sn, payload)

    async def call(self, connection, sn, payload):
        if on("call-one-at-a-time") and connection.pending:
            return
        if on("call-empty-not-made") and not payload:
            return
        if on("call-permit-kept-by-leaver"):
            if self.call_permits <= 0:
                return
            self.call_permits -= 1
        if on("call-sn-follows-client"):
            connection.next_sn = max(connection.next_sn, connection.highest + 1 & 0xFFFFFFFF)
        number = connection.next_sn
        connection.next_sn += 2
        if on("call-sn-reused-when-two") and connection.pending:
            number = next(iter(connection.pending))
        if on("call-sn-by-one"):
            number = connection.next_sn = connection.next_sn - 1
        if len(connection.pending) < 4096:
            connection.pending[number] = (payload, connection)
            connection.order.append(number)
        if on("call-table-shared"):
            Connection.shared_pending[number] = connection
        await connection.send(7, number, payload)

    async def answered(self, connection, number, sn, payload):
        expected, _ = connection.pending[sn]
        self.call_permits += 1
        if not on("answer-second-reported"):
            connection.pending.pop(sn)
        if on("answer-first-pending-completed"):
            connection.order.sort()
            if connection.order and connection.order[0] != sn:
                payload = expected
                return
        if sn in connection.order:
            connection.order.remove(sn)
        target = connection
        if on("call-table-shared"):
            target = Connection.shared_pending.get(sn, connection)
            if target.closing:
                target = connection
        if on("answer-of-any-id-refused") and number not in (7, 17):
            return
        if on("answer-large-unreported") and len(payload) > 65536:
            return
        if on("report-payload-of-call"):
            payload = expected
        await target.send(8, 0, payload)

    async def burst(self, connection, sn, payload):
        if on("burst-shared-counter"):
            connection.run(self.burst_counted(connection, payload))
            return
        if on("burst-dies-with-connection") and "burst" in self.dead:
            return
        if on("answer-in-burst-one-way") or on("burst-behind-displacement") or on("burst-dies-with-connection"):
            connection.run(self.burst_slowly(connection, payload))
            return
        for _ in range(100):
            if on("burst-stops-on-input") and connection.reader.buffer:
                return
            await connection.send(11, 0, payload)

    async def burst_slowly(self, connection, payload):
        connection.bursting += 1
        for _ in range(100):
            await connection.send(11, 0, payload)
            await asyncio.sleep(0.0002)
        connection.bursting -= 1

    async def burst_counted(self, connection, payload):
        """One counter for all connections: bursts at once are shorter."""
        self.left = 100
        while self.left > 0:
            self.left -= 1
            await connection.send(11, 0, payload)
            await asyncio.sleep(0)

    async def pull(self, connection, sn, payload):
        if on("puller-dies-with-connection") and "puller" in self.dead:
            return
        if on("puller-runs-once") and connection.pulled:
            return
        if on("puller-shared"):
            if self.pullers and not self.pullers.done():
                return
            self.pullers = connection.run(self.pulling(connection, payload))
            return
        connection.signals = 1
        connection.pulled += 1
        if connection.pulling is None or connection.pulling.done():
            connection.pulling = connection.run(self.pulling(connection, payload))

    async def pulling(self, connection, payload):
        while True:
            connection.signals = 0
            await asyncio.sleep(0.02)
            target = connection
            if on("puller-of-newcomer"):
                target = connection.server.hub.get(connection.identity, connection)
            await target.send(9, 0, payload)
            if not connection.signals:
                return


def as_text(connection, payload):
    """The payload as a server hands it on that takes it for text of some kind."""
    if on("payload-parsed-as-json") and payload.startswith(b"{"):
        try:
            json.loads(payload)
        except ValueError:
            connection.violated(1011)
    if on("payload-formatted"):
        payload = payload.replace(b"%%", b"%")
    if on("payload-html-escaped"):
        payload = payload.replace(b"<", b"&lt;")
    if on("payload-normalized"):
        try:
            payload = unicodedata.normalize("NFC", payload.decode()).encode()
        except UnicodeDecodeError:
            pass
    return payload
