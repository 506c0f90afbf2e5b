// Variants of a response: which one a request is to get is said by a hash of the headers that Vary names.

import { hash as digest } from 'node:crypto';
import type { HttpRequest } from '../request.ts';

/** Their values are lists, in which spaces mean nothing. */
const LISTS = ['accept-charset', 'accept-encoding', 'accept-language'];

/** `main`: the hash of the key. */
export function variantOf(r: HttpRequest, main: string, vary: string): string {
  let text = Buffer.from(main, 'hex').toString('latin1');
  for (const name of vary.toLowerCase().split(/[ ,]+/)) {
    if (name === '') continue;
    text += `${name}:${valuesOf(r, name)}\r\n`;
  }
  return digest('md5', Buffer.from(text, 'latin1'), 'hex');
}

function valuesOf(r: HttpRequest, name: string): string {
  const values: string[] = [];
  const { headersIn } = r;
  for (let i = headersIn.find(name); i !== -1; i = headersIn.find(name, i + 1))
    values.push(headersIn.value(i));
  if (!LISTS.includes(name)) return values.join(',');
  return values.flatMap((value) => value.split(/[ ,]+/).filter((item) => item !== '')).join(',');
}
