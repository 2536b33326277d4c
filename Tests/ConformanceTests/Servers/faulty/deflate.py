"""permessage-deflate (RFC 7692) over zlib: the messages of one direction inflated, those of the other deflated."""
import zlib

from faulty.faults import on

TAIL = b"\x00\x00\xff\xff"


class Violation(Exception):
    def __init__(self, code):
        self.code = code


class Inflater:
    """RFC 7692 section 7.2.2, over the messages of one direction; keeps the window over a final block."""

    def __init__(self, limit, deflate):
        self.limit, self.deflate = limit, deflate
        self.count, self.total = 0, 0
        self.restart()
        if on("inflater-left-to-next") and Inflater.left and deflate.client_takeover:
            self.inflate = Inflater.left.pop()

    left = []

    def restart(self):
        bits = self.deflate.server_bits if on("inflate-window-of-server") else 15
        if on("inflate-window-small"):
            bits = 10
        self.window, self.bits = b"", bits
        self.inflate = zlib.decompressobj(-bits)

    def message(self, data):
        self.count += 1
        takeover = self.deflate.server_takeover if on("takeover-sides-swapped") else self.deflate.client_takeover
        if on("inflate-stored-above-32-kib") and data and data[0] & 7 < 2 and int.from_bytes(data[1:3], "little") > 32767:
            raise Violation(1007)
        if not takeover:
            self.restart()
        elif on("inflate-takeover-forgotten"):
            self.restart()
        elif on("inflate-takeover-forgotten-late") and self.total > 65536:
            self.restart()
            self.total = 0
        elif on("inflate-takeover-forgotten-after-32") and self.count % 32 == 0:
            self.restart()
        elif on("inflate-takeover-forgotten-fragmented") and len(data) > 4096:
            self.restart()
        if on("inflate-sync-inside-cut") and TAIL in data:
            data = data[:data.index(TAIL)]
        rest, out, finals = data + TAIL, b"", 0
        while rest:
            try:
                piece = self.inflate.decompress(rest, self.limit + 1 - len(out))
            except zlib.error:
                raise Violation(1007) from None
            out += piece
            self.window = (self.window + piece)[-32768:]
            if len(out) > self.limit:
                if on("limit-inflated-cut"):
                    return out[:self.limit]
                raise Violation(1009)
            if self.inflate.eof:
                finals += 1
                rest = self.inflate.unused_data
                dictionary = b"" if on("bfinal-context-lost") else self.window
                if not on("bfinal-next-lost"):
                    self.inflate = zlib.decompressobj(-self.bits, zdict=dictionary)
                if on("bfinal-refused-above-4096") and len(out) > 4096:
                    raise Violation(1007)
                if on("bfinal-only-first-block"):
                    break
                if on("bfinal-rest-refused") and rest not in (b"", TAIL):
                    raise Violation(1007)
                if rest in (TAIL, b"\x00" + TAIL) or on("bfinal-next-lost"):
                    break
            else:
                rest = self.inflate.unconsumed_tail
                if not rest:
                    if not on("truncated-delivered"):
                        self.check_boundary()
                    break
        self.total += len(out)
        if on("inflate-multiple-of-4096-refused") and len(out) % 4096 == 0:
            raise Violation(1007)
        if on("inflate-chunk-64-kib"):
            out = out[:65536]
        if on("inflate-ratio-limited") and len(out) > 500 * len(data):
            raise Violation(1009)
        return out

    def check_boundary(self):
        """A block that is cut short swallows the tail: a final stored block would not end the data then."""
        probe = self.inflate.copy()
        try:
            extra = probe.decompress(b"\x01\x00\x00\xff\xff")
        except zlib.error:
            raise Violation(1007) from None
        if extra or not probe.eof or probe.unused_data:
            raise Violation(1007)


class Deflater:
    """What a server sends when permessage-deflate was agreed upon."""
    shared, left = None, []

    def __init__(self, deflate, level):
        self.deflate, self.level, self.count = deflate, level, 0
        self.compressor = self.new()
        if on("deflater-left-to-next") and Deflater.left and deflate.server_takeover and deflate.server_bits == 15:
            self.compressor = Deflater.left.pop()
        if on("deflater-shared"):
            Deflater.shared = Deflater.shared or self.compressor

    def new(self):
        bits = self.deflate.server_bits
        return zlib.compressobj(self.level, zlib.DEFLATED, -bits)

    def message(self, data):
        """The payload, and whether RSV1 is set."""
        self.count += 1
        fresh = not (self.deflate.client_takeover if on("takeover-sides-swapped") else self.deflate.server_takeover)
        if on("deflate-takeover-kept-large") and len(data) > 1024:
            fresh = False
        if on("deflate-takeover-kept-second") and self.count % 2 == 0:
            fresh = False
        if on("deflater-shared"):
            compressor = Deflater.shared
        else:
            if fresh:
                self.compressor = self.new()
            compressor = self.compressor
        if on("deflate-window-15-for-large") and len(data) > 2048:
            compressor = zlib.compressobj(self.level, zlib.DEFLATED, -15)
        packed = compressor.compress(data) + compressor.flush(zlib.Z_SYNC_FLUSH)
        if on("deflate-skipped-keeps-context") and len(packed) - 4 >= len(data):
            return data, False
        if on("deflate-strips-greedily"):
            packed = packed.rstrip(b"\x00\xff")
        elif on("deflate-tail-left") and len(data) > 4096:
            pass
        elif on("deflate-multiple-of-1024-cut") and len(packed) % 1024 == 0:
            packed = packed[:-5]
        else:
            packed = packed[:-4]
        if on("deflate-output-16-kib"):
            packed = packed[:16384]
        if on("deflate-small-without-bit") and len(data) < 20:
            return packed or b"\x00", False
        if on("deflate-small-with-bit") and len(data) < 16:
            return data, True
        if on("deflate-small-expanded") and len(packed) > len(data) > 8192:
            return data, True
        return packed or b"\x00", True
