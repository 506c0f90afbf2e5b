// Regular expressions of nginx.conf: PCRE's syntax, translated to JavaScript's. Text is latin1, a character is a byte,
// and letter case is ASCII's, as in PCRE without UTF. What has no translation is refused, in the form in which nginx
// reports what PCRE refuses.
//
// Two differences remain, and neither can be seen at translation time: in a repeated group JavaScript forgets the
// captures of earlier rounds, and a reference to a group that took no part matches the empty string.

import { setFlagsFromString } from 'node:v8';
import { ConfError, type Place } from './error.ts';
import { execWithinTime, harmlessLength } from './regex_limit.ts';

// An expression that has stepped back 50,000 times is matched in linear time, of this process' own and of scripts'. V8 can
// do that with all but lookaheads, references to groups, counts above 16 and the flags i, u, v and d.
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');

const DEFAULT_BACKTRACKS = 50_000;

/** How often an expression that is compiled from now on may step back before it is matched in linear time; 0: as above. */
export function limitBacktracks(count: number): void {
  setFlagsFromString(`--regexp-backtracks-before-fallback=${count || DEFAULT_BACKTRACKS}`);
}

type Captures = readonly (string | undefined)[];

export interface RegexOptions {
  readonly caseless?: boolean;
  /** Patterns of scripts: what is matched is text, not bytes, and only the whole match counts. */
  readonly text?: boolean;
  /** Of text: letter case is Unicode's, and a character outside the basic plane is one. */
  readonly unicode?: boolean;
}

export interface NamedGroup {
  readonly name: string;
  readonly group: number;
}

export class Regex {
  /** As written in the configuration. */
  readonly source: string;
  /** For subjects that end in a line feed. */
  readonly regex: RegExp;
  /** For all others: `$` needs no lookahead there, so that V8 may go on in linear time where it backtracks too often. */
  readonly plain: RegExp;
  readonly groups: number;
  readonly names: readonly NamedGroup[];
  /** The JavaScript groups that each PCRE group became; null where the numbers are the same. */
  readonly numbers: readonly (readonly number[])[] | null;
  readonly #endsAtEnd: boolean;
  /** Longer subjects are matched under a time limit: with `regex`, and with `plain`. */
  readonly #harmless: number;
  readonly #plainHarmless: number;

  constructor(source: string, translation: Translation) {
    this.source = source;
    const { pattern, plain } = translation;
    const flags = (translation.caseless ? 'i' : '') + (translation.unicode ? 'u' : '');
    this.regex = new RegExp(pattern, flags);
    this.plain = plain === pattern ? this.regex : new RegExp(plain, flags);
    this.groups = translation.groups;
    this.names = translation.names;
    this.numbers = translation.numbers;
    this.#endsAtEnd = translation.endsAtEnd;
    this.#harmless = harmlessLength(this.regex);
    this.#plainHarmless = this.plain === this.regex ? this.#harmless : harmlessLength(this.plain);
  }

  test(subject: string): boolean {
    return this.#find(subject) !== null;
  }

  /** The whole match and the groups, numbered as in the pattern. */
  exec(subject: string): Captures | null {
    const found = this.#find(subject);
    if (found === null || this.numbers === null) return found;
    return this.numbers.map((numbers) => {
      for (const n of numbers) if (found[n] !== undefined) return found[n];
      return undefined;
    });
  }

  #find(subject: string): RegExpExecArray | null {
    const { plain, regex } = this;
    if (plain === regex || subject.charCodeAt(subject.length - 1) !== LINE_FEED) return this.#plain(subject);
    if (this.#endsAtEnd) {
      // A client may well send a line feed: what cannot match is found out in linear time all the same.
      const before = this.#plain(subject.slice(0, -1));
      const whole = this.#plain(subject);
      if (before === null || whole === null) return before ?? whole;
    }
    if (subject.length > this.#harmless) return execWithinTime(regex, subject, this.source);
    return regex.exec(subject); // which one comes first
  }

  #plain(subject: string): RegExpExecArray | null {
    if (subject.length > this.#plainHarmless) return execWithinTime(this.plain, subject, this.source);
    return this.plain.exec(subject);
  }
}

const LINE_FEED = 10;

/** Throws ConfError at `place` for a pattern that is wrong or has no translation. */
export function compileRegex(pattern: string, options: RegexOptions, place: Place): Regex {
  let translation: Translation;
  try {
    translation = new Translator(pattern, options).translate();
  } catch (e) {
    if (!(e instanceof PatternFault)) throw e;
    const where = e.at >= pattern.length ? '' : ` at "${pattern.slice(e.at)}"`;
    throw new ConfError(`pcre2_compile() failed: ${e.message} in "${pattern}"${where}`, place);
  }
  try {
    return new Regex(pattern, translation);
  } catch (e) {
    const reason = e instanceof Error ? e.message : String(e);
    throw new ConfError(`pcre2_compile() failed: ${reason} in "${pattern}"`, place);
  }
}

