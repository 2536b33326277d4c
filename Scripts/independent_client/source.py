"""Bytes from a connection, in the portions that are asked for."""
from .oddities import odd


class Ended(Exception):
    """The other side ended TCP, or it was reset."""


class Source:
    def __init__(self, reader):
        self.reader, self.buffer = reader, bytearray()
        # So many reads had bytes of several answers: what a fault about segments looks at.
        self.reads = 0

    async def some(self):
        """What is there, at least a byte."""
        if not self.buffer:
            await self._read()
        data = bytes(self.buffer)
        self.buffer.clear()
        return data

    def put_back(self, data):
        self.buffer[:0] = data

    async def until(self, mark, limit):
        """The bytes before the mark, which is read over; no more than `limit`."""
        while True:
            at = self.buffer.find(mark)
            if 0 <= at <= limit:
                data = bytes(self.buffer[:at])
                del self.buffer[:at + len(mark)]
                return data
            if at > limit or len(self.buffer) > limit + len(mark):
                raise Ended(f"a head of more than {limit} bytes")
            await self._read()

    async def exactly(self, count):
        while len(self.buffer) < count:
            await self._read()
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data

    async def _read(self):
        try:
            data = await self.reader.read(1 if odd("reads-one-byte") else 65536)
        except (OSError, ValueError) as error:
            raise Ended(str(error)) from error
        if not data:
            raise Ended("the server ended TCP")
        self.reads += 1
        self.buffer += data
