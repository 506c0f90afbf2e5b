// crypto: random values, and subtle. Digests and HMACs are computed at once by a synchronous call; everything else is an
// operation of the host, which is handed the key each time: keys live here, not there.

import { CALL_DIGEST, CALL_RANDOM, CALL_VERIFY, OP_CRYPTO } from '../../protocol.ts';
import { call } from '../bridge.ts';
import { charCodeAt, isArray, isView, slice, TypeError_, toJson, toUpperCase } from '../builtins.ts';
import { NgxError } from '../errors.ts';
import { nobody } from '../nobody.ts';
import { type Argument, promise } from '../operations.ts';
import { asBytes, bytesOf, rawOf } from '../text.ts';
import { DOMException } from './dom_exception.ts';

const POOL_BYTES = 1024;
let pool = '';
let poolAt = 0;

/** Random bytes, one a character; small amounts are fetched ahead. */
function randomRaw(count: number): string {
  if (count > POOL_BYTES / 4) return call(CALL_RANDOM, 0, count) as string;
  if (pool.length - poolAt < count) {
    pool = call(CALL_RANDOM, 0, POOL_BYTES) as string;
    poolAt = 0;
  }
  poolAt += count;
  return slice(pool, poolAt - count, poolAt);
}

type Algorithm =
  | string
  | { readonly name: string; readonly hash?: Algorithm; readonly [key: string]: unknown };
type Usage = string;

interface KeyMaterial {
  readonly format: 'raw' | 'pkcs8' | 'spki' | 'jwk';
  readonly raw: string;
  readonly jwk: object | undefined;
  /** As given to importKey. */
  readonly given: Algorithm;
}

let materialOf: (key: CryptoKey) => KeyMaterial;
let makeKey: (
  material: KeyMaterial,
  type: string,
  extractable: boolean,
  algorithm: object,
  usages: readonly Usage[],
) => CryptoKey;

export class CryptoKey {
  readonly #material: KeyMaterial;
  readonly type: string;
  readonly extractable: boolean;
  readonly algorithm: object;
  readonly usages: readonly Usage[];

  static {
    materialOf = (key) => key.#material;
    makeKey = (material, type, extractable, algorithm, usages) =>
      new CryptoKey(material, type, extractable, algorithm, usages);
  }

  private constructor(
    material: KeyMaterial,
    type: string,
    extractable: boolean,
    algorithm: object,
    usages: readonly Usage[],
  ) {
    this.#material = material;
    this.type = type;
    this.extractable = extractable;
    this.algorithm = algorithm;
    this.usages = usages;
  }
}

function nameOf(algorithm: Algorithm): string {
  const name = typeof algorithm === 'string' ? algorithm : algorithm?.name;
  if (typeof name !== 'string') throw new TypeError_('Algorithm: name is missing');
  return toUpperCase(name);
}

const HASHES = ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'];
const BLOCKS: Readonly<Record<string, number>> = {
  'SHA-1': 64,
  'SHA-256': 64,
  'SHA-384': 128,
  'SHA-512': 128,
};

function hashOf(algorithm: Algorithm | undefined): string {
  const name = algorithm === undefined ? '' : nameOf(algorithm);
  for (let i = 0; i < HASHES.length; i++) if (HASHES[i] === name) return name;
  throw new DOMException(
    `Unrecognized algorithm name${name === '' ? '' : ` "${name}"`}`,
    'NotSupportedError',
  );
}

function rawSource(data: unknown, what: string): string {
  const bytes = asBytes(data);
  if (bytes === undefined) throw new TypeError_(`${what} must be an ArrayBuffer or a view of one`);
  return rawOf(bytes);
}

function bufferOf(raw: string): ArrayBuffer {
  return bytesOf(raw).buffer;
}

/** Parameters as text: bytes among them as {"$raw": …}. */
function parameters(value: unknown): string {
  return toJson(value, (_name, one: unknown) => {
    if (isView(one) || one instanceof ArrayBuffer) return { $raw: rawOf(asBytes(one) as Uint8Array) };
    return one;
  });
}

