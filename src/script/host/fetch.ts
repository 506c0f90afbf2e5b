// fetch for scripts, on undici: one agent a worker, whose connections are kept and shared. undici is loaded by the
// first fetch: it would make every start 20 ms longer.
//
//   start ── head ── pull … pull ── end        the response: read ahead up to a limit, then the connection waits
//     └── send … send ── end                   a request body that is a stream
//
// A fetch is known by the number that the guest gave it until its last byte has been pulled or it was closed.

import { lookup } from 'node:dns';
import { Readable } from 'node:stream';
import type { Agent, Dispatcher } from 'undici';
import { BOOLEAN, RAW, TEXT, UNDEFINED } from '../protocol.ts';
import type { Destinations } from './destinations.ts';
import { decoderFor } from './fetch_decoder.ts';
import type { Argument, Cancel, Done } from './request.ts';

const MAX_REDIRECTS = 20;
/** So much of a response is read ahead. */
const AHEAD_BYTES = 256 * 1024;
/** Of a response that redirects, so much is read to keep its connection. */
const SKIP_BYTES = 64 * 1024;
/** A response that nobody reads for so long is given up, with its connection. */
const UNREAD_MS = 300_000;
/** Of one isolate: what they take is the worker's memory. */
const MOST_RUNNING = 10_000;

/** Of the connection, which is undici's: Fetch ignores them where a script sets them, too. */
const NOT_SENT = /^(?:connection|expect|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade)$/i;

/** Of all isolates that may connect everywhere. */
let commonAgent: Agent | null = null;

/** Those that are made later in this process have connections of their own: the worker quits. */
export function leaveAgent(): void {
  commonAgent = null;
}

async function openAgent(destinations: Destinations | null): Promise<Agent> {
  const { Agent, buildConnector } = await import('undici');
  if (destinations === null) {
    commonAgent ??= new Agent({ connections: 256, allowH2: false });
    return commonAgent;
  }
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
        else connect({ ...options, hostname: address, servername: options.servername ?? host }, callback);
      });
    },
  });
}

export class Fetches {
  readonly #running = new Map<number, Exchange>();
  readonly #destinations: Destinations | null;
  #agent: Agent | null = null;

  /** `destinations`: where to; null: everywhere. */
  constructor(destinations: Destinations | null) {
    this.#destinations = destinations;
  }

  /** Arguments: number, method, url, headers, body (undefined: none), redirect, whether the body is a stream. */
  start(args: readonly Argument[], done: Done): Cancel {
    const id = Number(args[0]);
    if (this.#running.size >= MOST_RUNNING) {
      done(false, TEXT, 'too many fetches at once', '');
      return nothing;
    }
    const exchange = new Exchange(args, done, () => this.#running.delete(id));
    this.#running.set(id, exchange);
    void this.#begin(exchange);
    return () => this.close(id);
  }

  async #begin(exchange: Exchange): Promise<void> {
    this.#agent ??= await openAgent(this.#destinations);
    exchange.go(this.#agent);
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
    if (this.#destinations !== null) void this.#agent?.destroy();
  }
}

const nothing: Cancel = () => {};

/** A request body that comes in pieces. */
class Upload extends Readable {
  #taken: Done | null = null;

  send(piece: Buffer | null, done: Done): void {
    if (this.destroyed) {
      done(true, BOOLEAN, '', '');
      return;
    }
    if (this.push(piece) || piece === null) done(true, BOOLEAN, '1', '');
    else this.#taken = done;
  }

  override _read(): void {
    this.#answer('1');
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#answer('');
    callback(error);
  }

  #answer(more: string): void {
    const taken = this.#taken;
    this.#taken = null;
    taken?.(true, BOOLEAN, more, '');
  }
}

class Exchange {
  upload: Upload | null = null;
  readonly #redirect: string;
  readonly #over: () => void;
  #done: Done | null;
  #method: string;
  #target: URL | null = null;
  #agent: Agent | null = null;
  #headers: string[];
  #body: Buffer | null;
  #redirects = 0;
  #closed = false;

