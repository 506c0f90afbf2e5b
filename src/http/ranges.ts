// The ranges of a response that are to be sent, as the range filter has found them. A handler that reads a file looks
// at them after it has sent the head, reads only what is wanted, and says so (`cut`); of any other body the filter cuts
// them out.

export interface ByteRange {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

export interface ByteRanges {
  readonly ranges: readonly ByteRange[];
  /** What stands before each of several ranges; null for a single one, which is sent bare. */
  readonly heads: readonly string[] | null;
  /** What stands after the last of several. */
  readonly tail: string;
  /** How much of the body has passed the filter. */
  offset: number;
  /** The body comes cut. */
  cut: boolean;
}

let boundaries = Math.floor(Math.random() * 1e10);

/** nginx's boundary: a number of 20 digits. */
export function nextBoundary(): string {
  boundaries++;
  return String(boundaries).padStart(20, '0');
}
