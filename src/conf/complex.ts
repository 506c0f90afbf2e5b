// Variables and the strings that hold them, compiled once: "$scheme://$host" becomes an array of literals and variables.

import { ConfError, type Place } from './error.ts';

/** What a variable is read from: a request or a session. Fields are read and written by the classes below only. */
export interface Evaluated {
  /** By variable index: undefined = not evaluated yet, null = evaluated, has no value. */
  readonly vars: (string | null | undefined)[];
  /** Captures of the last regular expression matched; [0] is the whole. */
  captures: readonly (string | undefined)[] | null;
}

export interface VariableSpec {
  /** undefined: the variable has no value now. `r` is the subsystem's own request type. */
  readonly get: (r: Evaluated) => string | undefined;
  /** Assigning does this, instead of keeping the value (nginx's set handlers: $args, $limit_rate). */
  readonly set?: ((r: Evaluated, value: string) => void) | undefined;
  /** May be redefined by set, map, geo and the like. */
  readonly changeable?: boolean | undefined;
  /** Evaluated anew at each use (NGX_HTTP_VAR_NOCACHEABLE). */
  readonly volatile?: boolean | undefined;
}

export class Variable {
  readonly name: string;
  readonly index: number;
  spec: VariableSpec | null = null;
  /** Where the configuration first used it, for the error when nothing defines it. */
  place: Place | null = null;
  #get: (r: Evaluated) => string | undefined = missing;
  #volatile = false;
  /** $http_name and its like, and what only scripts use: nothing assigns it, and it may change between two looks. */
  #fresh = false;

  constructor(name: string, index: number) {
    this.name = name;
    this.index = index;
  }

  define(spec: VariableSpec): void {
    this.spec = spec;
    this.#get = spec.get;
    this.#volatile = spec.volatile ?? false;
  }

  /** As define, for what is evaluated at each look from a script, as ngx_http_get_variable does without an index. */
  defineFresh(spec: VariableSpec): void {
    this.define(spec);
    this.#fresh = !(spec.changeable ?? false);
  }

  get volatile(): boolean {
    return this.#volatile;
  }

  /** A script's look. */
  look(r: Evaluated): string | undefined {
    return this.#fresh ? this.#get(r) : this.read(r);
  }

  read(r: Evaluated): string | undefined {
    if (this.#volatile) return this.#get(r);
    const known = r.vars[this.index];
    if (known !== undefined) return known === null ? undefined : known;
    const value = this.#get(r);
    r.vars[this.index] = value ?? null;
    return value;
  }

  write(r: Evaluated, value: string): void {
    const set = this.spec?.set;
    if (set !== undefined) set(r, value);
    else r.vars[this.index] = value;
  }

  /** Forgets the cached value, so that the next read evaluates it. */
  reset(r: Evaluated): void {
    r.vars[this.index] = undefined;
  }
}

function missing(): undefined {
  return undefined;
}

type PrefixSpec = (suffix: string) => VariableSpec;

type Part = string | Variable | number; // number: a capture

/** A string that may hold variables. `constant` is its text where it holds none. */
export class ComplexValue {
  readonly source: string;
  readonly constant: string | null;
  readonly #parts: readonly Part[];

  constructor(source: string, parts: readonly Part[]) {
    this.source = source;
    this.#parts = parts;
    this.constant = parts.every((part) => typeof part === 'string') ? parts.join('') : null;
  }

  evaluate(r: Evaluated): string {
    if (this.constant !== null) return this.constant;
    let out = '';
    for (const part of this.#parts) {
      if (typeof part === 'string') out += part;
      else if (typeof part === 'number') out += r.captures?.[part] ?? '';
      else out += part.read(r) ?? '';
    }
    return out;
  }

  /** Like evaluate, with every variable's value passed through `convert` (rewrite's arguments, proxied URIs, logs). */
  evaluateWith(
    r: Evaluated,
    convert: (value: string | undefined, variable: Variable | null) => string,
  ): string {
    let out = '';
    for (const part of this.#parts) {
      if (typeof part === 'string') out += part;
      else if (typeof part === 'number') out += convert(r.captures?.[part], null);
      else out += convert(part.read(r), part);
    }
    return out;
  }

  get parts(): readonly Part[] {
    return this.#parts;
  }
}

const NAME = /[A-Za-z0-9_]+/y;

const MAX_MEMBERS = 500;
/** The index of a variable whose value no request keeps. */
export const UNKEPT = -1;

/** The variables of one subsystem in one cycle. */
export class Variables {
  readonly #byName = new Map<string, Variable>();
  readonly #prefixes = new Map<string, PrefixSpec>();
  readonly #builtin = new Map<string, VariableSpec>();
  readonly #weak = new Map<Variable, VariableSpec>();
  /** Members of families that only scripts and documents speak of. */
  readonly #members = new Map<string, Variable>();

