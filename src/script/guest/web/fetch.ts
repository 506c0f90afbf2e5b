// fetch: the host speaks HTTP, this makes Request and Response of it.

import { OP_FETCH, OP_FETCH_BODY, OP_FETCH_CLOSE, OP_FETCH_SEND } from '../../protocol.ts';
import { fromCharCode, keys, parseJson, TypeError_ } from '../builtins.ts';
import { nobody } from '../nobody.ts';
import { type Argument, operate, promise, tell } from '../operations.ts';
import { decodeRaw } from '../text.ts';
import { type Coming, take } from './body.ts';
import { Headers, headersFromText, headersToText, markDecoded, valuesOf } from './headers.ts';
import { Request, type RequestInit, signalOf } from './request.ts';
import { fetched, type Response } from './response.ts';

interface Meta {
  readonly status: number;
  readonly statusText: string;
  readonly headers: string;
  readonly url: string;
  readonly redirected: boolean;
  /** The body's Content-Encoding has been undone. */
  readonly decoded: boolean;
  /** There is more of the body than came along. */
  readonly more: boolean;
}

let lastFetch = 0;

/** As the web's, for nobody's request: it goes on when the one that it was called in ends. */
export async function fetch(input: unknown, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  signalOf(request)?.throwIfAborted();
  if (request.url.startsWith('data:')) return dataResponse(request.url);
  sweep();
  return await send(request);
}

function failed(message: unknown): TypeError {
  const error = new TypeError_('fetch failed');
  Object.defineProperty(error, 'cause', {
    value: new Error(String(message)),
    configurable: true,
    writable: true,
  });
  return error;
}

/** Those that were set, and what is sent where nobody has set it. */
function headersOf(request: Request): string {
  const values = valuesOf(request.headers);
  let text = headersToText(request.headers);
  for (const name of keys(DEFAULTS)) {
    if (values[name] === undefined) text += `${text === '' ? '' : '\0'}${name}\0${DEFAULTS[name]}`;
  }
  return text;
}

const DEFAULTS: Readonly<Record<string, string>> = {
  accept: '*/*',
  'user-agent': 'tsresty',
  'accept-encoding': 'gzip, deflate, br',
};

function send(request: Request): Promise<Response> {
  const { method, url, redirect } = request;
  const signal = signalOf(request);
  const id = ++lastFetch;
  const source = take(request);
  const streamed = source !== null && typeof source !== 'string';
  const whole: Argument = typeof source === 'string' ? { raw: source } : undefined;
  return new Promise<Response>((resolve, reject) => {
    let over = false;
    const coming = new FromHost(id);
    const aborted = (): void => {
      if (!over) {
        over = true;
        if (streamed) source.cancel(signal?.reason);
        reject(signal?.reason);
      }
      coming.abort(signal?.reason);
    };
    const args: Argument[] = [id, method, url, { raw: headersOf(request) }, whole, redirect, streamed];
    operate(nobody, OP_FETCH, args, (ok, value, beside) => {
      if (over) return;
      over = true;
      if (!ok) {
        signal?.removeEventListener('abort', aborted);
        if (streamed) source.cancel(failed(value));
        reject(failed(value));
        return;
      }
      const meta = parseJson(value as string) as Meta;
      const answer = headersFromText(meta.headers);
      if (meta.decoded) markDecoded(answer);
      if (meta.more) {
        coming.started(beside, () => signal?.removeEventListener('abort', aborted));
        opened.push({ id, coming: new WeakRef(coming) });
      } else {
        signal?.removeEventListener('abort', aborted);
      }
      resolve(fetched(meta.more ? coming : beside, meta, answer, meta));
    });
    signal?.addEventListener('abort', aborted);
    if (streamed) {
      upload(id, source).catch((error: unknown) => {
        if (!over) {
          over = true;
          signal?.removeEventListener('abort', aborted);
          reject(error);
        }
        coming.abort(error);
      });
    }
  });
}

