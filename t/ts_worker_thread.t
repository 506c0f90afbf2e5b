# ngx.run_worker_thread: functions of modules that run off the worker's thread.

=== a function of a module, with values of every kind
--- api: ngx.run_worker_thread
--- main_config
thread_pool work threads=2;
--- config
location /a {
    content_by_ts_block {
        const back = (...values) => ngx.run_worker_thread("work", "./html/echo.ts", "back", ...values);
        const show = (value) => value instanceof Uint8Array ? `bytes ${value}` : Object.is(value, -0) ? "-0" : String(value);
        const values = [1.5, "ä\n", true, false, null, undefined, NaN, -Infinity, -0, new Uint8Array([0, 255])];
        for (const value of values) ngx.say(show(await back(value)));
        ngx.say(JSON.stringify(await back({ a: [1, [], {}, "x"], b: { c: null }, d: undefined })));
        const holes = await back([1, undefined, 3]);
        ngx.say(holes.length, " ", holes[1]);
        ngx.say(await ngx.run_worker_thread("work", "./html/echo.ts", "count", 1, 2, 3), " ", await back());
        ngx.say(await ngx.run_worker_thread("default", "./html/echo.ts", "late", 7));
    }
}
--- user_files
>>> echo.ts
export const back = <T>(value: T): T => value;
export function count(...all: unknown[]): number { return all.length; }
export async function late(n: number) { await null; return Promise.resolve(n + 1); }
--- timeout: 30
--- request
GET /a
--- response_body
1.5
ä

true
false
null
undefined
NaN
-Infinity
-0
bytes 0,255
{"a":[1,[],{},"x"],"b":{"c":null}}
3 undefined
3 undefined
8

=== the worker goes on meanwhile, and tasks run beside each other
--- main_config
thread_pool work threads=2;
--- http_config
ts_shared_dict d 1m;
ts_cpu_limit 30s;
--- config
location /a {
    content_by_ts_block {
        const meet = (me, other) => ngx.run_worker_thread("work", "./html/meet.ts", "meet", me, other);
        const both = Promise.all([meet("a", "b"), meet("b", "a")]);
        while (ngx.shared.d.get("a") !== 1 || ngx.shared.d.get("b") !== 1) await ngx.sleep(0.001);
        ngx.shared.d.set("go", 1);
        ngx.say((await both).join());
        ngx.shared.d.flush_all();
    }
}
--- user_files
>>> meet.ts
export function meet(me: string, other: string): string {
    const { d } = ngx.shared;
    d.set(me, 1);
    while (d.get(other) === undefined || d.get("go") === undefined);
    return `${me} met ${other}`;
}
--- timeout: 30
--- request
GET /a
--- response_body
a met b,b met a

=== a module keeps its state, in each isolate of a thread
--- config
location /a {
    content_by_ts_block {
        const next = () => ngx.run_worker_thread("default", "./html/state.ts", "next");
        const first = await next();
        ngx.say(await next() - first, " ", await next() - first);
        globalThis.leak = 1;
        ngx.say(await ngx.run_worker_thread("default", "./html/state.ts", "seen"));
    }
}
--- user_files
>>> state.ts
import { step } from "./step.ts";
let n = 0;
export const next = () => (n += step);
export const seen = () => typeof (globalThis as { leak?: number }).leak;
>>> step.ts
export const step = 2;
--- timeout: 30
--- request
GET /a
--- response_body
2 4
undefined

