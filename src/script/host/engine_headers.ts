// A request's headers and a response's, as lists and by name: latin1, as the engine holds them.

import { toLatin1 } from '../../core/text.ts';
import { httpTime } from '../../core/times.ts';
import type { HttpRequest } from '../../http/request.ts';
import { sentConnection, sentTransferEncoding } from '../../http/variables.ts';
import { Refusal } from './request.ts';

export function requestHeaders(r: HttpRequest): string[] {
  const list: string[] = [];
  for (let i = 0, n = r.headersIn.count; i < n; i++) list.push(r.headersIn.name(i), r.headersIn.value(i));
  return list;
}

/** A request's head as it came, whatever has been set since. How its first and last line ended is told by their neighbours. */
export function rawHeader(r: HttpRequest, withRequestLine: boolean): string {
  const { raw } = r.headersIn;
  const first = /^[^\r\n]*\n/.test(raw) ? '\n' : '\r\n';
  const last = /[^\r]\n$/.test(raw) ? '\n' : '\r\n';
  return `${withRequestLine ? r.requestLine + first : ''}${raw}${last}`;
}

/** Of the headers that a script may give a request, or a response. */
const MAX_HEAD = 1024 * 1024;

function lengthOf({ headersIn }: HttpRequest): number {
  let length = 0;
  for (let i = 0, n = headersIn.count; i < n; i++)
    length += headersIn.name(i).length + headersIn.value(i).length;
  return length;
}

export function setRequestHeader(r: HttpRequest, name: string, value: unknown, add: boolean): void {
  const values = value === undefined || value === null ? [] : toLatin1(String(value)).split('\0');
  if (add) {
    const same = name.toLowerCase();
    for (let i = r.headersIn.find(same); i !== -1; i = r.headersIn.find(same, i + 1)) {
      values.splice(values.length - 1, 0, r.headersIn.value(i));
    }
  }
  if (name === '') return;
  if (/[\r\n\0]/.test(name) || values.some((one) => /[\r\n]/.test(one))) {
    throw new Refusal('unsafe byte in header name or value');
  }
  if (values.length > 0 && lengthOf(r) + values.join('').length > MAX_HEAD) throw new Refusal('no memory');
  const lower = name.toLowerCase();
  if (lower === 'content-length' && values.length > 0 && !/^\d+$/.test(values[0] ?? '')) {
    throw new Refusal('failed to set header');
  }
  const there = r.headersIn.find(lower);
  r.headersIn.set(there === -1 ? name : r.headersIn.name(there), values); // spelled as the client did
  switch (lower) {
    case 'host':
      r.host = (values[0] ?? '').toLowerCase().replace(/:\d*$/, '');
      break;
    case 'content-length':
      r.contentLength = values.length === 0 ? -1 : Number.parseInt(values[0] ?? '', 10);
      break;
  }
}

/** Besides those that have a field of their own: a response has one of each. */
const SINGLE: ReadonlySet<string> = new Set([
  'server',
  'date',
  'expires',
  'refresh',
  'content-encoding',
  'content-range',
  'accept-ranges',
  'last-modified',
]);

/**
 * Sets, repeats or (null, or no values) removes a header of the response; `lower`: its name in small letters.
 * False: there is no room for it.
 */
export function setResponseHeader(
  r: HttpRequest,
  name: string,
  lower: string,
  values: readonly string[] | null,
): boolean {
  const { headersOut } = r;
  if (values !== null && totalLength(headersOut.list) + totalLength(values) > MAX_HEAD) return false;
  // Of headers that there is one of, the last value holds.
  const value = values === null || values.length === 0 ? '' : toLatin1(values.at(-1) as string);
  switch (lower) {
    case '':
    case 'transfer-encoding': // how the body is framed is not the script's to say
      return true;
    case 'content-type':
      headersOut.contentType = value;
      headersOut.charset = '';
      return true;
    case 'content-length': {
      const length = Number.parseInt(value, 10);
      headersOut.contentLength = Number.isNaN(length) || length < 0 ? -1 : length;
      return true;
    }
    case 'last-modified':
      headersOut.lastModified = -1; // a file's, which goes with some statuses only
      break;
    case 'etag':
      headersOut.setEtag(value);
      return true;
    case 'location':
      headersOut.location = '';
      headersOut.remove(name);
      // A local one is not made absolute, as in lua-nginx-module.
      if (value.startsWith('/')) headersOut.set(name, value);
      else headersOut.location = value;
      return true;
    case 'server':
      headersOut.noServer = value === '';
      break;
    case 'date':
      headersOut.noDate = value === '';
      break;
  }
  if (values === null || values.length === 0) {
    headersOut.remove(name);
    return true;
  }
  if (SINGLE.has(lower)) {
    headersOut.set(name, value);
    return true;
  }
  headersOut.set(name, toLatin1(values[0] as string));
  for (let i = 1; i < values.length; i++) headersOut.add(name, toLatin1(values[i] as string));
  return true;
}

function totalLength(list: readonly string[]): number {
  let length = 0;
  for (let i = 0; i < list.length; i++) length += (list[i] as string).length;
  return length;
}

/** Everything that the head will say, as far as it is known: NUL name NUL value NUL name … */
export function responseHeaders(r: HttpRequest): string {
  const { headersOut } = r;
  const { list } = headersOut;
  let text = '';
  if (headersOut.contentType !== '') text = `\0Content-Type\0${contentType(r)}`;
  if (headersOut.contentLength !== -1) text += `\0Content-Length\0${headersOut.contentLength}`;
  if (headersOut.lastModified !== -1) text += `\0Last-Modified\0${lastModified(r)}`;
  if (headersOut.location !== '') text += `\0Location\0${headersOut.location}`;
  if (headersOut.etag !== '') text += `\0ETag\0${headersOut.etag}`;
  for (let i = 0; i < list.length; i++) text += `\0${list[i]}`;
  return text;
}

/** What the writer will add of its own that lua-nginx-module tells as well; in small letters, as there. */
export function framingHeaders(r: HttpRequest): string {
  const connection = `\0connection\0${sentConnection(r)}`;
  const encoding = sentTransferEncoding(r);
  return encoding === undefined ? connection : `${connection}\0transfer-encoding\0${encoding}`;
}

function contentType(r: HttpRequest): string {
  const { contentType: type, charset } = r.headersOut;
  return charset === '' ? type : `${type}; charset=${charset}`;
}

function lastModified(r: HttpRequest): string {
  return httpTime(Math.floor(r.headersOut.lastModified / 1000));
}

/** The values of one header, separated by NUL. */
export function responseHeader(r: HttpRequest, name: string): string | undefined {
  const { headersOut } = r;
  const lower = name.toLowerCase();
  switch (lower) {
    case 'content-type':
      return headersOut.contentType === '' ? undefined : contentType(r);
    case 'content-length':
      return headersOut.contentLength === -1 ? undefined : String(headersOut.contentLength);
    case 'last-modified':
      if (headersOut.lastModified !== -1) return lastModified(r);
      break;
    case 'etag':
      return headersOut.etag === '' ? undefined : headersOut.etag;
    case 'location':
      if (headersOut.location !== '') return headersOut.location;
  }
  let values: string | undefined;
  for (let i = 0; i < headersOut.list.length; i += 2) {
    if (headersOut.list[i]?.toLowerCase() !== lower) continue;
    values = values === undefined ? headersOut.list[i + 1] : `${values}\0${headersOut.list[i + 1]}`;
  }
  return values;
}
