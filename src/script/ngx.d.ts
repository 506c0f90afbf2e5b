// The types of everything that a `*_by_ts_block` or a handler file can use beside the web's own globals.
//
//     import type { Ngx } from 'tsresty/ngx';
//     export default async function (ngx: Ngx): Promise<void> { … }
//
// Names and meanings are lua-nginx-module's. Text is UTF-8; whatever is data may be given as bytes too. An operation
// that fails throws NgxError, whose message is Lua's error string. "Phases" says where a call makes sense: elsewhere it
// throws `API disabled in the context of …`.

/** Text or bytes; a number stands for its decimal form. */
export type Data = string | number | Uint8Array | ArrayBuffer | readonly Data[];

/** Bytes of one's own, as the web's interfaces want them. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** What `print`, `say` and `log` take: values, and nested arrays of them. A plain object is refused: use JSON. */
export type Printable =
  | string
  | number
  | boolean
  | bigint
  | null
  | undefined
  | Uint8Array
  | ArrayBuffer
  | readonly Printable[];

/** What an operation throws where Lua returns `nil, err`. */
export interface NgxError extends Error {
  /** The message in SCREAMING_SNAKE: `timeout` → `TIMEOUT`, `not found` → `NOT_FOUND`. */
  readonly code: string;
}

/** Take what fits within a limit, instead of throwing `truncated`. */
export interface Truncate {
  readonly truncate?: boolean;
}

/** Headers by lower-case name; a repeated one is an array. Any spelling of a name finds it: `h.User_Agent`. */
export interface HeaderTable {
  readonly [name: string]: string | string[] | undefined;
}

/** Arguments by name: `true` for one without "=", an array for a repeated one. */
export interface ArgTable {
  readonly [name: string]: string | true | (string | true)[] | undefined;
}

/** What arguments are made from: arrays repeat a name, `true` gives it without "=", `false` and `undefined` leave it out. */
export interface ArgSource {
  readonly [name: string]:
    | string
    | number
    | boolean
    | undefined
    | null
    | readonly (string | number | boolean)[];
}

/**
 * nginx's variables: `undefined` where there is none of the name, or it has no value; a number is a capture of the last
 * regular expression that matched. Assigning works for variables that the configuration defines (`set $x "";`) and the
 * few built-in ones that may be changed; `undefined` unsets.
 * Throws `variable "x" not changeable`, `variable "x" not found for writing; …`.
 */
export interface Variables {
  [name: string | number]: string | undefined;
}

/**
 * The response's headers. Underscores in names become hyphens; arrays repeat a header; `undefined` and `null` remove it.
 * After the head has been sent, setting is logged and has no effect.
 */
export interface ResponseHeaders {
  // biome-ignore lint/suspicious/noExplicitAny: read as string or array, written as numbers and booleans too
  [name: string]: any;
}

/** ngx.req: the request. Lua: ngx.req.*. Phases: all that have a request, unless said otherwise. */
export interface Req {
  /** Came by an internal redirect or as a subrequest. */
  is_internal(): boolean;
  /** When the first byte came: seconds since 1970, with milliseconds. */
  start_time(): number;
  /** 0.9, 1.0, 1.1 or 2.0. */
  http_version(): number;
  /** The head as it came, with or without the request line. */
  raw_header(noRequestLine?: boolean): string;
  /** "GET", "POST" …. Lua: ngx.req.get_method. */
  get_method(): string;
  /** One of `ngx.HTTP_GET` …. Phases: not log. */
  set_method(method: number): void;
  /**
   * Changes the uri (not its arguments). With `jump` the location is looked up again with an empty ngx.ctx, and the
   * call does not return; only in rewrite phases.
   */
  set_uri(uri: string, jump: true, binary?: boolean): never;
  set_uri(uri: string, jump?: boolean, binary?: boolean): void;
  /** Replaces the arguments: text as it is but for spaces and control characters, an object encoded. Lua: ngx.req.set_uri_args. */
  set_uri_args(args: string | number | ArgSource): void;
  /** The arguments of the uri, decoded. More than `max` (100; 0: no limit) throw `truncated`. */
  get_uri_args(max?: number, options?: Truncate): ArgTable;
  /** The body as arguments, once it has been read. Throws `request body in temp file not supported`, `truncated`. */
  get_post_args(max?: number, options?: Truncate): ArgTable;
  /** More than `max` (100; 0: no limit) throw `truncated`. `raw`: names as they came. */
  get_headers(max?: number, raw?: boolean, options?: Truncate): HeaderTable;
  get_headers(max: number | undefined, options: Truncate): HeaderTable;
  /** Replaces a header; an array repeats it, `undefined`, `null` and an empty array remove it. Line ends are escaped. */
  set_header(name: string, value: string | number | readonly (string | number)[] | undefined | null): void;
  /** Adds a header beside those of its name. Lua: add_header of the module ngx.req. */
  add_header(name: string, value: string | number | readonly (string | number)[]): void;
  /** Takes a header away, if it is there. Lua: ngx.req.clear_header. */
  clear_header(name: string): void;
  /** Reads the body, into memory up to client_body_buffer_size and a file beyond. */
  read_body(): Promise<void>;
  /** The body is read and forgotten. Lua: ngx.req.discard_body. */
  discard_body(): void;
  /** The body as text; `undefined` when it is empty, not read yet, or in a file. */
  get_body_data(maxBytes?: number): string | undefined;
  /** The body's bytes untouched. */
  get_body_buffer(maxBytes?: number): Bytes | undefined;
  /** The file that holds the body. */
  get_body_file(): string | undefined;
  /** Throws `request body not read yet`. */
  set_body_data(data: Data): void;
  /**
   * The body is what the file holds; with `autoClean` it is deleted in the end. Lua: ngx.req.set_body_file.
   */
  set_body_file(file: string, autoClean?: boolean): void;
  /**
   * Begins a new body, which goes to a file when it grows beyond `bufferSize` (client_body_buffer_size). Throws
   * `request body not read yet`. Lua: ngx.req.init_body.
   */
  init_body(bufferSize?: number): void;
  /** Throws `request_body not initialized`. Lua: ngx.req.append_body. */
  append_body(data: Data): void;
  /** The new body is complete. Throws `request_body not initialized`. Lua: ngx.req.finish_body. */
  finish_body(): void;
  /**
   * The request's body as a stream, instead of reading it whole. Throws `no body`, `request body already exists`.
   * With `raw` the client's connection, both ways: nothing is sent any more but what is sent there. Throws
   * `pending data to write`, `pending request body reading in some other thread`, `duplicate call`.
   * Phases: server_rewrite, rewrite, access, precontent, content. Lua: ngx.req.socket.
   */
  socket(raw?: false): RequestSocket;
  socket(raw: true): RawRequestSocket;
}

/** ngx.resp. */
export interface Resp {
  /** As ngx.req.get_headers, of the response. */
  get_headers(max?: number, raw?: boolean, options?: Truncate): HeaderTable;
  get_headers(max: number | undefined, options: Truncate): HeaderTable;
  /** Adds a header beside those of the same name; one that a response can have once (ETag …) is replaced. */
  add_header(name: string, value: string | number | boolean | readonly (string | number | boolean)[]): void;
  /** The status, with a reason phrase of one's own. */
  set_status(status: number, reason?: string): void;
  /** If-None-Match, If-Modified-Since and their like are not looked at: the script does. Phases: not log. */
  bypass_if_checks(): void;
}

/** What a subrequest came to. */
export interface Captured {
  readonly status: number;
  /** Its response's headers, by any spelling. */
  readonly header: HeaderTable;
  /** The whole of the response's body as text. */
  readonly body: string;
  /** The body's bytes untouched. */
  readonly body_buffer: Bytes;
  /** The body is not complete; or there is none, since a status was all that it came to (`return 404;`, a throw …). */
  readonly truncated: boolean;
}

