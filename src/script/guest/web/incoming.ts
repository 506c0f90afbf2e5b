// ngx.request: the request as fetch's Request, made when somebody asks for it. Its body is read when somebody reads it.

import { CALL_BODY_RAW, CALL_REQ_HEADERS, CALL_REQ_INFO, OP_READ_BODY } from '../../protocol.ts';
import { call } from '../bridge.ts';
import { promise } from '../operations.ts';
import { gate, type Request } from '../request.ts';
import { OUTPUT_PHASES } from '../resp.ts';
import { readVariable } from '../var.ts';
import { type BodySource, incoming } from './body.ts';
import { headersFromText } from './headers.ts';

export function incomingRequest(r: Request): object {
  gate(r, OUTPUT_PHASES);
  if (r.request === undefined) {
    const method = call(CALL_REQ_INFO, r.slot, 'method') as string;
    const scheme = readVariable(r, 'scheme') ?? 'http';
    const host = readVariable(r, 'http_host') ?? readVariable(r, 'host') ?? 'localhost';
    const uri = readVariable(r, 'request_uri') ?? '/';
    const headers = headersFromText(call(CALL_REQ_HEADERS, r.slot) as string);
    const body: BodySource = method === 'GET' || method === 'HEAD' ? null : new Later(r);
    r.request = incoming(`${scheme}://${host}${uri}`, method, headers, body);
  }
  return r.request as object;
}

/** The body, once it is awaited: most who look at a request never do. */
class Later implements PromiseLike<string> {
  readonly #r: Request;

  constructor(r: Request) {
    this.#r = r;
  }

  // biome-ignore lint/suspicious/noThenProperty: that is what it is for
  then<A, B>(
    done?: ((raw: string) => A | PromiseLike<A>) | null,
    failed?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return read(this.#r).then(done, failed);
  }
}

async function read(r: Request): Promise<string> {
  await promise<void>(r, OP_READ_BODY, []);
  return (call(CALL_BODY_RAW, r.slot, 0) as string | undefined) ?? '';
}
