# What a bad block may not do to others: loops, bombs, throws, rejections, promises that never settle.

=== an endless loop is a 500; the worker and its other requests go on
--- master
--- main_config
worker_processes 1;
--- http_config
ts_shared_dict g 1m;
ts_cpu_limit 100ms;
--- config
location /first { content_by_ts_block { ngx.shared.g.set("pid", ngx.worker.pid()); } }
location /same { content_by_ts_block { ngx.say(ngx.shared.g.get("pid") === ngx.worker.pid()); } }
location /loop {
    content_by_ts_block {
        ngx.say("lost");
        while (true) { }
    }
}
--- request eval
["GET /first", "GET /loop", "GET /same", "GET /loop", "GET /same"]
--- error_code eval
[200, 500, 200, 500, 200]
--- response_body eval
["", null, "true\n", null, "true\n"]
--- error_log eval
/\[error\] .*content_by_ts\(nginx\.conf:\d+:\d+\): cut off after 100 ms: it did not come to an end, client: 127\.0\.0\.1/

=== the module state of the isolate survives a loop
--- main_config
worker_processes 1;
--- http_config
ts_cpu_limit 100ms;
--- user_files
>>> state.ts
export const state = { n: 0 };
--- config
location /n { content_by_ts_block { import { state } from "../html/state.ts"; state.n = Number(ngx.var.arg_set ?? state.n); ngx.say(state.n); } }
location /loop { content_by_ts_block { for (;;); } }
--- request eval
["GET /n?set=5", "GET /loop", "GET /n"]
--- error_code eval
[200, 500, 200]
--- response_body eval
["5\n", null, "5\n"]
--- error_log
cut off

