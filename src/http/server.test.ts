import { once } from 'node:events';
import net, { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { Log } from '../core/log.ts';
import { finalize } from './engine.ts';
import { type TestHandler, testServer } from './http1/testing.ts';
import { output, sendHeader, sendText } from './output.ts';
import { AGAIN, DONE, ERROR, OK } from './rc.ts';
import type { HttpRequest } from './request.ts';
import { type HttpServer, startHttp } from './server.ts';

/** A bound socket that does not listen, as the master hands them out: Node has that only inside. */
function boundSocket(): { fd: number; port: number } {
  const create = (net as unknown as { _createServerHandle(host: string, port: number, type: number): Handle })
    ._createServerHandle;
  const handle = create('127.0.0.1', 0, 4);
  const name: { port?: number } = {};
  handle.getsockname(name);
  handles.push(handle);
  return { fd: handle.fd, port: name.port ?? 0 };
}

interface Handle {
  readonly fd: number;
  getsockname(name: { port?: number }): number;
}

const handles: Handle[] = [];
const sockets: Socket[] = [];
let server: HttpServer | null = null;
let lines: string[] = [];
let held: HttpRequest[] = [];
/** Pieces given when the handler was first told to wait. */
let given = 0;

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server?.stop();
  held = [];
});

const PIECE = Buffer.alloc(64 * 1024, 'x');
const PIECES = 400;

const handlers: Readonly<Record<string, TestHandler>> = {
  hold(r) {
    held.push(r);
    return AGAIN;
  },
  // 25 MB, a piece whenever the client has taken the last.
  pieces(r) {
    r.headersOut.status = 200;
    r.headersOut.contentLength = PIECE.length * PIECES;
    sendHeader(r);
    let left = PIECES;
    const next = (): void => {
      while (left > 0) {
        left--;
        const rc = output(r, PIECE, left === 0);
        if (rc === ERROR) finalize(r, ERROR);
        if (rc !== OK) {
          given = PIECES - left;
          return;
        }
      }
      finalize(r, OK);
    };
    r.onWritable = next;
    next();
    return DONE;
  },
};

const CONF = `server { listen 127.0.0.1:80; location / { return 200 "$uri"; } location /hold { test_handler hold; }
  location /pieces { test_handler pieces; } }`;

async function start(limit = 100): Promise<number> {
  const { listen } = testServer(CONF, handlers);
  const { fd, port } = boundSocket();
  lines = [];
  const log = {
    write: (level: string, message: string) => lines.push(`[${level}] ${message}`),
  } as unknown as Log;
  const socket = { spec: listen.options, byAddress: new Map(), any: listen };
  server = await startHttp([{ socket, fd }], { worker_connections: limit, log });
  return port;
}

async function client(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  sockets.push(socket);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

async function ask(socket: Socket, uri: string): Promise<string> {
  socket.write(`GET ${uri} HTTP/1.1\r\nHost: a\r\n\r\n`);
  const [data] = await once(socket, 'data');
  return String(data);
}

test('answers on what it was given to listen on', async () => {
  const port = await start();
  const socket = await client(port);
  expect(await ask(socket, '/1')).toMatch(/\/1$/);
  expect(await ask(socket, '/2')).toMatch(/\/2$/);
});

test('a large answer is made at the pace at which the client takes it', async () => {
  const port = await start();
  const socket = await client(port);
  given = 0;
  socket.pause();
  socket.write('GET /pieces HTTP/1.1\r\nHost: a\r\n\r\n');
  await expect.poll(() => given).toBeGreaterThan(0);
  expect(given).toBeLessThan(PIECES);
  let bytes = 0;
  socket.on('data', (data: Buffer) => {
    bytes += data.length;
  });
  socket.resume();
  await expect.poll(() => bytes, { timeout: 20_000 }).toBeGreaterThan(PIECE.length * PIECES);
});

describe('quit()', () => {
  test('closes what waits, and resolves when the rest has been answered', async () => {
    const port = await start();
    const idle = await client(port);
    await ask(idle, '/');
    const busy = await client(port);
    busy.write('GET /hold HTTP/1.1\r\nHost: a\r\n\r\n');
    await expect.poll(() => held.length).toBe(1);

    let resolved = false;
    const gone = server?.quit().then(() => {
      resolved = true;
    });
    await once(idle, 'end');
    expect(resolved).toBe(false);
    const refused = connect({ port, host: '127.0.0.1' });
    const [error] = await once(refused, 'error');
    expect((error as NodeJS.ErrnoException).code).toBe('ECONNREFUSED');

    const r = held[0] as HttpRequest;
    const answer = once(busy, 'data');
    finalize(r, sendText(r, 200, 'held'));
    expect(String((await answer)[0])).toMatch(/Connection: close\r\n\r\nheld$/);
    await gone;
    expect(resolved).toBe(true);
  });

  test('resolves at once where there is nothing', async () => {
    await start();
    await server?.quit();
  });
});

test('stop() drops everything', async () => {
  const port = await start();
  const socket = await client(port);
  socket.write('GET /hold HTTP/1.1\r\nHost: a\r\n\r\n');
  await expect.poll(() => held.length).toBe(1);
  const closed = once(socket, 'close');
  server?.stop();
  await closed;
  expect(held[0]?.aborted).toBe(true);
});

describe('worker_connections', () => {
  test('the longest waiting connection makes room', async () => {
    const port = await start(16);
    const first = await client(port);
    await ask(first, '/');
    const closed = once(first, 'end');
    for (let i = 0; i < 15; i++) await ask(await client(port), '/');
    await closed;
    expect(lines).toEqual(['[warn] 16 worker_connections are not enough, reusing connections']);
  });

  test('where none waits, a new one is refused', async () => {
    const port = await start(2);
    for (let i = 1; i <= 2; i++) {
      (await client(port)).write('GET /hold HTTP/1.1\r\nHost: a\r\n\r\n');
      await expect.poll(() => held.length).toBe(i);
    }
    const third = await client(port);
    await once(third, 'close');
    expect(lines).toEqual(['[alert] 2 worker_connections are not enough']);
  });
});
