// The opening handshake of both sides (clause 7).
import { createHash } from 'node:crypto';
import { Refused, asciiLower, bytes, concat, fromLatin1, hex, latin1, text } from './codes.mjs';
import { answerOffers, checkAnswer } from './deflate.mjs';
import { select } from './metadata.mjs';

const HEAD_LIMIT = 16384;
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const trim = (value) => value.replace(/^[ \t]+|[ \t]+$/g, '');
const utf8 = (value) => text(fromLatin1(value));

/** The lines of a head with their offsets, and its size with the empty line. Text stands for bytes, one character each. */
function splitHead(data) {
    const end = data.indexOf('\r\n\r\n');
    if ((end < 0 ? data.length : end + 4) > HEAD_LIMIT) throw new Refused('headers-too-large');
    if (end < 0) throw new Refused('incomplete');
    let offset = 0;
    const lines = data.slice(0, end).split('\r\n').map((line) => {
        const found = { offset, line };
        offset += line.length + 2;
        return found;
    });
    return { first: lines[0].line, fields: lines.slice(1), size: end + 4 };
}

class Headers {
    #values = new Map();

    constructor(fields) {
        for (const { offset, line } of fields) {
            const colon = line.indexOf(':');
            const value = line.slice(colon + 1);
            // eslint-disable-next-line no-control-regex -- a tab is allowed
            if (!TOKEN.test(line.slice(0, Math.max(0, colon))) || /[\x00-\x08\x0a-\x1f\x7f]/.test(value)) throw new Refused('bad-header', offset);
            const name = asciiLower(line.slice(0, colon));
            this.#values.set(name, [...this.all(name), utf8(trim(value))]);
        }
    }

    all(name) {
        return this.#values.get(name) ?? [];
    }

    joined(name) {
        return this.#values.get(name)?.join(', ') ?? null;
    }

    /** The elements of a field that is a list, over all fields of that name. */
    elements(name) {
        return this.all(name).flatMap((value) => value.split(',')).map(trim).filter((part) => part !== '');
    }

    hasToken(name, token) {
        return this.elements(name).some((element) => asciiLower(element) === token);
    }
}

const isHTTP11 = (version) => /^HTTP\/1\.[1-9]$/.test(version);
const acceptValue = (key) => createHash('sha1').update(key + GUID).digest('base64');
// The last digit of 16 bytes has four bits that are nothing.
const isKey = (key) => /^[A-Za-z0-9+/]{21}[AQgw]==$/.test(key);

/** The host that a target in absolute form names (else null), the path and the query. */
function splitTarget(target) {
    const absolute = /^(?:https?|wss?):\/\/([^/?]*)/i.exec(target);
    const rest = absolute ? target.slice(absolute[0].length) : target;
    const host = absolute ? absolute[1] : null;
    if (host !== null && (host === '' || host[0] === ':' || host.includes('@'))) throw new Refused('bad-request-line');
    const mark = rest.indexOf('?');
    const [path, query] = mark < 0 ? [rest, ''] : [rest.slice(0, mark), rest.slice(mark + 1)];
    return { host: host && utf8(host), path: utf8(absolute && path === '' ? '/' : path), query: hex(fromLatin1(query)) };
}

/** An upgrade request has no content: what a server does not read as content it would read as frames. */
function refuseContent(fields, headers) {
    const fault = (code, name) => {
        const last = fields.filter(({ line }) => asciiLower(line.split(':')[0]) === name).pop();
        throw new Refused(code, last.offset);
    };
    if (headers.all('transfer-encoding').length > 0) {
        const codings = headers.elements('transfer-encoding').map(asciiLower);
        const isCertain = codings.filter((coding) => coding === 'chunked').length === 1 && codings[codings.length - 1] === 'chunked';
        fault(isCertain ? 'has-content' : 'bad-framing', 'transfer-encoding');
    }
    const lengths = new Set(headers.all('content-length').flatMap((value) => value.split(',')).map(trim));
    if (lengths.size > 1 || [...lengths].some((length) => !/^[0-9]+$/.test(length))) fault('bad-framing', 'content-length');
    if ([...lengths].some((length) => /[^0]/.test(length))) fault('has-content', 'content-length');
}

function parseRequest(data) {
    const { first, fields, size } = splitHead(latin1(data));
    const words = first.split(' ');
    const isVisible = (word) => /^[\x21-\x7e\x80-\xff]+$/.test(word);
    if (words.length !== 3 || !TOKEN.test(words[0]) || !isVisible(words[1]) || !isVisible(words[2])
        || !words[2].startsWith('HTTP/')) throw new Refused('bad-request-line');
    const { host, path, query } = splitTarget(words[1]);
    if (!isHTTP11(words[2])) throw new Refused('bad-http-version');
    const headers = new Headers(fields);
    const refuseUnless = (holds, code) => { if (!holds) throw new Refused(code); };
    refuseUnless(words[0] === 'GET', 'not-get');
    refuseUnless(headers.all('host').length > 0, 'missing-host');
    refuseUnless(headers.hasToken('upgrade', 'websocket'), 'missing-upgrade');
    refuseUnless(headers.hasToken('connection', 'upgrade'), 'missing-connection');
    const versions = headers.all('sec-websocket-version');
    refuseUnless(versions.length > 0, 'missing-version');
    refuseUnless(versions.length === 1 && versions[0] === '13', 'unsupported-version');
    const keys = headers.all('sec-websocket-key');
    refuseUnless(keys.length > 0, 'missing-key');
    refuseUnless(keys.length === 1 && isKey(keys[0]), 'bad-key');
    refuseContent(fields, headers);
    const request = {
        path, query, host: host ?? headers.joined('host'), origin: headers.joined('origin'), key: keys[0],
        extensions: headers.joined('sec-websocket-extensions'), protocols: headers.elements('sec-websocket-protocol'),
        consumed: size,
    };
    return { request, headers };
}

