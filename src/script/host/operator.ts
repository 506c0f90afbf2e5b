// Operations that belong to no request: fetch, cryptography, metrics.

import { OP_CRYPTO, OP_FETCH, OP_METRIC, OP_METRICS } from '../protocol.ts';
import { startFetch } from './fetch.ts';
import type { Metrics } from './metrics.ts';
import type { Operator } from './operations.ts';
import type { Cancel } from './request.ts';
import { cryptoOperation } from './web_crypto.ts';

const nothing: Cancel = () => {};

export function workerOperator(metrics: Metrics): Operator {
  return (code, args, done) => {
    switch (code) {
      case OP_FETCH:
        return startFetch(args, done);
      case OP_CRYPTO:
        void cryptoOperation(args, done);
        return nothing;
      case OP_METRICS:
        void metrics.show(done);
        return nothing;
      case OP_METRIC:
        metrics.update(args);
        return nothing;
      default:
        return null;
    }
  };
}
