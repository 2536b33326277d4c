// The client in TypeScript: connects, is called, calls, and says what it sees.
//
//     sh adapters/typescript/build.sh
//     node --experimental-websocket .build/adapters/typescript/example.mjs 'ws://127.0.0.1:8003/join?uid=100'
import { Client, WsError, type Message } from './client.mjs';

/** A request and its answer in JSON, over calls whose payloads are text. */
export async function callJSON<Answer>(client: Client, protocolId: number, request: object, timeout = 5000): Promise<Answer> {
    const answer: Message = await client.call(protocolId, JSON.stringify(request), { timeout });
    return JSON.parse(answer.text()) as Answer;
}

export async function main(url: string): Promise<void> {
    const client = new Client(url, { redial: { attempts: 3 } });
    client.handle(7, (request) => request.answer(17, request.payload));
    client.handle(3, (message) => console.log(`one-way: ${message.text()}`));
    client.addEventListener('displaced', ({ detail }) => console.log(`displaced by ${detail.newIp}`));
    await client.connect();
    client.send(2, 'hello');
    try {
        const { greeting } = await callJSON<{ greeting: string }>(client, 2, { greeting: 'hello' }, 500);
        console.log(`answered: ${greeting}`);
    } catch (error) {
        if (!(error instanceof WsError)) throw error;
        console.log(`no answer: ${error.code}`);
    }
    await client.close();
}

const [url] = process.argv.slice(2);
if (url?.startsWith('ws')) await main(url);
