// Payloads between bytes and what people read and write.
import { decodeText, encodeText, GBK, UTF8 } from './client.mjs';

const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}]/gu;

/** Text in which everything can be seen: what has no shape, or turns the direction of writing, stands there as its code. */
export function visible(text) {
    return text.replace(UNSEEN, (character) => {
        switch (character) {
        case '\n': return '\\n';
        case '\r': return '\\r';
        case '\t': return '\\t';
        default: return `\\u{${character.codePointAt(0).toString(16)}}`;
        }
    });
}

/** Bytes as hexadecimal digits. */
export function toHex(bytes) {
    let text = '';
    for (const byte of bytes) text += byte < 16 ? `0${byte.toString(16)}` : byte.toString(16);
    return text;
}

/** Bytes from hexadecimal digits, between which white space and colons are read over. */
export function fromHex(text) {
    const digits = text.replace(/[\s:]|0x/gi, '');
    const wrong = /[^0-9a-f]/i.exec(digits);
    if (wrong) throw new Error(`“${visible(wrong[0])}” is no hexadecimal digit`);
    if (digits.length % 2) throw new Error(`${digits.length} hexadecimal digits are no whole bytes`);
    return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Bytes from base64. */
export function fromBase64(text) {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** Text in a charset; null where the bytes are none, or hold control characters but TAB, CR and LF. */
export function textOf(bytes, charset) {
    let text;
    try {
        text = decodeText(bytes, charset);
    } catch {
        return null;
    }
    // eslint-disable-next-line no-control-regex
    return /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/.test(text) ? null : text;
}

/** What a list shows of a payload: text where it is some, else digits; no more than so many characters. */
export function preview(bytes, charset, limit = 200) {
    if (bytes.length === 0) return '';
    // A character has at most four bytes; one that is cut off at the end is no reason to show digits.
    const head = bytes.length > limit * 4 ? bytes.subarray(0, limit * 4) : bytes;
    for (let less = 0; less < (head === bytes ? 1 : 4); less += 1) {
        const text = textOf(head.subarray(0, head.length - less), charset);
        if (text !== null) return visible(text.slice(0, limit));
    }
    return `0x ${toHex(head.subarray(0, Math.min(head.length, limit / 2)))}`;
}

/**
 * Reads what somebody has typed.
 * @param {string} text
 * @param {'text'|'utf8'|'gbk'|'json'|'hex'} format `text` and `json` are in the charset of the connection
 * @returns {Uint8Array}
 */
export function parsePayload(text, format, charset) {
    try {
        switch (format) {
        case 'hex': return fromHex(text);
        case 'json': return encodeText(JSON.stringify(parseJSON(text)), charset);
        case 'gbk': return encodeText(text, GBK);
        case 'utf8': return encodeText(text, UTF8);
        default: return encodeText(text, charset);
        }
    } catch (error) {
        if (error.code !== 'unencodable') throw error;
        const name = format === 'gbk' || (format !== 'utf8' && charset === GBK) ? 'GBK' : 'UTF-8';
        throw new Error(`${name} has no “${visible([...text][error.offset] ?? '')}”, the character at offset ${error.offset}`);
    }
}

function parseJSON(text) {
    try {
        return JSON.parse(text);
    } catch (error) {
        throw new Error(`this is no JSON: ${error.message}`);
    }
}

/** A protocolId that somebody has typed. */
export function parseId(text) {
    if (!/^\d{1,10}$/.test(text.trim())) throw new Error('an id is a number from 0 to 4294967295');
    return Number(text);
}
