// Escaping, encoding and hashing: ngx.escape_uri, encode_args, encode_base64, md5 and their kin.

import { CALL_DIGEST } from '../protocol.ts';
import { call } from './bridge.ts';
import {
  apply,
  charCodeAt,
  create,
  exec,
  fromCharCode,
  indexOf,
  isArray,
  keys,
  replace,
  slice,
  toLowerCase,
  trunc,
  typeName,
} from './builtins.ts';
import { NgxError } from './errors.ts';
import { addTo, atMost, type Limit } from './tables.ts';
import { bytesOf, decodeRaw, encodeRaw, rawData, rawOf, textArgument } from './text.ts';

const HEX = '0123456789ABCDEF';

/** Characters that each type of ngx.escape_uri escapes, beside 0x7f and above. */
// biome-ignore-start lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
const ESCAPES: readonly RegExp[] = [
  /[\0-\x20#%?\x7f-\xff]/g,
  /[\0-\x20#%+?\x7f-\xff]/g,
  /[^A-Za-z0-9\-_.!~*'()]/g,
  /[\0-\x20"#%'\x7f-\xff]/g,
  /[\0-\x20"'\x7f-\xff]/g,
  /[\0-\x20%]/g,
  /[\0-\x20%]/g,
];
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: see above
const COMPONENT = ESCAPES[2] as RegExp;

function escapeCharacter(character: string): string {
  const code = charCodeAt(character, 0);
  return `%${HEX[code >> 4]}${HEX[code & 15]}`;
}

/** URI escaping of text, byte by byte; `type` as lua-nginx-module numbers them. */
function escapeUri(text: string, type = COMPONENT): string {
  return escapeRaw(encodeRaw(text), type);
}

export function escapeRaw(raw: string, type = COMPONENT): string {
  return replace(type, raw, escapeCharacter as (...args: never[]) => string);
}

export function escape_uri(value: unknown, type?: unknown): string {
  if (type === undefined || type === null) return escapeUri(textArgument(value ?? '', 'escape_uri'));
  if (typeof type !== 'number') throw new NgxError('"type" is not a number');
  const escapes = ESCAPES[trunc(type)];
  if (escapes === undefined) throw new NgxError(`"type" ${type} out of range`);
  return decodeRaw(escapeUri(textArgument(value ?? '', 'escape_uri'), escapes)); // some leave what is beyond ASCII
}

export function hexValue(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

const ESCAPED = /[%+\x80-\uffff]/;

/** Undoes URI escaping: `+` is a space, a broken sequence stays. */
function unescapeUri(text: string): string {
  if (text.length < 64 ? !needsUnescape(text) : replace(ESCAPED, text, '') === text) return text;
  let raw = '';
  const from = encodeRaw(text);
  const { length } = from;
  let start = 0;
  for (let i = 0; i < length; i++) {
    const code = charCodeAt(from, i);
    if (code === 43) {
      raw += `${slice(from, start, i)} `;
      start = i + 1;
    } else if (code === 37 && i + 2 < length) {
      const high = hexValue(charCodeAt(from, i + 1));
      const low = hexValue(charCodeAt(from, i + 2));
      if (high < 0 || low < 0) continue;
      raw += slice(from, start, i) + fromCharCode(high * 16 + low);
      i += 2;
      start = i + 1;
    }
  }
  return decodeRaw(start === 0 ? from : raw + slice(from, start));
}

function needsUnescape(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = charCodeAt(text, i);
    if (code === 37 || code === 43 || code > 127) return true;
  }
  return false;
}

export function unescape_uri(value: unknown): string {
  return unescapeUri(textArgument(value ?? '', 'unescape_uri'));
}

/** An object as a query string. */
export function encodeArgs(args: object): string {
  if (isArray(args) && args.length > 0) {
    throw new NgxError('attempt to use a non-string key in the "args" option table');
  }
  let out = '';
  const names = keys(args);
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    const value = (args as Record<string, unknown>)[name];
    if (isArray(value)) for (let k = 0; k < value.length; k++) out += pair(name, value[k], out === '');
    else out += pair(name, value, out === '');
  }
  return out;
}

function pair(name: string, value: unknown, first: boolean): string {
  const start = (first ? '' : '&') + escapeUri(name);
  switch (typeof value) {
    case 'string':
      return `${start}=${escapeUri(value)}`;
    case 'number':
    case 'bigint':
      return `${start}=${escapeUri(`${value}`)}`;
    case 'boolean':
      return value ? start : '';
    case 'undefined':
      return '';
  }
  if (value === null) return '';
  throw new NgxError(`attempt to use ${typeName(value)} as query arg value`);
}

export function encode_args(args: unknown): string {
  if (typeof args !== 'object' || args === null) {
    throw new NgxError(`bad argument #1 to 'encode_args' (table expected, got ${typeName(args)})`);
  }
  return encodeArgs(args);
}

/** A query string as a table; the n-th pair beyond `max` throws, unless told to truncate. */
export function decodeArgs(text: string, max: unknown, options: unknown): Record<string, unknown> {
  const out = create(null) as Record<string, string | true | (string | true)[]>;
  const most = atMost(max);
  const { length } = text;
  let count = 0;
  let from = 0;
  let equals = -1;
  for (let i = 0; i <= length; i++) {
    const code = i === length ? 38 : charCodeAt(text, i);
    if (code === 61) {
      if (equals < 0) equals = i;
      continue;
    }
    if (code !== 38) continue;
    if (i > from) {
      const key = unescapeUri(slice(text, from, equals < 0 ? i : equals));
      if (key !== '') {
        if (most > 0 && count === most) {
          if ((options as Limit | undefined)?.truncate !== true) throw new NgxError('truncated');
          return out;
        }
        count++;
        addTo<string | true>(out, key, equals < 0 ? true : unescapeUri(slice(text, equals + 1, i)));
      }
    }
    from = i + 1;
    equals = -1;
  }
  return out;
}

export function decode_args(text: unknown, max?: unknown, options?: unknown): Record<string, unknown> {
  return decodeArgs(textArgument(text, 'decode_args'), max, options);
}

export const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
export const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Longer ones are left to V8, where it has Uint8Array's own (Node 26). */
const LONG = 64;
const DIGITS = /^[A-Za-z0-9+/]*=*$/;
const URL_DIGITS = /^[A-Za-z0-9_-]*=*$/;
const decodeBytes = (Uint8Array as { fromBase64?: (text: string, options: object) => Uint8Array }).fromBase64;
const encodeBytes = (Uint8Array.prototype as { toBase64?: (options: object) => string }).toBase64;

export function toBase64(raw: string, alphabet: string, padding: boolean): string {
  const { length } = raw;
  if (length > LONG && encodeBytes !== undefined) {
    const options = { alphabet: alphabet === BASE64 ? 'base64' : 'base64url', omitPadding: !padding };
    return apply(encodeBytes, bytesOf(raw), [options]) as string;
  }
  let out = '';
  let i = 0;
  for (; i + 2 < length; i += 3) {
    const bits = (charCodeAt(raw, i) << 16) | (charCodeAt(raw, i + 1) << 8) | charCodeAt(raw, i + 2);
    out +=
      (alphabet[bits >> 18] as string) +
      alphabet[(bits >> 12) & 63] +
      alphabet[(bits >> 6) & 63] +
      alphabet[bits & 63];
  }
  if (i + 1 === length) {
    const bits = charCodeAt(raw, i) << 16;
    out += (alphabet[bits >> 18] as string) + alphabet[(bits >> 12) & 63] + (padding ? '==' : '');
  } else if (i + 2 === length) {
    const bits = (charCodeAt(raw, i) << 16) | (charCodeAt(raw, i + 1) << 8);
    out +=
      (alphabet[bits >> 18] as string) +
      alphabet[(bits >> 12) & 63] +
      alphabet[(bits >> 6) & 63] +
      (padding ? '=' : '');
  }
  return out;
}

function sextet(code: number, url: boolean): number {
  if (code >= 65 && code <= 90) return code - 65;
  if (code >= 97 && code <= 122) return code - 71;
  if (code >= 48 && code <= 57) return code + 4;
  if (code === (url ? 45 : 43)) return 62;
  if (code === (url ? 95 : 47)) return 63;
  return -1;
}

/** Bytes one a character; undefined where the text is not well-formed. */
export function fromBase64(text: string, url: boolean, strictPadding = false): string | undefined {
  let end = text.length;
  while (end > 0 && charCodeAt(text, end - 1) === 61) end--;
  if (end % 4 === 1 || text.length - end > 2) return undefined;
  if (strictPadding && text.length !== end && text.length % 4 !== 0) return undefined;
  if (end > LONG && decodeBytes !== undefined) {
    if (exec(url ? URL_DIGITS : DIGITS, text) === null) return undefined;
    const options = { alphabet: url ? 'base64url' : 'base64' };
    return rawOf(apply(decodeBytes, Uint8Array, [slice(text, 0, end), options]) as Uint8Array);
  }
  let out = '';
  let bits = 0;
  let held = 0;
  for (let i = 0; i < end; i++) {
    const value = sextet(charCodeAt(text, i), url);
    if (value < 0) return undefined;
    bits = ((bits << 6) | value) & 0xffffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      out += fromCharCode((bits >> held) & 255);
    }
  }
  return out;
}

/** Data to be encoded or hashed: undefined, null and false are nothing, true is a word, as in Lua. */
function dataOf(value: unknown, what: string): string {
  return value === true ? 'true' : rawData(value === false ? '' : (value ?? ''), what);
}

export function encode_base64(value: unknown, noPadding?: unknown): string {
  if (noPadding !== undefined && typeof noPadding !== 'boolean') {
    throw new NgxError(`bad no_padding: boolean expected, got ${typeName(noPadding)}`);
  }
  return toBase64(dataOf(value, 'encode_base64'), BASE64, noPadding !== true);
}

/** What stands before the first "=": as in nginx, nothing behind it is looked at. */
function base64Argument(text: unknown): string {
  if (typeof text !== 'string') throw new NgxError('string argument only');
  const end = indexOf(text, '=');
  return end === -1 ? text : slice(text, 0, end);
}

export function decode_base64(text: unknown): string | undefined {
  const raw = fromBase64(base64Argument(text), false);
  return raw === undefined ? undefined : decodeRaw(raw);
}

export function decode_base64_buffer(text: unknown): Uint8Array | undefined {
  const raw = fromBase64(base64Argument(text), false);
  return raw === undefined ? undefined : bytesOf(raw);
}

const NOT_BASE64 = /[^A-Za-z0-9+/]/g;

/** MIME base64: what is not of the alphabet is skipped. */
export function decode_base64mime(text: unknown): string | undefined {
  const raw = fromBase64(replace(NOT_BASE64, base64Argument(text), ''), false);
  return raw === undefined ? undefined : decodeRaw(raw);
}

export function encode_base64url(value: unknown): string {
  return toBase64(dataOf(value, 'encode_base64url'), BASE64URL, false);
}

export function decode_base64url(text: unknown): string | undefined {
  const raw = fromBase64(base64Argument(text), true);
  return raw === undefined ? undefined : decodeRaw(raw);
}

export function decode_base64url_buffer(text: unknown): Uint8Array | undefined {
  const raw = fromBase64(base64Argument(text), true);
  return raw === undefined ? undefined : bytesOf(raw);
}

// Hashes are the host's.

function digest(kind: string, raw: string, key?: string): string {
  return call(CALL_DIGEST, 0, kind, raw, key) as string;
}

export function toHex(raw: string): string {
  let out = '';
  for (let i = 0; i < raw.length; i++) {
    const code = charCodeAt(raw, i);
    out += (HEX[code >> 4] as string) + HEX[code & 15];
  }
  return toLowerCase(out);
}

export function md5(value: unknown): string {
  return toHex(digest('md5', dataOf(value, 'md5')));
}

export function md5_bin(value: unknown): Uint8Array {
  return bytesOf(digest('md5', dataOf(value, 'md5_bin')));
}

export function sha1_bin(value: unknown): Uint8Array {
  return bytesOf(digest('sha1', dataOf(value, 'sha1_bin')));
}

export function hmac_sha1(key: unknown, value: unknown): Uint8Array {
  return bytesOf(digest('sha1', rawData(value, 'hmac_sha1'), rawData(key, 'hmac_sha1')));
}

const CRC_TABLE = new Int32Array(256);
for (let i = 0; i < 256; i++) {
  let c = i;
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  CRC_TABLE[i] = c;
}

function crc32(value: unknown, what: string): number {
  const raw = dataOf(value, what);
  let c = -1;
  for (let i = 0; i < raw.length; i++) c = (CRC_TABLE[(c ^ charCodeAt(raw, i)) & 255] as number) ^ (c >>> 8);
  return (c ^ -1) >>> 0;
}

export function crc32_short(value: unknown): number {
  return crc32(value, 'crc32_short');
}

export function crc32_long(value: unknown): number {
  return crc32(value, 'crc32_long');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: MySQL's list
const SQL_SPECIAL = /[\0\b\t\n\r\x1a"'\\]/g;
const SQL_ESCAPES: Record<string, string> = {
  '\0': '\\0',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '\x1a': '\\Z',
  '"': '\\"',
  "'": "\\'",
  '\\': '\\\\',
};

function sqlEscape(character: string): string {
  return SQL_ESCAPES[character] as string;
}

export function quote_sql_str(value: unknown): string {
  const text = textArgument(value, 'quote_sql_str');
  return `'${replace(SQL_SPECIAL, text, sqlEscape as (...args: never[]) => string)}'`;
}
