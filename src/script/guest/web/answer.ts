// A content block may return a Response: it is sent as if the block had set and said it all.

import type { Request } from '../request.ts';

export function isResponse(_value: unknown): boolean {
  return false;
}

/** Says a Response; a promise where its body has to be waited for. */
export function answerWith(_r: Request, _response: unknown): Promise<void> | null {
  return null;
}