=== what there is: encoders, hashes, dictionaries, the log; what would have to wait is refused
--- http_config
ts_shared_dict d 1m;
--- config
location /a {
    content_by_ts_block {
        for (const line of await ngx.run_worker_thread("default", "./html/api.ts", "all")) ngx.say(line);
    }
}
--- user_files
>>> api.ts
export async function all(): Promise<string[]> {
    const seen: string[] = [];
    for (const f of [
        () => ngx.md5("hello"),
        () => ngx.encode_base64("a"),
        () => ngx.shared.d!.set("k", "v") && ngx.shared.d!.get("k"),
        () => ngx.log(ngx.ERR, "from a thread"),
        () => new URL("http://a/b").pathname + new Blob(["abc"]).size,
        () => `${ngx.config.subsystem} ${ngx.get_phase()} ${ngx.worker.id()}`,
        () => ngx.sleep(0.1),
        () => ngx.timer.at(0, () => {}),
        () => setTimeout(() => {}, 0),
        () => ngx.socket.tcp().connect("127.0.0.1", 1),
        () => fetch("http://127.0.0.1:1"),
        () => ngx.run_worker_thread("default", "./html/api.ts", "all"),
        () => ngx.var.uri,
        () => ngx.say("x"),
    ]) {
        try { seen.push(String(await f())); } catch (e) { seen.push((e as Error).message); }
    }
    return seen;
}
--- timeout: 30
--- request
GET /a
--- response_body
5d41402abc4b2a76b9719d911017c592
YQ==
v
undefined
/b3
http timer 0
API disabled in the context of ngx.run_worker_thread
API disabled in the context of ngx.run_worker_thread
API disabled in the context of ngx.run_worker_thread
API disabled in the context of ngx.run_worker_thread
API disabled in the context of ngx.run_worker_thread
API disabled in the context of ngx.run_worker_thread
no request found
no request found
--- error_log
[ts] html/api.ts:7:19: from a thread

=== what goes wrong
--- http_config
ts_worker_thread_vm_pool_size 2;
--- config
location /a {
    content_by_ts_block {
        const run = async (...args) => {
            try { ngx.say(await ngx.run_worker_thread(...args)); } catch (e) { ngx.say(e.name, ": ", e.message.replace(/line \d+.*/, "")); }
        };
        await run();
        await run("default", "m");
        await run({}, "m", "f");
        await run("default", {}, "f");
        await run("default", "m", {});
        await run("none", "m", "f");
        await run("default", "nothing-of-this-name", "f");
        await run("default", "./html/bad.ts", "nothing");
        await run("default", "./html/bad.ts", "text");
        await run("default", "./html/bad.ts", "boom");
        await run("default", "./html/bad.ts", "boomLater");
        await run("default", "./html/bad.ts", "throwText");
        await run("default", "./html/bad.ts", "never");
        await run("default", "./html/bad.ts", "leave");
        await run("default", "./html/thrower.ts", "f");
        await run("default", "./html/bad.ts", "func");
        await run("default", "./html/bad.ts", "circle");
        await run("default", "./html/bad.ts", "boom", () => {});
        await run("default", "./html/bad.ts", "boom", new Map());
        await run("default", "./html/bad.ts", "boom", [Symbol()]);
        const circle = {}; circle.circle = circle;
        await run("default", "./html/bad.ts", "boom", circle);
        const all = await Promise.allSettled([1, 2, 3].map(() => ngx.run_worker_thread("default", "./html/bad.ts", "fine")));
        ngx.say(all.map(({ value, reason }) => value ?? reason.message).join(", "));
    }
}
--- user_files
>>> bad.ts
export const text = "x";
export function boom() { throw new RangeError("boom"); }
export async function boomLater() { await null; throw new Error("later"); }
export function throwText() { throw "text"; }
export const never = () => new Promise(() => {});
export const leave = () => ngx.exit(403);
export const func = () => ({ a: [() => {}] });
export const circle = () => { const a: unknown[] = []; a.push(a); return a; };
export const fine = () => "fine";
>>> thrower.ts
throw new Error("at once");
--- timeout: 30
--- request
GET /a
--- response_body
NgxError: expecting at least 3 arguments
NgxError: expecting at least 3 arguments
NgxError: threadpool should be a string
NgxError: module name should be a string
NgxError: function name should be a string
NgxError: thread pool none not found
NgxError: could not resolve "nothing-of-this-name"
NgxError: invalid function
NgxError: invalid function
NgxError: boom
NgxError: later
NgxError: text
NgxError: the promise of the function is never settled
NgxError: API disabled in the context of ngx.run_worker_thread
NgxError: at once
NgxError: unsupported Lua type: LUA_TFUNCTION in the return value
NgxError: suspicious circular references, table depth exceed max depth: 100 in the return value
NgxError: unsupported Lua type: LUA_TFUNCTION in the argument
NgxError: unsupported Lua type: LUA_TUSERDATA in the argument
NgxError: unsupported Lua type in the argument
NgxError: suspicious circular references, table depth exceed max depth: 100 in the argument
fine, fine, no available Lua vm

