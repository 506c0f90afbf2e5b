// Which module an import of a script means, and what is in the modules that are made here.

import { existsSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import type { OnLoadResult, OnResolveArgs, OnResolveResult, Plugin } from 'esbuild';
import { BrowserFields } from './browser_field.ts';
import { BLOCK, type CompileOptions, ENTRY, isBare, type Job, type Source } from './source.ts';

const LOADED = 'ts-loaded';
/** A module that a package leaves out where there is no Node. */
const EMPTY = 'ts-empty';

/** What cannot be found is put into `unresolved`, by what esbuild says of it: what we say. */
export function resolver(
  { sources, wanted, modules, options, shared, loaded }: Job,
  unresolved: Map<string, string>,
): Plugin {
  return {
    name: 'tsresty',
    setup(build) {
      const importers = new Map<string, string>();
      const browserFields = new BrowserFields();
      build.onResolve({ filter: /.*/ }, async (args) => {
        if (args.pluginData === BLOCK) return undefined;
        const found = await find(args);
        if (found?.path !== undefined && loaded.has(found.path) && found.path !== sources[0]?.path) {
          return { path: found.path, namespace: LOADED };
        }
        if (found?.path !== undefined && !importers.has(found.path)) importers.set(found.path, args.importer);
        return found;

        async function find(args: OnResolveArgs): Promise<OnResolveResult | undefined> {
          if (args.kind === 'entry-point') return { path: ENTRY, namespace: ENTRY };
          if (args.namespace === ENTRY && args.path.startsWith(`${BLOCK}:`))
            return { path: args.path, namespace: BLOCK };
          if (args.path.startsWith('resty:')) {
            return { errors: [{ text: `module "${args.path}" is not supported yet` }] };
          }
          if (isBare(args.path) && !args.importer.includes('/node_modules/')) {
            const own = onPackagePath(args.path, options);
            if (own !== null) return { path: own };
          }
          const fromBlock = args.namespace === BLOCK;
          const dirs = fromBlock
            ? [blockDir(args.importer, sources), resolve(options.prefix)]
            : [args.resolveDir, resolve(options.prefix)];
          const inPackage = args.namespace === 'file' && args.importer.includes('/node_modules/');
          let { path } = args;
          const bare = inPackage && isBare(path) ? browserFields.replacement(path, args.importer, '') : null;
          if (bare === false) return { path, namespace: EMPTY };
          if (bare !== null) {
            path = bare.path;
            dirs.unshift(bare.dir);
          }
          for (const resolveDir of dirs) {
            const result = await build.resolve(path, {
              kind: args.kind,
              resolveDir,
              pluginData: BLOCK,
            });
            // What esbuild would leave to others, https://… above all, nobody would find.
            if (result.errors.length === 0 && !result.external) {
              let by =
                inPackage && bare === null
                  ? browserFields.replacement(path, args.importer, result.path)
                  : null;
              if (by === null && isBare(path) && result.path.includes('/node_modules/')) {
                by = browserFields.ofEntry(result.path);
              }
              if (by === false) return { path: result.path, namespace: EMPTY };
              if (by?.path.startsWith('.')) return { path: resolve(by.dir, by.path) };
              return {
                path: result.path,
                namespace: result.namespace,
                sideEffects: result.sideEffects,
                suffix: result.suffix,
              };
            }
          }
          const text = nodeModule(args, importers, sources) ?? `could not resolve "${args.path}"`;
          if (args.kind === 'require-call') {
            // In a `try` it is only a question: esbuild sees that, and says what we have to say otherwise.
            unresolved.set(`Could not resolve "${args.path}"`, text);
            return undefined;
          }
          return { errors: [{ text }] };
        }
      });
      build.onLoad({ filter: /.*/, namespace: ENTRY }, () => ({
        contents: entry(sources, wanted) + handOut(shared),
        loader: 'ts',
        resolveDir: resolve(options.prefix),
      }));
      build.onLoad({ filter: /.*/, namespace: EMPTY }, () => ({
        contents: 'module.exports = {};',
        loader: 'js',
      }));
      build.onLoad({ filter: /.*/, namespace: LOADED }, ({ path }) => ({
        contents: `module.exports = ${ACCESSOR}(${JSON.stringify(path)});`,
        loader: 'js',
      }));
      build.onLoad({ filter: /.*/, namespace: BLOCK }, (args): OnLoadResult => {
        const index = Number(args.path.slice(BLOCK.length + 1));
        return {
          contents: modules[index]?.code ?? '',
          loader: 'ts',
          resolveDir: resolve(dirname((sources[index] as Source).file)),
        };
      });
    },
  };
}

/** A module that gathers all blocks and handlers in the order of `sources`. */
function entry(sources: readonly Source[], wanted: ReadonlySet<number>): string {
  let imports = '';
  const names: string[] = [];
  for (const [i, source] of sources.entries()) {
    if (!wanted.has(i)) {
      names.push('undefined');
      continue;
    }
    const from = source.path === null ? `${BLOCK}:${i}` : resolve(source.path);
    if (source.path === null) {
      imports += `import b${i} from ${JSON.stringify(from)};\n`;
      names.push(`b${i}`);
      continue;
    }
    imports += `import * as b${i} from ${JSON.stringify(from)};\n`;
    const fault = JSON.stringify(`the default export of ${source.path} is not a function`);
    names.push(
      `typeof b${i}['default'] === 'function' ? b${i}['default'] : () => { throw new TypeError(${fault}); }`,
    );
  }
  return `${imports}export default [${names.join(',\n')}];\n`;
}

/** The name under which a file's program finds modules that are there already. */
export const ACCESSOR = '__tsresty_loaded';

/** The part of the entry that gives modules to files that are loaded later. */
function handOut(shared: readonly string[]): string {
  let text = '';
  const table: string[] = [];
  for (const [i, path] of shared.entries()) {
    text += `import * as m${i} from ${JSON.stringify(path)};\n`;
    table.push(`${JSON.stringify(path)}: m${i}`);
  }
  return shared.length === 0 ? '' : `${text}export const modules = {${table.join(', ')}};\n`;
}

function blockDir(importer: string, sources: readonly Source[]): string {
  const source = sources[Number(importer.slice(BLOCK.length + 1))];
  return source === undefined ? '/' : resolve(dirname(source.file));
}

const EXTENSIONS = ['', '.ts', '.js', '.mjs', '/index.ts', '/index.js'];

function onPackagePath(name: string, options: CompileOptions): string | null {
  for (const template of options.packagePath.split(';')) {
    if (template === '') continue;
    const path = template.includes('?') ? template.replaceAll('?', name) : join(template, name);
    for (const extension of EXTENSIONS) {
      const file = resolve(options.prefix, path + extension);
      if (existsSync(file) && statSync(file).isFile()) return file;
    }
  }
  return null;
}

const NODE_MODULES: ReadonlySet<string> = new Set(builtinModules);

/** That a module is Node's own, and who wants it; null for any other. */
function nodeModule(
  args: OnResolveArgs,
  importers: ReadonlyMap<string, string>,
  sources: readonly Source[],
): string | null {
  const name = args.path.startsWith('node:') ? args.path.slice(5) : args.path;
  if (!args.path.startsWith('node:') && !NODE_MODULES.has(name)) return null;
  const chain: string[] = [];
  for (
    let from: string | undefined = args.importer;
    from !== undefined && from !== ENTRY;
    from = importers.get(from)
  ) {
    chain.unshift(shown(from, sources));
    if (chain.length > 20) break;
  }
  return `"${args.path}" is a module of Node's own, which scripts cannot use: ${[...chain, `"${args.path}"`].join(' → ')}`;
}

function shown(module: string, sources: readonly Source[]): string {
  if (!module.startsWith(`${BLOCK}:`)) return module.replace(/^.*\/node_modules\//, '');
  const source = sources[Number(module.slice(BLOCK.length + 1))];
  return source === undefined ? module : `${source.directive} in ${source.file}:${source.line}`;
}
