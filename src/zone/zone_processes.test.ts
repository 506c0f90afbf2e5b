import { expect, test } from 'vitest';
import { SharedDict } from './shared_dict.ts';
import { JobProcess, temporaryZone } from './testing.ts';
import type { Zone } from './zone.ts';

test('what several processes count is exact', async () => {
  const zone = temporaryZone();
  const dict = new SharedDict(zone);
  const jobs = Array.from({ length: 4 }, () => new JobProcess('count', zone, 500));
  await Promise.all(jobs.map(({ exited }) => exited));

  expect(jobs.map(({ errors }) => errors)).toEqual(['', '', '', '']);
  expect(dict.get('counter')).toBe(2000);
  expect(dict.get('rewritten')).toBe(2000);
  expect(dict.llen('list')).toBe(2000);
  expectAccount(zone);
});

test('a process that is killed at any moment does no harm', { timeout: 120_000 }, async () => {
  const zone = temporaryZone(512 * 1024);
  const dict = new SharedDict(zone);
  const start = (): JobProcess => new JobProcess('churn', zone, 'counter');
  const live = [start(), start(), start()];
  const all = [...live];
  for (let kill = 0; kill < 30; kill++) {
    const index = kill % live.length;
    const victim = live[index] as JobProcess;
    // Every fifth while it starts: it opens the zone while the others write.
    if (kill % 5 !== 4) await victim.untilDone(1 + Math.floor(Math.random() * 400));
    await victim.kill();
    const successor = start();
    live[index] = successor;
    all.push(successor);
    // The others go on at once.
    const other = live[(index + 1) % live.length] as JobProcess;
    await other.untilDone(other.done + 10);
  }
  for (const job of live) await job.kill();

  expect(all.map(({ errors }) => errors).join('')).toBe('');
  zone.readerCheck();
  expectAccount(zone);
  dict.set('after', 'all');
  expect(dict.get('after')).toBe('all');
});

test('a counter is never less than what was acknowledged, whoever is killed', {
  timeout: 120_000,
}, async () => {
  const zone = temporaryZone(64 * 1024 * 1024);
  const dict = new SharedDict(zone);
  const all: JobProcess[] = [];
  const start = (): JobProcess => {
    const job = new JobProcess('count', zone, 1e9);
    all.push(job);
    return job;
  };
  const live = [start(), start(), start()];
  const kills = 24;
  for (let kill = 0; kill < kills; kill++) {
    const index = kill % live.length;
    const victim = live[index] as JobProcess;
    await victim.untilDone(1 + Math.floor(Math.random() * 300));
    await victim.kill();
    live[index] = start();
  }
  for (const job of live) {
    await job.untilDone(1);
    await job.kill();
  }
  const acknowledged = all.reduce((sum, { done }) => sum + done, 0);
  const unacknowledged = kills + live.length;
  for (const counted of [dict.get('counter'), dict.get('rewritten'), dict.llen('list')]) {
    expect(counted).toBeGreaterThanOrEqual(acknowledged);
    expect(counted).toBeLessThanOrEqual(acknowledged + unacknowledged);
  }
  expectAccount(zone);
});

test('the slots of dead readers are freed, and their snapshots', async () => {
  const zone = temporaryZone();
  const dict = new SharedDict(zone);
  const reader = new JobProcess('hold', zone);
  await reader.untilDone(1);
  const write = (): number => {
    const before = zone.info().fileBytes;
    for (let i = 0; i < 500; i++) dict.set(`key${i % 50}`, 'v'.repeat(i % 100));
    return zone.info().fileBytes - before;
  };
  await reader.kill();
  expect(write()).toBeGreaterThan(1_000_000); // no page is used twice
  expect(zone.readerCheck()).toBeGreaterThanOrEqual(1);
  expect(zone.readerCheck()).toBe(0);
  expect(write()).toBeLessThan(200_000);
});

test('a process that is stopped while it reads stops what grows, not what counts', {
  timeout: 60_000,
}, async () => {
  const zone = temporaryZone(64 * 1024);
  const dict = new SharedDict(zone);
  dict.set('counter', 0);
  dict.set('key', 'value');
  const reader = new JobProcess('hold', zone);
  await reader.untilDone(1);
  const large = 'v'.repeat(30_000);
  let refused = 0;
  for (let i = 0; i < 4000 && refused < 10; i++) {
    try {
      dict.set('large', large + i);
    } catch (error) {
      expect((error as Error).message).toBe('no memory');
      refused++;
    }
  }
  expect(refused).toBe(10);
  expect(zone.info().fileBytes).toBeLessThan(64 * 1024 * 1024);
  expect(dict.incr('counter', 1)).toBe(1);
  expect(dict.set('key', 'VALUE')).toBe(true);
  expect(dict.get('key')).toBe('VALUE');
  expect(dict.delete('key')).toBe(true);
  await reader.kill();
  zone.readerCheck();
  for (let i = 0; i < 100; i++) dict.set('small', 'v'.repeat(i % 7));
  expect(dict.set('large', large)).toBe(true);
  expectAccount(zone);
});

test('a read sees all of a value or nothing, also while it is overwritten', async () => {
  const zone = temporaryZone();
  const dict = new SharedDict(zone);
  const job = new JobProcess('overwrite', zone);
  await job.untilDone(1);
  const seen = new Set<string>();
  for (let i = 0; i < 50_000; i++) {
    const value = dict.get('value') as string;
    const first = value[0] as string;
    seen.add(first);
    if (value !== first.repeat(1500)) expect.fail(`a torn value: ${value}`);
  }
  expect(seen.size).toBeGreaterThan(1);
  await job.kill();
});

test('a read sees what another process has written, within the same turn', async () => {
  const zone = temporaryZone();
  const dict = new SharedDict(zone);
  dict.set('counter', 0);
  const job = new JobProcess('count', zone, 1e9);
  await job.untilDone(1);
  const first = dict.get('counter') as number;
  let last = first;
  // No await: this turn does not end.
  for (const end = Date.now() + 5000; last === first && Date.now() < end; )
    last = dict.get('counter') as number;
  expect(last).toBeGreaterThan(first);
  await job.kill();
});

function expectAccount(zone: Zone): void {
  const { used, entries } = zone.recount();
  expect(zone.info()).toMatchObject({ used, entries });
}
