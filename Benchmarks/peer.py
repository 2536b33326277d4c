#!/usr/bin/env python3
"""Measures the reference peer next to NIO's own WebSocket pipeline and a bare channel: CPU of the server per call, memory of
the server per idle connection. Every figure is of one event-loop thread and of the server's process alone.

Usage: peer.py [calls|deflate|push|memory]... (run.sh builds the programs first)
"""
import os
import pathlib
import resource
import socket
import statistics
import subprocess
import sys
import time

PROGRAM = pathlib.Path(__file__).parent / ".build/release/peer-benchmark"
TICKS = os.sysconf("SC_CLK_TCK")
PAGE_KIB = os.sysconf("SC_PAGE_SIZE") / 1024


class Server:
    def __init__(self, kind):
        self.process = subprocess.Popen([PROGRAM, "serve", kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def cpu_seconds(self):
        # schedstat counts nanoseconds, stat only hundredths.
        total = 0
        for task in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
        return total / 1e9

    def resident_kib(self):
        return int(pathlib.Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * PAGE_KIB


def calls():
    print("server CPU per call, 64-byte payload, one event-loop thread (medians of 5 rounds, kinds in turns)")
    for connections, in_flight, count in ((1, 64, 400_000), (64, 1, 200_000), (1, 1, 50_000)):
        cost = {"peer": [], "websocket": []}
        rate = {"peer": [], "websocket": []}
        lost = 0
        for _ in range(5):
            for kind in cost:
                with Server(kind) as server:
                    load = [PROGRAM, "load", str(server.port), str(connections), str(in_flight)]
                    subprocess.run(load + [str(count // 10)], check=True, capture_output=True)
                    before = server.cpu_seconds()
                    words = subprocess.run(load + [str(count)], check=True, capture_output=True, text=True).stdout.split()
                    done = int(words[1])
                    cost[kind].append((server.cpu_seconds() - before) / done * 1e6)
                    rate[kind].append(done / float(words[5]))
                    lost += int(words[3]) if kind == "peer" else 0
        ratios = [a / b for a, b in zip(cost["peer"], cost["websocket"])]
        print(f"  {connections:2} connections, {in_flight:2} in flight: peer {statistics.median(cost['peer']):5.2f} us "
              f"({statistics.median(rate['peer']):8,.0f} calls/s), bare NIO WebSocket echo "
              f"{statistics.median(cost['websocket']):5.2f} us, ratio {statistics.median(ratios):.2f}, lost {lost}")


def deflate():
    print("server CPU per compressed call, 64-byte payload, one connection, 64 in flight (median of 5 rounds)")
    cost = []
    for _ in range(5):
        with Server("peer-deflate") as server:
            load = [PROGRAM, "load", str(server.port), "1", "64"]
            subprocess.run(load + ["10000", "deflate"], check=True, capture_output=True)
            before = server.cpu_seconds()
            subprocess.run(load + ["100000", "deflate"], check=True, capture_output=True)
            cost.append((server.cpu_seconds() - before) / 100_000 * 1e6)
    print(f"  {statistics.median(cost):.2f} us")


def push():
    print("server CPU per pushed message of 64 bytes, one connection, bursts of 100 (medians of 5 rounds, kinds in turns)")
    for in_flight in (1, 4, 8, 32):
        cost = {"peer-push": [], "peer-push-waiting": [], "websocket-push": []}
        for _ in range(5):
            for kind in cost:
                with Server(kind) as server:
                    load = [PROGRAM, "push", str(server.port), str(in_flight)]
                    subprocess.run(load + ["20000"], check=True, capture_output=True)
                    before = server.cpu_seconds()
                    words = subprocess.run(load + ["200000"], check=True, capture_output=True, text=True).stdout.split()
                    cost[kind].append((server.cpu_seconds() - before) / int(words[1]) * 1e6)
        figures = ", ".join(f"{kind} {statistics.median(values):.2f} us" for kind, values in cost.items())
        print(f"  {in_flight:2} bursts in flight: {figures}")


def memory():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    print("resident memory of the server per idle connection, in KiB")
    for count in (5_000, 15_000):
        if count + 100 > hard:
            print(f"  {count:6} connections: skipped, only {hard} file descriptors are allowed")
            continue
        figures = []
        for kind in ("peer", "peer-deflate", "websocket", "channel"):
            with Server(kind) as server:
                warm = [upgrade(server.port, f"w{n}", kind) for n in range(200)]
                for connection in warm:
                    connection.close()
                time.sleep(1)
                before = server.resident_kib()
                held = [upgrade(server.port, str(n), kind) for n in range(count)]
                time.sleep(1)
                figures.append(f"{kind} {(server.resident_kib() - before) / count:.2f}")
                for connection in held:
                    connection.close()
        print(f"  {count:6} connections: " + ", ".join(figures))


def upgrade(port, uid, kind):
    connection = socket.create_connection(("127.0.0.1", port))
    extension = "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n"
    connection.sendall((
        f"GET /join?uid={uid} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        + (extension if kind == "peer-deflate" else "") + "\r\n").encode())
    head = b""
    while b"\r\n\r\n" not in head:
        head += connection.recv(4096)
    if kind == "peer-deflate" and b"permessage-deflate" not in head:
        sys.exit("deflate was not negotiated")
    return connection


if __name__ == "__main__":
    for name in sys.argv[1:] or ("calls", "deflate", "push", "memory"):
        {"calls": calls, "deflate": deflate, "push": push, "memory": memory}[name]()
