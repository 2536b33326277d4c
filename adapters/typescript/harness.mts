// The harness for `wireproof probe client`; its profile, client.yaml, is that of the JavaScript client.
import { Client, WsError } from './client.mjs';
import { Driver } from './driver.mjs';

const [url] = process.argv.slice(2);
if (!url) {
    console.error('usage: node --experimental-websocket harness.mjs URL');
    process.exit(2);
}
const client = new Client(url, { redial: { attempts: 6, firstDelay: 200, maxDelay: 3000 } });
new Driver(client, () => process.exit(0));
client.addEventListener('error', ({ detail }) => console.error(`peer: ${detail.error.message}`));
client.addEventListener('gaveup', () => process.exit(0));
client.addEventListener('close', () => {
    if (client.isDisplaced) process.exit(0);
});
process.on('SIGTERM', () => process.exit(0));
try {
    await client.connect();
} catch (error) {
    console.error(error instanceof WsError ? error.message : error);
    process.exitCode = 2; // and no reason to stay
}
