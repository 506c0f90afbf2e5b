import { describe, expect, test } from 'vitest';
import { AGAIN, OK } from '../rc.ts';
import {
  HEADER_DONE,
  header,
  host,
  INVALID_09_METHOD,
  INVALID_HEADER,
  INVALID_METHOD,
  INVALID_REQUEST,
  INVALID_VERSION,
  line,
  parseAnyHeaderLine,
  parseComplexUri,
  parseHeaderLine,
  parseRequestLine,
  uri,
  validateHost,
} from './parse.ts';

// method | schema | host | uri as it came | where its arguments start in it | version | complex, quoted, empty path
type Line = readonly [text: string, parts: string];

const LINES: readonly Line[] = [
  ['GET / HTTP/1.1\r\n', 'GET||| / |-|1001|'],
  ['GET / HTTP/1.1\n', 'GET||| / |-|1001|'],
  ['\r\n\n\rGET / HTTP/1.0\r\n', 'GET||| / |-|1000|'],
  ['GET   /a   HTTP/1.1   \r\n', 'GET||| /a |-|1001|'],
  ['A_B-C / HTTP/1.1\r\n', 'A_B-C||| / |-|1001|'],
  ['GET /\r\n', 'GET||| / |-|9|'],
  ['GET /a \n', 'GET||| /a |-|9|'],
  ['GET /a?b=c&d HTTP/1.1\r\n', 'GET||| /a?b=c&d |3|1001|'],
  ['GET /?? HTTP/1.1\r\n', 'GET||| /?? |2|1001|'],
  ['GET // HTTP/1.1\r\n', 'GET||| // |-|1001|c'],
  ['GET /a//b?c HTTP/1.1\r\n', 'GET||| /a//b?c |-|1001|c'],
  ['GET /./ HTTP/1.1\r\n', 'GET||| /./ |-|1001|c'],
  ['GET /.a HTTP/1.1\r\n', 'GET||| /.a |-|1001|c'],
  ['GET /a.b/c..d HTTP/1.1\r\n', 'GET||| /a.b/c..d |-|1001|'],
  ['GET /a/..?b HTTP/1.1\r\n', 'GET||| /a/..?b |-|1001|c'],
  ['GET /a#b HTTP/1.1\r\n', 'GET||| /a#b |-|1001|c'],
  ['GET /a?b#c HTTP/1.1\r\n', 'GET||| /a?b#c |3|1001|c'],
  ['GET /%41?a HTTP/1.1\r\n', 'GET||| /%41?a |-|1001|q'],
  ['GET /+./ HTTP/1.1\r\n', 'GET||| /+./ |-|1001|c'],
  ['GET /a+./ HTTP/1.1\r\n', 'GET||| /a+./ |-|1001|'],
  ['GET /\x80\xff" HTTP/1.1\r\n', 'GET||| /\x80\xff" |-|1001|'],
  ['GET http://h/a HTTP/1.1\r\n', 'GET|http|h| /a |-|1001|'],
  ['GET http://H-1.x:8/?a HTTP/1.1\r\n', 'GET|http|H-1.x:8| /?a |2|1001|'],
  ['GET http://h HTTP/1.1\r\n', 'GET|http|h| / |-|1001|'],
  ['GET http://h:81 HTTP/1.1\r\n', 'GET|http|h:81| / |-|1001|'],
  ['GET http://h?a HTTP/1.1\r\n', 'GET|http|h| ?a |1|1001|e'],
  ['GET http://h:1?a#b HTTP/1.1\r\n', 'GET|http|h:1| ?a#b |1|1001|ce'],
  ['GET http://h:/a HTTP/1.1\r\n', 'GET|http|h:| /a |-|1001|'],
  ['GET http:///a HTTP/1.1\r\n', 'GET|http|| /a |-|1001|'],
  ['GET a+1-b.c://[::1]:8/ HTTP/1.1\r\n', 'GET|a+1-b.c|[::1]:8| / |-|1001|'],
  ['CONNECT h:80 HTTP/1.1\r\n', 'CONNECT||h:80| / |-|1001|'],
  ['CONNECT  [::1]:80  HTTP/1.1\r\n', 'CONNECT||[::1]:80| / |-|1001|'],
  ['GET / HTTP/1.9\r\n', 'GET||| / |-|1009|'],
  ['GET / HTTP/1.00\r\n', 'GET||| / |-|1000|'],
  ['GET / HTTP/1.999\r\n', 'GET||| / |-|1999|'],
];

