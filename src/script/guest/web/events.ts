// Event and EventTarget, as the DOM standard has them for targets that have no parents.

import { TypeError_, toText, typeName } from '../builtins.ts';
import { reportThrown } from '../log.ts';
import { nobody } from '../nobody.ts';
import { DOMException } from './dom_exception.ts';
import { webClass } from './web_class.ts';

interface EventInit {
  readonly bubbles?: unknown;
  readonly cancelable?: unknown;
  readonly composed?: unknown;
}

/** What a dispatch does with its event; see EventTarget.dispatchEvent. */
interface Inside {
  begin(event: Event, target: EventTarget): void;
  passive(event: Event, passive: boolean): void;
  stopped(event: Event): boolean;
  end(event: Event): void;
}
let inside: Inside;

export class Event {
  static readonly NONE = 0;
  static readonly CAPTURING_PHASE = 1;
  static readonly AT_TARGET = 2;
  static readonly BUBBLING_PHASE = 3;

  readonly #type: string;
  readonly #bubbles: boolean;
  readonly #cancelable: boolean;
  readonly #composed: boolean;
  readonly #timeStamp = performance.now();
  #target: EventTarget | null = null;
  #current: EventTarget | null = null;
  #prevented = false;
  #stopped = false;
  #stoppedAtOnce = false;
  #passive = false;
  #dispatching = false;

  static {
    inside = {
      begin(event, target) {
        if (event.#dispatching) {
          throw new DOMException('The event is already being dispatched', 'InvalidStateError');
        }
        event.#dispatching = true;
        event.#target = target;
        event.#current = target;
      },
      passive(event, passive) {
        event.#passive = passive;
      },
      stopped: (event) => event.#stoppedAtOnce,
      end(event) {
        event.#dispatching = false;
        event.#current = null;
        event.#stopped = false;
        event.#stoppedAtOnce = false;
        event.#passive = false;
      },
    };
  }

  constructor(type: unknown, init: EventInit | null = {}) {
    if (arguments.length === 0) throw new TypeError_('Event: the type must be specified');
    if (init !== null && typeof init !== 'object') throw new TypeError_('Event: the init is not an object');
    this.#type = toText(type);
    this.#bubbles = Boolean(init?.bubbles);
    this.#cancelable = Boolean(init?.cancelable);
    this.#composed = Boolean(init?.composed);
  }

  get type(): string {
    return this.#type;
  }

  get bubbles(): boolean {
    return this.#bubbles;
  }

  get cancelable(): boolean {
    return this.#cancelable;
  }

  get composed(): boolean {
    return this.#composed;
  }

  get timeStamp(): number {
    return this.#timeStamp;
  }

  get isTrusted(): boolean {
    return false;
  }

  get target(): EventTarget | null {
    return this.#target;
  }

  get srcElement(): EventTarget | null {
    return this.#target;
  }

  get currentTarget(): EventTarget | null {
    return this.#current;
  }

  get eventPhase(): number {
    return this.#dispatching ? Event.AT_TARGET : Event.NONE;
  }

  composedPath(): EventTarget[] {
    return this.#current === null ? [] : [this.#current];
  }

  get defaultPrevented(): boolean {
    return this.#prevented;
  }

  get returnValue(): boolean {
    return !this.#prevented;
  }

  set returnValue(value: unknown) {
    if (!value) this.preventDefault();
  }

  preventDefault(): void {
    if (this.#cancelable && !this.#passive) this.#prevented = true;
  }

  get cancelBubble(): boolean {
    return this.#stopped;
  }

  set cancelBubble(value: unknown) {
    if (value) this.#stopped = true;
  }

  stopPropagation(): void {
    this.#stopped = true;
  }

  stopImmediatePropagation(): void {
    this.#stopped = true;
    this.#stoppedAtOnce = true;
  }
}

export class CustomEvent extends Event {
  readonly #detail: unknown;

  constructor(type: unknown, init: (EventInit & { readonly detail?: unknown }) | null = {}) {
    super(type, init);
    this.#detail = init?.detail ?? null;
  }

  get detail(): unknown {
    return this.#detail;
  }
}

interface ErrorEventInit extends EventInit {
  readonly message?: unknown;
  readonly filename?: unknown;
  readonly lineno?: unknown;
  readonly colno?: unknown;
  readonly error?: unknown;
}

export class ErrorEvent extends Event {
  readonly #init: ErrorEventInit;

  constructor(type: unknown, init: ErrorEventInit | null = {}) {
    super(type, init);
    const { message = '', filename = '', lineno = 0, colno = 0, error } = init ?? {};
    this.#init = {
      message: toText(message),
      filename: toText(filename),
      lineno: Number(lineno) >>> 0,
      colno: Number(colno) >>> 0,
      error,
    };
  }

  get message(): unknown {
    return this.#init.message;
  }

  get filename(): unknown {
    return this.#init.filename;
  }

