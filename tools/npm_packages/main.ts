// npm run packages: popular packages from npm, each used by a handler of a real server. Installs them (here, by the
// lockfile) when they are not there. Arguments: names; without any, all.

import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../build.ts';
import { launcher, root } from '../paths.ts';
import { type Check, checks } from './checks.ts';

const here = join(root, 'tools/npm_packages');

/** Each in an isolate of its own, so that one which cannot be compiled does not hide the others. */
function configuration(names: readonly string[], prefix: string): string {
  const locations = names.map((name) => {
    const { code } = checks[name] as Check;
    const isolate = name.replace(/\W/g, '_');
    return `    location = /${name} { ts_isolate ${isolate}; content_by_ts_block {\n${code}\n} }\n`;
  });
  return `worker_processes 1;\ndaemon off;\nerror_log stderr;\npid ${prefix}/pid;\nevents {}\nhttp {\n  access_log off;\n  server {\n    listen unix:${prefix}/socket;\n${locations.join('')}  }\n}\n`;
}

function makePrefix(names: readonly string[]): string {
  const prefix = mkdtempSync(join(tmpdir(), 'tsresty-packages-'));
  for (const dir of ['conf', 'logs']) mkdirSync(join(prefix, dir));
  symlinkSync(join(here, 'node_modules'), join(prefix, 'node_modules'));
  writeFileSync(join(prefix, 'conf/nginx.conf'), configuration(names, prefix));
  return prefix;
}

/** Why it cannot be compiled; null where it can. */
function refused(name: string): string | null {
  const prefix = makePrefix([name]);
  const made = spawnSync(launcher, ['-p', prefix, '-t'], { encoding: 'utf8' });
  rmSync(prefix, { recursive: true });
  return made.status === 0 ? null : made.stderr.trim();
}

function ask(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path: encodeURI(path) }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        text += piece;
      });
      response.on('end', () =>
        resolve(response.statusCode === 200 ? text : `${response.statusCode}\n${text}`),
      );
    })
      .on('error', reject)
      .end();
  });
}

async function answers(names: readonly string[]): Promise<Map<string, string>> {
  const prefix = makePrefix(names);
  const server = spawn(launcher, ['-p', prefix], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  server.stderr.setEncoding('utf8').on('data', (piece: string) => {
    log += piece;
  });
  const ended = new Promise<void>((resolve) => server.on('exit', () => resolve()));
  const given = new Map<string, string>();
  // Until a worker listens.
  for (let tries = 0; tries < 600; tries++) {
    const answer = await ask(join(prefix, 'socket'), '/').catch(() => null);
    if (answer !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  let over = false;
  void ended.then(() => {
    over = true;
  });
  for (const name of names) {
    if (over) {
      given.set(name, `the server has ended\n${log}`);
      continue;
    }
    const from = log.length;
    const text = (await ask(join(prefix, 'socket'), `/${name}`).catch(String)).trim();
    given.set(name, text === (checks[name] as Check).says ? text : `${text}\n${log.slice(from)}`.trim());
  }
  server.kill('SIGTERM');
  await ended;
  rmSync(prefix, { recursive: true });
  return given;
}

async function main(wanted: readonly string[]): Promise<boolean> {
  if (!(await build())) return false;
  if (!existsSync(join(here, 'node_modules'))) {
    spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: here, stdio: 'inherit' });
  }
  const names = wanted.length === 0 ? Object.keys(checks) : wanted;
  const compiled: string[] = [];
  let failed = 0;
  for (const name of names) {
    const why = refused(name);
    if (why === null) compiled.push(name);
    else {
      failed++;
      process.stdout.write(`✗ ${name}: ${why}\n`);
    }
  }
  const given = compiled.length === 0 ? new Map<string, string>() : await answers(compiled);
  for (const [name, text] of given) {
    const { version } = JSON.parse(readFileSync(join(here, 'node_modules', name, 'package.json'), 'utf8'));
    const { says } = checks[name] as Check;
    if (text === says) process.stdout.write(`✓ ${name} ${version}\n`);
    else {
      failed++;
      process.stdout.write(`✗ ${name} ${version}: wanted ${JSON.stringify(says)}, got ${text}\n`);
    }
  }
  process.stdout.write(`${names.length - failed} of ${names.length} packages work\n`);
  return failed === 0;
}

if (import.meta.main) process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
