import { once } from 'node:events';
import { chmodSync, existsSync, readlinkSync, renameSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pauseAfter } from './master.ts';
import { Client, freePort, get, isAlive, kill, TestPrefix, until } from './testing.ts';

interface Conf {
  readonly workers?: number;
  readonly main?: string;
  readonly listen?: string;
  /** What an answer says after the worker's pid. */
  readonly says?: string;
  readonly location?: string;
}

let prefix: TestPrefix;
let port: number;

beforeEach(async () => {
  prefix = new TestPrefix();
  port = await freePort();
});

afterEach(async () => {
  await prefix.clean();
});

function conf({
  workers = 1,
  main = 'daemon off;',
  listen = '',
  says = 'one',
  location = '',
}: Conf = {}): string {
  return `
    ${main}
    worker_processes ${workers};
    error_log logs/error.log info;
    events {}
    http {
      server {
        listen 127.0.0.1:${port};
        ${listen}
        location / { return 200 "$pid ${says}"; }
        location /missing { root ${prefix.root}; }
        ${location}
      }
    }`;
}

async function start(settings: Conf = {}): Promise<ReturnType<TestPrefix['spawn']>> {
  prefix.writeConf(conf(settings));
  return await prefix.start();
}

async function reload(settings: Conf): Promise<void> {
  const old = prefix.workers;
  prefix.writeConf(conf(settings));
  prefix.signal('SIGHUP');
  await until('the end of the old workers', () => !old.some(isAlive));
}

async function exitCode(child: ReturnType<TestPrefix['spawn']>): Promise<number | null> {
  if (child.exitCode === null) await new Promise((done) => child.once('exit', done));
  return child.exitCode;
}

/** A request that stays unfinished until finish() is called. */
async function slowRequest(
  target: number | string = port,
): Promise<{ client: Client; finish: () => Promise<string> }> {
  const client = new Client(target);
  await client.connected();
  client.send('GET / HTTP/1.1\r\nHost: x\r\n');
  // Both the connection and what it has sent are behind this answer in the worker's queue.
  await get(target);
  return {
    client,
    async finish() {
      client.send('\r\n');
      const { body } = await client.answer();
      client.close();
      return body;
    },
  };
}