function described(s: string): string {
  const uriText = s.slice(line.uriStart, line.uriEnd);
  const flags = (line.complex ? 'c' : '') + (line.quoted ? 'q' : '') + (line.emptyPath ? 'e' : '');
  const schema = line.schemaEnd === -1 ? '' : s.slice(line.schemaStart, line.schemaEnd);
  const hostText = line.hostEnd === -1 ? '' : s.slice(line.hostStart, line.hostEnd);
  const args = line.argsStart === -1 ? '-' : String(line.argsStart - line.uriStart);
  const method = s.slice(line.start, line.methodEnd);
  return `${method}|${schema}|${hostText}| ${uriText} |${args}|${line.version}|${flags}`;
}

const BAD_LINES: readonly (readonly [text: string, rc: number])[] = [
  ['get / HTTP/1.1\r\n', INVALID_METHOD],
  [' GET / HTTP/1.1\r\n', INVALID_METHOD],
  ['G1 / HTTP/1.1\r\n', INVALID_METHOD],
  ['GET\t/ HTTP/1.1\r\n', INVALID_METHOD],
  ['GET\r\n', INVALID_METHOD],
  ['\x16\x03\x01', INVALID_METHOD],
  ['GET\0', INVALID_METHOD],
  ['GET *', INVALID_REQUEST],
  ['GET \r', INVALID_REQUEST],
  ['GET /a\x01', INVALID_REQUEST],
  ['GET /\0', INVALID_REQUEST],
  ['GET /a\tb', INVALID_REQUEST],
  ['GET /a\x7f', INVALID_REQUEST],
  ['GET /%\x7f', INVALID_REQUEST],
  ['GET /a\rb', INVALID_REQUEST],
  ['GET /a b', INVALID_REQUEST],
  ['GET /a HTTX', INVALID_REQUEST],
  ['GET /a H ', INVALID_REQUEST],
  ['GET /a HTTP ', INVALID_REQUEST],
  ['GET /a http', INVALID_REQUEST],
  ['GET / HTTP/0', INVALID_REQUEST],
  ['GET / HTTP/.', INVALID_REQUEST],
  ['GET / HTTP/1\r', INVALID_REQUEST],
  ['GET / HTTP/1.\r', INVALID_REQUEST],
  ['GET / HTTP/1.1x', INVALID_REQUEST],
  ['GET / HTTP/1.1 x', INVALID_REQUEST],
  ['GET / HTTP/1.1\rx', INVALID_REQUEST],
  ['GET / HTTP/1.1\r\r', INVALID_REQUEST],
  ['GET / HTTP/1.1000', INVALID_REQUEST],
  ['GET / HTTP/2', INVALID_VERSION],
  ['GET / HTTP/10', INVALID_VERSION],
  ['POST /\r\n', INVALID_09_METHOD],
  ['CONNECT h:1\r\n', INVALID_REQUEST],
  ['CONNECT h:1 \r\n', INVALID_09_METHOD],
  ['CONNECT h/', INVALID_REQUEST],
  ['CONNECT h ', INVALID_REQUEST],
  ['CONNECT h:/', INVALID_REQUEST],
  ['CONNECT h:1/', INVALID_REQUEST],
  ['GET http:/a', INVALID_REQUEST],
  ['GET http/', INVALID_REQUEST],
  ['GET http://a_', INVALID_REQUEST],
  ['GET http://a@', INVALID_REQUEST],
  ['GET http://h:8a', INVALID_REQUEST],
  ['GET http://[::1/', INVALID_REQUEST],
  ['GET http://[::1]x', INVALID_REQUEST],
  ['GET http://h#', INVALID_REQUEST],
];

describe('request line', () => {
  test.each(LINES)('%j', (text, parts) => {
    expect(parseRequestLine(text, 0)).toBe(OK);
    expect(described(text)).toBe(parts);
    expect(line.next).toBe(text.length);
    // What stands around it does not matter, and no part of it is enough.
    expect(parseRequestLine(`POST ${text}X`, 5)).toBe(OK);
    expect(described(`POST ${text}X`)).toBe(parts);
    for (let i = 0; i < text.length; i++) expect(parseRequestLine(text.slice(0, i), 0)).toBe(AGAIN);
  });

  test.each(BAD_LINES)('%j is refused', (text, rc) => {
    expect(parseRequestLine(text, 0)).toBe(rc);
    expect(parseRequestLine(`${text}more\r\n`, 0)).toBe(rc);
    // It is refused at its last byte, not before.
    for (let i = 0; i < text.length; i++) {
      expect([AGAIN, rc]).toContain(parseRequestLine(text.slice(0, i), 0));
    }
  });
});

