// Stacks of scripts, in the terms of the user's files: frames are mapped back through the source map, ours are cut.

import { SourceMap } from 'node:module';
import { relative, resolve } from 'node:path';
import type { Compiled } from './compile.ts';
import { moveToConf } from './mistakes.ts';
import { PROGRAM_NAME } from './source.ts';

export interface Frame {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The block it is in; -1 for a file. */
  readonly block: number;
}

const FRAME = /^\s*at (?:(.*?) \()?(?:async )?([^()]*?):(\d+):(\d+)\)?$/;

/** A line of `error.stack` in what a script writes, and what it has put behind it. */
const WRITTEN = /^(\s*)at (?:(.*?) \()?(?:async )?(tsresty:[^()]*?):(\d+):(\d+)\)?(.*)$/;
const OWN_PROGRAM = /^tsresty:\w+$/;
/** Longer lines are none of a stack. */
const LONGEST_LINE = 2000;

export class Stacks {
  readonly #compiled: Compiled;
  readonly #prefix: string;
  readonly #maps = new Map<string, SourceMap>();
  readonly #files = new Map<string, string>();

  constructor(compiled: Compiled, prefix: string) {
    this.#compiled = compiled;
    this.#prefix = prefix;
  }

  /** The frames of a stack that are the user's. */
  frames(stack: string): Frame[] {
    const frames: Frame[] = [];
    for (const line of stack.split('\n')) {
      const match = FRAME.exec(line);
      const program = match?.[2] ?? '';
      if (match === null || (program !== PROGRAM_NAME && !this.#files.has(program))) continue;
      const frame = this.#frameOf(program, match[1] ?? '', Number(match[3]), Number(match[4]));
      if (frame !== null) frames.push(frame);
    }
    return frames;
  }

  /** Text as it is but for the stacks in it: with the user's places, and without what is ours. */
  inText(text: string): string {
    if (!text.includes('tsresty:')) return text;
    let mapped = '';
    for (const line of text.split('\n')) {
      const match = line.length > LONGEST_LINE ? null : WRITTEN.exec(line);
      if (match === null) {
        mapped += `\n${line}`;
        continue;
      }
      const [, indent = '', name = '', program = '', row, column, rest = ''] = match;
      const known = program === PROGRAM_NAME || this.#files.has(program);
      const frame = known ? this.#frameOf(program, name, Number(row), Number(column)) : null;
      if (frame !== null) mapped += `\n${indent}at ${this.written(frame)}`;
      mapped += known || OWN_PROGRAM.test(program) ? rest : `\n${line}`;
    }
    return mapped.slice(1);
  }

  /** "f (nginx.conf:12:3)" */
  written({ name, file, line, column }: Frame): string {
    return `${name === '' ? '' : `${name} `}(${this.shown(file)}:${line}:${column})`;
  }

  /** The program of a file that was loaded later. */
  add(program: string, map: string): void {
    this.#files.set(program, map);
  }

  remove(program: string): void {
    this.#files.delete(program);
    this.#maps.delete(program);
  }

  #mapOf(program: string): SourceMap {
    let map = this.#maps.get(program);
    if (map === undefined) {
      map = new SourceMap(JSON.parse(this.#files.get(program) ?? this.#compiled.map));
      this.#maps.set(program, map);
    }
    return map;
  }

  #frameOf(program: string, name: string, line: number, column: number): Frame | null {
    // The program's first line is ours; the map counts from 0.
    const entry = this.#mapOf(program).findEntry(line - 2, column - 1);
    if (!('originalSource' in entry) || entry.originalSource === undefined) return null;
    const source = entry.originalSource;
    const block = /ts-block:(\d+)$/.exec(source);
    if (block !== null) {
      const index = Number(block[1]);
      const of = this.#compiled.blocks[index];
      if (of === undefined) return null;
      const place = moveToConf(of, of.module, entry.originalLine + 1, entry.originalColumn + 1);
      return { name: clean(name), file: of.file, ...place, block: index };
    }
    if (source.includes('ts-entry')) return null;
    return {
      name: clean(name),
      file: resolve(this.#prefix, source),
      line: entry.originalLine + 1,
      column: entry.originalColumn + 1,
      block: -1,
    };
  }

  /** A file as shown to people: short. */
  shown(file: string): string {
    const short = relative(this.#prefix, file);
    return short.startsWith('..') ? file : short.replace(/^conf\//, '');
  }
}

/** esbuild's names for what has none are of no interest. */
function clean(name: string): string {
  return name === '' || name.includes('default') || name.startsWith('Object.<anonymous>')
    ? ''
    : name.replace(/^async /, '');
}
