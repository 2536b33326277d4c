#!/usr/bin/env python3
"""Runs a client through a proxy of its own, so that what lies between it and the server is something else than loopback.

client-through.py [--delay MILLISECONDS] [--tls] COMMAND… URL: runs COMMAND… with the proxy's URL
in its place. --delay: so long each way, in order. --tls: the client speaks TLS to the proxy, with a certificate made for the run by
`openssl`. FIN and RST go through, as do signals.
"""
import argparse
import asyncio
import collections
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time
import urllib.parse

CHUNK = 65536


def certificate(folder):
    """A context with a certificate of an hour's use."""
    key, chain = f"{folder}/key.pem", f"{folder}/chain.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key,
         "-out", chain, "-days", "1", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    return context


class Way:
    """One direction: what comes in, and the same later."""

    def __init__(self, reader, writer, delay):
        self.reader, self.writer, self.delay, self.waiting = reader, writer, delay, collections.deque()
        self.there = asyncio.Event()

    async def run(self):
        await asyncio.gather(self._read(), self._write())

    async def _read(self):
        while True:
            try:
                data = await self.reader.read(CHUNK)
            except (OSError, ssl.SSLError):
                data = None
            self.waiting.append((time.monotonic() + self.delay, data))
            self.there.set()
            if not data:
                return

    async def _write(self):
        while True:
            await self.there.wait()
            self.there.clear()
            while self.waiting:
                due, data = self.waiting.popleft()
                await asyncio.sleep(max(0, due - time.monotonic()))
                if data is None:
                    # A reset.
                    peer = self.writer.get_extra_info("socket")
                    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.writer.transport.abort()
                    return
                try:
                    if data:
                        self.writer.write(data)
                        await self.writer.drain()
                    elif self.writer.can_write_eof():
                        self.writer.write_eof()
                    else:
                        # TLS knows no half that is closed.
                        self.writer.close()
                except OSError:
                    return
                if not data:
                    return


async def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--delay", type=float, default=0, help="milliseconds, each way")
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    *command, url = arguments.command
    url = urllib.parse.urlsplit(url)

    async def connected(reader, writer):
        try:
            there, here = await asyncio.open_connection(url.hostname, url.port)
        except OSError:
            writer.transport.abort()
            return
        delay = arguments.delay / 1000
        await asyncio.gather(Way(reader, here, delay).run(), Way(there, writer, delay).run())
        for end in (writer, here):
            end.close()

    with tempfile.TemporaryDirectory() as folder:
        context = certificate(folder) if arguments.tls else None
        server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context)
        port = server.sockets[0].getsockname()[1]
        ours = url._replace(scheme="wss" if arguments.tls else "ws", netloc=f"127.0.0.1:{port}").geturl()
        client = await asyncio.create_subprocess_exec(*command, ours)
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, client.send_signal, number)
        code = await client.wait()
        # What is under way still arrives.
        await asyncio.sleep(2 * arguments.delay / 1000)
        return code


sys.exit(asyncio.run(main()))
