// …_ssl_conf_command: OpenSSL's own commands, as far as Node lets them through.

import { constants } from 'node:crypto';
import type { SecureContextOptions, SecureVersion } from 'node:tls';
import type { Args } from '../../conf/args.ts';
import { ConfError } from '../../conf/error.ts';
import { checkCertificates, fileNamed, type NamedFile, openKey, SslFileError } from './ssl_files.ts';

export interface ConfCommand {
  /** In lower case. */
  readonly name: string;
  readonly value: string;
  /** Of those commands that name one. */
  readonly file: NamedFile | null;
}

/** nginx leaves these to OpenSSL; Node would leave TLS 1.3 out where a list of ciphers has none of its suites. */
export const TLS13_SUITES = 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256';

type Apply = (options: SecureContextOptions, command: ConfCommand) => void;

const COMMANDS: Readonly<Record<string, Apply>> = {
  ciphersuites(options, { value }) {
    const others = (options.ciphers ?? '').split(':').filter((cipher) => !cipher.startsWith('TLS_'));
    options.ciphers = [value, ...others].join(':');
  },
  cipherstring(options, { value }) {
    const suites = (options.ciphers ?? '').split(':').filter((cipher) => cipher.startsWith('TLS_'));
    options.ciphers = [...suites, value].join(':');
  },
  minprotocol(options, { value }) {
    options.minVersion = versionOf(value);
  },
  maxprotocol(options, { value }) {
    options.maxVersion = versionOf(value);
  },
  groups(options, { value }) {
    options.ecdhCurve = value;
  },
  curves(options, { value }) {
    options.ecdhCurve = value;
  },
  signaturealgorithms(options, { value }) {
    options.sigalgs = value;
  },
  certificate(options, { file }) {
    if (file !== null) options.cert = checkCertificates(file.read());
  },
  privatekey(options, { file }) {
    if (file !== null) options.key = openKey(file.read(), null);
  },
  options(options, { value }) {
    let bits = options.secureOptions ?? 0;
    for (const word of value.split(',')) bits = optionBits(bits, word.trim());
    options.secureOptions = bits;
  },
};

const FILES = ['certificate', 'privatekey'];

const VERSIONS: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];

/** The options that OpenSSL names in the positive hold unless they are taken away, and the other way round. */
const OPTIONS: ReadonlyMap<string, { readonly bit: number; readonly inverse: boolean }> = new Map([
  ['sessionticket', { bit: constants.SSL_OP_NO_TICKET, inverse: true }],
  ['encryptthenmac', { bit: constants.SSL_OP_NO_ENCRYPT_THEN_MAC, inverse: true }],
  ['serverpreference', { bit: constants.SSL_OP_CIPHER_SERVER_PREFERENCE, inverse: false }],
  ['norenegotiation', { bit: constants.SSL_OP_NO_RENEGOTIATION, inverse: false }],
  ['unsafelegacyrenegotiation', { bit: constants.SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION, inverse: false }],
  ['unsafelegacyserverconnect', { bit: constants.SSL_OP_LEGACY_SERVER_CONNECT, inverse: false }],
]);

function versionOf(value: string): SecureVersion {
  const version = VERSIONS.find((known) => known === value);
  if (version === undefined) throw new RangeError(value);
  return version;
}

function optionBits(bits: number, word: string): number {
  const option = OPTIONS.get(word.replace(/^[+-]/, '').toLowerCase());
  if (option === undefined) throw new RangeError(word);
  return word.startsWith('-') !== option.inverse ? bits & ~option.bit : bits | option.bit;
}

export function parseConfCommand(args: Args): ConfCommand {
  const name = args.text(1).toLowerCase();
  if (!Object.hasOwn(COMMANDS, name)) {
    args.failWhole(`the "${args.text(1)}" command of "${args.name}" is not supported`);
  }
  const value = args.text(2);
  return { name, value, file: FILES.includes(name) ? fileNamed(args, value) : null };
}

export function applyConfCommands(options: SecureContextOptions, commands: readonly ConfCommand[]): void {
  for (const command of commands) {
    try {
      COMMANDS[command.name]?.(options, command);
    } catch (error) {
      if (!(error instanceof RangeError || error instanceof SslFileError)) throw error;
      throw new ConfError(`SSL_CONF_cmd("${command.name}", "${command.value}") failed`, null);
    }
  }
}
