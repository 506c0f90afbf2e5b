// crypto: random values, and subtle.

import { charCodeAt, isView, TypeError_ } from '../builtins.ts';
import { asBytes } from '../text.ts';
import { DOMException } from './dom_exception.ts';
import { randomRaw } from './random.ts';
import { type SubtleCrypto, subtle } from './subtle.ts';
import { webClass } from './web_class.ts';

const HEX = '0123456789abcdef';
const INTEGERS = /^(?:Big)?(?:Ui|I)nt/;

/** Only this file makes one. */
const OWN = {};

export class Crypto {
  constructor(own?: unknown) {
    if (own !== OWN) throw new TypeError_('Illegal constructor');
  }

  get subtle(): SubtleCrypto {
    return subtle;
  }

  getRandomValues<T>(array: T): T {
    const bytes = isView(array) && INTEGERS.test(tagOf(array)) ? asBytes(array) : undefined;
    if (bytes === undefined) {
      throw new DOMException('The data argument must be an integer-type TypedArray', 'TypeMismatchError');
    }
    if (bytes.length > 65536) {
      throw new DOMException('The requested length exceeds 65,536 bytes', 'QuotaExceededError');
    }
    const raw = randomRaw(bytes.length);
    for (let i = 0; i < raw.length; i++) bytes[i] = charCodeAt(raw, i);
    return array;
  }

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
  }
}
webClass(Crypto, 'Crypto');

/** "Uint8Array"; undefined for a DataView. */
function tagOf(view: ArrayBufferView): string {
  return (view as unknown as { readonly [Symbol.toStringTag]: string })[Symbol.toStringTag];
}

export const crypto = new Crypto(OWN);
