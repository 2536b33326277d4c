"""Stands between a client and a server, which do not know of it.

What either sends goes on byte for byte, and is read on the way. The client's orders (docs/client-driver.md) are put in between two
messages of the server; its reports go on to the server like everything else, which leaves unknown ids unanswered.
"""
import asyncio
import json
import time

from .wire import BINARY, Broken, Side, frame, websocket_frame

ORDER, REPORT = 20, 21


class NotMet(Exception):
    """What was expected and did not come."""


class Link:
    """One connection of the client, and what crossed it."""

    def __init__(self, relay):
        self.relay, self.events, self.broken = relay, [], None
        self.client, self.server = Side("client"), Side("server")
        self.ended = {"client": None, "server": None}  # when each ended its stream
        self.orders, self.to_client = [], None

    @property
    def is_open(self):
        return self.server.head is not None and self.server.head.split(" ")[1:2] == ["101"]

    async def carry(self, reader, writer, side):
        """One direction, until it ends."""
        try:
            while data := await reader.read(65536):
                for raw, event in side.feed(data):
                    if event is not None:
                        self.events.append(event)
                    writer.write(raw)
                    if side is self.server:
                        self.put_in_orders()
                await writer.drain()
                self.relay.notify()
            writer.write_eof()
        except Broken as fault:
            self.broken = str(fault)
            writer.close()
        except OSError:
            writer.close()
        self.ended[side.name] = time.monotonic()
        self.relay.notify()

    def put_in_orders(self):
        while self.orders and self.is_open and self.server.is_between_messages:
            self.to_client.write(websocket_frame(BINARY, frame(ORDER, 0, json.dumps(self.orders.pop(0)).encode())))

    def order(self, what, **members):
        """Tells the client to do something; gives the number that its report will have."""
        seq = self.relay.next_seq()
        self.orders.append({"seq": seq, "do": what, **members})
        self.put_in_orders()
        return seq


class Relay:
    """Listens for a client, and connects to the server for each of its connections."""

    def __init__(self, port, patience):
        self.server_port, self.patience = port, patience
        self.links, self.seq, self.tasks, self.changed = [], 0, set(), asyncio.Event()

    async def __aenter__(self):
        self.listener = await asyncio.start_server(self.connected, "127.0.0.1", 0)
        self.port = self.listener.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self.listener.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def next_seq(self):
        self.seq += 1
        return self.seq

    def notify(self):
        self.changed.set()

    async def connected(self, reader, writer):
        self.tasks.add(asyncio.current_task())
        link = Link(self)
        try:
            onward, back = await asyncio.open_connection("127.0.0.1", self.server_port)
        except OSError:
            writer.close()
            return
        link.to_client = writer
        self.links.append(link)
        try:
            await asyncio.gather(link.carry(reader, back, link.client), link.carry(onward, writer, link.server))
        except asyncio.CancelledError:
            pass  # the check is over; asyncio.streams would print a task that ends so
        finally:
            writer.close()
            back.close()

    async def until(self, what, found, within=None):
        """Waits until `found()` gives something, and gives that; NotMet with `what` when it does not in time."""
        deadline = time.monotonic() + (within or self.patience)
        while True:
            self.changed.clear()
            for link in self.links:
                if link.broken:
                    raise NotMet(link.broken)
            if result := found():
                return result
            left = deadline - time.monotonic()
            try:
                await asyncio.wait_for(self.changed.wait(), max(0, left))
            except asyncio.TimeoutError:
                raise NotMet(f"{what} did not come within {within or self.patience:g} s") from None

    async def opened(self, number):
        """The client's connection of that number, from 1, when the server has taken it."""
        return await self.until(f"connection {number}", lambda: len(self.links) >= number and self.links[number - 1].is_open and self.links[number - 1])

    async def event(self, link, what, test, since=0):
        return await self.until(what, lambda: next((one for one in link.events[since:] if test(one)), None))

    async def frame(self, link, side, protocol_id, since=0, **members):
        def fits(event):
            return event.side == side and event.id == protocol_id and all(getattr(event, name) == value for name, value in members.items())
        told = "".join(f", {name} {value if not isinstance(value, bytes) else value[:24].hex()}" for name, value in members.items())
        return await self.event(link, f"id {protocol_id} of the {side}{told}", fits, since)

    async def report(self, link, seq):
        """The client's report on an order."""
        def found():
            for event in link.events:
                if event.side == "client" and event.id == REPORT and (report := json.loads(event.payload)).get("seq") == seq:
                    return report
            return None
        return await self.until(f"the client's report on order {seq}", found)
