// A worker's side of the listening sockets: accepts connections, hands them to their protocol, and knows how many there
// are, so that it can refuse more than worker_connections and tell when the last is gone.

import { createServer, type Server as NetServer } from 'node:net';
import { constants } from 'node:os';
import { ConfError } from '../conf/error.ts';
import { errnoOf, errorText } from '../core/errno.ts';
import type { Log } from '../core/log.ts';
import { RawSocket } from '../core/raw_socket.ts';
import { type ConnectionOwner, Http1Connection } from './http1/connection.ts';
import type { ListenSocket } from './listen.ts';

/** A listening socket that the worker has inherited. */
export interface BoundSocket {
  readonly socket: ListenSocket;
  readonly fd: number;
}

interface ServerSettings {
  readonly worker_connections: number;
  /** The cycle's, for what concerns no connection. */
  readonly log: Log;
}

export interface ConnectionCounts {
  readonly accepted: number;
  /** Those that were not refused. */
  readonly handled: number;
  readonly requests: number;
  readonly active: number;
  /** Of the active ones: a head is being read, a request is being answered, none is there. */
  readonly reading: number;
  readonly writing: number;
  readonly waiting: number;
}

export const NO_CONNECTIONS: ConnectionCounts = {
  ...{ accepted: 0, handled: 0, requests: 0 },
  ...{ active: 0, reading: 0, writing: 0, waiting: 0 },
};

export interface HttpServer {
  connections(): ConnectionCounts;
  /** Accepts no more; resolves when the requests that are running have been answered and all connections are closed. */
  quit(): Promise<void>;
  /** Closes everything at once. */
  stop(): void;
}

/** nginx closes so many idle connections at a time when it runs out of connections. */
const MAX_REUSED = 32;
const REUSE_LOG_MS = 1000;

/** Resolves when all sockets are being accepted from. */
export async function startHttp(
  bound: readonly BoundSocket[],
  settings: ServerSettings,
): Promise<HttpServer> {
  const server = new Acceptor(settings);
  await Promise.all(bound.map(({ socket, fd }) => server.listen(socket, fd)));
  return server;
}

class Acceptor implements HttpServer, ConnectionOwner {
  quitting = false;
  readonly #settings: ServerSettings;
  readonly #servers: NetServer[] = [];
  readonly #connections = new Set<Http1Connection>();
  readonly #gone: (() => void)[] = [];
  #lastId = 0;
  #refused = 0;
  /** Of connections that are closed. */
  #requests = 0;
  #reuseLogged = Number.NEGATIVE_INFINITY;
  // Connections that wait for a request: a list linked through themselves, the longest waiting first.
  #first: Http1Connection | null = null;
  #last: Http1Connection | null = null;
  #reusable = 0;

  constructor(settings: ServerSettings) {
    this.#settings = settings;
  }

  listen(socket: ListenSocket, fd: number): Promise<void> {
    const { spec } = socket;
    const server = createServer();
    this.#servers.push(server);
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void =>
        reject(
          new ConfError(`listen() to ${spec.key}, backlog ${spec.backlog} failed ${errorText(error)}`, null),
        );
      server.once('error', failed);
      server.listen({ fd }, spec.backlog, () => {
        server.off('error', failed);
        server.on('error', (error) => this.#acceptFailed(error));
        RawSocket.accept(server, (client) => this.#accept(client, socket));
        resolve();
      });
    });
  }

  #accept(client: RawSocket, { spec, byAddress, any }: ListenSocket): void {
    if (this.#connections.size >= this.#settings.worker_connections - this.#spare()) this.#reuse();
    if (this.#connections.size >= this.#settings.worker_connections) {
      const { worker_connections: limit, log } = this.#settings;
      log.write('alert', `${limit} worker_connections are not enough`);
      this.#refused++;
      client.destroy();
      return;
    }
    if (spec.keepAlive) client.setKeepAlive(true, Math.floor(spec.keepAliveIdleMs / 1000));
    const address = byAddress.size === 0 ? any : (byAddress.get(client.local().address) ?? any);
    this.#connections.add(new Http1Connection(++this.#lastId, client, address, this));
  }

  /** When so few connections are left, idle ones are closed. */
  #spare(): number {
    return Math.floor(this.#settings.worker_connections / 16);
  }

  #reuse(): void {
    if (this.#reusable === 0) return;
    const now = performance.now();
    if (now - this.#reuseLogged >= REUSE_LOG_MS) {
      this.#reuseLogged = now;
      const { worker_connections: limit, log } = this.#settings;
      log.write('warn', `${limit} worker_connections are not enough, reusing connections`);
    }
    const count = Math.max(1, Math.min(MAX_REUSED, Math.floor(this.#reusable / 8)));
    for (let i = 0; i < count; i++) this.#first?.close();
  }

  #acceptFailed(error: Error): void {
    const errno = errnoOf(error);
    const exhausted = errno === constants.errno.EMFILE || errno === constants.errno.ENFILE;
    this.#settings.log.write(exhausted ? 'crit' : 'alert', `accept4() failed ${errorText(error)}`);
  }

  reusable(c: Http1Connection, on: boolean): void {
    if (on) {
      c.before = this.#last;
      if (this.#last === null) this.#first = c;
      else this.#last.after = c;
      this.#last = c;
      this.#reusable++;
      return;
    }
    const { before, after } = c;
    if (before === null && this.#first !== c) return;
    if (before === null) this.#first = after;
    else before.after = after;
    if (after === null) this.#last = before;
    else after.before = before;
    c.before = null;
    c.after = null;
    this.#reusable--;
  }

  closed(c: Http1Connection): void {
    this.#connections.delete(c);
    this.#requests += c.requests;
    if (this.#connections.size === 0) for (const resolve of this.#gone.splice(0)) resolve();
  }

  connections(): ConnectionCounts {
    const states = { reading: 0, writing: 0, waiting: 0 };
    let requests = this.#requests;
    for (const c of this.#connections) {
      requests += c.requests;
      states[c.activity]++;
    }
    const handled = this.#lastId;
    const accepted = handled + this.#refused;
    return { accepted, handled, requests, active: this.#connections.size, ...states };
  }

  quit(): Promise<void> {
    this.quitting = true;
    for (const server of this.#servers) server.close();
    for (const c of this.#connections) c.quit();
    if (this.#connections.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#gone.push(resolve));
  }

  stop(): void {
    this.quitting = true;
    for (const server of this.#servers) server.close();
    for (const c of this.#connections) {
      c.stop();
      this.#requests += c.requests;
    }
    this.#connections.clear();
    for (const resolve of this.#gone.splice(0)) resolve();
  }
}
