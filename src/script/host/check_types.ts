// Type errors of blocks and files, by the `typescript` package that the prefix has installed. Only its command line is
// used, since that is the same in every version: the blocks are written as modules into a temporary directory, and what
// tsc says of them is moved back to the place in nginx.conf. Nothing is run.
//
// The directory mirrors the root of the file system (`rootDirs`), so that a block's imports mean what they mean in the
// directory of its configuration file; node_modules of directories above it are there as links.

import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BlockModule, blockModule } from './block_module.ts';
import { brokenSources } from './broken_files.ts';
import { inBlock, inFile, type Mistake } from './mistakes.ts';
import type { CompileOptions, Source } from './source.ts';

/** The types that scripts see. */
export const TYPES_FILE = fileURLToPath(
  import.meta.url.endsWith('.ts')
    ? new URL('../ngx.d.ts', import.meta.url)
    : new URL('../src/script/ngx.d.ts', import.meta.url),
);

/** What a script is checked as, here and by an editor (`tsresty types`). */
export const COMPILER_OPTIONS = {
  target: 'esnext',
  module: 'esnext',
  moduleResolution: 'bundler',
  customConditions: ['tsresty', 'workerd', 'worker'],
  lib: ['esnext', 'webworker', 'webworker.iterable', 'webworker.asynciterable'],
  types: [],
  strict: true,
  noEmit: true,
  allowJs: true,
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
  isolatedModules: true,
  skipLibCheck: true,
} as const;

/** Without them scripts would be checked as something that they are not, whatever a prefix's tsconfig.json says. */
const FIXED_OPTIONS = [
  'module',
  'moduleResolution',
  'customConditions',
  'noEmit',
  'allowImportingTsExtensions',
  'resolveJsonModule',
] as const satisfies readonly (keyof typeof COMPILER_OPTIONS)[];

/** The typescript package is not there, or cannot be run. */
export class CheckerFault extends Error {
  override readonly name = 'CheckerFault';
}

/** `known`: what is wrong without looking at types; it is not said again. */
export async function checkTypes(
  sources: readonly Source[],
  known: readonly Mistake[],
  options: CompileOptions,
): Promise<Mistake[]> {
  const tsc = findCompiler(resolve(options.prefix));
  const project = new Project(sources, options);
  try {
    project.write(await brokenSources(sources, known, options));
    const lines = new Set(known.map(lineOf));
    return project
      .mistakes(await run(tsc, project.directory))
      .filter((mistake) => !lines.has(lineOf(mistake)));
  } finally {
    project.remove();
  }
}

function lineOf({ place }: Mistake): string {
  return `${place.file}:${place.line}`;
}

/** The program of the typescript package: the prefix's own, or the one beside us. */
export function findCompiler(prefix: string, beside = import.meta.url): string {
  for (const from of [join(prefix, 'package.json'), beside]) {
    let description: string;
    try {
      description = createRequire(from).resolve('typescript/package.json');
    } catch {
      continue;
    }
    const { bin } = JSON.parse(readFileSync(description, 'utf8')) as { bin?: { tsc?: string } };
    if (bin?.tsc !== undefined) return join(dirname(description), bin.tsc);
  }
  throw new CheckerFault(
    `types cannot be checked: the package "typescript" is not installed, run "npm install --prefix ${prefix} typescript"`,
  );
}

function run(tsc: string, directory: string): Promise<string> {
  const child = spawn(process.execPath, [tsc, '-p', directory, '--pretty', 'false'], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let complaint = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) => {
      // 1 and 2: there are errors.
      if (code === 0 || ((code === 1 || code === 2) && output !== '')) done(output);
      else
        fail(
          new CheckerFault(`types cannot be checked: "${tsc}" exited with code ${code}: ${complaint.trim()}`),
        );
    });
  });
}

interface Handler {
  readonly source: Source;
  readonly line: number;
}