describe('start and stop', () => {
  it('serves once there is a pid file, and removes it at the end', async () => {
    const child = await start({ workers: 2 });
    expect(prefix.pid()).toBe(child.pid);
    expect(await get(port)).toMatch(/^\d+ one$/);
    expect(prefix.workers).toHaveLength(2);
    prefix.signal('SIGTERM');
    expect(await exitCode(child)).toBe(0);
    expect(existsSync(prefix.path('logs/nginx.pid'))).toBe(false);
    expect(prefix.workers).toEqual([]);
    expect(prefix.log).not.toContain('[alert]');
  });

  it('takes WINCH for what it is in the foreground: the terminal has another size', async () => {
    await start();
    const { workers } = prefix;
    for (const pid of [prefix.pid(), ...workers]) kill(pid, 'SIGWINCH');
    await prefix.logged('signal 28 (SIGWINCH) received\n', 2);
    expect(await get(port)).toBe(`${workers[0]} one`);
    expect(prefix.log).not.toContain('shutting down');
  });

  it('QUIT answers what has begun, and accepts nothing new', async () => {
    const child = await start();
    const slow = await slowRequest();
    prefix.signal('SIGQUIT');
    await prefix.logged('gracefully shutting down');
    await expect(get(port)).rejects.toThrow(/ECONNREFUSED/);
    expect(child.exitCode).toBe(null);
    expect(await slow.finish()).toMatch(/ one$/);
    expect(await exitCode(child)).toBe(0);
  });

  it('QUIT closes connections to upstreams that are kept for later, at once', async () => {
    let closed = 0;
    const peer = createServer((socket) => {
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nup'));
      socket.on('close', () => closed++);
    });
    const upstream = prefix.path('up.sock');
    await new Promise<void>((done) => peer.listen(upstream, done));
    chmodSync(upstream, 0o777);
    const proxied =
      'location /up { proxy_http_version 1.1; proxy_set_header Connection ""; proxy_pass http://kept; }';
    const http = `http { upstream kept { server unix:${upstream}; keepalive 2; }`;
    prefix.writeConf(conf({ location: proxied }).replace('http {', http));
    await prefix.start();
    expect(await get(port, '/up')).toBe('up');
    const slow = await slowRequest();
    expect(closed).toBe(0);
    prefix.signal('SIGQUIT');
    await until('the kept connection is closed', () => closed === 1);
    expect(await slow.finish()).toMatch(/ one$/);
    peer.close();
  });

  it('TERM does not wait for what has begun', async () => {
    const child = await start();
    const slow = await slowRequest();
    prefix.signal('SIGTERM');
    expect(await exitCode(child)).toBe(0);
    await expect(slow.finish()).rejects.toThrow();
  });

  it('TERM ends a QUIT that waits', async () => {
    const child = await start();
    const slow = await slowRequest();
    prefix.signal('SIGQUIT');
    await prefix.logged('gracefully shutting down');
    prefix.signal('SIGTERM');
    expect(await exitCode(child)).toBe(0);
    expect(prefix.count(/: exiting\n/)).toBe(1);
    slow.client.close();
  });

  it('worker_shutdown_timeout limits how long QUIT waits', async () => {
    const child = await start({ main: 'daemon off; worker_shutdown_timeout 100ms;' });
    const slow = await slowRequest();
    prefix.signal('SIGQUIT');
    expect(await exitCode(child)).toBe(0);
    await expect(slow.finish()).rejects.toThrow();
  });

  it('workers whose master is killed finish what has begun and go', async () => {
    await start({ workers: 2 });
    const slow = await slowRequest();
    const { workers } = prefix;
    kill(prefix.pid(), 'SIGKILL');
    await prefix.logged('gracefully shutting down', 2);
    expect(await slow.finish()).toMatch(/ one$/);
    await until('workers gone', () => !workers.some(isAlive));
  });

  it('tries five times to bind an address that is in use', async () => {
    const other = createServer().listen(port, '127.0.0.1');
    await new Promise((done) => other.once('listening', done));
    prefix.writeConf(conf());
    const { code, stderr } = await prefix.run();
    other.close();
    const line = `nginx: [emerg] bind() to 127.0.0.1:${port} failed (98: Address already in use)\n`;
    expect(stderr).toBe(`${line.repeat(5)}nginx: [emerg] still could not bind()\n`);
    expect(code).toBe(1);
    expect(existsSync(prefix.path('logs/nginx.pid'))).toBe(false);
  });

  it.each([
    ['', 'worker_connections 1000000000;', 1],
    ['worker_rlimit_nofile 50;', '', 0],
    ['worker_rlimit_nofile 50;', 'worker_connections 1000000000;', 1],
    ['worker_rlimit_nofile 2000000000;', 'worker_connections 1000000000;', 0],
  ])('-t warns of more connections than files: %s %s', async (main, events, warnings) => {
    prefix.writeConf(`${main} error_log logs/error.log info; events { ${events} }`);
    const { stderr } = await prefix.run('-t');
    expect(stderr.split('worker_connections exceed open file resource limit: ').length - 1).toBe(warnings);
  });

  it('tells of its logs first, where it cannot write anything', async () => {
    rmSync(prefix.path('logs'), { recursive: true });
    prefix.writeConf('error_log logs/error.log; events {}');
    const { code, stderr } = await prefix.run();
    expect(code).toBe(1);
    expect(stderr).toMatch(/open\(\) ".*\/logs\/error\.log" failed \(2: No such file or directory\)\n$/);
  });

  it('gives up on a worker that says that another would do no better', async () => {
    prefix.writeConf(conf({ main: `daemon off; working_directory ${prefix.path('absent')};` }));
    prefix.spawn();
    await prefix.logged('exited with fatal code 2 and cannot be respawned');
    expect(prefix.log).toContain('[alert]');
    expect(prefix.log).toContain(`chdir("${prefix.path('absent')}") failed (2: No such file or directory)`);
  });
});

describe('workers that die', () => {
  it('connections wait for the replacement of the only worker', async () => {
    await start();
    const first = Number.parseInt(await get(port), 10);
    process.kill(first, 'SIGSTOP'); // nobody accepts now, whatever the scheduler does
    const clients = Array.from({ length: 20 }, () => get(port));
    process.kill(first, 'SIGKILL');
    const answers = await Promise.all(clients);
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).not.toBe(`${first} one`);
    expect(prefix.log).toContain(`[alert]`);
    expect(prefix.log).toMatch(new RegExp(`worker process ${first} exited on signal 9\n`));
  });

  it('waits longer before each start of one that dies at its start', () => {
    const pauses = [0, 1, 2, 3, 4, 5, 20].map(pauseAfter);
    expect(pauses).toEqual([0, 0, 100, 200, 400, 800, 10_000]);
  });
});

