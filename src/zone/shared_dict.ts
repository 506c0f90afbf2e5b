// ngx.shared.NAME: lua-nginx-module's shared dictionary on a zone, with its semantics and its error strings.
// What Lua returns as `nil, err` is thrown as a ZoneError; an ordinary "no" is undefined or false.
// Strings are JS text, stored as UTF-8.

import type { Entry, Item } from './entry.ts';
import type { Room } from './eviction.ts';
import { MAX_ZONE_KEY, type Stored, type Zone, ZoneError } from './zone.ts';

type DictKey = string | number | boolean | Uint8Array | ArrayBuffer;
type DictValue = string | number | boolean | Uint8Array | ArrayBuffer;
/** What reading gives: bytes come back as text, or untouched from `get_buffer`. */
type DictText = string | number | boolean;

export class SharedDict {
  readonly name: string;
  private readonly zone: Zone;
  private readonly operation: Operation;

  constructor(zone: Zone) {
    this.zone = zone;
    this.name = zone.name;
    this.operation = new Operation();
  }

  get(key: DictKey): DictText | undefined {
    const entry = this.zone.find(toKey(key));
    return entry === undefined ? undefined : readText(entry);
  }

  get_with_flags(key: DictKey): { value: DictText; flags: number } | undefined {
    const entry = this.zone.find(toKey(key));
    return entry === undefined ? undefined : { value: readText(entry), flags: entry.flags };
  }

  /** Also what has expired, as long as nothing took its place. */
  get_stale(key: DictKey): { value: DictText; flags: number; stale: boolean } | undefined {
    const entry = this.zone.peek(toKey(key));
    if (entry === undefined) return undefined;
    return { value: readText(entry), flags: entry.flags, stale: !this.zone.isLive(entry) };
  }

  /** The value's bytes; of a number or boolean, those of its text. */
  get_buffer(key: DictKey): Uint8Array | undefined {
    const entry = this.zone.find(toKey(key));
    return entry === undefined ? undefined : readBytes(entry);
  }

  set(key: DictKey, value: DictValue | undefined, exptime = 0, flags = 0): boolean {
    return this.update('set', 'evict', key, value, exptime, flags) !== 'declined';
  }

  set_with_info(key: DictKey, value: DictValue | undefined, exptime = 0, flags = 0): UpdateInfo {
    return toInfo(this.update('set', 'evict', key, value, exptime, flags));
  }

  /** Like set, but throws `no memory` rather than evict what is still live. */
  safe_set(key: DictKey, value: DictValue | undefined, exptime = 0, flags = 0): boolean {
    return this.update('set', 'expired', key, value, exptime, flags) !== 'declined';
  }

  /** False when the key is there and has not expired. */
  add(key: DictKey, value: DictValue, exptime = 0, flags = 0): boolean {
    return this.update('add', 'evict', key, value, exptime, flags) !== 'declined';
  }

  add_with_info(key: DictKey, value: DictValue, exptime = 0, flags = 0): UpdateInfo {
    return toInfo(this.update('add', 'evict', key, value, exptime, flags));
  }

  safe_add(key: DictKey, value: DictValue, exptime = 0, flags = 0): boolean {
    return this.update('add', 'expired', key, value, exptime, flags) !== 'declined';
  }

  /** False when the key is not there, or has expired. */
  replace(key: DictKey, value: DictValue, exptime = 0, flags = 0): boolean {
    return this.update('replace', 'evict', key, value, exptime, flags) !== 'declined';
  }

  replace_with_info(key: DictKey, value: DictValue, exptime = 0, flags = 0): UpdateInfo {
    return toInfo(this.update('replace', 'evict', key, value, exptime, flags));
  }

  delete(key: DictKey): boolean {
    return this.set(key, undefined);
  }

  /** The new number. Without `init` a key that is missing or has expired is an error: `not found`. */
  incr(key: DictKey, value: number, init?: number, init_ttl?: number): number {
    this.increment(key, value, init, init_ttl);
    return this.operation.by;
  }

  incr_with_info(
    key: DictKey,
    value: number,
    init?: number,
    init_ttl?: number,
  ): { value: number; forcible: boolean } {
    const stored = this.increment(key, value, init, init_ttl);
    return { value: this.operation.by, forcible: stored === 'evicted' };
  }

  /** The list's new length. */
  lpush(key: DictKey, value: string | number | Uint8Array | ArrayBuffer): number {
    return this.push(true, key, value);
  }

  rpush(key: DictKey, value: string | number | Uint8Array | ArrayBuffer): number {
    return this.push(false, key, value);
  }

  lpop(key: DictKey): string | number | undefined {
    return this.pop(true, key);
  }

  rpop(key: DictKey): string | number | undefined {
    return this.pop(false, key);
  }

  llen(key: DictKey): number {
    const entry = this.zone.find(toKey(key));
    if (entry === undefined) return 0;
    if (!entry.isList) throw new ZoneError('value not a list');
    return entry.count;
  }

