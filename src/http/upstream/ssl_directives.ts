// The …_ssl_ directives, for the tables of the modules that speak TLS to upstreams.

import type { Args } from '../../conf/args.ts';
import type { ComplexValue } from '../../conf/complex.ts';
import { type ConfOf, type Directive, HTTP_ANY } from '../../conf/directive.ts';
import { bitmask, custom, flag, list, number, text, value } from '../../conf/kinds.ts';
import { parseNumber, parseTime } from '../../core/sizes.ts';
import { unprefixed } from '../unprefixed.ts';
import { type Prefixed, prefixed } from './directives.ts';
import {
  type CertificateCacheSpec,
  DEFAULT_PROTOCOLS,
  SSL_PROTOCOLS,
  type SslFile,
  UpstreamSsl,
} from './ssl.ts';
import { type ConfCommand, parseConfCommand } from './ssl_commands.ts';
import { fileNamed, type NamedFile, namedFile, parsePasswords } from './ssl_files.ts';

const ANYWHERE = { in: HTTP_ANY };

function file(): Directive<NamedFile | null> {
  return value<NamedFile | null>({ ...ANYWHERE, default: null, parse: namedFile });
}

function variableFile(): Directive<SslFile | null> {
  return value<SslFile | null>({ ...ANYWHERE, default: null, parse: parseSslFile });
}

function parseSslFile(args: Args): SslFile {
  const compiled = args.complex(1);
  const constant = compiled.constant !== null && compiled.constant !== '';
  return {
    file: constant ? fileNamed(args, args.text(1)) : null,
    value: compiled,
    fullName: (name) => (name.startsWith('data:') ? name : args.cf.fullName(name, 'conf')),
  };
}

function parsePasswordFile(args: Args): readonly string[] {
  const name = args.cf.fullName(args.text(1), 'conf');
  return parsePasswords(args.cf.sources.readFile(name, args.place(args.word(1))));
}

function parseCertificateCache(
  args: Args,
  seen: CertificateCacheSpec | null | undefined,
): CertificateCacheSpec | null {
  if (seen !== undefined) args.fail('is duplicate');
  let max = 0;
  let inactiveMs = 10_000;
  let validMs = 60_000;
  let off = false;
  for (let i = 1; i <= args.count; i++) {
    const word = args.text(i);
    const given = word.slice(word.indexOf('=') + 1);
    let parsed = 0;
    if (word.startsWith('max=')) parsed = max = parseNumber(given);
    else if (word.startsWith('inactive=')) parsed = inactiveMs = parseTime(given, true);
    else if (word.startsWith('valid=')) parsed = validMs = parseTime(given, true);
    else if (word === 'off') off = true;
    else parsed = -1;
    if (parsed === -1 || (word.startsWith('max=') && max === 0))
      args.failWhole(`invalid parameter "${word}"`);
  }
  if (off) return null;
  if (max === 0) args.failWhole(`"${args.name}" must have the "max" parameter`);
  return { max, inactiveMs, validMs };
}

const table = {
  ssl_certificate: variableFile(),
  ssl_certificate_key: variableFile(),
  ssl_certificate_cache: custom<CertificateCacheSpec | null>({
    ...ANYWHERE,
    args: [1, 3],
    default: null,
    inherit: true,
    parse: parseCertificateCache,
  }),
  ssl_password_file: value<readonly string[] | null>({
    ...ANYWHERE,
    default: null,
    parse: parsePasswordFile,
  }),
  ssl_protocols: bitmask({ ...ANYWHERE, default: DEFAULT_PROTOCOLS, values: SSL_PROTOCOLS }),
  ssl_ciphers: text({ ...ANYWHERE, default: 'DEFAULT' }),
  ssl_name: value<ComplexValue | null>({ ...ANYWHERE, default: null, parse: (args) => args.complex(1) }),
  ssl_server_name: flag({ ...ANYWHERE, default: false }),
  ssl_verify: flag({ ...ANYWHERE, default: false }),
  ssl_verify_depth: number({ ...ANYWHERE, default: 1 }),
  ssl_trusted_certificate: file(),
  ssl_crl: file(),
  ssl_session_reuse: flag({ ...ANYWHERE, default: true }),
  ssl_conf_command: list<ConfCommand>({ ...ANYWHERE, args: [2, 2], item: parseConfCommand }),
};

/** What there is to say of TLS. */
export function sslDirectives<P extends string>(module: P): Prefixed<typeof table, P> {
  return prefixed(module, table);
}

/** What a module's merged configuration says of it. */
export function sslSettings(conf: object, module: string): UpstreamSsl {
  const own = unprefixed(conf, module) as unknown as ConfOf<typeof table>;
  return new UpstreamSsl({
    module,
    certificate: own.ssl_certificate,
    certificateKey: own.ssl_certificate_key,
    certificateCache: own.ssl_certificate_cache,
    passwords: own.ssl_password_file,
    protocols: own.ssl_protocols,
    ciphers: own.ssl_ciphers,
    name: own.ssl_name,
    serverName: own.ssl_server_name,
    verify: own.ssl_verify,
    verifyDepth: own.ssl_verify_depth,
    trusted: own.ssl_trusted_certificate,
    crl: own.ssl_crl,
    sessionReuse: own.ssl_session_reuse,
    confCommands: own.ssl_conf_command,
  });
}
