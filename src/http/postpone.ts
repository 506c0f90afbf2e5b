// Responses of subrequests that stand within their parent's, in order (ngx_http_postpone_filter_module.c): subrequests
// run at the same time, but only one of a response's requests, whose turn it is, has its output sent; what the others
// have is held.
//
//   parent  "a" → [sub 1] → "b" → [sub 2] → "c"     a goes out; sub 1's turn; then b; sub 2's turn; then c
//
// A module whose body filter makes such subrequests says so (BodyFilterSpec.includes). Only the locations that it works
// in have this filter; filters that come after it see the whole as the one response of the main request.

import { abandon, bodyFilterDone, finalize, logRequest } from './engine.ts';
import { UNKNOWN } from './headers.ts';
import { logError } from './log.ts';
import { defineModule } from './module.ts';
import type { BodyFilter } from './output.ts';
import { AGAIN, ERROR, OK, type Rc } from './rc.ts';
import type { HttpRequest } from './request.ts';
import type { Sink } from './sink.ts';
import { keepPiece, type SubrequestOptions, startSubrequest, subrequestOf } from './subrequest.ts';

/** Of all requests that make up one response. */
interface Response {
  /** The one whose response it is. */
  readonly root: HttpRequest;
  /** The one whose turn it is. */
  active: HttpRequest;
}

/** Output that waits for its turn, or a subrequest whose output has its place here. */
type Part = string | Buffer | HttpRequest;

/** What a request has to do with others' output. */
export class Postponed {
  readonly response: Response;
  readonly parts: Part[] = [];
  /** Of `parts`, what is out already. */
  done = 0;
  /** The last of the root's body is behind `parts`. */
  ended = false;
  /** Of the root: what is to be included behind the whole of its body. */
  behind = '';
  /** It has had some output, or a filter that it is for. */
  given = false;
  /** Called once, when all parts are out and it is the request's turn. */
  onTurn: ((r: HttpRequest) => void) | null = null;

  constructor(response: Response) {
    this.response = response;
  }

  /** Whether what `r` gives goes out at once. */
  passes(r: HttpRequest): boolean {
    return this.response.active === r && this.done === this.parts.length && this.onTurn === null;
  }
}

interface Inclusion {
  readonly uri: string;
  readonly args: string;
  /** The response is not sent: capturedText(sr) has it when the request is judged. */
  readonly inMemory?: boolean;
  readonly judge?: SubrequestOptions['judge'];
}

export const postpone = defineModule({
  name: 'postpone',
  directives: {},
  bodyFilter: {
    passing: true,
    build: (_conf, next) => (r, data, last) => {
      const { postponed } = r;
      if (postponed === null || postponed.response.root !== r) return next(r, data, last);
      if (last && postponed.behind !== '') return endWith(r, postponed, data, next);
      if (postponed.passes(r)) return next(r, data, last);
      postponed.ended = last;
      return hold(postponed, data, last);
    },
  },
});

/**
 * Starts a subrequest, when what runs now has returned. What it answers stands in the response behind what `r` has given
 * by now. null: it cannot be, which has been logged.
 */
export function include(r: HttpRequest, options: Inclusion): HttpRequest | null {
  const { uri, args, inMemory = false, judge } = options;
  if (r.sink === memorySink && r.subrequests > 0) {
    logError(r, 'error', `nested in-memory subrequest "${uri}"`);
    return null;
  }
  const sr = subrequestOf(r, {
    uri,
    args,
    capture: inMemory,
    sink: inMemory ? memorySink : orderedSink,
    onDone,
    ...(judge === undefined ? null : { judge }),
  });
  if (sr === null) return null;
  const postponed = postponedOf(r);
  const { response } = postponed;
  if (postponed.passes(r)) response.active = sr;
  postponed.parts.push(sr);
  sr.postponed = new Postponed(response);
  process.nextTick(start, sr);
  return sr;
}

/** As include(), where all of the body is to come before, what filters still have of it too. */
export function includeBehind(r: HttpRequest, uri: string): void {
  postponedOf(r).behind = uri;
}

function postponedOf(r: HttpRequest): Postponed {
  if (r.postponed !== null) return r.postponed;
  r.onEnd(abandonParts);
  r.postponed = new Postponed({ root: r, active: r });
  return r.postponed;
}

function onDone(): void {}

/** Up to here bytes are held as text, which may be joined to what is there. */
const MOST_TEXT = 4096;

/** Events enter us here. */
function start(sr: HttpRequest): void {
  try {
    if (!sr.finalized) startSubrequest(sr);
  } catch (e) {
    sr.connection.crash(e);
  }
}

function wake(r: HttpRequest): void {
  try {
    if (!r.finalized) goOn(r);
  } catch (e) {
    r.connection.crash(e);
  }
}

