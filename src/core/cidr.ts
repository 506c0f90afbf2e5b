// IP addresses as the bytes they are (a string of 4 or 16 characters), and networks of them.

import { isIPv6 } from 'node:net';

export interface Cidr {
  /** 4 or 16 bytes, those beyond the prefix zero. */
  readonly bytes: string;
  /** Bits that count. */
  readonly prefix: number;
  /** The address had bits beyond the prefix: worth a warning. */
  readonly lowBits: boolean;
}

const DOTTED = /^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$/;

/** The bytes of an address; null for what is none. */
export function addressBytes(text: string): string | null {
  if (DOTTED.test(text)) return dottedBytes(text);
  return text.includes(':') && !text.includes('%') && isIPv6(text) ? inet6Bytes(text) : null;
}

/** Addresses of clients as nginx compares them: an IPv4 one in IPv6's clothes is an IPv4 one. */
export function clientBytes(text: string): string | null {
  const bytes = addressBytes(text);
  return bytes === null ? null : unmapped(bytes);
}

export function unmapped(bytes: string): string {
  return bytes.length === 16 && bytes.startsWith(MAPPED) ? bytes.slice(12) : bytes;
}

/** An address as nginx writes it (ngx_sock_ntop): the first of the longest runs of zeros is left out. */
export function bytesAddress(bytes: string): string {
  if (bytes.length === 4) return dottedText(bytes);
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(bytes.charCodeAt(i) * 256 + bytes.charCodeAt(i + 1));
  let from = -1;
  let zeros = 1;
  for (let i = 0; i < 8; i++) {
    let n = 0;
    while (groups[i + n] === 0) n++;
    if (n > zeros) {
      from = i;
      zeros = n;
    }
    i += n;
  }
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  if (from === -1) return hex(groups);
  if (from === 0 && holdsInet(bytes, zeros)) {
    return `::${zeros === 5 ? 'ffff:' : ''}${dottedText(bytes.slice(12))}`;
  }
  return `${hex(groups.slice(0, from))}::${hex(groups.slice(from + zeros))}`;
}

/** `::ffff:1.2.3.4`, and what nginx takes for an IPv4 address after `::`. */
function holdsInet(bytes: string, zeros: number): boolean {
  if (zeros === 5) return bytes.startsWith('\xff\xff', 10);
  return zeros === 6 || (zeros === 7 && bytes.charCodeAt(14) !== 0 && bytes.charCodeAt(15) !== 1);
}

function dottedText(bytes: string): string {
  const [a, b, c, d] = [0, 1, 2, 3].map((i) => bytes.charCodeAt(i));
  return `${a}.${b}.${c}.${d}`;
}

const MAPPED = '\0\0\0\0\0\0\0\0\0\0\xff\xff';

function dottedBytes(text: string): string | null {
  let bytes = '';
  for (const part of text.split('.')) {
    const value = Number(part);
    if (value > 255) return null;
    bytes += String.fromCharCode(value);
  }
  return bytes;
}

function inet6Bytes(text: string): string | null {
  const dotted = /[0-9]+\.[0-9.]+$/.exec(text)?.[0];
  const tail = dotted === undefined ? '' : dottedBytes(dotted);
  if (tail === null) return null;
  const groups = dotted === undefined ? text : text.slice(0, -dotted.length).replace(/([^:]):$/, '$1');
  const [before = '', after] = groups.split('::');
  const head = groupBytes(before);
  if (after === undefined) return head + tail;
  const end = groupBytes(after) + tail;
  return head + '\0'.repeat(16 - head.length - end.length) + end;
}

function groupBytes(text: string): string {
  let bytes = '';
  for (const group of text.split(':')) {
    if (group === '') continue;
    const value = Number.parseInt(group, 16);
    bytes += String.fromCharCode(value >> 8, value & 255);
  }
  return bytes;
}

/** `10.0.0.0/8`, `::1`; null for what is no network. */
export function parseCidr(text: string): Cidr | null {
  const slash = text.indexOf('/');
  const bytes = addressBytes(slash === -1 ? text : text.slice(0, slash));
  if (bytes === null) return null;
  const bits = bytes.length * 8;
  if (slash === -1) return { bytes, prefix: bits, lowBits: false };
  const digits = text.slice(slash + 1);
  const prefix = /^[0-9]+$/.test(digits) ? Number(digits) : -1;
  if (prefix < 0 || prefix > bits) return null;
  const masked = maskBytes(bytes, prefix);
  return { bytes: masked, prefix, lowBits: masked !== bytes };
}

function maskBytes(bytes: string, prefix: number): string {
  let out = '';
  for (let i = 0; i < bytes.length; i++) {
    const bits = Math.min(Math.max(prefix - i * 8, 0), 8);
    out += String.fromCharCode(bytes.charCodeAt(i) & ((0xff << (8 - bits)) & 0xff));
  }
  return out;
}

/** Whether the address lies in the network. */
export function inCidr(cidr: Cidr, bytes: string): boolean {
  if (bytes.length !== cidr.bytes.length) return false;
  const whole = cidr.prefix >> 3;
  for (let i = 0; i < whole; i++) if (bytes.charCodeAt(i) !== cidr.bytes.charCodeAt(i)) return false;
  const rest = cidr.prefix & 7;
  if (rest === 0) return true;
  return ((bytes.charCodeAt(whole) ^ cidr.bytes.charCodeAt(whole)) & (0xff << (8 - rest)) & 0xff) === 0;
}

/** What is said of networks: the smallest that holds an address decides. A binary trie in one array. */
export class NetworkMap<T> {
  /** For each node: the nodes of bit 0 and bit 1, and the index of its value plus one; 0 for none. */
  #nodes = new Int32Array(3 * 64);
  #used = 3;
  readonly #values: T[] = [];

  /** The value that the network had before. */
  set(bytes: string, prefix: number, value: T): T | undefined {
    const at = this.#reach(bytes, prefix, true);
    const old = this.#nodes[at + 2] as number;
    this.#values.push(value);
    this.#nodes[at + 2] = this.#values.length;
    return old === 0 ? undefined : this.#values[old - 1];
  }

  /** False where the network was not there. */
  delete(bytes: string, prefix: number): boolean {
    const at = this.#reach(bytes, prefix, false);
    if (at === -1 || this.#nodes[at + 2] === 0) return false;
    this.#nodes[at + 2] = 0;
    return true;
  }

  find(bytes: string): T | undefined {
    const nodes = this.#nodes;
    const bits = bytes.length * 8;
    let best = nodes[2] as number;
    for (let i = 0, at = 0; i < bits; i++) {
      at = nodes[at + ((bytes.charCodeAt(i >> 3) >> (7 - (i & 7))) & 1)] as number;
      if (at === 0) break;
      const value = nodes[at + 2] as number;
      if (value !== 0) best = value;
    }
    return best === 0 ? undefined : this.#values[best - 1];
  }

  #reach(bytes: string, prefix: number, create: boolean): number {
    let at = 0;
    for (let i = 0; i < prefix; i++) {
      const branch = at + ((bytes.charCodeAt(i >> 3) >> (7 - (i & 7))) & 1);
      let next = this.#nodes[branch] as number;
      if (next === 0) {
        if (!create) return -1;
        next = this.#add();
        this.#nodes[branch] = next;
      }
      at = next;
    }
    return at;
  }

  #add(): number {
    if (this.#used === this.#nodes.length) {
      const larger = new Int32Array(this.#nodes.length * 2);
      larger.set(this.#nodes);
      this.#nodes = larger;
    }
    const at = this.#used;
    this.#used += 3;
    return at;
  }
}
