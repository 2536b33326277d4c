#!/usr/bin/env node
// The harness for `wireproof probe client --profile client.yaml -- node --experimental-websocket harness.mjs {url}`. With
// --wrap FILE [--class NAME] another client takes the place of ours.
import { createRequire } from 'node:module';
import { Client } from './client.mjs';
import { Driver } from './driver.mjs';
import { parameters } from './parameters.mjs';
import { WrappedClient, loadConnectionClass, pageSocket } from './wrap.mjs';

const options = parameters(process.argv.slice(2), { wrap: null, class: null, websocket: null, protocols: null });
const [url] = options.rest;
if (!url) {
    console.error('usage: harness.mjs [--websocket MODULE] [--protocols LIST] [--wrap FILE [--class NAME]] URL');
    process.exit(2);
}
if (options.websocket) {
    try {
        const found = createRequire(import.meta.url)(options.websocket); // require also looks where Debian puts modules
        globalThis.WebSocket = found.WebSocket ?? found;
    } catch (error) {
        console.error(`cannot load ${options.websocket}: ${error.message.split('\n')[0]}`);
        process.exit(2);
    }
}
if (!globalThis.WebSocket) {
    console.error('no WebSocket here: run node --experimental-websocket, or name a module, as in --websocket ws');
    process.exit(2);
}

if (options.wrap) globalThis.WebSocket = pageSocket(globalThis.WebSocket);

const redial = { attempts: 6, firstDelay: 200, maxDelay: 3000 };
const client = options.wrap
    ? new WrappedClient(url, (await loadConnectionClass(options.wrap, options.class)).Class)
    : new Client(url, { redial, protocols: options.protocols?.split(',') });
new Driver(client, () => process.exit(0));
// What a client of a page throws, whenever it does, is written to the page's console, and the page goes on.
if (options.wrap) process.on('uncaughtException', (error) => console.error(`uncaught, as in a page: ${error.stack ?? error}`));

client.addEventListener('error', ({ detail }) => console.error(`peer: ${detail.error.message}`));
client.addEventListener('gaveup', () => process.exit(0));
client.addEventListener('displaced', ({ detail }) => console.error(`displaced by ${detail.newIp}`));
client.addEventListener('close', () => { if (client.isDisplaced) process.exit(0); });
process.on('SIGTERM', () => process.exit(0));

try {
    await client.connect();
} catch (error) {
    console.error(error.message);
    process.exitCode = 2; // and no reason to stay
}
