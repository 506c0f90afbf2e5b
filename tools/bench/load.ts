// Loads a server with wrk (or h2load for HTTP/2) from the second processor and relates what it answered to what it cost.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { node, root } from '../paths.ts';
import { cpuTime, NotMeasurable, type Server } from './servers.ts';

export interface Load {
  readonly url: (port: number) => string;
  readonly connections?: number;
  // A body makes it a POST; written to the file that wrk reads.
  readonly script?: string;
  // Of each request: "Name: value".
  readonly header?: string;
  readonly http2?: boolean;
  // Messages on upgraded connections (echo_load.ts).
  readonly echo?: boolean;
}

export interface Sample {
  readonly requests: number;
  readonly perSecond: number;
  // Microseconds of processor time per request.
  readonly cpu: number;
}

export async function sample(server: Server, load: Load, seconds: number): Promise<Sample> {
  const workers = server.workers();
  const before = cpuTime(workers);
  const output = await run(argvFor(server, load, seconds));
  const spent = cpuTime(workers) - before;
  const { requests, perSecond } = load.http2 ? readH2load(output) : readWrk(output);
  if (requests === 0) throw new NotMeasurable('answers no request');
  return { requests, perSecond, cpu: spent / requests };
}

function argvFor(server: Server, load: Load, seconds: number): string[] {
  const url = load.url(server.port);
  const connections = String(load.connections ?? 32);
  if (load.http2) return ['h2load', '-t1', `-c${connections}`, '-m10', `-D${seconds}`, url];
  if (load.echo) {
    const { pathname } = new URL(url);
    return [
      node,
      path.join(root, 'tools/bench/echo_load.ts'),
      String(server.port),
      pathname,
      connections,
      String(seconds),
    ];
  }
  const script = load.script === undefined ? [] : ['-s', load.script];
  const header = load.header === undefined ? [] : ['-H', load.header];
  return ['wrk', '-t1', `-c${connections}`, `-d${seconds}s`, ...script, ...header, url];
}

async function run(argv: readonly string[]): Promise<string> {
  const child = spawn('taskset', ['-c', '1', ...argv], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    output += text;
  });
  await once(child, 'close');
  return output;
}

function readWrk(output: string): { requests: number; perSecond: number } {
  const bad = /Non-2xx or 3xx responses: (\d+)/.exec(output)?.[1];
  if (bad !== undefined) throw new NotMeasurable(`${bad} answers are errors`);
  const broken = /Socket errors: connect (\d+), read (\d+), write (\d+)/.exec(output)?.slice(1) ?? [];
  if (broken.some((n) => n !== '0')) throw new NotMeasurable(`connections break: ${broken.join(', ')}`);
  return {
    requests: Number(/(\d+) requests in/.exec(output)?.[1] ?? 0),
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1] ?? 0),
  };
}

function readH2load(output: string): { requests: number; perSecond: number } {
  const failed = /(\d+) failed/.exec(output)?.[1];
  if (failed !== undefined && failed !== '0') throw new NotMeasurable(`${failed} requests failed`);
  return {
    requests: Number(/(\d+) succeeded/.exec(output)?.[1] ?? 0),
    perSecond: Number(/([\d.]+) req\/s/.exec(output)?.[1] ?? 0),
  };
}
