// DNS messages, as far as looking up addresses and services needs them: questions for A, AAAA and SRV, and what is
// answered.

export const A = 1;
export const CNAME = 5;
export const AAAA = 28;
export const SRV = 33;

const HEADER = 12;
const IN = 1;
const TRUNCATED = 0x0200;
const RESPONSE = 0x8000;
/** As the suite of nginx has it: two more than the wire's 255 bytes leave room for. */
const MAX_NAME = 255;
const MAX_LABEL = 63;
const MAX_JUMPS = 128;

/** null: `name` cannot be asked for. */
export function question(id: number, name: string, type: number): Buffer | null {
  const labels = name.replace(/\.$/, '').split('.');
  if (name.length > MAX_NAME || labels.some((label) => label === '' || label.length > MAX_LABEL)) return null;
  const message = Buffer.alloc(HEADER + labels.join('.').length + 2 + 4);
  message.writeUInt16BE(id, 0);
  message.writeUInt16BE(0x0100, 2); // recursion desired
  message.writeUInt16BE(1, 4);
  let at = HEADER;
  for (const label of labels) {
    message[at++] = label.length;
    at += message.write(label, at, 'latin1');
  }
  message.writeUInt16BE(type, at + 1);
  message.writeUInt16BE(IN, at + 3);
  return message;
}

/** Where a service is to be had. */
export interface ServiceRecord {
  readonly priority: number;
  /** At least 1. */
  readonly weight: number;
  readonly port: number;
  readonly name: string;
}

export interface Answer {
  readonly id: number;
  readonly type: number;
  /** In lower case. */
  readonly name: string;
  /** RCODE: 0 for none. */
  readonly code: number;
  readonly truncated: boolean;
  readonly addresses: readonly string[];
  readonly services: readonly ServiceRecord[];
  /** How many records there are. */
  readonly records: number;
  /** What the name stands for, by the last record that says; empty where none does. */
  readonly cname: string;
  /** The least of all records. */
  readonly ttl: number;
}

/** null: not an answer to a question of ours. */
export function parseAnswer(message: Buffer): Answer | null {
  try {
    return parse(message);
  } catch (e) {
    if (e instanceof RangeError) return null; // it ends too early
    throw e;
  }
}

function parse(message: Buffer): Answer | null {
  const flags = message.readUInt16BE(2);
  if ((flags & RESPONSE) === 0 || message.readUInt16BE(4) !== 1) return null;
  const asked = readName(message, HEADER);
  const type = message.readUInt16BE(asked.next);
  if (type !== A && type !== AAAA && type !== SRV) return null;
  const addresses: string[] = [];
  const services: ServiceRecord[] = [];
  let cname = '';
  let ttl = Number.POSITIVE_INFINITY;
  let at = asked.next + 4;
  const records = message.readUInt16BE(6);
  for (let left = records; left > 0; left--) {
    at = readName(message, at).next;
    const kind = message.readUInt16BE(at);
    const size = message.readUInt16BE(at + 8);
    const data = at + 10;
    if (data + size > message.length || message.readUInt16BE(at + 2) !== IN) return null;
    if (type !== SRV && kind !== type && (kind === A || kind === AAAA)) return null;
    ttl = Math.min(ttl, message.readUInt32BE(at + 4));
    if (kind === CNAME) cname = readName(message, data).name;
    else if (kind === type && kind === SRV) services.push(serviceRecord(message, data));
    else if (kind === type) addresses.push(kind === A ? inet(message, data) : inet6(message, data));
    at = data + size;
  }
  return {
    id: message.readUInt16BE(0),
    type,
    name: asked.name,
    code: flags & 15,
    truncated: (flags & TRUNCATED) !== 0,
    addresses,
    services,
    records,
    cname,
    ttl: ttl === Number.POSITIVE_INFINITY ? 0 : ttl,
  };
}

function readName(message: Buffer, from: number): { readonly name: string; readonly next: number } {
  const labels: string[] = [];
  let at = from;
  let next = -1;
  for (let jumps = 0; jumps < MAX_JUMPS; jumps++) {
    const size = message.readUInt8(at);
    if (size === 0) return { name: labels.join('.').toLowerCase(), next: next === -1 ? at + 1 : next };
    if ((size & 0xc0) === 0xc0) {
      if (next === -1) next = at + 2;
      at = message.readUInt16BE(at) & 0x3fff;
      continue;
    }
    if (at + 1 + size > message.length) throw new RangeError('the name is cut off');
    labels.push(message.toString('latin1', at + 1, at + 1 + size));
    at += 1 + size;
  }
  throw new RangeError('the name refers to itself');
}

function serviceRecord(message: Buffer, at: number): ServiceRecord {
  return {
    priority: message.readUInt16BE(at),
    weight: message.readUInt16BE(at + 2) || 1,
    port: message.readUInt16BE(at + 4),
    name: readName(message, at + 6).name,
  };
}

function inet(message: Buffer, at: number): string {
  message.readUInt32BE(at);
  return [...message.subarray(at, at + 4)].join('.');
}

function inet6(message: Buffer, at: number): string {
  const groups: string[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(message.readUInt16BE(at + i).toString(16));
  return groups.join(':');
}
