import { expect, test } from 'vitest';
import { checkGrep, checkLog, checkResponse, checkSevere } from './check.ts';
import { parseResponse, type Response } from './client.ts';
import { diffText, visible } from './diff.ts';
import { parseSpec } from './parse.ts';
import { expanderFor } from './values.ts';

const LOGS = { wanted: 'error_log', unwanted: 'no_error_log' };
const ANSWER =
  'HTTP/1.1 200 OK\r\nServer: nginx\r\nX-A: 1\r\nX-A: 2\r\nContent-Length: 12\r\n\r\nhello\nworld\n';

function context(text: string) {
  const block = parseSpec('x.t', `=== a\n--- config: x;\n${text}`)[0];
  if (block === undefined) throw new Error('no block');
  const expand = expanderFor({ root: '/root', port: 8080, randPort: (n) => 9000 + n });
  return { file: 'x.t', block, expand };
}

function response(bytes: string): Response {
  const parsed = parseResponse(bytes, 0, false);
  if (parsed === undefined) throw new Error('no response');
  return parsed;
}

function failures(text: string, bytes = ANSWER): [line: number, message: string][] {
  const found = checkResponse(context(text), response(bytes), { index: 0, count: 1 });
  return found.map(({ line, message }) => [line, message.split('\n')[0] ?? '']);
}

test.each([
  '--- error_code: 200',
  '--- error_code_like: ^2',
  '--- response_body\nhello\nworld',
  '--- response_body eval: /^HELLO/i',
  '--- response_body eval: ["hello\\nworld\\n"]',
  '--- response_body_like: ^hello.world$',
  '--- response_body_like\n^hello\\s\\w+$\n',
  '--- response_body_unlike: xyz',
  '--- response_headers\nX-A: 1, 2\n! X-B\nserver: nginx\nX-None:',
  '--- response_headers_like\nX-A: \\d, \\d\nServer: ng.*',
  '--- raw_response_headers_like: ^HTTP/1\\.1 200 OK\\r\\nServer',
  '--- raw_response_headers_unlike: X-B',
])('%j is fulfilled', (text) => {
  expect(failures(text)).toEqual([]);
});

test.each<[string, [number, string][]]>([
  ['--- error_code: 404', [[3, 'error_code: expected 404, got 200']]],
  ['--- error_code_like: ^4', [[3, 'error_code_like: 200 does not match ^4']]],
  ['--- response_body\nhello\nWorld', [[5, 'response_body differs (- expected, + got)']]],
  ['--- response_body chomp\nhello\nworld', [[5, 'response_body differs (- expected, + got)']]],
  ['--- response_body eval: "hello"', [[3, 'response_body differs (- expected, + got)']]],
  ['--- response_body_like: ^world', [[3, 'response_body_like: "^world" does not match']]],
  ['--- response_body_unlike: world', [[3, 'response_body_unlike: "world" matches']]],
  [
    '--- response_headers\nX-A: 1\n! Server\nX-C: 1',
    [
      [4, 'response_headers: "X-A" should be "1", got "1, 2"'],
      [5, 'response_headers: "Server" should be absent, got "nginx"'],
      [6, 'response_headers: "X-C" should be "1", got none'],
    ],
  ],
  [
    '--- response_headers_like\nServer: g',
    [[4, 'response_headers_like: "Server" should match "g", got "nginx"']],
  ],
  ['--- raw_response_headers_like: X-B', [[3, 'raw_response_headers_like: "X-B"']]],
  ['--- raw_response_headers_unlike: X-A', [[3, 'raw_response_headers_unlike: "X-A"']]],
])('%j is not', (text, expected) => {
  expect(failures(text)).toEqual(expected);
});

test('the status is 200 unless a block says otherwise', () => {
  expect(failures('', 'HTTP/1.1 404 Not Found\r\n\r\n')).toEqual([[1, 'error_code: expected 200, got 404']]);
});

