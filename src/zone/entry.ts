// How entries and list items are laid out in records, and what they are charged.
//
//   entry  tag(1) layout(1) epoch(4) slot(4) [expires(8)] [flags(4)] [key length(2)]
//          then, by form:  inline  [long key] value
//                          chunks  id(8) length(8) [long key]
//                          list    id(8) head(8) tail(8) charge of all items(8) [long key]
//   item   tag(1), then the value; or, when it is large, id(8) length(8) of its chunks
//
// Numbers are little-endian doubles or unsigned integers.

import { LEAF_NODE_BYTES, PAGE_BYTES, PAGE_RECORD_BYTES } from './lmdb.ts';

export const INLINE = 0;
export const CHUNKS = 1;
export const LIST = 2;
export const WITH_EXPIRES = 4;
export const WITH_FLAGS = 8;
export const WITH_LONG_KEY = 16;
const FORM = 3;

export const HEADER_BYTES = 10;
export const CHUNKS_BYTES = 16;
export const LIST_BYTES = 32;
export const ITEM_HEADER_BYTES = 1;
export const ITEM_IN_CHUNKS = 0x80;

/** Of the keys of chunks and items. */
export const PART_KEY_BYTES = 13;

/** What was found under a key. One object per zone, valid until the zone's next call. */
export class Entry {
  /** Milliseconds since the epoch, 0 for never. */
  expires = 0;
  flags = 0;
  /** Of the zone's user: what the value's bytes mean. */
  tag = 0;
  form: number = INLINE;
  slot = 0;
  epoch = 0;
  /** The value: `length` bytes at `start`. A list has none. */
  bytes: Buffer = Buffer.alloc(0);
  start = 0;
  length = 0;
  /** For numbers in a value that is not in chunks. */
  view: DataView = new DataView(this.bytes.buffer);

  /** Where the chunks or items are; items have the indexes from head up to tail. */
  id = 0;
  head = 0;
  tail = 0;
  itemCharge = 0;
  keyLength = 0;
  headerLength = 0;
  recordLength = 0;
  /** What the record is charged, and all of it. */
  recordCharge = 0;
  charge = 0;

  get isList(): boolean {
    return this.form === LIST;
  }

  get count(): number {
    return this.tail - this.head;
  }

  load(bytes: Buffer, size: number, storedKeyLength: number): void {
    if (this.view.buffer !== bytes.buffer) this.view = new DataView(bytes.buffer);
    const { view } = this;
    this.bytes = bytes;
    this.recordLength = size;
    this.tag = view.getUint8(0);
    const layout = view.getUint8(1);
    this.form = layout & FORM;
    this.epoch = view.getUint32(2, true);
    this.slot = view.getUint32(6, true);
    let at = HEADER_BYTES;
    this.expires = 0;
    if (layout & WITH_EXPIRES) {
      this.expires = view.getFloat64(at, true);
      at += 8;
    }
    this.flags = 0;
    if (layout & WITH_FLAGS) {
      this.flags = view.getUint32(at, true);
      at += 4;
    }
    this.keyLength = 0;
    if (layout & WITH_LONG_KEY) {
      this.keyLength = view.getUint16(at, true);
      at += 2;
    }
    this.headerLength = at;
    this.recordCharge = recordCharge(storedKeyLength, size);
    this.charge = this.recordCharge;
    if (this.form !== INLINE) at = this.loadParts(at);
    this.start = at + this.keyLength;
    if (this.form === INLINE) this.length = size - this.start;
  }

  /** The key, where it is too long to be LMDB's. To be read before anything else is. */
  longKey(): Buffer {
    return this.bytes.subarray(this.start - this.keyLength, this.start);
  }

  private loadParts(at: number): number {
    const { view } = this;
    this.id = view.getFloat64(at, true);
    if (this.form === CHUNKS) {
      this.length = view.getFloat64(at + 8, true);
      this.charge += chunksCharge(this.length);
      return at + CHUNKS_BYTES;
    }
    this.length = 0;
    this.head = view.getFloat64(at + 8, true);
    this.tail = view.getFloat64(at + 16, true);
    this.itemCharge = view.getFloat64(at + 24, true);
    this.charge += this.itemCharge;
    return at + LIST_BYTES;
  }
}

/** An item that was taken from a list. One object per zone, valid until the zone's next call. */
export class Item {
  tag = 0;
  bytes: Buffer = Buffer.alloc(0);
  start = 0;
  length = 0;
}

const NODE_POINTER = 2;
const NODE_OVERHEAD = 8 + NODE_POINTER;
const PAGE_NUMBER = 8;
/** Of nodes above a third of a page, a page holds one or two. */
const LARGE_NODE_CHARGE = (PAGE_BYTES * 3) / 4;

/**
 * What a record is charged: the room that it takes in the pages of a B-tree in which entries come and go
 * (measured: 45 to 60 % of a page is in use then). A large one has pages of its own, and a node.
 */
export function recordCharge(keyLength: number, recordLength: number): number {
  const node = NODE_OVERHEAD + keyLength + recordLength;
  if (node <= LEAF_NODE_BYTES + NODE_POINTER) return Math.min(2 * node, LARGE_NODE_CHARGE);
  const pages = Math.ceil((recordLength + PAGE_BYTES - PAGE_RECORD_BYTES) / PAGE_BYTES);
  return 2 * (NODE_OVERHEAD + keyLength + PAGE_NUMBER) + pages * PAGE_BYTES;
}

export function chunksCharge(length: number): number {
  const rest = length % PAGE_RECORD_BYTES;
  const full = (length - rest) / PAGE_RECORD_BYTES;
  const charge = full * recordCharge(PART_KEY_BYTES, PAGE_RECORD_BYTES);
  return rest === 0 ? charge : charge + recordCharge(PART_KEY_BYTES, rest);
}

export function itemCharge(bytes: Buffer, size: number): number {
  const charge = recordCharge(PART_KEY_BYTES, size);
  if (((bytes[0] as number) & ITEM_IN_CHUNKS) === 0) return charge;
  return charge + chunksCharge(bytes.readDoubleLE(ITEM_HEADER_BYTES + 8));
}
