import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { RawSocket, type RawSocketOptions, type RawSocketUser } from './raw_socket.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const buffer = Buffer.allocUnsafeSlow(64 * 1024);
const ANY: RawSocketOptions = { localAddress: null, localPort: 0, keepAlive: false };

/** What a socket has told, in order, and a way to wait for it. */
class Heard implements RawSocketUser {
  readonly words: string[] = [];
  bytes = 0;
  onReceived: (n: number) => void = () => {};
  #wait: (() => void) | null = null;

  connected(): void {
    this.#say('connected');
  }

  received(n: number): void {
    this.bytes += n;
    this.onReceived(n);
    this.#say(`received ${buffer.toString('latin1', 0, Math.min(n, 20))}`);
  }

  ended(): void {
    this.#say('ended');
  }

  failed(error: NodeJS.ErrnoException): void {
    this.#say(`failed ${error.syscall} ${error.code}`);
  }

  drained(): void {
    this.#say('drained');
  }

  #say(word: string): void {
    this.words.push(word);
    this.#wait?.();
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#wait = resolve;
      });
    }
  }

  async next(): Promise<string> {
    await this.until(() => this.words.length > 0);
    return this.words.shift() ?? '';
  }
}

async function listening(onConnection: (socket: Socket) => void, host = '127.0.0.1'): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    closing.push(() => socket.destroy());
    socket.on('error', () => {});
    onConnection(socket);
  });
  server.listen(0, host);
  await once(server, 'listening');
  closing.push(() => server.close());
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function open(heard: Heard, port: number, options = ANY, host = '127.0.0.1'): RawSocket {
  const socket = RawSocket.connect(heard, buffer, host, port, options);
  closing.push(() => socket.destroy());
  return socket;
}

describe('a connection', () => {
  test.each(['127.0.0.1', '::1'])('both ways, over %s', async (host) => {
    const server = await listening((peer) => peer.pipe(peer), host);
    const heard = new Heard();
    const socket = open(heard, portOf(server), ANY, host);
    expect(await heard.next()).toBe('connected');
    socket.write('\xfftext');
    expect(await heard.next()).toBe('received \xfftext');
    socket.write(Buffer.from('bytes'));
    expect(await heard.next()).toBe('received bytes');
    expect(socket.writableLength).toBe(0);
  });

  test('over a path', async () => {
    const server = createServer((peer) => peer.end('hello'));
    const path = join(tmpdir(), `raw-${process.pid}-${Math.random()}.sock`);
    server.listen(path);
    await once(server, 'listening');
    closing.push(() => server.close());
    const heard = new Heard();
    const socket = RawSocket.connectPath(heard, buffer, path);
    closing.push(() => socket.destroy());
    expect([await heard.next(), await heard.next(), await heard.next()]).toEqual([
      'connected',
      'received hello',
      'ended',
    ]);
  });

  test.each([
    ['text', ['a', 'b']],
    ['text and bytes', ['a', Buffer.from('b'), 'c\xff', Buffer.from('d')]],
    ['bytes', [Buffer.from('b'), Buffer.from('d')]],
    ['one', [Buffer.from('b')]],
    ['none', []],
  ])('what was corked leaves in order: %s', async (_, chunks) => {
    const server = await listening((peer) => peer.pipe(peer));
    const heard = new Heard();
    const socket = open(heard, portOf(server));
    expect(await heard.next()).toBe('connected');
    for (let round = 0; round < 2; round++) {
      socket.cork();
      for (const chunk of chunks) socket.write(chunk);
      const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      expect(socket.writableLength).toBe(size);
      socket.uncork();
      socket.write('.');
      await heard.until(() => heard.words.join('').includes('.'));
      const text = chunks
        .map((chunk) => (typeof chunk === 'string' ? chunk : chunk.toString('latin1')))
        .join('');
      expect(heard.words.splice(0).join('').replaceAll('received ', '')).toBe(`${text}.`);
    }
  });

  test('tells when what the system did not take has left', async () => {
    let came = 0;
    const server = await listening((peer) => {
      peer.on('data', (data) => {
        came += data.length;
        if (came === size + 7) peer.write('all');
      });
    });
    const heard = new Heard();
    const socket = open(heard, portOf(server));
    expect(await heard.next()).toBe('connected');
    const size = 32 * 1024 * 1024;
    socket.write(Buffer.alloc(size, 'x'));
    socket.write('the end');
    expect(socket.writableLength).toBeGreaterThan(0);
    expect(await heard.next()).toBe('drained');
    expect(socket.writableLength).toBe(0);
    expect(await heard.next()).toBe('received all');
  });

  test('reads nothing while it is paused', async () => {
    const server = await listening((peer) => peer.write('x'.repeat(300_000)));
    const heard = new Heard();
    const socket = open(heard, portOf(server));
    heard.onReceived = () => socket.pause();
    await heard.until(() => heard.bytes > 0);
    const before = heard.bytes;
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard.bytes).toBe(before);
    heard.onReceived = () => {};
    socket.resume();
    await heard.until(() => heard.bytes === 300_000);
  });

  test('is told nothing more when it has been destroyed', async () => {
    const peers: Socket[] = [];
    const server = await listening((peer) => {
      peers.push(peer);
      peer.on('end', () => heard.failed(new Error('closed')));
      peer.resume();
    });
    const heard = new Heard();
    const socket = open(heard, portOf(server));
    expect(await heard.next()).toBe('connected');
    socket.write(Buffer.alloc(16 * 1024 * 1024));
    socket.destroy();
    socket.write('more');
    socket.resume();
    socket.uncork();
    socket.destroy();
    await heard.until(() => heard.words.length > 0);
    expect(heard.words).toEqual(['failed undefined undefined']);
  });
});