/** The final answer; those of the class 1xx before it are read over. */
function parseResponse(data, asked) {
    const all = latin1(data);
    for (let before = 0; ;) {
        let head, headers, status;
        try {
            head = splitHead(all.slice(before));
            const [version, ...rest] = head.first.split(' ');
            status = rest[0] ?? '';
            // eslint-disable-next-line no-control-regex -- a bare line feed is not part of a line
            if (!isHTTP11(version) || !/^[0-9]{3}$/.test(status) || /[\x00-\x08\x0a-\x1f\x7f]/.test(head.first)) {
                throw new Refused('bad-status-line');
            }
            headers = new Headers(head.fields);
        } catch (fault) {
            if (fault.offset !== undefined) fault.offset += before;
            throw fault;
        }
        before += head.size;
        if (status === '101' || status[0] !== '1') return judgeResponse(status, headers, before, asked);
    }
}

function judgeResponse(status, headers, consumed, { key, offeredExtensions, offeredProtocols }) {
    const refuseUnless = (holds, code) => { if (!holds) throw new Refused(code); };
    refuseUnless(status === '101', 'refused');
    refuseUnless(headers.hasToken('upgrade', 'websocket'), 'missing-upgrade');
    refuseUnless(headers.hasToken('connection', 'upgrade'), 'missing-connection');
    const accepts = headers.all('sec-websocket-accept');
    refuseUnless(accepts.length > 0, 'missing-accept');
    refuseUnless(accepts.length === 1 && accepts[0] === acceptValue(key), 'wrong-accept');
    const extensions = headers.joined('sec-websocket-extensions');
    if (extensions !== null) {
        try {
            checkAnswer(offeredExtensions ?? '', extensions);
        } catch (fault) {
            throw new Refused(fault.code === 'unoffered-extension' ? fault.code : 'bad-extension');
        }
    }
    const protocols = headers.all('sec-websocket-protocol');
    const isOffered = protocols.length === 0 || protocols.length === 1 && (offeredProtocols ?? []).includes(protocols[0]);
    refuseUnless(isOffered, 'unoffered-protocol');
    return { status: 101, extensions, protocol: protocols[0] ?? null, consumed };
}

export function handshakeParse(asked) {
    const data = concat(asked.pieces.map(bytes));
    return asked.side === 'server' ? parseRequest(data).request : parseResponse(data, asked);
}

const VERSION_13 = { 'sec-websocket-version': '13', upgrade: 'websocket' };
const REFUSALS = { // what is not here is a 400
    'not-get': [405, { allow: 'GET' }], 'bad-http-version': [505, {}], 'headers-too-large': [431, {}],
    'unsupported-version': [426, VERSION_13], 'missing-version': [426, VERSION_13], 'unknown-path': [404, {}],
    'forbidden-origin': [403, {}], 'version-too-low': [426, { upgrade: 'websocket' }],
    'charset-unsupported': [406, {}], 'no-protocol': [406, {}],
};

/** The header fields of the 101. */
function acceptRequest(request, config) {
    if (config.path !== undefined && request.path !== config.path) throw new Refused('unknown-path');
    if (config.origins && request.origin !== null && !config.origins.includes(request.origin)) throw new Refused('forbidden-origin');
    const headers = { upgrade: 'websocket', connection: 'Upgrade', 'sec-websocket-accept': acceptValue(request.key) };
    const response = request.extensions === null ? null : answerOffers(request.extensions, {});
    if (response !== null && config.compression) headers['sec-websocket-extensions'] = response;
    const offered = request.protocols.length > 0 ? request.protocols.join(', ') : null;
    const selected = select(bytes(request.query), offered, config.versions, config.charsets);
    if (selected.protocol !== null) headers['sec-websocket-protocol'] = selected.protocol;
    if (config.versions || config.charsets) {
        headers['x-ws-version'] = selected.version;
        headers['x-ws-charset'] = selected.charset;
    }
    return headers;
}

export function handshakeRespond({ request: data, config = {} }) {
    try {
        const { request, headers } = parseRequest(bytes(data));
        const answer = { status: 101, headers: acceptRequest(request, config), reject: null };
        return headers.hasToken('expect', '100-continue') ? { ...answer, interim: [100] } : answer;
    } catch (fault) {
        if (!fault.code) throw fault;
        const [status, headers] = REFUSALS[fault.code] ?? [400, {}];
        return { status, headers, reject: fault.code };
    }
}