  get count(): number {
    return this.#byName.size;
  }

  /** Whether the configuration speaks of it. */
  isUsed(name: string): boolean {
    return this.#byName.has(name);
  }

  /** A variable that exists without being declared; an index is given only to those that are used. */
  addBuiltin(name: string, spec: VariableSpec): void {
    this.#builtin.set(name, spec);
  }

  /** All variables whose names begin with `prefix`, where no other has the name. */
  addFamily(prefix: string, spec: PrefixSpec): void {
    this.#prefixes.set(prefix, spec);
  }

  /** A reference: what it stands for may be defined later in the configuration; finish() checks. */
  reference(name: string, place: Place | null): Variable {
    const lower = name.toLowerCase();
    let variable = this.#byName.get(lower);
    if (variable === undefined) {
      variable = new Variable(lower, this.#byName.size);
      this.#byName.set(lower, variable);
      const builtin = this.#builtin.get(lower);
      if (builtin !== undefined) variable.define(builtin);
    }
    variable.place ??= place;
    return variable;
  }

  /** Defines a variable from set, map, geo, a named capture …; redefining one that is not changeable is refused. */
  add(name: string, spec: VariableSpec, place: Place): Variable {
    const variable = this.reference(name, place);
    if (variable.spec !== null && !variable.spec.changeable) {
      throw new ConfError(`the duplicate "${name.toLowerCase()}" variable`, place);
    }
    variable.define(spec);
    return variable;
  }

  /**
   * Defines a variable that `set` assigns: any other definition, also one by a family's prefix, says what it is
   * before it is assigned.
   */
  addWeak(name: string, spec: VariableSpec, place: Place): Variable {
    const variable = this.reference(name, place);
    if (variable.spec !== null && !variable.spec.changeable) {
      throw new ConfError(`the duplicate "${name.toLowerCase()}" variable`, place);
    }
    if (variable.spec === null) this.#weak.set(variable, spec);
    return variable;
  }

  /** Looks a variable up at run time; undefined where the configuration has none of that name. */
  find(name: string): Variable | undefined {
    const lower = name.toLowerCase();
    const known = this.#byName.get(lower);
    if (known !== undefined) return known.spec === null ? undefined : known;
    const spec = this.#builtin.get(lower);
    if (spec === undefined) return this.#findMember(lower);
    const variable = this.reference(lower, null);
    variable.defineFresh(spec);
    return variable;
  }

  /** $arg_name and its like. Requests may choose such names: as many are remembered as do no harm. */
  #findMember(name: string): Variable | undefined {
    const known = this.#members.get(name);
    if (known !== undefined) return known;
    const spec = this.#byPrefix(name);
    if (spec === undefined) return undefined;
    const variable = new Variable(name, UNKEPT);
    variable.define({ ...spec, volatile: true });
    if (this.#members.size === MAX_MEMBERS) this.#members.clear();
    this.#members.set(name, variable);
    return variable;
  }

  compile(source: string, place: Place): ComplexValue {
    return new ComplexValue(source, this.#split(source, place));
  }

  /** To be called when the whole subsystem has been read. */
  finish(): void {
    for (const variable of this.#byName.values()) {
      if (variable.spec !== null) continue;
      const family = this.#byPrefix(variable.name);
      const weak = this.#weak.get(variable);
      const spec = family ?? weak;
      if (spec === undefined) throw new ConfError(`unknown "${variable.name}" variable`, variable.place);
      if (weak === undefined) variable.defineFresh(spec);
      else variable.define(spec);
    }
  }

  #byPrefix(name: string): VariableSpec | undefined {
    let best = '';
    for (const prefix of this.#prefixes.keys()) {
      if (name.startsWith(prefix) && prefix.length > best.length) best = prefix;
    }
    return best === '' ? undefined : this.#prefixes.get(best)?.(name.slice(best.length));
  }

  #split(source: string, place: Place): Part[] {
    const parts: Part[] = [];
    let from = 0;
    for (let at = source.indexOf('$'); at !== -1; at = source.indexOf('$', from)) {
      if (at > from) parts.push(source.slice(from, at));
      const braced = source[at + 1] === '{';
      NAME.lastIndex = at + (braced ? 2 : 1);
      const digit = !braced && /[1-9]/.test(source[at + 1] ?? '');
      const name = digit ? (source[at + 1] ?? '') : (NAME.exec(source)?.[0] ?? '');
      if (name === '') throw new ConfError('invalid variable name', place);
      from = at + (braced ? 2 : 1) + name.length;
      if (braced) {
        if (source[from] !== '}')
          throw new ConfError(`the closing bracket in "${name}" variable is missing`, place);
        from++;
      }
      parts.push(/^[1-9]$/.test(name) ? Number(name) : this.reference(name, place));
    }
    if (from < source.length) parts.push(source.slice(from));
    return parts;
  }
}
