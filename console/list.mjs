// A list of entries of which only those in sight are elements, however many there are.
import { make, onNextFrame, setText } from './elements.mjs';

const ROW = 24; // pixels, as in style.css

/**
 * Events: `select` (detail: the entry or null), `view` (what is in sight has changed).
 */
export class List extends EventTarget {
    #box;
    #space;
    #rows = [];
    #store;
    #cells;
    #selected = null;
    #follows = true; // whether the newest is in sight
    #paused = null; // the number of the next entry when it was paused
    #firstSeq = 0; // of the topmost in sight, to hold it when older ones are given up
    #topShift = 0;
    #draw;

    /**
     * @param {HTMLElement} box scrolls @param {import('./store.mjs').Store} store
     * @param {{name: string, text: (entry: object) => string}[]} cells the columns
     */
    constructor(box, store, cells) {
        super();
        this.#box = box;
        this.#cells = cells;
        this.#space = make('div', { class: 'space' });
        box.append(this.#space);
        this.#draw = onNextFrame(() => this.#render());
        box.addEventListener('scroll', () => this.#scrolled());
        box.addEventListener('keydown', (event) => this.#key(event));
        this.#space.addEventListener('click', (event) => {
            const row = event.target.closest('.row');
            if (row) this.#select(this.#store.indexOf(Number(row.dataset.seq)));
        });
        new ResizeObserver(this.#draw).observe(box);
        this.show(store);
    }

    /** Shows another store. */
    show(store) {
        this.#store = store;
        this.#selected = null;
        this.#follows = true;
        this.#paused = null;
        if (!store.isListed) {
            store.isListed = true;
            store.onChange(() => { if (store === this.#store) this.#draw(); });
        }
        this.#draw();
    }

    /** Holds the list as it is, or lets it go on; what comes meanwhile is kept. */
    set paused(isPaused) {
        this.#paused = isPaused ? this.#store.next : null;
        if (!isPaused) this.#follows = true;
        this.#draw();
    }

    /** How many entries have come since it was paused. */
    get waiting() { return this.#paused === null ? 0 : this.#store.next - this.#paused; }

    /** The places of what is in sight, from and behind. */
    get view() {
        const first = Math.floor(this.#box.scrollTop / ROW);
        return [first, Math.min(this.#count, first + Math.ceil(this.#box.clientHeight / ROW))];
    }

    get #count() {
        return this.#paused === null ? this.#store.count : this.#store.indexOf(this.#paused);
    }

    #scrolled() {
        const { scrollTop, scrollHeight, clientHeight } = this.#box;
        this.#follows = this.#paused === null && scrollTop + clientHeight >= scrollHeight - ROW;
        const first = this.#store.at(Math.floor(scrollTop / ROW));
        this.#firstSeq = first?.seq ?? this.#store.first;
        this.#topShift = scrollTop % ROW;
        this.#draw();
    }

    #render() {
        const count = this.#count;
        this.#space.style.height = `${count * ROW}px`;
        const high = this.#box.clientHeight;
        let top = this.#box.scrollTop;
        if (this.#follows) top = Math.max(0, count * ROW - high);
        else top = Math.max(0, Math.min(this.#store.indexOf(this.#firstSeq) * ROW + this.#topShift, count * ROW - high));
        if (Math.abs(top - this.#box.scrollTop) >= 1) this.#box.scrollTop = top;
        const first = Math.floor(top / ROW);
        const needed = Math.max(0, Math.min(count - first, Math.ceil(high / ROW) + 1));
        while (this.#rows.length < needed) this.#addRow();
        this.#rows.forEach((row, place) => this.#fill(row, place < needed ? first + place : -1));
        this.#box.setAttribute('aria-rowcount', count);
        this.dispatchEvent(new Event('view'));
    }

    #addRow() {
        const cells = this.#cells.map(({ name }) => make('span', { class: name, role: 'gridcell' }));
        const element = make('div', { class: 'row', role: 'row' }, ...cells);
        this.#space.append(element);
        this.#rows.push({ element, cells });
    }

    #fill({ element, cells }, index) {
        const entry = index < 0 ? undefined : this.#store.at(index);
        element.hidden = !entry;
        if (!entry) return;
        element.style.transform = `translateY(${index * ROW}px)`;
        if (element.dataset.seq !== String(entry.seq)) {
            element.dataset.seq = entry.seq;
            element.id = `entry-${entry.seq}`;
            element.className = `row ${entry.type} ${entry.from} ${entry.isBad ? 'bad' : ''}`;
            cells.forEach((cell, column) => setText(cell, this.#cells[column].text(entry)));
        }
        element.setAttribute('aria-rowindex', index + 1);
        element.setAttribute('aria-selected', entry.seq === this.#selected);
    }

    #key(event) {
        const page = Math.max(1, Math.floor(this.#box.clientHeight / ROW) - 1);
        const steps = { ArrowUp: -1, ArrowDown: 1, PageUp: -page, PageDown: page, Home: -Infinity, End: Infinity };
        const step = steps[event.key];
        if (step === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
        event.preventDefault();
        const now = this.#selected === null ? this.view[1] : this.#store.indexOf(this.#selected);
        this.#select(Math.max(0, Math.min(this.#count - 1, now + step)));
    }

    #select(index) {
        const entry = this.#store.at(index);
        this.#selected = entry?.seq ?? null;
        if (entry) {
            this.#box.setAttribute('aria-activedescendant', `entry-${entry.seq}`);
            const high = this.#box.clientHeight;
            const top = this.#box.scrollTop;
            // The newest, when it is selected, is followed by those that come; any other one stays in sight.
            this.#follows = this.#paused === null && index === this.#store.count - 1 && this.#follows;
            if (index * ROW < top) this.#box.scrollTop = index * ROW;
            else if ((index + 1) * ROW > top + high) this.#box.scrollTop = (index + 1) * ROW - high;
            if (!this.#follows) {
                this.#firstSeq = this.#store.at(Math.floor(this.#box.scrollTop / ROW))?.seq ?? 0;
                this.#topShift = this.#box.scrollTop % ROW;
            }
        }
        this.#draw();
        this.dispatchEvent(Object.assign(new Event('select'), { detail: entry ?? null }));
    }
}
