// The ranges of a geo block. They are kept by the upper half of the address, as in nginx, and cut at its borders: that
// decides which ranges overlap, and what the warnings name.

import { ConfError, type Place } from '../../conf/error.ts';
import type { Reader } from '../../conf/reader.ts';
import { addressBytes } from '../../core/cidr.ts';

interface Range {
  /** Lower halves of the first and the last address. */
  start: number;
  end: number;
  value: string;
}

export class GeoRanges {
  /** By upper half; sorted, without overlap. */
  readonly #blocks = new Map<number, Range[]>();
  #default: string | null = null;

  /** The value of an address of 4 bytes. */
  find(bytes: string): string {
    const ranges = this.#blocks.get((bytes.charCodeAt(0) << 8) | bytes.charCodeAt(1));
    if (ranges !== undefined) {
      const low = (bytes.charCodeAt(2) << 8) | bytes.charCodeAt(3);
      let from = 0;
      let to = ranges.length - 1;
      while (from <= to) {
        const middle = (from + to) >> 1;
        const range = ranges[middle] as Range;
        if (low < range.start) to = middle - 1;
        else if (low > range.end) from = middle + 1;
        else return range.value;
      }
    }
    return this.#default ?? '';
  }

  addEntry(cf: Reader, key: string, value: string, place: Place): void {
    if (key === 'default') {
      if (this.#default !== null) {
        cf.warn(`duplicate default geo range value: "${value}", old value: "${this.#default}"`, place);
      }
      this.#default = value;
      return;
    }
    const text = key === 'delete' ? value : key;
    const [start, end] = parseRange(text, place);
    if (key !== 'delete') this.#add(cf, text, start, end, value, place);
    else if (!this.#delete(start, end)) cf.warn(`no address range "${text}" to delete`, place);
  }

  #add(cf: Reader, text: string, start: number, end: number, value: string, place: Place): void {
    for (const [block, from, to] of blocksOf(start, end)) {
      let ranges = this.#blocks.get(block);
      if (ranges === undefined) {
        ranges = [];
        this.#blocks.set(block, ranges);
      }
      const at = indexOf(ranges, to);
      const known = ranges[at];
      if (known === undefined || from > known.end) {
        ranges.splice(at + 1, 0, { start: from, end: to, value });
      } else if (from === known.start && to === known.end) {
        cf.warn(`duplicate range "${text}", value: "${value}", old value: "${known.value}"`, place);
        known.value = value;
      } else if (from >= known.start && to <= known.end) {
        const pieces = [
          { start: known.start, end: from - 1, value: known.value },
          { start: from, end: to, value },
          { start: to + 1, end: known.end, value: known.value },
        ];
        ranges.splice(at, 1, ...pieces.filter((piece) => piece.start <= piece.end));
      } else {
        const shown = `${dotted(block, known.start)}-${dotted(block, known.end)}`;
        throw new ConfError(`range "${text}" overlaps "${shown}"`, place);
      }
    }
  }

  /** False where any part was not there as it is. */
  #delete(start: number, end: number): boolean {
    let all = true;
    for (const [block, from, to] of blocksOf(start, end)) {
      const ranges = this.#blocks.get(block) ?? [];
      const at = indexOf(ranges, to);
      const known = ranges[at];
      if (known?.start === from && known.end === to) ranges.splice(at, 1);
      else all = false;
    }
    return all;
  }
}

/** The last range that begins at or before `low`; -1 for none. */
function indexOf(ranges: readonly Range[], low: number): number {
  let from = 0;
  let to = ranges.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((ranges[middle] as Range).start <= low) from = middle + 1;
    else to = middle;
  }
  return from - 1;
}

function* blocksOf(
  start: number,
  end: number,
): Generator<readonly [block: number, from: number, to: number]> {
  const last = Math.floor(end / 0x10000);
  for (let block = Math.floor(start / 0x10000); block <= last; block++) {
    yield [block, Math.max(start - block * 0x10000, 0), Math.min(end - block * 0x10000, 0xffff)];
  }
}

function parseRange(text: string, place: Place): readonly [start: number, end: number] {
  const dash = text.indexOf('-');
  const start = dash === -1 ? -1 : addressNumber(text.slice(0, dash));
  const end = dash === -1 ? -1 : addressNumber(text.slice(dash + 1));
  if (start === -1 || end === -1 || start > end) throw new ConfError(`invalid range "${text}"`, place);
  return [start, end];
}

// The highest address stands for "no address" in nginx, and cannot be written in a range.
function addressNumber(text: string): number {
  const bytes = addressBytes(text);
  if (bytes?.length !== 4 || bytes === '\xff\xff\xff\xff') return -1;
  let number = 0;
  for (let i = 0; i < 4; i++) number = number * 256 + bytes.charCodeAt(i);
  return number;
}

function dotted(block: number, low: number): string {
  return `${block >> 8}.${block & 255}.${low >> 8}.${low & 255}`;
}
