// ngx.request: the request as fetch's Request, made when somebody asks for it. Its body is taken from the client when
// somebody reads it: in the content phase piece by piece as it comes, before that after it has been read whole, since
// others (proxy_pass, say) will want it too.

import { CALL_REQ_HEADERS, CALL_REQ_INFO, CONTENT, OP_BODY_PULL, OP_READ_BODY } from '../../protocol.ts';
import { call } from '../bridge.ts';
import { promise } from '../operations.ts';
import { gate, type Request } from '../request.ts';
import { OUTPUT_PHASES } from '../resp.ts';
import { encodeRaw } from '../text.ts';
import { readVariable } from '../var.ts';
import type { Coming } from './body.ts';
import { headersFromText } from './headers.ts';
import { incoming } from './request.ts';

export function incomingRequest(r: Request): object {
  gate(r, OUTPUT_PHASES);
  if (r.request === undefined) {
    const method = call(CALL_REQ_INFO, r.slot, 'method') as string;
    const scheme = readVariable(r, 'scheme') ?? 'http';
    const host = readVariable(r, 'http_host') ?? readVariable(r, 'host') ?? 'localhost';
    const uri = readVariable(r, 'request_uri') ?? '/';
    const headers = headersFromText(encodeRaw(call(CALL_REQ_HEADERS, r.slot) as string));
    const body = method === 'GET' || method === 'HEAD' ? null : new FromClient(r);
    r.request = incoming(`${scheme}://${host}${uri}`, method, headers, body);
  }
  return r.request as object;
}

/** Nothing is read before somebody pulls: most who look at a request never do. */
class FromClient implements Coming {
  readonly #r: Request;
  #over = false;
  #kept = false;

  constructor(r: Request) {
    this.#r = r;
  }

  async pull(): Promise<string | null> {
    if (this.#over) return null;
    if (this.#r.phase !== CONTENT && !this.#kept) {
      this.#kept = true;
      await promise<void>(this.#r, OP_READ_BODY, []);
    }
    const piece = await promise<string | undefined>(this.#r, OP_BODY_PULL, []);
    if (piece === undefined) this.#over = true;
    return piece ?? null;
  }

  cancel(): void {
    this.#over = true; // what is left is read and dropped when the request ends
  }
}
