// What scripts need of a request, whichever engine it comes from. Text from the wire is latin1, a character a byte; text
// for scripts is UTF-16. The adapters convert.

import type { Actor } from './actor.ts';
import type { SocketConf } from './socket_settings.ts';

/** A refusal with Lua's words, to be thrown in the script as NgxError. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** Where blocks are run: an isolate that is replaced when it dies. */
export interface Home {
  /** null where it is not to be had for now. */
  readonly actor: Actor | null;
  /** Not a tenant's. */
  readonly common: boolean;
}

export interface ScriptRequest {
  /** Its place in the isolate while blocks may come back to it; 0 for none. Kept by the actor. */
  slot: number;

  /** Of its location. */
  home: Home;

  /** The isolate that runs its blocks from now on. */
  enter(actor: Actor): void;
  /** The isolate has died under its first blocks, and they left no traces: whether they may be run from the start. */
  startOver(): boolean;

  // What comes with every visit, as text for scripts.
  readonly method: string;
  readonly uri: string;
  readonly args: string;
  readonly remoteAddr: string;
  readonly isSubrequest: boolean;
  readonly headSent: boolean;
  /** Underscores in the names of response headers stay as they are. */
  readonly keepsUnderscores: boolean;
  /** A subrequest's: the ctx that its asker gave it, by the guest's number; 0 for none. */
  readonly lent: number;

  /** A synchronous call of the API; see protocol.ts. Throws Refusal. */
  call(code: number, args: readonly unknown[]): string | number | boolean | undefined;

  /** Status (0: as it is) and headers that a script has set. */
  setStatus(status: number): void;
  setHeader(name: string, values: readonly string[] | null): void;
  /** What a script has said: text, or bytes one a character; flags are those of RESPONSE. */
  respond(flags: number, body: string): void;
  /** A segment has ended: an action of DONE, with its code and texts. `filters`: of header filters. */
  ended(filters: boolean, action: number, code: number, text: string, text2: string): void;
  /** A piece that its body filters have before them: bytes one a character. */
  piece(number: number): string;
  /** A body filter's answer for the piece whose turn it is: KEPT, REPLACED … `more`: another one follows at once. */
  filtered(how: number, last: boolean, raw: string, more: boolean): void;

  /** Starts an operation of the request. `done` is called once, later or at once; cancel() is for what has not ended. */
  operate(code: number, args: readonly Argument[], done: Done): Cancel | null;

  /** What its location says of sockets; null: as for what belongs to no request. */
  readonly socketConf: SocketConf | null;
  /** ngx.req.socket. Throws Refusal, or SocketFailure with Lua's words. */
  openSocket(raw: boolean): RequestStream;

  logEnabled(level: number): boolean;
  log(level: number, message: string): void;
}

/** Whoever reads the bytes of a request. */
export interface StreamReader {
  /** A read waits for more. */
  readonly busy: boolean;
  push(data: Buffer): void;
  end(): void;
  fail(message: string): void;
}

/** The bytes that follow a request's head, and, where that is allowed, those that go back. */
export interface RequestStream {
  /** Of the client's connection; -1 where it has none of its own. */
  readonly descriptor: number;
  /** Another piece is wanted; the first call starts the reading. */
  more(reader: StreamReader): void;
  /** Bytes, one a character. True: they have left; false: `written` will be called; null: the client is gone. */
  send(data: string, written: () => void): boolean | null;
}

export type Argument = string | number | boolean | undefined;
export type Done = (ok: boolean, kind: number, text: string, beside: string) => void;
export type Cancel = () => void;
