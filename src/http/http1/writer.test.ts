import { describe, expect, test } from 'vitest';
import { finalize } from '../engine.ts';
import { output, sendHeader } from '../output.ts';
import { DONE, OK } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import { answers, testClient, testServer, withoutDate } from './testing.ts';

let respond: (r: HttpRequest) => void = () => {};

const CONF = `
  server { listen 8080; server_name first.example second.example;
    location / { test_handler respond; }
    location /quiet { test_handler respond; server_tokens off; }
    location /relative { test_handler respond; absolute_redirect off; }
    location /portless { test_handler respond; port_in_redirect off; }
    location /named { test_handler respond; server_name_in_redirect on; }
    location /unchunked { test_handler respond; chunked_transfer_encoding off; }
  }`;

interface Wanted {
  readonly uri?: string;
  readonly method?: string;
  readonly version?: string;
  readonly host?: string;
  readonly body?: readonly (string | Buffer)[];
}

/** What is sent for a response that `set` prepares; the date is left out. */
function sent(set: (r: HttpRequest) => void, wanted: Wanted = {}): string {
  const { uri = '/', method = 'GET', version = '1.1', host = 'a.example:8080', body = ['body'] } = wanted;
  respond = (r) => {
    r.headersOut.status = 200;
    set(r);
    sendHeader(r);
    for (const [i, piece] of body.entries()) output(r, piece, i === body.length - 1);
  };
  const server = testServer(CONF, {
    respond(r) {
      respond(r);
      return OK;
    },
  });
  return answers(server, [`${method} ${uri} HTTP/${version}\r\nHost: ${host}\r\n\r\n`]);
}

const START = 'HTTP/1.1 200 OK\r\nServer: nginx/1.31.5\r\n';
const KEEP = 'Connection: keep-alive\r\n';
const CHUNKED = 'Transfer-Encoding: chunked\r\n';

describe('the head', () => {
  test('has its lines in this order', () => {
    const text = sent((r) => {
      const { headersOut } = r;
      headersOut.contentType = 'text/html';
      headersOut.charset = 'utf-8';
      headersOut.contentLength = 4;
      headersOut.lastModified = Date.UTC(2020, 0, 2, 3, 4, 5);
      headersOut.location = 'http://elsewhere/';
      headersOut.etag = '"x"';
      headersOut.add('X-A', '1');
      headersOut.add('X-B', '2');
    });
    expect(text).toBe(
      `${START}Content-Type: text/html; charset=utf-8\r\nContent-Length: 4\r\n` +
        `Last-Modified: Thu, 02 Jan 2020 03:04:05 GMT\r\n${KEEP}Location: http://elsewhere/\r\nETag: "x"\r\n` +
        'X-A: 1\r\nX-B: 2\r\n\r\nbody',
    );
  });

  test('has the present time', () => {
    const { socket, send } = testClient(testServer('server { listen 80; return 204; }'));
    const before = Math.floor(Date.now() / 1000);
    send('GET / HTTP/1.0\r\n\r\n');
    const date = Date.parse(/Date: (.*)\r\n/.exec(socket.sent)?.[1] ?? '') / 1000;
    expect(date).toBeGreaterThanOrEqual(before);
    expect(date).toBeLessThanOrEqual(Date.now() / 1000);
    expect(socket.sent).toBe(
      `HTTP/1.1 204 No Content\r\nServer: nginx/1.31.5\r\nDate: ${new Date(date * 1000).toUTCString()}\r\nConnection: close\r\n\r\n`,
    );
  });

  test.each([
    [201, '201 Created'],
    [203, '203 '],
    [206, '206 Partial Content'],
    [207, '207 '],
    [299, '299 '],
    [300, '300 '],
    [302, '302 Moved Temporarily'],
    [308, '308 Permanent Redirect'],
    [404, '404 Not Found'],
    [405, '405 Not Allowed'],
    [408, '408 Request Time-out'],
    [418, '418 '],
    [429, '429 Too Many Requests'],
    [499, '499 '],
    [503, '503 Service Temporarily Unavailable'],
    [507, '507 Insufficient Storage'],
    [599, '599 '],
    [999, '999 '],
  ])('%d', (status, line) => {
    const text = sent((r) => {
      r.headersOut.status = status;
      r.headersOut.contentLength = 4;
    });
    expect(text).toBe(`HTTP/1.1 ${line}\r\nServer: nginx/1.31.5\r\nContent-Length: 4\r\n${KEEP}\r\nbody`);
  });

  test('may have its status line, Server and Date from elsewhere', () => {
    const text = sent((r) => {
      r.headersOut.statusLine = '200 Fine';
      r.headersOut.contentLength = 4;
      r.headersOut.add('server', 'other');
      r.headersOut.add('DATE', 'today');
    });
    expect(text).toBe(
      `HTTP/1.1 200 Fine\r\nContent-Length: 4\r\n${KEEP}server: other\r\nDATE: today\r\n\r\nbody`,
    );
  });

  test('server_tokens off', () => {
    expect(sent((r) => (r.headersOut.contentLength = 4), { uri: '/quiet' })).toBe(
      `HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Length: 4\r\n${KEEP}\r\nbody`,
    );
  });

  test('Last-Modified belongs to few statuses', () => {
    for (const [status, has] of [
      [200, true],
      [206, true],
      [304, true],
      [404, false],
      [201, false],
    ] as const) {
      const text = sent((r) => {
        r.headersOut.status = status;
        r.headersOut.lastModified = 0;
        r.headersOut.contentLength = 4;
      });
      expect(text.includes('Last-Modified: Thu, 01 Jan 1970 00:00:00 GMT')).toBe(has);
    }
  });
});

