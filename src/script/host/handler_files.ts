// Files of *_by_ts_file whose names depend on the request: loaded into an isolate on first use, and kept, up to a number.
// What they import is shared with the configuration's own scripts, and among them.

import { accessSync, constants } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { errnoOf, errnoText } from '../../core/errno.ts';
import { messageOf } from '../../core/thrown.ts';
import type { SegmentStep } from '../protocol.ts';
import { type CompiledBlock, type CompiledFile, compileFile, type Input, stampOf } from './compile.ts';
import type { DebugMap } from './debug_map.ts';
import type { CodeCache, IsolateDoor } from './isolate.ts';
import { CompileError } from './mistakes.ts';
import type { CompileOptions, Source } from './source.ts';
import type { Stacks } from './stack.ts';

const MISSING: readonly number[] = [osConstants.errno.ENOENT, osConstants.errno.ENOTDIR];

/** How many files an isolate keeps; the one that has not been used for the longest makes room. */
const MAX_FILES = 256;

/** How long a file that cannot be loaded is left alone, unless it changes. */
const RETRY_MS = 1000;

/** A file cannot be loaded: the status that its request ends with. */
export class LoadFailure extends Error {
  override readonly name = 'LoadFailure';
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** A step of a segment; with a path, its block is the file's. */
export interface FileStep extends SegmentStep {
  readonly path: string | null;
}

/** The isolate that files are loaded into. */
interface FilesIsolate {
  readonly door: IsolateDoor;
  /** When no visit is under way. */
  settled(): Promise<void>;
  /** The same for what runs a script's code on this thread. */
  undisturbed<T>(act: () => T): Promise<T>;
  /** Acts on what was asked for while a file was loaded. */
  collect(): void;
}

interface Failed {
  readonly until: number;
  readonly stamp: string;
  readonly failure: LoadFailure;
}

interface Loaded {
  readonly name: string;
  readonly block: number;
  readonly compiled: CompiledFile;
}

export class HandlerFiles {
  readonly #options: CompileOptions;
  readonly #stacks: Stacks;
  readonly #timeoutMs: number;
  readonly #debugMap: DebugMap;
  /** By path, the one used last at the end. */
  readonly #files = new Map<string, Loaded>();
  readonly #loading = new Map<string, Promise<void>>();
  readonly #failures = new Map<string, Failed>();
  /** Numbers of segments, by the blocks in them. */
  readonly #segments = new Map<string, number>();
  /** Paths of modules that the isolate has. */
  readonly #modules: Set<string>;
  readonly #inputs: Input[] = [];
  #nextBlock: number;
  #nextSegment: number;
  #isolate: FilesIsolate | null = null;
  #cache: CodeCache = new Map();

  constructor(
    options: CompileOptions,
    stacks: Stacks,
    modules: Iterable<string>,
    blocks: number,
    segments: number,
    timeoutMs: number,
    debugMap: DebugMap,
  ) {
    this.#options = options;
    this.#stacks = stacks;
    this.#modules = new Set(modules);
    this.#nextBlock = blocks;
    this.#nextSegment = segments;
    this.#timeoutMs = timeoutMs;
    this.#debugMap = debugMap;
  }

  /** All that has been read for them. */
  get inputs(): readonly Input[] {
    return this.#inputs;
  }

