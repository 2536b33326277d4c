import assert from 'node:assert/strict';
import test from 'node:test';
import {
    Calls, Client, DISPLACEMENT, GBK, decodeDisplacement, decodeFrame, decodeText, encodeFrame, encodeText,
} from '../client.mjs';
import { next, socketClass } from './peer.mjs';

const hex = (data) => Buffer.from(data).toString('hex');
const bytes = (digits) => new Uint8Array(Buffer.from(digits, 'hex'));
const code = (expected) => (error) => error.code === expected;

async function connected(options = {}) {
    const WebSocket = socketClass();
    const client = new Client('ws://host/join?uid=100', { WebSocket, redial: false, ...options });
    const opening = client.connect();
    WebSocket.last.accept();
    await opening;
    return { client, socket: WebSocket.last, WebSocket };
}

test('a frame is the bytes of the specification, both ways', () => {
    const message = encodeFrame(2, 4, bytes('6869'));
    assert.equal(hex(message), 'feef0a00000002000000040000006869');
    const { protocolId, sn, length, payload } = decodeFrame(message);
    assert.deepEqual([protocolId, sn, length, hex(payload)], [2, 4, 10, '6869']);
});

for (const [name, message, fault, offset] of [
    ['nothing', '', 'empty', 0],
    ['the magic of an older revision', 'feee0800000000000000', 'bad-magic', 1],
    ['five bytes', 'feef080000', 'short', 5],
    ['a length without bytes behind it', 'feef08000000', 'short', 6],
    ['a length below 8', 'feef0700000000000000', 'length-too-small', 2],
    ['a length above the limit', 'feef0100080000', 'too-large', 2],
    ['bytes behind the frame', 'feef080000000200000000000000ff', 'trailing-bytes', 14],
]) {
    test(`${name} is refused where the fault is`, () => {
        assert.throws(() => decodeFrame(bytes(message)), { code: fault, offset });
    });
}

test('serial numbers wrap without 0 and skip those that wait', () => {
    const calls = new Calls('client', 2);
    assert.equal(calls.begin('first'), 2);
    calls.next = 0xfffffffe;
    assert.equal(calls.begin('last'), 0xfffffffe);
    assert.equal(calls.begin('next'), 4);
    const server = new Calls('server', 0xffffffff);
    assert.deepEqual([server.begin(1), server.begin(2)], [0xffffffff, 3]);
});

test('a displacement is read without a protobuf library, unknown fields and all', () => {
    const { oldIp, newIp, ts } = decodeDisplacement(bytes('0a0161' + '2207756e6b6e6f776e' + '120162' + '18ffffffffffffffffff01'));
    assert.deepEqual([hex(oldIp), hex(newIp), ts], ['61', '62', -1n]);
    assert.throws(() => decodeDisplacement(bytes('0a05')), { code: 'bad-protobuf', offset: 0 });
});

test('text is never replaced silently', () => {
    assert.equal(hex(encodeText('€你', GBK)), '80c4e3');
    assert.equal(decodeText(bytes('80c4e3'), GBK), '€你');
    assert.throws(() => encodeText('a😀', GBK), { code: 'unencodable', offset: 1 });
    assert.throws(() => decodeText(bytes('61ff'), GBK), { code: 'malformed', offset: 1 });
    assert.throws(() => decodeText(bytes('61efbfbdc3'), 0), { code: 'malformed', offset: 4 });
});

test('a call gets the answer with its number, in any order', async () => {
    const { client, socket } = await connected();
    const [first, second] = [client.call(2, 'one'), client.call(2, 'two')];
    assert.deepEqual([first.sn, second.sn], [2, 4]);
    socket.deliver(encodeFrame(3, 4, bytes('32')));
    socket.deliver(encodeFrame(3, 2, bytes('31')));
    assert.deepEqual([(await first).text(), (await second).text()], ['1', '2']);
    socket.deliver(encodeFrame(3, 2, bytes('31'))); // a second answer completes nothing
});

test('a call fails at its timeout, and a late answer completes nothing', async () => {
    const { client, socket } = await connected();
    const call = client.call(2, '', { timeout: 1 });
    await assert.rejects(call, code('timeout'));
    socket.deliver(encodeFrame(3, call.sn, bytes('')));
    assert.equal(socket.sent.length, 1); // nothing is told to the peer
});

test('a call can be cancelled', async () => {
    const { client } = await connected();
    const controller = new AbortController();
    const call = client.call(2, '', { signal: controller.signal });
    controller.abort();
    await assert.rejects(call, code('cancelled'));
});

test('every call that waits fails when the connection ends', async () => {
    const { client, socket } = await connected();
    const calls = [client.call(2, 'a'), client.call(2, 'b', { timeout: Infinity })];
    socket.end();
    for (const call of calls) await assert.rejects(call, code('closed'));
    await assert.rejects(client.call(2, 'c'), code('stopped'));
    assert.throws(() => client.send(2, 'd'), code('stopped'));
});

