// Which sources have a file with wrong syntax among what they import: a type checker says nothing else of a program with
// one in it, so it is to look at the others without them.

import { readFileSync } from 'node:fs';
import { compile } from './compile.ts';
import { CompileError, isIn, type Mistake } from './mistakes.ts';
import type { CompileOptions, Source } from './source.ts';

/** Indexes in `sources` of those with a mistake of syntax: `known` has all that is wrong with any of them. */
export async function brokenSources(
  sources: readonly Source[],
  known: readonly Mistake[],
  options: CompileOptions,
): Promise<Set<number>> {
  const found = new Set(
    sources.keys().filter((i) => known.some(({ place }) => isIn(place, sources[i] as Source))),
  );
  const broken = await brokenFiles(new Set(known.map(({ place }) => place.file)));
  if (broken.size === 0) return found;
  for (const i of sources.keys()) {
    if (found.has(i)) continue;
    try {
      await compile(sources, new Set([i]), options);
    } catch (error) {
      if (!(error instanceof CompileError)) throw error;
      if (error.mistakes.some(({ place }) => broken.has(place.file))) found.add(i);
    }
  }
  return found;
}

/** Those that cannot be parsed; configuration files are no scripts. */
async function brokenFiles(files: ReadonlySet<string>): Promise<Set<string>> {
  const { stop, transform } = await import('esbuild');
  const broken = new Set<string>();
  for (const file of files) {
    const loader = /\.([jt]sx?|json)$/.exec(file.replace(/\.[cm](?=[jt]s$)/, '.'))?.[1];
    if (loader === undefined) continue;
    try {
      await transform(readFileSync(file, 'utf8'), { loader: loader as 'ts', logLevel: 'silent' });
    } catch {
      broken.add(file);
    }
  }
  await stop();
  return broken;
}
