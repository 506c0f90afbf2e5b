// What a read gets does not depend on how the bytes were cut into pieces.

import { expect, test } from 'vitest';
import { READ_ALL, READ_ANY, READ_EXACT, READ_LINE, READ_UNTIL } from '../protocol.ts';
import { Intake, Pattern, Reader } from './intake.ts';

const WITHOUT_END = 0x7fffffff;

interface Read {
  readonly kind: number;
  readonly most?: number;
  readonly pattern?: string;
  readonly inclusive?: boolean;
}

/** Feeds `pieces` to one read after the other; the last one is what the end of the data makes of what is left. */
function run(pieces: readonly string[], reads: readonly Read[]): string[] {
  const intake = new Intake();
  const got: string[] = [];
  const left = [...pieces];
  for (const { kind, most = WITHOUT_END, pattern, inclusive = false } of reads) {
    const reader = new Reader(
      kind,
      true,
      most,
      pattern === undefined ? null : new Pattern(pattern, inclusive),
    );
    while (!reader.feed(intake)) {
      const piece = left.shift();
      if (piece === undefined) {
        reader.takeBegun(intake);
        got.push(`end:${reader.text()}`);
        return got;
      }
      intake.push(Buffer.from(piece, 'latin1'));
    }
    got.push(reader.text() + (reader.matched && most !== WITHOUT_END ? '|' : ''));
  }
  return got;
}

const line: Read = { kind: READ_LINE };
const all: Read = { kind: READ_ALL };
const exactly = (most: number): Read => ({ kind: READ_EXACT, most });
const until = (pattern: string, most?: number, inclusive = false): Read => ({
  kind: READ_UNTIL,
  pattern,
  inclusive,
  ...(most === undefined ? {} : { most }),
});

const cases: readonly (readonly [data: string, reads: readonly Read[], expected: readonly string[]])[] = [
  ['one\r\ntwo\n\nrest', [line, line, line, line], ['one', 'two', '', 'end:rest']],
  ['a\rb\r\r\n\r', [line, line], ['ab', 'end:']],
  ['abcdefgh', [exactly(3), exactly(5), exactly(1)], ['abc', 'defgh', 'end:']],
  ['abc', [exactly(4)], ['end:abc']],
  ['abc\ndef', [line, all], ['abc', 'end:def']],
  ['x--y--z-', [until('--'), until('--'), until('--')], ['x', 'y', 'end:z-']],
  ['abcabcabd!', [until('abcabd'), exactly(1)], ['abc', '!']],
  ['aaaaaaab', [until('aaab'), line], ['aaaa', 'end:']],
  ['abcabdabcabdabcabe!', [until('abcabdabcabe'), exactly(1)], ['abcabd', '!']],
  ['hello--x', [until('--', 2), until('--', 2), until('--', 2)], ['he', 'll', 'o|']],
  ['hell--x', [until('--', 4), until('--', 4), exactly(1)], ['hell', '|', 'x']],
  ['a-b--c', [until('--', 1), until('--', 1), until('--', 1), until('--', 1)], ['a', '-', 'b', '|']],
  ['a-b--c', [until('--', undefined, true), exactly(1)], ['a-b--', 'c']],
  ['ab\r\n', [until('\r\n', 10, true)], ['ab\r\n|']],
  ['xyab-tail', [until('abab', 2), line], ['xy', 'end:ab-tail']],
  [
    `${'a'.repeat(300)}${'a'.repeat(299)}b!`,
    [until(`${'a'.repeat(300)}b`), exactly(1)],
    ['a'.repeat(299), '!'],
  ],
  ['q', [until('q'), until('q')], ['', 'end:']],
];

test.each(cases)('%s', (data, reads, expected) => {
  expect(run([data], reads)).toEqual(expected);
  expect(run([...data], reads)).toEqual(expected);
  for (let cut = 1; cut < Math.min(data.length, 400); cut++) {
    expect(run([data.slice(0, cut), data.slice(cut)], reads), `cut at ${cut}`).toEqual(expected);
  }
});

test('receiveany takes what there is, and no more than it may', () => {
  expect(run(['abc', 'def'], [{ kind: READ_ANY, most: 2 }, { kind: READ_ANY, most: 9 }, line])).toEqual([
    'ab',
    'c',
    'end:def',
  ]);
});

test('any pattern in any data, against indexOf', () => {
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    return (seed >> 8) % below;
  };
  const word = (length: number): string => Array.from({ length }, () => 'ab'[random(2)]).join('');
  for (let round = 0; round < 500; round++) {
    const data = word(random(60));
    const pattern = word(1 + random(5));
    const pieces: string[] = [];
    for (let at = 0; at < data.length; ) {
      const size = 1 + random(7);
      pieces.push(data.slice(at, at + size));
      at += size;
    }
    const at = data.indexOf(pattern);
    const expected = at === -1 ? `end:${data}` : data.slice(0, at);
    expect(run(pieces, [until(pattern)])[0], `${pattern} in ${pieces.join('|')}`).toBe(expected);
  }
});

test('text is UTF-8, however it was cut', () => {
  const bytes = Buffer.from('grüße €', 'utf8');
  const intake = new Intake();
  const reader = new Reader(READ_EXACT, false, bytes.length, null);
  for (const byte of bytes) {
    intake.push(Buffer.from([byte]));
    reader.feed(intake);
  }
  expect(reader.text()).toBe('grüße €');
});