  #controller: Dispatcher.DispatchController | null = null;
  #decoder: ReturnType<typeof decoderFor> = null;
  #pieces: Buffer[] = [];
  #bytes = 0;
  #ended = false;
  #error: Error | null = null;
  #pull: Done | null = null;
  #unread: NodeJS.Timeout | null = null;

  constructor(args: readonly Argument[], done: Done, over: () => void) {
    const [, method, url, headers, body, redirect, streamed] = args;
    this.#done = done;
    this.#over = over;
    this.#method = String(method);
    this.#headers = sendable(String(headers ?? ''), streamed === true);
    this.#body = body === undefined ? null : Buffer.from(String(body), 'latin1');
    this.#redirect = String(redirect);
    this.#target = new URL(String(url));
    if (streamed === true) this.upload = new Upload();
  }

  go(agent: Agent): void {
    this.#agent = agent;
    const target = this.#target;
    if (this.#closed || target === null) return;
    if (target.protocol !== 'http:' && target.protocol !== 'https:') {
      this.close(new Error(`unknown scheme "${target.protocol}"`));
      return;
    }
    const hop = new Hop(this);
    agent.dispatch(
      {
        origin: target.origin,
        path: target.pathname + target.search,
        method: this.#method as 'GET',
        headers: this.#headers,
        body: this.upload ?? this.#body,
      },
      hop,
    );
  }

  started(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#closed) controller.abort(new Error('aborted'));
  }

  /** True: this response is not the last, what comes of it is to be skipped. */
  head(status: number, headers: Headers_, statusText: string): boolean {
    const target = this.#target as URL;
    const { location } = headers;
    const moved = [301, 302, 303, 307, 308].includes(status) && typeof location === 'string';
    if (moved && this.#redirect !== 'manual') {
      this.#moveOn(status, location);
      return true;
    }
    const encoding = headers['content-encoding'];
    const nothingComes = this.#method === 'HEAD' || [204, 205, 304].includes(status);
    if (typeof encoding === 'string' && !nothingComes) {
      this.#decoder = decoderFor(
        encoding,
        (piece) => this.#keep(piece),
        (error) => this.#finish(error),
      );
      this.#decoder?.on('drain', () => this.#controller?.resume());
    }
    const list: string[] = [];
    for (const [name, value] of Object.entries(headers)) {
      for (const one of Array.isArray(value) ? value : [value ?? '']) list.push(name, one);
    }
    const meta = {
      status,
      statusText,
      headers: list.join('\0'),
      url: target.href,
      redirected: this.#redirects > 0,
      decoded: this.#decoder !== null,
    };
    // What came in the same packet goes along: a small response is there whole.
    process.nextTick(() => this.#tell(meta));
    return false;
  }

  #tell(meta: object): void {
    const done = this.#done;
    if (done === null) return;
    if (this.#error !== null && this.#bytes === 0) {
      this.#fail(this.#error);
      return;
    }
    this.#done = null;
    const more = !this.#ended || this.#error !== null;
    if (!more) this.#drop();
    done(true, TEXT, JSON.stringify({ ...meta, more }), this.#take());
  }

  #moveOn(status: number, location: string): void {
    const refusal = this.#redirectTo(status, location);
    if (refusal === null) this.#redirects++;
    else this.close(new Error(refusal));
  }

