// Header compression of HTTP/2 (RFC 7541), as a client needs it that announces a dynamic table of no size: what it reads
// refers to the static table alone, and what it writes needs no table of the other side's.

/** Appendix A, from index 1 on: "name" or "name: value". */
const STATIC = [
  ':authority', ':method: GET', ':method: POST', ':path: /', ':path: /index.html', ':scheme: http',
  ':scheme: https', ':status: 200', ':status: 204', ':status: 206', ':status: 304', ':status: 400',
  ':status: 404', ':status: 500', 'accept-charset', 'accept-encoding: gzip, deflate', 'accept-language',
  'accept-ranges', 'accept', 'access-control-allow-origin', 'age', 'allow', 'authorization', 'cache-control',
  'content-disposition', 'content-encoding', 'content-language', 'content-length', 'content-location',
  'content-range', 'content-type', 'cookie', 'date', 'etag', 'expect', 'expires', 'from', 'host', 'if-match',
  'if-modified-since', 'if-none-match', 'if-range', 'if-unmodified-since', 'last-modified', 'link', 'location',
  'max-forwards', 'proxy-authenticate', 'proxy-authorization', 'range', 'referer', 'refresh', 'retry-after',
  'server', 'set-cookie', 'strict-transport-security', 'transfer-encoding', 'user-agent', 'vary', 'via',
  'www-authenticate',
].map((entry) => {
  const colon = entry.indexOf(': ', 1);
  return colon === -1 ? { name: entry, value: '' } : { name: entry.slice(0, colon), value: entry.slice(colon + 2) };
}); // biome-ignore format: a table

const whole = new Map<string, number>();
const named = new Map<string, number>();
for (const [i, { name, value }] of STATIC.entries()) {
  whole.set(`${name}: ${value}`, i + 1);
  if (!named.has(name)) named.set(name, i + 1);
}

/** A header, as bytes; `name` is in lower case. */
export function encodeHeader(name: string, value: string): string {
  const index = value === '' ? undefined : whole.get(`${name}: ${value}`);
  if (index !== undefined) return encodeInteger(index, 0x80, 0x7f);
  const known = named.get(name);
  const start = known === undefined ? `\0${encodeText(name)}` : encodeInteger(known, 0, 0x0f);
  return start + encodeText(value);
}

function encodeText(text: string): string {
  return encodeInteger(text.length, 0, 0x7f) + text;
}

/** An integer behind the `flags` in its first byte, of which `most` bits are its own. */
function encodeInteger(n: number, flags: number, most: number): string {
  if (n < most) return String.fromCharCode(flags | n);
  let text = String.fromCharCode(flags | most);
  let rest = n - most;
  for (; rest >= 0x80; rest >>>= 7) text += String.fromCharCode((rest & 0x7f) | 0x80);
  return text + String.fromCharCode(rest);
}

/** Takes a header; an answer other than null ends the decoding with it. */
export type TakeHeader = (name: string, value: string) => string | null;

const TRUNCATED = 'upstream sent truncated http2 header';

/** Decodes a whole header block. A text: what is wrong with it, in nginx's words. */
export class HeaderBlock {
  readonly #bytes: Buffer;
  #pos = 0;
  #error = '';

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  decode(take: TakeHeader): string | null {
    const bytes = this.#bytes;
    while (this.#pos < bytes.length) {
      const first = bytes[this.#pos] as number;
      let refused: string | null = null;
      if (first >= 0x80) refused = this.#indexed(take);
      else if ((first & 0xe0) === 0x20) this.#resize();
      else refused = this.#literal(take, first >= 0x40 ? 0x3f : 0x0f);
      if (this.#error !== '') return this.#error;
      if (refused !== null) return refused;
    }
    return null;
  }

  #indexed(take: TakeHeader): string | null {
    const index = this.#integer(0x7f);
    const entry = this.#entry(index);
    return entry === undefined ? null : take(entry.name, entry.value);
  }

  #resize(): void {
    const size = this.#integer(0x1f);
    if (size > 0) this.#fail(`upstream sent invalid http2 dynamic table size update: ${size}`);
  }

