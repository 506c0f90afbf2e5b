import { describe, expect, test } from 'vitest';
import { answers, testClient, testServer, withoutDate } from './testing.ts';

const CONF = `
  server { listen 80; server_name def;
    location / { return 200 "$request_method|$uri|$args|$host|$server_name|$request_length"; } }
  server { listen 80; server_name strict; underscores_in_headers on; ignore_invalid_headers off; max_headers 5;
    large_client_header_buffers 2 2k; return 200 "strict"; }
  server { listen 80; server_name *.wild; merge_slashes off; return 200 "wild|$host|$uri"; }
`;

/** The status of each answer, and what was last said to the log. */
function outcome(...parts: string[]): string {
  const server = testServer(CONF);
  const text = answers(server, parts);
  const statuses = [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1]);
  const line = server.lines.at(-1) ?? '';
  return `${statuses.join(' ')} ${line.replace(/^\[\w+\] \*\d+ /, '').replace(/ while.*|, client.*/s, '')}`.trim();
}

const GET = 'GET / HTTP/1.1\r\n';
const HOST = 'Host: def\r\n';

describe('what is wrong with a head', () => {
  test.each([
    [`${GET}\r\n`, '400 client sent HTTP/1.1 request without "Host" header'],
    ['GET / HTTP/1.0\r\n\r\n', '200'],
    [`${GET}Host:\r\n\r\n`, '400 client sent invalid host header'],
    [`${GET}Host: a/b\r\n\r\n`, '400 client sent invalid host header'],
    [
      `${GET}${HOST}hOST: b\r\n\r\n`,
      '400 client sent duplicate host header: "hOST: b", previous value: "Host: def"',
    ],
    ['GET http://a..b/ HTTP/1.1\r\n\r\n', '400 client sent invalid host in request line'],
    ['GET /%00 HTTP/1.1\r\n\r\n', '400 client sent invalid request'],
    ['GET /.. HTTP/1.1\r\n\r\n', '400 client sent invalid request'],
    ['GET / HTTP/2.0\r\n', '505 client sent invalid version'],
    ['GET /\x01', '400 client sent invalid request'],
    ['get', '400 client sent invalid method'],
    ['GET /\r\n', ''],
    [`CONNECT a:80 HTTP/1.1\r\n${HOST}\r\n`, '405 client sent CONNECT method'],
    [`TRACE / HTTP/1.1\r\n${HOST}\r\n`, '405 client sent TRACE method'],
    [`${GET}${HOST}X : a\r\n\r\n`, '400 client sent invalid header line: "X\\x20..."'],
    [`${GET}${HOST}X: a\0b\r\n\r\n`, '400 client sent invalid header line: "X: a\\x00..."'],
    [`${GET}${HOST}X: a\rb\r\n\r\n`, '400 client sent invalid header line: "X: a\\x0d..."'],
    [`${GET}${HOST} folded\r\n\r\n`, '400 client sent invalid header line: "\\x20..."'],
    [`${GET}${HOST}X(: a\r\n\r\n`, '200 client sent invalid header line: "X(: a"'],
    [`${GET}${HOST}X_Y: a\r\n\r\n`, '200 client sent invalid header line: "X_Y: a"'],
    [`${GET}Host: strict\r\nX_Y: a\r\nX(: b\r\n\r\n`, '200'],
    [`${GET}X_Y: a\r\nHost: strict\r\n\r\n`, '200 client sent invalid header line: "X_Y: a"'],
    [`${GET}Host: strict\r\n${'X: 1\r\n'.repeat(4)}\r\n`, '200'],
    [`${GET}Host: strict\r\n${'X: 1\r\n'.repeat(5)}\r\n`, '400 client sent too many header lines'],
    [`${GET}${HOST}${'X: 1\r\n'.repeat(999)}\r\n`, '200'],
    [`${GET}${HOST}${'X: 1\r\n'.repeat(1000)}\r\n`, '400 client sent too many header lines'],
  ])('%j', (text, expected) => {
    expect(outcome(text)).toBe(expected);
  });

  test.each([
    'If-Match',
    'If-None-Match',
    'If-Modified-Since',
    'If-Unmodified-Since',
    'If-Range',
    'Content-Range',
    'Authorization',
    'Proxy-Authorization',
    'Expect',
    'Content-Length',
    'Transfer-Encoding',
  ])('two of %s', (name) => {
    const message = `client sent duplicate header line: "${name.toUpperCase()}: 2", previous value: "${name}: 1"`;
    expect(outcome(`${GET}${HOST}${name}: 1\r\n${name.toUpperCase()}: 2\r\n\r\n`)).toBe(`400 ${message}`);
  });

  test.each(['Content-Type', 'User-Agent', 'Cookie', 'Referer', 'X-Forwarded-For', 'Range', 'Accept'])(
    'two of %s are fine',
    (name) => {
      expect(outcome(`${GET}${HOST}${name}: 1\r\n${name}: 2\r\n\r\n`)).toBe('200');
    },
  );
});

