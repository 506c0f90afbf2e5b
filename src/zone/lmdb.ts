// The only door to the lmdb package: one environment, binary records under binary keys, used synchronously.
//
// What bites in it, and how this file and control.ts take care of it:
// - Opening an environment while another process commits loses that commit and worse: the opener sets the
//   shared transaction number from a meta page that it read before (OpenLDAP ITS#9496, in the LMDB bundled
//   with lmdb 3.5). So all writing and all opening of a zone happens under a lock of our own.
// - With useWritemap, a transaction that merges pages while no free page is known aborts the process
//   ("Assertion 'x <= dl[0].mid' failed in mdb_freelist_save"). So only the control block's environment, in
//   which nothing changes any more, uses it. The price: a transaction costs 4 µs instead of 2.
// - A snapshot that stays open hides the writes of other processes and keeps freed pages from being used
//   again: measured, a forgotten one makes a write cost 67 µs, and the file grow. So reads go through one
//   read transaction of ours that is reset after each (25 ns; resetReadTxn, the documented way, costs 1.3 µs,
//   since it makes a timer).
// - A process loses its locks on an environment when it closes a second descriptor of the lock file, so it
//   may open each path once; and it must never open a lock file by other means.
// - beginTxn does not report a failure; the transaction's number, 0, does.
// - An open that fails may crash the process (a double free), so what can be checked is, before.

