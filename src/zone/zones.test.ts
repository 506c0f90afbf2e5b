import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { SharedDict } from './shared_dict.ts';
import { JobProcess, temporaryDir } from './testing.ts';
import type { Zone } from './zone.ts';
import { MasterZones, type MasterZonesOptions, openZones, type ZoneSource, type ZoneSpec } from './zones.ts';

const SIZE = 128 * 1024;

interface Place {
  readonly prefix: string;
  readonly memoryDir: string;
}

function place(): Place {
  const dir = temporaryDir();
  const made = { prefix: join(dir, 'prefix'), memoryDir: join(dir, 'memory') };
  mkdirSync(made.prefix);
  mkdirSync(made.memoryDir);
  return made;
}

function master(options: MasterZonesOptions): MasterZones {
  const zones = new MasterZones(options);
  onTestFinished(() => zones.remove());
  return zones;
}

function spec(name: string, more: Partial<ZoneSpec> = {}): ZoneSpec {
  return { name, kind: 'ts_shared_dict', size: SIZE, ...more };
}

function dictOf(zones: MasterZones, sources: readonly ZoneSource[], name: string): SharedDict {
  return new SharedDict(zones.zones(sources).get('ts_shared_dict')?.get(name) as Zone);
}

test('zones live in memory, in a directory of this master, and go with it', () => {
  const { prefix, memoryDir } = place();
  const zones = master({ prefix, memoryDir });
  const sources = zones.prepare([spec('one'), spec('two'), spec('one', { kind: 'limit_req' })]);
  expect(sources.map(({ name, kind, size }) => [name, kind, size])).toEqual([
    ['one', 'ts_shared_dict', SIZE],
    ['two', 'ts_shared_dict', SIZE],
    ['one', 'limit_req', SIZE],
  ]);
  expect(structuredClone(sources)).toEqual(sources);
  for (const { dir } of sources) {
    expect(dir.startsWith(join(memoryDir, 'tsresty-'))).toBe(true);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
  }
  expect(new Set(sources.map(({ dir }) => dirname(dir))).size).toBe(1);
  zones.remove();
  expect(readdirSync(memoryDir)).toEqual([]);
  expect(existsSync(join(prefix, 'zones_temp'))).toBe(false);
});

test('any name will do for a zone', () => {
  const zones = master(place());
  const names = ['a/../b', '.', 'ü', 'x'.repeat(500), 'a.b'];
  const sources = zones.prepare(names.map((name) => spec(name)));
  for (const name of names) dictOf(zones, sources, name).set('name', name);
  for (const name of names) expect(dictOf(zones, sources, name).get('name')).toBe(name);
});

test('a reload keeps what has the same size, and makes the rest anew', () => {
  const { prefix, memoryDir } = place();
  const zones = master({ prefix, memoryDir });
  const before = zones.prepare([spec('same'), spec('grows'), spec('goes')]);
  zones.keep(before);
  for (const name of ['same', 'grows', 'goes']) dictOf(zones, before, name).set('key', name);

  const after = zones.prepare([spec('same'), spec('grows', { size: 2 * SIZE }), spec('comes')]);
  expect(after[0]).toEqual(before[0]);
  expect(existsSync(before[1]?.dir as string)).toBe(true); // its workers still serve
  zones.keep(after);
  expect(existsSync(before[1]?.dir as string)).toBe(false);
  expect(existsSync(before[2]?.dir as string)).toBe(false);
  expect(dictOf(zones, after, 'same').get('key')).toBe('same');
  expect(dictOf(zones, after, 'grows').get('key')).toBeUndefined();
  expect(dictOf(zones, after, 'comes').get('key')).toBeUndefined();

  const again = zones.prepare([spec('grows')]);
  zones.keep(again);
  expect(dictOf(zones, again, 'grows').get('key')).toBeUndefined();
});

