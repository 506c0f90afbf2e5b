// server_name, and choosing the server of a request by it: exact, then "*.name" longest first, then "name.*", then
// regular expressions in the order written (ngx_http_find_virtual_server).

import { hostname } from 'node:os';
import type { Args } from '../conf/args.ts';
import { HostTable } from '../core/host_names.ts';
import type { Server } from './location.ts';
import { HttpRegex } from './regex.ts';
import type { HttpRequest } from './request.ts';

export interface ServerName {
  /** In lower case; a pattern without its "~". */
  readonly name: string;
  readonly regex: HttpRegex | null;
}

export function parseServerNames(args: Args, seen: readonly ServerName[] | undefined): readonly ServerName[] {
  const names = [...(seen ?? [])];
  for (const text of args.texts()) names.push(parseServerName(args, text));
  return names;
}

function parseServerName(args: Args, text: string): ServerName {
  if ((text.startsWith('*') && (text.length < 3 || text[1] !== '.')) || text === '.') {
    args.failWhole(`server name "${text}" is invalid`);
  }
  if (text.includes('/')) args.warn(`server name "${text}" has suspicious symbols`);
  if (text.toLowerCase() === '$hostname') return { name: hostname().toLowerCase(), regex: null };
  if (!text.startsWith('~')) return { name: text.toLowerCase(), regex: null };
  const pattern = text.slice(1);
  if (pattern === '') args.failWhole(`empty regex in server name "${text}"`);
  return { name: pattern, regex: new HttpRegex(args.cf, pattern, /[A-Z]/.test(pattern), args.place()) };
}

/** The servers of one address, by name. */
export class ServerNames {
  readonly #table = new HostTable<Server>();
  readonly #regexes: { readonly regex: HttpRegex; readonly server: Server }[] = [];

  /** Adds a server under a name; a name that is taken stays with the first. Answers whether it was free. */
  add({ name, regex }: ServerName, server: Server): boolean {
    if (regex !== null) {
      this.#regexes.push({ regex, server });
      return true;
    }
    const { exact, heads, tails } = this.#table;
    if (name.startsWith('*.')) return addFirst(heads, name.slice(1), server);
    if (name.startsWith('.')) {
      const free = addFirst(exact, name.slice(1), server);
      return addFirst(heads, name, server) && free;
    }
    if (name.endsWith('.*')) return addFirst(tails, name.slice(0, -1), server);
    return addFirst(exact, name, server);
  }

  /** The server that `host` (lower case) names; undefined where none does. `r` gets the captures. */
  find(host: string, r: HttpRequest | null): Server | undefined {
    const found = this.#table.find(host);
    if (found !== undefined || host === '') return found;
    for (const { regex, server } of this.#regexes) {
      if (r === null ? regex.test(host) : regex.exec(r, host)) return server;
    }
    return undefined;
  }
}

function addFirst(map: Map<string, Server>, name: string, server: Server): boolean {
  const known = map.get(name);
  if (known === undefined) map.set(name, server);
  return known === undefined || known === server;
}
