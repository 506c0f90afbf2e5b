// TLS over a connection that a script has made: tcpsock:sslhandshake, with its errors in OpenSSL's numbers and words.

import { appendFile } from 'node:fs';
import { isIP } from 'node:net';
import {
  connect,
  createSecureContext,
  type DetailedPeerCertificate,
  type SecureContext,
  type SecureContextOptions,
  type TLSSocket,
} from 'node:tls';
import { messageOf } from '../../core/thrown.ts';
import { applyConfCommands, TLS13_SUITES } from '../../http/upstream/ssl_commands.ts';
import { sslFault, verifyText } from '../../http/upstream/ssl_errors.ts';
import type { Link } from './link.ts';
import type { TlsSettings } from './socket_settings.ts';

export interface Handshake {
  /** A session of an earlier connection, a character a byte; empty for none. */
  readonly session: string;
  /** The script wants the session. */
  readonly keepSession: boolean;
  readonly serverName: string;
  readonly verify: boolean;
  /** The peer is to send what its OCSP responder says of its certificate. */
  readonly ocsp: boolean;
  /** PEM: what setclientcert and settrustedstore gave; empty for none. */
  readonly certificate: string;
  readonly key: string;
  readonly trusted: string;
}

interface HandshakeError {
  readonly message: string;
  /** For the error log. */
  readonly log: string;
  readonly critical: boolean;
}

const VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;

/** Shakes hands over `link`'s connection; `done` gets what went wrong, or null. */
export function secure(
  link: Link,
  settings: TlsSettings,
  options: Handshake,
  done: (error: HandshakeError | null) => void,
): void {
  let context: SecureContext;
  try {
    context = contextFor(settings, options);
  } catch (error) {
    done({
      message:
        options.certificate === '' ? 'failed to create ssl connection' : 'ssl set client certificate failed',
      log: messageOf(error),
      critical: false,
    });
    return;
  }
  const { serverName } = options;
  const end = options.session.indexOf('\0');
  const tls = link.upgrade((socket) =>
    connect({
      socket,
      secureContext: context,
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
      requestOCSP: options.ocsp,
      ...(serverName === '' || isIP(serverName) !== 0 ? {} : { servername: serverName }),
      ...(options.session === '' ? {} : { session: Buffer.from(options.session.slice(end + 1), 'latin1') }),
    }),
  );
  tls.on('session', (session: Buffer) => {
    link.session = session;
  });
  if (settings.keyLog !== '') tls.on('keylog', (line: Buffer) => appendFile(settings.keyLog, line, () => {}));
  const fail = (error: Error | null): void => {
    const fault = sslFault(error ?? new Error(), 'SSL_do_handshake()');
    done({ message: 'handshake failed', log: fault.message, critical: fault.level === 'crit' });
  };
  tls.once('error', fail);
  tls.once('close', () => fail(null));
  tls.once('secureConnect', () => {
    tls.removeListener('error', fail);
    // Up to TLS 1.2 the session belongs to the handshake; Node tells of it when this is over.
    if (tls.getProtocol() !== 'TLSv1.3') link.session = tls.getSession() ?? null;
    if (tls.isSessionReused()) link.verifiedName = options.session.slice(0, end);
    done(options.verify ? verifyError(link, tls, settings, options) : null);
  });
}

function verifyError(
  link: Link,
  tls: TLSSocket,
  settings: TlsSettings,
  options: Handshake,
): HandshakeError | null {
  let name = tls.authorized ? '' : String(tls.authorizationError ?? '');
  // A session that is resumed was judged when it began, and has no chain.
  const deep = !tls.isSessionReused() && intermediates(tls.getPeerCertificate(true)) > settings.verifyDepth;
  if (name === '' && deep) name = 'CERT_CHAIN_TOO_LONG';
  if (name !== '') {
    const text = verifyText(name).replace(':', ': ');
    return {
      message: text.slice(1, -1),
      log: `ts ssl certificate verify error: ${text}`,
      critical: false,
    };
  }
  const { serverName } = options;
  const isFor =
    tls.getPeerX509Certificate()?.checkHost(serverName) !== undefined ||
    (tls.isSessionReused() && link.verifiedName === serverName);
  if (serverName !== '' && !isFor) {
    return {
      message: 'certificate host mismatch',
      log: `ts ssl certificate does not match host "${serverName}"`,
      critical: false,
    };
  }
  link.verifiedName = serverName;
  return null;
}

/** Certificates between the peer's own and the one that is trusted. */
function intermediates(leaf: DetailedPeerCertificate): number {
  let count = -1;
  let certificate = leaf;
  while (certificate.issuerCertificate !== undefined && certificate.issuerCertificate !== certificate) {
    certificate = certificate.issuerCertificate;
    count++;
  }
  return count;
}

const contexts = new WeakMap<TlsSettings, SecureContext>();

function contextFor(settings: TlsSettings, options: Handshake): SecureContext {
  const own = options.certificate !== '' || options.trusted !== '';
  const known = own ? undefined : contexts.get(settings);
  if (known !== undefined) return known;
  const versions = VERSIONS.filter((version) => settings.protocols.includes(version));
  const trusted = options.trusted || settings.trusted;
  const cert = options.certificate || settings.certificate;
  const key = options.certificate === '' ? settings.key : options.key;
  const first = versions[0];
  const last = versions.at(-1);
  if (first === undefined || last === undefined) throw new Error('no protocol is enabled');
  const given: SecureContextOptions = {
    minVersion: first,
    maxVersion: last,
    // Nothing is trusted that the configuration does not name.
    ca: trusted === '' ? [] : trusted,
    ...(settings.ciphers === 'DEFAULT' ? {} : { ciphers: settings.ciphers }),
    ...(settings.crl === '' ? {} : { crl: settings.crl }),
    ...(cert === '' ? {} : { cert, key }),
  };
  if (settings.commands.length > 0) {
    given.ciphers ??= `${TLS13_SUITES}:DEFAULT`;
    applyConfCommands(given, settings.commands);
    if (options.certificate !== '') Object.assign(given, { cert, key });
  }
  const context = createSecureContext(given);
  if (!own) contexts.set(settings, context);
  return context;
}
