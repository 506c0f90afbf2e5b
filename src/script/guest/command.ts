// What `tsresty run` changes in a script's world: there is a terminal instead of a client, and there are arguments.

import { CALL_TERMINAL } from '../protocol.ts';
import { call } from './bridge.ts';
import { defineProperty, isInteger } from './builtins.ts';
import { NgxError, signal } from './errors.ts';
import { WARN } from './log.ts';
import { printed } from './resp.ts';
import { format, sendLinesTo } from './web/console.ts';

const OUT = 1;
const ERR = 2;
const EXIT = -1;

function print(args: readonly unknown[], line: boolean): void {
  const { text, bytes } = printed(args, line);
  call(CALL_TERMINAL, 0, OUT, text, bytes);
}

function printLine(...args: unknown[]): void {
  call(CALL_TERMINAL, 0, OUT, `${format(args)}\n`, false);
}

function exit(status: unknown = 0): never {
  if (typeof status !== 'number' || !isInteger(status)) throw new NgxError('bad exit code');
  call(CALL_TERMINAL, 0, EXIT, status);
  throw signal;
}

/** `ngx`: of what belongs to no request. */
export function becomeCommand(ngx: object, args: readonly string[]): void {
  define(ngx, 'print', (...values: unknown[]): void => print(values, false));
  define(ngx, 'say', (...values: unknown[]): void => print(values, true));
  define(ngx, 'flush', async (): Promise<void> => {});
  define(ngx, 'eof', (): void => {});
  define(ngx, 'exit', exit);
  sendLinesTo((level, text) => {
    call(CALL_TERMINAL, 0, level <= WARN ? ERR : OUT, `${text}\n`, false);
  });
  define(globalThis, 'arg', [...args]);
  define(globalThis, 'print', printLine);
}

function define(on: object, name: string, value: unknown): void {
  defineProperty(on, name, { value, writable: true, configurable: true });
}
