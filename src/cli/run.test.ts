// `tsresty run`: the real command, as a shell calls it.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Finished, TestPrefix } from '../process/testing.ts';

let prefix: TestPrefix;

beforeEach(() => {
  prefix = new TestPrefix();
});

afterEach(async () => {
  await prefix.clean();
});

function start(args: readonly string[], env = process.env): ChildProcessWithoutNullStreams {
  return spawn(resolve(import.meta.dirname, '../../bin/tsresty'), ['run', ...args], {
    cwd: prefix.root,
    env,
  });
}

async function run(args: readonly string[], input = ''): Promise<Finished> {
  const child = start(args);
  const out = { stdout: '', stderr: '' };
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    out.stdout += text;
  });
  child.stderr.setEncoding('latin1').on('data', (text: string) => {
    out.stderr += text;
  });
  child.stdin.end(input);
  const code = await new Promise<number | null>((done) => child.on('close', done));
  return { code, ...out };
}

test('a file, with arguments, imports, types and await', async () => {
  prefix.write('twice.ts', 'export const twice = (n: number): number => n * 2;\n');
  const lines = [
    '#!/usr/bin/env -S tsresty run',
    'import { twice } from "./twice.ts";',
    'const n: number = await Promise.resolve(twice(21));',
    'ngx.say(n, " ", arg.join("|"), " ", ngx.get_phase());',
    'ngx.print(new Uint8Array([0xff]), "é\\n");',
    'console.log("to", { out: 1 });',
    'console.error("to err");',
  ];
  writeFileSync(prefix.path('s.ts'), lines.join('\n'));
  const stdout = `42 a|-x|--y timer\n\xff\xc3\xa9\nto { out: 1 }\n`;
  expect(await run(['s.ts', 'a', '-x', '--y'])).toEqual({ code: 0, stdout, stderr: 'to err\n' });
});

test.each([
  ['-e', ['-e', 'ngx.say("hi ", arg[0])', 'x'], '', 'hi x\n'],
  ['-e twice', ['-e', 'const a = 1;', '-e', 'ngx.say(a)'], '', '1\n'],
  ['standard input', ['-', 'x'], 'ngx.say("in ", arg[0])', 'in x\n'],
  ['--shdict', ['--shdict', 'd 1m', '-e', 'ngx.say(ngx.shared.d.incr("k", 1, 41))'], '', '42\n'],
  [
    '--http-conf',
    ['--http-conf', 'ts_shared_dict e 1m;', '-e', 'ngx.say(ngx.shared.e.llen("x"))'],
    '',
    '0\n',
  ],
  ['--main-conf', ['--main-conf', 'worker_rlimit_nofile 64;', '-e', 'print("main")'], '', 'main\n'],
  [
    'a timer',
    ['-e', 'ngx.timer.at(0, () => ngx.say("t")); await ngx.sleep(0.02); ngx.say("end")'],
    '',
    't\nend\n',
  ],
])('%s', async (_what, args, input, stdout) => {
  expect(await run(args, input)).toEqual({ code: 0, stdout, stderr: '' });
});

test('what a script prints arrives as a whole, however slow the reader is', async () => {
  const { code, stdout } = await run(['-e', 'ngx.print("x".repeat(1e6)); ngx.exit(3);']);
  expect([code, stdout.length]).toEqual([3, 1e6]);
});

test('a script may wait for a timer of its own, and for a name that nobody knows', async () => {
  const resolver = createSocket('udp4').bind(0, '127.0.0.1');
  await once(resolver, 'listening');
  const code = 'try { await ngx.socket.connect("name.test", 1); } catch (e) { ngx.say(e.message); }';
  const result = await run([
    '--http-conf',
    `resolver 127.0.0.1:${resolver.address().port} ipv6=off; resolver_timeout 50ms;`,
    '-e',
    `await new Promise((done) => ngx.timer.at(0.05, done)); ngx.say("timer");\n${code}`,
  ]);
  resolver.close();
  expect(result).toMatchObject({
    code: 0,
    stdout: 'timer\nname.test could not be resolved (110: Operation timed out)\n',
  });
});

