// Runs the binary under test in a prefix of its own under the temporary directory, and moves it from one
// configuration to the next: by reload where the configuration allows, else by a new start.
// A control listener in each generated configuration answers with its generation and the worker's pid, so
// that "the new configuration is effective" is a fact that is asked for and not a pause.

import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { claimPorts, type PortClaim } from '../core/free_ports.ts';
import { exchange } from './client.ts';
import { renderConf, type ServerConf } from './conf_file.ts';
import type { Places } from './values.ts';

export interface UserFile {
  readonly name: string;
  readonly text: string;
  readonly modified: Date | undefined;
}

interface ServerOptions {
  readonly binary: string;
  /** 0: no master, unless the configuration is to have one. */
  readonly workers: number;
  /** Start anew for each configuration, never reload. */
  readonly restart: boolean;
}

/** The server did not come up, or did not take the configuration: what it said is in the message. */
export class ServerError extends Error {
  override readonly name = 'ServerError';
}

const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 30_000;
/** Workers of a configuration that was are not waited for any longer. */
const RETIRE_TIMEOUT_MS = 5_000;
/** A poll comes after a tenth of the time waited so far: what is quick is seen at once, what is slow not slowed down. */
const SHORTEST_POLL_MS = 1;
const LONGEST_POLL_MS = 25;

/** State of these outlives a reload, and would reach the next block that uses the same name. */
const SHARED_STATE = /\b(?:ts_shared_dict|zone|keys_zone|limit_\w+_zone|proxy_cache_path)\b/;

const RAND_PORTS = 12;
/** Written into the prefix for the watchdog. */
const PID_FILE = 'spec.pid';

export class SpecServer implements Places {
  readonly root: string;
  readonly port: number;
  readonly #options: ServerOptions;
  readonly #claim: PortClaim;
  readonly #controlPort: number;
  readonly #watchdog: ChildProcess;
  #child: ChildProcess | undefined;
  #output = '';
  #generation = 0;
  #loaded: ServerConf | undefined;
  /** Workers that answered, or that the error log names, since the last start. */
  #workerPids = new Set<number>();
  /** Workers of earlier configurations. */
  readonly #retired = new Set<number>();
  #logRead = 0;

  static async create(options: ServerOptions): Promise<SpecServer> {
    return new SpecServer(options, await claimPorts(RAND_PORTS + 2));
  }

  private constructor(options: ServerOptions, claim: PortClaim) {
    this.#options = options;
    this.#claim = claim;
    this.port = claim.first;
    this.#controlPort = claim.first + 1;
    this.root = mkdtempSync(join(tmpdir(), 'tsresty-spec-'));
    chmodSync(this.root, 0o755); // workers of a master that runs as root are someone else
    for (const name of ['conf', 'html', 'logs']) mkdirSync(join(this.root, name));
    chmodSync(join(this.root, 'logs'), 0o777);
    this.#watchdog = startWatchdog(this.root);
  }

  randPort(n: number): number {
    if (n >= RAND_PORTS) throw new ServerError(`only ${RAND_PORTS} ports are kept for a server, not ${n}`);
    return this.port + 2 + n;
  }

