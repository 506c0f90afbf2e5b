// What scripts ask of the host because a bare V8 has it not: URLs by the book, encodings, PCRE's syntax.

import { TextDecoder } from 'node:util';
import { compileRegex } from '../../conf/regex.ts';
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

/** PCRE's syntax in JavaScript's, as JSON. Of the options, those that change what a pattern means. */
export function translateRegex(pattern: string, options: string): string {
  try {
    let inline = '';
    for (const letter of 'msx') if (options.includes(letter)) inline += letter;
    if (options.includes('D')) inline += 'J';
    const { regex, names, numbers } = compileRegex(
      inline === '' ? pattern : `(?${inline})${pattern}`,
      { text: true, caseless: options.includes('i'), unicode: /[uU]/.test(options) },
      { file: '', line: 0, column: 0 },
    );
    return JSON.stringify({ source: regex.source, flags: regex.flags, names, numbers });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Refusal(message);
  }
}

export function decodeBytes(label: string, raw: string, fatal: boolean): string {
  try {
    return new TextDecoder(label, { fatal, ignoreBOM: true }).decode(Buffer.from(raw, 'latin1'));
  } catch (error) {
    throw new Refusal(error instanceof Error ? error.message : String(error));
  }
}
