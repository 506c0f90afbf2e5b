// ngx.log, print, console, and the reports of what blocks throw: lines for the error log.

import { CALL_LOG, CALL_REPORT, CLIENT_GONE, SLOT } from '../protocol.ts';
import { call, mem } from './bridge.ts';
import { AggregateError_, Error_, isArray, isInteger, typeName } from './builtins.ts';
import { ClientTimeout, NgxError } from './errors.ts';
import { logContext } from './nobody.ts';
import type { Request } from './request.ts';
import { show } from './show.ts';

export const STDERR = 0;
export const ALERT = 2;
export const ERR = 4;
export const WARN = 5;
export const NOTICE = 6;
export const INFO = 7;
export const DEBUG = 8;

/** Where a line comes from, for the host to turn into `content_by_ts(nginx.conf:42)`: the stack of a fresh error. */
function here(): string {
  try {
    const { stack } = new Error_('');
    return typeof stack === 'string' ? stack : '';
  } catch {
    return ''; // Error.prepareStackTrace is the script's
  }
}

/** Writes a line; the host adds the place that it comes from. Levels that are not enabled cost one call. */
export function writeLog(r: Request, level: number, message: string): void {
  writeLine(r.slot, level, message);
}

/** A line for whoever's code is running. */
export function writeLine(slot: number, level: number, message: string): void {
  if (call(CALL_LOG, slot, level) === true) send(slot, level, message, here(), false);
}

function send(slot: number, level: number, message: string, stack: string, thrown: boolean): void {
  call(thrown ? CALL_REPORT : CALL_LOG, slot, level, message, stack, slot === 0 ? logContext() : '');
}

/** Whose lines they are: nobody's once the request is over. */
export function slotOf(r: Request): number {
  return r.gone ? 0 : r.slot;
}

export function log(r: Request, level: unknown, args: readonly unknown[]): void {
  if (typeof level !== 'number' || !isInteger(level) || level < STDERR || level > DEBUG) {
    throw new NgxError(`bad log level: ${typeof level === 'number' ? level : typeName(level)}`);
  }
  const slot = slotOf(r);
  if (call(CALL_LOG, slot, level) !== true) return;
  let text = '';
  for (let i = 0; i < args.length; i++) text += piece(args[i], i + 1);
  send(slot, level, text, here(), false);
}

/** The global print: a [notice], for whoever's code is running. */
export function printNotice(...args: unknown[]): void {
  let text = '';
  for (let i = 0; i < args.length; i++) text += piece(args[i], i);
  writeLine(mem[SLOT] as number, NOTICE, text);
}

function piece(value: unknown, at: number): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
    case 'bigint':
      return `${value}`;
    case 'undefined':
      return 'undefined';
    case 'object':
      if (value === null) return 'null';
      return show(value);
    default:
      throw new NgxError(
        `bad argument #${at + 1} to 'log' (string, number, boolean, or nil expected, got ${typeName(value)})`,
      );
  }
}

const MAX_CAUSES = 5;

/** What an error says, and what it comes from. */
function told(error: Error, depth: number): string {
  const { name, cause } = error;
  let text = name === 'Error' || name === 'NgxError' ? `${error.message}` : `${name}: ${error.message}`;
  if (depth === MAX_CAUSES) return text;
  if (cause !== undefined && cause !== null) {
    text += `; cause: ${cause instanceof Error_ ? told(cause, depth + 1) : show(cause)}`;
  }
  if (error instanceof AggregateError_ && isArray(error.errors)) {
    for (let i = 0; i < error.errors.length && i < MAX_CAUSES; i++) {
      const one: unknown = error.errors[i];
      text += `; ${i + 1}: ${one instanceof Error_ ? told(one, depth + 1) : show(one)}`;
    }
  }
  return text;
}

/** A block threw, or its promise was rejected. */
export function reportThrown(r: Request, error: unknown, what = ''): void {
  let message = 'unknown reason';
  let stack = '';
  try {
    if (typeof error === 'object' && error !== null && error instanceof Error_) {
      message = told(error, 0);
      stack = `${error.stack ?? ''}`;
    } else {
      message = show(error);
    }
  } catch {
    // an error whose own properties throw: there is no more to say about it
  }
  const isClients = error instanceof ClientTimeout || (message === CLIENT_GONE && error instanceof NgxError);
  send(r.slot, isClients ? INFO : ERR, what + message, stack, true);
}
