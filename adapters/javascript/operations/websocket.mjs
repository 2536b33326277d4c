// Frames of RFC 6455 (clause 11). A page in a browser never sees them; this is what a WebSocket of one's own has to do.
import { Refused, bytes, concat, hex, isUTF8 } from './codes.mjs';

const CONTINUATION = 0, TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10;
const NAMES = { [TEXT]: 'text', [BINARY]: 'binary', [PING]: 'ping', [PONG]: 'pong' };
const OPCODES = new Set([CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG]);
const MAX_MESSAGE_LENGTH = 524294;

export function closeCodeMayBeSent(code) {
    return code >= 1000 && code <= 1003 || code >= 1007 && code <= 1014 || code >= 3000 && code <= 4999;
}

function masked(payload, key) {
    return payload.map((byte, index) => byte ^ key[index % 4]);
}

export function wsEncode({ role, fin, rsv = 0, opcode, deflate = false, maskingKey, payload }) {
    const data = bytes(payload);
    const isControl = opcode >= CLOSE;
    if (!OPCODES.has(opcode)) throw new Refused('reserved-opcode');
    const compressible = deflate && (opcode === TEXT || opcode === BINARY);
    if (rsv & 3 || rsv & 4 && !compressible) throw new Refused('reserved-bits');
    if (isControl && !fin) throw new Refused('control-fragmented');
    if (isControl && data.length > 125) throw new Refused('control-too-long');
    if (opcode === CLOSE && data.length > 0) {
        if (data.length === 1) throw new Refused('close-length-one');
        if (!closeCodeMayBeSent(data[0] << 8 | data[1])) throw new Refused('close-code');
        if (!isUTF8(data.subarray(2))) throw new Refused('close-utf8');
    }
    const hasKey = maskingKey !== undefined && maskingKey !== null;
    if (hasKey !== (role === 'client') || hasKey && maskingKey.length !== 8) throw new Refused('masking-key');
    const head = [(fin ? 0x80 : 0) | rsv << 4 | opcode];
    const mask = hasKey ? 0x80 : 0;
    if (data.length <= 125) head.push(mask | data.length);
    else if (data.length <= 0xffff) head.push(mask | 126, data.length >> 8, data.length & 0xff);
    else {
        const length = new DataView(new ArrayBuffer(8));
        length.setBigUint64(0, BigInt(data.length));
        head.push(mask | 127, ...new Uint8Array(length.buffer));
    }
    const key = hasKey ? bytes(maskingKey) : null;
    return { bytes: hex(concat([Uint8Array.from(head), ...(key ? [key, masked(data, key)] : [data])])) };
}

class Violation {
    constructor(code, offset, closeCode = 1002) {
        Object.assign(this, { code, offset, closeCode });
    }
}

// RFC 3629, section 4: lead bytes, how many bytes follow, and the bounds of the first of them.
const LEADS = [
    [0xc2, 0xdf, 1, 0x80, 0xbf], [0xe0, 0xe0, 2, 0xa0, 0xbf], [0xe1, 0xec, 2, 0x80, 0xbf], [0xed, 0xed, 2, 0x80, 0x9f],
    [0xee, 0xef, 2, 0x80, 0xbf], [0xf0, 0xf0, 3, 0x90, 0xbf], [0xf1, 0xf3, 3, 0x80, 0xbf], [0xf4, 0xf4, 3, 0x80, 0x8f],
];

/** Follows a text from byte to byte and knows the first one that cannot go on. */
class UTF8Watch {
    missing = 0;
    #low = 0x80;
    #high = 0xbf;

