// From blocks and files of TypeScript to one program: esbuild bundles them with what they import, each module once, and
// what it says of mistakes is moved back to the place in nginx.conf. Runs in the master; the result is plain data.

import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { BuildResult } from 'esbuild';
import { sayAppends } from './appends.ts';
import { type BlockModule, blockModule } from './block_module.ts';
import { ACCESSOR, resolver } from './import_resolver.ts';
import { checkEarlyErrors, mistake } from './mistakes.ts';
import { type CompileOptions, ENTRY, type Job, type Source } from './source.ts';

/** A file that a program was made of, and what it was like then: see stampOf(). */
export type Input = readonly [path: string, stamp: string];

/** The program of a cycle. */
export interface Compiled {
  readonly code: string;
  /** Its source map, as JSON. */
  readonly map: string;
  readonly blocks: readonly CompiledBlock[];
  readonly inputs: readonly Input[];
}

export interface CompiledBlock {
  readonly phase: string;
  readonly directive: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Its code may go on after it has returned. */
  readonly waits: boolean;
  /** How positions in its module are moved to the configuration file; null for a file. */
  readonly module: Omit<BlockModule, 'code'> | null;
}

/** Compiles those of `sources` that are `wanted`; the others' places in the program stay empty. */
export async function compile(
  sources: readonly Source[],
  wanted: ReadonlySet<number>,
  options: CompileOptions,
): Promise<Compiled> {
  const modules = sources.map((source, i) =>
    source.text === null || !wanted.has(i)
      ? null
      : blockModule(source.phase === 'body_filter_by_ts' ? sayAppends(source.text) : source.text),
  );
  const job: Job = { sources, wanted, modules, options, shared: [], loaded: new Set() };
  const first = await run(job);
  const built = options.shares ? await run({ ...job, shared: filesOf(first, options) }) : first;
  const program = `(() => { "use strict";\n${codeOf(built)}return __blocks;\n})()`;
  check(program, built, job);
  return {
    code: program,
    map: mapOf(built),
    blocks: sources.map((source, i) => describe(source, modules[i] ?? null)),
    inputs: filesOf(built, options).map((path) => [path, stampOf(path)]),
  };
}

/** A handler's file, to be loaded beside the program: a function of what finds modules that are there already. */
export interface CompiledFile {
  readonly code: string;
  readonly map: string;
  readonly block: CompiledBlock;
  readonly inputs: readonly Input[];
  /** The modules that it hands out itself. */
  readonly modules: readonly string[];
}

/** Compiles the handler `source`, but for the modules that are `loaded`. */
export async function compileFile(
  source: Source,
  loaded: ReadonlySet<string>,
  options: CompileOptions,
): Promise<CompiledFile> {
  const job: Job = {
    sources: [source],
    wanted: new Set([0]),
    modules: [null],
    options,
    shared: [],
    loaded,
  };
  const modules = filesOf(await run(job), options).filter((path) => path !== source.path);
  const built = await run({ ...job, shared: modules });
  const program = `((${ACCESSOR}) => { "use strict";\n${codeOf(built)}return __blocks;\n})`;
  check(program, built, job);
  return {
    code: program,
    map: mapOf(built),
    block: describe(source, null),
    inputs: filesOf(built, options).map((path) => [path, stampOf(path)]),
    modules,
  };
}

/** Changes whenever a file does; empty for one that is not there. */
export function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stat === undefined ? '' : `${stat.ino}:${stat.size}:${stat.mtimeNs}`;
}

type Built = BuildResult<{ write: false; metafile: true }>;

/** esbuild is a process of its own, which is ended when nothing is left for it to do. */
let running = 0;

async function run(job: Job): Promise<Built> {
  const { sources, modules, options } = job;
  const { build, stop } = await import('esbuild');
  const unresolved = new Map<string, string>();
  running++;
  try {
    return (await build({
      entryPoints: [ENTRY],
      bundle: true,
      write: false,
      metafile: true,
      outfile: 'blocks.js',
      sourcemap: 'external',
      sourcesContent: false,
      format: 'iife',
      globalName: '__blocks',
      target: 'esnext',
      // V8 has none, nor the `accessor` fields that belong to them.
      supported: { decorators: false },
      platform: 'neutral',
      // A package's build for browsers is the one that does without Node's own modules.
      mainFields: ['browser', 'module', 'main'],
      conditions: ['tsresty', 'workerd', 'worker', 'browser'],
      define: { 'process.env.NODE_ENV': '"production"' },
      absWorkingDir: resolve(options.prefix),
      tsconfigRaw: '{}',
      charset: 'utf8',
      legalComments: 'none',
      logLevel: 'silent',
      logLimit: 0,
      plugins: [resolver(job, unresolved)],
    })) as Built;
  } catch (error) {
    throw mistake(error, sources, modules, options, unresolved);
  } finally {
    if (--running === 0) await stop();
  }
}

function check(program: string, built: Built, { sources, modules, options }: Job): void {
  try {
    checkEarlyErrors(program, mapOf(built), sources, modules, options);
  } catch (error) {
    throw mistake(error, sources, modules, options, new Map());
  }
}

function codeOf({ outputFiles }: Built): string {
  return outputFiles.find(({ path }) => !path.endsWith('.map'))?.text ?? '';
}

function mapOf({ outputFiles }: Built): string {
  return outputFiles.find(({ path }) => path.endsWith('.map'))?.text ?? '{}';
}

/** The files among a program's modules. */
function filesOf({ metafile }: Built, { prefix }: CompileOptions): string[] {
  const names = Object.keys(metafile.inputs).filter((name) => !/^[a-z-]+:/.test(name));
  return names.map((name) => resolve(prefix, name));
}

function describe(source: Source, module: BlockModule | null): CompiledBlock {
  const { phase, directive, file, line, column } = source;
  return {
    phase,
    directive,
    file,
    line,
    column,
    waits: module === null || module.waits,
    module:
      module === null
        ? null
        : { insertedAt: module.insertedAt, inserted: module.inserted, waits: module.waits },
  };
}
