// What a running master can be asked that no signal can say: over a socket beside its pid file, which only its own user (and
// root) can open. One line of JSON each way.

import { readdirSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { toText } from '../core/text.ts';
import { messageOf } from '../core/thrown.ts';
import type { IsolateProfile } from '../script/host/profile.ts';
import { exists } from '../zone/processes.ts';
import { Fault } from './fault.ts';

export interface ProfileRequest {
  readonly type: 'profile';
  readonly milliseconds: number;
  /** null: all. */
  readonly worker: number | null;
}

export interface WorkerProfile {
  readonly worker: number;
  readonly pid: number;
  readonly isolates: readonly IsolateProfile[];
}

export type ControlAnswer = { readonly workers: readonly WorkerProfile[] } | { readonly fault: string };

const NAME = /^tsresty\.(\d+)\.sock$/;
const MAX_REQUEST = 10_000;

/** The pid is part of the name: while a new binary runs beside the old one, each has its own. */
function socketPath(pidFile: string, pid: number): string {
  return join(dirname(pidFile), `tsresty.${pid}.sock`);
}

export class ControlSocket {
  readonly #answer: (request: ProfileRequest) => Promise<ControlAnswer>;
  readonly #warn: (message: string) => void;
  #server: Server | null = null;

  constructor(answer: (request: ProfileRequest) => Promise<ControlAnswer>, warn: (message: string) => void) {
    this.#answer = answer;
    this.#warn = warn;
  }

  open(pidFile: string): void {
    this.close();
    const path = toText(socketPath(pidFile, process.pid));
    removeStale(dirname(path));
    const server = createServer((socket) => this.#serve(socket));
    server.on('error', (error) => this.#warn(`no control socket: ${error.message}`));
    const umask = process.umask(0o177);
    server.listen(path); // binds at once
    process.umask(umask);
    server.unref();
    this.#server = server;
  }

  /** Removes the socket. */
  close(): void {
    this.#server?.close();
    this.#server = null;
  }

  #serve(socket: Socket): void {
    let line = '';
    let asked = false;
    socket.on('error', () => socket.destroy());
    socket.setEncoding('utf8').on('data', (text: string) => {
      line += text;
      if (asked || (!line.includes('\n') && line.length < MAX_REQUEST)) return;
      asked = true;
      void this.#reply(line).then((answer) => socket.end(`${JSON.stringify(answer)}\n`));
    });
  }

  async #reply(line: string): Promise<ControlAnswer> {
    try {
      const request = JSON.parse(line) as ProfileRequest;
      if (request.type !== 'profile' || !(request.milliseconds > 0)) return { fault: 'unknown request' };
      return await this.#answer(request);
    } catch (error) {
      return { fault: messageOf(error) };
    }
  }
}

/** Of masters that were killed. */
function removeStale(directory: string): void {
  for (const name of namesIn(directory)) {
    const pid = Number(NAME.exec(name)?.[1] ?? process.pid);
    if (pid !== process.pid && !exists(pid)) unlinkSync(join(directory, name));
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // it may be one that only root can list
  }
}

/** In the command: asks the master with that pid. Throws Fault. */
export function askMaster(pidFile: string, pid: number, request: ProfileRequest): Promise<ControlAnswer> {
  const path = toText(socketPath(pidFile, pid));
  return new Promise((done, fail) => {
    const socket = connect(path);
    let text = '';
    socket.on('connect', () => socket.write(`${JSON.stringify(request)}\n`));
    socket.on('error', (error) => fail(new Fault(`connect() to "${path}" failed: ${error.message}`)));
    socket.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    socket.on('close', () => {
      if (text.endsWith('\n')) done(JSON.parse(text) as ControlAnswer);
      else fail(new Fault(`"${path}" was closed without an answer`));
    });
  });
}