  get lineno(): unknown {
    return this.#init.lineno;
  }

  get colno(): unknown {
    return this.#init.colno;
  }

  get error(): unknown {
    return this.#init.error;
  }
}

export class PromiseRejectionEvent extends Event {
  readonly #promise: unknown;
  readonly #reason: unknown;

  constructor(type: unknown, init: EventInit & { readonly promise: unknown; readonly reason?: unknown }) {
    super(type, init);
    this.#promise = init.promise;
    this.#reason = init.reason;
  }

  get promise(): unknown {
    return this.#promise;
  }

  get reason(): unknown {
    return this.#reason;
  }
}

interface Listener {
  readonly callback: ((event: Event) => unknown) | { handleEvent(event: Event): unknown };
  readonly capture: boolean;
  readonly once: boolean;
  readonly passive: boolean;
  removed: boolean;
}

interface Signal {
  readonly aborted: boolean;
  addEventListener(type: string, callback: () => void, options: { once: true }): void;
}

export class EventTarget {
  /** By type; made when there is one. */
  #listeners: Map<string, Listener[]> | null = null;

  addEventListener(type: unknown, callback: unknown, options: unknown = undefined): void {
    if (arguments.length < 2) throw new TypeError_('EventTarget.addEventListener: two arguments are needed');
    const given = (typeof options === 'object' && options !== null ? options : { capture: options }) as {
      readonly capture?: unknown;
      readonly once?: unknown;
      readonly passive?: unknown;
      readonly signal?: Signal;
    };
    const { signal } = given;
    if (signal !== undefined && (typeof signal !== 'object' || signal === null || !('aborted' in signal))) {
      throw new TypeError_('addEventListener: the signal is no AbortSignal');
    }
    if (callback === null || callback === undefined) return;
    if (typeof callback !== 'function' && typeof callback !== 'object') {
      throw new TypeError_(`an event listener must be a function, got ${typeName(callback)}`);
    }
    if (signal?.aborted) return;
    const name = toText(type);
    const capture = Boolean(given.capture);
    this.#listeners ??= new Map();
    const list = this.#listeners.get(name) ?? [];
    if (list.some((one) => one.callback === callback && one.capture === capture)) return;
    this.#listeners.set(name, [
      ...list,
      {
        callback: callback as Listener['callback'],
        capture,
        once: Boolean(given.once),
        passive: Boolean(given.passive),
        removed: false,
      },
    ]);
    signal?.addEventListener('abort', () => this.removeEventListener(name, callback, capture), {
      once: true,
    });
  }

  removeEventListener(type: unknown, callback: unknown, options: unknown = undefined): void {
    if (arguments.length < 2)
      throw new TypeError_('EventTarget.removeEventListener: two arguments are needed');
    const capture = Boolean(
      typeof options === 'object' && options !== null ? (options as { capture?: unknown }).capture : options,
    );
    const name = toText(type);
    const list = this.#listeners?.get(name);
    const found = list?.find((one) => one.callback === callback && one.capture === capture);
    if (this.#listeners === null || list === undefined || found === undefined) return;
    found.removed = true;
    const left = list.filter((one) => one !== found);
    if (left.length === 0) this.#listeners.delete(name);
    else this.#listeners.set(name, left);
  }

  dispatchEvent(event: Event): boolean {
    if (!(event instanceof Event)) throw new TypeError_('dispatchEvent: the event is no Event');
    inside.begin(event, this);
    const list = this.#listeners?.get(event.type);
    if (list !== undefined && !event.cancelBubble) {
      for (const capture of [true, false]) {
        for (const listener of list) {
          if (listener.capture === capture && !listener.removed) this.#tell(listener, event);
          if (inside.stopped(event)) break;
        }
        if (event.cancelBubble) break;
      }
    }
    inside.end(event);
    return !event.defaultPrevented;
  }

  #tell(listener: Listener, event: Event): void {
    const { callback } = listener;
    if (listener.once) this.removeEventListener(event.type, callback, listener.capture);
    inside.passive(event, listener.passive);
    try {
      if (typeof callback === 'function') callback.call(this as never, event);
      else if (typeof callback.handleEvent === 'function') callback.handleEvent(event);
      else throw new TypeError_('handleEvent is not a function');
    } catch (error) {
      reportThrown(nobody, error);
    }
    inside.passive(event, false);
  }
}

webClass(Event, 'Event');
webClass(CustomEvent, 'CustomEvent');
webClass(ErrorEvent, 'ErrorEvent');
webClass(PromiseRejectionEvent, 'PromiseRejectionEvent');
webClass(EventTarget, 'EventTarget');
for (const phase of ['NONE', 'CAPTURING_PHASE', 'AT_TARGET', 'BUBBLING_PHASE'] as const) {
  Object.defineProperty(Event.prototype, phase, { value: Event[phase], enumerable: true });
}
