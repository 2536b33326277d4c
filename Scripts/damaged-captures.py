#!/usr/bin/env python3
"""Damages captures and looks whether `wireproof inspect` keeps what was good in them and accuses nobody for the damage.

    Scripts/damaged-captures.py [--inspect "COMMAND"] [--cuts N] [--changes N] [--every N] [--seed N] [--jobs N] [-v] [CAPTURE|FOLDER ...]

Each capture is cut at N places (around the borders of its records first, then anywhere), and N of its packets are dropped, cut,
doubled, swapped, shifted in time or changed. Without captures: all in captures. Of each damaged capture has to hold:

- no crash, no hang, no more memory than for the whole one and a quarter of a gigabyte; an exit code that is documented
- the frames of packets before the cut are there, and none that the whole capture does not have, in the same order
- no more connections lack frames than packets were damaged
- `--check` fails no rule that it does not fail of the whole capture
- `--redact` ends in the same way
"""
import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import random
import shlex
import struct
import subprocess
import sys
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parent.parent
PATIENCE = 120
MEMORY = 256 << 20
# The changes that lose nothing: what is there twice or at another time is there.
HARMLESS = {"double", "shift"}
CHANGES = ["drop", "drop-many", "cut", "double", "swap", "shift", "flip"]


class Records:
    """A capture as its head and the places of its records; None where it is compressed or none."""

    def __init__(self, data):
        self.data, self.places, self.isNext = data, [], data[:4] == b"\x0a\x0d\x0d\x0a"
        magic = data[:4]
        self.order = "<" if magic in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1", b"\x34\xcd\xb2\xa1") else ">"
        self.extra = 8 if magic in (b"\x34\xcd\xb2\xa1", b"\xa1\xb2\xcd\x34") else 0
        if self.isNext:
            self.read_blocks()
        elif magic in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\xa1\xb2\x3c\x4d",
                       b"\x34\xcd\xb2\xa1", b"\xa1\xb2\xcd\x34"):
            self.read_records()
        self.packets = [each for each in self.places if each[2] is not None]

    def read_records(self):
        at, head = 24, 16 + self.extra
        while at + head <= len(self.data):
            size = struct.unpack(self.order + "I", self.data[at + 8:at + 12])[0]
            if at + head + size > len(self.data):
                return
            self.places.append((at, at + head + size, (at + head, at + head + size)))
            at += head + size

    def read_blocks(self):
        at, order = 0, "<"
        while at + 12 <= len(self.data):
            kind = self.data[at:at + 4]
            if kind == b"\x0a\x0d\x0d\x0a":
                order = "<" if self.data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            size = struct.unpack(order + "I", self.data[at + 4:at + 8])[0]
            if size < 12 or size % 4 or at + size > len(self.data):
                return
            packet = None
            if struct.unpack(order + "I", kind)[0] == 6 and size >= 32:
                kept = struct.unpack(order + "I", self.data[at + 20:at + 24])[0]
                if kept <= size - 32:
                    packet = (at + 28, at + 28 + kept)
            self.places.append((at, at + size, packet))
            at += size

    def borders(self):
        return sorted({0, *(at + by for start, end, _ in self.places for at in (start, end) for by in (-1, 0, 1))})

    def whole_packets(self, size):
        """How many packets are whole in so many bytes."""
        return sum(end <= size for _, end, _ in self.packets)

    def changed(self, change, rng):
        """The capture with a packet changed, and the number of that packet."""
        index = rng.randrange(len(self.packets))
        start, end, (first, last) = self.packets[index]
        data = self.data
        if change == "drop":
            return data[:start] + data[end:], {index}
        if change == "drop-many":
            dropped = {rng.randrange(len(self.packets)) for _ in range(max(2, len(self.packets) // 10))}
            kept, at = [], 0
            for number in sorted(dropped):
                begin, stop, _ = self.packets[number]
                kept.append(data[at:begin])
                at = stop
            return b"".join(kept) + data[at:], dropped
        if change == "double":
            return data[:end] + data[start:end] + data[end:], {index}
        if change == "swap":
            other = min(len(self.packets) - 1, index + rng.choice((1, 1, 2, 5)))
            if other == index:
                return None, set()
            begin, stop, _ = self.packets[other]
            return (data[:start] + data[begin:stop] + data[end:begin] + data[start:end] + data[stop:]), {index, other}
        if change == "shift":
            place = start + (12 if self.isNext else 0)
            value = struct.unpack(self.order + "I", data[place:place + 4])[0]
            moved = struct.pack(self.order + "I", max(0, value + rng.choice((-3600, -1, 1, 3600, 10**8))) & 0xFFFFFFFF)
            return data[:place] + moved + data[place + 4:], {index}
        if change == "flip":
            if last - first < 1:
                return None, set()
            place = rng.randrange(first, last)
            return data[:place] + bytes([data[place] ^ (1 << rng.randrange(8))]) + data[place + 1:], {index}
        # Cut as by a snap length: the record says how long the packet was.
        if self.isNext or last - first < 60:
            return None, set()
        kept = rng.randrange(14, last - first)
        head = data[start:start + 8] + struct.pack(self.order + "I", kept) + data[start + 12:first]
        return data[:start] + head + data[first:first + kept] + data[end:], {index}


Outcome = collections.namedtuple("Outcome", "code output errors memory")


class Inspector:
    def __init__(self, command, folder):
        self.command, self.folder = shlex.split(command), folder

    def run(self, path, *arguments):
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            process = subprocess.Popen([*self.command, *arguments, path], stdout=output, stderr=errors)
            timer = threading.Timer(PATIENCE, process.kill)
            timer.start()
            _, status, usage = os.wait4(process.pid, 0)
            timer.cancel()
            process.returncode = os.waitstatus_to_exitcode(status)
            output.seek(0)
            errors.seek(0)
            return Outcome(process.returncode, output.read().decode(), errors.read().decode(), usage.ru_maxrss << 10)


def frames(output):
    """By connection and direction what is in each frame, and its packets."""
    found, ends = collections.defaultdict(list), {}
    for line in output.splitlines():
        row = json.loads(line)
        if row["type"] == "connection":
            ends[row["connection"]] = (row["client"], row["server"])
        elif row["type"] == "frame":
            fields = tuple(row[name] for name in ("protocolId", "sn", "payloadLength", "payload"))
            found[ends[row["connection"]], row["direction"]].append((fields, row["packets"]))
    return found


def failed(output):
    return {line.split()[1] for line in output.splitlines() if line.startswith("FAIL ")}


def is_subsequence(part, whole):
    rest = iter(whole)
    return all(any(each == other for other in rest) for each in part)


class Capture:
    def __init__(self, path, inspector, keys, every):
        self.path, self.inspector, self.every, self.count = path, inspector, every, 0
        self.arguments = ["--keylog", str(keys)] if keys else []
        self.data = path.read_bytes()
        self.records = Records(self.data)
        self.whole = inspector.run(str(path), "--format", "ndjson", *self.arguments)
        self.frames = frames(self.whole.output)
        self.failed = failed(inspector.run(str(path), "--check", *self.arguments).output)

    def faults(self, data, name, cut=None, touched=frozenset(), change=None):
        """What is wrong with a damaged form of the capture."""
        path = os.path.join(self.inspector.folder, f"{os.getpid()}-{hash((self.path, name)) & 0xFFFFFFFF:x}{self.path.suffix}")
        with open(path, "wb") as file:
            file.write(data)
        try:
            yield from self.judge(path, cut, touched, change)
        finally:
            os.unlink(path)

    def judge(self, path, cut, touched, change):
        forms = [["--format", "ndjson"], ["--format", "ndjson", "--redact"]]
        self.count += 1
        if self.count % self.every == 0:
            forms.append(["--check"])
        for form in forms:
            outcome = self.inspector.run(path, *form, *self.arguments)
            name = " ".join(form)
            if outcome.code not in (0, 1, 2, 3) or "Fatal error" in outcome.errors:
                yield f"{name}: exit code {outcome.code}: {outcome.errors[-300:]}"
                continue
            if outcome.memory > self.whole.memory + MEMORY:
                yield f"{name}: {outcome.memory >> 20} MiB, of the whole {self.whole.memory >> 20} MiB"
            if form[0] == "--check":
                more = failed(outcome.output) - self.failed
                if more and change != "flip":
                    yield f"accuses: {sorted(more)}"
            elif len(form) == 2:
                yield from self.compare(frames(outcome.output), cut, touched, change)

    def compare(self, found, cut, touched, change):
        lacking = set()
        for key, whole in self.frames.items():
            part = [fields for fields, _ in found.get(key, [])]
            all_of_it = [fields for fields, _ in whole]
            if change != "flip" and not is_subsequence(part, all_of_it):
                yield f"{key}: frames that the whole does not have, or in another order"
            if len(part) < len(all_of_it):
                lacking.add(key[0])
            if cut is not None:
                before = [fields for fields, packets in whole if packets[1] <= cut]
                if not is_subsequence(before, part):
                    yield f"{key}: {len(before)} frames end before the cut, and {len(part)} are left"
            elif change in HARMLESS and len(part) != len(all_of_it):
                yield f"{key}: {len(part)} of {len(all_of_it)} frames are left"
        if cut is None and len(lacking) > len(touched):
            yield f"{len(lacking)} connections lack frames"
        if change != "flip" and set(found) - set(self.frames):
            yield f"connections that the whole does not have: {set(found) - set(self.frames)}"


def spread(places, count, rng):
    return places if len(places) <= count else sorted(rng.sample(places, count))


def examine(path, options):
    """The faults of one capture, and how many damaged ones were looked at."""
    rng = random.Random(f"{options.seed} {path.name}")
    keys = next((each for each in (path.with_suffix(".keys"), path.with_suffix(".keylog")) if each.exists()), None)
    with tempfile.TemporaryDirectory() as folder:
        capture = Capture(path, Inspector(options.inspect, folder), keys, options.every)
        found, count = [], 0
        size = len(capture.data)
        cuts = spread([at for at in capture.records.borders() if at < size], options.cuts, rng)
        cuts += [rng.randrange(size) for _ in range(options.cuts // 3)] if size else []
        for at in sorted(set(cuts)):
            whole = capture.records.whole_packets(at)
            count += 1
            found += [f"{path.name}, cut at {at} (packet {whole}): {fault}"
                      for fault in capture.faults(capture.data[:at], at, cut=whole)]
        for number in range(options.changes if len(capture.records.packets) > 1 else 0):
            change = CHANGES[number % len(CHANGES)]
            data, touched = capture.records.changed(change, rng)
            if data is None:
                continue
            count += 1
            found += [f"{path.name}, {change} of packets {sorted(each + 1 for each in touched)}: {fault}"
                      for fault in capture.faults(data, (change, number), touched=touched, change=change)]
    return found, count


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inspect", default=f"{ROOT}/.build/debug/wireproof inspect", metavar="COMMAND")
    parser.add_argument("--cuts", type=int, default=12, metavar="N")
    parser.add_argument("--changes", type=int, default=14, metavar="N")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="run --check, which is slow, for each Nth only")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--jobs", type=int, default=1, metavar="N")
    parser.add_argument("-v", action="store_true", help="name each capture")
    parser.add_argument("captures", nargs="*", type=pathlib.Path, default=[ROOT / "captures"])
    options = parser.parse_args()
    paths = []
    for each in options.captures:
        paths += sorted(path for path in each.rglob("*.pcap*")) if each.is_dir() else [each]
    total, bad = 0, 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for path, (found, count) in zip(paths, pool.map(lambda path: examine(path, options), paths)):
            total, bad = total + count, bad + len(found)
            if options.v:
                print(f"{path.name}: {count}", flush=True)
            for fault in found:
                print(fault, flush=True)
    print(f"{len(paths)} captures, {total} damaged ones, {bad} faults")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