export interface CaptureOptions {
  /** `ngx.HTTP_POST`, or the method's name. GET unless given. */
  readonly method?: number | string;
  /** Sent with any method; else the request's own body goes along with PUT and POST. */
  readonly body?: Data;
  /** Added to those of the uri. */
  readonly args?: string | ArgSource;
  /** Set over the request's own; an array repeats a header. */
  readonly headers?: Readonly<Record<string, string | number | readonly (string | number)[]>>;
  /** Becomes the subrequest's ngx.ctx. */
  readonly ctx?: object;
  /** Variables to set in the subrequest. */
  readonly vars?: Readonly<Record<string, string | number>>;
  /** It sees this request's variables; what it changes stays there. */
  readonly copy_all_vars?: boolean;
  /** It shares this request's variables, both ways. */
  readonly share_all_vars?: boolean;
  /** The body goes along whatever the method; else with PUT and POST only. */
  readonly always_forward_body?: boolean;
}

/** ngx.location: subrequests. */
export interface LocationApi {
  /**
   * Asks a location of this server, through all of its phases but access. `uri` is a path with arguments.
   * Throws `unsafe uri in argument #1: …`, `Bad … option value`, `failed to issue subrequest: -1` (more than
   * 50 deep), `failed to adjust the subrequest: -1` (no such variable). Phases: not log. Lua:
   * ngx.location.capture.
   */
  capture(uri: string, options?: CaptureOptions): Promise<Captured>;
  /** Several at once; the answers are in the order asked. Lua: ngx.location.capture_multi. */
  capture_multi(requests: readonly (readonly [uri: string, options?: CaptureOptions])[]): Promise<Captured[]>;
}

export type SharedValue = string | number | boolean;
export type SharedInput = SharedValue | Uint8Array | ArrayBuffer;

/**
 * A dictionary that all workers share (ts_shared_dict). All calls are synchronous and atomic. Times are in seconds, to
 * the millisecond; 0 is never. Errors: `no memory`, `not found`, `not a number`, `value is a list`, `value not a list`.
 */
export interface SharedDict {
  /** `undefined` when the key is not there or has expired. */
  get(key: string | number): SharedValue | undefined;
  /** The value's bytes untouched. */
  get_buffer(key: string | number): Uint8Array | undefined;
  /** The value, and the number that was stored beside it. Lua: the two results of ngx.shared.DICT.get. */
  get_with_flags(key: string | number): { value: SharedValue; flags: number } | undefined;
  /** Also what has expired, as long as nothing took its place. */
  get_stale(key: string | number): { value: SharedValue; flags: number; stale: boolean } | undefined;
  /** Evicts what was not used for long when there is no room. `undefined` deletes. */
  set(key: string | number, value: SharedInput | undefined, exptime?: number, flags?: number): boolean;
  /** As set; `forcible`: something had to be evicted for it. Lua: the results of ngx.shared.DICT.set. */
  set_with_info(
    key: string | number,
    value: SharedInput | undefined,
    exptime?: number,
    flags?: number,
  ): { ok: boolean; forcible: boolean };
  /** Throws `no memory` rather than evict. */
  safe_set(key: string | number, value: SharedInput | undefined, exptime?: number, flags?: number): boolean;
  /** False when the key is there. */
  add(key: string | number, value: SharedInput, exptime?: number, flags?: number): boolean;
  /** As add, told whether something was evicted. */
  add_with_info(
    key: string | number,
    value: SharedInput,
    exptime?: number,
    flags?: number,
  ): { ok: boolean; forcible: boolean };
  /** As add; throws `no memory` rather than evict. Lua: ngx.shared.DICT.safe_add. */
  safe_add(key: string | number, value: SharedInput, exptime?: number, flags?: number): boolean;
  /** False when the key is not there. */
  replace(key: string | number, value: SharedInput, exptime?: number, flags?: number): boolean;
  /** As replace, told whether something was evicted. */
  replace_with_info(
    key: string | number,
    value: SharedInput,
    exptime?: number,
    flags?: number,
  ): { ok: boolean; forcible: boolean };
  /** Of a value or a list; no error where there is none. Lua: ngx.shared.DICT.delete. */
  delete(key: string | number): void;
  /** The new number. A key that is not there starts at `init`; without it, throws `not found`. */
  incr(key: string | number, by: number, init?: number, initTtl?: number): number;
  /** As incr, told whether something was evicted. */
  incr_with_info(
    key: string | number,
    by: number,
    init?: number,
    initTtl?: number,
  ): { value: number; forcible: boolean };
  /** The list's new length. */
  lpush(key: string | number, value: string | number | Uint8Array): number;
  /**
   * Adds at the end of a list; its new length. Throws `value not a list`, `no memory`. Lua:
   * ngx.shared.DICT.rpush.
   */
  rpush(key: string | number, value: string | number | Uint8Array): number;
  /**
   * Takes the first of a list; `undefined` from an empty one. Throws `value not a list`. Lua:
   * ngx.shared.DICT.lpop.
   */
  lpop(key: string | number): string | number | undefined;
  /** Takes the last of a list. Lua: ngx.shared.DICT.rpop. */
  rpop(key: string | number): string | number | undefined;
  /** A list's length; 0 where there is none. Throws `value not a list`. Lua: ngx.shared.DICT.llen. */
  llen(key: string | number): number;
  /** Seconds left, 0 for never; negative where it has expired and nobody has taken its room. Throws `not found`. */
  ttl(key: string | number): number;
  /**
   * From now on it expires in so many seconds, never for 0 or less; what has expired and is still there is back. Throws
   * `not found`.
   */
  expire(key: string | number, exptime: number): void;
  /** All expires now; what has expired can still be had with get_stale. Lua: ngx.shared.DICT.flush_all. */
  flush_all(): void;
  /** How many were removed. */
  flush_expired(max?: number): number;
  /** At most `max` keys (1024; 0: all). */
  get_keys(max?: number): string[];
  /** Bytes. */
  capacity(): number;
  /** Bytes that nothing has been put in yet. Lua: ngx.shared.DICT.free_space. */
  free_space(): number;
}

/**
 * `m[0]` the whole match, `m[1]` … the groups, and named groups by name; a group that took no part is `undefined`. With
 * option D a name is an array of what its groups matched.
 */
export interface Captures {
  readonly [group: number]: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: a string, but for option D
  readonly [name: string]: any;
}

/**
 * ngx.re: PCRE's syntax, on JavaScript's engine. What has no equivalent there (recursion, \K, \X) is refused, as what is
 * wrong: `pcre2_compile() failed: …`. Options: i m s x; a: the match begins at the position; u: letter case and "." know
 * all of Unicode; D: names may repeat; j, o, J and U are accepted; d is refused. Positions count from 0, as for slice.
 * Lua: ngx.re.*, and the module ngx.re.
 */
