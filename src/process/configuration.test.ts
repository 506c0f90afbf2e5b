import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { affinityOf } from '../conf/core.ts';
import { ConfError } from '../conf/error.ts';
import { type Cycle, readConfiguration } from './cycle.ts';

const root = mkdtempSync(join(tmpdir(), 'tsresty-conf-'));

afterAll(() => rmSync(root, { recursive: true }));

async function cycleOf(text: string): Promise<Cycle> {
  const confFile = join(root, 'nginx.conf');
  writeFileSync(confFile, text);
  return await readConfiguration({ prefix: `${root}/`, confFile, globalDirectives: '' });
}

async function faultOf(text: string): Promise<string> {
  try {
    const { warnings } = await cycleOf(text);
    return warnings.join();
  } catch (e) {
    if (e instanceof ConfError) return e.line();
    throw e;
  }
}

describe('the main block', () => {
  it.each([
    ['worker_processes x;', '"worker_processes" directive invalid value in'],
    ['worker_processes 1; worker_processes 1;', '"worker_processes" directive is duplicate in'],
    ['user nosuchuser;', process.getuid?.() === 0 ? 'getpwnam("nosuchuser") failed in' : 'makes sense only'],
    ['worker_priority -x;', '"worker_priority" directive invalid number in'],
    ['worker_cpu_affinity 012;', 'invalid character "2" in "worker_cpu_affinity" in'],
    ['debug_points go;', 'invalid value "go" in'],
    ['load_module /x/other.so;', 'dlopen() "/x/other.so" failed ('],
    ['error_log x y;', 'invalid log level "y" in'],
    ['error_log x error warn;', 'duplicate log level "warn" in'],
    ['error_log memory:32k;', 'nginx was built without debug support in'],
    ['error_log syslog:tag=x;', 'no syslog server specified in'],
    ['error_log syslog:server=127.0.0.1:0;', 'invalid port in syslog server "127.0.0.1:0" in'],
    ['error_log syslog:server=unix:;', 'no path in the unix domain socket in syslog server "unix:" in'],
    ['error_log syslog:server=127.0.0.1,facility=x;', 'unknown syslog facility "x" in'],
    ['error_log syslog:server=127.0.0.1,severity=x;', 'unknown syslog severity "x" in'],
    [
      'error_log syslog:server=127.0.0.1,tag=a-b;',
      'syslog "tag" only allows alphanumeric characters and underscore',
    ],
    ['error_log syslog:server=127.0.0.1,x=y;', 'unknown syslog parameter "x=y" in'],
    ['error_log syslog:server=127.0.0.1,server=127.0.0.1;', 'duplicate syslog "server" in'],
    ['thread_pool a;', 'invalid number of arguments in "thread_pool" directive in'],
    ['thread_pool a threads=0;', 'invalid threads value "threads=0" in'],
    ['thread_pool a max_queue=1;', '"thread_pool" must have "threads" parameter in'],
    ['events {}', '"events" directive is duplicate in'],
    ['events {} load_module x.so;', '"load_module" directive is specified too late in'],
  ])('says what is wrong with %s', async (directives, fault) => {
    expect(await faultOf(`${directives}\nevents {}\n`)).toContain(fault);
  });

  it.each(['http { include self.conf; }', 'http { map $uri $a { include self.conf; } }'])(
    'says that a file includes itself in %s',
    async (http) => {
      writeFileSync(join(root, 'self.conf'), 'include self*.conf;');
      expect(await faultOf(`events {}\n${http}\n`)).toContain(
        `too many nested includes of "${root}/self.conf" in`,
      );
    },
  );

  it.each([
    ['worker_connections x;', 'invalid number "x" in'],
    ['use rtsig;', 'invalid event type "rtsig" in'],
    ['worker_connections 1; multi_accept maybe;', 'invalid value "maybe" in "multi_accept" directive'],
    ['daemon off;', '"daemon" directive is not allowed here in'],
  ])('says what is wrong with events { %s }', async (directives, fault) => {
    expect(await faultOf(`events { ${directives} }\n`)).toContain(fault);
  });

  it("has nginx's defaults", async () => {
    const { core } = await cycleOf('events {}');
    expect(core).toMatchObject({
      daemon: true,
      master_process: true,
      worker_processes: 1,
      worker_connections: 512,
      worker_shutdown_timeout: 0,
      worker_rlimit_nofile: -1,
      working_directory: '',
      env: [],
      pid: `${root}/logs/nginx.pid`,
      lock_file: `${root}/logs/nginx.lock`,
    });
    expect(core.error_log.empty).toBe(true);
  });

  it.each([
    ['', [null, null]],
    ['worker_cpu_affinity 01 10;', [[0], [1]]],
    ['worker_cpu_affinity 0101 "1 0";', [[0, 2], [1]]],
    [
      'worker_cpu_affinity 011;',
      [
        [0, 1],
        [0, 1],
      ],
    ],
    ['worker_cpu_affinity auto 1010;', [[1], [3]]],
  ])('binds workers to CPUs: %s', async (directives, expected) => {
    const { core } = await cycleOf(`worker_processes 2; ${directives} events {}`);
    expect([affinityOf(core, 0), affinityOf(core, 1)]).toEqual(expected);
  });
});
