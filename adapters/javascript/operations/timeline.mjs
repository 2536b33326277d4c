// One connection in virtual time (clauses 13 to 16), on the client's own table of calls.
import { Calls, DISPLACEMENT, decodeDisplacement } from '../client.mjs';
import { bytes, hex } from './codes.mjs';
import { encodeDisplacement } from './frames.mjs';

const OPEN = 'open', CLOSING = 'closing', AWAITING_END = 'awaiting the end', ENDED = 'ended';

class Connection {
    actions = [];
    #now = 0;
    #state = OPEN;
    #queued = 0;

    constructor(role, config) {
        this.isClient = role === 'client';
        this.calls = new Calls(role, config.nextSn);
        this.handlers = new Set(config.handlers);
        this.readWait = config.readWait ?? null;
        this.closeWait = config.closeWait ?? 1000;
        this.queueLimit = config.queueLimit ?? null;
        const writeWait = config.writeWait ?? null;
        this.pingInterval = writeWait === null ? null : Math.max(1, Math.floor(writeWait * 4 / 10));
        this.readDeadline = this.readWait;
        this.nextPing = this.pingInterval;
        this.closeDeadline = null;
    }

    #act(action, members = {}) {
        this.actions.push({ at: this.#now, action, ...members });
    }

    // Time

    /** Every timer that runs, those of one moment in their order: [due, what it does]. */
    #timers() {
        const running = this.calls.waiting().filter(([, call]) => call.deadline !== null)
            .map(([sn, call]) => [call.deadline, () => this.#failCall(sn, 'timeout')]);
        const isOpen = this.#state === OPEN;
        if (isOpen && this.readDeadline !== null) running.push([this.readDeadline, () => this.#fail(1001)]);
        if (this.#state === CLOSING || this.#state === AWAITING_END) running.push([this.closeDeadline, () => this.#closeTransport()]);
        if (isOpen && this.nextPing !== null) running.push([this.nextPing, () => this.#ping()]);
        return running;
    }

    /** Lets everything happen that is due by then. */
    advance(time) {
        for (;;) {
            const due = this.#timers().filter(([at]) => at <= time);
            if (due.length === 0) break;
            const [at, fire] = due.reduce((first, timer) => (timer[0] < first[0] ? timer : first));
            this.#now = at;
            fire();
        }
        this.#now = time;
    }

    #ping() {
        this.#act('sendPing', { payload: '' });
        this.nextPing += this.pingInterval;
    }

    #heardFromPeer() {
        if (this.readWait !== null) this.readDeadline = this.#now + this.readWait;
    }

    // Calls and messages of this side

    /** Why nothing can be sent now, or null. */
    #refusal() {
        if (this.#state !== OPEN) return 'stopped';
        return this.queueLimit !== null && this.#queued >= this.queueLimit ? 'queue-full' : null;
    }

    #sendFrame(protocolId, sn, payload) {
        this.#queued += 1;
        this.#act('sendFrame', { protocolId, sn, payload });
    }

    #failCall(sn, error) {
        this.#act('failCall', { call: this.calls.end(sn).name, error });
    }

    call({ call, protocolId, payload, timeout }) {
        const refusal = this.#refusal();
        if (refusal) return this.#act('failCall', { call, error: refusal });
        const deadline = timeout === null || timeout === undefined ? null : this.#now + timeout;
        this.#sendFrame(protocolId, this.calls.begin({ name: call, deadline }), payload);
    }

    cancel({ call }) {
        for (const [sn, { name }] of this.calls.waiting()) if (name === call) this.#failCall(sn, 'cancelled');
    }

    answer({ protocolId, sn, payload }) {
        const refusal = this.#refusal();
        if (refusal) this.#act('refuse', { error: refusal });
        else this.#sendFrame(protocolId, sn, payload);
    }

    send(event) {
        this.answer({ ...event, sn: 0 });
    }

    written({ frames }) {
        this.#queued -= Math.min(this.#queued, frames);
    }

    nextSn({ sn }) {
        this.calls.next = sn;
    }

    // What comes from the peer

    receive({ protocolId, sn, payload, fragmented = false }) {
        if (this.#state !== OPEN) return;
        if (!fragmented) this.#heardFromPeer();
        if (protocolId === DISPLACEMENT) return this.#displacement(payload);
        if (protocolId === 0) return;
        const call = this.calls.end(sn);
        if (call) this.#act('complete', { call: call.name, protocolId, payload });
        if (!this.handlers.has(protocolId)) return;
        const kind = sn === 0 ? 'message' : this.calls.isOwn(sn) ? 'response' : 'request';
        this.#act('deliver', { protocolId, sn, payload, kind });
    }

    #displacement(payload) {
        if (!this.isClient) return;
        let found;
        try {
            found = decodeDisplacement(bytes(payload));
        } catch {
            return;
        }
        this.#act('displaced', { oldIp: hex(found.oldIp), newIp: hex(found.newIp), ts: String(found.ts) });
    }

    messageStart() {
        this.#heardFromPeer();
    }

    fragment() {}

    ping({ payload }) {
        if (this.#state !== OPEN) return;
        this.#heardFromPeer();
        this.#act('sendPong', { payload });
    }

    pong() {
        this.#heardFromPeer();
    }

    // The end

    #leaveOpen(state) {
        this.#state = state;
        for (const [sn] of this.calls.waiting()) this.#failCall(sn, 'closed');
    }

    #closeTransport() {
        this.#act('closeTransport');
        this.#state = ENDED;
    }

    #fail(code) {
        this.#act('sendClose', { code });
        this.#leaveOpen(CLOSING);
        this.#closeTransport();
    }

    #awaitEnd(code, state) {
        this.#act('sendClose', { code });
        this.#leaveOpen(state);
        this.closeDeadline = this.#now + this.closeWait;
    }

