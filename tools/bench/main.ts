// npm run bench: the table of what a request costs, against nginx, OpenResty's Lua and Node gateways.
// Each row starts both sides with one worker on processor 0 and loads them in turns (A B A B …) from processor 1;
// figures are medians over the rounds, after one round that only warms up.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from '../build.ts';
import { node, root } from '../paths.ts';
import { checkSeconds, servers, writeBigConf } from './big_conf.ts';
import { ISOLATES, measureIsolates } from './isolates.ts';
import { type Load, type Sample, sample } from './load.ts';
import { describe, h2load, installLine, missing } from './machine.ts';
import { idleConnections, measureMemory } from './memory.ts';
import { makePrefix, type Prefix, writeConf, writeUpstream } from './prefix.ts';
import { median, page, type Result, table } from './report.ts';
import { longRows, otherRows, type Peer, type Row, rows } from './rows.ts';
import {
  type Command,
  freePort,
  gateway,
  NotMeasurable,
  nodePeer,
  type Server,
  start,
  tsresty,
} from './servers.ts';
import { SOAK_SECONDS, soak } from './soak.ts';

const memoryBar = { restMegabytes: 90, connectionKilobytes: 8 };
const memoryAim = { restMegabytes: 60, connectionKilobytes: 4 };
const isolateBar = { megabytes: 6, firstMs: 15 };
const loadSeconds = { bar: 5, aim: 1 };

const names = [...rows.map((row) => row.name), ...otherRows, ...longRows];
const usage = `usage: npm run bench -- [options] [rows…]
  --seconds N   of load per round (default 3; of soak: 180)
  --rounds N    per side (default 3)
  --write       keep the table in docs/performance.md (the default when all rows run)
rows: ${names.join(' ')}
TSRESTY_BINARY names another binary than bin/tsresty.
`;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const seconds = Number(options.seconds ?? 3);
const soakSeconds = Number(options.seconds ?? SOAK_SECONDS);
const rounds = Number(options.rounds);

async function main(): Promise<number> {
  const unknown = positionals.filter((name) => !names.includes(name as (typeof names)[number]));
  if (options.help || unknown.length > 0) {
    process.stderr.write(unknown.length > 0 ? `bench: no such row: ${unknown.join(' ')}\n${usage}` : usage);
    return options.help ? 0 : 2;
  }
  const absent = missing();
  if (absent.length > 0) {
    process.stderr.write(`bench: ${absent.map((t) => t.name).join(', ')} missing: ${installLine(absent)}\n`);
    return 1;
  }
  if (os.availableParallelism() < 2) {
    process.stderr.write('bench: one processor for the server and one for the load are needed\n');
    return 1;
  }
  if (process.env.TSRESTY_BINARY === undefined && !(await build())) return 1;
  // Who shares the processors takes from both sides, but not alike: batches become smaller.
  const [busy = 0] = os.loadavg();
  if (busy > 0.7)
    process.stderr.write(`bench: the machine is busy (load ${busy.toFixed(1)}), figures will be too high\n`);

  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'tsresty-bench-'));
  fs.chmodSync(directory, 0o755);
  const prefix = makePrefix(directory);
  const results: Result[] = [];
  try {
    for (const name of names) {
      const wanted = positionals.length === 0 ? !isLong(name) : positionals.includes(name);
      if (!wanted) continue;
      const result = await measure(prefix, name);
      process.stderr.write(
        `${name}: ${result.ours} / ${result.theirs} = ${result.ratio} ${result.verdict}\n`,
      );
      results.push(result);
    }
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
  process.stdout.write(`${table(results)}\n`);
  if (options.write || positionals.length === 0) {
    const how = `One worker on one processor, load from another: ${rounds} rounds of ${seconds} s a side, in turns; medians.`;
    fs.writeFileSync(path.join(root, 'docs/performance.md'), page(results, describe(), how));
  }
  return results.some((r) => r.verdict === 'fail') ? 1 : 0;
}

