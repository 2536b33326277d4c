// A WebSocket whose other end is the test: what the client sends is in `sent`, what the server does are methods.

export function socketClass() {
    return class FakeWebSocket {
        static last;
        readyState = 0;
        sent = [];
        protocol = '';
        extensions = '';

        constructor(url, protocols) {
            Object.assign(this, { url, protocols });
            this.constructor.last = this;
        }

        send(data) {
            this.sent.push(new Uint8Array(data));
        }

        close(code, reason) {
            this.closedWith = { code, reason };
            this.readyState = 2;
            queueMicrotask(() => this.end(code));
        }

        accept(protocol = '') {
            this.protocol = protocol;
            this.readyState = 1;
            this.onopen({});
        }

        deliver(data) {
            this.onmessage({ data: typeof data === 'string' ? data : data.buffer.slice(data.byteOffset, data.byteOffset + data.length) });
        }

        end(code = 1006) {
            if (this.readyState === 3) return;
            this.readyState = 3;
            this.onclose({ code, reason: '' });
        }
    };
}

/** The next event of a type. */
export function next(target, type) {
    return new Promise((resolve) => target.addEventListener(type, ({ detail }) => resolve(detail), { once: true }));
}
