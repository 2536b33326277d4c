package operations

import "example.org/wsclient/wsclient"

// One connection in virtual time (clauses 13 to 16), on the client's own table of calls.

type event struct {
	At         int64
	Event      string
	Call       string
	ProtocolID uint32
	SN         uint32
	Payload    Bytes
	Timeout    *int64
	Code       *int
	CloseCode  int
	Frames     int
	Fragmented bool
	OldIP      Bytes
	NewIP      Bytes
	TS         string
}

type state int

const (
	open state = iota
	closing
	awaitingEnd
	ended
)

type call struct {
	name     string
	deadline *int64
}

type timeline struct {
	isClient      bool
	handlers      map[uint32]bool
	calls         *wsclient.Calls[call]
	readWait      *int64
	pingInterval  int64
	closeWait     int64
	queueLimit    *int
	now           int64
	state         state
	queued        int
	readDeadline  int64
	nextPing      int64
	closeDeadline int64
	actions       []object
}

func rpcTimeline(input struct {
	Role   string
	Config struct {
		Handlers                       []uint32
		NextSN                         *uint32
		ReadWait, WriteWait, CloseWait *int64
		QueueLimit                     *int
	}
	Events []event
}) (any, error) {
	t := &timeline{
		isClient: input.Role == "client", handlers: map[uint32]bool{}, readWait: input.Config.ReadWait, queueLimit: input.Config.QueueLimit,
		closeWait: or(input.Config.CloseWait, 1000), readDeadline: or(input.Config.ReadWait, 0), actions: []object{},
	}
	if t.calls = wsclient.ServerCalls[call](); t.isClient {
		t.calls = wsclient.ClientCalls[call]()
	}
	for _, id := range input.Config.Handlers {
		t.handlers[id] = true
	}
	if input.Config.NextSN != nil {
		t.calls.SetNext(*input.Config.NextSN)
	}
	if wait := input.Config.WriteWait; wait != nil {
		if t.pingInterval = *wait * 4 / 10; t.pingInterval < 1 {
			t.pingInterval = 1
		}
		t.nextPing = t.pingInterval
	}
	for _, e := range input.Events {
		t.advance(e.At)
		t.take(e)
	}
	t.advance(t.now) // what is due at the very end, a limit of 0 for one
	return object{"actions": t.actions}, nil
}

func (t *timeline) act(action string, members object) {
	if members == nil {
		members = object{}
	}
	members["at"], members["action"] = t.now, action
	t.actions = append(t.actions, members)
}

// advance lets everything happen that is due by then, of one moment in the order that they are looked at here.
func (t *timeline) advance(time int64) {
	for {
		var fire func()
		due := time + 1
		consider := func(at int64, run func()) {
			if at < due {
				due, fire = at, run
			}
		}
		for _, sn := range t.calls.Waiting() {
			if deadline := t.calls.Get(sn).deadline; deadline != nil {
				sn := sn
				consider(*deadline, func() { t.failCall(sn, "timeout") })
			}
		}
		if t.state == open && t.readWait != nil {
			code := 1001
			consider(t.readDeadline, func() { t.fail(&code) })
		}
		if t.state == closing || t.state == awaitingEnd {
			consider(t.closeDeadline, t.closeTransport)
		}
		if t.state == open && t.pingInterval > 0 {
			consider(t.nextPing, t.ping)
		}
		if fire == nil {
			break
		}
		t.now = due
		fire()
	}
	t.now = time
}

func (t *timeline) ping() {
	t.act("sendPing", object{"payload": ""})
	t.nextPing += t.pingInterval
}

func (t *timeline) heard() {
	if t.readWait != nil {
		t.readDeadline = t.now + *t.readWait
	}
}

