// What the engine knows of a client's connection, whatever protocol it speaks. http1 and http2 have their own.

import type { ListenAddress } from './listen.ts';

export interface Connection {
  /** $connection: a number unique in the worker. */
  readonly id: number;
  /** The client's address as nginx writes it ("127.0.0.1", "::1", "unix:"); realip may replace it. */
  remoteAddr: string;
  remotePort: number;
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
}
