// What the figures were measured on and with; nothing that names the machine.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from '../paths.ts';
import { luaModules } from './prefix.ts';

interface Tool {
  readonly name: string;
  readonly debian: string;
  readonly present: () => boolean;
}

const tools: readonly Tool[] = [
  { name: 'nginx', debian: 'nginx', present: () => runs('nginx', '-v') },
  {
    name: "nginx's Lua module",
    debian: 'libnginx-mod-http-lua',
    present: () => luaModules.every(fs.existsSync),
  },
  { name: 'cjson for Lua', debian: 'lua-cjson', present: () => packaged('lua-cjson') },
  { name: 'wrk', debian: 'wrk', present: () => runs('wrk', '-v') },
  { name: 'openssl', debian: 'openssl', present: () => runs('openssl', 'version') },
  { name: 'taskset', debian: 'util-linux', present: () => runs('taskset', '--version') },
];

export const h2load: Tool = {
  name: 'h2load',
  debian: 'nghttp2-client',
  present: () => runs('h2load', '--version'),
};

export function missing(): readonly Tool[] {
  return tools.filter((tool) => !tool.present());
}

export function installLine(absent: readonly Tool[]): string {
  return `apt-get install ${absent.map((t) => t.debian).join(' ')}`;
}

function runs(command: string, argument: string): boolean {
  return spawnSync(command, [argument]).error === undefined;
}

function packaged(name: string): boolean {
  return debianVersion(name) !== undefined;
}

function debianVersion(name: string): string | undefined {
  const asked = spawnSync('dpkg-query', ['-W', name], { encoding: 'utf8' });
  return asked.status === 0 ? asked.stdout.trim().split('\t')[1] : undefined;
}

function firstMatch(command: string, argument: string, pattern: RegExp): string {
  const asked = spawnSync(command, [argument], { encoding: 'utf8' });
  return pattern.exec(`${asked.stdout}${asked.stderr}`)?.[1] ?? 'unknown';
}

export function describe(): string[] {
  const cpus = os.cpus();
  const peers = JSON.parse(
    fs.readFileSync(path.join(root, 'tools/bench/peers/package.json'), 'utf8'),
  ).dependencies;
  return [
    `${cpus[0]?.model ?? 'unknown processor'}, ${cpus.length} processors, ${Math.round(os.totalmem() / 2 ** 30)} GB`,
    `${os.type()} ${os.release()}`,
    `Node.js ${process.version}`,
    `nginx ${firstMatch('nginx', '-v', /nginx\/(\S+)/)} with lua-nginx-module ${debianVersion('libnginx-mod-http-lua') ?? '–'} (Debian)`,
    Object.entries(peers)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
    `wrk ${firstMatch('wrk', '-v', /wrk (?:debian\/)?(\S+)/)}`,
  ];
}
