// For the tests beside: certificates made by openssl, and peers that speak TLS.

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { onCloseAll } from './testing.ts';

/** A directory of certificates: `root` signs itself, all others are signed as told. */
export class Certificates {
  readonly dir = mkdtempSync(join(tmpdir(), 'tsresty-ssl-'));

  constructor() {
    this.file('root.ext', 'basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,cRLSign\n');
    this.#key('root');
    this.#openssl(
      'req',
      '-x509',
      '-new',
      '-key',
      'root.key',
      '-subj',
      '/CN=root',
      '-days',
      '30',
      '-out',
      'root.crt',
    );
  }

  /** NAME.crt and NAME.key, for CN=`cn`; `ca`: it may sign others. */
  sign(name: string, cn: string, issuer = 'root', ca = false): this {
    this.#key(name);
    this.file(`${name}.ext`, ca ? this.text('root.ext') : `subjectAltName=DNS:${cn}\n`);
    this.#openssl('req', '-new', '-key', `${name}.key`, '-subj', `/CN=${cn}`, '-out', `${name}.csr`);
    const by = ['-CA', `${issuer}.crt`, '-CAkey', `${issuer}.key`, '-CAcreateserial'];
    const to = ['-days', '30', '-extfile', `${name}.ext`, '-out', `${name}.crt`];
    this.#openssl('x509', '-req', '-in', `${name}.csr`, ...by, ...to);
    return this;
  }

  /** NAME.enc.key: NAME.key behind a password. */
  encrypt(name: string, password: string): this {
    const to = ['-aes128', '-passout', `pass:${password}`, '-out', `${name}.enc.key`];
    this.#openssl('pkey', '-in', `${name}.key`, ...to);
    return this;
  }

  /** root.crl, with the certificates of these names revoked. */
  revoke(...names: string[]): this {
    this.file('index.txt', '');
    this.file('crlnumber', '01\n');
    this.file(
      'ca.conf',
      `[ca]\ndefault_ca=a\n[a]\ndatabase=${this.dir}/index.txt\ncrlnumber=${this.dir}/crlnumber\n` +
        'default_md=sha256\ndefault_crl_days=30\n',
    );
    const ca = ['-config', 'ca.conf', '-cert', 'root.crt', '-keyfile', 'root.key'];
    for (const name of names) this.#openssl('ca', ...ca, '-revoke', `${name}.crt`);
    this.#openssl('ca', ...ca, '-gencrl', '-out', 'root.crl');
    return this;
  }

  text(name: string): string {
    return readFileSync(join(this.dir, name), 'latin1');
  }

  file(name: string, text: string): void {
    writeFileSync(join(this.dir, name), text);
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  remove(): void {
    rmSync(this.dir, { recursive: true });
  }

  #key(name: string): void {
    const curve = ['-pkeyopt', 'ec_paramgen_curve:P-256'];
    this.#openssl('genpkey', '-algorithm', 'EC', ...curve, '-out', `${name}.key`);
  }

  #openssl(...args: string[]): void {
    execFileSync('openssl', args, { cwd: this.dir, stdio: ['ignore', 'ignore', 'pipe'] });
  }
}

export interface SecurePeer {
  readonly port: number;
  /** How many connections have been made. */
  connections(): number;
}

/** A TLS server that does `answer` for each head of a request. */
export async function securePeer(
  options: TlsOptions,
  answer: (socket: TLSSocket, head: string) => void,
): Promise<SecurePeer> {
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createServer(options, (socket) => {
    connections++;
    socket.setEncoding('latin1');
    socket.on('error', () => {});
    let text = '';
    socket.on('data', (data) => {
      text += data;
      for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
        const head = text.slice(0, end + 4);
        text = text.slice(end + 4);
        answer(socket, head);
      }
    });
  });
  server.on('tlsClientError', () => {});
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onCloseAll(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
}
