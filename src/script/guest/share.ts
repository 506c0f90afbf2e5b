// What the chunks use of the guest's program: of each module, what they import. A module holds state or the built-ins as
// they were before any script ran, so that it must not be there twice. Only made when a chunk is loaded.

import type { SHARED_MODULES } from '../protocol.ts';
import { call, mem } from './bridge.ts';
import {
  apply,
  asyncIterator,
  captureStackTrace,
  charCodeAt,
  create,
  defineProperty,
  deref,
  exec,
  fromCharCode,
  getOwnPropertyDescriptor,
  hasOwn,
  includes,
  indexOf,
  isArray,
  isFiniteNumber,
  isView,
  iterator,
  keys,
  ownKeys,
  Promise_,
  parseJson,
  replace,
  slice,
  split,
  TypeError_,
  toJson,
  toLowerCase,
  toText,
  toUpperCase,
  trunc,
  typeName,
  WeakRef_,
} from './builtins.ts';
import { failing, NgxError } from './errors.ts';
import { reportThrown } from './log.ts';
import { contextOf, nobody, starterOf } from './nobody.ts';
import { operate, promise, tell } from './operations.ts';
import { gate, handOver, noteHeader } from './request.ts';
import { OUTPUT_PHASES, putRaw, setHeader } from './resp.ts';
import { asBuffer, ask, asNumber, asText, nextSocket, noteLoose, wait } from './socket_calls.ts';
import { asBytes, bytesOf, decodeRaw, encodeRaw, malformed, rawOf } from './text.ts';
import { onCoroutines, runner, threadHandle, threadStatus } from './thread.ts';
import { setTimeout } from './timer.ts';
import { readVariable } from './var.ts';
import { DOMException } from './web/dom_exception.ts';
import { TextDecoder } from './web/encoding.ts';
import { chunk } from './web/lazy.ts';
import { webClass } from './web/web_class.ts';

export function shared() {
  return {
    bridge: { call, mem },
    builtins: {
      apply,
      asyncIterator,
      captureStackTrace,
      charCodeAt,
      create,
      defineProperty,
      deref,
      exec,
      fromCharCode,
      getOwnPropertyDescriptor,
      hasOwn,
      includes,
      indexOf,
      isArray,
      isFiniteNumber,
      isView,
      iterator,
      keys,
      ownKeys,
      Promise_,
      parseJson,
      replace,
      slice,
      split,
      TypeError_,
      toJson,
      toLowerCase,
      toText,
      toUpperCase,
      trunc,
      typeName,
      WeakRef_,
    },
    dom_exception: { DOMException },
    encoding: { TextDecoder },
    errors: { failing, NgxError },
    lazy: { chunk },
    log: { reportThrown },
    nobody: { contextOf, nobody, starterOf },
    operations: { operate, promise, tell },
    request: { gate, handOver, noteHeader },
    resp: { OUTPUT_PHASES, putRaw, setHeader },
    socket_calls: { ask, asBuffer, asNumber, asText, nextSocket, noteLoose, wait },
    text: {
      asBytes,
      bytesOf,
      decodeRaw,
      encodeRaw,
      // It changes with every call of decodeRaw.
      get malformed() {
        return malformed;
      },
      rawOf,
    },
    thread: { onCoroutines, runner, threadHandle, threadStatus },
    timer: { setTimeout },
    var: { readVariable },
    web_class: { webClass },
  } satisfies Record<(typeof SHARED_MODULES)[number], object>;
}
