"""Messages under permessage-deflate (RFC 7692, clause 12)."""
import zlib

from .errors import ProtocolError

_TAIL = b"\x00\x00\xff\xff"


class Deflater:
    def __init__(self, window_bits=15, fresh=False, level=6):
        # zlib refuses a raw window of 8 bits. With 9 its distances stay at most 250, which a window of 8 bits holds.
        self._new = lambda: zlib.compressobj(level, zlib.DEFLATED, -max(window_bits, 9))
        self._fresh, self._deflater = fresh, self._new()

    def message(self, data):
        deflater = self._new() if self._fresh else self._deflater
        out = deflater.compress(data) + deflater.flush(zlib.Z_SYNC_FLUSH)
        # Two empty messages in a row leave zlib nothing to flush; an empty stored block says the same.
        return out[:-4] if out.endswith(_TAIL) else b"\x00"


class Inflater:
    def __init__(self, window_bits=15, fresh=False, limit=1 << 20):
        self._new = lambda: zlib.decompressobj(-window_bits)
        self._fresh, self._limit, self._inflater = fresh, limit, self._new()

    def message(self, data):
        """Inflates one message; stops as soon as it passes the limit."""
        if self._fresh:
            self._inflater = self._new()
        out, rest = [], data + _TAIL
        room = self._limit
        while True:
            try:
                part = self._inflater.decompress(rest, room + 1)  # a limit of 0 would be none to zlib
            except zlib.error:
                raise ProtocolError("invalid-data", close_code=1007) from None
            out.append(part)
            room -= len(part)
            if room < 0:
                raise ProtocolError("too-large", close_code=1009)
            if self._inflater.eof:  # a final block: what follows is a stream of its own
                rest, self._inflater = self._inflater.unused_data, self._new()
                if rest in (b"", _TAIL):
                    return b"".join(out)
            elif self._inflater.unconsumed_tail:
                rest = self._inflater.unconsumed_tail
            elif self._is_between_blocks():
                return b"".join(out)
            else:
                raise ProtocolError("truncated", close_code=1007)

    def _is_between_blocks(self):
        """Whether the next bit begins a block: then, and only then, a final stored block yields just its content."""
        probe = self._inflater.copy()
        try:
            return probe.decompress(b"\x01\x04\x00\xfb\xffnext") == b"next" and probe.eof
        except zlib.error:
            return False
