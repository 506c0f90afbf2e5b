// The guest's program, as one script whose value is its `start` function: beside the bundle in an installation, built
// from the sources when those are run directly.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import type { Program } from './isolate.ts';

let prelude: Program | null = null;

export const PRELUDE_NAME = 'tsresty:guest';

export function loadPrelude(): Program {
  prelude ??= { code: source(), name: PRELUDE_NAME };
  return prelude;
}

function source(): string {
  const here = fileURLToPath(import.meta.url);
  if (!here.endsWith('.ts')) return readFileSync(new URL('guest.js', import.meta.url), 'utf8');
  return buildPrelude(fileURLToPath(new URL('../guest/main.ts', import.meta.url)));
}

/** Bundles guest/main.ts. The build calls it too. */
export function buildPrelude(entry: string): string {
  const built = buildSync({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: '__tsresty',
    target: 'esnext',
    platform: 'neutral',
    legalComments: 'none',
    logLevel: 'silent',
    footer: { js: '__tsresty.start' },
  });
  const text = built.outputFiles[0]?.text ?? '';
  return `(() => {\n${text.replace(/\n__tsresty\.start\s*$/, '\nreturn __tsresty.start;')}\n})()`;
}
