// Operations that belong to no request: fetch, compression, cryptography, metrics. One operator for each isolate.

import {
  OP_CRYPTO,
  OP_FETCH,
  OP_FETCH_BODY,
  OP_FETCH_CLOSE,
  OP_FETCH_SEND,
  OP_METRIC,
  OP_METRICS,
  OP_THREAD,
  OP_ZLIB,
  OP_ZLIB_CLOSE,
} from '../protocol.ts';
import type { Destinations } from './destinations.ts';
import { Fetches } from './fetch.ts';
import type { IsolateMetrics } from './metrics.ts';
import type { Operator } from './operations.ts';
import type { Cancel } from './request.ts';
import { cryptoOperation } from './web_crypto.ts';
import type { WorkerThreads } from './worker_threads.ts';
import { ZlibStreams } from './zlib.ts';

const nothing: Cancel = () => {};

/** `destinations`: where fetch may connect to; null: everywhere. `common`: not a tenant's. */
export function workerOperator(
  metrics: IsolateMetrics,
  destinations: Destinations | null,
  common: boolean,
  threads: () => WorkerThreads,
): Operator {
  const fetches = new Fetches(destinations);
  const zlibs = new ZlibStreams();
  const operate: Operator = (code, args, done) => {
    switch (code) {
      case OP_FETCH:
        return fetches.start(args, done);
      case OP_FETCH_SEND:
        return fetches.send(args, done);
      case OP_FETCH_BODY:
        return fetches.pull(Number(args[0]), done);
      case OP_FETCH_CLOSE:
        fetches.close(Number(args[0]));
        return nothing;
      case OP_ZLIB:
        return zlibs.feed(args, done);
      case OP_ZLIB_CLOSE:
        zlibs.close(Number(args[0]));
        return nothing;
      case OP_CRYPTO:
        return cryptoOperation(args, done);
      case OP_THREAD:
        return threads().start(args, done);
      case OP_METRICS:
        void metrics.show(common, done);
        return nothing;
      case OP_METRIC:
        metrics.update(args);
        return nothing;
      default:
        return null;
    }
  };
  operate.close = () => {
    fetches.closeAll();
    zlibs.closeAll();
  };
  return operate;
}
