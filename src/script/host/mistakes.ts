// Mistakes in scripts: what esbuild, V8 and the type checker say, with the place where the user wrote it.

import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { join, resolve } from 'node:path';
import { Script } from 'node:vm';
import type { BuildFailure, Location, Message, Note } from 'esbuild';
import type { Place } from '../../conf/error.ts';
import type { BlockModule } from './block_module.ts';
import { type CompileOptions, ENTRY, isBare, PROGRAM_NAME, type Source } from './source.ts';

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

/** `unresolved`: what is said of imports, by what esbuild says of them. */
export function mistake(
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
export function checkEarlyErrors(
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
