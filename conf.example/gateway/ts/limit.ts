// A leaky bucket per client address, in a dictionary that all workers share: `rate` requests per second leak out, and
// `burst` may be waiting. As resty.limit.req counts, but a request within the burst is not delayed.

import type { Ngx, SharedDict } from 'tsresty/ngx';

export interface Limit {
  readonly dict: SharedDict;
  readonly rate: number;
  readonly burst: number;
}

export function limit(ngx: Ngx, { dict, rate, burst }: Limit): void {
  const key = ngx.var.remote_addr ?? '';
  const now = ngx.now();
  const { excess, last } = read(dict.get(key), now);
  // The clock may have been set back.
  const leaked = Math.max(0, now - last) * rate;
  const level = Math.max(0, excess - leaked + 1);

  ngx.header['X-RateLimit-Limit'] = String(rate);
  ngx.header['X-RateLimit-Remaining'] = String(Math.max(0, Math.floor(burst - level)));
  if (level > burst) {
    ngx.header['Retry-After'] = '1';
    ngx.exit(429);
  }
  // When all has leaked out the entry says nothing any more.
  dict.set(key, `${level} ${now}`, level / rate + 1);
}

function read(value: unknown, now: number): { excess: number; last: number } {
  // A client that was not seen lately: this request is the first one, which does not count as excess.
  if (typeof value !== 'string') return { excess: -1, last: now };
  const [excess, last] = value.split(' ').map(Number);
  return { excess: excess ?? -1, last: last ?? now };
}
