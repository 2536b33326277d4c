"""Connecting, and connecting again: a few times, later each time, and never after a displacement."""
import argparse
import asyncio
import random
import signal
import socket
import ssl
import sys
import time
import urllib.parse

from . import deflate, faults, oddities, upgrade, websocket
from .connection import Connection
from .driver import HANDLERS, greet
from .faults import on
from .oddities import odd
from .source import Ended, Source

OPEN_WAIT = 10
TRANSIENT = (408, 425, 429, 500, 502, 503, 504)


def parse(arguments):
    parser = argparse.ArgumentParser(prog="independent-client.py", description=__doc__)
    parser.add_argument("url", nargs="?")
    parser.add_argument("--compress", action="store_true", help="offer permessage-deflate")
    parser.add_argument("--offer", help="the value of Sec-WebSocket-Extensions")
    parser.add_argument("--insecure", action="store_true", help="take any certificate")
    parser.add_argument("--ca", help="trust this authority")
    parser.add_argument("--first-sn", type=int, default=2, help="of the first call")
    parser.add_argument("--read-wait", type=float, default=60)
    parser.add_argument("--write-wait", type=float, default=60)
    parser.add_argument("--redials", type=int, default=3, help="how often to connect again in a row")
    parser.add_argument("--fault", action="append", default=[], choices=sorted(faults.FAULTS), metavar="NAME")
    parser.add_argument("--oddity", action="append", default=[], choices=sorted(oddities.ODDITIES), metavar="NAME")
    parser.add_argument("--list-faults", action="store_true", help="print the table, fields separated by tabs")
    parser.add_argument("--list-oddities", action="store_true")
    return parser.parse_args(arguments), parser


async def open_connection(url, options):
    """An open connection, or Refused, Ended or OSError."""
    context, port = None, url.port or 80
    if url.scheme == "wss":
        port = url.port or 443
        context = ssl.create_default_context(cafile=options.ca)
        if options.insecure:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if odd("slow-to-connect"):
        await asyncio.sleep(0.5)
    small = {}
    if odd("reads-little"):
        peer = socket.socket(socket.AF_INET6 if ":" in url.hostname else socket.AF_INET)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        peer.setblocking(False)
        await asyncio.get_running_loop().sock_connect(peer, (url.hostname, port))
        small = {"sock": peer, "server_hostname": url.hostname if context else None}
    where = {} if small else {"host": url.hostname, "port": port}
    reader, writer = await asyncio.open_connection(**where, **small, ssl=context, limit=2048 if small else 1 << 16)
    try:
        connection = await upgraded(reader, writer.transport, url, options)
        # A writer that nobody keeps ends its transport.
        connection.stream = writer
        return connection
    except BaseException:
        writer.transport.abort() if not isinstance(sys.exc_info()[1], upgrade.Refused) else writer.transport.close()
        raise


async def upgraded(reader, transport, url, options):
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    offer = options.offer or (deflate.offer() if options.compress else None)
    key, source = upgrade.make_key(), Source(reader)
    sent = "x-nobody-knows; level=3" + (f", {offer}" if offer else "") if odd("offers-much") else offer
    transport.write(upgrade.make_request(url.netloc.rpartition("@")[2], target, key, sent))
    if on("frames-before-the-answer"):
        transport.write(websocket.encode(websocket.PING, b"early"))
    answer = await upgrade.receive(source)
    parameters = upgrade.check(answer, key, offer)
    if on("early-frame-lost"):
        source.buffer.clear()
    return Connection(transport, source, parameters, HANDLERS, options)


class Client:
    def __init__(self, url, options):
        self.url, self.options, self.connection = urllib.parse.urlsplit(url), options, None

    async def run(self):
        """The exit code: 0 when the server or the driver ended it, 1 when no connection came about, or the last one failed."""
        tries = 0
        while True:
            began, code, again = time.monotonic(), 1, True
            try:
                self.connection = await asyncio.wait_for(open_connection(self.url, self.options), OPEN_WAIT)
            except upgrade.Refused as refused:
                self.say(f"not connected: {refused}")
                again = refused.status in TRANSIENT
            except (Ended, OSError, asyncio.TimeoutError) as error:
                self.say(f"not connected: {error or type(error).__name__}")
            else:
                connection = self.connection
                greet(connection)
                await connection.run()
                self.say(f"ended: {connection.reason}{', displaced' if connection.displaced else ''}")
                if connection.wish == "reconnect":
                    tries = 0
                    continue
                code = 1 if connection.failed else 0
                again = not connection.displaced and not connection.wish and not odd("redials-never")
                if time.monotonic() - began > 5:
                    tries = 0
            if on("storm-when-the-server-is-gone"):
                continue
            tries += 1
            if not again or tries > self.options.redials:
                return code
            await asyncio.sleep(3 if odd("redials-late") else 0.5 * 2 ** tries * random.uniform(0.5, 1))

    def say(self, text):
        print(f"independent client: {text}"[:300].encode("unicode_escape").decode(), file=sys.stderr, flush=True)

    def stop(self, task):
        if self.connection and not self.connection.close_sent:
            self.connection.close(1001)
        asyncio.get_running_loop().call_later(0.2, task.cancel)


async def play(url, options):
    client = Client(url, options)
    task = asyncio.ensure_future(client.run())
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, client.stop, task)
    try:
        return await task
    except asyncio.CancelledError:
        return 0


def main(arguments=None):
    options, parser = parse(arguments)
    if options.list_faults:
        print("\n".join("\t".join([row[0], row[1], " ".join(row[2:])]) for row in faults.FAULTS.values()))
    elif options.list_oddities:
        print("\n".join(f"{name}\t{text}" for name, text in oddities.ODDITIES.items()))
    elif not options.url:
        parser.error("the URL is missing")
    else:
        options.held = []
        faults.active.update(options.fault)
        oddities.active.update(options.oddity)
        sys.exit(asyncio.run(play(options.url, options)))
