// Runs one file of the suite in a directory, a session and, when started as root, under a user of its own.

import { type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { killLeftovers } from './processes.ts';
import { parseTap, type Tap } from './tap.ts';

export interface Setup {
  readonly binary: string;
  // A copy of the suite that the user can read.
  readonly suite: string;
  // Where each file gets its TMPDIR; short, since Unix socket paths end at 108 bytes.
  readonly base: string;
  readonly user: User | undefined;
  readonly limitMs: number;
}

export interface User {
  readonly uid: number;
  readonly gid: number;
}

export interface FileRun {
  readonly name: string;
  readonly tap: Tap;
  readonly ms: number;
  readonly hang: boolean;
  readonly exitCode: number | null;
  readonly output: string;
  // The first emerg line of an error log or of stderr, without time, pid and directory.
  readonly emerg: string | undefined;
}

let serial = 0;

export async function runFile(setup: Setup, name: string): Promise<FileRun> {
  const directory = path.join(setup.base, String(serial++));
  fs.mkdirSync(directory, { mode: 0o755 });
  if (setup.user !== undefined) fs.chownSync(directory, setup.user.uid, setup.user.gid);

  const options: SpawnOptions = {
    cwd: setup.suite,
    detached: true, // a session of its own
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      LANG: 'C',
      TMPDIR: directory,
      HOME: directory,
      TEST_NGINX_BINARY: setup.binary,
      TEST_NGINX_LEAVE: '1',
    },
  };
  if (setup.user !== undefined) Object.assign(options, setup.user);

  const started = performance.now();
  const child = spawn('perl', ['-Ilib', name], options);
  const out = gather(child.stdout);
  const err = gather(child.stderr);

  let hang = false;
  const limit = setTimeout(() => {
    hang = true;
    killLeftovers(child.pid ?? -1, directory);
  }, setup.limitMs);
  const [exitCode] = await once(child, 'exit');
  clearTimeout(limit);
  // A server that outlives its test would hold the pipes open.
  killLeftovers(child.pid ?? -1, directory);

  const output = await out;
  const errors = await err;
  const run: FileRun = {
    name,
    tap: parseTap(output),
    ms: Math.round(performance.now() - started),
    hang,
    exitCode,
    output: output + errors,
    emerg: firstEmerg(directory, errors),
  };
  fs.rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  return run;
}

async function gather(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = '';
  if (stream === null) return text;
  stream.setEncoding('latin1');
  for await (const chunk of stream) text += chunk;
  return text;
}

function firstEmerg(directory: string, errors: string): string | undefined {
  const texts = [errors];
  for (const entry of fs.readdirSync(directory)) {
    const log = path.join(directory, entry, 'error.log');
    if (fs.existsSync(log)) texts.push(readStart(log));
  }
  for (const text of texts) {
    const match = /\[emerg\] (?:\d+#\d+: )?(.*)/.exec(text);
    if (match?.[1] !== undefined) return withoutPlaces(match[1], directory);
  }
  return undefined;
}

function readStart(file: string): string {
  const buffer = Buffer.alloc(64 * 1024);
  const fd = fs.openSync(file, 'r');
  const length = fs.readSync(fd, buffer);
  fs.closeSync(fd);
  return buffer.toString('latin1', 0, length);
}

// The same failure has to read the same in every run.
function withoutPlaces(text: string, directory: string): string {
  return text.replaceAll(`${directory}/`, '').replaceAll(/nginx-test-\w+\/*/g, '');
}
