// crypto.subtle. Digests and HMACs are computed at once by a synchronous call; everything else is an operation of the
// host, which is handed the key each time.

import { CALL_DIGEST, CALL_VERIFY, OP_CRYPTO } from '../../protocol.ts';
import { call } from '../bridge.ts';
import { includes, isView, parseJson, TypeError_, toJson, toUpperCase } from '../builtins.ts';
import { NgxError } from '../errors.ts';
import { nobody } from '../nobody.ts';
import { type Argument, promise } from '../operations.ts';
import { asBytes, bytesOf, decodeRaw, encodeRaw, rawOf } from '../text.ts';
import {
  type Algorithm,
  CryptoKey,
  type KeyAlgorithm,
  type KeyMaterial,
  makeKey,
  materialOf,
  mayUse,
  type Usage,
  usagesOf,
} from './crypto_key.ts';
import { DOMException } from './dom_exception.ts';
import { randomRaw } from './random.ts';
import { webClass } from './web_class.ts';

const FORMATS = ['raw', 'jwk', 'pkcs8', 'spki'];
const HASHES = ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'];
const BLOCK_BITS: Readonly<Record<string, number>> = {
  'SHA-1': 512,
  'SHA-256': 512,
  'SHA-384': 1024,
  'SHA-512': 1024,
};

function nameOf(algorithm: Algorithm | undefined): string {
  const name = typeof algorithm === 'string' ? algorithm : algorithm?.name;
  if (typeof name !== 'string') throw new TypeError_('Algorithm: name is missing');
  return toUpperCase(name);
}

function hashOf(algorithm: Algorithm | undefined): string {
  const name = nameOf(algorithm);
  if (!includes(HASHES, name)) {
    throw new DOMException(`Unrecognized algorithm name "${name}"`, 'NotSupportedError');
  }
  return name;
}

function rawSource(data: unknown, what: string): string {
  const bytes = asBytes(data);
  if (bytes === undefined) throw new TypeError_(`${what} must be an ArrayBuffer or a view of one`);
  return rawOf(bytes);
}

function bufferOf(raw: string): ArrayBuffer {
  return bytesOf(raw).buffer;
}

/** Parameters as text: bytes among them as {"$raw": …}, keys as {"$key": …}. */
function parameters(value: unknown): string {
  return toJson(value, (_name, one: unknown) => {
    if (isView(one) || one instanceof ArrayBuffer) return { $raw: rawOf(asBytes(one) as Uint8Array) };
    if (one instanceof CryptoKey) {
      const { format, raw, jwk, given } = materialOf(one);
      return { $key: toJson({ format, algorithm: given, usages: [], jwk }), $bytes: raw };
    }
    return one;
  });
}

/** What the host makes a key from, to be used for one thing. */
function keyArguments(key: CryptoKey, usages: readonly Usage[]): [text: string, raw: Argument] {
  const { format, raw, jwk, given } = materialOf(key);
  return [toJson({ format, algorithm: given, usages, jwk }), { raw }];
}

async function operation<T>(args: readonly Argument[]): Promise<T> {
  try {
    return await promise<T>(nobody, OP_CRYPTO, args);
  } catch (error) {
    if (!(error instanceof NgxError)) throw error;
    const { name = 'OperationError' } = error as { name?: string };
    if (name === 'TypeError') throw new TypeError_(error.message);
    throw new DOMException(error.message, name === 'Error' || name === 'NgxError' ? 'OperationError' : name);
  }
}

interface Made {
  readonly jwk?: object;
  readonly algorithm: KeyAlgorithm;
  readonly type: string;
  readonly usages: Usage[];
}

/** A key's algorithm, from what the host says of it. */
function algorithmOf(said: KeyAlgorithm): KeyAlgorithm {
  const { publicExponent } = said;
  return publicExponent === undefined
    ? said
    : { ...said, publicExponent: new Uint8Array(publicExponent as number[]) };
}