class Project {
  /** Real, since that is how tsc names what is in it. */
  readonly directory = realpathSync(mkdtempSync(join(tmpdir(), 'tsresty-types-')));
  readonly #root = join(this.directory, 'root');
  readonly #sources: readonly Source[];
  readonly #options: CompileOptions;
  readonly #prefix: string;
  /** By path in the mirror. */
  readonly #blocks = new Map<string, { source: Source; module: BlockModule }>();
  readonly #handlers: Handler[] = [];

  constructor(sources: readonly Source[], options: CompileOptions) {
    this.#sources = sources;
    this.#options = options;
    this.#prefix = resolve(options.prefix);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** `broken`: of what has wrong syntax anywhere, tsc would tell nothing else. */
  write(broken: ReadonlySet<number>): void {
    const files: string[] = [TYPES_FILE];
    let handlers = '';
    let line = 0;
    for (const [i, source] of this.#sources.entries()) {
      if (broken.has(i)) continue;
      const parameter = `import("tsresty/ngx").NgxIn<"${source.phase.replace(/_by_ts$/, '')}">`;
      if (source.path !== null) {
        handlers += `import handler${i} from ${JSON.stringify(resolve(source.path))};\n`;
        handlers += `handler${i} satisfies (ngx: ${parameter}) => unknown;\n`;
        this.#handlers.push({ source, line: line + 1 }, { source, line: line + 2 });
        line += 2;
        continue;
      }
      const module = blockModule(source.text ?? '', parameter);
      const directory = dirname(resolve(source.file));
      const path = join(this.#mirror(directory), `block${i}.ts`);
      writeFileSync(path, module.code);
      this.#linkImports(source.text ?? '', directory);
      this.#blocks.set(path, { source, module });
      files.push(path);
    }
    const entry = join(this.directory, 'handlers.ts');
    writeFileSync(entry, `${handlers}export {};\n`);
    writeFileSync(join(this.directory, 'tsconfig.json'), JSON.stringify(this.#config([...files, entry])));
  }

  #config(files: readonly string[]): unknown {
    const own = join(this.#prefix, 'tsconfig.json');
    const extended = existsSync(own);
    const options: Record<string, unknown> = extended ? {} : { ...COMPILER_OPTIONS };
    for (const name of FIXED_OPTIONS) options[name] = COMPILER_OPTIONS[name];
    const paths: Record<string, readonly string[]> = { 'tsresty/ngx': [TYPES_FILE] };
    const packages = packageTemplates(this.#options.packagePath, this.#prefix);
    if (packages.length > 0) paths['*'] = packages;
    return {
      ...(extended ? { extends: own } : {}),
      compilerOptions: {
        ...options,
        incremental: false,
        composite: false,
        rootDirs: [this.#root, '/'],
        paths,
      },
      files,
      include: [],
    };
  }

  /** The directory that stands for `directory`, with the packages that are to be found from there. */
  #mirror(directory: string): string {
    const mirror = join(this.#root, directory);
    if (existsSync(mirror)) return mirror;
    mkdirSync(mirror, { recursive: true });
    for (const place of [...ancestors(directory), this.#prefix]) {
      const packages = join(place, 'node_modules');
      if (!existsSync(packages)) continue;
      // The prefix's are found from everywhere, last.
      const from = place === this.#prefix && !inside(directory, place) ? '/' : place;
      const link = join(this.#root, from, 'node_modules');
      if (!existsSync(link)) symlinkSync(packages, link);
    }
    return mirror;
  }

  /** Relative imports that mean a file below the prefix, since there is none beside the configuration file. */
  #linkImports(text: string, directory: string): void {
    for (const [, , name = ''] of text.matchAll(/(?:\bfrom|\bimport\s*\(?)\s*(["'])(\.[^"'\n]*)\1/g)) {
      const beside = resolve(directory, name);
      const below = resolve(this.#prefix, name);
      const link = join(this.#root, beside);
      if (existsSync(beside) || !existsSync(below) || existsSync(link)) continue;
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(below, link);
    }
  }

  /** What tsc has said. */
  mistakes(output: string): Mistake[] {
    const reports: Report[] = [];
    for (const line of output.split('\n')) {
      if (/^\s+\S/.test(line)) {
        reports.at(-1)?.notes.push(line.trim()); // tsc explains in further lines, indented
        continue;
      }
      const [, file = '', row, column, text] =
        /^(?:(.+?)\((\d+),(\d+)\): )?error (TS\d+: .*)$/.exec(line) ?? [];
      if (text === undefined) continue;
      reports.push({ file, line: Number(row), column: Number(column), text: inOurWorld(text), notes: [] });
    }
    return reports.map((report) => this.#mistake(report));
  }

  #mistake(report: Report): Mistake {
    const { file, line, column, text, notes } = report;
    if (file === '') return { message: text, place: { file: '', line: 0, column: 0 }, notes };
    const path = resolve(this.directory, file);
    const block = this.#blocks.get(path);
    if (block !== undefined) {
      const { source, module } = block;
      const disabled = disabledCall(report, source, module.code);
      if (disabled !== null) return inBlock(source, module, line, column, disabled);
      return inBlock(source, module, line, column, text, notes);
    }
    if (path === join(this.directory, 'handlers.ts')) {
      const handler = this.#handlers.find((known) => known.line === line);
      if (handler !== undefined) return handlerMistake(handler.source, text, notes);
    }
    return inFile(path, line, column, text, this.#sources, notes);
  }
}

interface Report {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly text: string;
  readonly notes: string[];
}

/** Without advice that is good for browsers and for Node only. */
function inOurWorld(text: string): string {
  return text.replace(/ Do you need to (?:change your target library|install type definitions).*$/, '');
}

/** What a phase refuses has the type `never`; of that tsc speaks in words that help nobody. */
function disabledCall({ text, line, column, notes }: Report, source: Source, code: string): string | null {
  if (![text, ...notes].some((said) => /type 'never'/i.test(said))) return null;
  const written = code.split('\n')[line - 1] ?? '';
  const [, name] =
    /\bngx\.(\w+)$/.exec(
      written.slice(0, column - 1) + (/^\w+/.exec(written.slice(column - 1))?.[0] ?? ''),
    ) ?? [];
  const [, outer] =
    /\bngx\.(\w+)(?:\.|\[)$/.exec(written.slice(0, column - 1)) ??
    /^ngx\.(\w+)\[/.exec(written.slice(column - 1)) ??
    [];
  const what = outer ?? name;
  return what === undefined
    ? null
    : `${text.slice(0, 8)}"ngx.${what}": API disabled in the context of ${source.phase}*`;
}

/** The file is well; what it exports is not what the directive needs. */
function handlerMistake(
  { directive, file, line, column, path, phase }: Source,
  text: string,
  notes: string[],
): Mistake {
  const what = text.startsWith('TS1192')
    ? `${text.slice(0, 8)}there is no default export in ${path}`
    : `${text.slice(0, 8)}the default export of ${path} is no function that takes the ngx of ${phase}`;
  const words = text.startsWith('TS1192') ? [] : [text.slice(8), ...notes.splice(0)];
  notes.push(...words, 'it needs: export default function (ngx: Ngx) { … }');
  return {
    message: `${directive} in ${file}:${line}:${column}: ${what}`,
    place: { file, line, column },
    notes,
  };
}

/** ts_package_path as `paths` of tsconfig.json. */
function packageTemplates(packagePath: string, prefix: string): string[] {
  return packagePath
    .split(';')
    .filter((template) => template !== '')
    .map((template) =>
      resolve(prefix, template.includes('?') ? template.replaceAll('?', '*') : join(template, '*')),
    )
    .filter((template) => template.split('*').length === 2);
}

function ancestors(directory: string): string[] {
  const above = dirname(directory);
  return above === directory ? [directory] : [directory, ...ancestors(above)];
}

function inside(directory: string, outer: string): boolean {
  return directory === outer || directory.startsWith(outer.endsWith('/') ? outer : `${outer}/`);
}
