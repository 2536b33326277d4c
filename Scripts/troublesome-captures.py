#!/usr/bin/env python3
"""Makes captures with one trouble each, of every class that docs/inspecting-captures.md speaks of, and a manifest of what they
truly hold; then holds the inspector against it with captures/nasty/check.py.

    troublesome-captures.py [--inspect "COMMAND"] [--seeds N] [--keep FOLDER]

Everything is made from seeds and is the same each time. --seeds N adds N captures with several troubles at once. Exit code 1 if
a capture is misread.
"""
import argparse
import gzip
import json
import pathlib
import random
import struct
import subprocess
import sys
import tempfile

# The module beside this script is small: nothing is left behind for it.
sys.dont_write_bytecode = True
from capture_forge import (
    ACK, BOTH_RESET, FIN, KEEPS, LINK_TYPES, MEGA, PUSH, RST, Conversation, Wire, app, block, packets, pcap, pcapng, truth,
)

ROOT = pathlib.Path(__file__).resolve().parent.parent
# What must not be said of bytes that are all there.
NEVER = ["tcp.gap", "tcp.overlap-conflict", "ws.protocol-error", "app.bad-magic", "app.length-mismatch",
         "ws.deflate-context-lost", "ws.inflate-error", "ws.resync"]


class Collection:
    """Captures and their manifest."""

    # Folders whose captures are looked at at the same time.
    SHARES = 3

    def __init__(self, folder):
        self.folders = [folder / str(share) for share in range(self.SHARES)]
        self.manifests = [[] for _ in self.folders]
        for share in self.folders:
            share.mkdir(parents=True, exist_ok=True)

    def check(self, inspect):
        """Runs the checker on every share, and gives whether all is right."""
        runs = []
        for folder, manifest in zip(self.folders, self.manifests):
            (folder / "manifest.json").write_text(json.dumps(manifest))
            command = [sys.executable, ROOT / "captures/nasty/check.py", "--inspect", inspect, folder]
            runs.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        print("".join(run.communicate()[0] for run in runs), end="")
        return all(run.returncode == 0 for run in runs)

    def add(self, name, parts, required=(), allowed=(), wire=None, pack=None, flags=None, exit="ok", snap=None, records=None,
            suffix=".pcap"):
        """`parts` are pairs of a conversation and its packets, `allowed` what may be said though it is in NEVER."""
        wire, flags = wire or Wire(), dict(flags or {})
        everything = [packet for _, segments in parts for packet in segments]
        if len(parts) > 1:
            everything.sort(key=lambda packet: packet.time)
        if records is None:
            records = [(packet.time, frame, len(frame)) for packet in everything for frame in wire.framed(packet)]
        if snap:
            for packet in everything:
                packet.kept = max(0, snap - 54)
            records = [(time, frame[:snap], size) for time, frame, size in records]
        data = (pack or pcap)(records, LINK_TYPES[wire.link])
        share = sum(map(len, self.manifests)) % self.SHARES
        (self.folders[share] / (name + suffix)).write_bytes(data)
        unlike = set(required) | set(allowed)
        self.manifests[share].append({
            "variant": name, "file": name + suffix, "exit": exit, "flags": flags, "anomalies_required": list(required),
            "anomalies_forbidden": [finding for finding in NEVER if finding not in unlike],
            "connections": [truth(conversation, segments, wire) for conversation, segments in parts]})


def of(data, side=None, after_upgrade=None):
    """The places of packets with data, of a side, behind the upgrade."""
    return [place for place, packet in enumerate(data)
            if packet.data and side in (None, packet.side)
            and (after_upgrade is None or packet.offset >= after_upgrade.heads[packet.side])]


def retimed(segments):
    return [packet.but(time=time) for packet, time in zip(segments, sorted(packet.time for packet in segments))]


# Troubles that cost nothing: a function of the segments and the conversation, and what has to be said.

def twice(s, c): return [copy for packet in s for copy in (packet, packet.but(time=packet.time + 5000))]


def again_later(s, c):
    result = list(s)
    for place in of(s)[::5]:
        result.insert(result.index(s[place]) + 4, s[place])
    return retimed(result)


def again_in_part(s, c):
    place = of(s, 1)[3]
    cut = len(s[place].data) // 2
    part = s[place].but(offset=s[place].offset + cut, data=s[place].data[cut:])
    return retimed(s[:place + 2] + [part] + s[place + 2:])


def bigger_again(s, c):
    first, second = [place for place in of(s, 0, c)][2:4]
    both = s[second].but(offset=s[first].offset, data=s[first].data + s[second].data)
    return s[:second] + [both] + s[second + 1:]


