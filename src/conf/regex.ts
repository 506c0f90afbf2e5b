// Regular expressions of nginx.conf: PCRE's syntax, translated to JavaScript's. Text is latin1, a character is a byte,
// and letter case is ASCII's, as in PCRE without UTF. What has no translation is refused, in the form in which nginx
// reports what PCRE refuses.
//
// A difference remains that cannot be seen at translation time: in a repeated group JavaScript forgets the captures of
// earlier rounds.

import { setFlagsFromString } from 'node:v8';
import { messageOf } from '../core/thrown.ts';
import { ConfError, type Place } from './error.ts';
import { PatternFault } from './regex_characters.ts';
import { execWithinTime, harmlessLength } from './regex_limit.ts';
import { type NamedGroup, type RegexOptions, type Translation, Translator } from './regex_translator.ts';

// An expression that has stepped back 50,000 times is matched in linear time, of this process' own and of scripts'. V8 can
// do that with all but lookaheads, references to groups, counts above 16 and the flags i, u, v and d.
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');

const DEFAULT_BACKTRACKS = 50_000;

/** How often an expression that is compiled from now on may step back before it is matched in linear time; 0: as above. */
export function limitBacktracks(count: number): void {
  setFlagsFromString(`--regexp-backtracks-before-fallback=${count || DEFAULT_BACKTRACKS}`);
}

type Captures = readonly (string | undefined)[];

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

  /** `guarded`: it is matched here, not in an isolate, whose own limits hold there. */
  constructor(source: string, translation: Translation, guarded: boolean) {
    this.source = source;
    const { pattern, plain } = translation;
    const flags = (translation.caseless ? 'i' : '') + (translation.unicode ? 'u' : '');
    this.regex = new RegExp(pattern, flags);
    this.plain = plain === pattern ? this.regex : new RegExp(plain, flags);
    this.groups = translation.groups;
    this.names = translation.names;
    this.numbers = translation.numbers;
    this.#endsAtEnd = translation.endsAtEnd;
    this.#harmless = guarded ? harmlessLength(this.regex) : Number.POSITIVE_INFINITY;
    this.#plainHarmless = this.plain === this.regex || !guarded ? this.#harmless : harmlessLength(this.plain);
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
    return new Regex(pattern, translation, !(options.text ?? false));
  } catch (e) {
    throw new ConfError(`pcre2_compile() failed: ${messageOf(e)} in "${pattern}"`, place);
  }
}
