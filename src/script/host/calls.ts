// Synchronous calls from the guest: logging, hashes, shared dictionaries, and what it asks of requests.

import type { CommandScript } from '../../conf/reader.ts';
import type { LogCapture } from '../../core/log_capture.ts';
import { isAscii } from '../../core/text.ts';
import { traceOf } from '../../core/thrown.ts';
import type { SharedDict } from '../../zone/shared_dict.ts';
import { ZoneError } from '../../zone/zone.ts';
import * as p from '../protocol.ts';
import type { Actor } from './actor.ts';
import type { HostCalls, Plain } from './isolate.ts';
import type { IsolateMetrics } from './metrics.ts';
import { Refusal, type ScriptRequest } from './request.ts';
import type { Sockets } from './sockets.ts';
import { callLeavesTraces, dictCallLeavesTraces } from './traces.ts';
import { decodeBytes, encodingName, translateRegex, urlCall } from './web_calls.ts';
import { digest, randomRaw, verifyHmac } from './web_crypto.ts';

/** What calls need that belongs to no request. */
export interface CallContext {
  /** Set once the actor exists. */
  actor: Actor | null;
  mem: Int32Array | null;
  readonly dicts: readonly SharedDict[];
  readonly metrics: IsolateMetrics;
  readonly capture: LogCapture | null;
  /** null: there are none, in the isolate of a thread. */
  readonly sockets: Sockets | null;
  logEnabled(level: number): boolean;
  /** A line of a script: `stack` says where; `thrown`: it is a block's error; `whose`: what is told of nobody's. */
  log(
    r: ScriptRequest | null,
    level: number,
    message: string,
    stack: string,
    thrown: boolean,
    whose: string,
  ): void;
  /** A line as it is. */
  logRaw(r: ScriptRequest | null, level: number, message: string, whose: string): void;
  upstream(args: readonly Plain[]): string | undefined;
  worker(what: string, value: number): string | boolean;
  /** Of CALL_SESSION. */
  session(args: readonly Plain[]): string | undefined;
  alert(message: string): void;
  readonly command: CommandScript | null;
}

export function hostCalls(context: CallContext): HostCalls {
  const refuse = (error: unknown): string => {
    if (context.mem !== null) context.mem[p.FAULT] = p.REFUSED;
    if (error instanceof Refusal || error instanceof ZoneError) return error.message;
    context.alert(traceOf(error));
    return 'internal error';
  };
  return {
    call(code, slot, ...args) {
      try {
        if (callLeavesTraces(code)) context.actor?.occupants.leftTraces(slot);
        return answer(context, code, slot, args);
      } catch (error) {
        return refuse(error);
      }
    },
    shared(operation, dict, ...args) {
      try {
        const zone = context.dicts[dict];
        if (zone === undefined) throw new Refusal('bad "zone" argument');
        if (dictCallLeavesTraces(operation)) context.actor?.occupants.leftTraces(context.mem?.[p.SLOT] ?? 0);
        return dictCall(zone, operation, args);
      } catch (error) {
        return refuse(error);
      }
    },
  };
}

function answer(context: CallContext, code: number, slot: number, args: readonly Plain[]): Plain {
  const r = slot === 0 || context.actor === null ? null : context.actor.occupants.at(slot);
  switch (code) {
    case p.CALL_LOG: {
      const level = args[0] as number;
      if (args[1] === undefined) return r === null ? context.logEnabled(level) : r.logEnabled(level);
      context.log(r, level, String(args[1]), String(args[2] ?? ''), false, String(args[3] ?? ''));
      return undefined;
    }
    case p.CALL_REPORT:
      context.log(r, args[0] as number, String(args[1]), String(args[2] ?? ''), true, String(args[3] ?? ''));
      return undefined;
    case p.CALL_ERRLOG:
      return errlogCall(context, r, args);
    case p.CALL_SOCKET:
      if (context.sockets === null) {
        throw new Refusal('API disabled in the context of ngx.run_worker_thread');
      }
      return context.sockets.call(slot, args);
    case p.CALL_UPSTREAM:
      return context.upstream(args);
    case p.CALL_OUT:
      context.actor?.outbox.decode(String(args[0]));
      return undefined;
    case p.CALL_KEEP:
      context.actor?.outbox.keep(String(args[0]));
      return undefined;
    case p.CALL_BEGIN:
      return context.actor?.outbox.begin(slot, String(args[0]), Number(args[1]));
    case p.CALL_DIGEST:
      return digest(String(args[0]), String(args[1]), args[2] === undefined ? undefined : String(args[2]));
    case p.CALL_VERIFY:
      return verifyHmac(String(args[0]), String(args[1]), String(args[2]), String(args[3]));
    case p.CALL_RANDOM:
      return randomRaw(Number(args[0]));
    case p.CALL_METRIC:
      return context.metrics.define(args);
    case p.CALL_REGEX:
      return translateRegex(String(args[0]), String(args[1] ?? ''));
    case p.CALL_URL:
      return urlCall(args);
    case p.CALL_DECODE:
      return decodeBytes(String(args[0]), String(args[1]), args[2] === true, args[3] === true);
    case p.CALL_TERMINAL:
      if (args[0] === -1) context.command?.exit(Number(args[1]));
      else context.command?.write(Number(args[0]), String(args[1]), args[2] === true);
      return undefined;
    case p.CALL_ENCODING:
      return encodingName(String(args[0]));
    case p.CALL_NOW:
      return performance.now();
    case p.CALL_WORKER:
      return context.worker(String(args[0]), Number(args[1] ?? 0));
    case p.CALL_SESSION:
      return r === null ? context.session(args) : r.call(code, args);
  }
  if (r === null) throw new Refusal('no request found');
  if (code === p.CALL_PIECE) {
    const piece = r.piece(Number(args[0]));
    if (context.mem !== null) context.mem[p.OUTCOME] = isAscii(piece) ? 1 : 0;
    return piece;
  }
  return r.call(code, args);
}

