// What stands in a file of the cache: a header of fixed length, the key, the head of the response as the upstream sent
// it, and the body. It is nginx's layout on 64 bit little-endian machines (version 5), so that a directory can be taken
// over from nginx, or given back to it.
//
//   header (336)  "\nKEY: " key "\n"  head  body
//                                     ^ headerStart
//                                           ^ bodyStart

import { hash as digest } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { isAscii } from '../../core/text.ts';

const VERSION = 5;
export const HEADER_BYTES = 336;
const KEY_MARK = '\nKEY: ';
const KEY_AT = HEADER_BYTES + KEY_MARK.length;
const MAX_ETAG = 128;
export const MAX_VARY = 128;
/** Offsets in the header. */
const VALID_SEC = 8;
const UPDATING_SEC = 16;
const ERROR_SEC = 24;
const LAST_MODIFIED = 32;
const DATE = 40;
const CRC32 = 48;
const HEADER_START = 54;
const BODY_START = 56;
const ETAG_LEN = 58;
const ETAG = 59;
const VARY_LEN = 187;
const VARY = 188;
const VARIANT = 316;
const VARIANT_BYTES = 16;
/** Positions are numbers of 16 bits. */
export const MAX_BODY_START = 65535;

/** A key, and what follows from it. */
export interface CacheKey {
  /** Latin1. */
  readonly text: string;
  /** In hexadecimal digits: the file's name. */
  readonly hash: string;
  readonly crc: number;
  readonly headerStart: number;
  /** The head that was parsed last of its hits, and what came of it, by the settings it was parsed with. */
  parsedHead: string;
  parsed: object | null;
  parsedWith: object | null;
}

function md5(text: string): string {
  return digest('md5', isAscii(text) ? text : Buffer.from(text, 'latin1'), 'hex');
}

export function cacheKey(text: string): CacheKey {
  const hash = md5(text);
  const crc = crc32(Buffer.from(text, 'latin1'));
  const headerStart = KEY_AT + text.length + 1;
  return { text, hash, crc, headerStart, parsedHead: '', parsed: null, parsedWith: null };
}

/** What the header says of a response; times are seconds. */
export interface CacheHeader {
  validSec: number;
  updatingSec: number;
  errorSec: number;
  /** -1: not known. */
  lastModified: number;
  date: number;
  bodyStart: number;
  etag: string;
  vary: string;
  /** The variant's hash, where there is a `vary`. */
  variant: string;
}

/** Writes the header and the key. */
export function writeHeader(to: Buffer, key: CacheKey, header: CacheHeader): void {
  to.fill(0, 0, HEADER_BYTES);
  writeLong(to, 0, VERSION);
  writeLong(to, VALID_SEC, header.validSec);
  writeLong(to, UPDATING_SEC, header.updatingSec);
  writeLong(to, ERROR_SEC, header.errorSec);
  writeLong(to, LAST_MODIFIED, header.lastModified);
  writeLong(to, DATE, header.date);
  to.writeUInt32LE(key.crc, CRC32);
  to.writeUInt16LE(key.headerStart, HEADER_START);
  to.writeUInt16LE(header.bodyStart, BODY_START);
  if (header.etag.length <= MAX_ETAG) {
    to[ETAG_LEN] = header.etag.length;
    to.write(header.etag, ETAG, 'latin1');
  }
  if (header.vary !== '') {
    to[VARY_LEN] = header.vary.length;
    to.write(header.vary, VARY, 'latin1');
    to.write(header.variant, VARIANT, 'hex');
  }
  if (to.length > HEADER_BYTES) to.write(`${KEY_MARK}${key.text}\n`, HEADER_BYTES, 'latin1');
}

/** Where there is no such file, or none that can be used: why, in nginx's words. */
type Unusable = 'is too small' | 'version mismatch' | 'has md5 collision' | 'has incorrect vary length';

/** Reads the header of a file whose first `n` bytes are in `bytes` into `header`; null: it is the file of `key`. */
export function readHeader(bytes: Buffer, n: number, key: CacheKey, header: CacheHeader): Unusable | null {
  if (n < key.headerStart) return 'is too small';
  if (bytes.readUInt32LE(0) !== VERSION) return 'version mismatch';
  if (bytes.readUInt32LE(CRC32) !== key.crc || bytes.readUInt16LE(HEADER_START) !== key.headerStart) {
    return 'has md5 collision';
  }
  if (bytes.toString('latin1', KEY_AT, key.headerStart - 1) !== key.text) return 'has md5 collision';
  const varyLength = bytes[VARY_LEN] as number;
  if (varyLength > MAX_VARY) return 'has incorrect vary length';
  header.validSec = readLong(bytes, VALID_SEC);
  header.updatingSec = readLong(bytes, UPDATING_SEC);
  header.errorSec = readLong(bytes, ERROR_SEC);
  header.lastModified = readLong(bytes, LAST_MODIFIED);
  header.date = readLong(bytes, DATE);
  header.bodyStart = bytes.readUInt16LE(BODY_START);
  const etagLength = bytes[ETAG_LEN] as number;
  header.etag = etagLength === 0 ? '' : bytes.toString('latin1', ETAG, ETAG + etagLength);
  header.vary = varyLength === 0 ? '' : bytes.toString('latin1', VARY, VARY + varyLength);
  header.variant = varyLength === 0 ? '' : bytes.toString('hex', VARIANT, VARIANT + VARIANT_BYTES);
  return null;
}

/** Whether the header in `bytes` is still that of what was read before (it may be updated in place). */
export function sameContent(bytes: Buffer, key: CacheKey, header: CacheHeader): boolean {
  return (
    bytes.readUInt32LE(0) === VERSION &&
    readLong(bytes, LAST_MODIFIED) === header.lastModified &&
    bytes.readUInt32LE(CRC32) === key.crc &&
    bytes.readUInt16LE(HEADER_START) === key.headerStart &&
    bytes.readUInt16LE(BODY_START) === header.bodyStart
  );
}

/** The key that stands in the first bytes of a file; null: not all of it, or it is no file of a cache. */
export function keyIn(bytes: Buffer, n: number): string | null {
  if (n < HEADER_BYTES || bytes.readUInt32LE(0) !== VERSION) return null;
  const end = bytes.readUInt16LE(HEADER_START) - 1;
  return end < KEY_AT || end > n ? null : bytes.toString('latin1', KEY_AT, end);
}

export function hasVary(bytes: Buffer, n: number): boolean {
  return n >= HEADER_BYTES && bytes[VARY_LEN] !== 0;
}

/** When the response came, in seconds. */
export function dateIn(bytes: Buffer): number {
  return readLong(bytes, DATE);
}

const HIGH = 2 ** 32;

function writeLong(to: Buffer, at: number, value: number): void {
  to.writeInt32LE(Math.floor(value / HIGH), at + 4);
  to.writeUInt32LE(value - Math.floor(value / HIGH) * HIGH, at);
}

function readLong(from: Buffer, at: number): number {
  return from.readInt32LE(at + 4) * HIGH + from.readUInt32LE(at);
}
