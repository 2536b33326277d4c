"""Which requirements a vector may name, written by hand from docs/specification.md: for each kind of fault those that it
breaks, for each kind of good input those that it can show. The first of a fault's line are what the vector has to name,
one of them at least; what stands behind the bar may be named besides.
"""
import fnmatch

from . import deflate

# operation, side or revision (* for any), error or violation: what it breaks | what else it may show.
BREAKS = """
frame.decode * empty: frame.empty | legacy.1_1.reject
frame.decode 1.1 bad-protobuf: legacy.1_1.reject | legacy.1_1.message protobuf.tag.invalid protobuf.varint.invalid protobuf.length.bounds protobuf.group.*
frame.decode 1.2 bad-protobuf: legacy.1_2.body | protobuf.tag.invalid protobuf.varint.invalid protobuf.length.bounds protobuf.group.*
frame.decode 1.1 too-large: legacy.1_1.limit
frame.decode 1.2 bad-magic: legacy.1_2.magic.reject | legacy.1_2.magic
frame.decode 1.2 short: legacy.1_2.short | legacy.1_2.length
frame.decode 1.2 too-large: legacy.1_2.limit
frame.decode 1.2 trailing-bytes: legacy.1_2.trailing | frame.trailing.truncate
frame.decode 1.3.0 bad-magic: legacy.1_3_0.magic.reject | legacy.1_3_0.magic
frame.decode 1.3.0 length-too-small: legacy.1_3_0.length.minimum
frame.decode 1.3.0 short: legacy.1_3_0.short | legacy.1_3_0.length
frame.decode 1.3.0 too-large: legacy.1_3_0.limit
frame.decode 1.3.0 trailing-bytes: legacy.1_3_0.trailing | frame.trailing.truncate
frame.decode 1.3.3 bad-magic: frame.magic.reject | frame.magic frame.short malformed.delivery
frame.decode 1.3.3 length-too-small: frame.length.minimum | malformed.delivery
frame.decode 1.3.3 short: frame.short | frame.length.exact frame.zero-frame malformed.delivery
frame.decode 1.3.3 too-large: frame.length.limit.reject | frame.length.limit frame.byte-order malformed.delivery
frame.decode 1.3.3 trailing-bytes: frame.trailing.fail | frame.trailing frame.trailing.truncate frame.length.exact frame.message.one
frame.encode 1.1 protocol-id-out-of-range: legacy.1_1.message protobuf.message.fields
frame.encode 1.2 protocol-id-out-of-range: legacy.1_2.magic legacy.1_2.length
frame.encode 1.3.0 protocol-id-out-of-range: legacy.1_3_0.no-sn | legacy.1_3_0.magic legacy.1_3_0.length
frame.encode 1.3.3 protocol-id-out-of-range: frame.protocol-id.range
frame.encode 1.1 sn-unsupported: legacy.1_1.message | protobuf.message.fields
frame.encode 1.2 sn-unsupported: legacy.1_2.magic legacy.1_2.length
frame.encode 1.3.0 sn-unsupported: legacy.1_3_0.no-sn
frame.encode * too-large: frame.length.limit.send
frame.stream 1.2 bad-magic: legacy.1_2.magic.reject | frame.stream.resume
frame.stream 1.2 bad-protobuf: legacy.1_2.body | frame.stream.resume
frame.stream 1.2 too-large: legacy.1_2.limit | frame.stream.early
frame.stream 1.3.0 bad-magic: legacy.1_3_0.magic.reject | frame.stream.resume
frame.stream 1.3.0 length-too-small: legacy.1_3_0.length.minimum | frame.stream.resume
frame.stream 1.3.0 too-large: legacy.1_3_0.limit | frame.stream.early
frame.stream 1.3.3 bad-magic: frame.magic.reject | frame.stream.resume
frame.stream 1.3.3 length-too-small: frame.length.minimum | frame.stream.resume frame.stream.early
frame.stream 1.3.3 too-large: frame.length.limit.reject | frame.stream.resume frame.stream.early
displacement.decode * bad-protobuf: protobuf.varint.invalid protobuf.length.bounds protobuf.tag.invalid protobuf.group.balance protobuf.group.depth
ws.encode * reserved-opcode: ws.opcode
ws.encode * reserved-bits: ws.rsv deflate.rsv1 deflate.rsv1.continuation deflate.rsv1.control | deflate.rsv1.continuation.fail
ws.encode * control-fragmented: ws.control.fragmented
ws.encode * control-too-long: ws.control.length
ws.encode * close-length-one: close.body.one
ws.encode * close-code: close.code
ws.encode * close-utf8: close.reason.utf8
ws.encode client masking-key: ws.mask.client
ws.encode server masking-key: ws.mask.server
ws.decode * reserved-bits: ws.rsv.fail | ws.rsv ws.violation.code ws.opcode.fail
ws.decode * reserved-opcode: ws.opcode.fail | ws.opcode ws.violation.code ws.violation.stop
ws.decode * control-compressed: deflate.rsv1.control.fail | ws.rsv deflate.rsv1.control ws.violation.code
ws.decode * continuation-compressed: deflate.rsv1.continuation.fail | ws.rsv deflate.rsv1.continuation ws.violation.code
ws.decode * control-fragmented: ws.control.fragmented.fail | ws.control.fragmented ws.violation.code
ws.decode * control-too-long: ws.control.length.fail | ws.control.length ws.violation.code
ws.decode * stray-continuation: ws.fragment.stray | ws.fragment.form
ws.decode * interleaved-message: ws.fragment.interleaved | ws.fragment.form
ws.decode client masked-server: ws.mask.server.fail | ws.mask.server ws.violation.code
ws.decode server unmasked-client: ws.mask.client.fail | ws.mask.client ws.violation.code
ws.decode * nonminimal-length: ws.length.minimal.fail | ws.length.minimal ws.violation.code
ws.decode * bad-length: ws.length.top-bit | ws.violation.code
ws.decode * message-too-large: ws.message.limit
ws.decode * text-utf8: ws.text.utf8.fail | ws.text.utf8 ws.text.utf8.code
ws.decode * close-length-one: close.body.one.fail | close.body.one
ws.decode * close-code: close.code.fail close.code.large | close.code
ws.decode * close-utf8: close.reason.utf8.fail | close.reason.utf8
deflate.negotiate client bad-grammar: deflate.answer.grammar
deflate.negotiate server bad-grammar: handshake.refuse.extensions
deflate.negotiate client bad-value: deflate.answer.invalid-value | deflate.answer.missing
deflate.negotiate client missing-parameter: deflate.answer.missing
deflate.negotiate client repeated-extension: deflate.answer.repeated
deflate.negotiate client repeated-parameter: deflate.answer.repeated-parameter
deflate.negotiate client unknown-parameter: deflate.answer.unknown-parameter | deflate.answer.invalid-value
deflate.negotiate client unoffered-extension: handshake.client.extension | deflate.answer.unoffered
deflate.negotiate client unoffered-window: deflate.answer.unoffered-window
deflate.negotiate client window-above-offer: deflate.answer.window
deflate.decompress * invalid-data: deflate.invalid deflate.truncated deflate.window deflate.no-takeover deflate.bfinal.next
deflate.decompress * truncated: deflate.truncated deflate.tail.receive
deflate.decompress * too-large: deflate.limit
handshake.parse server incomplete: handshake.read.pieces handshake.read.limit
handshake.parse server headers-too-large: handshake.read.limit
handshake.parse server bad-request-line: handshake.refuse.request-line handshake.refuse.authority handshake.read.bare-lf
handshake.parse server bad-http-version: handshake.refuse.http-version | handshake.request.get
handshake.parse server bad-header: handshake.refuse.header handshake.refuse.header.space handshake.read.fold handshake.read.bare-lf
handshake.parse server not-get: handshake.refuse.method | handshake.request.get
handshake.parse server missing-host: handshake.refuse.host | handshake.request.host
handshake.parse server missing-upgrade: handshake.refuse.upgrade | handshake.request.upgrade
handshake.parse server missing-connection: handshake.refuse.connection | handshake.request.connection
handshake.parse server missing-version: handshake.refuse.version | handshake.request.version
handshake.parse server unsupported-version: handshake.refuse.version | handshake.request.version
handshake.parse server missing-key: handshake.refuse.key | handshake.request.key
handshake.parse server bad-key: handshake.refuse.key handshake.refuse.key.form | handshake.request.key
handshake.parse server bad-framing: handshake.refuse.framing
handshake.parse server has-content: handshake.refuse.content
handshake.parse client incomplete: handshake.client.syntax handshake.client.interim | handshake.client.status handshake.answer.status
handshake.parse client headers-too-large: handshake.read.limit
handshake.parse client bad-status-line: handshake.client.syntax handshake.client.grammar
handshake.parse client bad-header: handshake.client.grammar handshake.read.fold
handshake.parse client refused: handshake.client.status | handshake.answer.status handshake.client.interim
handshake.parse client missing-upgrade: handshake.client.upgrade | handshake.answer.upgrade
handshake.parse client missing-connection: handshake.client.connection | handshake.answer.connection
handshake.parse client missing-accept: handshake.client.accept | handshake.accept
handshake.parse client wrong-accept: handshake.client.accept | handshake.accept handshake.client.interim
handshake.parse client bad-extension: handshake.client.extension | handshake.answer.extension handshake.read.list
handshake.parse client unoffered-extension: handshake.client.extension | handshake.answer.extension
handshake.parse client unoffered-protocol: handshake.client.protocol | handshake.answer.protocol
handshake.respond * incomplete: handshake.read.pieces
handshake.respond * headers-too-large: handshake.read.limit
handshake.respond * bad-header: handshake.refuse.header
handshake.respond * bad-http-version: handshake.refuse.http-version
handshake.respond * not-get: handshake.refuse.method | handshake.refuse.method.status
handshake.respond * missing-host: handshake.refuse.host
handshake.respond * missing-upgrade: handshake.refuse.upgrade
handshake.respond * missing-connection: handshake.refuse.connection
handshake.respond * missing-version: handshake.refuse.version.field | handshake.refuse.version.status
handshake.respond * unsupported-version: handshake.refuse.version.field | handshake.refuse.version.status
handshake.respond * missing-key: handshake.refuse.key
handshake.respond * bad-key: handshake.refuse.key
handshake.respond * bad-framing: handshake.refuse.framing
handshake.respond * has-content: handshake.refuse.content
handshake.respond * unknown-path: handshake.refuse.path | handshake.answer.continue
handshake.respond * origin-not-allowed: origin.list
handshake.respond * bad-grammar: handshake.refuse.extensions
handshake.respond * bad-parameter: negotiation.parameter.invalid | negotiation.before-accept
handshake.respond * version-too-low: negotiation.version.minimum | negotiation.version.upgrade negotiation.before-accept
handshake.respond * charset-unsupported: negotiation.charset.unsupported | negotiation.before-accept
handshake.respond * no-protocol: negotiation.protocol.none | negotiation.before-accept
charset.decode * malformed: charset.malformed.offset | charset.utf8.invalid charset.gbk.invalid charset.gbk.four-byte
charset.encode * unencodable: charset.unencodable | charset.unencodable.offset
negotiate.select * bad-parameter: negotiation.parameter.invalid
negotiate.select * version-too-low: negotiation.version.minimum
negotiate.select * charset-unsupported: negotiation.charset.unsupported
negotiate.select * no-protocol: negotiation.protocol.none negotiation.protocol.token
"""

