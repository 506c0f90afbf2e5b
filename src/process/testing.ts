// For the tests of processes: the real command in a prefix of its own, its processes, its log, and clients.

import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { claimPorts } from '../core/free_ports.ts';
import { MasterZones } from '../zone/zones.ts';

const BINARY = process.env.TSRESTY_BINARY ?? resolve(import.meta.dirname, '../../bin/tsresty');
/** Only what fails takes so long. */
const TIMEOUT_MS = 45_000;
const POLL_MS = 5;

export async function until(what: string, test: () => boolean | Promise<boolean>): Promise<void> {
  const patience = Date.now() + TIMEOUT_MS;
  while (!(await test())) {
    if (Date.now() > patience) throw new Error(`waited in vain: ${what}`);
    await sleep(POLL_MS);
  }
}

/** It is this process's as long as it runs. */
export async function freePort(): Promise<number> {
  return (await claimPorts(1)).first;
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command to its end. */
export async function runBinary(...args: readonly string[]): Promise<Finished> {
  const child = spawn(BINARY, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const out = { stdout: '', stderr: '' };
  child.stdout.on('data', (data: Buffer) => {
    out.stdout += data.toString('latin1');
  });
  child.stderr.on('data', (data: Buffer) => {
    out.stderr += data.toString('latin1');
  });
  const code = await new Promise<number | null>((done) => child.on('close', done));
  return { code, ...out };
}

export class TestPrefix {
  readonly root: string;
  /** Of all that was spawned. */
  stderr = '';
  readonly #children: ChildProcess[] = [];

  constructor(name = 'tsresty-process-') {
    this.root = mkdtempSync(join(tmpdir(), name));
    chmodSync(this.root, 0o755); // the workers of a master that runs as root are someone else
    mkdirSync(join(this.root, 'conf'));
    mkdirSync(join(this.root, 'logs'), { mode: 0o777 });
    chmodSync(join(this.root, 'logs'), 0o777);
  }

  path(name: string): string {
    return join(this.root, name);
  }

  write(name: string, text: string): void {
    writeFileSync(this.path(name), text, 'latin1');
  }

  writeConf(text: string): void {
    this.write('conf/nginx.conf', text);
  }

  read(name: string): string {
    try {
      return readFileSync(this.path(name), 'latin1');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''; // not there, or no more
      throw error;
    }
  }

  get log(): string {
    return this.read('logs/error.log');
  }

  /** 0 where there is no pid file. */
  pid(name = 'logs/nginx.pid'): number {
    return Number(this.read(name));
  }

  /** Starts the command in the foreground and waits for the pid file. */
  async start(...args: readonly string[]): Promise<ChildProcess> {
    const child = this.spawn(...args);
    await until('pid file', () => this.pid() !== 0 || child.exitCode !== null);
    if (child.exitCode !== null) throw new Error(`did not start: ${this.log}`);
    return child;
  }

  spawn(...args: readonly string[]): ChildProcess {
    const child = spawn(BINARY, ['-p', this.root, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.on('data', (data: Buffer) => {
      this.stderr += data.toString('latin1');
    });
    this.#children.push(child);
    return child;
  }

  async run(...args: readonly string[]): Promise<Finished> {
    return await runBinary('-p', this.root, ...args);
  }

  signal(name: NodeJS.Signals): void {
    const pid = this.pid();
    if (pid === 0) throw new Error(`nobody to signal: ${this.log}`); // 0 would be the tests' own process group
    process.kill(pid, name);
  }

  async logged(text: string | RegExp, times = 1): Promise<void> {
    await until(`${times} times ${text} in ${this.root}`, () => this.count(text) >= times);
  }

  count(text: string | RegExp): number {
    if (typeof text === 'string') return this.log.split(text).length - 1;
    return [...this.log.matchAll(new RegExp(text, 'g'))].length;
  }

  /** Every process of ours that was logged as started and still runs. */
  get workers(): number[] {
    const pids = [...this.log.matchAll(/start worker process (\d+)/g)].map((match) => Number(match[1]));
    return pids.filter(isAlive);
  }

  get agents(): number[] {
    const pids = [...this.log.matchAll(/start privileged agent process (\d+)/g)].map((match) =>
      Number(match[1]),
    );
    return pids.filter(isAlive);
  }

  /** Ends what is left, whatever a test has left behind, and removes the prefix. */
  async clean(): Promise<void> {
    const masters = [
      this.pid(),
      this.pid('logs/nginx.pid.oldbin'),
      ...this.#children.map(({ pid }) => pid ?? 0),
    ];
    const all = [...masters.filter((pid) => pid !== 0 && isAlive(pid)), ...this.workers, ...this.agents];
    for (const pid of all) kill(pid, 'SIGKILL');
    const gone = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;
    await until('end of all', () => !all.some(isAlive) && this.#children.every(gone));
    new MasterZones({ prefix: this.root }).prepare([]); // removes the memory of those that were killed
    rmSync(this.root, { recursive: true, force: true });
  }
}

export function isAlive(pid: number): boolean {
  if (!kill(pid, 0)) return false;
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return process.platform !== 'linux';
  }
}

export function residentKb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
}

export function kill(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false; // it has gone
  }
}

export interface Answer {
  readonly body: string;
  readonly close: boolean;
}

/** A connection that speaks just enough HTTP to see every answer, and every way in which there is none. */
export class Client {
  readonly socket: Socket;
  #received = '';
  #waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | null = null;
  #error: Error | null = null;

  constructor(target: number | string) {
    this.socket = typeof target === 'string' ? connect(target) : connect(target, '127.0.0.1');
    this.socket.on('data', (data: Buffer) => {
      this.#received += data.toString('latin1');
      this.#settle();
    });
    this.socket.on('error', (error) => this.#fail(error));
    this.socket.on('close', () => this.#fail(new Error(`closed after "${this.#received}"`)));
  }

  async connected(): Promise<void> {
    if (this.socket.connecting) await new Promise((done) => this.socket.once('connect', done));
  }

  send(text: string): void {
    this.socket.write(text);
  }

  /** The next answer; its length must be given by Content-Length. */
  async answer(): Promise<Answer> {
    return await new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#settle();
      if (this.#error !== null && this.#waiting !== null) reject(this.#error);
    });
  }

  async get(path = '/'): Promise<Answer> {
    this.send(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    return await this.answer();
  }

  close(): void {
    this.socket.destroy();
  }

  #settle(): void {
    const head = this.#received.indexOf('\r\n\r\n');
    if (head === -1 || this.#waiting === null) return;
    const headers = this.#received.slice(0, head);
    const length = Number(/^content-length: (\d+)/im.exec(headers)?.[1] ?? 0);
    if (this.#received.length < head + 4 + length) return;
    const body = this.#received.slice(head + 4, head + 4 + length);
    this.#received = this.#received.slice(head + 4 + length);
    const { resolve } = this.#waiting;
    this.#waiting = null;
    resolve({ body, close: /^connection: close/im.test(headers) });
  }

  #fail(error: Error): void {
    this.#error ??= error;
    this.#waiting?.reject(this.#error);
    this.#waiting = null;
  }
}

/** A connection to each of two workers, by its number, where /pid answers with $pid. */
export async function clientOfEach(port: number): Promise<Map<number, Client>> {
  const found = new Map<number, Client>();
  await until('a connection to each worker', async () => {
    const client = new Client(port);
    const { body } = await client.get('/pid');
    if (found.has(Number(body))) client.close();
    else found.set(Number(body), client);
    return found.size === 2;
  });
  return found;
}

/** One request on a connection of its own. */
export async function get(target: number | string, path = '/'): Promise<string> {
  const client = new Client(target);
  try {
    client.send(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    return (await client.answer()).body;
  } finally {
    client.close();
  }
}
