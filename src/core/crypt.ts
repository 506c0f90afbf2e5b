// crypt(3) and the schemes that nginx adds to it: a password hashed in the way, and with the salt, of a given hash.
// Of crypt's methods: the traditional one (DES), MD5 ($1$), SHA-256 ($5$) and SHA-512 ($6$); $apr1$ is Apache's MD5.

import { createHash } from 'node:crypto';
import { desCrypt } from './crypt_des.ts';

/** The hash of `password`, to be compared with `salt`, the one known; null for a method that we do not have. */
export function crypt(password: string, salt: string): string | null {
  // For C, both end at a zero byte.
  const [key = ''] = password.split('\0', 1);
  if (salt.startsWith('{PLAIN}')) return `{PLAIN}${key}`;
  if (salt.startsWith('{SSHA}')) return ssha(key, salt.slice(6));
  if (salt.startsWith('{SHA}')) return `{SHA}${digest('sha1', bytes(key)).toString('base64')}`;
  if (salt.startsWith('$apr1$')) return md5Crypt(bytes(key), '$apr1$', salt);
  if (salt.startsWith('$1$')) return md5Crypt(bytes(key), '$1$', salt);
  if (salt.startsWith('$5$')) return shaCrypt(bytes(key), SHA256, salt);
  if (salt.startsWith('$6$')) return shaCrypt(bytes(key), SHA512, salt);
  if (/^[./0-9A-Za-z]{2}/.test(salt)) return desCrypt(key, salt);
  return salt.startsWith('$') ? null : salt.startsWith('*0') ? '*1' : '*0';
}

function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

function digest(algorithm: string, ...parts: readonly Buffer[]): Buffer {
  const hash = createHash(algorithm);
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function ssha(key: string, encoded: string): string {
  const decoded = Buffer.from(encoded, 'base64');
  const salt = decoded.subarray(20);
  return `{SSHA}${Buffer.concat([digest('sha1', bytes(key), salt), salt]).toString('base64')}`;
}

const ITOA64 = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** crypt's own base 64: the low bits first. */
function to64(value: number, length: number): string {
  let out = '';
  for (let i = 0, rest = value; i < length; i++, rest >>>= 6) out += ITOA64[rest & 63];
  return out;
}

/** The bytes of `source`, in this order, three at a time; -1 for none. */
function ordered(source: Buffer, order: readonly (readonly number[])[]): string {
  let out = '';
  for (const group of order) {
    let value = 0;
    for (const at of group) value = (value << 8) | (at === -1 ? 0 : (source[at] ?? 0));
    out += to64(value, group.filter((at) => at !== -1).length + 1);
  }
  return out;
}

const MD5_ORDER = [
  [0, 6, 12],
  [1, 7, 13],
  [2, 8, 14],
  [3, 9, 15],
  [4, 10, 5],
  [-1, -1, 11],
];

// Poul-Henning Kamp's method.
function md5Crypt(key: Buffer, magic: string, setting: string): string {
  const salt = /^[^$]{0,8}/.exec(setting.slice(magic.length))?.[0] ?? '';
  const saltBytes = bytes(salt);
  const inner = digest('md5', key, saltBytes, key);
  const first = [key, bytes(magic), saltBytes];
  for (let left = key.length; left > 0; left -= 16) first.push(inner.subarray(0, Math.min(left, 16)));
  for (let bits = key.length; bits > 0; bits >>= 1) {
    first.push((bits & 1) === 1 ? Buffer.of(0) : key.subarray(0, 1));
  }
  let final = digest('md5', ...first);
  for (let i = 0; i < 1000; i++) {
    const odd = (i & 1) === 1;
    const parts = [odd ? key : final];
    if (i % 3 !== 0) parts.push(saltBytes);
    if (i % 7 !== 0) parts.push(key);
    parts.push(odd ? final : key);
    final = digest('md5', ...parts);
  }
  return `${magic}${salt}$${ordered(final, MD5_ORDER)}`;
}

interface ShaMethod {
  readonly magic: string;
  readonly algorithm: string;
  readonly order: readonly (readonly number[])[];
}

const SHA256: ShaMethod = {
  magic: '$5$',
  algorithm: 'sha256',
  order: [...rotating(10, 10, [0, 1, 2]), [-1, 31, 30]],
};
const SHA512: ShaMethod = {
  magic: '$6$',
  algorithm: 'sha512',
  order: [...rotating(21, 21, [0, 2, 1]), [-1, -1, 63]],
};

/** Groups (i, i + step, i + 2 step), turned by `turns[1]` or `turns[2]` places from each to the next. */
function rotating(count: number, step: number, turns: readonly [number, number, number]): number[][] {
  const groups: number[][] = [];
  for (let i = 0; i < count; i++) {
    const own = [i, i + step, i + 2 * step];
    const turn = (i * turns[2]) % 3;
    groups.push([0, 1, 2].map((k) => own[(k + turn) % 3] ?? 0));
  }
  return groups;
}

const ROUNDS = /^rounds=([0-9]+)\$/;

// Ulrich Drepper's method, as specified for both hashes; the names are those of its text.
function shaCrypt(key: Buffer, method: ShaMethod, setting: string): string {
  let rest = setting.slice(method.magic.length);
  const given = ROUNDS.exec(rest);
  let rounds = 5000;
  if (given !== null) {
    rest = rest.slice(given[0].length);
    rounds = Math.min(Math.max(Number(given[1]), 1000), 999_999_999);
  }
  const salt = /^[^$]{0,16}/.exec(rest)?.[0] ?? '';
  const saltBytes = bytes(salt);
  const { algorithm } = method;
  const b = digest(algorithm, key, saltBytes, key);
  const first = [key, saltBytes, repeated(b, key.length)];
  for (let bits = key.length; bits > 0; bits >>= 1) first.push((bits & 1) === 1 ? b : key);
  let a = digest(algorithm, ...first);
  const p = repeated(digest(algorithm, ...new Array<Buffer>(key.length).fill(key)), key.length);
  const salts = new Array<Buffer>(16 + (a[0] ?? 0)).fill(saltBytes);
  const s = repeated(digest(algorithm, ...salts), saltBytes.length);
  for (let i = 0; i < rounds; i++) {
    const odd = (i & 1) === 1;
    const parts = [odd ? p : a];
    if (i % 3 !== 0) parts.push(s);
    if (i % 7 !== 0) parts.push(p);
    parts.push(odd ? a : p);
    a = digest(algorithm, Buffer.concat(parts));
  }
  const shownRounds = given === null ? '' : `rounds=${rounds}$`;
  return `${method.magic}${shownRounds}${salt}$${ordered(a, method.order)}`;
}

function repeated(source: Buffer, length: number): Buffer {
  return Buffer.alloc(length, source);
}
