// Broken requests by the thousand, cut up at random, against the parser and the body reader. FUZZ_REQUESTS says how many,
// FUZZ_SEED where they start. What must hold: no fault of ours, no connection that is stuck, and exactly the requests
// that a second, slow and simple reading of the same bytes finds: none smuggled in.

import { expect, test } from 'vitest';
import { finalize } from '../engine.ts';
import { sendText } from '../output.ts';
import { DONE, OK, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import { type TestHandler, testClient, testServer } from './testing.ts';

const COUNT = Number(process.env.FUZZ_REQUESTS ?? 100_000);
const SEED = Number(process.env.FUZZ_SEED ?? 1);

/** mulberry32: small, and the same everywhere. */
function random(seed: number): (below: number) => number {
  let a = seed >>> 0;
  return (below) => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * below);
  };
}

const INNER = 'GET /smuggled HTTP/1.1\r\nHost: in\r\n\r\n';
const SEEDS = [
  'GET /a/b?c=d HTTP/1.1\r\nHost: a\r\nUser-Agent: x y\r\nAccept: */*\r\n\r\n',
  `POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: ${INNER.length}\r\n\r\n${INNER}`,
  `POST /drop HTTP/1.1\r\nHost: a\r\nContent-Length: ${INNER.length}\r\n\r\n${INNER}`,
  `POST /read HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${INNER.length.toString(16)}\r\n${INNER}\r\n0\r\n\r\n`,
  `POST /stream HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nT: r\r\n\r\n`,
  `POST /drop HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n${INNER}`,
  'POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  `GET http://b/x HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nab${INNER}`,
  'HEAD /%41/../b HTTP/1.1\nHost: a\nConnection: close\n\n',
  'GET /old\r\n',
];
const PIECES = [
  '\r\n',
  '\n',
  '\r',
  '\0',
  ' ',
  '\t',
  ':',
  ';',
  '0',
  '5',
  'ffffffffffffffff',
  '-1',
  '+5',
  '_',
  '\x0b',
  '\x80',
  '%00',
  '%2e',
  '//',
  '..',
  'chunked',
  'Content-Length: 5\r\n',
  'Content-Length: 0\r\n',
  'Content-length : 5\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding:\tchunked\r\n',
  'Transfer-Encoding: identity\r\n',
  'Transfer-Encoding:\r\n chunked\r\n',
  'X-Transfer-Encoding: chunked\r\n',
  'Host: b\r\n',
  'Expect: 100-continue\r\n',
  'HTTP/1.1',
  'HTTP/1.0',
  '0\r\n\r\n',
  INNER,
];

function mutated(next: (below: number) => number): string {
  let text = '';
  for (let i = next(2); i >= 0; i--) text += SEEDS[next(SEEDS.length)];
  for (let i = next(4); i >= 0; i--) {
    const at = next(text.length + 1);
    const piece = PIECES[next(PIECES.length)] as string;
    switch (next(5)) {
      case 0:
        text = text.slice(0, at) + piece + text.slice(at);
        break;
      case 1:
        text = text.slice(0, at) + text.slice(at + 1 + next(4));
        break;
      case 2:
        text = text.slice(0, at) + String.fromCharCode(next(256)) + text.slice(at + 1);
        break;
      case 3: {
        // before a line: where headers and chunk sizes are
        const line = text.indexOf('\n', at) + 1;
        text = text.slice(0, line) + piece + text.slice(line);
        break;
      }
      default:
        text = text.slice(0, at) + text.slice(at, at + next(40)) + text.slice(at);
    }
  }
  return text;
}

function pieces(text: string, next: (below: number) => number): string[] {
  const parts: string[] = [];
  for (let from = 0; from < text.length; ) {
    const size = 1 + next(next(3) === 0 ? 3 : text.length);
    parts.push(text.slice(from, from + size));
    from += size;
  }
  return parts;
}

