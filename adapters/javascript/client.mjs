// The binary protocol of goutils/ws over WebSocket: codec and client in one ES module without dependencies, for browsers
// and Node 20. The numbers in comments are clauses of docs/specification.md.

/** Limit of the field `length`, payload and 8 bytes (4.4). */
export const MAX_FRAME_LENGTH = 524288;
/** The protocolId that tells a client that another connection has taken its place (14.2). */
export const DISPLACEMENT = 0x7fffffff;
/** Codes of charsets in metadata (9.1). */
export const UTF8 = 0, GBK = 1;

const HEADER_LENGTH = 14; // magic 2, length 4, protocolId 4, sn 4
const COUNTED_LENGTH = 8; // protocolId and sn, which `length` counts with the payload
const LARGEST_TIMEOUT = 0x7fffffff; // of setTimeout; a longer one would fire at once

/**
 * What went wrong. `code` is one of `timeout`, `cancelled`, `closed`, `stopped` of calls, `unencodable`, `malformed` of texts,
 * or what was wrong about a frame: `empty`, `bad-magic`, `short`, `length-too-small`, `too-large`, `trailing-bytes`, `text`,
 * `bad-protobuf`. `offset` is the place in bytes (in characters for `unencodable`), where there is one.
 */
export class WsError extends Error {
    constructor(code, offset, message = offset === undefined ? code : `${code} at offset ${offset}`) {
        super(message);
        this.name = 'WsError';
        this.code = code;
        this.offset = offset;
    }
}

// ------------------------------------------------------------------------------------------------------------- frames

/**
 * One frame as the WebSocket message that carries it.
 * @param {number} protocolId 0 to 2^32 - 1
 * @param {number} sn 0 for a one-way message
 * @param {Uint8Array} payload
 * @returns {Uint8Array}
 */
export function encodeFrame(protocolId, sn, payload, maxFrameLength = MAX_FRAME_LENGTH) {
    const length = COUNTED_LENGTH + payload.length;
    if (!isUint32(protocolId)) throw new WsError('protocol-id-out-of-range');
    if (length > maxFrameLength) throw new WsError('too-large');
    const message = new Uint8Array(HEADER_LENGTH + payload.length);
    const view = new DataView(message.buffer);
    view.setUint16(0, 0xfeef);
    view.setUint32(2, length, true);
    view.setUint32(6, protocolId, true);
    view.setUint32(10, sn, true);
    message.set(payload, HEADER_LENGTH);
    return message;
}

/**
 * Takes a WebSocket message apart.
 * @param {Uint8Array} message
 * @returns {{protocolId: number, sn: number, length: number, payload: Uint8Array}} the payload is a view of the message
 */
export function decodeFrame(message, maxFrameLength = MAX_FRAME_LENGTH) {
    if (message.length === 0) throw new WsError('empty', 0);
    if (message[0] !== 0xfe) throw new WsError('bad-magic', 0);
    if (message.length > 1 && message[1] !== 0xef) throw new WsError('bad-magic', 1);
    if (message.length < 6) throw new WsError('short', message.length);
    const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
    const length = view.getUint32(2, true);
    if (length < COUNTED_LENGTH) throw new WsError('length-too-small', 2);
    if (length > maxFrameLength) throw new WsError('too-large', 2);
    const end = 6 + length;
    if (message.length < end) throw new WsError('short', message.length);
    if (message.length > end) throw new WsError('trailing-bytes', end);
    return {
        protocolId: view.getUint32(6, true), sn: view.getUint32(10, true), length,
        payload: message.subarray(HEADER_LENGTH, end),
    };
}

function isUint32(number) {
    return Number.isInteger(number) && number >= 0 && number <= 0xffffffff;
}

// ------------------------------------------------------------------------------- protobuf, as far as displacements need it

const DEEPEST_GROUP = 32;

