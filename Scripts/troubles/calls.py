"""Calls: answered, not answered, answered twice, in flight both ways, acknowledged."""
from capture_forge import Conversation, packets


def add_calls(captures):
    c = Conversation(9)
    c.say(0, 1, 2, b"never")
    c.say(1, 2, 99, b"a call of the server")
    c.say(0, 1, 4, b"once")
    c.say(1, 2, 4, b"an answer")
    c.say(1, 2, 4, b"a second answer")
    c.say(1, 2, 40, b"of nothing")
    captures.add("calls", [(c, packets(c))], ["rpc.unanswered", "rpc.duplicate-response", "rpc.orphan-response"])
    c = Conversation(10)
    for turn in range(4):
        c.say(0, 2, 2, b"question %d" % turn)
        c.say(1, 3, 2, b"answer %d" % turn)
    for sn in (0xFFFFFFFC, 0xFFFFFFFE, 2):
        c.say(0, 2, sn, b"question")
        c.say(1, 3, sn, b"answer")
    captures.add("calls_numbers", [(c.close(), packets(c))], forbidden=["rpc.orphan-response", "rpc.unanswered"])
    c = Conversation(11)
    for turn in range(40):
        c.say(0, 2, 2 + 2 * turn, b"q%d" % turn)
        c.say(1, 4, 3 + 2 * turn, b"p%d" % turn)
    for turn in range(40):
        c.say(1, 3, 2 + 2 * turn, b"a%d" % turn)
        c.say(0, 5, 3 + 2 * turn, b"b%d" % turn)
    captures.add("calls_mutual", [(c.close(), packets(c))], forbidden=["rpc.orphan-response", "rpc.unanswered"])
    # As the C++ client: whatever it has a handler for is acknowledged with an empty frame of the same id and sn.
    c = Conversation(12)
    for turn in range(5):
        c.say(1, 50 + turn, 3 + 2 * turn, b"call")
        c.say(0, 50 + turn, 3 + 2 * turn, b"")
        c.say(0, 80 + turn, 0, b"x")
    c.say(0, 2, 2, b"ask")
    c.say(1, 3, 2, b"answer")
    c.say(0, 3, 2, b"")
    c.say(1, 9, 0, b"one-way")
    c.say(0, 9, 0, b"")
    captures.add("calls_acknowledged", [(c.close(), packets(c))],
                 forbidden=["rpc.orphan-response", "rpc.duplicate-response", "rpc.unanswered", "rpc.sn-reuse"])
