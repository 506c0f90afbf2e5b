// ngx.location.capture and capture_multi: subrequests.

import { BODY_FILTER, HEADER_FILTER, OP_CAPTURE, SET } from '../protocol.ts';
import {
  charCodeAt,
  create,
  exec,
  indexOf,
  isArray,
  join,
  keys,
  Promise_,
  slice,
  typeName,
} from './builtins.ts';
import { methodName } from './constants.ts';
import { argsText, parseUri } from './control.ts';
import { failing, NgxError } from './errors.ts';
import { type Argument, failure, operateNow } from './operations.ts';
import { commitState, gate, type Request } from './request.ts';
import { clean, OUTPUT_PHASES } from './resp.ts';
import { headerTable } from './tables.ts';
import { bytesOf, decodeRaw, rawData } from './text.ts';

const CAPTURE_PHASES = OUTPUT_PHASES | SET | HEADER_FILTER | BODY_FILTER;

/** What a subrequest came to. */
class Captured {
  readonly status: number;
  readonly truncated: boolean;
  readonly #headers: string;
  #header: object | undefined = undefined;
  readonly #raw: string;
  #text: string | undefined = undefined;

  /** `head`: "+" or, where it was truncated, "-", the status, and NUL, name, NUL, value … of each header. */
  constructor(head: string, raw: string) {
    const end = indexOf(head, '\0');
    this.status = +slice(head, 1, end === -1 ? head.length : end);
    this.truncated = charCodeAt(head, 0) === 45;
    this.#headers = end === -1 ? '' : slice(head, end + 1);
    this.#raw = raw;
  }

  get header(): object {
    this.#header ??= headerTable(this.#headers, 0, false, undefined);
    return this.#header;
  }

  get body(): string {
    this.#text ??= decodeRaw(this.#raw);
    return this.#text;
  }

  get body_buffer(): Uint8Array {
    return bytesOf(this.#raw);
  }
}

interface CaptureOptions {
  method?: unknown;
  body?: unknown;
  args?: unknown;
  headers?: unknown;
  ctx?: unknown;
  vars?: unknown;
  copy_all_vars?: unknown;
  share_all_vars?: unknown;
  always_forward_body?: unknown;
}

class LocationApi {
  readonly #r: Request;

  constructor(r: Request) {
    this.#r = r;
  }

  capture(uri: unknown, options?: unknown): Promise<Captured> {
    const r = this.#r;
    gate(r, CAPTURE_PHASES);
    const all = [argumentsOf(r, uri, options, 0)];
    commitState(r);
    return new Promise_((resolve) => {
      operateNow(r, OP_CAPTURE, all, (_at, ok, value, beside) => {
        if (ok) resolve(new Captured(value as string, beside));
        else resolve(failing(() => failure(value, beside)));
      });
    });
  }

