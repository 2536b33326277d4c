// A server of the goutils/ws protocol over ws: one frame a binary message, calls both ways, a hub.
// serve has the handlers, those of the application that wireproof probes: put yours beside them, and take the rest along.
'use strict';
const http = require('http');
const { WebSocketServer } = require('ws');

const MAGIC = 0xeffe; // FE EF on the wire; magic 2, length 4, protocolId 4, sn 4, all little-endian
const MAX_LENGTH = 512 * 1024; // of the field length, which counts all behind itself
const DISPLACEMENT = 0x7fffffff; // the protocolId that tells a client of its displacement
const WAIT = 60_000;
const HIGH_WATER = 1024 * 1024; // more than this unsent, and the client is not read from
const TOKEN = "[\\w!#$%&'*+.^`|~-]+";
const OFFER = `${TOKEN}(\\s*;\\s*${TOKEN}(\\s*=\\s*(${TOKEN}|"${TOKEN}"))?)*`;
const EXTENSIONS = new RegExp(`^[\\s,]*(${OFFER}\\s*(,[\\s,]*${OFFER}\\s*)*[\\s,]*)?$`); // RFC 6455 section 9.1

const hub = new Map(); // one connection an identity, the newest

class Peer {
  constructor(socket, address) {
    Object.assign(this, { socket, address, pending: new Map(), sn: 1 });
    this.deadline = setTimeout(() => this.close(1001), WAIT);
    this.pings = setInterval(() => socket.ping(), (WAIT * 2) / 5);
    for (const sign of ['message', 'ping', 'pong']) socket.on(sign, () => this.deadline.refresh());
    socket.on('message', (data, isBinary) => this.receive(data, isBinary));
    socket.on('error', () => {}); // ws has closed with 1002, 1007 or 1009 what breaks RFC 6455
    socket.on('close', () => {
      clearTimeout(this.deadline);
      clearInterval(this.pings);
    });
  }

  // Writes a frame: one-way with sn 0, an answer with the sn of its request, a call with a number of our own.
  send(id, sn, payload) {
    const head = Buffer.alloc(14);
    head.writeUInt16LE(MAGIC);
    [8 + payload.length, id, sn].forEach((field, index) => head.writeUInt32LE(field, 2 + 4 * index));
    this.socket.send(Buffer.concat([head, payload]), () => {
      if (this.socket.isPaused && this.socket.bufferedAmount < HIGH_WATER) this.socket.resume();
    });
    if (this.socket.bufferedAmount >= HIGH_WATER) this.socket.pause();
  }

  // Sends a request; done gets the payload of the answer, if one comes. A server's numbers are odd, from 3 on.
  call(id, payload, done) {
    do this.sn = this.sn >= 0xffffffff ? 3 : this.sn + 2; while (this.pending.has(this.sn));
    this.pending.set(this.sn, done);
    this.send(id, this.sn, payload);
  }

  close(code) {
    this.socket.close(code);
    setTimeout(() => this.socket.terminate(), 1000);
  }

  // What the application does on a protocolId. Unknown ones are ignored.
  serve(id, sn, payload) {
    switch (id) {
      case 2: // echo: of a call as its answer, else one-way
        return this.send(3, sn, payload);
      case 4: // the same, slowly
        return void setTimeout(() => this.send(5, sn, payload), 2000);
      case 6: // a call of the server, which reports the answer
        return this.call(7, payload, (answer) => this.send(8, 0, answer));
      case 10: // a burst
        for (let number = 0; number < 100; number++) this.send(11, 0, Buffer.from(String(number)));
        return;
      case 12: // a signal to fetch what is new
        return this.send(9, 0, Buffer.from('pulled'));
    }
  }

  // Handles a message. An answer is known by its number alone.
  receive(data, isBinary) {
    if (this.socket.readyState !== this.socket.OPEN) return;
    if (!isBinary) return this.close(1003);
    if (data.length < 14 || data.readUInt16LE() !== MAGIC || data.readUInt32LE(2) !== data.length - 6) return this.close(1002);
    const [id, sn, payload] = [data.readUInt32LE(6), data.readUInt32LE(10), data.subarray(14)];
    const done = this.pending.get(sn);
    this.pending.delete(sn);
    if (done) done(payload);
    this.serve(id, sn, payload);
  }

  // P_DISPLACE {old_ip = 1, new_ip = 2, ts = 3}, the last frame, then the close frame.
  displace(by) {
    const varint = [];
    let time = BigInt(Date.now()) * 1_000_000n;
    for (; time > 127n; time >>= 7n) varint.push(Number(time & 127n) | 128);
    const texts = [this.address, by].map((text, index) => [10 + 8 * index, text.length, ...Buffer.from(text)]);
    this.send(DISPLACEMENT, 0, Buffer.from([...texts.flat(), 24, ...varint, Number(time)]));
    this.close(1000);
  }
}

// The first value of each name. Values are bytes that need not be UTF-8, each a character here: identities differ by bytes.
function parse(query) {
  const values = {};
  const decode = (text) => text.replace(/\+/g, ' ').replace(/%(..)/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  for (const pair of query.split('&')) {
    if (/;|%(?![0-9a-f]{2})/i.test(pair)) continue; // it is as if it was not there
    const [name, value = ''] = pair.split(/=(.*)/s).map(decode);
    values[name] ??= value;
  }
  return values;
}

// Whether a request can become a WebSocket: what ws takes and RFC 6455 and RFC 9112 do not.
function lack({ headers }) {
  if (headers['sec-websocket-version'] !== '13') return '426 Upgrade Required';
  if ('transfer-encoding' in headers || Number(headers['content-length'] ?? 0) > 0) return '400 Bad Request';
  return EXTENSIONS.test(headers['sec-websocket-extensions'] ?? '') ? undefined : '400 Bad Request';
}

const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: true, maxPayload: 6 + MAX_LENGTH });
const server = http.createServer((request, response) => response.writeHead(404).end());
server.on('upgrade', (request, socket, head) => {
  socket.on('error', () => {});
  const [path, query = ''] = request.url.replace(/^https?:\/\/[^/?]*/i, '').split(/\?(.*)/s);
  const refusal = path === '/join' ? lack(request) : '404 Not Found';
  if (refusal) return socket.end(`HTTP/1.1 ${refusal}\r\nSec-WebSocket-Version: 13\r\nContent-Length: 0\r\n\r\n`);
  // No offer is taken where ws would take a window of "010", which RFC 7692 section 7.1.2 has declined.
  if (/=\s*"?0/.test(request.headers['sec-websocket-extensions'])) delete request.headers['sec-websocket-extensions'];
  sockets.handleUpgrade(request, socket, head, (connection) => {
    const { uid = '', typed = '', deviceId = '', source = '' } = parse(query);
    const identity = [uid, /^[+-]?\d+$/.test(typed) ? BigInt(typed.replace('+', '')) : 0, deviceId, source].join('-');
    const { remoteAddress: host = '', remotePort: port } = request.socket; // none where the client has left
    const peer = new Peer(connection, host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);
    const old = hub.get(identity);
    hub.set(identity, peer);
    if (old) setImmediate(() => old.displace(peer.address)); // the newcomer does not wait for it
    connection.on('close', () => hub.get(identity) === peer && hub.delete(identity));
  });
});
server.listen(Number(process.argv[2] ?? 8003), '127.0.0.1');
