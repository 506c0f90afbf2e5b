// fetch: the host speaks HTTP, this makes Request and Response of it.

import { OP_FETCH } from '../../protocol.ts';
import { parseJson, TypeError_ } from '../builtins.ts';
import { nobody } from '../nobody.ts';
import { cancel, operate } from '../operations.ts';
import type { Request as GuestRequest } from '../request.ts';
import { fetched, Request, type Response, sourceOf } from './body.ts';
import { headersFromText, headersToText } from './headers.ts';

interface Meta {
  readonly status: number;
  readonly statusText: string;
  readonly headers: string;
  readonly url: string;
  readonly redirected: boolean;
}

/** As the web's, for nobody's request: it goes on when the one that it was called in ends. */
export async function fetch(input: unknown, init?: object): Promise<Response> {
  const request = new Request(input, init);
  return await send(nobody, request);
}

async function send(r: GuestRequest, request: Request): Promise<Response> {
  const { method, url, redirect, headers, signal } = request;
  signal.throwIfAborted();
  const body = await sourceOf(request);
  return await new Promise<Response>((resolve, reject) => {
    const id = operate(
      r,
      OP_FETCH,
      [method, url, headersToText(headers), body === null ? undefined : { raw: body }, redirect],
      (ok, value, beside) => {
        signal.removeEventListener('abort', aborted);
        if (!ok) {
          const error = new TypeError_('fetch failed');
          Object.defineProperty(error, 'cause', {
            value: new Error(String(value)),
            configurable: true,
            writable: true,
          });
          reject(error);
          return;
        }
        const meta = parseJson(value as string) as Meta;
        resolve(
          fetched(
            beside,
            { status: meta.status, statusText: meta.statusText, headers: headersFromText(meta.headers) },
            meta,
          ),
        );
      },
    );
    const aborted = (): void => {
      cancel(id);
      reject(signal.reason);
    };
    signal.addEventListener('abort', aborted, { once: true });
  });
}
