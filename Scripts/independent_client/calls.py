"""The client's own calls: their serial numbers, and which of them an answer belongs to."""
import asyncio
import random

from .faults import on
from .oddities import odd

LAST = 0xFFFFFFFE


class Calls:
    def __init__(self, first=2):
        self.next = first + 1 if on("sn-odd") else 1000 if odd("sn-from-1000") else first
        self.pending, self.requested, self.timed_out, self.answered, self.wrapped = {}, {}, set(), set(), False

    def begin(self, request):
        """A serial number, and a future for the answer's payload."""
        if on("sn-again-when-an-earlier-call-ended"):
            sn = 2 * (len(self.pending) + 1)
        elif odd("sn-random"):
            sn = 0
            while sn == 0 or sn in self.pending:
                sn = random.randrange(2, 1 << 32, 2)
        else:
            sn = self._following()
            while sn in self.pending and not on("sn-pending-taken-when-wrapped"):
                sn = self._following()
        future = asyncio.get_running_loop().create_future()
        self.pending[sn], self.requested[sn] = future, request
        if on("call-lost-when-64-pend") and len(self.pending) == 64:
            self.pending[next(iter(self.pending))] = asyncio.get_running_loop().create_future()
        return sn, future

    def _following(self):
        sn = self.next
        self.next += 4 if on("sn-steps-by-4") else 2
        if self.next > LAST + (1 if on("sn-odd") else 0):
            self.wrapped = True
            self.next = 0 if on("sn-zero-at-the-wrap") else 3 if on("sn-odd-after-the-wrap") else 2
        return sn

    def complete(self, protocol_id, sn, payload):
        """Whether the frame is the answer of a call that waits."""
        if on("answers-paired-by-id"):
            sn = next((each for each in self.pending if self.requested[each] + 1 == protocol_id), None) if sn else None
        elif on("answers-paired-by-order") and sn in self.pending:
            sn = next(iter(self.pending))
        elif on("server-call-completes-own-when-near") and sn % 2 and sn - 1 in self.pending:
            sn -= 1
        elif sn not in self.pending and sn and sn % 2 == 0:
            if on("answer-second-to-another-when-one-pends") and sn in self.answered and self.pending:
                sn = next(iter(self.pending))
            if on("answer-late-to-another-when-one-pends") and sn in self.timed_out and self.pending:
                sn = next(iter(self.pending))
        future = self.pending.pop(sn, None)
        if future is None:
            return False
        self.answered.add(sn)
        if not future.done():
            future.set_result((protocol_id, payload))
        return True

    def give_up(self, sn, future):
        """A call whose time is over."""
        if self.pending.get(sn) is future:
            del self.pending[sn]
        self.timed_out.add(sn)

    def close(self):
        """Every call that waits fails."""
        if on("pending-kept-when-closed"):
            return
        for future in self.pending.values():
            if not future.done():
                future.set_exception(ConnectionError("closed"))
        self.pending.clear()
