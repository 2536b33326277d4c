// A driven client over the WebSocket of Node itself:
// wireproof probe client --profile … -- node --experimental-websocket client-builtin.mjs {url}
import { Driver, Malformed } from './websocket-driver.mjs';

const url = process.argv[2];

function serve(driver) {
  return new Promise((resolve) => {
    const socket = new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    let open = false;
    // A browser's close() takes 1000 and 3000 to 4999 alone: other codes are not the application's to send.
    const close = (code) => socket.close(code === 1000 || (code >= 3000 && code <= 4999) ? code : 3000 + (code % 1000));
    socket.onopen = () => {
      open = true;
      driver.attach((message) => socket.readyState === WebSocket.OPEN && socket.send(message), close);
    };
    socket.onmessage = ({ data }) => {
      if (socket.readyState !== WebSocket.OPEN) return;
      try {
        if (typeof data === 'string') throw new Malformed('a text message', 1003);
        driver.take(Buffer.from(data));
      } catch (error) {
        if (!(error instanceof Malformed)) throw error;
        close(error.code);
      }
    };
    socket.onerror = (event) => console.error('error:', event.message ?? event.error?.message ?? '');
    socket.onclose = () => {
      if (open) driver.detach();
      resolve(open);
    };
  });
}

await new Driver().run(serve);
process.exit(0);
