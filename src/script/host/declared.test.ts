// What scripts see and what ngx.d.ts declares is the same: each member of either is in the other, and each that is not
// a constant or a family of its own has a doc comment.

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SharedDict } from '../../zone/shared_dict.ts';
import { type Bench, bench, FakeRequest } from './testing.ts';

const text = readFileSync(new URL('../ngx.d.ts', import.meta.url), 'utf8');

interface Declared {
  /** Its members, inherited ones too, and whether each has a doc comment of its own. */
  readonly members: ReadonlyMap<string, boolean>;
}

function declared(name: string): Declared {
  const [, bases = '', body = ''] =
    new RegExp(
      `^(?:export )?interface ${name}(?:<[^\\n]*?>)?(?: extends ([^{]*?))? \\{\\n([^]*?)^\\}`,
      'm',
    ).exec(text) ?? [];
  if (body === '') throw new Error(`no interface ${name}`);
  const members = new Map<string, boolean>();
  for (const base of bases.split(',')) {
    const own = base.replace(/<.*/, '').trim();
    if (own === '' || own === 'AsyncIterable') continue;
    for (const [member, described] of declared(own).members) members.set(member, described);
  }
  let described = false;
  for (const line of body.split('\n')) {
    const [, member] = /^ {2}(?:readonly |get |set )?(\w+)\??[(<:]/.exec(line) ?? [];
    if (member !== undefined) {
      members.set(member, described || members.get(member) === true);
      described = false;
    } else if (/\*\/$/.test(line)) {
      described = true;
    } else if (!/^\s*(?:\/\/|\/\*|\*)/.test(line)) {
      described = false;
    }
  }
  return { members };
}

/** How a script gets at an object of each interface. */
const OBJECTS: Readonly<Record<string, string>> = {
  Ngx: 'ngx',
  Req: 'ngx.req',
  Resp: 'ngx.resp',
  LocationApi: 'ngx.location',
  Re: 'ngx.re',
  TimerApi: 'ngx.timer',
  WorkerApi: 'ngx.worker',
  ProcessApi: 'ngx.process',
  ErrlogApi: 'ngx.errlog',
  UpstreamApi: 'ngx.upstream',
  ConfigApi: 'ngx.config',
  MetricsApi: 'ngx.metrics',
  SocketApi: 'ngx.socket',
  ThreadApi: 'ngx.thread',
  SharedDict: 'ngx.shared.d',
  BalancerApi: 'ngx.balancer',
  PipeApi: 'ngx.pipe',
  CoroutineApi: 'coroutine',
  SetVar: 'ndk.set_var',
  TcpSocket: 'ngx.socket.tcp()',
  UdpSocket: 'ngx.socket.udp()',
  Semaphore: 'ngx.semaphore.new(1)',
  Counter: 'ngx.metrics.counter("c", "c")',
  Gauge: 'ngx.metrics.gauge("g", "g")',
  Histogram: 'ngx.metrics.histogram("h", "h")',
};

/** What each object has beside. */
const BESIDE = 'constructor';

let b: Bench;

beforeAll(async () => {
  const code = (object: string): string =>
    `const names = new Set<string>();
     for (let o: object | null = ${object}; o !== null && o !== Object.prototype; o = Object.getPrototypeOf(o))
       for (const name of Object.getOwnPropertyNames(o)) names.add(name);
     ngx.log(ngx.ERR, "names: ", [...names].join(" "));`;
  const blocks = Object.entries(OBJECTS).map(
    ([name, object]) => [name === 'BalancerApi' ? 'balancer' : 'content', code(object)] as const,
  );
  // No call is made of the dictionary.
  b = await bench(
    blocks.map((block) => [block]),
    { dicts: new Map([['d', null as unknown as SharedDict]]) },
  );
});

afterAll(() => b.stop());

test.each(Object.entries(OBJECTS))('%s is what %s has', async (name, object) => {
  const r = new FakeRequest();
  await b.run(r, Object.values(OBJECTS).indexOf(object));
  const [, names = ''] = /names: (.*)/.exec(r.logs.map(({ message }) => message).join()) ?? [];
  const seen = names.split(' ').filter((member) => member !== BESIDE);
  expect(seen.sort()).toEqual([...declared(name).members.keys()].sort());
});

test.each(Object.keys(OBJECTS))('each member of %s is described', (name) => {
  const constants = declared('Constants').members;
  const bare = [...declared(name).members].filter(
    ([member, described]) => !described && !constants.has(member),
  );
  expect(bare.map(([member]) => member)).toEqual([]);
});
