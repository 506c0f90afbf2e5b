// The one session that a debugger or a profiler may have at an isolate.

import type { IsolateDoor, Session } from './isolate.ts';

/**
 * How long the thread of an inspector may take to end. An isolate that is ended under it takes the worker along, or never
 * comes back from it.
 */
const INSPECTOR_ENDS_MS = 200;

/** Its own messages to the inspector have this id: answers to them are not the debugger's. */
const OWN_ID = -1;

export class Debugging {
  readonly #door: IsolateDoor;
  #session: Session | null = null;
  /** When the thread of the last one has ended. */
  #ends = 0;
  /** Called once the inspector has said that it skips pauses, or is gone. */
  #skipped: (() => void) | null = null;

  constructor(door: IsolateDoor) {
    this.#door = door;
  }

  /** There is a session. */
  get active(): boolean {
    return this.#session !== null;
  }

  /** Connects to the isolate's inspector, where there is no session yet. */
  open(heard: (message: string) => void): Session {
    const session = this.#door.connect((message) => {
      if (message.startsWith(`{"id":${OWN_ID},`)) this.#skipped?.();
      else heard(message);
    });
    let open = true;
    const own: Session = {
      send: (message) => session.send(message),
      close: () => {
        if (!open) return;
        open = false;
        if (this.#session === own) this.#session = null;
        this.#skipped?.();
        this.#ends = performance.now() + INSPECTOR_ENDS_MS;
        session.close();
      },
    };
    this.#session = own;
    return own;
  }

  /** Ends the session. How long its thread may still take, in milliseconds; 0 or less: it has ended. */
  close(): number {
    this.#session?.close();
    return this.#ends - performance.now();
  }

  /** When the debugger will pause the isolate no more. What is returned lets it again. */
  async skipPauses(): Promise<() => void> {
    const session = this.#session;
    if (session === null) return () => {};
    await new Promise<void>((done) => {
      this.#skipped = done;
      skipPauses(session, true);
    });
    return () => {
      if (this.#session === session) skipPauses(session, false);
    };
  }
}

function skipPauses(session: Session, skip: boolean): void {
  session.send(JSON.stringify({ id: OWN_ID, method: 'Debugger.setSkipAllPauses', params: { skip } }));
}
