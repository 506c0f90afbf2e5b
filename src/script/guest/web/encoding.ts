// TextEncoder, TextDecoder, atob, btoa.

import { CALL_DECODE } from '../../protocol.ts';
import { call } from '../bridge.ts';
import { charCodeAt, replace, slice, TypeError_, toLowerCase, toText, trim } from '../builtins.ts';
import { BASE64, fromBase64, toBase64 } from '../encode.ts';
import { asBytes, bytesOf, decodeRaw, encodeRaw, incompleteTail, malformed, rawOf } from '../text.ts';
import { DOMException } from './dom_exception.ts';

export class TextEncoder {
  get encoding(): string {
    return 'utf-8';
  }

  encode(text: unknown = ''): Uint8Array {
    return bytesOf(encodeRaw(toText(text)));
  }

  encodeInto(text: unknown, into: Uint8Array): { read: number; written: number } {
    const source = toText(text);
    let read = 0;
    let written = 0;
    while (read < source.length) {
      const code = charCodeAt(source, read);
      const size = code >= 0xd800 && code < 0xdc00 ? 2 : 1;
      const raw = encodeRaw(slice(source, read, read + size));
      if (written + raw.length > into.length) break;
      for (let i = 0; i < raw.length; i++) into[written + i] = charCodeAt(raw, i);
      written += raw.length;
      read += size;
    }
    return { read, written };
  }
}

const UTF8 = /^(?:unicode-1-1-utf-8|unicode11utf8|unicode20utf8|utf-?8|x-unicode20utf8)$/;

export class TextDecoder {
  readonly #label: string;
  readonly #fatal: boolean;
  readonly #ignoreBOM: boolean;
  #kept = '';
  #started = false;

  constructor(label: unknown = 'utf-8', options: { fatal?: boolean; ignoreBOM?: boolean } = {}) {
    const name = toLowerCase(trim(toText(label)));
    this.#label = replace(UTF8, name, '') === '' ? 'utf-8' : name;
    this.#fatal = options?.fatal === true;
    this.#ignoreBOM = options?.ignoreBOM === true;
    if (this.#label !== 'utf-8') call(CALL_DECODE, 0, this.#label, '', false);
  }

  get encoding(): string {
    return this.#label;
  }

  get fatal(): boolean {
    return this.#fatal;
  }

  get ignoreBOM(): boolean {
    return this.#ignoreBOM;
  }

  decode(input?: unknown, options?: { stream?: boolean }): string {
    const bytes = input === undefined ? undefined : asBytes(input);
    if (input !== undefined && bytes === undefined) {
      throw new TypeError_('The "input" argument must be an instance of ArrayBuffer or ArrayBufferView.');
    }
    let raw = this.#kept + (bytes === undefined ? '' : rawOf(bytes));
    this.#kept = '';
    const stream = options?.stream === true;
    if (this.#label !== 'utf-8') return call(CALL_DECODE, 0, this.#label, raw, this.#fatal) as string;
    if (stream) {
      const tail = incompleteTail(raw);
      if (tail > 0) {
        this.#kept = slice(raw, raw.length - tail);
        raw = slice(raw, 0, raw.length - tail);
      }
    }
    let text = decodeRaw(raw);
    if (this.#fatal && malformed) throw new TypeError_('The encoded data was not valid for encoding utf-8');
    if (!this.#started && !this.#ignoreBOM && text !== '' && charCodeAt(text, 0) === 0xfeff)
      text = slice(text, 1);
    this.#started = stream && (this.#started || text !== '' || raw !== '');
    return text;
  }
}

const SPACES = /[\t\n\f\r ]/g;

export function atob(value: unknown): string {
  const raw = fromBase64(replace(SPACES, toText(value), ''), false, true);
  if (raw === undefined) {
    throw new DOMException('The string to be decoded is not correctly encoded.', 'InvalidCharacterError');
  }
  return raw;
}

export function btoa(value: unknown): string {
  const text = toText(value);
  for (let i = 0; i < text.length; i++) {
    if (charCodeAt(text, i) > 255) throw new DOMException('Invalid character', 'InvalidCharacterError');
  }
  return toBase64(text, BASE64, true);
}
