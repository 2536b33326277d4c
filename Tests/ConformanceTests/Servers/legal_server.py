#!/usr/bin/env python3
"""A server that is odd and legal: whatever is switched on, no probe may find it wrong.

The application is that of independent_server.py; HTTP, WebSocket and compression are its own, so that each can be odd.
`--list` prints the switches. What a profile has to say for one of them stands in Scripts/legal-servers.py.
"""
import argparse
import asyncio
import email.utils
import random
import re
import socket
import time

import independent_server as application
import legal_application
import legal_http
import legal_websocket
from legal_wire import Wire

SWITCHES = {
    "latency": "everything is sent 150 ms late, in order",
    "latency-jitter": "each piece is sent 0 to 200 ms late, in order",
    "batches": "messages are collected for 40 ms and sent in reverse order",
    "headers": "lower-case field names, more fields, Connection: keep-alive, Upgrade, Upgrade: WebSocket",
    "interim": "100 Continue goes before the 101",
    "one-byte": "messages of up to 2000 bytes go out in fragments of one byte with pings and pongs between",
    "fragments": "each message ends in empty fragments and has pings between",
    "pings": "pings with payload and unsolicited pongs every 20 ms",
    "close-1008": "every violation is answered with 1008",
    "close-slow": "a violation is answered after 1.3 s",
    "close-after-calls": "a violation is answered once the calls that run are answered",
    "close-none-tcp": "violations end TCP without a close frame",
    "rst": "TCP ends with RST after the close frame",
    "echo-empty": "close frames are answered without a body",
    "deflate-some": "every second message is compressed, with BFINAL now and then",
    "greeting": "a one-way message with id 99 directly behind the 101",
    "heartbeat": "a one-way message with id 99 every 50 ms",
    "server-calls": "a call with id 98 and the next odd sn every 50 ms, unanswered ones forgotten",
    "max-20": "at most 20 connections at once, others get 503",
    "rate-limit": "more than 30 upgrades a second get 429",
    "slow-accept": "an upgrade takes 300 ms",
    "register-late": "a connection enters the hub 0 to 150 ms after its 101, before its first frame is handled",
    "lenient-http": "invalid fields of the request are skipped (RFC 9110 sections 2.4 and 5.5)",
    "fold": "folded fields are joined with a space (RFC 9112 section 5.2)",
    "refusal-case": "refusals say Upgrade: WebSocket, h2c and Content-Type: Application/Problem+JSON; charset=utf-8",
    "quoted-answer": "values in Sec-WebSocket-Extensions are quoted, the parameters in another order",
    "client-window-8": "client_max_window_bits=8 is answered where it was offered, and kept to strictly",
    "two-ends": "the answer to a close frame ends TCP with RST at once",
    "drop": "malformed frames are dropped",
    "chunked": "refusals are chunked",
    "no-uid-401": "a request without uid gets 401",
    "ack-close-late": "the close frame of the client is answered after 1 s",
    "no-hub": "connections of one identity stay side by side",
    "pauses": "the whole server stands still for 1.2 s every 4 s",
    "paced": "at most 15 messages a second go out on a connection, behind a first 20",
    "displace-late": "the displacement reaches the old connection 1 s later",
    # Not of the first list, of the same kinds.
    "interim-many": "three 102 and a 103 go before the 101",
    "connection-twice": "the token upgrade stands in the second of two Connection fields",
    "accept-spaces": "the fields of the 101 have spaces and tabs around their values",
    "split-101": "the 101 comes byte by byte",
    "no-phrase": "status lines have an empty reason phrase",
    "many-fields": "the 101 has four kilobytes of cookies",
    "lower-case": "field names are in lower case",
    "until-end": "the body of a refusal ends with TCP",
    "close-4000": "every violation is answered with 4000",
    "close-1011": "every violation is answered with 1011",
    "ping-first": "a ping in the segment of the 101",
    "pong-late": "pings are answered 300 ms late",
    "end-late": "TCP ends 500 ms after the close frames",
    "deflate-large": "only messages of a kilobyte and more are compressed",
    "deflate-stored": "messages are compressed at level 0",
    "token-401": "a request without Authorization gets 401",
    "token-403": "a request without the parameter token gets 403",
    "max-20-bare": "at most 20 connections at once, others get 503 without Retry-After",
    "rate-limit-bare": "more than 30 upgrades a second get 429 without Retry-After",
    "late-handlers": "messages are handled 100 ms late",
    "slow-start": "nobody listens for the first 2 s",
    # Of the places where two layers meet: HTTP in front of a hub, queues behind a reader, an application with a mind of its own.
    "keep-alive": "TCP stays open behind a refusal, and the next request is read",
    "retry-date": "more than 30 upgrades a second get 429 with a date in Retry-After (RFC 9110 section 10.2.3)",
    "head-4k": "a header of more than 4096 bytes gets 431, a target of more than 2048 gets 414",
    "phrase": "the reason phrases are the server's own, with obs-text (RFC 9112 section 4)",
    "fields-shuffled": "Sec-WebSocket-Accept stands first and Upgrade last in the 101, with fields of a proxy between",
    "origin-403": "a request with an Origin gets 403",
    "any-path": "any path will do",
    "refusal-empty": "refusals have no content",
    "refusal-late": "the content of a refusal comes 200 ms behind its header",
    "refusal-http10": "refusals are HTTP/1.0",
    "query-strict": "a query that is no list of pairs, or a number that is none, gets 400",
    "utf8-only": "no other charset than UTF-8 is served",
    "coalesced": "what is sent is collected for 25 ms and goes out at once",
    "byte-segments": "everything short goes out one byte a segment",
    "pong-latest": "of the pings of 50 ms only the latest is answered (RFC 6455 section 5.5.3)",
    "close-waits": "a violation is answered with a close frame, and then that of the client is waited for, up to 10 s",
    "close-text": "close frames have a reason of 123 bytes, with line ends and characters of four bytes",
    "eof-silent": "the end of TCP is answered with the end of TCP",
    "close-drains": "a close frame is answered when running calls have been",
    "half-close": "the end of TCP is answered when running calls have been",
    "deflate-never": "compression is agreed on, and nothing is compressed",
    "deflate-volunteers": "the answer has both no_context_takeover and server_max_window_bits=10, asked for or not",
    "deflate-picky": "offers with windows are declined",
    "deflate-flushes": "compressed messages have many blocks, fixed codes, and empty blocks between",
    "fragment-empty-first": "messages begin with an empty fragment",
    "blocking": "nothing is read while a message is handled",
    "sequential": "messages are handled one after the other, slow calls too",
    "answers-jitter": "answers and echoes come 0 to 300 ms late, in any order",
    "after-call": "ten one-way messages with id 99 behind the first call of a connection",
    "puller-first": "the puller runs once when a connection is established",
    "sn-wraps": "the numbers of the server's calls begin shortly before their end",
    "displacement-odd": "the fields of a displacement are in reverse order, with unknown ones between",
    "displace-code": "a displaced connection is closed with 4001",
    "displace-first": "a newcomer gets its 101 when the displaced connection has been told",
    "bandwidth": "half a mebibyte a second is read and written",
    "idle-5": "a connection that is silent for 5 s is closed",
    "ipv6": "nothing but IPv6 is listened on",
    # What the specification permits and few do.
    "dual-stack": "IPv6 is listened on for IPv4, too, so that peers are [::ffff:127.0.0.1]:port",
    "sn-smallest-free": "a call of the server has the smallest odd number from 3 on that is free",
    "sn-global": "the numbers of the server's calls are counted over all connections, from anywhere",
    "pongs-of-latest": "pings of one read are all answered with the payload of the latest (RFC 6455 section 5.5.3)",
    "pong-behind-close": "pings behind the server's close frame are answered; no data frames are what may not follow it",
    "expect-417": "a request with Expect gets 417 (RFC 9110 section 10.1.1)",
    "bad-request-silent": "a request that is answered with 400 elsewhere is answered with the end of TCP",
    "version-list": "refusals list 13, 8 and 7 in Sec-WebSocket-Version (RFC 6455 section 4.4)",
    "fields-odd": "the 101 has a hundred fields more, some without value, some with obs-text, some of the same name",
    "deflate-client-window": "client_max_window_bits=12 is answered where it was offered without a value",
    "deflate-fresh": "context takeover is agreed on, and no message refers to those before",
    "deflate-huffman": "messages are compressed without references",
    "puller-late": "a signal makes three messages, 0.8 s later",
    "slow-later": "slow answers take up to 1.5 s longer",
    "accept-throttled": "upgrades are looked at one after the other, each for 15 ms",
    "upgrade-408": "a request that is not whole within 4 s gets 408",
    "close-answers-1000": "all close frames are answered with 1000",
    "text-dropped": "text messages are dropped",
    "early-refused": "bytes behind the request in its segment are refused with 400 (RFC 6455 section 4.1)",
    "timeouts-reported": "a call of the server that is not answered for 3 s is reported with id 8, as the examples of the original do",
    "proxy-trusted": "addresses are those of X-Real-Ip and X-Forwarded-For where a request has them",
    "clock-coarse": "displacements tell whole seconds, an hour behind",
    "displace-drains": "a displaced connection is told when what is being sent to it has been, for up to 2 s",
    "fragments-of-original": "above 8220 bytes a frame with everything and an empty last fragment, below it fragments of 4096",
    "interim-late": "a 103 goes before the 101, which comes 400 ms later",
    "refusal-rst": "TCP ends with RST behind a refusal",
    "pong-queued": "pongs wait behind the messages that are being sent",
    "ping-timeout": "a ping each second, and the end with 1011 when none is answered for 5 s",
}


