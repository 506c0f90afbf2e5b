// What scripts ask of the host because a bare V8 has it not: URLs by the book, encodings, PCRE's syntax.

import { TextDecoder } from 'node:util';
import { compileRegex } from '../../conf/regex.ts';
import { messageOf } from '../../core/thrown.ts';
import type { Plain } from './isolate.ts';
import { Refusal } from './request.ts';

const PARTS = [
  'href',
  'protocol',
  'username',
  'password',
  'host',
  'hostname',
  'port',
  'pathname',
  'search',
  'hash',
  'origin',
] as const;

/** `href` and a base, or `href`, a part and its new value: all parts, as JSON; undefined for what is no URL. */
export function urlCall(args: readonly Plain[]): string | undefined {
  const href = String(args[0]);
  const part = args[2];
  let url: URL;
  try {
    url = args[1] === undefined || args[1] === null ? new URL(href) : new URL(href, String(args[1]));
  } catch {
    return undefined;
  }
  if (part !== undefined && part !== null) {
    const name = PARTS.find((known) => known === part);
    if (name === undefined || name === 'origin') throw new Refusal(`a URL has no part "${part}"`);
    try {
      url[name] = String(args[3]);
    } catch {
      return undefined;
    }
  }
  return JSON.stringify(PARTS.map((name) => url[name]));
}

/** As PCRE has it: what is translated for longer would hold up the whole worker. */
const MAX_PATTERN = 65_535;

const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|[\s\S])/g;

/** JavaScript's \uXXXX, which option J allows. */
function codePoint(all: string, hex: string | undefined): string {
  return hex === undefined ? all : `\\x{${hex}}`;
}

/** PCRE's syntax in JavaScript's, as JSON. Of the options, those that change what a pattern means. */
export function translateRegex(pattern: string, options: string): string {
  if (pattern.length > MAX_PATTERN)
    throw new Refusal('pcre2_compile() failed: regular expression is too large');
  try {
    const own = options.includes('J') ? pattern.replace(ESCAPE, codePoint) : pattern;
    let inline = '';
    for (const letter of 'msx') if (options.includes(letter)) inline += letter;
    if (options.includes('D')) inline += 'J';
    const { regex, plain, names, numbers } = compileRegex(
      inline === '' ? own : `(?${inline})${own}`,
      { text: true, caseless: options.includes('i'), unicode: /[uU]/.test(options) },
      { file: '', line: 0, column: 0 },
    );
    return JSON.stringify({ source: regex.source, plain: plain.source, flags: regex.flags, names, numbers });
  } catch (error) {
    const message = messageOf(error);
    throw new Refusal(message);
  }
}

/** The Encoding standard's name for a label, in lower case; undefined for what is none. */
export function encodingName(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}

/** Longer than what any character lacks. */
const MOST_KEPT = 3;

/**
 * Text, after a character that says how many bytes follow which belong to the next piece (`stream`), and those;
 * undefined where the bytes are not of the encoding and that is to be an error.
 */
export function decodeBytes(label: string, raw: string, fatal: boolean, stream: boolean): string | undefined {
  const bytes = Buffer.from(raw, 'latin1');
  const decode = (from: Buffer, options: { stream: boolean }): string =>
    new TextDecoder(label, { fatal, ignoreBOM: true }).decode(from, options);
  try {
    if (!stream) return `\0${decode(bytes, { stream: false })}`;
    const text = decode(bytes, { stream: true });
    for (let keep = 0; keep <= MOST_KEPT && keep <= bytes.length; keep++) {
      if (!endsWhole(decode, bytes.subarray(0, bytes.length - keep), text)) continue;
      const kept = raw.slice(raw.length - keep);
      return String.fromCharCode(kept.length) + kept + text;
    }
    return `\0${text}`;
  } catch {
    return undefined;
  }
}

function endsWhole(
  decode: (from: Buffer, options: { stream: boolean }) => string,
  bytes: Buffer,
  text: string,
): boolean {
  try {
    return decode(bytes, { stream: false }) === text;
  } catch {
    return false;
  }
}
