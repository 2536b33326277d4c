"""What an operation raises instead of an output."""


class Fault(Exception):
    """An error answer: its code and, where the operation defines them, the offset or the index at fault."""

    def __init__(self, code, offset=None, index=None):
        super().__init__(code)
        self.code, self.offset, self.index = code, offset, index
