#!/usr/bin/env python3
"""An adapter for `wireproof verify`: the ws protocol in plain Python, complete, and an example to copy.

    wireproof verify --iut "python3 adapters/python/adapter.py"

An adapter reads one JSON object a line on standard input and writes one a line on standard output; what each operation
takes and gives is in docs/operations.md. To write one for your implementation, keep this file and let the functions in
OPERATIONS call your code in place of those of the folder protocol; leave out of OPERATIONS what it cannot do.

Python 3.8 or later, standard library only.
"""
import json
import sys
import traceback

# The modules beside this file are small: nothing is left behind for them.
sys.dont_write_bytecode = True
from protocol.charset import charset_decode, charset_encode
from protocol.deflate import deflate_compress, deflate_decompress, deflate_negotiate
from protocol.frame import frame_decode, frame_encode, frame_stream
from protocol.handshake import handshake_parse, handshake_respond
from protocol.metadata import identity_format, metadata_parse, negotiate_select
from protocol.protobuf import displacement_decode, displacement_encode
from protocol.refusal import Refused
from protocol.timeline import rpc_timeline
from protocol.websocket import ws_decode, ws_encode

NAME = "wireproof's Python example"
VERSION = "1"
CAPABILITIES = [
    "charset-text", "close-wait", "deadlines", "frame-stream", "header-limit", "integer-clamp", "legacy-limit",
    "negotiation", "negotiation-subprotocol", "origin-list", "protobuf-depth", "send-limit", "sn-wrap",
]

OPERATIONS = {
    "frame.encode": frame_encode,
    "frame.decode": frame_decode,
    "frame.stream": frame_stream,
    "displacement.encode": displacement_encode,
    "displacement.decode": displacement_decode,
    "ws.encode": ws_encode,
    "ws.decode": ws_decode,
    "deflate.negotiate": deflate_negotiate,
    "deflate.compress": deflate_compress,
    "deflate.decompress": deflate_decompress,
    "handshake.parse": handshake_parse,
    "handshake.respond": handshake_respond,
    "metadata.parse": metadata_parse,
    "identity.format": identity_format,
    "charset.decode": charset_decode,
    "charset.encode": charset_encode,
    "negotiate.select": negotiate_select,
    "rpc.timeline": rpc_timeline,
}


def run(operation, asked):
    """The answer to one operation, without its seq."""
    if not isinstance(operation, str) or operation not in OPERATIONS:
        return {"unsupported": f"no operation {operation}"}
    try:
        return {"output": OPERATIONS[operation](asked)}
    except Refused as fault:
        places = {"offset": fault.offset, "index": fault.index}
        return {"error": fault.code, **{name: place for name, place in places.items() if place is not None}}
    except Exception:  # a fault of this program or of the input: the runner shall see it, and the next case still runs
        traceback.print_exc()
        return {"error": "internal"}


def answer(request):
    """The answer to one request, or None where there is none to give."""
    command = request.get("cmd")
    if command == "hello":
        body = {"name": NAME, "language": "Python", "version": VERSION, "capabilities": CAPABILITIES}
    elif command == "run":
        body = run(request.get("operation"), request.get("input"))
    else:
        print(f"no command {command!r}", file=sys.stderr)
        return None
    return {"seq": request.get("seq"), **body}


def serve():
    """Answers line by line until told to stop, or until there is no more input."""
    for line in sys.stdin.buffer:
        try:
            request = json.loads(line)
        except (ValueError, RecursionError) as fault:
            print(f"this line is no JSON: {fault}", file=sys.stderr)
            continue
        if not isinstance(request, dict):
            print("this line is no object", file=sys.stderr)
            continue
        if request.get("cmd") == "stop":
            break
        reply = answer(request)
        if reply is not None:
            # Without the flush the line waits in a buffer, and the runner for the line.
            print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    serve()
