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

/** What a header becomes; those whose names differ in case only have one together. */
interface Header {
  /** null: it is not passed on. */
  readonly name: string | null;
  readonly separator: string;
  /** The request that it was seen in last, and where its value was put. */
  request: number;
  at: number;
}

const PREFIX = 'HTTP_';
const MAX_SEEN = 1000;

export class Params {
  readonly #sent: readonly Param[];
  /** Headers that params stand for, as they are called behind HTTP_. */
  readonly #own: ReadonlySet<string>;
  /** By their names as they came, and in lower case. */
  readonly #headers = new Map<string, Header>();
  #request = 0;

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
    const request = ++this.#request;
    if (this.#headers.size > MAX_SEEN) this.#headers.clear();
    for (let i = 0, n = headersIn.count; i < n; i++) {
      const given = headersIn.name(i);
      const header = this.#headers.get(given) ?? this.#remember(given);
      if (header.name === null) continue;
      if (header.request === request) {
        collected[header.at] += header.separator + headersIn.value(i);
      } else {
        header.request = request;
        header.at = collected.push(header.name, headersIn.value(i)) - 1;
      }
    }
  }

  #remember(given: string): Header {
    const lower = given.toLowerCase();
    const behind = upper(given);
    const name = this.#own.has(behind) ? null : PREFIX + behind;
    const made = { name, separator: lower === 'cookie' ? '; ' : ', ', request: 0, at: 0 };
    const header = this.#headers.get(lower) ?? made;
    this.#headers.set(given, header).set(lower, header);
    return header;
  }
}

/** ASCII's letters only. */
function upper(name: string): string {
  return name.replace(/[a-z-]/g, (char) => (char === '-' ? '_' : char.toUpperCase()));
}
