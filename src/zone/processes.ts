// The processes that use a zone, in memory that they share: what one of them counts there is known to be its own, so
// that another can take it back when it was killed.

import { startTime } from './zones.ts';

export const MOST_PROCESSES = 256;
const CELLS_EACH = 3;
/** Numbers that ProcessRows takes, 0 at first. */
export const PROCESS_CELLS = MOST_PROCESSES * CELLS_EACH;

/** A row for each process: its number, when it started, its generation. All but someDead() is for who has the lock. */
export class ProcessRows {
  readonly #cells: Float64Array;
  /** That of this process; -1 for none. */
  own = -1;

  constructor(cells: Float64Array) {
    this.#cells = cells;
  }

  /** Takes a row for this process; throws where there are too many. */
  join(generation: number, zoneName: string): void {
    const cells = this.#cells;
    for (let row = 0; row < MOST_PROCESSES; row++) {
      const at = row * CELLS_EACH;
      if (cells[at] !== 0) continue;
      cells[at + 1] = Number(startTime(process.pid));
      cells[at + 2] = generation;
      cells[at] = process.pid;
      this.own = row;
      return;
    }
    throw new Error(`more than ${MOST_PROCESSES} processes share zone "${zoneName}"`);
  }

  /** Some process has died without leaving: cheap, and to be asked often. */
  someDead(): boolean {
    for (let row = 0; row < MOST_PROCESSES; row++) {
      const pid = this.#cells[row * CELLS_EACH] as number;
      if (pid !== 0 && pid !== process.pid && !exists(pid)) return true;
    }
    return false;
  }

  /** The rows of those that have died without leaving. */
  dead(): number[] {
    const rows: number[] = [];
    for (let row = 0; row < MOST_PROCESSES; row++) {
      const at = row * CELLS_EACH;
      const pid = this.#cells[at] as number;
      if (pid === 0 || row === this.own) continue;
      if (!isAlive(pid, this.#cells[at + 1] as number)) rows.push(row);
    }
    return rows;
  }

  free(row: number): void {
    this.#cells.fill(0, row * CELLS_EACH, (row + 1) * CELLS_EACH);
    if (row === this.own) this.own = -1;
  }

  /** Those that have processes. */
  generations(): Set<number> {
    const found = new Set<number>();
    for (let at = 0; at < PROCESS_CELLS; at += CELLS_EACH) {
      if (this.#cells[at] !== 0) found.add(this.#cells[at + 2] as number);
    }
    return found;
  }
}

/** Also true of another one that has the same number since. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (e) {
    return (e as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function isAlive(pid: number, started: number): boolean {
  if (!exists(pid)) return false;
  const found = Number(startTime(pid));
  return found === 0 || found === started;
}
