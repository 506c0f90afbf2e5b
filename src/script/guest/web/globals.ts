// The globals that server-side JavaScript runtimes agree on, as far as a bare V8 has them not.

import { Promise_, TypeError_, typeName } from '../builtins.ts';
import { reportThrown } from '../log.ts';
import { nobody } from '../nobody.ts';
import { clearTimer, setInterval, setTimeout } from '../timer.ts';
import { Request, Response } from './body.ts';
import { structuredClone } from './clone.ts';
import { console } from './console.ts';
import { CryptoKey, crypto } from './crypto.ts';
import { DOMException } from './dom_exception.ts';
import { atob, btoa, TextDecoder, TextEncoder } from './encoding.ts';
import { AbortController, AbortSignal, CustomEvent, Event, EventTarget } from './events.ts';
import { fetch } from './fetch.ts';
import { Headers } from './headers.ts';
import { URL, URLSearchParams } from './url.ts';

const startedAt = Date.now();

const resolved = Promise_.resolve();

function queueMicrotask(callback: unknown): void {
  if (typeof callback !== 'function') {
    throw new TypeError_(`The "callback" argument must be of type function. Received ${typeName(callback)}`);
  }
  later(callback as () => unknown);
}

async function later(callback: () => unknown): Promise<void> {
  await resolved;
  try {
    callback();
  } catch (error) {
    reportThrown(nobody, error);
  }
}

export const globals = {
  console,
  URL,
  URLSearchParams,
  TextEncoder,
  TextDecoder,
  atob,
  btoa,
  structuredClone,
  queueMicrotask,
  setTimeout,
  setInterval,
  clearTimeout: clearTimer,
  clearInterval: clearTimer,
  AbortController,
  AbortSignal,
  Event,
  CustomEvent,
  EventTarget,
  DOMException,
  Headers,
  Request,
  Response,
  fetch,
  crypto,
  CryptoKey,
  performance: { now: (): number => Date.now() - startedAt, timeOrigin: startedAt },
  navigator: { userAgent: 'tsresty' },
  self: globalThis,
};