# operation, side or revision: what good input can show.
SHOWS = """
frame.decode 1.1: legacy.1_1.* frame.payload.opaque protobuf.*
frame.decode 1.2: legacy.1_2.* frame.payload.opaque protobuf.*
frame.decode 1.3.0: legacy.1_3_0.* frame.payload.opaque
frame.decode 1.3.3: frame.* malformed.delivery
frame.encode 1.1: legacy.1_1.* protobuf.message.fields protobuf.encode.* frame.payload.opaque frame.length.limit.send
frame.encode 1.2: legacy.1_2.* protobuf.message.fields protobuf.encode.* frame.payload.opaque frame.length.limit.send
frame.encode 1.3.0: legacy.1_3_0.* frame.payload.opaque frame.length.limit.send
frame.encode 1.3.3: frame.*
frame.stream 1.2: frame.stream.* legacy.1_2.length.zero
frame.stream 1.3.0: frame.stream.*
frame.stream 1.3.3: frame.stream.* frame.length.limit frame.zero-frame
displacement.encode *: protobuf.* hub.displacement.addresses hub.displacement.timestamp
displacement.decode *: protobuf.* hub.displacement.addresses hub.displacement.timestamp
ws.encode *: ws.mask.* ws.length.* ws.opcode ws.rsv ws.text.utf8 ws.control.* ws.fragment.* close.code close.body.* close.reason.utf8 deflate.rsv1*
ws.decode *: ws.* close.body.empty close.after.receive close.code.accept close.reason.utf8 deflate.rsv1* deflate.fragments deflate.plain frame.message.fragmented malformed.websocket
deflate.negotiate server: deflate.offer.* deflate.answer.single
deflate.negotiate client: deflate.answer.*
deflate.compress *: deflate.tail deflate.window deflate.no-takeover
deflate.decompress *: deflate.blocks deflate.bfinal* deflate.takeover deflate.no-takeover deflate.truncated deflate.invalid deflate.window deflate.tail.receive deflate.limit
handshake.parse server: handshake.request.* handshake.read.* handshake.refuse.*
handshake.parse client: handshake.client.* handshake.answer.* handshake.accept handshake.read.* handshake.early.server
handshake.respond *: handshake.answer.* handshake.accept handshake.read.* handshake.refuse.* origin.* negotiation.*
metadata.parse *: metadata.*
identity.format *: identity.*
charset.decode *: charset.*
charset.encode *: charset.*
negotiate.select *: negotiation.*
rpc.timeline rpc: rpc.* frame.* dispatch.* send.queue.full hub.* protobuf.* malformed.* close.after close.after.receive ws.ping.answer
rpc.timeline keepalive: keepalive.* close.after close.timeout ws.ping.answer ws.pong.* frame.message.fragmented rpc.close.pending rpc.timeout
rpc.timeline close: close.* rpc.close.* rpc.timeout malformed.* ws.violation.stop
"""


