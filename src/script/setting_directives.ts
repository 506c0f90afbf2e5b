// ts_*: what lua_* are to Lua, but for sockets (socket_directives.ts).

import type { Args } from '../conf/args.ts';
import { HTTP, HTTP_ANY, LOCATION_IF } from '../conf/directive.ts';
import { custom, flag, list, msec, number, parseFlag, text } from '../conf/kinds.ts';
import { parseSize, parseTime } from '../core/sizes.ts';
import { declareZone } from '../http/zones.ts';
import { Destinations } from './host/destinations.ts';
import { type InspectorAddress, inspectorAddress } from './host/inspector_address.ts';
import { Programs } from './host/programs.ts';
import { type Isolate, scriptsOf } from './scripts.ts';
import { withoutEffect } from './unsupported.ts';

const IN_LOCATION = HTTP_ANY | LOCATION_IF;

export const ZONE_KIND = 'ts_shared_dict';

export interface SharedDictSpec {
  readonly name: string;
  readonly size: number;
}

export const settingDirectives = {
  ts_isolate: custom<Isolate | null>({
    in: HTTP_ANY | LOCATION_IF,
    args: [1, 6],
    default: null,
    inherit: true,
    parse: parseIsolate,
  }),
  ts_shared_dict: list<SharedDictSpec>({ in: HTTP, args: [2, 2], item: parseSharedDict }),
  ts_package_path: text({ in: HTTP, default: '' }),
  ts_capture_error_log: custom<number>({ in: HTTP, default: 0, parse: parseCaptureSize }),
  ts_check_types: flag({ in: HTTP, default: false }),
  ts_inspect: custom<InspectorAddress | null>({ in: HTTP, default: null, parse: parseInspect }),
  ts_cpu_limit: msec({ in: HTTP, default: 1000 }),
  ts_max_pending_timers: number({ in: HTTP, default: 1024 }),
  ts_max_running_timers: number({ in: HTTP, default: 256 }),
  ts_worker_thread_vm_pool_size: number({ in: HTTP, default: 10 }),
  ...withoutEffect,
  ts_regex_cache_max_entries: number({ in: HTTP, default: 1024 }),
  ts_regex_match_limit: number({ in: HTTP, default: 0 }),
  rewrite_by_ts_no_postpone: flag({ in: HTTP, default: false }),
  access_by_ts_no_postpone: flag({ in: HTTP, default: false }),
  precontent_by_ts_no_postpone: flag({ in: HTTP, default: false }),
  ts_code_cache: custom<boolean>({ in: IN_LOCATION, default: true, inherit: true, parse: parseCodeCache }),
  ts_need_request_body: flag({ in: IN_LOCATION, default: false }),
  ts_check_client_abort: flag({ in: IN_LOCATION, default: false }),
  ts_use_default_type: flag({ in: IN_LOCATION, default: true }),
  ts_http10_buffering: flag({ in: IN_LOCATION, default: true }),
  ts_transform_underscores_in_response_headers: flag({ in: IN_LOCATION, default: true }),
};

/**
 * ts_isolate NAME [memory=SIZE] [cpu=TIME] [wall=TIME] [dicts=NAME,…] [connect=WHERE,…] [exec=PROGRAM,…]: what
 * is said of a name holds wherever it is used.
 */
function parseIsolate(args: Args, seen: Isolate | null | undefined): Isolate {
  if (seen !== undefined) args.fail('is duplicate');
  const isolate = scriptsOf(args.cf).isolate(args.text(1));
  for (let i = 2; i <= args.count; i++) {
    const [, name = '', value = ''] = /^(memory|cpu|wall|dicts|connect|exec)=(.+)$/.exec(args.text(i)) ?? [];
    const known = isolate.said.get(name);
    if (known !== undefined && known !== value) {
      args.failWhole(`"${name}" of ts_isolate "${isolate.name}" is different elsewhere`);
    }
    if (name === 'dicts') isolate.grantedAt = args.place(args.word(i));
    if (!limit(isolate, name, value)) args.failWhole(`invalid parameter "${args.text(i)}"`);
    isolate.said.set(name, value);
  }
  return isolate;
}

/** False: `value` cannot be said of `name`. */
function limit(isolate: Isolate, name: string, value: string): boolean {
  switch (name) {
    case 'memory':
      isolate.memoryBytes = parseSize(value);
      return isolate.memoryBytes > 0;
    case 'cpu':
      isolate.cpuMs = parseTime(value, false);
      return isolate.cpuMs > 0;
    case 'wall':
      isolate.wallMs = parseTime(value, false);
      return isolate.wallMs > 0;
    case 'dicts':
      isolate.dicts = new Set(value === 'none' ? [] : value.split(','));
      return true;
    case 'connect':
      isolate.destinations = Destinations.parse(value);
      return isolate.destinations !== null;
    case 'exec': {
      const programs = Programs.parse(value);
      isolate.programs = programs ?? isolate.programs;
      return programs !== null;
    }
    default:
      return false;
  }
}

function parseSharedDict(args: Args, seen: readonly SharedDictSpec[]): SharedDictSpec {
  const name = args.text(1);
  if (name === '') args.failWhole(`invalid ts shared dict name "${name}"`);
  const size = parseSize(args.text(2));
  if (size <= 8191) args.failWhole(`invalid ts shared dict size "${args.text(2)}"`);
  if (seen.some((other) => other.name === name))
    args.failWhole(`ts_shared_dict "${name}" is already defined as "${name}"`);
  declareZone(args.cf, { name, kind: ZONE_KIND, size }, args.place());
  return { name, size };
}

/** The least that holds a line. */
const MIN_CAPTURE = 4096;

function parseCaptureSize(args: Args, seen: number | undefined): number {
  if (seen !== undefined) args.fail('is duplicate');
  const size = parseSize(args.text(1));
  if (size < MIN_CAPTURE) {
    args.failWhole(`invalid capture error log size "${args.text(1)}", minimum size is ${MIN_CAPTURE}`);
  }
  return size;
}

function parseCodeCache(args: Args, seen: boolean | undefined): boolean {
  if (seen !== undefined) args.fail('is duplicate');
  const on = parseFlag(args);
  const { file, line } = args.place();
  if (!on) args.cf.alerts.push(`ts_code_cache is off; this will hurt performance in ${file}:${line}`);
  return on;
}

function parseInspect(args: Args, seen: InspectorAddress | null | undefined): InspectorAddress | null {
  if (seen !== undefined) args.fail('is duplicate');
  const text = args.text(1);
  if (text === 'off') return null;
  return inspectorAddress(text) ?? args.failWhole(`invalid address "${text}" in "${args.name}" directive`);
}