describe('Location', () => {
  const to = (location: string, wanted: Wanted = {}): string | undefined => {
    const text = sent((r) => {
      r.headersOut.status = 301;
      r.headersOut.location = location;
      r.headersOut.contentLength = 4;
    }, wanted);
    return /Location: (.*)\r\n/.exec(text)?.[1];
  };

  test.each([
    ['/', '/x', undefined, 'http://a.example:80/x'],
    ['/', '/x', 'B.example', 'http://b.example:80/x'],
    ['/', 'x', undefined, 'x'],
    ['/', 'http://c/', undefined, 'http://c/'],
    ['/relative', '/x', undefined, '/x'],
    ['/portless', '/x', undefined, 'http://a.example/x'],
    ['/named', '/x', undefined, 'http://first.example:80/x'],
  ])('%s %s %s', (uri, location, host, expected) => {
    // The socket's own port counts, which is 80 here: a default, and left out.
    expect(to(location, { uri, ...(host === undefined ? {} : { host }) })).toBe(expected.replace(':80', ''));
  });

  test('has no port of the default kind only', () => {
    respond = (r) => {
      r.headersOut.status = 301;
      r.headersOut.location = '/x';
      sendHeader(r);
    };
    const server = testServer(CONF, {
      respond(r) {
        respond(r);
        return OK;
      },
    });
    const { socket, send } = testClient(server);
    socket.localPort = 8080;
    send('GET / HTTP/1.0\r\n\r\n');
    expect(socket.sent).toContain('Location: http://127.0.0.1:8080/x\r\n');
  });

  test('stands where nginx puts it', () => {
    const absolute = sent((r) => {
      r.headersOut.status = 301;
      r.headersOut.location = '/x';
      r.headersOut.add('X-A', '1');
    });
    expect(absolute).toContain(`Location: http://a.example/x\r\n${CHUNKED}${KEEP}X-A: 1\r\n\r\n`);
    const given = sent((r) => {
      r.headersOut.status = 301;
      r.headersOut.location = 'http://b/';
      r.headersOut.add('X-A', '1');
    });
    expect(given).toContain(`${CHUNKED}${KEEP}Location: http://b/\r\nX-A: 1\r\n\r\n`);
  });
});