function mayUse(key: unknown, usage: string): asserts key is CryptoKey {
  if (!(key instanceof CryptoKey)) throw new TypeError_('key is not a CryptoKey');
  let allowed = usage === '';
  for (let i = 0; i < key.usages.length; i++) if (key.usages[i] === usage) allowed = true;
  if (!allowed) throw new DOMException(`The key may not be used to ${usage}`, 'InvalidAccessError');
}

/** What the host makes a key from. */
function keyArguments(key: unknown, usage: string): [text: string, raw: Argument] {
  mayUse(key, usage);
  const { format, raw, jwk, given } = materialOf(key);
  return [toJson({ format, algorithm: given, usages: key.usages, jwk }), { raw }];
}

async function operation<T>(args: readonly Argument[]): Promise<T> {
  try {
    return await promise<T>(nobody, OP_CRYPTO, args);
  } catch (error) {
    if (!(error instanceof NgxError)) throw error;
    throw new DOMException(error.message, (error as { name?: string }).name ?? 'OperationError');
  }
}

const subtle = {
  async digest(algorithm: Algorithm, data: unknown): Promise<ArrayBuffer> {
    return bufferOf(call(CALL_DIGEST, 0, hashOf(algorithm), rawSource(data, 'data')) as string);
  },

  async importKey(
    format: string,
    keyData: unknown,
    algorithm: Algorithm,
    extractable: boolean,
    usages: readonly Usage[],
  ): Promise<CryptoKey> {
    if (format !== 'raw' && format !== 'jwk' && format !== 'pkcs8' && format !== 'spki') {
      throw new TypeError_(`Unknown key format "${format}"`);
    }
    if (!isArray(usages)) throw new TypeError_('keyUsages must be an array');
    const jwk = format === 'jwk' ? (keyData as object) : undefined;
    const raw = format === 'jwk' ? '' : rawSource(keyData, 'keyData');
    const material: KeyMaterial = { format, raw, jwk, given: algorithm };
    if (format === 'raw' && nameOf(algorithm) === 'HMAC') {
      if (raw === '') throw new DOMException('Zero-length key is not supported', 'DataError');
      const hash = hashOf((algorithm as { hash?: Algorithm }).hash);
      return makeKey(
        material,
        'secret',
        extractable === true,
        { name: 'HMAC', hash: { name: hash }, length: raw.length * 8 },
        usages,
      );
    }
    const key = toJson({ format, algorithm, usages, jwk });
    const made = await operation<{ algorithm: object; type: string; usages: Usage[] }>([
      'importKey',
      '',
      key,
      { raw },
    ]);
    return makeKey(material, made.type, extractable === true, made.algorithm, made.usages);
  },

  async exportKey(format: string, key: CryptoKey): Promise<ArrayBuffer | object> {
    if (!key.extractable) throw new DOMException('key is not extractable', 'InvalidAccessError');
    const material = materialOf(key);
    if (format === 'raw' && material.format === 'raw') return bufferOf(material.raw);
    const [text, raw] = keyArguments(key, '');
    const out = await operation<string | object>(['exportKey', toJson({ format }), text, raw]);
    return typeof out === 'string' ? bufferOf(out) : out;
  },

  async generateKey(
    algorithm: Algorithm,
    extractable: boolean,
    usages: readonly Usage[],
  ): Promise<CryptoKey | { privateKey: CryptoKey; publicKey: CryptoKey }> {
    if (nameOf(algorithm) === 'HMAC') {
      const { hash, length } = algorithm as { hash?: Algorithm; length?: number };
      const bits = length ?? (BLOCKS[hashOf(hash)] as number) * 8;
      return await subtle.importKey('raw', bytesOf(randomRaw(bits >> 3)), algorithm, extractable, usages);
    }
    interface Made {
      jwk: object;
      algorithm: object;
      type: string;
      usages: Usage[];
    }
    const made = await operation<Made | { privateKey: Made; publicKey: Made }>([
      'generateKey',
      parameters({ algorithm, usages }),
    ]);
    const key = (one: Made, mayLeave: boolean): CryptoKey =>
      makeKey(
        { format: 'jwk', raw: '', jwk: one.jwk, given: algorithm },
        one.type,
        mayLeave,
        one.algorithm,
        one.usages,
      );
    if ('privateKey' in made) {
      return { privateKey: key(made.privateKey, extractable === true), publicKey: key(made.publicKey, true) };
    }
    return key(made, extractable === true);
  },

  async sign(algorithm: Algorithm, key: CryptoKey, data: unknown): Promise<ArrayBuffer> {
    mayUse(key, 'sign');
    const input = rawSource(data, 'data');
    if (isHmac(key, algorithm)) return bufferOf(hmac(key, input));
    const [text, raw] = keyArguments(key, 'sign');
    return bufferOf(await operation<string>(['sign', parameters(algorithm), text, raw, { raw: input }]));
  },

  async verify(algorithm: Algorithm, key: CryptoKey, signature: unknown, data: unknown): Promise<boolean> {
    mayUse(key, 'verify');
    const input = rawSource(data, 'data');
    const given = rawSource(signature, 'signature');
    if (isHmac(key, algorithm)) {
      return call(CALL_VERIFY, 0, hashName(key), input, materialOf(key).raw, given) === true;
    }
    const [text, raw] = keyArguments(key, 'verify');
    return await operation<boolean>([
      'verify',
      parameters(algorithm),
      text,
      raw,
      { raw: input },
      { raw: given },
    ]);
  },

  async encrypt(algorithm: Algorithm, key: CryptoKey, data: unknown): Promise<ArrayBuffer> {
    const [text, raw] = keyArguments(key, 'encrypt');
    const input = { raw: rawSource(data, 'data') };
    return bufferOf(await operation<string>(['encrypt', parameters(algorithm), text, raw, input]));
  },

  async decrypt(algorithm: Algorithm, key: CryptoKey, data: unknown): Promise<ArrayBuffer> {
    const [text, raw] = keyArguments(key, 'decrypt');
    const input = { raw: rawSource(data, 'data') };
    return bufferOf(await operation<string>(['decrypt', parameters(algorithm), text, raw, input]));
  },

  async deriveBits(algorithm: Algorithm, key: CryptoKey, length: number): Promise<ArrayBuffer> {
    const [text, raw] = keyArguments(key, 'deriveBits');
    return bufferOf(await operation<string>(['deriveBits', parameters({ algorithm, length }), text, raw]));
  },
};

