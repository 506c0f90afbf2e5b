// server_name, and choosing the server of a request by it: exact, then "*.name" longest first, then "name.*", then
// regular expressions in the order written (ngx_http_find_virtual_server).

import { hostname } from 'node:os';
import type { Args } from '../conf/args.ts';
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
  readonly #exact = new Map<string, Server>();
  /** ".example.com" for "*.example.com". */
  readonly #heads = new Map<string, Server>();
  /** "www.example." for "www.example.*". */
  readonly #tails = new Map<string, Server>();
  readonly #regexes: { readonly regex: HttpRegex; readonly server: Server }[] = [];

  /** Adds a server under a name; a name that is taken stays with the first. Answers whether it was free. */
  add({ name, regex }: ServerName, server: Server): boolean {
    if (regex !== null) {
      this.#regexes.push({ regex, server });
      return true;
    }
    if (name.startsWith('*.')) return addFirst(this.#heads, name.slice(1), server);
    if (name.startsWith('.')) {
      const exact = addFirst(this.#exact, name.slice(1), server);
      return addFirst(this.#heads, name, server) && exact;
    }
    if (name.endsWith('.*')) return addFirst(this.#tails, name.slice(0, -1), server);
    return addFirst(this.#exact, name, server);
  }

  /** The server that `host` (lower case) names; undefined where none does. `r` gets the captures. */
  find(host: string, r: HttpRequest | null): Server | undefined {
    const exact = this.#exact.get(host);
    if (exact !== undefined) return exact;
    if (this.#heads.size > 0) {
      for (let dot = host.indexOf('.', 1); dot !== -1; dot = host.indexOf('.', dot + 1)) {
        const head = this.#heads.get(host.slice(dot));
        if (head !== undefined) return head;
      }
    }
    if (this.#tails.size > 0) {
      for (let dot = host.lastIndexOf('.'); dot > 0; dot = host.lastIndexOf('.', dot - 1)) {
        const tail = this.#tails.get(host.slice(0, dot + 1));
        if (tail !== undefined) return tail;
      }
    }
    if (host === '') return undefined;
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