describe('reload', () => {
  it('fails no request', { timeout: 180_000 }, async () => {
    await start({ workers: 2, says: 'generation 0' });
    let over = false;
    const seen = new Set<string>();
    let requests = 0;
    async function keepAlive(): Promise<void> {
      let client = new Client(port);
      while (!over) {
        const { body, close } = await client.get();
        seen.add(body.replace(/^\d+ /, ''));
        requests++;
        if (!close) continue;
        client.close();
        client = new Client(port);
      }
      client.close();
    }
    async function fresh(): Promise<void> {
      while (!over) {
        seen.add((await get(port)).replace(/^\d+ /, ''));
        requests++;
      }
    }
    const clients = Promise.all([keepAlive(), keepAlive(), keepAlive(), keepAlive(), fresh(), fresh()]);
    for (let i = 1; i <= 10; i++) {
      prefix.writeConf(conf({ workers: 2, says: `generation ${i}` }));
      prefix.signal('SIGHUP');
      await Promise.race([clients, until(`generation ${i}`, () => seen.has(`generation ${i}`))]);
    }
    over = true;
    await clients;
    expect(requests).toBeGreaterThan(100);
    await until('old workers gone', () => prefix.workers.length === 2);
    expect(prefix.log).not.toContain('[alert]');
  });

  it('with a wrong configuration changes nothing and says why', async () => {
    await start();
    const { workers } = prefix;
    prefix.writeConf(conf().replace('worker_processes', 'worker_proceses'));
    prefix.signal('SIGHUP');
    await prefix.logged(
      /\[emerg\] \d+#\d+: unknown directive "worker_proceses".* in .*\/conf\/nginx\.conf:3\n/,
    );
    expect(prefix.workers).toEqual(workers);
    expect(await get(port)).toBe(`${workers[0]} one`);
    await reload({ says: 'two' });
    expect(await get(port)).toMatch(/ two$/);
  });

  it('with an address that cannot be bound changes nothing', async () => {
    await start();
    const { workers } = prefix;
    prefix.writeConf(conf({ listen: 'listen 203.0.113.1:80;', says: 'two' }));
    prefix.signal('SIGHUP');
    await prefix.logged('bind() to 203.0.113.1:80 failed (99: Cannot assign requested address)');
    expect(await get(port)).toBe(`${workers[0]} one`);
  });

  it('whose workers cannot start leaves the old ones alone', async () => {
    await start();
    const { workers } = prefix;
    prefix.writeConf(conf({ main: `daemon off; working_directory ${prefix.path('absent')};`, says: 'two' }));
    prefix.signal('SIGHUP');
    await prefix.logged('cannot be respawned');
    expect(await get(port)).toBe(`${workers[0]} one`);
    await reload({ says: 'three' });
    expect(await get(port)).toMatch(/ three$/);
  });

  it('waits for the requests of the old workers', async () => {
    await start();
    const slow = await slowRequest();
    const [old] = prefix.workers;
    prefix.writeConf(conf({ says: 'two' }));
    prefix.signal('SIGHUP');
    await prefix.logged('gracefully shutting down');
    expect(await get(port)).toMatch(/ two$/);
    expect(await slow.finish()).toBe(`${old} one`);
    await until('old worker gone', () => !isAlive(old ?? 0));
  });

  it('takes many signals at once for few', async () => {
    await start();
    const [old] = prefix.workers;
    prefix.writeConf(conf({ says: 'two' }));
    for (let i = 0; i < 10; i++) prefix.signal('SIGHUP');
    await until('new worker', async () => (await get(port)).endsWith('two'));
    await until('old worker gone', () => !isAlive(old ?? 0) && prefix.workers.length === 1);
    expect(prefix.count('[notice] ') > 0 && prefix.count(/: reconfiguring\n/)).toBeLessThanOrEqual(3);
  });

  it('opens and closes Unix sockets', async () => {
    const [a, b] = [prefix.path('a.sock'), prefix.path('b.sock')];
    await start({ listen: `listen unix:${a};` });
    expect(await get(a)).toMatch(/ one$/);
    await reload({ listen: `listen unix:${a}; listen unix:${b};`, says: 'two' });
    expect(await get(a)).toMatch(/ two$/);
    expect(await get(b)).toMatch(/ two$/);
    await reload({ listen: `listen unix:${b};`, says: 'three' });
    await prefix.logged(`deleting socket ${a}`);
    await until('file removed', () => !existsSync(a));
    expect(await get(b)).toMatch(/ three$/);
    prefix.signal('SIGQUIT');
    await until('file removed', () => !existsSync(b));
  });

  it('changes the number of workers and the pid file', async () => {
    await start({ workers: 1 });
    const master = prefix.pid();
    await reload({ workers: 3, main: 'daemon off; pid logs/other.pid;', says: 'two' });
    await until('three workers', () => prefix.workers.length === 3);
    expect(prefix.pid('logs/other.pid')).toBe(master);
    expect(prefix.pid()).toBe(0);
    kill(master, 'SIGQUIT');
    await until('end', () => !isAlive(master));
    expect(existsSync(prefix.path('logs/other.pid'))).toBe(false);
  });

  it('gives each worker its own socket where reuseport says so', async () => {
    prefix.writeConf(conf({ workers: 2 }).replace(`127.0.0.1:${port}`, `127.0.0.1:${port} reuseport`));
    await prefix.start();
    await until('both workers answer', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => get(port)));
      return new Set(answers).size === 2;
    });
    const old = prefix.workers;
    prefix.signal('SIGHUP');
    await until('old workers gone', () => !old.some(isAlive));
    expect(await get(port)).toMatch(/ one$/);
  });
});

