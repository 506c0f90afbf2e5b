// Request and Response, of fetch. A body is bytes that are here already, or that a promise brings.

import { isInteger, parseJson, TypeError_, toJson, toText, toUpperCase } from '../builtins.ts';
import { asBytes, bytesOf, decodeRaw, encodeRaw, rawOf } from '../text.ts';
import { AbortSignal } from './events.ts';
import { Headers } from './headers.ts';
import { URL, URLSearchParams } from './url.ts';

/** Bytes one a character, or a promise of them; null for no body. */
export type BodySource = string | PromiseLike<string> | null;

/** What a body is made from, and the type that goes with it. */
export function extractBody(value: unknown): { source: BodySource; type: string } {
  if (value === undefined || value === null) return { source: null, type: '' };
  if (value instanceof URLSearchParams) {
    return { source: value.toString(), type: 'application/x-www-form-urlencoded;charset=UTF-8' };
  }
  const bytes = asBytes(value);
  if (bytes !== undefined) return { source: rawOf(bytes), type: '' };
  return { source: encodeRaw(toText(value)), type: 'text/plain;charset=UTF-8' };
}

export let sourceOf: (body: Body) => BodySource;
let copySource: (body: Body) => BodySource;
let setSource: (body: Body, source: BodySource) => void;

export abstract class Body {
  #source: BodySource;
  #used = false;

  static {
    setSource = (body, source) => {
      body.#source = source;
    };
    sourceOf = (body) => {
      const source = body.#source;
      body.#used = source !== null;
      return source;
    };
    copySource = (body) => {
      if (body.#used) throw new TypeError_('Body has already been read');
      return body.#source;
    };
  }

  constructor(source: BodySource) {
    this.#source = source;
  }

  get bodyUsed(): boolean {
    return this.#used;
  }

  async #raw(): Promise<string> {
    if (this.#used) throw new TypeError_('Body is unusable: Body has already been read');
    this.#used = this.#source !== null;
    return (await this.#source) ?? '';
  }

  async text(): Promise<string> {
    const text = decodeRaw(await this.#raw());
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  }

  async json(): Promise<unknown> {
    return parseJson(await this.text());
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return bytesOf(await this.#raw()).buffer;
  }

  async bytes(): Promise<Uint8Array> {
    return bytesOf(await this.#raw());
  }
}

interface ResponseInit {
  status?: unknown;
  statusText?: unknown;
  headers?: unknown;
}

const REDIRECTS = [301, 302, 303, 307, 308];
const NO_BODY = [101, 103, 204, 205, 304];

interface FetchInfo {
  readonly url: string;
  readonly redirected: boolean;
}
let setInfo: (response: Response, info: FetchInfo, type: string) => void;

export class Response extends Body {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  #info: FetchInfo = { url: '', redirected: false };
  #type = 'default';

  static {
    setInfo = (response, info, type) => {
      response.#info = info;
      response.#type = type;
    };
  }

  constructor(body?: unknown, init: ResponseInit = {}) {
    const status = init.status === undefined ? 200 : Number(init.status);
    if (!isInteger(status) || status < 200 || status > 599) {
      throw new RangeError('init["status"] must be in the range of 200 to 599, inclusive.');
    }
    const fromHost = body instanceof Promise;
    const { source, type } = fromHost ? { source: body as Promise<string>, type: '' } : extractBody(body);
    if (source !== null && NO_BODY.includes(status)) {
      throw new TypeError_(`Response with null body status cannot have body`);
    }
    super(source);
    this.status = status;
    this.statusText = init.statusText === undefined ? '' : toText(init.statusText);
    this.headers = new Headers(init.headers);
    if (type !== '' && !this.headers.has('content-type')) this.headers.set('content-type', type);
  }

  static json(data: unknown, init: ResponseInit = {}): Response {
    const headers = new Headers(init.headers);
    if (!headers.has('content-type')) headers.set('content-type', 'application/json');
    return new Response(toJson(data), { ...init, headers });
  }

  static redirect(url: unknown, status: unknown = 302): Response {
    if (!REDIRECTS.includes(Number(status))) throw new RangeError(`Invalid status code ${String(status)}`);
    return new Response(null, { status, headers: { location: new URL(url).href } });
  }

  static error(): Response {
    const response = new Response(null);
    setInfo(response, { url: '', redirected: false }, 'error');
    return response;
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  get url(): string {
    return this.#info.url;
  }

  get redirected(): boolean {
    return this.#info.redirected;
  }

  get type(): string {
    return this.#type;
  }

  clone(): Response {
    const { status, statusText, headers } = this;
    const source = copySource(this);
    const copy = new Response(typeof source === 'string' ? bytesOf(source) : source, {
      status,
      statusText,
      headers,
    });
    setInfo(copy, this.#info, this.#type);
    return copy;
  }
}

/** A response as fetch gives it. */
export function fetched(
  body: BodySource,
  init: { status: number; statusText: string; headers: Headers },
  info: FetchInfo,
): Response {
  const nothing = NO_BODY.includes(init.status);
  const response = new Response(nothing ? null : typeof body === 'string' ? bytesOf(body) : body, init);
  setInfo(response, info, 'basic');
  return response;
}

interface RequestInit {
  method?: unknown;
  headers?: unknown;
  body?: unknown;
  redirect?: unknown;
  signal?: unknown;
}

const NORMAL = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT'];

export class Request extends Body {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly redirect: string;
  readonly signal: AbortSignal;

  constructor(input: unknown, init: RequestInit = {}) {
    const from = input instanceof Request ? input : undefined;
    let method = from?.method ?? 'GET';
    if (init.method !== undefined) {
      const given = toText(init.method);
      const upper = toUpperCase(given);
      method = NORMAL.includes(upper) ? upper : given;
      if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(method) || /^(?:CONNECT|TRACE|TRACK)$/i.test(method)) {
        throw new TypeError_(`'${given}' is not a valid HTTP method.`);
      }
    }
    const { source, type } =
      init.body !== undefined
        ? extractBody(init.body)
        : { source: from === undefined ? null : sourceOf(from), type: '' };
    if (source !== null && (method === 'GET' || method === 'HEAD')) {
      throw new TypeError_('Request with GET/HEAD method cannot have body.');
    }
    super(source);
    this.url = from === undefined ? new URL(input).href : from.url;
    this.method = method;
    this.headers = new Headers(init.headers ?? from?.headers);
    if (type !== '' && !this.headers.has('content-type')) this.headers.set('content-type', type);
    this.redirect = init.redirect === undefined ? (from?.redirect ?? 'follow') : toText(init.redirect);
    this.signal = init.signal instanceof AbortSignal ? init.signal : (from?.signal ?? new AbortSignal());
  }

  clone(): Request {
    const source = copySource(this);
    return new Request(this.url, {
      method: this.method,
      headers: this.headers,
      body: typeof source === 'string' ? bytesOf(source) : undefined,
      redirect: this.redirect,
      signal: this.signal,
    });
  }
}

/** A request as it came in; `source` may be a promise of its body. */
export function incoming(url: string, method: string, headers: Headers, source: BodySource): Request {
  const request = new Request(url, { headers });
  Object.defineProperty(request, 'method', { value: method, enumerable: true });
  setSource(request, source);
  return request;
}
