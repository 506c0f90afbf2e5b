// Text and bytes: what scripts give as data, and conversions between strings and bytes held one a character ("raw").

import {
  apply,
  Buffer_,
  Bytes,
  charCodeAt,
  exec,
  fromCharCode,
  isArray,
  isView,
  slice,
  typeName,
} from './builtins.ts';
import { NgxError } from './errors.ts';

const NOT_ASCII = /[^\0-\x7f]/;

/** Whether all characters are ASCII: text and its bytes are the same then. */
export function isAscii(text: string): boolean {
  return exec(NOT_ASCII, text) === null;
}

/** UTF-8, one byte a character. */
export function encodeRaw(text: string): string {
  if (isAscii(text)) return text;
  const { length } = text;
  let from = 0;
  let out = '';
  for (let i = 0; i < length; i++) {
    let code = charCodeAt(text, i);
    if (code < 128) continue;
    out += slice(text, from, i);
    if (code >= 0xd800 && code < 0xe000) {
      const low = code < 0xdc00 && i + 1 < length ? charCodeAt(text, i + 1) : 0;
      if (low >= 0xdc00 && low < 0xe000) {
        code = ((code - 0xd800) << 10) + (low - 0xdc00) + 0x10000;
        i++;
      } else {
        code = 0xfffd;
      }
    }
    if (code < 0x800) out += fromCharCode(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000)
      out += fromCharCode(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else
      out += fromCharCode(
        0xf0 | (code >> 18),
        0x80 | ((code >> 12) & 63),
        0x80 | ((code >> 6) & 63),
        0x80 | (code & 63),
      );
    from = i + 1;
  }
  return from === 0 ? text : out + slice(text, from);
}

/** Whether decoding met bytes that are no UTF-8: read after decodeRaw. */
export let malformed = false;

/** Text from UTF-8 bytes held one a character; what is no UTF-8 becomes U+FFFD, as the Encoding standard says. */
export function decodeRaw(raw: string): string {
  malformed = false;
  if (isAscii(raw)) return raw;
  const { length } = raw;
  let from = 0;
  let out = '';
  for (let i = 0; i < length; ) {
    const lead = charCodeAt(raw, i);
    if (lead < 128) {
      i++;
      continue;
    }
    out += slice(raw, from, i);
    const size = sequence(raw, i, length);
    if (size > 0) {
      out += decodeSequence(raw, i, size);
      i += size;
    } else {
      malformed = true;
      out += '�';
      i -= size; // a negative size: the length of the maximal part that was valid
    }
    from = i;
  }
  return from === 0 ? raw : out + slice(raw, from);
}

/** The length of the valid sequence at `i`; else minus the length of what is to be replaced by one U+FFFD. */
function sequence(raw: string, i: number, length: number): number {
  const lead = charCodeAt(raw, i);
  let need: number;
  let low = 0x80;
  let high = 0xbf;
  if (lead >= 0xc2 && lead <= 0xdf) need = 1;
  else if (lead >= 0xe0 && lead <= 0xef) {
    need = 2;
    if (lead === 0xe0) low = 0xa0;
    if (lead === 0xed) high = 0x9f;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    need = 3;
    if (lead === 0xf0) low = 0x90;
    if (lead === 0xf4) high = 0x8f;
  } else return -1;
  for (let k = 1; k <= need; k++) {
    if (i + k >= length) return -k;
    const code = charCodeAt(raw, i + k);
    if (code < low || code > high) return -k;
    low = 0x80;
    high = 0xbf;
  }
  return need + 1;
}

function decodeSequence(raw: string, i: number, size: number): string {
  const lead = charCodeAt(raw, i);
  const second = charCodeAt(raw, i + 1) & 63;
  if (size === 2) return fromCharCode(((lead & 31) << 6) | second);
  const third = charCodeAt(raw, i + 2) & 63;
  if (size === 3) return fromCharCode(((lead & 15) << 12) | (second << 6) | third);
  const code = (((lead & 7) << 18) | (second << 12) | (third << 6) | (charCodeAt(raw, i + 3) & 63)) - 0x10000;
  return fromCharCode(0xd800 + (code >> 10), 0xdc00 + (code & 1023));
}

/** How many characters at the end of `raw` begin a sequence that is not complete. */
export function incompleteTail(raw: string): number {
  const { length } = raw;
  for (let back = 1; back <= 3 && back <= length; back++) {
    const code = charCodeAt(raw, length - back);
    if (code < 128) return 0;
    if (code >= 0xc0) {
      const need = code >= 0xf0 ? 4 : code >= 0xe0 ? 3 : 2;
      return need > back ? back : 0;
    }
  }
  return 0;
}

const CHUNK = 8192;

/** Bytes, one a character. */
export function rawOf(bytes: Uint8Array): string {
  const { length } = bytes;
  if (length <= CHUNK) return apply(fromCharCode, undefined, bytes as unknown as number[]) as string;
  let out = '';
  for (let at = 0; at < length; at += CHUNK) {
    const size = Math.min(length - at, CHUNK);
    const part = new Bytes(bytes.buffer, bytes.byteOffset + at, size);
    out += apply(fromCharCode, undefined, part as unknown as number[]) as string;
  }
  return out;
}

export function bytesOf(raw: string): Uint8Array<ArrayBuffer> {
  const { length } = raw;
  const bytes = new Bytes(length);
  for (let i = 0; i < length; i++) bytes[i] = charCodeAt(raw, i);
  return bytes;
}

export function isBytes(value: unknown): value is Uint8Array | ArrayBuffer {
  return isView(value) || value instanceof Buffer_;
}

/** A view of any kind, or a buffer, as bytes without copying. */
export function asBytes(value: unknown): Uint8Array | undefined {
  if (isView(value)) return new Bytes(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength);
  if (value instanceof Buffer_) return new Bytes(value);
  return undefined;
}

/** Data of any accepted form as bytes, one a character: `string | Uint8Array | ArrayBuffer`, numbers as text. */
export function rawData(value: unknown, what: string): string {
  if (typeof value === 'string') return encodeRaw(value);
  if (typeof value === 'number') return `${value}`;
  const bytes = asBytes(value);
  if (bytes !== undefined) return rawOf(bytes);
  if (isArray(value)) {
    let out = '';
    for (let i = 0; i < value.length; i++) out += rawData(value[i], what);
    return out;
  }
  throw new NgxError(`bad argument to '${what}' (string expected, got ${typeName(value)})`);
}

/** Text of an argument that may be a string, a number or a boolean. */
export function textArgument(value: unknown, what: string, at = 1): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return `${value}`;
  const bytes = asBytes(value);
  if (bytes !== undefined) return decodeRaw(rawOf(bytes));
  throw new NgxError(`bad argument #${at} to '${what}' (string expected, got ${typeName(value)})`);
}
