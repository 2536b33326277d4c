// A stand-in for a client of somebody else's: a plain script for browsers that defines a class and expects the generated
// protobuf code in a global `proto`. It checks nothing, as such clients do.
class WsConnection {
    constructor() {
        this.ws = null;
        this.handlers = {};
        this.waiting = {};
        this.sn = 0;
        this.registerMsgHandler(proto.ws.P_BASE.S2C_ERR_DISPLACE, (ws, data) => {
            const notice = proto.ws.P_DISPLACE.deserializeBinary(data);
            const text = (address) => new TextDecoder().decode(address);
            this.displaced?.(ws, text(notice.getOldIp()), text(notice.getNewIp()), notice.getTs());
        });
    }

    registerMsgHandler(protocolId, handler) { this.handlers[protocolId] = handler; }
    setEstablishHandler(handler) { this.established = handler; }
    setErrHandler(handler) { this.failed = handler; }
    setCloseHandler(handler) { this.closed = handler; }
    setDisplacedHandler(handler) { this.displaced = handler; }

    connect(url) {
        const ws = new WebSocket(url);
        this.ws = ws;
        ws.binaryType = 'arraybuffer';
        ws.onopen = (event) => this.established?.(ws, event);
        ws.onerror = (event) => this.failed?.(ws, event);
        ws.onclose = (event) => this.closed?.(ws, event);
        ws.onmessage = (event) => {
            const pack = this.unpackMsg(event.data);
            if (pack.sn !== 0) {
                this.waiting[pack.sn]?.(pack.dataBuffer);
                delete this.waiting[pack.sn];
            }
            this.handlers[pack.protocolId]?.(ws, pack.dataBuffer);
        };
    }

    sendMsg(protocolId, data) { this.ws.send(this.packMsg(protocolId, 0, data)); }

    sendRequestMsg(protocolId, data, callback) {
        this.sn += 2;
        this.waiting[this.sn] = callback;
        this.ws.send(this.packMsg(protocolId, this.sn, data));
    }

    packMsg(protocolId, sn, data) {
        const packet = new Uint8Array(14 + data.byteLength);
        const view = new DataView(packet.buffer);
        view.setUint16(0, 0xfeef);
        [8 + data.byteLength, protocolId, sn].forEach((number, place) => view.setUint32(2 + 4 * place, number, true));
        packet.set(new Uint8Array(data), 14);
        return packet.buffer;
    }

    unpackMsg(buffer) {
        const view = new DataView(buffer);
        return {
            packetHeadFlag: buffer.slice(0, 2), packetLength: view.getUint32(2, true), protocolId: view.getUint32(6, true),
            sn: view.getUint32(10, true), dataBuffer: buffer.slice(14),
        };
    }
}
