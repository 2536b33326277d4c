// A client that does what its peer tells it: the in-band driver of `wireproof probe client`. A one-way message with id 20 is a
// command in JSON, one with id 21 the report. Calls of the peer with id 7 are answered with id 17.
import { createHash } from 'node:crypto';
import { WsError } from './client.mjs';

const COMMAND = 20, REPORT = 21, CALL = 7, ANSWER = 17;
const LONGEST_PAYLOAD = 128 * 1024; // in a report, which has two digits a byte: what is longer goes as its hash

const bytes = (hex) => new Uint8Array(Buffer.from(hex, 'hex'));
const hex = (data) => Buffer.from(data).toString('hex');

export class Driver {
    #client;
    #held = []; // reports that no connection has taken; they go first on the next one
    #reconnecting = null;

    /** @param client a Client, or what has its interface @param {() => void} end is run when the client is told to close */
    constructor(client, end) {
        this.#client = client;
        client.handle(CALL, (message) => {
            if (message.kind === 'request') message.answer(ANSWER, message.payload);
        });
        client.handle(COMMAND, async (message) => {
            if (message.sn !== 0) return; // part of a call, so no command
            await this.#obey(message.payload, end);
        });
        client.addEventListener('open', () => {
            const reports = this.#held.splice(0);
            if (this.#reconnecting !== null) reports.push({ seq: this.#reconnecting, ok: true });
            this.#reconnecting = null;
            for (const report of reports) this.#report(report);
        });
    }

    #report(report) {
        try {
            this.#client.send(REPORT, new TextEncoder().encode(JSON.stringify(report)));
        } catch (error) {
            if (error.code !== 'stopped') throw error;
            this.#held.push(report);
        }
    }

    async #obey(payload, end) {
        let command;
        try {
            command = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
        } catch {
            return this.#report({ seq: 0, ok: false, error: 'malformed' });
        }
        const seq = Number.isInteger(command?.seq) ? command.seq : 0;
        if (seq === 0 || !/^([0-9a-f]{2})*$/.test(command.payload ?? '')) {
            return this.#report({ seq, ok: false, error: 'malformed' });
        }
        const start = Date.now();
        try {
            const report = await this.#run(command, end);
            if (report) this.#report({ seq, ok: true, ...report });
        } catch (error) {
            if (!error.code) throw error;
            const name = { stopped: 'closed', 'too-large': 'not-encodable', unencodable: 'charset' }[error.code] ?? error.code;
            this.#report({ seq, ok: false, error: name, elapsedMs: Date.now() - start });
        }
    }

    async #run(command, end) {
        const { id = 2, timeoutMs = 10000 } = command;
        switch (command.do) {
        case 'call': {
            if (command.sn !== undefined) this.#client.nextSn = command.sn;
            const start = Date.now();
            const answer = await this.#client.call(id, payloadOf(command), { timeout: timeoutMs });
            const elapsedMs = Date.now() - start;
            return { sn: answer.sn, id: answer.protocolId, ...shown(answer.payload), ...textOf(command, answer), elapsedMs };
        }
        case 'send':
            this.#client.send(id, payloadOf(command));
            return {};
        case 'close':
            this.#report({ seq: command.seq, ok: true });
            await this.#client.close(command.code);
            end();
            return null;
        case 'reconnect':
            this.#reconnecting = command.seq;
            await this.#client.close(command.code);
            await this.#client.connect();
            return null; // reported when open
        default:
            throw new WsError('unsupported');
        }
    }
}

/** A string is text, which goes out in the charset of the connection. */
function payloadOf({ payload = '', text, size }) {
    if (text !== undefined) return text;
    const data = bytes(payload);
    if (size === undefined) return data;
    const pattern = data.length > 0 ? data : bytes('61');
    return Uint8Array.from({ length: size }, (_, place) => pattern[place % pattern.length]);
}

function shown(payload) {
    if (payload.length <= LONGEST_PAYLOAD) return { payload: hex(payload) };
    return { length: payload.length, sha256: createHash('sha256').update(payload).digest('hex') };
}

function textOf(command, answer) {
    return command.text === undefined || !answer.text ? {} : { text: answer.text() };
}
