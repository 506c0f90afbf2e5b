// From blocks and files of TypeScript to one program: esbuild bundles them with what they import, each module once, and
// what it says of mistakes is moved back to the place in nginx.conf. Runs in the master; the result is plain data.

import { existsSync, readFileSync, statSync } from 'node:fs';
import { builtinModules, SourceMap } from 'node:module';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { Script } from 'node:vm';
import type {
  BuildFailure,
  BuildResult,
  Location,
  Message,
  Note,
  OnLoadResult,
  OnResolveArgs,
  OnResolveResult,
  Plugin,
} from 'esbuild';
import type { Place } from '../../conf/error.ts';
import { sayAppends } from './appends.ts';
import { type BlockModule, blockModule } from './block_module.ts';
import { BrowserFields } from './browser_field.ts';

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
  /** Files may be loaded later that import the same modules: the program hands them out. */
  readonly shares?: boolean;
}

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

/** A mistake in a script, in the terms of the user's files. */
export interface Mistake {
  /** `content_by_ts_block in FILE:LINE:COL: what`, or `FILE:LINE:COL: what` in a module. */
  readonly message: string;
  readonly place: Place;
  /** What else there is to say: where it comes from, what to do about it. */
  readonly notes: readonly string[];
}

/** Mistakes in scripts: faults of the configuration. */
export class CompileError extends Error {
  override readonly name = 'CompileError';
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[]) {
    super(mistakes.map(({ message }) => message).join('\n'));
    this.mistakes = mistakes;
  }
}

const ENTRY = 'ts-entry';
const BLOCK = 'ts-block';
const LOADED = 'ts-loaded';
/** A module that a package leaves out where there is no Node. */
const EMPTY = 'ts-empty';
/** The first line of the program is ours. It makes all of it strict: esbuild leaves that to whoever runs modules. */
export const PROGRAM_NAME = 'tsresty:blocks';

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

