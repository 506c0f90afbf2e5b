// proxy_cache_path: reading it.

import type { Args } from '../../conf/args.ts';
import { parseNumber, parseOffset, parseSize, parseTime } from '../../core/sizes.ts';
import { addPath } from '../paths.ts';
import { declareZone } from '../zones.ts';
import { BLOCK_BYTES } from './cache_index.ts';
import { type CachePath, FileCache, type Pace } from './file_cache.ts';

const PAGE = 4096;
const MAX_LEVELS = 3;

interface Mutable {
  name: string;
  size: number;
  levels: number[];
  inactive: number;
  maxSize: number;
  minFree: number;
  useTempPath: boolean;
  purgerOn: boolean;
}

type PaceName = 'manager' | 'loader' | 'purger';

/** Adds the cache to those of its module, and asks for its zone. */
export function parseCachePath(args: Args, kind: string, caches: Map<string, FileCache>): FileCache {
  const given: Mutable = {
    name: '',
    size: 0,
    levels: [],
    inactive: 600,
    maxSize: Number.POSITIVE_INFINITY,
    minFree: 0,
    useTempPath: true,
    purgerOn: false,
  };
  const paces: Record<PaceName, { -readonly [K in keyof Pace]: Pace[K] }> = {
    manager: { files: 100, sleep: 50, threshold: 200 },
    loader: { files: 100, sleep: 50, threshold: 200 },
    purger: { files: 10, sleep: 50, threshold: 50 },
  };
  for (let i = 2; i <= args.count; i++) {
    const word = args.text(i);
    const equals = word.indexOf('=');
    const name = word.slice(0, equals === -1 ? word.length : equals);
    const text = word.slice(equals + 1);
    const of = (parsed: number): number => {
      if (parsed === -1) args.failWhole(`invalid ${name} value "${word}"`);
      return parsed;
    };
    const pace = /^(manager|loader|purger)_(files|sleep|threshold)$/.exec(name);
    if (equals === -1) args.failWhole(`invalid parameter "${word}"`);
    else if (name === 'levels') given.levels = parseLevels(args, word, text);
    else if (name === 'keys_zone') parseKeysZone(args, word, text, given);
    else if (name === 'inactive') given.inactive = of(parseTime(text, true)) / 1000;
    else if (name === 'max_size') given.maxSize = of(parseOffset(text));
    else if (name === 'min_free') given.minFree = of(parseOffset(text));
    else if (name === 'use_temp_path' || name === 'purger') {
      if (text !== 'on' && text !== 'off') {
        args.failWhole(`invalid ${name} value "${word}", it must be "on" or "off"`);
      }
      given[name === 'purger' ? 'purgerOn' : 'useTempPath'] = text === 'on';
    } else if (pace !== null) {
      const field = pace[2] as keyof Pace;
      paces[pace[1] as PaceName][field] = of(field === 'files' ? parseNumber(text) : parseTime(text, false));
    } else args.failWhole(`invalid parameter "${word}"`);
  }
  const { name, size, ...limits } = given;
  if (name === '' || size === 0) args.failWhole(`"${args.name}" must have "keys_zone" parameter`);
  const path = args.cf.fullName(args.text(1).replace(/\/$/, ''), 'prefix');
  addPath(args, path, limits.levels, true);
  const settings: CachePath = { name, path, ...limits, ...paces };
  const cache = new FileCache(settings);
  declareZone(args.cf, { name, kind, size, block: BLOCK_BYTES, purpose: cache }, args.place());
  if (caches.has(name)) args.failWhole(`duplicate zone "${name}"`);
  caches.set(name, cache);
  return cache;
}

function parseLevels(args: Args, word: string, text: string): number[] {
  if (text === '') return [];
  const levels = text.split(':');
  if (levels.length > MAX_LEVELS || !levels.every((level) => level === '1' || level === '2')) {
    args.failWhole(`invalid "levels" "${word}"`);
  }
  return levels.map(Number);
}

function parseKeysZone(args: Args, word: string, text: string, given: Mutable): void {
  const colon = text.indexOf(':');
  const size = colon === -1 ? -1 : parseSize(text.slice(colon + 1));
  if (size === -1) args.failWhole(`invalid keys zone size "${word}"`);
  if (size < 2 * PAGE) args.failWhole(`keys zone "${word}" is too small`);
  given.name = text.slice(0, colon);
  given.size = size;
}