  get alive(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What the process wrote to stdout and stderr. */
  get output(): string {
    return this.#output;
  }

  /** Replaces the files of the html directory. */
  writeFiles(files: readonly UserFile[]): void {
    const html = join(this.root, 'html');
    rmSync(html, { recursive: true, force: true });
    mkdirSync(html);
    const index = '<html><head><title>It works!</title></head><body>It works!</body></html>';
    writeFileSync(join(html, 'index.html'), index);
    for (const { name, text, modified } of files) {
      const inHtml = name.startsWith('/') ? name : join(html, name);
      mkdirSync(Buffer.from(dirname(inHtml), 'latin1'), { recursive: true });
      const path = Buffer.from(inHtml, 'latin1'); // a name is bytes too
      writeFileSync(path, text, 'latin1');
      if (modified !== undefined) utimesSync(path, modified, modified);
    }
  }

  /** Makes `conf` the effective configuration. Nothing happens where it already is. */
  async load(conf: ServerConf): Promise<void> {
    if (this.alive && this.#loaded !== undefined && sameConf(this.#loaded, conf)) return;
    const previous = this.#loaded;
    this.#clearLogs();
    if (!this.alive || previous === undefined || this.#needsStart(previous, conf)) {
      await this.stop();
      this.#writeConf(conf);
      this.#spawn();
      await this.#reached(this.#generation, this.size('error.log'));
    } else {
      const old = this.#knownWorkers();
      const logFrom = this.size('error.log');
      this.#writeConf(conf);
      this.signal('SIGHUP');
      await this.#reached(this.#generation, logFrom);
      await this.#retire(old);
    }
    this.#loaded = conf;
  }

  /** Reloads with a configuration that must be refused; the one before stays effective. */
  async loadRefused(conf: ServerConf): Promise<void> {
    if (!this.alive) throw new ServerError('reload_fails needs a block before it whose server runs');
    const logFrom = this.size('error.log');
    const generation = this.#generation;
    this.#writeConf(conf);
    this.signal('SIGHUP');
    const refused = await until(START_TIMEOUT_MS, () => this.read('error.log', logFrom).includes('[emerg]'));
    if (!refused) throw new ServerError('the configuration should have been refused, nothing was logged');
    this.#generation = generation;
  }

  /** Runs the binary with a configuration that it must not accept; gives its exit code. */
  async expectDeath(conf: ServerConf): Promise<number | string> {
    await this.stop();
    this.#clearLogs();
    rmSync(join(this.root, 'logs/error.log'), { force: true });
    this.#writeConf(conf);
    const child = this.#spawn();
    const runs = async (): Promise<boolean> => (await this.#probe())?.generation === this.#generation;
    await until(START_TIMEOUT_MS, async () => !this.alive || (await runs()));
    if (this.alive) {
      await this.stop();
      throw new ServerError('the server must die, but it runs');
    }
    return child.exitCode ?? child.signalCode ?? 'unknown';
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  /** Ends the server, with its workers. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const workers = this.#knownWorkers();
    child.kill(signal);
    await until(STOP_TIMEOUT_MS, () => !this.alive);
    if (this.alive) child.kill('SIGKILL');
    await until(STOP_TIMEOUT_MS, () => !this.alive);
    for (const pid of workers) {
      killNow(pid);
      this.#retired.add(pid);
    }
    this.#workerPids = new Set();
    rmSync(join(this.root, PID_FILE), { force: true });
    this.#child = undefined;
    this.#loaded = undefined;
  }

  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.root, { recursive: true, force: true });
    this.#watchdog.stdin?.end();
    this.#claim.release();
  }

  size(log: string): number {
    const path = join(this.root, 'logs', log);
    return existsSync(path) ? statSync(path).size : 0;
  }

  read(log: string, from: number): string {
    const path = join(this.root, 'logs', log);
    if (!existsSync(path)) return '';
    return readFileSync(path).subarray(from).toString('latin1');
  }

  /** The error log without what workers of earlier configurations wrote while they went. */
  readErrors(from: number): string {
    const own = (line: string): boolean => {
      const pid = /^\S+ \S+ \[\w+\] (\d+)#/.exec(line)?.[1];
      const gone = /worker process (\d+) exited on signal 9/.exec(line)?.[1];
      return !this.#retired.has(Number(pid)) && !this.#retired.has(Number(gone));
    };
    return this.read('error.log', from).split('\n').filter(own).join('\n');
  }

  #needsStart(previous: ServerConf, next: ServerConf): boolean {
    if (this.#options.restart || previous.master !== next.master) return true;
    return [previous, next].some(
      (conf) => conf.main !== '' || conf.postMain !== '' || SHARED_STATE.test(conf.http),
    );
  }

  #spawn(): ChildProcess {
    const { binary } = this.#options;
    if (!existsSync(binary)) throw new ServerError(`${binary} does not exist: is it built?`);
    this.#output = '';
    this.#logRead = this.size('error.log');
    const child = spawn(binary, ['-p', `${this.root}/`, '-c', 'conf/nginx.conf'], {
      cwd: this.root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const collect = (chunk: Buffer): void => {
      this.#output += chunk.toString('latin1');
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => {
      this.#output += String(error);
    });
    this.#child = child;
    writeFileSync(join(this.root, PID_FILE), String(child.pid ?? ''));
    return child;
  }

  #writeConf(conf: ServerConf): void {
    this.#generation++;
    const text = renderConf(conf, {
      port: this.port,
      controlPort: this.#controlPort,
      workers: conf.master ? Math.max(1, this.#options.workers) : this.#options.workers,
      generation: this.#generation,
    });
    writeFileSync(join(this.root, 'conf/nginx.conf'), text, 'latin1');
  }

  /** Log files of earlier configurations; those that the runner itself reads go on growing. */
  #clearLogs(): void {
    for (const entry of readdirSync(join(this.root, 'logs'), { withFileTypes: true })) {
      if (['error.log', 'access.log', 'nginx.pid'].includes(entry.name) || entry.isSocket()) continue;
      rmSync(join(this.root, 'logs', entry.name), { recursive: true, force: true });
    }
  }

  /** Waits until each worker that accepts connections has the given generation. */
  async #reached(generation: number, logFrom: number): Promise<void> {
    const pids = new Set<number>();
    let refused = false;
    const reached = await until(START_TIMEOUT_MS, async () => {
      if (!this.alive) return true;
      const answer = await this.#probe();
      if (answer?.generation === generation) {
        pids.add(answer.pid);
        return true;
      }
      refused = this.read('error.log', logFrom).includes('[emerg]');
      return refused;
    });
    if (reached && !refused && this.alive) {
      this.#workerPids = pids;
      return;
    }
    const why = refused ? 'refused' : reached ? 'not started' : 'not effective in time';
    const log = this.read('error.log', logFrom);
    throw new ServerError(`the configuration was ${why}\n${this.#output}${log}`.trimEnd());
  }

  async #probe(): Promise<{ generation: number; pid: number } | undefined> {
    const { bytes } = await exchange({
      host: '127.0.0.1',
      port: this.#controlPort,
      writes: [{ bytes: 'GET / HTTP/1.0\r\n\r\n', delayMs: 0 }],
      timeoutMs: 2000,
      shutdown: false,
    });
    const match = /generation=(\d+) pid=(\d+)/.exec(bytes);
    return match === null ? undefined : { generation: Number(match[1]), pid: Number(match[2]) };
  }

  /** Workers that answered a probe, and those the log says were started. */
  #knownWorkers(): Set<number> {
    const log = this.read('error.log', this.#logRead);
    this.#logRead += log.length;
    for (const match of log.matchAll(/start worker process (\d+)/g)) this.#workerPids.add(Number(match[1]));
    this.#workerPids.delete(this.#child?.pid ?? 0); // it serves itself
    return this.#workerPids;
  }

  /** After a reload: old workers close their listening sockets and go. What is left then is current. */
  async #retire(old: ReadonlySet<number>): Promise<void> {
    const fresh = [...this.#workerPids].filter((pid) => !old.has(pid));
    for (const pid of old) this.#retired.add(pid);
    await until(RETIRE_TIMEOUT_MS, () => ![...old].some(isAlive));
    for (const pid of old) killNow(pid); // one that still serves somebody: nobody of ours is waiting
    this.#workerPids = new Set(fresh);
    for (const pid of this.#knownWorkers()) if (!isAlive(pid)) this.#workerPids.delete(pid);
  }
}

function sameConf(a: ServerConf, b: ServerConf): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Polls a condition that has no event of its own. */
export async function until(
  timeoutMs: number,
  condition: () => boolean | Promise<boolean>,
): Promise<boolean> {
  const start = performance.now();
  for (;;) {
    if (await condition()) return true;
    const waited = performance.now() - start;
    if (waited > timeoutMs) return false;
    const pause = Math.min(LONGEST_POLL_MS, Math.max(SHORTEST_POLL_MS, waited / 10));
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // ESRCH is the answer
  }
}

function killNow(pid: number): void {
  if (isAlive(pid)) process.kill(pid, 'SIGKILL');
}

/**
 * Ends the server and removes its prefix when this process is gone, whatever ended it: the pipe that keeps
 * the shell waiting closes then. It has a session of its own, out of reach of a terminal's Ctrl-C.
 */
function startWatchdog(root: string): ChildProcess {
  const script = `cat
p=$(cat "$0/${PID_FILE}" 2>/dev/null)
if [ -n "$p" ] && kill "$p" 2>/dev/null; then
  i=0
  while kill -0 "$p" 2>/dev/null && [ $i -lt 50 ]; do sleep 0.1; i=$((i+1)); done
  kill -9 "$p" 2>/dev/null
fi
rm -rf "$0"`;
  const child = spawn('sh', ['-c', script, root], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  child.unref();
  const { stdin } = child;
  if (stdin instanceof Socket) stdin.unref();
  return child;
}
