// What does not fit into an entry's record: chunks of large values, items of lists, and what is left of removed lists.
// Chunks take one page each, so that free pages never need to be contiguous.

import type { Control } from './control.ts';
import {
  CHUNKS,
  type Entry,
  ITEM_HEADER_BYTES,
  ITEM_IN_CHUNKS,
  itemCharge,
  PART_KEY_BYTES,
  recordCharge,
} from './entry.ts';
import { PART_KEY, setKind, TRASH_KEY } from './keys.ts';
import { type Environment, KeyBytes, PAGE_RECORD_BYTES, type RecordBytes } from './lmdb.ts';

const TRASH_KEY_BYTES = 7;
const TRASH_RECORD = 16;
/** Items of a removed list that go with it; the rest is trash, for later transactions. */
export const REMOVED_AT_ONCE = 256;

export class Parts {
  readonly #name: string;
  readonly #environment: Environment;
  readonly #control: Control;
  readonly #record: RecordBytes;
  readonly #key = new KeyBytes();
  readonly #from = new KeyBytes();
  readonly #to = new KeyBytes();

  /** `name`: the zone's; `record`: what its records are written in. */
  constructor(name: string, environment: Environment, control: Control, record: RecordBytes) {
    this.#name = name;
    this.#environment = environment;
    this.#control = control;
    this.#record = record;
  }

  /** Of a chunk, or an item; good until the next call. */
  key(id: number, index: number): KeyBytes {
    const partKey = this.#key;
    partKey.bytes[0] = PART_KEY;
    partKey.bytes.writeUIntBE(id, 1, 6);
    partKey.bytes.writeUIntBE(index, 7, 6);
    partKey.length = PART_KEY_BYTES;
    return partKey;
  }

  #trash(id: number): KeyBytes {
    const partKey = this.#key;
    partKey.bytes[0] = TRASH_KEY;
    partKey.bytes.writeUIntBE(id, 1, 6);
    partKey.length = TRASH_KEY_BYTES;
    return partKey;
  }

  /** The value of so many bytes. */
  read(id: number, length: number): Buffer {
    const environment = this.#environment;
    const value = Buffer.allocUnsafeSlow(length);
    for (let index = 0, at = 0; at < length; index++) {
      const bytes = environment.get(this.key(id, index));
      if (bytes === undefined) throw new Error(`zone "${this.#name}": a part of a value is missing`);
      bytes.copy(value, at, 0, environment.size);
      at += environment.size;
    }
    return value;
  }

  /** Answers the id. */
  store(value: Uint8Array, length: number): number {
    const environment = this.#environment;
    const record = this.#record;
    const id = this.#control.nextId++;
    for (let index = 0, at = 0; at < length; index++) {
      const size = Math.min(length - at, PAGE_RECORD_BYTES);
      record.bytes.set(value.subarray(at, at + size));
      environment.put(this.key(id, index), record, size);
      at += size;
    }
    return id;
  }

  remove(id: number, length: number): void {
    const count = Math.ceil(length / PAGE_RECORD_BYTES);
    for (let index = 0; index < count; index++) this.#environment.remove(this.key(id, index));
  }

  /** What is not in the entry's own record. What becomes trash is charged on. */
  removeValue(entry: Entry): void {
    if (entry.form === CHUNKS) {
      this.remove(entry.id, entry.length);
      return;
    }
    if (entry.count <= REMOVED_AT_ONCE) {
      for (let index = entry.head; index < entry.tail; index++) this.#removeItem(entry.id, index);
      return;
    }
    this.#control.trash = true;
    this.#control.used += entry.itemCharge + recordCharge(TRASH_KEY_BYTES, TRASH_RECORD);
    this.#putTrash(entry.id, entry.head, entry.tail);
  }

  #putTrash(id: number, head: number, tail: number): void {
    const { view } = this.#record;
    view.setFloat64(0, head, true);
    view.setFloat64(8, tail, true);
    this.#environment.put(this.#trash(id), this.#record, TRASH_RECORD);
  }

  /** Says what the item was charged. */
  #removeItem(id: number, index: number): number {
    const environment = this.#environment;
    const key = this.key(id, index);
    const bytes = environment.get(key);
    if (bytes === undefined) throw new Error(`zone "${this.#name}": an item of a list is missing`);
    const charge = itemCharge(bytes, environment.size);
    const inChunks = (bytes[0] as number) & ITEM_IN_CHUNKS;
    const chunks = inChunks ? bytes.readDoubleLE(ITEM_HEADER_BYTES) : 0;
    const length = inChunks ? bytes.readDoubleLE(ITEM_HEADER_BYTES + 8) : 0;
    environment.remove(key);
    if (inChunks) this.remove(chunks, length);
    return charge;
  }

  /** Removes up to `max` items that are trash. */
  reclaim(max: number): void {
    const control = this.#control;
    const from = this.#from;
    const to = this.#to;
    let id = 0;
    let head = 0;
    let tail = 0;
    setKind(from, TRASH_KEY);
    setKind(to, TRASH_KEY + 1);
    const visit = (key: Buffer, bytes: Buffer): boolean => {
      id = key.readUIntBE(1, 6);
      head = bytes.readDoubleLE(0);
      tail = bytes.readDoubleLE(8);
      return false;
    };
    this.#environment.scan(from, to, visit, true);
    if (id === 0) {
      control.trash = false;
      return;
    }
    const end = Math.min(tail, head + max);
    for (; head < end; head++) control.used -= this.#removeItem(id, head);
    if (head < tail) {
      this.#putTrash(id, head, tail);
      return;
    }
    this.#environment.remove(this.#trash(id));
    control.used -= recordCharge(TRASH_KEY_BYTES, TRASH_RECORD);
  }
}
