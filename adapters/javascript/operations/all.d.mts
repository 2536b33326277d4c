// The types of all.mjs.

export declare const OPERATIONS: Record<string, (input: any) => unknown>;
export declare const CAPABILITIES: string[];
