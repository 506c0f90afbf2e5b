// Values that only those who have the key can read, and that end: the encrypted-session module's, byte for byte.
//
//   MD5 of what is encrypted, then AES-256-CBC of: the value, when it ends (seconds since 1970, eight bytes; 0: never)

import { createCipheriv, createDecipheriv, hash, timingSafeEqual } from 'node:crypto';
import type { Args } from '../../conf/args.ts';
import { type Directive, HTTP_ANY, LOCATION_IF, SERVER_IF } from '../../conf/directive.ts';
import { custom, sec, value } from '../../conf/kinds.ts';
import { logError } from '../log.ts';
import { defineModule } from '../module.ts';
import { OK, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import { addInstruction, declareVariable } from './rewrite.ts';

const PLACES = HTTP_ANY | SERVER_IF | LOCATION_IF;
const KEY_BYTES = 32;
const IV_BYTES = 16;
const DIGEST_BYTES = 16;
const EXPIRES_BYTES = 8;
const DAY_MS = 86_400_000;

/** What there is to encrypt with. */
export interface SessionConf {
  readonly encrypted_session_key: Buffer | null;
  readonly encrypted_session_iv: Buffer;
  readonly encrypted_session_expires: number;
}

const directives = {
  encrypted_session_key: value<Buffer | null>({ in: PLACES, default: null, parse: parseKey }),
  encrypted_session_iv: value<Buffer>({
    in: PLACES,
    default: Buffer.from('deadbeefdeadbeef'),
    parse: parseIv,
  }),
  encrypted_session_expires: sec({ in: PLACES, default: DAY_MS }),
  set_encrypt_session: setSession(encryptSession),
  set_decrypt_session: setSession(decryptSession),
};

export const encryptedSession = defineModule({ name: 'encrypted_session', directives });

/** null: there is no key. */
function encryptSession(conf: SessionConf, text: string): string | null {
  const { encrypted_session_key: key, encrypted_session_iv: iv, encrypted_session_expires: ms } = conf;
  if (key === null) return null;
  const data = Buffer.alloc(text.length + EXPIRES_BYTES);
  data.write(text, 'latin1');
  if (ms !== 0) data.writeBigUInt64BE(BigInt(now() + ms / 1000), text.length);
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  return md5(data).toString('latin1') + cipher.update(data, undefined, 'latin1') + cipher.final('latin1');
}

/** Nothing, where it is not one of ours or has ended. null: there is no key. */
function decryptSession(conf: SessionConf, text: string): string | null {
  const { encrypted_session_key: key, encrypted_session_iv: iv } = conf;
  if (key === null) return null;
  const given = Buffer.from(text, 'latin1');
  const data = decrypt(key, iv, given.subarray(DIGEST_BYTES));
  if (data === null || data.length < EXPIRES_BYTES) return '';
  if (!timingSafeEqual(md5(data), given.subarray(0, DIGEST_BYTES))) return '';
  const end = data.length - EXPIRES_BYTES;
  const expires = data.readBigUInt64BE(end);
  return expires !== 0n && expires <= now() ? '' : data.toString('latin1', 0, end);
}

function decrypt(key: Buffer, iv: Buffer, encrypted: Buffer): Buffer | null {
  const cipher = createDecipheriv('aes-256-cbc', key, iv);
  try {
    return Buffer.concat([cipher.update(encrypted), cipher.final()]);
  } catch {
    return null; // another key's, or cut short
  }
}

function md5(data: Buffer): Buffer {
  return hash('md5', data, 'buffer');
}

/** Not the time that the log has: this is the clock's. */
function now(): number {
  return Math.floor(Date.now() / 1000);
}

/** `$variable value`, or `$variable` alone for its own value: an instruction among those of the rewrite module. */
function setSession(convert: typeof encryptSession): Directive<null, never> {
  return custom<null>({
    in: PLACES,
    args: [1, 2],
    default: null,
    parse(args) {
      const variable = declareVariable(args);
      const text = args.complex(args.count);
      addInstruction(args, function setConverted(r: HttpRequest): Rc {
        const converted = convert(sessionConf(r), text.evaluate(r));
        if (converted === null) {
          logError(
            r,
            'error',
            'encrypted_session: a key is required to be defined by the encrypted_session_key directive',
          );
          return 500;
        }
        variable.write(r, converted);
        return OK;
      });
      return null;
    },
  });
}

/** For scripts: whether to decrypt, and what. undefined: there is no key. */
export function convertSession(conf: SessionConf, [decrypts, raw]: readonly unknown[]): string | undefined {
  return (decrypts === true ? decryptSession : encryptSession)(conf, String(raw)) ?? undefined;
}

export function sessionConf(r: HttpRequest): SessionConf {
  return r.loc.conf[encryptedSession.slot] as SessionConf;
}

function parseKey(args: Args): Buffer {
  const key = Buffer.from(args.text(1), 'latin1');
  if (key.length !== KEY_BYTES) {
    args.failWhole(`encrypted_session_key: the key must be of ${KEY_BYTES} bytes long`);
  }
  return key;
}

/** A short one ends in zeros. */
function parseIv(args: Args): Buffer {
  const iv = Buffer.from(args.text(1), 'latin1');
  if (iv.length > IV_BYTES) {
    args.failWhole(`encrypted_session_iv: the init vector must NOT be longer than ${IV_BYTES} bytes`);
  }
  return Buffer.concat([iv], IV_BYTES);
}
