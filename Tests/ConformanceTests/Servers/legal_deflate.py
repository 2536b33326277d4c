"""permessage-deflate (RFC 7692) of a legal server: what it answers to offers, and how it compresses."""
import re
import zlib

TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
EXTENSION = re.compile(rf'({TOKEN})((?:[ \t]*;[ \t]*{TOKEN}(?:[ \t]*=[ \t]*(?:{TOKEN}|"(?:[^"\\]|\\.)*"))?)*)')
PARAMETER = re.compile(rf'[ \t]*;[ \t]*({TOKEN})(?:[ \t]*=[ \t]*({TOKEN}|"(?:[^"\\]|\\.)*"))?')
LIMIT = 524288 + 6


class Malformed(Exception):
    """A field that breaks the grammar."""


class Broken(Exception):
    """Compressed data that is none: the close code and why."""


def offers(text):
    """The offers of a field: name and parameters each. An empty field has none, empty elements are passed over."""
    found, position = [], 0
    while True:
        position += len(text[position:]) - len(text[position:].lstrip(" \t,"))
        if position == len(text):
            return found
        hit = EXTENSION.match(text, position)
        if not hit:
            raise Malformed(text)
        parameters = []
        for name, value in PARAMETER.findall(hit[2]):
            quoted = value.startswith('"')
            value = re.sub(r"\\(.)", r"\1", value[1:-1]) if quoted else value
            if quoted and not re.fullmatch(TOKEN, value):
                raise Malformed(text)
            parameters.append((name, value or None))
        found.append((hit[1], parameters))
        position = hit.end()
        rest = text[position:].lstrip(" \t")
        if rest and not rest.startswith(","):
            raise Malformed(text)


def accept(text, switches):
    """The first offer that can be met: the answer and the compression; None, None where there is none."""
    for name, parameters in offers(text):
        names = [each for each, _ in parameters]
        if name != "permessage-deflate" or len(set(names)) < len(names):
            continue
        values, valid = dict(parameters), True
        for key, value in parameters:
            if key in ("server_no_context_takeover", "client_no_context_takeover"):
                valid = valid and value is None
            elif key in ("server_max_window_bits", "client_max_window_bits"):
                bits = value is not None and re.fullmatch("8|9|1[0-5]", value)
                valid = valid and bool(bits or (value is None and key == "client_max_window_bits"))
            else:
                valid = False
        server = int(values.get("server_max_window_bits") or 15) if valid else 0
        # zlib's deflate has no window of eight bits.
        if server < 9:
            continue
        if switches.on("deflate-picky") and any("window" in key for key in values):
            continue
        flags = ("server_no_context_takeover", "client_no_context_takeover")
        if switches.on("deflate-volunteers"):
            # RFC 7692 sections 7.1.1 and 7.1.2: a server may answer these unasked.
            values = {**dict.fromkeys(flags), "server_max_window_bits": str(min(server, 10)), **{
                key: value for key, value in values.items() if key == "client_max_window_bits"}}
            server = int(values["server_max_window_bits"])
        answer = [(key, None) for key in flags if key in values]
        if "server_max_window_bits" in values:
            answer.append(("server_max_window_bits", str(server)))
        client = int(values.get("client_max_window_bits") or 15)
        if switches.on("client-window-8") and "client_max_window_bits" in values:
            client = 8
            answer.append(("client_max_window_bits", "8"))
        if switches.on("deflate-client-window") and "client_max_window_bits" in values and values["client_max_window_bits"] is None:
            client = 12
            answer.append(("client_max_window_bits", "12"))
        quoted = switches.on("quoted-answer")
        written = [key if value is None else f'{key}="{value}"' if quoted else f"{key}={value}" for key, value in answer]
        if quoted:
            written.reverse()
        deflate = Deflate(server, client, "server_no_context_takeover" in values, "client_no_context_takeover" in values)
        return (" ;" if quoted else "; ").join([name] + written), deflate
    return None, None


class Deflate:
    """The state of one connection's compression."""

    def __init__(self, server_bits, client_bits, server_resets, client_resets):
        self.server_bits, self.client_bits = server_bits, client_bits
        self.server_resets, self.client_resets = server_resets, client_resets
        self.deflater = self.inflater = None

    def compress(self, data, final=False, level=6, strategy=zlib.Z_DEFAULT_STRATEGY):
        """One message; `final`: it ends with a block that has BFINAL (RFC 7692 section 7.2.3.4)."""
        if self.deflater is None:
            self.deflater = zlib.compressobj(level, zlib.DEFLATED, -self.server_bits, 8, strategy)
        if final:
            data = self.deflater.compress(data) + self.deflater.flush() + b"\0"
            self.deflater = None
            return data
        data = self.deflater.compress(data) + self.deflater.flush(zlib.Z_SYNC_FLUSH)
        if self.server_resets:
            self.deflater = None
        return data[:-4]

    def compress_in_blocks(self, data):
        """One message of many blocks, with fixed codes, and with empty blocks between."""
        if self.deflater is None:
            self.deflater = zlib.compressobj(6, zlib.DEFLATED, -self.server_bits, 8, zlib.Z_FIXED)
        output = b""
        for index in range(0, len(data), 4000):
            output += self.deflater.compress(data[index:index + 4000]) + self.deflater.flush(zlib.Z_FULL_FLUSH)
            output += b"\0\0\0\xff\xff" + self.deflater.flush(zlib.Z_SYNC_FLUSH)
        output += b"\0\0\0\xff\xff"
        if self.server_resets:
            self.deflater = None
        return output[:-4]

    def inflate(self, data):
        """One message, no further than the limit, and with no reference beyond the window that was agreed on."""
        if not data:
            raise Broken(1007, "no compressed data")
        if self.inflater is None:
            self.inflater = zlib.decompressobj(-self.client_bits)
        # References within the output of one step are not held against the window: small windows need small steps.
        step = 1 if self.client_bits == 8 else 16384
        output, position, ended, data = bytearray(), 0, False, data + b"\0\0\xff\xff"
        try:
            while position < len(data):
                pending = data[position:position + 64 if step == 1 else None]
                position += len(pending)
                while True:
                    output += self.inflater.decompress(pending, step)
                    if len(output) > LIMIT:
                        raise Broken(1009, "too large")
                    pending = self.inflater.unconsumed_tail
                    if self.inflater.eof:
                        # Behind a block with BFINAL a new stream begins, with an empty window.
                        ended = True
                        pending = self.inflater.unused_data
                        self.inflater = zlib.decompressobj(-self.client_bits)
                    if not pending:
                        # What zlib holds back for want of room.
                        more = self.inflater.decompress(b"", step)
                        output += more
                        if not more:
                            break
            # A message that ended inside of a block has swallowed the tail: no last block can be read behind it.
            probe = self.inflater.copy()
            if not ended and (probe.decompress(b"\x01\0\0\xff\xff") or not probe.eof):
                raise Broken(1007, "truncated")
        except zlib.error as error:
            raise Broken(1007, str(error)) from None
        if self.client_resets or ended:
            self.inflater = None
        return bytes(output)
