// Reads a request's head off a connection: nginx's judgement of every line, the limits on its buffers, the choice of
// the server. What is wrong with a head ends the request with nginx's status and log line.

import { finalize, startPhases } from '../engine.ts';
import { logError } from '../log.ts';
import { AGAIN, OK } from '../rc.ts';
import { HTTP_10, HTTP_11, type HttpRequest } from '../request.ts';
import type { Http1Connection } from './connection.ts';
import {
  HEADER_DONE,
  header,
  host,
  INVALID_09_METHOD,
  INVALID_HEADER,
  INVALID_METHOD,
  INVALID_REQUEST,
  INVALID_VERSION,
  line,
  parseComplexUri,
  parseHeaderLine,
  parseRequestLine,
  uri,
  validateHost,
} from './parse.ts';

const CLIENT_ERRORS: Readonly<Record<number, string>> = {
  [INVALID_METHOD]: 'client sent invalid method',
  [INVALID_REQUEST]: 'client sent invalid request',
  [INVALID_VERSION]: 'client sent invalid version',
  [INVALID_09_METHOD]: 'client sent invalid method in HTTP/0.9 request',
};

const REQUEST_HEADER_TOO_LARGE = 494;
/** An error line of nginx has room for so much of a header. */
const MAX_LOGGED_HEADER = 2048 - 300;
/** off_t's. */
const MAX_OFFSET = 2n ** 63n - 1n;

/** The head that is being read. */
export class Head {
  /** Where the next line starts in the connection's text. */
  pos = 0;
  /** Where the request line starts, behind line breaks. */
  start = 0;
  /** Where the header block starts; 0 while the request line is read. */
  block = 0;
  /** Where a line has begun last; -1: no header line yet. */
  lineStart = -1;
  /**
   * Where nginx's current buffer would end: first one of client_header_buffer_size, then, when a line does not fit,
   * one of large_client_header_buffers, which takes over the incomplete line.
   */
  bufferEnd = 0;
  largeBuffers = 0;
  count = 0;
  connectionType = 0;
  /** Headers seen that may come only once, a bit each. */
  seen = 0;
}

const CONNECTION_CLOSE = 1;
const CONNECTION_KEEP_ALIVE = 2;

const HOST = 1;
const CONTENT_LENGTH = 2;
const TRANSFER_ENCODING = 4;

/** Goes on with the head. False: more of it must come, or the request has ended with an error. */
export function readHead(c: Http1Connection, r: HttpRequest): boolean {
  const { head, text } = c;
  if (head.block === 0) {
    const { core } = r.loc;
    const rc = parseRequestLine(text, head.pos);
    head.start = line.start;
    // Known even where the rest is wrong: an error is then answered without a body.
    if (rc !== OK && line.methodEnd - line.start === 4 && text.startsWith('HEAD', line.start))
      r.method = 'HEAD';
    const end = rc === OK ? line.next : text.length;
    if ((rc === OK || rc === AGAIN) && !hasRoom(c, r, line.start, end, rc === AGAIN)) {
      r.requestLine = text.slice(line.start, line.start + core.large_client_header_buffers.size);
      return refuse(c, r, 414, 'client sent too long URI');
    }
    if (rc === AGAIN) return false;
    if (rc !== OK) {
      if (rc === INVALID_09_METHOD) r.httpVersion = line.version;
      return refuse(c, r, rc === INVALID_VERSION ? 505 : 400, CLIENT_ERRORS[rc] as string);
    }
    if (!takeRequestLine(c, r)) return false;
    head.pos = line.next;
    head.block = line.next;
    r.requestLength = line.next - line.start;
    if (line.version < HTTP_10) {
      if (r.host === '') c.chooseServer(r, '');
      startRequest(c, r);
      return true;
    }
    r.action = 'reading client request headers';
  }
  return readHeaders(c, r);
}

