// The mock server's side: what it does, its connections, and what can be done to them.
import * as api from './api.mjs';
import { $, announce, attempt, make, setText } from './elements.mjs';
import { duration } from './latency.mjs';
import { fromHex, parseId, parsePayload, preview, toHex, visible } from './payload.mjs';

export class ServerPanel {
    #behaviors = new Map();
    #connections = new Map(); // rows by number
    #chosen = null;
    url = '';

    constructor() {
        $('behavior').addEventListener('change', () => this.#describe());
        $('behavior-filter').addEventListener('input', () => this.#list());
        $('mock').addEventListener('submit', (event) => {
            event.preventDefault();
            attempt(() => this.#apply());
        });
        $('command').addEventListener('submit', (event) => {
            event.preventDefault();
            attempt(() => this.#command(event.submitter.value));
        });
    }

    /** Asks what there is. */
    async load() {
        const server = await api.read('/api/server');
        this.url = server.url;
        this.#behaviors = new Map(server.behaviors.map((behavior) => [behavior.name, behavior]));
        this.#list();
        this.heard({ type: 'server', ...server });
    }

    #list() {
        const words = $('behavior-filter').value.toLowerCase().split(/\s+/).filter(Boolean);
        const groups = new Map();
        for (const { name, title, group } of this.#behaviors.values()) {
            if (!words.every((word) => `${name} ${title}`.toLowerCase().includes(word))) continue;
            if (!groups.has(group)) groups.set(group, []);
            groups.get(group).push(make('option', { value: name, title, text: name.replace(/^mutant:/, '') }));
        }
        const chosen = $('behavior').value || this.current;
        $('behavior').replaceChildren(...[...groups].map(([label, options]) => make('optgroup', { label }, ...options)));
        if ([...$('behavior').options].some((option) => option.value === chosen)) $('behavior').value = chosen;
        this.#describe();
    }

    #describe() {
        const name = $('behavior').value;
        setText($('behavior-title'), this.#behaviors.get(name)?.title || TITLES[name] || (name ? '' : 'No behavior has such a name.'));
    }

    async #apply() {
        const done = await api.act('/api/behavior', { behavior: $('behavior').value, compress: $('compress').checked });
        announce(`new connections find the mock server as: ${done.behavior}`);
    }

    /** What the console tells of the server and its connections. */
    heard(event) {
        switch (event.type) {
        case 'server':
            this.current = event.behavior;
            $('compress').checked = event.compress;
            if ([...$('behavior').options].some((option) => option.value === event.behavior)) $('behavior').value = event.behavior;
            this.#describe();
            setText($('current'), `${event.behavior}${event.compress ? ', compresses' : ''}`);
            break;
        case 'open': this.#add(event); break;
        case 'closed': this.#remove(event); break;
        default: break;
        }
    }

    /** Forgets the connections, which will be told again. */
    forget() {
        for (const row of this.#connections.values()) row.remove();
        this.#connections.clear();
        this.#count();
    }

    #add({ number, identity, address, behavior, charset, compressed }) {
        if (this.#connections.has(number)) return;
        const choice = make('input', { type: 'radio', name: 'connection', value: number, 'aria-label': `connection ${number}, ${visible(identity)}`,
            onchange: () => this.#choose(number) });
        const row = make('tr', {}, make('td', {}, make('label', {}, choice, ` ${number}`)), make('td', { class: 'mono', text: visible(identity) }),
            make('td', { class: 'mono', text: visible(address) }), make('td', { text: `${behavior}${compressed ? ', deflate' : ''}` }));
        row.charset = charset;
        this.#connections.set(number, row);
        $('connections').append(row);
        if (this.#chosen === null || !this.#connections.has(this.#chosen)) this.#choose(number);
        this.#count();
    }

    #choose(number) {
        this.#chosen = number;
        const radio = this.#connections.get(number)?.querySelector('input');
        if (radio) radio.checked = true;
    }

    #remove({ number, reason }) {
        this.#connections.get(number)?.remove();
        this.#connections.delete(number);
        if (this.#chosen === number) {
            this.#chosen = null;
            const other = this.#connections.keys().next();
            if (!other.done) this.#choose(other.value);
        }
        setText($('last-end'), `connection ${number} ended: ${visible(reason)}`);
        this.#count();
    }

    #count() {
        setText($('connection-count'), String(this.#connections.size));
        $('no-connections').hidden = this.#connections.size > 0;
        $('connection-table').hidden = this.#connections.size === 0;
        for (const control of $('command').elements) control.disabled = this.#connections.size === 0;
    }

    async #command(what) {
        const number = this.#chosen;
        const row = this.#connections.get(number);
        if (!row) throw new Error('no connection is chosen');
        const content = { connection: number };
        if (what === 'displace') content.newAddress = $('new-address').value.trim();
        if (what === 'call' || what === 'send') {
            content.id = parseId($('command-id').value);
            content.payload = toHex(parsePayload($('command-payload').value, $('command-format').value, row.charset));
        }
        const done = await api.act(`/api/${what}`, content);
        if (what === 'call') {
            announce(`client ${number} answered with id ${done.id}, sn ${done.sn} after ${duration(done.microseconds / 1000)}: `
                + preview(fromHex(done.payload), row.charset, 60));
        } else {
            announce(done.done === false ? `connection ${number} has ended by itself` : `${what}: done to connection ${number}`);
        }
    }
}

const TITLES = {
    reference: 'the reference application, right in everything', 'websocket-echo': 'any WebSocket message comes back',
    blackhole: 'reads everything, writes nothing', original: 'with the faults and the framing of the original',
    chaos: 'loses, delays, repeats and spoils some of what it sends',
};
