# run: displacement.encode
# verdict: fail
# must: displacement.encode.new-only
# timeout: 2
"""Never answers displacement.encode when an address is empty."""
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "adapters" / "python"))
import adapter  # noqa: E402

import time  # noqa: E402

right = adapter.displacement_encode


def displacement_encode(asked):
    if not asked["oldIp"] and asked["newIp"]:
        time.sleep(600)
    return right(asked)


adapter.OPERATIONS["displacement.encode"] = displacement_encode
adapter.serve()
