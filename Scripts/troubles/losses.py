"""Captures that lack bytes: holes, a late start, packets that were cut."""
from capture_forge import BOTH_RESET, KEEPS, Conversation, packets

from .transport import of

SIDE_NAMES = ["client", "server"]


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


def add_losses(captures):
    for extension in (None, BOTH_RESET, KEEPS):
        kind = "plain" if extension is None else "resets" if extension == BOTH_RESET else "keeps"
        # Of messages that may refer back to what is lost nothing is asked but that nothing false comes out.
        flags = {"messages_optional": True} if extension == KEEPS else {}
        for side in (0, 1):
            places = [(where, None) for where in
                      ("header", "payload", "boundary", "whole", "two", "head", "head_tail", "head_whole")]
            # Of a fragmented message less is known.
            places += [(where, "random") for where in ("header", "payload", "boundary", "two")]
            for where, fragments in places:
                c = Conversation(len(where) + side, extension, fragments=fragments).talk().close()
                long = [m for m in c.messages[4:] if m["side"] == side and m["end"] - m["start"] > 40]
                m = long[len(long) // 2]
                low, high = {
                    "header": (m["start"], m["start"] + 2), "payload": (m["start"] + 20, m["start"] + 25),
                    "boundary": (m["end"] - 3, m["end"] + 2), "whole": (m["start"], m["end"]),
                    "two": (m["start"] + 9, m["end"] + 1), "head": (10, 40), "head_whole": (0, c.heads[side]),
                    "head_tail": (c.heads[side] - 20, c.heads[side])}[where]
                lost = flags | ({"midstream": True} if side == 0 and "head" in where else {})
                name = f"gap_{where}_{SIDE_NAMES[side]}_{kind}{'_fragments' if fragments else ''}"
                captures.add(name, [(c, without(low, high, side)(packets(c), c))],
                             ["tcp.gap"], ["ws.resync", "ws.deflate-context-lost"], flags=lost)
        for start in (3, 9, 17):
            c = Conversation(start, extension).talk().close()
            s = packets(c)
            s = s[of(s, None, c)[start]:]
            captures.add(f"midstream_{start}_{kind}", [(c, s)], ["tcp.midstream"], ["tcp.gap", "ws.deflate-context-lost"],
                         flags=flags | {"midstream": True})
    for snap in (68, 96, 128, 200, 400, 1000):
        c = Conversation(snap).talk().close()
        captures.add(f"snaplen_{snap}", [(c, packets(c))], ["capture.snaplen"], ["tcp.gap", "ws.resync"], snap=snap,
                     flags={"midstream": True})
