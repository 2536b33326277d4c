// Frames of all four revisions (clauses 4 to 6): the current one by the client, the older ones here.
import { MAX_FRAME_LENGTH, decodeDisplacement, decodeFrame, encodeFrame, protobufFields } from '../client.mjs';
import { Refused, bytes, concat, hex } from './codes.mjs';

const MAGIC = { '1.2': [0xfe, 0xee], '1.3.0': [0xfe, 0xee], '1.3.3': [0xfe, 0xef] };
const LEAST_LENGTH = { '1.2': 0, '1.3.0': 4, '1.3.3': 8 };
const HEAD = 6; // magic and length

function varint(number) {
    const out = [];
    let rest = BigInt.asUintN(64, number);
    for (; rest >= 0x80n; rest >>= 7n) out.push(Number(rest & 0x7fn) | 0x80);
    return [...out, Number(rest)];
}

const integerField = (number, value) => (value === 0n ? [] : [number << 3, ...varint(value)]);

function bytesField(number, value) {
    return value.length === 0 ? [] : [Uint8Array.from([number << 3 | 2, ...varint(BigInt(value.length))]), value];
}

export function encodeDisplacement(oldIp, newIp, ts) {
    return concat([...bytesField(1, oldIp), ...bytesField(2, newIp), Uint8Array.from(integerField(3, ts))]);
}

/** P_MESSAGE { int32 protocol_id = 1; bytes data = 2; } */
function encodeMessage(protocolId, payload) {
    return concat([Uint8Array.from(integerField(1, BigInt(protocolId))), ...bytesField(2, payload)]);
}

function decodeMessage(body, base) {
    let protocolId = 0;
    let payload = new Uint8Array();
    for (const [number, wireType, value] of protobufFields(body, base)) {
        if (number === 1 && wireType === 0) protocolId = Number(BigInt.asIntN(32, value));
        if (number === 2 && wireType === 2) payload = value;
    }
    return { protocolId, payload };
}

function littleEndian(number) {
    const out = new Uint8Array(4);
    new DataView(out.buffer).setUint32(0, number, true);
    return out;
}

const readUint32 = (data, at) => new DataView(data.buffer, data.byteOffset).getUint32(at, true);

export function frameEncode({ revision, protocolId, sn = 0, payload, maxFrameLength = MAX_FRAME_LENGTH }) {
    const data = bytes(payload);
    const isSigned = revision === '1.1' || revision === '1.2';
    const fits = isSigned ? protocolId === (protocolId | 0) : protocolId === protocolId >>> 0;
    if (!fits) throw new Refused('protocol-id-out-of-range');
    if (revision === '1.3.3') return { message: hex(encodeFrame(protocolId, sn, data, maxFrameLength)) };
    if (sn !== 0) throw new Refused('sn-unsupported');
    const body = isSigned ? encodeMessage(protocolId, data) : concat([littleEndian(protocolId), data]);
    if (body.length > maxFrameLength) throw new Refused('too-large');
    const head = revision === '1.1' ? [] : [Uint8Array.from(MAGIC[revision]), littleEndian(body.length)];
    return { message: hex(concat([...head, body])) };
}

function checkMagic(data, revision, base) {
    for (let place = 0; place < Math.min(2, data.length); place += 1) {
        if (data[place] !== MAGIC[revision][place]) throw new Refused('bad-magic', base + place);
    }
}

function readLength(data, revision, limit, base) {
    const length = readUint32(data, 2);
    if (length < LEAST_LENGTH[revision]) throw new Refused('length-too-small', base + 2);
    if (length > limit) throw new Refused('too-large', base + 2);
    return length;
}

/** What `length` counts, taken apart. */
function frame(body, revision, base) {
    const length = revision === '1.1' ? null : body.length;
    if (revision === '1.1' || revision === '1.2') {
        const { protocolId, payload } = decodeMessage(body, base);
        return { protocolId, sn: null, length, payload: hex(payload) };
    }
    const start = LEAST_LENGTH[revision];
    const sn = revision === '1.3.3' ? readUint32(body, 4) : null;
    return { protocolId: readUint32(body, 0), sn, length, payload: hex(body.subarray(start)) };
}

export function frameDecode({ revision, message, maxFrameLength = MAX_FRAME_LENGTH }) {
    const data = bytes(message);
    if (revision === '1.3.3') {
        const found = decodeFrame(data, maxFrameLength);
        return { ...found, payload: hex(found.payload) };
    }
    if (data.length === 0) throw new Refused('empty', 0);
    if (revision === '1.1') {
        if (data.length > maxFrameLength) throw new Refused('too-large', 0);
        return frame(data, revision, 0);
    }
    checkMagic(data, revision, 0);
    if (data.length < HEAD) throw new Refused('short', data.length);
    const end = HEAD + readLength(data, revision, maxFrameLength, 0);
    if (data.length < end) throw new Refused('short', data.length);
    if (data.length > end) throw new Refused('trailing-bytes', end);
    return frame(data.subarray(HEAD), revision, HEAD);
}

/** Frames back to back. Every decision falls at a fixed byte, so where the pieces are cut does not matter. */
export function frameStream({ revision, pieces, maxFrameLength = MAX_FRAME_LENGTH }) {
    const stream = concat(pieces.map(bytes));
    const frames = [];
    let at = 0;
    try {
        while (at < stream.length) {
            checkMagic(stream.subarray(at), revision, at);
            if (stream.length < at + HEAD) break;
            const end = at + HEAD + readLength(stream.subarray(at, at + HEAD), revision, maxFrameLength, at);
            if (stream.length < end) break;
            frames.push(frame(stream.subarray(at + HEAD, end), revision, at + HEAD));
            at = end;
        }
    } catch (error) {
        if (!error.code) throw error;
        return { frames, pending: 0, violation: { code: error.code, offset: error.offset } };
    }
    return { frames, pending: stream.length - at, violation: null };
}

export function displacementEncode({ oldIp, newIp, ts }) {
    return { payload: hex(encodeDisplacement(bytes(oldIp), bytes(newIp), BigInt(ts))) };
}

export function displacementDecode({ payload }) {
    const { oldIp, newIp, ts } = decodeDisplacement(bytes(payload));
    return { oldIp: hex(oldIp), newIp: hex(newIp), ts: String(ts) };
}