  /** An isolate has been started, perhaps in place of another: it gets what that one had. */
  enter(isolate: FilesIsolate, cache: CodeCache): void {
    const { door } = isolate;
    this.#isolate = isolate;
    this.#cache = cache;
    for (const [path, file] of this.#files) {
      try {
        this.#put(door, file);
      } catch {
        this.#forget(path, file); // it is loaded anew when it is asked for, and its fault told then
      }
    }
    for (const [steps, segment] of this.#segments) door.define(segment, steps);
  }

  /** What is known of a block; undefined where it is none of a file's. */
  block(number: number): CompiledBlock | undefined {
    for (const { block, compiled } of this.#files.values()) if (block === number) return compiled.block;
    return undefined;
  }

  /** The number of the segment of these steps; -1: files have to be loaded, or it has to be defined. */
  segment(steps: readonly FileStep[]): number {
    const key = this.#key(steps);
    return key === null ? -1 : (this.#segments.get(key) ?? -1);
  }

  /** The steps with the blocks of their files; null: some are not there. */
  #key(steps: readonly FileStep[]): string | null {
    const known: SegmentStep[] = [];
    for (const { phase, block, path } of steps) {
      const file = path === null ? null : this.#files.get(path);
      if (file === undefined) return null;
      known.push({ phase, block: file === null ? block : file.block });
      if (path === null || file === null || this.#files.size === 1) continue;
      this.#files.delete(path);
      this.#files.set(path, file);
    }
    return JSON.stringify(known);
  }

  /** Makes a segment of these steps, whose files have been loaded. */
  async define(steps: readonly FileStep[]): Promise<void> {
    await this.#isolate?.settled();
    const key = this.#key(steps);
    if (key === null || this.#segments.has(key)) return;
    const segment = this.#nextSegment++;
    this.#segments.set(key, segment);
    this.#isolate?.door.define(segment, key);
  }

  /** Loads one. Throws LoadFailure. */
  async load(source: Source): Promise<void> {
    const path = source.path as string;
    if (this.#files.has(path)) return;
    const under = this.#loading.get(path);
    if (under !== undefined) return under;
    const work = this.#loadOnce(source, path).finally(() => this.#loading.delete(path));
    this.#loading.set(path, work);
    return work;
  }

  /** What has just failed is not tried again at once: a compiler is dear. */
  async #loadOnce(source: Source, path: string): Promise<void> {
    const before = this.#failures.get(path);
    if (before !== undefined && before.until > Date.now() && before.stamp === stampOf(path))
      throw before.failure;
    try {
      await this.#load(source, path);
      this.#failures.delete(path);
    } catch (failure) {
      if (failure instanceof LoadFailure && failure.status === 500) {
        if (this.#failures.size >= MAX_FILES) this.#failures.clear();
        this.#failures.set(path, { until: Date.now() + RETRY_MS, stamp: stampOf(path), failure });
      }
      throw failure;
    }
  }

  async #load(source: Source, path: string): Promise<void> {
    try {
      accessSync(path, constants.R_OK);
    } catch (error) {
      const errno = errnoOf(error as NodeJS.ErrnoException);
      throw new LoadFailure(
        failed(path, `open() failed ${errnoText(errno)}`),
        MISSING.includes(errno) ? 404 : 503,
      );
    }
    let compiled: CompiledFile;
    try {
      compiled = await compileFile(source, this.#modules, this.#options);
    } catch (error) {
      if (error instanceof CompileError) throw new LoadFailure(failed(path, error.message), 500);
      throw error;
    }
    const put = (): Loaded => this.#enterNew(path, compiled);
    const file = await (this.#isolate === null ? put() : this.#isolate.undisturbed(put));
    this.#files.set(path, file);
    this.#inputs.push(...compiled.inputs);
    for (const module of compiled.modules) this.#modules.add(module);
    if (this.#files.size > MAX_FILES) this.#forgetOldest();
  }

  /** Throws LoadFailure. */
  #enterNew(path: string, compiled: CompiledFile): Loaded {
    const isolate = this.#isolate;
    if (isolate === null || isolate.door.disposed) {
      throw new LoadFailure(failed(path, 'the isolate is gone'), 503);
    }
    const block = this.#nextBlock++;
    const file = { name: `tsresty:file:${block}`, block, compiled };
    this.#stacks.add(file.name, compiled.map);
    try {
      this.#put(isolate.door, file);
    } catch (error) {
      const text = messageOf(error);
      throw new LoadFailure(failed(path, text), 500);
    } finally {
      if (!isolate.door.disposed) isolate.collect();
    }
    return file;
  }

  #put(door: IsolateDoor, { name, block, compiled }: Loaded): void {
    const code = compiled.code + this.#debugMap(compiled.map);
    door.add({ code, name }, block, this.#cache, this.#timeoutMs);
  }

  #forgetOldest(): void {
    const [oldest] = this.#files;
    if (oldest !== undefined) this.#forget(...oldest);
  }

  #forget(path: string, { name, block }: Loaded): void {
    this.#files.delete(path);
    this.#stacks.remove(name);
    this.#cache.delete(name);
    for (const [key, segment] of this.#segments) {
      if (!(JSON.parse(key) as SegmentStep[]).some((step) => step.block === block)) continue;
      this.#segments.delete(key);
      this.#isolate?.door.define(segment, '[]');
    }
  }
}

function failed(path: string, why: string): string {
  return `failed to load external TypeScript file "${path}": ${why}`;
}
