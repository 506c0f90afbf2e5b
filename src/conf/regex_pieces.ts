// What the translation of a pattern is put together from: groups are numbered when all are known, and the end of the subject
// is written in two ways.

/** Text that is final, or a place that is numbered when all groups are known. */
export type Piece = string | Mark;
export interface Mark {
  /**
   * `open`: a group of the pattern, `close`: its end; `wrap`: one added for an atomic group; `again`: a reference to that;
   * `ref`: to a group; `doubt`: to one that may have taken no part; `rest`: the group that `\\K` begins; `end`: the end of
   * the subject, or before a line feed there.
   */
  kind: 'open' | 'close' | 'wrap' | 'again' | 'ref' | 'doubt' | 'rest' | 'end';
  id: number;
}

export const END: Piece = { kind: 'end', id: 0 };

/** A pattern in JavaScript's words. */
export interface Assembled {
  readonly pattern: string;
  /** The same for subjects that do not end in a line feed. */
  readonly plain: string;
  /** A match that has come to a `$` is over, and nothing else looks ahead. */
  readonly endsAtEnd: boolean;
  /** The JavaScript groups that each of the `groups` became; null where the numbers are the same. */
  readonly numbers: readonly (readonly number[])[] | null;
}

export function assemble(out: readonly Piece[], groups: number): Assembled {
  const doubted = new Set<number>();
  for (const piece of out) if (typeof piece !== 'string' && piece.kind === 'doubt') doubted.add(piece.id);
  const numbers: number[][] = [[0]];
  /** Groups that have taken a character when the group of that number has taken part. */
  const signs: number[][] = [];
  const wraps: number[] = [];
  let count = 0;
  for (const piece of out) {
    if (typeof piece === 'string') continue;
    if (piece.kind === 'open') {
      numbers[piece.id] ??= [];
      numbers[piece.id]?.push(++count);
    } else if (piece.kind === 'close' && doubted.has(piece.id)) {
      signs[piece.id] ??= [];
      signs[piece.id]?.push(++count, ++count);
    } else if (piece.kind === 'wrap') wraps[piece.id] = ++count;
    else if (piece.kind === 'rest') numbers[0]?.unshift(++count);
  }
  const written = (end: string): string => {
    let pattern = '';
    for (const piece of out) {
      if (typeof piece === 'string') pattern += piece;
      else if (piece.kind === 'end') pattern += end;
      else if (piece.kind === 'open') pattern += doubted.has(piece.id) ? '((?:' : '(';
      else if (piece.kind === 'close') pattern += doubted.has(piece.id) ? `)${SIGN})` : ')';
      else if (piece.kind === 'again') pattern += `(?:\\${wraps[piece.id]})`;
      else if (piece.kind === 'ref') pattern += `(?:${references(numbers[piece.id])})`;
      else if (piece.kind === 'doubt') {
        // At the end of the subject a reference matches nothing but what is empty.
        pattern += `(?:(?![^]*(?![^])${references(signs[piece.id])})${references(numbers[piece.id])})`;
      } else pattern += '(';
    }
    return pattern;
  };
  const same = count === groups && wraps.length === 0;
  return {
    pattern: written('(?=\\n?$)'),
    plain: written('$'),
    endsAtEnd: endsAtEnd(out),
    numbers: same ? null : numbers,
  };
}

/** Takes the character behind and the one before, which are not both missing but in an empty subject. */
const SIGN = '(?=([^])|)(?<=([^])|)';

function references(groups: readonly number[] = []): string {
  return groups.map((n) => `\\${n}`).join('');
}

function endsAtEnd(out: readonly Piece[]): boolean {
  const looks = (piece: Piece): boolean =>
    typeof piece === 'string'
      ? piece === '$' || /\(\?[=!]/.test(piece)
      : piece.kind === 'wrap' || piece.kind === 'doubt';
  return !out.some(looks) && out.every((piece, i) => piece !== END || isLast(out, i));
}

/** Whether nothing can be matched behind the piece at `i`: only ends of groups follow, and alternatives to it. */
function isLast(out: readonly Piece[], i: number): boolean {
  for (let at = i + 1; at < out.length; at++) {
    if (closes(out[at])) continue;
    if (out[at] !== '|') return false;
    for (let depth = 0; at < out.length && (depth > 0 || !closes(out[at])); at++)
      depth += opened(out[at] ?? '');
  }
  return true;
}

function closes(piece: Piece | undefined): boolean {
  return piece === ')' || (typeof piece === 'object' && piece.kind === 'close');
}

const OPENED: { readonly [kind: string]: number } = { open: 1, wrap: 1, rest: 1, close: -1 };

/** How many more groups a piece opens than it closes. */
function opened(piece: Piece): number {
  if (typeof piece !== 'string') return OPENED[piece.kind] ?? 0;
  const bare = piece.replace(/\\./g, '').replace(/\[[^\]]*\]/g, '');
  return bare.split('(').length - bare.split(')').length;
}