function hmacKey(
  raw: string,
  algorithm: Algorithm,
  extractable: boolean,
  given: readonly Usage[],
): CryptoKey {
  const { hash, length } = algorithm as { hash?: Algorithm; length?: unknown };
  const usages = usagesOf(given);
  if (usages.length === 0 || usages.some((usage) => usage !== 'sign' && usage !== 'verify')) {
    throw new DOMException('Unsupported key usage for an HMAC key', 'SyntaxError');
  }
  if (raw === '') throw new DOMException('Zero-length key is not supported', 'DataError');
  let bits = raw.length * 8;
  if (length !== undefined) {
    const wanted = Number(length);
    if (wanted > bits || wanted <= bits - 8) throw new DOMException('Invalid key length', 'DataError');
    bits = wanted;
  }
  const name = hashOf(hash);
  return makeKey(
    { format: 'raw', raw, jwk: undefined, given: { name: 'HMAC', hash: name } },
    { type: 'secret', extractable, algorithm: { name: 'HMAC', hash: { name }, length: bits }, usages },
  );
}

interface Jwk {
  readonly key_ops?: unknown;
  readonly use?: unknown;
  readonly kty?: unknown;
  readonly k?: unknown;
  readonly ext?: unknown;
}

/** Without what it says of its use, which was looked at when it was imported: the host uses it for one thing at a time. */
function bare({ key_ops, use, ext, ...jwk }: Jwk): object {
  return jwk;
}

const BASE64URL = /^[A-Za-z0-9_-]+$/;

/** The bytes of a secret key that is a JWK; undefined where the host is to say what is wrong with it. */
function octets(jwk: Jwk): string | undefined {
  if (jwk.kty !== 'oct' || typeof jwk.k !== 'string' || !BASE64URL.test(jwk.k)) return undefined;
  return atob(jwk.k.replaceAll('-', '+').replaceAll('_', '/'));
}

/** How many bits a key of this kind is derived from; null for as many as there are. */
function lengthFor(algorithm: Algorithm): number | null {
  const name = nameOf(algorithm);
  const { length, hash } = algorithm as { length?: unknown; hash?: Algorithm };
  if (name.startsWith('AES-')) return Number(length);
  if (name === 'HMAC') return length === undefined ? (BLOCK_BITS[hashOf(hash)] as number) : Number(length);
  return null;
}

/** Only this file makes one. */
const OWN = {};

export class SubtleCrypto {
  constructor(own?: unknown) {
    if (own !== OWN) throw new TypeError_('Illegal constructor');
  }

  async digest(algorithm: Algorithm, data: unknown): Promise<ArrayBuffer> {
    return bufferOf(call(CALL_DIGEST, 0, hashOf(algorithm), rawSource(data, 'data')) as string);
  }

  async importKey(
    format: string,
    keyData: unknown,
    algorithm: Algorithm,
    extractable: unknown,
    keyUsages: readonly Usage[],
  ): Promise<CryptoKey> {
    return await importKey(format, keyData, algorithm, Boolean(extractable), keyUsages);
  }

  async exportKey(format: string, key: CryptoKey): Promise<ArrayBuffer | object> {
    return await exportKey(format, key);
  }

  async generateKey(
    algorithm: Algorithm,
    extractable: unknown,
    keyUsages: readonly Usage[],
  ): Promise<CryptoKey | { privateKey: CryptoKey; publicKey: CryptoKey }> {
    const mayLeave = Boolean(extractable);
    const usages = usagesOf(keyUsages);
    if (nameOf(algorithm) === 'HMAC') {
      const { hash, length } = algorithm as { hash?: Algorithm; length?: unknown };
      const bits = length === undefined ? (BLOCK_BITS[hashOf(hash)] as number) : Number(length);
      if (!(bits > 0)) throw new DOMException('Zero-length key is not supported', 'OperationError');
      return hmacKey(
        randomRaw(Math.ceil(bits / 8)),
        { name: 'HMAC', ...(algorithm as object) },
        mayLeave,
        usages,
      );
    }
    const made = await operation<Made | { privateKey: Made; publicKey: Made }>([
      'generateKey',
      parameters({ algorithm, usages }),
    ]);
    const key = (one: Made, leaves: boolean): CryptoKey =>
      makeKey(
        { format: 'jwk', raw: '', jwk: bare(one.jwk as Jwk), given: algorithm },
        { type: one.type, extractable: leaves, algorithm: algorithmOf(one.algorithm), usages: one.usages },
      );
    if (!('privateKey' in made)) return key(made, mayLeave);
    return { privateKey: key(made.privateKey, mayLeave), publicKey: key(made.publicKey, true) };
  }