/** The fields of a protobuf message as `[number, wireType, value]`; a value is a bigint, bytes, or null for a group. */
export function* protobufFields(bytes, base = 0) {
    let at = 0;
    let fieldStart = 0;
    const refuse = () => { throw new WsError('bad-protobuf', base + fieldStart); };
    const varint = () => {
        let number = 0n;
        for (let count = 0n; count < 10n; count += 1n) {
            if (at === bytes.length) refuse();
            const byte = bytes[at++];
            if (count === 9n && byte > 1) refuse();
            number |= BigInt(byte & 0x7f) << (7n * count);
            if (byte < 0x80) return number;
        }
        return refuse();
    };
    const take = (size) => {
        if (size > BigInt(bytes.length - at)) refuse();
        at += Number(size);
        return bytes.subarray(at - Number(size), at);
    };
    const tag = () => {
        fieldStart = at;
        const value = varint();
        if (value > 0xffffffffn || value >> 3n === 0n) refuse();
        return [Number(value >> 3n), Number(value & 7n)];
    };
    const value = (number, wireType, depth) => {
        switch (wireType) {
        case 0: return varint();
        case 1: return take(8n);
        case 2: return take(varint());
        case 3: return skipGroup(number, depth + 1);
        case 5: return take(4n);
        default: return refuse(); // 4 ends a group that never began; 6 and 7 do not exist
        }
    };
    const skipGroup = (number, depth) => {
        const start = fieldStart;
        if (depth > DEEPEST_GROUP) refuse();
        while (at < bytes.length) {
            const [inner, wireType] = tag();
            if (wireType === 4) {
                if (inner !== number) refuse();
                return null;
            }
            value(inner, wireType, depth);
        }
        fieldStart = start; // the group has no end
        return refuse();
    };
    while (at < bytes.length) {
        const [number, wireType] = tag();
        yield [number, wireType, value(number, wireType, 0)];
    }
}

/**
 * The payload of a displacement: P_DISPLACE { bytes old_ip = 1; bytes new_ip = 2; int64 ts = 3; }.
 * @param {Uint8Array} payload
 * @returns {{oldIp: Uint8Array, newIp: Uint8Array, ts: bigint}} ts in nanoseconds since 1970
 */
export function decodeDisplacement(payload) {
    const found = { oldIp: new Uint8Array(), newIp: new Uint8Array(), ts: 0n };
    for (const [number, wireType, value] of protobufFields(payload)) {
        if (number === 1 && wireType === 2) found.oldIp = value;
        if (number === 2 && wireType === 2) found.newIp = value;
        if (number === 3 && wireType === 0) found.ts = BigInt.asIntN(64, value);
    }
    return found;
}

// ------------------------------------------------------------------------------------------------------------ charset

// Pairs that decoders of today know and the table of clause 9.3 does not: GB 18030 moved these characters out of the
// private-use area after that table was made.
const NOT_IN_TABLE = new Set([0x1e3f, 0x9fb4, 0x9fb5, 0x9fb6, 0x9fb7, 0x9fb8, 0x9fb9, 0x9fba, 0x9fbb]);

function isInTable(codePoint) {
    return !(codePoint >= 0xe000 && codePoint <= 0xf8ff) && !(codePoint >= 0xfe10 && codePoint <= 0xfe19)
        && !NOT_IN_TABLE.has(codePoint);
}

let gbkTables; // made when first needed

function gbk() {
    if (gbkTables) return gbkTables;
    const decoder = new TextDecoder('gb18030');
    const characters = new Map();
    const pairs = new Map();
    for (let lead = 0x81; lead <= 0xfe; lead += 1) {
        for (let trail = 0x40; trail <= 0xfe; trail += 1) {
            if (trail === 0x7f) continue;
            const character = decoder.decode(Uint8Array.of(lead, trail));
            if (character.length !== 1 || character === '\ufffd' || !isInTable(character.charCodeAt(0))) continue;
            characters.set(lead << 8 | trail, character);
            // Where two pairs are one character the lower is written.
            if (!pairs.has(character)) pairs.set(character, lead << 8 | trail);
        }
    }
    return gbkTables = { characters, pairs };
}

