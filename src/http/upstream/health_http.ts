// Health checks over HTTP. The requests are node:http's, loaded for the first check: they have nothing to do with any
// client's.

import type { Agent, IncomingMessage } from 'node:http';
import { errorText } from '../../core/errno.ts';
import { toText } from '../../core/text.ts';
import type { CheckContext, HealthCheckSettings, Probe } from './health_check.ts';
import { UpstreamResponse } from './response.ts';
import type { SharedPeer } from './zone_memory.ts';

const MAX_BODY = 256 * 1024;
const ANY_CERTIFICATE = { rejectUnauthorized: false };

export class HttpProbe implements Probe {
  readonly #settings: HealthCheckSettings;
  readonly #host: string;
  readonly #context: CheckContext;
  readonly #http: typeof import('node:http') | typeof import('node:https');
  readonly #agent: Agent;

  constructor(settings: HealthCheckSettings, host: string, context: CheckContext) {
    this.#settings = settings;
    this.#host = host;
    this.#context = context;
    const keepAlive = settings.keepaliveMs > 0;
    const timeout = keepAlive ? { timeout: settings.keepaliveMs } : {};
    this.#http = process.getBuiltinModule(settings.https ? 'node:https' : 'node:http');
    this.#agent = new this.#http.Agent({ keepAlive, ...timeout, ...(settings.https ? ANY_CERTIFICATE : {}) });
  }

  close(): void {
    this.#agent.destroy();
  }

  ask(peer: SharedPeer, done: (failure: string | null) => void): void {
    const { uri, port, https, intervalMs } = this.#settings;
    const address =
      peer.path === null ? { host: peer.host, port: port || peer.port } : { socketPath: toText(peer.path) };
    const request = this.#http.request({
      ...address,
      path: uri,
      agent: this.#agent,
      headers: { Host: this.#host },
      ...(https ? { servername: this.#host } : {}),
    });
    let over = false;
    const end = (failure: string | null): void => {
      if (over) return;
      over = true;
      request.destroy();
      done(failure);
    };
    // A check that is still under way when the next is due has failed.
    request.setTimeout(intervalMs, () => end('waiting for the response'));
    request.on('socket', (socket) => socket.unref());
    request.on('error', (e) => end(`connecting to upstream ${errorText(e)}`.trim()));
    request.on('response', (response) => this.#read(response, end));
    request.end();
  }

  #read(response: IncomingMessage, done: (failure: string | null) => void): void {
    let body = '';
    const end = (): void => done(this.#judge(response, body));
    response.setEncoding('latin1');
    response.on('data', (text: string) => {
      body += text;
      if (body.length > MAX_BODY) end();
    });
    response.on('end', end);
    response.on('error', (e) => done(`reading the response ${errorText(e)}`.trim()));
  }

  #judge({ statusCode = 0, rawHeaders }: IncomingMessage, body: string): string | null {
    const failure = this.#settings.match.failure(statusCode, rawHeaders, body, () => {
      const response = new UpstreamResponse();
      response.status = statusCode;
      response.headers.push(...rawHeaders);
      return this.#context.requestWith(response);
    });
    return failure === null ? null : `checking ${failure}`;
  }
}
