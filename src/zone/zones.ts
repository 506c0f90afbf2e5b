// The zones of a configuration, as the master keeps them: where they live, what of them a reload keeps, and
// what a master that was killed left behind.
//
//   /dev/shm/tsresty-HASH-PID-RANDOM/     of this master; HASH is that of the prefix
//     master                              says which process that is, for who finds it later
//     KIND.NAME.SIZE.N/                   a zone; N is new whenever it is
//   PREFIX/zones_temp/tsresty-…/          the same, for what /dev/shm has no room for
//   PREFIX/zones/KIND.NAME/SIZE/          a zone that persists
//
// A master that starts beside another of the same prefix (SIGUSR2) has zones of its own, as in nginx. A zone
// that is removed while workers have it open goes on for them; the memory is free when the last one exits.

import { createHash, randomUUID } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Zone } from './zone.ts';

export interface ZoneSpec {
  readonly name: string;
  /** The directive that the zone is of. A name is one zone per kind. */
  readonly kind: string;
  readonly size: number;
  readonly persist?: boolean;
  /** Bytes of plain memory beside the entries: see Zone.block. */
  readonly block?: number;
  readonly purpose?: ZonePurpose;
}

/** What a zone is for, as far as one that an earlier configuration had cannot serve for just anything. */
export interface ZonePurpose {
  /** Why the zone cannot be that of `before`; null: it can. */
  conflict(before: ZonePurpose): string | null;
}

/** Where a worker finds a zone. */
export interface ZoneSource {
  readonly name: string;
  readonly kind: string;
  readonly size: number;
  readonly dir: string;
  readonly persist: boolean;
  readonly block: number;
}

interface ZoneUser {
  readonly uid: number;
  readonly gid: number;
}

export interface MasterZonesOptions {
  readonly prefix: string;
  /** Whom the workers run as, when the master is root. */
  readonly user?: ZoneUser | null;
  readonly warn?: (message: string) => void;
  /** Where zones live in memory. */
  readonly memoryDir?: string;
}

const MEMORY_DIR = '/dev/shm';
const MASTER_FILE = 'master';
const STATE_FILE = 'state';
/** The most that a zone's files take while its values are small, in parts of its size. */
const ROOM = 1.5;
const ROOM_BYTES = 4 * 1024 * 1024;

export class MasterZones {
  private readonly prefix: string;
  private readonly user: ZoneUser | null;
  private readonly warn: (message: string) => void;
  private readonly memoryDir: string;
  /** By base. */
  private readonly roots = new Map<string, string>();
  private readonly hash: string;
  private readonly session = randomUUID();
  /** What is open, by directory: the lock of a zone lasts as long as somebody has it open. */
  private readonly open = new Map<string, OpenZone>();
  private started = false;
  private made = 0;

  constructor({ prefix, user, warn, memoryDir }: MasterZonesOptions) {
    this.prefix = prefix;
    this.user = process.getuid?.() === 0 ? (user ?? null) : null;
    this.warn = warn ?? (() => {});
    this.memoryDir = memoryDir ?? MEMORY_DIR;
    this.hash = createHash('sha256').update(prefix).digest('hex').slice(0, 16);
  }

  /** Why one of the zones cannot go on as another configuration has it; null: all can. */
  conflict(specs: readonly ZoneSpec[]): string | null {
    for (const spec of specs) {
      const known = this.find(spec);
      const before = known === undefined ? undefined : this.open.get(known.dir)?.purpose;
      const conflict = before === undefined ? undefined : spec.purpose?.conflict(before);
      if (conflict) return conflict;
    }
    return null;
  }

  /**
   * Opens the zones of a configuration: those that are open already with that size, else new ones. If one is
   * not to be had it throws, and all is as before. What is not in force yet: see keep.
   */
  prepare(specs: readonly ZoneSpec[]): ZoneSource[] {
    if (!this.started) this.removeStale();
    this.started = true;
    const sources: ZoneSource[] = [];
    const fresh: ZoneSource[] = [];
    try {
      for (const spec of specs) {
        const known = this.find(spec);
        const source = known ?? this.make(spec);
        sources.push(source);
        if (known === undefined) fresh.push(source);
      }
    } catch (error) {
      for (const { dir } of fresh) this.drop(dir);
      throw error;
    }
    return sources;
  }

