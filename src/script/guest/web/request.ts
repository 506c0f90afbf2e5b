// Request, of fetch.

import { TypeError_, toText, toUpperCase } from '../builtins.ts';
import { AbortSignal, following, quietSignal } from './abort.ts';
import { Body, type BodySource, extractBody, hasBody, isStream, setSource, share, take } from './body.ts';
import { byteString, freezeHeaders, Headers } from './headers.ts';
import { isPlainUrl } from './plain_url.ts';
import { URL } from './url.ts';
import { webClass } from './web_class.ts';

export interface RequestInit {
  readonly method?: unknown;
  readonly headers?: unknown;
  readonly body?: unknown;
  readonly redirect?: unknown;
  readonly signal?: unknown;
  readonly duplex?: unknown;
  readonly [member: string]: unknown;
}

const NORMAL = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT'];
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** What other members may say; here they have no effect. */
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  cache: ['default', 'no-store', 'reload', 'no-cache', 'force-cache', 'only-if-cached'],
  credentials: ['same-origin', 'omit', 'include'],
  mode: ['cors', 'no-cors', 'same-origin'],
  redirect: ['follow', 'error', 'manual'],
  referrerPolicy: [
    '',
    'no-referrer',
    'no-referrer-when-downgrade',
    'same-origin',
    'origin',
    'strict-origin',
    'origin-when-cross-origin',
    'strict-origin-when-cross-origin',
    'unsafe-url',
  ],
};

function choose(init: RequestInit, member: string, otherwise: string): string {
  const value = init[member];
  if (value === undefined) return otherwise;
  const text = toText(value);
  if (CHOICES[member]?.includes(text) !== true) {
    throw new TypeError_(`Request: '${text}' is not a valid value for ${member}`);
  }
  return text;
}

const DEFAULTS: Readonly<Record<string, string>> = {
  cache: 'default',
  credentials: 'same-origin',
  mode: 'cors',
  redirect: 'follow',
  referrerPolicy: '',
  referrer: 'about:client',
};

function choosesAny(init: RequestInit): boolean {
  for (const member in DEFAULTS) if (init[member] !== undefined) return true;
  return false;
}

function methodOf(value: unknown): string {
  const given = byteString(value, 'Request');
  if (!TOKEN.test(given) || /^(?:CONNECT|TRACE|TRACK)$/i.test(given)) {
    throw new TypeError_(`'${given}' is not a valid HTTP method.`);
  }
  const upper = toUpperCase(given);
  return NORMAL.includes(upper) ? upper : given;
}

