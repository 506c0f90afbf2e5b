// crypto, when a script first asks for it.

import { Crypto, crypto } from '../web/crypto.ts';
import { CryptoKey } from '../web/crypto_key.ts';
import type { GlobalsOf } from '../web/lazy.ts';
import { SubtleCrypto } from '../web/subtle.ts';

export const globals = { Crypto, CryptoKey, SubtleCrypto, crypto } satisfies GlobalsOf<'crypto'>;
