// A value as text for a log line: like console.log's, shorter.

import {
  Buffer_,
  Error_,
  getPrototypeOf,
  isArray,
  isView,
  join,
  keys,
  Map_,
  Set_,
  toJson,
} from './builtins.ts';

const DEPTH = 3;

export function show(value: unknown): string {
  return typeof value === 'string' ? value : inspect(value, 0);
}

function inspect(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return toJson(value);
    case 'function':
      return `[Function: ${value.name === '' ? '(anonymous)' : value.name}]`;
    case 'symbol':
      return value.toString();
    case 'bigint':
      return `${value}n`;
    case 'object':
      return value === null ? 'null' : inspectObject(value, depth);
    default:
      return `${value as number}`;
  }
}

function inspectObject(value: object, depth: number): string {
  if (value instanceof Error_) {
    const text = `${value.stack ?? value.message}`;
    const { cause } = value;
    return cause === undefined || depth >= DEPTH ? text : `${text}\n[cause]: ${inspect(cause, depth + 1)}`;
  }
  if (value instanceof RegExp || value instanceof Date) return `${value as unknown as string}`;
  if (depth >= DEPTH) return isArray(value) ? '[Array]' : '[Object]';
  if (value instanceof Map_ || value instanceof Set_) return inspectCollection(value, depth);
  if (isView(value) && !(value instanceof DataView)) {
    const { length } = value as Uint8Array;
    const list: number[] = [];
    for (let i = 0; i < length && i < 100; i++) list[i] = (value as Uint8Array)[i] as number;
    return `${nameOf(value)}(${length}) [ ${join(list, ', ')}${length > 100 ? ', …' : ''} ]`;
  }
  if (value instanceof Buffer_) return `ArrayBuffer { byteLength: ${value.byteLength} }`;
  if (isArray(value)) {
    const items: string[] = [];
    for (let i = 0; i < value.length && i < 100; i++) items[i] = inspect(value[i], depth + 1);
    if (value.length > 100) items[100] = `… ${value.length - 100} more`;
    return items.length === 0 ? '[]' : `[ ${join(items, ', ')} ]`;
  }
  const names = keys(value);
  const parts: string[] = [];
  for (let i = 0; i < names.length && i < 100; i++) {
    const name = names[i] as string;
    parts[i] = `${name}: ${inspect((value as Record<string, unknown>)[name], depth + 1)}`;
  }
  const name = nameOf(value);
  const kind = name === 'Object' ? '' : `${name} `;
  return parts.length === 0 ? `${kind}{}` : `${kind}{ ${join(parts, ', ')} }`;
}

function nameOf(value: object): string {
  const prototype = getPrototypeOf(value) as { constructor?: { name?: string } } | null;
  return prototype?.constructor?.name ?? 'Object';
}

function inspectCollection(value: Map<unknown, unknown> | Set<unknown>, depth: number): string {
  const parts: string[] = [];
  const isMap = value instanceof Map_;
  for (const [key, one] of value.entries()) {
    if (parts.length === 100) {
      parts[100] = `… ${value.size - 100} more`;
      break;
    }
    parts[parts.length] = isMap
      ? `${inspect(key, depth + 1)} => ${inspect(one, depth + 1)}`
      : inspect(key, depth + 1);
  }
  const kind = `${isMap ? 'Map' : 'Set'}(${value.size})`;
  return parts.length === 0 ? `${kind} {}` : `${kind} { ${join(parts, ', ')} }`;
}
