// valid_referers: $invalid_referer tells requests that no page of these sites has led to.

import type { Args } from '../../conf/args.ts';
import { type ConfOf, LOCATION, SERVER } from '../../conf/directive.ts';
import { BlockFault } from '../../conf/error.ts';
import { custom, number } from '../../conf/kinds.ts';
import type { Reader } from '../../conf/reader.ts';
import { compileRegex, type Regex } from '../../conf/regex.ts';
import { HostNames } from '../../core/host_names.ts';
import type { Location, Server } from '../location.ts';
import type { HttpMain } from '../main.ts';
import { defineModule } from '../module.ts';
import type { HttpRegex } from '../regex.ts';
import type { HttpRequest } from '../request.ts';

/** What the directives of one block say. */
class Referers {
  /** With the path that a referer of that name must begin with; empty for any. */
  readonly names = new HostNames<string>();
  count = 0;
  none = false;
  blocked = false;
  serverNames = false;
  /** Of what follows the scheme; null: those of the enclosing block. */
  regexes: readonly Regex[] | null = null;
  /** Of names of the server; null as above. */
  serverRegexes: readonly HttpRegex[] | null = null;
  readonly own: Regex[] = [];
  finished = false;

  add(name: string, path: string): string | null {
    const added = this.names.add(name, path);
    if (added === 'invalid') return `invalid hostname or wildcard "${name}"`;
    if (added === 'conflict') return `conflicting parameter "${name.toLowerCase()}"`;
    this.count++;
    return null;
  }

  /** When all of the configuration is known. */
  finish(server: Server, outer: Referers | null): void {
    if (this.finished) return;
    this.finished = true;
    const patterns: HttpRegex[] = [];
    if (this.serverNames) {
      const { server_name: names } = server.location.core;
      for (const { name, regex } of names.length === 0 ? [{ name: '', regex: null }] : names) {
        const fault = regex === null ? this.add(name, '') : null;
        if (fault !== null) throw new BlockFault(fault);
        if (regex !== null) patterns.push(regex);
      }
    }
    if ((this.none || this.blocked) && this.count === 0) {
      throw new BlockFault(
        'the "none" or "blocked" referers are specified in the "valid_referers" directive ' +
          'without any valid referer',
      );
    }
    this.regexes = this.own.length > 0 ? this.own : (outer?.regexes ?? null);
    this.serverRegexes = patterns.length > 0 ? patterns : (outer?.serverRegexes ?? null);
  }

  isValid(referer: string | undefined): boolean {
    if (this.count === 0 && this.regexes === null && this.serverRegexes === null) return true;
    if (referer === undefined) return this.none;
    const scheme = referer.length < SHORTEST ? null : SCHEME.exec(referer);
    if (scheme === null) return this.blocked;
    const address = referer.slice(scheme[0].length);
    const end = address.search(/[/:]/);
    const host = (end === -1 ? address : address.slice(0, end)).toLowerCase();
    if (host.length > LONGEST_HOST) return false;
    const path = this.names.find(host);
    if (path !== undefined) {
      const slash = address.indexOf('/', host.length);
      return path === '' || (slash !== -1 && address.startsWith(path, slash));
    }
    if (this.serverRegexes?.some((regex) => regex.test(host))) return true;
    return this.regexes?.some((regex) => regex.test(address)) ?? false;
  }
}

const SCHEME = /^https?:\/\//i;
const SHORTEST = 'http://i.ru'.length;
const LONGEST_HOST = 256;

const directives = {
  valid_referers: custom<Referers | null>({
    in: SERVER | LOCATION,
    args: [1, Number.POSITIVE_INFINITY],
    default: null,
    inherit: true,
    parse: parseReferers,
  }),
  // Sizes of nginx's hash tables: without a meaning here.
  referer_hash_max_size: number({ in: SERVER | LOCATION, default: 2048 }),
  referer_hash_bucket_size: number({ in: SERVER | LOCATION, default: 64 }),
};

type Conf = ConfOf<typeof directives>;

export const referer = defineModule({
  name: 'referer',
  directives,
  variables: { invalid_referer: { get: invalidReferer, changeable: true } },
  postConf: finishAll,
});

function invalidReferer(r: HttpRequest): string {
  const { valid_referers: referers } = referer.conf(r);
  return referers === null || referers.isValid(r.headersIn.get('referer')) ? '' : '1';
}

function finishAll(_cf: Reader, main: HttpMain): void {
  for (const server of main.servers) finishLocation(server, server.location, null);
}

function finishLocation(server: Server, location: Location, outer: Referers | null): void {
  const { valid_referers: referers } = location.conf[referer.slot] as Conf;
  referers?.finish(server, outer);
  for (const inner of location.inner) finishLocation(server, inner, referers);
}

function parseReferers(args: Args, seen: Referers | null | undefined): Referers {
  const referers = seen ?? new Referers();
  for (let i = 1; i <= args.count; i++) {
    const text = args.text(i);
    if (text === '') args.failWhole('invalid referer ""');
    if (text === 'none') referers.none = true;
    else if (text === 'blocked') referers.blocked = true;
    else if (text === 'server_names') referers.serverNames = true;
    else if (text === '~') args.failWhole('empty regex in "~"');
    else if (text.startsWith('~')) {
      referers.own.push(compileRegex(text.slice(1), { caseless: true }, args.place()));
    } else {
      const slash = text.indexOf('/');
      const name = slash === -1 ? text : text.slice(0, slash);
      const fault = referers.add(name, slash === -1 ? '' : text.slice(slash));
      if (fault !== null) args.failWhole(fault);
    }
  }
  return referers;
}
