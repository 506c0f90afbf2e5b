// charset_map: tables between two charsets of single bytes, or from one to UTF-8, and the recoding of text by them.

import type { Args } from '../../conf/args.ts';
import { ConfError } from '../../conf/error.ts';

/** Between `from` and `to`, for both ways; only `to` may be UTF-8. Names in lower case. */
export interface CharsetMap {
  readonly from: string;
  readonly to: string;
  /** What each byte of `from` becomes. */
  readonly forth: readonly string[];
  /** By the character of `to`, as its bytes. */
  readonly back: ReadonlyMap<string, string>;
}

/** The recoding of one response, whose characters may be cut by the borders of its pieces. */
export interface Recode {
  readonly changesLength: boolean;
  convert(text: string, last: boolean): string;
}

const UTF8 = 'utf-8';

export function readCharsetMap(args: Args, known: readonly CharsetMap[]): CharsetMap {
  const from = args.text(1).toLowerCase();
  const to = args.text(2).toLowerCase();
  const names = `"${args.text(1)}" and "${args.text(2)}"`;
  if (from === to) args.failWhole(`"charset_map" between the same charsets ${names}`);
  if (from === UTF8) {
    args.failWhole('"charset_map" with "utf-8" charset should be given in the second column');
  }
  if (known.some((map) => (map.from === from && map.to === to) || (map.from === to && map.to === from))) {
    args.failWhole(`duplicate "charset_map" between ${names}`);
  }
  const forth: string[] = [];
  const back = new Map<string, string>();
  for (let code = 0; code < 256; code++) forth.push(code < 128 ? String.fromCharCode(code) : '?');
  for (let code = 0; code < 128; code++) back.set(String.fromCharCode(code), String.fromCharCode(code));
  for (const entry of args.entries()) {
    const place = { file: entry.file, line: entry.headLine, column: entry.name.column };
    const word = entry.args[0]?.text ?? '';
    if (entry.args.length !== 1) throw new ConfError('invalid parameters number', place);
    const byte = hexBytes(entry.name.text);
    if (byte?.length !== 1) throw new ConfError(`invalid value "${entry.name.text}"`, place);
    const char = hexBytes(word);
    if (char === null || char.length > (to === UTF8 ? 3 : 1)) {
      throw new ConfError(`invalid value "${word}"`, place);
    }
    forth[byte.charCodeAt(0)] = char;
    back.set(char, byte);
  }
  return { from, to, forth, back };
}

function hexBytes(text: string): string | null {
  const even = text.length === 1 ? `0${text}` : text;
  if (!/^(?:[0-9A-Fa-f]{2})+$/.test(even)) return null;
  return Buffer.from(even, 'hex').toString('latin1');
}

/** null where there is no map between the two. */
export function startRecode(maps: readonly CharsetMap[], from: string, to: string): Recode | null {
  const source = from.toLowerCase();
  const target = to.toLowerCase();
  for (const map of maps) {
    if (map.from === source && map.to === target) return new Forth(map.forth, target === UTF8);
    if (map.from === target && map.to === source) {
      return source === UTF8 ? new FromUtf8(map.back) : new Back(map.back);
    }
  }
  return null;
}

class Forth implements Recode {
  readonly changesLength: boolean;
  readonly #table: readonly string[];

  constructor(table: readonly string[], changesLength: boolean) {
    this.#table = table;
    this.changesLength = changesLength;
  }

  convert(text: string): string {
    let out = '';
    for (let i = 0; i < text.length; i++) out += this.#table[text.charCodeAt(i)];
    return out;
  }
}

class Back implements Recode {
  readonly changesLength = false;
  readonly #table: ReadonlyMap<string, string>;

  constructor(table: ReadonlyMap<string, string>) {
    this.#table = table;
  }

  convert(text: string): string {
    let out = '';
    for (const char of text) out += this.#table.get(char) ?? '?';
    return out;
  }
}

const CHARACTERS =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: bytes
  /[\x00-\x7f]|[\xc0-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf7][\x80-\xbf]{3}|[\s\S]/g;
const CUT = /(?:[\xc0-\xf7]|[\xe0-\xf7][\x80-\xbf]|[\xf0-\xf7][\x80-\xbf]{2})$/;

class FromUtf8 implements Recode {
  readonly changesLength = true;
  readonly #table: ReadonlyMap<string, string>;
  #cut = '';

  constructor(table: ReadonlyMap<string, string>) {
    this.#table = table;
  }

  convert(piece: string, last: boolean): string {
    let text = this.#cut + piece;
    this.#cut = last ? '' : (CUT.exec(text)?.[0] ?? '');
    if (this.#cut !== '') text = text.slice(0, -this.#cut.length);
    return text.replace(CHARACTERS, (char) => this.#table.get(char) ?? entity(char));
  }
}

/** What the other charset lacks becomes an entity, what is no character a question mark. */
function entity(bytes: string): string {
  if (bytes.length === 1) return '?';
  let code = bytes.charCodeAt(0) & (0x7f >> bytes.length);
  for (let i = 1; i < bytes.length; i++) code = code * 64 + (bytes.charCodeAt(i) & 63);
  return `&#${code};`;
}