import { accessSync, constants, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

export const PAGE_BYTES = 4096;
/** The longest record that fits one overflow page: a page less its header. */
export const PAGE_RECORD_BYTES = 4072;
/** A node above this leaves the tree's leaf for overflow pages of its own. */
export const LEAF_NODE_BYTES = 2034;

const KEY_SPACE = 2048;
const SHORT_KEY_BYTES = 64;
const MAX_READERS = 2048;
const SYNCHRONOUS_COMMIT = 2;
const FILE_MODE = 0o600;
/** What one process can map is a little more. */
const MAX_MAP_BYTES = 2 ** 46;

/** A key, or the start of a range, as bytes in a buffer that is used again and again. */
export class KeyBytes {
  readonly bytes: Buffer = Buffer.alloc(KEY_SPACE);
  length = 0;

  set(key: Buffer): void {
    key.copy(this.bytes);
    this.length = key.length;
  }

  equals(key: KeyBytes): boolean {
    return this.length === key.length && this.bytes.compare(key.bytes, 0, key.length, 0, this.length) === 0;
  }
}

/** Bytes to be stored; lmdb takes `start` and `end` for the part that counts, so that nothing is allocated. */
export class RecordBytes {
  readonly bytes: Buffer & { start: number; end: number };
  readonly view: DataView;

  constructor(size: number) {
    // Not from the pool: lmdb takes the address of the whole ArrayBuffer.
    this.bytes = Object.assign(Buffer.alloc(size), { start: 0, end: 0 });
    this.view = new DataView(this.bytes.buffer, 0, size);
  }
}

interface EnvironmentOptions {
  readonly mapBytes: number;
  /** For shared(): the map can be written to. No record may be changed or removed once it is there. */
  readonly writable?: boolean;
}

interface EnvironmentInfo {
  readonly mapBytes: number;
  /** Up to the highest page ever used: the memory that the file takes. */
  readonly fileBytes: number;
  /** Pages that hold records now. */
  readonly usedBytes: number;
  readonly readers: number;
}

/** Sees a record's key, and its bytes in a buffer of which `size` count; false ends the scan. */
type Visit = (key: Buffer, bytes: Buffer, size: number) => boolean;

interface Stats {
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
}
interface NativeEnvironment {
  beginTxn(flags: number): void;
  commitTxn(): void;
  getWriteTxnId(): number;
  sync(): void;
  info(): { mapSize: number; lastPageNumber: number; numReaders: number };
}
interface ReadTransaction {
  readonly address: number;
  done(): void;
}
interface DirectWrite {
  readonly transaction: ReadTransaction;
  readonly offset: number;
  bytes: Buffer;
}
interface Store {
  readonly env: NativeEnvironment;
  readonly db: { stat(): Stats };
  readonly dbAddress: number;
  readonly lastSize: number;
  getBinaryFast(key: KeyBytes, options: { transaction: ReadTransaction }): Buffer | undefined;
  getRange(options: object): Iterable<{ key: Buffer; value: number }>;
  putSync(key: KeyBytes, value: Buffer): boolean;
  removeSync(key: KeyBytes): boolean;
  transactionSync(run: () => void, flags: number): void;
  directWrite(key: KeyBytes, options: DirectWrite): void;
  useReadTransaction(): ReadTransaction;
  resetReadTxn(): void;
  readerCheck(): number;
  readerList(): string;
  close(): Promise<void>;
}
interface Native {
  resetTxn(address: number): void;
  getSharedByBinary(dbAddress: number, keySize: number): Buffer | undefined;
}

interface Lmdb {
  open(options: object): Store;
  readonly nativeAddon: Native;
}

// Loaded with the first zone: it costs 17 ms, and many configurations have none.
let loaded: Lmdb | undefined;

function lmdb(): Lmdb {
  loaded ??= createRequire(import.meta.url)('lmdb') as Lmdb;
  return loaded;
}

const openPaths = new Set<string>();
let opened = 0;

/** How many environments this process has opened so far. A program that it executes inherits their descriptors. */
export function environmentsOpened(): number {
  return opened;
}

export class Environment {
  readonly path: string;
  /** Size of the record that get() found last. */
  size = 0;
  private readonly native: Native;
  private readonly store: Store;
  private readonly transaction: ReadTransaction;
  private readonly reading: { transaction: ReadTransaction };
  private readonly overwriting: DirectWrite;
  private overwritingFrom: RecordBytes | null = null;
  private readonly coder = new Coder();
  private closed = false;

  constructor(path: string, options: EnvironmentOptions) {
    if (openPaths.has(path)) throw new Error(`"${path}" is already open in this process`);
    checkAccess(path, options.mapBytes);
    this.path = path;
    const { open, nativeAddon } = lmdb();
    this.native = nativeAddon;
    this.store = open({
      path,
      noSubdir: false,
      mapSize: options.mapBytes,
      maxReaders: MAX_READERS,
      permissionsMode: FILE_MODE,
      maxDbs: 1,
      noSync: true,
      noMemInit: true,
      useWritemap: options.writable === true,
      encoder: this.coder,
      keyEncoder: { writeKey, readKey },
    });
    openPaths.add(path);
    opened++;
    this.transaction = this.store.useReadTransaction();
    this.reading = { transaction: this.transaction };
    this.overwriting = { transaction: this.transaction, offset: 0, bytes: NOTHING };
    // From here on the store no longer regards it as its own current one, and leaves it alone.
    this.store.resetReadTxn();
    this.release();
  }

  /**
   * The newest committed record, or inside write() the transaction's own. The bytes stand in a buffer that
   * the next get() overwrites; `size` says how many count. Outside write(), release() must follow.
   */
  get(key: KeyBytes): Buffer | undefined {
    const bytes = this.store.getBinaryFast(key, this.reading);
    this.size = this.store.lastSize;
    return bytes;
  }

  /** Lets go of the snapshot: the next get() sees what was committed by then. */
  release(): void {
    this.native.resetTxn(this.transaction.address);
  }

  /** Only inside write(). */
  put(key: KeyBytes, record: RecordBytes, length: number): void {
    record.bytes.end = length;
    this.store.putSync(key, record.bytes);
  }

  /** Only inside write(). */
  remove(key: KeyBytes): boolean {
    return this.store.removeSync(key);
  }

  /**
   * Overwrites the first `length` bytes of a record where it is, for all to see at once. Never inside
   * write(), and only while no other process writes.
   */
  overwrite(key: KeyBytes, record: RecordBytes, length: number): void {
    // Most often it is a counter, of always the same length.
    if (this.overwriting.bytes.length !== length || this.overwritingFrom !== record) {
      this.overwriting.bytes = record.bytes.subarray(0, length);
      this.overwritingFrom = record;
    }
    this.store.directWrite(key, this.overwriting);
    this.release();
  }

  /** One transaction: all of `run` or, when it throws, nothing. */
  write(run: () => void): void {
    this.store.transactionSync(run, SYNCHRONOUS_COMMIT);
  }

  /** Inside write(): the number that the transaction will be committed under. */
  transactionId(): number {
    const id = this.store.env.getWriteTxnId();
    if (id === 0) throw new Error(`"${this.path}": cannot begin a transaction`);
    return id;
  }

  /** Takes the writer's lock without writing. A process that is killed while it has it loses it. */
  lock(): void {
    this.store.env.beginTxn(SYNCHRONOUS_COMMIT);
    this.transactionId();
  }

  unlock(): void {
    this.store.env.commitTxn();
  }

  /**
   * Calls `visit` with each record from `start` (inclusive) to `end` (exclusive), in key order. `visit` may
   * not use the environment. Outside write() the scan sees one snapshot, released at its end.
   */
  scan(start: KeyBytes, end: KeyBytes, visit: Visit, writing: boolean): void {
    const range = writing ? { start, end } : { start, end, transaction: this.transaction };
    try {
      for (const { key } of this.store.getRange(range)) {
        if (!visit(key, this.coder.bytes, this.coder.size)) break;
      }
    } finally {
      if (!writing) this.release();
    }
  }

  /** A record as memory that all processes share. */
  shared(key: KeyBytes): Buffer | undefined {
    const found = this.get(key) !== undefined;
    // get() left lmdb's buffer for keys known, but its answer in it.
    if (found && keyBuffer !== undefined) writeKey(key, keyBuffer, 0);
    const bytes = found ? this.native.getSharedByBinary(this.store.dbAddress, key.length) : undefined;
    this.release();
    return bytes;
  }

  info(): EnvironmentInfo {
    const { mapSize, lastPageNumber, numReaders } = this.store.env.info();
    const stats = this.store.db.stat();
    this.release();
    const pages = stats.treeBranchPageCount + stats.treeLeafPageCount + stats.overflowPages;
    return {
      mapBytes: mapSize,
      fileBytes: (lastPageNumber + 1) * PAGE_BYTES,
      usedBytes: pages * PAGE_BYTES,
      readers: numReaders,
    };
  }

  /** Frees the reader slots of processes that died; says how many. */
  readerCheck(): number {
    return this.store.readerCheck();
  }

  /** The oldest snapshot that a process holds: the number of its transaction. */
  oldestSnapshot(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const line of this.store.readerList().split('\n')) {
      // Process, thread, transaction ("-" where it holds none).
      const transaction = Number(line.trim().split(/\s+/)[2] ?? '-');
      if (transaction < oldest) oldest = transaction;
    }
    return oldest;
  }

  /** Has what was written reach the disk. */
  sync(): void {
    this.store.env.sync();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    openPaths.delete(this.path);
    this.transaction.done();
    // Nothing was written asynchronously, so nothing is waited for.
    void this.store.close();
  }
}

