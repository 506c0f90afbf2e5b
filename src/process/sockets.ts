// The listening sockets of the master. It binds them and keeps them open for as long as any configuration uses them,
// but never listens itself: workers do, on the descriptors they inherit. So a socket's queue of connections outlives
// every worker, and a reload loses none of them.

import { chmodSync, existsSync, readFileSync, readlinkSync, unlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { addressText, normalizeInet6 } from '../core/addresses.ts';
import { diskPath } from '../core/disk_path.ts';
import { errnoText, errorText } from '../core/errno.ts';
import type { Log } from '../core/log.ts';
import type { ListenSpec } from '../http/listen.ts';
import { Fault } from './fault.ts';
import { bindHandle, type Handle, openHandle } from './handles.ts';

const TRIES = 5;
const RETRY_MS = 500;

export interface MasterSocket {
  /** The address as nginx writes it: `0.0.0.0:80`, `unix:/path`. */
  readonly text: string;
  /** ListenSpec.key; for a socket that was inherited, the address. */
  readonly key: string;
  /** Of a reuseport address: the worker that it belongs to, in each generation of workers. */
  readonly worker: number | null;
  readonly path: string | null;
  readonly handle: Handle;
  /** Came from the master whose place this one takes. */
  readonly inherited: boolean;
}

/**
 * Opens what `specs` want and `previous` does not have yet, and gives the sockets of the new configuration. Faults are
 * logged; where one remains after nginx's five tries, what was opened here is closed again and a Fault thrown.
 */
export async function openSockets(
  specs: readonly ListenSpec[],
  workers: number,
  previous: readonly MasterSocket[],
  log: Log,
): Promise<MasterSocket[]> {
  const left = new Set(previous);
  const wanted = specs.flatMap((spec) => placesOf(spec, workers, previous, log));
  const opened: (MasterSocket | null)[] = wanted.map((place) => takeFrom(left, place));
  const reused = new Set(opened);
  for (let tries = TRIES; ; tries--) {
    let failed = false;
    for (const [i, place] of wanted.entries()) {
      if (opened[i] !== null) continue;
      try {
        opened[i] = openSocket(place, log);
        failed ||= opened[i] === null;
      } catch (e) {
        for (const socket of opened) if (socket !== null && !reused.has(socket)) closeSocket(socket);
        throw e;
      }
    }
    if (!failed) return opened.filter((socket) => socket !== null);
    log.write('notice', 'try again to bind() after 500ms');
    await sleep(RETRY_MS);
    if (tries === 1) break;
  }
  for (const socket of opened) if (socket !== null && !reused.has(socket)) closeSocket(socket);
  throw new Fault('still could not bind()');
}

interface Place {
  readonly spec: ListenSpec;
  readonly text: string;
  readonly worker: number | null;
}

function placesOf(spec: ListenSpec, workers: number, previous: readonly MasterSocket[], log: Log): Place[] {
  const text = textOf(spec);
  const shared = previous.some((socket) => socket.text === text && socket.worker === null);
  if (spec.reuseport && shared) {
    // The option cannot be set on a bound socket from here, and without it no second one can be bound.
    log.write('warn', `"reuseport" of ${text} takes effect only after a restart`);
  }
  if (!spec.reuseport || shared) return [{ spec, text, worker: null }];
  return Array.from({ length: Math.max(1, workers) }, (_, worker) => ({ spec, text, worker }));
}

function textOf(spec: ListenSpec): string {
  if (spec.path !== null) return `unix:${spec.path}`;
  return addressText(normalizeInet6(spec.host) ?? spec.host, spec.port);
}

function takeFrom(left: Set<MasterSocket>, place: Place): MasterSocket | null {
  for (const socket of left) {
    if (socket.text !== place.text) continue;
    if ((socket.worker ?? 0) !== (place.worker ?? 0)) continue;
    left.delete(socket);
    return { ...socket, key: place.spec.key, worker: socket.worker === null ? null : place.worker };
  }
  return null;
}

/** null: the address is in use, to be tried again. */
function openSocket(place: Place, log: Log): MasterSocket | null {
  const { spec, text, worker } = place;
  const handle = bindHandle(spec);
  if (typeof handle !== 'number') {
    if (spec.path !== null) openToAll(spec.path, log);
    return { text, key: spec.key, worker, path: spec.path, handle, inherited: false };
  }
  const errno = Math.abs(handle);
  const message = `bind() to ${text} failed ${errnoText(bindErrno(spec, errno))}`;
  if (errno !== constants.errno.EADDRINUSE) throw new Fault(message);
  log.write('emerg', message);
  return null;
}

/** libuv says EACCES where the directory of a Unix socket does not exist. */
function bindErrno(spec: ListenSpec, errno: number): number {
  if (spec.path === null || errno !== constants.errno.EACCES) return errno;
  return existsSync(diskPath(dirname(spec.path))) ? errno : constants.errno.ENOENT;
}

function openToAll(path: string, log: Log): void {
  try {
    chmodSync(diskPath(path), 0o666);
  } catch (e) {
    log.write('emerg', `chmod() "${path}" failed ${errorText(e)}`);
  }
}

/** For `-t`: whether the sockets could be bound; that an address is in use is no fault, it may be our own master. */
export function tryOpenSockets(specs: readonly ListenSpec[], log: Log): void {
  for (const spec of specs) {
    const handle = bindHandle({ ...spec, reuseport: false });
    if (typeof handle === 'number') {
      const errno = Math.abs(handle);
      if (errno === constants.errno.EADDRINUSE) continue;
      throw new Fault(`bind() to ${textOf(spec)} failed ${errnoText(bindErrno(spec, errno))}`);
    }
    handle.close();
    if (spec.path !== null) removeSocketFile(spec.path, log);
  }
}

/** Closes the master's descriptor; the file of a Unix socket that was bound here goes with it. */
export function closeSocket(socket: MasterSocket): void {
  socket.handle.close();
}

/** As closeSocket; the file of a Unix socket goes, whoever bound it. */
export function closeAndRemoveSocket(socket: MasterSocket, log: Log): void {
  socket.handle.close();
  if (socket.path !== null) removeSocketFile(socket.path, log);
}

/** libuv has removed the file when it closed a handle that it had bound itself: then there is nothing to do. */
export function removeSocketFile(path: string, log: Log): void {
  try {
    const file = diskPath(path);
    if (existsSync(file)) unlinkSync(file);
  } catch (e) {
    log.write('emerg', `unlink() ${path} failed ${errorText(e)}`);
  }
}

/** The sockets of the variable NGINX (`5;6;`), set by the master that executed this one on SIGUSR2. */
export function inheritSockets(variable: string, log: Log): MasterSocket[] {
  log.write('notice', `using inherited sockets from "${variable}"`);
  const sockets: Omit<MasterSocket, 'worker'>[] = [];
  let at = 0;
  for (const { 0: text, index } of variable.matchAll(/[^;:]*[;:]/g)) {
    const number = text.slice(0, -1);
    if (!/^[0-9]+$/.test(number)) {
      invalid(log, variable.slice(at), ' the rest of the variable');
      at = variable.length;
      break;
    }
    at = index + text.length;
    const address = adoptSocket(Number(number));
    if (address === null) log.write('crit', `getsockname() of the inherited socket #${number} failed`);
    else sockets.push({ ...address, key: address.text, inherited: true });
  }
  if (at < variable.length) invalid(log, variable.slice(at), '');
  return sockets.map((socket, i) => ({ ...socket, worker: workerOf(sockets, i) }));
}

function invalid(log: Log, text: string, what: string): void {
  log.write('emerg', `invalid socket number "${text}" in NGINX environment variable, ignoring${what}`);
}

/** Several sockets of one address: one for each worker. */
function workerOf(sockets: readonly { readonly text: string }[], i: number): number | null {
  const same = sockets.flatMap(({ text }, j) => (text === sockets[i]?.text ? [j] : []));
  return same.length === 1 ? null : same.indexOf(i);
}

/** A socket handed over by the process that bound it for us, as `daemon on` does. */
export function adoptSockets(list: readonly HandedSocket[], firstFd: number): MasterSocket[] {
  return list.map((handed, i) => {
    const handle = openHandle(firstFd + i);
    if (typeof handle === 'number') throw new Fault(`socket #${firstFd + i} ${errnoText(handle)}`);
    return { ...handed, handle };
  });
}

export type HandedSocket = Omit<MasterSocket, 'handle'>;

export function handedSocket({ text, key, worker, path, inherited }: MasterSocket): HandedSocket {
  return { text, key, worker, path, inherited };
}

function adoptSocket(fd: number): { text: string; path: string | null; handle: Handle } | null {
  const handle = openHandle(fd);
  if (typeof handle === 'number') return null;
  if (handle.getsockname === undefined) {
    const path = unixPathOf(fd);
    return path === null ? null : { text: `unix:${path}`, path, handle };
  }
  const name: { address?: string; port?: number } = {};
  if (handle.getsockname(name) !== 0 || name.address === undefined) return null;
  return { text: addressText(name.address, name.port ?? 0), path: null, handle };
}

/** Node does not tell the name of a Unix socket; the kernel lists them by inode. */
function unixPathOf(fd: number): string | null {
  try {
    const inode = /^socket:\[([0-9]+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1];
    for (const line of readFileSync('/proc/net/unix', 'latin1').split('\n')) {
      const fields = line
        .trim()
        .split(' ')
        .filter((field) => field !== '');
      if (inode !== undefined && fields[6] === inode && fields[7] !== undefined) {
        return fields.slice(7).join(' ');
      }
    }
    return null;
  } catch {
    return null; // no /proc: the socket is not taken over, but bound anew
  }
}
