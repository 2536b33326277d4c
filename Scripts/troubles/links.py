"""Link layers, and IP packets in pieces and with options."""
import itertools

from capture_forge import LINK_TYPES, Conversation, Wire, app, packets, pcap


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
        c = Conversation(version).talk((300, 2000), steps=2).close()
        wire, s = Wire(version=version, fragment="forwards"), packets(c)
        captures.add(f"ip_fragments_interleaved_{version}", [(c, s)], wire=wire, records=interleaved(s, wire))
        for how in ("forwards", "backwards", "twice", "overlap", "lost"):
            c = Conversation(len(how)).talk((300, 2000), steps=2).close()
            required = {"overlap": ["ip.fragment-overlap"], "lost": ["ip.fragment-lost", "tcp.gap"]}.get(how, [])
            wire = Wire(version=version, fragment=how, extension=how != "forwards")
            captures.add(f"ip_fragments_{how}_{version}", [(c, packets(c))], required, ["ws.resync"], wire=wire)


def interleaved(segments, wire):
    """Records of segments where the pieces of two that follow each other come in turn."""
    groups = [[(packet.time, frame, len(frame)) for frame in wire.framed(packet)] for packet in segments]
    records, place = [], 0
    while place < len(groups):
        pair = groups[place:place + 2]
        if len(pair) == 2 and all(len(group) > 1 for group in pair):
            # The second segment's last piece is the last, at its time: each is whole when the truth says.
            first, second = pair
            turns = [record for two in itertools.zip_longest(first, second[:-1]) for record in two if record]
            records += [(first[0][0], *record[1:]) for record in turns] + [second[-1]]
            place += 2
        else:
            records += pair[0]
            place += 1
    return records
