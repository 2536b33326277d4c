#!/usr/bin/env python3
"""Records TLS conversations with their key logs, of openssl's s_client and s_server and of our own peers: captures/tls and its manifest.

    Scripts/tls-recordings.py [--only VARIANT,...] [--wireproof COMMAND] [FOLDER]

The two talk through a relay that keeps what passes; the packets around it are made. What a recording holds is what was given to them,
so that nothing of it comes from decoding. Recordings differ from run to run in their keys and so in every byte: only what is missing
is recorded, and a variant that is to be recorded again is deleted first.
"""
import argparse
import hashlib
import json
import pathlib
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from capture_forge import Conversation, Wire, packets, pcap  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
PATIENCE = 10
ENDS = (("10.0.0.1", 40001), ("10.0.0.200", 8443))


class Relay:
    """Passes one connection on to a port, and keeps what passes: (side, bytes)."""

    def __init__(self, port):
        self.target, self.kept, self.changed = port, [], threading.Condition()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        client, _ = self.listener.accept()
        server = socket.create_connection(("127.0.0.1", self.target))
        for side, (source, target) in enumerate(((client, server), (server, client))):
            threading.Thread(target=self.pump, args=(side, source, target), daemon=True).start()

    def pump(self, side, source, target):
        try:
            while data := source.recv(65536):
                with self.changed:
                    self.kept.append((side, data))
                    self.changed.notify_all()
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def wait(self, condition, what):
        with self.changed:
            if not self.changed.wait_for(condition, PATIENCE):
                raise TimeoutError(what)


