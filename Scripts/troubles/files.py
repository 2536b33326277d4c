"""Kinds of capture files, and files that are damaged."""
import gzip
import random
import struct

from capture_forge import Conversation, Wire, block, packets, pcap, pcapng


def add_files(captures):
    c = Conversation(1).talk().close()
    s = packets(c)
    kinds = {
        "big": lambda r, l: pcap(r, l, ">"), "nano": lambda r, l: pcap(r, l, nano=True),
        "modified": lambda r, l: pcap(r, l, modified=True),
        "ng": pcapng, "ng_big": lambda r, l: pcapng(r, l, ">"), "ng_sections": lambda r, l: pcapng(r, l, "<><"),
        "ng_nano": lambda r, l: pcapng(r, l, resolution=9), "ng_binary": lambda r, l: pcapng(r, l, resolution=128 | 20),
        "ng_offset": lambda r, l: pcapng(r, l, offset=1_600_000_000), "ng_noise": lambda r, l: pcapng(r, l, "<>", noise=True),
        "ng_interfaces": lambda r, l: pcapng(r, l, "<>", interfaces=3), "ng_obsolete": lambda r, l: pcapng(r, l, obsolete=True),
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
    captures.add("file_gzip_junk", [(c, s)], exit="partial", pack=lambda r, l: gzip.compress(pcap(r, l), mtime=0) + b"junk")
    captures.add("file_gzip_text", [], ["file.bad-magic"], exit="error",
                 pack=lambda r, l: gzip.compress(b"no capture at all\n" * 9, mtime=0))
    captures.add("file_header_only", [], pack=lambda r, l: pcap([], l))
    captures.add("file_header_cut", [], exit="partial", pack=lambda r, l: pcap([], l)[:10])
    captures.add("file_empty", [], ["file.empty"], exit="error", pack=lambda r, l: b"")
    captures.add("file_text", [], ["file.bad-magic"], exit="error", pack=lambda r, l: b"no capture at all\n" * 9)
    rng, noisy = random.Random(8), []
    for packet in s:
        noisy += [(packet.time, frame, len(frame)) for frame in Wire().framed(packet)]
        junk = rng.choice([rng.randbytes(60), bytes(12) + b"\x08\x06" + bytes(46), bytes(12) + b"\x08\0\x45" + bytes(5)])
        noisy.append((packet.time, junk, len(junk)))
    captures.add("file_noise", [(c, s)], records=noisy)


def halves(data): return data[:len(data) // 3], data[len(data) // 3:]
