// What the configuration says of the sockets of scripts, and how their failures are told.

import { errnoOf, strerror } from '../../core/errno.ts';
import type { Resolver } from '../../core/resolver.ts';
import type { ConfCommand } from '../../http/upstream/ssl_commands.ts';

/** TLS as ts_ssl_* say; texts are PEM. */
export interface TlsSettings {
  readonly protocols: readonly string[];
  readonly ciphers: string;
  readonly verifyDepth: number;
  readonly trusted: string;
  readonly crl: string;
  readonly certificate: string;
  readonly key: string;
  readonly keyLog: string;
  readonly commands: readonly ConfCommand[];
}

/** Times in milliseconds. */
export interface SocketSettings {
  readonly connectTimeout: number;
  readonly sendTimeout: number;
  readonly readTimeout: number;
  readonly keepaliveTimeout: number;
  readonly bufferSize: number;
  readonly poolSize: number;
  readonly logErrors: boolean;
  readonly tls: TlsSettings;
}

/** The settings of a location, and what its core says that sockets need. */
export interface SocketConf {
  readonly settings: SocketSettings;
  readonly resolver: Resolver | null;
  readonly resolverTimeout: number;
  readonly noDelay: boolean;
}

/** An operation has failed: the message is Lua's, `partial` what had come before. */
export class SocketFailure extends Error {
  override readonly name = 'SocketFailure';
  readonly partial: string;

  constructor(message: string, partial = '') {
    super(message);
    this.partial = partial;
  }
}

/** A system error as LuaSocket says it: "connection refused". */
export function failureText(error: Error): string {
  const errno = errnoOf(error);
  return errno === 0 ? error.message : strerror(errno).toLowerCase();
}
