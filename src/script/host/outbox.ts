// What a guest has written: records in the shared memory, and their text. They are decoded and acted on when a visit is
// over; within it, only operations are begun whose results may be there at once. Nothing in them is trusted.
// protocol.ts has the layout.

import { toLatin1 } from '../../core/text.ts';
import { traceOf } from '../../core/thrown.ts';
import {
  CANCEL,
  CANCEL_INTS,
  DONE,
  DONE_INTS,
  FILTERED,
  FILTERED_INTS,
  INTEGER,
  OPERATION,
  OPERATION_INTS,
  OUT_AT,
  OUT_END,
  OUTCOME,
  RESPONSE,
  RESPONSE_INTS,
  RESULT,
  RESULT_INTS,
  SINCE,
  TAIL,
  TEXT,
  THROWN,
} from '../protocol.ts';
import type { Occupants } from './occupants.ts';
import type { Operations } from './operations.ts';
import type { ScriptRequest } from './request.ts';

/** When a visit has lasted so long, no more results are told within it. */
const EARLY_MS = 5;

/** What the guest wrote in the middle of a visit. */
interface Kept {
  readonly ints: Int32Array;
  readonly text: string;
}

/** Results of the operations of `slot` that one call has begun. */
interface Early {
  readonly slot: number;
  readonly most: number;
  count: number;
  readonly ints: number[];
  text: string;
}

/** What an outbox tells of records that are nobody's. */
export interface OutboxEvents {
  /** A block of init, init_worker or exit_worker has ended. */
  aloneEnded(block: number, ok: boolean): void;
  /** Something that should not be possible. */
  alert(message: string): void;
}

export class Outbox {
  readonly #mem: Int32Array;
  readonly #occupants: Occupants;
  readonly #operations: Operations;
  readonly #events: OutboxEvents;
  #kept: Kept[] = [];
  /** Where results go that the guest waits for within the visit. */
  #early: Early | null = null;
  #closed = false;
  /** Segments that came to a good end. */
  served = 0;

  constructor(mem: Int32Array, occupants: Occupants, operations: Operations, events: OutboxEvents) {
    this.#mem = mem;
    this.#occupants = occupants;
    this.#operations = operations;
    this.#events = events;
  }

  /** Nothing that is still in it is acted on. */
  close(): void {
    this.#closed = true;
  }

  /** Records that are acted on when the visit is over: they go out together, which wakes up clients once. */
  keep(text: string): void {
    this.#kept.push({ ints: this.#mem.slice(OUT_AT, this.#end()), text });
    this.#mem[OUT_END] = OUT_AT;
    this.#mem[TAIL] = 0;
  }

