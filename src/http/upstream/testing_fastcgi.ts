// For the tests beside: a FastCGI server that takes requests apart and answers with records as told.

import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { onCloseAll } from './testing.ts';

export function record(type: number, content: string, padding = 0): string {
  const { length } = content;
  return (
    String.fromCharCode(1, type, 0, 1, length >> 8, length & 255, padding, 0) + content + '\0'.repeat(padding)
  );
}

export function stdout(content: string, padding = 0): string {
  return record(6, content, padding);
}

export function stderr(content: string): string {
  return record(7, content);
}

export const END = record(6, '') + record(3, '\0'.repeat(8));

export interface FastcgiRequest {
  readonly params: Map<string, string>;
  readonly body: string;
  /** The length of each record of the body. */
  readonly pieces: readonly number[];
  readonly keepConn: boolean;
  /** Which connection of the server it came on. */
  readonly connection: number;
}

/** Answers the port. Connections are closed behind the answer where the request does not want to keep them. */
export async function fastcgiPeer(
  answer: (request: FastcgiRequest, socket: Socket) => string,
): Promise<number> {
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const connection = ++connections;
    sockets.add(socket);
    socket.on('error', () => {});
    let text = '';
    socket.setEncoding('latin1').on('data', (data) => {
      text += data;
      const request = takeRequest(text, connection);
      if (request === null) return;
      text = '';
      socket.write(answer(request, socket), 'latin1');
      if (!request.keepConn) socket.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onCloseAll(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

/** null: there is more to come. */
function takeRequest(text: string, connection: number): FastcgiRequest | null {
  let params = '';
  let body = '';
  let keepConn = false;
  const pieces: number[] = [];
  for (let at = 0; at + 8 <= text.length; ) {
    const length = (text.charCodeAt(at + 4) << 8) | text.charCodeAt(at + 5);
    const type = text.charCodeAt(at + 1);
    const content = text.slice(at + 8, at + 8 + length);
    at += 8 + length + text.charCodeAt(at + 6);
    if (at > text.length) return null;
    if (type === 1) keepConn = content.charCodeAt(2) === 1;
    if (type === 4) params += content;
    if (type === 5 && length === 0) return { params: pairs(params), body, pieces, keepConn, connection };
    if (type === 5) {
      body += content;
      pieces.push(length);
    }
  }
  return null;
}

function pairs(text: string): Map<string, string> {
  const found = new Map<string, string>();
  let at = 0;
  const length = (): number => {
    const first = text.charCodeAt(at++);
    if (first < 128) return first;
    at += 3;
    return (
      ((first & 127) << 24) |
      (text.charCodeAt(at - 3) << 16) |
      (text.charCodeAt(at - 2) << 8) |
      text.charCodeAt(at - 1)
    );
  };
  while (at < text.length) {
    const nameLength = length();
    const valueLength = length();
    found.set(text.slice(at, at + nameLength), text.slice(at + nameLength, at + nameLength + valueLength));
    at += nameLength + valueLength;
  }
  return found;
}