describe('the length of a body', () => {
  const post = (headers: string, version = '1.1'): string =>
    `POST / HTTP/${version}\r\n${HOST}${headers}\r\n`;
  test.each([
    ['Content-Length: \r\n', '400 client sent invalid "Content-Length" header'],
    ['Content-Length: -1\r\n', '400 client sent invalid "Content-Length" header'],
    ['Content-Length: +1\r\n', '400 client sent invalid "Content-Length" header'],
    ['Content-Length: 1, 1\r\n', '400 client sent invalid "Content-Length" header'],
    ['Content-Length: 0x1\r\n', '400 client sent invalid "Content-Length" header'],
    ['Content-Length: \t1\r\n', '400 client sent invalid "Content-Length" header'],
    ['Content-Length: 9223372036854775808\r\n', '400 client sent invalid "Content-Length" header'],
    ['Content-Length: 1048577\r\n', '413 client intended to send too large body: 1048577 bytes'],
    ['Transfer-Encoding: gzip, chunked\r\n', '501 client sent unknown "Transfer-Encoding": "gzip, chunked"'],
    ['Transfer-Encoding: \r\n', '501 client sent unknown "Transfer-Encoding": ""'],
    ['Transfer-Encoding: xchunked\r\n', '501 client sent unknown "Transfer-Encoding": "xchunked"'],
    ['Transfer-Encoding:\tchunked\r\n', '501 client sent unknown "Transfer-Encoding": "\tchunked"'],
    [
      'Content-Length: 1\r\nTransfer-Encoding: chunked\r\n',
      '400 client sent "Content-Length" and "Transfer-Encoding" headers at the same time',
    ],
    [
      'Transfer-Encoding: chunked\r\nContent-Length: 1\r\n',
      '400 client sent "Content-Length" and "Transfer-Encoding" headers at the same time',
    ],
  ])('%j', (headers, expected) => {
    expect(outcome(post(headers))).toBe(expected);
  });

  test('chunked is not for HTTP/1.0', () => {
    const message = 'client sent HTTP/1.0 request with "Transfer-Encoding" header';
    expect(outcome(post('Transfer-Encoding: chunked\r\n', '1.0'))).toBe(`400 ${message}`);
  });

  test.each(['Content-Length: 0000000000000000000003\r\n', 'Content-Length:   3  \r\n'])('%j', (headers) => {
    expect(outcome(`${post(headers)}abc${GET}${HOST}\r\n`)).toBe('200 200');
  });
});

describe('limits', () => {
  const line = (bytes: number): string => `GET /${'a'.repeat(bytes - 16)} HTTP/1.1\r\n`;
  const headerLine = (bytes: number): string => `X: ${'a'.repeat(bytes - 5)}\r\n`;
  test.each([
    ['a request line as long as a buffer', `${line(8192)}${HOST}\r\n`, '200'],
    ['a longer one', `${line(8193)}${HOST}\r\n`, '414 client sent too long URI'],
    ['a full buffer without its end', line(8193).slice(0, 8192), '414 client sent too long URI'],
    ['a header as long as a buffer', `${GET}${HOST}${headerLine(8192)}\r\n`, '200'],
    ['as many as there are buffers', `${GET}${HOST}${headerLine(8192).repeat(3)}\r\n`, '200'],
    ['line breaks before a request', `${'\r\n'.repeat(2000)}${GET}${HOST}\r\n`, '200'],
  ])('%s', (_name, text, expected) => {
    expect(outcome(text)).toBe(expected);
    expect(outcome(...(text.match(/.{1,700}/gs) ?? []))).toBe(expected);
  });

  test.each([
    ['a longer header', `${GET}${HOST}${headerLine(8193)}\r\n`],
    ['a full buffer without its end', `${GET}${HOST}${headerLine(8193).slice(0, 8192)}`],
    ['more than fit into the buffers', `${GET}${HOST}${headerLine(8192).repeat(5)}\r\n`],
    ['the buffers of the server that was asked for', `${GET}Host: strict\r\n${headerLine(2049)}\r\n`],
  ])('%s', (_name, text) => {
    expect(outcome(text)).toMatch(/^400 client sent too long header line: "X: a+\.\.\."$/);
  });

  test('an error names the page that nginx shows', () => {
    const text = answers(testServer(CONF), [`${GET}${HOST}${headerLine(8193)}\r\n`]);
    expect(text).toContain('<center>Request Header Or Cookie Too Large</center>');
  });
});

