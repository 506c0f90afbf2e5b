// Variables whose value holds variables (map, geo, split_clients) can be made to depend on themselves.

import { logError } from './log.ts';
import type { HttpRequest } from './request.ts';

const DEEPEST = 100;
let depth = 0;

/** Before such a variable is evaluated; false: it is its own source, and has no value. Then leaveVariable(), if true. */
export function enterVariable(r: HttpRequest, name: string): boolean {
  if (depth === DEEPEST) {
    logError(r, 'error', `cycle while evaluating variable "${name}"`);
    return false;
  }
  depth++;
  return true;
}

export function leaveVariable(): void {
  depth--;
}
