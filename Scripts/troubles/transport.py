"""Troubles of TCP that cost nothing: every message is still there."""
import random

from capture_forge import ACK, FIN, KEEPS, MEGA, PUSH, RST, Conversation, Wire, packets


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


def add_transport(captures):
    for number, (change, required) in enumerate(HARMLESS):
        for extension in (None, KEEPS):
            c = Conversation(number, extension).talk().close()
            name = "tcp_" + change.__name__ + ("_deflate" if extension else "")
            captures.add(name, [(c, change(packets(c), c))], required)
    for number, (first, size) in enumerate([((MEGA - 1, MEGA - 1), 1448), ((MEGA - 700, MEGA - 300), 100), ((5, 6), 1)]):
        c = Conversation(number).talk().close()
        captures.add(f"tcp_sequence_{number}", [(c, packets(c, size, first=list(first)))])
    for near in (None, -300, 0, 500, 60_000):
        for how in ("fin", "open", "reset"):
            # Swapped: who was the server connects to the port of who was the client.
            for swapped in (False, True):
                one, two = Conversation(1).talk(), Conversation(2).talk().close()
                ends = [("127.0.0.1", 40001), ("127.0.0.1", 40002)]
                s = packets(one, fin=how == "fin", ends=ends)
                if how == "reset":
                    s = reset_at_end(s, one)
                first = near is not None and [(s[0].first[side] + 1 + one.position[side] + near) % MEGA for side in (0, 1)]
                ends, first = (ends[::-1], first and first[::-1]) if swapped else (ends, first)
                t = packets(two, first=first or None, time=s[-1].time + 1000, ends=ends)
                captures.add(f"tcp_port_reuse_{near}_{how}{'_swapped' if swapped else ''}", [(one, s), (two, t)], wire=Wire("null"))
    one, two = Conversation(3).talk(), Conversation(4).talk()
    s = packets(one, ends=(("127.0.0.1", 5000), ("127.0.0.1", 6000)))
    t = packets(two, ends=(("127.0.0.1", 5001), ("127.0.0.1", 5000)))
    captures.add("tcp_one_address", [(one, s), (two, t)], wire=Wire("null"))
