// A leaky bucket per client address, in a dictionary that all workers share: `rate` requests a second leak out, `burst`
// may be waiting, and who comes within the burst is not delayed. Every step is one atomic operation of the dictionary:
// with a get and a set instead, two workers at the same moment would count one request for two.

import type { Ngx, SharedDict } from 'tsresty/ngx';

export interface Limit {
  readonly dict: SharedDict;
  readonly rate: number;
  readonly burst: number;
}

const tickSeconds = 0.02;

export function limit(ngx: Ngx, { dict, rate, burst }: Limit): void {
  const key = ngx.var.remote_addr ?? '';
  // Long enough for the fullest bucket to run dry.
  const lifetime = (burst + 1) / rate + 1;
  leak(dict, key, rate, lifetime, ngx.now());
  const excess = dict.incr(key, 1, 0, lifetime) - 1;
  dict.expire(key, lifetime);

  ngx.header['X-RateLimit-Limit'] = String(rate);
  ngx.header['X-RateLimit-Remaining'] = String(Math.max(0, Math.floor(burst - excess)));
  if (excess > burst) {
    dict.incr(key, -1, 0, lifetime);
    ngx.header['Retry-After'] = '1';
    ngx.exit(429);
  }
}

// Takes out what has leaked since the last time; in each tick the first request of all workers does it.
function leak(dict: SharedDict, key: string, rate: number, lifetime: number, now: number): void {
  const tick = Math.floor(now / tickSeconds);
  if (!dict.add(`${key} ${tick}`, true, 1)) return;
  const last = Number(dict.get(`${key} last`) ?? tick);
  dict.set(`${key} last`, tick, lifetime);
  const leaked = Math.min((tick - last) * tickSeconds * rate, Number(dict.get(key) ?? 0));
  // The clock may have been set back.
  if (leaked > 0) dict.incr(key, -leaked, 0, lifetime);
}
