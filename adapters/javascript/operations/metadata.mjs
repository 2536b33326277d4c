// Metadata, identity, and the negotiation of version and charset (clauses 8 and 10). Integers are bigints: they have 64 bits.
import { Refused, bytes, concat, fromLatin1, hex, latin1 } from './codes.mjs';

const LEAST = -(2n ** 63n), MOST = 2n ** 63n - 1n;
const INTEGER = /^[+-]?[0-9]+$/;

/** Percent escapes and `+`; null when an escape is broken. Text stands for bytes here, one character each. */
function unescape(part) {
    if (/%(?![0-9A-Fa-f]{2})/.test(part)) return null;
    return part.replaceAll('+', ' ').replace(/%(..)/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 16)));
}

/** The parameters of a query: broken pairs are dropped, the first of repeated keys wins. */
export function readQuery(query) {
    const found = new Map();
    for (const pair of latin1(query).split('&')) {
        const at = pair.indexOf('=');
        const [key, value] = at < 0 ? [unescape(pair), ''] : [unescape(pair.slice(0, at)), unescape(pair.slice(at + 1))];
        if (pair === '' || pair.includes(';') || key === null || value === null || found.has(key)) continue;
        found.set(key, value);
    }
    return found;
}

/** A parameter's number: 0 for what is none, at most 64 bits. */
function integer(value = '') {
    if (!INTEGER.test(value)) return 0n;
    const digits = BigInt(value.replace(/^[+-]/, ''));
    const number = value[0] === '-' ? -digits : digits;
    return number < LEAST ? LEAST : number > MOST ? MOST : number;
}

export function metadataParse({ query }) {
    const found = readQuery(bytes(query));
    const text = (name) => hex(fromLatin1(found.get(name) ?? ''));
    const number = (name) => String(integer(found.get(name)));
    return {
        uid: text('uid'), typed: number('typed'), deviceId: text('deviceId'), source: text('source'),
        version: number('version'), charset: number('charset'),
    };
}

export function identityFormat({ uid, typed, deviceId, source = '', withSource = true }) {
    const dash = fromLatin1('-');
    const parts = [bytes(uid), dash, fromLatin1(String(typed)), dash, bytes(deviceId)];
    if (withSource) parts.push(dash, bytes(source));
    return { identity: hex(concat(parts)) };
}

/** The version and the charset of a connection; `versions` is {min, max} or absent, `charsets` a list or absent. */
export function select(query, protocols, versions, charsets) {
    const range = versions && { min: BigInt(versions.min), max: BigInt(versions.max) };
    const list = charsets && charsets.map(BigInt);
    const selected = selectNumbers(readQuery(query), protocols, range, list);
    return { ...selected, version: String(selected.version), charset: String(selected.charset) };
}

function selectNumbers(found, protocols, range, list) {
    let version = integer(found.get('version'));
    const charset = integer(found.get('charset'));
    if (!range && !list) return { version, charset, protocol: null };
    if (protocols !== null && protocols !== undefined) return selectProtocol(protocols, range, list);
    for (const [name, isLimited] of [['version', range], ['charset', list]]) {
        if (isLimited && found.has(name) && !INTEGER.test(found.get(name))) throw new Refused('bad-parameter');
    }
    if (range) {
        if (version === 0n) version = range.min;
        if (version < range.min) throw new Refused('version-too-low');
        if (version > range.max) version = range.max;
    }
    if (list && !list.includes(charset)) throw new Refused('charset-unsupported');
    return { version, charset, protocol: null };
}

function selectProtocol(protocols, range, list) {
    for (const token of protocols.split(',').map((part) => part.replace(/^[ \t]+|[ \t]+$/g, ''))) {
        const offer = /^ws\.v(0|[1-9][0-9]*)\.c(0|[1-9][0-9]*)$/.exec(token);
        if (!offer) continue;
        const [version, charset] = [BigInt(offer[1]), BigInt(offer[2])];
        if (version > 2147483647n || charset > 2147483647n) continue;
        if (range && (version < range.min || version > range.max)) continue;
        if (list && !list.includes(charset)) continue;
        return { version, charset, protocol: token };
    }
    throw new Refused('no-protocol');
}

export const negotiateSelect = ({ query, protocols, versions, charsets }) => select(bytes(query), protocols, versions, charsets);
