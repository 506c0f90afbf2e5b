// The keys of a zone's records. Entries are in the order of hashes, so that neighbours are a random sample, whatever the
// keys look like.
//
//   entry  0x10 hash(4) 0 key | 0x10 hash(4) 1 sha256(key)   -> entry.ts
//   part   0x20 id(6) index(6)                               -> a chunk of a large value, or a list's item: parts.ts
//   trash  0x30 id(6)                                        -> head, tail: items of a removed list

import { hash as digest } from 'node:crypto';
import type { Entry } from './entry.ts';
import type { KeyBytes } from './lmdb.ts';

export type ZoneKey = string | Uint8Array;

export const ENTRY_KEY = 0x10;
export const PART_KEY = 0x20;
export const TRASH_KEY = 0x30;
const ENTRY_KEY_PREFIX = 6;
/** Longer keys are digested: branch pages hold whole keys. */
const MAX_STORED_KEY = 255;
const HASH_SEED = 0x811c9dc5;
const HASH_PRIME = 0x01000193;

/** Makes `target` the key of an entry; answers the whole key where that is too long to be part of it. */
export function encodeKey(target: KeyBytes, key: ZoneKey): Buffer | undefined {
  const { bytes } = target;
  const { length } = key;
  if (typeof key === 'string' && length <= MAX_STORED_KEY) {
    let hash = HASH_SEED;
    let i = 0;
    for (; i < length; i++) {
      const code = key.charCodeAt(i);
      if (code > 127) break;
      bytes[ENTRY_KEY_PREFIX + i] = code;
      hash = Math.imul(hash ^ code, HASH_PRIME);
    }
    if (i === length) {
      writeEntryKeyPrefix(bytes, hash, 0);
      target.length = ENTRY_KEY_PREFIX + length;
      return undefined;
    }
  }
  return encodeBytes(target, typeof key === 'string' ? Buffer.from(key, 'utf8') : key);
}

function encodeBytes(target: KeyBytes, key: Uint8Array): Buffer | undefined {
  let longKey: Buffer | undefined;
  let hash = HASH_SEED;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ (key[i] as number), HASH_PRIME);
  let stored = key;
  if (key.length > MAX_STORED_KEY) {
    stored = digest('sha256', key, 'buffer');
    longKey = Buffer.from(key.buffer, key.byteOffset, key.length);
  }
  writeEntryKeyPrefix(target.bytes, hash, stored === key ? 0 : 1);
  target.bytes.set(stored, ENTRY_KEY_PREFIX);
  target.length = ENTRY_KEY_PREFIX + stored.length;
  return longKey;
}

/** The hash stands first, most significant byte first, mixed so that all its bits depend on all of the key. */
function writeEntryKeyPrefix(bytes: Buffer, hash: number, long: number): void {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  mixed ^= mixed >>> 16;
  bytes[0] = ENTRY_KEY;
  bytes[1] = mixed >>> 24;
  bytes[2] = mixed >>> 16;
  bytes[3] = mixed >>> 8;
  bytes[4] = mixed;
  bytes[5] = long;
}

/** Before all keys of the kind. */
export function setKind(key: KeyBytes, kind: number): void {
  key.bytes[0] = kind;
  key.length = 1;
}

/** Before all entries of the hash, and of later ones. */
export function setHash(key: KeyBytes, hash: number): void {
  key.bytes[0] = ENTRY_KEY;
  key.bytes.writeUInt32BE(hash, 1);
  key.length = 5;
}

/** Behind `last`, with nothing between. */
export function setAfter(key: KeyBytes, last: Buffer): void {
  key.set(last);
  key.bytes[key.length++] = 0;
}

/** What the user of the zone calls the entry under `key`. */
export function wholeKey(key: Buffer, entry: Entry): Buffer {
  const long = key[ENTRY_KEY_PREFIX - 1] !== 0;
  return long ? Buffer.from(entry.longKey()) : key.subarray(ENTRY_KEY_PREFIX);
}
