# run: rpc keepalive
# verdict: fail
# must: rpc.timeline.*.timeout rpc.timeline.*.answer-at-limit rpc.timeline.*.late-answer rpc.timeline.*.zero-timeout-last rpc.timeline.*.timeouts-together
# within: rpc.timeline.* keepalive.timeline.*.call-then-*
"""rpc.timeline lets calls wait for ever."""
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "adapters" / "python"))
import adapter  # noqa: E402
from protocol import timeline  # noqa: E402

right = timeline.Connection.on_call
timeline.Connection.on_call = lambda self, event: right(self, {**event, "timeout": None})
adapter.serve()
