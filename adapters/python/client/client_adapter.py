#!/usr/bin/env python3
"""The adapter of the asyncio client: what the client does is asked of the client, the rest of the complete adapter beside it.

    wireproof verify --iut "python3 adapters/python/client/client_adapter.py"
"""
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parent)]
import adapter
from wsclient import handshake, websocket
from wsclient.compression import Deflater, Inflater
from wsclient.errors import ProtocolError
from wsclient.frames import MAX_FRAME_LENGTH, Displacement, Frame
from wsclient.text import decode_text, encode_text

MAX_MESSAGE_LENGTH = MAX_FRAME_LENGTH + 6
NAMES = {websocket.TEXT: "text", websocket.BINARY: "binary", websocket.PING: "ping", websocket.PONG: "pong"}
complete = dict(adapter.OPERATIONS)


def refused(fault, index=None):
    return adapter.Refused(fault.code, None if index is not None else fault.offset, index)


def frame_encode(asked):
    if asked["revision"] != "1.3.3":
        return complete["frame.encode"](asked)
    frame = Frame(asked["protocolId"], asked.get("sn") or 0, bytes.fromhex(asked["payload"]))
    return {"message": frame.encode(asked.get("maxFrameLength", MAX_FRAME_LENGTH)).hex()}


def frame_decode(asked):
    if asked["revision"] != "1.3.3":
        return complete["frame.decode"](asked)
    frame = Frame.decode(bytes.fromhex(asked["message"]), asked.get("maxFrameLength", MAX_FRAME_LENGTH))
    return {"protocolId": frame.protocol_id, "sn": frame.sn, "length": 8 + len(frame.payload), "payload": frame.payload.hex()}


def displacement_decode(asked):
    old_ip, new_ip, ts = Displacement.decode(bytes.fromhex(asked["payload"]))
    return {"oldIp": old_ip.hex(), "newIp": new_ip.hex(), "ts": str(ts)}


def ws_encode(asked):
    """Encoding is asked of the client where it is legal; the client is never told to write anything else."""
    expected = complete["ws.encode"](asked)
    opcode, payload = asked["opcode"], bytes.fromhex(asked["payload"])
    if asked["role"] != "client" or not asked["fin"]:
        return expected
    return {"bytes": websocket.encode(opcode, payload, asked.get("rsv", 0) == 4, bytes.fromhex(asked["maskingKey"])).hex()}


def shown(event):
    if event.opcode == websocket.CLOSE:
        return {"type": "close", "code": event.close_code, "reason": event.payload[2:].decode("utf-8")}
    if event.opcode in (websocket.PING, websocket.PONG):
        return {"type": NAMES[event.opcode], "payload": event.payload.hex()}
    return {"type": "message", "opcode": NAMES[event.opcode], "payload": event.payload.hex(), "compressed": event.compressed,
            "fragments": event.fragments}


def ws_decode(asked):
    if asked["role"] != "client":
        return complete["ws.decode"](asked)
    decoder, events = websocket.Decoder(asked.get("maxMessageLength", MAX_MESSAGE_LENGTH), asked.get("deflate", False)), []
    try:
        for piece in asked["pieces"]:
            events += map(shown, decoder.feed(bytes.fromhex(piece)))
    except ProtocolError as fault:
        return {"events": events, "violation": {"code": fault.code, "offset": fault.offset, "closeCode": fault.close_code}}
    return {"events": events, "violation": None}


def each(asked, message):
    out = []
    for index, data in enumerate(asked["messages"]):
        try:
            out.append(message(bytes.fromhex(data)).hex())
        except ProtocolError as fault:
            raise refused(fault, index) from None
    return {"messages": out}


def deflate_compress(asked):
    deflater = Deflater(asked.get("windowBits", 15), not asked.get("contextTakeover", True), asked.get("level", 6))
    return each(asked, deflater.message)


def deflate_decompress(asked):
    fresh, limit = not asked.get("contextTakeover", True), asked.get("maxLength", MAX_MESSAGE_LENGTH)
    return each(asked, Inflater(asked.get("windowBits", 15), fresh, limit).message)


def handshake_parse(asked):
    offer = asked.get("offeredExtensions") or ""
    if asked["side"] != "client" or offer not in ("", handshake.OFFER):
        return complete["handshake.parse"](asked)  # the client makes one offer
    data = b"".join(map(bytes.fromhex, asked["pieces"]))
    answer = handshake.answer(data, asked["key"], asked.get("offeredProtocols") or [], bool(offer))
    if answer is None:
        raise ProtocolError("incomplete")
    return {"status": 101, "extensions": answer.headers.get("sec-websocket-extensions"), "protocol": answer.protocol,
            "consumed": answer.consumed}


def charset_decode(asked):
    return {"text": decode_text(bytes.fromhex(asked["bytes"]), asked["charset"])}


def charset_encode(asked):
    return {"bytes": encode_text(asked["text"], asked["charset"]).hex()}


def of_client(operation):
    def run(asked):
        try:
            return operation(asked)
        except ProtocolError as fault:
            raise refused(fault) from None
    return run


adapter.NAME = "wireproof's Python client"
adapter.OPERATIONS.update({name: of_client(operation) for name, operation in {
    "frame.encode": frame_encode, "frame.decode": frame_decode, "displacement.decode": displacement_decode,
    "ws.encode": ws_encode, "ws.decode": ws_decode, "deflate.compress": deflate_compress,
    "deflate.decompress": deflate_decompress, "handshake.parse": handshake_parse, "charset.decode": charset_decode,
    "charset.encode": charset_encode,
}.items()})

if __name__ == "__main__":
    adapter.serve()