def reordered(s, c):
    rng, result = random.Random(5), list(s)
    for start in range(4, len(s) - 5, 5):
        # Within one direction: across the two, answers would come before their calls.
        part = result[start:start + 5]
        places = [index for index, packet in enumerate(part) if packet.side == 1]
        moved = [part[index] for index in places]
        rng.shuffle(moved)
        for index, packet in zip(places, moved):
            part[index] = packet
        result[start:start + 5] = part
    return retimed(result)


def late(s, c):
    place = of(s, 1, c)[2]
    result = list(s)
    result.insert(place + 12, result.pop(place))
    return retimed(result)


def conflict(s, c):
    place = next(place for place in of(s, 1, c) if len(s[place].data) > 40)
    other = s[place].data[:20] + bytes(x ^ 0x5A for x in s[place].data[20:])
    return s[:place + 1] + [s[place].but(data=other, isFalse=True, time=s[place].time + 1000)] + s[place + 1:]


def bad_copy(s, c):
    place = next(place for place in of(s, 1, c)[3:] if len(s[place].data) > 40)
    other = s[place].but(data=bytes(x ^ 0x77 for x in s[place].data), isFalse=True, badSum=True, time=s[place].time - 1000)
    return s[:place] + [other] + s[place:]


def no_sums(s, c): return [packet.but(badSum=packet.side == 0) for packet in s]
def syn_twice(s, c): return [s[0], s[0].but(time=s[0].time + 1000)] + s[1:]
def syn_late(s, c): return retimed(s[1:4] + [s[0]] + s[4:])
def syn_missing(s, c): return s[1:]
def other_syn(s, c): return [s[0].but(first=[77, 0], time=s[0].time - 1000)] + s


def data_on_syn(s, c):
    place = of(s, 0)[0]
    whole = s[place].data
    return ([s[0].but(offset=-1, data=whole[:50])] + s[1:place]
            + [s[place].but(offset=50, data=whole[50:])] + s[place + 1:])


def data_before_handshake(s, c):
    place = of(s, 0)[0]
    return retimed([s[0], s[1], s[place], s[2]] + s[3:place] + s[place + 1:])


def fin_first(s, c):
    fin = next(place for place, packet in enumerate(s) if packet.flags & FIN and packet.side == 0)
    last = of(s[:fin], 0)[-1]
    return retimed(s[:last] + [s[fin]] + s[last:fin] + s[fin + 1:])


def data_past_fin(s, c):
    fin = next(place for place, packet in enumerate(s) if packet.flags & FIN)
    extra = s[fin].but(flags=PUSH | ACK, offset=s[fin].offset + 1, data=b"\x82\x05false", isFalse=True)
    return retimed(s[:fin + 1] + [extra] + s[fin + 1:])


def foreign_reset(s, c):
    place = of(s, 1, c)[4]
    reset = s[place].but(flags=RST, data=b"", offset=s[place].offset - 10**8, time=s[place].time - 1000)
    return s[:place] + [reset] + s[place:]


def reset_at_end(s, c):
    last = of(s)[-1]
    return s[:last + 1] + [s[last].but(flags=RST | ACK, data=b"", offset=s[last].offset + len(s[last].data),
                                       time=s[last].time + 1000)]


def keep_alive(s, c):
    place = of(s, 0, c)[4]
    end = s[place].offset + len(s[place].data)
    probes = [s[place].but(flags=ACK, data=data, offset=end - 1, isFalse=True, time=s[place].time + 1000 * step)
              for step, data in enumerate((b"", b"\0", b"\x55"), 1)]
    return s[:place + 1] + probes + s[place + 1:]


def window_probe(s, c):
    place = next(place for place in of(s, 0, c) if len(s[place].data) > 20)
    closed = s[place].but(side=1, flags=ACK, data=b"", offset=s[place].ack, ack=s[place].offset, window=0)
    probe = s[place].but(data=s[place].data[:1])
    return retimed(s[:place] + [closed, probe, closed.but(window=65535)] + s[place:])


def skewed(s, c): return sorted((packet.but(time=packet.time + packet.side * -20_000_000) for packet in s), key=lambda p: p.time)


