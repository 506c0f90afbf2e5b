// SCGI and uwsgi towards upstreams: they differ in how a request begins. A response is what a CGI program writes, or
// begins with a status line.

import { logError } from '../log.ts';
import { AGAIN, ERROR, OK, type Rc } from '../rc.ts';
import { type CgiCodec, CgiHead, type CgiSettings } from './cgi.ts';
import type { Exchange } from './exchange.ts';
import { parseStatusLine, statusLine } from './http1.ts';
import { UNTIL_CLOSE } from './settings.ts';

/** What stands in front of a request's body; null: it cannot be made, which is logged. */
type MakeHead = (u: Exchange, cgi: CgiSettings) => string | null;

export class PlainCgiCodec implements CgiCodec {
  readonly cgi: CgiSettings;
  readonly #makeHead: MakeHead;
  readonly #lines = new CgiHead();
  /** There is no status line, or it has been read. */
  #inLines = false;

  constructor(cgi: CgiSettings, makeHead: MakeHead) {
    this.cgi = cgi;
    this.#makeHead = makeHead;
  }

  createRequest(u: Exchange): Rc {
    const head = this.#makeHead(u, this.cgi);
    if (head === null) return ERROR;
    u.head = head;
    return OK;
  }

  reset(): void {
    this.#lines.reset();
    this.#inLines = false;
  }

  parseHead(u: Exchange): Rc {
    if (!this.#inLines) {
      if (this.#takeStatusLine(u) === AGAIN) return AGAIN;
      this.#inLines = true;
    }
    const rc = this.#lines.parse(u, u.text);
    if (rc !== OK) return rc;
    u.headEnd = this.#lines.end;
    if (u.response.status === 101 && u.r.headersIn.find('upgrade') !== -1) u.upgrade = true;
    return OK;
  }

  #takeStatusLine({ text, response, state }: Exchange): Rc {
    const rc = parseStatusLine(text);
    if (rc !== OK) return rc;
    response.status = statusLine.status;
    response.statusLine = text.slice(statusLine.start, statusLine.end);
    if (state !== null && state.status === 0) state.status = response.status;
    this.#lines.reset(statusLine.next);
    return OK;
  }

  startBody(u: Exchange): void {
    const { status, contentLength } = u.response;
    if (status === 204 || status === 304) u.left = 0;
    else u.left = u.r.method === 'HEAD' ? UNTIL_CLOSE : contentLength;
  }

  body(u: Exchange, bytes: Buffer, from: number, to: number): Rc {
    if (u.left === UNTIL_CLOSE) {
      u.give(bytes, from, to);
      return OK;
    }
    const size = Math.min(to - from, u.left);
    u.give(bytes, from, from + size);
    u.left -= size;
    if (from + size < to) {
      logError(u.r, 'warn', 'upstream sent more data than specified in "Content-Length" header');
    }
    return OK;
  }
}
