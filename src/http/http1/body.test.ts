import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { finalize } from '../engine.ts';
import { sendText } from '../output.ts';
import { AGAIN, DONE, OK, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import { Chunked } from './chunked.ts';
import { answers, type TestHandler, testClient, testServer, withoutDate } from './testing.ts';

const directory = mkdtempSync(join(tmpdir(), 'body-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** Where the last body was read to. */
let file: string | null = null;

function bodyText(r: HttpRequest): string {
  file = r.body?.file ?? null;
  if (file !== null) return readFileSync(file, 'latin1');
  return Buffer.concat(r.body?.chunks ?? []).toString('latin1');
}

function answer(r: HttpRequest, rc: Rc): void {
  finalize(r, rc === OK ? sendText(r, 200, `<${bodyText(r)}>${r.body?.length}/${r.contentLength}`) : rc);
}

let pieces: string[] = [];

const handlers: Readonly<Record<string, TestHandler>> = {
  read(r) {
    if (r.bodyReader === null) return sendText(r, 200, 'no body');
    r.bodyReader.read(r, answer);
    return DONE;
  },
  late(r) {
    setImmediate(() => r.bodyReader?.read(r, answer));
    return AGAIN;
  },
  stream(r) {
    pieces = [];
    const take = (_r: HttpRequest, data: Buffer, last: boolean): void => {
      pieces.push(data.toString('latin1') + (last ? '!' : ''));
      if (last) finalize(r, sendText(r, 200, pieces.join('|')));
      else r.bodyReader?.more(r);
    };
    r.bodyReader?.stream(r, take, finalize);
    return DONE;
  },
  stop(r) {
    const take = (): void => finalize(r, sendText(r, 200, 'stopped'));
    r.bodyReader?.stream(r, take, finalize);
    return DONE;
  },
  drop: (r) => sendText(r, 200, 'dropped'),
  ignore(r) {
    r.headersOut.status = 200;
    r.headersOut.contentLength = 0;
    return 204;
  },
};

const CONF = `
  client_max_body_size 100k; client_body_temp_path ${directory};
  server { listen 80; keepalive_timeout 75;
    location /read { test_handler read; }
    location /small { test_handler read; client_body_buffer_size 1k; }
    location /file { test_handler read; client_body_in_file_only clean; }
    location /keep { test_handler read; client_body_in_file_only on; }
    location /levels { test_handler read; client_body_in_file_only clean; client_body_temp_path ${directory}/l 1 2; }
    location /late { test_handler late; }
    location /stream { test_handler stream; }
    location /stop { test_handler stop; }
    location /drop { test_handler drop; }
    location /ignore { test_handler ignore; }
    location /next { return 200 "next"; }
  }`;

const NEXT = 'GET /next HTTP/1.1\r\nHost: a\r\n\r\n';
const counted = (uri: string, body: string, headers = ''): string =>
  `POST ${uri} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n${headers}\r\n${body}`;
const chunked = (uri: string, body: string, headers = ''): string =>
  `POST ${uri} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n${headers}\r\n${body}`;

/** The answers' statuses and bodies. */
function outcome(parts: readonly (string | Buffer)[]): string {
  const text = answers(testServer(CONF, handlers), parts);
  const found = [...text.matchAll(/HTTP\/1\.1 (\d+).*?\r\n\r\n([^H]*)/gs)];
  return found
    .map(([, status, body]) => `${status} ${body?.startsWith('<html') ? '' : body}`.trim())
    .join(', ');
}

describe('a body', () => {
  test.each([
    [counted('/read', 'hello'), '200 <hello>5/5'],
    [counted('/read', ''), '200 no body'],
    ['POST /read HTTP/1.1\r\nHost: a\r\n\r\n', '200 no body'],
    [chunked('/read', '5\r\nhello\r\n0\r\n\r\n'), '200 <hello>5/5'],
    [chunked('/read', '0\r\n\r\n'), '200 <>0/0'],
    [
      chunked('/read', '00a ;x="y"\r\n0123456789\r\n1\r\na\r\n0\t\r\nA: b\r\nC: d\r\n\r\n'),
      '200 <0123456789a>11/11',
    ],
    [counted('/stream', 'hello'), '200 hello!'],
    [chunked('/stream', '2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n'), '200 he|llo|!'],
    [counted('/drop', 'hello'), '200 dropped'],
    [chunked('/drop', '5\r\nhello\r\n0\r\n\r\n'), '200 dropped'],
    [counted('/ignore', 'hello'), '204'],
    [chunked('/ignore', '5\r\nhello\r\n0\r\n\r\n'), '204'],
  ])('%j', (text, expected) => {
    expect(outcome([text + NEXT])).toBe(`${expected}, 200 next`);
  });

  test.each([
    [counted('/read', 'hello'), '200 <hello>5/5'],
    [chunked('/read', '5;x\r\nhello\r\n0\r\nA: b\r\n\r\n'), '200 <hello>5/5'],
    [counted('/drop', 'hello'), '200 dropped'],
    [chunked('/drop', '5\r\nhello\r\n0\r\n\r\n'), '200 dropped'],
    [chunked('/ignore', '5\r\nhello\r\n0\r\n\r\n'), '204'],
  ])('%j however it is split', (text, expected) => {
    const all = text + NEXT;
    for (let i = 1; i < all.length; i++) {
      expect(outcome([all.slice(0, i), all.slice(i)])).toBe(`${expected}, 200 next`);
    }
    expect(outcome([...all])).toBe(`${expected}, 200 next`);
  });

  test.each([counted('/stream', 'hello'), chunked('/stream', '5;x\r\nhello\r\n0\r\nA: b\r\n\r\n')])(
    '%j in pieces however it is split',
    (text) => {
      const all = text + NEXT;
      for (let i = 1; i < all.length; i++) {
        expect(outcome([all.slice(0, i), all.slice(i)])).toMatch(/ 200 next$/);
        expect(pieces.join('')).toBe('hello!');
      }
    },
  );
});

describe('what is not chunked', () => {
  test.each([
    'x',
    ' 5\r\nhello\r\n0\r\n\r\n',
    '\r\n',
    ';\r\n',
    '5\nhello\r\n0\r\n\r\n',
    '5;a\nhello\r\n0\r\n\r\n',
    '5\r\nhello\n0\r\n\r\n',
    '5\r\nhello!\r\n0\r\n\r\n',
    '5\r\nhello\r\n0\n\r\n',
    '5\r\nhello\r\n0\r\nA: b\n\r\n',
    '5\r\nhello\r\n0\r\n\n',
    '5\r\rhello\r\n0\r\n\r\n',
    '-5\r\nhello\r\n0\r\n\r\n',
    '0x5\r\nhello\r\n0\r\n\r\n',
    'ffffffffffffffff\r\nhello\r\n0\r\n\r\n',
    '10000000000000000\r\nhello\r\n0\r\n\r\n',
  ])('%j', (body) => {
    const server = testServer(CONF, handlers);
    expect(answers(server, [chunked('/read', body) + NEXT])).toMatch(/^HTTP\/1.1 400 .*Connection: close/s);
    expect(server.lines.at(-1)).toContain('[error]');
    expect(server.lines.at(-1)).toContain('client sent invalid chunked body');
    expect(outcome([chunked('/drop', body) + NEXT])).toBe('400');
    expect(outcome([chunked('/ignore', body) + NEXT])).toBe('204');
    expect(outcome([chunked('/read', ''), ...body, NEXT])).toBe('400');
  });

  test('a state between any two bytes can be kept', () => {
    const bytes = Buffer.from('3;a\r\nabc\r\n0\r\nT: r\r\n\r\n');
    const parser = new Chunked();
    const seen: number[] = [];
    let data = '';
    for (let i = 0; i < bytes.length; i++) {
      const rc = parser.parse(bytes.subarray(i, i + 1), 0);
      if (rc === OK) {
        data += String.fromCharCode(bytes[i] as number);
        parser.size--;
      }
      seen.push(rc);
    }
    expect(data).toBe('abc');
    expect(seen.at(-1)).toBe(DONE);
    expect(seen.slice(0, -1).every((rc) => rc === OK || rc === AGAIN)).toBe(true);
  });
});

describe('client_max_body_size', () => {
  test('is checked before the body is read', () => {
    const server = testServer(CONF, handlers);
    const head = 'POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 102401\r\nExpect: 100-continue\r\n\r\n';
    expect(answers(server, [head])).toMatch(/^HTTP\/1.1 413 /);
    expect(server.lines[0]).toContain('client intended to send too large body: 102401 bytes');
    expect(outcome([counted('/read', 'x'.repeat(102400)).slice(0, 5000)])).toBe('');
  });

  test('holds for what comes in chunks', () => {
    const server = testServer(CONF, handlers);
    const body = `19000\r\n${'x'.repeat(102400)}\r\n`;
    expect(answers(server, [chunked('/read', `${body}1\r\n`)])).toBe('');
    const text = answers(server, [chunked('/read', `${body}1\r\nx\r\n0\r\n\r\n`)]);
    expect(text).toMatch(/^HTTP\/1.1 413 .*Connection: close/s);
    expect(server.lines.at(-1)).toContain('client intended to send too large chunked body: 102400+1 bytes');
    expect(answers(server, [chunked('/read', `${body}0\r\n\r\n`)])).toMatch(/^HTTP\/1.1 200 /);
    expect(answers(server, [chunked('/drop', `${body}1\r\nx\r\n0\r\n\r\n`)])).toMatch(/^HTTP\/1.1 200 /);
  });
});

describe('a temporary file', () => {
  const body = 'a'.repeat(700) + 'b'.repeat(700) + 'c'.repeat(600);

  test('takes what does not fit into the buffer', () => {
    const server = testServer(CONF, handlers);
    const text = counted('/small', body);
    const parts = [text.slice(0, 80), text.slice(80, 500), text.slice(500, 1500), text.slice(1500), NEXT];
    expect(answers(server, parts)).toContain(`<${body}>2000/2000`);
    expect(file).toMatch(/^\/.*\/[0-9]{10}$/);
    expect(server.lines[0]).toBe(
      `[warn] *${/\*(\d+)/.exec(server.lines[0] ?? '')?.[1]} a client request body is buffered to a temporary file ${file}` +
        ', client: 127.0.0.1, server: , request: "POST /small HTTP/1.1", host: "a"',
    );
  });

  test('takes what comes in chunks', () => {
    const text = chunked('/small', `7d0\r\n${body}\r\n0\r\n\r\n`);
    expect(outcome([text.slice(0, 80), text.slice(80, 900), text.slice(900, 1600), text.slice(1600)])).toBe(
      `200 <${body}>2000/2000`,
    );
    expect(file).not.toBeNull();
  });

  test('takes what nginx could not have read with the head, though it came with it', () => {
    expect(outcome([counted('/small', body)])).toBe(`200 <${body}>2000/2000`);
    expect(file).toBeNull();
    expect(outcome([counted('/small', body + body)])).toBe(`200 <${body}${body}>4000/4000`);
    expect(file).not.toBeNull();
    expect(outcome([chunked('/small', `7d0\r\n${body}\r\n0\r\n\r\n`)])).toBe(`200 <${body}>2000/2000`);
    expect(file).not.toBeNull();
  });

  test('is not needed for a little more than the buffer', () => {
    const text = counted('/small', body.slice(0, 1279));
    expect(outcome([text.slice(0, 80), ...(text.slice(80).match(/.{1,300}/gs) ?? [])])).toBe(
      `200 <${body.slice(0, 1279)}>1279/1279`,
    );
    expect(file).toBeNull();
    const more = counted('/small', body.slice(0, 1280));
    const head = more.indexOf('a'.repeat(9));
    outcome([more.slice(0, head), ...(more.slice(head).match(/.{1,300}/gs) ?? [])]);
    expect(file).not.toBeNull();
  });

  test('is removed with the request, unless it is to be kept', async () => {
    const server = testServer(CONF, handlers);
    expect(answers(server, [counted('/file', 'hello')])).toContain('<hello>5/5');
    const removed = file as unknown as string;
    expect(server.lines[0]).toContain('[notice]');
    expect(answers(server, [counted('/keep', 'kept')])).toContain('<kept>4/4');
    expect(readFileSync(file as unknown as string, 'latin1')).toBe('kept');
    await expect.poll(() => readdirSync(directory).includes(removed.slice(-10))).toBe(false);
  });

  test('lies in directories that are made of its number', () => {
    expect(outcome([counted('/levels', 'hello')])).toBe('200 <hello>5/5');
    const [, first, second, number] = /\/l\/(\d)\/(\d\d)\/(\d{10})$/.exec(file ?? '') ?? [];
    expect(number?.slice(-1)).toBe(first);
    expect(number?.slice(-3, -1)).toBe(second);
  });
});

describe('Expect: 100-continue', () => {
  const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
  const head = (uri: string, version = '1.1', expectation = '100-continue'): string =>
    `POST ${uri} HTTP/${version}\r\nHost: a\r\nContent-Length: 5\r\nExpect: ${expectation}\r\n\r\n`;

  test('is answered when somebody wants the body', () => {
    const { socket, send } = testClient(testServer(CONF, handlers));
    send(head('/read', '1.1', '100-Continue'));
    expect(socket.sent).toBe(CONTINUE);
    send('hello');
    expect(socket.sent).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK\r\n.*<hello>5\/5$/s);
  });

  test.each([
    ['dropped', head('/drop'), true],
    ['streamed', head('/stream'), true],
    ['read, of HTTP/1.0', head('/read', '1.0'), false],
    ['read, with another expectation', head('/read', '1.1', '101-continue'), false],
    ['not wanted', head('/none'), false],
  ])('a body %s', (_name, text, answered) => {
    const { socket, send } = testClient(testServer(CONF, handlers));
    send(text);
    expect(socket.sent.startsWith(CONTINUE)).toBe(answered);
    send('hello');
    expect(socket.sent.split(CONTINUE).length).toBe(answered ? 2 : 1);
  });

  test('is answered before a request without a body too', () => {
    const { socket, send } = testClient(testServer(CONF, handlers));
    send('GET /drop HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n');
    expect(socket.sent.startsWith(CONTINUE)).toBe(true);
  });
});

describe('while nobody reads', () => {
  test('the socket is not read either, and what has come is kept', async () => {
    const { socket, send } = testClient(testServer(CONF, handlers));
    send(`${counted('/late', 'hello').slice(0, -4)}`);
    send('el');
    expect(socket.paused).toBe(true);
    await new Promise(setImmediate);
    expect(socket.paused).toBe(false);
    send(`lo${NEXT}`);
    expect(withoutDate(socket.sent)).toMatch(/<hello>5\/5HTTP.*next$/s);
  });

  test('a reader of pieces gets the next when it asks', () => {
    const steps: string[] = [];
    let request: HttpRequest | null = null;
    const server = testServer(CONF, {
      ...handlers,
      stream(r) {
        request = r;
        const take = (_r: HttpRequest, data: Buffer, last: boolean): void => {
          steps.push(data.toString('latin1') + (last ? '!' : ''));
        };
        r.bodyReader?.stream(r, take, finalize);
        return DONE;
      },
    });
    const { socket, send } = testClient(server);
    send(chunked('/stream', '2\r\nab\r\n2\r\ncd\r\n'));
    expect(steps).toEqual(['ab']);
    expect(socket.paused).toBe(true);
    const r = request as unknown as HttpRequest;
    r.bodyReader?.more(r);
    expect(steps).toEqual(['ab', 'cd']);
    r.bodyReader?.more(r);
    expect(socket.paused).toBe(false);
    send('0\r\n\r\n');
    expect(steps).toEqual(['ab', 'cd', '!']);
    expect(r.bodyReader).toBeNull();
  });

  test('a reader who stops in the middle ends the connection', () => {
    const { socket, send } = testClient(testServer(CONF, handlers));
    send(counted('/stop', 'hello').slice(0, -3));
    expect(withoutDate(socket.sent)).toMatch(/stopped$/);
    expect(socket.ended).toBe(true);
    expect(socket.paused).toBe(false);
    send(`llo${NEXT}`);
    expect(socket.sent).not.toContain('next');
    socket.end();
    expect(socket.destroyed).toBe(true);
  });
});

describe('a client that goes away in the middle of its body', () => {
  test.each(['/read', '/stream'])('%s', (uri) => {
    const server = testServer(CONF, handlers);
    const { socket, send } = testClient(server);
    send(counted(uri, 'hello').slice(0, -3));
    socket.end();
    expect(socket.sent).toBe('');
    expect(server.lines.at(-1)).toContain('[info]');
    expect(server.lines.at(-1)).toContain('client prematurely closed connection, client');
    expect(server.logged).toEqual([`POST ${uri} HTTP/1.1 400 0`]);
    expect(socket.destroyed).toBe(true);
  });
});

test('connections that read in turns keep their bodies apart, whatever the pieces', () => {
  const server = testServer(
    'server { listen 80; client_max_body_size 0; client_body_buffer_size 4m; location / { test_handler read; } }',
    handlers,
  );
  const clients = [...'abc'].map((letter) => ({ letter, body: '', ...testClient(server) }));
  const sizes = [1, 70_000, 20_000, 20_000, 500, 65_536, 16_384, 16_385, 3];
  const length = sizes.reduce((sum, size) => sum + size);
  for (const { send } of clients) send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`);
  for (const [i, size] of sizes.entries()) {
    for (const client of clients) {
      const piece = `${client.letter}${i}`.repeat(size).slice(0, size);
      client.body += piece;
      // The next request comes with the last piece.
      client.send(i === sizes.length - 1 ? `${piece}GET /next HTTP/1.1\r\nHost: a\r\n\r\n` : piece);
    }
  }
  for (const { socket, body } of clients) {
    expect(socket.sent).toContain(`<${body}>${length}/${length}`);
    expect(socket.sent).toMatch(/no body$/);
  }
});