test('a body that is cut short is a failure, unless a body is expected', () => {
  const cut = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc';
  expect(failures('', cut)).toEqual([[1, 'malformed response: the body ends after 3 of 5 bytes']]);
  expect(failures('--- response_body chomp\nabc', cut)).toEqual([]);
  const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n';
  expect(failures('--- response_body chomp\nabc', chunked)).toEqual([
    [1, 'malformed response: the chunked body is not ended'],
  ]);
});

test('of several answers each has its element', () => {
  const ctx = context('--- error_code eval: [200, 404, null]\n--- response_body: x');
  const at = (index: number) => () => checkResponse(ctx, response(ANSWER), { index, count: 3 });
  expect(at(0)).toThrow('x.t:4: response_body must be an array: there are several answers');
  const codes = context('--- error_code eval: [200, 404, null]');
  const check = (index: number) => checkResponse(codes, response(ANSWER), { index, count: 3 });
  expect([0, 1, 2].map((index) => check(index).length)).toEqual([0, 1, 0]);
  expect(() => checkResponse(codes, response(ANSWER), { index: 0, count: 2 })).toThrow(
    'x.t:3: error_code has 3 elements for 2 answers',
  );
});

test('placeholders', () => {
  const text =
    '$TEST_NGINX_SERVER_PORT $TEST_NGINX_RAND_PORT_3 $TEST_NGINX_HTML_DIR $TEST_NGINX_SERVER_ROOT/x $uri';
  const { expand } = context('');
  expect(expand(text)).toBe('8080 9003 /root/html /root/x $uri');
  expect(expand([text, /:$TEST_NGINX_SERVER_PORT/i])).toEqual([
    '8080 9003 /root/html /root/x $uri',
    /:8080/i,
  ]);
});

test('lines of a log', () => {
  const log = '[error] one: abc\n[info] two\n';
  const check = (text: string) =>
    checkLog(context(text), log, LOGS).map(({ line, message }) => [line, message]);
  expect(check('--- error_log\none\ntwo')).toEqual([]);
  expect(check('--- error_log eval: [/o[mn]e: a/, "two"]')).toEqual([]);
  expect(check('--- no_error_log\nthree')).toEqual([]);
  expect(check('--- error_log\none\nthree')).toEqual([[5, 'error_log: no line with "three"']]);
  expect(check('--- error_log eval: "one\\ntwo"')).toEqual([]);
  expect(check('--- no_error_log\nthree\n[error]')).toEqual([
    [5, 'no_error_log: "[error]" is in\n[error] one: abc'],
  ]);
});

test('grave lines need to be spoken of', () => {
  const log = '[alert] x\n';
  expect(checkSevere(context(''), log)).toHaveLength(1);
  expect(checkSevere(context('--- error_log: [alert]'), log)).toEqual([]);
  expect(checkSevere(context('--- error_log eval: /\\[alert\\] x/'), log)).toEqual([]);
});

test('grep_error_log puts matches together', () => {
  const log = 'a=1 x\nb\na=2\n';
  const check = (text: string, run = 0) => checkGrep(context(text), log, run).length;
  expect(check('--- grep_error_log eval: /a=\\d/\n--- grep_error_log_out\na=1\na=2')).toBe(0);
  expect(check('--- grep_error_log: b\n--- grep_error_log_out\nb')).toBe(0);
  expect(check('--- grep_error_log: c\n--- grep_error_log_out')).toBe(0);
  expect(check('--- grep_error_log: b\n--- grep_error_log_out\nb\nb')).toBe(1);
  const perRun = '--- grep_error_log: b\n--- grep_error_log_out eval: ["b\\n", ""]';
  expect([check(perRun, 0), check(perRun, 1)]).toEqual([0, 1]);
});

test('a diff shows the lines that differ and what is invisible in them', () => {
  expect(diffText('a\nb\nc\n', 'a\nx\r\nc')).toBe('  a\n- b\n- c\n+ x\\r\n+ c⏹');
  expect(diffText('', 'a\n')).toBe('+ a');
  expect(visible('\t\x01\xff\n')).toBe('\\t\\x01\\xff');
  expect(visible('\xc3\xbc')).toBe('ü⏹');
});
