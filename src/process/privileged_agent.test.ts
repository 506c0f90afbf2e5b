// The privileged agent as a process: who it is, what it has, and how it comes and goes.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { freePort, get, isAlive, kill, TestPrefix, until } from './testing.ts';

let prefix: TestPrefix;
let port: number;

beforeEach(async () => {
  prefix = new TestPrefix();
  port = await freePort();
});

afterEach(async () => {
  await prefix.clean();
});

interface Conf {
  readonly workers?: number;
  readonly enables?: string;
  readonly http?: string;
}

/** What the agent puts into the dictionary, any worker gives out. */
function conf({
  workers = 1,
  enables = 'ngx.process.enable_privileged_agent();',
  http = '',
}: Conf = {}): string {
  return `
    daemon off;
    worker_processes ${workers};
    error_log logs/error.log info;
    events {}
    http {
      access_log off;
      ts_shared_dict d 1m;
      init_by_ts_block { ${enables} }
      init_worker_by_ts_block {
        if (ngx.process.type() !== "privileged agent") return;
        const { d } = ngx.shared;
        d.set("agent", [ngx.worker.pid(), ngx.worker.id(), ngx.worker.count(), ngx.process.get_master_pid()].join());
        d.incr("starts", 1, 0);
        ngx.timer.at(0, async () => {
          const socket = ngx.socket.tcp();
          await socket.connect("127.0.0.1", ${port});
          await socket.send("GET /hello HTTP/1.0\\r\\n\\r\\n");
          d.set("heard", await socket.receive("*a"));
        });
      }
      exit_worker_by_ts_block { ngx.shared.d.incr("exits:" + ngx.process.type(), 1, 0); }
      server {
        listen 127.0.0.1:${port};
        location / { content_by_ts_block { ngx.print(ngx.shared.d.get(ngx.unescape_uri(ngx.var.arg_of))); } }
        location /hello { return 200 "hello"; }
        location /pids { content_by_ts_block { ngx.print(ngx.worker.pids().join()); } }
      }
      ${http}
    }`;
}

async function agent(): Promise<number> {
  await until('one agent', () => prefix.agents.length === 1);
  return prefix.agents[0] ?? 0;
}

async function value(of: string): Promise<string> {
  await until(of, async () => (await get(port, `/?of=${of}`)) !== 'undefined');
  return await get(port, `/?of=${of}`);
}

async function exited(child: ReturnType<TestPrefix['spawn']>): Promise<number | null> {
  if (child.exitCode === null) await new Promise((done) => child.once('exit', done));
  return child.exitCode;
}

it('runs init_worker, timers and sockets, and is not among the workers', async () => {
  const tenant = `server { listen 127.0.0.1:${port}; server_name tenant; ts_isolate tenant dicts=d;
    location / { content_by_ts_block { ngx.exit(204); } } }`;
  prefix.writeConf(conf({ workers: 2, http: tenant }));
  const { pid: master } = await prefix.start();
  const pid = await agent();
  expect(await value('agent')).toBe(`${pid},,2,${master}`);
  expect(await value('heard')).toMatch(/^HTTP\/1.1 200 OK\r\n.*hello$/s);
  expect(await value('starts')).toBe('1'); // not in the tenant's isolate
  await until('both pids', async () => (await get(port, '/pids')).split(',').length === 2);
  expect((await get(port, '/pids')).split(',').map(Number)).toEqual(expect.arrayContaining(prefix.workers));
  expect(prefix.count('start privileged agent process')).toBe(1);
});

it.runIf(process.platform === 'linux')('has the user of the master, and no listening socket', async () => {
  prefix.writeConf(conf());
  await prefix.start();
  const pid = await agent();
  await value('agent');
  expect(read(pid, 'cmdline')).toMatch(/^tsresty: privileged agent process\0/);
  expect(userOf(pid)).toBe(userOf(prefix.pid()));
  const [worker = 0] = prefix.workers;
  let inode: string | undefined;
  await until('the listening socket', () => {
    inode = listening(worker);
    return inode !== undefined;
  });
  expect(descriptorsOf(worker)).toContain(`socket:[${inode}]`);
  expect(descriptorsOf(pid)).not.toContain(`socket:[${inode}]`);
});

