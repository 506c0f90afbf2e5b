// fetch for scripts. Plain http goes by a client of our own (fetch_http1.ts), the rest by undici (fetch_agent.ts).
//
//   start ── head ── pull … pull ── end        the response: read ahead up to a limit, then the connection waits
//     └── send … send ── end                   a request body that is a stream
//
// A fetch is known by the number that the guest gave it until its last byte has been pulled or it was closed.

import { BOOLEAN, TEXT } from '../protocol.ts';
import type { Destinations } from './destinations.ts';
import { AgentHttp } from './fetch_agent.ts';
import { type Carriers, Exchange } from './fetch_exchange.ts';
import { PlainHttp } from './fetch_http1.ts';
import type { Argument, Cancel, Done } from './request.ts';

/** Of one isolate: what they take is the worker's memory. */
const MOST_RUNNING = 10_000;

/** Of all isolates that may connect everywhere. */
let commonAgent = new AgentHttp(null);
let commonHttp = new PlainHttp(null);

/** Those that are made later in this process have connections of their own: the worker quits. */
export function leaveAgent(): void {
  commonAgent = new AgentHttp(null);
  commonHttp.leave();
  commonHttp = new PlainHttp(null);
}

export class Fetches implements Carriers {
  readonly #running = new Map<number, Exchange>();
  readonly #common: boolean;
  readonly http: PlainHttp;
  readonly agent: AgentHttp;

  /** `destinations`: where to; null: everywhere. */
  constructor(destinations: Destinations | null) {
    this.#common = destinations === null;
    this.http = this.#common ? commonHttp : new PlainHttp(destinations);
    this.agent = this.#common ? commonAgent : new AgentHttp(destinations);
  }

  over(id: number): void {
    this.#running.delete(id);
  }

  /** Arguments: number, method, url, headers, body (undefined: none), redirect, whether the body is a stream. */
  start(args: readonly Argument[], done: Done): Cancel {
    const id = Number(args[0]);
    if (this.#running.size >= MOST_RUNNING) {
      done(false, TEXT, 'too many fetches at once', '');
      return nothing;
    }
    const exchange = new Exchange(this, id, args, done);
    this.#running.set(id, exchange);
    exchange.go();
    return () => this.close(id);
  }

  /** A piece of the request's body; without one it ends. Answers false when no more is wanted. */
  send(args: readonly Argument[], done: Done): Cancel {
    const exchange = this.#running.get(Number(args[0]));
    const upload = exchange?.upload ?? null;
    if (upload === null) {
      done(true, BOOLEAN, '', '');
      return nothing;
    }
    upload.send(args[1] === undefined ? null : Buffer.from(String(args[1]), 'latin1'), done);
    return nothing;
  }

  /** What has come of the response, as soon as something has; nothing at its end. */
  pull(id: number, done: Done): Cancel {
    const exchange = this.#running.get(id);
    if (exchange === undefined) {
      done(false, TEXT, 'the body was not read for too long', '');
      return nothing;
    }
    exchange.pull(done);
    return () => exchange.dropPull();
  }

  close(id: number): void {
    this.#running.get(id)?.close(new Error('aborted'));
  }

  closeAll(): void {
    for (const exchange of this.#running.values()) exchange.close(new Error('the isolate is gone'));
    if (this.#common) return;
    this.http.leave();
    this.agent.destroy();
  }
}

const nothing: Cancel = () => {};
