"""How an operation says that it refuses."""


class Refused(Exception):
    """The input, or what is asked for, breaks the specification: an error code, and where."""

    def __init__(self, code, offset=None, index=None):
        super().__init__(code)
        self.code, self.offset, self.index = code, offset, index