const LISTEN = '0A';

/** The inode of the socket that listens on the port: a column of a table that changes while it is read. */
function listening(worker: number): string | undefined {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const rows = read(worker, 'net/tcp').split('\n');
  return rows
    .map((row) => row.trim().split(/\s+/))
    .find(([, local, , state]) => local?.endsWith(`:${hex}`) && state === LISTEN)?.[9];
}

function read(pid: number, file: string): string {
  return readFileSync(`/proc/${pid}/${file}`, 'latin1');
}

function userOf(pid: number): string | undefined {
  return /^Uid:.*$/m.exec(read(pid, 'status'))?.[0];
}

/** Some may be closed meanwhile. */
function descriptorsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return '';
    }
  });
}

it('that is killed is replaced; it does not outlive a master that is killed', async () => {
  prefix.writeConf(conf());
  const master = await prefix.start();
  const first = await agent();
  await value('agent');
  kill(first, 'SIGKILL');
  await until('another start', async () => (await value('starts')) === '2');
  const second = await agent();
  expect(second).not.toBe(first);
  expect(prefix.log).toMatch(
    new RegExp(`\\[alert\\] .*: privileged agent process ${first} exited on signal 9\n`),
  );
  expect(prefix.workers).toHaveLength(1);
  master.kill('SIGKILL');
  await until('the end of all', () => !isAlive(second) && prefix.workers.length === 0);
});

it('goes and comes with the configuration', async () => {
  prefix.writeConf(conf());
  await prefix.start();
  const first = await agent();
  prefix.signal('SIGHUP');
  await until('the end of the first', () => !isAlive(first));
  const second = await agent();
  await prefix.logged(`privileged agent process ${first} exited with code 0`);
  prefix.writeConf(conf({ enables: '' }));
  prefix.signal('SIGHUP');
  await until('the end of the second', () => !isAlive(second));
  await until('the end of the old workers', () => prefix.workers.length === 1);
  expect(prefix.agents).toEqual([]);
  prefix.writeConf(conf());
  prefix.signal('SIGHUP');
  await until('a third', () => prefix.agents.length === 1);
});

it.each(['SIGQUIT', 'SIGTERM'] as const)('ends with its master: %s', async (signal) => {
  prefix.writeConf(conf());
  const master = await prefix.start();
  const pid = await agent();
  await value('agent');
  prefix.signal(signal);
  expect(await exited(master)).toBe(0);
  expect(isAlive(pid)).toBe(false);
  expect(prefix.log).toContain(`privileged agent process ${pid} exited with code 0`);
});

it('that ends itself is replaced', async () => {
  prefix.writeConf(
    conf({
      http: `init_worker_by_ts_block {
    if (ngx.process.type() !== "privileged agent" || ngx.shared.d.get("starts") > 1) return;
    await ngx.sleep(0.001);
    ngx.timer.at(0, () => ngx.process.signal_graceful_exit());
  }`,
    }),
  );
  await prefix.start();
  await until('another start', async () => (await value('starts')) === '2');
  expect(await value('exits:privileged agent'.replace(' ', '%20'))).toBe('1');
  await until('the end of the first', () => prefix.agents.length === 1);
});

it('with no connections is not started', async () => {
  prefix.writeConf(conf({ enables: 'ngx.process.enable_privileged_agent(0);' }));
  await prefix.start();
  await prefix.logged(
    /\[alert\] .*: 0 worker_connection is not enough, privileged agent process cannot be spawned\n/,
  );
  expect(prefix.agents).toEqual([]);
});

it('is asked for in vain where there is no master', async () => {
  prefix.writeConf(conf().replace('daemon off;', 'daemon off; master_process off;'));
  const single = await prefix.start();
  expect(await get(port, '/pids')).toBe(`${single.pid}`);
  expect(prefix.log).not.toContain('privileged agent');
});
