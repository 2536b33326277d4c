"""Several troubles at once, drawn from a seed."""
import gzip
import random

from capture_forge import BOTH_RESET, KEEPS, Conversation, Wire, packets, pcap, pcapng

from .losses import without
from .transport import (
    again_in_part, again_later, fin_first, keep_alive, late, no_sums, skewed, syn_missing, syn_twice, twice, window_probe,
)

# Those that cost nothing, whatever the others are.
GENTLE = [twice, again_later, again_in_part, late, keep_alive, window_probe, syn_twice, fin_first, no_sums, syn_missing]


def zipped(pack):
    def packed(records, link):
        data = pack(records, link)
        middle = len(data) // 3
        return gzip.compress(data[:middle], mtime=0) + gzip.compress(data[middle:], mtime=0)
    return packed


PACKS = [pcap, pcapng, zipped(pcap), zipped(pcapng), lambda r, l: pcapng(r, l, "<><", interfaces=3),
         lambda r, l: pcapng(r, l, ">", obsolete=True), lambda r, l: pcap(r, l, ">", nano=True)]


def add_mixed(captures, count):
    for seed in range(count):
        rng = random.Random(seed)
        extension = rng.choice([None, KEEPS, BOTH_RESET])
        c = Conversation(seed, extension, fragments=rng.choice([None, "random", "header"])).talk().close()
        s, names, required, allowed, flags = packets(c, rng.choice([1448, 536])), [], [], [], {}
        for change in rng.sample(GENTLE, 2):
            s, names = change(s, c), names + [change.__name__]
        if rng.random() < 0.2:
            s, names = skewed(s, c), names + ["skewed"]
        elif rng.random() < 0.3:
            lost = rng.choice([message for message in c.messages[4:] if message["end"] - message["start"] > 30])
            s = without(lost["start"] + 9, lost["start"] + 14, lost["side"])(s, c)
            names, required, allowed = names + ["hole"], ["tcp.gap"], ["ws.resync", "ws.deflate-context-lost"]
            flags = {"messages_optional": True} if extension == KEEPS else {}
        wire = Wire(rng.choice(["ethernet", "vlan", "cooked", "cooked2", "null", "raw", "ppp"]), rng.choice([4, 6]),
                    fragment=rng.choice([None, None, "forwards", "backwards", "twice"]))
        captures.add(f"mixed_{seed}_{'_'.join(names)}", [(c, s)], required, allowed, wire=wire, flags=flags,
                     pack=rng.choice(PACKS))
