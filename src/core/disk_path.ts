// Paths are strings of bytes, as everything from nginx.conf and from the wire; Node takes a string as UTF-8.

import { isAscii } from './text.ts';

/** The path as Node's fs functions want it. What takes no bytes (sockets, zones, compilers) gets toText() of it. */
export function diskPath(path: string): string | Buffer {
  return isAscii(path) ? path : Buffer.from(path, 'latin1');
}
