#!/usr/bin/env python3
"""A server of the reference application with faults to switch on; the standard library alone, no code of this package.

Its parts are in the folder `faulty` beside this file; faulty/faults.py lists the faults. Without --fault it is right.
"""
import argparse
import asyncio
import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from faulty import faults  # noqa: E402
from faulty.server import Server  # noqa: E402


async def serve(arguments):
    server = Server(arguments.path, arguments.compress, arguments.level, arguments.slow_delay, arguments.read_wait)
    port = await server.start(arguments.host, arguments.port)
    print(f"listening on ws://{arguments.host}:{port}{arguments.path}", flush=True)
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--path", default="/join")
    parser.add_argument("--compress", action="store_true", help="accept permessage-deflate")
    parser.add_argument("--level", type=int, default=6, help="of compression, 0 to 9")
    parser.add_argument("--slow-delay", type=float, default=2)
    parser.add_argument("--read-wait", type=float, default=60)
    parser.add_argument("--fault", action="append", default=[], choices=sorted(faults.FAULTS), metavar="NAME")
    parser.add_argument("--list-faults", action="store_true", help="print the table, fields separated by tabs")
    arguments = parser.parse_args()
    if arguments.list_faults:
        for fault in faults.FAULTS.values():
            print("\t".join(fault))
        return
    faults.active.update(arguments.fault)
    asyncio.run(serve(arguments))


if __name__ == "__main__":
    main()
