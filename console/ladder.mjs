// The conversation as a ladder diagram: what is in sight in the list, from the oldest down to the newest.
import { colour, drawing, onNextFrame } from './elements.mjs';
import { clock, summary } from './frames.mjs';

const STEP = 26; // pixels from one arrow to the next
const TOP = 34;

export class Ladder {
    #canvas;
    #list;
    #store;
    #draw;

    /** @param {HTMLCanvasElement} canvas @param {import('./list.mjs').List} list what it follows */
    constructor(canvas, list, store) {
        this.#canvas = canvas;
        this.#list = list;
        this.#store = store;
        this.#draw = onNextFrame(() => this.#render());
        list.addEventListener('view', this.#draw);
        new ResizeObserver(this.#draw).observe(canvas);
        matchMedia('(prefers-color-scheme: dark)').addEventListener('change', this.#draw);
    }

    /** Follows another store. */
    show(store) {
        this.#store = store;
        this.#draw();
    }

    #render() {
        if (!this.#canvas.getClientRects().length) return;
        const { context, width, height } = drawing(this.#canvas);
        const [first, end] = this.#list.view;
        const room = Math.max(1, Math.floor((height - TOP - 8) / STEP));
        const entries = [];
        for (let index = Math.max(first, end - room); index < end; index += 1) {
            const entry = this.#store.at(index);
            if (entry) entries.push(entry);
        }
        const left = Math.min(110, width * 0.2);
        const right = width - Math.min(60, width * 0.12);
        const narrow = width < 420;
        context.textBaseline = 'middle';
        context.textAlign = 'center';
        context.font = '600 12px system-ui, sans-serif';
        context.fillStyle = colour('text');
        context.fillText('client', left, 14);
        context.fillText('server', right, 14);
        context.fillStyle = colour('line');
        for (const x of [left, right]) context.fillRect(x, 26, 1, height - 30);
        context.font = '11px ui-monospace, monospace';
        entries.forEach((entry, place) => this.#arrow(context, entry, TOP + place * STEP + 8, left, right, narrow));
        this.#canvas.setAttribute('aria-label', entries.length === 0 ? 'Ladder diagram; nothing has been sent yet.'
            : `Ladder diagram of ${entries.length} entries, the last one: ${entries.at(-1).from} ${entries.at(-1).kind} `
                + `${entries.at(-1).id ?? ''}. The list has the same as text.`);
    }

    #arrow(context, entry, y, left, right, narrow) {
        if (!narrow) {
            context.textAlign = 'left';
            context.fillStyle = colour('quiet');
            context.fillText(clock(entry.time), 4, y);
        }
        const tone = entry.isBad ? 'bad' : entry.kind === 'request' ? 'call' : entry.kind === 'response' ? 'answer' : 'accent';
        context.fillStyle = context.strokeStyle = colour(tone);
        const label = entry.type === 'frame' ? `${entry.id}${entry.sn ? ` sn ${entry.sn}` : ''}  ${summary(entry)}`
            : `${entry.kind} ${summary(entry)}`;
        const wide = right - left - 24;
        context.textAlign = 'center';
        context.fillText(cut(context, label, wide), (left + right) / 2, y - 7);
        if (entry.from === '') return;
        const [from, to] = entry.from === 'client' ? [left, right] : [right, left];
        const back = from < to ? -7 : 7;
        context.beginPath();
        context.moveTo(from, y + 2);
        context.lineTo(to, y + 2);
        context.stroke();
        context.beginPath();
        context.moveTo(to, y + 2);
        context.lineTo(to + back, y - 2);
        context.lineTo(to + back, y + 6);
        context.fill();
    }
}

/** As much of a text as is as wide as there is room for. */
function cut(context, text, width) {
    let end = Math.min(text.length, Math.floor(width / 6));
    while (end > 0 && context.measureText(text.slice(0, end)).width > width) end -= 1;
    return end < text.length ? `${text.slice(0, Math.max(0, end - 1))}…` : text;
}
