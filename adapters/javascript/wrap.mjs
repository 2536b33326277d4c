// Another client in place of ours: a plain file that defines a class of connections with this shape, as the JavaScript and
// TypeScript clients of goutils/ws do.
//
//     connect(url, retryInterval)                        opens a WebSocket of the platform
//     registerMsgHandler(protocolId, handler)            handler(ws, payload)
//     setEstablishHandler, setCloseHandler, setErrHandler(handler), setDisplacedHandler(handler(ws, oldIp, newIp, ts))
//     sendMsg(protocolId, payload)
//     sendRequestMsg(protocolId, payload, callback)      callback(payload) or callback(ws, payload)
//     packMsg(protocolId, sn, payload), unpackMsg(message)   only for `verify`
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import vm from 'node:vm';
import { DISPLACEMENT, WsError, decodeDisplacement } from './client.mjs';
import { bytes, hex } from './operations/codes.mjs';

/** What such a client expects to find as its generated protobuf code: the displacement, in both generators' manners. */
function protobufStandIn() {
    const decode = (payload) => decodeDisplacement(new Uint8Array(payload));
    const P_BASE = { none: 0, s2c_err_displace: DISPLACEMENT, NONE: 0, S2C_ERR_DISPLACE: DISPLACEMENT };
    const P_DISPLACE = {
        decode,
        deserializeBinary: (payload) => {
            const { oldIp, newIp, ts } = decode(payload);
            return { getOldIp: () => oldIp, getNewIp: () => newIp, getTs: () => ts };
        },
    };
    return { ws: { P_BASE, P_DISPLACE } };
}

/** Compiles one file of TypeScript, whatever its types: what it imports need not be there. */
function compiled(file) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wrapped-'));
    process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
    const done = spawnSync('tsc', ['--module', 'commonjs', '--target', 'es2022', '--noResolve', '--outDir', folder, file], { encoding: 'utf8' });
    const out = path.join(folder, path.basename(file).replace(/\.ts$/, '.js'));
    if (fs.existsSync(out)) return out;
    console.error(done.error ? `TypeScript needs tsc, which is not installed: ${done.error.message}` : done.stdout + done.stderr);
    return process.exit(2);
}

/** What a file defines: the exports of a module, or the classes of a plain script, which browsers load by a script element. */
async function definitions(file) {
    const source = fs.readFileSync(file, 'utf8');
    if (file.endsWith('.mjs') || /^\s*export\s/m.test(source)) return import(pathToFileURL(file));
    const names = [...source.matchAll(/^\s*(?:class|var|let|const)\s+([A-Za-z_$][\w$]*)/gm)].map((match) => match[1]);
    const requireThere = createRequire(path.resolve(file));
    const module = { exports: {} };
    const require = (name) => (/msg_pb/.test(name) ? protobufStandIn() : requireThere(name));
    const listed = [...new Set(names)].map((name) => `${name}: typeof ${name} === 'undefined' ? undefined : ${name}`);
    const body = `(function (exports, require, module) {${source}\n;return {${listed.join(', ')}};})`;
    const defined = vm.runInThisContext(body, { filename: file })(module.exports, require, module);
    return { ...defined, ...module.exports };
}

/** Every class that is reached from what a file defines, by its dotted name. */
function classesOf(found, prefix = '', depth = 0) {
    if (depth > 3 || found === null || typeof found !== 'object') return [];
    return Object.entries(found).flatMap(([name, value]) => (typeof value === 'function' && value.prototype
        ? [[prefix + name, value]] : classesOf(value, `${prefix}${name}.`, depth + 1)));
}

/**
 * Loads the class of connections that a file defines.
 * @param {string} file JavaScript, or TypeScript where tsc is installed
 * @param {string|null} wanted the name of the class; when left out, the only one that has connect and sendMsg
 */
