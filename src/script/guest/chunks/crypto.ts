// crypto, when a script first asks for it.

import { CryptoKey, crypto } from '../web/crypto.ts';
import type { GlobalsOf } from '../web/lazy.ts';

export const globals = {
  Crypto: crypto.constructor,
  CryptoKey,
  SubtleCrypto: crypto.subtle.constructor,
  crypto,
} satisfies GlobalsOf<'crypto'>;