  /** Acts on the records in the shared memory, and on those that were kept before. */
  decode(text: string): void {
    const end = this.#end();
    while (this.#kept.length > 0 && !this.#closed) {
      const [{ ints, text: before }] = this.#kept.splice(0, 1) as [Kept];
      this.#decode(ints, 0, ints.length, before);
    }
    // The engine may start other things while records are handled, but no visit: they stay as they are.
    if (!this.#closed) this.#decode(this.#mem, OUT_AT, end, text);
  }

  /** Begins the operations behind OUT_END, up to `end`; the answer is what CALL_BEGIN says. */
  begin(slot: number, text: string, end: number): string {
    const mem = this.#mem;
    const from = this.#end();
    const early: Early = {
      slot,
      most: Math.floor((mem.length - from) / RESULT_INTS),
      count: 0,
      ints: [],
      text: '',
    };
    // One who asks again and again has the answers with the next visit: others have their turn before.
    const since = mem[SINCE] as number;
    if (since !== 0 && ((performance.now() - since) & 0x7fffffff) < EARLY_MS) this.#early = early;
    const last = Math.min(end, mem.length);
    let textAt = 0;
    for (let at = from; at < last && textAt >= 0; at += OPERATION_INTS + (mem[at + 5] as number) * 2) {
      textAt = this.#operation(mem, at, last, text, textAt);
    }
    this.#early = null;
    for (let i = 0; i < early.ints.length; i++) mem[from + i] = early.ints[i] as number;
    mem[OUTCOME] = early.count;
    return early.text;
  }

  /** Tells a result within the visit that began the operation. False: it is too late for that. */
  answer(slot: number, id: number, ok: boolean, kind: number, text: string, beside: string): boolean {
    const early = this.#early;
    if (early === null || slot !== early.slot || early.count >= early.most) return false;
    early.count++;
    early.ints.push(RESULT, id, ok ? 0 : 1, kind, text.length, beside.length);
    early.text += text + beside;
    return true;
  }

  /** What the guest has written ends here. */
  #end(): number {
    return Math.min(Math.max(this.#mem[OUT_END] as number, OUT_AT), this.#mem.length);
  }

  #decode(mem: Int32Array, from: number, end: number, text: string): void {
    let at = from;
    let textAt = 0;
    while (at < end) {
      const kind = mem[at];
      const slot = mem[at + 1] as number;
      switch (kind) {
        case RESPONSE: {
          const r = this.#occupants.at(slot);
          const flags = mem[at + 2] as number;
          const status = mem[at + 3] as number;
          const headers = mem[at + 4] as number;
          const bodyLength = mem[at + 5] as number;
          at += RESPONSE_INTS;
          if (r !== null && status !== 0) r.setStatus(status);
          for (let i = 0; i < headers && at < end; i++) {
            const nameLength = mem[at++] as number;
            const values = mem[at++] as number;
            const name = text.slice(textAt, textAt + nameLength);
            textAt += nameLength;
            if (values < 0) {
              if (r !== null) this.#header(r, name, null);
              continue;
            }
            const list: string[] = [];
            for (let k = 0; k < values && at < end; k++) {
              const length = mem[at++] as number;
              list.push(text.slice(textAt, textAt + length));
              textAt += length;
            }
            if (r !== null) this.#header(r, name, list);
          }
          const body = text.slice(textAt, textAt + bodyLength);
          textAt += bodyLength;
          if (r !== null && (flags !== 0 || body !== '')) this.#respond(r, flags, body);
          break;
        }
        case DONE: {
          const lane = mem[at + 2] as number;
          const action = mem[at + 3] as number;
          const code = mem[at + 4] as number;
          const length = mem[at + 5] as number;
          const length2 = mem[at + 6] as number;
          at += DONE_INTS;
          const one = text.slice(textAt, textAt + length);
          textAt += length;
          const two = text.slice(textAt, textAt + length2);
          textAt += length2;
          if (slot !== 0) this.#occupants.answered(slot);
          if (action !== THROWN) this.served++;
          if (slot === 0) this.#events.aloneEnded(code, action !== THROWN);
          else this.#ended(slot, lane === 1, action, code, one, two);
          break;
        }
        case OPERATION: {
          textAt = this.#operation(mem, at, end, text, textAt);
          if (textAt < 0) return;
          at += OPERATION_INTS + (mem[at + 5] as number) * 2;
          break;
        }
        case CANCEL:
          this.#operations.cancel(slot);
          at += CANCEL_INTS;
          break;
        case FILTERED: {
          const r = this.#occupants.at(slot);
          const how = mem[at + 2] as number;
          const last = mem[at + 3] === 1;
          const isText = mem[at + 4] === TEXT;
          const length = mem[at + 5] as number;
          at += FILTERED_INTS;
          const given = text.slice(textAt, textAt + length);
          textAt += length;
          this.#occupants.answered(slot);
          const more = at + 1 < end && mem[at] === FILTERED && mem[at + 1] === slot;
          if (r !== null) this.#filtered(r, how, last, isText ? toLatin1(given) : given, more);
          break;
        }
        default:
          this.#events.alert(`unknown record ${kind} from the guest`);
          return;
      }
      if (this.#closed) return;
    }
  }

  /** Begins the operation of the record at `at`; where its text ends, -1 where that is not to be trusted. */
  #operation(mem: Int32Array, at: number, end: number, text: string, textAt: number): number {
    const slot = mem[at + 1] as number;
    const id = mem[at + 2] as number;
    const code = mem[at + 3] as number;
    const by = mem[at + 4] as number;
    const count = mem[at + 5] as number;
    const from = at + OPERATION_INTS;
    if (count < 0 || from + count * 2 > end) {
      this.#events.alert(`a record of ${count} arguments from the guest`);
      return -1;
    }
    let textEnd = textAt;
    for (let k = from; k < from + count * 2; k += 2) {
      if (mem[k] !== INTEGER) textEnd += mem[k + 1] as number;
    }
    try {
      this.#operations.start(id, slot, code, by, mem, from, count, text, textAt);
    } catch (error) {
      this.#alert(error);
    }
    return textEnd;
  }

  #header(r: ScriptRequest, name: string, values: readonly string[] | null): void {
    try {
      r.setHeader(name, values);
    } catch (error) {
      this.#alert(error);
    }
  }

  #respond(r: ScriptRequest, flags: number, body: string): void {
    try {
      r.respond(flags, body);
    } catch (error) {
      this.#alert(error);
    }
  }

  #filtered(r: ScriptRequest, how: number, last: boolean, raw: string, more: boolean): void {
    try {
      r.filtered(how, last, raw, more);
    } catch (error) {
      this.#alert(error);
    }
  }

  #ended(slot: number, filters: boolean, action: number, code: number, text: string, text2: string): void {
    const r = this.#occupants.at(slot);
    if (r === null) return;
    if (!filters && this.#occupants.isFinal(slot)) this.#occupants.leave(slot);
    try {
      r.ended(filters, action, code, text, text2);
    } catch (error) {
      this.#alert(error);
    }
  }

  #alert(error: unknown): void {
    this.#events.alert(traceOf(error));
  }
}