test('a reload that fails leaves all as it was', () => {
  const { prefix, memoryDir } = place();
  const zones = master({ prefix, memoryDir });
  const before = zones.prepare([spec('one')]);
  dictOf(zones, before, 'one').set('key', 'value');
  const root = dirname(before[0]?.dir as string);
  const files = readdirSync(root);
  expect(() => zones.prepare([spec('one'), spec('two'), spec('bad', { size: Number.NaN })])).toThrow();
  expect(readdirSync(root)).toEqual(files);

  zones.prepare([spec('one', { size: 2 * SIZE }), spec('two')]);
  zones.keep(before); // the configuration turned out not to be usable
  expect(readdirSync(root)).toEqual(files);
  expect(dictOf(zones, before, 'one').get('key')).toBe('value');
});

test('a worker opens what the master made, and goes on with it when it is removed', async () => {
  const zones = master(place());
  const sources = zones.prepare([spec('test')]);
  const zone = zones.zones(sources).get('ts_shared_dict')?.get('test') as Zone;
  const worker = new JobProcess('count', zone, 1e9);
  await worker.untilDone(10);
  expect(new SharedDict(zone).get('counter')).toBeGreaterThanOrEqual(10);
  zones.keep([]);
  expect(existsSync(zone.path)).toBe(false);
  await worker.untilDone(worker.done + 10);
  await worker.kill();
  expect(() => openZones(sources)).toThrow('zone "test" is not in');
});

test('frees the reader slots of workers that died', async () => {
  const zones = master(place());
  const sources = zones.prepare([spec('test')]);
  const worker = new JobProcess('hold', zones.zones(sources).get('ts_shared_dict')?.get('test') as Zone);
  await worker.untilDone(1);
  await worker.kill();
  expect(zones.maintain()).toBeGreaterThanOrEqual(1);
  expect(zones.maintain()).toBe(0);
});

test('removes what a master that was killed left, and nothing else', () => {
  const { prefix, memoryDir } = place();
  const dead = 2 ** 22 + 1; // no process has this number
  const first = master({ prefix, memoryDir });
  const [source] = first.prepare([spec('one')]);
  const root = dirname(source?.dir as string);
  const about = JSON.parse(readFileSync(join(root, 'master'), 'utf8'));
  const hash = root.split('-').at(-3);
  const left: Record<string, object | null> = {
    [`tsresty-${hash}-${dead}-aaaaaa`]: { ...about, pid: dead },
    [`tsresty-${hash}-${dead}-bbbbbb`]: null, // killed before it could say more
    [`tsresty-${hash}-${process.pid}-cccccc`]: { ...about, started: '1' }, // its number is ours now
    [`tsresty-${hash}-${dead}-dddddd`]: { ...about, pid: dead, space: 'of another container' },
    [`tsresty-${hash}-1-eeeeee`]: { ...about, pid: 1, started: '' },
    [`tsresty-0123456789abcdef-${dead}-ffffff`]: { ...about, pid: dead },
  };
  for (const [name, written] of Object.entries(left)) {
    mkdirSync(join(memoryDir, name));
    if (written !== null) writeFileSync(join(memoryDir, name, 'master'), JSON.stringify(written));
  }
  const second = master({ prefix, memoryDir });
  second.prepare([]);
  const remaining = readdirSync(memoryDir).map((name) => name.slice(-6));
  expect(remaining.sort()).toEqual(['dddddd', 'eeeeee', 'ffffff', root.slice(-6)].sort());
});

test('where memory has no room, zones are on disk', () => {
  const { prefix } = place();
  const warnings: string[] = [];
  const without = master({ prefix, memoryDir: '/does/not/exist' });
  const [source] = without.prepare([spec('one')]);
  expect(source?.dir.startsWith(join(prefix, 'zones_temp/tsresty-'))).toBe(true);

  const { prefix: other, memoryDir } = place();
  const small = master({ prefix: other, memoryDir, warn: (message) => warnings.push(message) });
  const { bavail, bsize } = statfsSync(memoryDir);
  const [large, fits] = small.prepare([spec('large', { size: bavail * bsize }), spec('fits')]);
  expect(large?.dir.startsWith(join(other, 'zones_temp/tsresty-'))).toBe(true);
  expect(fits?.dir.startsWith(memoryDir)).toBe(true);
  expect(warnings[0]).toMatch(
    /^zone "large" is in ".*zones_temp", since ".*memory" has only \d+ bytes left$/,
  );
});

