// What the master and its workers say to each other, and what workers say to one another through it.

import type { ChildProcess } from 'node:child_process';
import type { IsolateProfile } from '../script/host/profile.ts';

export type ToWorker =
  | { readonly type: 'quit' }
  | { readonly type: 'terminate' }
  | { readonly type: 'reopen' }
  /** Says with `profiled` what its scripts did from now on, for so long. */
  | { readonly type: 'profile'; readonly id: number; readonly milliseconds: number }
  /** Something that another worker has published. */
  | { readonly type: 'published'; readonly topic: string; readonly from: number; readonly value: unknown };

export type ToMaster =
  /** The worker listens. */
  | { readonly type: 'ready' }
  /** The worker cannot start: nothing would be better in another one. */
  | { readonly type: 'failed'; readonly message: string }
  /** The worker finishes what it has begun and takes nothing new: it wants to be replaced. */
  | { readonly type: 'leaving'; readonly stuck?: boolean }
  | { readonly type: 'profiled'; readonly id: number; readonly isolates: readonly IsolateProfile[] }
  /** A script of init asks for the privileged agent. */
  | { readonly type: 'agent'; readonly connections: number }
  /** For all other workers. */
  | { readonly type: 'publish'; readonly topic: string; readonly value: unknown };

/** A master in the background to the process that started it. */
export type ToStarter = { readonly type: 'running' } | { readonly type: 'failed'; readonly message: string };

/** To the master, or to the starter. False: nobody is there any more. */
export function sendUp(message: ToMaster | ToStarter, sent?: () => void): boolean {
  if (process.send === undefined || !process.connected) {
    sent?.();
    return false;
  }
  process.send(message, undefined, undefined, () => sent?.()); // an error: it has gone
  return true;
}

export function sendDown(child: ChildProcess, message: ToWorker): void {
  if (child.connected) child.send(message, () => {}); // an error: its exit is on the way
}

type Subscriber = (value: unknown, from: number) => void;

const subscribers = new Map<string, Subscriber[]>();

/** In a worker: tells all other workers of the same master. `value` must be structured-cloneable. */
export function publish(topic: string, value: unknown): void {
  sendUp({ type: 'publish', topic, value });
}

/** In a worker: what other workers publish under `topic`; `from` is the pid. */
export function subscribe(topic: string, subscriber: Subscriber): void {
  const known = subscribers.get(topic);
  if (known === undefined) subscribers.set(topic, [subscriber]);
  else known.push(subscriber);
}

export function deliver(topic: string, value: unknown, from: number): void {
  for (const subscriber of subscribers.get(topic) ?? []) subscriber(value, from);
}
