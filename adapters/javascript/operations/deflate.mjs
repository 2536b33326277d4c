// permessage-deflate (RFC 7692, clause 12): the header field, what follows from it, and the messages.
import zlib from 'node:zlib';
import { Refused, bytes, concat, fromLatin1, hex, latin1 } from './codes.mjs';
import { Inflater } from './inflate.mjs';

const MAX_MESSAGE_LENGTH = 524294;
const NAME = 'permessage-deflate';
const SERVER_FRESH = 'server_no_context_takeover', CLIENT_FRESH = 'client_no_context_takeover';
const SERVER_WINDOW = 'server_max_window_bits', CLIENT_WINDOW = 'client_max_window_bits';
const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]/;

/** Sec-WebSocket-Extensions by the grammar of RFC 6455, section 9.1. Offsets count bytes of UTF-8. */
class ExtensionHeader {
    constructor(header) {
        this.text = latin1(new TextEncoder().encode(header));
        this.at = 0;
    }

    refuse() {
        throw new Refused('bad-grammar', this.at);
    }

    /** The next character that is no space; undefined at the end. */
    next() {
        while (this.text[this.at] === ' ' || this.text[this.at] === '\t') this.at += 1;
        return this.text[this.at];
    }

    takes(character) {
        if (this.next() !== character) return false;
        this.at += 1;
        return true;
    }

    isToken() {
        return this.at < this.text.length && TOKEN.test(this.text[this.at]);
    }

    token() {
        this.next();
        const start = this.at;
        while (this.isToken()) this.at += 1;
        if (this.at === start) this.refuse();
        return this.text.slice(start, this.at);
    }

    value() {
        if (!this.takes('"')) return this.token();
        let out = '';
        while (this.at < this.text.length && this.text[this.at] !== '"') {
            if (this.text[this.at] === '\\') this.at += 1;
            if (!this.isToken()) this.refuse();
            out += this.text[this.at++];
        }
        if (this.at === this.text.length || out === '') this.refuse();
        this.at += 1;
        return out;
    }

    /** Each extension: its name, and its parameters as pairs of a name and a value or null. */
    extensions() {
        const found = [];
        for (;;) {
            while (this.takes(','));
            if (this.next() === undefined && found.length > 0) return found;
            const name = this.token();
            const parameters = [];
            while (this.takes(';')) {
                const parameter = this.token();
                parameters.push([parameter, this.takes('=') ? this.value() : null]);
            }
            found.push({ name, parameters });
            if (this.next() !== undefined && !this.takes(',')) this.refuse();
        }
    }
}

export const readExtensions = (header) => new ExtensionHeader(header).extensions();

/** The meaning of one parameter: true, a window, or null for a window without a value. */
function parameterValue(name, value, seen, mayLackValue) {
    if (![SERVER_FRESH, CLIENT_FRESH, SERVER_WINDOW, CLIENT_WINDOW].includes(name)) throw new Refused('unknown-parameter');
    if (seen.has(name)) throw new Refused('repeated-parameter');
    if (name === SERVER_FRESH || name === CLIENT_FRESH) {
        if (value !== null) throw new Refused('bad-value');
        return true;
    }
    if (value === null && name === CLIENT_WINDOW && mayLackValue) return null;
    if (value === null || !/^([89]|1[0-5])$/.test(value)) throw new Refused('bad-value');
    return Number(value);
}

function readOffer(parameters) {
    const offer = new Map();
    for (const [name, value] of parameters) offer.set(name, parameterValue(name, value, offer, true));
    return offer;
}

