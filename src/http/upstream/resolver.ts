// Host names of proxy_pass with variables, looked up while requests run: by the name servers of `resolver`, each
// answer kept as long as it says it is good.

import { Resolver } from 'node:dns';
import { isIP } from 'node:net';

export interface Resolved {
  readonly addresses: readonly string[];
  /** Text of nginx's error, empty where there was none: "3: Host not found". */
  readonly error: string;
}

interface Known extends Resolved {
  readonly until: number;
}

const MAX_KNOWN = 10_000;

class Lookups {
  readonly #resolver: Resolver;
  readonly #known = new Map<string, Known>();
  readonly #waiting = new Map<string, ((resolved: Resolved) => void)[]>();

  constructor(servers: readonly string[], timeoutMs: number) {
    this.#resolver = new Resolver({ timeout: Math.max(1, Math.min(timeoutMs, 5000)), tries: 2 });
    this.#resolver.setServers(servers);
  }

  lookup(name: string, done: (resolved: Resolved) => void): void {
    const known = this.#known.get(name);
    if (known !== undefined && known.until > Date.now()) {
      done(known);
      return;
    }
    const waiting = this.#waiting.get(name);
    if (waiting !== undefined) {
      waiting.push(done);
      return;
    }
    this.#waiting.set(name, [done]);
    this.#resolver.resolve4(name, { ttl: true }, (error4, v4) => {
      this.#resolver.resolve6(name, { ttl: true }, (error6, v6) => {
        const records = [...(error4 === null ? v4 : []), ...(error6 === null ? v6 : [])];
        this.#answer(name, records, error4 ?? error6);
      });
    });
  }

  #answer(
    name: string,
    records: readonly { address: string; ttl: number }[],
    error: NodeJS.ErrnoException | null,
  ): void {
    const failed = records.length === 0;
    const ttl = failed ? 0 : Math.min(...records.map((record) => record.ttl));
    const addresses = records.map(({ address }) => address);
    const resolved: Known = {
      addresses,
      error: failed ? errorOf(error) : '',
      until: Date.now() + ttl * 1000,
    };
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    if (ttl > 0) this.#known.set(name, resolved);
    const waiting = this.#waiting.get(name) ?? [];
    this.#waiting.delete(name);
    for (const done of waiting) done(resolved);
  }
}

const ERRORS: Readonly<Record<string, string>> = {
  EFORMERR: '1: Format error',
  ESERVFAIL: '2: Server failure',
  ENOTFOUND: '3: Host not found',
  ENODATA: '3: Host not found',
  ENOTIMP: '4: Unimplemented',
  EREFUSED: '5: Operation refused',
};

function errorOf(error: NodeJS.ErrnoException | null): string {
  return ERRORS[error?.code ?? 'ENOTFOUND'] ?? '110: Operation timed out';
}

const byServers = new Map<string, Lookups>();

/** Answers at once for addresses and for names that are known. */
export function resolveName(
  servers: readonly string[],
  timeoutMs: number,
  name: string,
  done: (resolved: Resolved) => void,
): void {
  if (isIP(name) !== 0) {
    done({ addresses: [name], error: '' });
    return;
  }
  const key = servers.join(' ');
  let lookups = byServers.get(key);
  if (lookups === undefined) {
    lookups = new Lookups(servers, timeoutMs);
    byServers.set(key, lookups);
  }
  lookups.lookup(name.toLowerCase(), done);
}
