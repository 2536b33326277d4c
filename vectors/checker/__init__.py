"""An implementation of the vectors' operations that shares nothing with the Swift code: Python 3, standard library only.

Each module holds the operations of one area; `OPERATIONS` maps their names to functions that take a vector's input and
return its output, or raise `Fault`. The rules are those of docs/specification.md and docs/operations.md.
"""
from . import charset, deflate, frame, handshake, metadata, negotiation, timeline, websocket

OPERATIONS = {
    "frame.encode": frame.encode,
    "frame.decode": frame.decode,
    "frame.stream": frame.stream,
    "displacement.encode": frame.displacement_encode,
    "displacement.decode": frame.displacement_decode,
    "ws.encode": websocket.encode,
    "ws.decode": websocket.decode,
    "deflate.negotiate": deflate.negotiate,
    "deflate.decompress": deflate.decompress,
    "handshake.parse": handshake.parse,
    "handshake.respond": handshake.respond,
    "metadata.parse": metadata.parse,
    "identity.format": metadata.identity,
    "charset.decode": charset.decode,
    "charset.encode": charset.encode,
    "negotiate.select": negotiation.select,
    "rpc.timeline": timeline.run,
}
