// The server's calls to this page: answered by a rule, or by hand.
import { $, announce, attempt, make } from './elements.mjs';
import { parseId, parsePayload, preview } from './payload.mjs';

const MOST = 50; // calls that wait to be answered by hand

export class Calls {
    #peer;
    #waiting = [];

    /** @param {import('./peer.mjs').Peer} peer */
    constructor(peer) {
        this.#peer = peer;
        peer.addEventListener('request', ({ detail }) => this.#called(detail));
        peer.addEventListener('change', () => { if (!peer.isOpen) this.#clear(); });
        this.#show();
    }

    #called(request) {
        const isRuled = $('auto').checked && $('auto-request').value.trim() === String(request.protocolId);
        if (isRuled) return attempt(() => request.answer(parseId($('auto-answer').value), request.payload));
        if (this.#waiting.length === MOST) this.#waiting.shift();
        this.#waiting.push(request);
        announce(`the server calls with id ${request.protocolId}, sn ${request.sn}: answer it by hand`);
        return this.#show();
    }

    #clear() {
        this.#waiting = [];
        this.#show();
    }

    #show() {
        $('no-calls').hidden = this.#waiting.length > 0;
        const known = new Set(this.#waiting);
        for (const item of [...$('calls').children]) if (!known.delete(item.request)) item.remove();
        for (const request of known) $('calls').append(this.#item(request));
    }

    #item(request) {
        const { protocolId, sn, payload } = request;
        const name = `call with id ${protocolId}, sn ${sn}`;
        const id = make('input', { value: protocolId === 7 ? 17 : protocolId + 1, inputmode: 'numeric', size: 6, 'aria-label': `id of the answer to the ${name}` });
        const text = make('input', { class: 'grow', 'aria-label': `payload of the answer to the ${name}` });
        const format = make('select', { 'aria-label': `format of the answer to the ${name}` },
            ...['text', 'json', 'hex'].map((value) => make('option', { value, text: value })));
        const form = make('form', { class: 'line', onsubmit: (event) => {
            event.preventDefault();
            attempt(() => {
                request.answer(parseId(id.value), parsePayload(text.value, format.value, this.#peer.charset));
                this.#waiting = this.#waiting.filter((other) => other !== request);
                this.#show();
                announce(`answered the ${name}`);
            });
        } }, id, text, format, make('button', { text: 'Answer' }));
        const item = make('li', {}, make('p', { class: 'mono', text: `id ${protocolId} · sn ${sn} · ${preview(payload, this.#peer.charset, 80)}` }), form);
        item.request = request;
        return item;
    }
}