export interface Re {
  /** `ctx.pos` is where to begin; it is moved behind what was found. Throws `pcre_exec() failed: -33` beyond the end. */
  match(
    subject: string | number,
    regex: string | number,
    options?: string,
    ctx?: { pos?: number },
  ): Captures | undefined;
  /** Where the match, or its `nth` group, begins and ends. Throws `nth out of bound`. */
  find(
    subject: string | number,
    regex: string | number,
    options?: string,
    ctx?: { pos?: number },
    nth?: number,
  ): { from: number; to: number } | undefined;
  /** All matches, one after the other. */
  gmatch(subject: string | number, regex: string | number, options?: string): IterableIterator<Captures>;
  /**
   * Replaces the first match: by a template with $1, ${1}, $$, or by what a function makes of the captures.
   * Throws `failed to compile the replacement template`.
   */
  sub(
    subject: string | number,
    regex: string | number,
    replacement: string | number | ((captures: Captures) => string | number),
    options?: string,
  ): { result: string; count: number };
  /** Replaces all matches. */
  gsub(
    subject: string | number,
    regex: string | number,
    replacement: string | number | ((captures: Captures) => string | number),
    options?: string,
  ): { result: string; count: number };
  /**
   * The pieces between matches; the first group of a separator stands between its neighbours. At most `max` pieces; with
   * no limit, empty ones at the end are left out.
   */
  split(
    subject: string | number,
    regex: string | number,
    options?: string,
    ctx?: { pos?: number },
    max?: number,
  ): string[];
  /**
   * Has no effect: the engine has no stack whose size could be set. Throws `unrecognized option name`, and once a pattern
   * was used with option o, `changing jit stack size is not allowed …`. Lua: opt of the module ngx.re.
   */
  opt(option: 'jit_stack_size', bytes: number): void;
}

/** What `coroutine.create` gives: a function that stops at each yield until it is resumed. */
export interface Coroutine {
  readonly [coroutineBrand]: true;
}
declare const coroutineBrand: unique symbol;

/**
 * The global `coroutine`: async functions (plain ones, generators) that hand values back and forth with whoever resumes
 * them. What waits in one holds up its resumer alone. Several values are an array, one is itself, none is `undefined`.
 */
export interface CoroutineApi {
  /** One that waits for its first resume. Lua: coroutine.create. */
  create(run: (...args: never[]) => unknown): Coroutine;
  /** create() and resume() in one: each call resumes. */
  // biome-ignore lint/suspicious/noExplicitAny: what is yielded is the scripts' own
  wrap(run: (...args: never[]) => unknown): (...args: unknown[]) => Promise<any>;
  /**
   * Runs it up to its next yield, or its end: what it yielded or returned; rejects with the error that ended it.
   * `args`: those of the function at first, then what its yield gives. Rejects with `cannot resume dead coroutine`
   * (or running, or normal).
   */
  // biome-ignore lint/suspicious/noExplicitAny: what is yielded is the scripts' own
  resume(co: Coroutine | LightThread, ...args: unknown[]): Promise<any>;
  /**
   * Hands `values` to whoever resumed this coroutine, and waits for what the next resume passes. Has to be awaited; in a
   * generator the same as `yield`. Outside of coroutines it gives way to others that are ready.
   */
  // biome-ignore lint/suspicious/noExplicitAny: what is passed is the scripts' own
  yield(...values: unknown[]): Promise<any>;
  /** The coroutine or light thread whose code is running; `undefined` in the request's own. */
  running(): Coroutine | LightThread | undefined;
  /** "normal": it waits for another that it has resumed; "zombie": a thread that ended and was not waited for. */
  status(co: Coroutine | LightThread): 'suspended' | 'running' | 'normal' | 'dead' | 'zombie';
}

/** Of ngx.pipe.spawn. Times in milliseconds; 0: for ever, 10000 where nothing is said. */
export interface SpawnOptions {
  /** stderr goes the way of stdout. */
  readonly merge_stderr?: boolean;
  /** What `stdout_read_any` gives at most; 4096 where nothing is said. */
  readonly buffer_size?: number;
  /** "NAME=value", instead of the worker's own environment (the directive `env`). */
  readonly environ?: readonly string[];
  readonly write_timeout?: number;
  readonly stdout_read_timeout?: number;
  readonly stderr_read_timeout?: number;
  readonly wait_timeout?: number;
}

/**
 * A process. It belongs to the request whose `ngx` started it and is killed (SIGKILL) when that ends; one that was
 * started through the global `ngx` when nobody has it any more, or the isolate ends. Reads and writes that fail reject with
 * a SocketError: `timeout`, `closed`, `aborted` (by shutdown), `pipe busy reading` (or writing, or waiting).
 */
export interface Proc {
  pid(): number;
  /** Those that are given, in milliseconds; 0: for ever. Throws `bad write_timeout option` …. Lua: proc:set_timeouts. */
  set_timeouts(
    write?: number | null,
    stdoutRead?: number | null,
    stderrRead?: number | null,
    wait?: number | null,
  ): void;
  /**
   * How it ended; `ok`: it exited with 0. After that its streams are closed. Rejects with `exited` the second time,
   * `timeout`, `pipe busy waiting`. Lua: proc:wait.
   */
  wait(): Promise<{ ok: boolean; reason: 'exit' | 'signal'; status: number }>;
  /** A signal by its number. Throws `exited`, `invalid signal`. Lua: proc:kill. */
  kill(signal: number): true;
  /** Closes a stream; who waits there gets `aborted`. Throws `closed`, `merged to stdout`. Lua: proc:shutdown. */
  shutdown(direction: 'stdin' | 'stdout' | 'stderr'): true;
  /** How many bytes, when the process (or the system for it) has taken all of them. Lua: proc:write. */
  write(data: Data): Promise<number>;
  /** All until the process closes the stream, 64 MB at most. Lua: proc:stdout_read_all. */
  stdout_read_all(): Promise<string>;
  stdout_read_all_buffer(): Promise<Bytes>;
  /** A line without its end; what is no line rejects with `closed` and is `partial`. Lua: proc:stdout_read_line. */
  stdout_read_line(): Promise<string>;
  stdout_read_line_buffer(): Promise<Bytes>;
  /** Exactly so many bytes. Lua: proc:stdout_read_bytes. */
  stdout_read_bytes(len: number): Promise<string>;
  stdout_read_bytes_buffer(len: number): Promise<Bytes>;
  /** What there is, at most `max` bytes. Lua: proc:stdout_read_any. */
  stdout_read_any(max: number): Promise<string>;
  stdout_read_any_buffer(max: number): Promise<Bytes>;
  /** As those of stdout; reject with `merged to stdout` where it is. Lua: proc:stderr_read_all. */
  stderr_read_all(): Promise<string>;
  stderr_read_all_buffer(): Promise<Bytes>;
  stderr_read_line(): Promise<string>;
  stderr_read_line_buffer(): Promise<Bytes>;
  stderr_read_bytes(len: number): Promise<string>;
  stderr_read_bytes_buffer(len: number): Promise<Bytes>;
  stderr_read_any(max: number): Promise<string>;
  stderr_read_any_buffer(max: number): Promise<Bytes>;
}

/** ngx.pipe: processes. */
export interface PipeApi {
  /**
   * Starts a program, without a shell: its name or path, and arguments. `ts_isolate … exec=` has to grant it: else throws
   * `ts_isolate "main" is not granted the program "ls" (exec=/bin/ls)`. Throws the system's errors (`No such file or
   * directory`), `too many processes`. Phases: all but init. Lua: the module ngx.pipe.
   */
  spawn(args: readonly (string | number)[], options?: SpawnOptions): Proc;
}

/** ngx.timer: code that runs later and belongs to no request. */
export interface TimerApi {
  /**
   * Runs `callback` once, after `delay` seconds; `premature` is true when the worker exits before.
   * Throws `too many pending timers`, `process exiting`.
   */
  at<A extends unknown[]>(
    delay: number,
    callback: (premature: boolean, ...args: A) => unknown,
    ...args: A
  ): number;
  /** Runs `callback` every `delay` seconds, until the worker exits: `premature` is true then. Throws as `at`. */
  every<A extends unknown[]>(
    delay: number,
    callback: (premature: boolean, ...args: A) => unknown,
    ...args: A
  ): number;
  /** Timers whose callbacks run, or wait. Lua: ngx.timer.running_count. */
  running_count(): number;
  /** Timers whose time has not come. Lua: ngx.timer.pending_count. */
  pending_count(): number;
}

