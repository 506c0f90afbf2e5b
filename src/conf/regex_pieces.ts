// What the translation of a pattern is put together from: groups are numbered when all are known, and the end of the subject
// is written in two ways.

/** Text that is final, or a place that is numbered when all groups are known. */
export type Piece = string | Mark;
export interface Mark {
  /**
   * `open`: a group of the pattern; `wrap`: one added for an atomic group; `again`: a reference to that; `ref`: to a
   * group; `end`: the end of the subject, or before a line feed there.
   */
  readonly kind: 'open' | 'wrap' | 'again' | 'ref' | 'end';
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
  const numbers: number[][] = [[0]];
  const wraps: number[] = [];
  let count = 0;
  for (const piece of out) {
    if (typeof piece === 'string') continue;
    if (piece.kind === 'open') {
      numbers[piece.id] ??= [];
      numbers[piece.id]?.push(++count);
    } else if (piece.kind === 'wrap') wraps[piece.id] = ++count;
  }
  const written = (end: string): string => {
    let pattern = '';
    for (const piece of out) {
      if (typeof piece === 'string') pattern += piece;
      else if (piece.kind === 'end') pattern += end;
      else if (piece.kind === 'open' || piece.kind === 'wrap') pattern += '(';
      else if (piece.kind === 'again') pattern += `(?:\\${wraps[piece.id]})`;
      else pattern += `(?:${(numbers[piece.id] ?? []).map((n) => `\\${n}`).join('')})`;
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

function endsAtEnd(out: readonly Piece[]): boolean {
  const looks = (piece: Piece): boolean =>
    typeof piece === 'string' ? piece === '$' || /\(\?[=!]/.test(piece) : piece.kind === 'wrap';
  return !out.some(looks) && out.every((piece, i) => piece !== END || isLast(out, i));
}

/** Whether nothing can be matched behind the piece at `i`: only ends of groups follow, and alternatives to it. */
function isLast(out: readonly Piece[], i: number): boolean {
  for (let at = i + 1; at < out.length; at++) {
    if (out[at] === ')') continue;
    if (out[at] !== '|') return false;
    for (let depth = 0; at < out.length && (depth > 0 || out[at] !== ')'); at++)
      depth += opened(out[at] ?? '');
  }
  return true;
}

/** How many more groups a piece opens than it closes. */
function opened(piece: Piece): number {
  if (typeof piece !== 'string') return piece.kind === 'open' || piece.kind === 'wrap' ? 1 : 0;
  const bare = piece.replace(/\\./g, '').replace(/\[[^\]]*\]/g, '');
  return bare.split('(').length - bare.split(')').length;
}
