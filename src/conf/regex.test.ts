import { describe, expect, test } from 'vitest';
import { compileRegex } from './regex.ts';

const place = { file: 'nginx.conf', line: 3, column: 1 };

function groups(pattern: string, subject: string, caseless = false): string[] | null {
  const found = compileRegex(pattern, { caseless }, place).exec(subject);
  return found === null ? null : Array.from(found, (text) => text ?? '');
}

describe('what PCRE and JavaScript write differently', () => {
  // Pattern, subject, the whole match and the groups, as PCRE2 answers.
  const rows: readonly (readonly [pattern: string, subject: string, expected: string[] | null])[] = [
    ['a$', 'a\n', ['a']],
    ['a$', 'a\nb', null],
    ['a\\Z', 'a\n', ['a']],
    ['a\\z', 'a\n', null],
    ['\\Aa', 'ba', null],
    ['a.c', 'a\nc', null],
    ['a.c', 'a\rc', ['a\rc']],
    ['(?s)a.c', 'a\nc', ['a\nc']],
    ['(?m)^b$', 'a\nb\nc', ['b']],
    ['(?m)^$', 'a\n', null],
    ['(?i)FOO(bar)', 'fooBAR', ['fooBAR', 'BAR']],
    ['foo(?i)bar', 'fooBAR', ['fooBAR']],
    ['foo(?i)bar', 'FOObar', null],
    ['a(?i)b|c', 'C', ['C']],
    ['(a(?i)b)c', 'aBC', null],
    ['(?i:a)b', 'Ab', ['Ab']],
    ['(?i:a)b', 'AB', null],
    ['(?i)a(?-i)b', 'AB', null],
    ['(?i)[^a]', 'A', null],
    ['(?i)\xe9', '\xc9', null],
    ['(?i)[\xe0-\xef]', '\xc9', null],
    ['(?i)(a)\\1', 'aA', ['aA', 'a']],
    ['a++ab', 'aaab', null],
    ['(a++)b(c)', 'aabc', ['aabc', 'aa', 'c']],
    ['(?>a|ab)c', 'abc', null],
    ['(x)(?>(y)+)(z)\\3\\1', 'xyyzzx', ['xyyzzx', 'x', 'y', 'z']],
    ['(?P<one>a)(?P=one)', 'aa', ['aa', 'a']],
    ["(?<one>a)\\k<one>\\k'one'\\k{one}\\g{one}\\g1\\g{-1}", 'aaaaaaa', ['aaaaaaa', 'a']],
    ['(?|(a)|(b))(c)', 'bc', ['bc', 'b', 'c']],
    ['(?n)(a)(?<x>b)', 'ab', ['ab', 'b']],
    ['(?x) a b # comment\n c', 'abc', ['abc']],
    ['(?x)[a b]', ' ', [' ']],
    ['(?xx)[a b]', ' ', null],
    ['a(?#comment)b', 'ab', ['ab']],
    ['\\Qa.b\\E+', 'a.bb', ['a.bb']],
    ['[\\Q]\\E]', ']', [']']],
    ['[]a]+', ']a', [']a']],
    ['[^]a]', 'b', ['b']],
    ['[a-]', '-', ['-']],
    ['[[:alpha:]_]+', 'aZ_9', ['aZ_']],
    ['[[:^digit:]]', '1', null],
    ['[^[:space:]]+', 'a b', ['a']],
    ['[\\b]', '\b', ['\b']],
    ['\\h+', '\t \xa0', ['\t \xa0']],
    ['\\R', '\r\n', ['\r\n']],
    ['\\R\\n', '\r\n', null],
    ['\\N', '\n', null],
    ['\\s', '\xa0', null],
    ['\\101\\x41\\x{41}\\o{101}\\cA\\e\\a', 'AAAA\x01\x1b\x07', ['AAAA\x01\x1b\x07']],
    ['(?:(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)\\10)', 'abcdefghijj', ['abcdefghijj', ...'abcdefghij']],
    ['\\11', '\t', ['\t']],
    ['a{,2}', 'a{,2}', ['a{,2}']],
    ['a{', 'a{', ['a{']],
    ['(?U)a+', 'aaa', ['a']],
    ['(?U)a+?', 'aaa', ['aaa']],
    ['(?=a)*b', 'b', ['b']],
    ['(?<=a){1}b', 'ab', ['b']],
    ['(?(?=a)ab|c)', 'c', ['c']],
    ['(?(?!a)c|ab)', 'ab', ['ab']],
    ['a(*F)|b', 'ab', ['b']],
    ['\\p{Lu}+', 'aB\xc9', ['B\xc9']],
    ['\\P{L}', 'a1', ['1']],
    // A reference to a group that has taken no part does not match; to an empty one it does.
    ['^(a)?b\\1c$', 'bc', null],
    ['^(a)?b\\1c$', 'abac', ['abac', 'a']],
    ['^(a*)?b\\1c$', 'abac', ['abac', 'a']],
    ['^(?:(a)|(x))b\\1', 'xb', null],
    ['^(?:(a)|(x))b\\2', 'xbx', ['xbx', '', 'x']],
    ['^(?:x(|a)|y)b\\1$', 'xb', ['xb', '']],
    ['^(?:x(|a)|y)b\\1$', 'yb', null],
    ['^(?:(?<q>[x"])|(a))?b\\k<q>$', 'b', null],
    ['^(?:(?<q>[x"])|(a))?b\\k<q>(c)$', 'xbxc', ['xbxc', 'x', '', 'c']],
    ['(a\\1|b)c', 'ac', null],
    ['\\1(a)', 'a', null],
    ['(?!(a))b\\1', 'b', null],
    ['(?=(a))a?b\\1', 'aba', ['aba', 'a']],
    ['^(a){0,1}\\1b', 'b', null],
    ['^(a){1,2}\\1b', 'aab', ['aab', 'a']],
    ['^(?:(a)|(b))\\1$|^b$', 'b', ['b', '', '']],
  ];

  test.each(rows)('%j on %j', (pattern, subject, expected) => {
    expect(groups(pattern, subject)).toEqual(expected);
  });

  test('a caseless pattern folds ASCII only', () => {
    expect(groups('/Caf\xc3\xa9', '/cAF\xc3\xa9', true)).toEqual(['/cAF\xc3\xa9']);
    expect(groups('/Caf\xc3\xa9', '/cAF\xe3\xa9', true)).toBeNull();
    expect(groups('[^b-d]', 'C', true)).toBeNull();
    expect(groups('(?-i)A', 'a', true)).toBeNull();
  });

  test('names come with their numbers', () => {
    const regex = compileRegex('^(a)(?>(?<two>b))(?<three>c)', {}, place);
    expect(regex.names).toEqual([
      { name: 'two', group: 2 },
      { name: 'three', group: 3 },
    ]);
    expect(regex.groups).toBe(3);
    expect(groups('^(a)(?>(?<two>b))(?<three>c)', 'abc')).toEqual(['abc', 'a', 'b', 'c']);
  });
});

