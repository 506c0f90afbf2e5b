import { expect, test } from 'vitest';
import { NEXT } from '../protocol.ts';
import { bench, FakeRequest } from './testing.ts';

test('a block says hello', async () => {
  const b = await bench([[['content', `ngx.say('hello ' + ngx.var.uri);`]]]);
  const r = new FakeRequest({ uri: '/x' });
  const outcome = await b.run(r);
  expect(r.body).toBe('hello /x\n');
  expect(outcome.code).toBe(0);
  expect(outcome.action).not.toBe(NEXT);
  await b.stop();
});