function readHeaders(c: Http1Connection, r: HttpRequest): boolean {
  const { head, text } = c;
  const plain = text.indexOf('\0', head.pos) === -1;
  for (;;) {
    // The Host header may have changed the server, and its settings hold for the lines behind it.
    const { core } = r.loc;
    const from = head.pos;
    const rc = parseHeaderLine(text, from, core.underscores_in_headers, plain);
    if (rc === INVALID_HEADER) {
      const code = text.charCodeAt(header.errorAt).toString(16).padStart(2, '0');
      const sent = text.slice(from, header.errorAt);
      return refuse(c, r, 400, `client sent invalid header line: "${sent}\\x${code}..."`);
    }
    const end = rc === AGAIN ? text.length : header.next;
    if ((end > head.bufferEnd || rc === AGAIN) && !hasRoom(c, r, from, end, rc === AGAIN)) {
      return tooLarge(c, r, from, end);
    }
    if (rc === AGAIN) return false;
    head.pos = header.next;
    r.requestLength += header.next - from;
    if (rc === HEADER_DONE) {
      if (!checkHead(c, r)) return false;
      r.headersIn.raw = text.slice(head.block, from);
      startRequest(c, r);
      return true;
    }
    head.lineStart = from;
    if (header.invalid && core.ignore_invalid_headers) {
      r.headersIn.raw = text.slice(head.block);
      logError(r, 'info', `client sent invalid header line: "${text.slice(from, header.valueEnd)}"`);
      continue;
    }
    if (head.count++ >= core.max_headers) {
      c.lingering = true;
      return refuse(c, r, REQUEST_HEADER_TOO_LARGE, 'client sent too many header lines');
    }
    const { block } = head;
    r.headersIn.offsets.push(
      from - block,
      header.nameEnd - block,
      header.valueStart - block,
      header.valueEnd - block,
    );
    if (!takeHeader(c, r, from)) return false;
  }
}

/**
 * Whether nginx's buffers would hold the line that starts at `start` up to `end`. `incomplete`: more of it is to be
 * read, so a buffer that is just full does not do.
 */
function hasRoom(
  c: Http1Connection,
  r: HttpRequest,
  start: number,
  end: number,
  incomplete: boolean,
): boolean {
  const { head } = c;
  const needed = incomplete ? end + 1 : end;
  if (needed <= head.bufferEnd) return true;
  const { number, size } = r.loc.core.large_client_header_buffers;
  while (needed > head.bufferEnd) {
    if (head.bufferEnd - start >= size || head.largeBuffers >= number) return false;
    head.largeBuffers++;
    head.bufferEnd = start + size;
  }
  return true;
}

function tooLarge(c: Http1Connection, r: HttpRequest, from: number, end: number): boolean {
  const { text, head } = c;
  c.lingering = true;
  // nginx counts a line as begun when it has read a byte of it.
  const start = from < head.bufferEnd ? from : head.lineStart;
  if (start === -1) return refuse(c, r, REQUEST_HEADER_TOO_LARGE, 'client sent too large request');
  const sent = text.slice(start, Math.min(end, head.bufferEnd, start + MAX_LOGGED_HEADER));
  return refuse(c, r, REQUEST_HEADER_TOO_LARGE, `client sent too long header line: "${sent}..."`);
}

/** Ends the request with a status. Always false. */
function refuse(c: Http1Connection, r: HttpRequest, status: number, message: string): boolean {
  noteHead(c, r);
  logError(r, 'info', message);
  c.refused();
  finalize(r, status);
  return false;
}

/** What has come of an incomplete head, for the logs. */
export function noteHead(c: Http1Connection, r: HttpRequest): void {
  if (c.head.block !== 0) r.headersIn.raw = c.text.slice(c.head.block);
  else if (r.requestLine === '') r.requestLine = firstLine(c.text, c.head.start);
}

function firstLine(text: string, start: number): string {
  let end = start;
  while (end < text.length && text.charCodeAt(end) !== 13 && text.charCodeAt(end) !== 10) end++;
  return text.slice(start, end);
}

/** Takes over what parseRequestLine() found. */
function takeRequestLine(c: Http1Connection, r: HttpRequest): boolean {
  const { text } = c;
  r.requestLine = text.slice(line.start, line.end);
  r.method = methodName(text, line.start, line.methodEnd);
  r.httpVersion = line.version;
  const { uriStart, uriEnd } = line;
  r.unparsedUri = text.slice(uriStart, uriEnd);
  if (line.complex || line.quoted || line.emptyPath) {
    r.validUnparsedUri = !line.emptyPath;
    const prefix = line.emptyPath ? '/' : '';
    if (parseComplexUri(text, uriStart, uriEnd, prefix, r.loc.core.merge_slashes) !== OK) {
      return refuse(c, r, 400, 'client sent invalid request');
    }
    r.uri = uri.path;
    if (uri.argsStart !== -1) r.args = text.slice(uri.argsStart, uri.argsEnd);
  } else if (line.argsStart === -1) {
    r.uri = r.unparsedUri;
  } else {
    r.uri = text.slice(uriStart, line.argsStart - 1);
    r.args = text.slice(line.argsStart, uriEnd);
  }
  if (line.schemaEnd !== -1) r.schema = text.slice(line.schemaStart, line.schemaEnd);
  if (line.hostEnd === -1) return true;
  if (!validateHost(text.slice(line.hostStart, line.hostEnd))) {
    return refuse(c, r, 400, 'client sent invalid host in request line');
  }
  r.host = host.name;
  r.requestPort = host.port;
  c.chooseServer(r, host.name);
  return true;
}

