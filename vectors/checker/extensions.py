"""The grammar of Sec-WebSocket-Extensions, RFC 6455 section 9.1."""
from .fault import Fault

TOKEN = set(b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")


class Cursor:
    """A place in the header's value."""

    def __init__(self, text):
        self.raw, self.at = text.encode("latin-1", "replace"), 0

    def skip_space(self):
        while self.at < len(self.raw) and self.raw[self.at] in b" \t":
            self.at += 1

    def peek(self):
        return self.raw[self.at:self.at + 1]

    def token(self):
        start = self.at
        while self.at < len(self.raw) and self.raw[self.at] in TOKEN:
            self.at += 1
        if self.at == start:
            raise Fault("bad-grammar", start)
        return self.raw[start:self.at].decode()

    def value(self):
        """A token, plain or quoted; quoted, what is between the quotes must still be a token."""
        if self.peek() != b'"':
            return self.token()
        self.at += 1
        out = bytearray()
        while True:
            byte = self.peek()
            if byte == b'"':
                break
            if byte == b"\\":
                self.at += 1
                byte = self.peek()
            if not byte or byte[0] not in TOKEN:
                raise Fault("bad-grammar", self.at)
            out += byte
            self.at += 1
        if not out:
            raise Fault("bad-grammar", self.at)
        self.at += 1
        return out.decode()


def parse_list(text):
    """The extensions of a header value: pairs of a name and its parameters, pairs of a name and a value or None."""
    cursor, found = Cursor(text), []
    while True:
        cursor.skip_space()
        if cursor.peek() == b",":  # an empty element of the list
            cursor.at += 1
            continue
        if not cursor.peek() and found:
            return found
        found.append((cursor.token(), parameters(cursor)))
        if not cursor.peek():
            return found
        if cursor.peek() != b",":
            raise Fault("bad-grammar", cursor.at)
        cursor.at += 1


def parameters(cursor):
    found = []
    while True:
        cursor.skip_space()
        if cursor.peek() != b";":
            return found
        cursor.at += 1
        cursor.skip_space()
        name = cursor.token()
        cursor.skip_space()
        value = None
        if cursor.peek() == b"=":
            cursor.at += 1
            cursor.skip_space()
            value = cursor.value()
        found.append((name, value))
