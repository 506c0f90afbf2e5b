// Operations under way: what scripts wait for. Waits and timers are carried out here, everything else by the request it
// belongs to or, without one, by the worker.

import {
  BOOLEAN,
  INTEGER,
  NUMBER,
  OP_SLEEP,
  OP_SOCKET,
  OP_TIMER,
  OP_WAKE,
  RAW,
  TEXT,
  UNDEFINED,
} from '../protocol.ts';
import type { Actor } from './actor.ts';
import type { Argument, Cancel, Done } from './request.ts';
import { operationLeavesTraces } from './traces.ts';

/** Carries out what needs no request; null where it does not know the operation. */
export interface Operator {
  (code: number, args: readonly Argument[], done: Done): Cancel | null;
  /** The isolate is gone: nothing that it left open is wanted any more. */
  close?: () => void;
}

interface Running {
  readonly slot: number;
  /** Characters of its texts, which wait with it. */
  readonly held: number;
  readonly cancel: Cancel | null;
  /** A timer of ngx.timer: at the worker's exit it is run early. */
  readonly timer: boolean;
}

/** Of an isolate: what they hold is the worker's memory. */
const MAX_RUNNING = 100_000;

export class Operations {
  readonly #actor: Actor;
  readonly #running = new Map<number, Running>();
  readonly #operator: Operator;
  readonly #mostHeld: number;
  #held = 0;

  /** `mostHeld`: how much may be kept in the worker's memory for what is under way. */
  constructor(actor: Actor, operator: Operator, mostHeld: number) {
    this.#actor = actor;
    this.#operator = operator;
    this.#mostHeld = mostHeld;
  }

