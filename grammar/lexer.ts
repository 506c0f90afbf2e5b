// nginx's tokens by nginx's rules (ngx_conf_read_token), made one at a time as the parser asks for them.
// Not with Chevrotain's Lexer: what may follow a quoted word, the buffer limit and the extent of a TypeScript block
// depend on more than the text ahead, so nearly every pattern would be a function written by hand all the same; and it
// makes the tokens of the whole file at once (measured on 8 MB of configuration: 70 MB and, without any of these
// rules, as much time as lexing and parsing take together here).

import { createToken, EOF, type IToken, type TokenType } from 'chevrotain';
import { sourceEnd, TOO_LONG, unclosedToken } from './source.ts';

export interface ConfToken extends IToken {
  readonly startLine: number;
  readonly startColumn: number;
  readonly quoted: boolean;
}

// Without patterns: these only name what the lexer below finds.
export const WordToken = createToken({ name: 'Word' });
export const Semicolon = createToken({ name: 'Semicolon' });
export const LeftBrace = createToken({ name: 'LeftBrace' });
export const RightBrace = createToken({ name: 'RightBrace' });
/** All that stands between the braces of a *_by_ts_block. */
export const Source = createToken({ name: 'Source' });
/** Where nginx's lexer itself gives up: the image is the message. No rule accepts it. */
export const Fault = createToken({ name: 'Fault' });
export const tokenTypes: TokenType[] = [WordToken, Semicolon, LeftBrace, RightBrace, Source, Fault];

/** nginx reads through a buffer of this size, and what it is in the midst of (a comment, too) has to fit. */
const CONF_BUFFER = 4096;
/** nginx has no limit but its C stack; ours keeps parser, structured clone and whoever walks the tree off theirs. */
const MAX_DEPTH = 100;

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const DOUBLE_QUOTE = 34;
const SHARP = 35;
const DOLLAR = 36;
const SINGLE_QUOTE = 39;
const RIGHT_PAREN = 41;
const SEMICOLON = 59;
const BACKSLASH = 92;
const LEFT_BRACE = 123;
const RIGHT_BRACE = 125;

