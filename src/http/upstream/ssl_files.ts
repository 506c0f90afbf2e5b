// Certificates, keys and revocation lists in the files that directives name. They are read when a location needs them:
// by the master, which hands their texts on, or, where a name holds variables, by the worker for each connection.

import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { getSystemErrorMap } from 'node:util';
import type { Args } from '../../conf/args.ts';
import { ConfError } from '../../conf/error.ts';
import { diskPath } from '../../core/disk_path.ts';
import { errnoText } from '../../core/errno.ts';
import { messageOf } from '../../core/thrown.ts';
import { opensslText } from './ssl_errors.ts';

/** A file that the configuration names. */
export interface NamedFile {
  readonly name: string;
  /** Its content; throws a SslFileError. */
  readonly read: () => string;
}

/** nginx's words for why a file cannot be used, without what it is: "BIO_new_file() failed (SSL: …)". */
export class SslFileError extends Error {}

const DATA = 'data:';

export function namedFile(args: Args): NamedFile | null {
  return args.text(1) === '' ? null : fileNamed(args, args.text(1));
}

/** `given`: relative to the directory of nginx.conf, or the text itself behind "data:". */
export function fileNamed(args: Args, given: string): NamedFile {
  if (given.startsWith(DATA)) return { name: given, read: () => given.slice(DATA.length) };
  const name = args.cf.fullName(given, 'conf');
  const place = args.place(args.word(1));
  return {
    name,
    read() {
      try {
        return args.cf.sources.readFile(name, place);
      } catch (error) {
        throw error instanceof ConfError ? new SslFileError(openFailed(name, error.message)) : error;
      }
    },
  };
}

/** At run time, for a name that was made of variables. */
export function readNow(name: string): string {
  if (name.startsWith(DATA)) return name.slice(DATA.length);
  try {
    return readFileSync(diskPath(name), 'latin1');
  } catch (error) {
    const { errno = 0 } = error as NodeJS.ErrnoException;
    throw new SslFileError(openFailed(name, errnoText(-errno)));
  }
}

/** OpenSSL's words for a file that cannot be opened; `why` has "(2: No such file or directory)" in it. */
function openFailed(name: string, why: string): string {
  const parts = /\((\d+): ([^)]*)\)/.exec(why);
  const errno = Number(parts?.[1] ?? 0);
  const code = (0x80_00_00_00 + errno).toString(16).toUpperCase();
  const known = getSystemErrorMap().get(-errno)?.[0] === 'ENOENT';
  const second = known
    ? 'error:10000080:BIO routines::no such file'
    : 'error:10080002:BIO routines::system lib';
  const first = `error:${code}:system library::${parts?.[2] ?? ''}:calling fopen(${name}, r)`;
  return `BIO_new_file() failed (SSL: ${first} ${second})`;
}

const NO_START_LINE = '(SSL: error:0480006C:PEM routines::no start line:Expecting: %s)';

/** Refuses what holds no certificate. */
export function checkCertificates(text: string): string {
  if (/-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/.test(text)) return text;
  const expected = NO_START_LINE.replace('%s', 'TRUSTED CERTIFICATE');
  throw new SslFileError(`PEM_read_bio_X509_AUX() failed ${expected}`);
}

/** The key as PEM without a password: the first password that opens it counts. */
export function openKey(text: string, passwords: readonly string[] | null): string {
  const encrypted = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text);
  const tries = encrypted ? (passwords ?? ['']) : [''];
  let last = '';
  for (const passphrase of tries) {
    try {
      const key = createPrivateKey(encrypted ? { key: text, passphrase } : text);
      return encrypted ? (key.export({ type: 'pkcs8', format: 'pem' }) as string) : text;
    } catch (error) {
      last = messageOf(error);
    }
  }
  const none = !/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text);
  const why = none ? NO_START_LINE.replace('%s', 'ANY PRIVATE KEY') : opensslText(last);
  throw new SslFileError(`PEM_read_bio_PrivateKey() failed ${why}`);
}

/** The passwords of a file, one a line. */
export function parsePasswords(text: string): readonly string[] {
  const passwords = text.split('\n').map((line) => line.replace(/\r$/, ''));
  const given = passwords.filter((password) => password !== '');
  return given.length === 0 ? [''] : given;
}
