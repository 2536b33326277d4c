// What a program does with the client: it is called, calls, and says what it sees. client.mjs is yours to copy.
import { Client } from './client.mjs';

const [url] = process.argv.slice(2);
if (!url) {
    console.error('usage: example.mjs ws://HOST:PORT/PATH?QUERY');
    process.exit(2);
}
const client = new Client(url);
client.handle(3, (message) => console.log(`one-way: ${message.text()}`));
client.handle(7, (request) => request.answer(17, request.payload)); // the server calls
client.addEventListener('displaced', ({ detail }) => console.log(`displaced by ${detail.newIp}`));
try {
    await client.connect();
    client.send(2, 'hello');
    const answer = await client.call(2, 'hello', { timeout: 1000 });
    console.log(`answered: ${answer.text()}`);
    await client.close();
} catch (error) {
    console.error(error.message);
    process.exit(1);
}
