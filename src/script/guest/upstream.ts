// ngx.upstream: the upstreams of the configuration, how their peers are doing, and taking one out.

import { CALL_UPSTREAM, CALL_UPSTREAM_NAME } from '../protocol.ts';
import { call } from './bridge.ts';
import { isInteger, parseJson, typeName } from './builtins.ts';
import { NgxError } from './errors.ts';
import { gate, type Request } from './request.ts';
import { REQUEST_PHASES } from './var.ts';

function ask(what: string, name: unknown, backup = false): unknown {
  return parseJson(call(CALL_UPSTREAM, 0, what, nameArgument(name), backup) as string);
}

function nameArgument(name: unknown): string {
  if (typeof name === 'string') return name;
  throw new NgxError(`bad argument #1 (string expected, got ${typeName(name)})`);
}

export class UpstreamApi {
  readonly #r: Request;

  constructor(r: Request) {
    this.#r = r;
  }

  get_upstreams(): string[] {
    return ask('upstreams', '') as string[];
  }

  get_servers(name: unknown): unknown {
    return ask('servers', name);
  }

  get_primary_peers(name: unknown): unknown {
    return ask('peers', name);
  }

  get_backup_peers(name: unknown): unknown {
    return ask('peers', name, true);
  }

  set_peer_down(name: unknown, backup: unknown, id: unknown, down: unknown): boolean {
    const upstream = nameArgument(name);
    if (typeof id !== 'number' || !isInteger(id)) {
      throw new NgxError(`bad argument #3 (number expected, got ${typeName(id)})`);
    }
    call(CALL_UPSTREAM, 0, 'set', `${upstream}\0${id}`, backup === true, down === true);
    return true;
  }

  current_upstream_name(): string | undefined {
    gate(this.#r, REQUEST_PHASES);
    return call(CALL_UPSTREAM_NAME, this.#r.slot) as string | undefined;
  }
}

export function upstreamApi(r: Request): UpstreamApi {
  if (r.upstream === undefined) r.upstream = new UpstreamApi(r);
  return r.upstream as UpstreamApi;
}