class Switches:
    def __init__(self, names):
        self.names = set(names)

    def on(self, *names):
        return not self.names.isdisjoint(names)


class Server:
    def __init__(self, options):
        self.options, self.switches = options, Switches(options.switch)
        self.connections, self.upgrades, self.accepting = 0, [], asyncio.Lock()
        legal_application.displacements(self.switches)

    async def serve(self, reader, wire):
        try:
            while True:
                try:
                    # What stands in front of a server does not look at what is asked.
                    request = await legal_http.read(reader, self.switches)
                    self.admit()
                    if self.switches.on("early-refused") and reader._buffer:
                        raise legal_http.Refused(400, "Bad Request")
                    if self.switches.on("accept-throttled"):
                        async with self.accepting:
                            await asyncio.sleep(0.015)
                    answer, deflate = await self.answer(request)
                    break
                except legal_http.Refused as refused:
                    if self.switches.on("bad-request-silent") and refused.status == 400 and refused.problem is None:
                        return wire.finish()
                    head, end, content = legal_http.refusal(refused, self.switches).partition(b"\r\n\r\n")
                    wire.write(head + end)
                    await asyncio.sleep(0.2 if self.switches.on("refusal-late") else 0)
                    wire.write(content)
                    # Where a request ends is known of those without content that could be read.
                    if not self.switches.on("keep-alive") or not refused.read:
                        return wire.finish(reset=self.switches.on("refusal-rst"), after=0.05 if self.switches.on("refusal-rst") else 0)
            self.connections += 1
            try:
                await self.converse(legal_websocket.Socket(reader, wire, request, deflate, self.switches), answer)
            finally:
                self.connections -= 1
        except (asyncio.IncompleteReadError, ConnectionError, TimeoutError):
            wire.finish()

    def admit(self):
        now, on = time.monotonic(), self.switches.on
        date = email.utils.formatdate(time.time() + 2, usegmt=True)
        retry = [] if on("max-20-bare", "rate-limit-bare") else [("Retry-After", date if on("retry-date") else "1")]
        if on("max-20", "max-20-bare") and self.connections >= 20:
            raise legal_http.Refused(503, "Service Unavailable", retry)
        self.upgrades = [each for each in self.upgrades if each > now - 1]
        if on("rate-limit", "rate-limit-bare", "retry-date"):
            if len(self.upgrades) >= 30:
                raise legal_http.Refused(429, "Too Many Requests", retry)
            self.upgrades.append(now)

    async def answer(self, request):
        """The bytes of the 101, and the compression."""
        key = legal_http.check(request, self.switches)
        query = application.pairs(request.path.partition("?")[2])
        unauthorized = legal_http.Refused(401, "Unauthorized", [("WWW-Authenticate", "Bearer")])
        if self.switches.on("no-uid-401") and not query.get("uid") or \
                self.switches.on("token-401") and not request.values("authorization"):
            raise unauthorized
        if self.switches.on("token-403") and "token" not in query:
            raise legal_http.Refused(403, "Forbidden")
        if self.switches.on("query-strict"):
            broken = re.search("%(?![0-9A-Fa-f]{2})|;", request.path.partition("?")[2])
            numbers = [query.get(name, "") for name in ("typed", "version", "charset")]
            if broken or not all(re.fullmatch("[+-]?[0-9]*", number) for number in numbers):
                raise legal_http.Refused(400, "Bad Request")
        if self.switches.on("origin-403") and request.values("origin"):
            raise legal_http.Refused(403, "Forbidden")
        negotiated = legal_http.negotiate(request, query, self.switches) if self.options.negotiate else []
        extension, deflate = legal_http.extensions(request, self.options.compress, self.switches)
        if self.switches.on("slow-accept"):
            await asyncio.sleep(0.3)
        return legal_http.granted(key, extension, negotiated, self.switches), deflate

    async def converse(self, socket, answer):
        on = self.switches.on
        peer = legal_application.Peer(socket, self.switches)
        registered = asyncio.create_task(self.register(peer)) if on("displace-first") else None
        if registered:
            await registered
        if on("split-101"):
            for byte in answer:
                socket.wire.write(bytes([byte]))
                await asyncio.sleep(0.0005)
        else:
            answer += socket.frame(legal_websocket.PING, b"first") if on("ping-first") else b""
            if on("interim-late"):
                socket.wire.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n")
                await asyncio.sleep(0.4)
            if on("greeting"):
                answer += socket.frame(legal_websocket.BINARY, application.frame(99, 0, b"welcome"))
            socket.wire.write(answer)
        socket.opened.set()
        registered = registered or asyncio.create_task(self.register(peer))
        peer.start(peer.pull())
        peer.start(peer.deadline())
        if on("pings"):
            peer.start(socket.ping_often())
        if on("ping-timeout"):
            peer.start(socket.ping_and_wait())
        if on("heartbeat", "server-calls"):
            peer.start(self.speak(peer))
        receiving = asyncio.create_task(socket.receive())
        try:
            await registered
            async for message in socket:
                await self.handle(peer, message)
                socket.handled.set()
            await receiving
        finally:
            application.connections.remove(peer)
            if application.hub.get(peer.identity) is peer:
                application.hub.pop(peer.identity, None)
            for task in list(peer.tasks) + [receiving]:
                task.cancel()

    async def handle(self, peer, message):
        if self.switches.on("late-handlers"):
            await asyncio.sleep(0.1)
        try:
            await peer.handle(message)
        except application.Refused as refused:
            if not self.switches.on("drop"):
                await peer.socket.fail(*refused.args)
                await peer.socket.ended.wait()

    async def register(self, peer):
        """Enters the connection into the hub, from which an older one of its identity falls out."""
        application.connections.append(peer)
        if self.switches.on("register-late"):
            await asyncio.sleep(random.uniform(0, 0.15))
        if self.switches.on("no-hub") or peer.socket.state is legal_websocket.State.CLOSED:
            return
        old = application.hub.get(peer.identity)
        application.hub[peer.identity] = peer
        if old:
            displacing = asyncio.create_task(self.displace(old, peer))
            if self.switches.on("displace-first"):
                await displacing

    async def displace(self, old, newcomer):
        if self.switches.on("displace-late"):
            await asyncio.sleep(1)
        await old.socket.opened.wait()
        if self.switches.on("displace-drains"):
            try:
                async with asyncio.timeout(2), old.socket.sending:
                    pass
            except TimeoutError:
                pass
        old.displaced = True
        payload = application.displacement(old.address, newcomer.address)
        code = 4001 if self.switches.on("displace-code") else None
        old.socket.end_with(application.frame(application.DISPLACEMENT, 0, payload), code)

    async def speak(self, peer):
        while True:
            if self.switches.on("heartbeat"):
                await peer.send(99, 0, b"%d" % time.time_ns())
            if self.switches.on("server-calls"):
                sn, peer.sn = peer.sn, peer.sn + 2
                await peer.send(98, sn, b"are you there?")
            await asyncio.sleep(0.05)

    async def pause(self):
        while True:
            await asyncio.sleep(4)
            time.sleep(1.2)


