// Between the wire's bytes, held as latin1 text, and the text of scripts.

/** Whether a text of any kind is ASCII: its UTF-8 is as long. Counting is quicker than looking, long texts above all. */
export function isAscii(text: string): boolean {
  return Buffer.byteLength(text, 'utf8') === text.length;
}

/** Text for scripts from bytes: UTF-8; what is none becomes U+FFFD. */
export function toText(latin1: string): string {
  return isAscii(latin1) ? latin1 : Buffer.from(latin1, 'latin1').toString('utf8');
}

/** Bytes from a script's text. */
export function toLatin1(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}