  /** These are in force now: all others go. Or, for a configuration that came to nothing, those before it. */
  keep(sources: readonly ZoneSource[]): void {
    const dirs = new Set(sources.map(({ dir }) => dir));
    for (const dir of [...this.open.keys()]) if (!dirs.has(dir)) this.drop(dir);
    for (const { name, dir, persist } of sources) if (persist) this.removeOtherSizes(name, dir);
  }

  /** The master's own handles, by kind and name; for a master that is its own worker. */
  zones(sources: readonly ZoneSource[]): Zones {
    return byName(sources, ({ dir }) => (this.open.get(dir) as OpenZone).zone);
  }

  /** At start, after a worker's exit, and from time to time: frees what dead workers still hold. */
  maintain(): number {
    let freed = 0;
    for (const { zone } of this.open.values()) freed += zone.readerCheck();
    return freed;
  }

  /** At the end: closes all zones and removes those that do not persist. */
  remove(): void {
    for (const dir of [...this.open.keys()]) this.drop(dir);
    this.unlink();
  }

  /** Removes the files alone: zones that are open, here too, go on. */
  unlink(): void {
    for (const root of this.roots.values()) rmSync(root, { recursive: true, force: true });
    this.roots.clear();
  }

  private find({ name, kind, size, persist = false, block = 0 }: ZoneSpec): ZoneSource | undefined {
    for (const { source } of this.open.values()) {
      const same = source.name === name && source.kind === kind && source.size === size;
      if (same && source.persist === persist && source.block === block) return source;
    }
    return undefined;
  }

  private make({ name, kind, size, persist = false, block = 0, purpose }: ZoneSpec): ZoneSource {
    const dir = persist ? this.persistentDir(name, kind, size) : this.newDir(name, kind, size);
    const zone = new Zone({ name, size, dir, block });
    const source = { name, kind, size, dir, persist, block };
    this.open.set(dir, { source, zone, purpose });
    if (this.user !== null) chownTree(dir, this.user);
    return source;
  }

  private newDir(name: string, kind: string, size: number): string {
    const base = this.baseFor(size, name);
    let root = this.roots.get(base);
    if (root === undefined) {
      root = makeRoot(join(base, `tsresty-${this.hash}-${process.pid}-`));
      this.roots.set(base, root);
    }
    return join(root, `${kind}.${fileName(name)}.${size}.${this.made++}`);
  }

  private baseFor(size: number, name: string): string {
    const [memory, disk] = this.bases();
    if (!existsSync(memory)) return disk;
    const { bavail, bsize } = statfsSync(memory);
    const free = bavail * bsize;
    if (free >= size * ROOM + ROOM_BYTES) return memory;
    this.warn(`zone "${name}" is in "${disk}", since "${memory}" has only ${free} bytes left`);
    return disk;
  }

  private bases(): readonly [memory: string, disk: string] {
    return [this.memoryDir, join(this.prefix, 'zones_temp')];
  }

  private persistentDir(name: string, kind: string, size: number): string {
    const parent = join(this.prefix, 'zones', `${kind}.${fileName(name)}`);
    const dir = join(parent, String(size));
    const statePath = join(parent, STATE_FILE);
    const state = readState(statePath);
    if (existsSync(dir) && !state.clean && state.boot !== bootId()) {
      this.warn(`zone "${name}" was in use when the machine stopped: it starts empty`);
      rmSync(dir, { recursive: true });
    }
    mkdirSync(parent, { recursive: true });
    writeState(statePath, { boot: bootId(), session: this.session, clean: false });
    return dir;
  }

  private removeOtherSizes(name: string, dir: string): void {
    const parent = dirname(dir);
    for (const entry of readdirSync(parent)) {
      if (entry === STATE_FILE || entry === basename(dir)) continue;
      this.warn(`zone "${name}" has another size than before: it starts empty`);
      rmSync(join(parent, entry), { recursive: true, force: true });
    }
  }

