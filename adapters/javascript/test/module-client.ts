// A stand-in for a client of somebody else's in TypeScript: a class in a namespace, with generated protobuf code beside it.
import * as $msg_pb from "./msg_pb"

export namespace wsc {
    type Handler = (ws: WebSocket, data: Uint8Array) => void;

    export class Connection {
        private ws: WebSocket = null;
        private handlers: Map<number, Handler> = new Map();
        private waiting: Map<number, Handler> = new Map();
        private sn: number = 0;
        private established: (ws: WebSocket, event: Event) => void = null;
        private closed: (ws: WebSocket, event: Event) => void = null;
        private displaced: (ws: WebSocket, oldIp: string, newIp: string, ts: string) => void = null;

        constructor() {
            this.registerMsgHandler($msg_pb.ws.P_BASE.s2c_err_displace, (ws, data) => {
                const notice = $msg_pb.ws.P_DISPLACE.decode(data);
                const text = (address: Uint8Array) => new TextDecoder().decode(address);
                this.displaced?.(ws, text(notice.oldIp), text(notice.newIp), notice.ts.toString());
            });
        }

        registerMsgHandler(protocolId: number, handler: Handler) { this.handlers.set(protocolId, handler); }
        setEstablishHandler(handler: (ws: WebSocket, event: Event) => void) { this.established = handler; }
        setCloseHandler(handler: (ws: WebSocket, event: Event) => void) { this.closed = handler; }
        setDisplacedHandler(handler: (ws: WebSocket, oldIp: string, newIp: string, ts: string) => void) { this.displaced = handler; }

        connect(url: string) {
            const ws = this.ws = new WebSocket(url);
            ws.binaryType = 'arraybuffer';
            ws.onopen = (event) => this.established?.(ws, event);
            ws.onclose = (event) => this.closed?.(ws, event);
            ws.onmessage = (event) => {
                const { protocolId, sn, dataBuffer } = this.unpackMsg(event.data);
                const data = new Uint8Array(dataBuffer);
                this.waiting.get(sn)?.(ws, data);
                this.waiting.delete(sn);
                this.handlers.get(protocolId)?.(ws, data);
            };
        }

        sendMsg(protocolId: number, data: Uint8Array) { this.ws.send(this.packMsg(protocolId, 0, data)); }

        sendRequestMsg(protocolId: number, data: Uint8Array, callback: Handler) {
            this.sn += 2;
            this.waiting.set(this.sn, callback);
            this.ws.send(this.packMsg(protocolId, this.sn, data));
        }

        packMsg(protocolId: number, sn: number, data: Uint8Array): ArrayBuffer {
            const packet = new Uint8Array(14 + data.byteLength);
            const view = new DataView(packet.buffer);
            view.setUint16(0, 0xfeef);
            [8 + data.byteLength, protocolId, sn].forEach((number, place) => view.setUint32(2 + 4 * place, number, true));
            packet.set(data, 14);
            return packet.buffer;
        }

        unpackMsg(buffer: ArrayBuffer) {
            const view = new DataView(buffer);
            return {
                packetLength: view.getUint32(2, true), protocolId: view.getUint32(6, true), sn: view.getUint32(10, true),
                dataBuffer: buffer.slice(14),
            };
        }
    }
}
