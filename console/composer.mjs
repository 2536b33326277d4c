// Sending messages and calls by hand, once or again and again.
import { $, announce, attempt } from './elements.mjs';
import { duration } from './latency.mjs';
import { parseId, parsePayload, preview } from './payload.mjs';

const MOST_WAITING = 1 << 20; // bytes in the socket's queue; while more wait there, nothing is sent
const CAUGHT_UP = 100; // milliseconds: what a busy page did not send within them is not made up for, or it would never be at leisure again

export class Composer {
    #peer;
    #repeating = null;

    /** @param {import('./peer.mjs').Peer} peer */
    constructor(peer) {
        this.#peer = peer;
        $('send').addEventListener('submit', (event) => {
            event.preventDefault();
            attempt(() => this.#send(event.submitter?.value ?? 'call'));
        });
        $('payload').addEventListener('keydown', (event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
                event.preventDefault();
                attempt(() => this.#send(event.shiftKey ? 'message' : 'call'));
            }
        });
        $('repeat-stop').addEventListener('click', () => this.#stop());
        peer.addEventListener('change', () => { if (!peer.isOpen) this.#stop(); });
    }

    get #what() {
        return {
            id: parseId($('id').value),
            payload: parsePayload($('payload').value, $('format').value, this.#peer.charset),
            timeout: Number($('timeout').value) * 1000,
        };
    }

    async #send(how) {
        const { id, payload, timeout } = this.#what;
        const client = this.#peer.connected;
        const times = Number($('times').value);
        if (times > 1) return this.#repeat(how, id, payload, timeout, times, Number($('rate').value));
        if (how === 'message') {
            client.send(id, payload);
            return announce(`sent with id ${id}, ${payload.length} bytes`);
        }
        const began = performance.now();
        const call = client.call(id, payload, { timeout });
        announce(`call with id ${id}, sn ${call.sn ?? ''}: waiting`);
        try {
            const answer = await call;
            announce(`call with sn ${answer.sn}: answered with id ${answer.protocolId} after ${duration(performance.now() - began)}: `
                + preview(answer.payload, this.#peer.charset, 60));
        } catch (error) {
            throw new Error(`call with id ${id}, sn ${call.sn ?? ''}: ${reason(error, timeout)}`);
        }
        return undefined;
    }

    #repeat(how, id, payload, timeout, times, rate) {
        this.#stop();
        let [last, due] = [performance.now(), 1];
        let [sent, failed, waiting] = [0, 0, 0];
        const run = () => {
            try {
                const client = this.#peer.connected;
                const now = performance.now();
                due += Math.min(now - last, CAUGHT_UP) * rate / 1000;
                last = now;
                for (; due >= 1 && sent < times && client.isOpen; due -= 1) {
                    // The server reads more slowly than that, or the page more slowly than it answers.
                    if (this.#peer.waiting > MOST_WAITING || waiting >= Math.max(10 * rate, 1000)) {
                        due = 0;
                        break;
                    }
                    sent += 1;
                    if (how === 'message') {
                        client.send(id, payload);
                    } else {
                        waiting += 1;
                        client.call(id, payload, { timeout }).catch(() => { failed += 1; }).finally(() => { waiting -= 1; });
                    }
                }
            } catch (error) {
                this.#stop();
                return announce(`${sent} of ${times} sent: ${error.message}`, true);
            }
            if (sent >= times) this.#stop();
            return announce(`${sent} of ${times} sent${failed ? `, ${failed} calls without an answer` : ''}`);
        };
        this.#repeating = setInterval(run, 10);
        $('repeat-stop').hidden = false;
        run();
    }

    #stop() {
        clearInterval(this.#repeating);
        this.#repeating = null;
        $('repeat-stop').hidden = true;
    }
}

function reason(error, timeout) {
    switch (error.code) {
    case 'timeout': return `no answer within ${duration(timeout)}`;
    case 'closed': return 'the connection ended before the answer came';
    default: return error.message;
    }
}
