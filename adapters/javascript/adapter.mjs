#!/usr/bin/env node
// The adapter for `wireproof verify --iut "node adapters/javascript/adapter.mjs"`: one JSON object a line on standard input,
// one on standard output. With --wrap FILE the frames are those of another client (wrap.mjs says what it needs).
import readline from 'node:readline';
import { decodeText, encodeText } from './client.mjs';
import { bytes, hex } from './operations/codes.mjs';
import { deflateCompress, deflateDecompress, deflateNegotiate } from './operations/deflate.mjs';
import { displacementDecode, displacementEncode, frameDecode, frameEncode, frameStream } from './operations/frames.mjs';
import { handshakeParse, handshakeRespond } from './operations/handshake.mjs';
import { identityFormat, metadataParse, negotiateSelect } from './operations/metadata.mjs';
import { rpcTimeline } from './operations/timeline.mjs';
import { wsDecode, wsEncode } from './operations/websocket.mjs';
import { parameters } from './parameters.mjs';
import { loadConnectionClass, wrappedOperations } from './wrap.mjs';

const CAPABILITIES = [
    'charset-text', 'close-wait', 'deadlines', 'frame-stream', 'header-limit', 'integer-clamp', 'legacy-limit', 'negotiation',
    'negotiation-subprotocol', 'origin-list', 'protobuf-depth', 'send-limit', 'sn-wrap',
];

const OPERATIONS = {
    'frame.encode': frameEncode, 'frame.decode': frameDecode, 'frame.stream': frameStream,
    'displacement.encode': displacementEncode, 'displacement.decode': displacementDecode,
    'ws.encode': wsEncode, 'ws.decode': wsDecode,
    'deflate.negotiate': deflateNegotiate, 'deflate.compress': deflateCompress, 'deflate.decompress': deflateDecompress,
    'handshake.parse': handshakeParse, 'handshake.respond': handshakeRespond,
    'metadata.parse': metadataParse, 'identity.format': identityFormat, 'negotiate.select': negotiateSelect,
    'charset.decode': (asked) => ({ text: decodeText(bytes(asked.bytes), asked.charset) }),
    'charset.encode': (asked) => ({ bytes: hex(encodeText(asked.text, asked.charset)) }),
    'rpc.timeline': rpcTimeline,
};

function run(operations, operation, input) {
    if (!Object.hasOwn(operations, operation)) return { unsupported: `no operation ${operation}` };
    try {
        return { output: operations[operation](input) };
    } catch (fault) {
        if (fault.unsupported) return { unsupported: fault.unsupported };
        if (fault.code) return { error: fault.code, offset: fault.offset, index: fault.index };
        console.error(fault); // a fault of this program or of the input: the runner shows it, and goes on
        return { error: 'internal' };
    }
}

const options = parameters(process.argv.slice(2), { wrap: null, class: null });
const iut = { name: "wireproof's JavaScript client", operations: OPERATIONS, capabilities: CAPABILITIES };
if (options.wrap) {
    const wrapped = await loadConnectionClass(options.wrap, options.class);
    Object.assign(iut, { name: wrapped.name, operations: wrappedOperations(wrapped), capabilities: [] });
}

for await (const line of readline.createInterface({ input: process.stdin })) {
    let request;
    try {
        request = JSON.parse(line);
    } catch (fault) {
        console.error(`this line is no JSON: ${fault.message}`);
        continue;
    }
    if (request?.cmd === 'stop') break;
    const body = request?.cmd === 'hello'
        ? { name: iut.name, language: 'JavaScript', version: '1', capabilities: iut.capabilities }
        : run(iut.operations, request?.operation, request?.input);
    process.stdout.write(`${JSON.stringify({ seq: request?.seq, ...body })}\n`);
}
process.exit(0); // a wrapped client may have left timers behind
