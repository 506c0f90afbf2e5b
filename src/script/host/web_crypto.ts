// crypto.subtle for scripts, on Node's Web Crypto. Keys stay in the isolate as what they were made from; each operation
// brings them along, and the host keeps those that it has imported lately.

import { hash, randomBytes, timingSafeEqual, webcrypto } from 'node:crypto';
import { JSON_TEXT, RAW, TEXT } from '../protocol.ts';
import { type Argument, type Cancel, type Done, Refusal } from './request.ts';

const { subtle } = webcrypto;
const MAX_KEYS = 256;
const HASHES: Readonly<Record<string, string>> = {
  md5: 'md5',
  sha1: 'sha1',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

function bytes(raw: string): Buffer<ArrayBuffer> {
  return Buffer.from(raw, 'latin1') as Buffer<ArrayBuffer>;
}

/** A digest, or an HMAC where there is a key. Bytes one a character, as everything here. */
export function digest(kind: string, raw: string, key: string | undefined): string {
  const name = HASHES[kind];
  if (name === undefined) throw new Refusal('Unrecognized algorithm name');
  return key === undefined ? hash(name, bytes(raw), 'latin1') : hmac(name, raw, key);
}

/** Whether `signature` is the HMAC, told in a time that says nothing about where it is not. */
export function verifyHmac(kind: string, raw: string, key: string, signature: string): boolean {
  const right = digest(kind, raw, key);
  return right.length === signature.length && timingSafeEqual(bytes(right), bytes(signature));
}

// An HMAC is two digests, and those are twice as fast as createHmac() where a key comes again (RFC 2104).

const BLOCKS: Readonly<Record<string, number>> = { md5: 64, sha1: 64, sha256: 64, sha384: 128, sha512: 128 };

interface Pads {
  readonly inner: Buffer;
  readonly outer: Buffer;
}

const pads = new Map<string, Pads>();

function hmac(name: string, raw: string, key: string): string {
  const { inner, outer } = padsOf(name, key);
  return hash(
    name,
    Buffer.concat([outer, hash(name, Buffer.concat([inner, bytes(raw)]), 'buffer')]),
    'latin1',
  );
}

function padsOf(name: string, key: string): Pads {
  const id = `${name}\0${key}`;
  const known = pads.get(id);
  if (known !== undefined) return known;
  const block = BLOCKS[name] ?? 64;
  const short = key.length > block ? hash(name, bytes(key), 'buffer') : bytes(key);
  const inner = Buffer.alloc(block, 0x36);
  const outer = Buffer.alloc(block, 0x5c);
  for (const [i, byte] of short.entries()) {
    inner[i] = byte ^ 0x36;
    outer[i] = byte ^ 0x5c;
  }
  if (pads.size >= MAX_KEYS) pads.delete(pads.keys().next().value ?? '');
  pads.set(id, { inner, outer });
  return { inner, outer };
}

export function randomRaw(count: number): string {
  if (!(count >= 0 && count <= 65536)) throw new Refusal('The requested length exceeds 65,536 bytes');
  return randomBytes(count).toString('latin1');
}

/** What a key was made from: JSON of format, algorithm, usages and, for "jwk", the key; its bytes come beside. */
interface KeyText {
  readonly format: 'raw' | 'pkcs8' | 'spki' | 'jwk';
  readonly algorithm: webcrypto.AlgorithmIdentifier;
  readonly usages: webcrypto.KeyUsage[];
  readonly jwk?: webcrypto.JsonWebKey;
}

const imported = new Map<string, Promise<webcrypto.CryptoKey>>();

function importKey(text: string, raw: string): Promise<webcrypto.CryptoKey> {
  const id = `${text}\0${raw}`;
  const known = imported.get(id);
  if (known !== undefined) return known;
  const { format, algorithm, usages, jwk } = JSON.parse(text, revive) as KeyText;
  // Whether it may leave the isolate is the isolate's business; of these it never may.
  const leaves = !/^(?:PBKDF2|HKDF)$/i.test(typeof algorithm === 'string' ? algorithm : algorithm.name);
  const params = algorithm as webcrypto.HmacImportParams;
  const key =
    format === 'jwk'
      ? subtle.importKey('jwk', jwk ?? {}, params, leaves, usages)
      : subtle.importKey(format, bytes(raw), params, leaves, usages);
  if (imported.size >= MAX_KEYS) imported.delete(imported.keys().next().value ?? '');
  imported.set(id, key);
  key.catch(() => imported.delete(id));
  return key;
}

/** The parameters of an algorithm; bytes among them come as {"$raw": …}. */
function revive(_name: string, value: unknown): unknown {
  if (typeof value === 'object' && value !== null && '$raw' in value) return bytes(String(value.$raw));
  return value;
}

/** How long one operation may keep a thread that others wait for: about ten seconds of PBKDF2, of making an RSA key. */
const MOST_ITERATIONS = 10_000_000;
const MOST_MODULUS_BITS = 8192;

class Refused extends Error {
  override readonly name = 'NotSupportedError';
}

/** A key among the parameters: the other side's, in ECDH. */
async function reviveKeys(algorithm: unknown): Promise<void> {
  if (typeof algorithm !== 'object' || algorithm === null) return;
  const own = algorithm as Record<string, unknown>;
  for (const [name, value] of Object.entries(own)) {
    if (typeof value !== 'object' || value === null || !('$key' in value)) continue;
    own[name] = await importKey(String(value.$key), '$bytes' in value ? String(value.$bytes) : '');
  }
}

function checkEffort(algorithm: unknown): void {
  const { iterations = 0, modulusLength = 0 } = (algorithm ?? {}) as Record<string, unknown>;
  if (Number(iterations) > MOST_ITERATIONS) {
    throw new Refused(`more than ${MOST_ITERATIONS} iterations are not supported`);
  }
  if (Number(modulusLength) > MOST_MODULUS_BITS) {
    throw new Refused(`a modulus of more than ${MOST_MODULUS_BITS} bits is not supported`);
  }
}

// AES-KW wraps keys only; any bytes of the right length are a key of HMAC.
const BYTES_AS_KEY = { name: 'HMAC', hash: 'SHA-1' };

async function wrapBytes(input: Buffer<ArrayBuffer>, by: webcrypto.CryptoKey): Promise<ArrayBuffer> {
  const key = await subtle.importKey('raw', input, BYTES_AS_KEY, true, ['sign']);
  return await subtle.wrapKey('raw', key, by, 'AES-KW');
}

async function unwrapBytes(input: Buffer<ArrayBuffer>, by: webcrypto.CryptoKey): Promise<ArrayBuffer> {
  const key = await subtle.unwrapKey('raw', input, by, 'AES-KW', BYTES_AS_KEY, true, ['sign']);
  return await subtle.exportKey('raw', key);
}

/** What takes long is done on threads that files and names are looked up on, too: some have to stay free. */
const MOST_AT_ONCE = 2;
const waiting = new Set<() => Promise<void>>();
let running = 0;

async function runHeavy(): Promise<void> {
  if (running >= MOST_AT_ONCE) return;
  running++;
  for (const job of waiting) {
    waiting.delete(job);
    await job();
  }
  running--;
}

/** Carries out one operation of crypto.subtle: name, algorithm, key text, key bytes, data, signature. */
export function cryptoOperation(args: readonly Argument[], done: Done): Cancel {
  const [name, algorithm] = args;
  const isHeavy = name === 'generateKey' || (name === 'deriveBits' && /pbkdf2/i.test(String(algorithm)));
  if (!isHeavy) {
    void carryOut(args, done);
    return nothing;
  }
  const job = (): Promise<void> => carryOut(args, done);
  waiting.add(job);
  void runHeavy();
  return () => waiting.delete(job);
}

const nothing: Cancel = () => {};

async function carryOut(args: readonly Argument[], done: Done): Promise<void> {
  const [name, algorithmText, keyText, keyRaw, data, signature] = args.map((arg) => String(arg ?? ''));
  const algorithm = algorithmText === '' ? '' : JSON.parse(algorithmText ?? '""', revive);
  const raw = (buffer: ArrayBuffer): void => done(true, RAW, Buffer.from(buffer).toString('latin1'), '');
  const key = (): Promise<webcrypto.CryptoKey> => importKey(keyText ?? '', keyRaw ?? '');
  const input = bytes(data ?? '');
  try {
    switch (name) {
      case 'importKey': {
        const made = await key();
        const { algorithm: of, extractable, type, usages } = made;
        done(true, JSON_TEXT, JSON.stringify({ algorithm: describe(of), extractable, type, usages }), '');
        return;
      }
      case 'exportKey': {
        const format = String(algorithm.format);
        const out = await subtle.exportKey(format as 'jwk', await key());
        if (format === 'jwk') done(true, JSON_TEXT, JSON.stringify(out), '');
        else raw(out as unknown as ArrayBuffer);
        return;
      }
      case 'wrapKey':
        raw(await wrapBytes(input, await key()));
        return;
      case 'unwrapKey':
        raw(await unwrapBytes(input, await key()));
        return;
      case 'generateKey':
        checkEffort(algorithm.algorithm);
        done(true, JSON_TEXT, JSON.stringify(await generate(algorithm.algorithm, algorithm.usages)), '');
        return;
      case 'sign':
        raw(await subtle.sign(algorithm, await key(), input));
        return;
      case 'verify':
        done(
          true,
          JSON_TEXT,
          JSON.stringify(await subtle.verify(algorithm, await key(), bytes(signature ?? ''), input)),
          '',
        );
        return;
      case 'encrypt':
        raw(await subtle.encrypt(algorithm, await key(), input));
        return;
      case 'decrypt':
        raw(await subtle.decrypt(algorithm, await key(), input));
        return;
      case 'deriveBits':
        checkEffort(algorithm.algorithm);
        await reviveKeys(algorithm.algorithm);
        raw(await subtle.deriveBits(algorithm.algorithm, await key(), algorithm.length ?? null));
        return;
      default:
        done(false, TEXT, `crypto.subtle.${name} is not supported`, '{"name":"NotSupportedError"}');
    }
  } catch (error) {
    const { message, name: kind } = error instanceof Error ? error : new Error(String(error));
    done(false, TEXT, message, JSON.stringify({ name: kind }));
  }
}

/** A key's algorithm as plain data. */
function describe(algorithm: webcrypto.KeyAlgorithm): object {
  return JSON.parse(
    JSON.stringify(algorithm, (_name, value: unknown) => (value instanceof Uint8Array ? [...value] : value)),
  );
}

/** New keys, exported so that the isolate can keep them. */
async function generate(
  algorithm: webcrypto.AlgorithmIdentifier,
  usages: webcrypto.KeyUsage[],
): Promise<object> {
  const made = (await subtle.generateKey(algorithm as webcrypto.HmacKeyGenParams, true, usages)) as
    | webcrypto.CryptoKey
    | webcrypto.CryptoKeyPair;
  if (!('privateKey' in made)) return await exported(made);
  return { privateKey: await exported(made.privateKey), publicKey: await exported(made.publicKey) };
}

async function exported(key: webcrypto.CryptoKey): Promise<object> {
  const { algorithm, type, usages } = key;
  return { jwk: await subtle.exportKey('jwk', key), algorithm: describe(algorithm), type, usages };
}
