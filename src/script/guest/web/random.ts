// Random bytes from the host, one a character; small amounts are fetched ahead.

import { CALL_RANDOM } from '../../protocol.ts';
import { call } from '../bridge.ts';
import { slice } from '../builtins.ts';

const POOL_BYTES = 1024;
let pool = '';
let poolAt = 0;

export function randomRaw(count: number): string {
  if (count > POOL_BYTES / 4) return call(CALL_RANDOM, 0, count) as string;
  if (pool.length - poolAt < count) {
    pool = call(CALL_RANDOM, 0, POOL_BYTES) as string;
    poolAt = 0;
  }
  poolAt += count;
  return slice(pool, poolAt - count, poolAt);
}