type Header = readonly [text: string, name: string, value: string, invalid?: boolean];
const HEADERS: readonly Header[] = [
  ['Host: a\r\n', 'Host', 'a'],
  ['Host:a\n', 'Host', 'a'],
  ['X-1:   a  b  \r\n', 'X-1', 'a  b'],
  ['X:\r\n', 'X', ''],
  ['X:   \r\n', 'X', ''],
  ['X\r\n', 'X', ''],
  ['X\n', 'X', ''],
  ['X: a\r\r\r\n', 'X', 'a'],
  ['X: a \r\r\n', 'X', 'a'],
  ['X:\ta\t\r\n', 'X', '\ta\t'],
  ['X: a\x01\x7f\xff:\r\n', 'X', 'a\x01\x7f\xff:'],
  ['X_Y: a\r\n', 'X_Y', 'a', true],
  ['_: a\r\n', '_', 'a', true],
  ['X(: a\r\n', 'X(', 'a', true],
  ['X\xff: a\r\n', 'X\xff', 'a', true],
  ['X/Y\r\n', 'X/Y', '', true],
];

const BAD_HEADERS: readonly (readonly [text: string, errorAt: number])[] = [
  [': a\r\n', 0],
  [' X: a\r\n', 0],
  ['\tX: a\r\n', 0],
  ['\0', 0],
  ['\x7f', 0],
  ['\rX', 0],
  ['\r\r', 0],
  ['X : a\r\n', 1],
  ['X\x01: a\r\n', 1],
  ['X\x7f', 1],
  ['X\0', 1],
  ['X: \0', 3],
  ['X: a\0', 4],
  ['X: a \0', 5],
  ['X: a\rb', 4],
  ['X: a \rb', 4],
  ['X:\rb', 2],
  ['Xy\rb', 2],
];

// The line, found by searching, and the byte-by-byte machine must agree.
const parsers = [
  ['fast', (s: string, from: number) => parseHeaderLine(s, from, false, !s.includes('\0'))],
  ['exact', (s: string, from: number) => parseAnyHeaderLine(s, from, false)],
] as const;

describe.each(parsers)('header line (%s)', (_name, parse) => {
  test.each(HEADERS.map((row) => ({ row })))('$row', ({ row }) => {
    const [text, name, value, invalid = false] = row;
    for (const s of [text, `${text}\r\n`, `${text}Next: 1\r\n\r\n`, `${text}\rbad`]) {
      expect(parse(s, 0)).toBe(OK);
      expect(s.slice(0, header.nameEnd)).toBe(name);
      expect(s.slice(header.valueStart, header.valueEnd)).toBe(value);
      expect(header.invalid).toBe(invalid);
      expect(header.next).toBe(text.length);
    }
    expect(parse(`A: b\r\n${text}`, 6)).toBe(OK);
    for (let i = 0; i < text.length; i++) expect(parse(text.slice(0, i), 0)).toBe(AGAIN);
  });

  test.each(BAD_HEADERS)('%j is refused', (text, errorAt) => {
    expect(parse(text, 0)).toBe(INVALID_HEADER);
    expect(header.errorAt).toBe(errorAt);
  });

  test('the end of the head', () => {
    expect(parse('\r\nrest', 0)).toBe(HEADER_DONE);
    expect(header.next).toBe(2);
    expect(parse('\nrest', 0)).toBe(HEADER_DONE);
    expect(header.next).toBe(1);
    expect(parse('\r', 0)).toBe(AGAIN);
    expect(parse('', 0)).toBe(AGAIN);
  });
});

test('underscores in header names may be allowed', () => {
  expect(parseHeaderLine('_X_Y: a\r\n', 0, true, true)).toBe(OK);
  expect(header.invalid).toBe(false);
  expect(header.nameEnd).toBe(4);
});

