// Sockets that are bound but do not listen: Node has them only inside node:net. This file is the one that reaches
// there; node:cluster relies on the same function.

import net from 'node:net';
import { toText } from '../core/text.ts';
import type { ListenSpec } from '../http/listen.ts';

export interface Handle {
  readonly fd: number;
  close(): void;
  /** A TCP socket's only; also tells that its address was in use when it was bound. */
  readonly getsockname?: (name: { address?: string; port?: number }) => number;
}

interface Internals {
  _createServerHandle(
    address: string | null,
    port: number,
    addressType: 4 | 6 | -1,
    fd?: number,
    flags?: number,
  ): Handle | number;
}

const UV_TCP_IPV6ONLY = 1;
const UV_TCP_REUSEPORT = 2;

const internals = net as unknown as Internals;

/** The bound socket, or libuv's (negative) error number. */
export function bindHandle(spec: ListenSpec): Handle | number {
  if (spec.path !== null) return internals._createServerHandle(toText(spec.path), -1, -1);
  const v6 = spec.host.includes(':');
  const flags = (v6 && spec.ipv6only ? UV_TCP_IPV6ONLY : 0) | (spec.reuseport ? UV_TCP_REUSEPORT : 0);
  const handle = internals._createServerHandle(spec.host, spec.port, v6 ? 6 : 4, undefined, flags);
  if (typeof handle === 'number') return handle;
  // libuv keeps EADDRINUSE for the next call on the handle
  const error = handle.getsockname?.({}) ?? 0;
  if (error === 0) return handle;
  handle.close();
  return error;
}

/** The socket behind an inherited descriptor. */
export function openHandle(fd: number): Handle | number {
  return internals._createServerHandle(null, 0, -1, fd);
}
