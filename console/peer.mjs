// This page as a client of the protocol, and what is seen of its connections.
import { Client, DISPLACEMENT, GBK, UTF8 } from './client.mjs';
import { bounded, note, ownEntry } from './frames.mjs';

const KEPT_CONNECTIONS = 100;

/**
 * Events: `change` (whether it is connected), `displaced` (detail: oldIp, newIp, ts), `request` (detail: a call of the server),
 * `answered` (detail: time, latency).
 */
export class Peer extends EventTarget {
    #store;
    #client = null;
    #connections = [];
    #current = null; // what is known of the connection at hand
    #calls = new Map(); // by sn: when they were sent
    #handled = new Set();
    #socket = null;
    state = 'closed';

    /** @param {import('./store.mjs').Store} store takes everything that is seen */
    constructor(store) {
        super();
        this.#store = store;
    }

    get isOpen() { return this.#client?.isOpen ?? false; }
    get isCompressed() { return this.#client?.isCompressed ?? false; }
    /** How many bytes the socket has not taken yet. */
    get waiting() { return this.#socket?.bufferedAmount ?? 0; }
    get charset() { return this.#client?.charset ?? UTF8; }
    get client() { return this.#client; }

    /** The last connections, for saving: number, url, protocol, opened. */
    get connections() { return this.#connections; }

    /**
     * Connects, and ends the connection before.
     * @param {string} address @param {{protocols: string[], redial: boolean}} options
     */
    async connect(address, { protocols, redial }) {
        const url = readURL(address);
        await this.close();
        this.#handled.clear();
        const client = new Client(url.href, { WebSocket: this.#tapped(url), protocols, redial: redial ? {} : false });
        this.#client = client;
        for (const type of ['open', 'close', 'displaced', 'redial', 'gaveup', 'error']) {
            client.addEventListener(type, (event) => { if (client === this.#client) this.#happened(type, event.detail); });
        }
        this.#become('connecting');
        try {
            await client.connect();
        } catch (error) {
            if (client === this.#client && !this.isOpen) this.#become('closed');
            throw new Error(`${error.message}. A browser does not say why; the mock server's log does, of its own connections.`);
        }
    }

    /** A WebSocket that shows what passes it before the client sees it. */
    #tapped(url) {
        const peer = this;
        return class extends WebSocket {
            constructor(address, wanted) {
                if (wanted) super(address, wanted);
                else super(address);
                peer.#socket = this;
                this.connection = peer.#opening(url);
                this.addEventListener('open', () => peer.#opened(this));
                this.addEventListener('message', (event) => peer.#saw(this, 'server', event.data));
            }

            send(data) {
                super.send(data);
                peer.#saw(this, 'client', data);
            }
        };
    }

    #opening(url) {
        const last = this.#connections.at(-1);
        const connection = { number: (last?.number ?? 0) + 1, url, protocol: null, opened: null };
        this.#connections.push(connection);
        if (this.#connections.length > KEPT_CONNECTIONS) this.#connections.shift();
        this.#current = connection;
        this.#calls.clear();
        return connection;
    }

    #opened(socket) {
        socket.connection.protocol = socket.protocol || null;
        socket.connection.opened = performance.timeOrigin + performance.now();
    }

    #saw(socket, from, data) {
        const { number } = socket.connection;
        const entry = ownEntry(number, from, data, this.charset);
        entry.deflate = /permessage-deflate/.test(socket.extensions);
        if (entry.type === 'frame') this.#follow(entry);
        this.#store.add(bounded(entry));
    }

    #follow(entry) {
        if (entry.from === 'client' && entry.kind === 'request') {
            this.#calls.set(entry.sn, entry.time);
            // Calls that nobody answers are not kept for ever.
            if (this.#calls.size > 10000) this.#calls.delete(this.#calls.keys().next().value);
        } else if (entry.from === 'server' && entry.kind === 'response') {
            const sent = this.#calls.get(entry.sn);
            this.#calls.delete(entry.sn);
            if (sent === undefined) return;
            entry.latency = entry.time - sent;
            this.#emit('answered', { time: entry.time, latency: entry.latency });
        } else if (entry.from === 'server' && entry.kind === 'request') {
            this.#handle(entry.id);
        }
    }

    /** The client hands over what has a handler: an id gets one when the first call with it comes, just before the client looks. */
    #handle(id) {
        if (this.#handled.has(id) || id === DISPLACEMENT) return;
        this.#handled.add(id);
        this.#client.handle(id, (message) => {
            if (message.kind === 'request') this.#emit('request', message);
        });
    }

    #happened(type, detail) {
        const number = this.#current?.number ?? 0;
        const say = (text, options) => this.#store.add(note(number, text, options));
        switch (type) {
        case 'open': {
            const { client } = this;
            const charset = client.charset === GBK ? 'GBK' : 'UTF-8';
            say(`connected to ${this.#current.url.href}, version ${client.version}, ${charset}, `
                + (client.isCompressed ? 'permessage-deflate agreed' : 'no compression'), { kind: 'open' });
            return this.#become('open');
        }
        case 'close':
            say(`closed with ${detail.code}${detail.reason ? `: ${detail.reason}` : ''}`,
                { kind: 'close', isBad: ![1000, 1005].includes(detail.code) });
            return this.#become(this.#client.isDisplaced ? 'displaced' : 'closed');
        case 'displaced': return this.#emit('displaced', detail);
        case 'redial': return this.#store.add(note(number, `connects again in ${Math.round(detail.delay)} ms, attempt ${detail.attempt}`));
        case 'gaveup': return say('no further attempt to connect', { isBad: true });
        case 'error': return say(`the client gives up: ${detail.error.message}`, { kind: 'error', isBad: true });
        default: return undefined;
        }
    }

    #become(state) {
        this.state = state;
        this.#emit('change', {});
    }

    #emit(type, detail) { this.dispatchEvent(Object.assign(new Event(type), { detail })); }

    /** The client, if it is connected. */
    get connected() {
        if (!this.isOpen) throw new Error('not connected');
        return this.#client;
    }

    /** Ends the connection. */
    async close(code = 1000) {
        await this.#client?.close(code);
    }
}

function readURL(address) {
    let url;
    try {
        url = new URL(address.trim());
    } catch {
        throw new Error('an address looks like ws://127.0.0.1:8003/join?uid=100');
    }
    if (url.protocol !== 'ws:' && url.protocol !== 'wss:') throw new Error('an address begins with ws:// or wss://');
    url.hash = '';
    return url;
}
