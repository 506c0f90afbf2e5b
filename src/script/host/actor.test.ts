// How blocks, visits and records go together: what is said arrives whole and in order, whenever it is said.

import { expect, test } from 'vitest';
import * as p from '../protocol.ts';
import {
  ANSWERED,
  APPENDED,
  EXEC,
  EXIT,
  FLUSH,
  JUMP,
  KEPT,
  LAST,
  NEXT,
  REPLACED,
  SEND,
} from '../protocol.ts';
import { Actor, type ActorEvents } from './actor.ts';
import type { IsolateDoor } from './isolate.ts';
import { bench, FakeRequest, type PhaseBlock } from './testing.ts';
import { noUsage } from './usage.ts';

async function run(blocks: readonly PhaseBlock[], fields: Partial<FakeRequest> = {}): Promise<FakeRequest> {
  const b = await bench([blocks]);
  const r = new FakeRequest(fields);
  await b.run(r);
  await b.stop();
  return r;
}

function content(text: string, fields: Partial<FakeRequest> = {}): Promise<FakeRequest> {
  return run([['content', text]], fields);
}

test('what is said without waiting leaves in one piece', async () => {
  const r = await content('ngx.say("a"); ngx.print("b", 1, true, null, undefined, ["c", ["d"]]); ngx.say()');
  expect(r.chunks).toEqual([{ flags: SEND | LAST, body: 'a\nb1truenullundefinedcd\n' }]);
  expect(r.outcome?.action).toBe(ANSWERED);
});

test('an await that does not wait changes nothing', async () => {
  const r = await content('ngx.say("a"); await null; await Promise.resolve(); ngx.say("b")');
  expect(r.chunks).toEqual([{ flags: SEND | LAST, body: 'a\nb\n' }]);
});

test('what is said before an await that waits leaves at once', async () => {
  const r = await content(
    'ngx.say("a"); await ngx.sleep(0.001); ngx.say("b"); await ngx.sleep(0.001); ngx.say("c")',
  );
  expect(r.chunks).toEqual([
    { flags: SEND | FLUSH, body: 'a\n' },
    { flags: SEND | FLUSH, body: 'b\n' },
    { flags: SEND | LAST, body: 'c\n' },
  ]);
});

test('text of every kind, before and after waiting', async () => {
  const r = await content(`
    for (const wait of [false, true, false]) {
      if (wait) await ngx.sleep(0.001);
      ngx.say('plain'); ngx.say('hä'); ngx.say('€😀'); ngx.print('x'.repeat(20000)); ngx.say(new Uint8Array([104, 228, 10]));
    }`);
  const one = `${Buffer.from('plain\nhä\n€😀\n').toString('latin1')}${'x'.repeat(20000)}h\xe4\n\n`;
  expect(r.body).toBe(one.repeat(3));
});

test('bytes turn what was said into bytes', async () => {
  const r = await content('ngx.print("ä"); ngx.print(new Uint8Array([0, 255]).buffer); ngx.print("ö")');
  expect(r.chunks).toEqual([{ flags: SEND | LAST | 4, body: '\xc3\xa4\x00\xff\xc3\xb6' }]);
});

test('flush, eof, send_headers', async () => {
  const r = await content(`
    ngx.status = 201; ngx.header.a = 1; ngx.send_headers(); ngx.status = 500; ngx.header.a = 2;
    ngx.say("x"); await ngx.flush(); ngx.say("y"); ngx.eof();
    try { ngx.say("z") } catch (e) { ngx.log(ngx.WARN, (e as Error).message) }`);
  expect([r.status, r.headers.a, r.body]).toEqual([201, ['1'], 'x\ny\n']);
  expect(r.chunks.at(-1)?.flags).toBe(SEND | LAST);
  expect(r.logs.map(({ message }) => message.replace(/^.*?: /, ''))).toEqual([
    'attempt to set ngx.status after sending out response headers',
    'attempt to set ngx.header.HEADER after sending out response headers',
    'seen eof',
  ]);
});

test('headers: order, repetition, removal, unsafe bytes', async () => {
  const r = await content(`
    ngx.header.X_One = 'a'; ngx.header['X-One'] = 'b'; ngx.header.Gone = 'x'; ngx.header.Gone = undefined;
    ngx.header['Set-Cookie'] = ['a=1', 'b=ä']; ngx.header['X\\r\\nY'] = 'c\\r\\nd: e';
    delete ngx.header.x;`);
  expect(r.headers).toEqual({ 'x-one': ['b'], 'set-cookie': ['a=1', 'b=ä'], 'x%0d%0ay': ['c%0D%0Ad: e'] });
});

