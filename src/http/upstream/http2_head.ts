// The head of a request to an HTTP/2 upstream, compressed.

import { logError } from '../log.ts';
import type { HttpRequest } from '../request.ts';
import { encodeHeader } from './hpack.ts';
import type { RequestHeaders } from './request_headers.ts';

/** The longest text whose length nginx can write (NGX_HTTP_V2_MAX_FIELD). */
const MAX_FIELD = 127 + (1 << 21) - 1;

interface Http2RequestLine {
  readonly method: string;
  readonly secure: boolean;
  readonly path: string;
  readonly authority: string;
}

export class Http2Head {
  block: string;
  /** Something is too long, which has been logged. */
  failed = false;
  readonly #r: HttpRequest;

  constructor(r: HttpRequest, { method, secure, path, authority }: Http2RequestLine) {
    this.#r = r;
    this.#check(method, 'method', true);
    this.#check(path, 'URI', false);
    this.#check(authority, 'host', true);
    this.block =
      encodeHeader(':method', method) +
      encodeHeader(':scheme', secure ? 'https' : 'http') +
      encodeHeader(':path', path) +
      encodeHeader(':authority', authority);
  }

  #check(text: string, what: string, shown: boolean): void {
    if (text.length <= MAX_FIELD || this.failed) return;
    this.failed = true;
    logError(this.#r, 'error', `too long http2 ${what}${shown ? `: "${text}"` : ''}`);
  }

  add(name: string, value: string): void {
    this.#check(name, 'header name', false);
    this.#check(value, 'header value', false);
    this.block += encodeHeader(name.toLowerCase(), value);
  }

  /** Those that the configuration sets, but for empty ones. */
  addSet({ set }: RequestHeaders): void {
    for (const { name, value } of set) {
      const evaluated = value.evaluate(this.#r);
      if (evaluated !== '') this.add(name, evaluated);
    }
  }

  /** The client's. */
  addPassed(headers: RequestHeaders): void {
    const { headersIn } = this.#r;
    for (let i = 0, n = headersIn.count; i < n; i++) {
      if (headers.passes(headersIn, i)) this.add(headersIn.name(i), headersIn.value(i));
    }
  }
}