interface Translation {
  readonly pattern: string;
  /** The same for subjects that do not end in a line feed. */
  readonly plain: string;
  /** A match that has come to a `$` is over, and nothing else looks ahead. */
  readonly endsAtEnd: boolean;
  readonly caseless: boolean;
  readonly unicode: boolean;
  readonly groups: number;
  readonly names: readonly NamedGroup[];
  readonly numbers: readonly (readonly number[])[] | null;
}

class PatternFault extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

// Options that a pattern can switch: (?imsxnUJ).
const I = 1;
const M = 2;
const S = 4;
const X = 8;
const XX = 16;
const N = 32;
const U = 64;
const J = 128;
const OPTIONS: Readonly<Record<string, number>> = { i: I, m: M, s: S, x: X, n: N, U, J };

type ByteSet = Uint8Array; // 256 entries, 1 where the byte is in the set

/** Text that is final, or a place that is numbered when all groups are known. */
type Piece = string | Mark;
interface Mark {
  /**
   * `open`: a group of the pattern; `wrap`: one added for an atomic group; `again`: a reference to that; `ref`: to a
   * group; `end`: the end of the subject, or before a line feed there.
   */
  readonly kind: 'open' | 'wrap' | 'again' | 'ref' | 'end';
  id: number;
}

interface NamedRef {
  readonly name: string;
  readonly at: number;
  readonly mark: Mark;
}

const NOT_REPEATABLE = 'quantifier does not follow a repeatable item';
const NO_SUCH_GROUP = 'reference to non-existent subpattern';
const NO_RECURSION = 'recursion and subroutine calls have no equivalent in JavaScript';

class Translator {
  readonly #text: string;
  readonly #caseless: boolean;
  /** Not bytes. */
  readonly #isText: boolean;
  /** Letter case beyond ASCII counts. */
  readonly #folds: boolean;
  /** The expression needs JavaScript's flag of that name. */
  #unicode: boolean;
  /** What a class holds beyond the first 256 characters, as members of a JavaScript class. */
  #beyond = '';
  #at = 0;
  #options: number;
  #out: Piece[] = [];
  #groups = 0;
  #wraps = 0;
  #lookbehind = 0;
  readonly #names: NamedGroup[] = [];
  readonly #refs: { readonly group: number; readonly at: number }[] = [];
  readonly #namedRefs: NamedRef[] = [];

  constructor(text: string, { caseless = false, text: isText = false, unicode = false }: RegexOptions) {
    this.#text = text;
    this.#isText = isText;
    this.#folds = unicode;
    this.#unicode = unicode || (isText && /[\ud800-\udfff]/.test(text));
    // Both cases are written out where that is possible: V8's linear engine does not know the flag. A pattern that begins
    // with (?i) is caseless as a whole.
    this.#caseless = (caseless || text.startsWith('(?i)')) && (unicode || MAY_REFER.test(text));
    this.#options = caseless ? I : 0;
  }

  translate(): Translation {
    this.#alternatives();
    if (this.#at < this.#text.length) this.#fail('unmatched closing parenthesis', this.#at);
    this.#resolveNames();
    for (const { group, at } of this.#refs) if (group > this.#groups) this.#fail(NO_SUCH_GROUP, at);
    return this.#assemble();
  }

  #fail(message: string, at: number = this.#at): never {
    throw new PatternFault(message, at);
  }

  #resolveNames(): void {
    for (const { name, at, mark } of this.#namedRefs) {
      const named = this.#names.filter((group) => group.name === name);
      const [group] = named;
      if (group === undefined) this.#fail(NO_SUCH_GROUP, at);
      if (named.length > 1) this.#fail('references to duplicate names have no equivalent in JavaScript', at);
      mark.id = group.group;
    }
  }