const DEBUG = 8;

function errlogCall(context: CallContext, r: ScriptRequest | null, args: readonly Plain[]): Plain {
  const [what, value] = args;
  const { capture } = context;
  switch (what) {
    case 'raw':
      context.logRaw(r, Number(value), String(args[2]), String(args[3] ?? ''));
      return undefined;
    case 'sys': {
      let level = DEBUG;
      while (level > 0 && !(r === null ? context.logEnabled(level) : r.logEnabled(level))) level--;
      return level;
    }
  }
  if (capture === null) throw new Refusal('directive "ts_capture_error_log" is not set');
  if (what === 'filter') capture.rank = Number(value);
  return what === 'logs' ? JSON.stringify(capture.take(Number(value))) : undefined;
}

function dictCall(dict: SharedDict, operation: number, args: readonly Plain[]): Plain {
  const key = args[0] as string;
  const value = (args[1] ?? undefined) as string | number | boolean | Uint8Array | undefined;
  const exptime = (args[2] ?? 0) as number;
  const flags = (args[3] ?? 0) as number;
  switch (operation) {
    case p.DICT_GET:
      return dict.get(key);
    case p.DICT_INCR:
      return args[2] === undefined || args[2] === null
        ? dict.incr(key, value as number)
        : dict.incr(key, value as number, exptime, flags);
    case p.DICT_SET:
      return dict.set(key, value, exptime, flags);
    case p.DICT_SET_INFO:
      return JSON.stringify(dict.set_with_info(key, value, exptime, flags));
    case p.DICT_SAFE_SET:
      return dict.safe_set(key, value, exptime, flags);
    case p.DICT_ADD:
      return dict.add(key, value as string, exptime, flags);
    case p.DICT_ADD_INFO:
      return JSON.stringify(dict.add_with_info(key, value as string, exptime, flags));
    case p.DICT_SAFE_ADD:
      return dict.safe_add(key, value as string, exptime, flags);
    case p.DICT_REPLACE:
      return dict.replace(key, value as string, exptime, flags);
    case p.DICT_REPLACE_INFO:
      return JSON.stringify(dict.replace_with_info(key, value as string, exptime, flags));
    case p.DICT_INCR_INFO:
      return JSON.stringify(
        args[2] === undefined || args[2] === null
          ? dict.incr_with_info(key, value as number)
          : dict.incr_with_info(key, value as number, exptime, flags),
      );
    case p.DICT_DELETE:
      return dict.delete(key);
    case p.DICT_GET_BYTES: {
      const bytes = dict.get_buffer(key);
      return bytes === undefined
        ? undefined
        : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    }
    case p.DICT_GET_FLAGS:
      return json(dict.get_with_flags(key));
    case p.DICT_GET_STALE:
      return json(dict.get_stale(key));
    case p.DICT_LPUSH:
      return dict.lpush(key, value as string);
    case p.DICT_RPUSH:
      return dict.rpush(key, value as string);
    case p.DICT_LPOP:
      return dict.lpop(key);
    case p.DICT_RPOP:
      return dict.rpop(key);
    case p.DICT_LLEN:
      return dict.llen(key);
    case p.DICT_TTL:
      return dict.ttl(key);
    case p.DICT_EXPIRE:
      return dict.expire(key, value as number);
    case p.DICT_FLUSH_ALL:
      dict.flush_all();
      return undefined;
    case p.DICT_FLUSH_EXPIRED:
      return dict.flush_expired(args[0] as number);
    case p.DICT_GET_KEYS:
      return JSON.stringify(dict.get_keys(args[0] as number));
    case p.DICT_CAPACITY:
      return dict.capacity();
    case p.DICT_FREE_SPACE:
      return dict.free_space();
    default:
      throw new Refusal(`unknown operation ${operation}`);
  }
}

/** With a number beside as text where JSON would change it. */
function json(found: { readonly value: unknown } | undefined): string | undefined {
  if (found === undefined) return undefined;
  const { value } = found;
  const changes = typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0));
  return JSON.stringify(changes ? { ...found, number: Object.is(value, -0) ? '-0' : String(value) } : found);
}
