// console, as the Console standard has it: lines for the error log. Groups indent, labels belong to the isolate.

import { CALL_NOW, SLOT } from '../../protocol.ts';
import { call, mem } from '../bridge.ts';
import {
  isArray,
  isView,
  keys,
  Map_,
  mapDelete,
  mapGet,
  mapHas,
  mapSet,
  Set_,
  toText,
  WeakMap_,
} from '../builtins.ts';
import { DEBUG, ERR, INFO, NOTICE, WARN, writeLine } from '../log.ts';
import { nobody } from '../nobody.ts';
import { slots } from '../request.ts';
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
      return formatted(mark, args[from++]);
    });
  } else if (args.length > 0) {
    from = 1;
    text = show(first);
  }
  for (let i = from; i < args.length; i++) text += ` ${show(args[i])}`;
  return text;
}

function formatted(mark: string, value: unknown): string {
  switch (mark) {
    case '%d':
    case '%i':
      if (typeof value === 'bigint') return `${value}n`;
      return typeof value === 'symbol' ? 'NaN' : `${Number.parseInt(toText(value), 10)}`;
    case '%f':
      return typeof value === 'symbol' ? 'NaN' : `${Number.parseFloat(toText(value))}`;
    case '%j':
      return JSON.stringify(value);
    case '%c':
      return '';
    case '%s':
      return typeof value === 'object' && value !== null ? show(value) : toText(value);
    default:
      return show(value);
  }
}

/** How far the groups that a request has opened indent its lines; made when there is one. */
let indents: WeakMap<object, string> | null = null;

/** Whose code is running. */
function owner(): object {
  return slots[mem[SLOT] as number] ?? nobody;
}

function indentBy(text: string): void {
  indents ??= new WeakMap_();
  indents.set(owner(), text);
}

type Sink = (level: number, text: string) => void;

let sink: Sink = (level, text) => writeLine(mem[SLOT] as number, level, text);

/** `tsresty run`: lines go to a terminal. */
export function sendLinesTo(other: Sink): void {
  sink = other;
}

function line(level: number, text: string): void {
  const indent = indents?.get(owner()) ?? '';
  sink(level, indent + (indent === '' ? text : text.replaceAll('\n', `\n${indent}`)));
}

const counts = new Map_<string, number>();
const timers = new Map_<string, number>();

function timer(label: string, args: readonly unknown[], ends: boolean): void {
  const started = mapGet(timers, label);
  if (started === undefined) {
    line(WARN, `Timer '${label}' does not exist`);
    return;
  }
  if (ends) mapDelete(timers, label);
  const ms = Math.round(((call(CALL_NOW, 0) as number) - started) * 1000) / 1000;
  line(NOTICE, `${label}: ${ms}ms${args.length === 0 ? '' : ` ${format(args)}`}`);
}

/** Rows and columns of a table; null for what has none. */
function rowsOf(
  data: unknown,
): { index: string; cells: Record<string, string>; value: string | null }[] | null {
  if (typeof data !== 'object' || data === null) return null;
  let pairs: [string, unknown][];
  if (data instanceof Map_) pairs = [...data].map(([key, value]) => [show(key), value]);
  else if (data instanceof Set_) pairs = [...data].map((value, i) => [`${i}`, value]);
  else if (isArray(data) || isView(data)) {
    pairs = Array.from(data as ArrayLike<unknown>, (value, i) => [`${i}`, value]);
  } else pairs = keys(data).map((key) => [key, (data as Record<string, unknown>)[key]]);
  return pairs.map(([index, value]) => {
    if (typeof value !== 'object' || value === null) return { index, cells: {}, value: show(value) };
    const cells: Record<string, string> = {};
    for (const key of keys(value)) cells[key] = show((value as Record<string, unknown>)[key]);
    return { index, cells, value: null };
  });
}

function table(data: unknown, only: unknown): string | null {
  const rows = rowsOf(data);
  if (rows === null) return null;
  let columns = [...new Set_(rows.flatMap(({ cells }) => keys(cells)))];
  if (isArray(only)) columns = only.map(toText);
  const values = rows.some(({ value }) => value !== null);
  const head = ['(index)', ...columns, ...(values ? ['Values'] : [])];
  const body = rows.map(({ index, cells, value }) => [
    index,
    ...columns.map((column) => cells[column] ?? ''),
    ...(values ? [value ?? ''] : []),
  ]);
  const widths = head.map(
    (name, i) => Math.max(name.length, ...body.map((row) => (row[i] as string).length)) + 2,
  );
  const rule = (left: string, middle: string, right: string): string =>
    left + widths.map((width) => '─'.repeat(width)).join(middle) + right;
  const drawn = (row: readonly string[]): string =>
    `│${row.map((cell, i) => ` ${cell.padEnd((widths[i] as number) - 1)}`).join('│')}│`;
  return [
    rule('┌', '┬', '┐'),
    drawn(head),
    rule('├', '┼', '┤'),
    ...body.map(drawn),
    rule('└', '┴', '┘'),
  ].join('\n');
}

function write(level: number): (...args: unknown[]) => void {
  return (...args) => line(level, format(args));
}

function labelOf(label: unknown): string {
  return label === undefined ? 'default' : toText(label);
}

/** Its members are enumerable and its own, as the standard has a namespace. */
export const console = {
  log: write(NOTICE),
  info: write(INFO),
  debug: write(DEBUG),
  warn: write(WARN),
  error: write(ERR),
  dir(value?: unknown): void {
    line(NOTICE, show(value));
  },
  dirxml: write(NOTICE),
  table(data?: unknown, columns?: unknown): void {
    line(NOTICE, table(data, columns) ?? format([data]));
  },
  trace(...args: unknown[]): void {
    const stack = (new Error('').stack ?? '').split('\n').slice(2);
    line(NOTICE, [`Trace${args.length === 0 ? '' : `: ${format(args)}`}`, ...stack].join('\n'));
  },
  assert(condition?: unknown, ...args: unknown[]): void {
    if (condition) return;
    const [first, ...rest] = args;
    if (args.length === 0) line(ERR, 'Assertion failed');
    else if (typeof first === 'string') line(ERR, format([`Assertion failed: ${first}`, ...rest]));
    else line(ERR, format(['Assertion failed', ...args]));
  },
  clear(): void {
    indents?.delete(owner());
  },
  count(label?: unknown): void {
    const name = labelOf(label);
    const n = (mapGet(counts, name) ?? 0) + 1;
    mapSet(counts, name, n);
    line(INFO, `${name}: ${n}`);
  },
  countReset(label?: unknown): void {
    const name = labelOf(label);
    if (!mapDelete(counts, name)) line(WARN, `Count for '${name}' does not exist`);
  },
  group(...args: unknown[]): void {
    if (args.length > 0) line(NOTICE, format(args));
    indentBy(`${indents?.get(owner()) ?? ''}  `);
  },
  groupCollapsed(...args: unknown[]): void {
    console.group(...args);
  },
  groupEnd(): void {
    indentBy((indents?.get(owner()) ?? '').slice(2));
  },
  time(label?: unknown): void {
    const name = labelOf(label);
    if (mapHas(timers, name)) line(WARN, `Timer '${name}' already exists`);
    else mapSet(timers, name, call(CALL_NOW, 0) as number);
  },
  timeLog(label?: unknown, ...args: unknown[]): void {
    timer(labelOf(label), args, false);
  },
  timeEnd(label?: unknown): void {
    timer(labelOf(label), [], true);
  },
};
Object.defineProperty(console, Symbol.toStringTag, { value: 'console', configurable: true });
