// Event, EventTarget, AbortController, AbortSignal.

import { TypeError_, toText, typeName } from '../builtins.ts';
import { reportThrown } from '../log.ts';
import { nobody } from '../nobody.ts';
import { setTimeout } from '../timer.ts';
import { DOMException } from './dom_exception.ts';

interface EventInit {
  bubbles?: boolean;
  cancelable?: boolean;
  composed?: boolean;
}

let dispatch: (event: Event, target: EventTarget) => void;
let stopped: (event: Event) => boolean;

export class Event {
  readonly type: string;
  readonly bubbles: boolean;
  readonly cancelable: boolean;
  readonly composed: boolean;
  readonly timeStamp = Date.now();
  #target: EventTarget | null = null;
  #prevented = false;
  #stopped = false;

  static {
    dispatch = (event, target) => {
      event.#target = target;
      event.#stopped = false;
    };
    stopped = (event) => event.#stopped;
  }

  constructor(type: unknown, init: EventInit = {}) {
    this.type = toText(type);
    this.bubbles = init.bubbles === true;
    this.cancelable = init.cancelable === true;
    this.composed = init.composed === true;
  }

  get target(): EventTarget | null {
    return this.#target;
  }

  get currentTarget(): EventTarget | null {
    return this.#target;
  }

  get defaultPrevented(): boolean {
    return this.#prevented;
  }

  preventDefault(): void {
    if (this.cancelable) this.#prevented = true;
  }

  stopPropagation(): void {}

  stopImmediatePropagation(): void {
    this.#stopped = true;
  }
}

export class CustomEvent extends Event {
  readonly detail: unknown;

  constructor(type: unknown, init: EventInit & { detail?: unknown } = {}) {
    super(type, init);
    this.detail = init.detail ?? null;
  }
}

interface Listener {
  readonly callback: ((event: Event) => void) | { handleEvent(event: Event): void };
  readonly once: boolean;
}

export class EventTarget {
  readonly #listeners = new Map<string, Listener[]>();

  addEventListener(type: unknown, callback: unknown, options?: unknown): void {
    if (callback === null || callback === undefined) return;
    if (typeof callback !== 'function' && typeof callback !== 'object') {
      throw new TypeError_(`an event listener must be a function, got ${typeName(callback)}`);
    }
    const given = (typeof options === 'object' ? options : null) as {
      once?: boolean;
      signal?: AbortSignal;
    } | null;
    if (given?.signal?.aborted) return;
    const name = toText(type);
    const list = this.#listeners.get(name) ?? [];
    if (list.some((listener) => listener.callback === callback)) return;
    this.#listeners.set(name, [
      ...list,
      { callback: callback as Listener['callback'], once: given?.once === true },
    ]);
    given?.signal?.addEventListener('abort', () => this.removeEventListener(name, callback), { once: true });
  }

  removeEventListener(type: unknown, callback: unknown): void {
    const name = toText(type);
    const list = this.#listeners.get(name);
    if (list !== undefined) {
      this.#listeners.set(
        name,
        list.filter((listener) => listener.callback !== callback),
      );
    }
  }

  dispatchEvent(event: Event): boolean {
    dispatch(event, this);
    for (const listener of this.#listeners.get(event.type) ?? []) {
      if (listener.once) this.removeEventListener(event.type, listener.callback);
      try {
        if (typeof listener.callback === 'function') listener.callback.call(this as never, event);
        else listener.callback.handleEvent(event);
      } catch (error) {
        reportThrown(nobody, error);
      }
      if (stopped(event)) break;
    }
    return !event.defaultPrevented;
  }
}

let abortSignal: (signal: AbortSignal, reason: unknown) => void;

export class AbortSignal extends EventTarget {
  #aborted = false;
  #reason: unknown = undefined;
  onabort: ((event: Event) => void) | null = null;

  static {
    abortSignal = (signal, reason) => {
      if (signal.#aborted) return;
      signal.#aborted = true;
      signal.#reason =
        reason === undefined ? new DOMException('This operation was aborted', 'AbortError') : reason;
      const event = new Event('abort');
      signal.onabort?.(event);
      signal.dispatchEvent(event);
    };
  }

  static abort(reason?: unknown): AbortSignal {
    const signal = new AbortSignal();
    abortSignal(signal, reason);
    return signal;
  }

  static timeout(ms: unknown): AbortSignal {
    const signal = new AbortSignal();
    setTimeout(() => {
      abortSignal(signal, new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
    }, ms);
    return signal;
  }

  static any(signals: Iterable<AbortSignal>): AbortSignal {
    const signal = new AbortSignal();
    for (const one of signals) {
      if (one.aborted) {
        abortSignal(signal, one.reason);
        break;
      }
      one.addEventListener('abort', () => abortSignal(signal, one.reason), { once: true });
    }
    return signal;
  }

  get aborted(): boolean {
    return this.#aborted;
  }

  get reason(): unknown {
    return this.#reason;
  }

  throwIfAborted(): void {
    if (this.#aborted) throw this.#reason;
  }
}

export class AbortController {
  readonly signal = new AbortSignal();

  abort(reason?: unknown): void {
    abortSignal(this.signal, reason);
  }
}
