// Starts and stops what is measured, pinned to one processor, and reads what its processes cost.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { launcher, node, root } from '../paths.ts';

export const tsresty = path.resolve(process.env.TSRESTY_BINARY ?? launcher);
const startLimitMs = 20_000;

// Says why a server cannot be measured; becomes the text of its row.
export class NotMeasurable extends Error {}

export interface Server {
  readonly port: number;
  // The processes that serve: the children of a master, or the process itself.
  workers(): number[];
  stop(): Promise<void>;
}

export interface Command {
  readonly argv: readonly string[];
  readonly port: number;
  readonly processor: number | '0,1';
}

export function gateway(
  binary: string,
  prefix: string,
  port: number,
  processor: Command['processor'],
): Command {
  return { argv: [binary, '-p', `${prefix}/`, '-c', 'nginx.conf', '-e', 'stderr'], port, processor };
}

export function nodePeer(script: string, port: number, upstream: string): Command {
  const file = path.join(root, 'tools/bench/peers', script);
  return { argv: [node, file, String(port), upstream], port, processor: 0 };
}

export async function start(command: Command): Promise<Server> {
  const { argv, port, processor } = command;
  const child = spawn('taskset', ['-c', String(processor), ...argv], { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('latin1').on('data', (text: string) => {
    errors = (errors + text).slice(-10_000);
  });
  await accepting(child, port, () => errors);
  const pid = child.pid ?? -1;
  return {
    port,
    workers: () => {
      const children = childrenOf(pid);
      return children.length === 0 ? [pid] : children;
    },
    stop: () => stop(child),
  };
}

async function accepting(child: ChildProcess, port: number, errors: () => string): Promise<void> {
  const deadline = performance.now() + startLimitMs;
  while (!(await connects(port))) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new NotMeasurable(`does not start: ${emerg(errors())}`);
    if (performance.now() > deadline) {
      await stop(child);
      throw new NotMeasurable(`does not listen within ${startLimitMs / 1000} s: ${emerg(errors())}`);
    }
    await delay(20);
  }
}

// What a server said last, without times and places.
export function emerg(errors: string): string {
  const lines = errors.trim().split('\n');
  const line =
    lines.find((l) => l.includes('[emerg]')) ?? lines.find((l) => /Error\b/.test(l)) ?? lines.at(-1) ?? '';
  return line.replace(/^.*\[emerg\] (\d+#\d+: )?/, '').replaceAll(/\/\S*\//g, '');
}

function connects(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const pids = childrenOf(child.pid ?? -1);
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const kill = setTimeout(() => {
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    child.kill('SIGKILL');
  }, 5000);
  await exit;
  clearTimeout(kill);
}

function childrenOf(parent: number): number[] {
  const file = `/proc/${parent}/task/${parent}/children`;
  if (!fs.existsSync(file)) return [];
  return fs.readFileSync(file, 'utf8').trim().split(' ').filter(Boolean).map(Number);
}

const ticksPerSecond = Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout);

// User and system time so far, in microseconds.
export function cpuTime(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return (ticks / ticksPerSecond) * 1e6;
}

export function residentBytes(pids: readonly number[]): number {
  let kilobytes = 0;
  for (const pid of pids) {
    kilobytes += Number(/^VmRSS:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0);
  }
  return kilobytes * 1024;
}

export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
