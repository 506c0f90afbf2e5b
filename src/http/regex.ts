// Regular expressions of the configuration as requests use them: captures go to $1…, named ones to their variables.

import type { Variable } from '../conf/complex.ts';
import type { Place } from '../conf/error.ts';
import type { Reader } from '../conf/reader.ts';
import { compileRegex, type Regex } from '../conf/regex.ts';
import type { HttpRequest } from './request.ts';

export class HttpRegex {
  readonly pattern: string;
  readonly #regex: Regex;
  readonly #named: readonly (readonly [group: number, variable: Variable])[];

  /** Compiles what many locations say only once. */
  constructor(cf: Reader, pattern: string, caseless: boolean, place: Place) {
    this.pattern = pattern;
    const compiled = cf.state(HttpRegex, () => new Map<string, Regex>());
    const key = `${caseless} ${pattern}`;
    this.#regex = compiled.get(key) ?? compileRegex(pattern, { caseless }, place);
    compiled.set(key, this.#regex);
    this.#named = this.#regex.names.map(({ name, group }) => [
      group,
      cf.variables.add(name, { get: noValue, changeable: true }, place),
    ]);
  }

  /** The number of groups: what `$1` … can stand for. */
  get groups(): number {
    return this.#regex.groups;
  }

  /** Whether `subject` matches; the captures are then the request's. */
  exec(r: HttpRequest, subject: string): boolean {
    const match = this.#regex.exec(subject);
    if (match === null) return false;
    r.captures = match;
    for (const [group, variable] of this.#named) r.vars[variable.index] = match[group] ?? '';
    return true;
  }

  /** As exec, without keeping captures. */
  test(subject: string): boolean {
    return this.#regex.test(subject);
  }
}

function noValue(): undefined {
  return undefined;
}
