// TLS towards upstreams: the settings of a module's …_ssl_ directives made into contexts, what one connection asks for,
// and the judgement of the certificate that the peer has shown (ngx_http_upstream_ssl_…).

import { constants, type X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import {
  type ConnectionOptions,
  createSecureContext,
  type SecureContext,
  type SecureContextOptions,
  type TLSSocket,
} from 'node:tls';
import type { ComplexValue } from '../../conf/complex.ts';
import { ConfError } from '../../conf/error.ts';
import { logError } from '../log.ts';
import type { HttpRequest } from '../request.ts';
import type { Peer } from './peers.ts';
import { applyConfCommands, type ConfCommand, TLS13_SUITES } from './ssl_commands.ts';
import { opensslText, verifyText } from './ssl_errors.ts';
import { checkCertificates, type NamedFile, openKey, readNow, SslFileError } from './ssl_files.ts';

export const SSL_PROTOCOLS: Readonly<Record<string, number>> = {
  sslv2: 2,
  sslv3: 4,
  tlsv1: 8,
  'tlsv1.1': 16,
  'tlsv1.2': 32,
  'tlsv1.3': 64,
};
export const DEFAULT_PROTOCOLS = 32 | 64;

/** A certificate or key: fixed, or named by variables. */
export interface SslFile {
  readonly file: NamedFile | null;
  readonly value: ComplexValue;
  /** The file that a value of `value` names, with its path. */
  readonly fullName: (name: string) => string;
}

/** What the directives say; `module` is their prefix. */
interface SslDirectives {
  readonly module: string;
  readonly certificate: SslFile | null;
  readonly certificateKey: SslFile | null;
  readonly certificateCache: CertificateCacheSpec | null;
  readonly passwords: readonly string[] | null;
  readonly protocols: number;
  readonly ciphers: string;
  readonly name: ComplexValue | null;
  readonly serverName: boolean;
  readonly verify: boolean;
  readonly verifyDepth: number;
  readonly trusted: NamedFile | null;
  readonly crl: NamedFile | null;
  readonly sessionReuse: boolean;
  readonly confCommands: readonly ConfCommand[];
}

export interface CertificateCacheSpec {
  readonly max: number;
  readonly inactiveMs: number;
  readonly validMs: number;
}

/** What a peer has given to resume, and the certificate that it had shown: Node shows none of a resumed session. */
interface KeptSession {
  readonly session: Buffer;
  readonly certificate: X509Certificate | undefined;
}

/** What one connection asks for, and whether it has got it. */
export class SslConnect {
  readonly options: ConnectionOptions;
  readonly #ssl: UpstreamSsl;
  readonly #peer: Peer;
  /** What the certificate is to say. */
  readonly #name: string;
  #certificate: X509Certificate | undefined;
  #accepted = false;
  #session: Buffer | null = null;

  /** `certificate`: that of the session that is to be resumed. */
  constructor(
    ssl: UpstreamSsl,
    peer: Peer,
    options: ConnectionOptions,
    name: string,
    certificate: X509Certificate | undefined,
  ) {
    this.#ssl = ssl;
    this.#peer = peer;
    this.options = options;
    this.#name = name;
    this.#certificate = certificate;
  }

  /** Why the handshake is not good enough; null: it is. */
  refusal(socket: TLSSocket): string | null {
    if (this.#ssl.verifies && !socket.isSessionReused()) this.#certificate = socket.getPeerX509Certificate();
    const refusal = this.#ssl.refusal(socket, this.#certificate, this.#name);
    this.#accepted = refusal === null;
    if (this.#accepted && this.#session !== null) this.keep(this.#session);
    return refusal;
  }

  /** The peer has given a session to resume: one that was refused must not come in by that door. */
  keep(session: Buffer): void {
    if (this.#accepted) this.#ssl.keepSession(this.#peer, { session, certificate: this.#certificate });
    else this.#session = session;
  }
}

interface CachedContext {
  readonly context: SecureContext;
  readonly made: number;
  used: number;
}

export class UpstreamSsl {
  readonly #directives: SslDirectives;
  readonly #base: SecureContextOptions;
  /** null: each connection has its own certificate. */
  readonly #context: SecureContext;
  /** The last one used first. */
  readonly #certificates = new Map<string, CachedContext>();
  readonly #sessions = new WeakMap<Peer, KeptSession>();

  /** Throws ConfError where the settings are not good. */
  constructor(directives: SslDirectives) {
    this.#directives = directives;
    const base: SecureContextOptions = {
      ...protocolOptions(directives.protocols),
      ciphers: `${TLS13_SUITES}:${directives.ciphers}`,
      honorCipherOrder: false,
    };
    const { verify, trusted, crl, module } = directives;
    if (verify && trusted === null) {
      throw new ConfError(`no ${module}_ssl_trusted_certificate for ${module}_ssl_verify`, null);
    }
    // An empty list keeps Node's own authorities out.
    base.ca = verify && trusted !== null ? certificatesOf(trusted) : [];
    if (verify && crl !== null) base.crl = load(crl, 'CRL', (text) => text);
    this.#base = base;
    const own = { ...base, ...this.#fixedCertificate() };
    applyConfCommands(own, directives.confCommands);
    this.#context = contextOf(own, directives.ciphers);
  }

  #fixedCertificate(): SecureContextOptions {
    const { certificate, certificateKey, passwords, module } = this.#directives;
    if (certificate === null || certificate.value.source === '') return {};
    if (certificateKey === null) {
      const { source } = certificate.value;
      const message = `no "${module}_ssl_certificate_key" is defined for certificate "${source}"`;
      throw new ConfError(message, null);
    }
    if (certificate.file === null || certificateKey.file === null) return {};
    const cert = load(certificate.file, 'certificate', checkCertificates);
    const key = load(certificateKey.file, 'certificate key', (text) => openKey(text, passwords));
    return { cert, key };
  }

  /** For a connection to `peer`, whose upstream is called `host`; null: it cannot be made, which has been logged. */
  connect(r: HttpRequest, peer: Peer, host: string, alpn = ''): SslConnect | null {
    const { serverName, verify, sessionReuse, certificate } = this.#directives;
    const secureContext = this.#contextFor(r, certificate);
    if (secureContext === null) return null;
    // refusal() judges the certificate.
    const options: ConnectionOptions = {
      secureContext,
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    };
    if (alpn !== '') options.ALPNProtocols = [alpn];
    let name = '';
    if (serverName || verify) {
      name = this.nameFor(r, host);
      if (serverName && name !== '' && !name.startsWith('[') && isIP(name) === 0) options.servername = name;
    }
    const kept = sessionReuse ? this.#sessions.get(peer) : undefined;
    if (kept !== undefined) options.session = kept.session;
    return new SslConnect(this, peer, options, name, kept?.certificate);
  }

  /** What a peer of the upstream called `host` is asked for. */
  nameFor(r: HttpRequest, host: string): string {
    const { name } = this.#directives;
    return withoutPort(name === null ? host : name.evaluate(r));
  }

  /** The peer has given a session to resume. */
  keepSession(peer: Peer, kept: KeptSession): void {
    if (this.#directives.sessionReuse) this.#sessions.set(peer, kept);
  }

  get verifies(): boolean {
    return this.#directives.verify;
  }

  /** Why the handshake is not good enough; null: it is. */
  refusal(socket: TLSSocket, certificate: X509Certificate | undefined, name: string): string | null {
    const { verify, verifyDepth } = this.#directives;
    if (!verify) return null;
    const error = socket.authorizationError as unknown;
    if (error !== null && error !== undefined) {
      return `upstream SSL certificate verify error: ${verifyText(errorCode(error))}`;
    }
    if (!socket.isSessionReused() && intermediates(socket) > verifyDepth) {
      return `upstream SSL certificate verify error: ${verifyText('CERT_CHAIN_TOO_LONG')}`;
    }
    if (name !== '' && certificate?.checkHost(name) !== undefined) return null;
    return `upstream SSL certificate does not match "${name}"`;
  }

  #contextFor(r: HttpRequest, certificate: SslFile | null): SecureContext | null {
    const { certificateKey } = this.#directives;
    if (certificate === null || certificate.value.source === '' || certificateKey === null)
      return this.#context;
    if (certificate.file !== null && certificateKey.file !== null) return this.#context;
    const cert = certificate.value.evaluate(r);
    if (cert === '') return this.#context;
    const key = certificateKey.value.evaluate(r);
    return this.#ownContext(r, certificate.fullName(cert), certificateKey.fullName(key));
  }

  #ownContext(r: HttpRequest, cert: string, key: string): SecureContext | null {
    const { certificateCache: spec, passwords, confCommands, ciphers } = this.#directives;
    const id = `${cert}\n${key}`;
    const now = Date.now();
    const known = this.#certificates.get(id);
    if (known !== undefined && spec !== null) {
      this.#certificates.delete(id);
      if (now - known.made < spec.validMs && now - known.used < spec.inactiveMs) {
        known.used = now;
        this.#certificates.set(id, known);
        return known.context;
      }
    }
    let step = `certificate "${cert}"`;
    try {
      const own: SecureContextOptions = { ...this.#base, cert: checkCertificates(readNow(cert)) };
      step = `certificate key "${key}"`;
      own.key = openKey(readNow(key), passwords);
      applyConfCommands(own, confCommands);
      const context = contextOf(own, ciphers);
      if (spec !== null) this.#remember(id, { context, made: now, used: now }, spec);
      return context;
    } catch (error) {
      if (error instanceof SslFileError) logError(r, 'error', `cannot load ${step}: ${error.message}`);
      else if (error instanceof ConfError) logError(r, 'error', error.message);
      else throw error;
      return null;
    }
  }

  #remember(id: string, made: CachedContext, { max }: CertificateCacheSpec): void {
    this.#certificates.set(id, made);
    if (this.#certificates.size <= max) return;
    for (const oldest of this.#certificates.keys()) {
      this.#certificates.delete(oldest);
      return;
    }
  }
}

function errorCode(error: unknown): string {
  if (typeof error === 'string') return error;
  return (error as NodeJS.ErrnoException).code ?? String(error);
}

/** The authorities between the peer's certificate and the one that is trusted. */
function intermediates(socket: TLSSocket): number {
  let certificate = socket.getPeerCertificate(true);
  let count = -1;
  while (certificate.issuerCertificate !== undefined && certificate.issuerCertificate !== certificate) {
    certificate = certificate.issuerCertificate;
    count++;
  }
  return count;
}

/** The name may come from $proxy_host or $http_host. */
function withoutPort(name: string): string {
  const bracket = name.startsWith('[') ? name.indexOf(']') : 0;
  const colon = name.indexOf(':', Math.max(0, bracket));
  return colon === -1 ? name : name.slice(0, colon);
}

function protocolOptions(protocols: number): SecureContextOptions {
  let secureOptions = constants.SSL_OP_NO_SSLv2 | constants.SSL_OP_NO_SSLv3;
  if ((protocols & 8) === 0) secureOptions |= constants.SSL_OP_NO_TLSv1;
  if ((protocols & 16) === 0) secureOptions |= constants.SSL_OP_NO_TLSv1_1;
  if ((protocols & 32) === 0) secureOptions |= constants.SSL_OP_NO_TLSv1_2;
  if ((protocols & 64) === 0) secureOptions |= constants.SSL_OP_NO_TLSv1_3;
  return { secureOptions, minVersion: 'TLSv1', maxVersion: 'TLSv1.3' };
}

/** All certificates of a file, as Node wants them: one by one. */
function certificatesOf(file: NamedFile): string[] {
  const text = load(file, 'certificate', checkCertificates);
  return text.match(/-----BEGIN [A-Z0-9 ]*CERTIFICATE-----[^-]*-----END [A-Z0-9 ]*CERTIFICATE-----/g) ?? [];
}

function load(file: NamedFile, what: string, make: (text: string) => string): string {
  try {
    return make(file.read());
  } catch (error) {
    if (!(error instanceof SslFileError)) throw error;
    throw new ConfError(`cannot load ${what} "${file.name}": ${error.message}`, null);
  }
}

function contextOf(options: SecureContextOptions, ciphers: string): SecureContext {
  try {
    return createSecureContext(options);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = opensslText(message);
    if (code === 'ERR_SSL_NO_CIPHER_MATCH') {
      throw new ConfError(`SSL_CTX_set_cipher_list("${ciphers}") failed ${why}`, null);
    }
    const what = /key values mismatch/.test(message) ? 'SSL_CTX_use_PrivateKey()' : 'SSL_CTX_new()';
    throw new ConfError(`${what} failed ${why}`, null);
  }
}
