// DEFLATE (RFC 1951), decompressing: written out because zlib under Node neither says whether it stopped between two blocks
// nor holds distances to the negotiated window.
import { Refused } from './codes.mjs';

const LENGTH_BASE = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASE = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
    8193, 12289, 16385, 24577];
const DISTANCE_BITS = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const LONGEST_CODE = 15;

/** A canonical Huffman code from the lengths of its symbols. */
class Huffman {
    constructor(lengths, { mayBeIncomplete }) {
        this.count = new Array(LONGEST_CODE + 1).fill(0);
        for (const length of lengths) this.count[length] += 1;
        let left = 1;
        for (let length = 1; length <= LONGEST_CODE; length += 1) {
            left = left * 2 - this.count[length];
            if (left < 0) throw new Refused('invalid-data');
        }
        const used = lengths.length - this.count[0];
        // One code of one bit, or none at all, is as much as may be missing.
        if (left > 0 && !(mayBeIncomplete && used <= 1 && this.count[1] === used)) throw new Refused('invalid-data');
        this.count[0] = 0;
        const offsets = [0, 0];
        for (let length = 1; length < LONGEST_CODE; length += 1) offsets.push(offsets[length] + this.count[length]);
        this.symbols = [];
        lengths.forEach((length, symbol) => {
            if (length > 0) this.symbols[offsets[length]++] = symbol;
        });
    }
}

const FIXED_LITERALS = new Huffman(Array.from({ length: 288 }, (_, n) => (n < 144 ? 8 : n < 256 ? 9 : n < 280 ? 7 : 8)), {});
const FIXED_DISTANCES = new Huffman(new Array(32).fill(5), {});

/** Decompresses the messages of one direction. */
export class Inflater {
    #history = [];

    constructor({ windowBits, contextTakeover, limit }) {
        this.window = 2 ** windowBits;
        this.takeover = contextTakeover;
        this.limit = limit;
    }

    /** @param {Uint8Array} data without the tail 00 00 FF FF, which this appends */
    message(data) {
        this.data = new Uint8Array(data.length + 4);
        this.data.set(data);
        this.data.set([0, 0, 0xff, 0xff], data.length);
        [this.at, this.bits, this.bitCount] = [0, 0, 0];
        this.out = this.takeover ? this.#history : [];
        this.start = this.out.length; // of this message
        this.oldest = 0; // what a distance may reach
        while (!(this.at === this.data.length && this.bitCount === 0)) {
            if (!this.#block()) continue;
            // A final block. What follows is a stream of its own, unless it is only the tail that was appended.
            [this.bits, this.bitCount] = [0, 0];
            this.oldest = this.out.length;
            if (this.at === data.length) break;
        }
        const message = Uint8Array.from(this.out.slice(this.start));
        this.#history = this.out.slice(Math.max(this.oldest, this.out.length - this.window));
        return message;
    }

    #take(count) {
        while (this.bitCount < count) {
            if (this.at === this.data.length) throw new Refused('truncated');
            this.bits |= this.data[this.at++] << this.bitCount;
            this.bitCount += 8;
        }
        const value = this.bits & (1 << count) - 1;
        this.bits >>>= count;
        this.bitCount -= count;
        return value;
    }

    #symbol(huffman) {
        let code = 0;
        let first = 0;
        let index = 0;
        for (let length = 1; length <= LONGEST_CODE; length += 1) {
            code |= this.#take(1);
            const count = huffman.count[length];
            if (code - count < first) return huffman.symbols[index + code - first];
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        throw new Refused('invalid-data');
    }

    #put(byte) {
        if (this.out.length - this.start >= this.limit) throw new Refused('too-large');
        this.out.push(byte);
    }

    /** One block; whether it was marked as the last. */
    #block() {
        const isFinal = this.#take(1) === 1;
        const type = this.#take(2);
        if (type === 0) this.#stored();
        else if (type === 1) this.#codes(FIXED_LITERALS, FIXED_DISTANCES);
        else if (type === 2) this.#dynamic();
        else throw new Refused('invalid-data');
        return isFinal;
    }

    #stored() {
        [this.bits, this.bitCount] = [0, 0];
        const length = this.#take(16);
        if ((this.#take(16) ^ length) !== 0xffff) throw new Refused('invalid-data');
        for (let count = 0; count < length; count += 1) this.#put(this.#take(8));
    }

    #dynamic() {
        const literals = this.#take(5) + 257;
        const distances = this.#take(5) + 1;
        const codes = this.#take(4) + 4;
        if (literals > 286 || distances > 30) throw new Refused('invalid-data');
        const codeLengths = new Array(19).fill(0);
        for (let index = 0; index < codes; index += 1) codeLengths[ORDER[index]] = this.#take(3);
        const lengthCode = new Huffman(codeLengths, { mayBeIncomplete: false });
        const lengths = [];
        while (lengths.length < literals + distances) {
            const symbol = this.#symbol(lengthCode);
            if (symbol < 16) {
                lengths.push(symbol);
                continue;
            }
            if (symbol === 16 && lengths.length === 0) throw new Refused('invalid-data');
            const repeated = symbol === 16 ? lengths[lengths.length - 1] : 0;
            const times = symbol === 16 ? 3 + this.#take(2) : symbol === 17 ? 3 + this.#take(3) : 11 + this.#take(7);
            if (lengths.length + times > literals + distances) throw new Refused('invalid-data');
            for (let count = 0; count < times; count += 1) lengths.push(repeated);
        }
        if (lengths[256] === 0) throw new Refused('invalid-data'); // no way to end the block
        this.#codes(new Huffman(lengths.slice(0, literals), { mayBeIncomplete: true }),
            new Huffman(lengths.slice(literals), { mayBeIncomplete: true }));
    }

    #codes(literals, distances) {
        for (;;) {
            const symbol = this.#symbol(literals);
            if (symbol === 256) return;
            if (symbol < 256) {
                this.#put(symbol);
                continue;
            }
            if (symbol > 285) throw new Refused('invalid-data');
            const length = LENGTH_BASE[symbol - 257] + this.#take(LENGTH_BITS[symbol - 257]);
            const code = this.#symbol(distances);
            if (code > 29) throw new Refused('invalid-data');
            const distance = DISTANCE_BASE[code] + this.#take(DISTANCE_BITS[code]);
            if (distance > this.window || distance > this.out.length - this.oldest) throw new Refused('invalid-data');
            for (let count = 0; count < length; count += 1) this.#put(this.out[this.out.length - distance]);
        }
    }
}
