// The variables of nginx's http core. Their getters answer undefined where nginx has no value ("-" in a log). Missing are
// the $tcpinfo_ ones, as in an nginx built where the system does not tell: Node does not either.

import { randomFillSync } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { hostname } from 'node:os';
import { addressBytes } from '../core/cidr.ts';
import { diskPath } from '../core/disk_path.ts';
import { errorText } from '../core/errno.ts';
import { tlvOf } from '../core/proxy_protocol.ts';
import { parseSize } from '../core/sizes.ts';
import { httpTime, second } from '../core/times.ts';
import { NGINX_VERSION } from '../core/version.ts';
import { basicUser } from './basic_credentials.ts';
import { UNKNOWN } from './headers.ts';
import { logError } from './log.ts';
import type { HttpVariable, VariableFamily } from './module.ts';
import { mapUriToPath, rootPath } from './path.ts';
import { HTTP_09, HTTP_11, type HttpRequest } from './request.ts';

const HOSTNAME = hostname().toLowerCase();
const PID = String(process.pid);

export const coreVariables: Readonly<Record<string, HttpVariable | VariableFamily>> = {
  // the request line
  request: { get: (r) => r.requestLine || undefined },
  request_method: { get: (r) => r.main.method || undefined, volatile: true },
  request_uri: { get: (r) => r.unparsedUri || undefined },
  server_protocol: { get: serverProtocol },
  uri: { get: (r) => r.uri, volatile: true },
  document_uri: { get: (r) => r.uri, volatile: true },
  args: { get: getArgs, set: setArgs, changeable: true, volatile: true },
  query_string: { get: getArgs, volatile: true },
  is_args: { get: (r) => (r.args === '' ? '' : '?'), volatile: true },
  arg_: { family: argument },
  request_port: { get: (r) => r.requestPort },
  is_request_port: { get: (r) => (r.requestPort === '' ? '' : ':') },

  // its headers
  host: { get: (r) => (r.host === '' ? r.server.name : r.host), volatile: true }, // scripts may set the header
  http_: { family: headerIn },
  http_cookie: { get: (r) => r.headersIn.joined('cookie', '; ') },
  cookie_: { family: cookie },
  content_type: { get: (r) => r.headersIn.joined('content-type') },
  content_length: { get: contentLength, volatile: true }, // that of chunks is known when they are read
  remote_user: { get: basicUser },

  // its body
  request_body: { get: requestBody },
  request_body_file: { get: (r) => r.body?.file ?? undefined },
  request_length: { get: (r) => String(r.main.requestLength), volatile: true },

  // the file
  document_root: { get: rootPath, volatile: true },
  realpath_root: { get: realpathRoot, volatile: true },
  request_filename: { get: (r) => mapUriToPath(r) ?? undefined, volatile: true },

  // the connection
  remote_addr: { get: (r) => r.connection.remoteAddr },
  remote_port: { get: (r) => portText(r.connection.remotePort) },
  binary_remote_addr: { get: (r) => addressBytes(r.connection.remoteAddr) ?? r.connection.remoteAddr },
  server_addr: { get: (r) => r.connection.localAddr },
  server_port: { get: (r) => portText(r.connection.localPort) },
  server_name: { get: (r) => r.server.name },
  scheme: { get: (r) => (r.connection.https === '' ? 'http' : 'https') },
  https: { get: (r) => r.connection.https },
  connection: { get: (r) => String(r.connection.id) },
  connection_requests: { get: (r) => String(r.connection.requests) },
  connection_time: { get: (r) => seconds(Date.now() - r.connection.startTime), volatile: true },
  pipe: { get: (r) => (r.pipelined ? 'p' : '.') },
  proxy_protocol_addr: { get: (r) => r.connection.proxyProtocol?.sourceAddr },
  proxy_protocol_port: { get: (r) => proxyPort(r, 'sourcePort') },
  proxy_protocol_server_addr: { get: (r) => r.connection.proxyProtocol?.serverAddr },
  proxy_protocol_server_port: { get: (r) => proxyPort(r, 'serverPort') },
  proxy_protocol_tlv_: { family: (suffix) => ({ get: (r) => proxyTlv(r, suffix) }) },

  // the response
  status: { get: status, volatile: true },
  bytes_sent: { get: (r) => String(r.main.bytesSent) },
  body_bytes_sent: { get: (r) => String(r.main.bodyBytesSent) },
  request_completion: { get: (r) => ((r.outputDone || r.cutShort) && !r.aborted ? 'OK' : '') },
  request_time: { get: (r) => seconds(Date.now() - r.startTime), volatile: true },
  request_id: { get: requestId },
  limit_rate: {
    get: (r) => (r.limitRate > 0 ? String(r.limitRate) : '0'),
    set: setLimitRate,
    changeable: true,
    volatile: true,
  },
  sent_http_: { family: headerOut },
  sent_http_content_type: { get: (r) => r.headersOut.contentType || undefined },
  sent_http_content_length: { get: sentContentLength },
  sent_http_location: { get: (r) => r.headersOut.location || joinedHeader(r.headersOut.list, 'location') },
  sent_http_last_modified: { get: sentLastModified },
  sent_http_etag: { get: (r) => r.headersOut.etag || joinedHeader(r.headersOut.list, 'etag') },
  sent_http_connection: { get: sentConnection },
  sent_http_keep_alive: { get: sentKeepAlive },
  sent_http_transfer_encoding: { get: sentTransferEncoding },
  sent_trailer_: { family: (suffix) => ({ get: (r) => joinedHeader(r.headersOut.trailers, suffix) }) },

  // the server
  nginx_version: { get: () => NGINX_VERSION },
  hostname: { get: () => HOSTNAME },
  pid: { get: () => PID },
  msec: { get: () => seconds(Date.now()), volatile: true },
  time_iso8601: { get: () => second().iso8601, volatile: true },
  time_local: { get: () => second().accessLog, volatile: true },
};

