// AbortController and AbortSignal.

import { TypeError_ } from '../builtins.ts';
import { reportThrown } from '../log.ts';
import { nobody } from '../nobody.ts';
import { setTimeout } from '../timer.ts';
import { DOMException } from './dom_exception.ts';
import { Event, EventTarget } from './events.ts';
import { webClass } from './web_class.ts';

let makeSignal: () => AbortSignal;
let abortSignal: (signal: AbortSignal, reason: unknown) => void;

/** Only this file makes signals. */
const OWN = {};

export class AbortSignal extends EventTarget {
  #aborted = false;
  #reason: unknown = undefined;
  #onabort: ((event: Event) => unknown) | null = null;
  /** Those of AbortSignal.any that are aborted with this one. */
  #dependents: Set<AbortSignal> | null = null;
  /** Of AbortSignal.any: the signals it was made of, which may live longer than it. */
  #sources: Set<AbortSignal> | null = null;

  static {
    makeSignal = () => new AbortSignal(OWN);
    abortSignal = (signal, reason) => {
      if (signal.#aborted) return;
      const marked = signal.#mark(
        reason === undefined ? new DOMException('This operation was aborted', 'AbortError') : reason,
      );
      for (const one of marked) one.#tell();
    };
  }

  constructor(own?: unknown) {
    if (own !== OWN) throw new TypeError_('Illegal constructor');
    super();
  }

  /** All that are aborted by this: each is, before anyone is told. */
  #mark(reason: unknown): AbortSignal[] {
    this.#aborted = true;
    this.#reason = reason;
    const marked: AbortSignal[] = [this];
    for (const one of this.#dependents ?? []) {
      if (one.#aborted) continue;
      one.#aborted = true;
      one.#reason = reason;
      marked.push(one);
    }
    this.#dependents = null;
    return marked;
  }

  #tell(): void {
    for (const source of this.#sources ?? []) source.#dependents?.delete(this);
    this.#sources = null;
    this.dispatchEvent(new Event('abort'));
  }

  static abort(reason?: unknown): AbortSignal {
    const signal = makeSignal();
    abortSignal(signal, reason);
    return signal;
  }

  static timeout(ms: unknown): AbortSignal {
    const wait = Number(ms);
    if (!(wait >= 0 && wait <= Number.MAX_SAFE_INTEGER)) {
      throw new TypeError_('AbortSignal.timeout: the time is out of range');
    }
    const signal = makeSignal();
    setTimeout(() => {
      abortSignal(signal, new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
    }, wait);
    return signal;
  }

  static any(signals: Iterable<AbortSignal>): AbortSignal {
    const made = makeSignal();
    const all = [...signals];
    for (const one of all) {
      if (!(one instanceof AbortSignal))
        throw new TypeError_('AbortSignal.any: one of them is no AbortSignal');
    }
    const aborted = all.find((one) => one.#aborted);
    if (aborted !== undefined) {
      made.#mark(aborted.#reason);
      return made;
    }
    made.#sources = new Set(all.flatMap((one) => (one.#sources === null ? [one] : [...one.#sources])));
    for (const source of made.#sources) {
      source.#dependents ??= new Set();
      source.#dependents.add(made);
    }
    return made;
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

  get onabort(): ((event: Event) => unknown) | null {
    return this.#onabort;
  }

  set onabort(callback: unknown) {
    // It keeps its place among the listeners, whatever it is set to later.
    if (this.#onabort === null) this.addEventListener('abort', this.#callOnabort);
    this.#onabort = typeof callback === 'function' ? (callback as (event: Event) => unknown) : null;
    if (this.#onabort === null) this.removeEventListener('abort', this.#callOnabort);
  }

  readonly #callOnabort = (event: Event): void => {
    try {
      this.#onabort?.call(this as never, event);
    } catch (error) {
      reportThrown(nobody, error);
    }
  };
}

export class AbortController {
  readonly #signal = makeSignal();

  get signal(): AbortSignal {
    return this.#signal;
  }

  abort(reason?: unknown): void {
    abortSignal(this.#signal, reason);
  }
}

webClass(AbortSignal, 'AbortSignal');
webClass(AbortController, 'AbortController');

/** One that nobody aborts. */
export function quietSignal(): AbortSignal {
  return makeSignal();
}

/** One that is aborted with another: a Request has its own. */
export function following(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal]);
}
