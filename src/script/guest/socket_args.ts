// Arguments of sockets: what cosockets take, and the words with which they refuse the rest.

import { isArray, isFiniteNumber, slice, toLowerCase, trunc, typeName } from './builtins.ts';
import { NgxError } from './errors.ts';
import { asBytes, encodeRaw, rawOf } from './text.ts';

/** More than any read may take. */
export const UNLIMITED = 0x7fffffff;

/** Text, as it is; anything else that send() takes, as bytes one a character. */
export function payload(value: unknown): { data: string; text: boolean } {
  return typeof value === 'string' ? { data: value, text: true } : { data: sendable(value), text: false };
}

/** Bytes, one a character. */
export function sendable(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return encodeRaw(value);
    case 'number':
    case 'boolean':
    case 'undefined':
      return `${value}`;
  }
  if (value === null) return 'null';
  const bytes = asBytes(value);
  if (bytes !== undefined) return rawOf(bytes);
  if (isArray(value)) {
    let out = '';
    for (let i = 0; i < value.length; i++) {
      const part: unknown = value[i];
      if (part === undefined || part === null || typeof part === 'boolean') {
        throw new NgxError(`bad argument #1 to 'send' (bad data type ${typeName(part)} found)`);
      }
      out += sendable(part);
    }
    return out;
  }
  throw new NgxError(
    `bad argument #1 to 'send' (string, number, boolean, nil, or array table expected, got ${typeName(value)})`,
  );
}

/** A timeout. None given, 0: as configured. */
export function milliseconds(value: unknown): number {
  if (value === undefined || value === null) return 0;
  const ms = typeof value === 'string' ? +value : value;
  if (typeof ms !== 'number' || !isFiniteNumber(ms) || ms < 0 || ms > 0x7fffffff) {
    throw new NgxError('bad timeout value');
  }
  return trunc(ms);
}

/** A port as connect takes it; text that is a number will do. */
export function portOf(value: unknown): number | undefined {
  const port = typeof value === 'string' && value !== '' ? +value : value;
  if (typeof port !== 'number' || !isFiniteNumber(port)) return undefined;
  if (port < 0 || port > 65535) throw new NgxError(`bad port number: ${trunc(port)}`);
  return trunc(port);
}

/** `what`: the method that is called. */
export function hostOf(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return `${value}`;
  throw new NgxError(`bad argument #1 to '${what}' (string expected, got ${typeName(value)})`);
}

export interface ConnectOptions {
  readonly pool?: unknown;
  readonly pool_size?: unknown;
  readonly backlog?: unknown;
}

/** `at`: which argument the options are. */
function badOption(at: number, what: string): NgxError {
  return new NgxError(`bad argument #${at} to 'connect' (bad ${what})`);
}

export function poolName(options: ConnectOptions, at: number): string | undefined {
  const { pool } = options;
  if (pool === undefined || pool === null) return undefined;
  if (typeof pool === 'string' || typeof pool === 'number') return `${pool}`;
  throw badOption(at, `"pool" option type: ${typeName(pool)}`);
}

/** `lowest`: below it the value is refused; `absent`: what stands for none. */
export function poolNumber(value: unknown, name: string, lowest: number, absent: number, at: number): number {
  if (value === undefined || value === null) return absent;
  const n = typeof value === 'string' && value !== '' ? +value : value;
  if (typeof n !== 'number' || !isFiniteNumber(n)) {
    throw badOption(at, `"${name}" option type: ${typeName(value)}`);
  }
  if (n < lowest) throw badOption(at, `"${name}" option value: ${trunc(n)}`);
  return trunc(n);
}

/** As Lua has it: 0 and '' are true. */
export function truthy(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false;
}

/** Argument `at` (from 1) of the method `call`. */
export function integerOf(value: unknown, at: number, call: string): number {
  const n = typeof value === 'string' && value !== '' ? +value : value;
  if (typeof n !== 'number' || !isFiniteNumber(n)) {
    throw new NgxError(`bad argument #${at} to '${call}' (number expected, got ${typeName(value)})`);
  }
  return trunc(n);
}

/** PEM as text; `what` it is, for the refusal. */
export function pem(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  const bytes = asBytes(value);
  if (bytes !== undefined) return rawOf(bytes);
  throw new NgxError(`bad ${what} arg: string expected, got ${typeName(value)}`);
}

export function isUnix(host: string): boolean {
  return toLowerCase(slice(host, 0, 5)) === 'unix:';
}
