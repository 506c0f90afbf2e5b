// Translates a pattern of PCRE to one of JavaScript: groups, quantifiers, options and references, in a recursive descent
// that writes as it reads. What has no translation is a PatternFault.

import { CharacterReader, COUNTS } from './regex_characters.ts';
import { type Assembled, assemble, END, type Mark, type Piece } from './regex_pieces.ts';
import {
  type ByteSet,
  classText,
  closedUnderCase,
  complement,
  escaped,
  isClosedUnderCase,
  isLetter,
  wideClass,
} from './regex_sets.ts';

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

export interface Translation extends Assembled {
  readonly caseless: boolean;
  readonly unicode: boolean;
  readonly groups: number;
  readonly names: readonly NamedGroup[];
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

interface NamedRef {
  readonly name: string;
  readonly at: number;
  readonly mark: Mark;
  readonly certain: ReadonlySet<number>;
}

const NOT_REPEATABLE = 'quantifier does not follow a repeatable item';
const NO_SUCH_GROUP = 'reference to non-existent subpattern';
const NO_RECURSION = 'recursion and subroutine calls have no equivalent in JavaScript';

export class Translator extends CharacterReader {
  readonly #caseless: boolean;
  /** Letter case beyond ASCII counts. */
  readonly #folds: boolean;
  #options: number;
  #out: Piece[] = [];
  #groups = 0;
  #wraps = 0;
  #lookbehind = 0;
  #depth = 0;
  /** Groups of \K that are open. */
  #rests = 0;
  /** The groups that have taken part wherever a match has come to here. */
  #certain: ReadonlySet<number> = NO_GROUPS;
  readonly #names: NamedGroup[] = [];
  readonly #refs: { readonly group: number; readonly at: number }[] = [];
  readonly #namedRefs: NamedRef[] = [];

  constructor(text: string, { caseless = false, text: isText = false, unicode = false }: RegexOptions) {
    super(text, isText, unicode);
    this.#folds = unicode;
    // Both cases are written out where that is possible: V8's linear engine does not know the flag. A pattern that begins
    // with (?i) is caseless as a whole.
    this.#caseless = (caseless || text.startsWith('(?i)')) && (unicode || MAY_REFER.test(text));
    this.#options = caseless ? I : 0;
  }

