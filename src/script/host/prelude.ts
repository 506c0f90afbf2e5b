// The guest's program, as one script whose value is its `start` function, and its chunks, which are compiled in an
// isolate when a script first uses what is in them. Beside the bundle in an installation, built from the sources when
// those are run directly.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { BuildOptions } from 'esbuild';
import { CHUNKS, type ChunkName, SHARED_MODULES } from '../protocol.ts';
import type { Prelude, Program } from './isolate.ts';

let prelude: Prelude | null = null;
const chunks = new Map<string, Program>();

export function loadPrelude(): Prelude {
  prelude ??= { code: source('guest'), name: 'tsresty:guest', chunk: loadChunk };
  return prelude;
}

function loadChunk(name: string): Program {
  let chunk = chunks.get(name);
  if (chunk === undefined) {
    const known = CHUNKS.find((one) => one === name);
    if (known === undefined) throw new Error(`unknown chunk "${name}"`);
    chunk = { code: source(known), name: `tsresty:${name}` };
    chunks.set(name, chunk);
  }
  return chunk;
}

/** The file of a chunk, in dist/ and, without the ending, in guest/chunks/. */
export function chunkFile(name: ChunkName): string {
  return `guest_${name}.js`;
}

/** How guest/main.ts is bundled. */
export const PRELUDE_OPTIONS = {
  bundle: true,
  format: 'iife',
  globalName: 'guest',
  target: 'esnext',
  platform: 'neutral',
  banner: { js: '(() => {' },
  footer: { js: 'return guest.start;\n})()' },
} as const satisfies BuildOptions;

/** How a chunk is bundled: a function of `require`, which gives it modules of guest/main.ts by their paths. */
export function chunkOptions(guest: string): BuildOptions {
  const inWeb = ['dom_exception', 'encoding', 'lazy', 'web_class'];
  return {
    bundle: true,
    format: 'cjs',
    target: 'esnext',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    external: SHARED_MODULES.map((name) => `${guest}/${inWeb.includes(name) ? 'web/' : ''}${name}.ts`),
    banner: { js: '((require) => { const module = { exports: {} };' },
    footer: { js: 'return module.exports;\n})' },
  };
}

function source(name: 'guest' | ChunkName): string {
  const here = fileURLToPath(import.meta.url);
  if (!here.endsWith('.ts')) {
    return readFileSync(new URL(name === 'guest' ? 'guest.js' : chunkFile(name), import.meta.url), 'utf8');
  }
  // Loaded only here: an installed worker has no use for it.
  const { buildSync } = createRequire(import.meta.url)('esbuild') as typeof import('esbuild');
  const guest = fileURLToPath(new URL('../guest', import.meta.url));
  const built = buildSync({
    ...(name === 'guest' ? PRELUDE_OPTIONS : chunkOptions(guest)),
    entryPoints: [`${guest}/${name === 'guest' ? 'main' : `chunks/${name}`}.ts`],
    write: false,
    logLevel: 'silent',
  });
  return built.outputFiles[0]?.text ?? '';
}
