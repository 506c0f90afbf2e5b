// proxy_bind: the local address that connections to upstreams come from.

import { isIP } from 'node:net';
import type { Args } from '../../conf/args.ts';
import type { ComplexValue } from '../../conf/complex.ts';
import { parseAddress } from '../../core/addresses.ts';
import { logError } from '../log.ts';
import type { HttpRequest } from '../request.ts';

interface Bound {
  readonly localAddress: string | null;
  readonly localPort: number;
}

const ANY: Bound = { localAddress: null, localPort: 0 };

export class LocalAddress {
  readonly #text: string;
  readonly #value: ComplexValue | null;
  readonly #fixed: Bound | null;

  constructor(text: string, value: ComplexValue | null, fixed: Bound | null) {
    this.#text = text;
    this.#value = value;
    this.#fixed = fixed;
  }

  /** As it is named in messages. */
  name(r: HttpRequest): string {
    return this.#value?.evaluate(r) ?? this.#text;
  }

  /** For one request. */
  at(r: HttpRequest): Bound {
    if (this.#fixed !== null) return this.#fixed;
    const text = this.#value?.evaluate(r) ?? '';
    if (text === '') return ANY;
    const bound = parseBound(text);
    if (bound === null) logError(r, 'error', `invalid local address "${text}"`);
    return bound ?? ANY;
  }
}

/** One that is not of the configuration; null for what is none. */
export function localAddress(text: string): LocalAddress | null {
  const fixed = parseBound(text);
  return fixed === null ? null : new LocalAddress(text, null, fixed);
}

function parseBound(text: string): Bound | null {
  if (isIP(text) !== 0) return { localAddress: text, localPort: 0 };
  const address = parseAddress(text, { defaultPort: 0 });
  if (typeof address === 'string' || (address.kind !== 'inet' && address.kind !== 'inet6')) return null;
  return { localAddress: address.host, localPort: address.noPort ? 0 : address.port };
}

export function parseLocalAddress(args: Args): LocalAddress | 'off' {
  const text = args.text(1);
  if (args.count === 1 && text === 'off') return 'off';
  const value = args.complex(1);
  const fixed = value.constant === null ? null : parseBound(text);
  if (value.constant !== null && fixed === null) args.failWhole(`invalid address "${text}"`);
  if (args.count === 2) {
    if (args.text(2) !== 'transparent') args.failWhole(`invalid parameter "${args.text(2)}"`);
    args.failWhole('the "transparent" parameter is not supported yet');
  }
  return new LocalAddress(text, fixed === null ? value : null, fixed);
}