const NOTHING = Buffer.alloc(0);

function checkAccess(path: string, mapBytes: number): void {
  if (!(mapBytes <= MAX_MAP_BYTES)) throw new Error(`"${path}": ${mapBytes} bytes are too many`);
  accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  for (const name of ['data.mdb', 'lock.mdb']) {
    const file = join(path, name);
    if (existsSync(file)) accessSync(file, constants.R_OK | constants.W_OK);
  }
}

/** Hands values through as they are; what a range finds stays in lmdb's buffer. */
class Coder {
  // Asks lmdb to honour `start` and `end` of what encode() returns.
  readonly copyBuffers = true;
  bytes: Buffer = NOTHING;
  size = 0;

  encode(record: Buffer): Buffer {
    return record;
  }

  decode(bytes: Buffer, size: number): number {
    this.bytes = bytes;
    this.size = size;
    return size;
  }
}

// lmdb has one buffer for the keys that it looks for, for all environments.
let keyBuffer: Buffer | undefined;

function writeKey(key: KeyBytes | Buffer, target: Buffer, start: number): number {
  if (start === 0) keyBuffer = target;
  const source = key instanceof KeyBytes ? key.bytes : key;
  const { length } = key;
  if (length > SHORT_KEY_BYTES) {
    source.copy(target, start, 0, length);
  } else {
    for (let i = 0; i < length; i++) target[start + i] = source[i] as number;
  }
  return start + length;
}

function readKey(source: Buffer, start: number, end: number): Buffer {
  return Buffer.from(source.subarray(start, end));
}
