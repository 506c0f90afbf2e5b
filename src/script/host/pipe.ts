// ngx.pipe in the worker: one process of a script, from its start to its end. It gets three streams and nothing else of
// the worker's, and does not outlive whoever started it: what is still running then is killed. What it writes waits in
// the system until somebody reads.
//
//   running ── exits ──→ dead (how is kept) ── waited for ──→ over: its streams are closed
//      └────────── request, isolate or worker ends: killed ────↑

import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { constants as system } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { errnoOf, strerror } from '../../core/errno.ts';
import { Timer } from '../../core/timers.ts';
import { hideInherited } from './descriptors.ts';
import { Inlet, InletTimer, type Source } from './inlet.ts';
import type { Reader } from './intake.ts';
import type { HostSocket, SocketHome } from './socket_home.ts';
import { SocketFailure } from './socket_settings.ts';

/** What the guest says of a process to be started. */
export interface SpawnRequest {
  /** The program, as the script names it, and its arguments. */
  readonly args: readonly string[];
  readonly mergeStderr: boolean;
  readonly bufferSize: number;
  /** "name=value"; null: the worker's own. */
  readonly environ: readonly string[] | null;
}

/** What a timeout of 0 comes to. */
const NEVER_MS = 2 ** 30;
/**
 * Node has no two streams that are one: where stderr goes the way of stdout, this does it, and makes room for the program.
 * What the script says comes as parameters, which the shell only hands on.
 */
const MERGING = ['/bin/sh', '-c', 'exec "$0" "$@" 2>&1'] as const;

export class PipeProcess implements HostSocket {
  readonly id: number;
  readonly slot: number;
  next: HostSocket | null = null;
  readonly pid: number;
  readonly bufferSize: number;
  readonly #home: SocketHome;
  readonly #child: ChildProcess;
  readonly #stdin: Input;
  readonly #stdout: Output;
  /** null where it goes the way of stdout. */
  readonly #stderr: Output | null;
  /** "exit 0", "signal 9"; empty while it runs. */
  #end = '';
  #over = false;
  #waiting = 0;
  #waitTimeout = NEVER_MS;
  readonly #waitTimer: Timer<PipeProcess>;