describe('the server', () => {
  test.each([
    [`${GET}Host: a.WILD\r\n\r\n`, 'wild|a.wild|/'],
    ['GET http://b.wild//x HTTP/1.1\r\nHost: def\r\n\r\n', 'wild|b.wild|/x'],
    ['GET http://b.wild HTTP/1.0\r\n\r\n', 'wild|b.wild|/'],
    [`GET /a//b/../c%2f?d#e HTTP/1.1\r\n${HOST}\r\n`, 'GET|/a/c/|d|def|def|45'],
    [`\r\n\r\nGET /?a HTTP/1.1\nHost: other\n\n`, 'GET|/|a|other|def|30'],
    ['GET / HTTP/1.0\r\n\r\n', 'GET|/||def|def|18'],
  ])('%j', (text, body) => {
    expect(answers(testServer(CONF), [text])).toMatch(
      new RegExp(`\\r\\n\\r\\n${body.replace(/[|?.]/g, '\\$&')}$`),
    );
  });
});

test('an error for HEAD has no body, if so much could be read', () => {
  for (const [text, method] of [
    ['HEAD / HTTP/3', true],
    [`HEAD /${'a'.repeat(9000)}`, true],
    ['HEAD\t', false],
    ['GET / HTTP/3', false],
  ] as const) {
    expect(answers(testServer(CONF), [text]).endsWith('\r\n\r\n')).toBe(method);
  }
});

describe('HTTP/0.9', () => {
  test('has no head in its answer, and no other method', () => {
    expect(answers(testServer(CONF), ['GET /a\r\n'])).toBe('GET|/a||def|def|8');
    expect(answers(testServer(CONF), ['POST /a\r\n'])).toMatch(/^<html>\r\n<head><title>400 Bad Request/);
  });
});

// However the bytes arrive, the answers are the same.
describe('split at every byte', () => {
  const requests = [
    `GET /a//b?c=d HTTP/1.1\r\n${HOST}X: 1\r\n\r\n`,
    `\r\nGET /1 HTTP/1.1\nHost: strict\nX_Y: a\n\n${GET}Host: x.wild\r\nConnection: close\r\n\r\n`,
    `POST / HTTP/1.1\r\n${HOST}Content-Length: 5\r\n\r\nhello${GET}${HOST}\r\n`,
    `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nT: r\r\n\r\n${GET}${HOST}\r\n`,
    `GET http://a.wild:81/%41/../b HTTP/1.0\r\nConnection: keep-alive\r\n\r\n${GET}${HOST}X: a\0\r\n\r\n`,
    'GET /0.9\r\n',
    `${GET}${HOST}${HOST}\r\n`,
  ];
  test.each(requests)('%j', (text) => {
    const whole = testServer(CONF);
    const expected = answers(whole, [text]);
    for (let i = 1; i < text.length; i++) {
      const split = testServer(CONF);
      expect(answers(split, [text.slice(0, i), text.slice(i)])).toBe(expected);
      expect(split.logged).toEqual(whole.logged);
    }
    const bytes = testServer(CONF);
    expect(answers(bytes, [...text])).toBe(expected);
    expect(bytes.logged).toEqual(whole.logged);
  });
});

test('a head that is never finished is not logged as a request before the connection ends', () => {
  const server = testServer(CONF);
  const { socket, send } = testClient(server);
  send('GET /a HTTP/1.1\r\nHost: b\r\n');
  expect(server.logged).toEqual([]);
  socket.end();
  expect(server.logged).toEqual(['GET /a HTTP/1.1 400 0']);
  expect(withoutDate(socket.sent)).toBe('');
  expect(server.lines.at(-1)).toMatch(
    /client prematurely closed connection while reading client request headers, client: 127.0.0.1, server: def, request: "GET \/a HTTP\/1.1", host: "b"$/,
  );
});
