"""What can go wrong: with bytes, and with calls."""


class ProtocolError(ValueError):
    """Bytes, or what is to become bytes, break the protocol.

    `code` names the fault as docs/operations.md does, `offset` is its place, where there is one, and `close_code` the code to
    fail the connection with (RFC 6455 section 7.4.1).
    """

    def __init__(self, code, offset=None, close_code=1002):
        super().__init__(code if offset is None else f"{code} at offset {offset}")
        self.code, self.offset, self.close_code = code, offset, close_code


class CallError(ConnectionError):
    """A call, or a message to send, that came to nothing; `code` says why.

    `timeout`: no answer in time. `closed`: the connection ended while it waited. `stopped`: there was no connection.
    """

    def __init__(self, code):
        super().__init__(code)
        self.code = code
