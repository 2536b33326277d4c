# run: displacement
# verdict: fail
# must: displacement.encode
"""Prints what it is thinking on standard output, between the answers."""
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "adapters" / "python"))
import adapter  # noqa: E402

right = adapter.displacement_encode


def displacement_encode(asked):
    print("DEBUG encoding", asked, flush=True)
    return right(asked)


adapter.OPERATIONS["displacement.encode"] = displacement_encode
adapter.serve()
