#!/usr/bin/env python3
"""Holds the dissector for Wireshark against our own decoder: the same frames of each shared capture.

    python3 Scripts/dissectors.py .build/debug/wireproof [CAPTURE…]

Needs tshark; without it says so and ends with 0. What tshark's own layers (TCP, WebSocket, inflating) cannot give it is listed in
EXPLAINED with the reason, and must differ.
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
    "nasty/deflate_bfinal.pcap": "tshark stops inflating at a last block",
    "deflate-raw-client.pcap": "tshark does not inflate a compressed message that comes in fragments",
}

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, errors="replace")


def ours(wireproof, path):
    """Our frames as (sender, protocolId, sn, payload length), in the order of the packets."""
    frames = []
    for line in run(wireproof, "inspect", "--format", "ndjson", path).stdout.splitlines():
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
    if result.returncode != 0:
        return [], result.stderr
    frames = []
    for packet in json.loads(result.stdout or "[]"):
        layers = packet["_source"]["layers"].get("gws", [])
        for layer in layers if isinstance(layers, list) else [layers]:
            if not isinstance(layer, dict) or "gws.id" not in layer:
                continue
            sn = layer.get("gws.sn")
            frames.append((layer["gws.sender"], int(layer["gws.id"]), None if sn is None else int(sn),
                           int(layer["gws.payload_length"])))
    return frames, result.stderr


def main():
    wireproof = sys.argv[1]
    if not shutil.which("tshark"):
        print("skipped: there is no tshark")
        return 0
    names = sys.argv[2:] or sorted(glob.glob(ROOT + "/captures/*.pcap") + glob.glob(ROOT + "/captures/nasty/*.pcap*"))
    bad = 0
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
            bad += verdict not in ("same", f"different: {reason}")
            print(f"{name:45} {len(expected):6} {len(found):6}  {verdict}", *lua[:1])
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
