// sticky of an upstream: see ../upstream/sticky.ts.

import type { Args } from '../../conf/args.ts';
import type { ComplexValue, Variable } from '../../conf/complex.ts';
import { UPSTREAM } from '../../conf/directive.ts';
import { custom } from '../../conf/kinds.ts';
import { parseSize, parseTime } from '../../core/sizes.ts';
import type { HttpMain } from '../main.ts';
import { defineModule, type WorkerProcess } from '../module.ts';
import { isSamesite, Sticky, type StickyCookie, type StickyLearning } from '../upstream/sticky.ts';
import { upstreamOf, upstreamsOf } from '../upstream/upstreams.ts';
import { declareZone } from '../zones.ts';

const ZONE_KIND = 'sticky';
const MIN_ZONE = 8 * 4096;
const DEFAULT_TIMEOUT_MS = 600_000;

export const upstreamSticky = defineModule({
  name: 'upstream_sticky',
  directives: {
    sticky: custom<boolean>({
      in: UPSTREAM,
      args: [2, Number.POSITIVE_INFINITY],
      default: false,
      parse: parseSticky,
    }),
  },
  initWorker: openSessions,
});

function openSessions(main: HttpMain, worker: WorkerProcess): void {
  for (const { sticky } of upstreamsOf(main.cf)) {
    const name = sticky?.learning?.zone;
    const zone = name === undefined ? undefined : worker.zones.get(ZONE_KIND)?.get(name);
    if (zone !== undefined) sticky?.open(zone);
  }
}

function parseSticky(args: Args, seen: boolean | undefined): boolean {
  if (seen !== undefined) args.fail('is duplicate');
  const upstream = upstreamOf(args);
  switch (args.text(1)) {
    case 'cookie': {
      const cookie = parseCookie(args);
      upstream.sticky = new Sticky([reference(args, `cookie_${cookie.name}`)], cookie, null);
      break;
    }
    case 'route':
      upstream.sticky = new Sticky(parseRoute(args), null, null);
      break;
    case 'learn':
      upstream.sticky = parseLearn(args);
      break;
    default:
      args.failWhole(`unknown parameter "${args.text(1)}"`);
  }
  return true;
}

function reference(args: Args, name: string): Variable {
  return args.cf.variables.reference(name, args.place());
}

function parseRoute(args: Args): Variable[] {
  return args
    .texts()
    .slice(1)
    .map((word) => {
      if (!word.startsWith('$')) args.failWhole(`invalid variable name "${word}"`);
      return reference(args, word.slice(1));
    });
}

function parseCookie(args: Args): StickyCookie {
  const name = args.text(2);
  if (name === '') args.fail('empty cookie name');
  const given = new Map<string, string>();
  let domain: ComplexValue | null = null;
  let samesite: ComplexValue | null = null;
  for (let i = 3; i <= args.count; i++) {
    const word = args.text(i);
    const [, key = '', value = ''] =
      /^(httponly|secure)$/.exec(word) ?? /^(domain|path|expires|samesite)=(.*)$/s.exec(word) ?? [];
    if (key === '') args.failWhole(`unknown parameter "${word}"`);
    if (given.has(key)) args.fail(`parameter "${key}" is duplicate`);
    given.set(key, value);
    if ((key === 'domain' || key === 'path') && value === '') args.fail(`no value for "${key}"`);
    const compiled = args.cf.variables.compile(value, args.place(args.word(i)));
    if (key === 'domain') domain = compiled;
    if (key !== 'samesite') continue;
    if (compiled.constant !== null && !isSamesite(value)) args.fail('invalid "samesite" parameter value');
    samesite = compiled;
  }
  const path = given.get('path');
  return {
    name,
    domain,
    path: path === undefined ? '' : `; path=${path}`,
    expires: parseExpires(args, given.get('expires')),
    httponly: given.has('httponly'),
    secure: given.has('secure'),
    samesite,
  };
}

function parseExpires(args: Args, value: string | undefined): number | 'max' | null {
  if (value === undefined) return null;
  if (value === 'max') return 'max';
  const ms = parseTime(value, true);
  return ms === -1 ? args.fail('invalid "expires" parameter value') : ms / 1000;
}

function parseLearn(args: Args): Sticky {
  const create: Variable[] = [];
  const lookup: Variable[] = [];
  let zone: ReturnType<typeof parseZone> | null = null;
  let timeoutMs = -1;
  let header = false;
  for (let i = 2; i <= args.count; i++) {
    const word = args.text(i);
    const [, parameter = '', value = ''] = /^(zone|timeout|create|lookup)=(.*)$/s.exec(word) ?? [];
    if (parameter === 'zone') {
      if (zone !== null) args.fail('duplicate zone');
      zone = parseZone(args, value);
    } else if (parameter === 'timeout') {
      if (timeoutMs !== -1) args.fail('duplicate timeout');
      timeoutMs = parseTime(value, false);
      if (timeoutMs <= 0) args.fail('invalid timeout');
    } else if (parameter !== '') {
      if (!value.startsWith('$')) args.fail(`missing variable in the "${parameter}" parameter`);
      (parameter === 'create' ? create : lookup).push(reference(args, value.slice(1)));
    } else if (word === 'header') {
      header = true;
    } else {
      args.failWhole(`unknown parameter "${word}"`);
    }
  }
  if (lookup.length === 0) args.fail('"lookup" parameter is not specified');
  if (create.length === 0) args.fail('"create" parameter is not specified');
  if (zone === null) return args.fail('"zone" parameter is not specified');
  const { name, size } = zone;
  const other = upstreamsOf(args.cf).find(({ sticky }) => sticky?.learning?.zone === name);
  if (other !== undefined) {
    args.failWhole(`sticky zone "${name}" is already used in upstream "${other.host}"`);
  }
  declareZone(args.cf, { kind: ZONE_KIND, name, size }, args.place());
  const timeout = timeoutMs === -1 ? DEFAULT_TIMEOUT_MS : timeoutMs;
  const learning: StickyLearning = { create, zone: name, timeoutMs: timeout, header };
  return new Sticky(lookup, null, learning);
}

function parseZone(args: Args, value: string): { readonly name: string; readonly size: number } {
  const colon = value.indexOf(':');
  if (colon === -1) args.fail('zone size is not specified');
  if (colon === 0) args.fail('zone name is not specified');
  const size = parseSize(value.slice(colon + 1));
  if (size === -1) args.fail('invalid zone size');
  if (size < MIN_ZONE) args.fail('zone is too small');
  return { name: value.slice(0, colon), size };
}
