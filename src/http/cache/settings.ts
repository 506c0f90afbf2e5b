// What a location says of caching its upstream's responses.

import type { ComplexValue } from '../../conf/complex.ts';
import type { FileCache } from './file_cache.ts';

/** proxy_cache_valid */
export interface CacheValid {
  /** 0: any. */
  readonly status: number;
  readonly seconds: number;
}

export interface CacheSettings {
  /** "proxy": the first word of the directives. */
  readonly module: string;
  /** null: `value` says which of `caches`. */
  readonly cache: FileCache | null;
  readonly value: ComplexValue | null;
  readonly caches: ReadonlyMap<string, FileCache>;
  /** null: the module's own key. */
  readonly key: ComplexValue | null;
  readonly valid: readonly CacheValid[];
  readonly bypass: readonly ComplexValue[];
  readonly noCache: readonly ComplexValue[];
  readonly purge: readonly ComplexValue[];
  readonly minUses: number;
  readonly methods: readonly string[];
  readonly lock: boolean;
  readonly lockTimeout: number;
  readonly lockAge: number;
  readonly revalidate: boolean;
  readonly convertHead: boolean;
  /** Bytes; Number.POSITIVE_INFINITY: any. */
  readonly maxRangeOffset: number;
  /** FT_… bits. */
  readonly useStale: number;
  readonly backgroundUpdate: boolean;
}

/** Seconds that a response of this status is valid; 0: not at all. */
export function validFor(valid: readonly CacheValid[], status: number): number {
  for (const one of valid) if (one.status === 0 || one.status === status) return one.seconds;
  return 0;
}
