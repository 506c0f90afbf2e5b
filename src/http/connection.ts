// What the engine knows of a client's connection, whatever protocol it speaks. http1 and http2 have their own.

import type { ProxyProtocol } from '../core/proxy_protocol.ts';
import type { ListenAddress } from './listen.ts';
import type { HttpRequest } from './request.ts';

export interface ClientAddress {
  readonly addr: string;
  readonly port: number;
}

export interface Connection {
  /** $connection: a number unique in the worker. */
  readonly id: number;
  /** The client's address as nginx writes it ("127.0.0.1", "::1", "unix:"); realip may replace it. */
  remoteAddr: string;
  remotePort: number;
  /** The client's own address, which realip has replaced for the request that runs; null where nothing was. */
  replaced: ClientAddress | null;
  /** What was said of it before its first request, where it was to be; else null. */
  readonly proxyProtocol: ProxyProtocol | null;
  readonly localAddr: string;
  readonly localPort: number;
  readonly listen: ListenAddress;
  /** "" for plain, "on" for TLS: $https. */
  readonly https: string;
  /** $connection_requests: this request counted. */
  requests: number;
  /** Milliseconds since 1970. */
  readonly startTime: number;
  /** Server name fixed by TLS, or null. */
  readonly serverName: string | null;
  /**
   * Gives the connection up to a request, which from now on reads all that comes as it is, what has come of its body
   * included, and whose output is not framed. False: somebody is reading the body. Absent where requests share one.
   */
  takeOver?(r: HttpRequest): boolean;
  /** The number of its descriptor. Absent where requests share one. */
  readonly descriptor?: number;
  /** One of the subrequests is over that `r`, whose response may have been sent, waits for. Absent where it is nobody's. */
  backgroundDone?(r: HttpRequest): void;
  /** An exception, where the event loop has entered us: its request fails. */
  crash(error: unknown): void;
}
