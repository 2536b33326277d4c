// What the operations of the adapter protocol share.

/** A refusal of the input: an error code of docs/operations.md, and where. */
export class Refused extends Error {
    constructor(code, offset, index) {
        super(code);
        this.code = code;
        this.offset = offset;
        this.index = index;
    }
}

export const bytes = (hex) => new Uint8Array(Buffer.from(hex, 'hex'));
export const hex = (data) => Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex');
export const concat = (parts) => new Uint8Array(Buffer.concat(parts));
export const latin1 = (data) => Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1');
export const fromLatin1 = (text) => new Uint8Array(Buffer.from(text, 'latin1'));
/** Text that may hold anything; what is no UTF-8 shows as U+FFFD. */
export const text = (data) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(data);

export function isUTF8(data) {
    try {
        new TextDecoder('utf-8', { fatal: true }).decode(data);
        return true;
    } catch {
        return false;
    }
}

/** ASCII letters only: String.toLowerCase would take the Kelvin sign for a k. */
export const asciiLower = (value) => value.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