/** A light thread: what ngx.thread.spawn gives, to be waited for or killed. */
export interface LightThread<T = unknown> {
  readonly [lightThread]: T;
}
declare const lightThread: unique symbol;

/** ngx.thread: functions that run beside each other, can be waited for and killed. `Promise.all` needs none of it. */
export interface ThreadApi {
  /**
   * Calls `run`, which goes on at once until it first waits. The phase does not end before all of its threads have; an
   * error of a thread is logged and ends no other. Lua: ngx.thread.spawn.
   */
  spawn<A extends unknown[], T>(run: (...args: A) => T | Promise<T>, ...args: A): LightThread<T>;
  /**
   * The value of the first of them that ends, or its error. Only who spawned a thread may wait for it, once.
   * Throws `only the parent coroutine can wait on the thread`, `already waited or killed`. Lua: ngx.thread.wait.
   */
  wait<T>(...threads: readonly LightThread<T>[]): Promise<T>;
  /**
   * Ends a thread and stops what it waits for; its `finally` blocks do not run. Throws `killer not parent`,
   * `already terminated`, `already waited or killed`, `not user thread`. Lua: ngx.thread.kill.
   */
  kill(thread: LightThread): true;
}

/** What can be given to another thread, by copying it. */
export type ThreadValue =
  | string
  | number
  | boolean
  | null
  | undefined
  | Uint8Array
  | readonly ThreadValue[]
  | { readonly [name: string]: ThreadValue };

/** What requests, timers and threads of one isolate wait for each other with. */
export interface Semaphore {
  /** Adds `n` (1) resources: whoever waits gets them in the order in which they came. */
  post(n?: number): true;
  /** Takes a resource. Throws `timeout` when none came within `seconds`; 0 does not wait. */
  wait(seconds: number): Promise<true>;
  /** Resources that are free; negative: how many wait. */
  count(): number;
}

export interface WorkerApi {
  /** This worker's process. Lua: ngx.worker.pid. */
  pid(): number;
  /** Of all workers, by their numbers. Throws `API disabled in the current context` while a worker starts. */
  pids(): number[];
  /** 0 … count() - 1; undefined in the privileged agent. */
  id(): number | undefined;
  /** How many workers there are. Lua: ngx.worker.count. */
  count(): number;
  /** It takes no new requests and will exit. Lua: ngx.worker.exiting. */
  exiting(): boolean;
}

/** ngx.process. */
export interface ProcessApi {
  /** "worker", in init too; "single" with `master_process off`; "privileged agent": see enable_privileged_agent. */
  type(): 'worker' | 'single' | 'privileged agent';
  /** Lua: get_master_pid of the module ngx.process. */
  get_master_pid(): number;
  /** The worker ends what it has begun and exits; another takes its place. Refused in an isolate of a tenant. */
  signal_graceful_exit(): void;
  /**
   * Has the master start one more process, which listens nowhere, runs init and init_worker (not in isolates of tenants)
   * and keeps the user of the master, often root. Phase: init; else throws `API disabled in the current context`.
   * Throws `bad 'connections' argument: number expected and greater than 0`.
   */
  enable_privileged_agent(connections?: number): true;
}

/** ngx.errlog. */
export interface ErrlogApi {
  /**
   * Keeps lines of this level and worse only (ts_capture_error_log). Throws `bad log level: 9`,
   * `directive "ts_capture_error_log" is not set` (as in isolates of tenants).
   */
  set_filter_level(level: number): true;
  /** Takes the oldest `max` (10; 0: all) lines out: level, time in seconds, text; level, time, …. */
  get_logs(max?: number): (number | string)[];
  /** The level of the error_log in force. */
  get_sys_filter_level(): number;
  /** Logs a text without the place that it comes from. */
  raw_log(level: number, message: string): void;
}

/** What a directive of ndk.set_var takes: text, or bytes. */
type SetVarValue = string | number | Uint8Array | ArrayBuffer;

/**
 * ndk.set_var: the directives of the set-misc and encrypted-session modules as functions. What decodes gives text;
 * `set_…_buffer` of the same name gives its bytes. Throws `calling directive … failed with code -1`.
 */
export interface SetVar {
  /** Quoted for MySQL. */
  set_quote_sql_str(value?: SetVarValue): string;
  /** Quoted for PostgreSQL: E'…'. */
  set_quote_pgsql_str(value?: SetVarValue): string;
  /** In double quotes, as in JSON; null for no text. */
  set_quote_json_str(value?: SetVarValue): string;
  /** As a URI component. */
  set_escape_uri(value?: SetVarValue): string;
  /** + becomes a space; of what is broken the percent sign goes. */
  set_unescape_uri(value?: SetVarValue): string;
  /** The same, its bytes untouched. */
  set_unescape_uri_buffer(value?: SetVarValue): Bytes;
  /** With the digits 0-9 and a-v, padded. */
  set_encode_base32(value?: SetVarValue): string;
  /** "" for what is not well-formed. */
  set_decode_base32(value?: SetVarValue): string;
  /** The same, its bytes untouched. */
  set_decode_base32_buffer(value?: SetVarValue): Bytes;
  /** With padding. */
  set_encode_base64(value?: SetVarValue): string;
  /** Throws for what is not well-formed. */
  set_decode_base64(value?: SetVarValue): string;
  /** The same, its bytes untouched. */
  set_decode_base64_buffer(value?: SetVarValue): Bytes;
  /** With - and _, without padding. */
  set_encode_base64url(value?: SetVarValue): string;
  /** Throws for what is not well-formed. */
  set_decode_base64url(value?: SetVarValue): string;
  /** The same, its bytes untouched. */
  set_decode_base64url_buffer(value?: SetVarValue): Bytes;
  /** Two lower-case digits a byte. */
  set_encode_hex(value?: SetVarValue): string;
  /** Throws for what is not well-formed. */
  set_decode_hex(value?: SetVarValue): string;
  /** The same, its bytes untouched. */
  set_decode_hex_buffer(value?: SetVarValue): Bytes;
  /** In hexadecimal. */
  set_sha1(value?: SetVarValue): string;
  /** In hexadecimal. */
  set_md5(value?: SetVarValue): string;
  /** 1 … 64 letters and digits from a secure source. */
  set_secure_random_alphanum(length: number | string): string;
  /** 1 … 64 lower-case letters from a secure source. */
  set_secure_random_lcalpha(length: number | string): string;
  /** As ngx.today(). */
  set_local_today(): string;
  /**
   * Encrypted with `encrypted_session_key`, until `encrypted_session_expires` is over; those of the location, for code
   * that belongs to no request those of `http`. Throws where there is no key.
   */
  set_encrypt_session(value?: SetVarValue): Bytes;
  /** What was encrypted; "" for what is not ours, or has ended. */
  set_decrypt_session(value?: SetVarValue): string;
  /** The same, its bytes untouched. */
  set_decrypt_session_buffer(value?: SetVarValue): Bytes;
}

/** A `server` of an upstream block. */
export interface UpstreamServer {
  /** As the configuration has it. */
  readonly name: string;
  /** Its address; an array where its name has several. */
  readonly addr: string | readonly string[];
  readonly weight: number;
  /** Failures within fail_timeout that put it aside; 0: none do. */
  readonly max_fails: number;
  /** Seconds. */
  readonly fail_timeout: number;
  readonly backup?: true;
  readonly down?: true;
}

