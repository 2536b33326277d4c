// The types of serve.mjs.

export interface Implementation {
    name: string;
    language: string;
    capabilities: string[];
    operations: Record<string, (input: any) => unknown>;
}

export declare function serve(iut: Implementation): Promise<never>;
