// What was seen, in order, within bounds: of more entries or bytes the oldest are given up.

const CAPACITY = 20000; // entries
const LARGEST = 32 * 1024 * 1024; // bytes of all payloads

/**
 * @typedef {object} Entry
 * @property {number} seq counts all entries of a store, from 0
 * @property {number} time milliseconds since 1970
 * @property {number} connection
 * @property {'client'|'server'|''} from who sent it
 * @property {'frame'|'control'|'finding'|'note'|'malformed'} type
 * @property {string} kind message, request, response, displacement, acknowledgement; of others what the list shows
 * @property {number|null} id @property {number|null} sn
 * @property {number} size of the payload
 * @property {Uint8Array} payload what is kept of it
 * @property {number} charset
 * @property {boolean|null} compressed null: nobody knows
 * @property {string} [text] of what has no payload
 */

export class Store {
    #entries = new Array(CAPACITY);
    #bytes = 0;
    #listeners = new Set();
    #matches = []; // numbers of entries that pass the filter; those before #skipped are given up
    #skipped = 0;
    #filter = () => true;

    /** The number of the first entry that is kept, and of the next one. */
    first = 0;
    next = 0;

    /** @param {Omit<Entry, 'seq'>} entry */
    add(entry) {
        this.#bytes += entry.payload.length;
        // The place of the newest may be that of the oldest.
        while (this.next - this.first >= CAPACITY || (this.#bytes > LARGEST && this.first < this.next)) this.#forgetFirst();
        entry.seq = this.next;
        this.next += 1;
        this.#entries[entry.seq % CAPACITY] = entry;
        if (this.#filter(entry)) this.#matches.push(entry.seq);
        this.#trim();
        for (const listener of this.#listeners) listener();
        return entry;
    }

    #forgetFirst() {
        const slot = this.first % CAPACITY;
        this.#bytes -= this.#entries[slot].payload.length;
        this.#entries[slot] = undefined;
        this.first += 1;
    }

    #trim() {
        while (this.#skipped < this.#matches.length && this.#matches[this.#skipped] < this.first) this.#skipped += 1;
        if (this.#skipped > 4096) {
            this.#matches.splice(0, this.#skipped);
            this.#skipped = 0;
        }
    }

    /** The entry with a number; undefined where it is no longer kept. */
    get(seq) {
        return seq >= this.first && seq < this.next ? this.#entries[seq % CAPACITY] : undefined;
    }

    /** All that is kept, the oldest first. */
    * all() {
        for (let seq = this.first; seq < this.next; seq += 1) yield this.get(seq);
    }

    /** Shows only what passes. @param {(entry: Entry) => boolean} filter */
    setFilter(filter) {
        this.#filter = filter;
        this.#matches = [];
        this.#skipped = 0;
        for (const entry of this.all()) if (filter(entry)) this.#matches.push(entry.seq);
        for (const listener of this.#listeners) listener();
    }

    /** How many entries pass the filter. */
    get count() { return this.#matches.length - this.#skipped; }

    /** The entry at a place among those that pass. */
    at(index) { return this.get(this.#matches[this.#skipped + index]); }

    /** The place of an entry among those that pass; where it would stand if it does not. */
    indexOf(seq) {
        let [low, high] = [this.#skipped, this.#matches.length];
        while (low < high) {
            const middle = (low + high) >> 1;
            if (this.#matches[middle] < seq) low = middle + 1;
            else high = middle;
        }
        return low - this.#skipped;
    }

    /** Forgets everything. */
    clear() {
        this.#entries.fill(undefined);
        this.#bytes = 0;
        this.first = this.next;
        this.#matches = [];
        this.#skipped = 0;
        for (const listener of this.#listeners) listener();
    }

    /** Has a function run after each change. */
    onChange(listener) { this.#listeners.add(listener); }
}

const FIELDS = {
    id: (entry) => String(entry.id), sn: (entry) => String(entry.sn), conn: (entry) => String(entry.connection),
    from: (entry) => entry.from, kind: (entry) => entry.kind, type: (entry) => entry.type,
};

/**
 * Reads a filter: words that all have to fit, as `id:2 from:server hello`; `-` before one turns it round.
 * @param {string} text @param {(entry: Entry) => string} textOf what words without a field are looked for in
 */
export function parseFilter(text, textOf) {
    const tests = text.trim().toLowerCase().split(/\s+/).filter(Boolean).map((word) => {
        const isNot = word.startsWith('-') && word.length > 1;
        const [, field, value] = /^(id|sn|conn|from|kind|type):(.*)$/.exec(isNot ? word.slice(1) : word) ?? [];
        const wanted = isNot ? word.slice(1) : word;
        const fits = field
            ? (entry) => value.split(',').includes(FIELDS[field](entry).toLowerCase())
            : (entry) => textOf(entry).toLowerCase().includes(wanted);
        return isNot ? (entry) => !fits(entry) : fits;
    });
    return (entry) => tests.every((test) => test(entry));
}
