// fetch for scripts, on undici: one agent a worker, whose connections are kept and shared. undici is loaded by the
// first fetch: it would make every start 20 ms longer.

import type { Agent, Dispatcher } from 'undici';
import { TEXT } from '../protocol.ts';
import type { Argument, Cancel, Done } from './request.ts';
import { toLatin1, toText } from './text.ts';

const MAX_REDIRECTS = 20;
/** A response is held whole. */
const MAX_BODY = 64 * 1024 * 1024;

let agent: Agent | null = null;

/** Carries out one fetch: method, url, headers, body, redirect. */
export function startFetch(args: readonly Argument[], done: Done): Cancel {
  const abort = new AbortController();
  run(args, abort.signal).then(
    ({ meta, body }) => done(true, TEXT, JSON.stringify(meta), body),
    (error: unknown) => done(false, TEXT, reason(error), ''),
  );
  return () => abort.abort();
}

interface Fetched {
  readonly meta: object;
  readonly body: string;
}

async function run(args: readonly Argument[], signal: AbortSignal): Promise<Fetched> {
  const [method, url, headerText, body, redirect] = args;
  let target = new URL(String(url));
  let verb = String(method);
  let payload = body === undefined ? null : Buffer.from(String(body), 'latin1');
  let headers = listOf(String(headerText ?? ''));
  const undici = await import('undici');
  for (let redirects = 0; ; redirects++) {
    if (target.protocol !== 'http:' && target.protocol !== 'https:') {
      throw new Error(`unknown scheme "${target.protocol}"`);
    }
    agent ??= new undici.Agent({ connections: 256, allowH2: false });
    const answer = await undici.request(target, {
      dispatcher: agent,
      method: verb as 'GET',
      headers,
      body: payload,
      signal,
    });
    const { statusCode: status } = answer;
    const location = answer.headers.location;
    const moved = [301, 302, 303, 307, 308].includes(status) && typeof location === 'string';
    if (!moved || redirect === 'manual') return await whole(answer, target, redirects > 0);
    await answer.body.dump();
    if (redirect === 'error') throw new Error('unexpected redirect');
    if (redirects === MAX_REDIRECTS) throw new Error('redirect count exceeded');
    const next = new URL(location, target);
    if (status === 303 ? verb !== 'HEAD' : status <= 302 && verb === 'POST') {
      verb = 'GET';
      payload = null;
      headers = without(headers, /^content-/);
    }
    // Credentials are for the origin that they were given for.
    if (next.origin !== target.origin)
      headers = without(headers, /^(?:authorization|cookie|proxy-authorization|host)$/);
    target = next;
  }
}

async function whole(answer: Dispatcher.ResponseData, target: URL, redirected: boolean): Promise<Fetched> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw new Error('the response is too large');
    chunks.push(chunk);
  }
  const list: string[] = [];
  for (const [name, value] of Object.entries(answer.headers)) {
    for (const one of Array.isArray(value) ? value : [value ?? '']) list.push(name, one);
  }
  return {
    meta: {
      status: answer.statusCode,
      statusText: answer.statusText ?? '',
      headers: toText(list.join('\0')),
      url: target.href,
      redirected,
    },
    body: Buffer.concat(chunks).toString('latin1'),
  };
}

function listOf(text: string): string[] {
  return text === '' ? [] : toLatin1(text).split('\0');
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
