import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { DISPLACEMENT, encodeFrame } from '../client.mjs';
import { Driver } from '../driver.mjs';
import { WrappedClient, loadConnectionClass, pageSocket } from '../wrap.mjs';
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

// The class of script-client.js, in the forms in which others hand one over.
const source = fs.readFileSync(here('script-client.js'), 'utf8');
const generated = source.replaceAll('proto.ws.', 'pb.ws.');
const forms = {
    'an exported class': ['export-client.js', source.replace('class Ws', 'export class Ws')],
    'a default export': ['default-client.mjs', source.replace('class Ws', 'export default class Ws')],
    'a module that imports generated code which is not there': ['import-client.js',
        `import * as pb from './gen/msg_pb.js';\n${generated.replace('class Ws', 'export class Ws')}`],
    'a module of Node': ['module-client.js', `const pb = require('./msg_pb');\n${generated}\nmodule.exports = WsConnection;`],
    'a global of a page': ['global-client.js', `(() => { window.WsConnection = ${source.slice(source.indexOf('class Ws'))} })();`],
    'a class whose constructor takes the URL': ['url-client.js', source.replace('constructor() {',
        'constructor(url) {\nif (!url.startsWith("ws://")) throw new Error("no URL");')],
};

const folders = fs.mkdtempSync(path.join(os.tmpdir(), 'wrap-test-'));
test.after(() => fs.rmSync(folders, { recursive: true, force: true }));

function written(name, text) {
    const folder = fs.mkdtempSync(path.join(folders, 'one-'));
    fs.writeFileSync(path.join(folder, name), text);
    return path.join(folder, name);
}

for (const [what, [name, text]] of Object.entries(forms)) {
    test(`${what} is found`, async () => {
        const { Class } = await loadConnectionClass(written(name, text));
        assert.equal(hex(new Class('ws://host/').packMsg(2, 4, new Uint8Array([0x68]))), 'feef09000000020000000400000068');
    });
}

const refused = {
    'a file that is not there': ['', /no such file/],
    'a script that needs a page': ['document.title = "x"; class WsConnection {}', /document is not defined \(client\.js:1\); what a page/],
    'a script without a class': ['const x = 1;', /no classes with connect and sendMsg among none/],
    'two such classes': ['class A { connect() {} sendMsg() {} }\nclass B { connect() {} sendMsg() {} }', /2 classes .* among A, B/],
    'a class that lacks methods': ['class A { connect() {} sendMsg() {} }', /A has no registerMsgHandler, no setCloseHandler/],
    'a constructor that fails': [source.replace('constructor() {', 'constructor() { proto.other.of;'), /new WsConnection\(\) fails: .*undefined/],
    'a module that needs another': ['const other = require("./other");', /needs \.\/other, which cannot be loaded/],
};

for (const [what, [text, message]] of Object.entries(refused)) {
    test(`${what} is refused with a line that says why`, () => {
        const file = text ? written('client.js', text) : path.join(os.tmpdir(), 'there-is-none.js');
        const ended = spawnSync(process.execPath, [here('../adapter.mjs'), '--wrap', file], { input: '', encoding: 'utf8' });
        assert.equal(ended.status, 2);
        assert.match(ended.stderr, message);
        assert.equal(ended.stderr.trim().split('\n').length, 1);
    });
}

test('a client connects again on a connection of its own', async () => {
    const WebSocket = globalThis.WebSocket = socketClass();
    const { Class } = await loadConnectionClass(here('script-client.js'));
    const client = new WrappedClient('ws://host/join', Class);
    const opening = client.connect();
    const first = WebSocket.last;
    first.accept();
    await opening;
    const closing = client.close();
    first.onclose({ code: 1000 });
    await closing;
    const again = client.connect();
    assert.notEqual(WebSocket.last, first);
    WebSocket.last.accept();
    await again;
    client.send(2, new Uint8Array());
    first.onclose({ code: 1006 }); // late news of the first, which is no longer the client's
    client.send(2, new Uint8Array());
});

test('a listener that throws stops neither the socket nor the next event', () => {
    class Emitter { // as the module ws does it: the listener runs in the middle of its reading
        static OPEN = 1;
        #listener;
        get onmessage() { return this.#listener; }
        set onmessage(listener) { this.#listener = listener; }
        deliver(data) { this.#listener({ data }); }
    }
    const Socket = pageSocket(Emitter);
    const socket = new Socket();
    const seen = [];
    socket.onmessage = ({ data }) => {
        if (data === 'bad') throw new Error('cannot read it');
        seen.push(data);
    };
    for (const data of ['a', 'bad', 'b']) socket.deliver(data);
    assert.deepEqual([seen, Socket.OPEN], [['a', 'b'], 1]);
});
