// A driven client over `ws` (npm, or Debian's node-ws): wireproof probe client --profile … -- node client-ws.mjs {url} [--compress]
import { createRequire } from 'node:module';
import { Driver, LIMIT, Malformed } from './websocket-driver.mjs';

const require = createRequire(import.meta.url);

// Where npm did not install it beside this file, Debian did.
function load() {
  for (const name of ['ws', '/usr/share/nodejs/ws']) {
    try {
      return require(name);
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  console.error('ws is missing: npm install ws, or apt install node-ws');
  return process.exit(2);
}

const WebSocket = load();
const [url, ...options] = process.argv.slice(2);

function serve(driver) {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, {
      maxPayload: LIMIT + 6,
      perMessageDeflate: options.includes('--compress') && { threshold: 0 },
      rejectUnauthorized: !options.includes('--insecure'),
    });
    let open = false;
    let pinging = null;
    socket.on('open', () => {
      open = true;
      pinging = setInterval(() => socket.ping(), 24000);
      driver.attach((message) => socket.readyState === WebSocket.OPEN && socket.send(message), (code) => socket.close(code));
    });
    socket.on('message', (data, isBinary) => {
      if (socket.readyState !== WebSocket.OPEN) return;
      try {
        if (!isBinary) throw new Malformed('a text message', 1003);
        driver.take(data);
      } catch (error) {
        if (!(error instanceof Malformed)) throw error;
        socket.close(error.code, error.message);
      }
    });
    socket.on('error', (error) => console.error('error:', error.message));
    socket.on('close', () => {
      clearInterval(pinging);
      if (open) driver.detach();
      resolve(open);
    });
  });
}

await new Driver().run(serve);
process.exit(0);
