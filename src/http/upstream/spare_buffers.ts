// Memory for large pieces of bodies, used again and again: fresh memory for each would stand around until V8 gets to
// collecting it, and it does not hurry for memory outside of its heap (4 GB through a worker: 100 MB of garbage).

/** As much as one read brings. */
const SIZE = 256 * 1024;
/** Smaller pieces have memory of their own size. */
const LARGE = 64 * 1024;
const MOST_SPARE = 16;
const FREED = 16 * 1024;

const spare: Buffer[] = [];

/** Memory for `size` bytes, which is given back when nobody reads it any more, or not at all. */
export function borrow(size: number): Buffer {
  if (size < LARGE || size > SIZE) return Buffer.allocUnsafe(size);
  const whole = spare.pop() ?? Buffer.allocUnsafeSlow(SIZE);
  return whole.subarray(0, size);
}

/** bytes[from, to), in memory that is borrowed. */
export function copyOf(bytes: Buffer, from: number, to: number): Buffer {
  const copy = borrow(to - from);
  bytes.copy(copy, 0, from, to);
  return copy;
}

/** Frees the memory of a piece that a socket has brought, where the piece is all of it, and nobody reads it any more. */
export function free({ buffer, length }: Buffer): void {
  if (length >= FREED && buffer.byteLength === length) (buffer as ArrayBuffer).transfer(0);
}

/** Nobody reads `piece` any more. It need not come from here. */
export function giveBack(piece: Buffer): void {
  if (piece.length < LARGE || piece.buffer.byteLength !== SIZE || spare.length >= MOST_SPARE) return;
  spare.push(Buffer.from(piece.buffer as ArrayBuffer));
}
