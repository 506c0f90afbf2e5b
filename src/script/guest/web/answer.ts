// A content block may return a Response: it is sent as if the block had set and said it all.

import { handOver, type Request } from '../request.ts';
import { putRaw, setHeader } from '../resp.ts';
import { Response, sourceOf } from './body.ts';

export function isResponse(value: unknown): value is Response {
  return typeof value === 'object' && value !== null && value instanceof Response;
}

/** Of the connection that a fetched response came by. */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** Says a Response; a promise where its body has to be waited for. */
export function answerWith(r: Request, response: Response): Promise<void> | null {
  r.status = response.status;
  for (const name of response.headers.keys()) {
    if (HOP_BY_HOP.includes(name)) continue;
    if (name === 'set-cookie') setHeader(r, name, response.headers.getSetCookie());
    else setHeader(r, name, response.headers.get(name));
  }
  const source = sourceOf(response);
  r.said = true;
  if (source === null) return null;
  if (typeof source === 'string') {
    putRaw(r, source);
    return null;
  }
  handOver(r, 0);
  return sayLater(r, source);
}

async function sayLater(r: Request, source: PromiseLike<string>): Promise<void> {
  putRaw(r, await source);
}