/** The server's answer, to the first offer of permessage-deflate that is valid; null declines. */
export function answerOffers(offers, config) {
    for (const { name, parameters } of readExtensions(offers)) {
        if (name !== NAME) continue;
        let offer;
        try {
            offer = readOffer(parameters);
        } catch {
            continue;
        }
        const parts = [NAME];
        if (offer.has(SERVER_FRESH) || config.serverNoContextTakeover) parts.push(SERVER_FRESH);
        if (offer.has(CLIENT_FRESH) || config.clientNoContextTakeover) parts.push(CLIENT_FRESH);
        const own = config.serverMaxWindowBits ?? 15;
        if (offer.has(SERVER_WINDOW) || own < 15) parts.push(`${SERVER_WINDOW}=${Math.min(own, offer.get(SERVER_WINDOW) ?? 15)}`);
        const clientBits = Math.min(config.clientMaxWindowBits ?? 15, offer.get(CLIENT_WINDOW) ?? 15);
        if (offer.has(CLIENT_WINDOW) && clientBits < 15) parts.push(`${CLIENT_WINDOW}=${clientBits}`);
        return parts.join('; ');
    }
    return null;
}

const isBlank = (header) => /^[ \t]*$/.test(header);

/** What a client makes of the server's answer; null for none. */
export function checkAnswer(offer, response) {
    if (isBlank(response)) return null;
    const answers = readExtensions(response);
    const offered = (isBlank(offer) ? [] : readExtensions(offer)).filter(({ name }) => name === NAME)
        .map(({ parameters }) => readOffer(parameters));
    answers.forEach(({ name }, place) => {
        if (name !== NAME || offered.length === 0) throw new Refused('unoffered-extension');
        if (place > 0) throw new Refused('repeated-extension');
    });
    const faults = [];
    for (const one of offered) {
        try {
            return checkAnswerTo(one, answers[0].parameters);
        } catch (fault) {
            faults.push(fault);
        }
    }
    throw faults[0];
}

function checkAnswerTo(offer, parameters) {
    const answer = new Map();
    for (const [name, value] of parameters) {
        const meaning = parameterValue(name, value, answer, false);
        if (name === CLIENT_WINDOW && !offer.has(name)) throw new Refused('unoffered-window');
        const isWindow = name === SERVER_WINDOW || name === CLIENT_WINDOW;
        if (isWindow && meaning > (offer.get(name) ?? 15)) throw new Refused('window-above-offer');
        answer.set(name, meaning);
    }
    for (const name of [SERVER_FRESH, SERVER_WINDOW]) {
        if (offer.has(name) && !answer.has(name)) throw new Refused('missing-parameter');
    }
    return {
        serverNoContextTakeover: answer.has(SERVER_FRESH), clientNoContextTakeover: answer.has(CLIENT_FRESH),
        serverMaxWindowBits: answer.get(SERVER_WINDOW) ?? 15, clientMaxWindowBits: answer.get(CLIENT_WINDOW) ?? 15,
    };
}

export function deflateNegotiate({ side, offers, offer, response, config = {} }) {
    return side === 'server' ? { response: answerOffers(offers, config) } : { parameters: checkAnswer(offer, response) };
}

export function deflateCompress({ messages, windowBits = 15, contextTakeover = true, level = 6 }) {
    // zlib refuses a raw window of 8 bits. With 9 its distances stay at most 250, which a window of 8 bits holds.
    const bits = Math.max(windowBits, 9);
    let history = new Uint8Array();
    return {
        messages: messages.map((message) => {
            const data = bytes(message);
            const options = { windowBits: bits, level, finishFlush: zlib.constants.Z_SYNC_FLUSH };
            if (history.length > 0) options.dictionary = history;
            const out = latin1(zlib.deflateRawSync(data, options));
            if (contextTakeover) history = concat([history, data]).slice(-(2 ** bits));
            const body = out.endsWith('\x00\x00\xff\xff') ? out.slice(0, -4) : out;
            return hex(fromLatin1(body === '' ? '\x00' : body)); // nothing to flush: an empty stored block says the same
        }),
    };
}

export function deflateDecompress({ messages, windowBits = 15, contextTakeover = true, maxLength = MAX_MESSAGE_LENGTH }) {
    const inflater = new Inflater({ windowBits, contextTakeover, limit: maxLength });
    return {
        messages: messages.map((message, index) => {
            try {
                return hex(inflater.message(bytes(message)));
            } catch (fault) {
                throw fault.code ? new Refused(fault.code, undefined, index) : fault;
            }
        }),
    };
}
