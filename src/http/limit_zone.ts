// The zones of limit_req and limit_conn: a key for each request, and a table of the keys' states that workers share.

import type { Args } from '../conf/args.ts';
import type { ComplexValue } from '../conf/complex.ts';
import { HTTP_ANY } from '../conf/directive.ts';
import { ConfError, type Place } from '../conf/error.ts';
import { enumeration, flag, number } from '../conf/kinds.ts';
import type { Reader } from '../conf/reader.ts';
import type { Level } from '../core/log.ts';
import { parseSize } from '../core/sizes.ts';
import { SharedTable, tableBytes } from '../zone/table.ts';
import type { ZonePurpose } from '../zone/zones.ts';
import { logError } from './log.ts';
import type { HttpMain } from './main.ts';
import type { WorkerProcess } from './module.ts';
import type { HttpRequest } from './request.ts';
import { declaredZones, declareZone } from './zones.ts';

const MIN_SIZE = 8 * 4096;

export class LimitZone implements ZonePurpose {
  readonly name: string;
  /** As nginx calls the directive when a reload has another key. */
  readonly directive: string;
  /** null: the zone has been named, but not declared. */
  key: ComplexValue | null = null;
  size = 0;
  /** Thousandths of a request in a second (limit_req). */
  rate = 0;
  /** Where it is used first. */
  readonly place: Place;
  #table: SharedTable | null = null;
  #block: Buffer | null = null;

  constructor(name: string, directive: string, place: Place) {
    this.name = name;
    this.directive = directive;
    this.place = place;
  }

  conflict(before: ZonePurpose): string | null {
    if (!(before instanceof LimitZone) || before.key?.source === this.key?.source) return null;
    const { name, directive, key } = this;
    const change = `while previously it used the "${before.key?.source}" key`;
    return `${directive} "${name}" uses the "${key?.source}" key ${change}`;
  }

  /** In a worker. */
  open(block: Buffer, reserved: number): void {
    this.#block = block.subarray(0, reserved);
    this.#table = new SharedTable(block.subarray(reserved), this.size);
  }

  get table(): SharedTable {
    if (this.#table === null) throw new Error(`zone "${this.name}" is used before it is open`);
    return this.#table;
  }

  /** The bytes before the table. */
  get reserved(): Buffer {
    return this.#block ?? Buffer.alloc(0);
  }
}

/** What the two modules have apart from each other. */
export interface LimitKind {
  /** Of the module: that of its zones. */
  readonly name: string;
  readonly directive: string;
  /** Bytes of each zone that are not the table's. */
  readonly reserved: number;
  /** Bytes of a key; requests with longer ones are not limited. */
  readonly maxKey: number;
}

function limitZones(cf: Reader, kind: LimitKind): Map<string, LimitZone> {
  return cf.state(kind, () => new Map<string, LimitZone>());
}

/** The zone of that name, which may be declared later. */
export function limitZone(args: Args, kind: LimitKind, name: string): LimitZone {
  const zones = limitZones(args.cf, kind);
  const zone = zones.get(name) ?? new LimitZone(name, kind.directive, args.place());
  zones.set(name, zone);
  return zone;
}

/** limit_…_zone KEY zone=NAME:SIZE; `parameter` takes the other ones, as far as it knows them. */
export function readLimitZone(args: Args, kind: LimitKind, parameter: (word: string) => boolean): LimitZone {
  const key = args.complex(1);
  let name = '';
  let size = 0;
  for (let i = 2; i <= args.count; i++) {
    const word = args.text(i);
    if (word.startsWith('zone=')) {
      const colon = word.indexOf(':');
      size = colon === -1 ? -1 : parseSize(word.slice(colon + 1));
      if (size === -1) args.failWhole(`invalid zone size "${word}"`);
      if (size < MIN_SIZE) args.failWhole(`zone "${word}" is too small`);
      name = word.slice('zone='.length, colon);
    } else if (!parameter(word)) {
      args.failWhole(`invalid parameter "${word}"`);
    }
  }
  if (name === '') args.failWhole(`"${args.name}" must have "zone" parameter`);
  const zone = limitZone(args, kind, name);
  const block = kind.reserved + tableBytes(size);
  declareZone(args.cf, { kind: kind.name, name, size, block, purpose: zone }, args.place());
  if (zone.key !== null)
    args.failWhole(`${args.name} "${name}" is already bound to key "${zone.key.source}"`);
  zone.key = key;
  zone.size = size;
  return zone;
}

/** What the request is known by in the zone; empty: it is not limited there. */
export function limitKeyOf(r: HttpRequest, { key }: LimitZone, { maxKey }: LimitKind): string {
  const value = key?.evaluate(r) ?? '';
  if (value.length <= maxKey) return value;
  logError(r, 'error', `the value of the "${key?.source}" key is more than ${maxKey} bytes: "${value}"`);
  return '';
}

/** All that are named have been declared. */
export function checkLimitZones(cf: Reader, kind: LimitKind): void {
  for (const { name, key, place } of limitZones(cf, kind).values()) {
    if (key !== null) continue;
    const other = declaredZones(cf).some((declared) => declared.name === name);
    const fault = `the shared memory zone "${name}" is already declared for a different use`;
    throw new ConfError(other ? fault : `zero size shared memory zone "${name}"`, place);
  }
}

/** In a worker: those that it has. */
export function openLimitZones(main: HttpMain, worker: WorkerProcess, kind: LimitKind): LimitZone[] {
  const opened: LimitZone[] = [];
  for (const zone of limitZones(main.cf, kind).values()) {
    const shared = worker.zones.get(kind.name)?.get(zone.name);
    if (shared === undefined) continue;
    zone.open(shared.block, kind.reserved);
    opened.push(zone);
  }
  return opened;
}

// Directives that the two have alike.

export const limitLogLevel = enumeration<Level>({
  in: HTTP_ANY,
  default: 'error',
  values: { info: 'info', notice: 'notice', warn: 'warn', error: 'error' },
});
export const limitStatus = number({ in: HTTP_ANY, default: 503, min: 400, max: 599 });
export const limitDryRun = flag({ in: HTTP_ANY, default: false });
