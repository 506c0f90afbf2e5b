// The globals that are there from the start, of those that server-side JavaScript runtimes agree on. lazy.ts has the rest.

import { CALL_NOW } from '../../protocol.ts';
import { call } from '../bridge.ts';
import { Promise_, TypeError_, typeName } from '../builtins.ts';
import { reportThrown } from '../log.ts';
import { nobody } from '../nobody.ts';
import { clearTimer, setInterval, setTimeout } from '../timer.ts';
import { console } from './console.ts';
import { DOMException } from './dom_exception.ts';
import { atob, btoa, TextDecoder, TextEncoder } from './encoding.ts';
import { webClass } from './web_class.ts';

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

function reportError(error: unknown): void {
  if (arguments.length === 0) throw new TypeError_('The "error" argument must be specified');
  reportThrown(nobody, error);
}

class Performance {
  readonly #origin = Date.now();
  readonly #start = call(CALL_NOW, 0) as number;

  /** Milliseconds since the isolate started, with their fractions. */
  now(): number {
    return (call(CALL_NOW, 0) as number) - this.#start;
  }

  get timeOrigin(): number {
    return this.#origin;
  }

  toJSON(): object {
    return { timeOrigin: this.#origin };
  }
}

webClass(Performance, 'Performance');

/** Once the bridge stands. */
export function makeGlobals(): Readonly<Record<string, unknown>> {
  return {
    console,
    TextEncoder,
    TextDecoder,
    atob,
    btoa,
    queueMicrotask,
    reportError,
    setTimeout,
    setInterval,
    clearTimeout: clearTimer,
    clearInterval: clearTimer,
    DOMException,
    performance: new Performance(),
    Performance,
    navigator: { userAgent: 'tsresty' },
    self: globalThis,
  };
}
