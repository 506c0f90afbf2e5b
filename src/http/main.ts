// What one http block comes to in a cycle: the addresses it listens on, with their servers, and what modules keep for all.

import type { Reader } from '../conf/reader.ts';
import type { ListenAddress } from './listen.ts';
import type { Server } from './location.ts';
import type { AnyHttpModule } from './module.ts';

export class HttpMain {
  readonly cf: Reader;
  readonly modules: readonly AnyHttpModule[];
  /** Merged configuration of the http block itself, by slot. */
  readonly conf: unknown[] = [];
  readonly servers: Server[] = [];
  readonly addresses: ListenAddress[] = [];
  /** The number of variables that requests keep: the size of r.vars. */
  variableCount = 0;

  constructor(cf: Reader, modules: readonly AnyHttpModule[]) {
    this.cf = cf;
    this.modules = modules;
  }
}
