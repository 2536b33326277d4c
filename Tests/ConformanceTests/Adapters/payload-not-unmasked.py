# run: websocket.decode
# verdict: fail
# must: websocket.decode.client.length-1 websocket.decode.client.ping websocket.decode.fragments.client.two
# within: websocket.decode.*client* websocket.decode.text.* websocket.decode.capture.*
"""ws.decode takes the masking key off the wire and does not apply it."""
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "adapters" / "python"))
import adapter  # noqa: E402
from protocol import websocket  # noqa: E402

right, mask = adapter.ws_decode, websocket.apply_mask


def ws_decode(asked):
    websocket.apply_mask = lambda payload, key: payload
    try:
        return right(asked)
    finally:
        websocket.apply_mask = mask


adapter.OPERATIONS["ws.decode"] = ws_decode
adapter.serve()