test('-I: modules of other directories', async () => {
  prefix.write('conf/lib.ts', 'export const where = "conf";\n');
  expect((await run(['-I', 'conf', '-e', 'import { where } from "lib"; ngx.say(where)'])).stdout).toBe(
    'conf\n',
  );
});

test('sockets and fetch', async () => {
  const server = createServer((socket) => {
    socket.on('data', () =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok'),
    );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const code = [
    `ngx.say(await (await fetch("http://127.0.0.1:${port}/")).text());`,
    'const s = ngx.socket.tcp();',
    `await s.connect("127.0.0.1", ${port});`,
    'await s.send("x");',
    'ngx.say(await s.receive("*l"));',
  ];
  expect((await run(['-e', code.join('')])).stdout).toBe('ok\nHTTP/1.1 200 OK\n');
  await new Promise((done) => server.close(done));
});

test.each([
  ['throws', ['s.ts'], 1, 'tsresty: [error] s.ts:3:8: TypeError: Cannot read properties of null'],
  ['has wrong syntax', ['-e', 'const a = ;'], 1, '(command line -e):1:11: unexpected ";"'],
  ['exits', ['-e', 'ngx.exit(7); ngx.say("not this")'], 7, ''],
  ['exits later', ['-e', 'ngx.timer.at(0, () => ngx.exit(3)); await ngx.sleep(20)'], 3, ''],
  [
    'does not end',
    ['--http-conf', 'ts_cpu_limit 50ms;', '-e', 'for (;;) {}'],
    1,
    '(command line -e):1:1: cut off after',
  ],
  ['is not there', ['none.ts'], 1, 'tsresty: [emerg] open() "none.ts" failed (2: No such file or directory)'],
  [
    'logs',
    ['-e', 'ngx.log(ngx.WARN, "é"); ngx.log(ngx.INFO, "no")'],
    0,
    'tsresty: [warn] (command line -e):1:5: Ã©\n',
  ],
  ['is not given', [], 1, 'tsresty: [emerg] neither a script nor -e is given'],
  ['has a wrong option before it', ['--nope', 's.ts'], 1, "tsresty: [emerg] error: unknown option '--nope'"],
  ['has a wrong configuration', ['--http-conf', 'nope;', 's.ts'], 1, 'unknown directive "nope"'],
])('a script that %s', async (_what, args, code, stderr) => {
  prefix.write('s.ts', '\n// a comment\nnull?.x; null.x;\n'.replace('null?.x; ', '  '));
  const finished = await run(args);
  expect(finished.stderr).toContain(stderr);
  expect(finished).toMatchObject({ code, stdout: '' });
  expect(readdirSync(tmpdir()).filter((name) => name === `tsresty-run-${process.pid}`)).toEqual([]);
});

test.each(['stdout', 'stderr'] as const)(
  'a script that prints for ever ends when nobody reads its %s',
  async (name) => {
    const print = name === 'stdout' ? 'ngx.say(1)' : 'console.error(1)';
    const child = start(['-e', `for (;;) ${print};`]);
    child[name].once('data', () => child[name].destroy());
    expect(await once(child, 'exit')).toEqual([141, null]);
  },
);

test('a signal ends a script that does not wait, and nothing is left behind', async () => {
  const env = { ...process.env, TMPDIR: prefix.root };
  const child = start(
    ['--shdict', 'd 1m', '-e', 'ngx.shared.d.set("k", 1); ngx.say("on"); for (;;) {}'],
    env,
  );
  await once(child.stdout, 'data');
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([null, 'SIGINT']);
  expect(readdirSync(prefix.root).filter((name) => name.startsWith('tsresty-run-'))).toEqual([]);
});
