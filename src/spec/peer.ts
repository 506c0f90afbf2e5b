// The small server behind `--- tcp_listen` and `--- udp_listen`: it takes what the gateway sends, answers
// with what the block says, and remembers the bytes for tcp_query and udp_query.

import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import type { Value } from './parse.ts';

export interface PeerOptions {
  readonly protocol: 'tcp' | 'udp';
  /** A port, or the path of a unix socket. */
  readonly target: string;
  readonly reply: Value | undefined;
  readonly replyDelayMs: number;
  /** Says whether enough has come to reply. */
  readonly isComplete: (query: string) => boolean;
  readonly keepOpen: boolean;
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
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    query = '';
    let answered = false;
    socket.on('error', () => socket.destroy()); // the gateway may break off whenever it likes
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      query += chunk.toString('latin1');
      if (answered || !options.isComplete(query)) return;
      answered = true;
      setTimeout(() => {
        for (const part of repliesTo(options.reply, query)) socket.write(part, 'latin1');
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

function repliesTo(reply: Value | undefined, query: string): string[] {
  const value = typeof reply === 'function' ? reply(query) : reply;
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map(String).filter((part) => part !== '');
}
