// The sink of an HTTP/1 connection: builds the head as nginx orders it, frames the body, and gathers both so that a
// small response leaves in one write.

import type { ComplexValue } from '../../conf/complex.ts';
import { parseSize } from '../../core/sizes.ts';
import { httpTime, second } from '../../core/times.ts';
import { NGINX_VERSION } from '../../core/version.ts';
import type { HeadersOut } from '../headers.ts';
import { AGAIN, ERROR, OK, type Rc } from '../rc.ts';
import { HTTP_10, HTTP_11, type HttpRequest } from '../request.ts';
import type { Sink } from '../sink.ts';
import type { Http1Connection } from './connection.ts';
import type { Outgoing } from './outgoing.ts';

/** nginx's texts; other statuses have none. */
const REASONS: Readonly<Record<number, string>> = {
  100: 'Continue',
  103: 'Early Hints',
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  206: 'Partial Content',
  301: 'Moved Permanently',
  302: 'Moved Temporarily',
  303: 'See Other',
  304: 'Not Modified',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Not Allowed',
  406: 'Not Acceptable',
  407: 'Proxy Authentication Required',
  408: 'Request Time-out',
  409: 'Conflict',
  410: 'Gone',
  411: 'Length Required',
  412: 'Precondition Failed',
  413: 'Request Entity Too Large',
  414: 'Request-URI Too Large',
  415: 'Unsupported Media Type',
  416: 'Requested Range Not Satisfiable',
  421: 'Misdirected Request',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
  505: 'HTTP Version Not Supported',
  507: 'Insufficient Storage',
};

const SERVERS = {
  on: `Server: nginx/${NGINX_VERSION}\r\n`,
  build: `Server: nginx/${NGINX_VERSION}\r\n`,
  off: 'Server: nginx\r\n',
} as const;
type Tokens = keyof typeof SERVERS;

const SLASH = 47;
/** Bytes up to this size are joined to the text before them: copying is cheaper than a second write. */
const SMALL = 4096;
/** Bytes from here on go alone; between the two, head and bytes leave in one system call. */
const LARGE = 64 * 1024;
/** More than this is not held back for a pipelined response to join it. */
const ENOUGH = 16 * 1024;

/** "HTTP/1.1 200 OK", Server and Date, by status: the part of a head that is the same for a second. */
const starts: Record<Tokens, string[]> = { on: [], build: [], off: [] };
let startsOf = second(0);

function startOf(status: number, tokens: Tokens): string {
  const now = second();
  if (now !== startsOf) {
    startsOf = now;
    starts.on = [];
    starts.build = [];
    starts.off = [];
  }
  const known = starts[tokens][status];
  if (known !== undefined) return known;
  const made = `${statusLine(status)}${SERVERS[tokens]}Date: ${now.http}\r\n`;
  if (status >= 100 && status < 600) starts[tokens][status] = made;
  return made;
}

function statusLine(status: number): string {
  return `HTTP/1.1 ${String(status).padStart(3, '0')} ${REASONS[status] ?? ''}\r\n`;
}

