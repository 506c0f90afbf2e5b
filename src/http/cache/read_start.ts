// The beginning of an entry's file, for who wants to know what it is.

import { closeSync, openSync, readSync } from 'node:fs';
import { diskPath } from '../../core/disk_path.ts';
import type { FileCache } from './file_cache.ts';

const bytes = Buffer.allocUnsafe(8192);

/** Shows it. null: it cannot be read; whoever asks for the entry will see. */
export function readStart<T>(
  cache: FileCache,
  hash: string,
  look: (bytes: Buffer, n: number) => T,
): T | null {
  let fd = -1;
  try {
    fd = openSync(diskPath(cache.fileName(hash)), 'r');
    return look(bytes, readSync(fd, bytes, 0, bytes.length, 0));
  } catch {
    return null;
  } finally {
    if (fd !== -1) closeSync(fd);
  }
}
