// Open files for logs whose names hold variables (open_log_file_cache): the descriptors of those that are used often.

import { closeSync, openSync, type Stats, statSync } from 'node:fs';
import { diskPath } from './disk_path.ts';

interface LogFileCacheOptions {
  readonly max: number;
  readonly inactiveMs: number;
  readonly minUses: number;
  /** How long a descriptor is trusted to be that of its name. */
  readonly validMs: number;
}

interface Entry {
  /** -1: known, but not used often enough yet. */
  fd: number;
  ino: number;
  uses: number;
  usedAt: number;
  checkedAt: number;
}

export class LogFileCache {
  readonly options: LogFileCacheOptions;
  /** The longest unused first. */
  readonly #entries = new Map<string, Entry>();

  constructor(options: LogFileCacheOptions) {
    this.options = options;
  }

  /** Calls `write` with a descriptor of the file, open for appending. Throws what opening it throws. */
  use(path: string, write: (fd: number) => void): void {
    const now = Date.now();
    const known = this.#entries.get(path);
    if (known !== undefined && known.fd !== -1 && now - known.checkedAt > this.options.validMs) {
      this.#check(path, known, now);
    }
    const fd = known === undefined || known.fd === -1 ? openLog(path) : known.fd;
    write(fd);
    this.#makeRoom(path, now);
    const entry = known ?? { fd: -1, ino: 0, uses: 0, usedAt: now, checkedAt: now };
    this.#entries.delete(path);
    this.#entries.set(path, entry);
    entry.uses++;
    entry.usedAt = now;
    if (entry.fd !== -1) return;
    if (entry.uses < this.options.minUses) {
      closeSync(fd);
      return;
    }
    entry.fd = fd;
    entry.checkedAt = now;
    entry.ino = inodeOf(path);
  }

  close(): void {
    for (const path of [...this.#entries.keys()]) this.#drop(path);
  }

  #makeRoom(path: string, now: number): void {
    const { inactiveMs, max } = this.options;
    const most = this.#entries.has(path) ? max : max - 1;
    for (const [oldest, { usedAt }] of this.#entries) {
      if (oldest === path) continue;
      if (this.#entries.size <= most && now - usedAt <= inactiveMs) return;
      this.#drop(oldest);
    }
  }

  #check(path: string, entry: Entry, now: number): void {
    entry.checkedAt = now;
    if (inodeOf(path) === entry.ino) return;
    closeSync(entry.fd);
    entry.fd = -1;
  }

  #drop(path: string): void {
    const fd = this.#entries.get(path)?.fd ?? -1;
    if (fd !== -1) closeSync(fd);
    this.#entries.delete(path);
  }
}

export function openLog(path: string): number {
  return openSync(diskPath(path), 'a', 0o644);
}

function inodeOf(path: string): number {
  const stats: Stats | undefined = statSync(diskPath(path), { throwIfNoEntry: false });
  return stats?.ino ?? 0;
}
