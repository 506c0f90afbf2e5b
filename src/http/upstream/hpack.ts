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

/** Is given headers, in the `context` of the caller. False: this one is refused, and nothing more is decoded. */
export interface HeaderTaker<C> {
  takeHeader(context: C, name: string, value: string): boolean;
}

const LAST_INDEX = STATIC.length;
const NOTHING = Buffer.alloc(0);
const BAD_NAME = /.:|[\0-\x20A-Z\x7f]/s;
const BAD_VALUE = /[\0\r\n]/;

/** Decodes header blocks, which may come in pieces. Errors are texts in nginx's words. */
export class HeaderDecoder {
  #bytes: Buffer = NOTHING;
  #pos = 0;
  /** What the names and values of this block may still add up to. */
  #room = 0;
  /** Of a header that is not complete, what there is of it; it is not looked at before it has #wanted bytes. */
  #pieces: Buffer[] = [];
  #held = 0;
  #wanted = 0;
  #error = '';
  #refused = false;

  /** A new block begins, of headers of no more than `limit` bytes. */
  start(limit: number): void {
    this.#room = limit;
    this.#pieces = [];
    this.#held = 0;
    this.#error = '';
    this.#refused = false;
  }

  /** Takes a piece of the block, which is only good until this returns; '' where a header was refused. */
  feed<C>(piece: Buffer, taker: HeaderTaker<C>, context: C): string | null {
    let bytes = piece;
    if (this.#held > 0) {
      this.#hold(piece);
      if (this.#held < this.#wanted) return null;
      bytes = Buffer.concat(this.#pieces);
      this.#pieces = [];
      this.#held = 0;
    }
    this.#bytes = bytes;
    this.#pos = 0;
    while (this.#pos < bytes.length) {
      const from = this.#pos;
      this.#wanted = 0;
      this.#header(taker, context);
      if (this.#error !== '' || this.#refused) return this.#error;
      if (this.#wanted > 0) {
        this.#wanted -= from;
        this.#hold(bytes.subarray(from));
        break;
      }
    }
    this.#bytes = NOTHING;
    return null;
  }

  /** The block is to be complete. */
  end(): string | null {
    return this.#held === 0 ? null : 'upstream sent truncated http2 header';
  }

  #hold(piece: Buffer): void {
    this.#pieces.push(Buffer.from(piece));
    this.#held += piece.length;
  }

  #fail(message: string): void {
    if (this.#error === '') this.#error = `upstream sent ${message}`;
  }

  /** A byte; 0, and #wanted says so, where it has not come. */
  #byte(): number {
    const byte = this.#bytes[this.#pos++];
    if (byte === undefined && this.#wanted === 0) this.#wanted = this.#pos;
    return byte ?? 0;
  }

  /** As in nginx, an index may take two bytes at most: there are no more headers than the static table has. */
  #header<C>(taker: HeaderTaker<C>, context: C): void {
    const first = this.#byte();
    if (first >= 0x20 && first < 0x40) {
      if (first > 0x20) this.#fail(`invalid http2 dynamic table size update: ${first & 0x1f}`);
      return;
    }
    const whole = first >= 0x80;
    let index = first & (whole ? 0x7f : first >= 0x40 ? 0x3f : 0x0f);
    if (first < 0x40 && index === 0x0f) {
      const more = this.#byte();
      if (more >= 0x80) this.#fail('http2 table index with continuation flag');
      index += more;
    }
    if (index > LAST_INDEX || (whole && index === 0)) this.#fail(`invalid http2 table index: ${index}`);
    const entry = STATIC[index - 1];
    const name = entry?.name ?? this.#text('name');
    if (name === null || this.#error !== '') return;
    const value = whole ? (entry?.value ?? '') : this.#text('value');
    if (value === null || this.#error !== '') return;
    if ((entry === undefined && BAD_NAME.test(name)) || (!whole && BAD_VALUE.test(value))) {
      this.#fail(`invalid header: "${name}: ${value}"`);
    }
    this.#room -= name.length + value.length;
    if (this.#room < 0) this.#fail('too large http2 header');
    if (this.#error === '') this.#refused = !taker.takeHeader(context, name, value);
  }

  /** null: it is none, or has not come as a whole. */
  #text(what: 'name' | 'value'): string | null {
    const first = this.#byte();
    const coded = first >= 0x80;
    let length = first & 0x7f;
    if (length === 0x7f) {
      let byte = 0x80;
      for (let shift = 0; byte >= 0x80 && shift <= 14; shift += 7) {
        byte = this.#byte();
        length += (byte & 0x7f) << shift;
      }
      if (byte >= 0x80) this.#fail(`too large http2 header ${what} length`);
    }
    if (this.#wanted > 0) return null;
    if (length === 0 && what === 'name') this.#fail('zero http2 header name length');
    const size = coded ? Math.floor((length * 8) / 5) : length;
    if (size > this.#room) this.#fail(`too large http2 header ${what} length: ${size}`);
    const from = this.#pos;
    const to = from + length;
    if (to > this.#bytes.length) this.#wanted = to;
    if (this.#wanted > 0 || this.#error !== '') return null;
    this.#pos = to;
    const text = coded ? decodeHuffman(this.#bytes, from, to) : this.#bytes.toString('latin1', from, to);
    if (text === null) this.#fail('invalid encoded header');
    return text;
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
