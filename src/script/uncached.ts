// ts_code_cache off: an isolate whose program is made anew when one of the files that it came from has changed. Requests
// that began in the old one end there; then it goes away.

import { type Compiled, type Input, stampOf } from './host/compile.ts';
import type { Keeper } from './host/keeper.ts';
import { CompileError } from './host/mistakes.ts';

/** Old isolates that still have requests: beyond this many the oldest is ended with what it has. */
const MAX_OLD = 4;
const LOOK_MS = 50;

export interface Made {
  readonly keeper: Keeper;
  readonly compiled: Compiled;
}

export class Uncached {
  readonly #make: () => Promise<Made>;
  keeper: Keeper;
  #inputs: readonly Input[];
  /** The last try to make it has failed. */
  #broken = false;
  #renewing: Promise<string> | null = null;
  readonly #old: Keeper[] = [];
  #look: NodeJS.Timeout | null = null;

  constructor(made: Made, make: () => Promise<Made>) {
    this.keeper = made.keeper;
    this.#inputs = made.compiled.inputs;
    this.#make = make;
  }

  /** Whether it has to be made anew before a request may enter. */
  get stale(): boolean {
    return this.#broken || changed(this.#inputs) || changed(this.keeper.files.inputs);
  }

  /** Makes it anew; answers what is wrong, empty when nothing is. */
  renew(): Promise<string> {
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  async #renew(): Promise<string> {
    try {
      const { keeper, compiled } = await this.#make();
      this.#retire(this.keeper);
      this.keeper = keeper;
      this.#inputs = compiled.inputs;
      this.#broken = false;
      return '';
    } catch (error) {
      this.#broken = true;
      if (error instanceof CompileError) return error.message;
      throw error;
    }
  }

  #retire(keeper: Keeper): void {
    keeper.retire();
    this.#old.push(keeper);
    if (this.#old.length > MAX_OLD) this.#old.shift()?.dispose();
    this.#look ??= setInterval(() => this.#endIdle(), LOOK_MS).unref();
  }

  #endIdle(): void {
    for (let i = this.#old.length - 1; i >= 0; i--) {
      const keeper = this.#old[i] as Keeper;
      if (!keeper.idle) continue;
      keeper.dispose();
      this.#old.splice(i, 1);
    }
    if (this.#old.length > 0 || this.#look === null) return;
    clearInterval(this.#look);
    this.#look = null;
  }

  async stop(): Promise<void> {
    if (this.#look !== null) clearInterval(this.#look);
    for (const keeper of this.#old.splice(0)) keeper.dispose();
    await this.#renewing;
    await this.keeper.stop();
  }
}

function changed(inputs: readonly Input[]): boolean {
  for (const [path, stamp] of inputs) if (stampOf(path) !== stamp) return true;
  return false;
}
