"""Upgrade requests and their answers, as odd as HTTP allows, refused, and wrong."""
import base64
import hashlib

from capture_forge import Conversation, packets

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = base64.b64encode(hashlib.sha1((KEY + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
REQUEST = ("GET /ws?uid=u1001&typed=1 HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           f"Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n")
ANSWER = ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          f"Sec-WebSocket-Accept: {ACCEPT}\r\n\r\n")


def lowered(text, *kept):
    """A head in small letters, but for what is read as it stands."""
    small = text.lower()
    for word in kept:
        small = small.replace(word.lower(), word)
    return small


# A name, the request, the answer, and what has to be said.
UPGRADES = [
    ("lower", lowered(REQUEST, "GET", "HTTP/1.1", KEY), lowered(ANSWER, "HTTP/1.1", ACCEPT), []),
    ("line_feeds", REQUEST.replace("\r\n", "\n"), ANSWER.replace("\r\n", "\n"), []),
    ("folded", REQUEST.replace("Host: h", "Host: h\r\nX-A: 1\r\n  folded: yes"), ANSWER, []),
    ("interim", REQUEST, "HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n" + ANSWER, []),
    ("empty_lines", "\r\n\r\n" + REQUEST, ANSWER, []),
    ("absolute", REQUEST.replace("GET /ws", "GET http://h/ws"), ANSWER, []),
    ("large", REQUEST.replace("Host: h", "Host: h\r\nCookie: " + "a" * 60_000), ANSWER, []),
    ("empty_body", REQUEST.replace("\r\n\r\n", "\r\nContent-Length: 0\r\n\r\n"),
     ANSWER.replace("\r\n\r\n", "\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n"), []),
    ("other_requests", "GET /index HTTP/1.1\r\nHost: h\r\n\r\nHEAD /i HTTP/1.1\r\nHost: h\r\n\r\n"
     "POST /p HTTP/1.1\r\nContent-Length: 10\r\n\r\n\x82\x08\x7f\x7f123456" + REQUEST,
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n\x02\x03\x7f\x7fa\r\n0\r\nX: y\r\n\r\n"
     "HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\nHTTP/1.1 204 No\r\n\r\n" + ANSWER, []),
    ("bad_accept", REQUEST, ANSWER.replace(ACCEPT, "AAAAAAAAAAAAAAAAAAAAAAAAAAA="), ["http.bad-accept"]),
    ("no_accept", REQUEST, ANSWER.replace(f"Sec-WebSocket-Accept: {ACCEPT}\r\n", ""), ["http.bad-accept"]),
    ("unasked_extension", REQUEST,
     ANSWER.replace("\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"), ["http.bad-extension"]),
]


def refusal(status, body):
    return f"HTTP/1.1 {status} No\r\nContent-Length: {len(body)}\r\n\r\n{body}"


def conversation(seed, *exchanges):
    """Requests with their answers; the last is the upgrade."""
    c = Conversation(seed, http=False)
    for request, answer in exchanges:
        c.write(0, request.encode("latin-1"))
        c.write(1, answer.encode("latin-1"))
    c.heads = list(c.position)
    return c


def add_handshakes(captures):
    for number, (name, request, answer, required) in enumerate(UPGRADES):
        c = conversation(number, (request, answer)).talk().close()
        # An extension that was not asked for is followed by frames without it.
        captures.add("http_" + name, [(c, packets(c))], required)
    c = conversation(1, (REQUEST, ANSWER)).talk().close()
    captures.add("http_byte_by_byte", [(c, packets(c, 1))])
    c = conversation(2, (REQUEST, refusal(403, "FE EF")), (REQUEST, ANSWER)).talk().close()
    captures.add("http_refused_then_accepted", [(c, packets(c))], ["http.upgrade-rejected"])
    for status, body in ((400, "Bad Request"), (403, "nope"), (426, ""), (503, "HTTP/1.1 101 Switching")):
        c = conversation(3, (REQUEST, refusal(status, body)))
        captures.add(f"http_refused_{status}", [(c, packets(c))], ["http.upgrade-rejected"], forbidden=["http.no-response"])
    c = conversation(4, (REQUEST, ""))
    captures.add("http_no_answer", [(c, packets(c))], ["http.no-response"])
    add_early(captures)


def add_early(captures):
    """Frames behind the request, before its answer."""
    c = Conversation(5, http=False)
    c.write(0, REQUEST.encode())
    c.heads = [c.position[0], len(ANSWER)]
    c.say(0, 2, 2, b"early")
    c.say(0, 2, 4, b"early too")
    c.write(1, ANSWER.encode())
    c.say(1, 3, 2, b"one")
    c.say(1, 3, 4, b"two")
    captures.add("http_early_frames", [(c.close(), packets(c))])