=== too many wait for a thread
--- main_config
thread_pool work threads=1 max_queue=1;
--- http_config
ts_shared_dict d 1m;
ts_cpu_limit 30s;
--- config
location /a {
    content_by_ts_block {
        const wait = () => ngx.run_worker_thread("work", "./html/wait.ts", "wait").catch((e) => e.message);
        const first = wait();
        while (ngx.shared.d.get("runs") !== 1) await ngx.sleep(0.001);
        const second = wait();
        ngx.say(await wait());
        ngx.shared.d.set("go", 1);
        ngx.say(await first, " ", await second);
        ngx.shared.d.flush_all();
    }
}
--- user_files
>>> wait.ts
export function wait(): string {
    ngx.shared.d!.set("runs", 1);
    while (ngx.shared.d!.get("go") === undefined);
    return "done";
}
--- timeout: 30
--- request
GET /a
--- response_body
ngx_thread_task_post failed
done done
--- error_log
thread pool "work" queue overflow: 1 tasks waiting

=== an error that nobody catches is logged with the place in the module
--- config
location /a { content_by_ts_block { await ngx.run_worker_thread("default", "./html/fault.ts", "outer"); } }
--- user_files
>>> fault.ts
function inner(): never {
    throw new Error("of a module");
}
export function outer() { inner(); }
--- timeout: 30
--- request
GET /a
--- error_code: 500
--- error_log
[ts] content_by_ts(html/fault.ts:2:11): of a module
at inner (html/fault.ts:2:11)
at outer (html/fault.ts:4:

=== a syntax error in a module
--- config
location /a {
    content_by_ts_block {
        try { await ngx.run_worker_thread("default", "./html/syntax.ts", "f"); } catch (e) { ngx.say(e.message.replace(/^.*html/, "html")); }
    }
}
--- user_files
>>> syntax.ts
export function f( { }
--- timeout: 30
--- request
GET /a
--- response_body_like
^html/syntax\.ts:2:1: 

=== limits are those of the isolate that asks
--- config
location /cpu {
    ts_isolate quick cpu=100ms;
    content_by_ts_block {
        for (const f of ["loop", "wait"]) {
            try { await ngx.run_worker_thread("default", "./html/limits.ts", f); } catch (e) { ngx.say(e.message); }
        }
    }
}
location /memory {
    ts_isolate small memory=16m cpu=20s;
    content_by_ts_block {
        for (const f of ["bomb", "fine"]) {
            try { ngx.say(await ngx.run_worker_thread("default", "./html/limits.ts", f)); } catch (e) { ngx.say(e.message); }
        }
    }
}
--- user_files
>>> limits.ts
export function loop() { for (;;); }
export const wait = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
export function bomb() { const a: unknown[] = []; for (;;) a.push(new Array(1e5).fill({})); }
export const fine = () => "fine";
--- timeout: 30
--- request eval
["GET /cpu", "GET /memory"]
--- response_body eval
["cut off after 100 ms: it did not come to an end\n".repeat(2), "not enough memory\nfine\n"]

=== from timers, from other phases, from the package path
--- http_config
ts_package_path "$TEST_NGINX_HTML_DIR/?.ts;;";
ts_shared_dict d 1m;
init_worker_by_ts_block {
    ngx.timer.at(0, async () => { ngx.shared.d.set("timer", await ngx.run_worker_thread("default", "lib/square", "square", 7)); });
}
--- config
location /a {
    access_by_ts_block { ngx.ctx.access = await ngx.run_worker_thread("default", "lib/square", "square", 3); }
    content_by_ts_block {
        while (ngx.shared.d.get("timer") === undefined) await ngx.sleep(0.001);
        ngx.say(ngx.ctx.access, " ", ngx.shared.d.get("timer"));
    }
}
--- user_files
>>> lib/square.ts
export const square = (n: number): number => n * n;
--- timeout: 30
--- request
GET /a
--- response_body
9 49