  /** Seconds left, 0 for never; negative for what has expired and is still there. */
  ttl(key: DictKey): number {
    const { zone } = this;
    const entry = zone.peek(toKey(key));
    if (entry === undefined || zone.isFlushed(entry)) throw new ZoneError('not found');
    return entry.expires === 0 ? 0 : (entry.expires - Date.now()) / 1000;
  }

  /** Also of what has expired and is still there. A negative time is as good as none, as in lua-nginx-module. */
  expire(key: DictKey, exptime: number): boolean {
    const { operation } = this;
    operation.key = toKey(key);
    operation.expires = toExpires(Math.max(exptime, 0), 'exptime');
    this.zone.update(expireStep, operation);
    return true;
  }

  flush_all(): void {
    this.zone.flush();
  }

  flush_expired(max_count = 0): number {
    return this.zone.removeExpired(Math.max(0, Math.trunc(max_count)));
  }

  get_keys(max_count = 1024): string[] {
    const keys = this.zone.keys(Math.max(0, Math.trunc(max_count)));
    return keys.map((key) => key.toString('utf8'));
  }

  capacity(): number {
    return this.zone.size;
  }

  /** Whole pages that nothing is charged for. */
  free_space(): number {
    const free = this.zone.free();
    return free - (free % PAGE_BYTES);
  }

  private update(
    mode: Mode,
    room: Room,
    key: DictKey,
    value: DictValue | undefined,
    exptime: number,
    flags: number,
  ): Updated {
    const { operation, zone } = this;
    operation.expires = toExpires(exptime, 'exptime');
    operation.flags = flags >>> 0;
    operation.key = toKey(key);
    if (value === undefined) {
      if (mode !== 'set') throw new ZoneError('attempt to add or replace nil values');
      zone.update(deleteStep, operation);
      return 'stored';
    }
    operation.take(value);
    operation.mode = mode;
    operation.room = room;
    const updated = zone.update(updateStep, operation);
    if (updated === 'no memory') throw new ZoneError(updated);
    return updated;
  }

  private increment(
    key: DictKey,
    value: number,
    init: number | undefined,
    init_ttl: number | undefined,
  ): Stored {
    const { operation } = this;
    operation.key = toKey(key);
    operation.by = toNumber(value, 'value');
    operation.hasInitial = init !== undefined && init !== null && (init as unknown) !== false;
    operation.initial = operation.hasInitial ? toNumber(init, 'init') : 0;
    operation.expires = 0;
    if (init_ttl !== undefined) {
      operation.expires = toExpires(toNumber(init_ttl, 'init_ttl'), 'init_ttl');
      if (!operation.hasInitial) {
        throw new ZoneError('must provide "init" when providing "init_ttl"', 'BAD_ARGUMENT');
      }
    }
    const stored = this.zone.update(incrementStep, operation);
    if (stored === 'no memory') throw new ZoneError(stored);
    return stored;
  }

  private push(atHead: boolean, key: DictKey, value: DictValue): number {
    const { operation } = this;
    operation.key = toKey(key);
    if (typeof value === 'boolean') throw new ZoneError('bad value type');
    operation.take(value);
    operation.atHead = atHead;
    const length = this.zone.update(pushStep, operation);
    if (length === 0) throw new ZoneError('no memory');
    return length;
  }

  private pop(atHead: boolean, key: DictKey): string | number | undefined {
    const { operation } = this;
    operation.key = toKey(key);
    operation.atHead = atHead;
    return this.zone.update(popStep, operation);
  }
}

type Mode = 'set' | 'add' | 'replace';
type Updated = Stored | 'declined';

interface UpdateInfo {
  readonly ok: boolean;
  /** Whether live entries were evicted to make room. */
  readonly forcible: boolean;
}

const NIL = 0;
const BOOLEAN = 1;
const NUMBER = 3;
const TEXT = 4;
const BYTES = 5;

const PAGE_BYTES = 4096;
const SCRATCH_BYTES = 12288;
// Short values are encoded here: an update uses it before it returns, and updates do not nest.
const scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
const textEncoder = new TextEncoder();
const scratchView = new DataView(scratch.buffer, 0, SCRATCH_BYTES);

/** The arguments of an update, for its step inside the transaction. One per dictionary. */
class Operation {
  key: string | Uint8Array = '';
  tag = NIL;
  bytes: Uint8Array = scratch;
  length = 0;
  expires = 0;
  flags = 0;
  mode: Mode = 'set';
  room: Room = 'evict';
  atHead = false;
  by = 0;
  hasInitial = false;
  initial = 0;

  /** Encodes the value: before the transaction, so that the lock is not held meanwhile. */
  take(value: DictValue): void {
    this.bytes = scratch;
    switch (typeof value) {
      case 'string':
        if (value.length * 3 <= SCRATCH_BYTES) {
          this.length = scratch.write(value, 'utf8');
        } else {
          this.bytes = Buffer.from(value, 'utf8');
          this.length = this.bytes.length;
        }
        this.tag = TEXT;
        return;
      case 'number':
        scratchView.setFloat64(0, value, true);
        this.length = 8;
        this.tag = NUMBER;
        return;
      case 'boolean':
        scratch[0] = value ? 1 : 0;
        this.length = 1;
        this.tag = BOOLEAN;
        return;
      default:
        this.bytes = toBytes(value);
        this.length = this.bytes.length;
        this.tag = BYTES;
    }
  }
}

