// TextEncoder, TextDecoder, atob, btoa.

import { CALL_DECODE, CALL_ENCODING } from '../../protocol.ts';
import { call } from '../bridge.ts';
import { Bytes, charCodeAt, exec, replace, slice, TypeError_, toLowerCase, toText } from '../builtins.ts';
import { BASE64, fromBase64, toBase64 } from '../encode.ts';
import { asBytes, bytesOf, decodeRaw, encodeRaw, incompleteTail, malformed, rawOf } from '../text.ts';
import { DOMException } from './dom_exception.ts';
import { webClass } from './web_class.ts';

export class TextEncoder {
  get encoding(): string {
    return 'utf-8';
  }

  encode(text: unknown = ''): Uint8Array {
    return bytesOf(encodeRaw(toText(text)));
  }

  encodeInto(text: unknown, into: Uint8Array): { read: number; written: number } {
    if (!(into instanceof Bytes)) throw new TypeError_('encodeInto: the destination must be a Uint8Array');
    const source = toText(text);
    let read = 0;
    let written = 0;
    while (read < source.length) {
      const code = charCodeAt(source, read);
      const size = code >= 0xd800 && code < 0xdc00 ? pairSize(source, read) : 1;
      const raw = encodeRaw(slice(source, read, read + size));
      if (written + raw.length > into.length) break;
      for (let i = 0; i < raw.length; i++) into[written + i] = charCodeAt(raw, i);
      written += raw.length;
      read += size;
    }
    return { read, written };
  }
}

function pairSize(text: string, at: number): number {
  const low = charCodeAt(text, at + 1);
  return low >= 0xdc00 && low < 0xe000 ? 2 : 1;
}

const UTF8 = /^(?:unicode-1-1-utf-8|unicode11utf8|unicode20utf8|utf-?8|x-unicode20utf8)$/;
/** Its escape sequences change what all bytes behind them mean. */
const SHIFTING = 'iso-2022-jp';
const AROUND = /^[\t\n\f\r ]+|[\t\n\f\r ]+$/g;

export class TextDecoder {
  readonly #encoding: string;
  readonly #fatal: boolean;
  readonly #ignoreBOM: boolean;
  /** Bytes of a character that is not complete; all so far where more is needed to know what the next ones mean. */
  #kept = '';
  /** In the latter case: how much of their text has been given. */
  #given = 0;
  /** Something has come already: a byte order mark would not be one. */
  #started = false;

  constructor(label: unknown = 'utf-8', options: { fatal?: unknown; ignoreBOM?: unknown } | null = {}) {
    const name = toLowerCase(replace(AROUND, toText(label), ''));
    if (exec(UTF8, name) !== null) {
      this.#encoding = 'utf-8';
    } else {
      const known = call(CALL_ENCODING, 0, name);
      if (typeof known !== 'string') throw new RangeError(`The "${name}" encoding is not supported`);
      this.#encoding = known;
    }
    this.#fatal = !!options?.fatal;
    this.#ignoreBOM = !!options?.ignoreBOM;
  }

  get encoding(): string {
    return this.#encoding;
  }

  get fatal(): boolean {
    return this.#fatal;
  }

  get ignoreBOM(): boolean {
    return this.#ignoreBOM;
  }

  decode(input?: unknown, options?: { stream?: unknown }): string {
    const bytes = input === undefined ? undefined : asBytes(input);
    if (input !== undefined && bytes === undefined) {
      throw new TypeError_('The "input" argument must be an instance of ArrayBuffer or ArrayBufferView.');
    }
    const raw = this.#kept + (bytes === undefined ? '' : rawOf(bytes));
    this.#kept = '';
    const stream = !!options?.stream;
    const started = this.#started;
    this.#started = false;
    let text = this.#encoding === 'utf-8' ? this.#utf8(raw, stream) : this.#other(raw, stream);
    this.#started = stream && (started || raw.length > this.#kept.length);
    if (!started && !this.#ignoreBOM && text !== '' && charCodeAt(text, 0) === 0xfeff && this.#hasMark()) {
      text = slice(text, 1);
    }
    return text;
  }

  /** Whether U+FEFF at its start is a byte order mark. */
  #hasMark(): boolean {
    const encoding = this.#encoding;
    return encoding === 'utf-8' || encoding === 'utf-16le' || encoding === 'utf-16be';
  }

  #utf8(raw: string, stream: boolean): string {
    const tail = stream ? incompleteTail(raw) : 0;
    const text = decodeRaw(tail === 0 ? raw : slice(raw, 0, raw.length - tail));
    if (this.#fatal && malformed) throw new TypeError_('The encoded data was not valid for encoding utf-8');
    if (tail > 0) this.#kept = slice(raw, raw.length - tail);
    return text;
  }

  #other(raw: string, stream: boolean): string {
    const answer = call(CALL_DECODE, 0, this.#encoding, raw, this.#fatal, stream);
    if (typeof answer !== 'string') {
      throw new TypeError_(`The encoded data was not valid for encoding ${this.#encoding}`);
    }
    // How many bytes are to be kept, those, and the text.
    const kept = charCodeAt(answer, 0);
    const text = slice(answer, 1 + kept);
    if (this.#encoding !== SHIFTING) {
      this.#kept = slice(answer, 1, 1 + kept);
      return text;
    }
    const given = this.#given;
    this.#given = stream ? text.length : 0;
    if (stream) this.#kept = raw;
    return slice(text, given);
  }
}

webClass(TextEncoder, 'TextEncoder');
webClass(TextDecoder, 'TextDecoder');

const SPACES = /[\t\n\f\r ]/g;

export function atob(value: unknown): string {
  if (arguments.length === 0) throw new TypeError_('atob: an argument is needed');
  const raw = fromBase64(replace(SPACES, toText(value), ''), false, true);
  if (raw === undefined) {
    throw new DOMException('The string to be decoded is not correctly encoded.', 'InvalidCharacterError');
  }
  return raw;
}

export function btoa(value: unknown): string {
  if (arguments.length === 0) throw new TypeError_('btoa: an argument is needed');
  const text = toText(value);
  for (let i = 0; i < text.length; i++) {
    if (charCodeAt(text, i) > 255) throw new DOMException('Invalid character', 'InvalidCharacterError');
  }
  return toBase64(text, BASE64, true);
}
