// The exchange that a request has, or has had, with an upstream.

import type { HttpRequest } from '../request.ts';
import type { Exchange } from './exchange.ts';

/** The last one; null where there was none. */
export function exchangeOf(r: HttpRequest): Exchange | null {
  return r.upstream as Exchange | null;
}
