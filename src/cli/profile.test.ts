// `tsresty profile` on a running server: what it writes, and who may ask for it.

import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Finished, get, runBinary, TestPrefix } from '../process/testing.ts';
import type { CpuProfile } from '../script/host/profile.ts';
import { flameGraph } from './flame_graph.ts';
import { merge } from './profile.ts';

let prefix: TestPrefix;
let sock: string;

beforeEach(() => {
  prefix = new TestPrefix();
  sock = prefix.path('sock');
});

afterEach(async () => {
  await prefix.clean();
});

async function start(): Promise<void> {
  prefix.write(
    'burn.ts',
    'export function burn(n: number): number {\n  let s = 0;\n  while (n > 0) s += Math.sqrt(n--);\n  return s;\n}\n',
  );
  prefix.writeConf(`daemon off; worker_processes 2; error_log logs/error.log notice;
events {}
http { server { listen unix:${sock};
  location / { content_by_ts_block {
    import { burn } from "../burn.ts";
    const text = String(burn(200000) > 0);
    ngx.header.content_length = text.length;
    ngx.print(text);
  } }
} }
`);
  await prefix.start();
}

/** The command, while requests are made. */
async function profile(...args: readonly string[]): Promise<Finished> {
  const asked = runBinary('profile', '-p', prefix.root, '-o', prefix.path('out'), ...args);
  let done = false;
  void asked.then(() => {
    done = true;
  });
  while (!done) await get(sock);
  return await asked;
}

function functions({ nodes, samples }: CpuProfile): Map<string, number> {
  const found = new Map<string, number>();
  for (const { id, callFrame } of nodes) {
    const name = `${callFrame.functionName} ${callFrame.url.replace(/.*\//, '')}:${callFrame.lineNumber + 1}`;
    found.set(name, (found.get(name) ?? 0) + samples.filter((sample) => sample === id).length);
  }
  return found;
}

test('functions have their names and places, in a .cpuprofile and a page', async () => {
  await start();
  const { code, stdout } = await profile('--seconds', '0.7', '--worker', '1');
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: `${prefix.path('out.cpuprofile')}\n${prefix.path('out.html')}\n`,
  });
  const written = JSON.parse(readFileSync(prefix.path('out.cpuprofile'), 'utf8')) as CpuProfile;
  const found = functions(written);
  expect([...found.keys()].filter((name) => name.startsWith('isolate'))).toEqual([
    'isolate main of worker 1 :0',
  ]);
  expect([...found.keys()]).toContain('content_by_ts(nginx.conf:4) nginx.conf:5');
  const [burn = 0] = [...found].filter(([name]) => name === 'burn burn.ts:1').map(([, hits]) => hits);
  expect(burn).toBeGreaterThan(2);
  expect(written.timeDeltas).toHaveLength(written.samples.length);
  expect(readFileSync(prefix.path('out.html'), 'utf8')).toContain(`"place":"${prefix.path('burn.ts')}:1"`);
  expect(await get(sock)).toBe('true');
});

test('a worker outlives an interrupt of the profiler that comes late', async () => {
  await start();
  expect((await profile('--seconds', '0.1')).code).toBe(0);
  const { workers } = prefix;
  expect(workers).toHaveLength(2);
  // A worker that has not been asked for anything yet has no isolate, and so no part in the profile.
  const written = readFileSync(prefix.path('out.cpuprofile'), 'utf8');
  const profiled = workers.filter((_, i) => written.includes(`isolate main of worker ${i + 1}`));
  expect(profiled).not.toEqual([]);
  for (const pid of profiled) process.kill(pid, 'SIGPROF');
  for (let i = 0; i < 10; i++) expect(await get(sock)).toBe('true');
  expect(prefix.workers).toEqual(workers);
  expect(prefix.log).not.toContain('exited on signal');
});

test('only the user of the master may ask, and nothing is left behind', async () => {
  await start();
  const path = prefix.path(`logs/tsresty.${prefix.pid()}.sock`);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(await profile('--seconds', '0.1', '--worker', '7')).toMatchObject({
    code: 1,
    stderr: 'tsresty: [error] there is no worker 7\n',
  });
  const socket = connect(path);
  socket.end('nonsense\n');
  let answer = '';
  for await (const piece of socket) answer += String(piece);
  expect(answer).toContain('"fault"');
  prefix.signal('SIGQUIT');
  while (prefix.pid() !== 0) await new Promise((done) => setTimeout(done, 5));
  expect(existsSync(path)).toBe(false);
});

test('without a server', async () => {
  prefix.writeConf('events {}\n');
  const run = (...args: string[]) => runBinary('profile', '-p', prefix.root, ...args);
  expect((await run()).stderr).toContain('tsresty: [error] open() ');
  writeFileSync(prefix.path('logs/nginx.pid'), '99999999\n');
  expect((await run()).stderr).toContain('tsresty: [error] connect() to ');
  for (const seconds of ['0', '3601', 'x'])
    expect(await run('--seconds', seconds)).toMatchObject({ code: 1 });
});

const FRAME = { scriptId: '1', url: 'file:///x/</script>.ts', lineNumber: 4, columnNumber: 0 };
const SMALL: CpuProfile = {
  nodes: [
    { id: 1, callFrame: { ...FRAME, functionName: '(root)', url: '' }, children: [2, 3] },
    { id: 2, callFrame: { ...FRAME, functionName: 'f' } },
    { id: 3, callFrame: { ...FRAME, functionName: '(idle)', url: '' } },
  ],
  startTime: 1000,
  endTime: 9000,
  samples: [2, 2, 3],
  timeDeltas: [100, 500, 6000],
};

test('profiles are put together in the order of time', () => {
  const later: CpuProfile = { ...SMALL, startTime: 1050, endTime: 9050 };
  const isolates = [SMALL, later].map((one, i) => ({ isolate: `i${i}`, profile: one, fault: '' }));
  const merged = merge([{ worker: 0, pid: 1, isolates }]);
  const names = merged.samples.map(
    (id) => merged.nodes.find((node) => node.id === id)?.callFrame.functionName,
  );
  expect(names).toEqual(['f', 'f', 'f', 'f', '(idle)', '(idle)', '(idle)', '(idle)']);
  expect(merged.timeDeltas).toEqual([100, 50, 450, 50, 450, 50, 5450, 50]);
  expect(merged.nodes[0]?.children).toEqual([2, 3, 6]);
});

test('the page has no markup of the profile', () => {
  const page = flameGraph(SMALL);
  expect(page).toContain('"total":2');
  expect(page.match(/<\/script>/g)).toHaveLength(1);
});
