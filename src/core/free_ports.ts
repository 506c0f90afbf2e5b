// Finds ports for a server and for what it talks to. They lie below the range of outgoing connections, and a listener
// on one more port holds them for as long as they are in use: two suites at once do not get the same ones.

import { createServer, type Server } from 'node:net';

export interface PortClaim {
  readonly first: number;
  release(): void;
}

/** Where claims of one size are told by their last port; others lie elsewhere. */
const MANY: readonly [number, number] = [10_000, 26_000];
const FEW: readonly [number, number] = [26_000, 32_000];

/** `count` neighbouring ports that are free. */
export async function claimPorts(count: number): Promise<PortClaim> {
  const [lowest, beyond] = count > 1 ? MANY : FEW;
  const size = count + 1;
  for (let attempt = 0; attempt < 100; attempt++) {
    const first = lowest + Math.floor(Math.random() * Math.floor((beyond - lowest) / size)) * size;
    const claim = await listen(first + count);
    if (claim === null) continue;
    const ports = Array.from({ length: count }, (_, i) => first + i);
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) {
      claim.unref();
      return { first, release: () => claim.close() };
    }
    claim.close();
  }
  throw new Error('no free ports found');
}

async function isFree(port: number): Promise<boolean> {
  const probe = await listen(port);
  if (probe === null) return false;
  return await new Promise((resolve) => probe.close(() => resolve(true)));
}

/** null: somebody has it. */
function listen(port: number): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', () => resolve(null));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