  async sign(algorithm: Algorithm, key: CryptoKey, data: unknown): Promise<ArrayBuffer> {
    mayUse(key, 'sign');
    const input = rawSource(data, 'data');
    if (isHmac(key, algorithm)) return bufferOf(hmac(key, input));
    return bufferOf(await withKey('sign', algorithm, key, 'sign', input));
  }

  async verify(algorithm: Algorithm, key: CryptoKey, signature: unknown, data: unknown): Promise<boolean> {
    mayUse(key, 'verify');
    const input = rawSource(data, 'data');
    const given = rawSource(signature, 'signature');
    if (isHmac(key, algorithm)) {
      return call(CALL_VERIFY, 0, hashName(key), input, materialOf(key).raw, given) === true;
    }
    const [text, raw] = keyArguments(key, ['verify']);
    const args: Argument[] = ['verify', parameters(algorithm), text, raw, { raw: input }, { raw: given }];
    return await operation<boolean>(args);
  }

  async encrypt(algorithm: Algorithm, key: CryptoKey, data: unknown): Promise<ArrayBuffer> {
    mayUse(key, 'encrypt');
    return bufferOf(await withKey('encrypt', algorithm, key, 'encrypt', rawSource(data, 'data')));
  }

  async decrypt(algorithm: Algorithm, key: CryptoKey, data: unknown): Promise<ArrayBuffer> {
    mayUse(key, 'decrypt');
    return bufferOf(await withKey('decrypt', algorithm, key, 'decrypt', rawSource(data, 'data')));
  }

  async deriveBits(algorithm: Algorithm, key: CryptoKey, length: unknown = null): Promise<ArrayBuffer> {
    mayUse(key, 'deriveBits');
    return bufferOf(await derive(algorithm, key, length === null ? null : Number(length)));
  }

  async deriveKey(
    algorithm: Algorithm,
    key: CryptoKey,
    derived: Algorithm,
    extractable: unknown,
    keyUsages: readonly Usage[],
  ): Promise<CryptoKey> {
    mayUse(key, 'deriveKey');
    const raw = await derive(algorithm, key, lengthFor(derived));
    return await importKey('raw', bytesOf(raw), derived, Boolean(extractable), keyUsages);
  }

  async wrapKey(format: string, key: CryptoKey, by: CryptoKey, algorithm: Algorithm): Promise<ArrayBuffer> {
    mayUse(by, 'wrapKey');
    const out = await exportKey(format, key);
    const raw = out instanceof ArrayBuffer ? rawOf(new Uint8Array(out)) : encodeRaw(toJson(out));
    const wraps = nameOf(algorithm) === 'AES-KW';
    return bufferOf(
      await withKey(wraps ? 'wrapKey' : 'encrypt', algorithm, by, wraps ? 'wrapKey' : 'encrypt', raw),
    );
  }

  async unwrapKey(
    format: string,
    wrapped: unknown,
    by: CryptoKey,
    algorithm: Algorithm,
    keyAlgorithm: Algorithm,
    extractable: unknown,
    keyUsages: readonly Usage[],
  ): Promise<CryptoKey> {
    mayUse(by, 'unwrapKey');
    const wraps = nameOf(algorithm) === 'AES-KW';
    const use = wraps ? 'unwrapKey' : 'decrypt';
    const raw = await withKey(use, algorithm, by, use, rawSource(wrapped, 'wrappedKey'));
    const data = format === 'jwk' ? parseJson(decodeRaw(raw)) : bytesOf(raw);
    return await importKey(format, data, keyAlgorithm, Boolean(extractable), keyUsages);
  }
}
webClass(SubtleCrypto, 'SubtleCrypto');

export const subtle = new SubtleCrypto(OWN);

