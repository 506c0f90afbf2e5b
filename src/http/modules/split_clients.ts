// split_clients: a variable whose value is chosen by a hash of a string, each with its share of the hash's range.

import type { Directive as Entry } from '../../../grammar/ast.ts';
import type { Args } from '../../conf/args.ts';
import { HTTP } from '../../conf/directive.ts';
import { ConfError } from '../../conf/error.ts';
import { block } from '../../conf/kinds.ts';
import { murmurHash2 } from '../../core/murmur_hash.ts';
import { defineModule, variableSpec } from '../module.ts';
import { enterVariable, leaveVariable } from '../nested.ts';

const directives = {
  split_clients: block<null>({ in: HTTP, args: [2, 2], default: null, parse: parseSplitClients }),
};

export const splitClients = defineModule({ name: 'split_clients', directives });

interface Part {
  /** Hashes below it are this part's; 0 for what is left. */
  readonly below: number;
  readonly value: string;
}

const ALL = 10_000; // hundredths of a percent

function parseSplitClients(args: Args): null {
  const name = args.text(2);
  if (!name.startsWith('$')) args.failWhole(`invalid variable name "${name}"`);
  const source = args.complex(1);
  const parts: Part[] = [];
  let sum = 0;
  let below = 0;
  for (const entry of args.entries()) {
    const { percent, value } = parsePart(entry);
    sum = percent === 0 ? ALL : sum + percent;
    if (sum > ALL) args.failWhole('percent total is greater than 100%');
    if (percent !== 0 && sum !== ALL) below = (below + Math.floor((percent * 0xffffffff) / ALL)) >>> 0;
    parts.push({ below: sum === ALL ? 0 : below, value });
  }
  const own = name.slice(1);
  const spec = variableSpec({
    get(r) {
      if (!enterVariable(r, own)) return undefined;
      const text = source.evaluate(r);
      leaveVariable();
      return choose(parts, murmurHash2(text));
    },
    changeable: true,
  });
  args.cf.variables.add(own, spec, args.place());
  return null;
}

function choose(parts: readonly Part[], hash: number): string {
  for (const { below, value } of parts) if (hash < below || below === 0) return value;
  return '';
}

function parsePart(entry: Entry): { readonly percent: number; readonly value: string } {
  const place = { file: entry.file, line: entry.headLine, column: entry.name.column };
  if (entry.block !== null) throw new ConfError('unexpected "{"', place);
  const share = entry.name.text;
  const value = entry.args[0]?.text;
  if (value === undefined) throw new ConfError('invalid number of the split_clients parameters', place);
  if (share === '*') return { percent: 0, value };
  const digits = /^([0-9]+)(?:\.([0-9]{0,2}))?%$/.exec(share);
  const percent =
    digits === null ? 0 : Number(digits[1]) * 100 + Number((digits[2] ?? '').padEnd(2, '0') || 0);
  if (percent === 0) throw new ConfError(`invalid percent value "${share}"`, place);
  return { percent, value };
}