HARMLESS = [
    (twice, ["tcp.dup-syn"]), (again_later, ["tcp.retransmission"]), (again_in_part, ["tcp.retransmission"]),
    (bigger_again, ["tcp.overlap"]), (reordered, []), (late, ["tcp.out-of-order"]), (conflict, ["tcp.overlap-conflict"]),
    (bad_copy, ["tcp.bad-checksum"]), (no_sums, []), (syn_twice, ["tcp.dup-syn"]), (syn_late, []), (syn_missing, []),
    (other_syn, []), (data_on_syn, []), (data_before_handshake, []), (fin_first, ["tcp.out-of-order"]),
    (data_past_fin, ["tcp.data-after-fin"]), (foreign_reset, ["tcp.rst-out-of-window"]), (reset_at_end, ["tcp.rst"]),
    (keep_alive, ["tcp.keep-alive"]), (window_probe, ["tcp.zero-window"]), (skewed, []),
]


def without(low, high, side):
    """Takes the bytes of a range of a direction out."""
    def change(s, c):
        result = []
        for packet in s:
            end = packet.offset + len(packet.data)
            if packet.side != side or not packet.data or end <= low or packet.offset >= high:
                result.append(packet)
                continue
            if packet.offset < low:
                result.append(packet.but(data=packet.data[:low - packet.offset]))
            if end > high:
                result.append(packet.but(offset=high, data=packet.data[high - packet.offset:]))
        return result
    return change


def add_transport(captures):
    for number, (change, required) in enumerate(HARMLESS):
        for extension in (None, KEEPS):
            c = Conversation(number, extension).talk().close()
            name = "tcp_" + change.__name__ + ("_deflate" if extension else "")
            captures.add(name, [(c, change(packets(c), c))], required)
    for number, (first, size) in enumerate([((MEGA - 1, MEGA - 1), 1448), ((MEGA - 700, MEGA - 300), 100), ((5, 6), 1)]):
        c = Conversation(number).talk().close()
        captures.add(f"tcp_sequence_{number}", [(c, packets(c, size, first=list(first)))])
    for near in (None, 0, 500, 60_000):
        for fin in (True, False):
            one, two = Conversation(1).talk(), Conversation(2).talk().close()
            s = packets(one, fin=fin)
            first = near is not None and [(s[0].first[side] + 1 + one.position[side] + near) % MEGA for side in (0, 1)]
            t = packets(two, first=first or None, time=s[-1].time + 1000)
            captures.add(f"tcp_port_reuse_{near}_{'fin' if fin else 'open'}", [(one, s), (two, t)])
    one, two = Conversation(3).talk(), Conversation(4).talk()
    s = packets(one, ends=(("127.0.0.1", 5000), ("127.0.0.1", 6000)))
    t = packets(two, ends=(("127.0.0.1", 5001), ("127.0.0.1", 5000)))
    captures.add("tcp_one_address", [(one, s), (two, t)], wire=Wire("null"))