test('calls of the peer are answered with their number', async () => {
    const { client, socket } = await connected();
    client.handle(7, (request) => request.answer(17, request.payload));
    socket.deliver(encodeFrame(7, 3, bytes('6869')));
    socket.deliver(encodeFrame(99, 5, bytes(''))); // nobody handles this
    assert.deepEqual(socket.sent.map(hex), ['feef0a00000011000000030000006869']);
});

test('a handler that throws is reported and ends nothing', async () => {
    const { client, socket } = await connected();
    client.handle(9, () => { throw new Error('mine'); });
    const reported = next(client, 'error');
    socket.deliver(encodeFrame(9, 0, bytes('')));
    assert.equal((await reported).error.message, 'mine');
    assert.ok(client.isOpen);
});

for (const [name, data, closeCode] of [
    ['a frame with a wrong magic', bytes('feee08000000'), 4002], ['a text message', 'text', 4003],
    ['a frame above the limit', bytes('feef01000800'), 4009],
]) {
    test(`${name} ends the connection and its calls`, async () => {
        const { client, socket } = await connected();
        const call = client.call(2, '');
        socket.deliver(data);
        assert.equal(socket.closedWith.code, closeCode);
        await assert.rejects(call, code('closed'));
        client.handle(9, () => assert.fail('delivered after the end'));
        socket.deliver(encodeFrame(9, 0, bytes('')));
    });
}

test('a lost connection is dialled again, a bounded number of times', async () => {
    const { client, socket, WebSocket } = await connected({ redial: { attempts: 2, firstDelay: 1, maxDelay: 2 } });
    const delays = [];
    client.addEventListener('redial', ({ detail }) => delays.push(detail.delay));
    const gaveUp = next(client, 'gaveup');
    const failing = setInterval(() => WebSocket.last.end(), 1);
    socket.end();
    await gaveUp;
    clearInterval(failing);
    assert.equal(delays.length, 2);
});

test('after a displacement nothing is dialled', async () => {
    const { client, socket, WebSocket } = await connected({ redial: { firstDelay: 1 } });
    const displaced = next(client, 'displaced');
    socket.deliver(encodeFrame(DISPLACEMENT, 0, bytes('0a016112016218 05'.replace(' ', ''))));
    assert.deepEqual(await displaced, { oldIp: 'a', newIp: 'b', ts: 5n });
    assert.ok(client.isOpen); // until the server closes
    socket.end();
    await new Promise((resolve) => { setTimeout(resolve, 5); }); // longer than any delay of a dial would be
    assert.equal(WebSocket.last, socket);
});

test('a displacement that cannot be read is reported and ends nothing', async () => {
    const { client, socket } = await connected();
    const reported = next(client, 'error');
    socket.deliver(encodeFrame(DISPLACEMENT, 0, bytes('0a05')));
    assert.equal((await reported).error.code, 'bad-protobuf');
    assert.ok(client.isOpen && !client.isDisplaced);
});

test('version and charset are those that the server selected', async () => {
    const WebSocket = socketClass();
    const client = new Client('ws://host/join', { WebSocket, protocols: ['ws.v3.c1', 'ws.v2.c0'], redial: false });
    const opening = client.connect();
    assert.deepEqual(WebSocket.last.protocols, ['ws.v3.c1', 'ws.v2.c0']);
    WebSocket.last.accept('ws.v3.c1');
    await opening;
    assert.deepEqual([client.version, client.charset], [3, GBK]);
    client.send(2, '你');
    assert.equal(hex(WebSocket.last.sent[0]).slice(28), 'c4e3');
});

test('a subprotocol that was not offered fails the connection', async () => {
    const WebSocket = socketClass();
    const opening = new Client('ws://host/join', { WebSocket, protocols: ['ws.v3.c1'] }).connect();
    WebSocket.last.accept('chat');
    await assert.rejects(opening, code('closed'));
    assert.equal(WebSocket.last.closedWith.code, 4002);
});

test('connecting can be given up, and fails where nobody answers', async () => {
    const WebSocket = socketClass();
    const controller = new AbortController();
    const client = new Client('ws://host/join', { WebSocket });
    const cancelled = client.connect({ signal: controller.signal });
    controller.abort();
    await assert.rejects(cancelled, code('cancelled'));
    const refused = client.connect();
    WebSocket.last.end();
    await assert.rejects(refused, code('closed'));
});

test('closing ends the calls at once and resolves at the end', async () => {
    const { client, socket } = await connected();
    const call = client.call(2, '');
    const closed = client.close();
    await assert.rejects(call, code('closed'));
    await closed;
    assert.equal(socket.readyState, 3);
});
