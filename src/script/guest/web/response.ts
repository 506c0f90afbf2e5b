// Response, of fetch.

import { includes, indexOf, slice, TypeError_, toJson, toText } from '../builtins.ts';
import { Body, type BodySource, extractBody, setSource, share } from './body.ts';
import { byteString, freezeHeaders, Headers } from './headers.ts';
import { URL } from './url.ts';
import { webClass } from './web_class.ts';

interface ResponseInit {
  readonly status?: unknown;
  readonly statusText?: unknown;
  readonly headers?: unknown;
}

const REDIRECTS = [301, 302, 303, 307, 308];
const NULL_BODY = [101, 103, 204, 205, 304];
const REASON = /^[\t\x20-\x7e\x80-\xff]*$/;

interface Facts {
  readonly url: string;
  readonly redirected: boolean;
  readonly type: string;
}

const MADE: Facts = { url: '', redirected: false, type: 'default' };

/** With any status: a server may answer with what a script may not (7xx, say), and that of Response.error() is 0. */
let make: (
  source: BodySource,
  status: number,
  statusText: string,
  headers: Headers,
  facts: Facts,
) => Response;
/** Instead of a body: make() does the rest. */
const UNMADE = {};
const NO_HEADERS = new Headers();

export class Response extends Body {
  #status = 200;
  #statusText = '';
  #headers: Headers;
  #facts = MADE;

  static {
    make = (source, status, statusText, headers, facts) => {
      const response = new Response(UNMADE);
      response.#status = status;
      response.#statusText = statusText;
      response.#headers = headers;
      response.#facts = facts;
      setSource(response, source);
      return response;
    };
  }

  constructor(body?: unknown, init: ResponseInit | null = {}) {
    super();
    if (body === UNMADE) {
      this.#headers = NO_HEADERS;
      return;
    }
    if (init !== null && typeof init !== 'object' && typeof init !== 'function') {
      throw new TypeError_('Response: the init is not an object');
    }
    const { status = 200, statusText = '', headers } = init ?? {};
    const code = Math.trunc(Number(status)) & 0xffff;
    if (code < 200 || code > 599) {
      throw new RangeError('init["status"] must be in the range of 200 to 599, inclusive.');
    }
    const reason = byteString(statusText, 'Response');
    if (!REASON.test(reason)) throw new TypeError_('Response: the status text is invalid');
    this.#status = code;
    this.#statusText = reason;
    this.#headers = new Headers(headers);
    if (body === undefined || body === null) return;
    if (NULL_BODY.includes(code)) throw new TypeError_('Response with null body status cannot have body');
    const { source, type } = extractBody(body);
    setSource(this, source);
    if (type !== '' && !this.#headers.has('content-type')) this.#headers.set('content-type', type);
  }

  static json(data: unknown, init: ResponseInit | null = {}): Response {
    const text = toJson(data) as string | undefined;
    if (text === undefined) throw new TypeError_('Response.json: the value is not JSON serializable');
    const response = new Response(text, { ...init, headers: undefined });
    response.#headers = new Headers(init?.headers);
    if (!response.#headers.has('content-type')) response.#headers.set('content-type', 'application/json');
    return response;
  }

  static redirect(url: unknown, status: unknown = 302): Response {
    const to = new URL(url).href;
    const code = Number(status);
    if (!REDIRECTS.includes(code)) throw new RangeError(`Invalid status code ${toText(status)}`);
    const headers = new Headers({ location: to });
    freezeHeaders(headers);
    return make(null, code, '', headers, MADE);
  }

  static error(): Response {
    const headers = new Headers();
    freezeHeaders(headers);
    return make(null, 0, '', headers, { ...MADE, type: 'error' });
  }

  get headers(): Headers {
    return this.#headers;
  }

  get status(): number {
    return this.#status;
  }

  get statusText(): string {
    return this.#statusText;
  }

  get ok(): boolean {
    return this.#status >= 200 && this.#status < 300;
  }

  get url(): string {
    return this.#facts.url;
  }

  get redirected(): boolean {
    return this.#facts.redirected;
  }

  get type(): string {
    return this.#facts.type;
  }

  clone(): Response {
    const source = share(this);
    const headers = new Headers(this.#headers);
    if (this.#facts !== MADE) freezeHeaders(headers);
    return make(source, this.#status, this.#statusText, headers, this.#facts);
  }
}
webClass(Body, 'Body');
webClass(Response, 'Response');

/** A response as fetch gives it. */
export function fetched(
  source: BodySource,
  status: number,
  statusText: string,
  headers: Headers,
  url: string,
  redirected: boolean,
): Response {
  freezeHeaders(headers);
  const hash = indexOf(url, '#');
  const facts: Facts = { url: hash === -1 ? url : slice(url, 0, hash), redirected, type: 'basic' };
  return make(includes(NULL_BODY, status) ? null : source, status, statusText, headers, facts);
}
