"""RFC 7692: the offer, its answer, and compressed messages."""
import zlib

from .extensions import parse_list
from .fault import Fault

FLAGS = {"server_no_context_takeover": "serverNoContextTakeover", "client_no_context_takeover": "clientNoContextTakeover"}
WINDOWS = {"server_max_window_bits": "serverMaxWindowBits", "client_max_window_bits": "clientMaxWindowBits"}
TAIL = b"\x00\x00\xff\xff"
DEFAULT_LIMIT = 524294


def window(text):
    """The window bits that a parameter's value names, None when it names none."""
    return int(text) if text in ("8", "9", "10", "11", "12", "13", "14", "15") else None


def read_parameters(parameters, bare_client_window):
    """Parameters by name; raises with the code of the first one at fault."""
    found = {}
    for name, value in parameters:
        if name not in FLAGS and name not in WINDOWS:
            raise Fault("unknown-parameter")
        if name in found:
            raise Fault("repeated-parameter")
        if name in FLAGS:
            if value is not None:
                raise Fault("bad-value")
            found[name] = True
        elif value is None and name == "client_max_window_bits" and bare_client_window:
            found[name] = None
        else:
            if window(value) is None:
                raise Fault("bad-value")
            found[name] = window(value)
    return found


def has_invalid_offer(offers):
    """Whether an offer by the right name has to be passed over."""
    for name, parameters in parse_list(offers):
        if name == "permessage-deflate":
            try:
                read_parameters(parameters, bare_client_window=True)
            except Fault:
                return True
    return False


def answer(offers, config):
    """The server's answer to the value of Sec-WebSocket-Extensions, None to decline."""
    for name, parameters in parse_list(offers):
        if name != "permessage-deflate":
            continue
        try:
            offer = read_parameters(parameters, bare_client_window=True)
        except Fault:
            continue
        return respond(offer, config)
    return None


def respond(offer, config):
    parts = ["permessage-deflate"]
    for name, key in FLAGS.items():
        if name in offer or config.get(key, False):
            parts.append(name)
    own = config.get("serverMaxWindowBits", 15)
    if "server_max_window_bits" in offer or own < 15:
        parts.append(f"server_max_window_bits={min(offer.get('server_max_window_bits', 15), own)}")
    if "client_max_window_bits" in offer:
        bits = min(offer["client_max_window_bits"] or 15, config.get("clientMaxWindowBits", 15))
        if bits < 15:
            parts.append(f"client_max_window_bits={bits}")
    return "; ".join(parts)


def accept(offer, response):
    """What a client makes of the answer to its offer."""
    answered = parse_list(response) if response.strip(" \t") else []
    if not answered:
        return None
    offered = [parameters for name, parameters in (parse_list(offer) if offer.strip(" \t") else [])
               if name == "permessage-deflate"]
    seen = False
    for name, _ in answered:
        if name != "permessage-deflate" or not offered:
            raise Fault("unoffered-extension")
        if seen:
            raise Fault("repeated-extension")
        seen = True
    asked = dict(offered[0])
    found = {}
    for name, value in answered[0][1]:
        found.update(check_answered(name, value, found, asked))
    for name in ("server_no_context_takeover", "server_max_window_bits"):
        if name in asked and name not in found:
            raise Fault("missing-parameter")
    result = {key: name in found for name, key in FLAGS.items()}
    result.update({key: found.get(name, 15) for name, key in WINDOWS.items()})
    return result


def check_answered(name, value, found, asked):
    """One parameter of an answer, checked against those before it and the offer."""
    if name in found:
        read_parameters([(name, value)], bare_client_window=True) if name not in WINDOWS | FLAGS else None
        raise Fault("repeated-parameter")
    one = read_parameters([(name, value)], bare_client_window=False)
    bits = one[name]
    if name == "client_max_window_bits" and name not in asked:
        raise Fault("unoffered-window")
    if name in WINDOWS and asked.get(name) is not None and bits > int(asked[name]):
        raise Fault("window-above-offer")
    return one


def negotiate(asked):
    if asked["side"] == "server":
        return {"response": answer(asked["offers"], asked.get("config", {}))}
    return {"parameters": accept(asked["offer"], asked["response"])}


class Inflating:
    """One direction's inflater, its output bounded."""

    def __init__(self, window_bits, takeover):
        self.window_bits, self.takeover = max(window_bits, 8), takeover
        self.stream = None
        self.history = b""

    def fresh(self, history=b""):
        if history:
            return zlib.decompressobj(-self.window_bits, zdict=history[-32768:])
        return zlib.decompressobj(-self.window_bits)

    def message(self, data, limit):
        if self.stream is None or not self.takeover:
            self.stream = self.fresh()
        # A lone stored block of four bytes cannot be told from the tail, so its end is looked for by trial: data that
        # stands between two blocks takes a final empty block, anything else does not.
        out, rest, ended = b"", data + TAIL, False
        while rest:
            try:
                out += self.stream.decompress(rest, limit + 1 - len(out))
            except zlib.error:
                raise Fault("invalid-data") from None
            if len(out) > limit:
                raise Fault("too-large")
            if not self.stream.eof:
                rest = self.stream.unconsumed_tail
                if not rest:
                    break
                continue
            rest = self.stream.unused_data
            self.stream = self.fresh()
            if rest in (TAIL, b"\x00" + TAIL):
                ended = True
                break
        if not ended and not self.between_blocks():
            raise Fault("truncated")
        return out

    def between_blocks(self):
        probe = self.stream.copy()
        try:
            more = probe.decompress(b"\x01\x00\x00\xff\xff")
        except zlib.error:
            return False
        return probe.eof and not more and not probe.unused_data


def inflate_all(messages, window_bits, takeover, limit):
    inflating = Inflating(window_bits, takeover)
    out = []
    for index, message in enumerate(messages):
        try:
            out.append(inflating.message(message, limit))
        except Fault as fault:
            raise Fault(fault.code, index=index) from None
    return out


def decompress(asked):
    messages = [bytes.fromhex(message) for message in asked["messages"]]
    out = inflate_all(messages, asked.get("windowBits", 15), asked.get("contextTakeover", True),
                      asked.get("maxLength", DEFAULT_LIMIT))
    return {"messages": [message.hex() for message in out]}


def compressed_rightly(asked, output):
    """Whether compressed messages are what `deflate.compress` was asked for: inflated under the negotiated window."""
    messages = [bytes.fromhex(message) for message in output["messages"]]
    if any(message.endswith(TAIL) for message in messages):
        return False
    try:
        plain = inflate_all(messages, asked.get("windowBits", 15), asked.get("contextTakeover", True), 1 << 26)
    except Fault:
        return False
    return [message.hex() for message in plain] == asked["messages"]