  /** `file`: that of the program, which may be started. */
  constructor(home: SocketHome, id: number, slot: number, file: string, request: SpawnRequest) {
    this.#home = home;
    this.id = id;
    this.slot = slot;
    this.bufferSize = request.bufferSize;
    this.#child = start(file, request);
    const { pid, stdin, stdout, stderr } = this.#child;
    if (pid === undefined || stdin === null || stdout === null || stderr === null) {
      throw new SocketFailure('fork failed');
    }
    this.pid = pid;
    this.#stdin = new Input(home, slot, stdin);
    this.#stdout = new Output(home, stdout);
    this.#stderr = request.mergeStderr ? null : new Output(home, stderr);
    this.#waitTimer = new Timer<PipeProcess>(PipeProcess.#waitExpired, this);
    this.#child.once('exit', (code, signal) => {
      this.#exited(signal === null ? `exit ${code ?? 0}` : `signal ${system.signals[signal]}`);
    });
  }

  setTimeouts(write: number, stdout: number, stderr: number, wait: number): void {
    this.#stdin.timeoutMs = patience(write);
    this.#stdout.inlet.timeoutMs = patience(stdout);
    if (this.#stderr !== null) this.#stderr.inlet.timeoutMs = patience(stderr);
    this.#waitTimeout = patience(wait);
  }

  read(operation: number, fromStderr: boolean, reader: Reader): string {
    if (this.#over) throw new SocketFailure('closed');
    const output = fromStderr ? this.#stderr : this.#stdout;
    if (output === null) throw new SocketFailure('merged to stdout');
    return output.read(operation, this.slot, reader);
  }

  /** Bytes written; undefined: some of them still wait. */
  write(operation: number, data: string, utf8: boolean): number | undefined {
    if (this.#over) throw new SocketFailure('closed');
    return this.#stdin.write(operation, Buffer.from(data, utf8 ? 'utf8' : 'latin1'));
  }

  shutdown(direction: string): void {
    if (this.#over) throw new SocketFailure('closed');
    const why = this.#end === '' ? 'aborted' : 'closed';
    if (direction === 'stdin') this.#stdin.close(why);
    else if (direction === 'stdout') this.#stdout.abort(why);
    else if (this.#stderr === null) throw new SocketFailure('merged to stdout');
    else this.#stderr.abort(why);
  }

  /** How it ended; undefined: it has not. */
  wait(operation: number): string | undefined {
    if (this.#over) throw new SocketFailure('exited');
    if (this.#waiting !== 0) throw new SocketFailure('pipe busy waiting');
    if (this.#end !== '') {
      this.#finalize();
      return this.#end;
    }
    this.#waiting = operation;
    this.#home.begin(operation, this.slot, () => this.#waitOver());
    this.#waitTimer.set(this.#waitTimeout);
    return undefined;
  }

  kill(signal: number): void {
    if (this.#end !== '') throw new SocketFailure('exited');
    try {
      process.kill(this.pid, signal); // until the event "exit" nobody else can have got its number
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EINVAL') throw new SocketFailure('invalid signal');
      throw new SocketFailure(code === 'ESRCH' ? 'exited' : strerror(errnoOf(error)));
    }
  }

  dispose(): void {
    this.#waitOver();
    this.#stdout.abort('closed');
    this.#stderr?.abort('closed');
    this.#finalize();
    if (this.#end !== '') return;
    this.#child.kill('SIGKILL');
    this.#child.unref();
  }

  #exited(how: string): void {
    this.#end = how;
    const operation = this.#waiting;
    if (operation === 0) return;
    this.#waitOver();
    this.#finalize();
    this.#home.finish(operation, true, how, '');
  }

  #waitOver(): void {
    this.#waiting = 0;
    this.#waitTimer.clear();
  }

  #finalize(): void {
    this.#over = true;
    this.#stdin.close('closed');
    const read = this.#stdout.close();
    if ((this.#stderr?.close() ?? true) && read) this.#home.forget(this);
  }

  static #waitExpired(proc: PipeProcess): void {
    const operation = proc.#waiting;
    if (operation === 0) return;
    proc.#waitOver();
    proc.#home.finish(operation, false, 'timeout', '');
  }
}

function patience(ms: number): number {
  return ms === 0 ? NEVER_MS : Math.min(ms, NEVER_MS);
}

/** Throws what the system says: in Lua that is known to the process alone, which then exits with 1. */
function start(file: string, { args, mergeStderr, environ }: SpawnRequest): ChildProcess {
  for (const text of [...args, ...(environ ?? [])]) {
    if (text.includes('\0')) throw new SocketFailure('string without zero bytes expected');
  }
  const rest = args.slice(1);
  try {
    accessSync(file, constants.X_OK);
    if (statSync(file).isDirectory()) throw new SocketFailure(strerror(system.errno.EACCES));
    const options: SpawnOptions = { stdio: ['pipe', 'pipe', 'pipe', ...hideInherited()] };
    if (environ !== null) options.env = environmentOf(environ);
    if (!mergeStderr) return started(spawn(file, rest, { ...options, argv0: args[0] ?? file }));
    const [shell, ...script] = MERGING;
    return started(spawn(shell, [...script, file, ...rest], options));
  } catch (error) {
    if (error instanceof SocketFailure) throw error;
    throw new SocketFailure(strerror(errnoOf(error)));
  }
}

/** What still goes wrong is told by an event, when nobody has this process any more. */
function started(child: ChildProcess): ChildProcess {
  child.on('error', () => {});
  return child;
}

function environmentOf(environ: readonly string[]): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const text of environ) {
    const equals = text.indexOf('=', 1);
    env[text.slice(0, equals)] = text.slice(equals + 1);
  }
  return env;
}

/** What the process writes to one of its outputs. */
class Output implements Source {
  readonly inlet: Inlet;
  readonly #stream: Readable;
  readonly #timer: InletTimer;
  #closed = false;

  constructor(home: SocketHome, stream: Readable) {
    this.#stream = stream;
    this.inlet = new Inlet(home, this);
    this.#timer = new InletTimer(this.inlet);
    this.inlet.reset();
    stream.on('data', (data: Buffer) => this.inlet.push(data));
    stream.on('end', () => this.inlet.end());
    stream.on('close', () => this.inlet.end());
    stream.on('error', (error) => this.inlet.fail(strerror(errnoOf(error))));
    stream.pause(); // nothing is read before somebody asks
  }

  read(operation: number, slot: number, reader: Reader): string {
    if (this.#closed) throw new SocketFailure('closed');
    if (this.inlet.busy) throw new SocketFailure('pipe busy reading');
    return this.inlet.receive(operation, slot, reader);
  }

  more(): void {
    this.#stream.resume();
  }

  full(): void {
    this.#stream.pause();
  }

  // Lua's log says nothing of either.
  readTimedOut(): void {}
  readFailed(): void {}

  wake(ms: number): void {
    this.#timer.wake(ms);
  }

  abort(why: string): void {
    this.inlet.fail(why);
    this.close();
  }

  /** False: a read that waits has what there is to come. */
  close(): boolean {
    this.#closed = true;
    if (this.inlet.busy) return false;
    this.#stream.destroy();
    return true;
  }
}

/** What the process reads. */
class Input {
  timeoutMs = NEVER_MS;
  readonly #home: SocketHome;
  readonly #slot: number;
  readonly #stream: Writable;
  #operation = 0;
  #size = 0;
  /** It waits for what is left of one that took too long. */
  #next: Buffer | null = null;
  readonly #timer: Timer<Input>;

  constructor(home: SocketHome, slot: number, stream: Writable) {
    this.#home = home;
    this.#slot = slot;
    this.#stream = stream;
    this.#timer = new Timer<Input>(Input.#expired, this);
    stream.on('error', () => this.#finish('closed')); // it has closed its end
  }

  write(operation: number, data: Buffer): number | undefined {
    const stream = this.#stream;
    if (stream.destroyed) throw new SocketFailure('closed');
    if (this.#operation !== 0) throw new SocketFailure('pipe busy writing');
    if (data.length === 0) return 0;
    if (stream.writableLength > 0) {
      this.#next = data;
    } else {
      this.#send(operation, data);
      if (stream.errored !== null) throw new SocketFailure('closed');
      if (stream.writableLength === 0) return data.length;
    }
    this.#operation = operation;
    this.#size = data.length;
    this.#home.begin(operation, this.#slot, () => this.#stop());
    this.#timer.set(this.timeoutMs);
    return undefined;
  }

  close(why: string): void {
    this.#stream.destroy();
    this.#finish(why);
  }

  #send(operation: number, data: Buffer): void {
    this.#stream.write(data, (error) => {
      if (error !== null && error !== undefined) return; // the stream's event says it
      const next = this.#next;
      this.#next = null;
      if (next !== null) this.#send(this.#operation, next);
      else if (this.#operation === operation) this.#finish('');
    });
  }

  #stop(): void {
    this.#operation = 0;
    this.#next = null;
    this.#timer.clear();
  }

  #finish(failure: string): void {
    const operation = this.#operation;
    if (operation === 0) return;
    this.#stop();
    this.#home.finish(operation, failure === '', failure || String(this.#size), '');
  }

  static #expired(input: Input): void {
    input.#finish('timeout');
  }
}
