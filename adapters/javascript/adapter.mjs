#!/usr/bin/env node
// The adapter for `wireproof verify --iut "node adapters/javascript/adapter.mjs"`: one JSON object a line on standard input,
// one on standard output. With --wrap FILE the frames are those of another client (wrap.mjs says what it needs).
import { CAPABILITIES, OPERATIONS } from './operations/all.mjs';
import { parameters } from './parameters.mjs';
import { serve } from './serve.mjs';
import { loadConnectionClass, wrappedOperations } from './wrap.mjs';

const options = parameters(process.argv.slice(2), { wrap: null, class: null });
const iut = { name: "wireproof's JavaScript client", language: 'JavaScript', operations: OPERATIONS, capabilities: CAPABILITIES };
if (options.wrap) {
    const wrapped = await loadConnectionClass(options.wrap, options.class);
    Object.assign(iut, { name: wrapped.name, operations: wrappedOperations(wrapped), capabilities: [] });
}
await serve(iut);
