import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type Exchange, exchange, parseResponse, type Response } from './client.ts';

const HEAD = 'HTTP/1.1 200 OK\r\n';

function parsed(bytes: string, isHead = false): Response {
  const response = parseResponse(bytes, 0, isHead);
  if (response === undefined) throw new Error('no response');
  return response;
}

test('a response with a length ends where it says', () => {
  const bytes = `${HEAD}Content-Length: 3\r\nX-A:  1 \r\nX-A: 2\r\n\r\nabcHTTP/1.1 404 Not Found\r\n\r\n`;
  const response = parsed(bytes);
  expect(response).toMatchObject({ status: 200, body: 'abc', fault: undefined });
  expect(response.headers).toEqual([
    ['Content-Length', '3'],
    ['X-A', '1'],
    ['X-A', '2'],
  ]);
  expect(response.rawHead).toBe(`${HEAD}Content-Length: 3\r\nX-A:  1 \r\nX-A: 2\r\n`);
  expect(bytes.slice(response.end)).toBe('HTTP/1.1 404 Not Found\r\n\r\n');
  expect(parseResponse(bytes, response.end, false)).toMatchObject({ status: 404, body: '' });
});

test('chunks are put together, trailers kept', () => {
  const chunked = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`;
  expect(parsed(`${chunked}3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\nrest`)).toMatchObject({
    body: 'abc0123456789',
    trailers: [],
    fault: undefined,
    end: chunked.length + 28,
  });
  expect(parsed(`${chunked}1\r\na\r\n0\r\nX-T: 1\r\nX-U: 2\r\n\r\n`)).toMatchObject({
    body: 'a',
    trailers: [
      ['X-T', '1'],
      ['X-U', '2'],
    ],
    fault: undefined,
  });
});

test.each([
  ['HTTP/1.1 204 No Content\r\n\r\nrest', false],
  ['HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nrest', false],
  ['HTTP/1.1 100 Continue\r\n\r\nrest', false],
  ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nrest', true],
  ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nrest', true],
])('%j has no body (HEAD: %j)', (bytes, isHead) => {
  const response = parsed(bytes, isHead);
  expect(response).toMatchObject({ body: '', fault: undefined });
  expect(bytes.slice(response.end)).toBe('rest');
});

test('without length and chunks the body goes on to the end', () => {
  expect(parsed(`${HEAD}\r\nall of it`)).toMatchObject({ body: 'all of it', fault: undefined });
});

test('an unfinished head is no response', () => {
  const bytes = `${HEAD}Content-Length: 3\r\n\r\nabc`;
  for (let length = 0; length < bytes.length - 3; length++) {
    expect(parseResponse(bytes.slice(0, length), 0, false)).toBeUndefined();
  }
});

test('each place where a chunked body can be cut is a fault', () => {
  const head = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`;
  const bytes = `${head}3\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n`;
  expect(parsed(bytes).fault).toBeUndefined();
  for (let length = head.length; length < bytes.length; length++) {
    expect(parsed(bytes.slice(0, length)).fault).toBeDefined();
  }
});

test.each([
  [`${HEAD}Content-Length: 5\r\n\r\nabc`, 'the body ends after 3 of 5 bytes', true],
  [`${HEAD}Content-Length: x\r\n\r\n`, 'Content-Length "x"', false],
  [
    `${HEAD}Content-Length: 1\r\nContent-Length: 1\r\n\r\na`,
    'more than one Content-Length or Transfer-Encoding',
    false,
  ],
  [
    `${HEAD}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\na`,
    'more than one Content-Length or Transfer-Encoding',
    false,
  ],
  [`${HEAD}Transfer-Encoding: gzip\r\n\r\n`, 'Transfer-Encoding "gzip"', false],
  [`${HEAD}Transfer-Encoding: chunked\r\n\r\nxx\r\n`, 'malformed chunk size "xx"', false],
  [`${HEAD}Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n`, 'a chunk is not ended by CRLF', false],
  ['HTTP/1.1 OK\r\n\r\n', 'malformed status line "HTTP/1.1 OK"', false],
  ['HTTP/2 200 OK\r\n\r\n', 'malformed status line "HTTP/2 200 OK"', false],
  [`${HEAD}no colon\r\n\r\n`, 'malformed header line "no colon"', false],
  [`${HEAD} X: folded\r\n\r\n`, 'malformed header line " X: folded"', false],
])('%j: %s', (bytes, fault, truncated) => {
  expect(parsed(bytes)).toMatchObject({ fault, truncated });
});

/** Runs one exchange against a server that does what `onConnection` says. */
async function exchangeWith(
  onConnection: (socket: Socket) => void,
  options: Partial<Parameters<typeof exchange>[0]>,
): Promise<Exchange> {
  const server = createServer({ allowHalfOpen: true }, onConnection);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const writes = [{ bytes: 'a\xff', delayMs: 0 }];
  return exchange({ host: '127.0.0.1', port, writes, timeoutMs: 2000, shutdown: false, ...options });
}

test('bytes go out and come back as they are', async () => {
  const result = await exchangeWith((socket) => socket.on('data', (data) => socket.end(data)), {});
  expect(result).toEqual({ bytes: 'a\xff', ending: 'closed' });
});

test('writes come one after the other', async () => {
  const seen: string[] = [];
  await exchangeWith(
    (socket) =>
      socket.on('data', (data) => {
        seen.push(data.toString());
        if (seen.length === 2) socket.end();
      }),
    {
      writes: [
        { bytes: 'one', delayMs: 0 },
        { bytes: 'two', delayMs: 20 },
      ],
    },
  );
  expect(seen).toEqual(['one', 'two']);
});

test('shutdown ends our side only', async () => {
  const result = await exchangeWith(
    (socket) => {
      socket.resume();
      socket.on('end', () => socket.end('after'));
    },
    { shutdown: true },
  );
  expect(result).toEqual({ bytes: 'after', ending: 'closed' });
});

test('a reset, a silence and a closed port are told apart', async () => {
  const reset = await exchangeWith((socket) => socket.on('data', () => socket.resetAndDestroy()), {});
  expect(reset).toEqual({ bytes: '', ending: 'reset' });
  const silent = await exchangeWith(
    (socket) => {
      socket.on('error', () => socket.destroy());
      socket.write('part');
    },
    { timeoutMs: 30 },
  );
  expect(silent).toEqual({ bytes: 'part', ending: 'timeout' });
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const refused = await exchange({ host: '127.0.0.1', port, writes: [], timeoutMs: 1000, shutdown: false });
  expect(refused.ending).toBe('refused');
});
