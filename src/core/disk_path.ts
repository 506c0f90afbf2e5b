// Paths are strings of bytes, as everything from nginx.conf and from the wire; Node takes a string as UTF-8.

// biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII
const ASCII = /^[\x00-\x7f]*$/;

/** The path as Node's fs functions want it. */
export function diskPath(path: string): string | Buffer {
  return ASCII.test(path) ? path : Buffer.from(path, 'latin1');
}
