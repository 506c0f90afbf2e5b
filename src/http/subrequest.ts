// Subrequests: a request made by another one, through all phases but access, whose response is kept for the asker.

import { logRequest, runPhases, startPhases } from './engine.ts';
import { logError } from './log.ts';
import { ERROR, OK, type Rc } from './rc.ts';
import { HTTP_11, HttpRequest } from './request.ts';
import type { Sink } from './sink.ts';

export interface SubrequestOptions {
  readonly uri: string;
  readonly args: string;
  readonly method?: string;
  /** Keep the body for onDone; else it is dropped (auth_request, mirror). */
  readonly capture: boolean;
  /** Whether there is room to keep so much more of it; if not, it is cut off. */
  readonly room?: (bytes: number) => boolean;
  /** Sees what it is finalized with, each time, and says what it is to be. */
  readonly judge?: (sr: HttpRequest, rc: Rc) => Rc;
  /** Called once, with the subrequest finalized; its status is sr.headersOut.status, its body capturedText(sr). */
  readonly onDone: (sr: HttpRequest, rc: Rc) => void;
  /** It goes on where `r` is, in the same location, instead of starting at the server's first phase. */
  readonly clone?: boolean;
  /** The response does not wait for it; the client's connection is busy until it is over, as in nginx. */
  readonly background?: boolean;
  /** Where its response goes, if it is not to be captured. */
  readonly sink?: Sink;
  /** Before its phases start: to give it a body, headers, variables, ctx. */
  readonly prepare?: (sr: HttpRequest) => void;
}

export interface Subrequest {
  readonly options: SubrequestOptions;
  /** Of the body that is kept; null before there is any. */
  chunks: (string | Buffer)[] | null;
}

/** Starts a subrequest of `r`. null: too deep (logged); the caller ends with 500. */
export function subrequest(r: HttpRequest, options: SubrequestOptions): HttpRequest | null {
  const sr = subrequestOf(r, options);
  if (sr !== null) startSubrequest(sr);
  return sr;
}

/** One that startSubrequest() is to start. */
export function subrequestOf(r: HttpRequest, options: SubrequestOptions): HttpRequest | null {
  if (r.subrequests === 0) {
    logError(r, 'error', `subrequests cycle while processing "${options.uri}"`);
    return null;
  }
  const sr = new HttpRequest(r.connection, options.sink ?? captureSink, r.server, r, {
    options,
    chunks: null,
  });
  sr.subrequests = r.subrequests - 1;
  sr.method = options.method ?? 'GET';
  sr.httpVersion = HTTP_11;
  sr.requestLine = r.requestLine;
  sr.unparsedUri = r.unparsedUri;
  sr.uri = options.uri;
  sr.args = options.args;
  sr.headersIn = r.headersIn;
  sr.host = r.host;
  sr.requestPort = r.requestPort;
  sr.contentLength = -1;
  sr.body = r.body;
  sr.internal = true;
  sr.validUnparsedUri = false;
  if (options.background) r.main.background++;
  options.prepare?.(sr);
  if (!options.clone) return sr;
  sr.loc = r.loc;
  sr.steps = r.steps;
  sr.step = r.step;
  sr.validUnparsedUri = r.validUnparsedUri;
  sr.uriRewritten = r.uriRewritten;
  sr.captures = r.captures;
  return sr;
}

export function startSubrequest(sr: HttpRequest): void {
  if (sr.sub?.options.clone) runPhases(sr);
  else startPhases(sr);
}

/** Most have one piece: a push to an empty list would make room for 17. */
export function keepPiece(sub: Subrequest, data: string | Buffer): void {
  if (data.length === 0) return;
  if (sub.chunks === null) sub.chunks = [data];
  else sub.chunks.push(data);
}

/** The body, a character a byte. */
export function capturedText(sr: HttpRequest): string {
  const chunks = sr.sub?.chunks ?? [];
  let text = '';
  for (let i = 0; i < chunks.length; i++) {
    const chunk = chunks[i] as string | Buffer;
    text += typeof chunk === 'string' ? chunk : chunk.toString('latin1');
  }
  return text;
}

/** The end of every subrequest's filters. */
const captureSink: Sink = {
  head: () => OK,
  body(sr, data) {
    if (!sr.sub?.options.capture) return OK;
    if (sr.sub.options.room?.(data.length) === false) return ERROR;
    keepPiece(sr.sub, data);
    return OK;
  },
  flush() {},
  pending: (sr) => sr.sub?.options.capture ?? false,
  interim() {},
  end: answer,
  terminate: answer,
};

function answer(sr: HttpRequest): void {
  const { sub } = sr;
  if (sub === null || sr.logged) return;
  if (sr.loc.core.log_subrequest) logRequest(sr);
  sr.logged = true;
  sub.options.onDone(sr, sr.headersOut.status);
  if (!sub.options.background) return;
  sr.main.background--;
  sr.connection.backgroundDone?.(sr.main);
}
