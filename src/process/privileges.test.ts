import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findLocalGroup, findUser } from '../core/users.ts';
import { freePort, get, TestPrefix } from './testing.ts';

let prefix: TestPrefix;

beforeEach(() => {
  prefix = new TestPrefix();
});

afterEach(async () => {
  await prefix.clean();
});

/** Starts one worker and gives what the kernel says of it. */
async function worker(directives: string): Promise<(file: string) => string> {
  const port = await freePort();
  prefix.writeConf(`
    daemon off;
    ${directives}
    error_log logs/error.log info;
    events {}
    http { server { listen 127.0.0.1:${port}; location / { return 200 $pid; } } }`);
  await prefix.start();
  const pid = await get(port);
  return (file) => readFileSync(`/proc/${pid}/${file}`, 'latin1');
}

describe.runIf(process.platform === 'linux')('a worker', () => {
  it.runIf(process.getuid?.() === 0)('of root is somebody else', async () => {
    const [uid, gid] = [findUser('nobody') ?? 0, findLocalGroup(['nobody', 'nogroup']) ?? 0];
    const status = (await worker(''))('status');
    expect(status).toMatch(new RegExp(`^Uid:\t${uid}\t${uid}\t${uid}\t${uid}$`, 'm'));
    expect(status).toMatch(new RegExp(`^Gid:\t${gid}\t${gid}\t${gid}\t${gid}$`, 'm'));
    expect(status).toMatch(new RegExp(`^Groups:\t${gid} ?$`, 'm'));
  });

  it.runIf(process.getuid?.() === 0)('is who the directive says', async () => {
    const uid = findUser('daemon') ?? 0;
    const gid = findLocalGroup(['mail']) ?? 0;
    const status = (await worker('user daemon mail;'))('status');
    expect(status).toMatch(new RegExp(`^Uid:\t${uid}\t`, 'm'));
    expect(status).toMatch(new RegExp(`^Gid:\t${gid}\t`, 'm'));
  });

  it('has the limits of the configuration', async () => {
    const limits = (await worker('worker_rlimit_nofile 777; worker_rlimit_core 1m;'))('limits');
    expect(limits).toMatch(/^Max open files +777 +777 /m);
    expect(limits).toMatch(/^Max core file size +1048576 +1048576 /m);
    expect(prefix.log).not.toContain('[alert]');
  });

  it('starts all the same with limits that it cannot have', async () => {
    await worker('worker_rlimit_nofile 99999999999;');
    expect(prefix.log).toMatch(
      /\[alert\] .*setrlimit\(RLIMIT_NOFILE, 99999999999\) failed \(1: Operation not permitted\)/,
    );
  });

  it('finds in its environment what the configuration says, and nothing else', async () => {
    process.env.TSRESTY_TEST_KEPT = 'kept';
    process.env.TSRESTY_TEST_DROPPED = 'dropped';
    process.env.TZ = 'UTC';
    const read = await worker('env TSRESTY_TEST_KEPT; env TSRESTY_TEST_SET=a=b; env TSRESTY_TEST_NONE;');
    const environment = read('environ').split('\0').sort();
    delete process.env.TZ;
    const own = environment.filter(
      (entry) => !/^(NODE_CHANNEL|TSRESTY_PROCESS=|LD_LIBRARY_PATH=)/.test(entry),
    );
    expect(own).toEqual(['', 'TSRESTY_TEST_KEPT=kept', 'TSRESTY_TEST_SET=a=b', 'TZ=UTC']);
  });

  it('runs on the processors of the configuration, with its priority, in its directory', async () => {
    const last = Math.min(availableParallelism(), 2) - 1;
    const mask = last === 1 ? '10' : '1';
    const read = await worker(
      `worker_cpu_affinity ${mask}; worker_priority 5; working_directory ${prefix.root};`,
    );
    expect(read('status')).toMatch(new RegExp(`^Cpus_allowed_list:\t${last}$`, 'm'));
    expect(read('stat').split(') ')[1]?.split(' ')[16]).toBe('5');
    expect(prefix.log).not.toContain('[alert]');
  });
});
