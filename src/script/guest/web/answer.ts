// A content block may return a Response: it is sent as if the block had set and said it all. A body that is still to come
// is sent piece by piece, each when the one before has left for the client.

import { FLUSH, OP_FLUSH, SLOT, STREAM } from '../../protocol.ts';
import { mem } from '../bridge.ts';
import { keys } from '../builtins.ts';
import { promise } from '../operations.ts';
import { handOver, noteHeader, type Request } from '../request.ts';
import { putRaw, setHeader } from '../resp.ts';
import { decodeRaw, malformed } from '../text.ts';
import { type Coming, take } from './body.ts';
import { DOMException } from './dom_exception.ts';
import { saysDecoded, valuesOf } from './headers.ts';
import { Response } from './response.ts';

export function isResponse(value: unknown): value is Response {
  if (typeof value !== 'object' || value === null) return false;
  try {
    return value instanceof Response;
  } catch {
    return false; // a proxy that throws where it is asked for its prototype
  }
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

/** The bytes of a value as text, since text is what ngx.header takes. */
function textOf(value: string): string {
  const text = decodeRaw(value);
  return malformed ? value : text;
}

/** Says a Response; a promise where its body has to be waited for. */
export function answerWith(r: Request, response: Response): Promise<void> | null {
  const { headers } = response;
  if (response.type === 'error') throw new TypeError('a block cannot answer with Response.error()');
  const source = take(response);
  r.status = response.status;
  const decoded = saysDecoded(headers);
  const values = valuesOf(headers);
  for (const name of keys(values)) {
    if (HOP_BY_HOP.includes(name)) continue;
    if (decoded && (name === 'content-encoding' || name === 'content-length')) continue;
    const list = values[name] as readonly string[];
    const text = textOf(list.length === 1 ? (list[0] as string) : list.join(', '));
    if (name === 'set-cookie') setHeader(r, name, list.map(textOf));
    else if (text === '') noteHeader(r, name, text);
    else setHeader(r, name, text);
  }
  r.said = true;
  if (source === null) return null;
  if (typeof source === 'string') {
    putRaw(r, source);
    return null;
  }
  handOver(r, FLUSH | STREAM);
  return pour(r, source);
}

async function pour(r: Request, source: Coming): Promise<void> {
  // The request is over before the body is: nobody wants the rest.
  r.onEnd = () => source.cancel(new DOMException('The client has gone', 'AbortError'));
  for (;;) {
    const piece = await source.pull();
    if (r.gone) return;
    if (piece === null) break;
    if (piece === '') continue;
    mem[SLOT] = r.slot;
    putRaw(r, piece);
    handOver(r, FLUSH);
    await promise<void>(r, OP_FLUSH, []);
  }
  r.onEnd = undefined;
}
