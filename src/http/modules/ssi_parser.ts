// Finds SSI commands, <!--#command param="value" … -->, in a text that comes in pieces, split anywhere. What is wrong
// with a command is told in nginx's words, by its states.

/** What next() has come to. */
export const END = 0;
export const COMMAND = 1;
/** A command that is none, which has been reported. */
const BROKEN = 2;

const OPENING = '<!--#';
const LONGEST_NAME = 32;

const TEXT = 0;
const BEFORE_COMMAND = 1;
const IN_COMMAND = 2;
const BEFORE_PARAM = 3;
const IN_PARAM = 4;
const BEFORE_EQUALS = 5;
const BEFORE_VALUE = 6;
const IN_VALUE = 7;
const ESCAPED = 8;
const AFTER_VALUE = 9;
const CLOSING_1 = 10;
const CLOSING_2 = 11;
const IN_ERROR = 12;
const ERROR_CLOSING_1 = 13;
const ERROR_CLOSING_2 = 14;

export interface Param {
  readonly name: string;
  /** As written: backslashes are still there. */
  value: string;
}

export class SsiParser {
  /** Before what next() has come to. */
  literal = '';
  command = '';
  params: Param[] = [];
  /** The piece, and where it has been read to. */
  #text = '';
  #pos = 0;
  /** A part of an opening that a piece has ended with. */
  #withheld = '';
  #state = TEXT;
  #name = '';
  #value = '';
  #quote = '';
  readonly #longestValue: number;
  readonly #report: (message: string) => void;

  constructor(longestValue: number, report: (message: string) => void) {
    this.#longestValue = longestValue;
    this.#report = report;
  }

  /** Whether there is nothing in `bytes`, nor at its end, that is no literal text, and nothing is withheld. */
  isLiteral(bytes: Buffer): boolean {
    if (this.#state !== TEXT || this.#withheld !== '' || bytes.includes(OPENING, 0, 'latin1')) return false;
    const tail = bytes.toString('latin1', Math.max(0, bytes.length - OPENING.length + 1));
    return openingAtEnd(tail) === 0;
  }

  /** The next piece. */
  take(text: string): void {
    this.#text = this.#withheld + text;
    this.#withheld = '';
    this.#pos = 0;
  }

  /** Reads to the end of the next command, or of the piece. */
  next(): typeof END | typeof COMMAND | typeof BROKEN {
    this.literal = '';
    if (this.#state === TEXT && !this.#findOpening()) return END;
    while (this.#pos < this.#text.length) {
      const c = this.#text.charAt(this.#pos++);
      switch (this.#state) {
        case CLOSING_2:
          if (c === '>') {
            this.#state = TEXT;
            return COMMAND;
          }
          this.#unexpected(c);
          break;
        case ERROR_CLOSING_2:
          if (c === '>') {
            this.#state = TEXT;
            return BROKEN;
          }
          this.#state = IN_ERROR;
          break;
        default:
          this.#step(c);
      }
    }
    return END;
  }

  #findOpening(): boolean {
    const text = this.#text;
    const from = this.#pos;
    const at = text.indexOf(OPENING, from);
    if (at !== -1) {
      this.literal = text.slice(from, at);
      this.#pos = at + OPENING.length;
      this.#state = BEFORE_COMMAND;
      return true;
    }
    const end = text.length - openingAtEnd(text.slice(Math.max(from, text.length - OPENING.length + 1)));
    this.literal = text.slice(from, end);
    this.#withheld = text.slice(end);
    this.#pos = text.length;
    return false;
  }

  #step(c: string): void {
    const space = c === ' ' || c === '\r' || c === '\n' || c === '\t';
    switch (this.#state) {
      case BEFORE_COMMAND:
        if (space) break;
        this.command = c;
        this.params = [];
        this.#state = IN_COMMAND;
        break;
      case IN_COMMAND:
        if (space) this.#state = BEFORE_PARAM;
        else if (c === '-') this.#state = CLOSING_1;
        else if (this.command.length < LONGEST_NAME) this.command += c;
        else this.#fail(`the "${this.command}${c}..." SSI command is too long`);
        break;
      case BEFORE_PARAM:
        if (space) break;
        if (c === '-') {
          this.#state = CLOSING_1;
          break;
        }
        this.#name = c;
        this.#value = '';
        this.#state = IN_PARAM;
        break;
      case IN_PARAM:
        if (space) this.#state = BEFORE_EQUALS;
        else if (c === '=') this.#state = BEFORE_VALUE;
        else if (c === '-') this.#fail(`unexpected "-" symbol after ${this.#ofParam()}`, ERROR_CLOSING_1);
        else if (this.#name.length < LONGEST_NAME) this.#name += c;
        else this.#fail(`too long "${this.#name}${c}..." parameter in "${this.command}" SSI command`);
        break;
      case BEFORE_EQUALS:
        if (space) break;
        if (c === '=') this.#state = BEFORE_VALUE;
        else this.#failAt(c, `unexpected "${c}" symbol after ${this.#ofParam()}`);
        break;
      case BEFORE_VALUE:
        if (space) break;
        if (c !== '"' && c !== "'") {
          this.#failAt(c, `unexpected "${c}" symbol before value of ${this.#ofParam()}`);
          break;
        }
        this.#quote = c;
        this.#state = IN_VALUE;
        break;
      case IN_VALUE:
        if (c === this.#quote) {
          this.params.push({ name: this.#name, value: this.#value });
          this.#state = AFTER_VALUE;
          break;
        }
        if (c === '\\') this.#state = ESCAPED;
        this.#addToValue(c);
        break;
      case ESCAPED:
        this.#state = IN_VALUE;
        this.#addToValue(c);
        break;
      case AFTER_VALUE:
        if (space) this.#state = BEFORE_PARAM;
        else if (c === '-') this.#state = CLOSING_1;
        else this.#fail(`unexpected "${c}" symbol after "${this.#value}" value of ${this.#ofParam()}`);
        break;
      case CLOSING_1:
        if (c === '-') this.#state = CLOSING_2;
        else this.#unexpected(c);
        break;
      case IN_ERROR:
        if (c === '-') this.#state = ERROR_CLOSING_1;
        break;
      case ERROR_CLOSING_1:
        this.#state = c === '-' ? ERROR_CLOSING_2 : IN_ERROR;
        break;
    }
  }

  #addToValue(c: string): void {
    if (this.#value.length < this.#longestValue) this.#value += c;
    else this.#fail(`too long "${this.#value}${c}..." value of ${this.#ofParam()}`);
  }

  #ofParam(): string {
    return `"${this.#name}" parameter in "${this.command}" SSI command`;
  }

  #unexpected(c: string): void {
    this.#fail(`unexpected "${c}" symbol in "${this.command}" SSI command`);
  }

  #failAt(c: string, message: string): void {
    this.#fail(message, c === '-' ? ERROR_CLOSING_1 : IN_ERROR);
  }

  #fail(message: string, state: typeof IN_ERROR | typeof ERROR_CLOSING_1 = IN_ERROR): void {
    this.#state = state;
    this.#report(message);
  }
}

/** How much of an opening `text`, which is shorter than one, ends with. */
function openingAtEnd(text: string): number {
  const at = text.lastIndexOf('<');
  return at !== -1 && OPENING.startsWith(text.slice(at)) ? text.length - at : 0;
}
