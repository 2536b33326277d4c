# run: displacement
# verdict: errored
# must: displacement.encode
"""Ends without a word when it is asked for displacement.encode."""
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "adapters" / "python"))
import adapter  # noqa: E402

import os  # noqa: E402


def crash(asked):
    print("about to fall over", file=sys.stderr, flush=True)
    os._exit(3)


adapter.OPERATIONS["displacement.encode"] = crash
adapter.serve()