/**
 * Reads text in the charset of a connection.
 * @param {Uint8Array} bytes
 * @throws {WsError} `malformed`, with the offset of the sequence at fault; nothing is replaced silently
 */
export function decodeText(bytes, charset = UTF8) {
    return charset === GBK ? decodeGBK(bytes) : decodeUTF8(bytes);
}

function decodeUTF8(bytes) {
    try {
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
        throw new WsError('malformed', malformedUTF8(bytes));
    }
}

/** Where the first sequence begins that is no UTF-8: behind the longest part that decodes. */
function malformedUTF8(bytes) {
    let text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    for (let at = text.indexOf('\ufffd'); ; at = text.indexOf('\ufffd', at + 1)) {
        const offset = new TextEncoder().encode(text.slice(0, at)).length;
        // A replacement character may have been sent as such.
        if (bytes[offset] !== 0xef || bytes[offset + 1] !== 0xbf || bytes[offset + 2] !== 0xbd) return offset;
    }
}

function decodeGBK(bytes) {
    const { characters } = gbk();
    const out = [];
    for (let at = 0; at < bytes.length; at += 1) {
        if (bytes[at] < 0x80) {
            out.push(String.fromCharCode(bytes[at]));
        } else if (bytes[at] === 0x80) {
            out.push('\u20ac');
        } else {
            const character = at + 1 < bytes.length ? characters.get(bytes[at] << 8 | bytes[at + 1]) : undefined;
            if (character === undefined) throw new WsError('malformed', at);
            out.push(character);
            at += 1;
        }
    }
    return out.join('');
}

/**
 * Writes text in the charset of a connection.
 * @throws {WsError} `unencodable`, with the number of characters before the first one that the charset cannot hold
 * @returns {Uint8Array}
 */
export function encodeText(text, charset = UTF8) {
    const out = [];
    let offset = 0;
    for (const character of text) {
        const codePoint = character.codePointAt(0);
        if (codePoint >= 0xd800 && codePoint <= 0xdfff) throw new WsError('unencodable', offset); // half of a pair
        if (charset === GBK) {
            const pair = gbk().pairs.get(character);
            if (codePoint < 0x80) out.push(codePoint);
            else if (codePoint === 0x20ac) out.push(0x80);
            else if (pair !== undefined) out.push(pair >> 8, pair & 0xff);
            else throw new WsError('unencodable', offset);
        }
        offset += 1;
    }
    return charset === GBK ? Uint8Array.from(out) : new TextEncoder().encode(text);
}

// -------------------------------------------------------------------------------------------------------------- calls

/** The serial numbers of one side, and its calls that wait for an answer (13.2): even for a client, odd for a server. */
export class Calls {
    #first;
    #last;
    #waiting = new Map();

    /** @param {'client'|'server'} role @param {number} [next] the number to begin with */
    constructor(role = 'client', next) {
        this.#first = role === 'client' ? 2 : 3;
        this.#last = role === 'client' ? 0xfffffffe : 0xffffffff;
        this.next = next ?? this.#first;
    }

    /** Keeps what waits for an answer, and gives it its number: never 0 or 1, never one that is still waiting. */
    begin(waiting) {
        while (this.#waiting.has(this.next)) this.#step();
        const sn = this.next;
        this.#step();
        this.#waiting.set(sn, waiting);
        return sn;
    }

    #step() {
        this.next = this.next === this.#last ? this.#first : this.next + 2;
    }

    /** Whether a number is of this side: a frame with it is an answer; with another but 0, a request. */
    isOwn(sn) {
        return sn !== 0 && sn % 2 === this.#first % 2;
    }

    /** Takes out what waits for a number; undefined when nothing does. */
    end(sn) {
        const waiting = this.#waiting.get(sn);
        this.#waiting.delete(sn);
        return waiting;
    }

