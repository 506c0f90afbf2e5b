// The client's address behind trusted proxies, as they report it in a header (ngx_http_get_forwarded_addr).

import { addressBytes, type Cidr, inCidr, unmapped } from '../core/cidr.ts';
import { parseNumber } from '../core/sizes.ts';

/** Whom to believe. */
export interface Trusted {
  readonly networks: readonly Cidr[];
  /** Those who come over a unix socket. */
  readonly unix: boolean;
}

interface Reported {
  /** The address, as it was reported: 4 or 16 bytes. */
  readonly bytes: string;
  /** 0 where none was given. */
  readonly port: number;
}

class Search {
  found: Reported | null = null;
  /** As networks see it; null for a unix socket. */
  #address: string | null;
  readonly #trusted: Trusted;
  readonly #recursive: boolean;

  constructor(address: string | null, trusted: Trusted, recursive: boolean) {
    this.#address = address;
    this.#trusted = trusted;
    this.#recursive = recursive;
  }

  /** Follows one header from its end, as long as the address before was a trusted proxy's. Whether it got to its start. */
  read(value: string): boolean {
    let end = value.length;
    do {
      if (!isTrusted(this.#address, this.#trusted)) return false;
      while (end > 1 && isSeparator(value.charCodeAt(end - 1))) end--;
      let from = end - 1;
      while (from > 0 && !isSeparator(value.charCodeAt(from))) from--;
      if (from > 0) from++;
      const next = parseAddressPort(value.slice(Math.max(from, 0), end));
      if (next === null) return false;
      this.found = next;
      this.#address = unmapped(next.bytes);
      end = from - 1;
    } while (this.#recursive && end >= 0);
    return true;
  }
}

/**
 * The address that the header's values (in the order in which they came) report for a connection from `address` (null:
 * a unix socket); null where nothing is reported by somebody to be believed.
 */
export function forwardedAddress(
  values: readonly string[],
  address: string | null,
  trusted: Trusted,
  recursive: boolean,
): Reported | null {
  const search = new Search(address, trusted, recursive);
  for (let i = values.length - 1; i >= 0; i--) {
    if (!search.read(values[i] as string) || !recursive) break;
  }
  return search.found;
}

function isSeparator(code: number): boolean {
  return code === 32 || code === 44;
}

function isTrusted(bytes: string | null, { networks, unix }: Trusted): boolean {
  if (bytes === null) return unix;
  for (const network of networks) if (inCidr(network, bytes)) return true;
  return false;
}

/** `1.2.3.4`, `1.2.3.4:80`, `::1`, `[::1]`, `[::1]:80` (ngx_parse_addr_port). */
function parseAddressPort(text: string): Reported | null {
  const plain = addressBytes(text);
  if (plain !== null) return { bytes: plain, port: 0 };
  const match = /^\[([^\]]*)\](?::([0-9]+))?$|^([^:]*):([0-9]+)$/.exec(text);
  if (match === null) return null;
  const bytes = addressBytes(match[1] ?? match[3] ?? '');
  const digits = match[2] ?? match[4];
  const port = digits === undefined ? 0 : parseNumber(digits);
  if (bytes === null || (digits !== undefined && (port < 1 || port > 65_535))) return null;
  return { bytes, port };
}