  #assemble(): Translation {
    const numbers: number[][] = [[0]];
    const wraps: number[] = [];
    let count = 0;
    for (const piece of this.#out) {
      if (typeof piece === 'string') continue;
      if (piece.kind === 'open') {
        numbers[piece.id] ??= [];
        numbers[piece.id]?.push(++count);
      } else if (piece.kind === 'wrap') wraps[piece.id] = ++count;
    }
    const written = (end: string): string => {
      let pattern = '';
      for (const piece of this.#out) {
        if (typeof piece === 'string') pattern += piece;
        else if (piece.kind === 'end') pattern += end;
        else if (piece.kind === 'open' || piece.kind === 'wrap') pattern += '(';
        else if (piece.kind === 'again') pattern += `(?:\\${wraps[piece.id]})`;
        else pattern += `(?:${(numbers[piece.id] ?? []).map((n) => `\\${n}`).join('')})`;
      }
      return pattern;
    };
    const same = count === this.#groups && wraps.length === 0;
    return {
      pattern: written('(?=\\n?$)'),
      plain: written('$'),
      endsAtEnd: this.#endsAtEnd(),
      caseless: this.#caseless,
      unicode: this.#unicode,
      groups: this.#groups,
      names: this.#names,
      numbers: same ? null : numbers,
    };
  }

  #endsAtEnd(): boolean {
    const out = this.#out;
    const looks = (piece: Piece): boolean =>
      typeof piece === 'string' ? piece === '$' || /\(\?[=!]/.test(piece) : piece.kind === 'wrap';
    return !out.some(looks) && out.every((piece, i) => piece !== END || isLast(out, i));
  }

  get #more(): boolean {
    return this.#at < this.#text.length;
  }

  #peek(offset = 0): string {
    return this.#text[this.#at + offset] ?? '';
  }

  #has(option: number): boolean {
    return (this.#options & option) !== 0;
  }

  /** Everything up to the end or the closing parenthesis; options set inside end with it. */
  #alternatives(): void {
    const options = this.#options;
    for (;;) {
      this.#sequence();
      if (this.#peek() !== '|') break;
      this.#at++;
      this.#out.push('|');
    }
    this.#options = options;
  }

  #sequence(): void {
    while (this.#more) {
      const c = this.#peek();
      if (c === '|' || c === ')') return;
      if (this.#skipped()) continue;
      const from = this.#out.length;
      if (this.#text.startsWith('\\Q', this.#at)) {
        this.#quoted();
        continue;
      }
      if (this.#atom()) this.#quantifier(from);
    }
  }

  /** Comments, white space in extended mode, \E without \Q, and options: what stands for nothing. */
  #skipped(): boolean {
    const c = this.#peek();
    if (this.#text.startsWith('(?#', this.#at)) {
      const end = this.#text.indexOf(')', this.#at);
      if (end === -1) this.#fail('missing ) after (?# comment', this.#text.length);
      this.#at = end + 1;
      return true;
    }
    if (this.#text.startsWith('\\E', this.#at)) {
      this.#at += 2;
      return true;
    }
    if (!this.#has(X)) return false;
    if (/[ \t\n\v\f\r]/.test(c)) {
      this.#at++;
      return true;
    }
    if (c !== '#') return false;
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end === -1 ? this.#text.length : end + 1;
    return true;
  }

  #quoted(): void {
    this.#at += 2;
    while (this.#more && !this.#text.startsWith('\\E', this.#at)) {
      const from = this.#out.length;
      this.#out.push(this.#literal(this.#next()));
      // The last character before \E can be repeated.
      if (this.#text.startsWith('\\E', this.#at)) {
        this.#at += 2;
        this.#quantifier(from);
        return;
      }
    }
    if (this.#more) this.#at += 2;
  }

  /** Translates one item; false where no quantifier may follow. */
  #atom(): boolean {
    const c = this.#peek();
    switch (c) {
      case '(':
        return this.#group();
      case '[':
        this.#class();
        return true;
      case '\\':
        return this.#escape();
      case '.':
        this.#at++;
        this.#out.push(this.#has(S) ? '[^]' : '[^\\n]');
        return true;
      case '^':
        this.#at++;
        // In multiline mode not behind a line feed that ends the subject.
        this.#out.push(this.#has(M) ? '(?:^|(?<=\\n)(?=[^]))' : '^');
        return false;
      case '$':
        this.#at++;
        this.#out.push(this.#has(M) ? '(?=\\n|$)' : END);
        return false;
      case '*':
      case '+':
      case '?':
        this.#refuseQuantifier();
        break;
      case '{':
        this.#refuseQuantifier();
    }
    this.#out.push(this.#literal(this.#next()));
    return true;
  }

  /** The character here, which is passed. */
  #next(): number {
    const code =
      (this.#unicode ? this.#text.codePointAt(this.#at) : undefined) ?? this.#text.charCodeAt(this.#at);
    this.#at += code > 0xffff ? 2 : 1;
    return code;
  }

  #literal(code: number): string {
    const text = escaped(code);
    const own = this.#has(I);
    if (isLetter(code)) {
      if (own === this.#caseless) return text;
      return own ? `[${text}${escaped(code ^ 32)}]` : `(?-i:${text})`;
    }
    if (code >= 128 && this.#caseless !== (own && this.#folds)) return `(?-i:${text})`;
    return text;
  }

  #quantifier(from: number): void {
    while (this.#skipped());
    const text = this.#text.slice(this.#at);
    const counted = COUNTS.exec(text);
    const sign = counted === null ? (/^[*+?]/.exec(text)?.[0] ?? '') : counted[0];
    if (sign === '') return;
    if (counted !== null) this.#checkCounts(counted);
    this.#at += sign.length;
    while (this.#skipped());
    let lazy = this.#has(U);
    let possessive = false;
    if (this.#peek() === '+') possessive = true;
    else if (this.#peek() === '?') lazy = !lazy;
    if (possessive || this.#peek() === '?') this.#at++;
    if (this.#out.length - from > 1) {
      this.#out.splice(from, 0, '(?:');
      this.#out.push(')');
    }
    this.#out.push(sign + (lazy && !possessive ? '?' : ''));
    if (possessive) this.#makeAtomic(from);
    // Another one may not follow.
    while (this.#skipped());
    this.#refuseQuantifier();
  }

  #refuseQuantifier(): void {
    if (/^[*+?]/.test(this.#peek())) this.#fail(NOT_REPEATABLE);
    const counts = COUNTS.exec(this.#text.slice(this.#at));
    if (counts !== null) this.#fail(NOT_REPEATABLE, this.#at + counts[0].length - 1);
  }

  #checkCounts(counts: RegExpExecArray): void {
    const [whole, min = '', , max = ''] = counts;
    const limit = 65535;
    if (Number(min) > limit) this.#fail('number too big in {} quantifier', this.#at + 1 + min.length);
    if (max === '') return;
    const at = this.#at + whole.length - 1;
    if (Number(max) > limit) this.#fail('number too big in {} quantifier', at);
    if (Number(max) < Number(min)) this.#fail('numbers out of order in {} quantifier', at);
  }

  /** What was written since `from` gives nothing back: a lookahead captures it, a reference consumes it. */
  #makeAtomic(from: number): void {
    if (this.#lookbehind > 0) {
      this.#fail('atomic groups in a lookbehind have no equivalent in JavaScript');
    }
    const id = this.#wraps++;
    this.#out.splice(from, 0, '(?=', { kind: 'wrap', id });
    this.#out.push('))', { kind: 'again', id });
  }

  #group(): boolean {
    const open = this.#at;
    const next = this.#peek(1);
    if (next === '*') {
      this.#verb();
      return false;
    }
    if (next !== '?') {
      this.#at++;
      if (this.#has(N)) this.#out.push('(?:');
      else this.#capture();
      this.#body();
      return true;
    }
    this.#at += 2;
    const rest = this.#text.slice(this.#at);
    const simple = /^(?:[:=!>|]|<[=!])/.exec(rest)?.[0];
    if (simple !== undefined) {
      this.#at += simple.length;
      this.#special(simple);
      return true;
    }
    if (/^(?:<|'|P<)/.test(rest)) {
      this.#at += rest.startsWith('P') ? 2 : 1;
      const name = this.#name(rest.startsWith("'") ? "'" : '>');
      this.#named(name);
      this.#body();
      return true;
    }
    if (rest.startsWith('P=')) {
      this.#at += 2;
      this.#refByName(')');
      return true;
    }
    if (rest.startsWith('P') && !rest.startsWith('P>')) {
      this.#fail('unrecognized character after (?P', Math.min(this.#at + 1, this.#text.length));
    }
    if (/^(?:R|[0-9]|[+-][0-9]|&|P>)/.test(rest)) this.#fail(NO_RECURSION);
    if (rest.startsWith('(')) {
      this.#conditional();
      return true;
    }
    if (rest.startsWith('C')) this.#fail('callouts are not supported');
    return this.#switchOptions(open);
  }

  #verb(): void {
    const verb = /^\(\*(?:F|FAIL)\)/.exec(this.#text.slice(this.#at))?.[0];
    if (verb === undefined) {
      const name = /^\(\*[A-Z]*/.exec(this.#text.slice(this.#at))?.[0] ?? '';
      this.#fail('(*VERB) not recognized or malformed', this.#at + name.length);
    }
    this.#at += verb.length;
    this.#out.push('(?!)');
  }

  #capture(): void {
    this.#groups++;
    this.#out.push({ kind: 'open', id: this.#groups });
  }

  #body(): void {
    this.#alternatives();
    this.#close();
  }

  #close(): void {
    if (this.#peek() !== ')') this.#fail('missing closing parenthesis', this.#text.length);
    this.#at++;
    this.#out.push(')');
  }

  #special(kind: string): void {
    if (kind === '|') {
      this.#branchReset();
      return;
    }
    if (kind === '>') {
      const from = this.#out.length;
      this.#out.push('(?:');
      this.#body();
      this.#makeAtomic(from);
      return;
    }
    const behind = kind.startsWith('<');
    this.#lookbehind += behind ? 1 : 0;
    // A lookbehind, unlike a group around it, cannot be repeated in JavaScript.
    this.#out.push(kind === ':' ? '(?:' : `(?:(?${kind}`);
    this.#body();
    if (kind !== ':') this.#out.push(')');
    this.#lookbehind -= behind ? 1 : 0;
  }

  /** (?|a(b)|c(d)): the groups of each alternative have the same numbers. */
  #branchReset(): void {
    const options = this.#options;
    const first = this.#groups;
    let most = first;
    this.#out.push('(?:');
    for (;;) {
      this.#groups = first;
      this.#sequence();
      most = Math.max(most, this.#groups);
      if (this.#peek() !== '|') break;
      this.#at++;
      this.#out.push('|');
    }
    this.#groups = most;
    this.#options = options;
    this.#close();
  }

  /** (?(?=x)a|b): both branches with the assertion and its contrary. */
  #conditional(): void {
    const assertion = /^\((\?<?[=!])/.exec(this.#text.slice(this.#at))?.[1];
    if (assertion === undefined) {
      this.#fail('conditions on groups have no equivalent in JavaScript');
    }
    const from = this.#at;
    const groups = this.#groups;
    const condition = (kind: string): void => {
      this.#at = from + 1 + assertion.length;
      this.#out.push(`(${kind}`);
      this.#body();
    };
    this.#out.push('(?:');
    condition(assertion);
    if (this.#groups !== groups) this.#fail('groups in a condition are not supported', from);
    this.#sequence();
    const yesEnd = this.#at;
    this.#out.push('|');
    condition(assertion.replace(/[=!]/, (sign) => (sign === '=' ? '!' : '=')));
    this.#at = yesEnd;
    if (this.#peek() === '|') {
      this.#at++;
      this.#sequence();
    }
    if (this.#peek() === '|') this.#fail('conditional subpattern contains more than two branches');
    this.#close();
  }

  #switchOptions(open: number): boolean {
    let on = true;
    let options = this.#options;
    for (;;) {
      if (!this.#more) this.#fail('missing closing parenthesis', this.#text.length);
      const c = this.#text[this.#at++] ?? '';
      if (c === ')' || c === ':') {
        if (c === ')') {
          this.#options = options;
          return false;
        }
        const outer = this.#options;
        this.#options = options;
        this.#out.push('(?:');
        this.#body();
        this.#options = outer;
        return true;
      }
      if (c === '^' && this.#at === open + 3) options &= ~(I | M | S | X | XX | N);
      else if (c === '-' && on) on = false;
      else {
        const option = OPTIONS[c];
        if (option === undefined) this.#fail('unrecognized character after (? or (?-', this.#at - 1);
        if (c === 'x' && this.#peek() === 'x') {
          this.#at++;
          options = on ? options | X | XX : options & ~(X | XX);
        } else options = on ? options | option : options & ~option;
      }
    }
  }

  #name(end: string): string {
    const name = /^[A-Za-z0-9_]*/.exec(this.#text.slice(this.#at))?.[0] ?? '';
    if (name === '') this.#fail('subpattern name expected');
    if (/^[0-9]/.test(name)) this.#fail('subpattern name must start with a non-digit');
    this.#at += name.length;
    if (this.#peek() !== end) this.#fail('syntax error in subpattern name (missing terminator?)');
    this.#at++;
    return name;
  }

  #named(name: string): void {
    const known = this.#names.find((group) => group.name === name);
    const group = this.#groups + 1;
    if (known !== undefined && known.group !== group && !this.#has(J)) {
      this.#fail('two named subpatterns have the same name (PCRE2_DUPNAMES not set)');
    }
    this.#capture();
    if (known === undefined || known.group !== group) this.#names.push({ name, group });
  }

  #refByName(end: string): void {
    const at = this.#at;
    const name = this.#name(end);
    this.#withCase(() => {
      const mark: Mark = { kind: 'ref', id: 0 };
      this.#namedRefs.push({ name, at, mark });
      this.#out.push(mark);
    });
  }

  #ref(group: number, at: number): void {
    this.#refs.push({ group, at });
    this.#withCase(() => this.#out.push({ kind: 'ref', id: group }));
  }

  #withCase(write: () => void): void {
    const own = this.#has(I);
    if (own === this.#caseless) {
      write();
      return;
    }
    this.#out.push(own ? '(?i:' : '(?-i:');
    write();
    this.#out.push(')');
  }

  #escape(): boolean {
    const start = this.#at;
    const c = this.#peek(1);
    const assertion = ASSERTIONS[c];
    if (assertion !== undefined) {
      if (this.#isText && (c === 'K' || (c === 'G' && start > 0))) {
        this.#fail(`\\${c} has no equivalent in JavaScript`);
      }
      this.#at += 2;
      this.#out.push(assertion);
      return false;
    }
    const group = /^\\(?:([1-9][0-9]*)|g([+-]?[0-9]+)|g\{([+-]?[0-9]+)\})/.exec(this.#text.slice(start));
    if (group !== null && this.#numbered(group, start)) return true;
    const named = /^\\(?:k\{|k<|k'|g\{)/.exec(this.#text.slice(start))?.[0];
    if (named !== undefined) {
      this.#at += named.length;
      this.#refByName(CLOSERS[named.at(-1) ?? ''] ?? '}');
      return true;
    }
    if (/^\\g[<']/.test(this.#text.slice(start))) this.#fail(NO_RECURSION, start + 2);
    if (c === 'g') {
      this.#fail(
        '\\g is not followed by a braced, angle-bracketed, or quoted name/number or by a plain number',
        start + 2,
      );
    }
    if (c === 'k') {
      this.#fail('\\k is not followed by a braced, angle-bracketed, or quoted name', start + 2);
    }
    if (c === 'R') {
      this.#at += 2;
      const from = this.#out.length;
      this.#out.push('(?:\\r\\n|[\\n\\v\\f\\r\\x85])');
      if (this.#lookbehind === 0) this.#makeAtomic(from);
      return true;
    }
    const code = this.#character(false);
    if (typeof code === 'number') this.#out.push(this.#literal(code));
    else this.#out.push(this.#set(code));
    return true;
  }

  /** A reference by number; false where the digits are an octal character instead. */
  #numbered(match: RegExpExecArray, start: number): boolean {
    const [whole, plain, bare, braced] = match;
    if (plain !== undefined) {
      const n = Number(plain);
      if (n >= 10 && !/^[89]/.test(plain) && n > this.#groups) return false;
      this.#at += whole.length;
      this.#ref(n, start + 1);
      return true;
    }
    const digits = bare ?? braced ?? '';
    let n = Number(digits);
    if (digits.startsWith('-')) n = this.#groups + 1 + n;
    else if (digits.startsWith('+')) n = this.#groups + n;
    if (n <= 0) this.#fail(NO_SUCH_GROUP, start + 2);
    this.#at += whole.length;
    this.#ref(n, this.#at - 1);
    return true;
  }

  /** An escape that stands for one byte or one of a set, in and outside of classes. */
  #character(inClass: boolean): number | ByteSet {
    const start = this.#at;
    this.#at += 2;
    const c = this.#text[start + 1] ?? '';
    if (c === '') this.#fail('\\ at end of pattern', start + 1);
    const simple = CONTROLS[c];
    if (simple !== undefined) return simple;
    const set = SETS[c];
    if (set !== undefined) return set;
    if (c === 'b' && inClass) return 8;
    if (c === 'N') {
      if (inClass) this.#fail('\\N is not supported in a class');
      if (this.#peek() === '{' && !COUNTS.test(this.#text.slice(this.#at))) {
        this.#fail('\\N{U+dddd} is supported only in Unicode (UTF) mode');
      }
      return complement(setOf(['\n']));
    }
    if (c === 'C') return complement(setOf([]));
    if (inClass && /[BRX]/.test(c)) {
      this.#fail('escape sequence is invalid in character class', start + 1);
    }
    if (c === 'p' || c === 'P') return this.#property(c === 'P');
    if (c === 'c') return this.#control();
    if (c === 'x') return this.#hex();
    if (c === 'o') return this.#bracedOctal();
    if (/[0-9]/.test(c)) return this.#octal(start + 1);
    if (/[FLlUu]/.test(c)) this.#fail('PCRE2 does not support \\F, \\L, \\l, \\N{name}, \\U, or \\u');
    if (c === 'X') this.#fail('\\X has no equivalent in JavaScript');
    if (/[A-Za-z]/.test(c)) this.#fail('unrecognized character follows \\', start + 1);
    return c.charCodeAt(0);
  }

  #control(): number {
    const code = this.#text.charCodeAt(this.#at);
    if (!this.#more) this.#fail('\\c at end of pattern');
    if (code < 32 || code > 126) this.#fail('\\c must be followed by a printable ASCII character');
    this.#at++;
    return (code >= 97 && code <= 122 ? code - 32 : code) ^ 64;
  }

  #hex(): number {
    if (this.#peek() !== '{') {
      const digits = /^[0-9A-Fa-f]{0,2}/.exec(this.#text.slice(this.#at))?.[0] ?? '';
      this.#at += digits.length;
      return digits === '' ? 0 : Number.parseInt(digits, 16);
    }
    const digits = /^\{([0-9A-Fa-f]*)/.exec(this.#text.slice(this.#at))?.[1] ?? '';
    this.#at += digits.length + 1;
    if (this.#peek() !== '}' || digits === '') {
      this.#fail('non-hex character in \\x{} (closing brace missing?)');
    }
    return this.#braced(Number.parseInt(digits, 16));
  }

  #bracedOctal(): number {
    if (this.#peek() !== '{') this.#fail('missing opening brace after \\o', this.#at - 1);
    const digits = /^\{([0-7]*)/.exec(this.#text.slice(this.#at))?.[1] ?? '';
    this.#at += digits.length + 1;
    if (this.#peek() !== '}' || digits === '') {
      this.#fail('non-octal character in \\o{} (closing brace missing?)');
    }
    return this.#braced(Number.parseInt(digits, 8));
  }

  #braced(code: number): number {
    if (code > (this.#isText ? 0x10ffff : 255)) {
      this.#fail('character code point value in \\x{} or \\o{} is too large');
    }
    if (code > 0xffff) this.#unicode = true;
    this.#at++;
    return code;
  }

  #octal(start: number): number {
    const digits = /^[0-7]{1,3}/.exec(this.#text.slice(start))?.[0];
    if (digits === undefined) return this.#text.charCodeAt(start);
    this.#at = start + digits.length;
    const code = Number.parseInt(digits, 8);
    if (code > 255) this.#fail('octal value is greater than \\377 in 8-bit non-UTF-8 mode');
    return code;
  }

  /** \p{L}, \pL, \p{^Lu}: of Unicode's properties, the part below 256. */
  #property(negated: boolean): ByteSet {
    const match = /^(?:\{(\^?)([A-Za-z0-9_&]+)\}|([A-Za-z]))/.exec(this.#text.slice(this.#at));
    if (match === null) return this.#fail('malformed \\P or \\p sequence');
    const [whole, caret, long, short] = match;
    this.#at += whole.length;
    const property = propertyOf(long ?? short ?? '');
    if (property === null) return this.#fail('unknown property after \\P or \\p');
    const complemented = negated !== (caret === '^');
    if (this.#isText) {
      this.#unicode = true;
      this.#beyond += `\\${complemented ? 'P' : 'p'}{${property}}`;
      return setOf([]);
    }
    const regex = new RegExp(`\\p{${property}}`, 'u');
    const known = setOf([]).map((_, code) => (regex.test(String.fromCharCode(code)) ? 1 : 0));
    return complemented ? complement(known) : known;
  }

  #class(): void {
    const start = this.#at;
    const posix = /^\[([:.=])[^\]]*?\1\]/.exec(this.#text.slice(start));
    if (posix !== null) {
      if (posix[1] === ':') this.#fail('POSIX named classes are supported only within a class', start);
      this.#fail('POSIX collating elements are not supported', start);
    }
    this.#at++;
    const negated = this.#peek() === '^';
    if (negated) this.#at++;
    let set = this.#members();
    if (this.#has(I)) set = closedUnderCase(set);
    this.#out.push(this.#set(negated ? complement(set) : set, negated));
  }

  #members(): ByteSet {
    const set = new Uint8Array(256);
    let first = true;
    let quoting = false;
    /** The byte that a following "-" would make a range from; -1 where there is none, -2 after a set. */
    let from = -1;
    for (;;) {
      if (!this.#more) this.#fail('missing terminating ] for character class', this.#text.length);
      const c = this.#peek();
      if (
        quoting
          ? this.#text.startsWith('\\E', this.#at)
          : /^\\[QE]/.test(this.#text.slice(this.#at, this.#at + 2))
      ) {
        quoting = !quoting && this.#peek(1) === 'Q';
        this.#at += 2;
        continue;
      }
      if (!quoting && c === ']' && !first) break;
      if (!quoting && this.#has(XX) && (c === ' ' || c === '\t')) {
        this.#at++;
        continue;
      }
      first = false;
      if (!quoting && c === '-' && from !== -1 && this.#peek(1) !== ']' && this.#peek(1) !== '') {
        if (from === -2) this.#fail('invalid range in character class');
        this.#at++;
        if (/^\\[QE]/.test(this.#text.slice(this.#at))) {
          quoting = this.#peek(1) === 'Q';
          this.#at += 2;
        }
        const to = this.#member(quoting, set);
        if (to === -2) this.#fail('invalid range in character class', this.#at);
        if (to < from) this.#fail('range out of order in character class', this.#at - 1);
        set.fill(1, from, to + 1);
        if (to > 255) this.#beyond += `${escaped(Math.max(from, 256))}-${escaped(to)}`;
        from = -1;
        continue;
      }
      from = this.#member(quoting, set);
      if (from > 255) this.#beyond += escaped(from);
      else if (from >= 0) set[from] = 1;
    }
    this.#at++;
    return set;
  }

  /** The next byte of a class, or -2 for a set, which is added to `set`. */
  #member(quoting: boolean, set: ByteSet): number {
    const c = this.#peek();
    if (!quoting && c === '[') {
      const posix = /^\[([:.=])(\^?)([^\]\\]*?)\1\]/.exec(this.#text.slice(this.#at));
      if (posix !== null) {
        const [whole, kind, caret, name = ''] = posix;
        if (kind !== ':') this.#fail('POSIX collating elements are not supported');
        const known = Object.hasOwn(POSIX, name) ? POSIX[name] : undefined;
        if (known === undefined) return this.#fail('unknown POSIX class name', this.#at + 2);
        this.#at += whole.length;
        add(set, caret === '^' ? complement(known) : known);
        return -2;
      }
    }
    if (!quoting && c === '\\') {
      const code = this.#character(true);
      if (typeof code === 'number') return code;
      add(set, code);
      return -2;
    }
    return this.#next();
  }

  /** A set as a class. What is above 127 has letter case for JavaScript, but not for PCRE unless asked for. */
  #set(set: ByteSet, negated = false): string {
    const beyond = this.#beyond;
    this.#beyond = '';
    const text = beyond === '' ? classText(set) : wideClass(set, beyond, negated);
    if (!this.#caseless) return text;
    const high = set.subarray(128);
    const mixed = beyond !== '' || (high.includes(1) && high.includes(0));
    return (mixed && !this.#folds) || !isClosedUnderCase(set) ? `(?-i:${text})` : text;
  }
}

const COUNTS = /^\{([0-9]+)(,([0-9]*))?\}/;
const CLOSERS: Readonly<Record<string, string>> = { '{': '}', '<': '>', "'": "'" };

const END: Piece = { kind: 'end', id: 0 };

/** References to groups, and what may look like them. */
const MAY_REFER = /\\[1-9gk]|\(\?P=/;

const ASSERTIONS: Readonly<Record<string, Piece>> = {
  b: '\\b',
  B: '\\B',
  A: '^',
  G: '^',
  z: '$',
  Z: END,
  K: '', // moves the start of the whole match, which nginx never uses
};

const CONTROLS: Readonly<Record<string, number>> = { a: 7, e: 27, f: 12, n: 10, r: 13, t: 9 };

function setOf(ranges: readonly string[]): ByteSet {
  const set = new Uint8Array(256);
  for (const range of ranges) {
    set.fill(1, range.charCodeAt(0), range.charCodeAt(range.length - 1) + 1);
  }
  return set;
}

function complement(set: ByteSet): ByteSet {
  return set.map((bit) => 1 - bit);
}

function add(set: ByteSet, more: ByteSet): void {
  for (let i = 0; i < 256; i++) if (more[i] === 1) set[i] = 1;
}

const DIGIT = setOf(['09']);
const WORD = setOf(['09', 'AZ', 'az', '_']);
const SPACE = setOf(['\t\r', ' ']);
const HORIZONTAL = setOf(['\t', ' ', '\xa0']);
const VERTICAL = setOf(['\n\r', '\x85']);

const SETS: Readonly<Record<string, ByteSet>> = {
  d: DIGIT,
  D: complement(DIGIT),
  w: WORD,
  W: complement(WORD),
  s: SPACE,
  S: complement(SPACE),
  h: HORIZONTAL,
  H: complement(HORIZONTAL),
  v: VERTICAL,
  V: complement(VERTICAL),
};

const POSIX: Readonly<Record<string, ByteSet>> = {
  alpha: setOf(['AZ', 'az']),
  lower: setOf(['az']),
  upper: setOf(['AZ']),
  alnum: setOf(['09', 'AZ', 'az']),
  ascii: setOf(['\0\x7f']),
  blank: setOf(['\t', ' ']),
  cntrl: setOf(['\0\x1f', '\x7f']),
  digit: DIGIT,
  graph: setOf(['!~']),
  print: setOf([' ~']),
  punct: setOf(['!/', ':@', '[`', '{~']),
  space: SPACE,
  word: WORD,
  xdigit: setOf(['09', 'AF', 'af']),
};

/** PCRE's name of a property in JavaScript's words. */
function propertyOf(name: string): string | null {
  const property = name === 'L&' ? 'LC' : name;
  for (const expression of [property, `Script=${property}`]) {
    try {
      new RegExp(`\\p{${expression}}`, 'u');
      return expression;
    } catch {
      // not a property of that kind: the next expression, or null
    }
  }
  return null;
}

function isLetter(code: number): boolean {
  const lower = code | 32;
  return lower >= 97 && lower <= 122;
}

function closedUnderCase(set: ByteSet): ByteSet {
  return set.map((bit, code) => (bit === 1 || (isLetter(code) && set[code ^ 32] === 1) ? 1 : 0));
}

function isClosedUnderCase(set: ByteSet): boolean {
  return set.every((bit, code) => !isLetter(code) || bit === set[code ^ 32]);
}

function escaped(code: number): string {
  const c = String.fromCodePoint(code);
  if (/[A-Za-z0-9_ !"#%&',:;<=>@`~-]/.test(c)) return c === '-' ? '\\x2d' : c;
  if (code > 32 && code < 127) return `\\${c}`;
  if (code > 0xffff) return `\\u{${code.toString(16)}}`;
  if (code > 255) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\x${code.toString(16).padStart(2, '0')}`;
}

/** Whether nothing can be matched behind the piece at `i`: only ends of groups follow, and alternatives to it. */
function isLast(out: readonly Piece[], i: number): boolean {
  for (let at = i + 1; at < out.length; at++) {
    if (out[at] === ')') continue;
    if (out[at] !== '|') return false;
    for (let depth = 0; at < out.length && (depth > 0 || out[at] !== ')'); at++)
      depth += opened(out[at] ?? '');
  }
  return true;
}

/** How many more groups a piece opens than it closes. */
function opened(piece: Piece): number {
  if (typeof piece !== 'string') return piece.kind === 'open' || piece.kind === 'wrap' ? 1 : 0;
  const bare = piece.replace(/\\./g, '').replace(/\[[^\]]*\]/g, '');
  return bare.split('(').length - bare.split(')').length;
}

/** The shorter of the two forms is nearly always the one that was meant: such a set holds all that is beyond it too. */
function isNegated(set: ByteSet): boolean {
  return set[255] === 1 && set[0] === 1;
}

/** A class of text that names members beyond the first 256 characters. `negated`: those are what it has not. */
function wideClass(set: ByteSet, beyond: string, negated: boolean): string {
  const text = classText(set);
  if (negated) return isNegated(set) ? `${text.slice(0, -1)}${beyond}]` : `(?:(?![${beyond}])${text})`;
  return isNegated(set) ? `(?:${text}|[${beyond}])` : `${text.slice(0, -1)}${beyond}]`;
}

function classText(set: ByteSet): string {
  const negated = isNegated(set);
  const shown = negated ? complement(set) : set;
  let text = '';
  for (let from = 0; from < 256; from++) {
    if (shown[from] !== 1) continue;
    let to = from;
    while (shown[to + 1] === 1) to++;
    text += escaped(from);
    if (to > from + 1) text += '-';
    if (to > from) text += escaped(to);
    from = to;
  }
  return negated ? `[^${text}]` : `[${text}]`;
}
