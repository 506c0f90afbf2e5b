// What OpenSSL says through Node, in the words and at the levels of nginx's error log.

import { constants } from 'node:os';
import { errnoOf, errorText } from '../../core/errno.ts';
import type { Level } from '../../core/log.ts';

/** The faults that a peer may cause (ngx_ssl_connection_error): other ones are critical. Reasons below 1000. */
const PEERS_FAULTS: ReadonlySet<number> = new Set([
  101, 102, 103, 108, 110, 111, 112, 115, 118, 122, 129, 133, 137, 145, 146, 149, 150, 151, 152, 154, 155,
  156, 159, 160, 182, 183, 186, 187, 193, 198, 205, 213, 220, 226, 227, 234, 235, 244, 245, 246, 252, 253,
  256, 258, 266, 267, 270, 271, 281, 291, 292, 293, 298, 300, 306, 313, 335, 336, 337, 338, 345, 373, 376,
  377, 396, 409, 443,
]);
/** Reasons from here on are alerts of the peer's. */
const ALERTS = 1000;
const REASON_BITS = 0x7f_ff_ff;

/** "error:0A00010B:SSL routines:where:wrong version number:file.c:78:data" */
const ERROR = /error:([0-9A-F]{8}):([^:]*):[^:]*:([^:]*)(?::[^:\n]*:\d+:([^\n]*))?/i;

interface SslFault {
  readonly level: Level;
  readonly message: string;
}

/** What an `error` of a connection means while its handshake is going on (`what`: "SSL_do_handshake()"), or later. */
export function sslFault(error: NodeJS.ErrnoException, what: string): SslFault {
  const parts = ERROR.exec(error.message);
  if (parts === null) {
    const peerClosed = what === 'SSL_do_handshake()';
    // Node's own words for an end in the middle of a handshake have no system call.
    const text = error.syscall === undefined ? '' : ` ${errorText(error)}`;
    if (peerClosed) return { level: 'error', message: `peer closed connection in SSL handshake${text}` };
    return {
      level: errnoOf(error) === constants.errno.ECONNRESET ? 'error' : 'crit',
      message: `${what} failed${text}`,
    };
  }
  const code = (parts[1] as string).toUpperCase();
  const reason = Number.parseInt(code, 16) & REASON_BITS;
  const level = PEERS_FAULTS.has(reason) || (reason >= ALERTS && reason < ALERTS + 256) ? 'error' : 'crit';
  return { level, message: `${what} failed ${opensslText(error.message)}` };
}

/** "(SSL: error:0480006C:PEM routines::no start line)" */
export function opensslText(message: string): string {
  const parts = ERROR.exec(message);
  if (parts === null) return `(SSL: ${message})`;
  const [, code, library, reason, data] = parts;
  const tail = data === undefined || data === '' ? '' : `:${data}`;
  return `(SSL: error:${(code as string).toUpperCase()}:${library}::${reason}${tail})`;
}

/** X509_V_ERR_…: Node has the names, nginx logs the numbers and OpenSSL's texts. */
const VERIFY_ERRORS: Readonly<Record<string, string>> = {
  UNABLE_TO_GET_ISSUER_CERT: '2:unable to get issuer certificate',
  UNABLE_TO_GET_CRL: '3:unable to get certificate CRL',
  UNABLE_TO_DECRYPT_CERT_SIGNATURE: "4:unable to decrypt certificate's signature",
  UNABLE_TO_DECRYPT_CRL_SIGNATURE: "5:unable to decrypt CRL's signature",
  UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY: '6:unable to decode issuer public key',
  CERT_SIGNATURE_FAILURE: '7:certificate signature failure',
  CRL_SIGNATURE_FAILURE: '8:CRL signature failure',
  CERT_NOT_YET_VALID: '9:certificate is not yet valid',
  CERT_HAS_EXPIRED: '10:certificate has expired',
  CRL_NOT_YET_VALID: '11:CRL is not yet valid',
  CRL_HAS_EXPIRED: '12:CRL has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: '18:self-signed certificate',
  SELF_SIGNED_CERT_IN_CHAIN: '19:self-signed certificate in certificate chain',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: '20:unable to get local issuer certificate',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: '21:unable to verify the first certificate',
  CERT_CHAIN_TOO_LONG: '22:certificate chain too long',
  CERT_REVOKED: '23:certificate revoked',
  INVALID_CA: '79:invalid CA certificate',
  PATH_LENGTH_EXCEEDED: '25:path length constraint exceeded',
  INVALID_PURPOSE: '26:unsuitable certificate purpose',
  CERT_UNTRUSTED: '27:certificate not trusted',
  CERT_REJECTED: '28:certificate rejected',
};

/** "(18:self-signed certificate)" */
export function verifyText(code: string): string {
  return `(${VERIFY_ERRORS[code] ?? `1:${code}`})`;
}
