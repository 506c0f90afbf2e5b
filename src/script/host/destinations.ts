// Where the scripts of an isolate may connect to: `connect=` of ts_isolate. A name in the list allows whatever addresses
// it has; a network allows names as well that lead into it.

import { addressBytes, type Cidr, clientBytes, inCidr, parseCidr } from '../../core/cidr.ts';

interface Item {
  /** A name in lower case, ".example.com" for all below it, or a path; null for a network. */
  readonly name: string | null;
  readonly network: Cidr | null;
  /** 0 for any. */
  readonly port: number;
}

export class Destinations {
  readonly #items: readonly Item[];

  private constructor(items: readonly Item[]) {
    this.#items = items;
  }

  /** A comma-separated list of HOST, *.DOMAIN, ADDRESS, NETWORK/BITS, each with :PORT or not, and unix:PATH; or "none". */
  static parse(text: string): Destinations | null {
    if (text === 'none') return new Destinations([]);
    const items = text.split(',').map(parseItem);
    return items.every((item) => item !== null) ? new Destinations(items) : null;
  }

  /** Whether `host` may turn out to be allowed: a name that cannot is not even looked up. */
  mayAllow(host: string, port: number): boolean {
    return this.#items.some(
      (item) =>
        fits(item.port, port) &&
        (item.name !== null ? matches(item.name, host) : addressBytes(host) === null || within(item, host)),
    );
  }

  /** `host` as the script gave it, and the address (or path) that it stands for. */
  allows(host: string, address: string, port: number): boolean {
    return this.#items.some(
      (item) =>
        fits(item.port, port) && (item.name !== null ? matches(item.name, host) : within(item, address)),
    );
  }
}

function fits(wanted: number, port: number): boolean {
  return wanted === 0 || wanted === port;
}

function matches(name: string, host: string): boolean {
  if (name.startsWith('/')) return host.replace(/^unix:/i, '') === name;
  const lower = host.toLowerCase().replace(/\.$/, '');
  return name.startsWith('.') ? lower.endsWith(name) : lower === name;
}

function within({ network }: Item, address: string): boolean {
  const bytes = clientBytes(address);
  return network !== null && bytes !== null && inCidr(network, bytes);
}

function parseItem(text: string): Item | null {
  if (/^unix:\/./i.test(text)) return { name: text.slice(5), network: null, port: 0 };
  const [, bracketed, plain, portText] =
    /^(?:\[([0-9a-fA-F:.]+(?:\/\d+)?)\]|([^:[\]]+))(?::(\d+))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(portText ?? 0);
  if (host === undefined || port > 65535 || (portText !== undefined && port === 0)) return null;
  const network = parseCidr(host);
  if (network !== null) return { name: null, network, port };
  if (bracketed !== undefined || !/^(?:\*\.)?[\w-]+(?:\.[\w-]+)*$/.test(host)) return null;
  return { name: host.toLowerCase().replace(/^\*/, ''), network: null, port };
}
