// A client that sends bytes as they are and reads answers as bytes: what a spec must be able to do and
// node:http does not allow (malformed requests, split writes, pipelining, the end of a connection).

import { connect, type Socket } from 'node:net';

export interface Write {
  readonly bytes: string;
  readonly delayMs: number;
}

interface ExchangeOptions {
  readonly host: string;
  readonly port: number;
  readonly writes: readonly Write[];
  /** Longest silence of the server. */
  readonly timeoutMs: number;
  /** Close our side of the connection when everything is sent. */
  readonly shutdown: boolean;
}

type Ending = 'closed' | 'reset' | 'refused' | 'timeout';

export interface Exchange {
  readonly bytes: string;
  readonly ending: Ending;
}

export interface Response {
  readonly status: number;
  /** Status line and header lines as they came, up to the empty line. */
  readonly rawHead: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  readonly trailers: readonly (readonly [name: string, value: string])[];
  /** How the framing is broken, in words; undefined where it is not. */
  readonly fault: string | undefined;
  /** True where only the body's announced length was not reached. */
  readonly truncated: boolean;
  /** The offset after the response. */
  readonly end: number;
}

/** Sends everything, then reads until the server closes or keeps silent for too long. */
export function exchange(options: ExchangeOptions): Promise<Exchange> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect({ host: options.host, port: options.port, allowHalfOpen: true });
    let settled = false;
    socket.setNoDelay(true);
    socket.setTimeout(options.timeoutMs, () => settle('timeout'));
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('end', () => settle('closed'));
    socket.on('close', () => settle('closed'));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') return; // the server may still have answered: read on
      settle(error.code === 'ECONNREFUSED' ? 'refused' : 'reset');
    });
    socket.on('connect', () => {
      void sendAll(socket, options.writes).then(() => {
        if (options.shutdown) socket.end();
      });
    });

    function settle(ending: Ending): void {
      if (settled) return;
      settled = true;
      socket.destroy();
      resolve({ bytes: Buffer.concat(chunks).toString('latin1'), ending });
    }
  });
}

async function sendAll(socket: Socket, writes: readonly Write[]): Promise<void> {
  for (const write of writes) {
    if (write.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, write.delayMs));
    if (socket.destroyed) return;
    socket.write(write.bytes, 'latin1');
  }
}

/** Reads one response that begins at `start`; undefined where no complete head stands there. */
export function parseResponse(bytes: string, start: number, isHead: boolean): Response | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n', start);
  if (headEnd === -1) return undefined;
  const rawHead = bytes.slice(start, headEnd + 2);
  const lines = rawHead.split('\r\n');
  const statusLine = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(lines[0] ?? '');
  const headers = parseFields(lines.slice(1));
  const status = Number(statusLine?.[1] ?? 0);
  const bodyStart = headEnd + 4;
  const head = { status, rawHead, headers };
  if (statusLine === null) return broken(head, bytes, bodyStart, `malformed status line "${lines[0]}"`);
  for (const line of lines.slice(1, -1)) {
    if (!/^[!#$%&'*+.^_`|~\w-]+:/.test(line))
      return broken(head, bytes, bodyStart, `malformed header line "${line}"`);
  }

  const lengths = valuesOf(headers, 'content-length');
  const codings = valuesOf(headers, 'transfer-encoding');
  if (lengths.length + codings.length > 1) {
    return broken(head, bytes, bodyStart, 'more than one Content-Length or Transfer-Encoding');
  }
  if (isHead || status < 200 || status === 204 || status === 304) {
    return { ...head, body: '', trailers: [], fault: undefined, truncated: false, end: bodyStart };
  }
  if (codings.length === 1) return parseChunked(head, bytes, bodyStart, codings[0] ?? '');
  if (lengths.length === 0) {
    const body = bytes.slice(bodyStart);
    return { ...head, body, trailers: [], fault: undefined, truncated: false, end: bytes.length };
  }
  if (!/^\d+$/.test(lengths[0] ?? ''))
    return broken(head, bytes, bodyStart, `Content-Length "${lengths[0]}"`);
  const length = Number(lengths[0]);
  const body = bytes.slice(bodyStart, bodyStart + length);
  const truncated = body.length < length;
  const fault = truncated ? `the body ends after ${body.length} of ${length} bytes` : undefined;
  return { ...head, body, trailers: [], fault, truncated, end: bodyStart + body.length };
}

type Head = Pick<Response, 'status' | 'rawHead' | 'headers'>;

function parseChunked(head: Head, bytes: string, start: number, coding: string): Response {
  if (coding !== 'chunked') return broken(head, bytes, start, `Transfer-Encoding "${coding}"`);
  let body = '';
  let at = start;
  for (;;) {
    const eol = bytes.indexOf('\r\n', at);
    if (eol === -1) return { ...broken(head, bytes, at, 'the chunked body is not ended'), body };
    const size = bytes.slice(at, eol);
    if (!/^[0-9a-f]+$/i.test(size))
      return { ...broken(head, bytes, at, `malformed chunk size "${size}"`), body };
    const length = Number.parseInt(size, 16);
    at = eol + 2;
    if (length === 0) break;
    body += bytes.slice(at, at + length);
    at += length;
    if (bytes.slice(at, at + 2) !== '\r\n') {
      return { ...broken(head, bytes, Math.min(at, bytes.length), 'a chunk is not ended by CRLF'), body };
    }
    at += 2;
  }
  const trailersEnd = bytes.startsWith('\r\n', at) ? at : bytes.indexOf('\r\n\r\n', at) + 2;
  if (trailersEnd < at) return { ...broken(head, bytes, at, 'the trailers are not ended'), body };
  const trailers = parseFields(bytes.slice(at, trailersEnd).split('\r\n'));
  return { ...head, body, trailers, fault: undefined, truncated: false, end: trailersEnd + 2 };
}

/** What follows cannot be framed any more: all of it is the body. */
function broken(head: Head, bytes: string, start: number, fault: string): Response {
  const body = bytes.slice(start);
  return { ...head, body, trailers: [], fault, truncated: false, end: bytes.length };
}

function parseFields(lines: readonly string[]): [string, string][] {
  const fields: [string, string][] = [];
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.push([line.slice(0, colon), line.slice(colon + 1).trim()]);
  }
  return fields;
}

export function valuesOf(headers: Response['headers'], name: string): string[] {
  const wanted = name.toLowerCase();
  return headers.filter(([key]) => key.toLowerCase() === wanted).map(([, value]) => value);
}
