"""The serial numbers of a client, and its calls that wait for an answer (clause 13.2)."""

FIRST, LAST, STEP = 2, 0xFFFFFFFE, 2  # even numbers are the client's, odd ones the server's


def is_own(sn):
    """Whether a frame with this number is an answer to a client; with another one but 0 it is a request."""
    return sn != 0 and sn % 2 == 0


class Calls:
    def __init__(self, next_sn=FIRST):
        self.next_sn = next_sn
        self._waiting = {}

    def begin(self, waiting):
        """Keeps what waits, and gives it its number: never 0, never one that is still waiting."""
        while self.next_sn in self._waiting:
            self._step()
        sn = self.next_sn
        self._step()
        self._waiting[sn] = waiting
        return sn

    def _step(self):
        self.next_sn = FIRST if self.next_sn == LAST else self.next_sn + STEP

    def end(self, sn):
        """Takes out what waits for a number; None when nothing does."""
        return self._waiting.pop(sn, None)

    def end_all(self):
        waiting, self._waiting = list(self._waiting.values()), {}
        return waiting
