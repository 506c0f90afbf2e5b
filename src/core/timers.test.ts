import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { Timer } from './timers.ts';

function note(fired: string[]): void {
  fired.push('fired');
}

/** Waits for a timer of this very kind: those that were due before have fired then. */
function pass(ms: number): Promise<void> {
  return new Promise((resolve) => {
    new Timer<null>(() => resolve(), null).set(ms);
  });
}

test('fires once, and only when it is set', async () => {
  const fired: string[] = [];
  const timer = new Timer(note, fired);
  timer.set(1);
  await pass(40);
  expect(fired).toEqual(['fired']);
  timer.set(1);
  timer.clear();
  await pass(40);
  expect(fired).toEqual(['fired']);
  timer.set(1);
  await pass(40);
  expect(fired).toEqual(['fired', 'fired']);
});

test('the last time that was given counts', async () => {
  const fired: string[] = [];
  const sooner = new Timer(note, fired);
  sooner.set(60_000);
  sooner.set(1);
  const later = new Timer(note, fired);
  later.set(1);
  later.set(60_000);
  await pass(60);
  expect(fired).toEqual(['fired']);
  later.end();
});

test('those that ended do not fire; the others in their bucket do', async () => {
  const fired: number[] = [];
  const timers = Array.from({ length: 10 }, (_, i) => new Timer((n: number) => fired.push(n), i));
  for (const timer of timers) timer.set(20);
  for (const i of [9, 0, 4, 4]) timers[i]?.end();
  await pass(80);
  expect(fired.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 5, 6, 7, 8]);
});

test('one may end another, or itself, while they fire', async () => {
  const fired: number[] = [];
  const timers: Timer<number>[] = [];
  const endAll = (n: number): void => {
    fired.push(n);
    for (const timer of timers) timer.end();
  };
  for (let i = 0; i < 5; i++) timers.push(new Timer(endAll, i));
  for (const timer of timers) timer.set(5);
  await pass(60);
  expect(fired).toEqual([0]);
  timers[3]?.set(1);
  await pass(60);
  expect(fired).toEqual([0, 3]);
});

test('what came while the process was held up is read before anything is too late', async () => {
  const server = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [[peer]] = await Promise.all([once(server, 'connection'), once(client, 'connect')]);
  const fired: string[] = [];
  const timer = new Timer(note, fired);
  const received = once(client, 'data').then(() => timer.clear());
  timer.set(20);
  peer.write('x');
  const until = performance.now() + 150;
  while (performance.now() < until);
  await received;
  await pass(1);
  expect(fired).toEqual([]);
  client.destroy();
  server.close();
});