async function measure(prefix: Prefix, name: string): Promise<Result> {
  try {
    if (name === 'memory') return await memoryRow(prefix);
    if (name === 'isolates') return await isolatesRow(prefix);
    if (name === 'soak') return await soakRow(prefix);
    if (name === 'load') return await loadRow(prefix);
    const row = rows.find((r) => r.name === name);
    if (row === undefined) throw new Error(`no row ${name}`);
    return await requestRow(prefix, row);
  } catch (error) {
    if (!(error instanceof NotMeasurable)) throw error;
    const row = rows.find((r) => r.name === name);
    const { title, against, bar, aim } = row ?? { title: name, against: '–', bar: undefined, aim: undefined };
    return { ...emptyResult, title, against, ...limits(bar, aim), verdict: `not measured: ${error.message}` };
  }
}

const emptyResult: Result = {
  title: '',
  against: '–',
  ours: '–',
  theirs: '–',
  ratio: '–',
  bar: '–',
  aim: '–',
  rates: '–',
  verdict: '–',
};

function limits(bar: number | undefined, aim: number | undefined): Pick<Result, 'bar' | 'aim'> {
  return { bar: bar === undefined ? '–' : `≤ ${bar}`, aim: aim === undefined ? '–' : String(aim) };
}

async function requestRow(prefix: Prefix, row: Row): Promise<Result> {
  if (row.load.http2 && !h2load.present()) {
    throw new NotMeasurable(`${h2load.name} is missing: ${installLine([h2load])}`);
  }
  const running: Server[] = [];
  try {
    const upstreamPort = await freePort();
    if (row.upstream) {
      running.push(await start(upstreamCommand(prefix, row, upstreamPort)));
    }
    const theirs = await startNamed(row.against, () => peerCommand(prefix, row, upstreamPort), running);
    const ours = await startNamed('tsresty', () => ourCommand(prefix, row, upstreamPort), running);
    return await compare(prefix, row, ours, theirs);
  } finally {
    for (const server of running) await server.stop();
  }
}

function upstreamCommand(prefix: Prefix, row: Row, port: number): Command {
  if (row.upstream === true) return gateway('nginx', writeUpstream(prefix, port), port, 1);
  return {
    argv: [node, path.join(root, `tools/bench/${row.upstream}.ts`), String(port)],
    port,
    processor: 1,
  };
}

async function startNamed(name: string, command: () => Promise<Command>, running: Server[]): Promise<Server> {
  try {
    const server = await start(await command());
    running.push(server);
    return server;
  } catch (error) {
    if (error instanceof NotMeasurable) throw new NotMeasurable(`${name} ${error.message}`);
    throw error;
  }
}

async function ourCommand(prefix: Prefix, row: Row, upstream: number): Promise<Command> {
  const port = await freePort();
  return gateway(tsresty, writeConf(prefix, 'tsresty', row, port, upstream), port, 0);
}

async function peerCommand(prefix: Prefix, row: Row, upstream: number): Promise<Command> {
  const port = await freePort();
  if (row.against === 'nginx' || row.against === 'nginx + lua') {
    return gateway('nginx', writeConf(prefix, 'nginx', row, port, upstream), port, 0);
  }
  installPeers();
  return nodePeer(peerScripts[row.against], port, `http://127.0.0.1:${upstream}`);
}

const peerScripts: Readonly<Record<Exclude<Peer, 'nginx' | 'nginx + lua'>, string>> = {
  fastify: 'fastify.mjs',
  'fastify + @fastify/http-proxy': 'fastify.mjs',
  'fastify + @fastify/reply-from': 'reply_from.mjs',
  'http-proxy': 'http_proxy.mjs',
};

function installPeers(): void {
  const cwd = path.join(root, 'tools/bench/peers');
  if (fs.existsSync(path.join(cwd, 'node_modules'))) return;
  const made = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--silent'], {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (made.status !== 0) throw new NotMeasurable('npm ci in tools/bench/peers fails');
}

