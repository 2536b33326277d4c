#!/usr/bin/env python3
"""A small server of the protocol for tests of probe runs: Python's library only, one thread a connection.

probed_server.py PORT [FAULT]: answers id 2 with id 3. The fault is about requests whose payload is "two":
crash: the process ends with SIGABRT · hang: nothing is served any more · flaky: each other answer is wrong ·
gone: the process stops listening and ends · silent: PORT is never listened on · late: behind the payload "one" an
upgrade has no answer, once.
"""
import base64
import hashlib
import os
import socket
import struct
import subprocess
import sys
import threading
import time

FAULT = sys.argv[2] if len(sys.argv) > 2 else ""
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
hanging = threading.Event()
late = threading.Event()
count = 0


def read(stream, size):
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


def message(stream):
    """The next WebSocket frame: opcode and payload. Short and 16-bit lengths are enough here."""
    first, second = read(stream, 2)
    length = second & 0x7F
    if length == 126:
        length = struct.unpack(">H", read(stream, 2))[0]
    mask = read(stream, 4)
    return first & 15, bytes(byte ^ mask[index & 3] for index, byte in enumerate(read(stream, length)))


def send(connection, opcode, payload):
    connection.sendall(bytes([0x80 | opcode, len(payload)]) + payload)


def answer(connection, payload):
    global count
    identifier, sn = struct.unpack("<II", payload[6:14])
    body = payload[14:]
    if body == b"one" and FAULT == "late":
        late.set()
    if body == b"two":
        if FAULT == "crash":
            sys.stderr.write("fatal: two\n")
            sys.stderr.flush()
            os.abort()
        if FAULT == "hang":
            hanging.set()
        if FAULT == "gone":
            os._exit(0)
        count += 1
        if FAULT == "flaky" and count % 2 == 1:
            body = b"deux"
    if identifier == 2 and not hanging.is_set():
        send(connection, 2, b"\xfe\xef" + struct.pack("<III", 8 + len(body), 3, sn) + body)


def serve(connection):
    stream = connection.makefile("rb")
    try:
        key = b""
        while (line := stream.readline().strip()):
            if line.lower().startswith(b"sec-websocket-key:"):
                key = line.split(b":", 1)[1].strip()
        if late.is_set():
            late.clear()
            sys.stderr.write("late: an upgrade has no answer\n")
            sys.stderr.flush()
            hanging.wait()
        if hanging.is_set():
            time.sleep(3600)
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
        connection.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")
        while True:
            opcode, payload = message(stream)
            if opcode == 2:
                answer(connection, payload)
            elif opcode == 9 and not hanging.is_set():
                send(connection, 10, payload)
            elif opcode == 8:
                send(connection, 8, payload)
                return
    except (EOFError, OSError):
        pass
    finally:
        connection.close()


if FAULT == "silent":
    # A child in the same process group, which has to go as well.
    subprocess.run(["sleep", "3600"])
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
