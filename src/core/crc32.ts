// CRC-32 (that of zlib) over text of one byte a character, in steps: what has been taken in so far can be gone on from.

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let crc = n;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  return crc >>> 0;
});

export const crc32Start = 0xffffffff;

export function crc32Byte(crc: number, byte: number): number {
  return (TABLE[(crc ^ byte) & 0xff] as number) ^ (crc >>> 8);
}

export function crc32Text(crc: number, text: string): number {
  let state = crc;
  for (let i = 0; i < text.length; i++) state = crc32Byte(state, text.charCodeAt(i));
  return state;
}

export function crc32Final(crc: number): number {
  return (crc ^ 0xffffffff) >>> 0;
}
