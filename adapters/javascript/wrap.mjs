// Another client in place of ours: a file that defines a class of connections with this shape, as the JavaScript and
// TypeScript clients of goutils/ws do.
//
//     new Class()                                        or new Class(url)
//     connect(url, retryInterval)                        opens a WebSocket of the platform
//     registerMsgHandler(protocolId, handler)            handler(ws, payload)
//     setEstablishHandler, setCloseHandler, setErrHandler(handler), setDisplacedHandler(handler(ws, oldIp, newIp, ts))
//     sendMsg(protocolId, payload)
//     sendRequestMsg(protocolId, payload, callback)      callback(payload) or callback(ws, payload); older clients lack it
//     packMsg(protocolId, sn, payload), unpackMsg(message)   only for `verify`
import path from 'node:path';
import { WsError } from './client.mjs';
import { bytes, hex } from './operations/codes.mjs';
import { NotLoaded, definitions } from './wrap-load.mjs';

const NEEDED = ['connect', 'registerMsgHandler', 'sendMsg', 'setCloseHandler', 'setEstablishHandler'];

/** Every class that is reached from what a file defines, by its dotted name. */
function classesOf(found, prefix = '', depth = 0) {
    if (depth > 3 || found === null || typeof found !== 'object') return [];
    return Object.entries(found).flatMap(([name, value]) => (typeof value === 'function' && value.prototype
        ? [[prefix + name, value]] : classesOf(value, `${prefix}${name}.`, depth + 1)));
}

function lacks(Class) {
    return NEEDED.filter((method) => typeof Class.prototype[method] !== 'function');
}

/** The one class that is meant, with its name; NotLoaded says why there is none. */
export function chosen(file, classes, wanted) {
    const names = [...new Map(classes).keys()].join(', ') || 'none';
    // One class under several names (a default export, a global) is one.
    const fitting = [...new Map(classes.map(([name, Class]) => [Class, name]))]
        .filter(([Class, name]) => (wanted ? classes.some(([other, same]) => same === Class && other === wanted) || name === wanted
            : typeof Class.prototype.connect === 'function' && typeof Class.prototype.sendMsg === 'function'));
    if (fitting.length !== 1) {
        throw new NotLoaded(`${file}: ${fitting.length || 'no'} classes ${wanted ? `named ${wanted}` : 'with connect and sendMsg'}`
            + ` among ${names}; name one with --class`);
    }
    const [Class, name] = fitting[0];
    const missing = lacks(Class);
    if (missing.length > 0) throw new NotLoaded(`${file}: ${name} has no ${missing.join(', no ')}, which this program needs`);
    return { name: wanted ?? name, Class };
}

/**
 * Loads the class of connections that a file defines; ends the process with a line that says why where there is none.
 * @param {string} file JavaScript, or TypeScript where tsc is installed
 * @param {string|null} wanted the name of the class; when left out, the only one that has connect and sendMsg
 */
export async function loadConnectionClass(file, wanted = null) {
    console.log = console.error; // standard output belongs to the protocol
    try {
        const { name, Class } = chosen(file, classesOf(await definitions(file)), wanted);
        made(Class, 'ws://127.0.0.1/', file); // what its constructor lacks is said now
        return { name: `${path.basename(file)} ${name}`, Class };
    } catch (error) {
        if (!(error instanceof NotLoaded)) throw error;
        console.error(error.message);
        return process.exit(2);
    }
}

/** A connection; one whose constructor takes a URL is given it, others pass it over. */
function made(Class, url, file) {
    try {
        return new Class(url);
    } catch (error) {
        throw new NotLoaded(`${file}: new ${Class.name}() fails: ${error.message}`);
    }
}

const unsupported = (reason) => { throw Object.assign(new Error(reason), { unsupported: reason }); };
const toBytes = (data) => (data instanceof Uint8Array ? data : new Uint8Array(data));

/** The operations that a wrapped class can be asked for. */
export function wrappedOperations({ Class }) {
    const connection = new Class('ws://127.0.0.1/');
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

/**
 * A WebSocket whose listeners may throw, as in a page: the error is written, and the next event comes. A WebSocket of a module is
 * stopped by it.
 */
export function pageSocket(Base) {
    const guards = new WeakMap();
    const guarded = (listener) => {
        if (typeof listener !== 'function') return listener;
        if (!guards.has(listener)) {
            guards.set(listener, function guard(...given) {
                try {
                    return listener.apply(this, given);
                } catch (error) {
                    console.error(`uncaught, as in a page: ${error.stack ?? error}`);
                    return undefined;
                }
            });
        }
        return guards.get(listener);
    };
    return class WebSocket extends Base {
        addEventListener(type, listener, ...more) { super.addEventListener(type, guarded(listener), ...more); }
        removeEventListener(type, listener, ...more) { super.removeEventListener(type, guarded(listener), ...more); }
        get onopen() { return super.onopen; }
        set onopen(listener) { super.onopen = guarded(listener); }
        get onmessage() { return super.onmessage; }
        set onmessage(listener) { super.onmessage = guarded(listener); }
        get onerror() { return super.onerror; }
        set onerror(listener) { super.onerror = guarded(listener); }
        get onclose() { return super.onclose; }
        set onclose(listener) { super.onclose = guarded(listener); }
    };
}

/** A wrapped class behind the part of our client's interface that the harness uses. */
export class WrappedClient extends EventTarget {
    #connection = null;
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
        const connection = new this.Class(this.url);
        const isCurrent = () => this.#connection === connection;
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
                if (!isCurrent()) return;
                this.#isOpen = true;
                resolve(this);
                this.#emit('open', {});
            });
            connection.setErrHandler?.(() => {});
            connection.setCloseHandler((ws, event) => {
                reject(new WsError('closed'));
                if (!isCurrent()) return;
                this.#isOpen = false;
                this.#emit('close', { code: event?.code });
            });
            Promise.resolve(connection.connect(this.url)).catch(reject);
        });
    }

    #emit(type, detail) {
        this.dispatchEvent(Object.assign(new Event(type), { detail }));
    }

    send(protocolId, payload) {
        if (!this.#isOpen) throw new WsError('stopped');
        try {
            this.#connection.sendMsg(protocolId, payload);
        } catch (error) {
            throw new WsError('stopped', undefined, `sendMsg: ${error.message}`);
        }
    }

    call(protocolId, payload, { timeout }) {
        if (!this.#isOpen) return Promise.reject(new WsError('stopped'));
        if (typeof this.#connection.sendRequestMsg !== 'function') return Promise.reject(new WsError('unsupported'));
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() => reject(new WsError('timeout')), timeout); // such a client has no limit of its own
            try {
                this.#connection.sendRequestMsg(protocolId, payload, (...given) => {
                    clearTimeout(timer);
                    resolve({ payload: toBytes(given[given.length - 1]) });
                });
            } catch (error) {
                clearTimeout(timer);
                reject(new WsError('stopped', undefined, `sendRequestMsg: ${error.message}`));
            }
        });
    }

    /** Done when the client says that it is closed, or after three seconds. */
    async close(code) {
        const connection = this.#connection;
        const ended = !this.#isOpen || new Promise((resolve) => {
            this.addEventListener('close', resolve, { once: true });
            setTimeout(resolve, 3000).unref();
        });
        const closed = connection.close ?? connection.disconnect;
        if (closed) closed.call(connection);
        else connection.ws?.close(code ?? 1000);
        await ended;
    }
}
