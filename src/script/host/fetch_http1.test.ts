import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Destinations } from './destinations.ts';
import { PlainHttp, PlainRequest } from './fetch_http1.ts';
import type { TransferUser } from './fetch_transfer.ts';

/** Notes what it is told, in a line each. */
class Noting implements TransferUser {
  told = '';
  body = '';
  readonly over: Promise<void>;
  #resolve: () => void = () => {};

  constructor() {
    this.over = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  head(status: number, headers: readonly string[], statusText: string): void {
    this.told += `${status} ${statusText}|${headers.join(',')}|`;
  }
  data(bytes: Buffer, from: number, to: number): void {
    this.body += bytes.toString('latin1', from, to);
  }
  end(): void {
    this.told += this.body;
    this.#resolve();
  }
  failed(error: Error): void {
    this.told += `failed: ${error.message}`;
    this.#resolve();
  }
  settle(): void {}
}

let server: Server;
let port: number;
let client: PlainHttp;
let connections: Socket[];
/** What the server does with a request, the number of its connection and of the request on it. */
let serve: (socket: Socket, connection: number, request: number) => void;
let asked: string[];

beforeEach(async () => {
  connections = [];
  asked = [];
  client = new PlainHttp(null);
  server = createServer((socket) => {
    const connection = connections.push(socket);
    let requests = 0;
    socket.on('error', () => {});
    socket.on('data', (data) => {
      asked.push(data.toString('latin1'));
      serve(socket, connection, ++requests);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as { port: number }).port;
});

afterEach(async () => {
  client.leave();
  for (const socket of connections) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

async function ask(
  method = 'GET',
  text = `${method} / HTTP/1.1\r\n\r\n`,
  host = '127.0.0.1',
): Promise<string> {
  const user = new Noting();
  client.send(new PlainRequest(user, host, port, method, text));
  await user.over;
  return user.told;
}

/** Writes byte by byte. */
async function drip(socket: Socket, text: string): Promise<void> {
  socket.setNoDelay(true);
  for (const char of text) {
    socket.write(char, 'latin1');
    await new Promise(setImmediate);
  }
}

const RESPONSES: readonly (readonly [response: string, told: string, method: string])[] = [
  [
    'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nA-b: \t c  \r\n\r\nbody',
    '200 OK|content-length,4,a-b,\t c|body',
    'GET',
  ],
  ['HTTP/1.1 299 Own Words\r\nContent-Length: 0\r\n\r\n', '299 Own Words|content-length,0|', 'GET'],
  ['HTTP/1.1 200\r\nContent-Length: 1\r\n\r\n\xe4', '200 |content-length,1|\xe4', 'GET'],
  ['HTTP/1.1 200 OK\nContent-Length: 1\n\nx', '200 OK|content-length,1|x', 'GET'],
  [
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n02\r\nde\r\n0\r\nT: 1\r\n\r\n',
    '200 OK|transfer-encoding,chunked|abcde',
    'GET',
  ],
  [
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\nHTTP/1.1 204 No\r\n\r\n',
    '204 No||',
    'GET',
  ],
  ['HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n', '200 OK|content-length,9|', 'HEAD'],
  ['HTTP/1.1 304 Same\r\nContent-Length: 9\r\n\r\n', '304 Same|content-length,9|', 'GET'],
];

test.each(RESPONSES)('%j, whole and byte by byte, on one connection', async (response, told, method) => {
  serve = (socket, _connection, request) => {
    if (request === 1) socket.write(response, 'latin1');
    else void drip(socket, response);
  };
  expect(await ask(method)).toBe(told);
  expect(await ask(method)).toBe(told);
  expect(connections.length).toBe(1);
});

test.each([
  ['HTTP/1.1 200 OK\r\n\r\nall of it', '200 OK||all of it'],
  ['HTTP/1.0 200 OK\r\nTransfer-Encoding: x\r\n\r\nall', '200 OK|transfer-encoding,x|all'],
])('%j ends with the connection', async (response, told) => {
  serve = (socket) => socket.end(response);
  expect(await ask()).toBe(told);
});

test.each([
  ['HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx'],
  ['HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx'],
  ['HTTP/1.1 200 OK\r\nContent-Length: 1\r\nKeep-Alive: timeout=2\r\n\r\nx'],
  ['HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxy'],
])('%j is not kept', async (response) => {
  serve = (socket) => socket.write(response);
  await ask();
  await ask();
  expect(connections.length).toBe(2);
});

test.each([
  ['HTTQ/1.1 200 OK\r\n\r\n', 'failed: Expected HTTP/'],
  ['HTTP/1.1 200 OK\r\n: x\r\n\r\n', 'failed: Invalid header'],
  ['HTTP/1.1 200 OK\r\na b: x\r\n\r\n', 'failed: Invalid header'],
  ['HTTP/1.1 200 OK\r\na: x\0\r\n\r\n', 'failed: Invalid header'],
  ['HTTP/1.1 200 OK\r\n(a): x\r\n\r\n', 'failed: Invalid header name'],
  ['HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n', 'failed: Invalid Content-Length'],
  ['HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n', 'failed: Invalid Content-Length'],
  ['HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n', 'failed: Invalid Content-Length'],
  [
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    "failed: Content-Length can't be present with Transfer-Encoding",
  ],
  ['HTTP/1.1 101 Switch\r\n\r\n', 'failed: bad upgrade'],
  [`HTTP/1.1 200 OK\r\nA: ${'x'.repeat(20_000)}\r\n\r\n`, 'failed: Headers Overflow Error'],
  [
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    '200 OK|transfer-encoding,chunked|failed: Invalid chunked body',
  ],
])('%j is refused, and its connection closed', async (response, told) => {
  let closed: Promise<unknown> = Promise.resolve();
  serve = (socket) => {
    closed = new Promise((resolve) => socket.on('close', resolve));
    socket.write(response, 'latin1');
  };
  expect(await ask()).toBe(told);
  await closed;
});

test.each([
  ['', 'failed: other side closed'],
  ['HTTP/1.1 200 OK\r\nConte', 'failed: other side closed'],
  ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nx', '200 OK|content-length,5|failed: other side closed'],
  [
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nx',
    '200 OK|transfer-encoding,chunked|failed: other side closed',
  ],
])('%j is cut short', async (response, told) => {
  serve = (socket) => socket.end(response);
  expect(await ask()).toBe(told);
});

test('what was asked on a connection that the server has given up is asked again, if it may be', async () => {
  serve = (socket, connection, request) => {
    if (request === 2) socket.destroy();
    else socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${connection}`);
  };
  expect(await ask()).toBe('200 OK|content-length,1|1');
  expect(await ask()).toBe('200 OK|content-length,1|2');
  expect(await ask('POST')).toMatch(/^failed: (?:read ECONNRESET|other side closed)$/);
  expect(asked.length).toBe(4);
});

test('a body that nobody reads for now waits', async () => {
  const piece = 'x'.repeat(1024 * 1024);
  serve = (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    for (let i = 0; i < 32; i++) socket.write(piece);
    socket.end();
  };
  const user = new Noting();
  const request = new PlainRequest(user, '127.0.0.1', port, 'GET', 'GET / HTTP/1.1\r\n\r\n');
  const plain = user.data.bind(user);
  let most = 0;
  user.data = (bytes, from, to) => {
    plain(bytes, from, to);
    request.pause();
    most = Math.max(most, to - from);
    setImmediate(() => request.resume());
  };
  client.send(request);
  await user.over;
  expect(user.body.length).toBe(32 * piece.length);
  expect(most).toBeLessThanOrEqual(64 * 1024);
});

test('what is aborted is told no more, and its connection closed', async () => {
  serve = (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nx');
  const user = new Noting();
  const request = new PlainRequest(user, '127.0.0.1', port, 'GET', 'GET / HTTP/1.1\r\n\r\n');
  await new Promise<void>((resolve) => {
    user.settle = resolve;
    client.send(request);
  });
  const gone = new Promise((resolve) => (connections[0] as Socket).on('close', resolve));
  request.abort();
  await gone;
  expect(user.told).toBe('200 OK|content-length,5|');
});

test('a name with several addresses, and one where nobody listens', async () => {
  serve = (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx');
  expect(await ask('GET', 'GET / HTTP/1.1\r\n\r\n', 'localhost')).toBe('200 OK|content-length,1|x');
  client.leave();
  server.close();
  for (const socket of connections) socket.destroy();
  expect(await ask()).toBe(`failed: connect ECONNREFUSED 127.0.0.1:${port}`);
});

test('where it must not connect to', async () => {
  client = new PlainHttp(Destinations.parse('127.0.0.1:1,localhost:2,192.0.2.0/24'));
  expect(await ask()).toBe('failed: permission denied');
  expect(await ask('GET', '', 'localhost')).toBe('failed: permission denied');
  expect(asked).toEqual([]);
});

test('those that are kept are closed when the worker leaves, and the others when they are through', async () => {
  let answer: () => void = () => {};
  serve = (socket, _connection, request) => {
    const reply = (): void => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx');
    if (request === 1) reply();
    else answer = reply;
  };
  await ask();
  const second = ask();
  await expect.poll(() => asked.length).toBe(2);
  client.leave();
  const gone = new Promise((resolve) => (connections[0] as Socket).on('close', resolve));
  answer();
  expect(await second).toBe('200 OK|content-length,1|x');
  await gone;
});
