import { describe, expect, it } from 'vitest';
import { execWithinTime, harmlessLength, RegexFault } from './regex_limit.ts';

describe('harmlessLength', () => {
  it.each([
    // Matched in linear time, however long.
    ['^(a+)+$', Number.POSITIVE_INFINITY],
    ['^(?:a|b)*c', Number.POSITIVE_INFINITY],
    // One way to match a text, or few.
    ['^/(?!admin|login)[a-z]+$', 10_000_000],
    ['^/(?=a)(?:[a-z])?/$', 10_000_000],
    ['(?=a)[+*]\\+a{3}', 10_000_000],
    ['^/(?!a)(.*)/(.*)$', 3162],
    ['(?!a)(.*)/(.*)$', 215],
    ['^(a)b{2,}c{2,9}\\1', 3162],
    // Exponentially many.
    ['^(?=a)(a+)+$', 23],
    ['^(?=a)(?:a|aa)*$', 23],
    ['^(?!b)(?:x(a?)b)+$', 23],
    ['^(?!b)((?:a*b)c){2,}$', 23],
    ['^(?!b)(?<n>a*){30}$', 23],
  ])('%s', (source, expected) => {
    expect(harmlessLength(new RegExp(source))).toBe(expected);
  });

  it('leaves the engine as it was', () => {
    const flags = 'l';
    expect(() => new RegExp('a', flags)).toThrow('Invalid flags');
  });
});

describe('execWithinTime', () => {
  it('finds what can be found', () => {
    expect(execWithinTime(/(?=b)b(c)/, 'abcd', 'b(c)')).toMatchObject({ 0: 'bc', 1: 'c', index: 1 });
    expect(execWithinTime(/x/, 'abcd', 'x')).toBe(null);
  });

  it("gives up in PCRE's words, and is ready for the next", () => {
    const subject = `${'a'.repeat(60)}b`;
    expect(() => execWithinTime(/^(?=a)(a+)+$/, subject, 'a')).toThrow(new RegexFault(subject, 'a'));
    expect(execWithinTime(/b/, subject, 'b')).toMatchObject({ index: 60 });
  });
});