describe('what fails', () => {
  test('nobody listens', async () => {
    const server = await listening(() => {});
    const port = portOf(server);
    server.close();
    const heard = new Heard();
    open(heard, port);
    expect(await heard.next()).toBe('failed connect ECONNREFUSED');
  });

  test('there is no such path', async () => {
    const heard = new Heard();
    const socket = RawSocket.connectPath(heard, buffer, '/nowhere/at/all.sock');
    closing.push(() => socket.destroy());
    expect(heard.words).toEqual([]);
    expect(await heard.next()).toBe('failed connect ENOENT');
  });

  test.each([
    ['an address that is not ours', { localAddress: '192.0.2.1', localPort: 0 }, 'failed bind EADDRNOTAVAIL'],
    ['no address', { localAddress: 'x', localPort: 0 }, 'failed bind EINVAL'],
  ])('binding to %s', async (_, bound, expected) => {
    const server = await listening(() => {});
    const heard = new Heard();
    open(heard, portOf(server), { ...bound, keepAlive: false });
    expect(heard.words).toEqual([]);
    expect(await heard.next()).toBe(expected);
  });

  test('binding to a port that is in use', async () => {
    const server = await listening(() => {});
    const taken = await listening(() => {});
    const heard = new Heard();
    open(heard, portOf(server), { localAddress: '127.0.0.1', localPort: portOf(taken), keepAlive: true });
    expect(await heard.next()).toBe('failed bind EADDRINUSE');
  });

  test('the other side resets the connection', async () => {
    const server = await listening((peer) => peer.once('data', () => peer.resetAndDestroy()));
    const heard = new Heard();
    const socket = open(heard, portOf(server), { ...ANY, keepAlive: true });
    expect(await heard.next()).toBe('connected');
    socket.write('x');
    expect(await heard.next()).toBe('failed read ECONNRESET');
    socket.write('x');
    expect(await heard.next()).toMatch(/^failed write (EPIPE|ECONNRESET)$/);
  });
});

describe('one that was accepted', () => {
  async function accepted(host = '127.0.0.1'): Promise<{ peer: Socket; socket: RawSocket; heard: Heard }> {
    const server = createServer();
    server.listen(0, host);
    await once(server, 'listening');
    closing.push(() => server.close());
    const heard = new Heard();
    const coming = new Promise<RawSocket>((resolve) => RawSocket.accept(server, resolve));
    const peer = connect({ port: portOf(server), host, allowHalfOpen: true });
    closing.push(() => peer.destroy());
    const socket = await coming;
    closing.push(() => socket.destroy());
    return { peer, socket, heard };
  }

  test.each(['127.0.0.1', '::1'])('knows both addresses, and talks both ways, over %s', async (host) => {
    const { peer, socket, heard } = await accepted(host);
    expect(socket.local().address).toBe(host);
    expect(socket.peer()).toMatchObject({ address: host, port: peer.localPort });
    socket.open(heard, buffer);
    peer.write('one');
    expect(await heard.next()).toBe('received one');
    socket.write('two');
    expect(String((await once(peer, 'data'))[0])).toBe('two');
  });

  test('reads into another buffer from when it is told to', async () => {
    const { peer, socket, heard } = await accepted();
    const other = Buffer.alloc(10);
    heard.onReceived = () => socket.readInto(other);
    socket.open(heard, buffer);
    peer.write('one');
    expect(await heard.next()).toBe('received one');
    peer.write('two');
    expect(await heard.next()).toBe('received one');
    expect(other.toString('latin1', 0, 3)).toBe('two');
  });

  test('ends its side after what was written, and hears on', async () => {
    const { peer, socket, heard } = await accepted();
    let bytes = 0;
    peer.on('data', (data: Buffer) => {
      bytes += data.length;
    });
    socket.open(heard, buffer);
    socket.write(Buffer.alloc(8 * 1024 * 1024));
    socket.shutdown();
    await once(peer, 'end');
    expect(bytes).toBe(8 * 1024 * 1024);
    await heard.until(() => heard.words.includes('drained'));
    heard.words.length = 0;
    peer.end('more');
    expect([await heard.next(), await heard.next()]).toEqual(['received more', 'ended']);
  });

  test('destroyed or reset, the other side sees the difference', async () => {
    const first = await accepted();
    first.socket.open(first.heard, buffer);
    first.peer.resume();
    first.socket.destroy();
    await once(first.peer, 'end');
    const second = await accepted();
    second.socket.open(second.heard, buffer);
    const failed = once(second.peer, 'error');
    second.socket.reset();
    expect(((await failed)[0] as NodeJS.ErrnoException).code).toBe('ECONNRESET');
    expect(second.socket.peer()).toEqual({ address: '', port: 0 });
  });
});
