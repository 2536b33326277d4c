"""What goes out of a legal server: bytes in order, late or in pieces, and then an end of TCP of the wanted kind."""
import asyncio
import random
import socket
import struct


class Wire:
    """The sending half of a TCP connection. Whatever was written goes out before the end."""

    def __init__(self, transport, switches):
        self.transport, self.switches = transport, switches
        self.pieces, self.due, self.ended = asyncio.Queue(), 0.0, False
        self.writable = asyncio.Event()
        self.writable.set()
        self.together = b""
        self.task = asyncio.get_running_loop().create_task(self.drain())

    def write(self, data):
        if self.ended or not data:
            return
        if self.switches.on("coalesced"):
            if not self.together:
                asyncio.get_running_loop().call_later(0.025, self.write_together)
            self.together += data
        elif self.switches.on("bandwidth"):
            for index in range(0, len(data), 16384):
                self.put(data[index:index + 16384])
        elif self.switches.on("byte-segments") and len(data) < 300:
            for index in range(len(data)):
                self.put(data[index:index + 1])
        elif self.switches.on("latency", "latency-jitter", "byte-segments"):
            self.put(data)
        elif not self.transport.is_closing():
            self.transport.write(data)

    def write_together(self):
        data, self.together = self.together, b""
        if not self.transport.is_closing():
            self.transport.write(data)

    def finish(self, reset=False, after=0.0):
        """No more is written: a FIN, or a RST, behind what was, so many seconds later."""
        if not self.ended:
            if self.together:
                self.write_together()
            self.put((reset, after))
            self.ended = True

    def put(self, item):
        delay = 0.15 if self.switches.on("latency") else random.uniform(0, 0.2) if self.switches.on("latency-jitter") else 0
        if self.switches.on("bandwidth") and isinstance(item, bytes):
            self.due = max(self.due, asyncio.get_running_loop().time()) + len(item) / 524288
        self.due = max(self.due, asyncio.get_running_loop().time() + delay)
        self.pieces.put_nowait((self.due, item))

    async def room(self):
        """Until the kernel takes more."""
        while self.switches.on("bandwidth") and self.due > asyncio.get_running_loop().time() + 0.2:
            await asyncio.sleep(0.05)
        await self.writable.wait()

    async def drain(self):
        loop = asyncio.get_running_loop()
        while True:
            due, item = await self.pieces.get()
            await asyncio.sleep(max(0, due - loop.time()))
            if isinstance(item, bytes):
                if not self.transport.is_closing():
                    self.transport.write(item)
                continue
            reset, after = item
            await asyncio.sleep(after)
            for _ in range(200 if reset else 0):
                if self.transport.is_closing() or not self.transport.get_write_buffer_size():
                    break
                await asyncio.sleep(0.01)
            if reset and not self.transport.is_closing():
                handle = self.transport.get_extra_info("socket")
                handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.transport.abort()
            elif not self.transport.is_closing():
                # Bytes that nobody reads would make a RST of the end, and the peer could lose what was sent before it.
                try:
                    self.transport.write_eof()
                except OSError:
                    pass
                await asyncio.sleep(1)
                self.transport.close()
                await asyncio.sleep(2)
                self.transport.abort()
            return
