// For the tests of zones: zones that go away with their test, and processes that work on them.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { SharedDict } from './shared_dict.ts';
import { Zone, type ZoneOptions } from './zone.ts';

export function temporaryDir(): string {
  const dir = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'tsresty-test-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export function temporaryZone(size = 1024 * 1024, options: Partial<ZoneOptions> = {}): Zone {
  const zone = new Zone({ name: 'test', size, dir: join(temporaryDir(), 'zone'), ...options });
  onTestFinished(() => zone.close());
  return zone;
}

export function temporaryDict(size?: number): SharedDict {
  return new SharedDict(temporaryZone(size));
}

/** A process that does one of testing_process.ts's jobs, and writes a byte for each time it has done it. */
export class JobProcess {
  done = 0;
  errors = '';
  readonly exited: Promise<unknown>;
  private readonly child: ChildProcess;

  constructor(job: string, zone: Zone, ...args: (string | number)[]) {
    const file = join(import.meta.dirname, 'testing_process.ts');
    const { path, size } = zone;
    this.child = spawn(process.execPath, [file, job, path, String(size), ...args.map(String)], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.exited = once(this.child, 'close');
    this.child.stdout?.on('data', (bytes: Buffer) => {
      this.done += bytes.length;
    });
    this.child.stderr?.on('data', (bytes: Buffer) => {
      this.errors += bytes.toString();
    });
    onTestFinished(() => {
      this.child.kill('SIGKILL');
    });
  }

  /** Until the job has been done so many times. */
  async untilDone(count: number): Promise<void> {
    while (this.done < count) {
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(`the process exited after ${this.done} of ${count}: ${this.errors}`);
      }
      await Promise.race([once(this.child.stdout as NodeJS.EventEmitter, 'data'), this.exited]);
    }
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }
}
