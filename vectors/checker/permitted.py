"""What a vector may permit besides its strict answer, worked out from the rules: the readers of this package, told to be
as lenient as the specification lets a reader be. Nothing here looks at the alternatives that a vector lists.

`alternatives(operation, asked, strict)` gives every permitted answer with the verdict that it earns; a vector with none
is valid or invalid, a vector with some is acceptable. `strict` is the answer of this package's own strict reader.
"""
import copy
import zlib

from . import deflate, frame, handshake, metadata, websocket
from .fault import Fault


def output(verdict, value):
    return {"verdict": verdict, "output": value}


def refusal(verdict, code, **place):
    return {"verdict": verdict, "error": code, **place}


def alternatives(operation, asked, strict):
    find = RULES.get(operation)
    return list(find(asked, strict)) if find else []


def of_frame_decode(asked, strict):
    """What follows a frame may be cut off instead (frame.trailing.fail and its kin are SHOULDs)."""
    if strict.get("error") == "trailing-bytes":
        yield output("nonStrict", frame.decode(asked, lenient=True))


def of_ws_decode(asked, strict):
    """A length in too many bytes may be read (ws.length.minimal.fail); what close codes from 5000 on mean is open."""
    violation = (strict.get("output") or {}).get("violation") or {}
    if violation.get("code") == "nonminimal-length":
        yield output("nonStrict", websocket.decode(asked, longer_lengths=True))
    if violation.get("code") == "close-code" and close_code(asked) >= 5000:
        yield output("informational", websocket.decode(asked, large_codes=True))


def close_code(asked):
    events = websocket.decode(asked, large_codes=True)["events"]
    return (events[-1].get("code") or 0) if events else 0


def of_deflate_decompress(asked, strict):
    if "error" not in strict or strict["error"] == "too-large":
        return
    index = strict["index"]
    message = bytes.fromhex(asked["messages"][index])
    if message.endswith(deflate.TAIL):
        yield from left_on(asked, index)
    elif larger := list(with_larger_window(asked)):
        yield from larger
    elif is_cut_off(asked, index):
        # Whoever puts the tail behind it may read that as data that is invalid.
        yield refusal("pass", "truncated" if strict["error"] == "invalid-data" else "invalid-data", index=index)


def left_on(asked, index):
    """deflate.tail.receive is a MAY: a tail that was left on is refused here, with either code, or taken off."""
    yield refusal("informational", "invalid-data", index=index)
    bare = [message.removesuffix("0000ffff") for message in asked["messages"]]
    try:
        yield output("informational", deflate.decompress({**asked, "messages": bare}))
    except Fault:
        return
    for later in range(index + 1, len(bare)):
        if bare[later] != asked["messages"][later]:
            yield refusal("informational", "invalid-data", index=later)
            yield refusal("informational", "truncated", index=later)


def is_cut_off(asked, index):
    """Whether the message at fault is good as far as it goes and stops inside of a block."""
    stream = zlib.decompressobj(-15)
    try:
        for message in asked["messages"][:index]:
            stream.decompress(bytes.fromhex(message) + deflate.TAIL)
        stream.decompress(bytes.fromhex(asked["messages"][index]))
    except zlib.error:
        return False
    return not stream.eof


def with_larger_window(asked):
    """Inflating with 15 bits and a window that outlives messages and final blocks is a receiver's good right."""
    try:
        found = inflate_leniently(asked)
    except Fault:
        return
    yield output("pass", found)


def ends_well(stream):
    """Whether the data so far end with a block: a final empty one can follow, or has."""
    if stream.eof:
        return True
    probe = stream.copy()
    try:
        return not probe.decompress(b"\x01\x00\x00\xff\xff") and probe.eof
    except zlib.error:
        return False


def inflate_leniently(asked):
    history, messages = b"", []
    for message in map(bytes.fromhex, asked["messages"]):
        rest, out = message + deflate.TAIL, b""
        while rest and rest not in (deflate.TAIL, b"\x00" + deflate.TAIL) or rest == message + deflate.TAIL:
            stream = zlib.decompressobj(-15, zdict=(history + out)[-32768:])
            try:
                out += stream.decompress(rest)
            except zlib.error:
                raise Fault("invalid-data") from None
            if not ends_well(stream):
                raise Fault("truncated")
            rest = stream.unused_data if stream.eof else b""
        history += out
        messages.append(out.hex())
    return {"messages": messages}


def of_handshake_parse(asked, strict):
    """Each thing that a reader may let pass, alone: what has two faults has to be refused for the other one."""
    def read(verdict, **leniency):
        try:
            return [output(verdict, handshake.parse(asked, **leniency))]
        except Fault:
            return []
    code = strict.get("error")
    if code in ("bad-header", "bad-request-line"):
        yield from read("nonStrict", folds=True)
        yield from read("pass", bare_lf=True)
    elif code == "headers-too-large":
        yield from read("nonStrict", limited=False)
    elif code == "bad-key":
        yield from read("nonStrict", unused_bits=True)
    elif code == "has-content":
        yield from read("pass", content_allowed=True)
    elif code is None and asked["side"] == "server" and handshake.lengths_repeated(asked):
        yield refusal("pass", "bad-framing", offset=handshake.lengths_repeated(asked))
    elif code is None and asked["side"] == "client" and handshake.lacks_space_before_reason(asked):
        yield refusal("pass", "bad-status-line")


def of_handshake_respond(asked, strict):
    """Another status than 426 is weaker (handshake.refuse.version.status), but the version has to be named."""
    reject = strict["output"]["reject"]
    if reject in ("missing-version", "unsupported-version"):
        fields = {"sec-websocket-version": "13"}
        yield output("nonStrict", {"status": 400, "headers": fields, "reject": reject})
    if reject == "has-content":
        yield output("pass", handshake.respond(asked, content_allowed=True))


def of_metadata_parse(asked, strict):
    """metadata.integer.clamp is a MAY: a number that 64 bits cannot hold may be 0 as well."""
    found = metadata.parameters(bytes.fromhex(asked["query"]))
    beyond = [name for name in ("typed", "version", "charset") if metadata.beyond_64_bits(found.get(name.encode(), b""))]
    if beyond:
        yield output("informational", {**strict["output"], **dict.fromkeys(beyond, "0")})


def of_timeline(asked, strict):
    """A close frame is answered with its own code or with none (close.echo.code)."""
    answered = copy.deepcopy(strict["output"])
    codes = [event.get("code") for event in asked["events"] if event["event"] == "peerClose"]
    closes = [action for action in answered["actions"] if action["action"] == "sendClose"]
    if len(codes) == len(closes) == 1 and codes[0] is not None and closes[0]["code"] == codes[0] and answers(asked):
        closes[0]["code"] = None
        yield output("pass", answered)


def answers(asked):
    """Whether the peer's close frame comes first, and is what ends the connection."""
    endings = ("close", "peerClose", "violation", "displace", "kick", "transportClosed")
    first = next((event["event"] for event in asked["events"] if event["event"] in endings), None)
    return first == "peerClose"


RULES = {
    "frame.decode": of_frame_decode, "ws.decode": of_ws_decode, "deflate.decompress": of_deflate_decompress,
    "handshake.parse": of_handshake_parse, "handshake.respond": of_handshake_respond,
    "metadata.parse": of_metadata_parse, "rpc.timeline": of_timeline,
}
