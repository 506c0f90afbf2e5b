// ngx.errlog: what has been logged lately, and lines without the place that they come from.

import { CALL_ERRLOG } from '../protocol.ts';
import { call } from './bridge.ts';
import { isInteger, parseJson, typeName } from './builtins.ts';
import { NgxError } from './errors.ts';
import { DEBUG, STDERR, slotOf } from './log.ts';
import { logContext } from './nobody.ts';
import type { Request } from './request.ts';
import { decodeRaw } from './text.ts';

function isLevel(level: unknown): level is number {
  return typeof level === 'number' && isInteger(level) && level >= STDERR && level <= DEBUG;
}

export class ErrlogApi {
  readonly #r: Request;

  constructor(r: Request) {
    this.#r = r;
  }

  set_filter_level(level: unknown): boolean {
    if (level === undefined || level === null) throw new NgxError('missing "level" argument');
    call(CALL_ERRLOG, 0, 'check');
    if (!isLevel(level)) {
      throw new NgxError(`bad log level: ${typeof level === 'number' ? level : typeName(level)}`);
    }
    call(CALL_ERRLOG, 0, 'filter', level);
    return true;
  }

  get_logs(max?: unknown): (number | string)[] {
    const most = typeof max === 'number' ? max : 10;
    const logs = parseJson(call(CALL_ERRLOG, 0, 'logs', most) as string) as (number | string)[];
    for (let i = 2; i < logs.length; i += 3) logs[i] = decodeRaw(logs[i] as string);
    return logs;
  }

  get_sys_filter_level(): number {
    return call(CALL_ERRLOG, this.#r.slot, 'sys') as number;
  }

  raw_log(level: unknown, message: unknown): void {
    if (typeof level !== 'number') throw new NgxError("bad argument #1 to 'raw_log' (must be a number)");
    if (typeof message !== 'string') throw new NgxError("bad argument #2 to 'raw_log' (must be a string)");
    if (!isLevel(level)) throw new NgxError('bad log level');
    const slot = slotOf(this.#r);
    call(CALL_ERRLOG, slot, 'raw', level, message, slot === 0 ? logContext() : '');
  }
}

export function errlogApi(r: Request): ErrlogApi {
  if (r.errlog === undefined) r.errlog = new ErrlogApi(r);
  return r.errlog as ErrlogApi;
}
