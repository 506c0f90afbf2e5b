// What blocks do that shows outside their isolate. A request that has done nothing of the kind can be run again from the
// start when the isolate dies under it: see Occupants.

import * as p from '../protocol.ts';
import type { Argument } from './request.ts';

const HARMLESS_OPERATIONS: ReadonlySet<number> = new Set([
  p.OP_SLEEP,
  p.OP_FLUSH,
  p.OP_READ_BODY,
  p.OP_CRYPTO,
  p.OP_METRICS,
  p.OP_FETCH_BODY,
  p.OP_FETCH_CLOSE,
  p.OP_ZLIB,
  p.OP_ZLIB_CLOSE,
]);

/** Whether an operation may change something somewhere. Safe methods do not (RFC 9110, section 9.2.1). */
export function operationLeavesTraces(code: number, args: readonly Argument[]): boolean {
  if (code === p.OP_FETCH || code === p.OP_CAPTURE) return args[1] !== 'GET' && args[1] !== 'HEAD';
  return !HARMLESS_OPERATIONS.has(code);
}

const HARMLESS_CALLS: ReadonlySet<number> = new Set([
  p.CALL_LOG,
  p.CALL_REPORT,
  p.CALL_VAR_GET,
  p.CALL_CAPTURE_GET,
  p.CALL_REQ_HEADERS,
  p.CALL_REQ_RAW_HEADER,
  p.CALL_REQ_INFO,
  p.CALL_BODY_DATA,
  p.CALL_BODY_RAW,
  p.CALL_BODY_FILE,
  p.CALL_BODY_DISCARD,
  p.CALL_RESP_HEADERS,
  p.CALL_RESP_HEADER,
  p.CALL_RESP_STATUS,
  p.CALL_OUT,
  p.CALL_BEGIN,
  p.CALL_KEEP,
  p.CALL_DIGEST,
  p.CALL_DECODE,
  p.CALL_ENCODING,
  p.CALL_NOW,
  p.CALL_WORKER,
  p.CALL_METRIC,
  p.CALL_RANDOM,
  p.CALL_SESSION,
  p.CALL_VERIFY,
  p.CALL_URL,
  p.CALL_REGEX,
  p.CALL_SET_ARGUMENT,
  p.CALL_PARSE_URI,
  p.CALL_PIECE,
]);
const HARMLESS_DICT_CALLS: ReadonlySet<number> = new Set([
  p.DICT_GET,
  p.DICT_GET_BYTES,
  p.DICT_GET_FLAGS,
  p.DICT_GET_STALE,
  p.DICT_LLEN,
  p.DICT_TTL,
  p.DICT_GET_KEYS,
  p.DICT_CAPACITY,
  p.DICT_FREE_SPACE,
]);

export function callLeavesTraces(code: number): boolean {
  return !HARMLESS_CALLS.has(code);
}

export function dictCallLeavesTraces(operation: number): boolean {
  return !HARMLESS_DICT_CALLS.has(operation);
}