=== a loop in each phase
--- http_config
ts_cpu_limit 60ms;
--- config
location /rewrite { rewrite_by_ts_block { for (;;); } content_by_ts_block { } }
location /access { access_by_ts_block { for (;;); } content_by_ts_block { } }
location /await { content_by_ts_block { await ngx.sleep(0.001); for (;;); } }
location /header { header_filter_by_ts_block { for (;;); } content_by_ts_block { } }
location /log { log_by_ts_block { for (;;); } content_by_ts_block { ngx.say("fine"); } }
--- request eval
["GET /rewrite", "GET /access", "GET /await", "GET /header", "GET /log"]
--- error_code eval
[500, 500, 500, 500, 200]
--- error_log
rewrite_by_ts(nginx.conf:5:
access_by_ts(nginx.conf:6:
content_by_ts(nginx.conf:7:
header_filter_by_ts(nginx.conf:8:
log_by_ts(nginx.conf:9:

=== a loop in a timer and at the start of a worker
--- http_config
ts_cpu_limit 60ms;
init_worker_by_ts_block { ngx.timer.at(0.01, () => { for (;;); }); for (;;); }
--- config
location /a { content_by_ts_block { await ngx.sleep(0.1); ngx.say("serves"); } }
--- request
GET /a
--- response_body
serves
--- error_log
init_worker_by_ts(nginx.conf:4:
cut off after 60 ms

=== catch, finally and generators do not hold a loop's end up
--- http_config
ts_cpu_limit 60ms;
--- config
location /catch { content_by_ts_block { for (;;) { try { for (;;); } catch {} finally { ngx.log(ngx.ERR, "finally ran"); } } } }
location /regex { content_by_ts_block { /(a+)+(?!a)$/.test("a".repeat(40) + "b"); } }
location /json { content_by_ts_block { while (true) JSON.stringify({ a: [1, 2, 3] }); } }
location /chain { content_by_ts_block { const f = (): Promise<void> => Promise.resolve().then(f); await f(); } }
location /ok { content_by_ts_block { ngx.say("ok"); } }
--- request eval
["GET /catch", "GET /regex", "GET /json", "GET /chain", "GET /ok"]
--- error_code eval
[500, 500, 500, 500, 200]
--- error_log
cut off
--- no_error_log
finally ran

=== a memory bomb ends the isolate, not the worker
--- main_config
worker_processes 1;
--- http_config
ts_shared_dict g 1m;
ts_cpu_limit 20s;
--- config
location /first { content_by_ts_block { ngx.shared.g.set("pid", ngx.worker.pid()); } }
location /same { content_by_ts_block { ngx.say(ngx.shared.g.get("pid") === ngx.worker.pid()); } }
location /bomb { content_by_ts_block { const a: unknown[] = []; while (true) a.push(new Array(1e6)); } }
--- timeout: 20
--- request eval
["GET /first", "GET /bomb", "GET /same"]
--- error_code eval
[200, 500, 200]
--- response_body eval
["", null, "true\n"]
--- error_log
[alert]
ended: out of memory in content_by_ts(nginx.conf:

=== a rejection that nobody waits for hurts nobody
--- config
location /a { content_by_ts_block { Promise.reject(new Error("lonely")); ngx.say("fine"); } }
--- request
GET /a
--- response_body
fine
--- error_log
content_by_ts(nginx.conf:4:52): unhandled rejection: lonely

=== a promise that never settles: the client goes, others are served
--- config
location /never { ts_check_client_abort on; content_by_ts_block { await new Promise(() => {}); } log_by_ts_block { ngx.log(ngx.NOTICE, "never ended with ", ngx.var.status); } }
location /ok { content_by_ts_block { ngx.say("ok"); } }
--- request
GET /never
--- timeout: 0.3
--- abort
--- ignore_response
--- error_log
never ended with 499

=== a catch that swallows exit does not bring the request back
--- config
location /a {
    content_by_ts_block {
        try { ngx.exit(403); } catch { }
        try { ngx.say("one"); } catch { }
        try { ngx.status = 200; } catch { }
        ngx.log(ngx.ERR, "came this far");
        ngx.say("two");
    }
}
--- request
GET /a
--- error_code: 403
--- response_body_like: 403 Forbidden
--- no_error_log
came this far

=== a catch that waits after exit
--- config
location /a {
    content_by_ts_block {
        try { ngx.exit(402); } catch { await null; ngx.say("back"); }
        await new Promise(() => {});
    }
}
--- request
GET /a
--- error_code: 402

=== exit's signal is no Error, and finally blocks run
--- config
location /a {
    content_by_ts_block {
        try { ngx.exit(403); }
        catch (e) { globalThis.seen = `${e instanceof Error} ${typeof e}`; throw e; }
        finally { globalThis.seen += " finally"; }
    }
}
location /seen { content_by_ts_block { ngx.say(globalThis.seen); } }
--- request eval
["GET /a", "GET /seen"]
--- error_code eval
[403, 200]
--- response_body eval
[null, "false object finally\n"]

=== exit in code that the block does not wait for decides the request
--- config
location /a {
    content_by_ts_block {
        (async () => { await ngx.sleep(0.01); ngx.exit(402); })();
        await new Promise(() => {});
    }
}
--- request
GET /a
--- error_code: 402

=== a deep recursion is an error like others
--- config
location /a { content_by_ts_block { const f = (n: number): number => f(n + 1) + 1; ngx.say(f(0)); } }
--- request
GET /a
--- error_code: 500
--- error_log
RangeError: Maximum call stack size exceeded

=== patched built-ins change the script's world, not the bridge
--- config
location /patch {
    content_by_ts_block {
        const own = { split: String.prototype.split, then: Promise.prototype.then, push: Array.prototype.push };
        globalThis.undo = () => { String.prototype.split = own.split; Promise.prototype.then = own.then; Array.prototype.push = own.push; };
        String.prototype.split = () => { throw new Error("patched split"); };
        Promise.prototype.then = () => { throw new Error("patched then"); };
        Array.prototype.push = () => { throw new Error("patched push"); };
    }
}
location /undo { content_by_ts_block { globalThis.undo(); } }
location /use {
    content_by_ts_block {
        await ngx.sleep(0.001);
        const res = await ngx.location.capture("/sub?a=1&a=2");
        ngx.say(ngx.req.get_headers()["x-a"], " ", ngx.req.get_uri_args().b, " ", res.body);
    }
}
location /sub { content_by_ts_block { ngx.print(ngx.req.get_uri_args().a.length); } }
--- request eval
["GET /patch", "GET /use?b=1", "GET /undo"]
--- more_headers
X-A: a
--- response_body eval
["", "a 1 2\n", ""]

=== a wall limit ends a request that waits too long
--- config
ts_isolate slow wall=500ms;
location /a { content_by_ts_block { await new Promise(() => {}); } }
location /b { content_by_ts_block { await ngx.sleep(0.01); ngx.say("in time"); } }
--- request eval
["GET /a", "GET /b"]
--- error_code eval
[504, 200]
--- response_body eval
[null, "in time\n"]

=== a wall limit ends a request whose filters never come to an end
--- config
ts_isolate slow wall=100ms;
location /head {
    content_by_ts_block { ngx.say("said"); }
    header_filter_by_ts_block { await new Promise(() => {}); }
}
location /page {
    content_by_ts_block { await new Promise(() => {}); }
    header_filter_by_ts_block { await new Promise(() => {}); }
}
--- request eval
["GET /head", "GET /page"]
--- error_code eval
[504, 504]
--- error_log
blocks took longer than 100 ms

=== metrics take no more of the worker's memory than they may
--- config
location = /t {
    ts_isolate tenant;
    content_by_ts_block {
        const counter = ngx.metrics.counter("guarded", "", ["a"]);
        for (let i = 0; i < 120; i++) counter.inc(1, [i + "x".repeat(1e5)]);
        counter.inc(1, ["late"]);
        await ngx.flush(true);
        let message = "";
        try { for (let i = 0; i < 5; i++) ngx.metrics.gauge("guarded_" + i, "x".repeat(1e6)) }
        catch (e) { message = e.message }
        ngx.say(message);
        counter.inc(1, ["one", "too many"]);
        counter.reset();
        counter.inc(1, ["again"]);
        await ngx.flush(true);
        ngx.say(/^guarded.*/m.exec(await ngx.metrics.metric_data())[0]);
    }
}
--- request
GET /t
--- response_body
no memory
guarded{a="again"} 1
--- error_log
isolate "tenant": its metrics take too much memory: new combinations of labels are dropped
isolate "tenant": Invalid number of arguments (2)
--- no_error_log
[alert]

=== subrequests hold no more of the worker's memory than their isolate may have
--- config
ts_isolate small memory=24m;
location = /asked {
    content_by_ts_block {
        const body = "x".repeat(7e6);
        for (let i = 0; i < 5; i++) {
            ngx.location.capture("/holds", { method: ngx.HTTP_POST, body }).catch((e) => ngx.say(e.message));
            await ngx.sleep(0.001);
        }
        ngx.exit(200);
    }
}
location = /answered {
    content_by_ts_block {
        const two = new Promise<void>((cut) => {
            let count = 0;
            for (let i = 0; i < 5; i++) {
                ngx.location.capture("/says").then(({ truncated, body }) => {
                    ngx.say(truncated, " ", body.length);
                    if (++count === 2) cut();
                });
            }
        });
        await two;
        ngx.exit(200);
    }
}
location = /holds { ts_isolate main; client_max_body_size 0; content_by_ts_block { await new Promise(() => {}); } }
location = /says {
    ts_isolate main;
    content_by_ts_block {
        ngx.print("x".repeat(7e6));
        await ngx.flush(true);
        await new Promise(() => {});
    }
}
--- request eval
["GET /asked", "GET /answered"]
--- response_body eval
["no memory\nno memory\n", "true 0\ntrue 0\n"]

=== what peers do not take holds no more of the worker's memory than the isolate may have
--- config
location = /t {
    ts_isolate small memory=24m;
    content_by_ts_block {
        let refused = "";
        for (let i = 0; i < 6; i++) {
            const sock = ngx.socket.tcp();
            await sock.connect("127.0.0.1", ngx.var.server_port);
            await sock.send("POST /holds HTTP/1.1\r\nHost: x\r\nContent-Length: 90000000\r\n\r\n");
            sock.send("x".repeat(8e6)).catch((e) => { refused = e.message });
            await ngx.sleep(0.001);
        }
        ngx.say(refused);
        ngx.exit(200);
    }
}
location = /holds { client_max_body_size 0; content_by_ts_block { await new Promise(() => {}); } }
--- request
GET /t
--- response_body
no memory

=== a loop behind an operation that outlives its request is still its request's
--- http_config
ts_cpu_limit 100ms;
--- config
location = /t {
    content_by_ts_block {
        await fetch(`http://127.0.0.1:${ngx.var.server_port}/plain`);
        for (;;);
    }
}
location = /plain { return 200 plain; }
--- request
GET /t
--- error_code: 500
--- error_log
content_by_ts(nginx.conf:
cut off after 100 ms
