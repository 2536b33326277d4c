"""Captures for the page of `inspect`: one of 50,000 frames, and one of a peer that means harm."""
import pathlib
import random
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import capture_forge as forge  # noqa: E402

CONNECTIONS = 12
HOSTILE = [
    "</script><script>window.harmed = 1</script>", "<!--<script>", "--></noscript><img src=x onerror='window.harmed = 1'>",
    "]]><svg onload=window.harmed=1>", "\u202eright to left\u2066\u200f", "line\u2028end\u2029s", "\\u003cscript\\u003e \\n \\",
    "`${window.harmed = 1}`", "javascript:window.harmed=1", "Z\u0351\u034a\u0352a\u0316\u0317l\u0318g\u0319o\u031a" * 20,
    "\ufeff\u200b\u00ad\u061c", "&lt;b&gt;&amp;&quot;", '{"a":{"__proto__":{"harmed":1}},"n":12345678901234567890,"s":"<b>"}', "𝒳" * 300,
]


def write(path, packets):
    """A capture file of packets, each a time and its bytes, in the order of their times."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, forge.LINK_TYPES["raw"]))
        for time, packet in sorted(packets):
            file.write(struct.pack("<IIII", time // 10**9, time % 10**9, len(packet), len(packet)) + packet)


def segments(conversation, client, server, clock):
    """The packets of a conversation, one for each write; checksums are left to the network card. `clock` gives the time of the next."""
    ends, sent = [client, server], [1000, 5000]

    def segment(side, flags, data=b""):
        head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40 + len(data), 0, 0, 64, 6, 0, ends[side][0], ends[1 - side][0])
        head += struct.pack(">HHIIBBHHH", ends[side][1], ends[1 - side][1], sent[side], sent[1 - side], 0x50, flags, 65535, 0, 0)
        sent[side] += len(data) + (flags & (forge.SYN | forge.FIN) != 0)
        return next(clock), head + data

    yield segment(0, forge.SYN)
    yield segment(1, forge.SYN | forge.ACK)
    yield segment(0, forge.ACK)
    for side, data in conversation.writes:
        yield segment(side, forge.PUSH | forge.ACK, data)
    for side in (0, 1):
        yield segment(side, forge.FIN | forge.ACK)


def talk(number, frames, rng):
    """A conversation with calls of both sides in flight together, one-way messages and pings, and here and there a fault."""
    conversation = forge.Conversation(number, http=False)
    conversation.upgrade(uid=f"u{1000 + number}")
    open_calls, sn, said = [[], []], [2, 3], 0

    def payload():
        choice = rng.random()
        if choice < 0.5:
            return b'{"order":%d,"state":"%s","items":[1,2,3]}' % (rng.randrange(10**6), rng.choice([b"paid", b"open", b"sent"]))
        if choice < 0.8:
            return rng.choice(["price update", "你好，世界", "tick", "user joined the room"]).encode() + b" %d" % rng.randrange(1000)
        return rng.randbytes(rng.randrange(4, 200))

    while said < frames:
        side = 0 if rng.random() < 0.8 else 1
        choice = rng.random()
        if len(open_calls[side]) < 5 and choice < 0.45:
            conversation.say(side, 2 if side == 0 else 7, sn[side], payload())
            open_calls[side].append(sn[side])
            sn[side] += 2
        elif open_calls[side] and choice < 0.93:
            answered = open_calls[side].pop(rng.randrange(len(open_calls[side])))
            conversation.say(1 - side, 3 if side == 0 else 17, answered, payload())
        elif choice < 0.985:
            conversation.say(1, 11, 0, payload())
        else:
            for each in (0, 1):
                conversation.write(each, conversation.frame(each, 0x89 + each, b"ping"))
            continue
        said += 1
    if number % 4 == 1:
        conversation.write(0, conversation.frame(0, 0x82, b"\xfe\xee" + bytes(12)))
    return conversation.close()


def large(path, frames=50_000):
    """Writes a capture of so many frames on several connections, over some minutes."""
    rng = random.Random(17)
    packets = []

    def clock(time):
        while True:
            time += int(rng.lognormvariate(15.7, 1.7)) % 2_500_000_000
            yield time

    for number in range(CONNECTIONS):
        share = frames // CONNECTIONS + (number < frames % CONNECTIONS)
        packets += segments(talk(number, share, rng), (bytes([10, 0, number, 7]), 40000 + number), (bytes([10, 0, 0, 200]), 8003),
                            clock(forge.START + number * 3 * 10**9))
    write(path, packets)


def hostile(path):
    """Writes a capture of which every text would like to be more than a text."""
    conversation = forge.Conversation(1, http=False)
    conversation.upgrade(uid="%3C/script%3E%3Cimg%20src=x%20onerror=window.harmed=1%3E%E2%80%AE")
    for place, text in enumerate(HOSTILE):
        conversation.say(0, 2, 2 + 2 * place, text.encode())
        conversation.say(1, 3, 2 + 2 * place, text.encode())
    conversation.write(0, conversation.frame(0, 0x81, HOSTILE[0].encode()))
    conversation.write(1, conversation.frame(1, 0x89, HOSTILE[0].encode()))
    conversation.write(1, conversation.frame(1, 0x88, b"\x03\xe8" + HOSTILE[2].encode()))
    write(path, segments(conversation, (bytes([10, 0, 0, 1]), 40001), (bytes([10, 0, 0, 200]), 8080),
                         iter(range(forge.START, forge.START + 10**12, 300_000))))
