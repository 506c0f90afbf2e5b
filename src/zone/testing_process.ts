// A process that works on a zone until it is killed, for tests: `JOB DIR SIZE [ARGUMENT...]`.
// After each time that the job is done it writes one byte.

import { writeSync } from 'node:fs';
import { SharedDict } from './shared_dict.ts';
import { SharedTable } from './table.ts';
import { Zone, ZoneError } from './zone.ts';

const [job = '', dir = '', size = '', ...args] = process.argv.slice(2);
const zone = new Zone({ name: 'test', size: Number(size), dir, create: false });
const dict = new SharedDict(zone);
const byte = Buffer.from('.');
const large = 'x'.repeat(30_000);

const jobs: Record<string, () => void> = {
  /** Increments a counter so many times. */
  count() {
    for (let i = 0; i < Number(args[0]); i++) {
      dict.incr('counter', 1, 0);
      dict.incr('rewritten', 1, 0, i % 2 === 0 ? 3600 : 0);
      dict.rpush('list', i);
      writeSync(1, byte);
    }
  },
  /** Increments a counter for ever, among all sorts of changes in a zone that is full. */
  churn() {
    for (;;) {
      dict.incr(args[0] as string, 1, 0);
      writeSync(1, byte);
      try {
        change();
      } catch (error) {
        if (!(error instanceof ZoneError)) throw error;
      }
    }
  },
  /** Holds a snapshot, as a process does that is stopped in the middle of a read. */
  hold() {
    dict.get('anything');
    const { environment, key } = zone as unknown as Held;
    environment.get(key);
    writeSync(1, byte);
    process.stdin.resume();
  },
  /** Overwrites a value of the same length again and again, all of it with one character. */
  overwrite() {
    for (let i = 0; ; i++) {
      dict.set('value', String.fromCharCode(97 + (i % 26)).repeat(1500));
      if (i === 0) writeSync(1, byte);
    }
  },
  /** Adds, uses and removes keys of a table in the zone's block; a byte for each thousand. */
  table() {
    const table = new SharedTable(zone.block, Number(size));
    for (let i = 1; ; i++) {
      const key = `k${Math.floor(Math.random() * 1000)}`;
      table.lock();
      const hash = table.hash(key);
      const cell = table.find(key, hash);
      if (cell === 0) {
        if (table.add(key, hash) === 0) table.remove(table.oldest);
      } else if (Math.random() < 0.5) {
        table.remove(cell);
      } else {
        table.touch(cell);
      }
      table.unlock();
      if (i % 1000 === 0) writeSync(1, byte);
    }
  },
};

interface Held {
  environment: { get(key: unknown): unknown };
  key: unknown;
}

function change(): void {
  const kind = Math.floor(Math.random() * 20);
  const key = `key${Math.floor(Math.random() * 5000)}`;
  const few = Math.floor(Math.random() * 6);
  if (kind < 6) dict.set(key, 'v'.repeat(Math.random() * 300), kind < 2 ? 0.05 : 0);
  else if (kind < 8) dict.set(`large${few}`, large);
  else if (kind < 10) dict.rpush(`list${few}`, kind === 8 ? 'item' : large);
  else if (kind < 11) dict.lpop(`list${few}`);
  else if (kind < 12) dict.delete(`list${few}`);
  else if (kind < 14) dict.delete(key);
  else if (kind < 16) dict.incr(`number${few}`, 1, 0);
  else if (kind < 17) dict.add(key, 1);
  else if (kind < 18) dict.expire(key, 1);
  else if (kind < 19) dict.flush_expired(10);
  else check(dict.get(`large${few}`));
}

function check(value: unknown): void {
  if (value !== undefined && value !== large) throw new Error('a value is torn');
}

const work = jobs[job];
if (work === undefined) throw new Error(`no such job: ${job}`);
work();