  /** False: as much as the isolate itself may have is kept for it already. What is alone may be more. */
  hold(bytes: number): boolean {
    if (this.#held > 0 && this.isTooMuch(this.#held + bytes)) return false;
    this.#held += bytes;
    return true;
  }

  isTooMuch(bytes: number): boolean {
    return bytes > this.#mostHeld;
  }

  letGo(bytes: number): void {
    this.#held -= bytes;
  }

  get count(): number {
    return this.#running.size;
  }

  /** `by`: the slot of the request whose code asks. */
  start(
    id: number,
    slot: number,
    code: number,
    by: number,
    mem: Int32Array,
    at: number,
    count: number,
    text: string,
    textAt: number,
  ): void {
    if (this.#running.has(id)) return;
    if (this.#running.size >= MAX_RUNNING && code !== OP_WAKE) {
      if (id !== 0) this.#actor.settle(id, false, TEXT, 'too many operations at once', '');
      return;
    }
    if (code === OP_SLEEP || code === OP_TIMER) {
      const ms = numberAt(mem, at, text, textAt);
      if (code === OP_TIMER) this.#actor.occupants.leftTraces(by);
      const repeat = code === OP_TIMER && (mem[at + 3] as number) > 0;
      const web = code === OP_TIMER && (mem[at + 5] as number) > 0;
      this.#wait(id, slot, ms, code === OP_TIMER, repeat, web);
      return;
    }
    if (code === OP_WAKE) {
      this.#wake(numberAt(mem, at, text, textAt));
      return;
    }
    const args = new Array<Argument>(count);
    const textFrom = textAt;
    for (let i = 0; i < count; i++) {
      const kind = mem[at + i * 2] as number;
      const length = mem[at + i * 2 + 1] as number;
      if (kind === INTEGER) {
        args[i] = length;
        continue;
      }
      args[i] = decode(kind, text.slice(textAt, textAt + length));
      textAt += length;
    }
    if (operationLeavesTraces(code, args)) this.#actor.occupants.leftTraces(by);
    if (code === OP_SOCKET) {
      this.#actor.sockets?.late(slot, args);
      return;
    }
    if (id === 0) {
      this.#operator(code, args, () => {});
      return;
    }
    const done: Done = (ok, kind, value, beside) => this.#end(id, ok, kind, value, beside);
    const r = this.#actor.occupants.at(slot);
    if (slot !== 0 && r === null) return; // it has ended meanwhile
    const held = textAt - textFrom;
    if (!this.hold(held)) {
      this.#actor.settle(id, false, TEXT, 'no memory', '');
      return;
    }
    this.#running.set(id, { slot, held, cancel: null, timer: false });
    const cancel = this.#operator(code, args, done) ?? r?.operate(code, args, done) ?? null;
    if (cancel !== null && this.#running.has(id)) this.#running.set(id, { slot, held, cancel, timer: false });
  }

  /** A synchronous call has to wait: finish() will tell what it comes to. */
  begin(id: number, slot: number, cancel: Cancel): void {
    this.#running.set(id, { slot, held: 0, cancel, timer: false });
  }

  finish(id: number, ok: boolean, kind: number, text: string, beside: string): void {
    this.#end(id, ok, kind, text, beside);
  }

  cancel(id: number): void {
    this.#take(id)?.cancel?.();
  }

  /** The request in `slot` is over. */
  cancelOf(slot: number): void {
    if (this.#running.size === 0) return;
    for (const [id, running] of this.#running) if (running.slot === slot) this.cancel(id);
  }

  cancelAll(): void {
    for (const id of this.#running.keys()) this.cancel(id);
    this.#operator.close?.();
  }

  /** Runs every timer now, telling it so: the worker exits. */
  finishTimers(): void {
    for (const [id, running] of this.#running) {
      if (!running.timer) continue;
      this.cancel(id);
      this.#actor.settle(id, true, BOOLEAN, '1', '');
    }
  }

  #wake(id: number): void {
    const running = this.#running.get(id);
    if (running === undefined) return;
    running.cancel?.();
    this.#end(id, true, UNDEFINED, '', '');
  }

  #end(id: number, ok: boolean, kind: number, text: string, beside: string): void {
    const running = this.#take(id);
    if (running === undefined) return;
    this.#actor.settle(id, ok, kind, text, beside, running.slot);
  }

  #take(id: number): Running | undefined {
    const running = this.#running.get(id);
    if (running === undefined) return undefined;
    this.#running.delete(id);
    this.#held -= running.held;
    return running;
  }

  /** `web`: of setInterval, which ends with the isolate and is told nothing. */
  #wait(id: number, slot: number, ms: number, timer: boolean, repeat: boolean, web: boolean): void {
    const delay = Number.isFinite(ms) ? Math.min(Math.max(ms, 0), 0x7fffffff) : 0;
    if (delay === 0 && !timer) {
      this.#running.set(id, { slot, held: 0, cancel: null, timer });
      this.#end(id, true, UNDEFINED, '', '');
      return;
    }
    const handle = repeat ? setInterval(tick, delay, this, id) : setTimeout(over, delay, this, id);
    if (timer) handle.unref();
    this.#running.set(id, { slot, held: 0, cancel: () => clearTimeout(handle), timer: timer && !web });
  }

  /** @internal */
  over(id: number): void {
    this.#end(id, true, UNDEFINED, '', '');
  }

  /** @internal */
  tick(id: number): void {
    if (this.#running.has(id)) this.#actor.settle(id, true, UNDEFINED, '', '');
  }
}

function over(operations: Operations, id: number): void {
  operations.over(id);
}

function tick(operations: Operations, id: number): void {
  operations.tick(id);
}

function numberAt(mem: Int32Array, at: number, text: string, textAt: number): number {
  const length = mem[at + 1] as number;
  return mem[at] === INTEGER ? length : Number(text.slice(textAt, textAt + length));
}

function decode(kind: number, text: string): Argument {
  switch (kind) {
    case TEXT:
    case RAW:
      return text;
    case NUMBER:
      return Number(text);
    case BOOLEAN:
      return text !== '';
    default:
      return undefined;
  }
}