  translate(): Translation {
    this.#alternatives();
    if (this.at < this.text.length) this.fail('unmatched closing parenthesis', this.at);
    this.#resolveNames();
    for (const { group, at } of this.#refs) if (group > this.#groups) this.fail(NO_SUCH_GROUP, at);
    return {
      ...assemble(this.#out, this.#groups),
      caseless: this.#caseless,
      unicode: this.unicode,
      groups: this.#groups,
      names: this.#names,
    };
  }

  #resolveNames(): void {
    for (const { name, at, mark, certain } of this.#namedRefs) {
      const named = this.#names.filter((group) => group.name === name);
      const [group] = named;
      if (group === undefined) this.fail(NO_SUCH_GROUP, at);
      if (named.length > 1) this.fail('references to duplicate names have no equivalent in JavaScript', at);
      mark.id = group.group;
      if (!certain.has(group.group)) mark.kind = 'doubt';
    }
  }

  #has(option: number): boolean {
    return (this.#options & option) !== 0;
  }

  /** Everything up to the end or the closing parenthesis; options set inside end with it. */
  #alternatives(): void {
    const options = this.#options;
    const before = this.#certain;
    let after: ReadonlySet<number> | null = null;
    for (;;) {
      this.#certain = before;
      this.#sequence();
      after = after === null ? this.#certain : after.intersection(this.#certain);
      for (; this.#depth === 0 && this.#rests > 0; this.#rests--) this.#out.push(')');
      if (this.peek() !== '|') break;
      this.at++;
      this.#out.push('|');
    }
    this.#certain = after;
    this.#options = options;
  }

  #sequence(): void {
    while (this.more) {
      const c = this.peek();
      if (c === '|' || c === ')') return;
      if (this.#skipped()) continue;
      const from = this.#out.length;
      if (this.text.startsWith('\\Q', this.at)) {
        this.#quoted();
        continue;
      }
      const certain = this.#certain;
      if (this.#atom() && this.#quantifier(from)) this.#certain = certain;
    }
  }

  /** Comments, white space in extended mode, \E without \Q, and options: what stands for nothing. */
  #skipped(): boolean {
    const c = this.peek();
    if (this.text.startsWith('(?#', this.at)) {
      const end = this.text.indexOf(')', this.at);
      if (end === -1) this.fail('missing ) after (?# comment', this.text.length);
      this.at = end + 1;
      return true;
    }
    if (this.text.startsWith('\\E', this.at)) {
      this.at += 2;
      return true;
    }
    if (!this.#has(X)) return false;
    if (/[ \t\n\v\f\r]/.test(c)) {
      this.at++;
      return true;
    }
    if (c !== '#') return false;
    const end = this.text.indexOf('\n', this.at);
    this.at = end === -1 ? this.text.length : end + 1;
    return true;
  }

  #quoted(): void {
    this.at += 2;
    while (this.more && !this.text.startsWith('\\E', this.at)) {
      const from = this.#out.length;
      this.#out.push(this.#literal(this.next()));
      // The last character before \E can be repeated.
      if (this.text.startsWith('\\E', this.at)) {
        this.at += 2;
        this.#quantifier(from);
        return;
      }
    }
    if (this.more) this.at += 2;
  }

  /** Translates one item; false where no quantifier may follow. */
  #atom(): boolean {
    const c = this.peek();
    switch (c) {
      case '(': {
        this.#depth++;
        const repeatable = this.#group();
        this.#depth--;
        return repeatable;
      }
      case '[':
        this.#class();
        return true;
      case '\\':
        return this.#escape();
      case '.':
        this.at++;
        this.#out.push(this.#has(S) ? '[^]' : '[^\\n]');
        return true;
      case '^':
        this.at++;
        // In multiline mode not behind a line feed that ends the subject.
        this.#out.push(this.#has(M) ? '(?:^|(?<=\\n)(?=[^]))' : '^');
        return false;
      case '$':
        this.at++;
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
    this.#out.push(this.#literal(this.next()));
    return true;
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

  /** Says whether what was written since `from` may be left out. */
  #quantifier(from: number): boolean {
    while (this.#skipped());
    const text = this.text.slice(this.at);
    const counted = COUNTS.exec(text);
    const sign = counted === null ? (/^[*+?]/.exec(text)?.[0] ?? '') : counted[0];
    if (sign === '') return false;
    if (counted !== null) this.#checkCounts(counted);
    this.at += sign.length;
    while (this.#skipped());
    let lazy = this.#has(U);
    let possessive = false;
    if (this.peek() === '+') possessive = true;
    else if (this.peek() === '?') lazy = !lazy;
    if (possessive || this.peek() === '?') this.at++;
    if (this.#out.length - from > 1) {
      this.#out.splice(from, 0, '(?:');
      this.#out.push(')');
    }
    this.#out.push(sign + (lazy && !possessive ? '?' : ''));
    if (possessive) this.#makeAtomic(from);
    // Another one may not follow.
    while (this.#skipped());
    this.#refuseQuantifier();
    return counted === null ? sign !== '+' : Number(counted[1]) === 0;
  }

  #refuseQuantifier(): void {
    if (/^[*+?]/.test(this.peek())) this.fail(NOT_REPEATABLE);
    const counts = COUNTS.exec(this.text.slice(this.at));
    if (counts !== null) this.fail(NOT_REPEATABLE, this.at + counts[0].length - 1);
  }

  #checkCounts(counts: RegExpExecArray): void {
    const [whole, min = '', , max = ''] = counts;
    const limit = 65535;
    if (Number(min) > limit) this.fail('number too big in {} quantifier', this.at + 1 + min.length);
    if (max === '') return;
    const at = this.at + whole.length - 1;
    if (Number(max) > limit) this.fail('number too big in {} quantifier', at);
    if (Number(max) < Number(min)) this.fail('numbers out of order in {} quantifier', at);
  }

  /** What was written since `from` gives nothing back: a lookahead captures it, a reference consumes it. */
  #makeAtomic(from: number): void {
    if (this.#lookbehind > 0) {
      this.fail('atomic groups in a lookbehind have no equivalent in JavaScript');
    }
    const id = this.#wraps++;
    this.#out.splice(from, 0, '(?=', { kind: 'wrap', id });
    this.#out.push('))', { kind: 'again', id });
  }

  #group(): boolean {
    const open = this.at;
    const next = this.peek(1);
    if (next === '*') {
      this.#verb();
      return false;
    }
    if (next !== '?') {
      this.at++;
      if (this.#has(N)) {
        this.#out.push('(?:');
        this.#body();
      } else this.#captured();
      return true;
    }
    this.at += 2;
    const rest = this.text.slice(this.at);
    const simple = /^(?:[:=!>|]|<[=!])/.exec(rest)?.[0];
    if (simple !== undefined) {
      this.at += simple.length;
      this.#special(simple);
      return true;
    }
    if (/^(?:<|'|P<)/.test(rest)) {
      this.at += rest.startsWith('P') ? 2 : 1;
      const name = this.name(rest.startsWith("'") ? "'" : '>');
      this.#named(name);
      return true;
    }
    if (rest.startsWith('P=')) {
      this.at += 2;
      this.#refByName(')');
      return true;
    }
    if (rest.startsWith('P') && !rest.startsWith('P>')) {
      this.fail('unrecognized character after (?P', Math.min(this.at + 1, this.text.length));
    }
    if (/^(?:R|[0-9]|[+-][0-9]|&|P>)/.test(rest)) this.fail(NO_RECURSION);
    if (rest.startsWith('(')) {
      this.#conditional();
      return true;
    }
    if (rest.startsWith('C')) this.fail('callouts are not supported');
    return this.#switchOptions(open);
  }

  #verb(): void {
    const verb = /^\(\*(?:F|FAIL)\)/.exec(this.text.slice(this.at))?.[0];
    if (verb === undefined) {
      const name = /^\(\*[A-Z]*/.exec(this.text.slice(this.at))?.[0] ?? '';
      this.fail('(*VERB) not recognized or malformed', this.at + name.length);
    }
    this.at += verb.length;
    this.#out.push('(?!)');
  }

  #captured(): void {
    const id = ++this.#groups;
    this.#out.push({ kind: 'open', id });
    this.#body({ kind: 'close', id });
    this.#certain = new Set(this.#certain).add(id);
  }