    accepts(byte) {
        if (this.missing > 0) {
            const fits = byte >= this.#low && byte <= this.#high;
            [this.missing, this.#low, this.#high] = [this.missing - 1, 0x80, 0xbf];
            return fits;
        }
        if (byte < 0x80) return true;
        const lead = LEADS.find(([first, last]) => byte >= first && byte <= last);
        if (!lead) return false;
        [, , this.missing, this.#low, this.#high] = lead;
        return true;
    }
}

class Decoder {
    events = [];
    #at = 0;
    #message = null;
    #isClosed = false;

    constructor({ role, pieces, deflate = false, maxMessageLength = MAX_MESSAGE_LENGTH }) {
        this.data = concat(pieces.map(bytes));
        this.peerMasks = role === 'server';
        this.deflate = deflate;
        this.limit = maxMessageLength;
    }

    run() {
        while (!this.#isClosed && this.#frame());
    }

    /** Takes one frame; false when its end has not arrived. */
    #frame() {
        const { data, peerMasks } = this;
        const start = this.#at;
        if (start === data.length) return false;
        const fin = data[start] >= 0x80;
        const rsv = data[start] >> 4 & 7;
        const opcode = data[start] & 15;
        this.#checkFirstByte(start, fin, rsv, opcode);
        if (start + 1 === data.length) return false;
        const isMasked = data[start + 1] >= 0x80;
        let length = data[start + 1] & 127;
        let at = start + 2;
        if (isMasked && !peerMasks) throw new Violation('masked-server', start + 1);
        if (!isMasked && peerMasks) throw new Violation('unmasked-client', start + 1);
        if (opcode >= CLOSE && length > 125) throw new Violation('control-too-long', start + 1);
        if (length > 125) {
            const size = length === 126 ? 2 : 8;
            if (at + size > data.length) return false;
            const wide = data.subarray(at, at + size).reduce((sum, byte) => sum << 8n | BigInt(byte), 0n);
            if (wide <= (size === 2 ? 125n : 0xffffn)) throw new Violation('nonminimal-length', start + 1);
            if (wide >> 63n) throw new Violation('bad-length', at);
            length = Number(wide);
            at += size;
        }
        const before = this.#message?.length ?? 0;
        if (opcode < CLOSE && length + before > this.limit) throw new Violation('message-too-large', start, 1009);
        let key = null;
        if (isMasked) {
            if (at + 4 > data.length) return false;
            key = data.subarray(at, at + 4);
            at += 4;
        }
        const raw = data.subarray(at, Math.min(at + length, data.length));
        const payload = key ? masked(raw, key) : raw;
        const isComplete = payload.length === length;
        if (opcode < CLOSE) this.#fragment(fin, rsv, opcode, payload, at, isComplete);
        else if (isComplete) this.#control(opcode, payload, at);
        this.#at = at + length;
        return isComplete;
    }

    #checkFirstByte(start, fin, rsv, opcode) {
        const isControl = opcode >= CLOSE;
        const refuse = (code) => { throw new Violation(code, start); };
        if (rsv & 3 || rsv && !this.deflate) refuse('reserved-bits');
        if (!OPCODES.has(opcode)) refuse('reserved-opcode');
        if (rsv && isControl) refuse('control-compressed');
        if (isControl && !fin) refuse('control-fragmented');
        if (opcode === CONTINUATION && !this.#message) refuse('stray-continuation');
        if ((opcode === TEXT || opcode === BINARY) && this.#message) refuse('interleaved-message');
        if (opcode === CONTINUATION && rsv) refuse('continuation-compressed');
    }

    #control(opcode, payload, at) {
        if (opcode !== CLOSE) {
            this.events.push({ type: NAMES[opcode], payload: hex(payload) });
            return;
        }
        if (payload.length === 1) throw new Violation('close-length-one', at);
        const code = payload.length > 0 ? payload[0] << 8 | payload[1] : null;
        if (code !== null && !closeCodeMayBeSent(code)) throw new Violation('close-code', at);
        if (!isUTF8(payload.subarray(2))) throw new Violation('close-utf8', at, 1007);
        this.events.push({ type: 'close', code, reason: Buffer.from(payload.subarray(2)).toString('utf8') });
        this.#isClosed = true;
    }

    #fragment(fin, rsv, opcode, payload, at, isComplete) {
        if (opcode !== CONTINUATION) {
            const watch = opcode === TEXT && !rsv ? new UTF8Watch() : null;
            this.#message = { opcode, compressed: rsv !== 0, parts: [], length: 0, watch };
        }
        const message = this.#message;
        if (message.watch) {
            const bad = payload.findIndex((byte) => !message.watch.accepts(byte));
            if (bad >= 0) throw new Violation('text-utf8', at + bad, 1007);
            if (fin && isComplete && message.watch.missing > 0) throw new Violation('text-utf8', at + payload.length, 1007);
        }
        message.parts.push(payload);
        message.length += payload.length;
        if (!fin || !isComplete) return;
        this.events.push({
            type: 'message', opcode: NAMES[message.opcode], payload: hex(concat(message.parts)),
            compressed: message.compressed, fragments: message.parts.length,
        });
        this.#message = null;
    }
}

export function wsDecode(asked) {
    const decoder = new Decoder(asked);
    try {
        decoder.run();
    } catch (found) {
        if (!(found instanceof Violation)) throw found;
        return { events: decoder.events, violation: { ...found } };
    }
    return { events: decoder.events, violation: null };
}