/** Sends a body that is a stream, as fast as the other side takes it. */
async function upload(id: number, source: Coming): Promise<void> {
  for (;;) {
    const piece = await source.pull();
    if (piece === '') continue;
    const more = await promise<boolean>(nobody, OP_FETCH_SEND, [
      id,
      piece === null ? undefined : { raw: piece },
    ]);
    if (piece === null) return;
    if (!more) {
      source.cancel(undefined);
      return;
    }
  }
}

/** The rest of a response's body. */
class FromHost implements Coming {
  readonly #id: number;
  /** What came with the head. */
  #first = '';
  #over = false;
  #aborted = false;
  #reason: unknown = undefined;
  #stopPull: ((error: unknown) => void) | null = null;
  #end: () => void = nothing;

  constructor(id: number) {
    this.#id = id;
  }

  started(first: string, end: () => void): void {
    this.#first = first;
    this.#end = end;
  }

  async pull(): Promise<string | null> {
    if (this.#aborted) throw this.#reason;
    const first = this.#first;
    if (first !== '') {
      this.#first = '';
      return first;
    }
    if (this.#over) return null;
    return await new Promise<string | null>((resolve, reject) => {
      this.#stopPull = reject;
      operate(nobody, OP_FETCH_BODY, [this.#id], (ok, value) => {
        this.#stopPull = null;
        if (ok && value !== undefined) {
          resolve(value as string);
          return;
        }
        this.#finish();
        if (ok) resolve(null);
        else reject(terminated(value));
      });
    });
  }

  cancel(): void {
    if (this.#over) return;
    this.#finish();
    tell(OP_FETCH_CLOSE, [this.#id]);
  }

  /** The signal of its fetch was aborted. */
  abort(reason: unknown): void {
    if (this.#over) return;
    this.#aborted = true;
    this.#reason = reason;
    this.cancel();
    this.#stopPull?.(reason);
    this.#stopPull = null;
  }

  #finish(): void {
    this.#over = true;
    this.#end();
    this.#end = nothing;
  }
}

function nothing(): void {}

function terminated(message: unknown): TypeError {
  const error = new TypeError_('terminated');
  Object.defineProperty(error, 'cause', {
    value: new Error(String(message)),
    configurable: true,
    writable: true,
  });
  return error;
}

// Bodies that nobody reads and nobody can read any more: their connections are given back when later fetches look.

interface Opened {
  readonly id: number;
  readonly coming: WeakRef<FromHost>;
}

let opened: Opened[] = [];
let sweepAt = 64;

function sweep(): void {
  if (opened.length < sweepAt) return;
  const left: Opened[] = [];
  for (const one of opened) {
    const coming = one.coming.deref();
    if (coming === undefined) tell(OP_FETCH_CLOSE, [one.id]);
    else left.push(one);
  }
  opened = left;
  sweepAt = Math.max(64, left.length * 2);
}

const DATA = /^data:([^,]*?)(;\s*base64)?,([^#]*)/is;

/** "data:text/plain;base64,…". */
function dataResponse(url: string): Response {
  const parts = DATA.exec(url);
  if (parts === null) throw failed('invalid data: URL');
  const [, given = '', base64, data = ''] = parts;
  const raw = data.replace(/%([0-9A-Fa-f]{2})/g, (_all, hex: string) =>
    fromCharCode(Number.parseInt(hex, 16)),
  );
  let bytes = raw;
  if (base64 !== undefined) {
    try {
      bytes = atob(raw);
    } catch {
      throw failed('invalid data: URL');
    }
  }
  const type =
    given.trim() === '' || given.startsWith(';') ? `text/plain${given || ';charset=US-ASCII'}` : given;
  const headers = new Headers({ 'content-type': decodeRaw(type) });
  return fetched(bytes, { status: 200, statusText: 'OK' }, headers, { url, redirected: false });
}
