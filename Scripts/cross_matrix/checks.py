"""What every client and every server have to be able to do together."""
import asyncio
import hashlib
from dataclasses import dataclass

from .relay import NotMet
from .wire import CLOSE

DISPLACEMENT = 0x7FFFFFFF


class DoesNotApply(Exception):
    """The two do not offer what a check is about; the text says who lacks what."""


@dataclass
class Check:
    run: object
    requirements: list
    conformance_class: str
    query: str = ""  # what is asked of the URL besides the identity
    is_compressed: bool = False  # whether the client is to offer compression

    @property
    def name(self):
        return self.run.__name__.replace("_", "-")


CHECKS = []


def check(conformance_class, *requirements, **members):
    def add(function):
        CHECKS.append(Check(function, list(requirements), conformance_class, **members))
        return function
    return add


def expect(is_so, text):
    if not is_so:
        raise NotMet(text)


def is_payload(report, payload):
    """Whether a report says that this came, whole, as its digits or its hash or, of a client that has no SHA-256, its length."""
    if "payload" in report:
        return report["payload"] == payload.hex()
    return report.get("length") == len(payload) and report.get("sha256", hashlib.sha256(payload).hexdigest()) == hashlib.sha256(payload).hexdigest()


async def call(pair, link, payload, **members):
    """A call of the client: what it reports, and what crossed the wire."""
    since = len(link.events)
    seq = link.order("call", id=2, **(members or {"payload": payload.hex()}))
    request = await pair.relay.frame(link, "client", 2, since, payload=payload)
    expect(request.sn and request.sn % 2 == 0, f"the call has the serial number {request.sn}, not an even one")
    answer = await pair.relay.frame(link, "server", 3, since, sn=request.sn)
    expect(answer.payload == payload, "the answer has another payload than the call")
    report = await pair.relay.report(link, seq)
    expect(report["ok"] and report["sn"] == request.sn and is_payload(report, payload), f"the client reports {str(report)[:200]}")
    return request, answer, report


@check("Core", "frame.sn.one-way", "frame.payload.opaque")
async def one_way(pair):
    """A one-way message comes back as one."""
    link, payload = await pair.start(), bytes(range(256))
    seq = link.order("send", id=2, payload=payload.hex())
    await pair.relay.frame(link, "client", 2, sn=0, payload=payload)
    await pair.relay.frame(link, "server", 3, sn=0, payload=payload)
    report = await pair.relay.report(link, seq)
    expect(report["ok"], f"the client reports {report}")


@check("RPC", "rpc.answer.sn", "rpc.answer.pairing", "rpc.sn.parity", "frame.payload.empty", "ws.length.forms")
async def client_calls(pair):
    """Calls with payloads of the three forms of WebSocket's length, and empty."""
    link = await pair.start()
    for size in (5, 0, 200, 70000):
        await call(pair, link, bytes(at * 7 % 251 for at in range(size)))


@check("RPC", "rpc.concurrent", "rpc.answer.pairing", "rpc.sn.unique", "rpc.order")
async def concurrent_calls(pair):
    """Twenty calls are answered while a slow one waits, which is answered then."""
    link = await pair.start()
    slow = link.order("call", id=4, payload=b"slow".hex())
    await pair.relay.frame(link, "client", 4, payload=b"slow")
    orders = {link.order("call", id=2, payload=str(at).encode().hex()): str(at).encode() for at in range(20)}
    numbers = set()
    for seq, payload in orders.items():
        report = await pair.relay.report(link, seq)
        expect(report["ok"] and is_payload(report, payload), f"the client reports {report}")
        numbers.add(report["sn"])
    expect(len(numbers) == 20, "two calls have one serial number")
    expect(not any(one.id == 5 for one in link.events), "the slow call was answered before the others")
    report = await pair.relay.report(link, slow)
    expect(report["ok"] and is_payload(report, b"slow"), f"the client reports {report}")


@check("RPC", "rpc.timeout", "rpc.answer.late")
async def late_answer(pair):
    """A call times out at the client; the answer that comes later completes nothing, and the next call is answered."""
    link = await pair.start()
    seq = link.order("call", id=4, payload=b"late".hex(), timeoutMs=100)
    report = await pair.relay.report(link, seq)
    expect(not report["ok"] and report["error"] == "timeout", f"the client reports {report}")
    await pair.relay.frame(link, "server", 5, payload=b"late")
    await call(pair, link, b"next")


