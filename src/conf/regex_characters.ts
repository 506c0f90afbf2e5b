// Reads the characters of a pattern of PCRE: what a literal, an escape or a class stands for.

import { add, type ByteSet, complement, escaped, POSIX, propertyOf, SETS, setOf } from './regex_sets.ts';

export class PatternFault extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

export const COUNTS = /^\{([0-9]+)(,([0-9]*))?\}/;

const CONTROLS: Readonly<Record<string, number>> = { a: 7, e: 27, f: 12, n: 10, r: 13, t: 9 };

export class CharacterReader {
  protected readonly text: string;
  /** Not bytes. */
  protected readonly isText: boolean;
  /** The expression needs JavaScript's flag of that name. */
  protected unicode: boolean;
  /** What a class holds beyond the first 256 characters, as members of a JavaScript class. */
  protected beyond = '';
  protected at = 0;

  constructor(text: string, isText: boolean, unicode: boolean) {
    this.text = text;
    this.isText = isText;
    this.unicode = unicode || (isText && /[\ud800-\udfff]/.test(text));
  }

  fail(message: string, at: number = this.at): never {
    throw new PatternFault(message, at);
  }

  get more(): boolean {
    return this.at < this.text.length;
  }

  peek(offset = 0): string {
    return this.text[this.at + offset] ?? '';
  }

  /** The character here, which is passed. */
  next(): number {
    const code = (this.unicode ? this.text.codePointAt(this.at) : undefined) ?? this.text.charCodeAt(this.at);
    this.at += code > 0xffff ? 2 : 1;
    return code;
  }

  name(end: string): string {
    const name = /^[A-Za-z0-9_]*/.exec(this.text.slice(this.at))?.[0] ?? '';
    if (name === '') this.fail('subpattern name expected');
    if (/^[0-9]/.test(name)) this.fail('subpattern name must start with a non-digit');
    this.at += name.length;
    if (this.peek() !== end) this.fail('syntax error in subpattern name (missing terminator?)');
    this.at++;
    return name;
  }

  /** An escape that stands for one byte or one of a set, in and outside of classes. */
  character(inClass: boolean): number | ByteSet {
    const start = this.at;
    this.at += 2;
    const c = this.text[start + 1] ?? '';
    if (c === '') this.fail('\\ at end of pattern', start + 1);
    const simple = CONTROLS[c];
    if (simple !== undefined) return simple;
    const set = SETS[c];
    if (set !== undefined) return set;
    if (c === 'b' && inClass) return 8;
    if (c === 'N') {
      if (inClass) this.fail('\\N is not supported in a class');
      if (this.peek() === '{' && !COUNTS.test(this.text.slice(this.at))) {
        this.fail('\\N{U+dddd} is supported only in Unicode (UTF) mode');
      }
      return complement(setOf(['\n']));
    }
    if (c === 'C') return complement(setOf([]));
    if (inClass && /[BRX]/.test(c)) {
      this.fail('escape sequence is invalid in character class', start + 1);
    }
    if (c === 'p' || c === 'P') return this.property(c === 'P');
    if (c === 'c') return this.control();
    if (c === 'x') return this.hex();
    if (c === 'o') return this.bracedOctal();
    if (/[0-9]/.test(c)) return this.octal(start + 1);
    if (/[FLlUu]/.test(c)) this.fail('PCRE2 does not support \\F, \\L, \\l, \\N{name}, \\U, or \\u');
    if (c === 'X') this.fail('\\X has no equivalent in JavaScript');
    if (/[A-Za-z]/.test(c)) this.fail('unrecognized character follows \\', start + 1);
    return c.charCodeAt(0);
  }

  control(): number {
    const code = this.text.charCodeAt(this.at);
    if (!this.more) this.fail('\\c at end of pattern');
    if (code < 32 || code > 126) this.fail('\\c must be followed by a printable ASCII character');
    this.at++;
    return (code >= 97 && code <= 122 ? code - 32 : code) ^ 64;
  }

