// What one call on a shared dictionary costs, in nanoseconds: `tools/run tools/bench/zone.ts`.
// The zone is in /dev/shm where there is one. The last lines show several processes on one zone.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { SharedDict } from '../../src/zone/shared_dict.ts';
import { Zone } from '../../src/zone/zone.ts';

const SIZE = 64 * 1024 * 1024;
const KEYS = 10_000;
const ROUND_MS = 150;
const ROUNDS = 5;
const CONTENTION_MS = 1000;

type Operation = (dict: SharedDict, i: number) => void;

const keys = Array.from({ length: KEYS }, (_, i) => `user:${i}:session`);
const key = (i: number): string => keys[i % KEYS] as string;
const text = 'x'.repeat(100);
const other = 'y'.repeat(101);
const bytes = Buffer.alloc(100, 1);
const large = 'z'.repeat(100_000);

const operations: Record<string, Operation> = {
  'get string, 100 bytes': (dict, i) => void dict.get(key(i)),
  'get_buffer, 100 bytes': (dict, i) => void dict.get_buffer(key(i)),
  'get, missing': (dict, i) => void dict.get(`no${i & 1023}`),
  'set string, same length': (dict, i) => void dict.set(key(i), text),
  'set string, other length': (dict, i) => void dict.set(key(i), i % (2 * KEYS) < KEYS ? text : other),
  'set Buffer, same length': (dict, i) => void dict.set(key(i), bytes),
  'set number, same length': (dict, i) => void dict.set(`number${i & 1023}`, i),
  'get number': (dict, i) => void dict.get(`number${i & 1023}`),
  'incr, one key': (dict) => void dict.incr('counter', 1, 0),
  'incr with ttl, 1000 keys': (dict, i) => void dict.incr(`limit${i % 1000}`, 1, 0, 60),
  'add, key exists': (dict, i) => void dict.add(key(i), text),
  'expire, same layout': (dict, i) => void dict.expire(`limit${i % 1000}`, 60),
  'lpush + rpop': (dict) => {
    dict.lpush('list', 'item');
    dict.rpop('list');
  },
  'set + delete, new keys': (dict, i) => {
    dict.set(`new${i}`, text);
    dict.delete(`new${i}`);
  },
  'set string, 100 KB': (dict, i) => void dict.set(`large${i & 7}`, large),
  'get string, 100 KB': (dict, i) => void dict.get(`large${i & 7}`),
};

if (process.argv[2] === 'child') await runChild(process.argv[3] as string, process.argv[4] as string);
else await main();

async function main(): Promise<void> {
  const base = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  const zone = new Zone({ name: 'bench', size: SIZE, dir: mkdtempSync(join(base, 'tsresty-bench-')) });
  try {
    const dict = new SharedDict(zone);
    for (let i = 0; i < KEYS; i++) dict.set(key(i), text);
    for (let i = 0; i < 8; i++) dict.set(`large${i}`, large);
    for (const [name, operation] of Object.entries(operations)) print(name, measure(dict, operation));
    print('set string, new key, zone full', measureFull());
    for (const count of [1, 2, 4]) {
      for (const name of ['get string, 100 bytes', 'incr, one key', 'set string, other length']) {
        const ns = await contend(zone.path, name, count);
        print(`${name}: ${count} process${count > 1 ? 'es' : ''}`, ns);
      }
    }
    console.log(
      `${cpus().length} CPUs; per process and call, so with more processes than CPUs it can only rise`,
    );
  } finally {
    zone.destroy();
  }
}

function measureFull(): number {
  const base = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  const zone = new Zone({ name: 'full', size: SIZE / 16, dir: mkdtempSync(join(base, 'tsresty-bench-')) });
  try {
    const dict = new SharedDict(zone);
    for (let i = 0; i < 30_000; i++) dict.set(`old${i}`, text);
    return measure(dict, (full, i) => void full.set(`new${i}`, text));
  } finally {
    zone.destroy();
  }
}

/** The best of several rounds: others use this machine too. */
function measure(dict: SharedDict, operation: Operation): number {
  let best = Number.POSITIVE_INFINITY;
  let i = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.hrtime.bigint();
    const end = start + BigInt(ROUND_MS) * 1_000_000n;
    let calls = 0;
    let now = start;
    for (; now < end; now = process.hrtime.bigint()) {
      for (let n = 0; n < 64; n++) operation(dict, i++);
      calls += 64;
    }
    best = Math.min(best, Number(now - start) / calls);
  }
  return best;
}

async function contend(dir: string, name: string, count: number): Promise<number> {
  const children: ChildProcess[] = [];
  const exits: Promise<unknown>[] = [];
  for (let n = 0; n < count; n++) {
    const child = fork(import.meta.filename, ['child', dir, name]);
    children.push(child);
    exits.push(once(child, 'exit'));
    await once(child, 'message');
  }
  const answers = children.map((child) => once(child, 'message'));
  for (const child of children) child.send('go');
  const results = await Promise.all(answers);
  await Promise.all(exits);
  return results.reduce((sum, [ns]) => sum + (ns as number), 0) / count;
}

async function runChild(dir: string, name: string): Promise<void> {
  const dict = new SharedDict(new Zone({ name: 'bench', size: SIZE, dir, create: false }));
  const operation = operations[name] as Operation;
  process.send?.('ready');
  await once(process, 'message');
  const start = process.hrtime.bigint();
  let calls = 0;
  for (; process.hrtime.bigint() - start < BigInt(CONTENTION_MS) * 1_000_000n; calls += 64) {
    for (let n = 0; n < 64; n++) operation(dict, calls + n);
  }
  const ns = Number(process.hrtime.bigint() - start) / calls;
  process.send?.(ns, () => process.exit());
}

function print(name: string, ns: number): void {
  console.log(`${name.padEnd(48)}${ns.toFixed(0).padStart(10)} ns`);
}
