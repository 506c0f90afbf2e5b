// What the isolates of a worker use up, for prom-client. Counts go on when an isolate is replaced.

import { Counter, Gauge, Registry } from 'prom-client';

export interface Usage {
  /** Bytes of the isolate that runs now, as they were seen last. */
  heapBytes: number;
  cpuSeconds: number;
  visits: number;
  /** Visits that took too long. */
  cutOffs: number;
  /** How often it ended and was replaced. */
  ends: number;
}

export function noUsage(): Usage {
  return { heapBytes: 0, cpuSeconds: 0, visits: 0, cutOffs: 0, ends: 0 };
}

export type IsolateUsages = () => Iterable<readonly [name: string, usage: Usage]>;

/** A registry of `usages`, read whenever it is shown. */
export function isolateMetrics(usages: IsolateUsages): Registry {
  const registry = new Registry();
  const define = (
    Kind: typeof Counter | typeof Gauge,
    name: string,
    help: string,
    read: (usage: Usage) => number,
  ): void => {
    const metric: Counter | Gauge = new Kind({
      name: `tsresty_isolate_${name}`,
      help,
      labelNames: ['isolate'],
      registers: [registry],
      collect() {
        metric.reset();
        for (const [isolate, usage] of usages()) metric.inc({ isolate }, read(usage));
      },
    });
  };
  define(Gauge, 'heap_bytes', 'Heap in use, and memory that hangs on it', ({ heapBytes }) => heapBytes);
  define(Counter, 'cpu_seconds_total', 'Processor time of scripts', ({ cpuSeconds }) => cpuSeconds);
  define(Counter, 'visits_total', 'Times that the isolate was entered', ({ visits }) => visits);
  define(Counter, 'cut_offs_total', 'Visits that took longer than they may', ({ cutOffs }) => cutOffs);
  define(Counter, 'ends_total', 'Isolates that ended and were replaced', ({ ends }) => ends);
  return registry;
}
