import { expect, test } from 'vitest';
import { parseSpec, SpecError } from './parse.ts';
import { buildConversations, type Conversation } from './requests.ts';

function conversations(text: string): Conversation[] {
  const block = parseSpec('x.t', `=== a\n--- config: x;\n${text}`)[0];
  if (block === undefined) throw new Error('no block');
  return buildConversations('x.t', block, (value) => value);
}

function bytesOf(text: string): string[] {
  return conversations(text).map(({ writes }) => writes.map((write) => write.bytes).join('|'));
}

const HOST = 'Host: localhost\r\n';

test.each([
  ['--- request: GET /a', [`GET /a HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`]],
  ['--- request\n\n# a comment\n  GET /a\n', [`GET /a HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`]],
  ['--- request: GET', [`GET / HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`]],
  ['--- request: GET /a HTTP/1.0', [`GET /a HTTP/1.0\r\n${HOST}Connection: close\r\n\r\n`]],
  [
    '--- request\nPOST /a\nline\nline 2\n',
    [`POST /a HTTP/1.1\r\n${HOST}Connection: close\r\nContent-Length: 11\r\n\r\nline\nline 2`],
  ],
  [
    '--- more_headers\nHost: x\nConnection: y\nX: 1\n--- request: GET /',
    ['GET / HTTP/1.1\r\nHost: x\r\nConnection: y\r\nX: 1\r\n\r\n'],
  ],
  [
    '--- more_headers\nContent-Length: 9\n--- request\nPOST /\nab',
    [`POST / HTTP/1.1\r\n${HOST}Connection: close\r\nContent-Length: 9\r\n\r\nab`],
  ],
  [
    '--- more_headers\nTransfer-Encoding: chunked\n--- request eval\n"POST /\\n0\\r\\n\\r\\n"',
    [`POST / HTTP/1.1\r\n${HOST}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ],
  [
    '--- more_headers eval: ["X: 1", "X: 2"]\n--- request eval: ["GET /a", "GET /b"]',
    [
      `GET /a HTTP/1.1\r\n${HOST}Connection: close\r\nX: 1\r\n\r\n`,
      `GET /b HTTP/1.1\r\n${HOST}Connection: close\r\nX: 2\r\n\r\n`,
    ],
  ],
  [
    '--- request eval: [["POST /\\nab", "cd", { value: "ef", delay_before: 0.1 }]]',
    [`POST / HTTP/1.1\r\n${HOST}Connection: close\r\nContent-Length: 6\r\n\r\nab|cd|ef`],
  ],
  [
    '--- pipelined_requests eval: ["GET /a", "POST /b\\nx"]',
    [
      `GET /a HTTP/1.1\r\n${HOST}Connection: keep-alive\r\n\r\n` +
        `POST /b HTTP/1.1\r\n${HOST}Connection: close\r\nContent-Length: 1\r\n\r\nx`,
    ],
  ],
  ['--- raw_request eval: ["GET", " /\\n\\n"]', ['GET| /\n\n']],
])('%j', (text, expected) => {
  expect(bytesOf(text)).toEqual(expected);
});

test('delays are kept', () => {
  const [conversation] = conversations('--- raw_request eval: ["a", { value: "b", delay_before: 0.05 }]');
  expect(conversation?.writes).toEqual([
    { bytes: 'a', delayMs: 0 },
    { bytes: 'b', delayMs: 50 },
  ]);
});

test('the methods are known, so that the answer to a HEAD is read as one', () => {
  const raw = String.raw`--- raw_request eval: "HEAD /a HTTP/1.1\r\nHost: x\r\n\r\nPOST / HTTP/1.0\r\n\r\nGET is no line"`;
  expect(conversations(raw)[0]?.methods).toEqual(['HEAD', 'POST']);
  expect(conversations('--- pipelined_requests eval: ["HEAD /", "GET /"]')[0]?.methods).toEqual([
    'HEAD',
    'GET',
  ]);
});

test.each([
  ['', 'x.t:1: the block sends no request'],
  ['--- request: GET / HTTP/1.1 x', 'x.t:3: request: "GET / HTTP/1.1 x" is not METHOD [URI [VERSION]]'],
  ['--- request eval: [["GET /", "x"]]', 'x.t:3: request: the request line must end in the first packet'],
  ['--- pipelined_requests: GET /', 'x.t:3: pipelined_requests: needs an array'],
  [
    '--- request eval: ["GET /", "GET /"]\n--- more_headers eval: ["X: 1"]',
    'x.t:3: request: no more_headers for request 2',
  ],
])('%j: %s', (text, message) => {
  expect(() => conversations(text)).toThrow(new SpecError('x.t', 0, '').constructor as new () => Error);
  expect(() => conversations(text)).toThrow(message);
});
