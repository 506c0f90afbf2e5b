// ngx.balancer: which peer of an upstream is asked next, and how.

import {
  BALANCER,
  BALANCER_BIND,
  BALANCER_KEEPALIVE,
  BALANCER_LAST_FAILURE,
  BALANCER_MORE_TRIES,
  BALANCER_PEER,
  BALANCER_RECREATE,
  BALANCER_TIMEOUTS,
  BALANCER_TLS,
  CALL_BALANCER,
} from '../protocol.ts';
import { call } from './bridge.ts';
import { isInteger, split, typeName } from './builtins.ts';
import { NgxError } from './errors.ts';
import { gate, type Request } from './request.ts';

const IDLE_SECONDS = 60;
const MAX_REQUESTS = 100;

class BalancerApi {
  readonly #r: Request;

  constructor(r: Request) {
    this.#r = r;
  }

  set_current_peer(addr: unknown, port?: unknown, host?: unknown): true {
    const r = this.#r;
    gate(r, BALANCER);
    if (typeof addr !== 'string') {
      throw new NgxError(`bad argument #1 to 'set_current_peer' (string expected, got ${typeName(addr)})`);
    }
    if (host !== undefined && host !== null && typeof host !== 'string') {
      throw new NgxError(`bad argument #3 to 'set_current_peer' (string expected, got ${typeName(host)})`);
    }
    const number = port === undefined || port === null ? 0 : +(port as string);
    if (!isInteger(number) || number < 0 || number > 65535) throw new NgxError('invalid port');
    call(CALL_BALANCER, r.slot, BALANCER_PEER, addr, number, host ?? '');
    return true;
  }

  set_more_tries(count: unknown): true {
    this.set_more_tries_with_info(count);
    return true;
  }

  set_more_tries_with_info(count: unknown): { ok: true; warning: string | undefined } {
    const r = this.#r;
    gate(r, BALANCER);
    if (typeof count !== 'number' || !isInteger(count)) {
      throw new NgxError(`bad argument #1 to 'set_more_tries' (number expected, got ${typeName(count)})`);
    }
    return {
      ok: true,
      warning: call(CALL_BALANCER, r.slot, BALANCER_MORE_TRIES, count) as string | undefined,
    };
  }

  get_last_failure(): string | undefined {
    return this.get_last_failure_with_code()?.state;
  }

  get_last_failure_with_code(): { state: string; code: number } | undefined {
    const r = this.#r;
    gate(r, BALANCER);
    const answer = call(CALL_BALANCER, r.slot, BALANCER_LAST_FAILURE);
    if (typeof answer !== 'string') return undefined;
    const parts = split(answer, ' ');
    return { state: parts[0] as string, code: +(parts[1] as string) };
  }

  set_timeouts(connect?: unknown, send?: unknown, read?: unknown): true {
    const r = this.#r;
    gate(r, BALANCER);
    const times = [milliseconds(connect, 'connect'), milliseconds(send, 'send'), milliseconds(read, 'read')];
    call(CALL_BALANCER, r.slot, BALANCER_TIMEOUTS, times[0], times[1], times[2]);
    return true;
  }

  enable_keepalive(idleTimeout?: unknown, maxRequests?: unknown): true {
    const r = this.#r;
    gate(r, BALANCER);
    const idle = amount(idleTimeout, IDLE_SECONDS, 1);
    const requests = amount(maxRequests, MAX_REQUESTS, 2);
    call(CALL_BALANCER, r.slot, BALANCER_KEEPALIVE, idle * 1000, requests);
    return true;
  }

  recreate_request(): true {
    const r = this.#r;
    gate(r, BALANCER);
    call(CALL_BALANCER, r.slot, BALANCER_RECREATE);
    return true;
  }

  set_upstream_tls(on: unknown): true {
    const r = this.#r;
    gate(r, BALANCER);
    call(CALL_BALANCER, r.slot, BALANCER_TLS, on !== 0 && on !== false);
    return true;
  }

  bind_to_local_addr(addr: unknown): true {
    const r = this.#r;
    gate(r, BALANCER);
    if (typeof addr !== 'string') {
      throw new NgxError(`bad argument #1 to 'bind_to_local_addr' (string expected, got ${typeName(addr)})`);
    }
    call(CALL_BALANCER, r.slot, BALANCER_BIND, addr);
    return true;
  }
}

/** Seconds as milliseconds; 0: as it is. */
function milliseconds(value: unknown, what: string): number {
  if (value === undefined || value === null || value === false) return 0;
  if (typeof value !== 'number' || !(value > 0)) throw new NgxError(`bad ${what} timeout`);
  return value * 1000;
}

function amount(value: unknown, usual: number, at: number): number {
  if (value === undefined || value === null || value === false) return usual;
  if (typeof value !== 'number') {
    throw new NgxError(`bad argument #${at} to 'enable_keepalive' (number expected, got ${typeName(value)})`);
  }
  if (!(value >= 0)) throw new NgxError(`bad argument #${at} to 'enable_keepalive' (expected >= 0)`);
  return value;
}

export function balancerApi(r: Request): BalancerApi {
  if (r.balancer === undefined) r.balancer = new BalancerApi(r);
  return r.balancer as BalancerApi;
}