/** The common methods as constants: they are compared often. */
function methodName(text: string, start: number, end: number): string {
  switch (end - start) {
    case 3:
      if (text.startsWith('GET', start)) return 'GET';
      break;
    case 4:
      if (text.startsWith('POST', start)) return 'POST';
      if (text.startsWith('HEAD', start)) return 'HEAD';
      break;
  }
  return text.slice(start, end);
}

/** Takes note of a header that matters to the reading of requests; its name starts at `from`. */
function takeHeader(c: Http1Connection, r: HttpRequest, from: number): boolean {
  const { text } = c;
  const first = text.charCodeAt(from) | 0x20;
  switch (header.nameEnd - from) {
    case 4:
      if (first === 104 && named(text, from, 'host')) return takeHost(c, r);
      break;
    case 6:
      if (first === 101 && named(text, from, 'expect')) {
        if (!onlyOnce(c, r, 8, from)) return false;
        r.expectContinue = r.httpVersion >= HTTP_11 && valueIs(text, '100-continue');
      }
      break;
    case 8:
      if (first !== 105) break;
      if (named(text, from, 'if-match')) return onlyOnce(c, r, 16, from);
      if (named(text, from, 'if-range')) return onlyOnce(c, r, 32, from);
      break;
    case 10:
      if (first === 99 && named(text, from, 'connection')) takeConnection(c);
      break;
    case 13:
      if (first === 105 && named(text, from, 'if-none-match')) return onlyOnce(c, r, 64, from);
      if (first === 99 && named(text, from, 'content-range')) return onlyOnce(c, r, 128, from);
      if (first === 97 && named(text, from, 'authorization')) return onlyOnce(c, r, 256, from);
      break;
    case 14:
      if (first === 99 && named(text, from, 'content-length')) return onlyOnce(c, r, CONTENT_LENGTH, from);
      break;
    case 17:
      if (first === 116 && named(text, from, 'transfer-encoding'))
        return onlyOnce(c, r, TRANSFER_ENCODING, from);
      if (first === 105 && named(text, from, 'if-modified-since')) return onlyOnce(c, r, 512, from);
      break;
    case 19:
      if (first === 105 && named(text, from, 'if-unmodified-since')) return onlyOnce(c, r, 1024, from);
      if (first === 112 && named(text, from, 'proxy-authorization')) return onlyOnce(c, r, 2048, from);
      break;
  }
  return true;
}

/** Whether the letters from `from` on are those of `name`, which is in lower case and has no upper-case twin of "-". */
function named(text: string, from: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const wanted = name.charCodeAt(i);
    const code = text.charCodeAt(from + i);
    if (code !== wanted && (wanted === 45 || (code | 0x20) !== wanted)) return false;
  }
  return true;
}

function valueIs(text: string, wanted: string): boolean {
  return header.valueEnd - header.valueStart === wanted.length && named(text, header.valueStart, wanted);
}

function onlyOnce(c: Http1Connection, r: HttpRequest, bit: number, from: number): boolean {
  const { head } = c;
  if ((head.seen & bit) === 0) {
    head.seen |= bit;
    return true;
  }
  return refuse(c, r, 400, `client sent duplicate header line: ${previousAndThis(c, r, from)}`);
}

/** `"Name: this", previous value: "Name: other"` */
function previousAndThis(c: Http1Connection, r: HttpRequest, from: number): string {
  const { text, head } = c;
  const { headersIn } = r;
  headersIn.raw = text.slice(head.block);
  const name = text.slice(from, header.nameEnd);
  const value = text.slice(header.valueStart, header.valueEnd);
  const previous = headersIn.find(name.toLowerCase());
  return `"${name}: ${value}", previous value: "${headersIn.name(previous)}: ${headersIn.value(previous)}"`;
}

/** The Host header that was checked last: clients seldom ask for another. */
let knownHost = '';
let knownName = '';
let knownPort = '';

