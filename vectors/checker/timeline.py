"""One connection in virtual time: rules 1 to 8 of rpc.timeline."""
from . import frame
from .fault import Fault

DISPLACEMENT = 0x7FFFFFFF
LAST = {"client": 0xFFFFFFFE, "server": 0xFFFFFFFF}
FIRST = {"client": 2, "server": 3}


class Connection:
    """The state of one connection; every method appends to `actions`."""

    def __init__(self, role, config):
        self.role, self.actions, self.now = role, [], 0
        self.handlers = set(config.get("handlers", []))
        self.next_sn = config.get("nextSn", FIRST[role])
        self.read_wait, self.close_wait = config.get("readWait"), config.get("closeWait", 1000)
        wait = config.get("writeWait")
        self.ping_period = wait * 2 // 5 if wait is not None else None
        self.queue_limit, self.queued = config.get("queueLimit"), 0
        self.state = "open"  # then "closing" (close sent, transport still there), then "ended"
        self.pending = {}  # sn: name of the call, its deadline; in the order of the calls
        self.read_deadline = self.read_wait
        self.next_ping = self.ping_period
        self.close_deadline = None
        self.peer_closed = False

    def act(self, action, **members):
        self.actions.append({"at": self.now, "action": action, **members})

    # Timers

    def timers(self):
        """Every running timer: due time, rank among those due at the same time, what fires."""
        for order, (sn, (_, due)) in enumerate(self.pending.items()):
            if due is not None:
                yield due, (0, order), lambda sn=sn: self.finish(sn, "timeout")
        if self.state == "open":
            if self.read_deadline is not None:
                yield self.read_deadline, (1, 0), self.read_passed
            if self.next_ping is not None:
                yield self.next_ping, (3, 0), self.ping
        if self.close_deadline is not None:
            yield self.close_deadline, (2, 0), self.end

    def advance(self, to):
        while True:
            due = [timer for timer in self.timers() if timer[0] <= to]
            if not due:
                break
            at, _, fire = min(due, key=lambda timer: timer[:2])
            self.now = at
            fire()
        self.now = to

    def ping(self):
        self.act("sendPing", payload="")
        self.next_ping += self.ping_period

    def read_passed(self):
        self.leave(1001)
        self.end()

    def restart_read(self):
        if self.read_wait is not None:
            self.read_deadline = self.now + self.read_wait

    # Ends

    def finish(self, sn, error):
        name, _ = self.pending.pop(sn)
        self.act("failCall", call=name, error=error)

    def leave(self, code):
        self.act("sendClose", code=code)
        self.stop()

    def stop(self):
        self.state = "closing"
        for sn in list(self.pending):
            self.finish(sn, "closed")

    def end(self):
        self.act("closeTransport")
        self.state, self.close_deadline = "ended", None

    # Sending

    def full(self):
        return self.queue_limit is not None and self.queued >= self.queue_limit

    def send_frame(self, protocol_id, sn, payload):
        self.queued += 1
        self.act("sendFrame", protocolId=protocol_id, sn=sn, payload=payload)

    def allocate(self):
        while True:
            sn = self.next_sn
            self.next_sn = FIRST[self.role] if sn == LAST[self.role] else sn + 2
            if sn not in self.pending:
                return sn

    def on_call(self, event):
        if self.state != "open":
            self.act("failCall", call=event["call"], error="stopped")
        elif self.full():
            self.act("failCall", call=event["call"], error="queue-full")
        else:
            sn, timeout = self.allocate(), event.get("timeout")
            self.pending[sn] = (event["call"], None if timeout is None else self.now + timeout)
            self.send_frame(event["protocolId"], sn, event["payload"])

    def on_cancel(self, event):
        for sn, (name, _) in self.pending.items():
            if name == event["call"]:
                return self.finish(sn, "cancelled")

    def on_send(self, event):
        if self.state != "open":
            self.act("refuse", error="stopped")
        elif self.full():
            self.act("refuse", error="queue-full")
        else:
            self.send_frame(event["protocolId"], event.get("sn", 0), event["payload"])

    on_answer = on_send

    def on_written(self, event):
        self.queued = max(0, self.queued - event["frames"])

    # Receiving

    def on_receive(self, event):
        if self.state != "open":
            return
        if not event.get("fragmented"):
            self.restart_read()
        protocol_id, sn = event["protocolId"], event["sn"]
        if protocol_id == 0:
            return
        if protocol_id == DISPLACEMENT:
            return self.receive_displacement(event["payload"])
        if sn and sn in self.pending:
            name, _ = self.pending.pop(sn)
            self.act("complete", call=name, protocolId=protocol_id, payload=event["payload"])
        if protocol_id in self.handlers:
            own = sn % 2 == FIRST[self.role] % 2
            kind = "message" if sn == 0 else "response" if own else "request"
            self.act("deliver", protocolId=protocol_id, sn=sn, payload=event["payload"], kind=kind)

    def receive_displacement(self, payload):
        if self.role == "client":
            try:
                old, new, timestamp = frame.read_displacement(bytes.fromhex(payload))
            except Fault:
                return
            self.act("displaced", oldIp=old.hex(), newIp=new.hex(), ts=str(timestamp))

    def on_messageStart(self, event):
        self.restart_read()

    def on_fragment(self, event):
        pass

    def on_ping(self, event):
        if self.state == "open":
            self.restart_read()
            self.act("sendPong", payload=event["payload"])

    def on_pong(self, event):
        self.restart_read()

    # Closing

    def on_close(self, event):
        if self.state == "open":
            self.leave(event["code"])
            self.close_deadline = self.now + self.close_wait

    def on_peerClose(self, event):
        if self.state == "closing" and not self.peer_closed:
            self.end()
        elif self.state == "open":
            self.peer_closed = True
            self.leave(event["code"])
            if self.role == "server":
                self.end()
            else:
                self.close_deadline = self.now + self.close_wait

    def on_violation(self, event):
        if self.state == "open":
            self.leave(event["closeCode"])
            self.end()
        elif self.state == "closing":
            self.end()

    def on_displace(self, event):
        self.put_out(event)

    def on_kick(self, event):
        self.put_out(None)

    def put_out(self, displacement):
        if self.role != "server" or self.state != "open":
            return
        if self.queued:
            self.act("discardQueue", frames=self.queued)
        if displacement:
            payload = frame.displacement(bytes.fromhex(displacement["oldIp"]), bytes.fromhex(displacement["newIp"]),
                                         int(displacement["ts"]))
            self.act("sendFrame", protocolId=DISPLACEMENT, sn=0, payload=payload.hex())
        self.leave(None)
        self.end()

    def on_transportClosed(self, event):
        if self.state != "ended":
            self.stop()
            self.state, self.close_deadline = "ended", None

    def on_nextSn(self, event):
        self.next_sn = event["sn"]

    def on_tick(self, event):
        pass


def run(asked):
    connection = Connection(asked["role"], asked.get("config", {}))
    for event in asked["events"]:
        connection.advance(event["at"])
        getattr(connection, "on_" + event["event"])(event)
    connection.advance(connection.now)
    return {"actions": connection.actions}