  hex(): number {
    if (this.peek() !== '{') {
      const digits = /^[0-9A-Fa-f]{0,2}/.exec(this.text.slice(this.at))?.[0] ?? '';
      this.at += digits.length;
      return digits === '' ? 0 : Number.parseInt(digits, 16);
    }
    const digits = /^\{([0-9A-Fa-f]*)/.exec(this.text.slice(this.at))?.[1] ?? '';
    this.at += digits.length + 1;
    if (this.peek() !== '}' || digits === '') {
      this.fail('non-hex character in \\x{} (closing brace missing?)');
    }
    return this.braced(Number.parseInt(digits, 16));
  }

  bracedOctal(): number {
    if (this.peek() !== '{') this.fail('missing opening brace after \\o', this.at - 1);
    const digits = /^\{([0-7]*)/.exec(this.text.slice(this.at))?.[1] ?? '';
    this.at += digits.length + 1;
    if (this.peek() !== '}' || digits === '') {
      this.fail('non-octal character in \\o{} (closing brace missing?)');
    }
    return this.braced(Number.parseInt(digits, 8));
  }

  braced(code: number): number {
    if (code > (this.isText ? 0x10ffff : 255)) {
      this.fail('character code point value in \\x{} or \\o{} is too large');
    }
    if (code > 0xffff) this.unicode = true;
    this.at++;
    return code;
  }

  octal(start: number): number {
    const digits = /^[0-7]{1,3}/.exec(this.text.slice(start))?.[0];
    if (digits === undefined) return this.text.charCodeAt(start);
    this.at = start + digits.length;
    const code = Number.parseInt(digits, 8);
    if (code > 255) this.fail('octal value is greater than \\377 in 8-bit non-UTF-8 mode');
    return code;
  }

  /** \p{L}, \pL, \p{^Lu}: of Unicode's properties, the part below 256. */
  property(negated: boolean): ByteSet {
    const match = /^(?:\{(\^?)([A-Za-z0-9_&]+)\}|([A-Za-z]))/.exec(this.text.slice(this.at));
    if (match === null) return this.fail('malformed \\P or \\p sequence');
    const [whole, caret, long, short] = match;
    this.at += whole.length;
    const property = propertyOf(long ?? short ?? '');
    if (property === null) return this.fail('unknown property after \\P or \\p');
    const complemented = negated !== (caret === '^');
    if (this.isText) {
      this.unicode = true;
      this.beyond += `\\${complemented ? 'P' : 'p'}{${property}}`;
      return setOf([]);
    }
    const regex = new RegExp(`\\p{${property}}`, 'u');
    const known = setOf([]).map((_, code) => (regex.test(String.fromCharCode(code)) ? 1 : 0));
    return complemented ? complement(known) : known;
  }

  members(extended: boolean): ByteSet {
    const set = new Uint8Array(256);
    let first = true;
    let quoting = false;
    /** The byte that a following "-" would make a range from; -1 where there is none, -2 after a set. */
    let from = -1;
    for (;;) {
      if (!this.more) this.fail('missing terminating ] for character class', this.text.length);
      const c = this.peek();
      if (
        quoting ? this.text.startsWith('\\E', this.at) : /^\\[QE]/.test(this.text.slice(this.at, this.at + 2))
      ) {
        quoting = !quoting && this.peek(1) === 'Q';
        this.at += 2;
        continue;
      }
      if (!quoting && c === ']' && !first) break;
      if (!quoting && extended && (c === ' ' || c === '\t')) {
        this.at++;
        continue;
      }
      first = false;
      if (!quoting && c === '-' && from !== -1 && this.peek(1) !== ']' && this.peek(1) !== '') {
        if (from === -2) this.fail('invalid range in character class');
        this.at++;
        if (/^\\[QE]/.test(this.text.slice(this.at))) {
          quoting = this.peek(1) === 'Q';
          this.at += 2;
        }
        const to = this.member(quoting, set);
        if (to === -2) this.fail('invalid range in character class', this.at);
        if (to < from) this.fail('range out of order in character class', this.at - 1);
        set.fill(1, from, to + 1);
        if (to > 255) this.beyond += `${escaped(Math.max(from, 256))}-${escaped(to)}`;
        from = -1;
        continue;
      }
      from = this.member(quoting, set);
      if (from > 255) this.beyond += escaped(from);
      else if (from >= 0) set[from] = 1;
    }
    this.at++;
    return set;
  }

  /** The next byte of a class, or -2 for a set, which is added to `set`. */
  member(quoting: boolean, set: ByteSet): number {
    const c = this.peek();
    if (!quoting && c === '[') {
      const posix = /^\[([:.=])(\^?)([^\]\\]*?)\1\]/.exec(this.text.slice(this.at));
      if (posix !== null) {
        const [whole, kind, caret, name = ''] = posix;
        if (kind !== ':') this.fail('POSIX collating elements are not supported');
        const known = Object.hasOwn(POSIX, name) ? POSIX[name] : undefined;
        if (known === undefined) return this.fail('unknown POSIX class name', this.at + 2);
        this.at += whole.length;
        add(set, caret === '^' ? complement(known) : known);
        return -2;
      }
    }
    if (!quoting && c === '\\') {
      const code = this.character(true);
      if (typeof code === 'number') return code;
      add(set, code);
      return -2;
    }
    return this.next();
  }
}
