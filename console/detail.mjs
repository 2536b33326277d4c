// One entry in full: its fields, its header byte by byte, its payload as text and as bytes.
import { GBK } from './client.mjs';
import { make } from './elements.mjs';
import { clock, displacementOf } from './frames.mjs';
import { duration } from './latency.mjs';
import { textOf, toHex, visible } from './payload.mjs';

const SHOWN = 4096; // bytes of a dump, and characters of a text

/** Shows an entry in an element; `actions` are buttons that go with it. */
export function showDetail(box, entry, actions = []) {
    if (!entry) {
        box.replaceChildren(make('p', { class: 'quiet', text: 'Choose a line of the log to see it in full.' }));
        return;
    }
    const parts = [make('dl', { class: 'fields' }, ...fields(entry).flatMap(([name, value]) => [
        make('dt', { text: name }), make('dd', { text: value })]))];
    if (actions.length) parts.push(make('p', { class: 'line' }, ...actions));
    if (entry.type === 'frame') parts.push(...header(entry));
    parts.push(...content(entry));
    box.replaceChildren(...parts);
}

function fields(entry) {
    const list = [['time', clock(entry.time)], ['connection', String(entry.connection)]];
    if (entry.from) list.push(['from', entry.from]);
    list.push(['kind', entry.kind]);
    if (entry.id !== null) list.push(['id', String(entry.id)]);
    if (entry.sn !== null) list.push(['sn', entry.sn === 0 ? '0, one-way' : String(entry.sn)]);
    if (entry.type === 'frame') list.push(['length', `${entry.size + 8}, payload ${entry.size}`]);
    if (entry.latency !== undefined) list.push(['answered after', duration(entry.latency)]);
    if (entry.compressed !== null) list.push(['compressed', entry.compressed ? 'yes' : 'no']);
    else if (entry.deflate !== undefined) list.push(['compressed', entry.deflate ? 'agreed; browsers do not show it of a message' : 'no']);
    if (entry.fragments !== undefined) list.push(['on the wire', `${entry.wire} bytes in ${entry.fragments} WebSocket frame${entry.fragments === 1 ? '' : 's'}`]);
    if (entry.requirement) list.push(['rule', entry.requirement]);
    if (entry.text !== undefined) list.push(['says', visible(entry.text)]);
    if (entry.kind === 'displacement') {
        const said = displacementOf(entry.payload);
        if (said) list.push(['displaced', said.oldAddress], ['by', said.newAddress], ['at', said.time]);
    }
    return list;
}

function header(entry) {
    const bytes = new DataView(new ArrayBuffer(14));
    bytes.setUint16(0, 0xfeef);
    bytes.setUint32(2, entry.size + 8, true);
    bytes.setUint32(6, entry.id, true);
    bytes.setUint32(10, entry.sn ?? 0, true);
    // Of other revisions the header looks otherwise, and the console does not have it.
    if (entry.sn === null) return [];
    const part = (name, from, to) => make('span', { title: name, class: `byte ${name}` },
        make('b', { text: toHex(new Uint8Array(bytes.buffer, from, to - from)) }), make('small', { text: name }));
    return [make('p', { class: 'header', role: 'img', 'aria-label': `header ${toHex(new Uint8Array(bytes.buffer))}` },
        part('magic', 0, 2), part('length', 2, 6), part('id', 6, 10), part('sn', 10, 14))];
}

function content(entry) {
    if (entry.payload.length === 0) return entry.size ? [] : [make('p', { class: 'quiet', text: 'No payload.' })];
    const parts = [];
    const text = textOf(entry.payload, entry.charset);
    if (text !== null && entry.kind !== 'displacement') {
        parts.push(make('h3', { text: `Text (${entry.charset === GBK ? 'GBK' : 'UTF-8'})` }), make('pre', { text: printed(text), tabindex: 0 }));
    }
    const missing = entry.size - Math.min(entry.payload.length, SHOWN);
    parts.push(make('h3', { text: missing > 0 ? `Bytes, the first ${SHOWN} of ${entry.size}` : 'Bytes' }),
        make('pre', { text: dump(entry.payload.subarray(0, SHOWN)), class: 'dump', tabindex: 0 }));
    return parts;
}

/** Text as it is read: lines as lines, JSON in order, what cannot be seen as its code. */
function printed(text) {
    let shown = text;
    if (/^\s*[[{]/.test(text) && text.length <= 1 << 16) {
        try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* it only looks like it */ }
    }
    const cut = shown.length > SHOWN ? `${shown.slice(0, SHOWN)}\n… ${shown.length - SHOWN} characters more` : shown;
    return cut.split('\n').map((line) => visible(line.replaceAll('\t', '    '))).join('\n');
}

function dump(bytes) {
    const lines = [];
    for (let at = 0; at < bytes.length; at += 16) {
        const row = bytes.subarray(at, at + 16);
        const hex = [...row].map((byte) => byte.toString(16).padStart(2, '0'));
        const text = [...row].map((byte) => (byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : '·')).join('');
        lines.push(`${at.toString(16).padStart(6, '0')}  ${`${hex.slice(0, 8).join(' ')}  ${hex.slice(8).join(' ')}`.padEnd(48)}  ${text}`);
    }
    return lines.join('\n');
}
