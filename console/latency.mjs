// How long calls took, as a plot over time.
import { colour, drawing, onNextFrame } from './elements.mjs';

const CAPACITY = 4000; // calls
const MARGIN = { left: 52, right: 10, top: 10, bottom: 20 };

/** A duration in milliseconds, as people say it. */
export function duration(milliseconds) {
    if (milliseconds < 1) return `${Math.round(milliseconds * 1000)} µs`;
    if (milliseconds < 1000) return `${milliseconds.toFixed(milliseconds < 10 ? 2 : 0)} ms`;
    return `${(milliseconds / 1000).toFixed(2)} s`;
}

export class LatencyPlot {
    #canvas;
    #label;
    #calls = [];
    #next = 0;
    #draw;

    constructor(canvas, label) {
        this.#canvas = canvas;
        this.#label = label;
        this.#draw = onNextFrame(() => this.#render());
        new ResizeObserver(this.#draw).observe(canvas);
        matchMedia('(prefers-color-scheme: dark)').addEventListener('change', this.#draw);
    }

    /** Takes note of a call: when it was answered, and after how long, both in milliseconds. */
    add(time, latency) {
        this.#calls[this.#next % CAPACITY] = { time, latency: Math.max(latency, 0.001) };
        this.#next += 1;
        this.#draw();
    }

    clear() {
        this.#calls = [];
        this.#next = 0;
        this.#draw();
    }

    #render() {
        if (!this.#canvas.getClientRects().length) return;
        const { context, width, height } = drawing(this.#canvas);
        const sorted = this.#calls.map((call) => call.latency).sort((a, b) => a - b);
        const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
        const text = sorted.length === 0 ? 'No call has been answered yet.'
            : `${this.#next} calls answered; of the last ${sorted.length}: median ${duration(at(0.5))}, `
                + `99 % within ${duration(at(0.99))}, longest ${duration(at(1))}`;
        this.#label.textContent = text;
        this.#canvas.setAttribute('aria-label', `Latency of calls. ${text}`);
        if (sorted.length === 0) return;
        const [low, high] = [Math.floor(Math.log10(sorted[0])), Math.max(Math.ceil(Math.log10(at(1))), Math.floor(Math.log10(sorted[0])) + 1)];
        let [from, to] = [Infinity, -Infinity];
        for (const { time } of this.#calls) [from, to] = [Math.min(from, time), Math.max(to, time)];
        if (to - from < 1000) from = to - 1000;
        const x = (time) => MARGIN.left + (time - from) / (to - from) * (width - MARGIN.left - MARGIN.right);
        const y = (latency) => height - MARGIN.bottom
            - (Math.log10(latency) - low) / (high - low) * (height - MARGIN.top - MARGIN.bottom);
        context.font = '11px system-ui, sans-serif';
        context.textBaseline = 'middle';
        context.textAlign = 'right';
        for (let power = low; power <= high; power += 1) {
            context.fillStyle = colour('quiet');
            context.fillText(duration(10 ** power), MARGIN.left - 6, y(10 ** power));
            context.fillStyle = colour('line');
            context.fillRect(MARGIN.left, Math.round(y(10 ** power)), width - MARGIN.left - MARGIN.right, 1);
        }
        context.fillStyle = colour('quiet');
        context.textBaseline = 'bottom';
        context.fillText('last', width - MARGIN.right, height - 2);
        context.textAlign = 'left';
        context.fillText(`${duration(to - from)} before`, MARGIN.left, height - 2);
        context.fillStyle = colour('accent');
        for (const { time, latency } of this.#calls) context.fillRect(x(time) - 1.5, y(latency) - 1.5, 3, 3);
    }
}