def table(text):
    """Head words of each line to what it must name one of, and what it may name."""
    found = {}
    for line in text.strip().splitlines():
        head, _, names = line.partition(": ")
        needed, _, besides = names.partition(" | ")
        found[tuple(head.split())] = (needed.split(), needed.split() + besides.split())
    return found


BROKEN, SHOWN = table(BREAKS), table(SHOWS)


def about(operation, test):
    """The side, the role, the revision or the area that decides which line of a table holds."""
    asked = test["input"]
    if operation == "rpc.timeline":
        return test["id"].split(".")[0]
    return asked.get("side") or asked.get("role") or asked.get("revision") or "*"


def fault_of(operation, test):
    """The code of what the vector says is wrong; None where all is well."""
    if "error" in test:
        return test["error"]
    output = test["output"]
    if operation in ("ws.decode", "frame.stream"):
        return (output["violation"] or {}).get("code")
    return output["reject"] if operation == "handshake.respond" else None


def lines(operation, test):
    code, side = fault_of(operation, test), about(operation, test)
    keys = [(operation, side), (operation, "*")] if code is None else [(operation, side, code), (operation, "*", code)]
    known = SHOWN if code is None else BROKEN
    return next((known[key] for key in keys if key in known), None)


def faults(operation, test, catalogue):
    named = test["requirements"]
    if not named or len(set(named)) != len(named):
        yield "it names no requirement, or one twice"
    for name in named:
        if name not in catalogue:
            yield f"the catalogue has no requirement {name}"
    duty = lines(operation, test)
    if duty is None:
        yield f"{operation} knows no fault {fault_of(operation, test)} here"
        return
    needed, allowed = duty
    for name in named:
        if not any(fnmatch.fnmatchcase(name, pattern) for pattern in allowed):
            yield f"the requirement {name} has nothing to do with it"
    if fault_of(operation, test) is not None and not set(named) & set(needed):
        yield f"it names none of {', '.join(needed)}"


def violation_shown(operation, asked, strict):
    """Whether something is violated, by the answer of a strict reader; None where that cannot be told from the answer."""
    if "error" in strict:
        return True
    if operation in ("ws.decode", "frame.stream"):
        return strict["output"]["violation"] is not None
    if operation == "handshake.respond":
        return strict["output"]["status"] != 101
    if operation == "deflate.negotiate":
        return asked["side"] == "server" and deflate.has_invalid_offer(asked["offers"])
    return None if operation == "rpc.timeline" else False
