// The small server behind `--- tcp_listen` and `--- udp_listen`: it takes what the gateway sends, answers
// with what the block says, and remembers the bytes for tcp_query and udp_query.

import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type SecureVersion, TLSSocket } from 'node:tls';
import type { Value } from './parse.ts';

/** Of a peer that speaks TLS; texts are PEM. */
export interface PeerTls {
  readonly cert: string;
  readonly key: string;
  /** The only version that it speaks. */
  readonly version: string | null;
  /** It asks for a certificate that this one has signed. */
  readonly clientCa: string | null;
}

interface PeerOptions {
  readonly protocol: 'tcp' | 'udp';
  /** A port, or the path of a unix socket. */
  readonly target: string;
  readonly reply: Value | undefined;
  readonly replyDelayMs: number;
  /** Says whether enough has come to reply. */
  readonly isComplete: (query: string) => boolean;
  readonly keepOpen: boolean;
  readonly tls: PeerTls | null;
}

export interface Peer {
  /** What came in on the last connection, or in the last datagram. */
  query(): string;
  /** Forgets it. */
  reset(): void;
  close(): Promise<void>;
}

export function startPeer(options: PeerOptions): Promise<Peer> {
  return options.protocol === 'tcp' ? startTcp(options) : startUdp(options);
}

function startTcp(options: PeerOptions): Promise<Peer> {
  const sockets = new Set<Socket>();
  let query = '';
  const server: Server = listener(options.tls, (socket) => {
    sockets.add(socket);
    query = '';
    let received = '';
    let answered = false;
    socket.on('error', () => socket.destroy()); // the gateway may break off whenever it likes
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
      query = received;
      if (answered || !options.isComplete(received)) return;
      answered = true;
      setTimeout(() => {
        const tls = socket instanceof TLSSocket ? stateOf(socket) : undefined;
        for (const part of repliesTo(options.reply, received, tls)) socket.write(part, 'latin1');
        if (!options.keepOpen) socket.end();
      }, options.replyDelayMs);
    });
  });
  const address = /^\d+$/.test(options.target)
    ? { port: Number(options.target), host: '127.0.0.1' }
    : { path: options.target };
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () =>
      resolve({
        query: () => query,
        reset: () => {
          query = '';
        },
        close: () => {
          for (const socket of sockets) socket.destroy();
          return new Promise((done) => server.close(() => done()));
        },
      }),
    );
  });
}

function listener(tls: PeerTls | null, accept: (socket: Socket) => void): Server {
  if (tls === null) return createServer(accept);
  const { cert, key, version, clientCa } = tls;
  const only =
    version === null ? {} : { minVersion: version as SecureVersion, maxVersion: version as SecureVersion };
  const client = clientCa === null ? {} : { requestCert: true, rejectUnauthorized: false, ca: clientCa };
  return createTlsServer({ cert, key, ...only, ...client }, accept);
}

/** What a reply may want to tell of the connection. */
function stateOf(socket: TLSSocket): object {
  return {
    protocol: socket.getProtocol(),
    cipher: socket.getCipher().name,
    reused: socket.isSessionReused(),
    servername: (socket as { servername?: string | false }).servername || '',
    client: socket.authorized ? (socket.getPeerCertificate().subject.CN ?? '') : '',
  };
}

function startUdp(options: PeerOptions): Promise<Peer> {
  const socket: UdpSocket = createSocket('udp4');
  let query = '';
  let closed = false;
  socket.on('message', (message, from) => {
    const text = message.toString('latin1');
    query = text;
    setTimeout(() => {
      if (closed) return;
      for (const part of repliesTo(options.reply, text)) {
        socket.send(Buffer.from(part, 'latin1'), from.port, from.address);
      }
    }, options.replyDelayMs);
  });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(Number(options.target), '127.0.0.1', () =>
      resolve({
        query: () => query,
        reset: () => {
          query = '';
        },
        close: () => {
          closed = true;
          return new Promise((done) => socket.close(() => done()));
        },
      }),
    );
  });
}

function repliesTo(reply: Value | undefined, query: string, tls?: object): string[] {
  const value = typeof reply === 'function' ? reply(query, tls) : reply;
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map(String).filter((part) => part !== '');
}
