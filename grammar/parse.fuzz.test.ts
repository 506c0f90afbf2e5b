// Mutated configurations: each is parsed, or refused at a place within it, in time; what was read can be cloned, and
// printed and read again. FUZZ_CONFIGS says how many, FUZZ_SEED where they start.

import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from './parse.ts';
import { print } from './print.ts';
import { outline } from './testdata/outline.ts';

const count = Number(process.env.FUZZ_CONFIGS ?? 50_000);
const seed = Number(process.env.FUZZ_SEED ?? 1);
const MOST_MS = 2000; // for one of a few kB, on a busy machine

const directory = `${import.meta.dirname}/testdata`;
const configs = readdirSync(directory)
  .filter((file) => file.endsWith('.conf'))
  .map((file) => readFileSync(`${directory}/${file}`, 'latin1'));

const pieces = [
  ...' \t\r\n;{}"\'\\$#()`/!*~=[]<>.',
  '${',
  '\r\n',
  '\\n',
  '\\"',
  '//',
  '/*',
  '*/',
  '\0',
  '\x85',
  '\xa0',
  '\xff',
  'a',
  '" "',
  'return ',
  '.default ',
  ' x_by_ts_block {',
  ' location / {',
  '};',
  'a'.repeat(4090),
  ' '.repeat(4090),
  '{a '.repeat(90),
];

test(`${count} mutated configurations, seed ${seed}`, { timeout: 60_000 + count * 20 }, () => {
  const random = generator(seed);
  for (let i = 0; i < count; i++) check(mutated(random), i);
});

function check(text: string, i: number): void {
  const what = `configuration ${i}: ${JSON.stringify(text)}`;
  const start = performance.now();
  const tree = parse(text, 'f');
  if (performance.now() - start > MOST_MS) expect.fail(`too slow: ${what}`);

  const { directives, error } = tree;
  if (error !== null) {
    const line = text.split('\n')[error.line - 1];
    if (error.message === '' || line === undefined || error.column > line.length + 1) {
      expect.fail(`no such place ${JSON.stringify(error)}: ${what}`);
    }
  }

  const expected = outline(directives, false);
  if (outline(structuredClone(directives), false) !== expected) expect.fail(`no clone: ${what}`);
  const again = parse(print(directives), 'f');
  if (again.error !== null) expect.fail(`${again.error.message} when printed: ${what}`);
  if (outline(again.directives, false) !== expected) expect.fail(`another tree when printed: ${what}`);
}

function mutated(random: (below: number) => number): string {
  const pick = (from: readonly string[]): string => from[random(from.length)] ?? '';
  let text = pick(configs);
  for (let left = 1 + random(8); left > 0; left--) {
    const at = random(text.length + 1);
    const to = at + random(random(2) === 0 ? 4 : 200);
    const other = pick(configs);
    const from = random(other.length);
    const insert = [pick(pieces), '', text.slice(at, to).repeat(2), other.slice(from, from + random(300))];
    text = text.slice(0, at) + pick(insert) + text.slice(random(2) === 0 ? at : to);
  }
  return text;
}

/** mulberry32: an integer from 0 to `below` - 1. */
function generator(state: number): (below: number) => number {
  let a = state;
  return (below) => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}