// Half a minute each, if V8 were to go on stepping back.
test.each(['^(a+)+$', '(?i)^(A+)+$', '^((a|aa)+)\\Z', '^(?:.*)*\\.php$', '^(\\w*a)*/$'])(
  '%j comes to an end',
  (pattern) => {
    const began = process.cpuUsage();
    expect(groups(pattern, `${'a'.repeat(27)}b`)).toBeNull();
    expect(groups(pattern, `${'a'.repeat(27)}b`, true)).toBeNull();
    expect(groups(pattern, `${'a'.repeat(27)}b\n`)).toBeNull();
    expect(groups(pattern, `${'a'.repeat(27)}b\r\n\n`)).toBeNull();
    expect(process.cpuUsage(began).user / 1e6).toBeLessThan(5);
  },
);

test.each([
  ['^/(|a)$', '/a\n', ['/a', 'a']],
  ['^/(.*)$', '/a', ['/a', 'a']],
  ['^([^x]*)$', 'a\n', ['a\n', 'a\n']],
  ['^([^x]*?)$', 'a\n', ['a', 'a']],
  ['a$', 'a\n\n', null],
  ['^(a|(b$|c))*?(d|$)', 'ab\n', ['ab', 'b', 'b', '']],
  ['^(?:a$\n|b)$', 'a\n', ['a\n']],
  ['^(?:a$|b)\n$', 'a\n', ['a\n']],
  ['^a(?=\n)$', 'a\n', ['a']],
  ['^a$z', 'a\n', null],
  ['(?:(a$)|[|)](b))', 'a\n', ['a', 'a', '']],
  ['(?i)(a)(?-i)b\\1$', 'AbA', ['AbA', 'A']],
  ['(?i)[^a-c]\\x41$', 'da', ['da']],
])('%j finds in %j: %j', (pattern, subject, found) => {
  expect(groups(pattern, subject)).toEqual(found);
});

