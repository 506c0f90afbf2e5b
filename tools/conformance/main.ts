// npm run conformance: nginx's own test suite, from a checkout of it, against bin/tsresty or TEST_NGINX_BINARY.
// Never as root: what nginx does for root (another user for workers, ports below 1024) is not what the suite is about.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { launcher, root } from '../paths.ts';
import { groupOf } from './groups.ts';
import { killLeftovers } from './processes.ts';
import { page, rows, table } from './report.ts';
import { type FileRun, runFile, type Setup, type User } from './run_file.ts';
import { isFailure, judge, type Verdict, type Verdicts } from './verdict.ts';

const usage = `usage: npm run conformance -- --suite PATH [options] [files, patterns or groups…]
  --suite PATH    a checkout of nginx-tests
  -j N            files at the same time (default: one per processor)
  --timeout S     seconds that a file may take (default 60)
  -v, --verbose   show what the failing files print
  --baseline      compare with docs/conformance.json: a file that passes less is an error, nothing else
  --write         keep the result in docs/ (the default when the whole suite runs)
  --reference     keep the result as nginx's own, in tools/conformance/nginx.json
TEST_NGINX_BINARY names another binary than bin/tsresty.
`;

const referenceFile = path.join(root, 'tools/conformance/nginx.json');
const resultFile = path.join(root, 'docs/conformance.json');
const pageFile = path.join(root, 'docs/conformance.md');

interface Kept {
  readonly version: string;
  readonly suite: string;
  readonly files: Verdicts;
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    suite: { type: 'string' },
    jobs: { type: 'string', short: 'j', default: String(os.availableParallelism()) },
    timeout: { type: 'string', default: '60' },
    verbose: { type: 'boolean', short: 'v', default: false },
    baseline: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    reference: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

if (options.help || options.suite === undefined) {
  process.stderr.write(usage);
  process.exit(options.help ? 0 : 2);
}
process.exitCode = await main(path.resolve(options.suite));

async function main(suite: string): Promise<number> {
  const names = select(suite);
  if (names.length === 0) return complain(`no such file in ${suite}: ${positionals.join(' ')}`);
  const setup = prepare(suite);
  const version = askVersion(setup);
  if (version === undefined) return 1;

  const reference = options.reference ? {} : (read(referenceFile)?.files ?? {});
  const before = read(resultFile);
  process.stdout.write(`${names.length} files against ${setup.binary} (${version})\n`);

  const started = performance.now();
  const verdicts: Record<string, Verdict> = {};
  const pending = [...names];
  const jobs = Array.from({ length: Number(options.jobs) }, async () => {
    for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
      verdicts[name] = await runOne(setup, name, reference);
    }
  });
  await Promise.all(jobs);
  const regressions = options.baseline ? await confirm(setup, verdicts, before?.files ?? {}, reference) : [];
  fs.rmSync(setup.base, { recursive: true, force: true });

  process.stdout.write(`\n${table(rows(verdicts, reference))}\n`);
  process.stdout.write(`${Math.round((performance.now() - started) / 1000)} s\n`);
  keep({ version, suite: commitOf(suite), files: verdicts }, before, reference);
  if (!options.baseline) return Object.values(verdicts).some(isFailure) ? 1 : 0;

  for (const line of regressions) process.stdout.write(`regression: ${line}\n`);
  return regressions.length === 0 ? 0 : 1;
}

async function runOne(setup: Setup, name: string, reference: Verdicts): Promise<Verdict> {
  const run = await runFile(setup, name);
  const verdict = judge(run, reference[name]);
  process.stdout.write(`${line(run, verdict)}\n`);
  if (options.verbose && isFailure(verdict)) process.stdout.write(`${run.output}\n`);
  return verdict;
}

function line(run: FileRun, verdict: Verdict): string {
  const seconds = `${(run.ms / 1000).toFixed(1)} s`;
  if (verdict.skip !== undefined) return `skip ${run.name}: ${verdict.skip}`;
  if (!isFailure(verdict)) return `ok   ${run.name} ${verdict.passed} ${seconds}`;
  return `FAIL ${run.name} ${verdict.passed}/${verdict.run} ${seconds}: ${verdict.reason}`;
}

