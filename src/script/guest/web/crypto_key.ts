// CryptoKey: what a key was made from stays in the isolate, where no script sees it.

import { includes, TypeError_ } from '../builtins.ts';
import { DOMException } from './dom_exception.ts';
import { webClass } from './web_class.ts';

export type Algorithm =
  | string
  | { readonly name: string; readonly hash?: Algorithm; readonly [key: string]: unknown };
export type Usage = string;

export interface KeyMaterial {
  readonly format: 'raw' | 'pkcs8' | 'spki' | 'jwk';
  readonly raw: string;
  readonly jwk: object | undefined;
  /** As given to importKey. */
  readonly given: Algorithm;
}

interface Description {
  readonly type: string;
  readonly extractable: boolean;
  readonly algorithm: KeyAlgorithm;
  readonly usages: readonly Usage[];
}

export interface KeyAlgorithm {
  readonly name: string;
  readonly [member: string]: unknown;
}

export let materialOf: (key: CryptoKey) => KeyMaterial;
export let makeKey: (material: KeyMaterial, description: Description) => CryptoKey;

/** Only this file makes keys. */
const OWN = {};

export class CryptoKey {
  readonly #material: KeyMaterial;
  readonly #description: Description;

  static {
    materialOf = (key) => key.#material;
    makeKey = (material, description) => new CryptoKey(OWN, material, description);
  }

  constructor(own?: unknown, material?: KeyMaterial, description?: Description) {
    if (own !== OWN || material === undefined || description === undefined) {
      throw new TypeError_('Illegal constructor');
    }
    this.#material = material;
    this.#description = description;
  }

  get type(): string {
    return this.#description.type;
  }

  get extractable(): boolean {
    return this.#description.extractable;
  }

  get algorithm(): KeyAlgorithm {
    return this.#description.algorithm;
  }

  get usages(): readonly Usage[] {
    return this.#description.usages;
  }
}
webClass(CryptoKey, 'CryptoKey');

export function mayUse(key: unknown, usage: string): asserts key is CryptoKey {
  if (!(key instanceof CryptoKey)) throw new TypeError_('key is not a CryptoKey');
  if (!includes(key.usages, usage)) {
    throw new DOMException(`The key may not be used to ${usage}`, 'InvalidAccessError');
  }
}

const USAGES = [
  'encrypt',
  'decrypt',
  'sign',
  'verify',
  'deriveKey',
  'deriveBits',
  'wrapKey',
  'unwrapKey',
] as const;

/** In the standard's order, each once. */
export function usagesOf(given: unknown): Usage[] {
  if (typeof given !== 'object' || given === null) throw new TypeError_('keyUsages must be a sequence');
  const list = [...(given as Iterable<unknown>)];
  for (const one of list) {
    if (!includes(USAGES as readonly unknown[], one))
      throw new TypeError_(`"${String(one)}" is no key usage`);
  }
  return USAGES.filter((usage) => includes(list, usage));
}
