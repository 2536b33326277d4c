"""WebSocket messages and frames of the protocol, compressed, fragmented and wrong."""
from capture_forge import BOTH_RESET, KEEPS, Conversation, app, packets

KINDS = {None: "plain", KEEPS: "keeps", BOTH_RESET: "resets"}


def add_messages(captures):
    for fragments in ("random", "header", "empty"):
        for extension in (None, KEEPS, BOTH_RESET):
            c = Conversation(7, extension, fragments=fragments).talk().close()
            captures.add(f"ws_fragments_{fragments}_{KINDS[extension]}", [(c, packets(c))])
    for number, bits in enumerate([(8, 15), (15, 8), (9, 12), (15, 9)]):
        extension = f"{KEEPS}; client_max_window_bits={bits[0]}; server_max_window_bits={bits[1]}"
        c = Conversation(number, extension, bits).talk().close()
        captures.add(f"deflate_bits_{bits[0]}_{bits[1]}", [(c, packets(c))])
    for name in ("client_no_context_takeover", "server_no_context_takeover"):
        c = Conversation(5, f"{KEEPS}; {name}").talk(ending="final").close()
        captures.add(f"deflate_{name}", [(c, packets(c))])
    for ending in ("final", "final_bare", "tail_kept", "full", "twice"):
        c = Conversation(8, KEEPS).talk(ending=ending).close()
        captures.add(f"deflate_ending_{ending}", [(c, packets(c))])
    for bits in (8, 9, 10):
        # The window is larger than was agreed: what it reaches back to can be read all the same.
        c = Conversation(bits, f"{KEEPS}; server_max_window_bits={bits}").talk().close()
        captures.add(f"deflate_window_beyond_{bits}", [(c, packets(c))])
    c = Conversation(11, BOTH_RESET)
    c.resets = [False, False]
    captures.add("deflate_context_kept_against_the_agreement", [(c.talk().close(), packets(c))])
    for extension in (KEEPS, BOTH_RESET):
        c = Conversation(12, extension).talk()
        c.write(0, c.frame(0, 0xC2, b"\xff\xff\xff\xff garbage"))
        c.deflaters[0] = c.deflater(0)
        c.say(0, 40, 0, c.payload(200))
        c.say(0, 41, 0, c.payload(200))
        captures.add(f"deflate_broken_{'resets' if extension == BOTH_RESET else 'keeps'}", [(c.close(), packets(c))],
                     ["ws.inflate-error"], ["ws.deflate-context-lost"])
    for mib in (1, 8):
        c = Conversation(6, KEEPS)
        c.say(1, 90, 0, b"A" * (mib << 20))
        c.say(1, 91, 0, b"A" * 300)
        captures.add(f"deflate_bomb_{mib}", [(c, packets(c))], ["app.too-large"])
    add_faults(captures)


# The findings that a frame among others has to give, who sends it, and the frame.
FAULTS = [
    ("ws.unexpected-text", 1, b"\x81\x02hi"), ("ws.bad-utf8", 0, b"\x81\x82\0\0\0\0\xff\xfe"),
    ("ws.bad-utf8", 1, b"\x81\x02\xff\xfe"),
    ("ws.reserved-opcode", 1, b"\x83\x01x"), ("ws.bad-control", 1, b"\x88\x01x"), ("ws.bad-control", 0, b"\x09\x80abcd"),
    ("ws.stray-continuation", 1, b"\x80\x01x"), ("ws.bad-length", 1, b"\x82" + b"\xff" * 9 + b"abcd"),
    ("ws.nonminimal-length", 1, b"\x8a\x7e\0\x01x"), ("ws.masked-server", 1, b"\x8a\x81abcdx"),
    ("ws.unmasked-client", 0, b"\x8a\x01x"), ("ws.reserved-bits", 1, b"\xaa\0"),
    ("app.short", 1, b"\x82\x03\xfe\xef\0"), ("app.short", 0, b"\x82\x80abcd"), ("app.bad-magic", 1, b"\x82\x14" + b"n" * 20),
    ("app.length-mismatch", 1, b"\x82\x10" + app(5, 0, b"hi").replace(b"\x0a", b"\x63")),
    ("app.length-mismatch", 1, b"\x82\x10" + app(5, 0, b"hi").replace(b"\x0a", b"\x03")),
]


def add_faults(captures):
    for number, (finding, side, data) in enumerate(FAULTS):
        c = Conversation(9).talk(steps=3)
        c.write(side, data)
        c.say(side, 77, 0, b"after")
        c.say(1 - side, 78, 0, b"after it")
        captures.add(f"fault_{number}_{finding.replace('.', '_')}", [(c, packets(c))], [finding])
    c = Conversation(9).talk().close()
    c.write(0, b"garbage behind the close frame")
    captures.add("fault_after_close", [(c, packets(c))], ["ws.data-after-close"], ["ws.protocol-error", "ws.resync"])