  #literal(take: TakeHeader, most: number): string | null {
    const index = this.#integer(most);
    const name = index === 0 ? this.#text() : (this.#entry(index)?.name ?? '');
    if (index === 0 && name === '') this.#fail('upstream sent zero http2 header name length');
    if (this.#error !== '') return null;
    const value = this.#text();
    return this.#error === '' ? take(name, value) : null;
  }

  #entry(index: number): { readonly name: string; readonly value: string } | undefined {
    const entry = STATIC[index - 1];
    if (entry === undefined) this.#fail(`upstream sent invalid http2 table index: ${index}`);
    return entry;
  }

  #fail(message: string): void {
    if (this.#error === '') this.#error = message;
  }

  #integer(most: number): number {
    const bytes = this.#bytes;
    let n = (bytes[this.#pos++] ?? 0) & most;
    if (n < most) return n;
    for (let shift = 0; shift <= 21; shift += 7) {
      const byte = bytes[this.#pos++];
      if (byte === undefined) break;
      n += (byte & 0x7f) << shift;
      if (byte < 0x80) return n;
    }
    this.#fail(this.#pos > bytes.length ? TRUNCATED : 'upstream sent too large http2 header value length');
    return 0;
  }

  #text(): string {
    const coded = ((this.#bytes[this.#pos] ?? 0) & 0x80) !== 0;
    if (this.#pos >= this.#bytes.length) {
      this.#fail(TRUNCATED);
      return '';
    }
    const length = this.#integer(0x7f);
    const from = this.#pos;
    this.#pos += length;
    if (this.#pos > this.#bytes.length) {
      this.#fail(TRUNCATED);
      return '';
    }
    if (!coded) return this.#bytes.toString('latin1', from, this.#pos);
    const text = decodeHuffman(this.#bytes, from, this.#pos);
    if (text === null) this.#fail('upstream sent invalid encoded header');
    return text ?? '';
  }
}

/**
 * Appendix B: the lengths of the codes of all bytes, "A" for 5 bits, "B" for 6 …; the codes themselves follow, since
 * those of a length are consecutive. EOS, the last of the longest, is all ones.
 */
const LENGTHS =
  'ISXXXXXXXTZXXZXXXXXXXXZXXXXXXXXXBFFHIBDGFFDGDBBBAAABBBBBBBCDKBHFIBCCCCCCCCCCCCCCCCCCCCCCDCDIOIJBKABABABB' +
  'BACCBBBABCBAABCCCCCKGJIXPRPPRRRSRSSSSSTSTTRSTSSSSQRSRSSTRQPRRSSQSRRTQRSSQQRQSRSSPRRRSRRSVVPORSRUVVVWWVTUO' +
  'QVWWVWTQQVVXWWWPTPQRQQSRRUUTTVSVWVVWWWWWXWWWWWV';
const SHORTEST = 5;
const LONGEST = 30;

/** The bytes by their codes; for each length its first code, and where that one stands among the bytes. */
const symbols: number[] = [];
const firstCode: number[] = [];
const firstSymbol: number[] = [];

for (let length = SHORTEST, code = 0; length <= LONGEST; length++) {
  firstCode[length] = code;
  firstSymbol[length] = symbols.length;
  for (let byte = 0; byte < LENGTHS.length; byte++) {
    if (LENGTHS.charCodeAt(byte) - 65 + SHORTEST === length) symbols.push(byte);
  }
  code = (code + symbols.length - (firstSymbol[length] ?? 0)) * 2;
}

/** null: no text in this code. */
function decodeHuffman(bytes: Buffer, from: number, to: number): string | null {
  let text = '';
  let code = 0;
  let length = 0;
  let ones = true;
  for (let i = from; i < to; i++) {
    const byte = bytes[i] as number;
    for (let bit = 7; bit >= 0; bit--) {
      const one = (byte >> bit) & 1;
      code = code * 2 + one;
      ones &&= one === 1;
      if (++length < SHORTEST) continue;
      if (length > LONGEST) return null;
      const offset = code - (firstCode[length] as number);
      const at = (firstSymbol[length] as number) + offset;
      if (offset < 0 || at >= (firstSymbol[length + 1] ?? symbols.length)) continue;
      text += String.fromCharCode(symbols[at] as number);
      code = 0;
      length = 0;
      ones = true;
    }
  }
  // What is left over is the start of EOS; nginx takes a whole byte of it too.
  return length <= 8 && ones ? text : null;
}
