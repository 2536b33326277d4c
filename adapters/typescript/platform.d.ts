// What the programs here use of Node, so that they compile without its types installed.

declare const process: { argv: string[]; exit(code?: number): never; exitCode?: number; on(signal: string, run: () => void): void };

declare module 'node:test' {
    export default function test(name: string, run: () => void | Promise<void>): void;
}

declare module 'node:assert/strict' {
    const assert: {
        equal<Type>(actual: Type, expected: Type): void;
        deepEqual<Type>(actual: Type, expected: Type): void;
        throws(run: () => unknown, expected: object): void;
        rejects(promise: Promise<unknown>, expected: object): Promise<void>;
    };
    export default assert;
}
