// Entries of frames: those that this page sends and gets, and those that the mock server's console tells of.
import { decodeDisplacement, decodeFrame, DISPLACEMENT, UTF8 } from './client.mjs';
import { fromBase64, preview, visible } from './payload.mjs';

const NOTHING = new Uint8Array();

/** How many bytes of a payload are kept with an entry. */
const KEPT = 1 << 20;

/** What a message of this page's connection is. */
export function ownEntry(connection, from, data, charset) {
    const base = { time: performance.timeOrigin + performance.now(), connection, from, compressed: null, charset, id: null, sn: null };
    if (typeof data === 'string') {
        const message = new TextEncoder().encode(data);
        return { ...base, type: 'malformed', kind: 'text', isBad: true, size: message.length, payload: message, message,
            text: 'a text message; frames come in binary messages' };
    }
    const message = new Uint8Array(data);
    let frame;
    try {
        frame = decodeFrame(message, 0xffffffff);
    } catch (error) {
        return { ...base, type: 'malformed', kind: error.code, isBad: true, size: message.length, payload: message, message,
            text: `no frame: ${error.message}` };
    }
    const { protocolId, sn, payload } = frame;
    return { ...base, type: 'frame', kind: kindOf(from, protocolId, sn), id: protocolId, sn, size: payload.length, payload, message };
}

/** By parity: clients number their calls evenly, servers oddly (clause 13.2 of the specification). */
function kindOf(from, protocolId, sn) {
    if (protocolId === DISPLACEMENT) return 'displacement';
    if (sn === 0) return 'message';
    return (sn % 2 === 0) === (from === 'client') ? 'request' : 'response';
}

/** Something that happened to a connection. */
export function note(connection, text, { from = '', kind = 'note', isBad = false, time } = {}) {
    return { time: time ?? performance.timeOrigin + performance.now(), connection, from, type: 'note', kind, id: null, sn: null,
        size: 0, payload: NOTHING, charset: UTF8, compressed: null, text, isBad };
}

/** What the console says of the mock server's traffic; null for what is no entry. */
export function servedEntry(event, charset) {
    const base = { time: event.time === null ? Date.now() : event.time / 1000, connection: event.connection ?? 0, from: event.from ?? '',
        charset, id: null, sn: null, size: 0, payload: NOTHING, compressed: null };
    switch (event.type) {
    case 'frame':
        return { ...base, type: 'frame', kind: event.kind, id: event.id, sn: event.sn, size: event.size,
            payload: fromBase64(event.payload), compressed: event.compressed, fragments: event.fragments, wire: event.wire };
    case 'control': {
        const payload = fromBase64(event.payload);
        const said = event.code === null ? '' : `${event.code} ${event.reason}`.trim();
        return { ...base, type: 'control', kind: event.opcode, size: payload.length, payload, text: said };
    }
    case 'finding':
        return { ...base, type: 'finding', kind: event.id, text: event.message, isBad: event.requirement !== null,
            requirement: event.requirement };
    case 'connection': {
        const agreed = event.compression ? `, ${event.compression}` : '';
        return { ...base, type: 'note', kind: 'open', from: '',
            text: `${event.client} ${event.path ?? ''} ${event.identity ?? ''}: ${event.status ?? 'no answer'}${agreed}` };
    }
    default: return null;
    }
}

/** Who displaced whom, as a displacement says it; null where it cannot be read. */
export function displacementOf(payload) {
    try {
        const { oldIp, newIp, ts } = decodeDisplacement(payload);
        const text = new TextDecoder();
        const date = new Date(Number(ts / 1000000n));
        return { oldAddress: visible(text.decode(oldIp)), newAddress: visible(text.decode(newIp)),
            time: Number.isNaN(date.getTime()) ? String(ts) : date.toISOString() };
    } catch {
        return null;
    }
}

/** What a list says of an entry. */
export function summary(entry) {
    if (entry.kind === 'displacement') {
        const said = displacementOf(entry.payload);
        return said ? `displaced by ${said.newAddress}` : 'a displacement that cannot be read';
    }
    if (entry.text !== undefined) return visible(entry.text);
    return preview(entry.payload, entry.charset);
}

/** Limits what is kept with an entry. */
export function bounded(entry) {
    if (entry.payload.length <= KEPT) return entry;
    return { ...entry, payload: entry.payload.slice(0, KEPT), message: undefined };
}

const two = (number) => String(number).padStart(2, '0');

/** A time of day with milliseconds. */
export function clock(time) {
    const date = new Date(time);
    const rest = String(Math.floor(date.getMilliseconds())).padStart(3, '0');
    return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${rest}`;
}
