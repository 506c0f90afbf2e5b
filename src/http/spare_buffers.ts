// Memory for pieces of bodies, used again and again: fresh memory for each would stand around until V8 gets to
// collecting it, and it does not hurry for memory outside of its heap (4 GB through a worker: 100 MB of garbage).

/** A TLS record or a frame of HTTP/2; what a client's socket brings at once; what an upstream's does. */
const SIZES = [16 * 1024, 64 * 1024, 256 * 1024] as const;
/** Smaller pieces have memory of their own. */
const SMALLEST = 4096;
const MOST_SPARE = 16;
const FREED = 16 * 1024;

const spare: readonly Buffer[][] = SIZES.map(() => []);
/** Memory that comes from here, and which of the sizes it has. */
const kinds = new WeakMap<ArrayBufferLike, number>();

/** Memory for `size` bytes, which is given back when nobody reads it any more, or not at all. */
export function borrow(size: number): Buffer {
  const kind = size <= SIZES[0] ? 0 : size <= SIZES[1] ? 1 : 2;
  if (size < SMALLEST || size > SIZES[kind]) return Buffer.allocUnsafe(size);
  const whole = spare[kind]?.pop() ?? make(kind);
  return size === whole.length ? whole : whole.subarray(0, size);
}

function make(kind: 0 | 1 | 2): Buffer {
  const whole = Buffer.allocUnsafeSlow(SIZES[kind]);
  kinds.set(whole.buffer, kind);
  return whole;
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
export function giveBack({ buffer }: Buffer): void {
  const kind = kinds.get(buffer);
  if (kind === undefined) return;
  const pieces = spare[kind] as Buffer[];
  if (pieces.length < MOST_SPARE) pieces.push(Buffer.from(buffer as ArrayBuffer));
  else (buffer as ArrayBuffer).transfer(0);
}