function updateStep(zone: Zone, operation: Operation): Updated {
  const entry = zone.locate(operation.key);
  if (operation.mode !== 'set') {
    const live = entry !== undefined && zone.isLive(entry);
    if (live === (operation.mode === 'add')) return 'declined';
  }
  const { tag, bytes, length, expires, flags, room } = operation;
  return zone.store(tag, bytes, length, expires, flags, room);
}

function deleteStep(zone: Zone, operation: Operation): void {
  if (zone.locate(operation.key) !== undefined) zone.discard();
}

function incrementStep(zone: Zone, operation: Operation): Stored {
  const entry = zone.locate(operation.key);
  let { expires } = operation;
  let flags = 0;
  if (entry !== undefined && zone.isLive(entry)) {
    if (entry.tag !== NUMBER) throw new ZoneError('not a number');
    operation.by += entry.view.getFloat64(entry.start, true);
    expires = entry.expires;
    flags = entry.flags;
  } else {
    if (!operation.hasInitial) throw new ZoneError('not found');
    operation.by += operation.initial;
  }
  scratchView.setFloat64(0, operation.by, true);
  return zone.store(NUMBER, scratch, 8, expires, flags, 'evict');
}

/** The list's new length; 0 when there is no room. */
function pushStep(zone: Zone, operation: Operation): number {
  let entry = zone.locate(operation.key);
  if (entry !== undefined && !zone.isLive(entry)) {
    zone.discard();
    entry = undefined;
  }
  if (entry !== undefined && !entry.isList) throw new ZoneError('value not a list');
  return zone.push(operation.atHead, operation.tag, operation.bytes, operation.length);
}

function popStep(zone: Zone, operation: Operation): string | number | undefined {
  const entry = zone.locate(operation.key);
  if (entry === undefined || !zone.isLive(entry)) return undefined;
  if (!entry.isList) throw new ZoneError('value not a list');
  const item = zone.pop(operation.atHead);
  return item.tag === NUMBER ? item.bytes.readDoubleLE(item.start) : text(item);
}

function expireStep(zone: Zone, operation: Operation): void {
  const entry = zone.locate(operation.key);
  if (entry === undefined || zone.isFlushed(entry)) throw new ZoneError('not found');
  zone.setExpires(operation.expires);
}

function readText(entry: Entry): DictText {
  switch (entry.tag) {
    case TEXT:
    case BYTES:
      return text(entry);
    case NUMBER:
      return entry.view.getFloat64(entry.start, true);
    case BOOLEAN:
      return entry.bytes[entry.start] !== 0;
    default:
      throw new ZoneError('value is a list');
  }
}

function readBytes(entry: Entry): Uint8Array {
  if (entry.tag === NUMBER || entry.tag === BOOLEAN) return textEncoder.encode(String(readText(entry)));
  if (entry.isList) throw new ZoneError('value is a list');
  return new Uint8Array(entry.bytes.subarray(entry.start, entry.start + entry.length));
}

function text({ bytes, start, length }: Entry | Item): string {
  return bytes.toString('utf8', start, start + length);
}

function toInfo(updated: Updated): UpdateInfo {
  return { ok: updated !== 'declined', forcible: updated === 'evicted' };
}

function toKey(key: DictKey): string | Uint8Array {
  if (key === undefined || key === null) throw new ZoneError('nil key');
  const name = typeof key === 'object' ? toBytes(key) : String(key);
  if (name.length === 0) throw new ZoneError('empty key');
  if (name.length > MAX_ZONE_KEY / 3 && byteLength(name) > MAX_ZONE_KEY) throw new ZoneError('key too long');
  return name;
}

function byteLength(key: string | Uint8Array): number {
  return typeof key === 'string' ? Buffer.byteLength(key) : key.length;
}

function toBytes(value: Uint8Array | ArrayBuffer): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw new ZoneError('bad value type');
}

function toNumber(value: unknown, name: string): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && (typeof value === 'number' || !Number.isNaN(number))) return number;
  throw new ZoneError(`bad ${name} arg: number expected, got ${typeName(value)}`, 'BAD_ARGUMENT');
}

function typeName(value: unknown): string {
  return value === null ? 'null' : typeof value;
}

/**
 * The time at which something expires, in milliseconds; 0 for never. As in Lua the time is cut to whole
 * milliseconds, so that less than one means never.
 */
function toExpires(exptime: number, name: string): number {
  if (exptime === 0) return 0;
  if (typeof exptime !== 'number' || !(exptime >= 0)) {
    throw new ZoneError(`bad "${name}" argument`, 'BAD_ARGUMENT');
  }
  const ms = Math.trunc(exptime * 1000);
  return ms === 0 ? 0 : Date.now() + ms;
}
