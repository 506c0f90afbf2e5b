// The chunked coding of request bodies, as nginx reads it: strict about line breaks, extensions and trailers skipped.

import { AGAIN, DONE, ERROR, OK, type Rc } from '../rc.ts';

const LF = 10;
const CR = 13;

const CHUNK_START = 0;
const CHUNK_SIZE = 1;
const EXTENSION = 2;
const EXTENSION_END = 3;
const DATA = 4;
const AFTER_DATA = 5;
const AFTER_DATA_END = 6;
const LAST_EXTENSION = 7;
const LAST_EXTENSION_END = 8;
const TRAILER = 9;
const TRAILERS_END = 10;
const TRAILER_LINE = 11;
const TRAILER_LINE_END = 12;

/** off_t's, rounded to what a number can hold; one more digit must not pass it. */
const MAX_SIZE = 2 ** 63;

export class Chunked {
  /** Where parse() has stopped in the bytes it was given. */
  pos = 0;
  /** What is left of the current chunk; the one who takes the data counts it down. */
  size = 0;
  #state = CHUNK_START;
  readonly #keepTrailers: boolean;

  /** `keepTrailers`: the coding is DONE behind the line of the last chunk; what follows is the caller's to read. */
  constructor(keepTrailers = false) {
    this.#keepTrailers = keepTrailers;
  }

  /**
   * Parses b from `from` on. OK: data of the chunk stands at `pos`; DONE: the body ends before `pos`; AGAIN: all was
   * used; ERROR: not chunked.
   */
  parse(b: Buffer, from: number): Rc {
    let state = this.#state;
    if (state === DATA && this.size === 0) state = AFTER_DATA;
    let p = from;
    for (; p < b.length; p++) {
      const code = b[p] as number;
      if (state === DATA) break;
      state = this.#next(state, code);
      if (state === ERROR) return ERROR;
      if (state === DONE) {
        this.pos = p + 1;
        return DONE;
      }
    }
    this.#state = state;
    this.pos = p;
    return state === DATA && p < b.length ? OK : AGAIN;
  }

  #next(state: number, code: number): number {
    switch (state) {
      case CHUNK_START: {
        const digit = hexDigit(code);
        if (digit === -1) return ERROR;
        this.size = digit;
        return CHUNK_SIZE;
      }
      case CHUNK_SIZE: {
        if (this.size > MAX_SIZE / 16) return ERROR;
        const digit = hexDigit(code);
        if (digit !== -1) {
          this.size = this.size * 16 + digit;
          return this.size >= MAX_SIZE ? ERROR : CHUNK_SIZE;
        }
        if (code === CR) return this.size === 0 ? LAST_EXTENSION_END : EXTENSION_END;
        if (code !== 0x3b && code !== 0x20 && code !== 0x09) return ERROR;
        return this.size === 0 ? LAST_EXTENSION : EXTENSION;
      }
      case EXTENSION:
      case LAST_EXTENSION:
        if (code === LF) return ERROR;
        if (code !== CR) return state;
        return state === EXTENSION ? EXTENSION_END : LAST_EXTENSION_END;
      case EXTENSION_END:
        return code === LF ? DATA : ERROR;
      case AFTER_DATA:
        return code === CR ? AFTER_DATA_END : ERROR;
      case AFTER_DATA_END:
        return code === LF ? CHUNK_START : ERROR;
      case LAST_EXTENSION_END:
        if (code !== LF) return ERROR;
        return this.#keepTrailers ? DONE : TRAILER;
      case TRAILER:
        if (code === CR) return TRAILERS_END;
        return code === LF ? ERROR : TRAILER_LINE;
      case TRAILERS_END:
        return code === LF ? DONE : ERROR;
      case TRAILER_LINE:
        if (code === CR) return TRAILER_LINE_END;
        return code === LF ? ERROR : TRAILER_LINE;
      default: // TRAILER_LINE_END
        return code === LF ? TRAILER : ERROR;
    }
  }
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 0x20;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}
