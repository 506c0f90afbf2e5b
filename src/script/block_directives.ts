// *_by_ts_block and *_by_ts_file: where blocks may stand, and the lists of blocks that they make.

import { existsSync } from 'node:fs';
import type { Args } from '../conf/args.ts';
import type { ComplexValue, Variable } from '../conf/complex.ts';
import { type Directive, LOCATION, LOCATION_IF, SERVER, SERVER_IF, UPSTREAM } from '../conf/directive.ts';
import { custom } from '../conf/kinds.ts';
import { diskPath } from '../core/disk_path.ts';
import { toText } from '../core/text.ts';
import { addInstruction, declareVariable } from '../http/modules/rewrite.ts';
import type { Rc } from '../http/rc.ts';
import type { HttpRequest } from '../http/request.ts';
import { chooseByBlocks, parseBalancerKeepalive, type RunBalancer } from './balancer.ts';
import * as p from './protocol.ts';
import { type BlockList, scriptsOf } from './scripts.ts';

export type Blocks = BlockList | null;

/** Their files may depend on the request. */
const NAMED_BY_REQUESTS =
  p.SERVER_REWRITE |
  p.REWRITE |
  p.ACCESS |
  p.PRECONTENT |
  p.CONTENT |
  p.HEADER_FILTER |
  p.BODY_FILTER |
  p.LOG;

type PhaseKey = Exclude<p.PhaseName, 'set' | 'timer' | 'balancer'>;
type Pair<N extends string> = {
  readonly [K in `${N}_by_ts_block` | `${N}_by_ts_file`]: Directive<Blocks, `${N}_by_ts`>;
};

function mergeContent(outer: Blocks | undefined, own: Blocks | undefined, level: number): Blocks {
  return own ?? (level === LOCATION_IF ? (outer ?? null) : null);
}

/** NAME_by_ts_block and NAME_by_ts_file; a second one of either adds to the first. */
export function both<N extends PhaseKey>(name: N, places: number, phase: number): Pair<N> {
  const into = `${name}_by_ts` as const;
  // What makes the response is inherited by an `if` alone.
  const inheriting = phase === p.CONTENT ? { merge: mergeContent } : { inherit: true };
  const block = custom<Blocks, `${N}_by_ts`>({
    in: places,
    args: [0, 0],
    body: 'source',
    into,
    default: null,
    ...inheriting,
    parse: (args, seen) => blockOf(args, into, phase, seen),
  });
  const file = custom<Blocks, `${N}_by_ts`>({
    in: places,
    into,
    default: null,
    ...inheriting,
    parse: (args, seen) =>
      NAMED_BY_REQUESTS & phase
        ? addFile(args, into, phase, seen, 1)
        : add(args, into, phase, seen, fileOf(args, 1)),
  });
  return { [`${name}_by_ts_block`]: block, [`${name}_by_ts_file`]: file } as Pair<N>;
}

/** The text between a directive's braces, added to its list. */
function blockOf(args: Args, into: string, phase: number, seen: Blocks | undefined): BlockList {
  const { line, column, text } = args.source();
  return add(args, into, phase, seen, { line, column, text: toText(text), path: null });
}

/** The file that argument `i` names: once, or where it holds variables by each request. */
function addFile(args: Args, into: string, phase: number, seen: Blocks | undefined, i: number): BlockList {
  const name = args.complex(i);
  if (name.constant !== null) return add(args, into, phase, seen, fileOf(args, i));
  const { line, column } = args.word(i);
  const source = {
    phase: into,
    directive: args.name,
    file: args.node.file,
    line,
    column,
    text: null,
    path: null,
  };
  return scriptsOf(args.cf).addVariable(source, name, phase, seen);
}

/** balancer_by_ts: who chooses the peers of an upstream. */
export function balancerDirectives(run: RunBalancer) {
  const into = 'balancer_by_ts';
  const chooseBy = (args: Args, blocks: BlockList): BlockList => {
    chooseByBlocks(args, blocks, run);
    return blocks;
  };
  return {
    balancer_by_ts_block: custom<Blocks, 'balancer_by_ts'>({
      in: UPSTREAM,
      args: [0, 0],
      body: 'source',
      into,
      default: null,
      parse: (args, seen) => chooseBy(args, blockOf(args, into, p.BALANCER, seen)),
    }),
    balancer_by_ts_file: custom<Blocks, 'balancer_by_ts'>({
      in: UPSTREAM,
      into,
      default: null,
      parse: (args, seen) => chooseBy(args, add(args, into, p.BALANCER, seen, fileOf(args, 1))),
    }),
    balancer_keepalive: custom<number>({ in: UPSTREAM, default: 0, parse: parseBalancerKeepalive }),
  };
}

/** The file that argument `i` names. */
function fileOf(args: Args, i: number): Written {
  const path = args.cf.fullName(args.text(i), 'prefix');
  if (!existsSync(diskPath(path))) args.failWhole(`open() "${path}" failed (2: No such file or directory)`);
  const { line, column } = args.word(i);
  return { line, column, text: null, path };
}

/** What runs when an instruction's turn has come. */
type RunSet = (r: HttpRequest, blocks: BlockList, variable: Variable, values: readonly ComplexValue[]) => Rc;

interface SetBy {
  readonly args: readonly [min: number, max: number];
  readonly body: 'none' | 'source';
  readonly parse: (args: Args) => BlockList;
}

/** set_by_ts: an instruction among those of the rewrite module, in the order written. Its value goes to a variable. */
export function setDirectives(run: RunSet) {
  const setBy = (spec: SetBy): Directive<readonly BlockList[], 'set_by_ts'> =>
    custom<readonly BlockList[], 'set_by_ts'>({
      in: SERVER | SERVER_IF | LOCATION | LOCATION_IF,
      args: spec.args,
      body: spec.body,
      into: 'set_by_ts',
      default: [],
      parse(args, seen = []) {
        const variable = declareVariable(args);
        const blocks = spec.parse(args);
        const values: ComplexValue[] = [];
        for (let i = 3; i <= args.count; i++) values.push(args.complex(i));
        addInstruction(args, (r) => run(r, blocks, variable, values));
        return [...seen, blocks];
      },
    });
  return {
    set_by_ts_block: setBy({
      args: [1, 1],
      body: 'source',
      parse: (args) => blockOf(args, 'set_by_ts', p.SET, null),
    }),
    set_by_ts_file: setBy({
      args: [2, Number.POSITIVE_INFINITY],
      body: 'none',
      parse: (args) => addFile(args, 'set_by_ts', p.SET, null, 2),
    }),
  };
}

interface Written {
  readonly line: number;
  readonly column: number;
  readonly text: string | null;
  readonly path: string | null;
}

function add(args: Args, into: string, phase: number, seen: Blocks | undefined, written: Written): BlockList {
  return scriptsOf(args.cf).add(
    { phase: into, directive: args.name, file: args.node.file, ...written },
    phase,
    seen,
  );
}