@check("RPC", "rpc.sn.parity", "rpc.answer.sn", "rpc.answer.pairing", "rpc.dispatch.handler")
async def server_calls(pair):
    """The server calls, three times at once; the client answers, and the server says what the answers were."""
    link = await pair.start()
    payloads = [f"call {at}".encode() for at in range(3)]
    for payload in payloads:
        link.order("send", id=6, payload=payload.hex())
    for payload in payloads:
        request = await pair.relay.frame(link, "server", 7, payload=payload)
        expect(request.sn % 2 == 1, f"the server's call has the serial number {request.sn}, not an odd one")
        await pair.relay.frame(link, "client", 17, sn=request.sn, payload=payload)
        await pair.relay.frame(link, "server", 8, sn=0, payload=payload)


@check("Core", "frame.message.one", "frame.sn.one-way")
async def burst(pair):
    """A hundred one-way messages at once."""
    link = await pair.start()
    link.order("send", id=10)
    await pair.relay.until("the burst of 100 messages", lambda: sum(one.id == 11 and one.sn == 0 for one in link.events) == 100)
    await call(pair, link, b"after the burst")


@check("Core", "dispatch.unknown")
async def puller(pair):
    """A signal of the client makes the server's puller send; the client's reports are unknown to the server and harm nothing."""
    link = await pair.start()
    link.order("send", id=12)
    await pair.relay.frame(link, "server", 9, sn=0)
    await call(pair, link, b"after the signal")


@check("Negotiation", "charset.text", "charset.untouched", query="&charset=1")
async def text(pair):
    """Text in GBK goes out as GBK, is not touched on the way, and is read as what it was."""
    link, words = await pair.start(), "中文 €"
    _, _, report = await call(pair, link, bytes.fromhex("d6d0cec42080"), text=words)
    expect(report.get("text") == words, f"the client reports the text {report.get('text')!r}")


@check("Core", "close.code.accept", "close.transport.server")
async def reconnect(pair):
    """The client closes, dials again under the same identity, and is served."""
    first = await pair.start()
    await call(pair, first, b"first")
    seq = first.order("reconnect")
    second = await pair.relay.opened(2)
    report = await pair.relay.report(second, seq)
    expect(report["ok"], f"the client reports {report}")
    await call(pair, second, b"second")
    await pair.relay.until("the end of the first connection", lambda: first.ended["client"] and first.ended["server"])


@check("Hub", "hub.displacement.frame", "hub.displacement.addresses", "hub.displacement.close", "hub.displacement.client", "hub.displacement.redial",
       "hub.identity.newest")
async def displacement(pair):
    """A second client with the same identity is served; the first one is told, closed, and does not come back."""
    first = await pair.start()
    await call(pair, first, b"first")
    second = await pair.start()
    await call(pair, second, b"second")
    told = await pair.relay.frame(first, "server", DISPLACEMENT, sn=0)
    expect(told.payload[:1] == b"\x0a" and b"\x12" in told.payload and b"127.0.0.1" in told.payload,
           f"the displacement's payload is {told.payload.hex()}, without addresses")
    await pair.relay.event(first, "the server's close frame", lambda one: one.side == "server" and one.opcode == CLOSE)
    await pair.relay.until("the end of the first connection", lambda: first.ended["client"] and first.ended["server"])
    await asyncio.sleep(1)
    expect(len(pair.relay.links) == 2, "the client dialled again after its displacement")
    await call(pair, second, b"still there")


@check("Core", "close.echo", "close.transport.server", "close.code")
async def close(pair):
    """The client closes with 1000, both streams end, and the client's process ends well."""
    link = await pair.start()
    await call(pair, link, b"before")
    link.order("close")
    sent = await pair.relay.event(link, "the client's close frame", lambda one: one.side == "client" and one.opcode == CLOSE)
    expect(sent.payload[:2] in (b"\x03\xe8", b""), f"the close frame has the payload {sent.payload.hex()}")
    await pair.relay.until("the end of the connection", lambda: link.ended["client"] and link.ended["server"])
    code = await pair.exit_code()
    expect(code == 0, f"the client's exit code is {code}")


@check("Compression", "deflate.rsv1", "deflate.takeover", "deflate.no-takeover", "deflate.plain", is_compressed=True)
async def deflate(pair):
    """With compression negotiated, what both send is inflated rightly, message after message, also between uncompressed ones."""
    link = await pair.start()
    if "permessage-deflate" not in link.client.head:
        raise DoesNotApply("the client offers no compression")
    if "permessage-deflate" not in link.server.head:
        raise DoesNotApply("the server accepts no compression")
    for at in range(4):
        await call(pair, link, b"again and again, %d " % at * 500)
    senders = {one.side for one in link.events if one.is_compressed}
    if len(senders) < 2:
        raise DoesNotApply(f"it was negotiated, but {' and '.join({'client', 'server'} - senders)} compressed nothing")
