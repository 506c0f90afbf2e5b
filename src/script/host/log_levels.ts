// Levels of the error log by number, as nginx and scripts have them (ngx.ERR).

import { LEVELS, type Level } from '../../core/log.ts';

export const LOG_ALERT = 2;
export const LOG_CRIT = 3;
export const LOG_ERR = 4;

const BY_NUMBER: readonly Level[] = ['', ...LEVELS];

/** What is above the last is `debug` too. */
export function levelOf(number: number): Level {
  return BY_NUMBER[number] ?? 'debug';
}