test('what was set is known to what is asked later, before and after waiting', async () => {
  const r = await content(
    `ngx.status = 404; ngx.header.a = 1;
     const seen = [ngx.status, ngx.header.a, ngx.resp.get_headers().a, ngx.var.x];
     await ngx.sleep(0.001);
     ngx.header.a = 2;
     seen.push(ngx.status, ngx.header.a, ngx.var.x);
     ngx.header.b = 3;
     ngx.say(seen.join());`,
    { vars: { x: 'y' } },
  );
  expect([r.body, r.headers]).toEqual(['404,1,1,y,404,2,y\n', { a: ['2'], b: ['3'] }]);
});

test.each([
  [
    'exit(OK) ends the phase',
    [
      ['access', 'ngx.exit(ngx.OK); ngx.ctx.x = 1'],
      ['access', 'ngx.ctx.x = 2'],
      ['content', 'ngx.say(ngx.ctx.x)'],
    ],
    { action: ANSWERED },
    'undefined\n',
  ],
  [
    'exit(403) ends the request',
    [
      ['access', 'ngx.exit(403)'],
      ['content', 'ngx.say(1)'],
    ],
    { action: EXIT, code: 403 },
    '',
  ],
  [
    'output in an early phase ends the request with it',
    [
      ['rewrite', 'ngx.say("early")'],
      ['content', 'ngx.say("late")'],
    ],
    { action: ANSWERED },
    'early\n',
  ],
  [
    'several blocks of a phase may speak',
    [
      ['content', 'ngx.say(1)'],
      ['content', 'ngx.say(2)'],
    ],
    { action: ANSWERED },
    '1\n2\n',
  ],
  [
    'nothing said',
    [
      ['rewrite', ''],
      ['access', 'await null'],
    ],
    { action: NEXT },
    '',
  ],
  ['exec', [['content', 'ngx.exec("/x", { a: 1 })']], { action: EXEC, text: '/x', text2: 'a=1' }, ''],
  [
    'exit after output keeps the status',
    [['content', 'ngx.say(1); ngx.exit(404)']],
    { action: EXIT, code: 200 },
    '1\n',
  ],
  [
    'finally runs, what it prints is lost',
    [['content', 'try { ngx.exit(402) } finally { try { ngx.say(1) } catch {} }']],
    { action: EXIT, code: 402 },
    '',
  ],
] as const)('%s', async (_name, blocks, outcome, body) => {
  const r = await run(blocks as unknown as PhaseBlock[]);
  expect(r.outcome).toMatchObject(outcome);
  expect(r.body).toBe(body);
});

test('set_uri with jump leaves the block', async () => {
  const calls: unknown[][] = [];
  const r = new FakeRequest();
  r.call = (code, args) => {
    calls.push([code, ...args]);
    return undefined;
  };
  const b = await bench([[['rewrite', 'ngx.req.set_uri("/y", true); ngx.say("no")']]]);
  expect((await b.run(r)).action).toBe(JUMP);
  expect(calls).toEqual([[8, '/y', true]]);
  await b.stop();
});

test('a value for set: text, number, nothing', async () => {
  const b = await bench(
    ['return "ä"', 'return 1.5', 'return', 'return await Promise.resolve("later")'].map((text) => [
      ['set', text] as const,
    ]),
  );
  const values = [];
  for (let i = 0; i < 4; i++) values.push(await b.run(new FakeRequest(), i));
  expect(values.map(({ code, text }) => [code, text])).toEqual([
    [1, 'ä'],
    [1, '1.5'],
    [0, ''],
    [1, 'later'],
  ]);
  await b.stop();
});

test('body filters: text across pieces, bytes, dropping, ending early, waiting', async () => {
  const b = await bench([
    [['body_filter', 'ngx.arg[1] = ngx.arg[1].toUpperCase()']],
    [['body_filter', 'if (ngx.arg_buffer[0] === 97) ngx.arg_buffer = new Uint8Array([255])']],
    [['body_filter', 'ngx.arg[1] = undefined; ngx.arg[2] = true']],
    [
      ['body_filter', 'await ngx.sleep(0.001); ngx.arg[1] += "!"'],
      ['body_filter', 'ngx.arg[1] += "?"'],
    ],
    [['body_filter', 'ngx.ctx.n = 1']],
  ]);
  const r = new FakeRequest();
  let number = 0;
  const piece = (segment: number, raw: string, last: boolean): Promise<unknown> =>
    new Promise((resolve) => {
      r.onFiltered = () => {
        r.onFiltered = null;
        const { how, raw, last } = r.filteredChunk ?? {};
        resolve([how === KEPT ? null : how === APPENDED ? `+${raw}` : raw, last]);
      };
      b.keeper.actor?.chunk(r, segment, number++, raw, last);
    });
  expect(await piece(0, 'a\xc3', false)).toEqual(['A', false]);
  expect(await piece(0, '\xa4\xe2\x82', false)).toEqual(['\xc3\x84', false]);
  expect(await piece(0, '\xac', false)).toEqual(['\xe2\x82\xac', false]);
  expect(await piece(1, 'abc', false)).toEqual(['\xff', false]);
  expect(await piece(1, 'bc', false)).toEqual([null, false]);
  expect(await piece(3, 'x', false)).toEqual(['+!?', false]);
  expect(await piece(4, 'x', false)).toEqual([null, false]);
  expect(await piece(2, 'x', false)).toEqual(['', true]);
  expect(await piece(0, 'x', false)).toEqual([null, false]);
  await b.stop();
});

