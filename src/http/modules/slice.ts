// slice: a large response is fetched, and cached, in parts of one length. The request's own exchange fetches the first
// of them, by $slice_range; for each of the others there is a subrequest in the same location, whose body goes where the
// request's goes.

import { type ConfOf, HTTP_ANY } from '../../conf/directive.ts';
import { size } from '../../conf/kinds.ts';
import { finalize, releaseBody } from '../engine.ts';
import { logError } from '../log.ts';
import { defineModule } from '../module.ts';
import type { BodyFilter } from '../output.ts';
import { ERROR, OK, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import type { Sink } from '../sink.ts';
import { subrequest } from '../subrequest.ts';

const directives = {
  slice: size({ in: HTTP_ANY, default: 0 }),
};

type Conf = ConfOf<typeof directives>;

/** Of a request and its subrequests together. */
class Slicing {
  readonly size: number;
  /** Where the slice that is fetched begins; when its head is there, where the next one does. */
  start: number;
  /** Where the response ends; -1 until it is known. */
  end = -1;
  /** Of the whole. */
  length = 0;
  etag = '';
  /** The head of the slice that is fetched has come, and is good. */
  active = false;
  /** It was not, which has been logged. */
  refused = false;
  /** What passes the slices on. */
  next: BodyFilter | null = null;

  constructor(size: number, start: number) {
    this.size = size;
    this.start = start;
  }

  get range(): string {
    return `bytes=${this.start}-${this.start + this.size - 1}`;
  }
}

interface Ctx {
  slicing: Slicing | null;
  /** What $slice_range says as long as this request's slice is fetched. */
  range: string;
}

export const slice = defineModule({
  name: 'slice',
  directives,
  newCtx: (): Ctx => ({ slicing: null, range: '' }),
  variables: { slice_range: { get: sliceRange, volatile: true } },
  headerFilter: { when: (conf) => conf.slice > 0, run: takeHead },
  bodyFilter: { when: (conf) => conf.slice > 0, passing: true, build: buildJoiner },
});

function sliceRange(r: HttpRequest): string | undefined {
  const known = slice.ctx(r);
  if (known !== undefined) return known.range;
  const { slice: length } = slice.conf(r);
  if (length === 0 || r !== r.main || r.headersOut.status !== 0) return undefined;
  const ctx = slice.startCtx(r);
  ctx.slicing = new Slicing(length, length * Math.floor(firstByte(r) / length));
  ctx.range = ctx.slicing.range;
  return ctx.range;
}

/** The first byte of the one range that is asked for. */
function firstByte(r: HttpRequest): number {
  if (r.headersIn.get('if-range') !== undefined) return 0;
  const range = r.headersIn.get('range');
  const start = range === undefined ? null : /^bytes= *([0-9]+)[^,]*$/i.exec(range);
  const first = start === null ? 0 : Number(start[1]);
  return first < MAX_OFFSET ? first : 0;
}

/** No number for nginx from here on. */
const MAX_OFFSET = 2 ** 63;
const CONTENT_RANGE = /^bytes *([0-9]{1,15}) *- *([0-9]{1,15}) *\/ *([0-9]{1,15}|\*) *$/;
const PARTIAL_CONTENT = 206;

function takeHead(r: HttpRequest, conf: Conf): Rc {
  const slicing = slice.ctx(r)?.slicing;
  if (!slicing) return OK;
  const { headersOut } = r;
  const refuse = (message: string): Rc => {
    logError(r, 'error', message);
    slicing.refused = true;
    return ERROR;
  };
  if (headersOut.status !== PARTIAL_CONTENT) {
    if (r !== r.main) return refuse(`unexpected status code ${headersOut.status} in slice response`);
    (slice.ctx(r) as Ctx).slicing = null;
    return OK;
  }
  if (slicing.etag !== '' && headersOut.etag !== slicing.etag) {
    return refuse('etag mismatch in slice response');
  }
  slicing.etag = headersOut.etag;
  const parts = CONTENT_RANGE.exec(headersOut.get('content-range') ?? '');
  if (parts === null) return refuse('invalid range in slice response');
  if (parts[3] === '*') return refuse('no complete length in slice response');
  const [start = 0, last = 0, length = 0] = parts.slice(1).map(Number);
  const end = Math.min(start + conf.slice, length);
  if (start !== slicing.start || last + 1 !== end) {
    const wanted = `expected: ${slicing.start}-${end}`;
    return refuse(`unexpected range in slice response: ${start}-${last + 1}, ${wanted}`);
  }
  slicing.start = end;
  slicing.length = length;
  slicing.active = true;
  headersOut.status = 200;
  headersOut.statusLine = '';
  headersOut.contentLength = length;
  headersOut.contentOffset = start;
  headersOut.remove('Content-Range');
  headersOut.remove('Accept-Ranges');
  r.allowRanges = true;
  r.singleRange = true;
  return OK;
}

function buildJoiner(_conf: Conf, next: BodyFilter): BodyFilter {
  return (r, data, last) => {
    const slicing = r === r.main ? slice.ctx(r)?.slicing : null;
    if (!slicing || r.headerOnly) return next(r, data, last);
    if (slicing.end === -1) settleEnd(r, slicing);
    if (!last) return next(r, data, false);
    slicing.next = next;
    r.bodyHeld = true;
    const rc = data.length === 0 ? OK : next(r, data, false);
    if (rc !== ERROR) process.nextTick(nextSlice, r);
    return rc;
  };
}

/** The head has passed all filters: what of the whole is to be sent is known. */
function settleEnd(r: HttpRequest, slicing: Slicing): void {
  slicing.end = slicing.length;
  const range = r.ranges?.ranges[0];
  if (range === undefined) return;
  slicing.end = range.end;
  if (slicing.start + slicing.size <= range.start) {
    slicing.start = slicing.size * Math.floor(range.start / slicing.size);
  }
}

function nextSlice(r: HttpRequest): void {
  const slicing = slice.ctx(r)?.slicing;
  if (!slicing || r.finalized) return;
  if (!slicing.active) {
    if (!slicing.refused) logError(r, 'error', 'missing slice response');
    fail(r);
    return;
  }
  if (slicing.start >= slicing.end) {
    (slice.ctx(r) as Ctx).slicing = null;
    r.onWritable = null;
    // The filter of ranges has counted the last of them as sent.
    if (r.ranges === null) slicing.next?.(r, '', true);
    else r.loc.outerFilter(r, '', true);
    releaseBody(r);
    return;
  }
  slicing.active = false;
  const { range } = slicing;
  if (r.ranges !== null) r.ranges.offset = slicing.start;
  const made = subrequest(r, {
    uri: r.uri,
    args: r.args,
    method: r.method,
    capture: false,
    clone: true,
    sink: sliceSink,
    onDone: sliceDone,
    prepare(sr) {
      const ctx = slice.startCtx(sr);
      ctx.slicing = slicing;
      ctx.range = range;
      sr.ranges = r.ranges;
      r.onWritable = () => sr.onWritable?.(sr);
    },
  });
  if (made === null) fail(r);
}

function sliceDone(sr: HttpRequest): void {
  process.nextTick(nextSlice, sr.main);
}

/** What has been sent cannot be completed. */
function fail(r: HttpRequest): void {
  r.bodyHeld = false;
  r.onWritable = null;
  finalize(r, ERROR);
}

/** The body of a slice goes on as the request's. */
const sliceSink: Sink = {
  head: () => OK,
  body: (sr, data) => (data.length === 0 ? OK : sr.main.loc.outerFilter(sr.main, data, false)),
  flush: (sr) => sr.main.sink.flush(sr.main),
  pending: (sr) => sr.main.sink.pending(sr.main),
  interim() {},
  end: answered,
  terminate(sr) {
    const slicing = slice.ctx(sr)?.slicing;
    if (slicing) slicing.active = false;
    answered(sr);
  },
};

function answered(sr: HttpRequest): void {
  if (sr.logged) return;
  sr.logged = true;
  sr.sub?.options.onDone(sr, sr.headersOut.status);
}
