import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Log } from '../core/log.ts';
import type { ListenSpec } from '../http/listen.ts';
import { Fault } from './fault.ts';
import { bindHandle } from './handles.ts';
import { closeSocket, inheritSockets, type MasterSocket, openSockets, tryOpenSockets } from './sockets.ts';
import { freePort } from './testing.ts';

const root = mkdtempSync(join(tmpdir(), 'tsresty-sockets-'));
afterAll(() => rmSync(root, { recursive: true }));

let opened: MasterSocket[] = [];
afterEach(() => {
  for (const socket of opened.splice(0)) closeSocket(socket);
});

class Lines extends Log {
  readonly lines: string[] = [];
  override write(level: string, message: string): void {
    this.lines.push(`[${level}] ${message}`);
  }
}

function tcp(port: number, rest: Partial<ListenSpec> = {}): ListenSpec {
  const key = `127.0.0.1:${port}`;
  const options = { backlog: 511, reuseport: false, ipv6only: true, keepAlive: false, keepAliveIdleMs: 0 };
  return { key, host: '127.0.0.1', port, path: null, ...options, ...rest };
}

function unix(path: string): ListenSpec {
  return tcp(0, { key: `unix:${path}`, host: '', path });
}

async function open(specs: readonly ListenSpec[], workers = 1, log = new Lines()): Promise<MasterSocket[]> {
  const sockets = await openSockets(specs, workers, opened, log);
  opened = [
    ...new Set([...opened.filter(({ handle }) => !sockets.some((s) => s.handle === handle)), ...sockets]),
  ];
  return sockets;
}

describe('openSockets', () => {
  it('keeps a socket that the configuration before has too', async () => {
    const [a, b] = [await freePort(), await freePort()];
    const [first] = await open([tcp(a)]);
    const [second, other] = await open([tcp(a, { backlog: 5 }), tcp(b)]);
    expect(second?.handle).toBe(first?.handle);
    expect(other?.text).toBe(`127.0.0.1:${b}`);
  });

  it('opens a socket for each worker with reuseport, and hands each on to its successor', async () => {
    const port = await freePort();
    const three = await open([tcp(port, { reuseport: true })], 3);
    expect(three.map(({ worker }) => worker)).toEqual([0, 1, 2]);
    const two = await open([tcp(port, { reuseport: true })], 2);
    expect(two.map(({ handle }) => handle)).toEqual(three.slice(0, 2).map(({ handle }) => handle));
    const [one] = await open([tcp(port)], 2);
    expect(one?.handle).toBe(three[0]?.handle);
  });

  it('says that reuseport cannot come to a socket that is open', async () => {
    const port = await freePort();
    const [first] = await open([tcp(port)], 2);
    const log = new Lines();
    const [second, ...rest] = await open([tcp(port, { reuseport: true })], 2, log);
    expect([second?.handle === first?.handle, second?.worker, rest]).toEqual([true, null, []]);
    expect(log.lines).toEqual([`[warn] "reuseport" of 127.0.0.1:${port} takes effect only after a restart`]);
  });

  it('takes one spelling of an IPv6 address for another', async () => {
    const port = await freePort();
    const [first] = await open([tcp(port, { key: 'a', host: '::1' })]);
    const [second] = await open([tcp(port, { key: 'b', host: '0:0::0001' })]);
    expect(first?.text).toBe(`[::1]:${port}`);
    expect([second?.handle === first?.handle, second?.key]).toEqual([true, 'b']);
  });

  it('closes what it has opened when something else cannot be', async () => {
    const port = await freePort();
    const faults = [tcp(port), unix(join(root, 'none/a.sock'))];
    const message = `bind() to unix:${root}/none/a.sock failed (2: No such file or directory)`;
    await expect(open(faults)).rejects.toThrow(new Fault(message));
    const server = createServer().listen(port, '127.0.0.1');
    await new Promise((done, failed) => server.once('listening', done).once('error', failed));
    server.close();
  });
});

describe('tryOpenSockets', () => {
  it('does not mind an address that is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => server.once('listening', done));
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    expect(() => tryOpenSockets([tcp(port)], new Lines())).not.toThrow();
    server.close();
  });

  it('minds everything else', () => {
    const spec = tcp(80, { host: '203.0.113.1' });
    const message = 'bind() to 203.0.113.1:80 failed (99: Cannot assign requested address)';
    expect(() => tryOpenSockets([spec], new Lines())).toThrow(new Fault(message));
  });
});

describe('inheritSockets', () => {
  it('reads the variable as nginx does', async () => {
    const handle = bindHandle(tcp(await freePort()));
    if (typeof handle === 'number') throw new Error(String(handle));
    const log = new Lines();
    const sockets = inheritSockets(`${handle.fd};4000;x;5;`, log);
    expect(sockets.map(({ inherited, worker }) => ({ inherited, worker }))).toEqual([
      { inherited: true, worker: null },
    ]);
    const invalid = 'in NGINX environment variable, ignoring';
    expect(log.lines).toEqual([
      `[notice] using inherited sockets from "${handle.fd};4000;x;5;"`,
      '[crit] getsockname() of the inherited socket #4000 failed',
      `[emerg] invalid socket number "x;5;" ${invalid} the rest of the variable`,
    ]);
    log.lines.length = 0;
    expect(inheritSockets('4000', log)).toEqual([]);
    expect(log.lines.slice(1)).toEqual([`[emerg] invalid socket number "4000" ${invalid}`]);
    handle.close();
  });
});
