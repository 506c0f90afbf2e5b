// Between the wire's bytes, held as latin1 text, and the text of scripts.

const NOT_ASCII = /[^\0-\x7f]/;

/** Text for scripts from bytes: UTF-8; what is none becomes U+FFFD. */
export function toText(latin1: string): string {
  return NOT_ASCII.test(latin1) ? Buffer.from(latin1, 'latin1').toString('utf8') : latin1;
}

/** Bytes from a script's text. */
export function toLatin1(text: string): string {
  return NOT_ASCII.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;
}
