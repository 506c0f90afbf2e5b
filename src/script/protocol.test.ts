// Numbers of one kind mean different things: who adds one must not take another's.

import { expect, test } from 'vitest';
import * as p from './protocol.ts';

const WORDS: readonly (keyof typeof p)[] = [
  'HANDLED',
  'SLOT',
  'BLOCK',
  'FROM_INT',
  'FROM_TEXT',
  'OUT_END',
  'FAULT',
  'COUNT',
  'IDLE',
  'OUT_TEXT',
  'TAIL',
  'UNSENT',
  'SINCE',
  'OUTCOME',
];

function namesOf(prefix: string): string[] {
  return Object.keys(p).filter((name) => name.startsWith(prefix));
}

test.each([
  ['words of the shared memory', WORDS],
  ['calls', namesOf('CALL_')],
  ['operations', namesOf('OP_')],
  ['calls of sockets', namesOf('SOCK_')],
  ['calls of dictionaries', namesOf('DICT_')],
])('%s', (_kind, names) => {
  const owners = new Map<unknown, string>();
  for (const name of names) {
    const value = p[name as keyof typeof p];
    expect(owners.get(value), `${name} is ${String(value)}, as is`).toBeUndefined();
    owners.set(value, name);
  }
  expect(owners.size).toBe(names.length);
});

test('the words stand before the records', () => {
  for (const name of WORDS) expect(p[name], name).toBeLessThan(p.IN_AT);
});
