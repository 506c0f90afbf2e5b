// The client's address behind trusted proxies, from X-Forwarded-For (ngx_http_get_forwarded_addr).

import { addressBytes, type Cidr, clientBytes, inCidr } from '../core/cidr.ts';
import type { HttpRequest } from './request.ts';

/** Follows the header from the right as long as the address before was a trusted proxy's; the bytes of where it ends. */
export function forwardedAddress(
  r: HttpRequest,
  header: string,
  address: string | null,
  proxies: readonly Cidr[],
  recursive: boolean,
): string | null {
  const headers = r.headersIn;
  let current = address;
  for (let i = headers.count - 1; i >= 0; i--) {
    if (!headers.is(i, header)) continue;
    const entries = headers.value(i).split(/[ ,]+/).filter(Boolean);
    for (let k = entries.length - 1; k >= 0; k--) {
      if (current === null || !isTrusted(current, proxies)) return current;
      const next = clientBytes(withoutPort(entries[k] as string));
      if (next === null) return current;
      current = next;
      if (!recursive) return current;
    }
  }
  return current;
}

function isTrusted(bytes: string, proxies: readonly Cidr[]): boolean {
  for (const proxy of proxies) if (inCidr(proxy, bytes)) return true;
  return false;
}

/** `1.2.3.4:80`, `[::1]:80` and `[::1]` name addresses too. */
function withoutPort(text: string): string {
  if (addressBytes(text) !== null) return text;
  const match = /^\[([^\]]*)\](?::[0-9]{1,5})?$|^([^:]*):[0-9]{1,5}$/.exec(text);
  return match === null ? text : (match[1] ?? match[2] ?? text);
}
