// ngx.metrics: counters, gauges and histograms that the host keeps (prom-client), merged over workers when they are shown.

import { CALL_METRIC, OP_METRIC, OP_METRICS } from '../protocol.ts';
import { call } from './bridge.ts';
import { isArray, isFiniteNumber, join, toJson, typeName } from './builtins.ts';
import { NgxError } from './errors.ts';
import { nobody } from './nobody.ts';
import { promise, tell } from './operations.ts';

type Kind = 'counter' | 'gauge' | 'histogram';

function define(kind: Kind, name: unknown, help: unknown, labels: unknown, buckets: unknown): number {
  if (typeof name !== 'string') throw new NgxError(`bad metric name: ${typeName(name)}`);
  const names = labels === undefined ? [] : labels;
  if (!isArray(names)) throw new NgxError('label names must be an array');
  return call(CALL_METRIC, 0, kind, name, `${(help ?? name) as string}`, toJson([names, buckets])) as number;
}

function labelText(labels: unknown): string {
  if (labels === undefined) return '';
  if (!isArray(labels)) throw new NgxError('label values must be an array');
  return join(labels, '\0');
}

function amount(value: unknown, otherwise: number): number {
  if (value === undefined) return otherwise;
  const n = +(value as number);
  if (!isFiniteNumber(n)) throw new NgxError(`Value is not a valid number: ${n}`);
  return n;
}

class Metric {
  readonly #id: number;

  constructor(id: number) {
    this.#id = id;
  }

  static tell(metric: Metric, what: string, value: number, labels: unknown): void {
    tell(OP_METRIC, [metric.#id, what, value, labelText(labels)]);
  }

  /** Forgets one combination of labels. */
  del(labels?: unknown): void {
    Metric.tell(this, 'del', 0, labels);
  }

  /** Forgets all. */
  reset(): void {
    Metric.tell(this, 'reset', 0, undefined);
  }
}

class Counter extends Metric {
  inc(value?: unknown, labels?: unknown): void {
    const by = amount(value, 1);
    if (by < 0) throw new NgxError('It is not possible to decrease a counter');
    Metric.tell(this, 'inc', by, labels);
  }
}

class Gauge extends Metric {
  set(value: unknown, labels?: unknown): void {
    Metric.tell(this, 'set', amount(value, 0), labels);
  }

  inc(value?: unknown, labels?: unknown): void {
    Metric.tell(this, 'inc', amount(value, 1), labels);
  }

  dec(value?: unknown, labels?: unknown): void {
    Metric.tell(this, 'inc', -amount(value, 1), labels);
  }
}

class Histogram extends Metric {
  observe(value: unknown, labels?: unknown): void {
    Metric.tell(this, 'observe', amount(value, 0), labels);
  }
}

export const metrics = {
  counter: (name: unknown, help?: unknown, labels?: unknown) =>
    new Counter(define('counter', name, help, labels, undefined)),
  gauge: (name: unknown, help?: unknown, labels?: unknown) =>
    new Gauge(define('gauge', name, help, labels, undefined)),
  histogram: (name: unknown, help?: unknown, labels?: unknown, buckets?: unknown) =>
    new Histogram(define('histogram', name, help, labels, buckets)),
  /** All metrics of all workers in Prometheus's text form. */
  metric_data: (): Promise<string> => promise<string>(nobody, OP_METRICS, []),
};
