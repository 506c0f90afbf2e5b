// Lets Chrome DevTools, or any debugger of its protocol, attach to the isolates of a worker: the HTTP endpoint where it
// looks for what there is, and a WebSocket for each isolate. The door to `ws`.

import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { InspectorAddress } from './inspector_address.ts';
import type { Keeper } from './keeper.ts';

/** After a reload the worker of the configuration before has the port until it quits. */
const RETRY_MS = 100;

interface InspectorOptions {
  readonly address: InspectorAddress;
  readonly workerId: number;
  /** The worker quits: another one wants the port. */
  exiting(): boolean;
  log(message: string): void;
}

export class Inspector {
  readonly #options: InspectorOptions;
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true });
  /** By the path of its WebSocket. */
  readonly #targets = new Map<string, Keeper>();
  readonly #watch: NodeJS.Timeout;
  #closed = false;

  constructor(options: InspectorOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#server.on('listening', () => this.#announce());
    this.#server.on('error', (error: NodeJS.ErrnoException) => this.#failed(error));
    this.#server.unref();
    this.#watch = setInterval(() => {
      if (options.exiting()) this.close();
    }, RETRY_MS).unref();
    this.#listen();
  }

  add(keeper: Keeper): void {
    this.#targets.set(`/${randomUUID()}`, keeper);
  }

  /** Debuggers are sent away: what they have paused goes on. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#watch);
    for (const client of this.#sockets.clients) client.terminate();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** Each worker has a port of its own, from the one that is configured on. */
  #listen(): void {
    const { address, workerId } = this.#options;
    if (!this.#closed) this.#server.listen(address.port === 0 ? 0 : address.port + workerId, address.host);
  }

  #announce(): void {
    const { address, port } = this.#server.address() as AddressInfo;
    this.#options.log(`debuggers can attach at ${isIP(address) === 6 ? `[${address}]` : address}:${port}`);
  }

  #failed(error: NodeJS.ErrnoException): void {
    if (error.code === 'EADDRINUSE') setTimeout(() => this.#listen(), RETRY_MS).unref();
    else this.#options.log(`debuggers cannot attach: ${error.message}`);
  }

  /** What names this machine: a page in a browser could otherwise reach us under a name of its own. */
  #isMeant({ headers }: IncomingMessage): boolean {
    const host = (headers.host ?? '').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
    return isIP(host) !== 0 || host === 'localhost' || host === this.#options.address.host;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const body = this.#isMeant(request) ? this.#describe(request) : null;
    if (body === null) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader('Content-Type', 'application/json; charset=UTF-8');
    response.end(JSON.stringify(body, null, 2));
  }

  #describe({ url, headers }: IncomingMessage): unknown {
    if (url === '/json/version') return { Browser: 'tsresty', 'Protocol-Version': '1.3' };
    if (url !== '/json' && url !== '/json/list') return null;
    for (const [path, keeper] of this.#targets) if (keeper.closed) this.#targets.delete(path);
    return [...this.#targets].map(([path, keeper]) => {
      const at = `${headers.host}${path}`;
      return {
        description: 'tsresty isolate',
        devtoolsFrontendUrl: `devtools://devtools/bundled/js_app.html?experiments=true&v8only=true&ws=${at}`,
        id: path.slice(1),
        title: `isolate "${keeper.name}" of worker ${this.#options.workerId} (${process.pid})`,
        type: 'node',
        url: 'file://',
        webSocketDebuggerUrl: `ws://${at}`,
      };
    });
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const keeper = this.#targets.get(request.url ?? '');
    if (keeper === undefined || !this.#isMeant(request)) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (client) => void serve(client, keeper));
  }
}

/** One debugger at a time has an isolate; what it sends before it is attached waits. */
async function serve(client: WebSocket, keeper: Keeper): Promise<void> {
  const early: string[] = [];
  let send = (message: string): void => void early.push(message);
  client.on('message', (data) => send(String(data)));
  client.on('error', () => client.terminate());
  const session = await keeper.attach(
    (message) => client.send(message),
    () => client.close(1001, 'the isolate has ended'),
  );
  if (session === null) {
    client.close(1013, 'another debugger is attached');
    return;
  }
  client.on('close', () => session.close());
  if (client.readyState !== client.OPEN) session.close();
  send = (message) => session.send(message);
  for (const message of early) send(message);
}