/** The requests in a text, as `uri body`; an error ends it with `!`, what is not complete with `…`. */
function requestsIn(all: string): string[] {
  const found: string[] = [];
  let text = all;
  for (;;) {
    text = text.replace(/^[\r\n]+/, '');
    if (text === '') return found;
    const first =
      /^([A-Z_-]+) +(?:[A-Za-z][\w+.-]*:\/\/[^ /?]*)?([^ \r\n]*)(?: +HTTP\/1\.(\d{1,3}))? *\r?\n/.exec(text);
    if (first === null) return [...found, '?'];
    const [line, , path = '', minor] = first;
    const target = path === '' ? '/' : path;
    if (minor === undefined) return [...found, `${target} `];
    const head = /^(?:[^\n]*\n)*?\r?\n/.exec(text.slice(line.length));
    if (head === null) return [...found, '?'];
    const lines = head[0].split('\n').map((header) => header.replace(/\r+$/, ''));
    const values = (name: string): string[] =>
      lines.flatMap((header) => {
        const [, value] = new RegExp(`^${name}(?::|$) *(.*?) *$`, 'is').exec(header) ?? [];
        return value === undefined ? [] : [value];
      });
    if (lines.some((header) => header !== '' && /^[\0- :\x7f]|^[^:]*[\0- \x7f]|\0|\r/.test(header)))
      return [...found, '!'];
    const lengths = values('Content-Length');
    const encodings = values('Transfer-Encoding');
    const hosts = values('Host');
    if (lengths.length > 1 || encodings.length > 1 || hosts.length > 1 || values('Expect').length > 1)
      return [...found, '!'];
    const old = minor === '0' || minor === '00' || minor === '000';
    if ((!old && hosts.length === 0) || (lengths.length > 0 && !/^[0-9]+$/.test(lengths[0] as string))) {
      return [...found, '!'];
    }
    let rest = text.slice(line.length + head[0].length);
    let body = '';
    if (encodings.length > 0) {
      if (old || lengths.length > 0 || !/^chunked$/i.test(encodings[0] as string)) return [...found, '!'];
      for (;;) {
        const size = /^([0-9a-f]+)(?:[; \t][^\r\n]*|[; \t][^\n]*?)?\r\n/i.exec(rest);
        if (size === null) return [...found, `${target} ?`];
        const bytes = Number.parseInt(size[1] as string, 16);
        rest = rest.slice(size[0].length);
        if (bytes === 0) break;
        if (rest.length < bytes + 2 || rest.slice(bytes, bytes + 2) !== '\r\n')
          return [...found, `${target} ?`];
        body += rest.slice(0, bytes);
        rest = rest.slice(bytes + 2);
      }
      const trailers = /^(?:[^\r\n][^\r\n]*\r\n)*\r\n/.exec(rest);
      if (trailers === null) return [...found, `${target} ?`];
      rest = rest.slice(trailers[0].length);
    } else if (lengths.length > 0) {
      const bytes = Number(lengths[0]);
      if (rest.length < bytes) return [...found, `${target} ?`];
      body = rest.slice(0, bytes);
      rest = rest.slice(bytes);
    }
    found.push(`${target} ${body}`);
    const connection = values('Connection').map((value) => value.toLowerCase());
    const last = connection.findLast((value) => value.includes('close') || value.includes('keep-alive'));
    if (last === undefined ? old : last.includes('close')) return found;
    text = rest;
  }
}

/** What was run, in the same form; the body of those who were not interested is not known. */
let ran: string[] = [];

function done(r: HttpRequest, rc: Rc): void {
  if (rc === OK) ran.push(`${r.unparsedUri} ${Buffer.concat(r.body?.chunks ?? []).toString('latin1')}`);
  finalize(r, rc === OK ? sendText(r, 200, r.uri) : rc);
}

const handlers: Readonly<Record<string, TestHandler>> = {
  read(r) {
    if (r.bodyReader === null) {
      done(r, OK);
    } else {
      r.bodyReader.read(r, done);
    }
    return DONE;
  },
  stream(r) {
    let body = '';
    const take = (_r: HttpRequest, data: Buffer, last: boolean): void => {
      body += data.toString('latin1');
      if (!last) {
        r.bodyReader?.more(r);
        return;
      }
      ran.push(`${r.unparsedUri} ${body}`);
      finalize(r, sendText(r, 200, r.uri));
    };
    if (r.bodyReader === null) take(r, Buffer.alloc(0), true);
    else r.bodyReader.stream(r, take, finalize);
    return DONE;
  },
  drop(r) {
    ran.push(`${r.unparsedUri} *`);
    return sendText(r, 200, r.uri);
  },
};

const CONF = `client_max_body_size 0; server { listen 80; location / { test_handler read; }
  location /stream { test_handler stream; } location /drop { test_handler drop; } }`;

test(`${COUNT} requests from seed ${SEED}`, { timeout: 600_000 }, () => {
  const next = random(SEED);
  const server = testServer(CONF, handlers);
  let matched = 0;
  for (let i = 0; i < COUNT; i++) {
    const text = mutated(next);
    const parts = pieces(text, next);
    ran = [];
    server.lines.length = 0;
    const { socket, send, c } = testClient(server);
    for (const part of parts) send(part);
    const shown = JSON.stringify(parts);
    expect(
      server.lines.filter((line) => /\[(alert|crit|emerg)\]/.test(line)),
      shown,
    ).toEqual([]);

    const expected = requestsIn(text);
    for (const [n, request] of ran.entries()) {
      const wanted = expected[n] ?? '(none)';
      const [uri, body] = splitAt(request);
      const [wantedUri, wantedBody] = splitAt(wanted);
      if (uri !== wantedUri || (body !== '*' && body !== wantedBody)) {
        throw new Error(`${shown}\nran      ${JSON.stringify(ran)}\nexpected ${JSON.stringify(expected)}`);
      }
      matched++;
    }

    // Nobody is left waiting: when the client has gone, the connection goes too.
    if (!socket.destroyed) socket.end();
    expect(socket.destroyed, shown).toBe(true);
    expect(c.request, shown).toBeNull();
  }
  expect(matched).toBeGreaterThan(COUNT / 4);
});

function splitAt(request: string): [string, string] {
  const space = request.indexOf(' ');
  return [request.slice(0, space), request.slice(space + 1)];
}
