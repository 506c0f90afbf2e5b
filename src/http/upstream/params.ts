// What the gateway tells a CGI-like upstream of a request: fastcgi_param and its like, and the client's headers as HTTP_….

import type { Args } from '../../conf/args.ts';
import type { ComplexValue } from '../../conf/complex.ts';
import { HTTP_ANY } from '../../conf/directive.ts';
import { list } from '../../conf/kinds.ts';
import type { HttpRequest } from '../request.ts';

export interface Param {
  readonly name: string;
  readonly value: ComplexValue;
  readonly ifNotEmpty: boolean;
}

export const paramDirective = list<Param>({ in: HTTP_ANY, args: [2, 3], item: parseParam });

function parseParam(args: Args): Param {
  if (args.count === 3 && args.text(3) !== 'if_not_empty') {
    args.failWhole(`invalid parameter "${args.text(3)}"`);
  }
  return { name: args.text(1), value: args.complex(2), ifNotEmpty: args.count === 3 };
}

/** The params that need not be said, and those of requests whose response may be cached. */
export interface UsualParams {
  readonly all: readonly Param[];
  readonly cacheable: readonly Param[];
}

/** To be called where a directive is read, which is where variables can be named. */
export function usualParams(args: Args): UsualParams {
  const param = (name: string, value: string): Param => ({
    name,
    value: args.cf.variables.compile(value, args.place()),
    ifNotEmpty: true,
  });
  const all = [param('HTTP_HOST', '$host$is_request_port$request_port')];
  const cacheable = [
    ...all,
    param('HTTP_IF_MODIFIED_SINCE', '$upstream_cache_last_modified'),
    param('HTTP_IF_UNMODIFIED_SINCE', ''),
    param('HTTP_IF_NONE_MATCH', '$upstream_cache_etag'),
    param('HTTP_IF_MATCH', ''),
    param('HTTP_RANGE', ''),
    param('HTTP_IF_RANGE', ''),
  ];
  return { all, cacheable };
}

const PREFIX = 'HTTP_';
const MAX_SEEN = 1000;

export class Params {
  readonly #sent: readonly Param[];
  /** Headers that params stand for, as they are called behind HTTP_. */
  readonly #own: ReadonlySet<string>;
  /** What headers become, by their names as they came; null: they are not passed on. */
  readonly #names = new Map<string, string | null>();

  constructor(params: readonly Param[], usual: readonly Param[]) {
    const said = new Set(params.map(({ name }) => name.toLowerCase()));
    const all = [...params, ...usual.filter(({ name }) => !said.has(name.toLowerCase()))];
    const isHeader = ({ name }: Param): boolean => name.length > PREFIX.length && name.startsWith(PREFIX);
    this.#own = new Set(all.filter(isHeader).map(({ name }) => upper(name.slice(PREFIX.length))));
    // A header's param without a value only keeps the header from being sent.
    this.#sent = all.filter((param) => !isHeader(param) || param.value.source !== '');
  }

  /** Name, value, name, value … */
  collect(r: HttpRequest, passHeaders: boolean): string[] {
    const collected: string[] = [];
    for (const { name, value, ifNotEmpty } of this.#sent) {
      const evaluated = value.evaluate(r);
      if (evaluated !== '' || !ifNotEmpty) collected.push(name, evaluated);
    }
    if (passHeaders) this.#collectHeaders(r, collected);
    return collected;
  }

  /** Headers of one name become one. */
  #collectHeaders({ headersIn }: HttpRequest, collected: string[]): void {
    const at = new Map<string, number>();
    for (let i = 0, n = headersIn.count; i < n; i++) {
      const given = headersIn.name(i);
      const name = this.#nameOf(given);
      if (name === null) continue;
      const lower = given.toLowerCase();
      const before = at.get(lower);
      if (before === undefined) {
        collected.push(name, headersIn.value(i));
        at.set(lower, collected.length - 1);
      } else {
        collected[before] += (lower === 'cookie' ? '; ' : ', ') + headersIn.value(i);
      }
    }
  }

  #nameOf(given: string): string | null {
    let name = this.#names.get(given);
    if (name === undefined) {
      const behind = upper(given);
      name = this.#own.has(behind) ? null : PREFIX + behind;
      if (this.#names.size < MAX_SEEN) this.#names.set(given, name);
    }
    return name;
  }
}

/** ASCII's letters only. */
function upper(name: string): string {
  return name.replace(/[a-z-]/g, (char) => (char === '-' ? '_' : char.toUpperCase()));
}
