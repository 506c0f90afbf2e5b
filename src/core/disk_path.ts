// Paths are strings of bytes, as everything from nginx.conf and from the wire; Node takes a string as UTF-8.

// biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII
const ASCII = /^[\x00-\x7f]*$/;

/** The path as Node's fs functions want it. */
export function diskPath(path: string): string | Buffer {
  return ASCII.test(path) ? path : Buffer.from(path, 'latin1');
}

/** The path as text, for what takes no bytes (sockets, zones, compilers): it must be UTF-8 then. */
export function textPath(path: string): string {
  return ASCII.test(path) ? path : Buffer.from(path, 'latin1').toString('utf8');
}

/** The bytes of a path that came as text. */
export function bytePath(text: string): string {
  return ASCII.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}
