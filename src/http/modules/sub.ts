// sub_filter: replaces texts of responses, also where they come in pieces.

import type { Args } from '../../conf/args.ts';
import type { ComplexValue } from '../../conf/complex.ts';
import { type ConfOf, HTTP_ANY } from '../../conf/directive.ts';
import { custom, flag } from '../../conf/kinds.ts';
import { UNKNOWN } from '../headers.ts';
import { defineModule } from '../module.ts';
import type { BodyFilter } from '../output.ts';
import { OK, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import { hasType, typeSet } from '../type_set.ts';
import { lowerText, PARTLY, Patterns } from './sub_patterns.ts';

const MAX_PAIRS = 255;

interface Pair {
  readonly match: ComplexValue;
  readonly value: ComplexValue;
}

/** What the directives of one block say. */
class Pairs {
  readonly list: Pair[] = [];
  /** Where no pattern has variables: made once. */
  #fixed: Patterns | null = null;

  /** null where all patterns are empty. */
  patterns(r: HttpRequest): Patterns | null {
    if (this.#fixed !== null) return this.#fixed;
    const all = [];
    for (const [index, { match }] of this.list.entries()) {
      const text = lowerText(match.evaluate(r));
      if (text !== '') all.push({ text, index });
    }
    if (all.length === 0) return null;
    const made = new Patterns(all);
    if (this.list.every(({ match }) => match.constant !== null)) this.#fixed = made;
    return made;
  }
}

const directives = {
  sub_filter: custom<Pairs | null>({
    in: HTTP_ANY,
    args: [2, 2],
    default: null,
    inherit: true,
    parse: parsePair,
  }),
  sub_filter_types: typeSet(HTTP_ANY, ['text/html']),
  sub_filter_once: flag({ in: HTTP_ANY, default: true }),
  sub_filter_last_modified: flag({ in: HTTP_ANY, default: false }),
};

type Conf = ConfOf<typeof directives>;

export const sub = defineModule({
  name: 'sub',
  directives,
  newCtx: (): Substitution => new Substitution(),
  headerFilter: { when: hasPairs, run: startSubstitution },
  bodyFilter: { when: hasPairs, passing: true, build: buildSubstitution },
});

function hasPairs(conf: Conf): boolean {
  return conf.sub_filter !== null;
}

/** The state of one response. */
class Substitution {
  pairs: readonly Pair[] = [];
  patterns: Patterns | null = null;
  /** Text that may be the beginning of a pattern. */
  held = '';
  /** What replaces a pattern, by its index: evaluated at its first match. */
  readonly values: (string | undefined)[] = [];
  /** By index: it has been replaced, and sub_filter_once holds. null: without sub_filter_once. */
  spent: boolean[] | null = null;
  /** Patterns that are still looked for. */
  left = 0;

  value(r: HttpRequest, index: number): string {
    const known = this.values[index];
    if (known !== undefined) return known;
    const made = this.pairs[index]?.value.evaluate(r) ?? '';
    this.values[index] = made;
    return made;
  }
}

function startSubstitution(r: HttpRequest, conf: Conf): Rc {
  const { headersOut } = r;
  const { sub_filter: pairs } = conf;
  if (pairs === null || headersOut.contentLength === 0) return OK;
  if (!hasType(conf.sub_filter_types, headersOut.contentType)) return OK;
  const patterns = pairs.patterns(r);
  if (patterns === null) return OK;
  const ctx = sub.startCtx(r);
  ctx.pairs = pairs.list;
  ctx.patterns = patterns;
  ctx.left = patterns.all.length;
  if (conf.sub_filter_once) ctx.spent = [];
  if (r !== r.main) return OK;
  headersOut.contentLength = UNKNOWN;
  headersOut.loosenValidators(conf.sub_filter_last_modified);
  return OK;
}

function buildSubstitution(_conf: Conf, next: BodyFilter): BodyFilter {
  return (r, data, last) => {
    const ctx = sub.ctx(r);
    if (ctx === undefined || ctx.patterns === null || (ctx.left === 0 && ctx.held === '')) {
      return next(r, data, last);
    }
    let text = typeof data === 'string' ? data : data.toString('latin1');
    if (text !== '') text = substitute(r, ctx, ctx.patterns, ctx.held + text);
    if (!last) return next(r, text, false);
    text += ctx.held;
    ctx.held = '';
    return next(r, text, true);
  };
}

/** The text with its patterns replaced, but for its end, which may go on as one: that is held. */
function substitute(r: HttpRequest, ctx: Substitution, patterns: Patterns, text: string): string {
  let out = '';
  let copied = 0;
  let start = ctx.left === 0 ? text.length : patterns.next(text, 0);
  while (start + patterns.shortest <= text.length) {
    const found = patterns.at(text, start, ctx.spent);
    if (found === PARTLY) break;
    if (found === null) {
      start = patterns.next(text, start + 1);
      continue;
    }
    out += text.slice(copied, start) + ctx.value(r, found.index);
    copied = start + found.text.length;
    if (ctx.spent !== null) {
      ctx.spent[found.index] = true;
      ctx.left--;
    }
    start = ctx.left === 0 ? text.length : patterns.next(text, copied);
  }
  const kept = patterns.tail(text, start);
  ctx.held = text.slice(kept);
  return out + text.slice(copied, kept);
}

function parsePair(args: Args, seen: Pairs | null | undefined): Pairs {
  if (args.text(1) === '') args.failWhole('empty search pattern');
  const pairs = seen ?? new Pairs();
  if (pairs.list.length === MAX_PAIRS) args.failWhole(`number of search patterns exceeds ${MAX_PAIRS}`);
  pairs.list.push({ match: args.complex(1), value: args.complex(2) });
  return pairs;
}
