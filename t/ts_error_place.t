# Errors of what had to be waited for are logged with the place that waited, in files and blocks, as those of synchronous
# code are; with what caused them.

=== each kind of waiting, in a module that a block awaits
--- user_files
>>> lib.ts
export async function connect(): Promise<void> {
  await ngx.socket.tcp().connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
}
export async function read(ngx: Ngx): Promise<void> {
    const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
    sock.settimeout(20);
     await sock.receive();
}
export async function wait(): Promise<void> {
   await ngx.semaphore.new().wait(0.001);
}
export async function ask(): Promise<void> {
       await fetch("http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/");
}
export async function late(): Promise<void> {
        await fetch("http://127.0.0.1:$TEST_NGINX_SERVER_PORT/slow", { signal: AbortSignal.timeout(20) });
}
--- config
location /connect { content_by_ts_block { import { connect } from "../html/lib.ts";
  await connect(); } }
location /read { content_by_ts_block { import { read } from "../html/lib.ts";
   await read(ngx); } }
location /wait { content_by_ts_block { import { wait } from "../html/lib.ts";
    await wait(); } }
location /ask { content_by_ts_block { import { ask } from "../html/lib.ts";
     await ask(); } }
location /late { content_by_ts_block { import { late } from "../html/lib.ts";
      await late(); } }
location /all { content_by_ts_block { import { connect } from "../html/lib.ts";
       await Promise.all([connect(), ngx.sleep(0)]); } }
location /slow { content_by_ts_block { await ngx.sleep(0.2); } }
--- request eval
["GET /connect", "GET /read", "GET /wait", "GET /ask", "GET /late", "GET /all"]
--- error_code eval
[500, 500, 500, 500, 500, 500]
--- error_log eval
["content_by_ts(html/lib.ts:2:3): connection refused", "    at connect (html/lib.ts:2:3)", /^    at \(nginx.conf:\d+:3\),/,
 "content_by_ts(html/lib.ts:7:6): timeout", "    at read (html/lib.ts:7:6)", /^    at \(nginx.conf:\d+:4\),/,
 "content_by_ts(html/lib.ts:10:4): timeout", "    at wait (html/lib.ts:10:4)", /^    at \(nginx.conf:\d+:5\),/,
 "content_by_ts(html/lib.ts:13:8): TypeError: fetch failed; cause: connect ECONNREFUSED 127.0.0.1:$TEST_NGINX_RAND_PORT_1",
 "    at ask (html/lib.ts:13:8)", "content_by_ts(html/lib.ts:16:9): TimeoutError: The operation was aborted due to timeout",
 "    at late (html/lib.ts:16:9)", /^    at \(nginx.conf:\d+:8\),/]

=== in a timer, a thread, and where nobody waits for the promise
--- config
location /timer {
    content_by_ts_block {
        ngx.timer.at(0, async () => {
            await ngx.socket.tcp().connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        });
    }
}
location /thread {
    content_by_ts_block {
        ngx.thread.spawn(async () => {
            await ngx.socket.tcp().connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        });
    }
}
location /rejected {
    content_by_ts_block {
        const wait = async () => {
            await ngx.semaphore.new().wait(0.001);
        };
        void wait();
        await ngx.sleep(0.02);
    }
}
--- request eval
["GET /timer", "GET /thread", "GET /rejected"]
--- error_log eval
[/\[ts\] content_by_ts\(nginx.conf:\d+:13\): connection refused/,
 /\[ts\] content_by_ts\(nginx.conf:\d+:13\): user thread aborted: connection refused/,
 /\[ts\] (content_by_ts\()?nginx.conf:\d+:13\)?: unhandled rejection: timeout/]

=== what an error comes from
--- config
location /cause {
    content_by_ts_block {
        try { JSON.parse("{"); } catch (cause) { throw new Error("outer", { cause: new Error("inner", { cause }) }); }
    }
}
location /any {
    content_by_ts_block {
        await Promise.any([Promise.reject(new RangeError("x")), Promise.reject("y")]);
    }
}
location /log {
    content_by_ts_block {
        ngx.log(ngx.ERR, new Error("said", { cause: "why" }));
        console.error(new Error("shown", { cause: new Error("because") }));
    }
}
location /round {
    content_by_ts_block {
        const error: Error = new Error("round"); error.cause = error; console.error(error); throw error;
    }
}
--- request eval
["GET /cause", "GET /any", "GET /log", "GET /round"]
--- error_code eval
[500, 500, 200, 500]
--- error_log eval
["outer; cause: inner; cause: SyntaxError: Expected property name",
 "AggregateError: All promises were rejected; 1: RangeError: x; 2: y",
 '[cause]: "why"', "[cause]: Error: because", "round; cause: round"]