    /** What waits, as pairs of number and value, in the order of the calls. */
    waiting() {
        return [...this.#waiting];
    }

    /** Takes out everything that waits. */
    endAll() {
        const all = [...this.#waiting.values()];
        this.#waiting.clear();
        return all;
    }
}

// ------------------------------------------------------------------------------------------------------------- client

/**
 * @typedef {object} Message
 * @property {number} protocolId
 * @property {number} sn 0 of a one-way message
 * @property {Uint8Array} payload
 * @property {'message'|'request'|'response'} kind
 * @property {() => string} text the payload in the charset of the connection
 * @property {(protocolId: number, payload?: Uint8Array|ArrayBuffer|string) => void} answer answers a request
 */

/**
 * @typedef {object} ClientOptions
 * @property {typeof WebSocket} [WebSocket] another implementation than that of the platform
 * @property {string[]} [protocols] what to negotiate (10.3): `ws.v3.c1` is version 3 in charset 1; the best first
 * @property {number} [maxFrameLength] limit of the field `length`, both ways
 * @property {false|{attempts?: number, firstDelay?: number, maxDelay?: number}} [redial] what to do about a connection that is
 *   lost: `attempts` in a row (5), after a random time of at most `firstDelay` (500 ms), which doubles up to `maxDelay` (15 s)
 */

// What a browser lets a page close with. 1002, 1003 and 1009 are not among it, so these stand for them.
const CLOSE_PROTOCOL = 4002, CLOSE_TEXT = 4003, CLOSE_SIZE = 4009;
const STABLE_AFTER = 5000; // a connection that lived so long makes the attempts count anew, in milliseconds

/**
 * A client. Events: `open`, `close` (detail: code, reason), `displaced` (detail: oldIp, newIp, ts), `redial` (detail: attempt,
 * delay), `gaveup`, and `error` (detail: error) for what a peer or a handler did wrong.
 */
export class Client extends EventTarget {
    #options;
    #socket = null;
    #calls = new Calls('client');
    #handlers = new Map();
    #isWanted = false; // whether a lost connection is to be dialled again
    #attempts = 0;
    #openedAt = 0;
    #redialTimer;

    /** @param {string} url with the metadata in its query @param {ClientOptions} [options] */
    constructor(url, options = {}) {
        super();
        this.url = String(url);
        this.#options = { maxFrameLength: MAX_FRAME_LENGTH, redial: {}, ...options };
        /** Whether another connection has taken the place of this one. */
        this.isDisplaced = false;
        const query = new URL(this.url).searchParams;
        /** What was selected by subprotocol, else what the query says. */
        this.version = Number.parseInt(query.get('version') ?? '0', 10) || 0;
        this.charset = query.get('charset') === '1' ? GBK : UTF8;
    }

    /** Whether frames can be sent. */
    get isOpen() {
        return this.#socket?.readyState === 1;
    }

    /** The number that the next call tries. */
    get nextSn() { return this.#calls.next; }
    set nextSn(sn) { this.#calls.next = sn; }

    /** Whether permessage-deflate is in use; a WebSocket of the platform says so in `extensions`. */
    get isCompressed() {
        return /permessage-deflate/.test(this.#socket?.extensions ?? '');
    }

    /**
     * Has a function run for each message with this protocolId. One without a function is ignored.
     * @param {number} protocolId @param {(message: Message) => unknown} handler may return a promise
     */
    handle(protocolId, handler) {
        this.#handlers.set(protocolId, handler);
        return this;
    }

    /**
     * Connects; resolves when frames can be sent. A failed attempt is not tried again here.
     * @param {{signal?: AbortSignal}} [options]
     */
    connect({ signal } = {}) {
        if (signal?.aborted) return Promise.reject(new WsError('cancelled'));
        clearTimeout(this.#redialTimer);
        this.#isWanted = true;
        this.isDisplaced = false;
        this.#leave(this.#socket, 1000);
        return this.#dial(signal);
    }

    #dial(signal) {
        const Socket = this.#options.WebSocket ?? globalThis.WebSocket;
        if (!Socket) throw new TypeError('no WebSocket here: give one as options.WebSocket');
        const socket = this.#options.protocols?.length ? new Socket(this.url, this.#options.protocols) : new Socket(this.url);
        socket.binaryType = 'arraybuffer';
        this.#socket = socket;
        return new Promise((resolve, reject) => {
            const abort = () => {
                this.#isWanted = false;
                socket.close();
                reject(new WsError('cancelled'));
            };
            signal?.addEventListener('abort', abort, { once: true });
            socket.onopen = () => {
                // A browser checks this itself; not every other WebSocket does (7.5).
                if (socket.protocol && !this.#options.protocols?.includes(socket.protocol)) {
                    return this.#fail(socket, new WsError('unoffered-protocol'), CLOSE_PROTOCOL);
                }
                this.#opened(socket);
                resolve(this);
            };
            socket.onmessage = (event) => this.#received(socket, event.data);
            socket.onerror = () => {}; // says nothing; what matters is that close follows
            socket.onclose = (event) => {
                signal?.removeEventListener('abort', abort);
                const wasOpen = this.#openedAt > 0;
                reject(new WsError('closed', undefined, `cannot connect to ${this.url}`));
                this.#closed(socket, event, wasOpen);
            };
        });
    }

    #opened(socket) {
        const selected = /^ws\.v(\d+)\.c(\d+)$/.exec(socket.protocol ?? '');
        if (selected) [this.version, this.charset] = [Number(selected[1]), Number(selected[2])];
        this.#openedAt = Date.now();
        this.#emit('open', {});
    }

    #received(socket, data) {
        if (socket !== this.#socket || socket.readyState !== 1) return; // what comes after we have given it up
        if (typeof data === 'string') return this.#fail(socket, new WsError('text'), CLOSE_TEXT);
        let frame;
        try {
            frame = decodeFrame(new Uint8Array(data), this.#options.maxFrameLength);
        } catch (error) {
            return this.#fail(socket, error, error.code === 'too-large' ? CLOSE_SIZE : CLOSE_PROTOCOL);
        }
        const { protocolId, sn, payload } = frame;
        if (protocolId === DISPLACEMENT) return this.#displaced(payload);
        if (protocolId === 0) return;
        const isOwn = this.#calls.isOwn(sn);
        const message = {
            protocolId, sn, payload, kind: sn === 0 ? 'message' : isOwn ? 'response' : 'request',
            text: () => decodeText(payload, this.charset),
            answer: (id, data) => this.#write(socket, id, sn, data),
        };
        this.#calls.end(sn)?.resolve(message);
        this.#run(protocolId, message);
    }

    async #run(protocolId, message) {
        try {
            await this.#handlers.get(protocolId)?.(message);
        } catch (error) {
            this.#emit('error', { error });
        }
    }

    #displaced(payload) {
        try {
            const { oldIp, newIp, ts } = decodeDisplacement(payload);
            const text = new TextDecoder();
            this.isDisplaced = true;
            this.#isWanted = false; // connecting again would displace the one that displaced this (14.3)
            this.#emit('displaced', { oldIp: text.decode(oldIp), newIp: text.decode(newIp), ts });
        } catch (error) {
            this.#emit('error', { error });
        }
    }

    /** Gives up a connection whose peer broke the protocol. */
    #fail(socket, error, code) {
        this.#emit('error', { error });
        this.#rejectCalls();
        socket.close(code, error.code);
    }

    #closed(socket, event, wasOpen) {
        if (socket !== this.#socket) return;
        this.#rejectCalls();
        if (Date.now() - this.#openedAt > STABLE_AFTER && wasOpen) this.#attempts = 0;
        this.#openedAt = 0;
        this.#emit('close', { code: event.code, reason: event.reason });
        if (this.#isWanted && this.#options.redial && (wasOpen || this.#attempts > 0)) this.#scheduleRedial();
    }

    #scheduleRedial() {
        const { attempts = 5, firstDelay = 500, maxDelay = 15000 } = this.#options.redial;
        if (this.#attempts >= attempts) {
            this.#isWanted = false;
            return this.#emit('gaveup', {});
        }
        // Anything up to the bound: many clients that lose one server do not come back all at once.
        const delay = Math.random() * Math.min(maxDelay, firstDelay * 2 ** this.#attempts);
        this.#attempts += 1;
        this.#emit('redial', { attempt: this.#attempts, delay });
        this.#redialTimer = setTimeout(() => this.#dial().catch(() => {}), delay);
    }

    #rejectCalls() {
        for (const call of this.#calls.endAll()) call.reject(new WsError('closed'));
    }

    #emit(type, detail) {
        this.dispatchEvent(Object.assign(new Event(type), { detail }));
    }

    #write(socket, protocolId, sn, data) {
        if (!socket || socket.readyState !== 1) throw new WsError('stopped');
        socket.send(encodeFrame(protocolId, sn, this.#bytes(data), this.#options.maxFrameLength));
    }

    #bytes(data = new Uint8Array()) {
        if (typeof data === 'string') return encodeText(data, this.charset);
        return data instanceof Uint8Array ? data : new Uint8Array(data);
    }

    /** Sends a one-way message; a string goes out in the charset of the connection. Throws `stopped` when not connected. */
    send(protocolId, payload) {
        this.#write(this.#socket, protocolId, 0, payload);
    }

    /**
     * Calls the peer and waits for its answer. Fails with `timeout`, `cancelled`, `closed` (the connection ended) or `stopped`
     * (there was none); the peer hears nothing of it.
     * @param {number} protocolId @param {Uint8Array|ArrayBuffer|string} [payload]
     * @param {{timeout?: number, signal?: AbortSignal}} [options] timeout in milliseconds, ten seconds when left out
     * @returns {Promise<Message> & {sn?: number}} with the serial number that the call took
     */
    call(protocolId, payload, { timeout = 10000, signal } = {}) {
        let sn;
        const promise = new Promise((resolve, reject) => {
            if (signal?.aborted) throw new WsError('cancelled');
            if (!this.isOpen) throw new WsError('stopped');
            const data = this.#bytes(payload); // before a number is used up
            let timer;
            const stop = (code) => this.#calls.end(sn)?.reject(new WsError(code));
            const abort = () => stop('cancelled');
            const settled = (settle) => (value) => {
                clearTimeout(timer);
                signal?.removeEventListener('abort', abort);
                settle(value);
            };
            sn = this.#calls.begin({ resolve: settled(resolve), reject: settled(reject) });
            if (Number.isFinite(timeout)) timer = setTimeout(() => stop('timeout'), Math.min(timeout, LARGEST_TIMEOUT));
            signal?.addEventListener('abort', abort, { once: true });
            try {
                this.#write(this.#socket, protocolId, sn, data);
            } catch (error) {
                this.#calls.end(sn)?.reject(error);
            }
        });
        return Object.assign(promise, { sn });
    }

    /**
     * Ends the connection for good: every call that waits fails, and nothing is dialled again.
     * @returns {Promise<void>} when it has ended
     */
    close(code = 1000, reason = '') {
        this.#isWanted = false;
        clearTimeout(this.#redialTimer);
        const socket = this.#socket;
        if (!socket || socket.readyState === 3) return Promise.resolve();
        const ended = new Promise((resolve) => this.addEventListener('close', () => resolve(), { once: true }));
        this.#rejectCalls();
        socket.close(code, reason);
        return ended;
    }

    #leave(socket, code) {
        this.#socket = null;
        this.#rejectCalls();
        if (socket && socket.readyState < 2) socket.close(code);
    }
}
