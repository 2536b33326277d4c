"""A connection with calls, queues and deadlines, in virtual time."""
from .protobuf import get_displacement, put_displacement
from .refusal import Refused

DISPLACEMENT_ID = 2147483647
OPEN, CLOSING, AWAITING_END, ENDED = "open", "closing", "awaiting the end", "ended"


class Connection:
    """One connection in virtual time. An event is a method `on_<event>`; what it brings is appended to `actions`."""

    def __init__(self, role, config):
        self.is_client = role == "client"
        self.first_sn = 2 if self.is_client else 3
        self.last_sn = 0xFFFFFFFE if self.is_client else 0xFFFFFFFF
        self.handlers = set(config.get("handlers", []))
        self.next_sn = config.get("nextSn", self.first_sn)
        self.read_wait = config.get("readWait")
        self.close_wait = config.get("closeWait", 1000)
        self.queue_limit = config.get("queueLimit")
        write_wait = config.get("writeWait")
        self.ping_interval = None if write_wait is None else max(1, write_wait * 4 // 10)
        self.now, self.state, self.queued, self.actions = 0, OPEN, 0, []
        self.pending = {}  # sn to name and deadline, in the order of the calls
        self.read_deadline, self.next_ping, self.close_deadline = self.read_wait, self.ping_interval, None

    def act(self, action, **members):
        self.actions.append({"at": self.now, "action": action, **members})

    # Time

    def timers(self):
        """Every running timer: its due time, its rank among those due at the same time, what it does."""
        running = [(deadline, 0, lambda sn=sn: self.fail(sn, "timeout"))
                   for sn, (_, deadline) in self.pending.items() if deadline is not None]
        if self.state == OPEN and self.read_deadline is not None:
            running.append((self.read_deadline, 1, lambda: self.fail_connection(1001)))
        if self.state in (CLOSING, AWAITING_END):
            running.append((self.close_deadline, 2, self.close_transport))
        if self.state == OPEN and self.next_ping is not None:
            running.append((self.next_ping, 3, self.ping))
        return running

    def advance(self, time):
        """Lets everything happen that is due by then."""
        while True:
            due = [timer for timer in self.timers() if timer[0] <= time]
            if not due:
                break
            self.now, _, fire = min(due, key=lambda timer: timer[:2])  # the first of equals: the earliest call
            fire()
        self.now = time

    def ping(self):
        self.act("sendPing", payload="")
        self.next_ping += self.ping_interval

    def heard_from_peer(self):
        if self.read_wait is not None:
            self.read_deadline = self.now + self.read_wait

    # Calls and messages of this side

    def refusal(self):
        """Why nothing can be sent now, or None."""
        if self.state != OPEN:
            return "stopped"
        if self.queue_limit is not None and self.queued >= self.queue_limit:
            return "queue-full"
        return None

    def send_frame(self, protocol_id, sn, payload):
        self.queued += 1
        self.act("sendFrame", protocolId=protocol_id, sn=sn, payload=payload)

    def take_sn(self):
        while self.next_sn in self.pending:
            self.step_sn()
        sn = self.next_sn
        self.step_sn()
        return sn

    def step_sn(self):
        self.next_sn = self.first_sn if self.next_sn == self.last_sn else self.next_sn + 2

    def fail(self, sn, error):
        name, _ = self.pending.pop(sn)
        self.act("failCall", call=name, error=error)

    def on_call(self, event):
        refusal = self.refusal()
        if refusal:
            self.act("failCall", call=event["call"], error=refusal)
            return
        sn, timeout = self.take_sn(), event.get("timeout")
        self.pending[sn] = (event["call"], None if timeout is None else self.now + timeout)
        self.send_frame(event["protocolId"], sn, event["payload"])

    def on_cancel(self, event):
        for sn, (name, _) in list(self.pending.items()):
            if name == event["call"]:
                self.fail(sn, "cancelled")

    def on_answer(self, event):
        refusal = self.refusal()
        if refusal:
            self.act("refuse", error=refusal)
        else:
            self.send_frame(event["protocolId"], event["sn"], event["payload"])

    def on_send(self, event):
        self.on_answer({**event, "sn": 0})

    def on_written(self, event):
        self.queued -= min(self.queued, event["frames"])

    def on_nextSn(self, event):
        self.next_sn = event["sn"]

    # What comes from the peer

    def on_receive(self, event):
        if self.state != OPEN:
            return
        if not event.get("fragmented", False):
            self.heard_from_peer()
        protocol_id, sn, payload = event["protocolId"], event["sn"], event["payload"]
        if protocol_id == DISPLACEMENT_ID:
            self.displacement(payload)
        elif protocol_id != 0:
            is_own = sn != 0 and sn % 2 == self.first_sn % 2
            if sn in self.pending:
                name, _ = self.pending.pop(sn)
                self.act("complete", call=name, protocolId=protocol_id, payload=payload)
            if protocol_id in self.handlers:
                kind = "message" if sn == 0 else "response" if is_own else "request"
                self.act("deliver", protocolId=protocol_id, sn=sn, payload=payload, kind=kind)

    def displacement(self, payload):
        if not self.is_client:
            return
        try:
            old_ip, new_ip, timestamp = get_displacement(bytes.fromhex(payload))
        except Refused:
            return
        self.act("displaced", oldIp=old_ip.hex(), newIp=new_ip.hex(), ts=str(timestamp))

    def on_messageStart(self, event):
        self.heard_from_peer()

    def on_fragment(self, event):
        pass

    def on_ping(self, event):
        if self.state == OPEN:
            self.heard_from_peer()
            self.act("sendPong", payload=event["payload"])

    def on_pong(self, event):
        self.heard_from_peer()

    # The end

    def leave_open(self, state):
        self.state = state
        for sn in list(self.pending):
            self.fail(sn, "closed")

    def close_transport(self):
        self.act("closeTransport")
        self.state = ENDED

    def fail_connection(self, code):
        self.act("sendClose", code=code)
        self.leave_open(CLOSING)
        self.close_transport()

    def on_close(self, event):
        if self.state == OPEN:
            self.act("sendClose", code=event["code"])
            self.leave_open(CLOSING)
            self.close_deadline = self.now + self.close_wait

    def on_peerClose(self, event):
        if self.state == CLOSING:
            self.close_transport()
        elif self.state == OPEN and not self.is_client:
            self.fail_connection(event["code"])
        elif self.state == OPEN:
            self.act("sendClose", code=event["code"])
            self.leave_open(AWAITING_END)
            self.close_deadline = self.now + self.close_wait

    def on_violation(self, event):
        if self.state == OPEN:
            self.fail_connection(event["closeCode"])
        elif self.state != ENDED:
            self.close_transport()

    def on_transportClosed(self, event):
        self.leave_open(ENDED)

    def on_displace(self, event):
        payload = put_displacement(bytes.fromhex(event["oldIp"]), bytes.fromhex(event["newIp"]), int(event["ts"]))
        self.make_room(payload.hex())

    def on_kick(self, event):
        self.make_room(None)

    def make_room(self, displacement):
        if self.is_client or self.state != OPEN:
            return
        if self.queued:
            self.act("discardQueue", frames=self.queued)
        if displacement is not None:
            self.act("sendFrame", protocolId=DISPLACEMENT_ID, sn=0, payload=displacement)
        self.fail_connection(None)

    def on_tick(self, event):
        pass


def rpc_timeline(asked):
    connection = Connection(asked["role"], asked.get("config", {}))
    for event in asked["events"]:
        connection.advance(event["at"])
        getattr(connection, "on_" + event["event"])(event)
    connection.advance(connection.now)
    return {"actions": connection.actions}
