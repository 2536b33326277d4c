// The adapter protocol: one JSON object a line on standard input, one on standard output.
import readline from 'node:readline';

function run(operations, operation, input) {
    if (!Object.hasOwn(operations, operation)) return { unsupported: `no operation ${operation}` };
    try {
        return { output: operations[operation](input) };
    } catch (fault) {
        if (fault.unsupported) return { unsupported: fault.unsupported };
        if (fault.code) return { error: fault.code, offset: fault.offset, index: fault.index };
        console.error(fault); // a fault of this program or of the input: the runner shows it, and goes on
        return { error: 'internal' };
    }
}

/**
 * Answers until told to stop, or until there is no more input.
 * @param {{name: string, language: string, capabilities: string[], operations: Record<string, (input: any) => unknown>}} iut
 */
export async function serve(iut) {
    for await (const line of readline.createInterface({ input: process.stdin })) {
        let request;
        try {
            request = JSON.parse(line);
        } catch (fault) {
            console.error(`this line is no JSON: ${fault.message}`);
            continue;
        }
        if (request?.cmd === 'stop') break;
        const body = request?.cmd === 'hello'
            ? { name: iut.name, language: iut.language, version: '1', capabilities: iut.capabilities }
            : run(iut.operations, request?.operation, request?.input);
        process.stdout.write(`${JSON.stringify({ seq: request?.seq, ...body })}\n`);
    }
    process.exit(0); // a wrapped client may have left timers behind
}