  private drop(dir: string): void {
    const opened = this.open.get(dir);
    if (opened === undefined) return;
    this.open.delete(dir);
    if (!opened.source.persist) {
      opened.zone.destroy();
      return;
    }
    opened.zone.sync();
    opened.zone.close();
    const statePath = join(dirname(dir), STATE_FILE);
    const state = readState(statePath);
    // Another master may have the zone by now.
    if (state.session === this.session) writeState(statePath, { ...state, clean: true });
  }

  /** What masters of this prefix left that are no more. */
  private removeStale(): void {
    for (const base of this.bases()) {
      if (!existsSync(base)) continue;
      for (const name of readdirSync(base)) {
        if (!name.startsWith(`tsresty-${this.hash}-`)) continue;
        const root = join(base, name);
        if (isOurs(root) && !isAlive(root)) rmSync(root, { recursive: true, force: true });
      }
    }
  }
}

/** The zones of a worker, by kind and name. */
export type Zones = ReadonlyMap<string, ReadonlyMap<string, Zone>>;

/** Opens the zones that the master has made. */
export function openZones(sources: readonly ZoneSource[]): Zones {
  return byName(sources, ({ name, size, dir, block }) => new Zone({ name, size, dir, block, create: false }));
}

interface OpenZone {
  readonly source: ZoneSource;
  readonly zone: Zone;
  readonly purpose: ZonePurpose | undefined;
}

function byName(sources: readonly ZoneSource[], zoneOf: (source: ZoneSource) => Zone): Zones {
  const zones = new Map<string, Map<string, Zone>>();
  for (const source of sources) {
    let ofKind = zones.get(source.kind);
    if (ofKind === undefined) {
      ofKind = new Map();
      zones.set(source.kind, ofKind);
    }
    ofKind.set(source.name, zoneOf(source));
  }
  return zones;
}

/** Others may pass, but not look; the zones in it are their user's alone. */
function makeRoot(start: string): string {
  mkdirSync(dirname(start), { recursive: true });
  const root = mkdtempSync(start);
  chmodSync(root, 0o711);
  const { pid } = process;
  writeFileSync(join(root, MASTER_FILE), JSON.stringify({ pid, started: startTime(pid), space: pidSpace() }));
  return root;
}

function isOurs(root: string): boolean {
  try {
    const stat = lstatSync(root);
    return stat.isDirectory() && stat.uid === (process.geteuid?.() ?? stat.uid);
  } catch {
    return false; // gone meanwhile
  }
}

/** Whether the master of these zones still runs; what cannot be told from here counts as running. */
function isAlive(root: string): boolean {
  let master = { pid: Number(basename(root).split('-')[2]), started: '', space: pidSpace() };
  try {
    master = JSON.parse(readFileSync(join(root, MASTER_FILE), 'utf8'));
  } catch {
    // It was killed before it could say who it is.
  }
  if (master.space !== pidSpace()) return true;
  try {
    process.kill(master.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return master.started === '' || master.started === startTime(master.pid);
}

/** Tells processes apart that have had the same number. */
export function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return ''; // no /proc
  }
}

/** Containers may share /dev/shm, but not process numbers. */
function pidSpace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return '';
  }
}

interface State {
  readonly boot: string;
  readonly session: string;
  readonly clean: boolean;
}

function readState(path: string): State {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return { boot: '', session: '', clean: false };
  }
}

function writeState(path: string, state: State): void {
  writeFileSync(path, JSON.stringify(state), { flush: true });
}

function chownTree(dir: string, { uid, gid }: ZoneUser): void {
  chownSync(dir, uid, gid);
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) chownTree(path, { uid, gid });
    else chownSync(path, uid, gid);
  }
}

/** A name of any length, with any characters, as part of a file's name. */
function fileName(name: string): string {
  if (/^[\w-]{1,64}$/.test(name)) return name;
  return createHash('sha256').update(name).digest('hex');
}
