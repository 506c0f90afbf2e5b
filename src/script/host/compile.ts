// From blocks and files of TypeScript to one program: esbuild bundles them with what they import, each module once, and
// what it says of mistakes is moved back to the place in nginx.conf. Runs in the master; the result is plain data.

import { existsSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type {
  BuildFailure,
  Location,
  Message,
  OnLoadResult,
  OnResolveArgs,
  OnResolveResult,
  Plugin,
} from 'esbuild';
import type { Place } from '../../conf/error.ts';
import { type BlockModule, blockModule } from './block_module.ts';

/** A `*_by_ts_block`, or the file of a `*_by_ts_file`. */
export interface Source {
  /** content_by_ts */
  readonly phase: string;
  /** The directive, for messages: content_by_ts_block. */
  readonly directive: string;
  readonly file: string;
  /** Of the first character after the brace, or of the file's name. */
  readonly line: number;
  readonly column: number;
  /** Text of a block; null for a file. */
  readonly text: string | null;
  /** The file of a `*_by_ts_file`, absolute. */
  readonly path: string | null;
}

export interface CompileOptions {
  readonly prefix: string;
  /** ts_package_path: templates with `?`, or directories, separated by `;`. */
  readonly packagePath: string;
}

/** The program of a cycle. */
export interface Compiled {
  readonly code: string;
  /** Its source map, as JSON. */
  readonly map: string;
  readonly blocks: readonly CompiledBlock[];
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

/** A mistake in a script: a fault of the configuration. */
export class CompileError extends Error {
  override readonly name = 'CompileError';
  readonly place: Place;
  readonly notes: readonly string[];

  constructor(message: string, place: Place, notes: readonly string[] = []) {
    super(message);
    this.place = place;
    this.notes = notes;
  }
}

const ENTRY = 'ts-entry';
const BLOCK = 'ts-block';
/** The first line of the program is ours. */
export const PROGRAM_NAME = 'tsresty:blocks';

/** Compiles those of `sources` that are `wanted`; the others' places in the program stay empty. */
export async function compile(
  sources: readonly Source[],
  wanted: ReadonlySet<number>,
  options: CompileOptions,
): Promise<Compiled> {
  const modules = sources.map((source, i) =>
    source.text === null || !wanted.has(i) ? null : blockModule(source.text),
  );
  const { build, stop } = await import('esbuild');
  try {
    const built = await build({
      entryPoints: [ENTRY],
      bundle: true,
      write: false,
      outfile: 'blocks.js',
      sourcemap: 'external',
      sourcesContent: false,
      format: 'iife',
      globalName: '__blocks',
      target: 'esnext',
      platform: 'neutral',
      mainFields: ['module', 'main'],
      conditions: ['tsresty', 'workerd', 'worker'],
      absWorkingDir: resolve(options.prefix),
      tsconfigRaw: '{}',
      charset: 'utf8',
      legalComments: 'none',
      logLevel: 'silent',
      logLimit: 0,
      plugins: [resolver(sources, wanted, modules, options)],
    });
    const [map, code] = [...built.outputFiles].sort(
      (a, b) => Number(b.path.endsWith('.map')) - Number(a.path.endsWith('.map')),
    );
    return {
      code: `(() => {\n${code?.text ?? ''}return __blocks.default;\n})()`,
      map: map?.text ?? '{}',
      blocks: sources.map((source, i) => describe(source, modules[i] ?? null)),
    };
  } catch (error) {
    throw mistake(error, sources, modules, options);
  } finally {
    await stop();
  }
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

// Which module an import means.

function resolver(
  sources: readonly Source[],
  wanted: ReadonlySet<number>,
  modules: readonly (BlockModule | null)[],
  options: CompileOptions,
): Plugin {
  return {
    name: 'tsresty',
    setup(build) {
      const importers = new Map<string, string>();
      build.onResolve({ filter: /.*/ }, async (args) => {
        if (args.pluginData === BLOCK) return undefined;
        const found = await find(args);
        if (found?.path !== undefined && !importers.has(found.path)) importers.set(found.path, args.importer);
        return found;

        async function find(args: OnResolveArgs): Promise<OnResolveResult | undefined> {
          if (args.kind === 'entry-point') return { path: ENTRY, namespace: ENTRY };
          if (args.namespace === ENTRY && args.path.startsWith(`${BLOCK}:`))
            return { path: args.path, namespace: BLOCK };
          if (args.path.startsWith('resty:')) {
            return { errors: [{ text: `module "${args.path}" is not supported yet` }] };
          }
          if (isBare(args.path) && !args.importer.includes('/node_modules/')) {
            const own = onPackagePath(args.path, options);
            if (own !== null) return { path: own };
          }
          const fromBlock = args.namespace === BLOCK;
          const dirs = fromBlock
            ? [blockDir(args.importer, sources), resolve(options.prefix)]
            : [args.resolveDir, resolve(options.prefix)];
          for (const resolveDir of dirs) {
            const result = await build.resolve(args.path, {
              kind: args.kind,
              resolveDir,
              pluginData: BLOCK,
            });
            if (result.errors.length === 0) {
              return {
                path: result.path,
                external: result.external,
                namespace: result.namespace,
                sideEffects: result.sideEffects,
                suffix: result.suffix,
              };
            }
          }
          const text = nodeModule(args, importers, sources) ?? `could not resolve "${args.path}"`;
          return { errors: [{ text }] };
        }
      });
      build.onLoad({ filter: /.*/, namespace: ENTRY }, () => ({
        contents: entry(sources, wanted),
        loader: 'ts',
        resolveDir: resolve(options.prefix),
      }));
      build.onLoad({ filter: /.*/, namespace: BLOCK }, (args): OnLoadResult => {
        const index = Number(args.path.slice(BLOCK.length + 1));
        return {
          contents: modules[index]?.code ?? '',
          loader: 'ts',
          resolveDir: resolve(dirname((sources[index] as Source).file)),
        };
      });
    },
  };
}

/** A module that gathers all blocks and handlers in the order of `sources`. */
function entry(sources: readonly Source[], wanted: ReadonlySet<number>): string {
  let imports = '';
  const names: string[] = [];
  for (const [i, source] of sources.entries()) {
    if (!wanted.has(i)) {
      names.push('undefined');
      continue;
    }
    const from = source.path === null ? `${BLOCK}:${i}` : resolve(source.path);
    if (source.path === null) {
      imports += `import b${i} from ${JSON.stringify(from)};\n`;
      names.push(`b${i}`);
      continue;
    }
    imports += `import * as b${i} from ${JSON.stringify(from)};\n`;
    const fault = JSON.stringify(`the default export of ${source.path} is not a function`);
    names.push(
      `typeof b${i}['default'] === 'function' ? b${i}['default'] : () => { throw new TypeError(${fault}); }`,
    );
  }
  return `${imports}export default [${names.join(',\n')}];\n`;
}

function isBare(path: string): boolean {
  return !path.startsWith('.') && !isAbsolute(path);
}

function blockDir(importer: string, sources: readonly Source[]): string {
  const source = sources[Number(importer.slice(BLOCK.length + 1))];
  return source === undefined ? '/' : resolve(dirname(source.file));
}

const EXTENSIONS = ['', '.ts', '.js', '.mjs', '/index.ts', '/index.js'];

function onPackagePath(name: string, options: CompileOptions): string | null {
  for (const template of options.packagePath.split(';')) {
    if (template === '') continue;
    const path = template.includes('?') ? template.replaceAll('?', name) : join(template, name);
    for (const extension of EXTENSIONS) {
      const file = resolve(options.prefix, path + extension);
      if (existsSync(file) && statSync(file).isFile()) return file;
    }
  }
  return null;
}

const NODE_MODULES: ReadonlySet<string> = new Set(builtinModules);

/** That a module is Node's own, and who wants it; null for any other. */
function nodeModule(
  args: OnResolveArgs,
  importers: ReadonlyMap<string, string>,
  sources: readonly Source[],
): string | null {
  const name = args.path.startsWith('node:') ? args.path.slice(5) : args.path;
  if (!args.path.startsWith('node:') && !NODE_MODULES.has(name)) return null;
  const chain: string[] = [];
  for (
    let from: string | undefined = args.importer;
    from !== undefined && from !== ENTRY;
    from = importers.get(from)
  ) {
    chain.unshift(shown(from, sources));
    if (chain.length > 20) break;
  }
  return `"${args.path}" is a module of Node's own, which scripts cannot use: ${[...chain, `"${args.path}"`].join(' → ')}`;
}

function shown(module: string, sources: readonly Source[]): string {
  if (!module.startsWith(`${BLOCK}:`)) return module.replace(/^.*\/node_modules\//, '');
  const source = sources[Number(module.slice(BLOCK.length + 1))];
  return source === undefined ? module : `${source.directive} in ${source.file}:${source.line}`;
}

// What esbuild says, with the place where the user wrote it.

function mistake(
  error: unknown,
  sources: readonly Source[],
  modules: readonly (BlockModule | null)[],
  options: CompileOptions,
): unknown {
  const failure = error as Partial<BuildFailure>;
  const first = failure.errors?.[0];
  if (first === undefined) return error;
  const notes = (failure.errors ?? []).slice(1).map((other) => textOf(other, sources, modules, options));
  return new CompileError(
    textOf(first, sources, modules, options),
    placeOf(first.location, sources, modules),
    notes,
  );
}

function textOf(
  message: Message,
  sources: readonly Source[],
  modules: readonly (BlockModule | null)[],
  options: CompileOptions,
): string {
  const { location } = message;
  const text = message.text.replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase());
  if (location === null) return text;
  const index = blockIndex(location);
  if (index === -1) {
    const file = resolve(options.prefix, location.file);
    return `${relative(options.prefix, file).startsWith('..') ? file : relative(options.prefix, file)}:${location.line}:${column(location)}: ${text}`;
  }
  const source = sources[index] as Source;
  const place = placeOf(location, sources, modules);
  return `${source.directive} in ${place.file}:${place.line}:${place.column}: ${text}`;
}

function blockIndex(location: Location): number {
  const match = /^(?:ts-block:)?ts-block:(\d+)$/.exec(location.file);
  return match === null ? -1 : Number(match[1]);
}

function placeOf(
  location: Location | null,
  sources: readonly Source[],
  modules: readonly (BlockModule | null)[],
): Place {
  const index = location === null ? -1 : blockIndex(location);
  if (location === null || index === -1) {
    const owner =
      sources.find((source) => location !== null && source.path?.endsWith(location.file)) ?? sources[0];
    return { file: owner?.file ?? '', line: owner?.line ?? 0, column: owner?.column ?? 0 };
  }
  const source = sources[index] as Source;
  return {
    file: source.file,
    ...moveToConf(source, modules[index] ?? null, location.line, column(location)),
  };
}

/** esbuild counts bytes from 0. */
function column(location: Location): number {
  return Buffer.from(location.lineText, 'utf8').subarray(0, location.column).toString('utf8').length + 1;
}

/** A position in a block's module (from 1), in its configuration file. */
export function moveToConf(
  block: { readonly line: number; readonly column: number },
  module: Omit<BlockModule, 'code'> | null,
  line: number,
  column: number,
): { line: number; column: number } {
  if (module === null) return { line, column };
  let at = column;
  if (line === module.insertedAt.line && column > module.insertedAt.column) {
    at = Math.max(module.insertedAt.column, column - module.inserted);
  }
  return { line: block.line + line - 1, column: line === 1 ? block.column + at - 1 : at };
}
