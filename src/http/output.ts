// The way out: header filters in order, then the sink takes the head; each piece of the body goes through the body
// filters, which were linked to one another when the location's chain was built, and ends in the sink.

import { setContentType } from './content_type.ts';
import type { Handler } from './module.ts';
import { AGAIN, DONE, ERROR, OK, type Rc } from './rc.ts';
import type { HttpRequest } from './request.ts';
import { discardBody } from './request_body.ts';

const EARLY_HINTS = 103;

/** A piece of the body, latin1 text or bytes. Answers as Sink.body does. */
export type BodyFilter = (r: HttpRequest, data: string | Buffer, last: boolean) => Rc;

export interface HeaderStep {
  readonly run: Handler<never>['run'];
  readonly conf: unknown;
}

/**
 * Sends the head. OK, AGAIN (a filter waits: output given meanwhile is held in order; go on as if it were sent), or
 * ERROR, or a status above 300 when a filter refuses the response.
 */
export function sendHeader(r: HttpRequest): Rc {
  if (r.headerSent) return OK;
  if (r.errorStatus !== 0) {
    r.headersOut.status = r.errorStatus;
    r.headersOut.statusLine = '';
  }
  r.headerFilter = 0;
  return runHeaderFilters(r);
}

/** Sends a 103 on the way to the real response, where early_hints asks for it. `headers`: name, value … */
export function sendEarlyHints(r: HttpRequest, headers: readonly string[]): void {
  if (r.postAction || r.parent !== null || headers.length === 0) return;
  for (const condition of r.loc.core.early_hints) {
    const value = condition.evaluate(r);
    if (value === '' || value === '0') continue;
    r.sink.interim(r, EARLY_HINTS, headers);
    return;
  }
}

/** Runs the header filters from where they stand, then gives the head to the sink. */
export function runHeaderFilters(r: HttpRequest): Rc {
  const filters = r.loc.headerFilters;
  while (r.headerFilter < filters.length) {
    const filter = filters[r.headerFilter] as HeaderStep;
    r.headerFilter++;
    const rc = (filter.run as (r: HttpRequest, conf: unknown) => Rc)(r, filter.conf);
    if (rc === OK || rc === DONE) continue;
    if (rc === AGAIN) {
      r.held ??= [];
      return AGAIN;
    }
    return rc;
  }
  r.headerSent = true;
  return r.sink.head(r);
}

/** Gives a piece of the body to the filters. */
export function output(r: HttpRequest, data: string | Buffer, last: boolean): Rc {
  if (r.aborted) return ERROR;
  if (r.held !== null) {
    r.held.push({ data, last });
    return AGAIN;
  }
  if (last) r.outputDone = true;
  return r.loc.bodyFilter(r, data, last);
}

/** Sends what has been given so far without waiting for more. */
export function flushOutput(r: HttpRequest): void {
  if (r.loc.holding && r.headerSent && !r.outputDone) {
    r.flushing = true;
    r.loc.bodyFilter(r, '', false);
    r.flushing = false;
  }
  r.sink.flush(r);
}

/** The filters' end: what every location's chain leads to. */
export function toSink(r: HttpRequest, data: string | Buffer, last: boolean): Rc {
  if (r.headerOnly) return last ? r.sink.body(r, '', true) : OK;
  return r.sink.body(r, data, last);
}

/** A whole response: head and body at once. What a content handler returns. */
export function sendResponse(r: HttpRequest, status: number, contentType: string, body: string | Buffer): Rc {
  const { headersOut } = r;
  const discarded = discardBody(r);
  if (discarded !== OK) return discarded;
  headersOut.status = status;
  headersOut.contentType = contentType;
  headersOut.contentLength = body.length;
  const rc = sendHeader(r);
  if (rc === ERROR || rc > OK) return rc;
  // AGAIN asks for no more for a while, and there is no more.
  return output(r, body, true) === ERROR ? ERROR : OK;
}

/** A whole response of the type that the uri says, unless one is set (ngx_http_send_response). */
export function sendText(r: HttpRequest, status: number, text: string): Rc {
  setContentType(r);
  return sendResponse(r, status, r.headersOut.contentType, text);
}
