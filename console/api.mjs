// The console's own server: actions on the mock server, and the events that it tells of.

/** What has to be known to ask it for anything; it stands in the address that `wireproof serve` prints. */
const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? '';

async function ask(path, options = {}) {
    let answer;
    try {
        answer = await fetch(path, { ...options, cache: 'no-store', headers: { ...options.headers, authorization: `Bearer ${token}` } });
    } catch {
        throw new Error('the console does not answer: is wireproof serve still running?');
    }
    if (answer.ok) return answer;
    const reason = await answer.json().catch(() => ({}));
    throw new Error(reason.error ?? `the console answers ${answer.status}`);
}

/** Reads what there is. */
export const read = async (path) => (await ask(path)).json();

/** Has something done. */
export async function act(path, content) {
    return (await post(path, content)).json();
}

const post = (path, content) => ask(path, {
    method: 'POST', body: JSON.stringify(content), headers: { 'content-type': 'application/json' },
});

/** Fetches a file, which may depend on content that is sent. */
export async function file(path, content) {
    return (content === undefined ? await ask(path) : await post(path, content)).blob();
}

/**
 * Listens to events for as long as the page lives.
 * @param {(event: object) => void} heard @param {(isThere: boolean, reason: string) => void} changed whether they can be heard
 */
export async function listen(heard, changed) {
    for (let pause = 500; ; pause = Math.min(pause * 2, 15000)) {
        try {
            const answer = await ask('/api/events');
            changed(true, '');
            pause = 500;
            await readEvents(answer.body.pipeThrough(new TextDecoderStream()).getReader(), heard);
            changed(false, 'the console has ended: is wireproof serve still running?');
        } catch (error) {
            changed(false, error.message);
        }
        await new Promise((resolve) => { setTimeout(resolve, pause); });
    }
}

async function readEvents(reader, heard) {
    let rest = '';
    for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        rest += value;
        const end = rest.lastIndexOf('\n\n');
        if (end < 0) continue;
        for (const event of rest.slice(0, end).split('\n\n')) {
            if (event.startsWith('data: ')) heard(JSON.parse(event.slice(6)));
        }
        rest = rest.slice(end + 2);
    }
}