describe('logs', () => {
  it('USR1 reopens them in master and workers', async () => {
    await start();
    await get(port, '/missing');
    const moved = prefix.path('logs/error.log.1');
    renameSync(prefix.path('logs/error.log'), moved);
    prefix.signal('SIGUSR1');
    await until('new log', () => existsSync(prefix.path('logs/error.log')));
    await until('line of the worker', async () => {
      await get(port, '/missing');
      return prefix.log.includes('/missing" failed (2: No such file or directory)');
    });
    expect(prefix.read('logs/error.log.1')).toContain('/missing" failed (2: No such file or directory)');
    kill(prefix.pid(), 'SIGQUIT');
    await prefix.logged('signal 3 (SIGQUIT) received, shutting down');
  });
});

describe('the standard error stream', () => {
  it('is the error log for what Node says', async () => {
    await start();
    const [worker] = prefix.workers;
    expect(readlinkSync(`/proc/${worker}/fd/2`)).toBe(prefix.path('logs/error.log'));
  });

  it('stays what it is where some error_log is stderr', async () => {
    await start({ location: `location /elsewhere { error_log stderr; root ${prefix.root}; }` });
    await get(port, '/elsewhere');
    await until('line', () => prefix.stderr.includes('/elsewhere" failed (2: No such file or directory)'));
    expect(prefix.log).not.toContain('/elsewhere"');
  });
});

describe('a new binary', () => {
  it('takes over the sockets, and the old one goes', async () => {
    const socket = prefix.path('a.sock');
    const old = await start({ listen: `listen unix:${socket};` });
    const slow = await slowRequest();
    prefix.signal('SIGUSR2');
    await until('new pid file', () => prefix.pid() !== 0 && prefix.pid() !== old.pid);
    expect(prefix.pid('logs/nginx.pid.oldbin')).toBe(old.pid);
    kill(old.pid ?? 0, 'SIGQUIT');
    await prefix.logged('gracefully shutting down');
    await until('answer of the new worker', async () => (await get(port)) !== '');
    expect(await slow.finish()).toMatch(/ one$/);
    expect(await exitCode(old)).toBe(0);
    expect(existsSync(prefix.path('logs/nginx.pid.oldbin'))).toBe(false);
    expect(await get(socket)).toMatch(/ one$/);
    const master = prefix.pid();
    kill(master, 'SIGQUIT');
    await until('end', () => !isAlive(master));
    expect(existsSync(socket)).toBe(false);
    expect(existsSync(prefix.path('logs/nginx.pid'))).toBe(false);
  });

  it('that goes leaves the old one as it was', async () => {
    const old = await start();
    prefix.signal('SIGUSR2');
    await until('new pid file', () => prefix.pid() !== 0 && prefix.pid() !== old.pid);
    kill(old.pid ?? 0, 'SIGUSR2');
    await prefix.logged(
      /SIGUSR2\) received, ignoring\n.*\[crit\] .*: the changing binary signal is ignored: /,
    );
    kill(prefix.pid(), 'SIGTERM');
    await until('old pid file', () => prefix.pid() === old.pid);
    expect(await get(port)).toMatch(/ one$/);
    prefix.signal('SIGTERM');
    expect(await exitCode(old)).toBe(0);
  });
});

