// npm start: the gateway example, with its two services, in the foreground. Ends all of it on SIGINT or SIGTERM.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { build } from './build.ts';
import { launcher, node, root } from './paths.ts';

const example = `${root}/conf.example/gateway`;
const port = 8080;
const services = { users: 8081, orders: 8082 };

const hints = `
The gateway listens on http://localhost:${port} (conf.example/gateway, Ctrl-C ends it). Try:

  curl -s localhost:${port}/health
  token=$(curl -s localhost:${port}/api/login -d '{"user":"ada","password":"analytical"}' | sed 's/.*"token":"\\([^"]*\\).*/\\1/')
  curl -s localhost:${port}/api/users/me -H "Authorization: Bearer $token"

`;

async function main(): Promise<number> {
  if (!(await build())) return 1;
  for (const wanted of [port, ...Object.values(services)]) {
    if (await connects(wanted)) {
      process.stderr.write(`start: something listens on port ${wanted} already\n`);
      return 1;
    }
  }

  const children = Object.entries(services).map(([name, servicePort]) =>
    spawn(node, [`${example}/upstreams/${name}.mjs`, String(servicePort)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    }),
  );
  const gateway = spawn(launcher, ['-p', `${example}/`, '-c', 'conf/nginx.conf', '-g', 'daemon off;'], {
    stdio: 'inherit',
    detached: true, // Ctrl-C reaches it through us, once
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => gateway.kill(signal));

  announce(gateway);
  const [code] = await once(gateway, 'exit');
  for (const child of children) child.kill();
  return code ?? 0;
}

async function announce(gateway: ChildProcess): Promise<void> {
  while (gateway.exitCode === null && gateway.signalCode === null) {
    if (await connects(port)) {
      process.stdout.write(hints);
      return;
    }
    await delay(50);
  }
}

function connects(to: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(to, '127.0.0.1', () => resolve(true));
    socket.on('connect', () => socket.destroy()).on('error', () => resolve(false));
  });
}

process.exitCode = await main();