const SOURCE_DIRECTIVE = /_by_ts_block$/;
const ESCAPE = /\\(["'\\trn])/g;

export class Lexer {
  readonly #text: string;
  /** The value of -g: not a file but a string in memory, in which no block may stand. */
  readonly #isParameter: boolean;
  #pos = 0;
  #line = 1;
  #lineStart = 0;
  /** What nginx would have to keep in its buffer to read on; a quoted word without its quote. */
  #start = 0;
  #startLine = 1;
  #startColumn = 1;
  /** The words of the directive so far; the name is the first one. */
  #words = 0;
  #name = '';
  #afterWord = false;
  #inSource = false;
  /** The fault that follows the Source token of a block without an end. */
  #unclosed: ConfToken | null = null;
  #depth = 0;

  constructor(text: string, isParameter: boolean) {
    this.#text = text;
    this.#isParameter = isParameter;
  }

  /** The next token; not to be called again after a Fault or EOF. */
  next(): ConfToken {
    if (this.#inSource) return this.#source();
    if (this.#unclosed !== null) return this.#unclosed;
    for (;;) {
      const at = this.#pos;
      if (at >= this.#text.length) return this.#words > 0 ? this.#endOfFile() : this.#eof();
      if (this.#overflows(at)) return this.#tooLong();
      this.#pos++;
      const code = this.#text.charCodeAt(at);
      if (code === LF) this.#newline(at);

      // The char after a word leaves `start` at the word.
      if (this.#afterWord) {
        this.#afterWord = false;
        if (isSpace(code)) continue;
        if (code !== SEMICOLON && code !== LEFT_BRACE && code !== RIGHT_PAREN) return this.#unexpected(at);
      }

      this.#mark(at);
      if (isSpace(code)) continue;
      if (code === SHARP) {
        if (!this.#skipComment()) return this.#tooLong();
        continue;
      }
      if (code === SEMICOLON) return this.#terminator(Semicolon, ';');
      if (code === LEFT_BRACE) return this.#leftBrace();
      if (code === RIGHT_BRACE) return this.#rightBrace();
      return code === DOUBLE_QUOTE || code === SINGLE_QUOTE ? this.#quotedWord(code) : this.#word();
    }
  }

  /** Stops before the line feed; false where the comment does not fit nginx's buffer. */
  #skipComment(): boolean {
    const lineFeed = this.#text.indexOf('\n', this.#pos);
    this.#pos = lineFeed === -1 ? this.#text.length : lineFeed;
    return !this.#overflows(lineFeed === -1 ? this.#pos - 1 : lineFeed);
  }

  // `$` makes the braces after it part of the word; all other specials of a word's start are plain within it.
  #word(): ConfToken {
    const text = this.#text;
    const stop = this.#bufferEnd();
    let escaped = false;
    let variable = false;
    for (let pos = this.#start; pos < stop; pos++) {
      const code = text.charCodeAt(pos);
      if (code === LEFT_BRACE && variable) continue;
      variable = code === DOLLAR;
      if (code === BACKSLASH) {
        escaped = true;
        pos = this.#skipEscaped(pos);
      } else if (code === SEMICOLON || code === LEFT_BRACE || isSpace(code)) {
        this.#pos = pos;
        return this.#endWord(text.slice(this.#start, pos), escaped, false);
      }
    }
    return stop === text.length ? this.#endOfFile() : this.#tooLong();
  }

  #quotedWord(quote: number): ConfToken {
    const text = this.#text;
    this.#start++;
    const stop = this.#bufferEnd();
    let escaped = false;
    for (let pos = this.#start; pos < stop; pos++) {
      const code = text.charCodeAt(pos);
      if (code === quote) {
        this.#pos = pos + 1;
        return this.#endWord(text.slice(this.#start, pos), escaped, true);
      }
      if (code === LF) this.#newline(pos);
      if (code === BACKSLASH) {
        escaped = true;
        pos = this.#skipEscaped(pos);
      }
    }
    if (stop === text.length) return this.#endOfFile();
    const character = String.fromCharCode(quote);
    return this.#fault(`too long parameter, probably missing terminating "${character}" character`);
  }

  #skipEscaped(backslash: number): number {
    const at = backslash + 1;
    if (this.#text.charCodeAt(at) === LF) this.#newline(at);
    return at;
  }

  #endWord(raw: string, escaped: boolean, quoted: boolean): ConfToken {
    const text = escaped ? raw.replace(ESCAPE, unescaped) : raw;
    if (this.#words++ === 0) this.#name = text;
    this.#afterWord = true;
    return this.#token(WordToken, text, quoted);
  }

  #leftBrace(): ConfToken {
    if (this.#words > 0) {
      if (this.#isParameter) return this.#fault('block directives are not supported in -g option');
      if (++this.#depth > MAX_DEPTH) return this.#fault(`blocks are nested more than ${MAX_DEPTH} deep`);
      this.#inSource = SOURCE_DIRECTIVE.test(this.#name);
    }
    return this.#terminator(LeftBrace, '{');
  }

  #rightBrace(): ConfToken {
    this.#depth--;
    return this.#terminator(RightBrace, '}');
  }

  #terminator(type: TokenType, image: string): ConfToken {
    this.#words = 0;
    this.#start = this.#pos;
    return this.#token(type, image, false);
  }

  #source(): ConfToken {
    const from = this.#pos;
    const end = sourceEnd(this.#text, from);
    this.#inSource = false;
    this.#mark(from);
    const source = this.#text.slice(from, end < 0 ? this.#text.length : end);
    const token = this.#token(Source, end < 0 ? '' : source, false);
    for (let at = source.indexOf('\n'); at !== -1; at = source.indexOf('\n', at + 1))
      this.#newline(from + at);
    this.#pos = from + source.length;
    this.#start = this.#pos;
    if (end < 0) this.#unclosed = this.#unclosedSource(end, from, token.startLine);
    return token;
  }

  #unclosedSource(reason: number, from: number, openLine: number): ConfToken {
    const block = `the "${this.#name}" block opened at line ${openLine}`;
    this.#mark(this.#pos);
    if (reason === TOO_LONG) return this.#fault(`too long token in ${block}`);
    const swallows = unclosedToken(this.#text, from);
    if (swallows === null)
      return this.#fault(`unexpected end of file, expecting terminating "}" of ${block}`);
    const { offset, kind } = swallows;
    this.#start = offset;
    this.#startLine = openLine + this.#text.slice(from, offset).split('\n').length - 1;
    this.#startColumn = offset - this.#text.lastIndexOf('\n', offset - 1);
    return this.#fault(`unterminated ${kind} in ${block}`);
  }

  #unexpected(at: number): ConfToken {
    this.#mark(at);
    return this.#fault(`unexpected "${this.#text.charAt(at)}"`);
  }

  #eof(): ConfToken {
    this.#mark(this.#text.length);
    return this.#token(EOF, '', false);
  }

  #endOfFile(): ConfToken {
    this.#mark(this.#text.length);
    return this.#isParameter
      ? this.#fault('unexpected end of parameter, expecting ";"')
      : this.#fault('unexpected end of file, expecting ";" or "}"');
  }

  #tooLong(): ConfToken {
    return this.#fault(`too long parameter "${this.#text.slice(this.#start, this.#start + 10)}..." started`);
  }

  #fault(message: string): ConfToken {
    return this.#token(Fault, message, false);
  }

  /** A token that began where #mark() was last called. */
  #token(type: TokenType, image: string, quoted: boolean): ConfToken {
    return {
      image,
      quoted,
      startOffset: this.#start,
      startLine: this.#startLine,
      startColumn: this.#startColumn,
      tokenType: type,
      tokenTypeIdx: type.tokenTypeIdx ?? 0,
    };
  }

  #mark(at: number): void {
    this.#start = at;
    this.#startLine = this.#line;
    this.#startColumn = at - this.#lineStart + 1;
  }

  /** Reading the char at `at` would need more than nginx's buffer. */
  #overflows(at: number): boolean {
    return at >= this.#start + CONF_BUFFER && !this.#isParameter;
  }

  /** How far a word that begins at `start` can be read. */
  #bufferEnd(): number {
    const { length } = this.#text;
    return this.#isParameter ? length : Math.min(length, this.#start + CONF_BUFFER);
  }

  #newline(at: number): void {
    this.#line++;
    this.#lineStart = at + 1;
  }
}

function isSpace(code: number): boolean {
  return code === SPACE || code === LF || code === TAB || code === CR;
}

// All other escapes keep their backslash.
function unescaped(_: string, char: string): string {
  if (char === 't') return '\t';
  if (char === 'r') return '\r';
  return char === 'n' ? '\n' : char;
}
