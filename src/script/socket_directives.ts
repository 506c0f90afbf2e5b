// ts_socket_* and ts_ssl_*: what lua_socket_* and lua_ssl_* are to the sockets of Lua.

import type { Args } from '../conf/args.ts';
import { type ConfOf, type Directive, HTTP_ANY, LOCATION_IF } from '../conf/directive.ts';
import { ConfError } from '../conf/error.ts';
import { custom, flag, list, msec, number, size, value } from '../conf/kinds.ts';
import { parseSize } from '../core/sizes.ts';
import { messageOf } from '../core/thrown.ts';
import { applyConfCommands, type ConfCommand, parseConfCommand } from '../http/upstream/ssl_commands.ts';
import type { SocketSettings, TlsSettings } from './host/socket_settings.ts';

const IN_LOCATION = HTTP_ANY | LOCATION_IF;
const PROTOCOLS = ['SSLv2', 'SSLv3', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
const NO_PROTOCOLS: readonly string[] = PROTOCOLS.slice(2);

export const socketDirectives = {
  ts_socket_connect_timeout: msec({ in: IN_LOCATION, default: 60_000 }),
  ts_socket_send_timeout: msec({ in: IN_LOCATION, default: 60_000 }),
  ts_socket_read_timeout: msec({ in: IN_LOCATION, default: 60_000 }),
  ts_socket_keepalive_timeout: msec({ in: IN_LOCATION, default: 60_000 }),
  ts_socket_buffer_size: size({ in: IN_LOCATION, default: 4096 }),
  ts_socket_pool_size: number({ in: IN_LOCATION, default: 30 }),
  ts_socket_log_errors: flag({ in: IN_LOCATION, default: true }),
  ts_socket_send_lowat: custom<number>({
    in: IN_LOCATION,
    default: 0,
    inherit: true,
    parse(args, seen) {
      if (seen !== undefined) args.fail('is duplicate');
      const bytes = parseSize(args.text(1));
      if (bytes === -1) args.fail('invalid value');
      args.warn('"ts_send_lowat" is not supported, ignored'); // nor by nginx on Linux
      return bytes;
    },
  }),

  ts_ssl_protocols: value<readonly string[]>({
    in: HTTP_ANY,
    args: [1, Number.POSITIVE_INFINITY],
    default: NO_PROTOCOLS,
    parse: parseProtocols,
  }),
  ts_ssl_ciphers: value({ in: HTTP_ANY, default: 'DEFAULT', parse: parseCiphers }),
  ts_ssl_verify_depth: number({ in: HTTP_ANY, default: 1 }),
  ts_ssl_trusted_certificate: pem((path) => `SSL_CTX_load_verify_locations("${path}") failed`, 'ca'),
  ts_ssl_crl: pem((path) => `X509_LOOKUP_load_file("${path}") failed`, 'crl'),
  ts_ssl_certificate: pem((path) => `cannot load certificate "${path}"`, 'cert'),
  ts_ssl_certificate_key: pem((path) => `cannot load certificate key "${path}"`, 'key'),
  ts_ssl_conf_command: list<ConfCommand>({ in: HTTP_ANY, args: [2, 2], item: parseCommand }),
  ts_ssl_key_log: custom<string>({
    in: HTTP_ANY,
    default: '',
    inherit: true,
    parse(args, seen) {
      if (seen !== undefined) args.fail('is duplicate');
      return args.cf.fullName(args.text(1), 'prefix');
    },
  }),
};

type Conf = ConfOf<typeof socketDirectives>;

function parseProtocols(args: Args): readonly string[] {
  const chosen: string[] = [];
  for (const word of args.texts()) {
    const known = PROTOCOLS.find((name) => name.toLowerCase() === word.toLowerCase());
    if (known === undefined) return args.failWhole(`invalid value "${word}"`);
    if (chosen.includes(known)) args.warn(`duplicate value "${word}"`);
    chosen.push(known);
  }
  return chosen;
}

function parseCiphers(args: Args): string {
  const ciphers = args.text(1);
  try {
    process.getBuiltinModule('node:tls').createSecureContext({ ciphers });
  } catch (error) {
    const reason = messageOf(error);
    args.failWhole(`SSL_CTX_set_cipher_list("${ciphers}") failed (SSL: ${reason})`);
  }
  return ciphers;
}

function parseCommand(args: Args): ConfCommand {
  const command = parseConfCommand(args);
  const failed = `SSL_CONF_cmd("${args.text(1)}", "${command.value}") failed`;
  try {
    const options = {};
    applyConfCommands(options, [command]);
    process.getBuiltinModule('node:tls').createSecureContext(options);
  } catch (error) {
    const reason = error instanceof ConfError || !(error instanceof Error) ? '' : ` (SSL: ${error.message})`;
    args.failWhole(failed + reason);
  }
  return command;
}

/** A file in PEM, read with the configuration: the workers may not be allowed to. */
function pem(fault: (path: string) => string, what: 'ca' | 'crl' | 'cert' | 'key'): Directive<string> {
  return custom<string>({
    in: HTTP_ANY,
    default: '',
    inherit: true,
    parse(args, seen) {
      if (seen !== undefined) args.fail('is duplicate');
      const path = args.cf.fullName(args.text(1), 'conf');
      const text = args.cf.sources.readFile(path, args.place());
      try {
        process.getBuiltinModule('node:tls').createSecureContext({ [what]: text }); // few need it: not loaded before
      } catch (error) {
        args.failWhole(`${fault(path)} (SSL: ${messageOf(error)})`);
      }
      return text;
    },
  });
}

const settingsOf = new WeakMap<object, SocketSettings>();

/** Of a location's configuration, made once. */
export function socketSettings(conf: Conf): SocketSettings {
  let settings = settingsOf.get(conf);
  if (settings === undefined) {
    settings = {
      connectTimeout: conf.ts_socket_connect_timeout,
      sendTimeout: conf.ts_socket_send_timeout,
      readTimeout: conf.ts_socket_read_timeout,
      keepaliveTimeout: conf.ts_socket_keepalive_timeout,
      bufferSize: conf.ts_socket_buffer_size,
      poolSize: conf.ts_socket_pool_size,
      logErrors: conf.ts_socket_log_errors,
      tls: tlsSettings(conf),
    };
    settingsOf.set(conf, settings);
  }
  return settings;
}

function tlsSettings(conf: Conf): TlsSettings {
  return {
    protocols: conf.ts_ssl_protocols,
    ciphers: conf.ts_ssl_ciphers,
    verifyDepth: conf.ts_ssl_verify_depth,
    trusted: conf.ts_ssl_trusted_certificate,
    crl: conf.ts_ssl_crl,
    certificate: conf.ts_ssl_certificate,
    key: conf.ts_ssl_certificate_key,
    keyLog: conf.ts_ssl_key_log,
    commands: conf.ts_ssl_conf_command,
  };
}
