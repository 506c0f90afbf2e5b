import { expect, test } from 'vitest';
import { type Block, evaluate, parseSpec, parseTime, SpecError, type Value } from './parse.ts';

function section(block: Block | undefined, name: string): Value {
  const found = block?.sections.get(name);
  if (found === undefined) throw new Error(`no section ${name}`);
  return evaluate('x.t', found);
}

/** A block with a configuration and the given lines, which begin on line 3. */
function blockOf(...lines: string[]): Block | undefined {
  return parseSpec('x.t', ['=== a', '--- config: return 200;', ...lines].join('\n'))[0];
}

function errorOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof SpecError) return error.message;
    throw error;
  }
  return 'no error';
}

test('a file is comments, blocks and their sections, each with its line', () => {
  const text = [
    '# a comment',
    '',
    '=== TEST 7: first',
    'a description',
    '--- config',
    'location / { }',
    '',
    '--- request: GET /',
    '=== second',
    '--- config',
    '',
    'x;',
    '--- request',
    'GET /',
  ].join('\n');
  const blocks = parseSpec('x.t', text);
  expect(blocks.map((block) => [block.title, block.line])).toEqual([
    ['first', 3],
    ['second', 9],
  ]);
  expect(blocks[0]?.sections.get('config')).toEqual({
    name: 'config',
    line: 5,
    textLine: 6,
    filters: [],
    text: 'location / { }\n',
  });
  expect(blocks[0]?.sections.get('request')).toMatchObject({ line: 8, textLine: 8, text: 'GET /' });
  expect(blocks[1]?.sections.get('config')).toMatchObject({ line: 10, textLine: 12, text: 'x;\n' });
});

test.each([
  ['--- response_body', 'a\n', 'a\n'],
  ['--- response_body', '\n\na\n b\n\n\n', 'a\n b\n'],
  ['--- response_body', '', ''],
  ['--- response_body chomp', 'a\n', 'a'],
  ['--- response_body chop', 'ab', 'ab'],
  ['--- response_body chomp chop', 'ab\n', 'a'],
  ['--- response_body eval', '"a\\n" +\n"\\xff"', 'a\n\xff'],
  ['--- response_body eval: ["a", 1]', '', ['a', 1]],
  ['--- response_body eval chomp', '"a\\n"', 'a'],
  ['--- response_body:', '', ''],
  ['--- response_body: a: b ', '', 'a: b'],
  ['--- response_body', '\\--- config\n\\=== x\n\\\\a', '--- config\n=== x\n\\a\n'],
  [
    '--- response_body eval',
    '[null, ["a", { value: "b", delay_before: 1 }]]',
    [null, ['a', { value: 'b', delay_before: 1 }]],
  ],
])('%s with %j is %j', (head, body, expected) => {
  expect(section(blockOf(head, body), 'response_body')).toEqual(expected);
});

test('an eval section may give a RegExp or a function', () => {
  expect(section(blockOf('--- error_log eval', '/a\\/b/i'), 'error_log')).toEqual(/a\/b/i);
  const reply = section(blockOf('--- tcp_reply eval', '(query) => query + "!"'), 'tcp_reply');
  expect(typeof reply === 'function' && reply('x')).toBe('x!');
});

test('what Test::Nginx keeps before __DATA__ is not looked at', () => {
  const blocks = parseSpec(
    'x.t',
    'use Test::Nginx::Socket;\nrun_tests();\n__DATA__\n=== a\n--- config: x;\n',
  );
  expect(blocks.map((block) => [block.title, block.line])).toEqual([['a', 4]]);
});

test('a block with "each" is one for each of its words', () => {
  const blocks = parseSpec(
    'x.t',
    '=== a\n--- each: one two\n--- config: set $EACH_x;\n--- request eval\n"$EACH"',
  );
  expect(blocks.map(({ title, line }) => [title, line])).toEqual([
    ['a: one', 1],
    ['a: two', 1],
  ]);
  expect(blocks.map((block) => section(block, 'config'))).toEqual(['set one_x;', 'set two_x;']);
  expect(blocks.map((block) => section(block, 'request'))).toEqual(['one', 'two']);
});

test('a block without a configuration takes over the last one, with its files', () => {
  const text =
    '=== a\n--- http_config: h;\n--- user_files\n>>> f\n=== b\n--- request: GET /\n=== c\n--- config: c;\n';
  const [, b, c] = parseSpec('x.t', text);
  expect([...(b?.sections.keys() ?? [])]).toEqual(['request', 'http_config', 'user_files']);
  expect(b?.sections.get('http_config')?.line).toBe(2);
  expect([...(c?.sections.keys() ?? [])]).toEqual(['config']);
});

test.each([
  ['', 'x.t:1: no block'],
  ['text\n=== a', 'x.t:1: text before the first block: comments begin with "#"'],
  ['--- config: x;', 'x.t:1: a section outside of a block'],
  ['===', 'x.t:1: a block needs a title'],
  ['=== a\n--- request: GET /', 'x.t:1: the first block needs a configuration'],
  ['=== a\n--- config: x;\n--- responce_body: x', 'x.t:3: unknown section "responce_body"'],
  ['=== a\n--- config: x;\n---config', 'x.t:3: unknown section "---config"'],
  ['=== a\n--- config: x;\n--- config: y;', 'x.t:3: section "config" is duplicate'],
  ['=== a\n--- config upper: x;', 'x.t:2: unknown filter "upper"'],
])('%j: %s', (text, message) => {
  expect(errorOf(() => parseSpec('x.t', text))).toBe(message);
});

test.each([
  [['--- request eval', '["a",', 'nothing]'], 'x.t:5: request eval: ReferenceError: nothing is not defined'],
  [['--- request eval', '"a" "b"'], 'x.t:4: request eval: SyntaxError: Unexpected string'],
  [['--- request eval', '({})'], 'x.t:3: request: eval gave [object Object], not text, an array or a RegExp'],
  [['--- request eval', '"\\u0100"'], 'x.t:3: request: a char above \\xff is no byte'],
  [['--- request eval chomp', '["a"]'], 'x.t:3: chomp needs text, put it before eval'],
])('%j: %s', (lines, message) => {
  expect(errorOf(() => section(blockOf(...lines), 'request'))).toBe(message);
});

test.each([
  ['1', 1000],
  ['1.5', 1500],
  [' 2s\n', 2000],
  ['50ms', 50],
  ['.2', 200],
  ['x', undefined],
  ['1m', undefined],
])('the time %j is %j ms', (text, expected) => {
  expect(parseTime(text)).toBe(expected);
});
