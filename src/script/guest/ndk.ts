// ndk.set_var: what the directives of the set-misc and encrypted-session modules do to a value, as functions. They work on
// bytes, one a character: text is UTF-8.

import { CALL_DIGEST, CALL_RANDOM, CALL_SESSION, SLOT } from '../protocol.ts';
import { call, mem } from './bridge.ts';
import { charCodeAt, create, exec, fromCharCode, indexOf, Proxy_, replace, slice } from './builtins.ts';
import { BASE64, BASE64URL, escapeRaw, fromBase64, hexValue, toBase64, toHex } from './encode.ts';
import { NgxError } from './errors.ts';
import { ERR, writeLine } from './log.ts';
import { asBytes, bytesOf, decodeRaw, encodeRaw, malformed, rawOf, textArgument } from './text.ts';
import { today } from './time.ts';

/** `why`: for the error log. */
function failed(name: string, why: string): never {
  writeLine(mem[SLOT] as number, ERR, why);
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

function quoteSql(raw: string): string {
  return `'${replace(SQL_SPECIAL, raw, sqlEscape as (...args: never[]) => string)}'`;
}

/** PostgreSQL takes no bytes that are not UTF-8: then all beyond ASCII are written as numbers. */
function quotePgsql(raw: string): string {
  if (raw === '') return "''";
  const quoted = `E${quoteSql(raw)}`;
  decodeRaw(raw);
  return malformed ? replace(NOT_ASCII, quoted, octal as (...args: never[]) => string) : quoted;
}

const NOT_ASCII = /[\x80-\xff]/g;

function octal(character: string): string {
  const code = charCodeAt(character, 0);
  return `\\\\${code >> 6}${(code >> 3) & 7}${code & 7}`;
}

/** Of a broken sequence, what cannot be hexadecimal stays, without what stood before it. */
function unescapeRaw(raw: string): string {
  let out = '';
  const { length } = raw;
  for (let i = 0; i < length; i++) {
    const code = charCodeAt(raw, i);
    if (code !== 37) {
      out += code === 43 ? ' ' : fromCharCode(code);
      continue;
    }
    if (++i === length) break;
    const high = hexValue(charCodeAt(raw, i));
    if (high < 0) {
      out += raw[i];
      continue;
    }
    if (++i === length) break;
    const low = hexValue(charCodeAt(raw, i));
    if (low >= 0) out += fromCharCode(high * 16 + low);
  }
  return out;
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
  return raw;
}

function decodeHex(text: string): string {
  if (text.length % 2 !== 0) failed('set_decode_hex', 'set_decode_hex: invalid value');
  let raw = '';
  for (let i = 0; i < text.length; i += 2) {
    const high = hexValue(charCodeAt(text, i));
    const low = hexValue(charCodeAt(text, i + 1));
    if (high < 0 || low < 0) failed('set_decode_hex', 'set_decode_hex: invalid value');
    raw += fromCharCode(high * 16 + low);
  }
  return raw;
}

/** What stands before the first "=": as in nginx, nothing behind it is looked at. */
function decodeBase64(name: string, text: string, url: boolean): string {
  const end = indexOf(text, '=');
  const raw = fromBase64(end === -1 ? text : slice(text, 0, end), url);
  return raw ?? failed(name, `${name}: invalid value`);
}

const ALPHANUM = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const MAX_RANDOM = 64;
const DIGITS = /^[0-9]+$/;

function randomOf(name: string, alphabet: string, length: string): string {
  const count = exec(DIGITS, length) === null ? 0 : +length;
  if (count < 1 || count > MAX_RANDOM) failed(name, `set_random: bad "length" argument: ${length}`);
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

function digest(kind: string, raw: string): string {
  return toHex(call(CALL_DIGEST, 0, kind, raw) as string);
}

/** With the key of the place where the request is; code that belongs to none takes that of `http`. */
function session(name: string, decrypt: boolean, raw: string): string {
  const converted = call(CALL_SESSION, mem[SLOT] as number, decrypt, raw) as string | undefined;
  return (
    converted ??
    failed(name, 'encrypted_session: a key is required to be defined by the encrypted_session_key directive')
  );
}

type Directive = (raw: string) => string;

/** What gives bytes that need not be text has a sibling that gives them as they are. */
const BINARY: Readonly<Record<string, Directive>> = {
  // @ts-expect-error: nothing of Object.prototype is a directive
  __proto__: null,
  set_unescape_uri: unescapeRaw,
  set_decode_base32: decodeBase32,
  set_decode_base64: (text) => decodeBase64('set_decode_base64', text, false),
  set_decode_base64url: (text) => decodeBase64('set_decode_base64url', text, true),
  set_decode_hex: decodeHex,
  set_decrypt_session: (raw) => session('set_decrypt_session', true, raw),
};

const TEXTUAL: Readonly<Record<string, Directive>> = {
  // @ts-expect-error: see above
  __proto__: null,
  set_quote_sql_str: quoteSql,
  set_quote_pgsql_str: quotePgsql,
  set_quote_json_str: (raw) =>
    raw === '' ? 'null' : `"${replace(JSON_SPECIAL, raw, jsonEscape as (...args: never[]) => string)}"`,
  set_escape_uri: (raw) => escapeRaw(raw),
  set_encode_base32: encodeBase32,
  set_encode_base64: (raw) => toBase64(raw, BASE64, true),
  set_encode_base64url: (raw) => toBase64(raw, BASE64URL, false),
  set_encode_hex: toHex,
  set_sha1: (raw) => digest('sha1', raw),
  set_md5: (raw) => digest('md5', raw),
  set_secure_random_alphanum: (text) => randomOf('set_secure_random_alphanum', ALPHANUM, text),
  set_secure_random_lcalpha: (text) =>
    randomOf('set_secure_random_lcalpha', 'abcdefghijklmnopqrstuvwxyz', text),
  set_local_today: () => today(),
};

/** As scripts call them: the value is data, a number, or nothing. */
const callable = create(null) as Record<string, (value?: unknown) => string | Uint8Array>;
for (const name in TEXTUAL) {
  const run = TEXTUAL[name] as Directive;
  callable[name] = (value) => decodeRaw(run(rawValue(value, name)));
}
for (const name in BINARY) {
  const run = BINARY[name] as Directive;
  callable[name] = (value) => decodeRaw(run(rawValue(value, name)));
  callable[`${name}_buffer`] = (value) => bytesOf(run(rawValue(value, name)));
}
callable.set_encrypt_session = (value) =>
  bytesOf(session('set_encrypt_session', false, rawValue(value, 'set_encrypt_session')));

function rawValue(value: unknown, name: string): string {
  if (value === undefined || value === null) return '';
  const bytes = asBytes(value);
  return bytes === undefined ? encodeRaw(textArgument(value, name)) : rawOf(bytes);
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