export const writer: Sink = {
  head(r: HttpRequest): Rc {
    const c = r.connection as Http1Connection;
    const { output } = c;
    output.chunked = false;
    if (r.postAction || output.closed) return OK;
    if (r.httpVersion < HTTP_10) return OK;
    const { status } = r.headersOut;
    const { core } = r.loc;
    if (r.method === 'HEAD') r.headerOnly = true;
    if (status === 204 || status === 304) withoutBody(r, status);
    else if (status === 101 || (status < 300 && r.method === 'CONNECT')) c.openTunnel(r);
    else if (status >= 200 && r.method !== 'HEAD') frame(r, output);
    if (r.keepalive && c.owner.quitting) r.keepalive = false;
    if (r.limitRate === -1) r.limitRate = core.limit_rate === null ? 0 : rateOf(r, core.limit_rate);
    if (r.limitRate > 0) {
      output.flush();
      output.limited = true;
    }
    const before = output.text.length;
    output.text += headText(r, c);
    r.bytesSent += output.text.length - before;
    if (r.headerOnly && !c.advancing) output.flush();
    return OK;
  },

  body(r: HttpRequest, data: string | Buffer, last: boolean): Rc {
    const c = r.connection as Http1Connection;
    const { output } = c;
    if (output.closed) return ERROR;
    if (r.postAction || r.headerOnly) return OK;
    const { length } = data;
    const large = length > SMALL && length <= LARGE && typeof data !== 'string';
    if (large) output.cork();
    if (length > 0) {
      if (output.chunked) write(r, output, `${length.toString(16)}\r\n`);
      write(r, output, data);
      if (output.chunked) write(r, output, '\r\n');
    }
    if (last && output.chunked) write(r, output, lastChunk(r.headersOut));
    const size = output.text.length;
    if (large || size > ENOUGH || (last ? !c.advancing : size >= r.loc.core.postpone_output)) output.flush();
    if (large) output.uncork();
    if (last) return OK; // there is nothing more to wait for: end() does that
    return output.backedUp() ? AGAIN : OK;
  },

  flush(r: HttpRequest): void {
    (r.connection as Http1Connection).output.flush();
  },

  gather(r: HttpRequest, more: boolean): void {
    const { output } = r.connection as Http1Connection;
    if (more) output.cork();
    else output.uncork();
  },

  pending(r: HttpRequest): boolean {
    return (r.connection as Http1Connection).output.backedUp();
  },

  interim(r: HttpRequest, status: number, headers: readonly string[]): void {
    const { output } = r.connection as Http1Connection;
    if (r.headerSent || r.httpVersion < HTTP_11 || output.closed) return;
    let text = statusLine(status);
    for (let i = 0; i < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`;
    text += '\r\n';
    output.text += text;
    r.bytesSent += text.length;
    r.bodyBytesSent += text.length; // as in nginx: all that is not the final head
    output.flush();
  },

  end(r: HttpRequest): void {
    (r.connection as Http1Connection).end(r);
  },

  terminate(r: HttpRequest, rc: Rc): void {
    (r.connection as Http1Connection).terminate(r, rc);
  },
};

function write(r: HttpRequest, output: Outgoing, data: string | Buffer): void {
  r.bytesSent += data.length;
  r.bodyBytesSent += data.length;
  if (typeof data === 'string') output.text += data;
  else if (data.length <= SMALL) output.text += data.toString('latin1');
  else output.write(data);
}

function rateOf(r: HttpRequest, rate: ComplexValue): number {
  return Math.max(0, parseSize(rate.evaluate(r)));
}

function withoutBody(r: HttpRequest, status: number): void {
  const { headersOut } = r;
  r.headerOnly = true;
  // With an upstream's own words for its status, its headers are passed as well.
  if (status === 304 || headersOut.statusLine !== '') return;
  headersOut.contentType = '';
  headersOut.lastModified = -1;
  headersOut.contentLength = -1;
}

/** How the client will know the end of the body (ngx_http_chunked_header_filter). */
function frame(r: HttpRequest, output: Outgoing): void {
  const { headersOut } = r;
  if (headersOut.contentLength !== -1 && headersOut.trailers === null) return;
  if (r.httpVersion >= HTTP_11 && r.loc.core.chunked_transfer_encoding) {
    headersOut.contentLength = -1;
    output.chunked = true;
  } else if (headersOut.contentLength === -1) {
    r.keepalive = false;
  }
}

function headText(r: HttpRequest, c: Http1Connection): string {
  const { headersOut } = r;
  const { core } = r.loc;
  const { status, list } = headersOut;
  let text =
    headersOut.statusLine === '' && list.length === 0 && !headersOut.noServer && !headersOut.noDate
      ? startOf(status, core.server_tokens)
      : start(r);
  if (headersOut.contentType !== '') {
    if (headersOut.charset !== '') headersOut.contentType += `; charset=${headersOut.charset}`;
    text += `Content-Type: ${headersOut.contentType}\r\n`;
  }
  if (headersOut.contentLength !== -1) text += `Content-Length: ${headersOut.contentLength}\r\n`;
  if (headersOut.lastModified !== -1 && (status === 200 || status === 206 || status === 304)) {
    text += `Last-Modified: ${httpTime(Math.floor(headersOut.lastModified / 1000))}\r\n`;
  }
  const absolute = headersOut.location.charCodeAt(0) === SLASH && core.absolute_redirect;
  if (absolute) headersOut.location = absoluteLocation(r, c);
  const location = headersOut.location === '' ? '' : `Location: ${headersOut.location}\r\n`;
  if (absolute) text += location;
  if (c.output.chunked) text += 'Transfer-Encoding: chunked\r\n';
  if (status === 101) {
    text += 'Connection: upgrade\r\n';
  } else if (!r.keepalive) {
    text += 'Connection: close\r\n';
  } else {
    text += 'Connection: keep-alive\r\n';
    const { headerSeconds } = core.keepalive_timeout;
    if (headerSeconds !== 0) text += `Keep-Alive: timeout=${headerSeconds}\r\n`;
  }
  if (r.gzipVary && core.gzip_vary) text += 'Vary: Accept-Encoding\r\n';
  if (!absolute) text += location;
  const etagAt = headersOut.etag === '' ? -1 : Math.min(headersOut.etagAt, list.length);
  for (let i = 0; i < list.length; i += 2) {
    if (i === etagAt) text += `ETag: ${headersOut.etag}\r\n`;
    text += `${list[i]}: ${list[i + 1]}\r\n`;
  }
  if (etagAt === list.length) text += `ETag: ${headersOut.etag}\r\n`;
  return `${text}\r\n`;
}

/** The first lines of a head whose Server, Date or status line may come from elsewhere, such as an upstream. */
function start(r: HttpRequest): string {
  const { headersOut } = r;
  const { server_tokens: tokens } = r.loc.core;
  const hasServer = headersOut.get('server') !== undefined;
  const hasDate = headersOut.get('date') !== undefined;
  const usual = headersOut.statusLine === '' || isUsual(headersOut.status, headersOut.statusLine);
  const { noServer, noDate } = headersOut;
  if (usual && !hasServer && !hasDate && !noServer && !noDate) return startOf(headersOut.status, tokens);
  let text =
    headersOut.statusLine === '' ? statusLine(headersOut.status) : `HTTP/1.1 ${headersOut.statusLine}\r\n`;
  if (!hasServer && !noServer) text += SERVERS[tokens];
  if (!hasDate && !noDate) text += `Date: ${second().http}\r\n`;
  return text;
}

/** "200 OK", but for its number: an upstream's words are mostly nginx's. */
function isUsual(status: number, line: string): boolean {
  const reason = REASONS[status];
  return status >= 100 && reason !== undefined && line.length === reason.length + 4 && line.endsWith(reason);
}

function absoluteLocation(r: HttpRequest, c: Http1Connection): string {
  const { core } = r.loc;
  let host = core.server_name_in_redirect ? r.server.name : r.host;
  if (host === '' && !core.server_name_in_redirect) host = c.localAddr;
  const secure = c.https !== '';
  const port = core.port_in_redirect && c.localPort !== (secure ? 443 : 80) ? c.localPort : 0;
  return `http${secure ? 's' : ''}://${host}${port === 0 ? '' : `:${port}`}${r.headersOut.location}`;
}

function lastChunk(headersOut: HeadersOut): string {
  const { trailers } = headersOut;
  if (trailers === null || trailers.length === 0) return '0\r\n\r\n';
  let text = '0\r\n';
  for (let i = 0; i < trailers.length; i += 2) text += `${trailers[i]}: ${trailers[i + 1]}\r\n`;
  return `${text}\r\n`;
}
