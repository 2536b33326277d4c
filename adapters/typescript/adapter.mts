// The adapter for `wireproof verify`: the client is the JavaScript module, seen through its types.
import { decodeFrame, decodeText, encodeText, type Frame } from './client.mjs';
import { CAPABILITIES, OPERATIONS } from './operations/all.mjs';
import { serve } from './serve.mjs';

interface Decode { revision: string; message: string; maxFrameLength?: number }

const bytes = (digits: string): Uint8Array =>
    Uint8Array.from(digits.match(/../g) ?? [], (digit) => Number.parseInt(digit, 16));
const hex = (data: Uint8Array): string => Array.from(data, (byte) => byte.toString(16).padStart(2, '0')).join('');

function frameDecode(input: Decode): unknown {
    if (input.revision !== '1.3.3') return OPERATIONS['frame.decode']?.(input);
    const { protocolId, sn, length, payload }: Frame = decodeFrame(bytes(input.message), input.maxFrameLength);
    return { protocolId, sn, length, payload: hex(payload) };
}

await serve({
    name: "wireproof's TypeScript client",
    language: 'TypeScript',
    capabilities: CAPABILITIES,
    operations: {
        ...OPERATIONS,
        'frame.decode': frameDecode,
        'charset.decode': (input: { bytes: string; charset: number }) => ({ text: decodeText(bytes(input.bytes), input.charset) }),
        'charset.encode': (input: { text: string; charset: number }) => ({ bytes: hex(encodeText(input.text, input.charset)) }),
    },
});
