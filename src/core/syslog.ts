// Sending log lines to a syslog server (RFC 3164), by UDP or to a Unix datagram socket. Node has no such sockets:
// for those the logger(1) of util-linux sends, one process per target, started at the first line.

import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { hostname } from 'node:os';
import { errorText } from './errno.ts';
import { toText } from './text.ts';
import { second } from './times.ts';

export interface SyslogSpec {
  /** As the configuration has it: `127.0.0.1:514`, `unix:/dev/log`. */
  readonly server: string;
  readonly host: string;
  readonly port: number;
  /** A Unix socket; null for UDP. */
  readonly path: string | null;
  readonly facility: number;
  /** Of access_log lines; an error_log line has its own. */
  readonly severity: number;
  readonly tag: string;
  readonly nohostname: boolean;
}

const HOST = hostname().toLowerCase();
/** Lines that wait for the socket to be connected; more than this are dropped. */
const MAX_QUEUED = 1000;

export class Syslog {
  readonly spec: SyslogSpec;
  /** Where to say that sending failed: the error logs beside this one. */
  readonly #fault: (message: string, sender: Syslog) => void;
  #socket: Socket | null = null;
  #connected = false;
  #queued: Buffer[] = [];
  #logger: ChildProcess | null = null;
  #failing = false;

  constructor(spec: SyslogSpec, fault: (message: string, sender: Syslog) => void) {
    this.spec = spec;
    this.#fault = fault;
  }

  /** `text` is a string of bytes without its line feed. */
  send(severity: number, text: string): void {
    if (this.#failing) return; // what is being reported is that this very target fails
    const { facility, path, nohostname, tag } = this.spec;
    const priority = `<${facility * 8 + severity}>`;
    if (path !== null) {
      this.#sendByLogger(path, priority, text);
      return;
    }
    const host = nohostname ? '' : `${HOST} `;
    this.#sendByUdp(Buffer.from(`${priority}${second().syslog} ${host}${tag}: ${text}`, 'latin1'));
  }

  /** Prepares the socket, so that the first lines need not wait for it. */
  open(): void {
    if (this.spec.path === null) this.#connect();
  }

  close(): void {
    this.#socket?.close();
    this.#socket = null;
    this.#logger?.stdin?.end();
    this.#logger = null;
  }

  #sendByUdp(line: Buffer): void {
    const socket = this.#connect();
    if (this.#connected) socket.send(line, (e) => e !== null && this.#failed(socket, e));
    else if (this.#queued.length < MAX_QUEUED) this.#queued.push(line);
  }

  #connect(): Socket {
    if (this.#socket !== null) return this.#socket;
    const { host, port } = this.spec;
    const family = host.includes(':') ? 6 : 4;
    const socket = createSocket({
      type: family === 6 ? 'udp6' : 'udp4',
      // the address is a number: looking it up would only cost turns of the event loop
      lookup: (_host, _options, done) => done(null, host, family),
    });
    this.#socket = socket;
    this.#connected = false;
    socket.unref();
    socket.on('error', (e) => this.#failed(socket, e));
    socket.on('connect', () => {
      this.#connected = true;
      for (const line of this.#queued.splice(0)) this.#sendByUdp(line);
    });
    socket.connect(port, host);
    return socket;
  }

  #failed(socket: Socket, e: Error): void {
    if (this.#socket !== socket) return;
    this.#socket = null;
    socket.close();
    this.#report(`send() failed ${errorText(e)}`);
  }

  #report(message: string): void {
    this.#failing = true;
    this.#fault(`${message} while logging to syslog, server: ${this.spec.server}`, this);
    this.#failing = false;
  }

  #sendByLogger(path: string, priority: string, text: string): void {
    this.#logger ??= this.#startLogger(toText(path));
    const line = text.replaceAll('\n', ' ');
    this.#logger.stdin?.write(Buffer.from(`${priority}${line}\n`, 'latin1'));
  }

  #startLogger(path: string): ChildProcess {
    const form = this.spec.nohostname ? [] : ['--rfc3164'];
    const args = [
      '--udp',
      '--socket',
      path,
      '--prio-prefix',
      '--size',
      '8192',
      '--tag',
      this.spec.tag,
      ...form,
    ];
    const child = spawn('logger', args, { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    const gone = (message: string): void => {
      if (this.#logger !== child) return;
      this.#logger = null;
      this.#report(message);
    };
    child.on('error', (e) => gone(`logger ${errorText(e)}`));
    child.on('exit', (code) => gone(`logger exited with code ${code}`));
    child.stdin?.on('error', () => {}); // said by its exit
    child.unref();
    return child;
  }
}