test('a zone that persists is there again', () => {
  const { prefix, memoryDir } = place();
  const warnings: string[] = [];
  const start = (): MasterZones => master({ prefix, memoryDir, warn: (message) => warnings.push(message) });
  const persist = { persist: true };

  const first = start();
  const sources = first.prepare([spec('kept', persist), spec('other')]);
  first.keep(sources);
  dictOf(first, sources, 'kept').set('key', 'value');
  dictOf(first, sources, 'other').set('key', 'value');
  first.remove();

  const second = start();
  const again = second.prepare([spec('kept', persist), spec('other')]);
  second.keep(again);
  expect(again[0]).toEqual(sources[0]);
  expect(dictOf(second, again, 'kept').get('key')).toBe('value');
  expect(dictOf(second, again, 'other').get('key')).toBeUndefined();
  expect(warnings).toEqual([]);

  const grown = second.prepare([spec('kept', { size: 2 * SIZE, ...persist })]);
  second.keep(grown);
  expect(dictOf(second, grown, 'kept').get('key')).toBeUndefined();
  expect(existsSync(sources[0]?.dir as string)).toBe(false);
  expect(warnings).toEqual(['zone "kept" has another size than before: it starts empty']);
});

test('a zone that persists is not trusted after the machine stopped while it was in use', () => {
  const { prefix, memoryDir } = place();
  const warnings: string[] = [];
  const start = (): MasterZones => master({ prefix, memoryDir, warn: (message) => warnings.push(message) });
  const specs = [spec('kept', { persist: true })];
  const zones = start();
  const sources = zones.prepare(specs);
  dictOf(zones, sources, 'kept').set('key', 'value');
  const state = join(dirname(sources[0]?.dir as string), 'state');
  const inUse = JSON.parse(readFileSync(state, 'utf8'));
  expect(inUse).toMatchObject({ clean: false });
  zones.remove();
  expect(JSON.parse(readFileSync(state, 'utf8'))).toMatchObject({ clean: true });

  // The same boot: a master that was killed.
  writeFileSync(state, JSON.stringify(inUse));
  const second = start();
  expect(dictOf(second, second.prepare(specs), 'kept').get('key')).toBe('value');
  second.remove();

  // Another boot, after a stop in good order.
  writeFileSync(state, JSON.stringify({ ...inUse, boot: 'another', clean: true }));
  const third = start();
  expect(dictOf(third, third.prepare(specs), 'kept').get('key')).toBe('value');
  third.remove();

  writeFileSync(state, JSON.stringify({ ...inUse, boot: 'another' }));
  const fourth = start();
  expect(dictOf(fourth, fourth.prepare(specs), 'kept').get('key')).toBeUndefined();
  expect(warnings).toEqual(['zone "kept" was in use when the machine stopped: it starts empty']);
});

test.runIf(process.getuid?.() === 0)('a zone belongs to the user of the workers', () => {
  const { prefix, memoryDir } = place();
  const zones = master({ prefix, memoryDir, user: { uid: 65534, gid: 65534 } });
  const [source] = zones.prepare([spec('one')]);
  const dir = source?.dir as string;
  for (const path of [dir, join(dir, 'data.mdb'), join(dir, 'lock.mdb'), join(dir, 'control/data.mdb')]) {
    expect(statSync(path)).toMatchObject({ uid: 65534, gid: 65534 });
  }
  expect(statSync(dirname(dir)).mode & 0o777).toBe(0o711);
});
