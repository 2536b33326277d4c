"""The server: sockets, the opening handshake, and the hub."""
import asyncio
import time

from faulty import protocol, upgrade, websocket
from faulty.application import Application
from faulty.connection import Connection
from faulty.faults import on

MOST_HEAD = 65536


class Server:
    def __init__(self, path, compress, level, slow_delay, read_wait):
        self.path, self.compress, self.level, self.read_wait = path, compress, level, read_wait
        self.application = Application(slow_delay)
        self.hub, self.leaked, self.accepting, self.displacing = {}, [], asyncio.Lock(), 0
        self.listening, self.recent, self.banned = None, {}, 0.0

    async def start(self, host, port):
        self.listening = await asyncio.start_server(self.connected, host, port, limit=MOST_HEAD, backlog=512)
        return self.listening.sockets[0].getsockname()[1]

    def stop_accepting(self):
        self.listening.close()

    async def connected(self, reader, writer):
        try:
            if on("handshakes-one-at-a-time"):
                async with self.accepting:
                    connection = await self.opened(reader, writer)
            else:
                connection = await self.opened(reader, writer)
            if connection:
                await connection.serve()
        except (ConnectionError, asyncio.TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            if on("broken-handshake-stops-accepting"):
                self.stop_accepting()
        finally:
            writer.close()

    async def opened(self, reader, writer):
        if on("head-in-segments-refused"):
            head = await asyncio.wait_for(reader.read(MOST_HEAD), 10)
        else:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        try:
            request = upgrade.Request(head[:-4])
            if on("garbage-request-stops-accepting") and request.method not in ("GET", "POST"):
                self.stop_accepting()
            request.check(self.path)
            deflate = upgrade.negotiated(request.fields.get("sec-websocket-extensions", []))
        except upgrade.Refused as refused:
            self.refuse(writer, refused)
            if on("refused-upgrade-displaces"):
                self.displace_for_refused(head, writer)
            await asyncio.wait_for(writer.drain(), 10)
            return None
        if not self.compress:
            deflate = None
        key = request.key
        if on("accept-of-latest-key"):
            upgrade.last_key = key
            await asyncio.sleep(0.003)
            key = upgrade.last_key
        if time.monotonic() < self.banned:
            return None
        status = "HTTP/1.0" if on("granted-in-http-1.0") else "HTTP/1.1"
        fields = [f"{status} 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
                  f"Sec-WebSocket-Accept: {upgrade.accept(key)}"]
        if on("granted-accept-twice"):
            fields.append(fields[-1])
        protocols = request.fields.get("sec-websocket-protocol", [])
        if on("subprotocols-echoed-whole") and protocols:
            fields.append("Sec-WebSocket-Protocol: " + ", ".join(protocols))
        if on("subprotocol-unasked"):
            fields.append("Sec-WebSocket-Protocol: ws")
        if deflate and on("granted-extensions-twice"):
            fields.append("Sec-WebSocket-Extensions: " + "; ".join(deflate.answer))
        if deflate and not on("offers-answer-left-out"):
            fields.append("Sec-WebSocket-Extensions: " + "; ".join(deflate.answer))
        identity = upgrade.identity(request.query, deflate)
        connection = Connection(self, reader, writer, identity, deflate)
        writer.write("\r\n".join(fields + ["", ""]).encode())
        if on("connection-leaks-512-kib"):
            self.leaked.append(bytearray(b"x" * 524288))
        if on("displaced-delays-newcomer") and identity in self.hub:
            old = self.hub[identity]
            self.displace(old, connection)
            while not old.closing or old.unsent():
                await asyncio.sleep(0.02)
        if on("hub-looked-at-then-set"):
            old = self.hub.get(identity)
            await asyncio.sleep(0.005)
            self.hub[identity] = old or connection
        if on("anonymous-not-in-hub") and identity.startswith("-"):
            return connection
        if on("reconnect-soon-refused") and time.monotonic() - self.recent.get(identity, 0) < 0.3:
            connection.end()
        self.register(connection)
        await writer.drain()
        return connection

    def refuse(self, writer, refused):
        lines = [f"HTTP/1.1 {refused.status} {refused.reason}"]
        lines += [f"{name}: {value}" for name, value in refused.fields]
        lines += ["Sec-WebSocket-Version: 13", "Content-Length: 0"]
        if "Connection" not in [name for name, _ in refused.fields]:
            lines.append("Connection: close")
        writer.write("\r\n".join(lines + ["", ""]).encode())

    # The hub

    def register(self, connection):
        old = self.hub.get(connection.identity)
        if old is connection:
            old = None
        self.displace_others(connection)
        if on("hub-at-most-12") and len(self.hub) >= 12 and old is None:
            victim = next(iter(self.hub.values()))
            victim.end()
        if on("newcomer-refused-after-first") and old is not None and getattr(old, "newcomer", False):
            connection.end()
            return
        self.hub[connection.identity] = connection
        if on("displacement-first-only") and old is not None and getattr(old, "newcomer", False):
            connection.newcomer = True
            return
        if old is not None:
            connection.newcomer = True
            self.displace(old, connection)
            if on("displacement-to-both"):
                asyncio.get_running_loop().call_later(0.2, self.displace, connection, old)
            if on("stuck-old-takes-newcomer") and old.unsent() > 0:
                asyncio.get_running_loop().call_later(0.5, connection.end)
            if on("calls-move-to-newcomer"):
                connection.pending.update(old.pending)
                connection.next_sn = old.next_sn

    def displace_others(self, connection):
        """Displaces those who have another identity."""
        for other in list(self.hub.values()):
            mine, other_identity = connection.identity, other.identity
            uid = mine.split("-")[0]
            if other_identity == mine or not uid:
                continue
            if on("hub-matches-beginning") and other_identity.startswith(uid):
                self.displace(other, connection)
            parts = mine.split("-"), other_identity.split("-")
            if on("hub-empty-device-matches-any") and [len(each) for each in parts] == [4, 4] and "" in (parts[0][2], parts[1][2]) \
                    and parts[0][:2] + parts[0][3:] == parts[1][:2] + parts[1][3:]:
                self.displace(other, connection)

    def displace_for_refused(self, head, writer):
        """Puts what was refused into the hub all the same, for as long as it takes to displace who is there."""
        try:
            identity = upgrade.identity(upgrade.Request(head[:-4]).query, None)
        except upgrade.Refused:
            return
        if identity in self.hub and not identity.startswith("-"):
            self.displace(self.hub[identity], Connection(self, None, writer, identity, None))

    def unregister(self, connection):
        if on("displaced-end-removes-newcomer"):
            newcomer = self.hub.pop(connection.identity, None)
            if newcomer not in (None, connection):
                newcomer.end()
            return
        self.hub.pop(connection.identity, None)

    def displace(self, old, new):
        old.displaced_by = new.address
        if on("displaced-late-end-takes-newcomer"):
            asyncio.create_task(self.watch_end(old, new))
        if on("displacement-not-twice-a-second"):
            recent, self.recent[old.identity] = self.recent.get(old.identity, 0), time.monotonic()
            if time.monotonic() - recent < 1:
                old.end()
                return
        if on("displacement-missing-while-slow") and old.running:
            old.end()
            return
        if on("displacement-missing-while-calling") and old.pending:
            old.end()
            return
        if on("displacement-missing-in-message") and old.reader.opcode is not None:
            old.end()
            return
        if on("displacement-missing-when-unsent") and old.unsent() > 65536:
            old.end()
            return
        if on("displacement-when-idle-only") and time.monotonic() - old.last_heard < 0.01:
            return
        body = protocol.displacement(old.address, new.address, time.time_ns())
        if on("displacement-old-address-of-newest"):
            body = protocol.displacement(new.address, new.address, time.time_ns())
        sn = 3 if on("displacement-with-sn") else 0
        number = {True: 0xFFFFFFFF}.get(on("displacement-id-minus-1"), protocol.DISPLACEMENT)
        message = protocol.encoded(number, sn, body)
        if on("displacement-twice"):
            old.writer.write(b"".join(old.packed(message)))
        if on("displacement-bit-without-deflate"):
            old.writer.write(websocket.frame(2, message, True, 0x40))
        elif on("displacement-plain-bit") and old.deflater:
            old.writer.write(websocket.frame(2, message, True, 0x40))
        elif on("displacement-as-text"):
            old.writer.write(websocket.frame(1, message))
        elif not on("displacement-missing-after-calls") or not old.handled > 3:
            old.writer.write(b"".join(old.packed(message)))
        if on("displaced-stays-open"):
            return
        if on("burst-behind-displacement") and old.bursting:
            old.writer.write(b"".join(old.packed(protocol.encoded(11, 0, b"late"))))
        if on("displacement-then-data"):
            old.writer.write(b"".join(old.packed(protocol.encoded(3, 0, b"still here"))))
        if on("displaced-without-close-frame"):
            old.end(silent=True)
        elif on("displaced-without-fin"):
            old.writer.write(websocket.frame(8, b""))
        else:
            old.end()

    async def watch_end(self, old, new):
        """The end of a displaced connection that comes more than 150 ms later removes whoever has its identity."""
        began = time.monotonic()
        while not old.writer.transport.is_closing() and not old.input.at_eof():
            await asyncio.sleep(0.02)
        if time.monotonic() - began > 0.15 and self.hub.get(old.identity) is new:
            new.end()
