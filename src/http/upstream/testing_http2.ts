// For the tests beside: HTTP/2 servers, real ones and such as send bytes as told.

import { once } from 'node:events';
import {
  createSecureServer,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type SecureServerOptions,
  type ServerHttp2Stream,
  type ServerOptions,
} from 'node:http2';
import { type AddressInfo, createServer as createRawServer, type Socket } from 'node:net';
import { onCloseAll } from './testing.ts';

export type Answer = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

export interface Http2Peer {
  readonly port: number;
  sessions: number;
}

async function listening(server: Http2Server, answer: Answer, window: number): Promise<Http2Peer> {
  const made = { port: 0, sessions: 0 };
  const sockets = new Set<Socket>();
  server.on('session', (session) => {
    made.sessions++;
    if (window > 0) session.setLocalWindowSize(window);
  });
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.on('sessionError', () => {});
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    stream.on('error', () => {});
    answer(stream, headers);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onCloseAll(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  made.port = (server.address() as AddressInfo).port;
  return made;
}

/** `window`: of its connections; 0 for the usual one. */
export function peer(answer: Answer, options: ServerOptions = {}, window = 0): Promise<Http2Peer> {
  return listening(createServer(options), answer, window);
}

export function securePeer(answer: Answer, options: SecureServerOptions): Promise<Http2Peer> {
  return listening(createSecureServer(options) as unknown as Http2Server, answer, 0);
}

/** What comes of a request's body. */
export async function bodyOf(stream: ServerHttp2Stream): Promise<string> {
  let body = '';
  for await (const data of stream.setEncoding('latin1')) body += data;
  return body;
}

export function post(body: string, uri = '/'): string {
  return `POST ${uri} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

/** A frame as bytes in latin1. */
export function frame(type: number, flags: number, stream: number, payload: string): string {
  const { length } = payload;
  return `${String.fromCharCode(0, length >> 8, length & 255, type, flags, 0, 0, 0, stream)}${payload}`;
}

/** ":status: 200" */
export const OK_HEADERS = '\x88';

/** Answers the first request with these bytes, in pieces of `size`. */
export async function rawPeer(answer: string, size = answer.length): Promise<number> {
  const bytes = Buffer.from(answer, 'latin1');
  const server = createRawServer((socket) => {
    socket.on('error', () => {});
    socket.setNoDelay();
    socket.once('data', async () => {
      for (let at = 0; at < bytes.length; at += size) {
        socket.write(bytes.subarray(at, at + size));
        if (size < bytes.length) await new Promise((done) => setImmediate(done));
      }
      socket.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onCloseAll(() => server.close());
  return (server.address() as AddressInfo).port;
}