async function compare(prefix: Prefix, row: Row, ours: Server, theirs: Server): Promise<Result> {
  const scheme = row.tls ? 'https' : 'http';
  const load: Load = {
    ...row.load,
    url: (port) => `${scheme}://127.0.0.1:${port}${row.load.path}`,
    ...(row.load.post ? { script: row.load.post === '1MB' ? prefix.postMegabyte : prefix.post } : {}),
  };
  const samples: { ours: Sample[]; theirs: Sample[] } = { ours: [], theirs: [] };
  await sample(theirs, load, Math.min(1, seconds));
  await sample(ours, load, seconds);
  for (let i = 0; i < rounds; i++) {
    samples.theirs.push(await sample(theirs, load, seconds));
    samples.ours.push(await sample(ours, load, seconds));
  }
  const cost = (of: readonly Sample[]) => median(of.map((s) => s.cpu));
  const rate = (of: readonly Sample[]) => Math.round(median(of.map((s) => s.perSecond)));
  const ratio = cost(samples.ours) / cost(samples.theirs);
  return {
    title: row.title,
    against: row.against,
    ours: microseconds(cost(samples.ours)),
    theirs: microseconds(cost(samples.theirs)),
    ratio: ratio.toFixed(2),
    ...limits(row.bar, row.aim),
    rates: `${rate(samples.ours)} / ${rate(samples.theirs)}`,
    verdict: row.bar === undefined ? '–' : ratio <= row.bar ? 'pass' : 'fail',
  };
}

function microseconds(value: number): string {
  return `${value < 100 ? value.toFixed(2) : value.toFixed(0)} µs`;
}

async function memoryRow(prefix: Prefix): Promise<Result> {
  const row = rows.find((r) => r.name === 'hello');
  if (row === undefined) throw new Error('no row hello');
  const server = await start(await ourCommand(prefix, row, 0));
  try {
    const { rest, perConnection } = await measureMemory(server);
    const megabytes = rest / 2 ** 20;
    const kilobytes = perConnection / 1024;
    const good = megabytes <= memoryBar.restMegabytes && kilobytes <= memoryBar.connectionKilobytes;
    return {
      ...emptyResult,
      title: `memory of a worker at rest, and per connection with ${idleConnections} idle ones`,
      ours: `${megabytes.toFixed(0)} MB + ${kilobytes.toFixed(1)} KB`,
      bar: `≤ ${memoryBar.restMegabytes} MB + ${memoryBar.connectionKilobytes} KB`,
      aim: `${memoryAim.restMegabytes} MB + ${memoryAim.connectionKilobytes} KB`,
      verdict: good ? 'pass' : 'fail',
    };
  } finally {
    await server.stop();
  }
}

async function isolatesRow(prefix: Prefix): Promise<Result> {
  const { each, first, slowest } = await measureIsolates(prefix);
  const megabytes = each / 2 ** 20;
  const good = megabytes <= isolateBar.megabytes && first <= isolateBar.firstMs;
  return {
    ...emptyResult,
    title: `${ISOLATES} isolates in one worker: memory of each, time to its first answer`,
    ours: `${megabytes.toFixed(1)} MB, ${first.toFixed(1)} ms (slowest ${slowest.toFixed(0)})`,
    bar: `≤ ${isolateBar.megabytes} MB, ${isolateBar.firstMs} ms`,
    verdict: good ? 'pass' : 'fail',
  };
}

async function soakRow(prefix: Prefix): Promise<Result> {
  const { requests, slope, heapSlope, flat, left, clean } = await soak(prefix, soakSeconds);
  process.stderr.write(`soak: left: ${left}\n`);
  return {
    ...emptyResult,
    title: `${(requests / 1e6).toFixed(1)} million requests of mixed scripts on two workers: growth, second half`,
    ours: `${slope.toFixed(2)} bytes a request, isolates ${heapSlope.toFixed(2)}`,
    bar: 'flat, nothing left',
    verdict: flat && clean ? 'pass' : 'fail',
  };
}

function isLong(name: string): boolean {
  return longRows.some((row) => row === name);
}

async function loadRow(prefix: Prefix): Promise<Result> {
  const big = writeBigConf(prefix.directory, await freePort());
  const samples: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
  for (let i = 0; i < rounds; i++) {
    samples.theirs.push(checkSeconds('nginx', big));
    samples.ours.push(checkSeconds(tsresty, big));
  }
  const ours = median(samples.ours);
  const theirs = median(samples.theirs);
  return {
    ...emptyResult,
    title: `-t with ${servers} server blocks`,
    against: 'nginx',
    ours: `${ours.toFixed(2)} s`,
    theirs: `${theirs.toFixed(2)} s`,
    ratio: (ours / theirs).toFixed(1),
    bar: `≤ ${loadSeconds.bar} s`,
    aim: `${loadSeconds.aim} s`,
    verdict: ours <= loadSeconds.bar ? 'pass' : 'fail',
  };
}

process.exitCode = await main();