describe('daemon on', () => {
  it('returns when the first worker listens', async () => {
    prefix.writeConf(conf({ main: 'daemon on;' }));
    const { code, stdout, stderr } = await prefix.run();
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
    const master = prefix.pid();
    expect(await get(port)).toMatch(/ one$/);
    expect(await prefix.run('-s', 'reload')).toEqual({ code: 0, stdout: '', stderr: '' });
    await prefix.logged(/: reconfiguring\n/);
    expect((await prefix.run('-s', 'quit')).code).toBe(0);
    await until('end', () => !isAlive(master));
    expect(existsSync(prefix.path('logs/nginx.pid'))).toBe(false);
  });

  it('tells on the terminal what keeps it from starting', async () => {
    prefix.writeConf(conf({ main: 'daemon on;', listen: 'listen 203.0.113.1:80;' }));
    const { code, stderr } = await prefix.run();
    expect(stderr).toBe(
      'nginx: [emerg] bind() to 203.0.113.1:80 failed (99: Cannot assign requested address)\n',
    );
    expect(code).toBe(1);
  });

  it('WINCH ends the workers and HUP brings new ones', async () => {
    prefix.writeConf(conf({ main: 'daemon on;' }));
    await prefix.run();
    const { workers } = prefix;
    prefix.signal('SIGWINCH');
    await until('workers gone', () => !workers.some(isAlive));
    expect(isAlive(prefix.pid())).toBe(true);
    prefix.signal('SIGHUP');
    expect(await get(port)).toMatch(/ one$/); // the connection waits for them
  });
});

describe('master_process off', () => {
  it('serves in the process itself, and reloads', async () => {
    const child = await start({ main: 'daemon off; master_process off;' });
    expect(await get(port)).toBe(`${child.pid} one`);
    prefix.writeConf(conf({ main: 'daemon off; master_process off;', says: 'two' }));
    prefix.signal('SIGHUP');
    await until('new configuration', async () => (await get(port).catch(() => '')) === `${child.pid} two`);
    prefix.signal('SIGTERM');
    expect(await exitCode(child)).toBe(0);
    expect(existsSync(prefix.path('logs/nginx.pid'))).toBe(false);
  });

  it('with an address that cannot be bound serves on as before', async () => {
    const main = 'daemon off; master_process off;';
    const child = await start({ main });
    prefix.writeConf(conf({ main, listen: 'listen 203.0.113.1:80;', says: 'two' }));
    prefix.signal('SIGHUP');
    await prefix.logged('bind() to 203.0.113.1:80 failed (99: Cannot assign requested address)');
    await until('old configuration', async () => (await get(port).catch(() => '')) === `${child.pid} one`);
    prefix.writeConf(conf({ main, says: 'three' }));
    prefix.signal('SIGHUP');
    await until('new configuration', async () => (await get(port).catch(() => '')) === `${child.pid} three`);
  });

  it('takes what is on disk after a signal that came while it tried another configuration', async () => {
    const main = 'daemon off; master_process off;';
    const child = await start({ main });
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port: taken } = other.address() as AddressInfo;
    prefix.writeConf(conf({ main, listen: `listen 127.0.0.1:${taken};`, says: 'two' }));
    prefix.signal('SIGHUP');
    await prefix.logged(`bind() to 127.0.0.1:${taken} failed`);
    prefix.writeConf(conf({ main, says: 'three' }));
    prefix.signal('SIGHUP');
    await prefix.logged('still could not bind()');
    other.close();
    await until('new configuration', async () => (await get(port).catch(() => '')) === `${child.pid} three`);
    // one after the other: the first would else have to go back to what it was while the second takes its place
    expect(prefix.log.lastIndexOf(': reconfiguring')).toBeGreaterThan(
      prefix.log.indexOf('still could not bind()'),
    );
  });
});
