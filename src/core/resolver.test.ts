import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { A, AAAA, CNAME, parseAnswer, question, SRV } from './dns_message.ts';
import { type Resolved, Resolver } from './resolver.ts';

const servers: Socket[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** One record of an answer; its data, or a name for CNAME. */
type Data = readonly [type: number, ttl: number, data: readonly number[] | string];

function nameBytes(name: string): number[] {
  return [...name.split('.').flatMap((label) => [label.length, ...Buffer.from(label, 'latin1')]), 0];
}

function answerTo(query: Buffer, code: number, records: readonly Data[], flags = 0x8180): Buffer {
  const head = Buffer.from(query);
  head.writeUInt16BE(flags | code, 2);
  head.writeUInt16BE(records.length, 6);
  const parts = records.flatMap(([type, ttl, data]) => {
    const bytes = typeof data === 'string' ? nameBytes(data) : data;
    const record = Buffer.alloc(12);
    record.writeUInt16BE(0xc00c, 0); // the name that was asked for
    record.writeUInt16BE(type, 2);
    record.writeUInt16BE(1, 4);
    record.writeUInt32BE(ttl, 6);
    record.writeUInt16BE(bytes.length, 10);
    return [record, Buffer.from(bytes)];
  });
  return Buffer.concat([head, ...parts]);
}

type Zone = Readonly<
  Record<string, { readonly code?: number; readonly records: readonly Data[] } | 'silent'>
>;

/** A name server: `zone` by "name type"; what it does not know, it knows not to be. */
async function nameServer(zone: Zone): Promise<{ port: number; asked: string[] }> {
  const asked: string[] = [];
  const server = createSocket('udp4');
  servers.push(server);
  server.on('message', (query, from) => {
    // An answer without records says what was asked.
    const parsed = parseAnswer(answerTo(query, 0, []));
    const key = `${parsed?.name} ${parsed?.type === A ? 'A' : parsed?.type === SRV ? 'SRV' : 'AAAA'}`;
    asked.push(key);
    const found = zone[key];
    if (found === 'silent') return;
    const code = found === undefined ? 3 : (found.code ?? 0);
    server.send(answerTo(query, code, found?.records ?? []), from.port, from.address);
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, asked };
}

function resolverAt(port: number, { validMs = -1, ipv6 = true } = {}): Resolver {
  return new Resolver({ servers: [{ host: '127.0.0.1', port }], validMs, ipv4: true, ipv6 });
}

function ask(resolver: Resolver, name: string, timeoutMs = 1000): Promise<string> {
  return new Promise((resolve) => {
    resolver.resolve(name, timeoutMs, ({ addresses, error }: Resolved) => {
      resolve(error === '' ? [...addresses].sort().join(' ') : error);
    });
  });
}

const ONE: Data = [A, 60, [10, 0, 0, 1]];
const TWO: Data = [A, 60, [10, 0, 0, 2]];
const SIX: Data = [AAAA, 60, [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]];
const NONE = { records: [] };

describe('a resolver', () => {
  const zone: Zone = {
    'a.test A': { records: [ONE] },
    'a.test AAAA': NONE,
    'both.test A': { records: [ONE, TWO] },
    'both.test AAAA': { records: [SIX] },
    'none.test A': NONE,
    'none.test AAAA': NONE,
    'half.test A': { records: [ONE] },
    'half.test AAAA': { code: 2, records: [] },
    'alias.test A': { records: [[CNAME, 60, 'a.test']] },
    'alias.test AAAA': { records: [[CNAME, 60, 'a.test']] },
    'full.test A': { records: [[CNAME, 60, 'x.test'], ONE] },
    'full.test AAAA': { records: [[CNAME, 60, 'x.test']] },
    'loop.test A': { records: [[CNAME, 60, 'loop.test']] },
    'loop.test AAAA': { records: [[CNAME, 60, 'loop.test']] },
    'silent.test A': 'silent',
    'silent.test AAAA': NONE,
  };

  test.each([
    ['a.test', '10.0.0.1'],
    ['A.Test.', '10.0.0.1'],
    ['both.test', '10.0.0.1 10.0.0.2 fe80::1'],
    ['none.test', '3: Host not found'],
    ['half.test', '2: Server failure'],
    ['unknown.test', '3: Host not found'],
    ['alias.test', '10.0.0.1'],
    ['full.test', '10.0.0.1'],
    ['loop.test', '3: Host not found'],
    ['a..test', '3: Host not found'],
    [`${'a'.repeat(64)}.test`, '3: Host not found'],
  ])('%s is %s', async (name, expected) => {
    const { port } = await nameServer(zone);
    const resolver = resolverAt(port);
    expect(await ask(resolver, name)).toBe(expected);
  });

  test('gives up in time', async () => {
    const { port } = await nameServer(zone);
    const resolver = resolverAt(port);
    expect(await ask(resolver, 'silent.test', 50)).toBe('110: Operation timed out');
  });

  test('asks once as long as the answer is good, and once for all that wait', async () => {
    const { port, asked } = await nameServer(zone);
    const resolver = resolverAt(port, { ipv6: false });
    await Promise.all([ask(resolver, 'a.test'), ask(resolver, 'a.test')]);
    await ask(resolver, 'A.TEST');
    expect(asked).toEqual(['a.test A']);
  });

  test('valid= overrides how long answers are good', async () => {
    const { port, asked } = await nameServer(zone);
    const resolver = resolverAt(port, { validMs: 0, ipv6: false });
    await ask(resolver, 'a.test');
    await ask(resolver, 'a.test');
    expect(asked).toHaveLength(2);
  });

  test('gives fresh addresses in their order, and known ones from any of them on', async () => {
    const { port } = await nameServer(zone);
    const servers = [{ host: '127.0.0.1', port }];
    const firsts = new Set<string>();
    for (let n = 0; n < 8; n++) {
      const resolver = new Resolver({ servers, validMs: -1, ipv4: true, ipv6: true });
      const find = (): Promise<readonly string[]> =>
        new Promise((resolve) => resolver.resolve('both.test', 1000, ({ addresses }) => resolve(addresses)));
      expect(await find()).toEqual(['10.0.0.1', '10.0.0.2', 'fe80::1']);
      for (let again = 0; again < 8; again++) firsts.add((await find())[0] as string);
    }
    expect(firsts.size).toBe(3);
  });

  test('asks its servers in turns', async () => {
    const [one, two] = [await nameServer(zone), await nameServer(zone)];
    const both = [one, two].map(({ port }) => ({ host: '127.0.0.1', port }));
    const resolver = new Resolver({ servers: both, validMs: 0, ipv4: true, ipv6: false });
    for (let i = 0; i < 4; i++) await ask(resolver, 'a.test');
    expect([one.asked.length, two.asked.length]).toEqual([2, 2]);
  });
});

test('a message that is cut off anywhere is no answer', () => {
  const query = question(1, 'a.test', A) as Buffer;
  const whole = answerTo(query, 0, [[CNAME, 1, 'b.test'], ONE]);
  expect(parseAnswer(whole)?.addresses).toEqual(['10.0.0.1']);
  for (let size = 0; size < whole.length; size++) expect(parseAnswer(whole.subarray(0, size))).toBeNull();
});

test('a name that refers to itself is no answer', () => {
  const query = question(1, 'a.test', A) as Buffer;
  const whole = answerTo(query, 0, [ONE]);
  whole.writeUInt16BE(0xc000 | query.length, query.length);
  expect(parseAnswer(whole)).toBeNull();
});

describe('a service', () => {
  const at = (priority: number, weight: number, port: number, name: string): Data => [
    SRV,
    60,
    [0, priority, 0, weight, port >> 8, port & 255, ...nameBytes(name)],
  ];
  const zone: Zone = {
    '_http._tcp.a.test SRV': { records: [at(9, 0, 8080, 'Two.test'), at(5, 3, 80, 'one.test')] },
    '_http._tcp.alias.test SRV': { records: [[CNAME, 60, '_http._tcp.a.test']] },
    '_http._tcp.none.test SRV': NONE,
    '_http._tcp.failed.test SRV': { code: 2, records: [] },
  };

  test.each([
    ['_http._tcp.a.test', '5/3 one.test:80, 9/1 two.test:8080'],
    ['_HTTP._tcp.a.test.', '5/3 one.test:80, 9/1 two.test:8080'],
    ['_http._tcp.alias.test', '5/3 one.test:80, 9/1 two.test:8080'],
    ['_http._tcp.none.test', '3: Host not found'],
    ['_http._tcp.failed.test', '2: Server failure'],
  ])('%s is %s', async (name, expected) => {
    const { port, asked } = await nameServer(zone);
    const servers = [{ host: '127.0.0.1', port }];
    const resolver = new Resolver({ servers, validMs: -1, ipv4: true, ipv6: true });
    const find = (): Promise<string> =>
      new Promise((resolve) => {
        resolver.resolveService(name, 1000, ({ services, error }) => {
          const found = services.map((one) => `${one.priority}/${one.weight} ${one.name}:${one.port}`);
          resolve(error === '' ? found.join(', ') : error);
        });
      });
    expect(await find()).toBe(expected);
    const before = asked.length;
    if (!/^[23]/.test(expected)) expect(await find()).toBe(expected);
    expect(asked).toHaveLength(before);
  });

  test('that is cut off anywhere is no answer', () => {
    const query = question(1, 'a.test', SRV) as Buffer;
    const whole = answerTo(query, 0, [at(1, 1, 80, 'b.test')]);
    expect(parseAnswer(whole)?.services).toEqual([{ priority: 1, weight: 1, port: 80, name: 'b.test' }]);
    for (let size = 0; size < whole.length; size++) expect(parseAnswer(whole.subarray(0, size))).toBeNull();
  });
});