function urlOf(input: unknown): string {
  if (typeof input === 'string' && isPlainUrl(input)) return input;
  let url: URL;
  try {
    url = new URL(input);
  } catch {
    throw new TypeError_(`Failed to parse URL from ${toText(input)}`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new TypeError_(`Request cannot be constructed from a URL that includes credentials: ${url.href}`);
  }
  return url.href;
}

/** What a request is aborted by; null where nobody has said. */
export let signalOf: (request: Request) => AbortSignal | null;
let makeIncoming: (url: string, method: string, headers: Headers, source: BodySource) => Request;

export class Request extends Body {
  readonly #url: string;
  #method: string;
  #headers: Headers;
  readonly #members: Readonly<Record<string, string>>;
  readonly #integrity: string;
  readonly #keepalive: boolean;
  /** Made when somebody asks for it, where nobody can abort it. */
  #signal: AbortSignal | null;

  static {
    makeIncoming = (url, method, headers, source) => {
      const request = new Request(url);
      request.#method = method;
      request.#headers = headers;
      freezeHeaders(headers);
      setSource(request, source);
      return request;
    };
    signalOf = (request) => request.#signal;
  }

  constructor(input: unknown, given: RequestInit | null = {}) {
    super();
    if (arguments.length === 0) throw new TypeError_('Request: a URL or a Request is needed');
    const init = given ?? {};
    if (typeof init !== 'object' && typeof init !== 'function') {
      throw new TypeError_('Request: the init is not an object');
    }
    const from = input instanceof Request ? input : null;
    this.#url = from === null ? urlOf(input) : from.#url;
    if (init.window !== undefined && init.window !== null)
      throw new TypeError_('Request: window must be null');
    this.#members = from === null && !choosesAny(init) ? DEFAULTS : this.#choose(init, from);
    this.#integrity = init.integrity === undefined ? (from?.integrity ?? '') : toText(init.integrity);
    this.#keepalive = init.keepalive === undefined ? (from?.keepalive ?? false) : Boolean(init.keepalive);
    this.#method = init.method === undefined ? (from?.method ?? 'GET') : methodOf(init.method);
    this.#signal = signalFor(init, from);
    this.#headers = new Headers(init.headers === undefined ? from?.headers : init.headers);
    this.#setBody(init, from);
  }

  #choose(init: RequestInit, from: Request | null): Readonly<Record<string, string>> {
    const members: Record<string, string> = {};
    members.cache = choose(init, 'cache', from?.cache ?? 'default');
    members.credentials = choose(init, 'credentials', from?.credentials ?? 'same-origin');
    members.mode = choose(init, 'mode', from?.mode ?? 'cors');
    members.redirect = choose(init, 'redirect', from?.redirect ?? 'follow');
    members.referrerPolicy = choose(init, 'referrerPolicy', from?.referrerPolicy ?? '');
    members.referrer =
      init.referrer === undefined ? (from?.referrer ?? 'about:client') : toText(init.referrer);
    return members;
  }

  #setBody(init: RequestInit, from: Request | null): void {
    const own = init.body !== undefined && init.body !== null;
    const inherited = !own && init.body !== null && from !== null && hasBody(from);
    if ((own || inherited) && (this.#method === 'GET' || this.#method === 'HEAD')) {
      throw new TypeError_('Request with GET/HEAD method cannot have body.');
    }
    if (own) {
      if (init.duplex !== undefined && init.duplex !== 'half') {
        throw new TypeError_(`Request: '${toText(init.duplex)}' is not a valid value for duplex`);
      }
      if (isStream(init.body) && init.duplex !== 'half') {
        throw new TypeError_('RequestInit: duplex option is required when sending a body.');
      }
      const { source, type } = extractBody(init.body);
      setSource(this, source);
      if (type !== '' && !this.#headers.has('content-type')) this.#headers.set('content-type', type);
    } else if (inherited) {
      // It is moved: the other request has no longer got it.
      setSource(this, take(from));
    }
  }

  get url(): string {
    return this.#url;
  }

  get method(): string {
    return this.#method;
  }

  get headers(): Headers {
    return this.#headers;
  }

  get signal(): AbortSignal {
    this.#signal ??= quietSignal();
    return this.#signal;
  }

  get redirect(): string {
    return this.#members.redirect as string;
  }

  get cache(): string {
    return this.#members.cache as string;
  }

  get credentials(): string {
    return this.#members.credentials as string;
  }

  get mode(): string {
    return this.#members.mode as string;
  }

  get referrer(): string {
    return this.#members.referrer as string;
  }

  get referrerPolicy(): string {
    return this.#members.referrerPolicy as string;
  }

  get integrity(): string {
    return this.#integrity;
  }

  get keepalive(): boolean {
    return this.#keepalive;
  }

  get destination(): string {
    return '';
  }

  get duplex(): string {
    return 'half';
  }

  get isReloadNavigation(): boolean {
    return false;
  }

  get isHistoryNavigation(): boolean {
    return false;
  }

  clone(): Request {
    const source = share(this);
    const copy = new Request(this.#url, {
      ...this.#members,
      method: this.#method === 'CONNECT' || this.#method === 'TRACE' ? 'GET' : this.#method,
      headers: this.#headers,
      signal: this.#signal,
      integrity: this.#integrity,
      keepalive: this.#keepalive,
    });
    copy.#method = this.#method;
    setSource(copy, source);
    return copy;
  }
}
webClass(Request, 'Request');

function signalFor(init: RequestInit, from: Request | null): AbortSignal | null {
  const { signal } = init;
  if (signal === undefined) return from === null ? null : following(from.signal);
  if (signal === null) return null;
  if (!(signal instanceof AbortSignal)) throw new TypeError_('Request: the signal is no AbortSignal');
  return following(signal);
}

/** A request as it came in. */
export function incoming(url: string, method: string, headers: Headers, source: BodySource): Request {
  return makeIncoming(url, method, headers, source);
}