test.each([
  ['(a', 'missing closing parenthesis in "(a"'],
  ['a)', 'unmatched closing parenthesis in "a)" at ")"'],
  ['[a', 'missing terminating ] for character class in "[a"'],
  ['*a', 'quantifier does not follow a repeatable item in "*a" at "*a"'],
  ['a**', 'quantifier does not follow a repeatable item in "a**" at "*"'],
  ['^*', 'quantifier does not follow a repeatable item in "^*" at "*"'],
  ['[z-a]', 'range out of order in character class in "[z-a]" at "a]"'],
  ['[\\d-z]', 'invalid range in character class in "[\\d-z]" at "-z]"'],
  ['a\\', '\\ at end of pattern in "a\\"'],
  ['\\y', 'unrecognized character follows \\ in "\\y" at "y"'],
  ['(?<1a>b)', 'subpattern name must start with a non-digit in "(?<1a>b)" at "1a>b)"'],
  [
    '(?<n>a)(?<n>b)',
    'two named subpatterns have the same name (PCRE2_DUPNAMES not set) in "(?<n>a)(?<n>b)" at "b)"',
  ],
  ['(a)\\2', 'reference to non-existent subpattern in "(a)\\2" at "2"'],
  ['a{5,3}', 'numbers out of order in {} quantifier in "a{5,3}" at "}"'],
  ['a{70000}', 'number too big in {} quantifier in "a{70000}" at "}"'],
  ['[[:foo:]]', 'unknown POSIX class name in "[[:foo:]]" at "foo:]]"'],
  ['[[:constructor:]]', 'unknown POSIX class name in "[[:constructor:]]" at "constructor:]]"'],
  ['(?q)', 'unrecognized character after (? or (?- in "(?q)" at "q)"'],
  ['\\x{100}', 'character code point value in \\x{} or \\o{} is too large in "\\x{100}" at "}"'],
  ['(a(?1)?)', 'recursion and subroutine calls have no equivalent in JavaScript in "(a(?1)?)" at "1)?)"'],
  ['(a)?(?(1)b|c)', 'conditions on groups have no equivalent in JavaScript in "(a)?(?(1)b|c)" at "(1)b|c)"'],
])('%j is refused', (pattern, message) => {
  expect(() => compileRegex(pattern, {}, place)).toThrow(`pcre2_compile() failed: ${message}`);
});

describe('text', () => {
  test.each<[pattern: string, subject: string, found: string | undefined, unicode?: boolean]>([
    ['日', 'x日', '日'],
    ['[日本]+', 'x日本x', '日本'],
    ['[^日]', '日x', 'x'],
    ['[а-я]+', 'xпривет', 'привет'],
    ['[à-я]', 'xя', 'я'],
    ['[^\\W日]', '日-x', 'x'],
    ['[^\\W日]', '日', undefined],
    ['[\\W\\p{L}]+', '1ab-日1', 'ab-日'],
    ['[^a\\p{Lu}]', 'aAbB', 'b'],
    ['\\p{Greek}', 'aα', 'α'],
    ['\\P{L}', 'aα1', '1'],
    ['\\x{65e5}', '日', '日'],
    ['\\x{1f600}', 'x😀', '😀'],
    ['😀+', 'x😀😀', '😀😀'],
    ['a.b', 'a😀b', undefined],
    ['a.b', 'a😀b', 'a😀b', true],
    ['(?i)ä', 'Ä', undefined],
    ['(?i)ä', 'Ä', 'Ä', true],
    ['(?i)[à-ö]', 'Ä', 'Ä', true],
    ['(?i)[a-z]+', 'ſX', 'X'],
    ['\\Q日.\\E', '日.', '日.'],
    ['foo\\Kbar', 'foobar', 'bar'],
    ['a\\Kb|c\\K(d)|e', 'cd', 'd'],
    ['a\\Kb|c\\K(d)|e', 'e', 'e'],
    ['a\\Kb\\Kc', 'abc', 'c'],
    ['\\X', 'e\u0301x', 'e\u0301', true],
    ['\\X', '👩🏽\u200d🔬x', '👩🏽\u200d🔬', true],
    ['\\X', '🇩🇪🇫🇷', '🇩🇪', true],
    ['\\X', '\u1100\u1161\u11a8x', '\u1100\u1161\u11a8', true],
    ['\\X\\z', '\r\n', '\r\n', true],
  ])('%s finds in %s: %s', (pattern, subject, found, unicode = false) => {
    expect(compileRegex(pattern, { text: true, unicode }, place).exec(subject)?.[0]).toBe(found);
  });

  test.each(['(foo\\Kbar)', '(?:a|b\\K)c', '\\X', 'a\\Gb', '\\x{110000}'])(
    '%s has no equivalent',
    (pattern) => {
      expect(() => compileRegex(pattern, { text: true }, place)).toThrow('pcre2_compile() failed: ');
    },
  );
});