test('body filters: long pieces cross when they are read, and only what was added comes back', async () => {
  const b = await bench([
    [['body_filter', 'if (ngx.arg[2]) ngx.arg[1] = ngx.arg[1].concat("é!")']],
    [
      [
        'body_filter',
        'if (ngx.arg[1].length === 3) await ngx.sleep(0.01); ngx.ctx.n = (ngx.ctx.n ?? 0) + ngx.arg[1].length;' +
          'if (ngx.arg[2]) ngx.arg[1] = String(ngx.ctx.n)',
      ],
    ],
    [['body_filter', 'ngx.arg[1] = ngx.arg[2] ? "dropped" : undefined']],
    [['body_filter', 'const text = ngx.arg[1]; ngx.arg[1] = "<" + text; ngx.arg[1] = text']],
    [['body_filter', 'if (ngx.arg[2]) ngx.arg[1] += "é!"']],
  ]);
  const long = 'a'.repeat(5000);
  const outcome = async (segment: number, pieces: readonly (string | Buffer)[]): Promise<unknown> => {
    const r = new FakeRequest();
    const answers: unknown[] = [];
    for (const piece of pieces) r.pieces.push(typeof piece === 'string' ? piece : piece.toString('latin1'));
    await new Promise<void>((resolve) => {
      r.onFiltered = () => {
        const { how, raw, last } = r.filteredChunk ?? {};
        answers.push([how, raw]);
        if (last) resolve();
      };
      for (const [i, piece] of pieces.entries()) {
        b.keeper.actor?.chunk(r, segment, i, piece, i === pieces.length - 1);
      }
    });
    return { answers, asked: r.asked };
  };
  expect(await outcome(0, [long, long])).toEqual({
    answers: [
      [KEPT, ''],
      [APPENDED, '\xc3\xa9!'],
    ],
    asked: [1],
  });
  expect(await outcome(0, [`${long}\xc3`, Buffer.from(`\xa9${long}`, 'latin1')])).toMatchObject({
    asked: [1],
  });
  expect(await outcome(4, [`${long}\xc3`, Buffer.from(`\xa9${long}`, 'latin1')])).toEqual({
    answers: [
      [KEPT, ''],
      [APPENDED, '\xc3\xa9!'],
    ],
    asked: [],
  });
  expect(await outcome(1, ['abc', long, `${long}\xc3`, '\xa9'])).toEqual({
    answers: [
      [KEPT, ''],
      [KEPT, ''],
      [REPLACED, long],
      [REPLACED, '10004'],
    ],
    asked: [1, 2],
  });
  expect(await outcome(2, [long, long])).toEqual({
    answers: [
      [REPLACED, ''],
      [REPLACED, 'dropped'],
    ],
    asked: [],
  });
  expect(await outcome(3, [long, `${long}\xc3\xa9`])).toEqual({
    answers: [
      [APPENDED, ''],
      [APPENDED, ''],
    ],
    asked: [0, 1],
  });
  await b.stop();
});

test('modules may start timers while they are loaded', async () => {
  const b = await bench(
    [[['content', 'import { ticks } from "./ticks.ts"; await ngx.sleep(0.05); ngx.say(ticks() > 0)']]],
    {
      prefix: new URL('testdata', import.meta.url).pathname,
    },
  );
  const r = new FakeRequest();
  await b.run(r);
  expect(r.body).toBe('true\n');
  await b.stop();
});

