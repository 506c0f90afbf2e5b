// The Content-Type of a response that has none yet: by the extension of the uri, or default_type.

import type { HttpRequest } from './request.ts';

export function setContentType(r: HttpRequest): void {
  const { headersOut } = r;
  if (headersOut.contentType !== '') return;
  const { core } = r.loc;
  const { exten } = r;
  const known = exten === '' ? undefined : core.types.get(exten.toLowerCase());
  headersOut.contentType = known ?? core.default_type;
}
