// Numbers of one kind mean different things: who adds one must not take another's.

import { expect, test } from 'vitest';
import * as p from './protocol.ts';

const numbers = new Map<string, unknown>(Object.entries(p));

const WORDS = [
  'HANDLED',
  'SLOT',
  'BLOCK',
  'FROM_INT',
  'FROM_TEXT',
  'OUT_END',
  'FAULT',
  'COUNT',
  'IDLE',
  'TAIL',
  'UNSENT',
  'SINCE',
  'OUTCOME',
];

function namesOf(prefix: string): string[] {
  return [...numbers.keys()].filter((name) => name.startsWith(prefix));
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
    const value = numbers.get(name);
    expect(value, name).toBeTypeOf('number');
    expect(owners.get(value), `${name} is ${String(value)}, as is`).toBeUndefined();
    owners.set(value, name);
  }
  expect(owners.size).toBe(names.length);
});

test('the words stand before the records', () => {
  for (const name of WORDS) expect(numbers.get(name), name).toBeLessThan(p.IN_AT);
});