/** An address of an upstream, and how it is doing. */
export interface UpstreamPeer {
  /** For set_peer_down: from 0 on. */
  readonly id: number;
  readonly name: string;
  readonly weight: number;
  /** Of the smooth weighted round robin. */
  readonly current_weight: number;
  /** The weight, lowered by failures. */
  readonly effective_weight: number;
  /** Connections that are open. */
  readonly conns: number;
  /** Failures that count at present. */
  readonly fails: number;
  /** Failures within fail_timeout that put it aside; 0: none do. */
  readonly max_fails: number;
  /** Seconds. */
  readonly fail_timeout: number;
  /** When it failed last, in seconds since 1970. */
  readonly accessed?: number;
  /** When it was put aside last, in seconds since 1970. */
  readonly checked?: number;
  readonly down?: true;
}

/**
 * ngx.upstream: upstreams and their peers. Lua: the module ngx.upstream. Throws `upstream not found`; refused in an
 * isolate of a tenant, but for current_upstream_name.
 */
export interface UpstreamApi {
  /** Those of upstream blocks, and those that proxy_pass and its like name by an address. */
  get_upstreams(): string[];
  /** As the configuration has them. Lua: upstream.get_servers. */
  get_servers(upstream: string): UpstreamServer[];
  /** Those that are not `backup`. Lua: upstream.get_primary_peers. */
  get_primary_peers(upstream: string): UpstreamPeer[];
  /** Lua: upstream.get_backup_peers. */
  get_backup_peers(upstream: string): UpstreamPeer[];
  /** Takes a peer out, or in again; of this worker only, unless the upstream has a `zone`. Throws `bad peer id`. */
  set_peer_down(upstream: string, isBackup: boolean, peerId: number, down: boolean): true;
  /** Where the request is being passed, or was. Phases: all that have a request. */
  current_upstream_name(): string | undefined;
}

export interface ConfigApi {
  /** Lua: ngx.config.subsystem. */
  readonly subsystem: 'http';
  /** Always false. Lua: ngx.config.debug. */
  readonly debug: boolean;
  /** The prefix path, with a slash at its end. Lua: ngx.config.prefix. */
  prefix(): string;
  /** The configuration file. */
  readonly conf_file: string;
  /** 1031005 for nginx 1.31.5. */
  readonly nginx_version: number;
  /** The arguments of nginx's configure for the modules that there are, as `-V` tells them. Lua: ngx.config.nginx_configure. */
  nginx_configure(): string;
  /** The lua-nginx-module whose API this is: 10032 for 0.10.32. */
  readonly ngx_lua_version: number;
}

export interface Counter {
  /** Adds `value` (1). Throws for one below 0. */
  inc(value?: number, labels?: readonly string[]): void;
  /** Forgets one combination of labels. */
  del(labels?: readonly string[]): void;
  /** Forgets all. */
  reset(): void;
}

export interface Gauge {
  /** The value from now on. */
  set(value: number, labels?: readonly string[]): void;
  /** Adds `value` (1). */
  inc(value?: number, labels?: readonly string[]): void;
  /** Takes `value` (1) away. */
  dec(value?: number, labels?: readonly string[]): void;
  /** Forgets one combination of labels. */
  del(labels?: readonly string[]): void;
  /** Forgets all. */
  reset(): void;
}

export interface Histogram {
  /** Counts one value. */
  observe(value: number, labels?: readonly string[]): void;
  /** Forgets one combination of labels. */
  del(labels?: readonly string[]): void;
  /** Forgets all. */
  reset(): void;
}

/** Metrics for Prometheus. Each worker counts for itself; what is shown is merged over all of them. */
export interface MetricsApi {
  /** One that only grows. The same name again gives the same one; labels are given in the order of `labelNames`. */
  counter(name: string, help?: string, labelNames?: readonly string[]): Counter;
  /** One that is set, or goes up and down. */
  gauge(name: string, help?: string, labelNames?: readonly string[]): Gauge;
  /** Counts values by size; `buckets` are the upper limits (prom-client's, from 5 ms to 10 s). */
  histogram(
    name: string,
    help?: string,
    labelNames?: readonly string[],
    buckets?: readonly number[],
  ): Histogram;
  /** All of it in Prometheus's text form. */
  metric_data(): Promise<string>;
}

/**
 * The piece of the body that a body filter looks at; in set_by_ts_file the further arguments, from 1 on. A body filter that
 * returns `ngx.ERROR` cuts the response off.
 */
export interface FilterArg {
  /**
   * The piece as text; assigning `undefined` or "" drops it. To add text (`ngx.arg[1] += text`) costs less than to look
   * at it.
   */
  get 1(): string;
  set 1(piece: Data | undefined | null);
  /** Whether it is the last; assigning true ends the body here, false leaves it without an end. */
  2: boolean;
}

/** The further arguments of set_by_ts_file, as text: `undefined` beyond the last. */
export interface SetArgs {
  readonly 1: string;
  // biome-ignore lint/suspicious/noExplicitAny: text; a body filter has a truth value here, and Ngx is of both
  readonly 2: any;
  // biome-ignore lint/suspicious/noExplicitAny: the same
  readonly [n: number]: any;
}

export interface Constants {
  readonly OK: 0;
  readonly ERROR: -1;
  readonly AGAIN: -2;
  readonly DONE: -4;
  readonly DECLINED: -5;
  readonly null: null;

  readonly STDERR: 0;
  readonly EMERG: 1;
  readonly ALERT: 2;
  readonly CRIT: 3;
  readonly ERR: 4;
  readonly WARN: 5;
  readonly NOTICE: 6;
  readonly INFO: 7;
  readonly DEBUG: 8;

  readonly HTTP_GET: 2;
  readonly HTTP_HEAD: 4;
  readonly HTTP_POST: 8;
  readonly HTTP_PUT: 16;
  readonly HTTP_DELETE: 32;
  readonly HTTP_MKCOL: 64;
  readonly HTTP_COPY: 128;
  readonly HTTP_MOVE: 256;
  readonly HTTP_OPTIONS: 512;
  readonly HTTP_PROPFIND: 1024;
  readonly HTTP_PROPPATCH: 2048;
  readonly HTTP_LOCK: 4096;
  readonly HTTP_UNLOCK: 8192;
  readonly HTTP_PATCH: 16384;
  readonly HTTP_TRACE: 32768;

  readonly HTTP_CONTINUE: 100;
  readonly HTTP_SWITCHING_PROTOCOLS: 101;
  readonly HTTP_OK: 200;
  readonly HTTP_CREATED: 201;
  readonly HTTP_ACCEPTED: 202;
  readonly HTTP_NO_CONTENT: 204;
  readonly HTTP_PARTIAL_CONTENT: 206;
  readonly HTTP_SPECIAL_RESPONSE: 300;
  readonly HTTP_MOVED_PERMANENTLY: 301;
  readonly HTTP_MOVED_TEMPORARILY: 302;
  readonly HTTP_SEE_OTHER: 303;
  readonly HTTP_NOT_MODIFIED: 304;
  readonly HTTP_TEMPORARY_REDIRECT: 307;
  readonly HTTP_PERMANENT_REDIRECT: 308;
  readonly HTTP_BAD_REQUEST: 400;
  readonly HTTP_UNAUTHORIZED: 401;
  readonly HTTP_PAYMENT_REQUIRED: 402;
  readonly HTTP_FORBIDDEN: 403;
  readonly HTTP_NOT_FOUND: 404;
  readonly HTTP_NOT_ALLOWED: 405;
  readonly HTTP_NOT_ACCEPTABLE: 406;
  readonly HTTP_REQUEST_TIMEOUT: 408;
  readonly HTTP_CONFLICT: 409;
  readonly HTTP_GONE: 410;
  readonly HTTP_UPGRADE_REQUIRED: 426;
  readonly HTTP_TOO_MANY_REQUESTS: 429;
  readonly HTTP_CLOSE: 444;
  readonly HTTP_ILLEGAL: 451;
  readonly HTTP_INTERNAL_SERVER_ERROR: 500;
  readonly HTTP_NOT_IMPLEMENTED: 501;
  readonly HTTP_METHOD_NOT_IMPLEMENTED: 501;
  readonly HTTP_BAD_GATEWAY: 502;
  readonly HTTP_SERVICE_UNAVAILABLE: 503;
  readonly HTTP_GATEWAY_TIMEOUT: 504;
  readonly HTTP_VERSION_NOT_SUPPORTED: 505;
  readonly HTTP_INSUFFICIENT_STORAGE: 507;
}