/** `12.345`: nginx's seconds with milliseconds. */
export function seconds(ms: number): string {
  const positive = Math.max(ms, 0);
  const whole = Math.floor(positive / 1000);
  const rest = Math.floor(positive - whole * 1000);
  return `${whole}.${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}`;
}

export function portText(port: number): string {
  return port > 0 ? String(port) : '';
}

function proxyPort(r: HttpRequest, whose: 'sourcePort' | 'serverPort'): string | undefined {
  const { proxyProtocol } = r.connection;
  return proxyProtocol === null ? undefined : portText(proxyProtocol[whose]);
}

function proxyTlv(r: HttpRequest, name: string): string | undefined {
  const { proxyProtocol } = r.connection;
  if (proxyProtocol === null) return undefined;
  return tlvOf(proxyProtocol.tlvs, name, (message) => logError(r, 'error', message));
}

function serverProtocol(r: HttpRequest): string | undefined {
  const { httpVersion } = r;
  if (httpVersion === HTTP_09) return undefined;
  // As it was sent: "HTTP/1.00", and with the spaces behind it.
  const { requestLine } = r.main;
  return requestLine.slice(requestLine.lastIndexOf(' HTTP/') + 1);
}

function getArgs(r: HttpRequest): string | undefined {
  return r.args === '' && !r.argsSet ? undefined : r.args;
}

function setArgs(r: HttpRequest, value: string): void {
  r.args = value;
  r.argsSet = true;
  r.validUnparsedUri = false;
}

/** $arg_name: the first argument of that name, whatever its case, as it came. */
function argument(suffix: string): HttpVariable {
  const name = suffix.toLowerCase();
  return {
    get: (r) => (r.args === '' || name === '' ? undefined : argumentOf(r.args, name)),
    volatile: true,
  };
}

/** The value of the first argument called `name` (lower case), not decoded. */
export function argumentOf(args: string, name: string): string | undefined {
  for (let from = 0; from < args.length; ) {
    let to = args.indexOf('&', from);
    if (to === -1) to = args.length;
    const value = from + name.length + 1;
    if (
      value <= to &&
      args.charCodeAt(value - 1) === 61 &&
      args.slice(from, value - 1).toLowerCase() === name
    ) {
      return args.slice(value, to);
    }
    from = to + 1;
  }
  return undefined;
}

function headerIn(suffix: string): HttpVariable {
  const name = suffix.toLowerCase();
  return { get: (r) => r.headersIn.joined(name, ', ', true) };
}

function cookie(suffix: string): HttpVariable {
  const name = suffix.toLowerCase();
  return { get: (r) => cookieOf(r, name) };
}

