// The guest's program, as one script whose value is its `start` function: beside the bundle in an installation, built
// from the sources when those are run directly.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { BuildOptions } from 'esbuild';
import type { Program } from './isolate.ts';

let prelude: Program | null = null;

const NAME = 'tsresty:guest';

export function loadPrelude(): Program {
  prelude ??= { code: source(), name: NAME };
  return prelude;
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

function source(): string {
  const here = fileURLToPath(import.meta.url);
  if (!here.endsWith('.ts')) return readFileSync(new URL('guest.js', import.meta.url), 'utf8');
  // Loaded only here: an installed worker has no use for it.
  const { buildSync } = createRequire(import.meta.url)('esbuild') as typeof import('esbuild');
  const built = buildSync({
    ...PRELUDE_OPTIONS,
    entryPoints: [fileURLToPath(new URL('../guest/main.ts', import.meta.url))],
    write: false,
    logLevel: 'silent',
  });
  return built.outputFiles[0]?.text ?? '';
}