class Protocol(asyncio.StreamReaderProtocol):
    """Reads a connection as a stream, and tells when the kernel takes no more."""

    def __init__(self, server):
        self.server, self.wire, self.serving = server, None, None
        super().__init__(asyncio.StreamReader(limit=1 << 16), lambda reader, writer: None)

    def connection_made(self, transport):
        super().connection_made(transport)
        self.wire = Wire(transport, self.server.switches)
        self.serving = asyncio.get_running_loop().create_task(self.server.serve(self._stream_reader, self.wire))

    def pause_writing(self):
        self.wire.writable.clear()

    def resume_writing(self):
        self.wire.writable.set()

    def connection_lost(self, error):
        super().connection_lost(error)
        self.wire.writable.set()
        self.wire.finish()


async def main(options):
    server = Server(options)
    if server.switches.on("idle-5"):
        options.read_wait = application.arguments.read_wait = 5
    if server.switches.on("ipv6"):
        options.host = "::1"
    if server.switches.on("dual-stack"):
        options.host = "::"
    options.negotiate = options.negotiate or server.switches.on("utf8-only")
    if server.switches.on("slow-start"):
        await asyncio.sleep(2)
    if server.switches.on("pauses"):
        pausing = asyncio.create_task(server.pause())
    where = {"host": options.host, "port": options.port}
    if server.switches.on("dual-stack"):
        where = {"sock": socket.create_server((options.host, options.port), family=socket.AF_INET6, dualstack_ipv6=True)}
    listening = await asyncio.get_running_loop().create_server(lambda: Protocol(server), backlog=500, **where)
    async with listening:
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8003)
    parser.add_argument("--compress", action="store_true")
    parser.add_argument("--negotiate", action="store_true", help="versions 1 to 3, charsets 0 and 1")
    parser.add_argument("--slow-delay", type=float, default=2)
    parser.add_argument("--read-wait", type=float, default=0, help="0: a silent connection is kept")
    parser.add_argument("--switch", choices=SWITCHES, action="append", default=[], help="may be repeated")
    parser.add_argument("--list", action="store_true")
    given = parser.parse_args()
    if given.list:
        for switch, what in SWITCHES.items():
            print(switch, what, sep="\t")
    else:
        application.arguments = argparse.Namespace(fault=[], minimal=False, **vars(given))
        asyncio.run(main(given))
