// memcached's text protocol towards upstreams: one "get", and the value as the body (ngx_http_memcached_module.c).

import type { Variable } from '../../conf/complex.ts';
import { logError } from '../log.ts';
import { AGAIN, ERROR, OK, type Rc } from '../rc.ts';
import { type Codec, INVALID_HEAD } from './codec.ts';
import type { Exchange } from './exchange.ts';

/** What stands behind a value. */
const END = '\r\nEND\r\n';

// As nginx: spaces, controls and the percent sign; DEL goes through.
const NOT_IN_KEYS = /[\0-\x20%]/g;

function escapeKey(key: string): string {
  return key.replace(NOT_IN_KEYS, (char) => `%${hex(char.charCodeAt(0))}`);
}

function hex(code: number): string {
  return code.toString(16).toUpperCase().padStart(2, '0');
}

export class MemcachedCodec implements Codec {
  readonly #keyVariable: Variable;
  /** The bit of a value's flags that says that it is compressed; 0: none does. */
  readonly #gzipFlag: number;
  #key = '';
  /** What of END is to come. */
  #rest = END.length;

  constructor(keyVariable: Variable, gzipFlag: number) {
    this.#keyVariable = keyVariable;
    this.#gzipFlag = gzipFlag;
  }

  createRequest(u: Exchange): Rc {
    const key = this.#keyVariable.read(u.r) ?? '';
    if (key === '') {
      logError(u.r, 'error', 'the "$memcached_key" variable is not set');
      return ERROR;
    }
    this.#key = escapeKey(key);
    u.passBody = false;
    u.head = `get ${this.#key}\r\n`;
    return OK;
  }

  reset(): void {
    this.#rest = END.length;
  }

  parseHead(u: Exchange): Rc {
    const { text } = u;
    const end = text.indexOf('\n');
    if (end === -1) return AGAIN;
    if (text[end - 1] !== '\r') return this.#invalid(u, text.slice(0, end));
    const line = text.slice(0, end - 1);
    u.headEnd = end + 1;
    if (line === 'END') {
      logError(u.r, 'info', `key: "${this.#key}" was not found by memcached`);
      u.keepalive = true;
      return this.#answer(u, 404, 0);
    }
    return line.startsWith('VALUE ') ? this.#parseValue(u, line) : this.#invalid(u, line);
  }

  /** VALUE key flags length */
  #parseValue(u: Exchange, line: string): Rc {
    const rest = line.slice(6);
    if (!rest.startsWith(this.#key)) return this.#invalid(u, line, 'key');
    const [, flags, length] = /^ ([^ ]*) (.*)$/s.exec(rest.slice(this.#key.length)) ?? [];
    if (flags === undefined || length === undefined) return this.#invalid(u, line);
    if (this.#gzipFlag !== 0) {
      if (!/^[0-9]+$/.test(flags)) return this.#invalid(u, line, 'flags');
      // Flags have 32 bits, of which JavaScript's operators would take one for the sign.
      const isSet = (BigInt(flags) & BigInt(this.#gzipFlag)) !== 0n;
      if (isSet) u.response.add(u, 'Content-Encoding', 'gzip');
    }
    if (!/^[0-9]{1,15}$/.test(length)) return this.#invalid(u, line, 'length');
    return this.#answer(u, 200, Number(length));
  }

  #answer({ response, state }: Exchange, status: number, length: number): Rc {
    response.status = status;
    response.contentLength = length;
    if (state !== null) state.status = status;
    return OK;
  }

  #invalid({ r }: Exchange, line: string, what?: string): Rc {
    const message =
      what === undefined
        ? `memcached sent invalid response: "${line}"`
        : `memcached sent invalid ${what} in response "${line}" for key "${this.#key}"`;
    logError(r, 'error', message);
    return INVALID_HEAD;
  }

  startBody(u: Exchange): void {
    u.left = u.response.contentLength + END.length;
  }

  body(u: Exchange, bytes: Buffer, from: number, to: number): Rc {
    const value = Math.min(to - from, u.left - this.#rest);
    u.give(bytes, from, from + value);
    u.left -= value;
    const behind = to - from - value;
    if (behind === 0) return OK;
    const wanted = END.slice(END.length - this.#rest, END.length - this.#rest + behind);
    if (bytes.toString('latin1', from + value, to) !== wanted) {
      logError(u.r, 'error', 'memcached sent invalid trailer');
      u.left = 0;
      return OK;
    }
    this.#rest -= behind;
    u.left -= behind;
    if (u.left === 0) u.keepalive = true;
    return OK;
  }
}
