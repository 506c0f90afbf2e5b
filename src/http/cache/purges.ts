// What has been purged without its files being gone yet: all entries that were cached up to a time under a key, or under
// keys that begin alike. The list is in the cache's zone, so that it holds for all workers at once, and for those that
// come later.

import type { CacheIndex } from './cache_index.ts';

export interface Purge {
  readonly text: string;
  /** `text` is the whole key. */
  readonly exact: boolean;
  /** Seconds. */
  readonly until: number;
}

export class PurgeList {
  readonly #index: CacheIndex;
  /** Seconds: what is unused for so long is gone. */
  readonly #inactive: number;
  #known: readonly Purge[] = [];
  #version = -1;

  constructor(index: CacheIndex, inactive: number) {
    this.#index = index;
    this.#inactive = inactive;
  }

  get all(): readonly Purge[] {
    const { purgesVersion } = this.#index;
    if (purgesVersion !== this.#version) {
      this.#known = this.#parse(this.#index.purges);
      this.#version = purgesVersion;
    }
    return this.#known;
  }

  /** False: there is no room. */
  add(purge: Purge): boolean {
    const isCovered = ({ text, exact }: Purge): boolean =>
      purge.exact ? exact && text === purge.text : text.startsWith(purge.text);
    return this.#change((purges) => [...purges.filter((one) => !isCovered(one)), purge]);
  }

  /** Their files are gone. */
  remove(done: readonly Purge[]): void {
    const isDone = (purge: Purge): boolean =>
      done.some(
        ({ text, exact, until }) => purge.text === text && purge.exact === exact && purge.until === until,
      );
    this.#change((purges) => purges.filter((one) => !isDone(one)));
  }

  #change(change: (purges: readonly Purge[]) => readonly Purge[]): boolean {
    return this.#index.changePurges((text) => JSON.stringify(change(this.#parse(text))));
  }

  #parse(text: string): Purge[] {
    const now = Math.floor(Date.now() / 1000);
    const purges: Purge[] = text === '' ? [] : JSON.parse(text);
    return purges.filter(({ until }) => until + this.#inactive >= now);
  }
}

export function isPurged(purges: readonly Purge[], key: string, date: number): boolean {
  return purges.some(
    ({ text, exact, until }) => date <= until && (exact ? key === text : key.startsWith(text)),
  );
}
