#!/usr/bin/env python3
"""Holds the dissector for Wireshark against our own decoder: the same frames of each shared capture, and of what --redact makes of it.

    python3 Scripts/dissectors.py .build/debug/wireproof [CAPTURE…]

Needs tshark; without it says so and ends with 0. What tshark's own layers (TCP, WebSocket, inflating) cannot give it is listed in
EXPLAINED with the reason, and must differ. The redacted capture is opened in tshark where the capture itself is understood, and holds the
same ids, serial numbers and lengths. Where a capture's TLS has a key log beside it, the redacted one is what was inside.
"""
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile

# Captures of which tshark gives other frames, and why.
EXPLAINED = {
    "cpp-client.pcap": "tshark unmasks no frame above 256 KiB",
    "large-messages.pcap": "tshark unmasks no frame above 256 KiB",
    "midstream.pcap": "without the upgrade tshark does not know that it is WebSocket",
    "deflate-raw-client.pcap": "tshark does not inflate a compressed message that comes in fragments",
    "nasty/deflate_bfinal.pcap": "tshark stops inflating at a last block",
    "nasty/deflate_client_no_takeover.pcap": "tshark takes the agreement on context takeover of each side for the other's",
    "nasty/deflate_midstream_no_takeover.pcap": "without the upgrade tshark does not know that it is WebSocket",
    "nasty/gap_101_lost.pcap": "without the upgrade tshark does not know that it is WebSocket",
    "nasty/gap_in_payload.pcap": "tshark does not go on behind lost bytes of a direction",
    "nasty/gorilla_framing.pcap": "tshark does not end a message by an empty fragment",
    "nasty/loopback_same_ip.pcap": "tshark keeps one message in fragments a connection, not one a direction",
    "nasty/midstream_midframe.pcap": "without the upgrade tshark does not know that it is WebSocket",
    "nasty/midstream_start.pcap": "without the upgrade tshark does not know that it is WebSocket",
    "nasty/snaplen_400.pcap": "tshark does not go on behind a packet that was cut",
    "nasty/ws_big_1mib.pcap": "tshark unmasks no frame above 256 KiB",
    "nasty/ws_fragments_deflate.pcap": "tshark does not inflate a compressed message that comes in fragments",
}

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, errors="replace")


def keys(path):
    """The options that name the key log beside a capture."""
    stem = path.rsplit(".", 1)[0]
    return [each for end in (".keylog", ".keys") if os.path.exists(stem + end) for each in ("--keylog", stem + end)]


def ours(wireproof, path, options=()):
    """Our frames as (sender, protocolId, sn, payload length), in the order of the packets."""
    frames = []
    for line in run(wireproof, "inspect", "--format", "ndjson", *options, path).stdout.splitlines():
        record = json.loads(line)
        if record["type"] == "frame":
            frames.append((record["direction"], record["protocolId"], record["sn"], record["payloadLength"]))
    return frames


def theirs(plugin, path, ports):
    """tshark's frames."""
    command = ["tshark", "-X", "lua_script:" + plugin, "-r", path, "-o", "tcp.reassemble_out_of_order:TRUE", "-T", "json",
               "-J", "gws", "--no-duplicate-keys"]
    for port in ports:
        command += ["-d", f"tcp.port=={port},http"]
    result = run(*command)
    frames = []
    # Of a capture that is cut short tshark gives what comes before, and an error.
    for packet in json.loads(result.stdout or "[]"):
        layers = packet["_source"]["layers"].get("gws", [])
        for layer in layers if isinstance(layers, list) else [layers]:
            if not isinstance(layer, dict) or "gws.id" not in layer:
                continue
            sn = layer.get("gws.sn")
            frames.append((layer["gws.sender"], int(layer["gws.id"]), None if sn is None else int(sn),
                           int(layer["gws.payload_length"])))
    return frames, result.stderr


def redacted(wireproof, plugin, path, folder):
    """What is wrong with tshark's frames of the redacted capture; empty: nothing."""
    target = os.path.join(folder, "redacted.pcapng")
    made = run(wireproof, "inspect", "--redact", "--write", target, "--output", os.devnull, *keys(path), path)
    # A capture that is cut short is incomplete, and written as far as it goes; what is no capture is written nowhere.
    if made.returncode == 2 and run(wireproof, "inspect", path).returncode == 2:
        return ""
    if made.returncode not in (0, 3):
        return f"cannot be redacted: {made.stderr.strip()}"
    expected = ours(wireproof, path, keys(path))
    found, complaint = theirs(plugin, target, [8003])
    if sorted(map(str, expected)) != sorted(map(str, found)):
        return f"REDACTED IS DIFFERENT: {len(found)} of {len(expected)} frames {complaint.strip().splitlines()[-1:]}"
    return ""


def main():
    wireproof = sys.argv[1]
    if not shutil.which("tshark"):
        print("skipped: there is no tshark")
        return 0
    names = sys.argv[2:] or sorted(glob.glob(ROOT + "/captures/*.pcap") + glob.glob(ROOT + "/captures/nasty/*.pcap*"))
    bad, compared = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        plugin = os.path.join(folder, "goutils-ws.lua")
        with open(plugin, "w") as file:
            file.write(run(wireproof, "dissector", "wireshark").stdout)
        for path in names:
            name = os.path.relpath(path, ROOT + "/captures")
            expected = ours(wireproof, path)
            found, complaint = theirs(plugin, path, [8003])
            lua = [line for line in complaint.splitlines() if "lua" in line.lower() and "error" in line.lower()]
            same = sorted(map(str, expected)) == sorted(map(str, found)) and not lua
            reason = EXPLAINED.get(name)
            verdict = "same" if same else f"different: {reason}" if reason else "DIFFERENT"
            if same and reason:
                verdict = "the same, although EXPLAINED says: " + reason
            unlike = redacted(wireproof, plugin, path, folder) if same and not reason else ""
            if unlike:
                verdict, bad = verdict + ", " + unlike, bad + 1
            elif same and not reason and (expected or keys(path)):
                compared += 1
            bad += unlike == "" and verdict not in ("same", f"different: {reason}")
            print(f"{name:45} {len(expected):6} {len(found):6}  {verdict}", *lua[:1])
    print(f"{len(names)} captures, {bad} of them unlike; {compared} redacted ones opened in tshark")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
