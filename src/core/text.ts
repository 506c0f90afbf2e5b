// Between bytes of the wire, of nginx.conf and of paths, held as latin1 text, and text as people and scripts have it.

/** Whether a text of any kind is ASCII: its UTF-8 is as long. Counting is quicker than looking, long texts above all. */
export function isAscii(text: string): boolean {
  return Buffer.byteLength(text, 'utf8') === text.length;
}

/** Text from bytes: UTF-8; what is none becomes U+FFFD. */
export function toText(latin1: string): string {
  return isAscii(latin1) ? latin1 : Buffer.from(latin1, 'latin1').toString('utf8');
}

/** Bytes from text. */
export function toLatin1(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}
