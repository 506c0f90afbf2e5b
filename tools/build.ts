// Bundles the command (dist/main.js, loaded by dist/tsresty.js) and what runs inside an isolate (dist/guest*.js).
// Nothing happens when no input changed since the last build: npm start and npm test call this every time.
// CommonJS, because only that lets the loader hand V8 a code cache which serves every user (see boot.cjs).

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import type { BuildOptions, BuildResult, build as esbuildBuild, Metafile } from 'esbuild';
import { WORKER_FLAGS } from '../src/process/worker_flags.ts';
import { chunkFile, chunkOptions, PRELUDE_OPTIONS } from '../src/script/host/prelude.ts';
import { CHUNKS } from '../src/script/protocol.ts';
import { guestEntry, mainEntry, root } from './paths.ts';

const dist = path.join(root, 'dist');
const stampFile = path.join(dist, 'build.json');

interface Stamp {
  readonly recipe: string;
  readonly inputs: Readonly<Record<string, string>>;
}

interface Bundle {
  readonly entry: string;
  readonly options: BuildOptions;
}

const mainBundle: Bundle = {
  entry: mainEntry,
  options: {
    outfile: 'dist/main.js',
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    // Native parts cannot be bundled.
    external: ['isolated-vm', 'lmdb', 'esbuild'],
    // A script with a code cache of its own cannot import(): it becomes a require at that moment.
    supported: { 'dynamic-import': false },
    define: {
      'import.meta.url': '__url',
      'import.meta.filename': '__filename',
      'import.meta.dirname': '__dirname',
      'import.meta.main': 'true',
    },
    banner: { js: '(function (exports, require, module, __filename, __dirname, __url) {' },
    footer: { js: '})' },
  },
};

const guestBundle: Bundle = {
  entry: guestEntry,
  options: { ...PRELUDE_OPTIONS, outfile: 'dist/guest.js' },
};

const guestDir = path.dirname(guestEntry);
const bundles: readonly Bundle[] = [
  mainBundle,
  guestBundle,
  ...CHUNKS.map((name) => ({
    entry: `${guestDir}/chunks/${name}.ts`,
    options: { ...chunkOptions(path.join(root, guestDir)), outfile: `dist/${chunkFile(name)}` },
  })),
];

// Builds what is out of date; returns false, having said why on stderr, where that is not possible.
export async function build(force = false): Promise<boolean> {
  if (!force && isCurrent()) return true;

  const missing = bundles.filter((b) => !fs.existsSync(path.join(root, b.entry)));
  for (const b of missing) {
    process.stderr.write(`build: ${b.entry} does not exist, ${b.options.outfile} is not built\n`);
  }

  const { build: esbuild, stop } = await import('esbuild');
  const results = await Promise.all(
    bundles.filter((b) => !missing.includes(b)).map((b) => bundle(b, esbuild)),
  );
  await stop();
  const metafiles: Metafile[] = [];
  for (const result of results) {
    if (result === undefined) return false;
    metafiles.push(result);
  }
  if (missing.length > 0) return false;

  writeBoot();
  writeCodeCaches();
  writeStamp(metafiles);
  return true;
}

async function bundle(b: Bundle, esbuild: typeof esbuildBuild): Promise<Metafile | undefined> {
  let result: BuildResult<{ write: false; metafile: true }>;
  try {
    result = await esbuild({
      entryPoints: [b.entry],
      absWorkingDir: root,
      bundle: true,
      sourcemap: 'linked',
      logLevel: 'warning',
      ...b.options,
      write: false,
      metafile: true,
    });
  } catch (error) {
    // esbuild has printed the errors of the source; anything else is ours.
    if (error instanceof Error && 'errors' in error) return undefined;
    throw error;
  }
  for (const file of result.outputFiles) writeWhole(file.path, file.contents);
  return result.metafile;
}

// A reader, or a build of somebody else at the same moment, sees the old file or the new one, never half.
function writeWhole(file: string, contents: string | Uint8Array): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  fs.writeFileSync(temporary, contents);
  fs.renameSync(temporary, file);
}

function writeBoot(): void {
  writeWhole(path.join(dist, 'package.json'), '{ "type": "commonjs" }\n');
  writeWhole(path.join(dist, 'tsresty.js'), fs.readFileSync(path.join(root, 'tools/build/boot.cjs')));
}

// One code cache for the master's flags and one for the workers', since V8 takes none that was made with others.
// A bundle that does not even print its version is built all the same: what is wrong with it shows when it runs.
function writeCodeCaches(): void {
  fs.rmSync(path.join(dist, 'cache'), { recursive: true, force: true });
  for (const flags of [[], WORKER_FLAGS]) {
    const made = spawnSync(process.execPath, [...flags, path.join(root, 'tools/build/cache.cjs'), dist], {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    if (made.status !== 0) process.stderr.write(`build: no code cache: ${made.stderr}\n`);
  }
}

function isCurrent(): boolean {
  const stamp = readStamp();
  if (stamp === undefined || stamp.recipe !== recipe()) return false;
  for (const [file, mark] of Object.entries(stamp.inputs)) if (markOf(file) !== mark) return false;
  const made = [...bundles.map((b) => path.basename(b.options.outfile ?? '')), 'tsresty.js'];
  return made.every((name) => fs.existsSync(path.join(dist, name)));
}

function readStamp(): Stamp | undefined {
  try {
    return JSON.parse(fs.readFileSync(stampFile, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function writeStamp(metafiles: readonly Metafile[]): void {
  const inputs: Record<string, string> = {};
  for (const metafile of metafiles) {
    for (const file of Object.keys(metafile.inputs)) {
      const mark = markOf(file);
      if (mark !== undefined) inputs[file] = mark;
    }
  }
  const stamp: Stamp = { recipe: recipe(), inputs };
  writeWhole(stampFile, JSON.stringify(stamp));
}

function markOf(file: string): string | undefined {
  const stat = fs.statSync(path.join(root, file), { throwIfNoEntry: false });
  return stat === undefined ? undefined : `${stat.mtimeMs} ${stat.size}`;
}

// What decides about the output beside the inputs.
function recipe(): string {
  const files = [
    'tools/build.ts',
    'tools/build/boot.cjs',
    'tools/build/cache.cjs',
    'package.json',
    'tsconfig.json',
  ];
  return [process.version, ...files.map(markOf)].join(' ');
}

if (import.meta.main) {
  process.exitCode = (await build(process.argv.includes('--force'))) ? 0 : 1;
}
