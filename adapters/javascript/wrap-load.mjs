// Loads a file that was written for a page, for Node or for a bundler, whatever it needs besides being there or not.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import vm from 'node:vm';
import { DISPLACEMENT, decodeDisplacement } from './client.mjs';

/** Why a file cannot be used; the text is for people. */
export class NotLoaded extends Error {}

const GENERATED = /(^|[/_.])(msg_?pb|.*_pb(_\w+)?|proto(buf)?)(\.[cm]?js)?$/i; // names of generated protobuf code

/** What such a client expects to find as its generated protobuf code: the displacement, in both generators' manners. */
export function protobufStandIn() {
    const decode = (payload) => decodeDisplacement(new Uint8Array(payload));
    const P_BASE = { none: 0, s2c_err_displace: DISPLACEMENT, NONE: 0, S2C_ERR_DISPLACE: DISPLACEMENT };
    const P_DISPLACE = {
        decode,
        deserializeBinary: (payload) => {
            const { oldIp, newIp, ts } = decode(payload);
            return { getOldIp: () => oldIp, getNewIp: () => newIp, getTs: () => ts };
        },
    };
    const ws = { P_BASE, P_DISPLACE };
    return { ws, P_BASE, P_DISPLACE };
}

/** A folder that is gone when the process ends. */
function scratch() {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wrapped-'));
    process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
    return folder;
}

/** Where what was compiled is kept: a harness is started for each probe, and the compiler takes longer than many of them. */
const KEPT = path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'wireproof', 'wrapped');

/** Compiles one file of TypeScript, whatever its types: what it imports need not be there. */
function compiled(file) {
    const flags = ['--module', 'commonjs', '--target', 'es2022', '--esModuleInterop', '--noResolve'];
    const kept = path.join(KEPT, `${createHash('sha256').update(flags.join()).update(fs.readFileSync(file)).digest('hex')}.js`);
    if (fs.existsSync(kept)) return fs.readFileSync(kept, 'utf8');
    const folder = scratch();
    const done = spawnSync('tsc', [...flags, '--outDir', folder, file], { encoding: 'utf8' });
    const out = path.join(folder, path.basename(file).replace(/\.ts$/, '.js'));
    if (!fs.existsSync(out)) {
        throw new NotLoaded(done.error ? `${file}: TypeScript needs tsc, which is not installed (Debian: node-typescript)`
            : `${file}: tsc makes nothing of it: ${done.stdout}${done.stderr}`);
    }
    try {
        fs.mkdirSync(KEPT, { recursive: true });
        fs.copyFileSync(out, `${kept}.${process.pid}`);
        fs.renameSync(`${kept}.${process.pid}`, kept);
    } catch {
        // It is compiled again next time.
    }
    return fs.readFileSync(out, 'utf8');
}

/** The module that a file requires: a stand-in for generated code, a script or TypeScript beside it, or what Node finds from there. */
function required(file, name) {
    if (GENERATED.test(name)) return protobufStandIn();
    if (/^(isomorphic-)?ws$/.test(name) && globalThis.WebSocket) {
        const { WebSocket } = globalThis; // whichever was chosen for the harness
        return Object.assign(function made(...given) { return new WebSocket(...given); }, { WebSocket, default: WebSocket, __esModule: true });
    }
    const beside = path.resolve(path.dirname(file), `${name}.ts`);
    if (name.startsWith('.') && fs.existsSync(beside)) return script(beside, compiled(beside));
    try {
        return createRequire(path.resolve(file))(name);
    } catch (error) {
        throw new NotLoaded(`${file} needs ${name}, which cannot be loaded: ${error.message.split('\n')[0]}`);
    }
}

/** What a script defines: its exports, its classes and variables, and the globals that it adds, as a script element of a page does. */
function script(file, source) {
    const names = [...source.matchAll(/^[ \t]*(?:class|function|var|let|const)\s+([A-Za-z_$][\w$]*)/gm)].map((match) => match[1]);
    const listed = [...new Set(names)].map((name) => `${name}: typeof ${name} === 'undefined' ? undefined : ${name}`);
    const module = { exports: {} };
    const before = new Set(Object.getOwnPropertyNames(globalThis));
    const body = `(function (exports, require, module) {${source}\n;return {${listed.join(', ')}};})`;
    const defined = vm.runInThisContext(body, { filename: file })(module.exports, (name) => required(file, name), module);
    const added = Object.getOwnPropertyNames(globalThis).filter((name) => !before.has(name)).map((name) => [name, globalThis[name]]);
    const exported = typeof module.exports === 'function' ? { [module.exports.name || 'default']: module.exports } : module.exports;
    return { ...Object.fromEntries(added), ...defined, ...exported };
}

/** Imports an ES module from a copy of its folder, in which what it imports as generated code is there. */
async function imported(file, source) {
    const [from, folder] = [path.dirname(path.resolve(file)), scratch()];
    fs.writeFileSync(path.join(folder, 'package.json'), '{"type": "module"}');
    for (const name of fs.readdirSync(from)) {
        if (/\.([cm]?js|json)$/.test(name) && name !== 'package.json') fs.copyFileSync(path.join(from, name), path.join(folder, name));
    }
    const standIn = `import { protobufStandIn } from ${JSON.stringify(import.meta.url)};\n`
        + 'export const { ws, P_BASE, P_DISPLACE } = protobufStandIn();\nexport default { ws, P_BASE, P_DISPLACE };\n';
    for (const [, name] of source.matchAll(/\bfrom\s*['"](\.[^'"]*)['"]/g)) {
        const target = path.resolve(folder, name);
        if (!GENERATED.test(name) || !target.startsWith(folder + path.sep)) continue;
        fs.mkdirSync(path.dirname(target), { recursive: true });
        fs.writeFileSync(target, standIn);
    }
    const modules = path.join(from, 'node_modules');
    if (fs.existsSync(modules)) fs.symlinkSync(modules, path.join(folder, 'node_modules'));
    return import(pathToFileURL(path.join(folder, path.basename(file))));
}

/** Everything by name that a file defines; throws NotLoaded. */
export async function definitions(file) {
    globalThis.proto ??= protobufStandIn();
    globalThis.window ??= globalThis;
    globalThis.self ??= globalThis;
    if (!fs.existsSync(file) || !fs.statSync(file).isFile()) throw new NotLoaded(`${file}: no such file`);
    const source = fs.readFileSync(file, 'utf8');
    try {
        if (/\.[cm]?ts$/.test(file)) return script(file, compiled(file));
        if (file.endsWith('.mjs') || /^\s*(export\s|import\s*[\w{*'"$])/m.test(source)) return await imported(file, source);
        return script(file, source);
    } catch (error) {
        if (error instanceof NotLoaded) throw error;
        const at = /^\s+at .*?((?:[^/\s(]+):\d+):\d+\)?$/m.exec(error.stack ?? '')?.[1];
        throw new NotLoaded(`${file} cannot be loaded: ${error.message}${at ? ` (${at})` : ''}`
            + (error instanceof ReferenceError ? '; what a page or another script would bring is not here' : ''));
    }
}
