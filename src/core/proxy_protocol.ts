// PROXY protocol, versions 1 and 2: what a balancer says of a connection before the client's own bytes
// (https://www.haproxy.org/download/1.8/doc/proxy-protocol.txt). Read as nginx reads it: from what came in one piece.

import { bytesAddress } from './cidr.ts';
import { parseNumber } from './sizes.ts';

export interface ProxyProtocol {
  readonly sourceAddr: string;
  readonly sourcePort: number;
  readonly serverAddr: string;
  readonly serverPort: number;
  /** The type-length-value fields of version 2, as they came. */
  readonly tlvs: string;
}

interface ProxyHeader {
  /** Where the client's own bytes begin. */
  readonly end: number;
  /** null where the header says nothing of the connection. */
  readonly proxied: ProxyProtocol | null;
}

const SIGNATURE = '\r\n\r\n\0\r\nQUIT\n';
const FIXED = SIGNATURE.length + 4;
const V1 = /^PROXY TCP[46] ([\da-fA-F:.]*) ([\da-fA-F:.]*) (\d+) (\d+)\r\n/;
const V1_UNKNOWN = /^PROXY UNKNOWN[\s\S]*?\r\n/;

/** Reads the header from latin1 text; the fault as a text, which is empty where nginx does not tell it. */
export function readProxyHeader(text: string): ProxyHeader | string {
  if (text.length >= FIXED && text.startsWith(SIGNATURE)) return readBinary(text);
  const unknown = V1_UNKNOWN.exec(text);
  if (unknown !== null) return { end: unknown[0].length, proxied: null };
  const match = V1.exec(text);
  const sourcePort = portOf(match?.[3]);
  const serverPort = portOf(match?.[4]);
  if (match === null || sourcePort === -1 || serverPort === -1) {
    return `broken header: "${/^[^\r\n]*/.exec(text)?.[0]}"`;
  }
  const [header, sourceAddr = '', serverAddr = ''] = match;
  return { end: header.length, proxied: { sourceAddr, sourcePort, serverAddr, serverPort, tlvs: '' } };
}

function portOf(digits: string | undefined): number {
  const port = parseNumber(digits ?? '');
  return port > 65_535 ? -1 : port;
}

const PROXY = 1;
const STREAM = 1;
/** The length of an address, by family. */
const ADDRESS_LENGTHS = [0, 4, 16];

function readBinary(text: string): ProxyHeader | string {
  const command = text.charCodeAt(12);
  const kind = text.charCodeAt(13);
  if (command >> 4 !== 2) return `unknown PROXY protocol version: ${command >> 4}`;
  const end = FIXED + uint16(text, 14);
  if (text.length < end) return 'header is too large';
  const length = ADDRESS_LENGTHS[kind >> 4] ?? 0;
  if ((command & 15) !== PROXY || (kind & 15) !== STREAM || length === 0) return { end, proxied: null };
  const ports = FIXED + 2 * length;
  if (end < ports + 4) return '';
  const proxied = {
    sourceAddr: bytesAddress(text.slice(FIXED, FIXED + length)),
    serverAddr: bytesAddress(text.slice(FIXED + length, ports)),
    sourcePort: uint16(text, ports),
    serverPort: uint16(text, ports + 2),
    tlvs: text.slice(ports + 4, end),
  };
  return { end, proxied };
}

function uint16(text: string, at: number): number {
  return text.charCodeAt(at) * 256 + text.charCodeAt(at + 1);
}

const SSL = 0x20;
/** Of the field for TLS, before those in it: a byte on the client, four on its certificate. */
const SSL_FIXED = 5;
const TYPES: ReadonlyMap<string, number> = new Map([
  ['alpn', 0x01],
  ['authority', 0x02],
  ['unique_id', 0x05],
  ['ssl', SSL],
  ['netns', 0x30],
]);
const SSL_TYPES: ReadonlyMap<string, number> = new Map([
  ['version', 0x21],
  ['cn', 0x22],
  ['cipher', 0x23],
  ['sig_alg', 0x24],
  ['key_alg', 0x25],
]);

/** The field that $proxy_protocol_tlv_NAME stands for; undefined where it has not come. `fault` is told what is wrong. */
export function tlvOf(tlvs: string, name: string, fault: (message: string) => void): string | undefined {
  if (!name.startsWith('ssl_')) return named(tlvs, name, name, TYPES, fault);
  const ssl = lookup(tlvs, SSL, fault);
  if (ssl === undefined || ssl.length < SSL_FIXED) return undefined;
  const own = name.slice(4);
  if (own === 'verify') return String(uint16(ssl, 1) * 65_536 + uint16(ssl, 3));
  return named(ssl.slice(SSL_FIXED), own, name, SSL_TYPES, fault);
}

function named(
  tlvs: string,
  name: string,
  shown: string,
  types: ReadonlyMap<string, number>,
  fault: (message: string) => void,
): string | undefined {
  if (name.startsWith('0x')) {
    const digits = name.slice(2);
    if (/^[\da-f]+$/i.test(digits)) return lookup(tlvs, Number.parseInt(digits, 16), fault);
    fault(`invalid PROXY protocol TLV "${shown}"`);
    return undefined;
  }
  const type = types.get(name);
  if (type !== undefined) return lookup(tlvs, type, fault);
  fault(`unknown PROXY protocol TLV "${shown}"`);
  return undefined;
}

function lookup(tlvs: string, type: number, fault: (message: string) => void): string | undefined {
  let at = 0;
  while (at < tlvs.length) {
    const value = at + 3;
    const end = value + uint16(tlvs, at + 1);
    if (!(end <= tlvs.length)) {
      fault('broken PROXY protocol TLV');
      return undefined;
    }
    if (tlvs.charCodeAt(at) === type) return tlvs.slice(value, end);
    at = end;
  }
  return undefined;
}