  capture_multi(requests: unknown): Promise<Captured[]> {
    const r = this.#r;
    gate(r, CAPTURE_PHASES);
    if (!isArray(requests)) {
      throw new NgxError(`only array-like tables are allowed, but got ${typeName(requests)}`);
    }
    if (requests.length === 0) throw new NgxError('at least one subrequest should be specified');
    const all: (readonly Argument[])[] = [];
    for (let i = 0; i < requests.length; i++) {
      const one: unknown = requests[i];
      if (!isArray(one)) throw new NgxError(`the query argument ${i} is not a table, but a ${typeName(one)}`);
      if (one.length < 1 || one.length > 2) {
        throw new NgxError(`query argument ${i} expecting one or two arguments`);
      }
      all[i] = argumentsOf(r, one[0], one[1], i);
    }
    commitState(r);
    return startAll(r, all);
  }
}

/** A method (RFC 9110, 5.6.2): what else there is would be part of the request line that an upstream gets. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** What all come to, in their order, or the first failure. */
function startAll(r: Request, all: readonly (readonly Argument[])[]): Promise<Captured[]> {
  const results: Captured[] = [];
  let left = all.length;
  return new Promise_((resolve) => {
    operateNow(r, OP_CAPTURE, all, (at, ok, value, beside) => {
      if (!ok) {
        resolve(failing(() => failure(value, beside)));
        return;
      }
      results[at] = new Captured(value as string, beside);
      if (--left === 0) resolve(results);
    });
  });
}

/** What the host is told of a subrequest. Variables that it is given: those named, or all, as `name NUL value NUL …`. */
function argumentsOf(r: Request, uri: unknown, given: unknown, at: number): readonly Argument[] {
  if (typeof uri !== 'string') {
    throw new NgxError(`bad argument #${at + 1} to 'capture' (string expected, got ${typeName(uri)})`);
  }
  if (given !== undefined && given !== null && typeof given !== 'object') {
    throw new NgxError(
      `expecting table as the 2nd argument for subrequest ${at}, but got ${typeName(given)}`,
    );
  }
  if (given === undefined || given === null) {
    const [path, query] = safeUri(r, uri, '', at);
    return [path, 'GET', query];
  }
  const options = given as CaptureOptions;
  let method = 'GET';
  if (options.method !== undefined) {
    if (typeof options.method === 'string') {
      if (exec(TOKEN, options.method) === null) throw new NgxError('Bad http request method');
      method = options.method;
    } else {
      const name = typeof options.method === 'number' ? methodName(options.method) : undefined;
      if (name === undefined) throw new NgxError('Bad http request method');
      method = name;
    }
  }
  const body = options.body === undefined || options.body === null ? undefined : rawBody(options.body);
  const shares = flagOf(options.share_all_vars, 'share_all_vars');
  const copies = flagOf(options.copy_all_vars, 'copy_all_vars');
  const mode = shares ? 'share' : copies ? 'copy' : '';
  if (shares) r.fresh = false;
  if (typeof options.args === 'function' || typeof options.args === 'boolean') {
    throw new NgxError('Bad args option value');
  }
  const [path, query] = safeUri(r, uri, argsText(options.args), at);
  return [
    path,
    method,
    query,
    body === undefined ? undefined : { raw: body },
    pairs(options.headers, 'headers'),
    pairs(options.vars, 'vars'),
    mode,
    options.always_forward_body === true,
    lend(options.ctx),
  ];
}

function safeUri(r: Request, uri: string, more: string, at: number): [path: string, query: string] {
  let parsed: [path: string, query: string] | undefined;
  try {
    parsed = parseUri(r, uri, more);
  } catch (error) {
    if (!(error instanceof NgxError)) throw error;
  }
  if (parsed === undefined || charCodeAt(parsed[0], 0) !== 47) {
    throw new NgxError(`unsafe uri in argument #${at + 1}: ${uri}`);
  }
  return parsed;
}

/** The ctx objects given to subrequests that have not started, by number. */
const lent = create(null) as Record<number, object | undefined>;
let lastLent = 0;

function lend(ctx: unknown): number {
  if (ctx === undefined || ctx === null) return 0;
  if (typeof ctx !== 'object') {
    throw new NgxError(`Bad ctx option value type ${typeName(ctx)}, expected a Lua table`);
  }
  lastLent = (lastLent + 1) & 0x3fffffff;
  lent[lastLent] = ctx;
  return lastLent;
}

export function takeLent(id: number): object | undefined {
  const ctx = lent[id];
  delete lent[id];
  return ctx;
}

function rawBody(body: unknown): string {
  try {
    return rawData(body, 'capture');
  } catch {
    throw new NgxError('Bad http request body');
  }
}

function flagOf(value: unknown, name: string): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value !== 'boolean') throw new NgxError(`Bad ${name} option value`);
  return value;
}

function pairs(value: unknown, name: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'object' || isArray(value)) throw new NgxError(`Bad ${name} option value`);
  const parts: string[] = [];
  const names = keys(value);
  for (let i = 0; i < names.length; i++) {
    const key = names[i] as string;
    const own: unknown = (value as Record<string, unknown>)[key];
    const list = isArray(own) && name === 'headers' ? own : [own];
    for (let k = 0; k < list.length; k++) {
      const one: unknown = list[k];
      if (
        typeof one !== 'string' &&
        typeof one !== 'number' &&
        (typeof one !== 'boolean' || name !== 'headers')
      ) {
        if (name === 'headers' && (one === undefined || one === null)) continue;
        const what = name === 'vars' ? 'variable' : 'header';
        throw new NgxError(`attempt to use bad ${what} value type ${typeName(one)}`);
      }
      parts[parts.length] = name === 'headers' ? clean(key, true) : key;
      parts[parts.length] = name === 'headers' ? clean(`${one}`, false) : `${one}`;
    }
  }
  return join(parts, '\0');
}

export function location(r: Request): LocationApi {
  if (r.location === undefined) r.location = new LocationApi(r);
  return r.location as LocationApi;
}
