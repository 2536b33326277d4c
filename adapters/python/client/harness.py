#!/usr/bin/env python3
"""The asyncio client, driven by its peer (docs/client-driver.md).

    wireproof probe client --profile client.yaml -- python3 harness.py {url}
"""
import argparse
import asyncio
import hashlib
import json
import ssl
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))
from wsclient import CallError, Client, ProtocolError, Redial

COMMAND, REPORT, CALL, ANSWER = 20, 21, 7, 17
LONGEST_PAYLOAD = 128 * 1024  # in a report, which has two digits a byte: what is longer goes as its hash
WORDS = {"stopped": "closed", "too-large": "not-encodable", "protocol-id-out-of-range": "not-encodable", "unencodable": "charset"}


class Driver:
    def __init__(self, client):
        self.client, self.held, self.reconnecting = client, [], None
        client.on_open = self.opened
        client.handle(CALL, self.answer)
        client.handle(COMMAND, self.obey)

    async def opened(self):
        """What no connection has taken goes first on the next one."""
        reports, self.held = self.held, []
        if self.reconnecting is not None:
            reports.append({"seq": self.reconnecting, "ok": True})
            self.reconnecting = None
        for report in reports:
            await self.report(**report)

    async def report(self, **members):
        try:
            await self.client.send(REPORT, json.dumps(members))
        except CallError:
            self.held.append(members)

    async def answer(self, message):
        if message.kind == "request":
            await message.answer(ANSWER, message.payload)

    async def obey(self, message):
        if message.sn != 0:
            return  # part of a call, so no command
        try:
            command = json.loads(message.payload)
            seq = int(command["seq"])
            command["payload"] = bytes.fromhex(command.get("payload", ""))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            await self.report(seq=0, ok=False, error="malformed")
            return
        began = time.monotonic()
        try:
            members = await self.run(command)
        except (CallError, ProtocolError) as fault:
            elapsed = round((time.monotonic() - began) * 1000)
            await self.report(seq=seq, ok=False, error=WORDS.get(fault.code, fault.code), elapsedMs=elapsed)
        else:
            if members is not None:
                await self.report(seq=seq, ok=True, **members)

    async def run(self, command):
        protocol_id, do = command.get("id", 2), command.get("do")
        if do == "call":
            if "sn" in command:
                self.client.calls.next_sn = command["sn"]
            began = time.monotonic()
            answer = await self.client.call(protocol_id, payload_of(command), command.get("timeoutMs", 10000) / 1000)
            text = {"text": answer.text} if "text" in command else {}
            elapsed = round((time.monotonic() - began) * 1000)
            return {"sn": answer.sn, "id": answer.protocol_id, **shown(answer.payload), **text, "elapsedMs": elapsed}
        if do == "send":
            await self.client.send(protocol_id, payload_of(command))
            return {}
        if do == "close":
            await self.report(seq=command["seq"], ok=True)
            await self.client.close(command.get("code", 1000))
        elif do == "reconnect":
            self.reconnecting = command["seq"]
            await self.client.connect()
        else:
            raise ProtocolError("unsupported")
        return None


def payload_of(command):
    """The text, or the bytes, repeated up to a size where one is given."""
    if "text" in command:
        return command["text"]
    data, size = command["payload"], command.get("size")
    return data if size is None else ((data or b"a") * (size // len(data or b"a") + 1))[:size]


def shown(payload):
    if len(payload) <= LONGEST_PAYLOAD:
        return {"payload": payload.hex()}
    return {"length": len(payload), "sha256": hashlib.sha256(payload).hexdigest()}


async def drive(options):
    tls = None
    if options.url.startswith("wss:"):
        tls = ssl.create_default_context(cafile=options.ca)
        if options.insecure:
            tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
    client = Client(options.url, protocols=[name for name in options.protocols.split(",") if name], compress=options.compress,
                    tls=tls, redial=Redial(attempts=6, first=0.2, most=3.0))
    Driver(client)
    try:
        await client.connect()
    except (OSError, ProtocolError, asyncio.TimeoutError) as fault:
        print(f"cannot connect to {options.url}: {fault or type(fault).__name__}", file=sys.stderr)
        return 2
    await client.wait_ended()
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="The asyncio client, driven by its peer.")
    parser.add_argument("url")
    parser.add_argument("--compress", action="store_true", help="offer permessage-deflate")
    parser.add_argument("--protocols", default="", metavar="LIST", help="subprotocols to offer, as in ws.v3.c1,ws.v2.c0")
    parser.add_argument("--insecure", action="store_true", help="do not check the server's certificate")
    parser.add_argument("--ca", metavar="FILE", help="certificates to trust, as PEM")
    sys.exit(asyncio.run(drive(parser.parse_args())))