function isHmac(key: CryptoKey, algorithm: Algorithm): boolean {
  return nameOf(algorithm) === 'HMAC' && materialOf(key).format === 'raw';
}

function hmac(key: CryptoKey, input: string): string {
  return call(CALL_DIGEST, 0, hashName(key), input, materialOf(key).raw) as string;
}

function hashName(key: CryptoKey): string {
  return (key.algorithm as { hash: { name: string } }).hash.name;
}

const HEX = '0123456789abcdef';

export const crypto = {
  subtle,

  getRandomValues<T>(array: T): T {
    const bytes = isView(array) && !(array instanceof DataView) ? asBytes(array) : undefined;
    if (bytes === undefined || array instanceof Float32Array || array instanceof Float64Array) {
      throw new DOMException('The data argument must be an integer-type TypedArray', 'TypeMismatchError');
    }
    if (bytes.length > 65536) {
      throw new DOMException('The requested length exceeds 65,536 bytes', 'QuotaExceededError');
    }
    const raw = randomRaw(bytes.length);
    for (let i = 0; i < raw.length; i++) bytes[i] = charCodeAt(raw, i);
    return array;
  },

  randomUUID(): string {
    const raw = randomRaw(16);
    let out = '';
    for (let i = 0; i < 16; i++) {
      let code = charCodeAt(raw, i);
      if (i === 6) code = (code & 15) | 0x40;
      if (i === 8) code = (code & 63) | 0x80;
      if (i === 4 || i === 6 || i === 8 || i === 10) out += '-';
      out += (HEX[code >> 4] as string) + HEX[code & 15];
    }
    return out;
  },
};
