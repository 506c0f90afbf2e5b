// The memory of one tsresty worker: at rest, and with 10,000 idle keep-alive connections, each after one request.

import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { residentBytes, type Server } from './servers.ts';

export const idleConnections = 10_000;

interface Memory {
  readonly rest: number;
  readonly perConnection: number;
}

export async function measureMemory(server: Server): Promise<Memory> {
  const workers = server.workers();
  const rest = await settled(workers);
  const sockets: net.Socket[] = [];
  while (sockets.length < idleConnections) {
    sockets.push(...(await Promise.all(Array.from({ length: 250 }, () => idleConnection(server.port)))));
  }
  const full = await settled(workers);
  for (const socket of sockets) socket.destroy();
  return { rest, perConnection: (full - rest) / sockets.length };
}

async function idleConnection(port: number): Promise<net.Socket> {
  const socket = net.connect(port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const [answer]: Buffer[] = await once(socket, 'data');
  if (!answer?.toString('latin1').startsWith('HTTP/1.1 200'))
    throw new Error('no 200 for an idle connection');
  return socket;
}

// Garbage takes a while to be collected: waits until two looks a second apart differ by less than 1 %.
async function settled(pids: readonly number[]): Promise<number> {
  let last = residentBytes(pids);
  for (let i = 0; i < 15; i++) {
    await delay(1000);
    const now = residentBytes(pids);
    if (Math.abs(now - last) < last / 100) return now;
    last = now;
  }
  return last;
}