export async function loadConnectionClass(file, wanted = null) {
    globalThis.proto ??= protobufStandIn();
    globalThis.window ??= globalThis;
    console.log = console.error; // standard output belongs to the protocol
    const classes = classesOf(await definitions(file.endsWith('.ts') ? compiled(file) : file));
    const fitting = classes.filter(([name, Class]) => (wanted ? name === wanted
        : typeof Class.prototype.connect === 'function' && typeof Class.prototype.sendMsg === 'function'));
    if (fitting.length !== 1) {
        console.error(`${file}: ${fitting.length || 'no'} classes ${wanted ? `named ${wanted}` : 'with connect and sendMsg'}`
            + ` among ${classes.map(([name]) => name).join(', ') || 'none'}; name one with --class`);
        process.exit(2);
    }
    return { name: `${path.basename(file)} ${fitting[0][0]}`, Class: fitting[0][1] };
}

const unsupported = (reason) => { throw Object.assign(new Error(reason), { unsupported: reason }); };
const toBytes = (data) => (data instanceof Uint8Array ? data : new Uint8Array(data));

/** The operations that a wrapped class can be asked for. */
export function wrappedOperations({ Class }) {
    const connection = new Class();
    const needCurrent = (revision) => { if (revision !== '1.3.3') unsupported(`this client speaks one revision, not ${revision}`); };
    const operations = {}; // displacements it reads with generated code, of which this program has only a stand-in
    if (typeof connection.packMsg === 'function') {
        operations['frame.encode'] = ({ revision, protocolId, sn = 0, payload }) => {
            needCurrent(revision);
            return { message: hex(toBytes(connection.packMsg(protocolId, sn, bytes(payload)))) };
        };
    }
    if (typeof connection.unpackMsg === 'function') {
        operations['frame.decode'] = ({ revision, message }) => {
            needCurrent(revision);
            let found;
            try {
                found = connection.unpackMsg(bytes(message).buffer);
            } catch (error) {
                throw new WsError('refused', undefined, error.message);
            }
            const { packetLength, protocolId, sn, dataBuffer } = found;
            return { protocolId, sn, length: packetLength, payload: hex(toBytes(dataBuffer)) };
        };
    }
    return operations;
}

/** A wrapped class behind the part of our client's interface that the harness uses. */
export class WrappedClient extends EventTarget {
    #connection;
    #handlers = new Map();
    #isOpen = false;
    isDisplaced = false;

    constructor(url, Class) {
        super();
        this.url = url;
        this.Class = Class;
    }

    handle(protocolId, handler) {
        this.#handlers.set(protocolId, handler);
        return this;
    }

    connect() {
        const connection = new this.Class();
        this.#connection = connection;
        for (const [protocolId, handler] of this.#handlers) {
            // Handlers of such a client get no serial number, so they cannot answer.
            connection.registerMsgHandler(protocolId, (...given) => handler({ protocolId, sn: 0, payload: toBytes(given[given.length - 1]) }));
        }
        connection.setDisplacedHandler?.((ws, oldIp, newIp, ts) => {
            this.isDisplaced = true;
            this.#emit('displaced', { oldIp, newIp, ts });
        });
        return new Promise((resolve, reject) => {
            connection.setEstablishHandler(() => {
                this.#isOpen = true;
                resolve(this);
                this.#emit('open', {});
            });
            connection.setErrHandler?.(() => {});
            connection.setCloseHandler((ws, event) => {
                this.#isOpen = false;
                reject(new WsError('closed'));
                this.#emit('close', { code: event?.code });
            });
            connection.connect(this.url);
        });
    }

    #emit(type, detail) {
        this.dispatchEvent(Object.assign(new Event(type), { detail }));
    }

    send(protocolId, payload) {
        if (!this.#isOpen) throw new WsError('stopped');
        this.#connection.sendMsg(protocolId, payload);
    }

    call(protocolId, payload, { timeout }) {
        if (!this.#isOpen) return Promise.reject(new WsError('stopped'));
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() => reject(new WsError('timeout')), timeout); // such a client has no limit of its own
            this.#connection.sendRequestMsg(protocolId, payload, (...given) => {
                clearTimeout(timer);
                resolve({ payload: toBytes(given[given.length - 1]) });
            });
        });
    }

    async close() {
        (this.#connection.ws ?? this.#connection).close?.();
    }
}