function takeHost(c: Http1Connection, r: HttpRequest): boolean {
  const { head, text } = c;
  if ((head.seen & HOST) !== 0) {
    const message = `client sent duplicate host header: ${previousAndThis(c, r, head.lineStart)}`;
    return refuse(c, r, 400, message);
  }
  head.seen |= HOST;
  const value = text.slice(header.valueStart, header.valueEnd);
  if (value !== knownHost || value === '') {
    if (!validateHost(value)) return refuse(c, r, 400, 'client sent invalid host header');
    knownHost = value;
    knownName = host.name;
    knownPort = host.port;
  }
  if (r.host !== '') return true; // the request line's counts
  r.host = knownName;
  r.requestPort = knownPort;
  c.chooseServer(r, knownName);
  return true;
}

function takeConnection(c: Http1Connection): void {
  const { head, text } = c;
  if (valueIs(text, 'keep-alive')) {
    head.connectionType = CONNECTION_KEEP_ALIVE;
  } else if (valueIs(text, 'close')) {
    head.connectionType = CONNECTION_CLOSE;
  } else {
    const value = text.slice(header.valueStart, header.valueEnd).toLowerCase();
    if (value.includes('close')) head.connectionType = CONNECTION_CLOSE;
    else if (value.includes('keep-alive')) head.connectionType = CONNECTION_KEEP_ALIVE;
  }
}

/** What can be said only when all headers are known (ngx_http_process_request_header). */
function checkHead(c: Http1Connection, r: HttpRequest): boolean {
  const { head } = c;
  if (r.host === '') c.chooseServer(r, '');
  if ((head.seen & HOST) === 0 && r.httpVersion > HTTP_10) {
    return refuse(c, r, 400, 'client sent HTTP/1.1 request without "Host" header');
  }
  if ((head.seen & (CONTENT_LENGTH | TRANSFER_ENCODING)) !== 0 && !checkBody(c, r)) return false;
  if (r.method === 'CONNECT' && !checkConnect(c, r)) return false;
  if (r.method === 'TRACE') return refuse(c, r, 405, 'client sent TRACE method');
  return true;
}

function checkConnect(c: Http1Connection, r: HttpRequest): boolean {
  if (r.httpVersion !== HTTP_11 || !r.server.location.allowConnect) {
    return refuse(c, r, 405, 'client sent CONNECT method');
  }
  if (r.contentLength <= 0 && !r.chunked) return true;
  return refuse(c, r, 400, 'client sent CONNECT request with body');
}

function checkBody(c: Http1Connection, r: HttpRequest): boolean {
  const { head, text } = c;
  const { headersIn } = r;
  headersIn.raw = text.slice(head.block, head.pos);
  if ((head.seen & CONTENT_LENGTH) !== 0) {
    r.contentLength = parseContentLength(headersIn.get('content-length') ?? '');
    if (r.contentLength === -1) return refuse(c, r, 400, 'client sent invalid "Content-Length" header');
  }
  if ((head.seen & TRANSFER_ENCODING) === 0) return true;
  if (r.httpVersion < HTTP_11) {
    return refuse(c, r, 400, 'client sent HTTP/1.0 request with "Transfer-Encoding" header');
  }
  const encoding = headersIn.get('transfer-encoding') ?? '';
  if (encoding.toLowerCase() !== 'chunked') {
    return refuse(c, r, 501, `client sent unknown "Transfer-Encoding": "${encoding}"`);
  }
  if ((head.seen & CONTENT_LENGTH) !== 0) {
    const message = 'client sent "Content-Length" and "Transfer-Encoding" headers at the same time';
    return refuse(c, r, 400, message);
  }
  r.chunked = true;
  return true;
}

/** -1: not a number, or one that off_t cannot hold. */
function parseContentLength(value: string): number {
  if (!/^[0-9]+$/.test(value)) return -1;
  if (value.length < 16) return Number(value);
  const exact = BigInt(value);
  return exact > MAX_OFFSET ? -1 : Number(exact);
}

/** The head is complete and good: the request enters the phases (ngx_http_handler). */
function startRequest(c: Http1Connection, r: HttpRequest): void {
  const type = c.head.connectionType;
  if (r.method !== 'CONNECT') {
    r.keepalive = type === 0 ? r.httpVersion > HTTP_10 : type === CONNECTION_KEEP_ALIVE;
  }
  r.action = '';
  c.started(r);
  startPhases(r);
}
