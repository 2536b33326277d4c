import assert from 'node:assert/strict';
import test from 'node:test';
import { Calls, Client, DISPLACEMENT, WsError, decodeFrame, encodeFrame, type Message } from './client.mjs';
import { callJSON } from './example.mjs';

/** A WebSocket whose other end echoes calls as id 3. */
class Echo {
    static last: Echo;
    binaryType = '';
    readyState = 0;
    onopen?: () => void;
    onmessage?: (event: { data: ArrayBuffer }) => void;
    onclose?: (event: { code: number; reason: string }) => void;

    constructor() {
        Echo.last = this;
        queueMicrotask(() => {
            this.readyState = 1;
            this.onopen?.();
        });
    }

    send(data: Uint8Array): void {
        const { sn, payload } = decodeFrame(data);
        this.deliver(encodeFrame(3, sn, payload));
    }

    deliver(message: Uint8Array): void {
        this.onmessage?.({ data: message.slice().buffer as ArrayBuffer });
    }

    close(code = 1000): void {
        this.readyState = 3;
        this.onclose?.({ code, reason: '' });
    }
}

const connected = (): Promise<Client> => new Client('ws://host/join', { WebSocket: Echo, redial: false }).connect();

test('a call in JSON comes back typed', async () => {
    const client = await connected();
    const { greeting } = await callJSON<{ greeting: string }>(client, 2, { greeting: 'hello' });
    assert.equal(greeting, 'hello');
    const message: Message = await client.call(2, 'text');
    assert.equal(message.kind, 'response');
});

test('errors carry their codes', async () => {
    const client = await connected();
    await client.close();
    await assert.rejects(client.call(2), { code: 'stopped' });
    assert.throws(() => decodeFrame(new Uint8Array()), WsError);
});

test('events carry their details', async () => {
    const client = await connected();
    const displaced = new Promise<string>((resolve) => {
        client.addEventListener('displaced', ({ detail }) => resolve(`${detail.newIp} at ${detail.ts + 0n}`));
    });
    Echo.last.deliver(encodeFrame(DISPLACEMENT, 0, Uint8Array.of(0x0a, 1, 97, 0x12, 1, 98, 0x18, 5)));
    assert.equal(await displaced, 'b at 5');
});

test('what waits keeps its type', () => {
    const calls = new Calls<{ name: string }>('server');
    assert.equal(calls.begin({ name: 'first' }), 3);
    assert.equal(calls.end(3)?.name, 'first');
});
