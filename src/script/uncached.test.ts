// What becomes of old isolates when programs are made anew: none is kept, but while a request is in it.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import type { Compiled } from './host/compile.ts';
import { bench, FakeRequest } from './host/testing.ts';
import { type Made, Uncached } from './uncached.ts';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

/** A file that is not there: each look at it finds that it has changed. */
const COMPILED = { inputs: [['/nowhere', 'as it was']] } as unknown as Compiled;

async function made(text: string): Promise<Made> {
  const { keeper } = await bench([[['content', text]]]);
  return { keeper, compiled: COMPILED };
}

async function until(good: () => boolean): Promise<void> {
  for (let i = 0; i < 2000 && !good(); i++) await new Promise((done) => setTimeout(done, 10));
}

test('many changes leave no isolate behind', async () => {
  const all: WeakRef<object>[] = [];
  const make = async (): Promise<Made> => {
    const one = await made('ngx.say("x")');
    all.push(new WeakRef(one.keeper));
    return one;
  };
  const uncached = new Uncached(await make(), make);
  for (let i = 0; i < 10; i++) {
    expect(uncached.stale).toBe(true);
    expect(await uncached.renew()).toBe('');
  }
  const left = (): number => all.filter((one) => one.deref() !== undefined).length;
  await until(() => {
    gc();
    return left() <= 2;
  });
  expect(left()).toBeLessThanOrEqual(2);
  await uncached.stop();
});

test('a request ends in the isolate that it began in', async () => {
  const uncached = new Uncached(await made('await ngx.sleep(0.2); ngx.say("old")'), () =>
    made('ngx.say("new")'),
  );
  const old = uncached.keeper;
  const r = new FakeRequest({ home: old });
  old.actor?.start(r, 0, false);
  await uncached.renew();
  expect(uncached.keeper).not.toBe(old);
  await r.done;
  expect(r.body).toBe('old\n');
  await uncached.stop();
});

test('a few changes while requests wait end the oldest', async () => {
  const endless = (): Promise<Made> => made('await ngx.sleep(3600)');
  const uncached = new Uncached(await endless(), endless);
  const first = new FakeRequest({ home: uncached.keeper });
  uncached.keeper.actor?.start(first, 0, false);
  for (let i = 0; i < 5; i++) {
    await uncached.renew();
    uncached.keeper.actor?.start(new FakeRequest({ home: uncached.keeper }), 0, false);
  }
  expect((await first.done).action).not.toBe(0);
  await uncached.stop();
});
