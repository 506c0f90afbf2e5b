// console: lines for the error log.

import { SLOT } from '../../protocol.ts';
import { mem } from '../bridge.ts';
import { now } from '../builtins.ts';
import { DEBUG, ERR, INFO, NOTICE, WARN, writeLine } from '../log.ts';
import { show } from '../show.ts';

const FORMAT = /%[sdifjoOc%]/g;

export function format(args: readonly unknown[]): string {
  let from = 0;
  let text = '';
  const first = args[0];
  if (typeof first === 'string' && args.length > 1) {
    from = 1;
    text = first.replace(FORMAT, (mark) => {
      if (mark === '%%') return '%';
      if (from >= args.length) return mark;
      const value = args[from++];
      if (mark === '%d' || mark === '%i') return `${Math.trunc(Number(value))}`;
      if (mark === '%f') return `${Number(value)}`;
      if (mark === '%j') return JSON.stringify(value);
      if (mark === '%c') return '';
      return show(value);
    });
  }
  for (let i = from; i < args.length; i++) text += (i === 0 ? '' : ' ') + show(args[i]);
  return text;
}

const write =
  (level: number) =>
  (...args: unknown[]): void =>
    writeLine(mem[SLOT] as number, level, format(args));

const counts = new Map<string, number>();
const timers = new Map<string, number>();

export const console = {
  log: write(NOTICE),
  info: write(INFO),
  debug: write(DEBUG),
  warn: write(WARN),
  error: write(ERR),
  dir: write(NOTICE),
  table: write(NOTICE),
  trace(...args: unknown[]): void {
    writeLine(mem[SLOT] as number, NOTICE, `Trace: ${format(args)}`);
  },
  assert(condition: unknown, ...args: unknown[]): void {
    if (!condition)
      writeLine(mem[SLOT] as number, ERR, `Assertion failed${args.length === 0 ? '' : `: ${format(args)}`}`);
  },
  count(label = 'default'): void {
    const n = (counts.get(label) ?? 0) + 1;
    counts.set(label, n);
    writeLine(mem[SLOT] as number, NOTICE, `${label}: ${n}`);
  },
  countReset(label = 'default'): void {
    counts.delete(label);
  },
  group: write(NOTICE),
  groupCollapsed: write(NOTICE),
  groupEnd(): void {},
  time(label = 'default'): void {
    timers.set(label, now());
  },
  timeLog(label = 'default'): void {
    writeLine(mem[SLOT] as number, NOTICE, `${label}: ${now() - (timers.get(label) ?? now())}ms`);
  },
  timeEnd(label = 'default'): void {
    writeLine(mem[SLOT] as number, NOTICE, `${label}: ${now() - (timers.get(label) ?? now())}ms`);
    timers.delete(label);
  },
};