  #body(end: Piece = ')'): void {
    this.#alternatives();
    this.#close(end);
  }

  #close(end: Piece = ')'): void {
    if (this.peek() !== ')') this.fail('missing closing parenthesis', this.text.length);
    this.at++;
    this.#out.push(end);
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
    const certain = this.#certain;
    this.#lookbehind += behind ? 1 : 0;
    // A lookbehind, unlike a group around it, cannot be repeated in JavaScript.
    this.#out.push(kind === ':' ? '(?:' : `(?:(?${kind}`);
    this.#body();
    if (kind !== ':') this.#out.push(')');
    if (kind.endsWith('!')) this.#certain = certain;
    this.#lookbehind -= behind ? 1 : 0;
  }

  /** (?|a(b)|c(d)): the groups of each alternative have the same numbers. */
  #branchReset(): void {
    const options = this.#options;
    const first = this.#groups;
    const certain = this.#certain;
    let most = first;
    this.#out.push('(?:');
    for (;;) {
      this.#groups = first;
      this.#certain = certain;
      this.#sequence();
      most = Math.max(most, this.#groups);
      if (this.peek() !== '|') break;
      this.at++;
      this.#out.push('|');
    }
    this.#groups = most;
    this.#certain = certain;
    this.#options = options;
    this.#close();
  }

  /** (?(?=x)a|b): both branches with the assertion and its contrary. */
  #conditional(): void {
    const assertion = /^\((\?<?[=!])/.exec(this.text.slice(this.at))?.[1];
    if (assertion === undefined) {
      this.fail('conditions on groups have no equivalent in JavaScript');
    }
    const from = this.at;
    const groups = this.#groups;
    const certain = this.#certain;
    const condition = (kind: string): void => {
      this.at = from + 1 + assertion.length;
      this.#out.push(`(${kind}`);
      this.#body();
    };
    this.#out.push('(?:');
    condition(assertion);
    if (this.#groups !== groups) this.fail('groups in a condition are not supported', from);
    this.#sequence();
    this.#certain = certain;
    const yesEnd = this.at;
    this.#out.push('|');
    condition(assertion.replace(/[=!]/, (sign) => (sign === '=' ? '!' : '=')));
    this.at = yesEnd;
    if (this.peek() === '|') {
      this.at++;
      this.#sequence();
    }
    if (this.peek() === '|') this.fail('conditional subpattern contains more than two branches');
    this.#certain = certain;
    this.#close();
  }

  #switchOptions(open: number): boolean {
    let on = true;
    let options = this.#options;
    for (;;) {
      if (!this.more) this.fail('missing closing parenthesis', this.text.length);
      const c = this.text[this.at++] ?? '';
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
      if (c === '^' && this.at === open + 3) options &= ~(I | M | S | X | XX | N);
      else if (c === '-' && on) on = false;
      else {
        const option = OPTIONS[c];
        if (option === undefined) this.fail('unrecognized character after (? or (?-', this.at - 1);
        if (c === 'x' && this.peek() === 'x') {
          this.at++;
          options = on ? options | X | XX : options & ~(X | XX);
        } else options = on ? options | option : options & ~option;
      }
    }
  }

  #named(name: string): void {
    const known = this.#names.find((group) => group.name === name);
    const group = this.#groups + 1;
    if (known !== undefined && known.group !== group && !this.#has(J)) {
      this.fail('two named subpatterns have the same name (PCRE2_DUPNAMES not set)');
    }
    if (known === undefined || known.group !== group) this.#names.push({ name, group });
    this.#captured();
  }

  #refByName(end: string): void {
    const at = this.at;
    const name = this.name(end);
    this.#withCase(() => {
      const mark: Mark = { kind: 'ref', id: 0 };
      this.#namedRefs.push({ name, at, mark, certain: this.#certain });
      this.#out.push(mark);
    });
  }

  #ref(group: number, at: number): void {
    this.#refs.push({ group, at });
    const kind = this.#certain.has(group) ? 'ref' : 'doubt';
    this.#withCase(() => this.#out.push({ kind, id: group }));
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
    const start = this.at;
    const c = this.peek(1);
    const assertion = ASSERTIONS[c];
    if (assertion !== undefined) {
      if (this.isText && c === 'G' && start > 0) this.fail('\\G has no equivalent in JavaScript');
      if (this.isText && c === 'K') this.#restart();
      this.at += 2;
      this.#out.push(assertion);
      return false;
    }
    const group = /^\\(?:([1-9][0-9]*)|g([+-]?[0-9]+)|g\{([+-]?[0-9]+)\})/.exec(this.text.slice(start));
    if (group !== null && this.#numbered(group, start)) return true;
    const named = /^\\(?:k\{|k<|k'|g\{)/.exec(this.text.slice(start))?.[0];
    if (named !== undefined) {
      this.at += named.length;
      this.#refByName(CLOSERS[named.at(-1) ?? ''] ?? '}');
      return true;
    }
    if (/^\\g[<']/.test(this.text.slice(start))) this.fail(NO_RECURSION, start + 2);
    if (c === 'g') {
      this.fail(
        '\\g is not followed by a braced, angle-bracketed, or quoted name/number or by a plain number',
        start + 2,
      );
    }
    if (c === 'k') {
      this.fail('\\k is not followed by a braced, angle-bracketed, or quoted name', start + 2);
    }
    if (c === 'R') {
      this.at += 2;
      const from = this.#out.length;
      this.#out.push('(?:\\r\\n|[\\n\\v\\f\\r\\x85])');
      if (this.#lookbehind === 0) this.#makeAtomic(from);
      return true;
    }
    if (c === 'X' && this.isText) {
      if (!this.unicode) this.fail('\\X has no equivalent in JavaScript without option u');
      this.at += 2;
      const from = this.#out.length;
      this.#out.push(CLUSTER);
      if (this.#lookbehind === 0) this.#makeAtomic(from);
      return true;
    }
    const code = this.character(false);
    if (typeof code === 'number') this.#out.push(this.#literal(code));
    else this.#out.push(this.#set(code));
    return true;
  }

  /** \K: the whole match begins here, and is what a group takes from here on. */
  #restart(): void {
    if (this.#depth > 0) this.fail('\\K within a group has no equivalent in JavaScript');
    this.#out.push({ kind: 'rest', id: 0 });
    this.#rests++;
  }

  /** A reference by number; false where the digits are an octal character instead. */
  #numbered(match: RegExpExecArray, start: number): boolean {
    const [whole, plain, bare, braced] = match;
    if (plain !== undefined) {
      const n = Number(plain);
      if (n >= 10 && !/^[89]/.test(plain) && n > this.#groups) return false;
      this.at += whole.length;
      this.#ref(n, start + 1);
      return true;
    }
    const digits = bare ?? braced ?? '';
    let n = Number(digits);
    if (digits.startsWith('-')) n = this.#groups + 1 + n;
    else if (digits.startsWith('+')) n = this.#groups + n;
    if (n <= 0) this.fail(NO_SUCH_GROUP, start + 2);
    this.at += whole.length;
    this.#ref(n, this.at - 1);
    return true;
  }

  #class(): void {
    const start = this.at;
    const posix = /^\[([:.=])[^\]]*?\1\]/.exec(this.text.slice(start));
    if (posix !== null) {
      if (posix[1] === ':') this.fail('POSIX named classes are supported only within a class', start);
      this.fail('POSIX collating elements are not supported', start);
    }
    this.at++;
    const negated = this.peek() === '^';
    if (negated) this.at++;
    let set = this.members(this.#has(XX));
    if (this.#has(I)) set = closedUnderCase(set);
    this.#out.push(this.#set(negated ? complement(set) : set, negated));
  }

  /** A set as a class. What is above 127 has letter case for JavaScript, but not for PCRE unless asked for. */
  #set(set: ByteSet, negated = false): string {
    const beyond = this.beyond;
    this.beyond = '';
    const text = beyond === '' ? classText(set) : wideClass(set, beyond, negated);
    if (!this.#caseless) return text;
    const high = set.subarray(128);
    const mixed = beyond !== '' || (high.includes(1) && high.includes(0));
    return (mixed && !this.#folds) || !isClosedUnderCase(set) ? `(?-i:${text})` : text;
  }
}

const NO_GROUPS: ReadonlySet<number> = new Set();

const LEADING_JAMO = '[\\u1100-\\u115f\\ua960-\\ua97c]';
const OTHER_HANGUL = '[\\uac00-\\ud7a3\\u1160-\\u11ff\\ud7b0-\\ud7fb]';

/** \X: a character with all that is drawn together with it. */
const CLUSTER =
  '(?:\\r\\n|\\p{Cc}|(?:\\p{RI}\\p{RI}|' +
  `${LEADING_JAMO}*${OTHER_HANGUL}+|${LEADING_JAMO}+|` +
  '\\p{ExtPict}(?:[\\p{Gr_Ext}\\p{EMod}]*\\u200d\\p{ExtPict})*|[^])[\\p{Gr_Ext}\\p{EMod}\\p{Mc}\\u200d]*)';

const CLOSERS: Readonly<Record<string, string>> = { '{': '}', '<': '>', "'": "'" };

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