/** What became of the peer that was asked before: `code` is its status, or the one nginx gives its failure. */
export interface PeerFailure {
  readonly state: 'failed' | 'next';
  readonly code: number;
}

/** ngx.balancer, of lua-resty-core's module of that name. Phases: balancer. Times are in seconds. */
export interface BalancerApi {
  /**
   * The peer to ask: a number address, with its port in it or beside it, or `unix:/path`. `host` parts the connections
   * that enable_keepalive() keeps. Throws `no host allowed`, `invalid host`, `invalid port` ….
   */
  set_current_peer(addr: string, port?: number | string, host?: string): true;
  /** If this peer fails, so many more may be asked. */
  set_more_tries(count: number): true;
  /** `warning`: "reduced tries due to limit", of proxy_next_upstream_tries. */
  set_more_tries_with_info(count: number): { ok: true; warning: string | undefined };
  /** `undefined` at the first try; "next" after a 403 or 404. */
  get_last_failure(): PeerFailure['state'] | undefined;
  /** The same with its code; `undefined` where none has failed. */
  get_last_failure_with_code(): PeerFailure | undefined;
  /** For this peer and those after it; `undefined` leaves one as it is. Throws `bad connect timeout` …. */
  set_timeouts(connect?: number, send?: number, read?: number): true;
  /** Keeps the connection for later requests: 60 s and 100 requests unless given. Throws `no current peer set`. */
  enable_keepalive(idleTimeout?: number, maxRequests?: number): true;
  /** Makes the upstream's request anew, after the block has changed what it is made of. */
  recreate_request(): true;
  /**
   * Whether TLS is spoken with this peer and those after it, as the location's proxy_ssl_ directives say; the `host` of
   * set_current_peer is then the name that is asked for and checked. The location needs `proxy_pass https://…` or a
   * name with variables: else throws `no TLS settings: …`.
   */
  set_upstream_tls(on: boolean | 0 | 1): true;
  /** The local address to connect from. Throws `invalid addr …`. */
  bind_to_local_addr(addr: string): true;
}

/** What a read throws: `closed`, `timeout`, `client aborted`, `no memory` (64 MB), a system's error; `partial` is what came before. */
export interface SocketError extends NgxError {
  /** Text, or of the `_buffer` calls bytes. */
  readonly partial: string | Uint8Array;
}

/**
 * Reads up to a pattern. Without `size`: all that stands before it, again and again. With `size`: at most so many bytes,
 * and `undefined` once the pattern has been reached. As an async iterator: one piece after the other, until the peer
 * closes the connection. Lua: the iterator that tcpsock:receiveuntil returns.
 */
export interface SocketReader<T> extends AsyncIterable<T> {
  (size?: number): Promise<T | undefined>;
}

/** What can be read from: connections, and the request's body. One read at a time: else `socket busy reading`. */
export interface ReadableSocket {
  /**
   * A line without its end (`"*l"`, the default), so many bytes, or all until the peer closes (`"*a"`). Rejects with
   * SocketError; after `timeout` one may read on. Bytes that are no UTF-8 become U+FFFD: receive_buffer has them as they
   * are. Lua: tcpsock:receive.
   */
  receive(what?: number | '*l' | '*a'): Promise<string>;
  /** The same, its bytes untouched. */
  receive_buffer(what?: number | '*l' | '*a'): Promise<Bytes>;
  /** What there is, at most `max` bytes, as soon as there is any. Lua: tcpsock:receiveany. */
  receiveany(max: number): Promise<string>;
  /** The same, its bytes untouched. */
  receiveany_buffer(max: number): Promise<Bytes>;
  /** `inclusive`: the pattern is part of the piece that it ends. Throws `pattern is empty`. Lua: tcpsock:receiveuntil. */
  receiveuntil(pattern: string | Uint8Array, options?: { inclusive?: boolean }): SocketReader<string>;
  /** The same, its bytes untouched. */
  receiveuntil_buffer(pattern: string | Uint8Array, options?: { inclusive?: boolean }): SocketReader<Bytes>;
  /** For everything from now on, in milliseconds; 0: as configured. Lua: tcpsock:settimeout. */
  settimeout(ms: number): void;
  /** For what each does from now on, in milliseconds; 0: as configured. Lua: tcpsock:settimeouts. */
  settimeouts(connectMs: number, sendMs: number, readMs: number): void;
}

/** ngx.req.socket(): the request's body as it comes. */
export interface RequestSocket extends ReadableSocket {
  /** The number of the connection's descriptor in the worker. Lua: tcpsock:getfd. */
  getfd(): number;
}

/** ngx.req.socket(true): the client's connection, both ways. */
export interface RawRequestSocket extends RequestSocket {
  send(data: SocketData): Promise<number>;
}

/** Text, bytes, numbers, and arrays of them, as deep as one likes. */
export type SocketData =
  | string
  | number
  | boolean
  | undefined
  | null
  | Uint8Array
  | ArrayBuffer
  | readonly Data[];

export interface ConnectOptions {
  /** The name of the pool; `host:port`, or the path, unless given. */
  readonly pool?: string | number;
  /** How many idle connections it keeps. */
  readonly pool_size?: number;
  /** At most `pool_size` connections at a time; so many connects wait for a free one. */
  readonly backlog?: number;
}

/** A TLS session, to be resumed by another handshake. */
export interface SslSession {
  readonly constructor: unknown;
}

/**
 * A connection of the script's own. It belongs to the request whose `ngx` made it and is closed when that ends; later
 * calls throw `bad request`. Made through the global `ngx`, or in a timer, it lives until it is closed.
 * Lua: ngx.socket.tcp.
 */
