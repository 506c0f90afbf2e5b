// map: a variable whose value follows from another string.

import type { Directive as Entry } from '../../../grammar/ast.ts';
import type { Args } from '../../conf/args.ts';
import type { ComplexValue } from '../../conf/complex.ts';
import { HTTP } from '../../conf/directive.ts';
import { ConfError, type Place } from '../../conf/error.ts';
import { block, number } from '../../conf/kinds.ts';
import { RegexFault } from '../../conf/regex_limit.ts';
import { HostNames } from '../../core/host_names.ts';
import { logError } from '../log.ts';
import { defineModule, variableSpec } from '../module.ts';
import { enterVariable, leaveVariable } from '../nested.ts';
import { HttpRegex } from '../regex.ts';
import type { HttpRequest } from '../request.ts';

const directives = {
  map: block<null>({ in: HTTP, args: [2, 2], default: null, parse: parseMap }),
  // Sizes of nginx's hash tables: without a meaning here.
  map_hash_max_size: number({ in: HTTP, default: 2048 }),
  map_hash_bucket_size: number({ in: HTTP, default: 64 }),
};

export const map = defineModule({ name: 'map', directives });

type Result = string | ComplexValue;

interface MapRegex {
  readonly regex: HttpRegex;
  readonly result: Result;
}

class VariableMap {
  readonly name: string;
  readonly source: ComplexValue;
  readonly names = new HostNames<Result>();
  readonly strings = new Map<string, Result>();
  readonly regexes: MapRegex[] = [];
  default: Result | null = null;
  hostnames = false;
  volatile = false;

  constructor(name: string, source: ComplexValue) {
    this.name = name;
    this.source = source;
  }

  value(r: HttpRequest): string | undefined {
    if (!enterVariable(r, this.name)) return undefined;
    try {
      const result = this.#find(r) ?? this.default ?? '';
      return typeof result === 'string' ? result : result.evaluate(r);
    } catch (error) {
      if (!(error instanceof RegexFault)) throw error;
      logError(r, 'alert', error.message);
      return undefined;
    } finally {
      leaveVariable();
    }
  }

  #find(r: HttpRequest): Result | undefined {
    let subject = this.source.evaluate(r);
    if (this.hostnames && subject.endsWith('.')) subject = subject.slice(0, -1);
    const lower = subject.toLowerCase();
    const known = this.strings.get(lower) ?? (this.hostnames ? this.names.find(lower) : undefined);
    if (known !== undefined || subject === '') return known;
    for (const { regex, result } of this.regexes) if (regex.exec(r, subject)) return result;
    return undefined;
  }
}

function parseMap(args: Args): null {
  const name = args.text(2);
  if (!name.startsWith('$')) args.failWhole(`invalid variable name "${name}"`);
  const variableMap = new VariableMap(name.slice(1), args.complex(1));
  for (const entry of args.entries()) addEntry(args, variableMap, entry);
  const spec = variableSpec({
    get: (r) => variableMap.value(r),
    changeable: true,
    volatile: variableMap.volatile,
  });
  args.cf.variables.add(variableMap.name, spec, args.place());
  return null;
}

function addEntry(args: Args, variableMap: VariableMap, entry: Entry): void {
  const place = { file: entry.file, line: entry.headLine, column: entry.name.column };
  const key = entry.name.text;
  if (entry.block !== null) throw new ConfError('unexpected "{"', place);
  if (entry.args.length === 0 && key === 'hostnames') {
    variableMap.hostnames = true;
    return;
  }
  if (entry.args.length === 0 && key === 'volatile') {
    variableMap.volatile = true;
    return;
  }
  const word = entry.args[0];
  if (entry.args.length !== 1 || word === undefined) {
    throw new ConfError('invalid number of the map parameters', place);
  }
  const compiled = args.cf.variables.compile(word.text, place);
  const result = compiled.constant ?? compiled;
  if (key === 'default') {
    if (variableMap.default !== null) throw new ConfError('duplicate default map parameter', place);
    variableMap.default = result;
  } else if (key.startsWith('~')) {
    const caseless = key.startsWith('~*');
    const regex = new HttpRegex(args.cf, key.slice(caseless ? 2 : 1), caseless, place);
    variableMap.regexes.push({ regex, result });
  } else {
    addKey(variableMap, key.startsWith('\\') ? key.slice(1) : key, result, place);
  }
}

function addKey(variableMap: VariableMap, key: string, result: Result, place: Place): void {
  const lower = key.toLowerCase();
  let added = 'added';
  if (variableMap.hostnames) added = variableMap.names.add(lower, result);
  if (variableMap.strings.has(lower)) added = 'conflict';
  if (added === 'invalid') throw new ConfError(`invalid hostname or wildcard "${key}"`, place);
  if (added === 'conflict') throw new ConfError(`conflicting parameter "${key}"`, place);
  if (!variableMap.hostnames) variableMap.strings.set(lower, result);
}
