// The conversation as files, and played again.
import * as api from './api.mjs';
import { encodeFrame } from './client.mjs';
import { announce, make } from './elements.mjs';
import { textOf, toHex } from './payload.mjs';

const LONGEST_PAUSE = 2000; // milliseconds between two messages that are sent again

/** Hands a file to the browser. */
export function download(blob, name) {
    const url = URL.createObjectURL(blob);
    const link = make('a', { href: url, download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
    announce(`saved ${name}, ${blob.size} bytes`);
}

const microseconds = (milliseconds) => Math.round(milliseconds * 1000);

/** What the console makes a capture of. */
function conversation(peer, store) {
    const byNumber = new Map(peer.connections.filter((one) => one.opened !== null).map(({ number, url, protocol, opened }) => [number, {
        host: url.host, port: Number(url.port || (url.protocol === 'wss:' ? 443 : 80)), target: url.pathname + url.search,
        protocol, opened: microseconds(opened), messages: [],
    }]));
    for (const entry of store.all()) {
        const connection = byNumber.get(entry.connection);
        if (!connection || (entry.type !== 'frame' && entry.type !== 'malformed') || entry.payload.length < entry.size) continue;
        const message = entry.message ?? encodeFrame(entry.id, entry.sn, entry.payload, 0xffffffff);
        connection.messages.push({ time: microseconds(entry.time), from: entry.from, opcode: entry.kind === 'text' ? 1 : 2, bytes: toHex(message) });
    }
    return [...byNumber.values()].filter((connection) => connection.messages.length > 0);
}

/** Saves what this page's connections sent and got. */
export async function savePcapng(peer, store) {
    const connections = conversation(peer, store);
    if (connections.length === 0) throw new Error('nothing has been sent or received that could be saved');
    download(await api.file('/api/conversation', { connections }), 'conversation.pcapng');
}

/** Saves what crossed the mock server's sockets. */
export async function saveServerCapture() {
    download(await api.file('/api/capture'), 'server.pcapng');
}

const quoted = (text) => JSON.stringify(text).replace(/[\u007f-\u{10ffff}]/gu, (character) => {
    const code = character.codePointAt(0);
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
});

/** A payload in the language of scripts: as text where it is UTF-8. */
function bytesOf(payload) {
    const text = textOf(payload, 0);
    return text === null ? `{hex: "${toHex(payload)}"}` : quoted(text);
}

/** The last connection as a script that `wireproof connect --script` plays. */
export function script(peer, store) {
    const last = [...store.all()].reverse().find((entry) => entry.type === 'frame')?.connection;
    const connection = peer.connections.find((one) => one.number === last);
    if (!connection) throw new Error('nothing has been sent or received that could be saved');
    const steps = [];
    for (const entry of store.all()) {
        if (entry.connection !== last || entry.type !== 'frame' || entry.payload.length < entry.size) continue;
        const frame = `{id: ${entry.id}, sn: ${entry.sn}, payload: ${bytesOf(entry.payload)}}`;
        if (entry.from === 'client') steps.push(`  - send: ${frame}`);
        else if (entry.kind === 'displacement') steps.push('  - expect: displacement');
        else steps.push(`  - expect: ${frame}`);
    }
    const protocols = connection.protocol ? `, protocols: [${quoted(connection.protocol)}]` : '';
    return `# What a page of wireproof serve --console sent and got. Play it with:
#   wireproof connect ${connection.url.origin.replace(/^http/, 'ws')}${connection.url.pathname} --script FILE
title: a conversation of the console
connect: {query: ${quoted(connection.url.search.slice(1))}${protocols}}
steps:
${steps.join('\n')}
`;
}

/** Saves the last connection as a script. */
export function saveScript(peer, store) {
    download(new Blob([script(peer, store)], { type: 'application/yaml' }), 'conversation.yaml');
}

/** Sends once more what the last connection sent, with the pauses that there were; calls get numbers of their own. */
export async function replay(peer, store) {
    const frames = [...store.all()].filter((entry) => entry.type === 'frame');
    const last = frames.at(-1)?.connection;
    const sent = frames.filter((entry) => entry.connection === last && entry.from === 'client' && entry.kind !== 'response'
        && entry.payload.length === entry.size);
    if (sent.length === 0) throw new Error('nothing has been sent that could be sent again');
    let [answered, time] = [0, sent[0].time];
    const calls = [];
    for (const [index, entry] of sent.entries()) {
        await new Promise((resolve) => { setTimeout(resolve, Math.min(entry.time - time, LONGEST_PAUSE)); });
        ({ time } = entry);
        if (entry.kind === 'request') calls.push(peer.connected.call(entry.id, entry.payload).then(() => { answered += 1; }, () => {}));
        else peer.connected.send(entry.id, entry.payload);
        announce(`replay: ${index + 1} of ${sent.length} sent`);
    }
    await Promise.all(calls);
    announce(`replayed ${sent.length} messages; ${answered} of ${calls.length} calls answered`, answered < calls.length);
}
