// Health checks of gRPC servers: a call of grpc.health.v1.Health/Check, on node:http2, which is loaded for the first check.

import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { errorText } from '../../core/errno.ts';
import { toText } from '../../core/text.ts';
import type { GrpcCheck, HealthCheckSettings, Probe } from './health_check.ts';
import type { SharedPeer } from './zone_memory.ts';

const METHOD = '/grpc.health.v1.Health/Check';
const MAX_BODY = 64 * 1024;
/** HealthCheckResponse.ServingStatus */
const SERVING = 1;
const UNKNOWN = 0;

/** What has come of a response. */
interface Answer {
  status: number;
  grpcStatus: string | undefined;
  body: Buffer;
}

interface Kept {
  readonly session: ClientHttp2Session;
  readonly since: number;
}

export class GrpcProbe implements Probe {
  readonly #settings: HealthCheckSettings;
  readonly #host: string;
  readonly #check: GrpcCheck;
  readonly #http2: typeof import('node:http2');
  /** Connections by the names of their peers. */
  readonly #kept = new Map<string, Kept>();
  #closed = false;

  constructor(settings: HealthCheckSettings, host: string, check: GrpcCheck) {
    this.#settings = settings;
    this.#host = host;
    this.#check = check;
    this.#http2 = process.getBuiltinModule('node:http2');
  }

  close(): void {
    this.#closed = true;
    for (const { session } of this.#kept.values()) session.destroy();
    this.#kept.clear();
  }

  ask(peer: SharedPeer, done: (failure: string | null) => void): void {
    const session = this.#session(peer);
    let over = false;
    const end = (failure: string | null): void => {
      if (over) return;
      over = true;
      session.off('error', failed);
      clearTimeout(timeout);
      if (failure !== null || this.#settings.keepaliveMs === 0 || this.#closed) this.#drop(peer, session);
      done(failure);
    };
    // A stream fails because of its connection, if it has no reason of its own.
    const failed = (e: Error): void => end(`connecting to upstream ${errorText(e.cause ?? e)}`.trim());
    // A check that is still under way when the next is due has failed.
    const timeout = setTimeout(end, this.#settings.intervalMs, 'waiting for the response').unref();
    session.on('error', failed);
    const stream = session.request({
      ':method': 'POST',
      ':path': METHOD,
      ':authority': this.#host,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.on('error', failed);
    read(stream, (answer) => end(this.#judge(answer)));
    stream.end(message(this.#check.service));
  }

  #session(peer: SharedPeer): ClientHttp2Session {
    const kept = this.#kept.get(peer.name);
    if (kept !== undefined) {
      const { session, since } = kept;
      if (!session.closed && !session.destroyed && Date.now() - since < this.#settings.keepaliveMs)
        return session;
      this.#drop(peer, session);
    }
    const { https, port } = this.#settings;
    const authority = `${https ? 'https' : 'http'}://${this.#host}`;
    const to =
      peer.path === null ? { host: peer.host, port: port || peer.port } : { path: toText(peer.path) };
    const session = this.#http2.connect(authority, {
      ...to,
      ...(https ? { rejectUnauthorized: false, servername: this.#host } : {}),
    });
    session.on('error', () => {}); // of a connection that is kept nobody wants to know
    session.unref();
    this.#kept.set(peer.name, { session, since: Date.now() });
    return session;
  }

  #drop(peer: SharedPeer, session: ClientHttp2Session): void {
    if (this.#kept.get(peer.name)?.session === session) this.#kept.delete(peer.name);
    session.destroy();
  }

  #judge({ status, grpcStatus, body }: Answer): string | null {
    if (status !== 200) return 'checking status code';
    const { status: wanted } = this.#check;
    if (wanted !== 0 && grpcStatus === String(wanted)) return null;
    if (grpcStatus !== '0') return 'checking gRPC status';
    return servingStatus(body) === SERVING ? null : 'checking gRPC serving status';
  }
}

function read(stream: ClientHttp2Stream, done: (answer: Answer) => void): void {
  const answer: Answer = { status: 0, grpcStatus: undefined, body: Buffer.alloc(0) };
  stream.on('response', (headers) => {
    answer.status = headers[':status'] ?? 0;
    answer.grpcStatus = headers['grpc-status']?.toString(); // where there is no body
  });
  stream.on('trailers', (trailers) => {
    answer.grpcStatus = trailers['grpc-status']?.toString();
  });
  stream.on('data', (data: Buffer) => {
    answer.body = Buffer.concat([answer.body, data]);
    if (answer.body.length > MAX_BODY) done(answer);
  });
  stream.on('close', () => done(answer)); // after an error
}

/** HealthCheckRequest { string service = 1; }, behind its length. */
function message(service: string): Buffer {
  const name = Buffer.from(service, 'latin1');
  const field = name.length === 0 ? [] : [Buffer.from([0x0a]), varint(name.length), name];
  const body = Buffer.concat(field);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}

function varint(n: number): Buffer {
  const bytes: number[] = [];
  let rest = n;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

/** HealthCheckResponse { ServingStatus status = 1; }: it has no other field. */
function servingStatus(body: Buffer): number {
  return body.length >= 7 && body[0] === 0 && body[5] === 0x08 ? (body[6] as number) : UNKNOWN;
}
