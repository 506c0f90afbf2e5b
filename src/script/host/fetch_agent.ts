// fetch by undici: https, and bodies that come in pieces. One agent a worker, whose connections are kept and shared. It is
// loaded by the first fetch that needs it: it would make every start 20 ms longer.

import { lookup } from 'node:dns';
import { isIP } from 'node:net';
import type { Readable } from 'node:stream';
import type { Agent, Dispatcher } from 'undici';
import type { Destinations } from './destinations.ts';
import type { Transfer, TransferUser } from './fetch_transfer.ts';

export class AgentHttp {
  readonly #destinations: Destinations | null;
  #agent: Agent | null = null;

  /** `destinations`: where to; null: everywhere. */
  constructor(destinations: Destinations | null) {
    this.#destinations = destinations;
  }

  async send(
    request: AgentRequest,
    target: URL,
    method: string,
    headers: string[],
    body: Readable | Buffer | null,
  ): Promise<void> {
    try {
      this.#agent ??= openAgent(await import('undici'), this.#destinations);
      request.send(this.#agent, target, method, headers, body);
    } catch (error) {
      request.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  destroy(): void {
    void this.#agent?.destroy();
  }
}

function openAgent(
  { Agent, buildConnector }: typeof import('undici'),
  destinations: Destinations | null,
): Agent {
  if (destinations === null) return new Agent({ connections: 256, allowH2: false });
  const connect = buildConnector({ allowH2: false });
  return new Agent({
    connections: 256,
    allowH2: false,
    connect(options, callback) {
      const { hostname, protocol } = options;
      const port = Number(options.port) || (protocol === 'https:' ? 443 : 80);
      const host = hostname.replace(/^\[(.*)\]$/, '$1');
      const refuse = (): void => callback(new Error('permission denied'), null);
      if (!destinations.mayAllow(host, port)) {
        refuse();
        return;
      }
      lookup(host, (error, address) => {
        if (error !== null) callback(error, null);
        else if (!destinations.allows(host, address, port)) refuse();
        else
          connect(
            { ...options, hostname: address, ...(isIP(host) === 0 ? { servername: host } : {}) },
            callback,
          );
      });
    },
  });
}

type Headers_ = Readonly<Record<string, string | string[] | undefined>>;

/** One request. */
export class AgentRequest implements Dispatcher.DispatchHandler, Transfer {
  readonly #user: TransferUser;
  #controller: Dispatcher.DispatchController | null = null;
  #over = false;

  constructor(user: TransferUser) {
    this.#user = user;
  }

  send(agent: Agent, target: URL, method: string, headers: string[], body: Readable | Buffer | null): void {
    if (this.#over) return;
    const path = target.pathname + target.search;
    agent.dispatch({ origin: target.origin, path, method: method as 'GET', headers, body }, this);
  }

  fail(error: Error): void {
    if (!this.#over) this.#user.failed(error);
  }

  pause(): void {
    this.#controller?.pause();
  }

  resume(): void {
    this.#controller?.resume();
  }

  abort(): void {
    this.#over = true;
    this.#controller?.abort(new Error('aborted'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#over) controller.abort(new Error('aborted'));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Headers_,
    statusText?: string,
  ): void {
    if (status < 200 || this.#over) return;
    const list: string[] = [];
    for (const [name, value] of Object.entries(headers)) {
      for (const one of Array.isArray(value) ? value : [value ?? '']) list.push(name, one);
    }
    this.#user.head(status, list, statusText ?? '');
    // What came in the same packet goes along: a small response is there whole.
    process.nextTick(() => this.#user.settle());
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#over) this.#user.data(chunk, 0, chunk.length);
  }

  onResponseEnd(): void {
    if (!this.#over) this.#user.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(error);
  }
}