describe('complex uri', () => {
  test.each([
    ['/', '/', null],
    ['//', '/', null],
    ['//a///b//', '/a/b/', null],
    ['/a/./b', '/a/b', null],
    ['/a/.', '/a/', null],
    ['/a/../b', '/b', null],
    ['/a/b/..', '/a/', null],
    ['/a/b/../..', '/', null],
    ['/a/b/..?c', '/a/', 'c'],
    ['/a/b/..#c', '/a/', null],
    ['/a/.?b', '/a/', 'b'],
    ['/a/.#b', '/a/', null],
    ['/a/.../b', '/a/.../b', null],
    ['/.a/..b/c.', '/.a/..b/c.', null],
    ['/a?/../b', '/a', '/../b'],
    ['/a?b#c', '/a', 'b'],
    ['/a?b?c', '/a', 'b?c'],
    ['/a?', '/a', ''],
    ['/a#b?c', '/a', null],
    ['/%41%2fb', '/A/b', null],
    ['/a%2F%2f/b', '/a/b', null],
    ['/a/%2e%2E/b', '/b', null],
    ['/a/%2e/b', '/a/b', null],
    ['/a/.%2e/b', '/b', null],
    ['/a/%2e.', '/', null],
    ['/a%3fb?c', '/a?b', 'c'],
    ['/a%23b', '/a#b', null],
    ['/a%25%32%35', '/a%25', null],
    ['/%2525', '/%25', null],
    ['/%20%0a%ff', '/ \n\xff', null],
    ['/a%2b+', '/a++', null],
    ['/a?%zz', '/a', '%zz'],
  ])('%j', (text, path, args) => {
    expect(parseComplexUri(`x${text} HTTP/1.1`, 1, 1 + text.length, '', true)).toBe(OK);
    expect(uri.path).toBe(path);
    expect(uri.argsStart === -1 ? null : `x${text}`.slice(uri.argsStart, uri.argsEnd)).toBe(args);
  });

  test.each([
    '/..',
    '/../a',
    '/a/../..',
    '/a/../../b',
    '/%2e%2e',
    '/%',
    '/%4',
    '/%zz',
    '/%4g',
    '/a%00',
    '/%?',
    '/..?a',
    '/..#',
  ])('%j is refused', (text) => {
    expect(parseComplexUri(text, 0, text.length, '', true)).toBe(INVALID_REQUEST);
  });

  test('slashes may be kept', () => {
    expect(parseComplexUri('//a///b/../c%2f/', 0, 16, '', false)).toBe(OK);
    expect(uri.path).toBe('//a///c//');
  });

  test('an empty path is "/"', () => {
    expect(parseComplexUri('?a', 0, 2, '/', true)).toBe(OK);
    expect(uri.path).toBe('/');
    expect(uri.argsStart).toBe(1);
  });

  test('a long one', () => {
    const text = `/${'a%20'.repeat(3000)}`;
    expect(parseComplexUri(text, 0, text.length, '', true)).toBe(OK);
    expect(uri.path).toBe(`/${'a '.repeat(3000)}`);
  });
});

describe('host', () => {
  test.each([
    ['a', 'a', ''],
    ['A.Example.COM', 'a.example.com', ''],
    ['a.', 'a', ''],
    ['a.:80', 'a', '80'],
    ['a:', 'a', ''],
    ['a:0080', 'a', '80'],
    ['a:65535', 'a', '65535'],
    ['a:0', 'a', ''],
    ["a!$&'()*+,;=~_%b", "a!$&'()*+,;=~_%b", ''],
    ['[::1]', '[::1]', ''],
    ['[FE80::1]:81', '[fe80::1]', '81'],
    ['.a', '.a', ''],
  ])('%j', (text, name, port) => {
    expect(validateHost(text)).toBe(true);
    expect(host.name).toBe(name);
    expect(host.port).toBe(port);
  });

  test.each([
    '',
    '.',
    ':80',
    '..',
    'a..b',
    'a:65536',
    'a:99999999999999999999',
    'a:8a',
    'a:8:8',
    'a/b',
    'a b',
    'u@a',
    'a\\b',
    '\xe9',
    '\ta',
    'a\0',
    '[::1',
    '[::1]x',
    '[::1%25]',
    '[::1..2]',
    'a[',
    ']',
  ])('%j is refused', (text) => {
    expect(validateHost(text)).toBe(false);
  });
});
