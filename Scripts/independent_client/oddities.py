"""What a client may do and few do. Whatever is on here, no case may fail."""

active = set()

TABLE = """
slow-to-connect          connects half a second late
slow                     does everything 50 ms late
slow-now-and-then        every seventh thing half a second late
reads-one-byte           takes its input byte by byte
reads-little             has a receive buffer of 2 KiB
writes-each-byte         sends the first bytes of each frame one by one, as segments of their own
fragments-4096           splits its messages at 4,096 bytes
fragments-header         cuts the frame's header, with empty fragments around it
fragments-last-empty     ends each message with an empty fragment
pings-often              pings ten times a second
pongs-unasked            sends a pong in front of each message
pings-in-messages        pings between its fragments
pong-latest-only         answers the latest of several pings that wait
headers-lower            writes its header fields in lower case
headers-upper            writes them in capitals
headers-more             sends cookies, an Origin and fields that nobody knows
connection-list          asks for `keep-alive, Upgrade`
host-last                sends Host behind all other fields
offers-much              offers two subprotocols, and an extension that nobody knows
never-compresses         sends nothing compressed, whatever was negotiated
compresses-every-second  compresses every second message
compresses-stored        compresses with level 0
sn-from-1000             its first call has the serial number 1000
sn-random                takes any even number that is free
answers-late             answers calls after up to 100 ms, in any order
reports-verbose          writes its reports over several lines, with members that nobody asked for
hex-upper                writes hexadecimal digits in capitals
drops-malformed          drops a bad frame and keeps the connection
fails-without-close      fails a connection by ending TCP alone
fails-with-1002          fails a connection with 1002, whatever was wrong
fails-slowly             fails a connection half a second after it saw why
close-empty              sends close frames without a body
close-reason             sends close frames with 3000 and a reason of 123 bytes
close-echoed             answers a close frame with the same body
ends-without-waiting     ends TCP directly after its close frame
late-close-answer        answers a close frame after 200 ms
redials-never            does not connect again
redials-late             waits for three seconds before it connects again
"""

ODDITIES = dict(row.split(None, 1) for row in TABLE.strip().splitlines())


def odd(name):
    """Whether the client has this oddity."""
    assert name in ODDITIES, name
    return name in active