/** The value of a cookie, whatever the case of its name (given in lower case). */
function cookieOf(r: HttpRequest, name: string): string | undefined {
  const headers = r.headersIn;
  for (let i = headers.find('cookie'); i !== -1; i = headers.find('cookie', i + 1)) {
    const found = cookieIn(headers.value(i), name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** As cookieOf, in one Cookie header. */
export function cookieIn(line: string, name: string): string | undefined {
  for (const part of line.split(';')) {
    const equals = part.indexOf('=');
    if (equals === -1) continue;
    if (part.slice(0, equals).trim().toLowerCase() === name) return part.slice(equals + 1).trimStart();
  }
  return undefined;
}

function contentLength(r: HttpRequest): string | undefined {
  const text = r.headersIn.get('content-length');
  if (text !== undefined) return text;
  return r.contentLength >= 0 ? String(r.contentLength) : undefined;
}

function requestBody(r: HttpRequest): string | undefined {
  const chunks = r.body?.chunks;
  if (chunks === undefined || chunks === null || chunks.length === 0) return undefined;
  if (chunks.length === 1) return chunks[0]?.toString('latin1');
  return Buffer.concat(chunks).toString('latin1');
}

function realpathRoot(r: HttpRequest): string | undefined {
  const path = rootPath(r);
  try {
    return realpathSync.native(diskPath(path), 'buffer').toString('latin1');
  } catch (e) {
    logError(r, 'crit', `realpath() "${path}" failed ${errorText(e)}`);
    return undefined;
  }
}

function status(r: HttpRequest): string {
  const code = r.errorStatus || r.headersOut.status || (r.httpVersion === HTTP_09 ? 9 : 0);
  return code > 99 ? String(code) : String(code).padStart(3, '0');
}

const RANDOM = Buffer.alloc(4096);
let randomUsed = RANDOM.length;

function requestId(r: HttpRequest): string {
  const { main } = r;
  if (main.requestId === '') {
    if (randomUsed === RANDOM.length) {
      randomFillSync(RANDOM);
      randomUsed = 0;
    }
    main.requestId = RANDOM.toString('hex', randomUsed, randomUsed + 16);
    randomUsed += 16;
  }
  return main.requestId;
}

function setLimitRate(r: HttpRequest, value: string): void {
  const rate = parseSize(value);
  if (rate === -1) logError(r, 'error', `invalid $limit_rate "${value}"`);
  else r.limitRate = rate;
}

function headerOut(suffix: string): HttpVariable {
  const name = suffix.toLowerCase();
  return { get: (r) => joinedHeader(r.headersOut.list, name) };
}

/** The values of `name` (lower case, `_` for `-`) in a list of names and values. */
export function joinedHeader(list: readonly string[] | null | undefined, name: string): string | undefined {
  if (list === null || list === undefined) return undefined;
  let out: string | undefined;
  for (let i = 0; i < list.length; i += 2) {
    const own = list[i] as string;
    if (own.length !== name.length || own.toLowerCase().replaceAll('-', '_') !== name) continue;
    out = out === undefined ? list[i + 1] : `${out}, ${list[i + 1]}`;
  }
  return out;
}

function sentContentLength(r: HttpRequest): string | undefined {
  const { contentLength: length } = r.headersOut;
  return length === UNKNOWN ? undefined : String(length);
}

function sentLastModified(r: HttpRequest): string | undefined {
  const { lastModified } = r.headersOut;
  if (lastModified !== UNKNOWN) return httpTime(Math.floor(lastModified / 1000));
  return joinedHeader(r.headersOut.list, 'last_modified');
}

export function sentConnection(r: HttpRequest): string {
  if (r.headersOut.status === 101) return 'upgrade';
  return r.keepalive ? 'keep-alive' : 'close';
}

function sentKeepAlive(r: HttpRequest): string | undefined {
  const { headerSeconds } = r.loc.core.keepalive_timeout;
  return r.keepalive && headerSeconds > 0 ? `timeout=${headerSeconds}` : undefined;
}

export function sentTransferEncoding(r: HttpRequest): string | undefined {
  const chunked =
    r.headerSent &&
    !r.headerOnly &&
    r.httpVersion === HTTP_11 &&
    r.headersOut.contentLength === UNKNOWN &&
    r.loc.core.chunked_transfer_encoding;
  return chunked ? 'chunked' : undefined;
}
