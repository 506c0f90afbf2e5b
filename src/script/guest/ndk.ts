// ndk.set_var: what the directives of the set-misc module do to a value, as functions.

import { CALL_DIGEST, CALL_RANDOM } from '../protocol.ts';
import { call } from './bridge.ts';
import { charCodeAt, create, fromCharCode, indexOf, isInteger, Proxy_, replace } from './builtins.ts';
import {
  BASE64,
  decode_base64,
  decode_base64url,
  encode_base64url,
  escapeUri,
  hexValue,
  toBase64,
  toHex,
  unescapeUri,
} from './encode.ts';
import { NgxError } from './errors.ts';
import { decodeRaw, encodeRaw, textArgument } from './text.ts';
import { today } from './time.ts';

function failed(name: string): never {
  throw new NgxError(`calling directive ${name} failed with code -1`);
}

// biome-ignore-start lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
const SQL_SPECIAL = /[\0\b\t\n\r\x1a"$'\\]/g;
const JSON_SPECIAL = /[\0-\x1f"\\]/g;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: see above
const SQL_LETTERS: Readonly<Record<string, string>> = {
  '\0': '0',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\r': 'r',
  '\x1a': 'Z',
};
const JSON_LETTERS: Readonly<Record<string, string>> = {
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\f': 'f',
  '\r': 'r',
  '"': '"',
  '\\': '\\',
};

function sqlEscape(character: string): string {
  return `\\${SQL_LETTERS[character] ?? character}`;
}

function jsonEscape(character: string): string {
  const letter = JSON_LETTERS[character];
  return letter === undefined ? `\\u00${toHex(character)}` : `\\${letter}`;
}

function quoteSql(text: string): string {
  return `'${replace(SQL_SPECIAL, text, sqlEscape as (...args: never[]) => string)}'`;
}

const BASE32 = '0123456789abcdefghijklmnopqrstuv';

function encodeBase32(raw: string): string {
  let out = '';
  let bits = 0;
  let held = 0;
  for (let i = 0; i < raw.length; i++) {
    bits = ((bits << 8) | charCodeAt(raw, i)) & 0xfff;
    held += 8;
    for (; held >= 5; held -= 5) out += BASE32[(bits >> (held - 5)) & 31];
  }
  if (held > 0) out += BASE32[(bits << (5 - held)) & 31];
  while (out.length % 8 !== 0) out += '=';
  return out;
}

/** "" for what is not well-formed, as the directive has it. */
function decodeBase32(text: string): string {
  const equals = indexOf(text, '=');
  const length = equals === -1 ? text.length : equals;
  const rest = length % 8;
  if (rest === 1 || rest === 3 || rest === 6) return '';
  let raw = '';
  let bits = 0;
  let held = 0;
  for (let i = 0; i < length; i++) {
    const value = indexOf(BASE32, text[i] as string);
    if (value === -1) return '';
    bits = ((bits << 5) | value) & 0xfff;
    held += 5;
    if (held >= 8) {
      held -= 8;
      raw += fromCharCode((bits >> held) & 255);
    }
  }
  return decodeRaw(raw);
}

function decodeHex(text: string): string {
  if (text.length % 2 !== 0) failed('set_decode_hex');
  let raw = '';
  for (let i = 0; i < text.length; i += 2) {
    const high = hexValue(charCodeAt(text, i));
    const low = hexValue(charCodeAt(text, i + 1));
    if (high < 0 || low < 0) failed('set_decode_hex');
    raw += fromCharCode(high * 16 + low);
  }
  return decodeRaw(raw);
}

const ALPHANUM = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const MAX_RANDOM = 64;

function randomOf(name: string, alphabet: string, length: string): string {
  const count = +length;
  if (!isInteger(count) || count < 1 || count > MAX_RANDOM) failed(name);
  // Bytes beyond the last whole multiple of the alphabet would favour its beginning.
  const limit = 256 - (256 % alphabet.length);
  let out = '';
  while (out.length < count) {
    const raw = call(CALL_RANDOM, 0, MAX_RANDOM * 2) as string;
    for (let i = 0; i < raw.length && out.length < count; i++) {
      const code = charCodeAt(raw, i);
      if (code < limit) out += alphabet[code % alphabet.length];
    }
  }
  return out;
}

function digest(kind: string, text: string): string {
  return toHex(call(CALL_DIGEST, 0, kind, encodeRaw(text)) as string);
}

type Directive = (text: string) => string;

const directives: Readonly<Record<string, Directive>> = {
  // @ts-expect-error: nothing of Object.prototype is a directive
  __proto__: null,
  set_quote_sql_str: quoteSql,
  set_quote_pgsql_str: (text) => (text === '' ? "''" : `E${quoteSql(text)}`),
  set_quote_json_str: (text) =>
    text === '' ? 'null' : `"${replace(JSON_SPECIAL, text, jsonEscape as (...args: never[]) => string)}"`,
  set_unescape_uri: unescapeUri,
  set_escape_uri: (text) => escapeUri(text),
  set_encode_base32: (text) => encodeBase32(encodeRaw(text)),
  set_decode_base32: decodeBase32,
  set_encode_base64: (text) => toBase64(encodeRaw(text), BASE64, true),
  set_decode_base64: (text) => decode_base64(text) ?? '',
  set_encode_base64url: (text) => encode_base64url(text),
  set_decode_base64url: (text) => decode_base64url(text) ?? '',
  set_encode_hex: (text) => toHex(encodeRaw(text)),
  set_decode_hex: decodeHex,
  set_sha1: (text) => digest('sha1', text),
  set_md5: (text) => digest('md5', text),
  set_secure_random_alphanum: (text) => randomOf('set_secure_random_alphanum', ALPHANUM, text),
  set_secure_random_lcalpha: (text) =>
    randomOf('set_secure_random_lcalpha', 'abcdefghijklmnopqrstuvwxyz', text),
  set_local_today: () => today(),
};

/** As scripts call them: the value is text, a number, or nothing. */
const callable = create(null) as Record<string, (value?: unknown) => string>;
for (const name in directives) {
  const run = directives[name] as Directive;
  callable[name] = (value) => run(value === undefined || value === null ? '' : textArgument(value, name));
}

export const ndk = {
  set_var: new Proxy_(callable, {
    get(target, name) {
      const directive = typeof name === 'string' ? target[name] : undefined;
      if (directive === undefined && typeof name === 'string') {
        throw new NgxError(`ndk.set_var: directive "${name}" not found or does not use ndk_set_var_value`);
      }
      return directive;
    },
    set() {
      throw new NgxError('not allowed');
    },
  }),
};
