// What a socket needs of the isolate that it belongs to.

import type { Destinations } from './destinations.ts';
import type { Link } from './link.ts';
import type { Pools } from './socket_pool.ts';
import type { SocketConf } from './socket_settings.ts';

/** A socket of a script, as long as there is something of it in the worker. */
export interface HostSocket {
  readonly id: number;
  /** The request that it belongs to; 0 for none. */
  readonly slot: number;
  /** Another one of that request. */
  next: HostSocket | null;
  /** The request is over, or the isolate. */
  dispose(): void;
}

export interface SocketHome {
  readonly pools: Pools;
  /** null: everywhere. */
  readonly destinations: Destinations | null;
  /** The worker is about to exit. */
  readonly exiting: boolean;
  /** Of the request's location now; of the http block where there is no request. */
  conf(slot: number): SocketConf;
  /** Keeps what is written until the end of the turn, if one is under way. */
  hold(link: Link, data: string, utf8: boolean): boolean;
  /** The call cannot be answered yet: finish() will. */
  begin(operation: number, slot: number, cancel: () => void): void;
  finish(operation: number, ok: boolean, text: string, beside: string): void;
  /** The call is answered with what it returns; `boundary`: it is the last before the pattern. */
  answered(boundary: boolean): void;
  /** Keeps the guest's word on a socket true: see CELL_WRITABLE; -1: it is nobody's. */
  show(cell: number, id: number, bits: number): void;
  /** A line in the error log, at level error unless told otherwise. */
  log(slot: number, message: string, level?: number): void;
  forget(socket: HostSocket): void;
}
