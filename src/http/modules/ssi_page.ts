// What ssi knows of a page: where its commands have brought it, and how its values are read.

import type { Regex } from '../../conf/regex.ts';
import { logError } from '../log.ts';
import type { BodyFilter } from '../output.ts';
import { OK, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import { SsiParser } from './ssi_parser.ts';

export const DEFAULT_TIME_FORMAT = '%A, %d-%b-%Y %H:%M:%S %Z';
const ERROR_MESSAGE = '[an error occurred while processing the directive]';

/** Of the page of a response and all that are included there. Names of variables are in lower case. */
class Shared {
  readonly variables = new Map<string, string>();
  readonly blocks: { readonly name: string; text: string }[] = [];
  /** Of the last expression that has matched: $0 … */
  captures: readonly (string | undefined)[] = [];
}

export class Page {
  readonly r: HttpRequest;
  readonly parser: SsiParser;
  readonly shared: Shared;
  /** What the commands have made, and is not given to `next` yet. */
  out = '';
  next: BodyFilter | null = null;
  /** Text and most commands have an effect: not in a branch that was not chosen, nor in a block. */
  active = true;
  inBlock = false;
  /** Of an if: it or its elif was the last to come, or its else, or there is none. */
  conditional: 'if' | 'else' | null = null;
  /** One of its branches has been taken. */
  chosen = false;
  encoding = 'entity';
  timeFormat = DEFAULT_TIME_FORMAT;
  errorMessage = ERROR_MESSAGE;
  /** A subrequest is waited for. What comes meanwhile is in `waiting`; `last`: the piece that is read is the last. */
  waits = false;
  last = false;
  readonly waiting: { readonly data: string; readonly last: boolean }[] = [];

  constructor(r: HttpRequest, longestValue: number, main: Page | undefined) {
    this.r = r;
    this.parser = new SsiParser(longestValue, (message) => this.report(message));
    this.shared = main?.shared ?? new Shared();
  }

  report(message: string): void {
    logError(this.r, 'error', message);
  }

  /** What has been made so far goes on before what follows. */
  flush(): Rc {
    const { out, next } = this;
    this.out = '';
    return out === '' || next === null ? OK : next(this.r, out, false);
  }

  addToBlock(text: string): void {
    const block = this.shared.blocks.at(-1);
    if (block !== undefined) block.text += text;
  }

  capture(name: string): string | undefined {
    if (name.length !== 1 || name < '0' || name > '9') return undefined;
    const { captures } = this.shared;
    const i = Number(name);
    // Groups behind the last one that took part are none, as in PCRE.
    if (i >= captures.length || captures.slice(i).every((text) => text === undefined)) return undefined;
    return captures[i] ?? '';
  }

  /** `name` is in lower case. */
  variable(name: string): string | undefined {
    const { r } = this;
    const own = this.capture(name) ?? this.shared.variables.get(name);
    return own ?? r.server.main.cf.variables.find(name)?.read(r);
  }

  /** A capture cannot be set. */
  set(name: string, value: string): void {
    if (this.capture(name) === undefined) this.shared.variables.set(name, value);
  }

  /** The text with its variables. null: it is wrong, which has been reported. */
  evaluate(text: string): string | null {
    if (!text.includes('$')) return unescaped(text);
    let out = '';
    let pos = 0;
    while (pos < text.length) {
      if (text.charAt(pos) !== '$') {
        LITERAL.lastIndex = pos;
        const literal = LITERAL.exec(text)?.[0] ?? '';
        out += unescaped(literal);
        pos += literal.length;
        continue;
      }
      const bracket = text.charAt(pos + 1) === '{';
      pos += bracket ? 2 : 1;
      NAME.lastIndex = pos;
      const name = NAME.exec(text)?.[0] ?? '';
      pos += name.length;
      const unclosed = bracket && text.charAt(pos) !== '}';
      if (unclosed && (name !== '' || pos < text.length)) {
        this.report(`the closing bracket in "${name}" variable is missing`);
        return null;
      }
      if (name === '') {
        this.report(`invalid variable name in "${text}"`);
        return null;
      }
      if (bracket) pos++;
      out += this.variable(name.toLowerCase()) ?? '';
    }
    return out;
  }

  match(regex: Regex, subject: string): boolean {
    const found = regex.exec(subject);
    if (found === null) return false;
    const { shared } = this;
    shared.captures = found;
    for (const { name, group } of regex.names) shared.variables.set(name.toLowerCase(), found[group] ?? '');
    return true;
  }
}

const LITERAL = /(?:[^$\\]|\\[\s\S]?)*/y;
const NAME = /[A-Za-z0-9_]*/y;

function unescaped(text: string): string {
  return text.includes('\\') ? text.replace(/\\([\s\S]?)/g, unescapedChar) : text;
}

function unescapedChar(all: string, c: string): string {
  return c === '' || c === '\\' || c === "'" || c === '"' || c === '$' ? c : all;
}