/** Keeps copies: whoever gave it may use the memory again. */
function hold(postponed: Postponed, data: string | Buffer, last: boolean): Rc {
  const { parts } = postponed;
  if (data.length > MOST_TEXT && typeof data !== 'string') {
    parts.push(Buffer.from(data));
  } else if (data.length > 0) {
    const text = typeof data === 'string' ? data : data.toString('latin1');
    const before = parts.at(-1);
    if (typeof before === 'string' && postponed.done < parts.length) parts[parts.length - 1] = before + text;
    else parts.push(text);
  }
  return last ? OK : AGAIN; // behind the last there is no more that could wait
}

/** The last of the root's body, and what is to be behind it. */
function endWith(r: HttpRequest, postponed: Postponed, data: string | Buffer, next: BodyFilter): Rc {
  const uri = postponed.behind;
  postponed.behind = '';
  if (data.length > 0) {
    const rc = postponed.passes(r) ? next(r, data, false) : hold(postponed, data, false);
    if (rc === ERROR) return ERROR;
  }
  if (include(r, { uri, args: '' }) === null) return ERROR;
  postponed.ended = true;
  return OK;
}

/** What has been held goes out, as far as it is r's turn. */
function goOn(r: HttpRequest): void {
  const postponed = r.postponed as Postponed;
  const { parts, response } = postponed;
  if (response.active !== r) return;
  while (postponed.done < parts.length) {
    const part = parts[postponed.done] as Part;
    if (typeof part !== 'string' && !Buffer.isBuffer(part)) {
      response.active = part;
      process.nextTick(wake, part);
      return;
    }
    postponed.done++;
    if (send(response, part, false) === ERROR) {
      finalize(r, ERROR);
      return;
    }
  }
  parts.length = 0;
  postponed.done = 0;
  const { onTurn } = postponed;
  if (onTurn !== null) {
    postponed.onTurn = null;
    onTurn(r);
    if (r.finalized || !postponed.passes(r)) return;
  }
  if (postponed.ended) {
    postponed.ended = false;
    send(response, '', true);
  }
  if (r.filterWritable !== null) r.filterWritable(r);
  else bodyFilterDone(r);
}

/** To the filters that see the whole. */
function send({ root }: Response, data: string | Buffer, last: boolean): Rc {
  return root.aborted ? ERROR : root.loc.outerFilter(root, data, last);
}

const orderedSink: Sink = {
  head: () => OK,
  body(sr, data, last) {
    const postponed = sr.postponed as Postponed;
    if (data.length > 0) postponed.given = true;
    if (!postponed.passes(sr)) return hold(postponed, data, last);
    return data.length === 0 ? OK : send(postponed.response, data, false);
  },
  flush(sr) {
    const { active, root } = (sr.postponed as Postponed).response;
    if (active !== sr) return;
    root.flushing = true;
    root.loc.outerFilter(root, '', false);
    root.flushing = false;
    root.sink.flush(root);
  },
  pending(sr) {
    const { root } = (sr.postponed as Postponed).response;
    return !root.loc.outerPassing || root.sink.pending(root);
  },
  interim() {},
  end: passTurn,
  terminate: endAll,
};

const memorySink: Sink = {
  head: () => OK,
  body(sr, data) {
    const { contentLength } = sr.headersOut;
    const { subrequest_output_buffer_size: most } = sr.loc.core;
    if (contentLength > most) {
      logError(sr, 'error', `too big subrequest response: ${contentLength}`);
      return ERROR;
    }
    const { sub } = sr;
    if (sub === null) return ERROR;
    let size = data.length;
    for (const chunk of sub.chunks ?? []) size += chunk.length;
    if (size > (contentLength === UNKNOWN ? most : contentLength)) {
      logError(sr, 'error', 'too big subrequest response');
      return ERROR;
    }
    keepPiece(sub, data);
    return OK;
  },
  flush() {},
  pending: () => true,
  interim() {},
  end: passTurn,
  terminate: endAll,
};

/** A subrequest is over: all of it is out. */
function passTurn(sr: HttpRequest): void {
  if (sr.loc.core.log_subrequest) logRequest(sr);
  sr.logged = true;
  const parent = sr.parent as HttpRequest;
  const postponed = parent.postponed as Postponed;
  postponed.done++;
  postponed.response.active = parent;
  process.nextTick(wake, parent);
}

/** What a subrequest has failed to give cannot be left out of a response that has begun. */
function endAll(sr: HttpRequest): void {
  finalize((sr.postponed as Postponed).response.root, ERROR);
}

function abandonParts(r: HttpRequest): void {
  const { parts, done } = r.postponed as Postponed;
  for (let i = done; i < parts.length; i++) {
    const part = parts[i] as Part;
    if (typeof part === 'string' || Buffer.isBuffer(part)) continue;
    part.aborted = true;
    if (part.postponed !== null) abandonParts(part);
    abandon(part);
  }
}