func (t *timeline) take(e event) {
	switch e.Event {
	case "call":
		t.call(e)
	case "cancel":
		for _, sn := range t.calls.Waiting() {
			if t.calls.Get(sn).name == e.Call {
				t.failCall(sn, "cancelled")
			}
		}
	case "send":
		t.send(e.ProtocolID, 0, e.Payload)
	case "answer":
		t.send(e.ProtocolID, e.SN, e.Payload)
	case "written":
		if t.queued -= e.Frames; t.queued < 0 {
			t.queued = 0
		}
	case "nextSn":
		t.calls.SetNext(e.SN)
	case "receive":
		t.receive(e)
	case "messageStart", "pong":
		t.heard()
	case "ping":
		if t.state == open {
			t.heard()
			t.act("sendPong", object{"payload": e.Payload})
		}
	case "close":
		if t.state == open {
			t.awaitEnd(e.Code, closing)
		}
	case "peerClose":
		t.peerClose(e.Code)
	case "violation":
		if t.state == open {
			t.fail(&e.CloseCode)
		} else if t.state != ended {
			t.closeTransport()
		}
	case "transportClosed":
		t.leaveOpen(ended)
	case "displace":
		payload, _ := encodeDisplacement(displacementInput{OldIP: e.OldIP, NewIP: e.NewIP, TS: e.TS})
		t.makeRoom(object{"protocolId": wsclient.DisplacementID, "sn": 0, "payload": Bytes(payload)})
	case "kick":
		t.makeRoom(nil)
	}
}

// refusal is why nothing can be sent now.
func (t *timeline) refusal() string {
	if t.state != open {
		return "stopped"
	}
	if t.queueLimit != nil && t.queued >= *t.queueLimit {
		return "queue-full"
	}
	return ""
}

func (t *timeline) sendFrame(protocolID, sn uint32, payload Bytes) {
	t.queued++
	t.act("sendFrame", object{"protocolId": protocolID, "sn": sn, "payload": payload})
}

func (t *timeline) send(protocolID, sn uint32, payload Bytes) {
	if refusal := t.refusal(); refusal != "" {
		t.act("refuse", object{"error": refusal})
		return
	}
	t.sendFrame(protocolID, sn, payload)
}

func (t *timeline) call(e event) {
	if refusal := t.refusal(); refusal != "" {
		t.act("failCall", object{"call": e.Call, "error": refusal})
		return
	}
	made := call{name: e.Call}
	if e.Timeout != nil {
		deadline := t.now + *e.Timeout
		made.deadline = &deadline
	}
	t.sendFrame(e.ProtocolID, t.calls.Begin(made), e.Payload)
}

func (t *timeline) failCall(sn uint32, reason string) {
	failed, _ := t.calls.End(sn)
	t.act("failCall", object{"call": failed.name, "error": reason})
}

func (t *timeline) receive(e event) {
	if t.state != open {
		return
	}
	if !e.Fragmented {
		t.heard()
	}
	if e.ProtocolID == wsclient.DisplacementID {
		if found, err := wsclient.DecodeDisplacement(e.Payload); err == nil && t.isClient {
			t.act("displaced", displacementObject(found))
		}
		return
	}
	if e.ProtocolID == 0 {
		return
	}
	if answered, ok := t.calls.End(e.SN); ok {
		t.act("complete", object{"call": answered.name, "protocolId": e.ProtocolID, "payload": e.Payload})
	}
	if !t.handlers[e.ProtocolID] {
		return
	}
	kind := "request"
	if e.SN == 0 {
		kind = "message"
	} else if t.calls.IsOwn(e.SN) {
		kind = "response"
	}
	t.act("deliver", object{"protocolId": e.ProtocolID, "sn": e.SN, "payload": e.Payload, "kind": kind})
}

func (t *timeline) leaveOpen(next state) {
	t.state = next
	for _, sn := range t.calls.Waiting() {
		t.failCall(sn, "closed")
	}
}

func (t *timeline) closeTransport() {
	t.act("closeTransport", nil)
	t.state = ended
}

func (t *timeline) sendClose(code *int) {
	if code == nil {
		t.act("sendClose", object{"code": nil})
		return
	}
	t.act("sendClose", object{"code": *code})
}

func (t *timeline) fail(code *int) {
	t.sendClose(code)
	t.leaveOpen(closing)
	t.closeTransport()
}

func (t *timeline) awaitEnd(code *int, next state) {
	t.sendClose(code)
	t.leaveOpen(next)
	t.closeDeadline = t.now + t.closeWait
}

func (t *timeline) peerClose(code *int) {
	switch {
	case t.state == closing:
		t.closeTransport()
	case t.state == open && t.isClient:
		t.awaitEnd(code, awaitingEnd)
	case t.state == open:
		t.fail(code)
	}
}

// makeRoom ends a connection for another one; nil is a kick, which tells nothing.
func (t *timeline) makeRoom(displacement object) {
	if t.isClient || t.state != open {
		return
	}
	if t.queued > 0 {
		t.act("discardQueue", object{"frames": t.queued})
	}
	if displacement != nil {
		t.act("sendFrame", displacement)
	}
	t.fail(nil)
}
