// The driver of a client under test: what the harnesses in this folder have in common.
//
// It reads frames of the protocol, makes calls, answers the server's, and does what the server asks for in band: a one-way
// message with id 20 holds an order in JSON, its report goes back with id 21. It needs nothing but Node 18, or a browser.
import { createHash } from 'node:crypto';

export const LIMIT = 524288;
const DISPLACEMENT = 0x7fffffff;

// What the connection has to be failed for, with this close code.
export class Malformed extends Error {
  constructor(reason, code = 1002) {
    super(reason);
    this.code = code;
  }
}

export function encode(protocolId, sn, payload) {
  const message = Buffer.alloc(14 + payload.length);
  message.writeUInt16BE(0xfeef, 0);
  message.writeUInt32LE(8 + payload.length, 2);
  message.writeUInt32LE(protocolId, 6);
  message.writeUInt32LE(sn, 10);
  message.set(payload, 14);
  return message;
}

export function decode(message) {
  if (message.length < 14 || message.readUInt16BE(0) !== 0xfeef) throw new Malformed('no frame');
  const length = message.readUInt32LE(2);
  if (length > LIMIT) throw new Malformed('the frame is too large', 1009);
  if (length < 8 || message.length !== 6 + length) throw new Malformed('the length of the frame is wrong');
  return { protocolId: message.readUInt32LE(6), sn: message.readUInt32LE(10), payload: message.subarray(14) };
}

// One for a client; it outlives its connections. attach and detach say which one there is.
export class Driver {
  held = [];
  reconnecting = null;
  displaced = false;
  finished = false;

  // A connection is open: send takes a message's bytes, close a code.
  attach(send, close) {
    Object.assign(this, { send, close, next: 2, pending: new Map() });
    for (const report of this.held.splice(0)) this.report(report);
    if (this.reconnecting !== null) this.report({ seq: this.reconnecting, ok: true });
    this.reconnecting = null;
  }

  // The connection has ended: every call fails, and is reported on the next one.
  detach() {
    this.send = this.close = null;
    for (const sn of [...this.pending.keys()]) this.finish(sn, null, 'closed');
  }

  // A binary message has come; throws Malformed.
  take(message) {
    const { protocolId, sn, payload } = decode(message);
    if (protocolId === DISPLACEMENT) {
      this.displaced = true;
      return;
    }
    if (this.pending.has(sn)) this.finish(sn, payload);
    if (protocolId === 7 && sn !== 0) this.send(encode(17, sn, payload));
    else if (protocolId === 20 && sn === 0) this.obey(payload);
  }

  obey(payload) {
    let order = null;
    try {
      order = JSON.parse(payload.toString());
      const { seq, do: action, id = 2, timeoutMs = 10000 } = order;
      let data = order.text === undefined ? Buffer.from(order.payload ?? '', 'hex') : Buffer.from(order.text);
      if (order.size !== undefined) data = Buffer.alloc(order.size, data.length ? data : 'a');
      if (action === 'call') {
        this.next = order.sn ?? this.next;
        this.call(seq, id, data, timeoutMs);
      } else if (action === 'send') {
        this.send(encode(id, 0, data));
        this.report({ seq, ok: true });
      } else if (action === 'close') {
        this.report({ seq, ok: true });
        this.finished = true;
        this.close(order.code ?? 1000);
      } else if (action === 'reconnect') {
        this.reconnecting = seq;
        this.close(order.code ?? 1000);
      } else {
        this.report({ seq, ok: false, error: 'unsupported' });
      }
    } catch (error) {
      this.report({ seq: order?.seq ?? 0, ok: false, error: 'malformed' });
    }
  }

  call(seq, id, data, timeoutMs) {
    const after = (sn) => (sn < 0xfffffffe ? sn + 2 : 2);
    while (this.pending.has(this.next)) this.next = after(this.next);
    const sn = this.next;
    this.next = after(sn);
    const timer = setTimeout(() => this.finish(sn, null, 'timeout'), timeoutMs);
    this.pending.set(sn, { seq, timer });
    this.send(encode(id, sn, data));
  }

  finish(sn, payload, error) {
    const { seq, timer } = this.pending.get(sn);
    this.pending.delete(sn);
    clearTimeout(timer);
    if (error) {
      this.report({ seq, ok: false, error, sn });
    } else if (payload.length > 1 << 17) {
      const sha256 = createHash('sha256').update(payload).digest('hex');
      this.report({ seq, ok: true, sn, length: payload.length, sha256 });
    } else {
      this.report({ seq, ok: true, sn, payload: payload.toString('hex') });
    }
  }

  report(value) {
    if (this.send) this.send(encode(21, 0, Buffer.from(JSON.stringify(value))));
    else this.held.push(value);
  }

  // Connects, and connects again a few times: later each time, and never after a displacement. `serve` resolves when a
  // connection has ended, to whether there was one.
  async run(serve) {
    for (let failures = 0; failures <= 3 && !this.displaced && !this.finished; failures += 1) {
      await serve(this);
      if (this.reconnecting !== null) failures = -1;
      else if (!this.displaced && !this.finished) await pause(500 * 2 ** failures * (1 + Math.random()));
    }
  }
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