    close({ code }) {
        if (this.#state === OPEN) this.#awaitEnd(code, CLOSING);
    }

    peerClose({ code }) {
        if (this.#state === CLOSING) this.#closeTransport();
        else if (this.#state === OPEN && this.isClient) this.#awaitEnd(code, AWAITING_END);
        else if (this.#state === OPEN) this.#fail(code);
    }

    violation({ closeCode }) {
        if (this.#state === OPEN) this.#fail(closeCode);
        else if (this.#state !== ENDED) this.#closeTransport();
    }

    transportClosed() {
        this.#leaveOpen(ENDED);
    }

    displace({ oldIp, newIp, ts }) {
        this.#makeRoom(hex(encodeDisplacement(bytes(oldIp), bytes(newIp), BigInt(ts))));
    }

    kick() {
        this.#makeRoom(null);
    }

    #makeRoom(displacement) {
        if (this.isClient || this.#state !== OPEN) return;
        if (this.#queued > 0) this.#act('discardQueue', { frames: this.#queued });
        if (displacement !== null) this.#act('sendFrame', { protocolId: DISPLACEMENT, sn: 0, payload: displacement });
        this.#fail(null);
    }

    tick() {}
}

const EVENTS = new Set(['call', 'cancel', 'answer', 'send', 'written', 'nextSn', 'receive', 'messageStart', 'fragment', 'ping', 'pong',
    'close', 'peerClose', 'violation', 'transportClosed', 'displace', 'kick', 'tick']);

export function rpcTimeline({ role, config = {}, events }) {
    const connection = new Connection(role, config);
    for (const event of events) {
        if (!EVENTS.has(event.event)) throw new Error(`no event ${event.event}`);
        connection.advance(event.at);
        connection[event.event](event);
    }
    connection.advance(events.at(-1)?.at ?? 0); // what is due at the very end, a limit of 0 for one
    return { actions: connection.actions };
}
