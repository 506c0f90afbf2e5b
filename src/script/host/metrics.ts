// Metrics of a worker, in prom-client; shown merged over all workers, whoever is asked.

import { AggregatorRegistry, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { messageOf } from '../../core/thrown.ts';
import { TEXT } from '../protocol.ts';
import type { Plain } from './isolate.ts';
import { type Argument, type Done, Refusal } from './request.ts';
import type { IsolateUsages, Usage } from './usage.ts';

type Metric = Counter | Gauge | Histogram;
type Kind = 'counter' | 'gauge' | 'histogram';

/** The other workers. */
export interface Workers {
  others(): number;
  publish(topic: string, value: unknown): void;
  subscribe(topic: string, subscriber: (value: unknown, from: number) => void): void;
}

const ASK = 'metrics.ask';
const ANSWER = 'metrics.answer';
/** A worker that is busy or gone does not hold up the others' figures for longer. */
const PATIENCE_MS = 250;

/** What an isolate's metrics may take of the worker's memory, where they stay when it is replaced: about ten megabytes. */
const MOST_COST = 10_000_000;
/** Of a metric, and of each combination of its labels, beside the text. */
const BASE_COST = 256;
const BUCKET_COST = 64;

interface Known {
  readonly metric: Metric;
  readonly labels: readonly string[];
  readonly kind: Kind;
  /** What a combination of labels costs beside its text. */
  readonly cost: number;
  /** By combination of labels: whose it is. */
  readonly owners: Map<string, IsolateMetrics>;
}

interface Asked {
  readonly parts: unknown[];
  left: number;
  readonly timer: NodeJS.Timeout;
  readonly done: Done;
}

export class Metrics {
  readonly #registry = new Registry();
  readonly #isolates: Registry;
  readonly #metrics: Known[] = [];
  readonly #byName = new Map<string, number>();
  readonly #workers: Workers;
  readonly #asked = new Map<string, Asked>();
  #questions = 0;

  constructor(workers: Workers, usages: IsolateUsages) {
    this.#workers = workers;
    this.#isolates = isolateMetrics(usages);
    workers.subscribe(ASK, (question) => void this.#answer(question));
    workers.subscribe(ANSWER, (answer) => this.#take(answer));
  }

  /** The number of a metric; the same one for a name that is known already, as after a replaced isolate. */
  define(args: readonly Plain[], owner: IsolateMetrics): number {
    const [kind, name, help, rest] = args.map(String) as [Kind, string, string, string];
    const [labels, buckets] = JSON.parse(rest) as [string[], number[] | null];
    const known = this.#byName.get(name);
    if (known !== undefined) {
      const metric = this.#metrics[known];
      if (metric?.kind === kind && metric.labels.join() === labels.join()) return known;
      throw new Refusal(`A metric with the name ${name} has already been registered.`);
    }
    const options = {
      name,
      help: help === '' ? name : help,
      labelNames: labels,
      registers: [this.#registry],
    };
    if (!owner.take(BASE_COST + name.length + help.length + rest.length)) throw new Refusal('no memory');
    let metric: Metric;
    try {
      if (kind === 'counter') metric = new Counter(options);
      else if (kind === 'gauge') metric = new Gauge(options);
      else metric = new Histogram(buckets === null ? options : { ...options, buckets });
    } catch (error) {
      throw new Refusal(messageOf(error));
    }
    const cost = BASE_COST + (kind === 'histogram' ? BUCKET_COST * (buckets?.length ?? 11) : 0);
    const id = this.#metrics.push({ metric, labels, kind, cost, owners: new Map() }) - 1;
    this.#byName.set(name, id);
    return id;
  }

  /** One of inc, set, observe, del, reset. Throws what prom-client says of labels that do not fit. False: no memory. */
  update(args: readonly Argument[], owner: IsolateMetrics): boolean {
    const [id, what, value, labelText] = args;
    const known = this.#metrics[Number(id)];
    if (known === undefined) return true;
    const { metric, labels, owners, cost } = known;
    if (what === 'reset') {
      metric.reset();
      for (const [text, other] of owners) other.give(cost + text.length);
      owners.clear();
      return true;
    }
    const text = labels.length === 0 ? '' : String(labelText);
    const values = labels.length === 0 ? [] : text.split('\0');
    if (what === 'del') {
      metric.remove(...values);
      owners.get(text)?.give(cost + text.length);
      owners.delete(text);
      return true;
    }
    if (!owners.has(text)) {
      if (!owner.take(cost + text.length)) return false;
      owners.set(text, owner);
    }
    if (what === 'inc' && !(metric instanceof Histogram)) labelled(metric, values).inc(Number(value));
    else if (what === 'set' && metric instanceof Gauge) labelled(metric, values).set(Number(value));
    else if (what === 'observe' && metric instanceof Histogram) {
      if (values.length === 0) metric.observe(Number(value));
      else metric.labels(...values).observe(Number(value));
    }
    return true;
  }

  /** All workers' metrics as text; with `all` also those of the isolates, which are not for tenants. */
  async show(all: boolean, done: Done): Promise<void> {
    const own = await this.#collect(all);
    const others = this.#workers.others();
    if (others === 0) {
      await this.#finish([own], done);
      return;
    }
    const id = `${process.pid}.${++this.#questions}`;
    const timer = setTimeout(() => this.#end(id), PATIENCE_MS);
    this.#asked.set(id, { parts: [own], left: others, timer, done });
    this.#workers.publish(ASK, { id, all });
  }

  async #collect(all: boolean): Promise<unknown[]> {
    const own: unknown[] = await this.#registry.getMetricsAsJSON();
    return all ? own.concat(await this.#isolates.getMetricsAsJSON()) : own;
  }

  async #answer(question: unknown): Promise<void> {
    const { id, all } = question as { id: string; all: boolean };
    const metrics = await this.#collect(all);
    this.#workers.publish(ANSWER, { id, metrics });
  }

  #take(answer: unknown): void {
    const { id, metrics } = answer as { id: string; metrics: unknown };
    const asked = this.#asked.get(id);
    if (asked === undefined) return;
    asked.parts.push(metrics);
    if (--asked.left === 0) this.#end(id);
  }

  #end(id: string): void {
    const asked = this.#asked.get(id);
    if (asked === undefined) return;
    this.#asked.delete(id);
    clearTimeout(asked.timer);
    void this.#finish(asked.parts, asked.done);
  }

  async #finish(parts: unknown[], done: Done): Promise<void> {
    try {
      const merged = AggregatorRegistry.aggregate(parts as object[]);
      done(true, TEXT, await merged.metrics(), '');
    } catch (error) {
      done(false, TEXT, messageOf(error), '');
    }
  }
}

/** What one isolate has of them. */
export class IsolateMetrics {
  readonly #all: Metrics;
  readonly #log: (message: string) => void;
  #cost = 0;
  #refused = false;

  constructor(all: Metrics, log: (message: string) => void) {
    this.#all = all;
    this.#log = log;
  }

  define(args: readonly Plain[]): number {
    return this.#all.define(args, this);
  }

  /** What does not fit is dropped: nobody waits for it. */
  update(args: readonly Argument[]): void {
    try {
      if (this.#all.update(args, this) || this.#refused) return;
      this.#refused = true;
      this.#log('its metrics take too much memory: new combinations of labels are dropped');
    } catch (error) {
      this.#log(messageOf(error));
    }
  }

  show(all: boolean, done: Done): Promise<void> {
    return this.#all.show(all, done);
  }

  take(cost: number): boolean {
    if (this.#cost + cost > MOST_COST) return false;
    this.#cost += cost;
    return true;
  }

  give(cost: number): void {
    this.#cost -= cost;
    this.#refused = false;
  }
}

function labelled<M extends Counter | Gauge>(
  metric: M,
  values: readonly string[],
): M | ReturnType<M['labels']> {
  return values.length === 0 ? metric : (metric.labels(...values) as ReturnType<M['labels']>);
}

/** A registry of `usages`, read whenever it is shown. */
function isolateMetrics(usages: IsolateUsages): Registry {
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
  define(Gauge, 'operations', 'Operations and timers that scripts wait for', ({ operations }) => operations);
  define(Counter, 'ends_total', 'Isolates that ended and were replaced', ({ ends }) => ends);
  return registry;
}
