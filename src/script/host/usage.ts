// What an isolate of a worker uses up. Counts go on when it is replaced.

export interface Usage {
  /** Bytes of the isolate that runs now, as they were seen last. */
  heapBytes: number;
  cpuSeconds: number;
  visits: number;
  /** Visits that took too long. */
  cutOffs: number;
  /** How often it ended and was replaced. */
  ends: number;
  /** What its scripts wait for, timers included, as it was seen last. */
  operations: number;
}

export function noUsage(): Usage {
  return { heapBytes: 0, cpuSeconds: 0, visits: 0, cutOffs: 0, ends: 0, operations: 0 };
}

export type IsolateUsages = () => Iterable<readonly [name: string, usage: Usage]>;