class Program:
    """One of the two, with what it has printed so far."""

    def __init__(self, arguments, folder):
        self.process = subprocess.Popen(["openssl"] + arguments, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)
        self.output, self.place, self.changed = b"", 0, threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        while data := self.process.stdout.read1(65536):
            with self.changed:
                self.output += data
                self.changed.notify_all()

    def give(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def expect(self, data):
        """Waits until something was printed, behind what was expected before."""
        with self.changed:
            if not self.changed.wait_for(lambda: data in self.output[self.place:], PATIENCE):
                raise TimeoutError(f"{data[:60]!r} is not printed; {self.output[-600:]!r}")
            self.place = self.output.index(data, self.place) + len(data)

    def end(self):
        self.process.kill()
        self.process.wait()


class Recording:
    """A conversation through both programs."""

    def __init__(self, folder, server=(), client=(), key="rsa"):
        self.folder, self.arguments = folder, list(client)
        self.port = free_port()
        self.server = Program(["s_server", "-accept", str(self.port), "-cert", f"{key}.pem", "-key", f"{key}.key", *server], folder)
        self.server.expect(b"ACCEPT")
        self.marks = []

    def connect(self, more=()):
        self.relay = Relay(self.port)
        self.client = Program(["s_client", "-connect", f"127.0.0.1:{self.relay.port}", "-keylogfile", "log.keys", *self.arguments, *more],
                              self.folder)

    def play(self, conversation, updates=(), renegotiations=(), first=0):
        """Gives each side what it is to say, the next when the last has arrived."""
        for number, (side, data) in enumerate(conversation.writes[first:], first):
            sender, receiver = (self.client, self.server)[::1 - 2 * side]
            if number in updates or number in renegotiations:
                seen = len(self.relay.kept)
                sender.give(b"K\n" if number in updates else b"R\n")
                self.relay.wait(lambda: len(self.relay.kept) > seen, "nothing is sent for a command")
                time.sleep(0.2)
            begin = len(self.relay.kept)
            sender.give(data)
            receiver.expect(data)
            self.marks.append((begin, len(self.relay.kept)))

    def end(self):
        for program in (getattr(self, "client", None), self.server):
            if program:
                program.end()
        time.sleep(0.1)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Own:
    """Our own client and server, both of which write the secrets down. What they say follows from what the client is told to."""

    def __init__(self, wireproof, folder, more=()):
        self.writes, self.marks = [], []
        server = subprocess.Popen([wireproof, "serve", "--listen", "127.0.0.1:0", "--tls-certificate", "rsa.pem", "--tls-key", "rsa.key",
                                   "--keylog", "log.keys", "--compress"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            url = server.stdout.readline().decode().split()[-1]
            self.relay = Relay(int(url.rsplit(":", 1)[1].split("/")[0]))
            subprocess.run([wireproof, "connect", f"wss://127.0.0.1:{self.relay.port}/join?uid=u1001", "--insecure", "--no-input",
                            "--keylog", "client.keys", "--send", "2:hello", "--call", "2:question", *more], cwd=folder, check=True,
                           capture_output=True, timeout=PATIENCE)
            client, both = (set((folder / name).read_text().splitlines()) for name in ("client.keys", "log.keys"))
            if not client or client != both:
                raise ValueError("the two do not write the same secrets")
            time.sleep(0.2)
        finally:
            server.kill()
            server.wait()
        self.messages = [
            {"dir": direction, "protocolId": number, "sn": sn, "len": len(text), "sha256": hashlib.sha256(text).hexdigest()}
            for direction, number in (("c2s", 2), ("s2c", 3)) for sn, text in ((0, b"hello"), (2, b"question"))]


class Passed:
    """What passed the relay, as a conversation to be packed."""

    def __init__(self, writes):
        self.writes, self.random = writes, random.Random(1)


def certificates(folder):
    for name, key in (("rsa", ["rsa:2048"]), ("ecdsa", ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]), ("other", ["rsa:2048"])):
        subprocess.run(["openssl", "req", "-x509", "-newkey", *key, "-nodes", "-days", "3650", "-subj", f"/CN={name}.example",
                        "-keyout", f"{name}.key", "-out", f"{name}.pem"], cwd=folder, check=True, capture_output=True)


def talk(seed, sizes=(0, 12, 200, 1500), steps=2):
    return Conversation(seed).talk(sizes=sizes, steps=steps).close()


# Each cipher by itself. TLS 1.3 names its suites with another option.
SUITES = {
    "tls13_aes128_gcm": ["-ciphersuites", "TLS_AES_128_GCM_SHA256"],
    "tls13_aes256_gcm": ["-ciphersuites", "TLS_AES_256_GCM_SHA384"],
    "tls13_chacha20": ["-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"],
    "tls12_aes128_gcm": ["-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"],
    "tls12_aes256_gcm": ["-tls1_2", "-cipher", "DHE-RSA-AES256-GCM-SHA384"],
    "tls12_chacha20": ["-tls1_2", "-cipher", "ECDHE-RSA-CHACHA20-POLY1305"],
    "tls12_aes128_cbc_sha": ["-tls1_2", "-cipher", "AES128-SHA"],
    "tls12_aes256_cbc_sha": ["-tls1_2", "-cipher", "ECDHE-RSA-AES256-SHA"],
    "tls12_aes128_cbc_sha256": ["-tls1_2", "-cipher", "AES128-SHA256"],
    "tls12_aes256_cbc_sha256": ["-tls1_2", "-cipher", "DHE-RSA-AES256-SHA256"],
    "tls12_aes256_cbc_sha384": ["-tls1_2", "-cipher", "ECDHE-RSA-AES256-SHA384"],
    "tls12_aes128_cbc_sha_mac_first": ["-tls1_2", "-cipher", "AES128-SHA", "-no_etm"],
    "tls12_aes256_cbc_sha256_mac_first": ["-tls1_2", "-cipher", "AES256-SHA256", "-no_etm"],
}


def plain(folder, client=(), server=(), key="rsa", conversation=None, **options):
    recording = Recording(folder, server, client, key)
    try:
        recording.connect()
        conversation = conversation or talk(7)
        recording.play(conversation, **options)
        return recording, conversation
    finally:
        recording.end()


def resumed(folder, client=(), server=(), early=False, refuses=False):
    """The second of two connections that share a session."""
    recording = Recording(folder, [*server, *(["-early_data"] if early else [])], client)
    try:
        recording.connect(["-sess_out", "session.pem"])
        first = Conversation(3)
        recording.play(first)
        deadline = time.time() + PATIENCE
        while not (folder / "session.pem").exists() and time.time() < deadline:
            time.sleep(0.05)
        recording.client.give(b"Q\n")
        time.sleep(0.3)
        recording.client.end()
        recording.marks = []
        conversation = talk(8)
        if refuses:
            # Another server, which does not know the session.
            recording.server.end()
            recording = Recording(folder, [*server, "-early_data"], client)
        recording.server.place = len(recording.server.output)
        if not early:
            recording.connect(["-sess_in", "session.pem"])
            recording.play(conversation)
            return recording, conversation
        (folder / "early.bin").write_bytes(conversation.writes[0][1])
        recording.connect(["-sess_in", "session.pem", "-early_data", "early.bin"])
        if refuses:
            recording.client.expect(b"Early data was rejected")
            recording.play(conversation)
        else:
            recording.server.expect(conversation.writes[0][1])
            recording.marks.append((0, len(recording.relay.kept)))
            recording.play(conversation, first=1)
        return recording, conversation
    finally:
        recording.end()


def refused(folder):
    """A client that does not trust the server."""
    recording = Recording(folder)
    try:
        recording.connect(["-CAfile", "other.pem", "-verify_return_error"])
        recording.client.expect(b"verify error")
        time.sleep(0.3)
        return recording, Conversation(1, http=False)
    finally:
        recording.end()


def own(wireproof, folder, more=()):
    recording = Own(wireproof, folder, more)
    return recording, recording


def variants(folder, wireproof):
    """Name, how it is recorded, and how the recording is changed."""
    yield "own_peers", lambda: own(wireproof, folder), {}
    yield "own_peers_compressed", lambda: own(wireproof, folder, ["--compress"]), {}
    for name, arguments in SUITES.items():
        yield name, lambda arguments=arguments: plain(folder, arguments), {}
    yield "tls13_ecdsa", lambda: plain(folder, ["-servername", "chat.example", "-alpn", "http/1.1"], ["-alpn", "http/1.1"], "ecdsa"), {}
    yield "tls13_byte_segments", lambda: plain(folder), {"size": 7}
    yield "tls13_coalesced", lambda: plain(folder), {"coalesced": True}
    yield "tls13_small_records", lambda: plain(folder, ["-max_send_frag", "512"], ["-max_send_frag", "512"]), {}
    yield "tls13_large", lambda: plain(folder, conversation=talk(9, sizes=(40_000, 3), steps=1)), {}
    yield "tls13_retry", lambda: plain(folder, ["-groups", "X25519:P-384"], ["-groups", "P-384"]), {}
    yield "tls13_key_updates", lambda: plain(folder, updates=(4, 7, 9, 10)), {}
    yield "tls13_resumed", lambda: resumed(folder), {}
    yield "tls13_early_data", lambda: resumed(folder, early=True), {}
    yield "tls13_early_data_refused", lambda: resumed(folder, early=True, refuses=True), {"required": ["tls.early-data-refused"]}
    yield "tls12_resumed_ticket", lambda: resumed(folder, ["-tls1_2"]), {}
    yield "tls12_resumed_id", lambda: resumed(folder, ["-tls1_2"], ["-no_ticket"]), {}
    yield "tls12_renegotiated", lambda: plain(folder, ["-tls1_2"], ["-client_renegotiation"], renegotiations=(4,)), {}
    yield "tls12_large", lambda: plain(folder, ["-tls1_2"], conversation=talk(9, sizes=(40_000, 3), steps=1)), {}
    yield "tls13_refused", lambda: refused(folder), {"required": ["tls.alert"]}
    for version, arguments in (
            ("tls13", []), ("tls13_chacha20", SUITES["tls13_chacha20"]), ("tls12", ["-tls1_2"]),
            ("tls12_chacha20", SUITES["tls12_chacha20"]), ("tls12_cbc", SUITES["tls12_aes128_cbc_sha"])):
        lost = {"lost": (4, 5, 9), "required": ["tcp.gap"]}
        yield f"{version}_gap", lambda arguments=arguments: plain(folder, arguments), lost
    yield "tls13_gap_in_record", lambda: plain(folder, conversation=talk(9, sizes=(4_000, 30), steps=2)), {
        "part": True, "required": ["tcp.gap"]}
    yield "tls13_gap_key_update", lambda: plain(folder, updates=(4,)), {"lost": (4,), "before": True, "required": ["tcp.gap"]}
    yield "tls13_midstream", lambda: plain(folder), {"midstream": 5}


def write(folder, name, recording, conversation, size=1448, coalesced=False, lost=(), part=False, before=False, midstream=None,
          required=()):
    """Packs what passed, without what is lost, and says what is left of the conversation."""
    chunks, gone = list(recording.relay.kept), set()
    if coalesced:
        merged = []
        for side, data in chunks:
            if merged and merged[-1][0] == side:
                merged[-1] = (side, merged[-1][1] + data)
            else:
                merged.append((side, data))
        chunks = merged
    passed = Passed(chunks)
    segments = packets(passed, size=size, ends=ENDS)
    # Where each chunk lies in its direction.
    places, positions = [], [0, 0]
    for side, data in chunks:
        places.append((side, positions[side], positions[side] + len(data)))
        positions[side] += len(data)

    def bytes_of(number):
        begin, end = recording.marks[number]
        if before:
            begin -= 2
        return [places[index] for index in range(begin, end) if places[index][0] == conversation.writes[number][0]]

    dropped = []
    for number in lost:
        dropped += bytes_of(number)
        gone.add(number)
    if part:
        # One segment inside of the first long message of each side.
        for side in (0, 1):
            number = next(index for index, (of, data) in enumerate(conversation.writes) if of == side and len(data) > 3_000)
            start = min(begin for _, begin, _ in bytes_of(number))
            dropped.append((side, start + size, start + size + 1))
            gone.add(number)
    if midstream is not None:
        first = recording.marks[midstream][0]
        starts = [next((begin for side, begin, _ in places[first:] if side == each), positions[each]) for each in (0, 1)]
        segments = [packet for packet in segments if packet.data and packet.offset >= starts[packet.side] or packet.flags & 1]
        gone |= set(range(midstream))

    def is_lost(packet):
        end = packet.offset + len(packet.data)
        return packet.data and any(
            side == packet.side and packet.offset < stop and start < end for side, start, stop in dropped)

    segments = [packet for packet in segments if not is_lost(packet)]
    wire = Wire()
    records = [(packet.time, frame, len(frame)) for packet in segments for frame in wire.framed(packet)]
    (folder / f"{name}.pcap").write_bytes(pcap(records, 1))
    held, position = [] if conversation.writes else conversation.messages, [0, 0]
    for number, (side, data) in enumerate(conversation.writes):
        position[side] += len(data)
        held += [] if number in gone else [
            {key: message[key] for key in ("dir", "protocolId", "sn", "len", "sha256")}
            for message in conversation.messages if message["side"] == side and message["end"] == position[side]]
    entry = {"variant": name, "file": f"{name}.pcap", "exit": "ok", "anomalies_required": list(required),
             "anomalies_forbidden": ["tls.bad-record", "tls.no-keys", "ws.protocol-error"], "flags": {"keylog": f"{name}.keys"},
             "connections": []}
    if midstream is not None:
        entry["flags"]["midstream"] = True
    if gone or not conversation.messages:
        entry["flags"]["rpc_check"] = False
    if conversation.messages:
        query = {} if midstream is not None else {"upgrade": {"query": {"uid": "u1001"}}}
        entry["connections"] = [{"client": "%s:%d" % ENDS[0], "server": "%s:%d" % ENDS[1], **query, "messages": held}]
    return entry


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=ROOT / "captures/tls")
    parser.add_argument("--wireproof", default=ROOT / ".build/debug/wireproof", type=pathlib.Path, help="the command")
    parser.add_argument("--only", help="variants, separated by commas")
    arguments = parser.parse_args()
    arguments.folder.mkdir(exist_ok=True)
    path = arguments.folder / "manifest.json"
    entries = {entry["variant"]: entry for entry in json.loads(path.read_text())} if path.exists() else {}
    with tempfile.TemporaryDirectory() as temporary:
        work = pathlib.Path(temporary)
        certificates(work)
        for name, record, changes in variants(work, arguments.wireproof.resolve()):
            if arguments.only and name not in arguments.only.split(",") or (arguments.folder / f"{name}.pcap").exists():
                continue
            for leftover in ("log.keys", "client.keys", "session.pem"):
                (work / leftover).unlink(missing_ok=True)
            recording, conversation = record()
            entries[name] = write(arguments.folder, name, recording, conversation, **changes)
            (arguments.folder / f"{name}.keys").write_bytes((work / "log.keys").read_bytes())
            print(name, flush=True)
    lines = ",\n".join(json.dumps(entry) for entry in sorted(entries.values(), key=lambda entry: entry["variant"]))
    path.write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
