// For the tests beside: a server from a few lines of configuration on a real socket, and peers that behave as told.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { RawSocket } from '../../core/raw_socket.ts';
import { Http1Connection } from '../http1/connection.ts';
import { httpModules } from '../modules/index.ts';
import { testHttp } from '../testing.ts';

const closing: (() => void)[] = [];

/** Ends all that the tests have started. */
export function closeAll(): void {
  for (const close of closing.splice(0)) close();
}

/** Something more to end with them. */
export function onCloseAll(close: () => void): void {
  closing.push(close);
}

async function listen(onConnection: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { server, port: (server.address() as AddressInfo).port };
}

export interface TestPeer {
  readonly port: number;
  /** What has come on each connection. */
  readonly received: string[];
  readonly sockets: Socket[];
}

/** A peer that does `answer` when the head of a request has come; `text` is all that has come on the connection. */
export async function peer(answer: (socket: Socket, text: string, n: number) => void): Promise<TestPeer> {
  const received: string[] = [];
  const sockets: Socket[] = [];
  let requests = 0;
  const { port } = await listen((socket) => {
    const at = received.push('') - 1;
    sockets.push(socket);
    socket.setEncoding('latin1');
    socket.on('error', () => {});
    let seen = 0;
    socket.on('data', (data) => {
      received[at] = `${received[at]}${data}`;
      const text = received[at] ?? '';
      for (let end = text.indexOf('\r\n\r\n', seen); end !== -1; end = text.indexOf('\r\n\r\n', seen)) {
        seen = end + 4;
        answer(socket, text, ++requests);
      }
    });
  });
  return { port, received, sockets };
}

/** A port on which nobody listens. */
export async function deadPort(): Promise<number> {
  const { server, port } = await listen(() => {});
  server.close();
  return port;
}

export interface TestGateway {
  readonly port: number;
  /** The error log. */
  readonly lines: string[];
}

/** `conf`: the http block's content, with `listen 80` in its server. `data`: files by name, beside nginx.conf. */
export async function gateway(
  conf: string,
  data: Readonly<Record<string, string>> = {},
): Promise<TestGateway> {
  const named = Object.entries(data).map(
    ([name, text]) => [name.startsWith('/') ? name : `/t/${name}`, text] as const,
  );
  const { listen: address, lines } = testHttp(
    `access_log off; ${conf}`,
    httpModules,
    '/tmp/tsresty-test/',
    new Map(named),
  );
  const owner = { quitting: false, reusable() {}, closed() {} };
  let id = 0;
  const open = new Set<RawSocket>();
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  RawSocket.accept(server, (socket) => {
    open.add(socket);
    new Http1Connection(++id, socket, address, owner);
  });
  closing.push(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  return { port: (server.address() as AddressInfo).port, lines };
}

/** A client's connection; `text` is all that has come. */
export class TestClient {
  readonly socket: Socket;
  text = '';
  ended = false;
  #wake: (() => void) | null = null;

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.socket.setEncoding('latin1');
    this.socket.on('error', () => {});
    this.socket.on('data', (data) => {
      this.text += data;
      this.#wake?.();
    });
    for (const event of ['end', 'close']) {
      this.socket.on(event, () => {
        this.ended = true;
        this.#wake?.();
      });
    }
    closing.push(() => this.socket.destroy());
  }

  /** Resolves when `text` holds `wanted`, or has ended. */
  async until(wanted: string | RegExp): Promise<string> {
    const found = (): boolean =>
      typeof wanted === 'string' ? this.text.includes(wanted) : wanted.test(this.text);
    while (!found() && !this.ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.text;
  }

  async end(): Promise<string> {
    return this.until(/(?!)/);
  }
}

/** Sends a request that closes its connection behind it; all that is answered, without the date. */
export async function ask(port: number, request: string): Promise<string> {
  const client = new TestClient(port);
  client.socket.write(request, 'latin1');
  const text = await client.end();
  return text.replace(/Date: .{29}\r\n/, '');
}

export function get(uri: string, headers = ''): string {
  return `GET ${uri} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${headers}\r\n`;
}

/** Resolves when `condition` holds: for what no event tells of. */
export async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
