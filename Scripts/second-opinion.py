#!/usr/bin/env python3
"""Python's `websockets` (PyPI) as a client of `wireproof serve`: a second reading of RFC 6455 and RFC 7692 that is not ours.

Usage: second-opinion.py WIREPROOF. Exit code 1 if a check fails; 0 with one line if the package cannot be had.
"""
import pathlib
import struct
import subprocess
import sys

import python_package

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".build" / "websockets"


def frame(protocol_id, sn=0, payload=b""):
    return b"\xfe\xef" + struct.pack("<III", 8 + len(payload), protocol_id, sn) + payload


def check(url, compression):
    import websockets.sync.client as client

    def connect(query):
        return client.connect(f"{url}?{query}", compression=compression, max_size=1 << 20)

    def expect(name, actual, expected):
        if actual != expected:
            print(f"second opinion: {name}: {actual!r:.200} instead of {expected!r:.200}")
            sys.exit(1)

    with connect("uid=python") as socket:
        expect("extension", bool(socket.protocol.extensions), compression is not None)
        for size in (0, 1, 125, 126, 65_535, 65_536, 524_280):
            socket.send(frame(2, 2, b"x" * size))
            expect(f"echo of {size} bytes", socket.recv(), frame(3, 2, b"x" * size))
        socket.send(frame(6, 0, b"call me"))
        asked = socket.recv()
        expect("call of the server", asked, frame(7, 3, b"call me"))
        socket.send(frame(17, 3, b"answer"))
        expect("report", socket.recv(), frame(8, 0, b"answer"))
        socket.send(frame(10))
        expect("burst", [socket.recv() for _ in range(100)], [frame(11, 0, str(n).encode()) for n in range(100)])
        socket.send([frame(2, 4, b"in pieces")[:9], frame(2, 4, b"in pieces")[9:]])
        expect("fragments", socket.recv(), frame(3, 4, b"in pieces"))
        socket.ping().wait(5)
        with connect("uid=python") as newcomer:
            words = socket.recv()
            expect("displacement", words[:2] + words[6:14], b"\xfe\xef\xff\xff\xff\x7f\0\0\0\0")
            newcomer.send(frame(2, 2, b"mine"))
            expect("newcomer", newcomer.recv(), frame(3, 2, b"mine"))


def main():
    if len(sys.argv) == 2:
        server = subprocess.Popen([sys.argv[1], "serve", "--listen", "127.0.0.1:0", "--compress"],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            url = server.stdout.readline().split()[-1]
            for compression in ("none", "deflate"):
                python = python_package.provide(["websockets"], ["websockets"], FOLDER, "second opinion")
                done = subprocess.run([python, __file__, url, compression])
                if done.returncode != 0:
                    sys.exit(done.returncode)
            print("second opinion: Python websockets agrees, with deflate and without")
        finally:
            server.terminate()
    else:
        check(sys.argv[1], None if sys.argv[2] == "none" else "deflate")


if __name__ == "__main__":
    main()