test('timers: late, repeated, counted, early at the end', async () => {
  const b = await bench([
    [
      [
        'content',
        `let n = 0;
         const seen: string[] = [];
         await new Promise<void>((done) => {
           ngx.timer.at(0.002, (premature: boolean, x: string) => { seen.push(premature + x + globalThis.ngx.get_phase()) }, 'x');
           ngx.timer.every(0.003, () => { if (++n === 3) done() });
         });
         seen.push(String(ngx.timer.pending_count()), String(ngx.timer.running_count()));
         ngx.timer.at(1000, (premature: boolean) => { globalThis.ngx.log(ngx.WARN, 'premature ', premature) });
         ngx.say(seen.join());`,
      ],
    ],
  ]);
  const r = new FakeRequest();
  await b.run(r);
  expect(r.body).toBe('falsextimer,1,0\n');
  await b.stop();
  expect(b.logs.join()).toContain('premature true');
});

test('a request that ends takes its operations with it, and nobody hears of it again', async () => {
  const b = await bench([
    [['content', 'await ngx.sleep(0.01); ngx.log(ngx.ERR, "still here"); ngx.say("x")']],
  ]);
  const r = new FakeRequest();
  const { actor } = b.keeper;
  actor?.start(r, 0, false);
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  expect(actor?.operations.count).toBe(1);
  actor?.end(r);
  expect([actor?.operations.count, r.slot]).toEqual([0, 0]);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect([r.outcome, r.logs, r.body]).toEqual([null, [], '']);
  await b.stop();
});

test('many requests at once, waiting and not', async () => {
  const b = await bench([
    [['content', 'ngx.say(ngx.var.arg_n)']],
    [['content', 'await ngx.sleep(0.001); ngx.say(ngx.var.arg_n)']],
  ]);
  const requests = Array.from({ length: 3000 }, (_, i) => new FakeRequest({ vars: { arg_n: String(i) } }));
  await Promise.all(requests.map((r, i) => b.run(r, i % 2)));
  expect(requests.every((r, i) => r.body === `${i}\n`)).toBe(true);
  await b.stop();
});

test('requests that wait share visits', async () => {
  const b = await bench([
    [['content', 'await null; ngx.say(1); await ngx.sleep(0); await null; ngx.say(2)']],
  ]);
  await b.run(new FakeRequest());
  const before = b.keeper.usage.visits;
  const requests = Array.from({ length: 20 }, () => new FakeRequest());
  await Promise.all(requests.map((r) => b.run(r)));
  expect(requests.every((r) => r.body === '1\n2\n')).toBe(true);
  expect(b.keeper.usage.visits - before).toBeLessThan(30); // of 40 messages
  await b.stop();
});

test('ngx.ctx of a subrequest may be lent', async () => {
  const b = await bench([[['content', 'ngx.say(ngx.ctx.from)']]]);
  const r = new FakeRequest({ lent: 7 });
  await b.run(r);
  expect(r.body).toBe('undefined\n'); // nobody has lent anything
  await b.stop();
});

// Whatever an isolate has written into the shared memory, the worker reads it to an end and keeps nothing of it.
test.each([
  ['operations that lead back to their start', [p.OPERATION, 0, 1, p.OP_SLEEP, 0, -3]],
  ['more arguments than there is memory', [p.OPERATION, 0, 1, p.OP_FETCH, 0, 0x7fffffff]],
  ['more headers than there is memory', [p.RESPONSE, 0, 0, 0, 0x7fffffff, 0]],
  ['lengths below zero', [p.RESPONSE, 0, 0, 200, 1, -5, -1, 1, -7]],
  [
    'answers for requests that there are not',
    [p.DONE, 0x7fffffff, 0, 0, 0, -1, -1, p.DONE, -1, 0, 0, 0, 0, 0],
  ],
  ['pieces of bodies that nobody has', [p.FILTERED, 0x7fffffff, 1, 1, 0, 9]],
  ['an operation twice', [...[0, 0].flatMap(() => [p.OPERATION, 0, 7, p.OP_SLEEP, 0, 1, p.NUMBER, 4])]],
  ['what is no record', [99, 1, 2, 3]],
])('%s do not harm the worker', (_name, ints) => {
  const mem = new Int32Array(p.MEM_INTS);
  mem.set(ints, p.OUT_AT);
  mem[p.OUT_END] = p.OUT_AT + ints.length;
  const nothing = (): void => {};
  const events: ActorEvents = {
    cutOff: nothing,
    unhandled: nothing,
    died: nothing,
    startElsewhere: nothing,
    stuck: nothing,
    aloneEnded: nothing,
    alert: nothing,
  };
  const care = { limitMs: 1000, onThread: false, rests: false };
  const door = { mem, dispose: nothing } as unknown as IsolateDoor;
  const actor = new Actor(door, [], care, noUsage(), () => null, events);
  actor.outbox.decode('12345678');
  expect(actor.operations.count).toBeLessThan(2);
  actor.operations.cancelAll();
});