  /** What is asked next, and where; or why not. */
  #redirectTo(status: number, location: string): string | null {
    const from = this.#target as URL;
    if (this.#redirect === 'error') return 'unexpected redirect';
    if (this.#redirects === MAX_REDIRECTS) return 'redirect count exceeded';
    let next: URL;
    try {
      next = new URL(Buffer.from(location, 'latin1').toString('utf8'), from);
    } catch {
      return 'invalid redirect URL';
    }
    if (next.hash === '') next.hash = from.hash;
    if (status === 303 ? this.#method !== 'HEAD' : status <= 302 && this.#method === 'POST') {
      this.#method = 'GET';
      this.#body = null;
      this.upload?.destroy();
      this.upload = null;
      this.#headers = without(this.#headers, /^content-/);
    } else if (this.upload !== null) {
      return 'a body that is a stream cannot be sent again to where it is redirected';
    }
    // Credentials are for the origin that they were given for.
    if (next.origin !== from.origin) {
      this.#headers = without(this.#headers, /^(?:authorization|cookie|proxy-authorization|host)$/);
    }
    this.#target = next;
    return null;
  }

  /** A response that redirected is over. */
  skipped(): void {
    if (this.#agent !== null) this.go(this.#agent);
  }

  data(chunk: Buffer): void {
    if (this.#decoder !== null) {
      if (!this.#decoder.write(chunk)) this.#controller?.pause();
    } else {
      this.#keep(chunk);
    }
  }

  end(): void {
    if (this.#decoder !== null) this.#decoder.end();
    else this.#finish(null);
  }

  failed(error: Error): void {
    if (this.#decoder !== null && !this.#decoder.destroyed) this.#decoder.destroy();
    this.#finish(error);
  }

  #keep(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    if (this.#pull !== null) {
      this.#answer();
    } else if (this.#bytes >= AHEAD_BYTES) {
      if (this.#decoder !== null) this.#decoder.pause();
      else this.#controller?.pause();
      this.#unread ??= setTimeout(giveUp, UNREAD_MS, this).unref();
    }
  }

  #finish(error: Error | null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.upload?.destroy();
    if (this.#done !== null && error !== null) this.#fail(error);
    else if (this.#pull !== null) this.#answer();
  }

  pull(done: Done): void {
    this.#pull = done;
    if (this.#bytes > 0 || this.#ended) this.#answer();
  }

  dropPull(): void {
    this.#pull = null;
  }

  #answer(): void {
    const done = this.#pull;
    this.#pull = null;
    if (done === null) return;
    if (this.#bytes > 0) {
      const raw = this.#take();
      if (this.#unread !== null) clearTimeout(this.#unread);
      this.#unread = null;
      if (this.#decoder !== null) this.#decoder.resume();
      else if (!this.#ended) this.#controller?.resume();
      done(true, RAW, raw, '');
      return;
    }
    this.#drop();
    if (this.#error !== null) done(false, TEXT, reason(this.#error), '');
    else done(true, UNDEFINED, '', '');
  }

  #take(): string {
    const [first] = this.#pieces;
    const bytes = this.#pieces.length === 1 && first !== undefined ? first : Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#bytes = 0;
    return bytes.toString('latin1');
  }

  #fail(error: Error): void {
    const done = this.#done;
    this.#done = null;
    this.#drop();
    done?.(false, TEXT, reason(error), '');
  }

  #drop(): void {
    if (this.#unread !== null) clearTimeout(this.#unread);
    this.#unread = null;
    this.#over();
  }

  /** Gives it up, for that reason. */
  close(error: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#pieces = [];
    this.#bytes = 0;
    this.#controller?.abort(error);
    this.#decoder?.destroy();
    this.#finish(error);
    this.upload?.destroy();
    this.#drop();
  }
}

function giveUp(exchange: Exchange): void {
  exchange.close(new Error('the body was not read for too long'));
}

type Headers_ = Readonly<Record<string, string | string[] | undefined>>;

/** One request of an exchange; the next is another hop. */
class Hop implements Dispatcher.DispatchHandler {
  readonly #exchange: Exchange;
  #skipping = false;
  #skipped = 0;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#exchange.started(controller);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Headers_,
    statusText?: string,
  ): void {
    if (status < 200) return;
    this.#skipping = this.#exchange.head(status, headers, statusText ?? '');
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#skipping) {
      this.#exchange.data(chunk);
      return;
    }
    this.#skipped += chunk.length;
    if (this.#skipped > SKIP_BYTES) controller.abort(new Error('too much to skip'));
  }

  onResponseEnd(): void {
    if (this.#skipping) this.#exchange.skipped();
    else this.#exchange.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#skipping) this.#exchange.skipped();
    else this.#exchange.failed(error);
  }
}

/** The length of a body that is here is undici's business. */
function sendable(text: string, streamed: boolean): string[] {
  const list = text === '' ? [] : text.split('\0');
  const kept = without(list, NOT_SENT);
  return streamed ? kept : without(kept, /^content-length$/);
}

function without(headers: readonly string[], names: RegExp): string[] {
  const kept: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    if (!names.test((headers[i] ?? '').toLowerCase())) kept.push(headers[i] ?? '', headers[i + 1] ?? '');
  }
  return kept;
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
