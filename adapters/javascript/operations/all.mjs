// Every operation of docs/operations.md, by name.
import { decodeText, encodeText } from '../client.mjs';
import { bytes, hex } from './codes.mjs';
import { deflateCompress, deflateDecompress, deflateNegotiate } from './deflate.mjs';
import { displacementDecode, displacementEncode, frameDecode, frameEncode, frameStream } from './frames.mjs';
import { handshakeParse, handshakeRespond } from './handshake.mjs';
import { identityFormat, metadataParse, negotiateSelect } from './metadata.mjs';
import { rpcTimeline } from './timeline.mjs';
import { wsDecode, wsEncode } from './websocket.mjs';

export const OPERATIONS = {
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

/** What the operations claim (docs/specification.md, clause 2.6). */
export const CAPABILITIES = [
    'charset-text', 'close-wait', 'deadlines', 'frame-stream', 'header-limit', 'integer-clamp', 'legacy-limit', 'negotiation',
    'negotiation-subprotocol', 'origin-list', 'protobuf-depth', 'send-limit', 'sn-wrap',
];