async function withKey(
  what: string,
  algorithm: Algorithm,
  key: CryptoKey,
  usage: Usage,
  input: string,
): Promise<string> {
  const [text, raw] = keyArguments(key, [usage]);
  return await operation<string>([what, parameters(algorithm), text, raw, { raw: input }]);
}

async function derive(algorithm: Algorithm, key: CryptoKey, length: number | null): Promise<string> {
  const [text, raw] = keyArguments(key, ['deriveBits']);
  return await operation<string>(['deriveBits', parameters({ algorithm, length }), text, raw]);
}

async function importKey(
  format: string,
  keyData: unknown,
  algorithm: Algorithm,
  extractable: boolean,
  keyUsages: readonly Usage[],
): Promise<CryptoKey> {
  if (!includes(FORMATS, format)) throw new TypeError_(`Unknown key format "${format}"`);
  const usages = usagesOf(keyUsages);
  if (format !== 'jwk') {
    const raw = rawSource(keyData, 'keyData');
    if (format === 'raw' && nameOf(algorithm) === 'HMAC') return hmacKey(raw, algorithm, extractable, usages);
    return await importOnHost(
      { format: format as 'raw', raw, jwk: undefined, given: algorithm },
      extractable,
      usages,
    );
  }
  if (typeof keyData !== 'object' || keyData === null || asBytes(keyData) !== undefined) {
    throw new TypeError_('keyData must be a JsonWebKey');
  }
  const { ext, ...jwk } = keyData as Jwk;
  if (ext === false && extractable) throw new DOMException('The JWK is not extractable', 'DataError');
  // The host says what is wrong with it, also where it has no part in using it.
  const given: KeyMaterial = { format: 'jwk', raw: '', jwk, given: algorithm };
  const key = await importOnHost(given, extractable, usages);
  const raw = nameOf(algorithm) === 'HMAC' ? octets(jwk) : undefined;
  return raw === undefined ? key : hmacKey(raw, algorithm, extractable, usages);
}

async function importOnHost(
  material: KeyMaterial,
  extractable: boolean,
  usages: readonly Usage[],
): Promise<CryptoKey> {
  const { format, raw, jwk, given } = material;
  const name = nameOf(given);
  if (extractable && (name === 'PBKDF2' || name === 'HKDF')) {
    throw new DOMException(`${name} keys are not extractable`, 'SyntaxError');
  }
  const text = toJson({ format, algorithm: given, usages, jwk }, replaceBytes);
  const made = await operation<Made>(['importKey', '', text, { raw }]);
  const { type, algorithm } = made;
  const kept = jwk === undefined ? material : { ...material, jwk: bare(jwk) };
  return makeKey(kept, { type, extractable, algorithm: algorithmOf(algorithm), usages: made.usages });
}

function replaceBytes(_name: string, one: unknown): unknown {
  return isView(one) ? { $raw: rawOf(asBytes(one) as Uint8Array) } : one;
}

async function exportKey(format: string, key: unknown): Promise<ArrayBuffer | object> {
  if (!includes(FORMATS, format)) throw new TypeError_(`Unknown key format "${format}"`);
  if (!(key instanceof CryptoKey)) throw new TypeError_('key is not a CryptoKey');
  if (!key.extractable) throw new DOMException('key is not extractable', 'InvalidAccessError');
  const material = materialOf(key);
  if (format === 'raw' && material.format === 'raw') return bufferOf(material.raw);
  const [text, raw] = keyArguments(key, key.usages);
  const out = await operation<string | object>(['exportKey', toJson({ format }), text, raw]);
  return typeof out === 'string' ? bufferOf(out) : out;
}

function isHmac(key: CryptoKey, algorithm: Algorithm): boolean {
  return nameOf(algorithm) === 'HMAC' && key.algorithm.name === 'HMAC' && materialOf(key).format === 'raw';
}

function hmac(key: CryptoKey, input: string): string {
  return call(CALL_DIGEST, 0, hashName(key), input, materialOf(key).raw) as string;
}

function hashName(key: CryptoKey): string {
  return (key.algorithm.hash as { name: string }).name;
}