interface Job {
  readonly sources: readonly Source[];
  readonly wanted: ReadonlySet<number>;
  readonly modules: readonly (BlockModule | null)[];
  readonly options: CompileOptions;
  /** Modules that the program hands out. */
  readonly shared: readonly string[];
  /** Modules that are in the isolate already. */
  readonly loaded: ReadonlySet<string>;
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

// Which module an import means.

/** What cannot be found is put into `unresolved`, by what esbuild says of it: what we say. */
function resolver(
  { sources, wanted, modules, options, shared, loaded }: Job,
  unresolved: Map<string, string>,
): Plugin {
  return {
    name: 'tsresty',
    setup(build) {
      const importers = new Map<string, string>();
      const browserFields = new BrowserFields();
      build.onResolve({ filter: /.*/ }, async (args) => {
        if (args.pluginData === BLOCK) return undefined;
        const found = await find(args);
        if (found?.path !== undefined && loaded.has(found.path) && found.path !== sources[0]?.path) {
          return { path: found.path, namespace: LOADED };
        }
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
          const inPackage = args.namespace === 'file' && args.importer.includes('/node_modules/');
          let { path } = args;
          const bare = inPackage && isBare(path) ? browserFields.replacement(path, args.importer, '') : null;
          if (bare === false) return { path, namespace: EMPTY };
          if (bare !== null) {
            path = bare.path;
            dirs.unshift(bare.dir);
          }
          for (const resolveDir of dirs) {
            const result = await build.resolve(path, {
              kind: args.kind,
              resolveDir,
              pluginData: BLOCK,
            });
            // What esbuild would leave to others, https://… above all, nobody would find.
            if (result.errors.length === 0 && !result.external) {
              let by =
                inPackage && bare === null
                  ? browserFields.replacement(path, args.importer, result.path)
                  : null;
              if (by === null && isBare(path) && result.path.includes('/node_modules/')) {
                by = browserFields.ofEntry(result.path);
              }
              if (by === false) return { path: result.path, namespace: EMPTY };
              if (by?.path.startsWith('.')) return { path: resolve(by.dir, by.path) };
              return {
                path: result.path,
                namespace: result.namespace,
                sideEffects: result.sideEffects,
                suffix: result.suffix,
              };
            }
          }
          const text = nodeModule(args, importers, sources) ?? `could not resolve "${args.path}"`;
          if (args.kind === 'require-call') {
            // In a `try` it is only a question: esbuild sees that, and says what we have to say otherwise.
            unresolved.set(`Could not resolve "${args.path}"`, text);
            return undefined;
          }
          return { errors: [{ text }] };
        }
      });
      build.onLoad({ filter: /.*/, namespace: ENTRY }, () => ({
        contents: entry(sources, wanted) + handOut(shared),
        loader: 'ts',
        resolveDir: resolve(options.prefix),
      }));
      build.onLoad({ filter: /.*/, namespace: EMPTY }, () => ({
        contents: 'module.exports = {};',
        loader: 'js',
      }));
      build.onLoad({ filter: /.*/, namespace: LOADED }, ({ path }) => ({
        contents: `module.exports = ${ACCESSOR}(${JSON.stringify(path)});`,
        loader: 'js',
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

/** The name under which a file's program finds modules that are there already. */
const ACCESSOR = '__tsresty_loaded';

/** The part of the entry that gives modules to files that are loaded later. */
function handOut(shared: readonly string[]): string {
  let text = '';
  const table: string[] = [];
  for (const [i, path] of shared.entries()) {
    text += `import * as m${i} from ${JSON.stringify(path)};\n`;
    table.push(`${JSON.stringify(path)}: m${i}`);
  }
  return shared.length === 0 ? '' : `${text}export const modules = {${table.join(', ')}};\n`;
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
  unresolved: ReadonlyMap<string, string>,
): unknown {
  const { errors } = error as Partial<BuildFailure>;
  if (errors === undefined || errors.length === 0) return error;
  return new CompileError(
    errors.map((message) => {
      const { location } = message;
      const said =
        unresolved.get(message.text) ?? OWN_WORDS.get(message.text) ?? misplaced(message) ?? message.text;
      const text = lowerFirst(said).replace(/:$/, '');
      const at = (where: Location, words: string, about: readonly string[] = []): Mistake => {
        const index = blockIndex(where);
        const { line } = where;
        if (index === -1) {
          const file = resolve(options.prefix, where.file);
          return inFile(file, line, column(where, marked(file)), words, sources, about);
        }
        return inBlock(sources[index] as Source, modules[index] ?? null, line, column(where), words, about);
      };
      const own = said === message.text ? message.notes.map((note) => noteText(note, at)) : [];
      const notes = [...own, ...advice(text, options)];
      if (location === null) return { message: text, place: firstPlace(sources), notes };
      const handler = location.file.startsWith(ENTRY) ? handlerNamed(location, sources) : undefined;
      if (handler !== undefined) return inBlock(handler, null, 1, 1, `open() "${handler.path}" failed`);
      return at(location, text, notes);
    }),
  );
}

/** As nginx writes: messages begin small. */
function lowerFirst(text: string): string {
  return text.replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase());
}

/** "… was originally declared here:" is said above an excerpt; ours has the place instead. */
function noteText({ text, location }: Note, at: (where: Location, words: string) => Mistake): string {
  if (location === null || !text.endsWith(' here:')) return text;
  const { file, line, column } = at(location, '').place;
  return `${lowerFirst(text).slice(0, -' here:'.length)} in ${file}:${line}:${column}`;
}

/** What esbuild says of its own ways, in ours. */
const OWN_WORDS: ReadonlyMap<string, string> = new Map([
  [
    'Top-level await is currently not supported with the "iife" output format',
    '"await" at the top level of a module is not supported: wait in the handler, or in init_by_ts',
  ],
]);

/** What is right at the top of a module and stands in a block, or a function: esbuild takes it for something else. */
function misplaced({ text, location }: Message): string | null {
  if (location === null || !/^(?:Expected|Unexpected) /.test(text)) return null;
  const line = Buffer.from(location.lineText, 'utf8');
  const before = line.subarray(0, location.column).toString('utf8');
  const here = line.subarray(location.column).toString('utf8');
  if (/(?:^|[^.\w$])(?:namespace|module)[ \t]+$/.test(before) && /^[\w$.]+\s*(?:\{|$)/.test(here)) {
    return 'a namespace stands at the top level of a module only: put it into a file, and import it';
  }
  if (/(?:^|[^.\w$])import\s*$/.test(before) && /^["'{*\w$]/.test(here)) {
    return 'an import stands at the top, before everything else';
  }
  if (/(?:^|[^.\w$])$/.test(before) && /^export\b/.test(here)) {
    return 'a block exports nothing: what others import stands in a file';
  }
  return null;
}

/** Whose file an import of the entry means. */
function handlerNamed(location: Location, sources: readonly Source[]): Source | undefined {
  return sources.find(
    ({ path }) => path !== null && location.lineText.includes(JSON.stringify(resolve(path))),
  );
}

/** What V8 refuses and esbuild does not look at: regular expressions, above all. The program is parsed, not run. */
function checkEarlyErrors(
  program: string,
  map: string,
  sources: readonly Source[],
  modules: readonly (BlockModule | null)[],
  options: CompileOptions,
): void {
  try {
    new Script(program, { filename: PROGRAM_NAME });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // Node puts the place, the line and a row of carets before the message.
    const [place = '', , carets = ''] = (error.stack ?? '').split('\n');
    const line = Number(place.slice(PROGRAM_NAME.length + 1));
    const entry = new SourceMap(JSON.parse(map)).findEntry(line - 2, Math.max(0, carets.indexOf('^')));
    if (!('originalSource' in entry)) throw error;
    const text = lowerFirst(error.message);
    const index = Number(/ts-block:(\d+)$/.exec(entry.originalSource)?.[1] ?? -1);
    const at = [entry.originalLine + 1, entry.originalColumn + 1] as const;
    const source = sources[index];
    throw new CompileError([
      source === undefined
        ? inFile(resolve(options.prefix, entry.originalSource), ...at, text, sources)
        : inBlock(source, modules[index] ?? null, ...at, text),
    ]);
  }
}

/** What to do about what is wrong. */
function advice(text: string, options: CompileOptions): string[] {
  const [, name] = /^could not resolve "([^"]+)"/.exec(text) ?? [];
  if (name === undefined) return [];
  if (/^[a-z+]+:/i.test(name)) return ['only files and packages of node_modules can be imported'];
  if (!isBare(name)) return ['a path is relative to the file that it stands in, with its extension'];
  const packageName = name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
  const description = join(resolve(options.prefix), 'node_modules', packageName, 'package.json');
  return existsSync(description)
    ? [`the package is there, but has nothing of that name for others: see "exports" in ${description}`]
    : [`to install it: npm install --prefix ${resolve(options.prefix)} ${packageName}`];
}

function firstPlace(sources: readonly Source[]): Place {
  const { file = '', line = 0, column = 0 } = sources[0] ?? {};
  return { file, line, column };
}

/** A mistake at a position (from 1) of a block's module. */
export function inBlock(
  source: Source,
  module: Omit<BlockModule, 'code'> | null,
  line: number,
  column: number,
  text: string,
  notes: readonly string[] = [],
): Mistake {
  const at = moveToConf(source, module, line, column);
  const message = `${source.directive} in ${source.file}:${at.line}:${at.column}: ${text}`;
  return { message, place: { file: source.file, ...at }, notes };
}

/** A mistake in the file of a handler, or in a module that something imports. */
export function inFile(
  file: string,
  line: number,
  column: number,
  text: string,
  sources: readonly Source[],
  notes: readonly string[] = [],
): Mistake {
  const owner = sources.find((source) => source.path !== null && resolve(source.path) === file);
  const place = { file, line, column };
  const message = `${file}:${line}:${column}: ${text}`;
  if (owner === undefined) return { message, place, notes };
  const { directive } = owner;
  return {
    message: `${directive} in ${message}`,
    place,
    notes: [...notes, `${directive} stands in ${owner.file}:${owner.line}`],
  };
}

/** Whether a place is one of a block, or of a handler's file. */
export function isIn({ file, line }: Place, source: Source): boolean {
  if (source.path !== null) return file === resolve(source.path);
  const { line: from } = source;
  return file === source.file && line >= from && line < from + (source.text ?? '').split('\n').length;
}

function blockIndex(location: Location): number {
  const match = /^(?:ts-block:)?ts-block:(\d+)$/.exec(location.file);
  return match === null ? -1 : Number(match[1]);
}

/** esbuild counts bytes from 0, those of a byte order mark too, which the line's text has not. */
function column({ line, column: bytes, lineText }: Location, hasMark = false): number {
  const end = hasMark && line === 1 ? bytes - BYTE_ORDER_MARK.length : bytes;
  return Buffer.from(lineText, 'utf8').subarray(0, end).toString('utf8').length + 1;
}

const BYTE_ORDER_MARK = Buffer.from('\ufeff');

function marked(file: string): boolean {
  return existsSync(file) && readFileSync(file).subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
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