def add_losses(captures):
    for extension in (None, BOTH_RESET, KEEPS):
        kind = "plain" if extension is None else "resets" if extension == BOTH_RESET else "keeps"
        # Of messages that may refer back to what is lost nothing is asked but that nothing false comes out.
        flags = {"messages_optional": True} if extension == KEEPS else {}
        for side in (0, 1):
            for where in ("header", "payload", "boundary", "whole", "head", "head_tail"):
                c = Conversation(len(where) + side, extension).talk().close()
                long = [m for m in c.messages[4:] if m["side"] == side and m["end"] - m["start"] > 40]
                m = long[len(long) // 2]
                low, high = {
                    "header": (m["start"], m["start"] + 2), "payload": (m["start"] + 20, m["start"] + 25),
                    "boundary": (m["end"] - 3, m["end"] + 2), "whole": (m["start"], m["end"]), "head": (10, 40),
                    "head_tail": (c.heads[side] - 20, c.heads[side])}[where]
                lost = flags | ({"midstream": True} if side == 0 and "head" in where else {})
                captures.add(f"gap_{where}_{SIDE_NAMES[side]}_{kind}", [(c, without(low, high, side)(packets(c), c))],
                             ["tcp.gap"], ["ws.resync", "ws.deflate-context-lost"], flags=lost)
        for start in (3, 9, 17):
            c = Conversation(start, extension).talk().close()
            s = packets(c)
            s = s[of(s, None, c)[start]:]
            captures.add(f"midstream_{start}_{kind}", [(c, s)], ["tcp.midstream"], ["tcp.gap", "ws.deflate-context-lost"],
                         flags=flags | {"midstream": True})
    for snap in (96, 200, 400):
        c = Conversation(snap).talk().close()
        captures.add(f"snaplen_{snap}", [(c, packets(c))], ["capture.snaplen"], ["tcp.gap", "ws.resync"], snap=snap,
                     flags={"midstream": True})


SIDE_NAMES = ["client", "server"]


def add_links(captures):
    for link in LINK_TYPES:
        for version in (4, 6):
            if (link, version) != ("mpls", 6):
                c = Conversation(len(link)).talk().close()
                captures.add(f"link_{link}_{version}", [(c, packets(c))], wire=Wire(link, version))
    c = Conversation(3).talk().close()
    captures.add("link_padding", [(c, packets(c))], wire=Wire(tail=b"\x82\x0e" + app(66, 0, b"")))
    captures.add("link_fcs", [(c, packets(c))], wire=Wire(tail=b"\x82\x0e\xfe\xef"),
                 pack=lambda records, link: pcap(records, link, check_length=2))
    captures.add("ip_options", [(c, packets(c))], wire=Wire(options=True))
    captures.add("ip_offload", [(c, packets(c, 30_000))], wire=Wire(offload=True))
    for version in (4, 6):
        for how in ("forwards", "backwards", "twice", "overlap", "lost"):
            c = Conversation(len(how)).talk((500, 3000)).close()
            required = {"overlap": ["ip.fragment-overlap"], "lost": ["ip.fragment-lost", "tcp.gap"]}.get(how, [])
            wire = Wire(version=version, fragment=how, extension=how != "forwards")
            captures.add(f"ip_fragments_{how}_{version}", [(c, packets(c))], required, ["ws.resync"], wire=wire)


def add_files(captures):
    c = Conversation(1).talk().close()
    s = packets(c)
    kinds = {
        "big": lambda r, l: pcap(r, l, ">"), "nano": lambda r, l: pcap(r, l, nano=True),
        "modified": lambda r, l: pcap(r, l, modified=True),
        "ng": pcapng, "ng_big": lambda r, l: pcapng(r, l, ">"), "ng_sections": lambda r, l: pcapng(r, l, "<><"),
        "ng_nano": lambda r, l: pcapng(r, l, resolution=9), "ng_binary": lambda r, l: pcapng(r, l, resolution=128 | 20),
        "ng_offset": lambda r, l: pcapng(r, l, offset=1_600_000_000), "ng_noise": lambda r, l: pcapng(r, l, "<>", noise=True),
        "gzip": lambda r, l: gzip.compress(pcap(r, l), mtime=0),
        "gzip_members": lambda r, l: b"".join(gzip.compress(part, mtime=0) for part in halves(pcapng(r, l))),
    }
    for name, pack in kinds.items():
        captures.add("file_" + name, [(c, s)], pack=pack)
    captures.add("file_simple_blocks", [(c, s)], pack=lambda r, l: pcapng(r, l, simple=True), flags={"no_time": True})
    some = s[:len(s) // 2]
    open_end = {"required": ["file.truncated"], "allowed": ["tcp.gap"], "exit": "partial"}
    captures.add("file_cut", [(c, some)], pack=lambda r, l: pcap(r, l) + bytes(9), **open_end)
    captures.add("file_ng_cut", [(c, some)], pack=lambda r, l: pcapng(r, l) + block("<", 6, bytes(80))[:40], **open_end)
    captures.add("file_gzip_cut", [(c, some)], pack=lambda r, l: gzip.compress(pcap(r, l), 0, mtime=0)[:-8], **open_end)
    captures.add("file_corrupt", [(c, some)], ["file.corrupt-record"], ["tcp.gap"], exit="partial",
                 pack=lambda r, l: pcap(r, l) + struct.pack("<IIII", 1, 1, 1 << 31, 60) + bytes(60))
    captures.add("file_empty", [], ["file.empty"], exit="error", pack=lambda r, l: b"")
    captures.add("file_text", [], ["file.bad-magic"], exit="error", pack=lambda r, l: b"no capture at all\n" * 9)
    rng, noisy = random.Random(8), []
    for packet in s:
        noisy += [(packet.time, frame, len(frame)) for frame in Wire().framed(packet)]
        junk = rng.choice([rng.randbytes(60), bytes(12) + b"\x08\x06" + bytes(46), bytes(12) + b"\x08\0\x45" + bytes(5)])
        noisy.append((packet.time, junk, len(junk)))
    captures.add("file_noise", [(c, s)], records=noisy)


def halves(data): return data[:len(data) // 3], data[len(data) // 3:]


def add_messages(captures):
    for fragments in ("random", "header", "empty"):
        for extension in (None, KEEPS, BOTH_RESET):
            c = Conversation(7, extension, fragments=fragments).talk().close()
            captures.add(f"ws_fragments_{fragments}_{'plain' if not extension else len(extension)}", [(c, packets(c))])
    for number, bits in enumerate([(8, 15), (15, 8), (9, 12), (15, 9)]):
        extension = f"{KEEPS}; client_max_window_bits={bits[0]}; server_max_window_bits={bits[1]}"
        c = Conversation(number, extension, bits).talk().close()
        captures.add(f"deflate_bits_{bits[0]}_{bits[1]}", [(c, packets(c))])
    for name in ("client_no_context_takeover", "server_no_context_takeover"):
        c = Conversation(5, f"{KEEPS}; {name}").talk(final=True).close()
        captures.add(f"deflate_{name}", [(c, packets(c))])
    for mib in (1, 8):
        c = Conversation(6, KEEPS)
        c.say(1, 90, 0, b"A" * (mib << 20))
        c.say(1, 91, 0, b"A" * 300)
        captures.add(f"deflate_bomb_{mib}", [(c, packets(c))], ["app.too-large"])
    faults = {
        "ws.unexpected-text": b"\x81\x02hi", "ws.reserved-opcode": b"\x83\x01x", "ws.bad-control": b"\x88\x01x",
        "ws.stray-continuation": b"\x80\x01x", "app.short": b"\x82\x03\xfe\xef\0", "app.bad-magic": b"\x82\x14" + b"n" * 20,
        "app.length-mismatch": b"\x82\x10" + app(5, 0, b"hi").replace(b"\x0a", b"\x63"),
        "ws.nonminimal-length": b"\x8a\x7e\0\x01x", "ws.masked-server": b"\x8a\x81abcdx", "ws.reserved-bits": b"\xaa\0",
    }
    for finding, data in faults.items():
        c = Conversation(9).talk()
        c.write(1, data)
        c.say(1, 77, 0, b"after")
        captures.add("fault_" + finding.replace(".", "_"), [(c, packets(c))], [finding])
    c = Conversation(9).talk().close()
    c.write(0, b"garbage behind the close frame")
    captures.add("fault_after_close", [(c, packets(c))], ["ws.data-after-close"], ["ws.protocol-error", "ws.resync"])
    c = Conversation(9, http=False)
    c.upgrade(accept="AAAAAAAAAAAAAAAAAAAAAAAAAAA=")
    captures.add("http_bad_accept", [(c.talk(), packets(c))], ["http.bad-accept"])
    c = Conversation(9, http=False)
    c.upgrade(status=403)
    captures.add("http_refused", [(c, packets(c))], ["http.upgrade-rejected"])
    c.upgrade()
    captures.add("http_refused_then_accepted", [(c.talk(), packets(c))], ["http.upgrade-rejected"])
    c = Conversation(9)
    c.say(0, 1, 2, b"never")
    c.say(1, 2, 99, b"a call of the server")
    c.say(0, 1, 4, b"once")
    c.say(1, 2, 4, b"an answer")
    c.say(1, 2, 4, b"a second answer")
    c.say(1, 2, 40, b"of nothing")
    captures.add("calls", [(c, packets(c))], ["rpc.unanswered", "rpc.duplicate-response", "rpc.orphan-response"])


def add_mixed(captures, count):
    """Two troubles at once, of those that cost nothing."""
    gentle = [twice, again_later, again_in_part, late, keep_alive, window_probe, syn_twice, fin_first]
    for seed in range(count):
        rng = random.Random(seed)
        c = Conversation(seed, rng.choice([None, KEEPS, BOTH_RESET]), fragments=rng.choice([None, "random"])).talk().close()
        s, names = packets(c, rng.choice([1448, 536])), []
        for change in rng.sample(gentle, 2):
            s, names = change(s, c), names + [change.__name__]
        wire = Wire(rng.choice(["ethernet", "vlan", "cooked", "null"]), rng.choice([4, 6]))
        captures.add(f"mixed_{seed}_{'_'.join(names)}", [(c, s)], wire=wire, pack=rng.choice([pcap, pcapng]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--inspect", default=str(ROOT / ".build/release/wireproof") + " inspect")
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--keep", type=pathlib.Path, help="where to leave the captures")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        captures = Collection(arguments.keep or pathlib.Path(temporary))
        for add in (add_transport, add_losses, add_links, add_files, add_messages):
            add(captures)
        add_mixed(captures, arguments.seeds)
        sys.exit(0 if captures.check(arguments.inspect) else 1)


if __name__ == "__main__":
    main()
