#!/usr/bin/env python3
"""A driven client with nothing but Python: wireproof probe client -- python3 client_stdlib.py {url}"""
import asyncio
import base64
import hashlib
import os
import random
import ssl
import struct
import sys
import urllib.parse

from driver import LIMIT, Driver, Malformed

CODES = [*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)]


def frame(opcode, payload):
    """A WebSocket frame as a client sends it, with a mask."""
    size, key = len(payload), os.urandom(4)
    head = bytes([size | 128]) if size < 126 else \
        struct.pack(">BH", 254, size) if size < 65536 else struct.pack(">BQ", 255, size)
    mask = (key * (size // 4 + 1))[:size]
    masked = int.from_bytes(payload, "big") ^ int.from_bytes(mask, "big")
    return bytes([128 | opcode]) + head + key + masked.to_bytes(size, "big")


async def upgrade(reader, writer, url):
    key = base64.b64encode(os.urandom(16)).decode()
    target = (url.path or "/") + ("?" + url.query if url.query else "")
    writer.write(f"GET {target} HTTP/1.1\r\nHost: {url.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
    status, size = 100, 0
    while 100 <= status < 200 and status != 101:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[:-2]
        version, _, rest = lines[0].partition(" ")
        size += len(lines)
        if not version.startswith("HTTP/1.") or version == "HTTP/1.0" or not rest[:3].isdigit() or size > 1000:
            raise SystemExit("not connected: no HTTP/1.1")
        status = int(rest[:3])
    fields = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise SystemExit("not connected: a header field that is none")
        fields.setdefault(name.lower(), []).append(value.strip(" \t"))
    tokens = {name: [token.strip().lower() for token in ",".join(values).split(",")] for name, values in fields.items()}
    digest = hashlib.sha1(key.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
    if status != 101 or "websocket" not in tokens.get("upgrade", []) or "upgrade" not in tokens.get("connection", []) \
            or fields.get("sec-websocket-accept") != [base64.b64encode(digest).decode()] \
            or "sec-websocket-extensions" in fields or "sec-websocket-protocol" in fields:
        raise SystemExit(f"not connected: status {status}, or fields that do not fit")


async def messages(reader, writer, closed):
    """The binary messages that arrive; raises Malformed for what must not. Control frames are handled here, and nothing is sent when
    `closed` has the code of a close frame that was sent."""
    parts, size, opcode = [], 0, None
    while True:
        first, second = await reader.readexactly(2)
        fin, code, count = first >> 7, first & 15, second & 127
        if first & 0x70 or second & 0x80 or code not in (0, 1, 2, 8, 9, 10) or code > 7 and (count > 125 or not fin) \
                or code < 8 and (code == 0) != (opcode is not None):
            raise Malformed("not RFC 6455")
        if count > 125:
            form = count - 125
            count = int.from_bytes(await reader.readexactly(2 if form == 1 else 8), "big")
            if count < (126 if form == 1 else 65536):
                raise Malformed("a length that is too long")
        if code < 8 and size + count > LIMIT + 6:
            raise Malformed("the message is too large", 1009)
        payload = await reader.readexactly(count)
        if code == 9 and not closed:
            writer.write(frame(10, payload))
        elif code == 8:
            known = len(payload) != 1 and (not payload or int.from_bytes(payload[:2], "big") in CODES)
            if not closed:
                writer.write(frame(8, payload[:2] if known else b"\x03\xea"))
            return
        elif code < 8:
            parts, size, opcode = parts + [payload], size + count, opcode or code
            if fin:
                whole, kind = b"".join(parts), opcode
                parts, size, opcode = [], 0, None
                if kind == 1:
                    raise Malformed("a text message", 1003)
                yield whole


async def serve(reader, writer, driver):
    """Serves one connection until it has ended."""
    closed = []

    def close(code):
        if not closed:
            closed.append(code)
            writer.write(frame(8, struct.pack(">H", code)))
            asyncio.get_running_loop().call_later(2, writer.transport.abort)

    async def ping():
        while True:
            await asyncio.sleep(24)
            writer.write(frame(9, b""))

    driver.attach(lambda message: closed or writer.write(frame(2, message)), close)
    pinging = asyncio.create_task(ping())
    try:
        async for message in messages(reader, writer, closed):
            if not closed:
                driver.take(message)
    except Malformed as malformed:
        close(malformed.code)
    except (OSError, EOFError):
        pass
    finally:
        pinging.cancel()
        driver.detach()
        try:
            # The server ends TCP, or it is ended for it.
            await asyncio.wait_for(reader.read(-1), 1)
        except (asyncio.TimeoutError, OSError):
            pass
        writer.close()


async def main(url):
    driver, failures = Driver(), 0
    while driver.goes_on and failures <= 3:
        try:
            port = url.port or (443 if url.scheme == "wss" else 80)
            tls = ssl.create_default_context() if url.scheme == "wss" else None
            reader, writer = await asyncio.open_connection(url.hostname, port, ssl=tls)
            await upgrade(reader, writer, url)
            await serve(reader, writer, driver)
        except (OSError, EOFError, asyncio.LimitOverrunError) as error:
            print(f"not connected: {error}", flush=True)
        if driver.reconnecting is None:
            failures += 1
            await asyncio.sleep(0.5 * 2 ** failures * random.uniform(0.5, 1) if driver.goes_on else 0)


asyncio.run(main(urllib.parse.urlsplit(sys.argv[1])))