export interface TcpSocket extends ReadableSocket {
  /**
   * Connects to an address, a name (looked up by `resolver`) or `unix:/path`; first looks into the pool. Rejects with
   * `timeout`, `connection refused` and other system errors, `no resolver defined to resolve "x"`,
   * `x could not be resolved (3: Host not found)`, `too many waiting connect operations`, `bad port number: n`,
   * `missing the port number`, `permission denied` where the isolate may not connect to. Lua: tcpsock:connect.
   */
  connect(host: string, port: number | string, options?: ConnectOptions): Promise<1>;
  connect(unix: string, options?: ConnectOptions): Promise<1>;
  /** The local address, and port, of the next connect. Throws `bad address`. Lua: tcpsock:bind. */
  bind(address: string, port?: number): true;
  /**
   * TLS from here on. `reused`: a session of an earlier connection; `false`: the session is not wanted, and `true` comes
   * back. `serverName` is sent (SNI) and, with `verify`, checked. Rejects with `handshake failed`, `timeout`,
   * `certificate host mismatch`, or OpenSSL's number and text (`18: self-signed certificate`). Lua: tcpsock:sslhandshake.
   */
  sslhandshake(
    reused: false,
    serverName?: string,
    verify?: boolean,
    sendStatusRequest?: boolean,
  ): Promise<true>;
  sslhandshake(
    reused?: SslSession,
    serverName?: string,
    verify?: boolean,
    sendStatusRequest?: boolean,
  ): Promise<SslSession>;
  /** The session as the peer gave it last (TLS 1.3 gives it after the handshake). Throws `no session`. */
  getsslsession(): SslSession;
  /** Certificate (with its chain) and key of later handshakes, in PEM; without arguments none. */
  setclientcert(certificate?: string | Uint8Array, key?: string | Uint8Array): true;
  /** Certificates, in PEM, that later handshakes trust instead of ts_ssl_trusted_certificate. */
  settrustedstore(certificates?: string | Uint8Array): true;
  /** Bytes sent, when all have been handed to the system. Lua: tcpsock:send. */
  send(data: SocketData): Promise<number>;
  /**
   * Gives the connection to the pool: for `timeoutMs` (ts_socket_keepalive_timeout; 0: any time) and, where connect made
   * none, in a pool of `size`. The socket is closed afterwards. Throws `closed`, `unread data in buffer`,
   * `connection in dubious state`. Lua: tcpsock:setkeepalive.
   */
  setkeepalive(timeoutMs?: number, size?: number): 1;
  /** The number of the connection's descriptor in the worker. Throws `closed`. Lua: tcpsock:getfd. */
  getfd(): number;
  /** How often the connection has come out of the pool. Lua: tcpsock:getreusedtimes. */
  getreusedtimes(): number;
  /** `keepalive` and `tcp-nodelay`; Node cannot set the others: `unsupported option sndbuf`. Lua: tcpsock:setoption. */
  setoption(option: 'keepalive' | 'tcp-nodelay', value: boolean | number): true;
  /** What setoption sets, as 0 or 1. Lua: tcpsock:getoption. */
  getoption(option: 'keepalive' | 'tcp-nodelay'): number;
  /** Closes it, with what it still has to send. Throws `closed`. Lua: tcpsock:close. */
  close(): 1;
}

/** Datagrams to one peer and from it. Lua: ngx.socket.udp. Unix sockets are refused: Node has none for datagrams. */
export interface UdpSocket {
  /** Rejects as TcpSocket.connect does. */
  setpeername(host: string, port: number): Promise<1>;
  /** The local address. Throws `bad address`. */
  bind(address: string): true;
  /** One datagram. Throws `closed`, `socket busy`. */
  send(data: SocketData): 1;
  /** One datagram, at most `size` bytes of it (65536). Rejects with `timeout`, `connection refused`. */
  receive(size?: number): Promise<string>;
  /** The same, its bytes untouched. */
  receive_buffer(size?: number): Promise<Bytes>;
  /** For receive, in milliseconds. */
  settimeout(ms: number): void;
  /** Throws `closed`. Lua: udpsock:close. */
  close(): 1;
}

/** ngx.socket: connections of scripts. Phases: all. */
export interface SocketApi {
  /** A socket that is not connected yet. Lua: ngx.socket.tcp. */
  tcp(): TcpSocket;
  /** The same as tcp(). */
  stream(): TcpSocket;
  /** A datagram socket without a peer yet. Lua: ngx.socket.udp. */
  udp(): UdpSocket;
  /** tcp() and connect() in one. */
  connect(host: string, port: number | string, options?: ConnectOptions): Promise<TcpSocket>;
  connect(unix: string, options?: ConnectOptions): Promise<TcpSocket>;
}

/** What needs no request: also of the global `ngx`, in modules and timers. */
export interface NgxCommon extends Constants {
  /** The dictionaries that ts_shared_dict declares, by name. */
  readonly shared: { readonly [name: string]: SharedDict };
  /** Regular expressions of PCRE's syntax. Lua: ngx.re. */
  readonly re: Re;
  /** Code that runs later. Lua: ngx.timer. */
  readonly timer: TimerApi;
  /** This worker. Lua: ngx.worker. */
  readonly worker: WorkerApi;
  /** Of lua-resty-core's ngx.process. */
  readonly process: ProcessApi;
  /** What has been logged, and how much is. Of lua-resty-core's ngx.errlog. */
  readonly errlog: ErrlogApi;
  /** Upstream blocks and their peers. Of lua-upstream-nginx-module. */
  readonly upstream: UpstreamApi;
  /** How the server was built and where it runs. Lua: ngx.config. */
  readonly config: ConfigApi;
  /** Counters, gauges and histograms, in Prometheus's form over all workers. */
  readonly metrics: MetricsApi;
  /** Connections of scripts. Lua: ngx.socket. */
  readonly socket: SocketApi;
  /** Light threads, which can be waited for and killed. Lua: ngx.thread. */
  readonly thread: ThreadApi;
  /**
   * Calls an exported function of a module in an isolate of its own, on a thread of the `thread_pool` of that name (one
   * "default" there is always), and gives what it returns; a promise must settle without anything to wait for. The module
   * is found as an import of a block of nginx.conf is, and kept. There, `ngx` has what needs no request and no waiting:
   * encoders, hashes, `shared`, `log`, `config`. The limits of the isolate that asks hold. Throws what the function throws,
   * `thread pool … not found`, `no available Lua vm` (ts_worker_thread_vm_pool_size), `ngx_thread_task_post failed` (its
   * max_queue), `invalid function`, `unsupported Lua type: LUA_TFUNCTION in the argument`, `not enough memory`.
   * Lua: ngx.run_worker_thread.
   */
  run_worker_thread<T = unknown>(
    threadPool: string,
    module: string,
    func: string,
    ...args: readonly ThreadValue[]
  ): Promise<T>;
  /** Programs that scripts start. Of lua-resty-core's ngx.pipe. */
  readonly pipe: PipeApi;
  /** Lua: the module ngx.semaphore. `n`: how many resources there are from the start. */
  readonly semaphore: { new: (n?: number) => Semaphore };

  /** Writes to the error log: `[ts] content_by_ts(nginx.conf:42:7): …`. Lua: ngx.log. */
  log(level: number, ...args: unknown[]): void;
  /** "content", "access", "timer" …. */
  get_phase(): string;
  /** Waits; others run meanwhile. */
  sleep(seconds: number): Promise<void>;

  /** "2026-11-21", local. */
  today(): string;
  /** Seconds since 1970. */
  time(): number;
  /** Seconds since 1970, with milliseconds. */
  now(): number;
  /** Does nothing: the time is read anew each time. Lua: ngx.update_time. */
  update_time(): void;
  /** "2026-11-21 03:17:12", local. */
  localtime(): string;
  /** "2026-11-21 03:17:12", UTC. Lua: ngx.utctime. */
  utctime(): string;
  /** "Thu, 18-Nov-10 11:27:35 GMT". */
  cookie_time(seconds: number): string;
  /** "Thu, 18 Nov 2010 11:27:35 GMT". */
  http_time(seconds: number): string;
  /** Seconds since 1970; `undefined` for what is no HTTP date. */
  parse_http_time(text: string): number | undefined;

