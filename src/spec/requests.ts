// Turns the request sections of a block into the bytes to send: Test::Nginx's short form
// (`POST /x` and a body) gets Host, Connection and Content-Length; raw_request is sent as it is.

import type { Write } from './client.ts';
import { type Block, evaluate, isPacket, type Packet, SpecError, type Value } from './parse.ts';
import type { Expand } from './values.ts';

/** One connection: what is written to it, and the answers expected from it. */
export interface Conversation {
  readonly writes: readonly Write[];
  /** The method of each request that is answered, as far as it can be told. */
  readonly methods: readonly string[];
}

export function buildConversations(file: string, block: Block, expand: Expand): Conversation[] {
  const raw = block.sections.get('raw_request');
  const pipelined = block.sections.get('pipelined_requests');
  const plain = block.sections.get('request');
  const section = raw ?? pipelined ?? plain;
  if (section === undefined) throw new SpecError(file, block.line, 'the block sends no request');
  const fail = (message: string): never => {
    throw new SpecError(file, section.line, `${section.name}: ${message}`);
  };

  const value = expand(evaluate(file, section));
  const headers = block.sections.get('more_headers');
  const moreHeaders: Value = headers === undefined ? '' : expand(evaluate(file, headers));
  const headersFor = (index: number): string => {
    const own = Array.isArray(moreHeaders) ? moreHeaders[index] : moreHeaders;
    if (typeof own !== 'string') return fail(`no more_headers for request ${index + 1}`);
    return own;
  };

  if (raw !== undefined) {
    const packets = (Array.isArray(value) ? value : [value]).map((item) => toPacket(item, fail));
    return [{ writes: packets.map(toWrite), methods: methodsOf(packets.map((p) => p.value).join('')) }];
  }
  if (pipelined !== undefined) {
    if (!Array.isArray(value)) return fail('needs an array');
    const built = value.map((item, index) => {
      const last = index === value.length - 1;
      return buildRequest([toPacket(item, fail)], headersFor(index), last ? 'close' : 'keep-alive', fail);
    });
    const bytes = built.map((request) => request.packets.map((p) => p.value).join('')).join('');
    return [{ writes: [{ bytes, delayMs: 0 }], methods: built.map((request) => request.method) }];
  }
  const requests = Array.isArray(value) ? value : [stripComments(String(value), section.filters)];
  return requests.map((item, index) => {
    const packets = (Array.isArray(item) ? item : [item]).map((part: Value) => toPacket(part, fail));
    const built = buildRequest(packets, headersFor(index), 'close', fail);
    return { writes: built.packets.map(toWrite), methods: [built.method] };
  });
}

/** Comment and empty lines may stand before a request; the newline that ends the section is not sent. */
function stripComments(text: string, filters: readonly string[]): string {
  const request = text.replace(/^(?:\s*#[^\n]*\n|\s+)+/, '');
  return filters.includes('eval') ? request : request.replace(/\n$/, '');
}

function toPacket(value: Value, fail: (message: string) => never): Packet {
  if (typeof value === 'string') return { value };
  if (isPacket(value)) return value;
  return fail('a request is text, or an array of text and { value, delay_before }');
}

function toWrite(packet: Packet): Write {
  return { bytes: packet.value, delayMs: (packet.delay_before ?? 0) * 1000 };
}

function buildRequest(
  packets: readonly Packet[],
  moreHeaders: string,
  connection: string,
  fail: (message: string) => never,
): { method: string; packets: Packet[] } {
  const first = packets[0]?.value ?? '';
  const lineEnd = first.indexOf('\n');
  const requestLine = lineEnd === -1 ? first : first.slice(0, lineEnd);
  const rest = lineEnd === -1 ? '' : first.slice(lineEnd + 1);
  const words = requestLine.trim().split(/ +/);
  const method = words[0] ?? '';
  if (method === '' || words.length > 3) return fail(`"${requestLine}" is not METHOD [URI [VERSION]]`);
  if (lineEnd === -1 && packets.length > 1) return fail('the request line must end in the first packet');

  const bodyLength = rest.length + packets.slice(1).reduce((sum, packet) => sum + packet.value.length, 0);
  let head = `${method} ${words[1] ?? '/'} ${words[2] ?? 'HTTP/1.1'}\r\n`;
  if (!/^host:/im.test(moreHeaders)) head += 'Host: localhost\r\n';
  if (!/^connection/im.test(moreHeaders)) head += `Connection: ${connection}\r\n`;
  for (const line of moreHeaders.split(/\r?\n/)) {
    if (line !== '') head += `${line}\r\n`;
  }
  const framed =
    /^content-length:/im.test(moreHeaders) || /^transfer-encoding:[^\n]*chunked/im.test(moreHeaders);
  if (bodyLength > 0 && !framed) head += `Content-Length: ${bodyLength}\r\n`;
  return { method, packets: [{ ...packets[0], value: `${head}\r\n${rest}` }, ...packets.slice(1)] };
}

/** Good enough to know where a HEAD is: a raw request may be anything. */
function methodsOf(raw: string): string[] {
  const methods = [...raw.matchAll(/^([A-Z]+) [^\r\n]* HTTP\/1\.[01]\r?$/gm)].map((match) => match[1] ?? '');
  return methods.length === 0 ? ['GET'] : methods;
}