// A test that failed beside others gets a second chance alone before it is called a regression.
async function confirm(
  setup: Setup,
  verdicts: Record<string, Verdict>,
  before: Verdicts,
  reference: Verdicts,
): Promise<string[]> {
  const found: string[] = [];
  for (const [name, verdict] of Object.entries(verdicts)) {
    const old = before[name]?.passed ?? 0;
    if (verdict.passed >= old) continue;
    const again = await runOne(setup, name, reference);
    if (again.passed > verdict.passed) verdicts[name] = again;
    if (again.passed < old)
      found.push(`${name}: ${again.passed}, was ${old}: ${again.reason ?? again.skip ?? ''}`);
  }
  return found;
}

function keep(now: Kept, before: Kept | undefined, reference: Verdicts): void {
  const sorted = (files: Verdicts) => Object.fromEntries(Object.entries(files).sort());
  if (options.reference) {
    writeJson(referenceFile, { ...now, files: sorted({ ...read(referenceFile)?.files, ...now.files }) });
  } else if (options.write || positionals.length === 0) {
    const files = sorted({ ...before?.files, ...now.files });
    writeJson(resultFile, { ...now, files });
    fs.writeFileSync(pageFile, page(files, reference, about(now)));
  }
}

function about(now: Kept): string {
  const nginx = read(referenceFile)?.version ?? 'nginx';
  return `nginx's test suite (nginx/nginx-tests, commit ${now.suite.slice(0, 12)}) against tsresty, measured by what ${nginx} passes.`;
}

// One file a line, so that a change of the result is a readable diff.
function writeJson(file: string, kept: Kept): void {
  const files = Object.entries(kept.files).map(
    ([name, v]) => `    ${JSON.stringify(name)}: ${JSON.stringify(v)}`,
  );
  const head = `  "version": ${JSON.stringify(kept.version)},\n  "suite": ${JSON.stringify(kept.suite)},\n`;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `{\n${head}  "files": {\n${files.join(',\n')}\n  }\n}\n`);
}

function read(file: string): Kept | undefined {
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : undefined;
}

function select(suite: string): string[] {
  const all = fs
    .readdirSync(suite)
    .filter((name) => name.endsWith('.t'))
    .sort();
  if (positionals.length === 0) return all;
  const wanted = positionals.map((p) => path.basename(p));
  return all.filter((name) =>
    wanted.some((w) => name === w || groupOf(name) === w || path.matchesGlob(name, w)),
  );
}

// The suite is copied, since the user that runs it may not be able to read where it is.
function prepare(suite: string): Setup {
  const user = process.getuid?.() === 0 ? nobody() : undefined;
  const base = fs.mkdtempSync(path.join(os.tmpdir(), 'tc-'));
  fs.chmodSync(base, 0o755);
  const copy = path.join(base, 'suite');
  fs.mkdirSync(copy);
  fs.cpSync(path.join(suite, 'lib'), path.join(copy, 'lib'), { recursive: true });
  for (const name of select(suite)) fs.copyFileSync(path.join(suite, name), path.join(copy, name));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      killLeftovers(-1, `${base}/`);
      fs.rmSync(base, { recursive: true, force: true });
      process.exit(130);
    });
  }
  const binary = path.resolve(process.env.TEST_NGINX_BINARY ?? launcher);
  return { binary, suite: copy, base, user, limitMs: Number(options.timeout) * 1000 };
}

function nobody(): User {
  const entry = /^nobody:[^:]*:(\d+):(\d+):/m.exec(fs.readFileSync('/etc/passwd', 'utf8'));
  return { uid: Number(entry?.[1] ?? 65534), gid: Number(entry?.[2] ?? 65534) };
}

// Also tells early what would fail in every file: nothing built, or a path that the user cannot enter.
function askVersion(setup: Setup): string | undefined {
  const asked = spawnSync(setup.binary, ['-V'], { encoding: 'utf8', ...setup.user });
  const version = /nginx version: (\S+)/.exec(`${asked.stderr}${asked.stdout}`)?.[1];
  if (version !== undefined) return version;
  const who = setup.user === undefined ? '' : ` as uid ${setup.user.uid}`;
  complain(`${setup.binary} -V does not answer${who}: ${asked.error?.message ?? asked.stderr}`);
  fs.rmSync(setup.base, { recursive: true, force: true });
  return undefined;
}

function commitOf(suite: string): string {
  const asked = spawnSync('git', ['-C', suite, 'rev-parse', 'HEAD'], { encoding: 'utf8' });
  return asked.status === 0 ? asked.stdout.trim() : 'unknown';
}

function complain(text: string): number {
  process.stderr.write(`conformance: ${text}\n`);
  return 1;
}
