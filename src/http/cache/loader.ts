// Reads a cache's directory into its zone, once after the zone was made. Until then, and should it never be done, a file
// is known as soon as somebody asks for it.

import type { Dirent, Stats } from 'node:fs';
import { opendir, stat, unlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { diskPath } from '../../core/disk_path.ts';
import { errorText } from '../../core/errno.ts';
import type { Log } from '../../core/log.ts';
import { HEADER_BYTES } from './cache_file.ts';
import type { FileCache } from './file_cache.ts';

/** What a file that is being written is called. */
const TEMPORARY = /\.[0-9]{10}$/;
const HASH = /[0-9a-f]{32}$/;

export class CacheLoader {
  readonly #cache: FileCache;
  readonly #log: Log;
  readonly #exiting: () => boolean;
  #files = 0;
  #since = performance.now();

  constructor(cache: FileCache, log: Log, exiting: () => boolean) {
    this.#cache = cache;
    this.#log = log;
    this.#exiting = exiting;
  }

  async load(): Promise<void> {
    const { index, settings, blockSize } = this.#cache;
    if (index.loaded) return;
    try {
      if (!(await this.#directory(settings.path))) return;
    } catch (error) {
      this.#log.write('crit', `cache loader: "${settings.path}" failed ${errorText(error)}`);
      return;
    }
    index.setLoaded();
    const megabytes = ((index.size * blockSize) / (1024 * 1024)).toFixed(3);
    this.#log.write('notice', `http file cache: ${settings.path} ${megabytes}M, bsize: ${blockSize}`);
  }

  /** False: this process ends. */
  async #directory(path: string): Promise<boolean> {
    for await (const entry of await opendir(diskPath(path), { encoding: 'latin1' as BufferEncoding })) {
      if (this.#exiting()) return false;
      const name = `${path}/${entry.name}`;
      if (entry.isDirectory()) {
        // Of nginx's, where it has use_temp_path=off.
        if (entry.name !== 'temp' && !(await this.#directory(name))) return false;
        continue;
      }
      await this.#entry(entry, name);
      await this.#pause();
    }
    return true;
  }

  async #entry(entry: Dirent, name: string): Promise<void> {
    if (entry.isFile() && TEMPORARY.test(entry.name)) return;
    const hash = HASH.exec(entry.name)?.[0];
    try {
      const stats = await stat(diskPath(name));
      if (hash !== undefined && stats.isFile() && this.#add(name, hash, stats)) return;
      await unlink(diskPath(name));
    } catch (error) {
      this.#log.write('crit', `cache loader: "${name}" failed ${errorText(error)}`);
    }
  }

  #add(name: string, hash: string, { size, blocks }: Stats): boolean {
    if (size < HEADER_BYTES) {
      this.#log.write('crit', `cache file "${name}" is too small`);
      return false;
    }
    const { index, settings, blockSize } = this.#cache;
    return index.change(hash, (node) => {
      if (!node.exists) {
        node.exists = true;
        node.uses = Math.max(node.uses, 1);
        node.blocks = Math.ceil((blocks * 512) / blockSize);
      }
      node.expire = Math.floor(Date.now() / 1000) + settings.inactive;
      return 'save';
    });
  }

  async #pause(): Promise<void> {
    const { loader } = this.#cache.settings;
    this.#files++;
    if (this.#files < loader.files && performance.now() - this.#since < loader.threshold) return;
    await sleep(loader.sleep, null, { ref: false });
    this.#files = 0;
    this.#since = performance.now();
  }
}
