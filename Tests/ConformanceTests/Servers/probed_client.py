"""A small client for tests of how clients are started, watched and ended: probed_client.py PORT WAY [MARK].

It connects, answers pings, and ends when the server does. WAY says what it does besides; MARK is
on its command line, and on that of what it starts, to be found there.
"""
import base64
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time


def connect(port):
    connection = socket.create_connection(("127.0.0.1", port))
    key = base64.b64encode(os.urandom(16)).decode()
    connection.sendall(
        f"GET /join HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        piece = connection.recv(1)
        if not piece:
            sys.exit(1)
        answer += piece
    return connection


def exactly(connection, count):
    data = b""
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            sys.exit(0)
        data += piece
    return data


def send(connection, opcode, payload):
    key = os.urandom(4)
    masked = bytes(byte ^ key[index % 4] for index, byte in enumerate(payload))
    connection.sendall(struct.pack("!BB", 0x80 | opcode, 0x80 | len(payload)) + key + masked)


def main(port, way):
    if way == "silent":
        time.sleep(600)
    if way == "gone":
        print("no such server, and so no client", flush=True)
        sys.exit(3)
    if way in ("stubborn", "stubborn-child"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if way in ("child", "stubborn-child"):
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", *sys.argv[3:]], start_new_session=True)
    if way == "flood-connections":
        kept = [socket.create_connection(("127.0.0.1", port)) for _ in range(400)]
        time.sleep(600 if kept else 0)
    if way == "knocks":
        # Somebody looks whether the port is open, and asks in plain HTTP; another connection is opened ahead of time.
        socket.create_connection(("127.0.0.1", port)).close()
        kept = socket.create_connection(("127.0.0.1", port))
        asking = socket.create_connection(("127.0.0.1", port))
        asking.sendall(b"GET /health HTTP/1.1\r\nHost: h\r\n\r\n")
        while asking.recv(4096):
            pass
    connection = connect(port)
    if way == "heartbeat":
        def beat():
            while True:
                send(connection, 2, b"\xfe\xef" + struct.pack("<III", 9, 99, 0) + b"b")
                time.sleep(0.05)
        threading.Thread(target=beat, daemon=True).start()
    # Kept by its name, so that it stays open.
    other = socket.create_connection(("127.0.0.1", port)) if way == "twice" else None  # noqa: F841
    if way == "talks":
        line = "x" * 1023
        for _ in range(40 * 1024):
            print(line)
        sys.stdout.flush()
    if way == "sanitizer":
        print("==1==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x0", file=sys.stderr, flush=True)
    while True:
        first, second = exactly(connection, 2)
        payload = exactly(connection, second & 127)
        if way == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        if way == "hang":
            time.sleep(600)
        if way == "flood":
            junk = struct.pack("!BBH", 0x82, 0xFE, 60000) + os.urandom(4) + bytes(60000)
            while True:
                connection.sendall(junk)
        if first & 15 == 9:
            send(connection, 10, payload)
        if first & 15 == 8:
            send(connection, 8, payload)
            sys.exit(0)


try:
    main(int(sys.argv[1]), sys.argv[2])
finally:
    if sys.argv[2].startswith("stubborn"):
        time.sleep(600)
