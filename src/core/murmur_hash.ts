// MurmurHash2 of Austin Appleby, 32 bits, seed 0: what nginx splits clients by.

const M = 0x5bd1e995;

/** Of a string of bytes; unsigned. */
export function murmurHash2(text: string): number {
  const { length } = text;
  let h = length;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    let k =
      text.charCodeAt(i) |
      (text.charCodeAt(i + 1) << 8) |
      (text.charCodeAt(i + 2) << 16) |
      (text.charCodeAt(i + 3) << 24);
    k = Math.imul(k, M);
    k ^= k >>> 24;
    h = Math.imul(h, M) ^ Math.imul(k, M);
  }
  const rest = length - i;
  if (rest > 2) h ^= text.charCodeAt(i + 2) << 16;
  if (rest > 1) h ^= text.charCodeAt(i + 1) << 8;
  if (rest > 0) h = Math.imul(h ^ text.charCodeAt(i), M);
  h ^= h >>> 13;
  h = Math.imul(h, M);
  h ^= h >>> 15;
  return h >>> 0;
}
