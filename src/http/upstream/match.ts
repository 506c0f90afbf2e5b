// A match block: what the response to a health check must be like.

import type { ComplexValue } from '../../conf/complex.ts';
import type { HttpRegex } from '../regex.ts';
import type { HttpRequest } from '../request.ts';

/** Inclusive. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

export type HeaderTest =
  | { readonly kind: 'present'; readonly name: string }
  | { readonly kind: 'absent'; readonly name: string }
  | { readonly kind: '=' | '!='; readonly name: string; readonly value: string }
  | { readonly kind: '~' | '!~'; readonly name: string; readonly regex: HttpRegex };

interface BodyTest {
  readonly negated: boolean;
  readonly regex: HttpRegex;
}

export class Match {
  readonly name: string;
  status: { readonly negated: boolean; readonly ranges: readonly StatusRange[] } | null = null;
  readonly headers: HeaderTest[] = [];
  body: BodyTest | null = null;
  /** Values that are neither empty nor "0". */
  readonly required: ComplexValue[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** What the response fails at: "status code", "header" …; null: it is as it must be. */
  failure(
    status: number,
    headers: readonly string[],
    body: string,
    request: () => HttpRequest,
  ): string | null {
    if (this.status !== null) {
      const { negated, ranges } = this.status;
      const within = ranges.some(({ from, to }) => status >= from && status <= to);
      if (within === negated) return 'status code';
    }
    if (!this.headers.every((one) => headerHolds(one, headers))) return 'header';
    if (this.body !== null && this.body.regex.test(body) === this.body.negated) return 'body';
    if (this.required.length === 0) return null;
    const r = request();
    const missing = this.required.some((value) => ['', '0'].includes(value.evaluate(r)));
    return missing ? 'required variable' : null;
  }
}

/** Where a health check names no match block: any status of success or redirection. */
export const DEFAULT_MATCH = new Match('');
DEFAULT_MATCH.status = { negated: false, ranges: [{ from: 200, to: 399 }] };

function headerHolds(one: HeaderTest, headers: readonly string[]): boolean {
  const wanted = one.name.toLowerCase();
  const values = headers.filter((_, i) => i % 2 === 1 && headers[i - 1]?.toLowerCase() === wanted);
  if (one.kind === 'present') return values.length > 0;
  if (one.kind === 'absent') return values.length === 0;
  if ('value' in one) return values.includes(one.value) === (one.kind === '=');
  return values.some((value) => one.regex.test(value)) === (one.kind === '~');
}