describe('the body', () => {
  const unknown = (): void => {};
  const known = (r: HttpRequest): void => {
    r.headersOut.contentLength = 4;
  };

  test.each<[string, (r: HttpRequest) => void, Wanted, string]>([
    ['of known length', known, {}, `${START}Content-Length: 4\r\n${KEEP}\r\nbody`],
    ['of unknown length', unknown, {}, `${START}${CHUNKED}${KEEP}\r\n4\r\nbody\r\n0\r\n\r\n`],
    [
      'in pieces',
      unknown,
      { body: ['a', Buffer.from('bc'), '', 'x'.repeat(17), ''] },
      `${START}${CHUNKED}${KEEP}\r\n1\r\na\r\n2\r\nbc\r\n11\r\n${'x'.repeat(17)}\r\n0\r\n\r\n`,
    ],
    ['that is empty', unknown, { body: [''] }, `${START}${CHUNKED}${KEEP}\r\n0\r\n\r\n`],
    ['for HTTP/1.0', unknown, { version: '1.0' }, `${START}Connection: close\r\n\r\nbody`],
    ['where chunks are not wanted', unknown, { uri: '/unchunked' }, `${START}Connection: close\r\n\r\nbody`],
    ['for HEAD', known, { method: 'HEAD' }, `${START}Content-Length: 4\r\n${KEEP}\r\n`],
    ['for HEAD, of unknown length', unknown, { method: 'HEAD' }, `${START}${KEEP}\r\n`],
  ])('%s', (_name, set, wanted, expected) => {
    expect(sent(set, wanted)).toBe(expected);
  });

  test('has trailers where they are announced', () => {
    const text = sent(
      (r) => {
        r.headersOut.contentLength = 4;
        r.headersOut.trailers = ['A', '1', 'B', '2'];
      },
      { body: ['body'] },
    );
    expect(text).toBe(`${START}${CHUNKED}${KEEP}\r\n4\r\nbody\r\n0\r\nA: 1\r\nB: 2\r\n\r\n`);
  });

  test.each([
    [204, `HTTP/1.1 204 No Content\r\nServer: nginx/1.31.5\r\n${KEEP}ETag: "x"\r\n\r\n`],
    [
      304,
      `HTTP/1.1 304 Not Modified\r\nServer: nginx/1.31.5\r\nContent-Type: a/b\r\n${KEEP}ETag: "x"\r\n\r\n`,
    ],
  ])('is not there for %d', (status, expected) => {
    const text = sent((r) => {
      r.headersOut.status = status;
      r.headersOut.contentType = 'a/b';
      r.headersOut.etag = '"x"';
      if (status === 204) r.headersOut.contentLength = 4;
    });
    expect(text).toBe(expected);
  });

  test('may be large', () => {
    const pieces = [
      Buffer.alloc(5000, 'a'),
      Buffer.alloc(100_000, 'b'),
      Buffer.alloc(10, 'c'),
      'd'.repeat(200_000),
    ];
    const text = pieces.map((piece) => piece.toString('latin1' as never)).join('');
    expect(sent((r) => (r.headersOut.contentLength = 305_010), { body: pieces })).toBe(
      `${START}Content-Length: 305010\r\n${KEEP}\r\n${text}`,
    );
    const chunks = pieces.map(
      (piece) => `${piece.length.toString(16)}\r\n${piece.toString('latin1' as never)}\r\n`,
    );
    expect(sent(unknown, { body: pieces })).toBe(`${START}${CHUNKED}${KEEP}\r\n${chunks.join('')}0\r\n\r\n`);
  });

  test('is counted with its framing, as nginx does', () => {
    const server = testServer(CONF, {
      respond(r) {
        r.headersOut.status = 200;
        sendHeader(r);
        output(r, 'body', true);
        return OK;
      },
    });
    const { socket, send } = testClient(server);
    send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(server.logged).toEqual([`GET / HTTP/1.1 200 ${'4\r\nbody\r\n0\r\n\r\n'.length}`]);
    expect(socket.writes).toBe(1);
  });
});

describe('interim responses', () => {
  test.each([
    ['1.1', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'],
    ['1.0', ''],
  ])('HTTP/%s', (version, expected) => {
    const text = sent(
      (r) => {
        r.headersOut.contentLength = 4;
        r.sink.interim(r, 103, ['Link', '</a>']);
      },
      { version },
    );
    expect(text.startsWith(`${expected}${START}`)).toBe(true);
  });
});

describe('a tunnel', () => {
  test('carries bytes both ways behind a 101', () => {
    const came: string[] = [];
    let request: HttpRequest | null = null;
    const server = testServer(CONF, {
      respond(r) {
        request = r;
        r.headersOut.status = 101;
        r.headersOut.add('Upgrade', 'echo');
        sendHeader(r);
        r.sink.flush(r);
        const take = (_r: HttpRequest, data: Buffer, last: boolean): void => {
          came.push(data.toString('latin1') + (last ? '!' : ''));
          if (!last) r.bodyReader?.more(r);
        };
        r.bodyReader?.stream(r, take, finalize);
        return DONE;
      },
    });
    const { socket, send } = testClient(server);
    send('GET / HTTP/1.1\r\nHost: a\r\nUpgrade: echo\r\nConnection: upgrade\r\n\r\nearly');
    expect(withoutDate(socket.sent)).toBe(
      'HTTP/1.1 101 \r\nServer: nginx/1.31.5\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n',
    );
    send('GET / HTTP/1.1\r\n\r\n');
    const r = request as unknown as HttpRequest;
    output(r, 'answer', false);
    r.sink.flush(r);
    expect(socket.sent.endsWith('\r\n\r\nanswer')).toBe(true);
    socket.end();
    expect(came).toEqual(['early', 'GET / HTTP/1.1\r\n\r\n', '!']);
    finalize(r, OK);
    expect(socket.destroyed).toBe(true);
    expect(server.logged.length).toBe(1);
  });
});
