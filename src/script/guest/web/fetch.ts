// fetch: the host speaks HTTP, this makes Request and Response of it.

import {
  FETCH_ASCII,
  FETCH_DECODED,
  FETCH_MORE,
  OP_FETCH,
  OP_FETCH_BODY,
  OP_FETCH_CLOSE,
  OP_FETCH_SEND,
} from '../../protocol.ts';
import { captureStackTrace, fromCharCode, indexOf, keys, Promise_, slice, TypeError_ } from '../builtins.ts';
import { failing } from '../errors.ts';
import { nobody } from '../nobody.ts';
import { type Argument, operate, promise, tell } from '../operations.ts';
import { decodeRaw } from '../text.ts';
import type { AbortSignal } from './abort.ts';
import { type Coming, markAscii, take } from './body.ts';
import { DOMException } from './dom_exception.ts';
import { Headers, headersFromText, headersToText, markDecoded, valuesOf } from './headers.ts';
import { isPlainUrl } from './plain_url.ts';
import { Request, type RequestInit, signalOf } from './request.ts';
import { fetched, type Response } from './response.ts';

let lastFetch = 0;

/** As the web's, for nobody's request: it goes on when the one that it was called in ends. */
export function fetch(input: unknown, init?: RequestInit): Promise<Response> {
  try {
    if (typeof input === 'string' && init === undefined && isPlainUrl(input)) {
      sweep();
      return send('GET', input, DEFAULT_HEADERS, null, 'follow', null);
    }
    const request = new Request(input, init);
    const { method, url, redirect } = request;
    const signal = signalOf(request);
    signal?.throwIfAborted();
    if (url.startsWith('data:')) return settled(dataResponse(url));
    sweep();
    return send(method, url, headersOf(request), take(request), redirect, signal);
  } catch (error) {
    return new Promise_<Response>((_resolve, reject) => reject(error));
  }
}

function settled(response: Response): Promise<Response> {
  return new Promise_<Response>((resolve) => resolve(response));
}

function failed(why: unknown): TypeError {
  return causedBy(why, 'fetch failed');
}

function causedBy(why: unknown, message: string): TypeError {
  const error = new TypeError_(message);
  const value = new Error(String(why));
  Object.defineProperty(error, 'cause', { value, configurable: true, writable: true });
  return error;
}

/** A timeout's stack tells of a timer only: that of who waits for it says more. */
function timely(reason: unknown): unknown {
  if (reason instanceof DOMException && reason.name === 'TimeoutError') captureStackTrace(reason);
  return reason;
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

const DEFAULT_HEADERS = headersOf(new Request('http://h/'));

function send(
  method: string,
  url: string,
  headers: string,
  source: Coming | string | null,
  redirect: string,
  signal: AbortSignal | null,
): Promise<Response> {
  const id = ++lastFetch;
  const streamed = source !== null && typeof source !== 'string';
  const whole: Argument = typeof source === 'string' ? { raw: source } : undefined;
  return new Promise_<Response>((resolve, reject) => {
    let over = false;
    let coming: FromHost | null = null;
    const stop = (reason: unknown): void => {
      if (coming === null) tell(OP_FETCH_CLOSE, [id]);
      else coming.abort(reason);
    };
    const aborted = (): void => {
      if (!over) {
        over = true;
        if (streamed) source.cancel(signal?.reason);
        resolve(failing(() => timely(signal?.reason)));
      }
      stop(signal?.reason);
    };
    const args: Argument[] = [id, method, url, { raw: headers }, whole, redirect, streamed];
    operate(nobody, OP_FETCH, args, (ok, value, beside) => {
      if (over) return;
      over = true;
      if (!ok) {
        signal?.removeEventListener('abort', aborted);
        if (streamed) source.cancel(failed(value));
        resolve(failing(() => failed(value)));
        return;
      }
      const head = value as string;
      const flagsAt = indexOf(head, '\0') + 1;
      const urlAt = indexOf(head, '\0', flagsAt) + 1;
      const reasonAt = indexOf(head, '\0', urlAt) + 1;
      const headersAt = indexOf(head, '\0', reasonAt) + 1;
      const flags = +slice(head, flagsAt, urlAt - 1);
      const movedTo = slice(head, urlAt, reasonAt - 1);
      const answer = headersFromText(slice(head, headersAt));
      if ((flags & FETCH_DECODED) !== 0) markDecoded(answer);
      const more = (flags & FETCH_MORE) !== 0;
      if (more) {
        coming = new FromHost(id, beside, () => signal?.removeEventListener('abort', aborted));
        opened.push({ id, coming: new WeakRef(coming) });
      } else {
        signal?.removeEventListener('abort', aborted);
      }
      const response = fetched(
        coming ?? beside,
        +slice(head, 0, flagsAt - 1),
        slice(head, reasonAt, headersAt - 1),
        answer,
        movedTo === '' ? url : movedTo,
        movedTo !== '',
      );
      if ((flags & FETCH_ASCII) !== 0) markAscii(response);
      resolve(response);
    });
    signal?.addEventListener('abort', aborted);
    if (streamed) {
      upload(id, source).catch((error: unknown) => {
        if (!over) {
          over = true;
          signal?.removeEventListener('abort', aborted);
          reject(error);
        }
        stop(error);
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
  #first: string;
  #over = false;
  #aborted = false;
  #reason: unknown = undefined;
  #stopPull: ((error: unknown) => void) | null = null;
  #end: () => void;

  constructor(id: number, first: string, end: () => void) {
    this.#id = id;
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
        else resolve(failing(() => causedBy(value, 'terminated')));
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
  return fetched(bytes, 200, 'OK', headers, url, false);
}