  /**
   * Escapes as a URI component (2, the default), as a whole URI (0), or as another of nginx's types (up to 6). Throws
   * `"type" 7 out of range`. Lua: ngx.escape_uri.
   */
  escape_uri(text: string, type?: number): string;
  /** Undoes escaping; + becomes a space, a broken sequence stays. Lua: ngx.unescape_uri. */
  unescape_uri(text: string): string;
  /** A query string. Throws `attempt to use object as query arg value`. Lua: ngx.encode_args. */
  encode_args(args: ArgSource): string;
  /**
   * A query string's arguments. More than `max` (100; 0: no limit) throw `truncated`. Lua: ngx.decode_args.
   */
  decode_args(text: string, max?: number, options?: Truncate): ArgTable;
  /** Lua: ngx.encode_base64. */
  encode_base64(data: Data, noPadding?: boolean): string;
  /** `undefined` for what is not well-formed. */
  decode_base64(text: string): string | undefined;
  /** The bytes untouched. */
  decode_base64_buffer(text: string): Bytes | undefined;
  /** Skips what is not of the alphabet. Lua: ngx.decode_base64mime. */
  decode_base64mime(text: string): string | undefined;
  /** With - and _, without padding. Lua: the module ngx.base64. */
  encode_base64url(data: Data): string;
  /** `undefined` for what is not well-formed. Lua: the module ngx.base64. */
  decode_base64url(text: string): string | undefined;
  /** The bytes untouched. */
  decode_base64url_buffer(text: string): Bytes | undefined;
  /** CRC-32; Lua's is faster for short data. Lua: ngx.crc32_short. */
  crc32_short(data: Data): number;
  /** CRC-32. Lua: ngx.crc32_long. */
  crc32_long(data: Data): number;
  /** In hexadecimal. */
  md5(data: Data): string;
  /** 16 bytes. Lua: ngx.md5_bin. */
  md5_bin(data: Data): Bytes;
  /** 20 bytes. Lua: ngx.sha1_bin. */
  sha1_bin(data: Data): Bytes;
  /** 20 bytes. Lua: ngx.hmac_sha1. */
  hmac_sha1(key: Data, data: Data): Bytes;
  /** Quoted for MySQL. */
  quote_sql_str(text: string): string;
}

/** What a body filter looks at. */
interface FilteredPiece {
  /** In body filters, and in set_by_ts_file. */
  readonly arg: FilterArg;
  /** ngx.arg[1] as bytes; assigning `undefined` or "" drops the piece. */
  get arg_buffer(): Bytes;
  set arg_buffer(piece: Data | undefined | null);
}

/** The request that a block runs for, and everything else. */
export interface Ngx extends NgxCommon, FilteredPiece {
  /** nginx's variables. Lua: ngx.var. */
  readonly var: Variables;
  /** Whatever the blocks of one request want to keep; forgotten at an internal redirect. */
  // biome-ignore lint/suspicious/noExplicitAny: the scripts' own
  ctx: any;
  /** ngx.ctx; `table` becomes it where there is none yet. Lua: get_ctx_table of the module resty.core.ctx. */
  // biome-ignore lint/suspicious/noExplicitAny: the scripts' own
  get_ctx_table(table?: object): any;
  /** The request as it came, and how to change it. Lua: ngx.req. */
  readonly req: Req;
  /** The request as fetch's Request. `body` is a stream of what the client sends, as it comes in. */
  readonly request: Request;
  /** Status and headers of the response. Lua: ngx.resp. */
  readonly resp: Resp;
  /** Subrequests. Lua: ngx.location. */
  readonly location: LocationApi;
  /** The choice of a peer. Phases: balancer. Of lua-resty-core's ngx.balancer. */
  readonly balancer: BalancerApi;

  /** The response's status. */
  status: number;
  /** The response's headers, to be read and set. Lua: ngx.header. */
  readonly header: ResponseHeaders;
  /** Status and headers can no longer be changed. */
  readonly headers_sent: boolean;
  /** Lua: ngx.is_subrequest. */
  readonly is_subrequest: boolean;

  /** Adds to the response's body. Phases: rewrite, access, precontent, content. Throws `seen eof`. */
  print(...args: Printable[]): void;
  /** As print, with a line feed. */
  say(...args: Printable[]): void;
  /**
   * Sends what was said so far; with `true`, waits until it has left, and throws `timeout` where the client takes nothing
   * for send_timeout, `nginx output filter error` once it is known to be gone (uncaught, these are [info] lines).
   */
  flush(wait?: boolean): Promise<void>;
  /** Ends the response; the block may go on. */
  eof(): void;
  /** Sends the head; from now on it cannot be changed. Lua: ngx.send_headers. */
  send_headers(): void;
  /** Ends the request with a status, or with `ngx.OK` the phase. Does not return. */
  exit(status?: number): never;
  /** Goes on in another location ("/path", "@name"). Does not return. */
  exec(uri: string, args?: string | ArgSource): never;
  /** 301, 302 (the default), 303, 307 or 308. Does not return. */
  redirect(uri: string, status?: number): never;
  /** Is called when the client goes away, with `ts_check_client_abort on`. */
  on_abort(callback: () => unknown): void;
}

/** A phase, as `ngx.get_phase()` names it. */
export type PhaseName =
  | 'init'
  | 'init_worker'
  | 'exit_worker'
  | 'set'
  | 'server_rewrite'
  | 'rewrite'
  | 'access'
  | 'precontent'
  | 'content'
  | 'header_filter'
  | 'body_filter'
  | 'log'
  | 'balancer';

/** What only the phases before and with the content have. */
type Output =
  | 'print'
  | 'say'
  | 'flush'
  | 'eof'
  | 'send_headers'
  | 'exec'
  | 'redirect'
  | 'on_abort'
  | 'request';
/** Of body filters, and set_by_ts. */
type Body = 'arg' | 'arg_buffer';
type NoRequest = Exclude<keyof Ngx, keyof NgxCommon>;
type Ctx = 'ctx' | 'get_ctx_table';

/** What a phase has no meaning for: at run time it throws `API disabled in the context of …`. */
interface Disabled {
  init: NoRequest;
  init_worker: Exclude<NoRequest, Ctx>;
  exit_worker: Exclude<NoRequest, Ctx>;
  set: Output | 'exit' | 'header' | 'arg_buffer' | 'balancer';
  server_rewrite: Body | 'balancer';
  rewrite: Body | 'balancer';
  access: Body | 'balancer';
  precontent: Body | 'balancer';
  content: Body | 'balancer';
  header_filter: Output | Body | 'balancer';
  body_filter: Output | 'exit' | 'balancer';
  log: Output | Body | 'exit' | 'location' | 'balancer';
  balancer: Output | Body | 'header' | 'location';
}

/**
 * The `ngx` of a phase: `NgxIn<'log'>`. What the phase refuses is of type `never`, so that using it is a type error,
 * while a function that takes `Ngx` takes this as well.
 */
export type NgxIn<P extends PhaseName> = {
  [K in keyof Ngx as K extends 'arg' | 'arg_buffer' ? never : K]: K extends Disabled[P] ? never : Ngx[K];
} & ArgIn<P>;

/** Apart, since a mapped type does not know that more can be assigned to a member than is read from it. */
type ArgIn<P extends PhaseName> = P extends 'body_filter'
  ? FilteredPiece
  : P extends 'set'
    ? { readonly arg: SetArgs; readonly arg_buffer: never }
    : { readonly arg: never; readonly arg_buffer: never };

type NgxOfRequest = Ngx;
type NgxOfPhase<P extends PhaseName> = NgxIn<P>;

declare global {
  // The same as the exported ones, for those who import nothing.
  // biome-ignore lint/suspicious/noRedeclare: another scope, the global one
  type Ngx = NgxOfRequest;
  // biome-ignore lint/suspicious/noRedeclare: another scope, the global one
  type NgxIn<P extends PhaseName> = NgxOfPhase<P>;

  interface RequestInit {
    /** Has to be "half" where the body is a stream; TypeScript's own types do not know of it yet. */
    duplex?: 'half';
  }

  /** What needs no request. Its parts that do throw `no request found`. */
  const ngx: NgxCommon;
  const ndk: { readonly set_var: SetVar };
  const coroutine: CoroutineApi;
  /** A [notice] in the error log. */
  function print(...args: unknown[]): void;
  /** Of `tsresty run`: what the command line has behind the script's name. */
  const arg: readonly string[];
}
