// The source map that a debugger gets: blocks stand at their lines of nginx.conf, with its text.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Compiled } from './compile.ts';
import { moveToConf } from './mistakes.ts';

interface SourceMapData {
  readonly sources: readonly string[];
  readonly names: readonly string[];
  readonly mappings: string;
}

/** What to add to a program's text, if debuggers may attach; `map` is the program's own source map. */
export type DebugMap = (map: string) => string;

export function debugMap(compiled: Compiled, prefix: string, mapText: string): string {
  const map = JSON.parse(mapText) as SourceMapData;
  const files: string[] = [];
  const fileIndex = (file: string): number => {
    const known = files.indexOf(file);
    return known === -1 ? files.push(file) - 1 : known;
  };
  const moved = decode(map.mappings).map((line) =>
    line.map(([column, source, row, at, ...name]): number[] => {
      if (source === undefined || row === undefined || at === undefined) return [column ?? 0];
      const path = map.sources[source] ?? '';
      const index = /ts-block:(\d+)$/.exec(path)?.[1];
      const block = compiled.blocks[Number(index ?? -1)];
      if (block !== undefined) {
        const place = moveToConf(block, block.module, row + 1, at + 1);
        return [column ?? 0, fileIndex(resolve(block.file)), place.line - 1, place.column - 1, ...name];
      }
      if (path.includes('ts-entry')) return [column ?? 0];
      return [column ?? 0, fileIndex(resolve(prefix, path)), row, at, ...name];
    }),
  );
  const data = JSON.stringify({
    version: 3,
    sources: files.map((file) => pathToFileURL(file).href),
    sourcesContent: files.map(textOf),
    names: map.names,
    mappings: `;${encode(moved)}`, // the program's first line is ours
  });
  return `\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(data).toString('base64')}`;
}

/** null: the worker's user may not read it; the debugger then looks for the file itself. */
function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

// Mappings: lines of segments of up to five numbers, each told as the difference to the one before in base 64.

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function decode(mappings: string): number[][][] {
  const state = [0, 0, 0, 0, 0];
  return mappings.split(';').map((line) => {
    state[0] = 0;
    if (line === '') return [];
    return line.split(',').map((segment) => {
      const numbers = differences(segment);
      return numbers.map((difference, i) => {
        state[i] = (state[i] ?? 0) + difference;
        return state[i] ?? 0;
      });
    });
  });
}

function differences(segment: string): number[] {
  const numbers: number[] = [];
  let value = 0;
  let shift = 0;
  for (const digit of segment) {
    const bits = DIGITS.indexOf(digit);
    value += (bits & 31) << shift;
    shift += 5;
    if ((bits & 32) !== 0) continue;
    numbers.push((value & 1) === 1 ? -(value >> 1) : value >> 1);
    value = 0;
    shift = 0;
  }
  return numbers;
}

function encode(lines: readonly (readonly (readonly number[])[])[]): string {
  const state = [0, 0, 0, 0, 0];
  return lines
    .map((line) => {
      state[0] = 0;
      return line
        .map((segment) =>
          segment
            .map((value, i) => {
              const difference = value - (state[i] ?? 0);
              state[i] = value;
              return digits(difference);
            })
            .join(''),
        )
        .join(',');
    })
    .join(';');
}

function digits(difference: number): string {
  let left = difference < 0 ? (-difference << 1) | 1 : difference << 1;
  let text = '';
  do {
    const rest = left >> 5;
    text += DIGITS[(left & 31) | (rest > 0 ? 32 : 0)] ?? '';
    left = rest;
  } while (left > 0);
  return text;
}
