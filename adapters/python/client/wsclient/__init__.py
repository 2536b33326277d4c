"""The binary protocol of goutils/ws over WebSocket: codec and asyncio client. Python 3.8 or later, standard library only.

The numbers in comments are clauses of docs/specification.md.
"""
from .client import Client, Message, Redial
from .errors import CallError, ProtocolError
from .frames import DISPLACEMENT, MAX_FRAME_LENGTH, Displacement, Frame
from .text import GBK, UTF8, decode_text, encode_text

__all__ = ["CallError", "Client", "DISPLACEMENT", "Displacement", "Frame", "GBK", "MAX_FRAME_LENGTH", "Message", "ProtocolError",
           "Redial", "UTF8", "decode_text", "encode_text"]
