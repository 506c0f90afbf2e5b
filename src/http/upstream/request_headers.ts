// The headers of requests to HTTP upstreams: those that proxy_set_header or grpc_set_header sets, and which of the
// client's go on beside them.

import type { ComplexValue } from '../../conf/complex.ts';
import { type Directive, HTTP_ANY } from '../../conf/directive.ts';
import { list } from '../../conf/kinds.ts';
import type { HeadersIn } from '../headers.ts';

export interface SetHeader {
  readonly name: string;
  readonly value: ComplexValue;
}

/** proxy_set_header and its like. */
export function setHeaderDirective(): Directive<readonly SetHeader[]> {
  return list<SetHeader>({
    in: HTTP_ANY,
    args: [2, 2],
    item: (args) => ({ name: args.text(1), value: args.complex(2) }),
  });
}

/** Headers that are not the client's to send on. */
const NOT_PASSED = [
  'host',
  'connection',
  'proxy-connection',
  'content-length',
  'transfer-encoding',
  'te',
  'keep-alive',
  'expect',
  'upgrade',
];

export class RequestHeaders {
  /** What Host, or :authority, is set to; null: it is not. */
  readonly host: ComplexValue | null;
  /** What else is set. */
  readonly set: readonly SetHeader[];
  readonly #set: ReadonlySet<string>;
  /** By the lengths of the names: few headers of a client have to be compared with any. */
  readonly #own: string[][] = [];

  /** `more`: headers that are the gateway's alone beside the usual ones, in lower case. */
  constructor(set: readonly SetHeader[], more: readonly string[] = []) {
    const isHost = ({ name }: SetHeader): boolean => name.toLowerCase() === 'host';
    this.host = set.filter(isHost).at(-1)?.value ?? null;
    this.set = set.filter((header) => !isHost(header));
    this.#set = new Set(this.set.map(({ name }) => name.toLowerCase()));
    for (const name of new Set([...NOT_PASSED, ...more, ...this.#set])) {
      const alike = this.#own[name.length];
      if (alike === undefined) this.#own[name.length] = [name];
      else alike.push(name);
    }
  }

  /** `name` in lower case. */
  sets(name: string): boolean {
    return this.#set.has(name);
  }

  /** Whether the client's header `i` goes on to the upstream. */
  passes(headersIn: HeadersIn, i: number): boolean {
    const alike = this.#own[headersIn.nameLength(i)];
    if (alike === undefined) return true;
    for (const name of alike) if (headersIn.is(i, name)) return false;
    return true;
  }
}
