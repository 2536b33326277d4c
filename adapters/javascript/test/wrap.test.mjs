import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { DISPLACEMENT, encodeFrame } from '../client.mjs';
import { Driver } from '../driver.mjs';
import { WrappedClient, loadConnectionClass } from '../wrap.mjs';
import { next, socketClass } from './peer.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const json = (object) => new TextEncoder().encode(JSON.stringify(object));
const hex = (data) => Buffer.from(data).toString('hex');

function adapter(...given) {
    const process_ = spawn(process.execPath, [here('../adapter.mjs'), ...given], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = [];
    let waiting;
    let rest = '';
    process_.stdout.on('data', (data) => {
        const parts = (rest + data).split('\n');
        rest = parts.pop();
        lines.push(...parts);
        waiting?.();
    });
    return async (request) => {
        process_.stdin.write(`${JSON.stringify(request)}\n`);
        if (request.cmd === 'stop') return new Promise((resolve) => { process_.on('exit', resolve); });
        while (lines.length === 0) await new Promise((resolve) => { waiting = resolve; });
        return JSON.parse(lines.shift());
    };
}

test('the adapter answers for our client', async () => {
    const ask = adapter();
    assert.equal((await ask({ cmd: 'hello', seq: 1, protocol: 1 })).language, 'JavaScript');
    const encode = { revision: '1.3.3', protocolId: 2, sn: 2, payload: '6869' };
    assert.deepEqual(await ask({ cmd: 'run', seq: 2, operation: 'frame.encode', input: encode }),
        { seq: 2, output: { message: 'feef0a00000002000000020000006869' } });
    const { unsupported } = await ask({ cmd: 'run', seq: 3, operation: 'toString', input: {} });
    assert.match(unsupported, /toString/);
    assert.equal(await ask({ cmd: 'stop' }), 0);
});

test('the adapter answers for a class in a plain script', async () => {
    const ask = adapter('--wrap', here('script-client.js'));
    assert.deepEqual(await ask({ cmd: 'hello', seq: 1, protocol: 1 }),
        { seq: 1, name: 'script-client.js WsConnection', language: 'JavaScript', version: '1', capabilities: [] });
    const decode = { revision: '1.3.3', message: 'feef0a00000002000000020000006869' };
    assert.deepEqual(await ask({ cmd: 'run', seq: 2, operation: 'frame.decode', input: decode }),
        { seq: 2, output: { protocolId: 2, sn: 2, length: 10, payload: '6869' } });
    const short = { revision: '1.3.3', message: 'feef' };
    assert.equal((await ask({ cmd: 'run', seq: 3, operation: 'frame.decode', input: short })).error, 'refused');
    const older = { revision: '1.1', message: '0802' };
    assert.match((await ask({ cmd: 'run', seq: 4, operation: 'frame.decode', input: older })).unsupported, /one revision/);
    assert.equal(await ask({ cmd: 'stop' }), 0);
});

const hasTypeScript = spawnSync('tsc', ['--version']).status === 0;

for (const [file, skip] of [['script-client.js', false], ['module-client.ts', !hasTypeScript && 'tsc is not installed']]) {
    test(`a class in ${file} is driven as ours is`, { skip }, async () => {
        const WebSocket = globalThis.WebSocket = socketClass();
        const { Class } = await loadConnectionClass(here(file));
        const client = new WrappedClient('ws://host/join', Class);
        new Driver(client, () => {});
        const opening = client.connect();
        const socket = WebSocket.last;
        socket.accept();
        await opening;
        const reported = new Promise((resolve) => {
            socket.send = (data) => {
                const message = new Uint8Array(data);
                if (message[6] === 2) socket.deliver(encodeFrame(3, message[10], message.slice(14))); // answers the call
                else resolve(JSON.parse(new TextDecoder().decode(message.slice(14))));
            };
        });
        socket.deliver(encodeFrame(20, 0, json({ seq: 1, do: 'call', id: 2, payload: '6869', timeoutMs: 5000 })));
        const { ok, payload } = await reported;
        assert.deepEqual([ok, payload], [true, '6869']);
        const displaced = next(client, 'displaced');
        socket.deliver(encodeFrame(DISPLACEMENT, 0, Uint8Array.from(Buffer.from('0a01611201621805', 'hex'))));
        assert.equal(hex(new TextEncoder().encode((await displaced).newIp)), '62');
    });
}
