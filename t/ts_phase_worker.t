# What runs for no request: the phases of a worker, and timers.

=== timers survive errors, of their own and of others
--- config
location /a {
    content_by_ts_block {
        const g = globalThis as any;
        g.n = 0;
        const id = ngx.timer.every(0.01, () => { g.n++; if (g.n < 3) throw new Error(`tick ${g.n}`); });
        for (let i = 0; i < 200 && g.n < 5; i++) await ngx.sleep(0.005);
        ngx.say(g.n >= 5, " ", typeof id);
    }
}
--- request
GET /a
--- response_body
true number
--- error_log
tick 1
tick 2

=== every: a run that takes long does not keep the next from coming
--- config
location /a {
    content_by_ts_block {
        const g = globalThis as any;
        g.begun = 0; g.ended = 0;
        ngx.timer.every(0.01, async () => { g.begun++; await ngx.sleep(0.2); g.ended++; });
        for (let i = 0; i < 200 && g.begun < 3; i++) await ngx.sleep(0.005);
        ngx.say(g.begun >= 3, " ", g.ended < g.begun, " ", ngx.timer.running_count() >= 2);
    }
}
--- request
GET /a
--- response_body
true true true

=== timers in timers in timers
--- config
location /a {
    content_by_ts_block {
        const g = globalThis as any;
        g.deep = 0;
        const down = (premature: boolean, left: number) => { g.deep++; if (left > 0 && !premature) ngx.timer.at(0, down, left - 1); };
        ngx.timer.at(0, down, 20);
        for (let i = 0; i < 200 && g.deep < 21; i++) await ngx.sleep(0.002);
        ngx.say(g.deep, " ", ngx.timer.pending_count());
    }
}
--- request eval
["GET /a", "GET /a"]
--- response_body eval
["21 0\n", "21 0\n"]

=== a timer that loops is cut off, the others run
--- http_config
ts_cpu_limit 80ms;
--- config
location /a {
    content_by_ts_block {
        const g = globalThis as any;
        g.other = false;
        ngx.timer.at(0, () => { for (;;); });
        ngx.timer.at(0.01, () => { g.other = true; });
        for (let i = 0; i < 200 && !g.other; i++) await ngx.sleep(0.01);
        ngx.say(g.other, " ", ngx.timer.running_count());
    }
}
--- request
GET /a
--- response_body
true 0
--- error_log
cut off after 80 ms

=== timers that are cut off after a wait do not use up the limit
--- http_config
ts_cpu_limit 60ms;
ts_max_running_timers 2;
--- config
location /a {
    content_by_ts_block {
        const g = globalThis as any;
        for (let i = 0; i < 3; i++) {
            ngx.timer.at(0, async () => { g.begun = i; await g.ngx.sleep(0.001); for (;;); });
            while (g.begun !== i) await ngx.sleep(0.005);
            await ngx.sleep(0.15);
        }
        g.ran = false;
        ngx.timer.at(0, async () => { await g.ngx.sleep(0.001); g.ran = true; });
        for (let i = 0; i < 100 && !g.ran; i++) await ngx.sleep(0.01);
        ngx.say(g.ran, " ", ngx.timer.running_count());
    }
}
--- request
GET /a
--- timeout: 20
--- response_body
true 0
--- error_log
cut off after 60 ms
--- no_error_log
[alert]

=== limits: what is refused is told, and there is room again later
--- http_config
ts_max_pending_timers 3;
ts_max_running_timers 2;
--- config
location /pending {
    content_by_ts_block {
        const said: string[] = [];
        for (let i = 0; i < 5; i++) { try { ngx.timer.at(0.03, () => {}); said.push("ok"); } catch (e) { said.push(`${e.message} ${e.code}`); } }
        while (ngx.timer.pending_count() > 0) await ngx.sleep(0.005);
        try { ngx.timer.at(0.001, () => {}); said.push("again"); } catch (e) { said.push(e.message); }
        while (ngx.timer.pending_count() > 0) await ngx.sleep(0.005);
        ngx.say(said.join(", "));
    }
}
location /running {
    content_by_ts_block {
        const g = globalThis as any;
        g.ran = 0;
        for (let i = 0; i < 3; i++) ngx.timer.at(0, async () => { g.ran++; await ngx.sleep(0.03); });
        while (ngx.timer.pending_count() > 0 || ngx.timer.running_count() > 0) await ngx.sleep(0.005);
        ngx.timer.at(0, () => { g.ran++; });
        while (ngx.timer.pending_count() > 0) await ngx.sleep(0.005);
        ngx.say(g.ran);
    }
}
--- request eval
["GET /pending", "GET /running"]
--- response_body eval
["ok, ok, ok, too many pending timers TOO_MANY_PENDING_TIMERS, too many pending timers TOO_MANY_PENDING_TIMERS, again\n", "3\n"]
--- error_log
[alert]
2 ts_max_running_timers are not enough

=== arguments of timers
--- config
location /a {
    content_by_ts_block {
        for (const [delay, run] of [[NaN, () => {}], [Infinity, () => {}], ["x", () => {}], [undefined, () => {}], [0, null], [0, "f"], [0, {}]]) {
            for (const name of ["at", "every"]) { try { ngx.timer[name](delay, run); ngx.say(name, " passed"); } catch (e) { ngx.say(name, " ", e.message); } }
        }
        ngx.say(ngx.timer.pending_count());
    }
}
--- request
GET /a
--- response_body
at invalid delay "NaN"
every invalid delay "NaN"
at invalid delay "Infinity"
every invalid delay "Infinity"
at bad argument #1 to 'at' (number expected, got string)
every bad argument #1 to 'every' (number expected, got string)
at bad argument #1 to 'at' (number expected, got undefined)
every bad argument #1 to 'every' (number expected, got undefined)
at function expected
every function expected
at function expected
every function expected
at function expected
every function expected
0

=== a worker that quits: pending timers run early and are told so, every too; new ones have to begin at once
--- master
--- http_config
exit_worker_by_ts_block { try { ngx.timer.at(1, () => {}); } catch (e) { ngx.log(ngx.WARN, "exit_worker: ", e.message); } }
--- config
location /a {
    content_by_ts_block {
        ngx.timer.at(3600, (premature) => {
            ngx.log(ngx.WARN, "at: ", premature, " ", ngx.worker.exiting());
            try { ngx.timer.at(1, () => {}); } catch (e) { ngx.log(ngx.WARN, "in it: ", e.message); }
            try { ngx.timer.at(0, () => { ngx.log(ngx.WARN, "zero ran"); }); } catch (e) { ngx.log(ngx.WARN, "zero: ", e.message); }
        });
        ngx.timer.every(3600, (premature) => { ngx.log(ngx.WARN, "every: ", premature); });
        ngx.timer.at(3600, async (premature) => {
            await ngx.sleep(0.05);
            ngx.log(ngx.WARN, "waited: ", premature);
            ngx.timer.at(0, async () => { await ngx.sleep(0.05); ngx.log(ngx.WARN, "zero waited"); });
        });
        setInterval(() => { ngx.log(ngx.WARN, "interval ran"); }, 3600_000);
        ngx.say("ok");
    }
}
--- request
GET /a
--- response_body
ok
--- shutdown_error_log
at: true true
in it: process exiting
every: true
zero ran
waited: true
zero waited
exit_worker: API disabled in the context of exit_worker_by_ts*
--- no_shutdown_error_log
interval ran

=== a timer that waits for its peer when the worker quits is not cut off
--- master
--- config
location /a {
    content_by_ts_block {
        ngx.timer.at(3600, async () => {
            const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
            await sock.send("x");
            ngx.log(ngx.WARN, "the peer said ", await sock.receive());
        });
        ngx.say("ok");
    }
}
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply_delay: 0.1
--- tcp_reply
hello
--- request
GET /a
--- response_body
ok
--- shutdown_error_log
the peer said hello

=== a request that a quitting worker still has may set timers, which run early
--- master
--- config
location /a {
    content_by_ts_block {
        ngx.process.signal_graceful_exit();
        while (!ngx.worker.exiting()) await ngx.sleep(0.001);
        await ngx.sleep(0.05);
        ngx.timer.at(3600, async (premature) => {
            await ngx.sleep(0.01);
            ngx.log(ngx.WARN, "at: ", premature);
            try { ngx.timer.at(1, () => {}); } catch (e) { ngx.log(ngx.WARN, "in it: ", e.message); }
        });
        ngx.say("ok");
    }
}
--- request
GET /a
--- response_body
ok
--- error_log
at: true
in it: process exiting

=== worker_shutdown_timeout ends the wait for timers
--- master
--- main_config
worker_shutdown_timeout 50ms;
--- config
location /a {
    content_by_ts_block {
        ngx.timer.at(3600, async (premature) => { ngx.log(ngx.WARN, "began ", premature); await ngx.sleep(3600); });
        ngx.say("ok");
    }
}
--- request
GET /a
--- response_body
ok
--- shutdown_error_log
began true

=== exit_worker may wait, and runs after the timers, in the order of its blocks
--- http_config
ts_shared_dict d 1m;
init_worker_by_ts_block { ngx.timer.at(3600, () => { ngx.shared.d.set("timer", 1); }); }
exit_worker_by_ts_block { await ngx.sleep(0.02); ngx.log(ngx.WARN, "one: ", ngx.get_phase(), " timer ", ngx.shared.d.get("timer")); }
exit_worker_by_ts_block { ngx.log(ngx.WARN, "two: ", ngx.worker.exiting()); throw new Error("in exit_worker"); }
exit_worker_by_ts_block { ngx.log(ngx.WARN, "three"); }
--- config
location /a { return 200 "x"; }
--- request
GET /a
--- shutdown_error_log
one: exit_worker timer 1
two: true
in exit_worker
three

=== a request that a quitting worker still has: its blocks run to their end, its timers come early
--- http_config
exit_worker_by_ts_block { ngx.log(ngx.WARN, "exit worker"); }
--- config
location /a { content_by_ts_block { ngx.timer.at(0.001, () => { ngx.log(ngx.WARN, "an ordinary timer"); }); await ngx.sleep(0.1); ngx.say("done"); } }
--- request
GET /a
--- response_body
done
--- shutdown_error_log
exit worker

=== init: throws are logged, the rest runs; modules and globals are set up once in each isolate
--- http_config
init_by_ts_block { throw new Error("first init fails"); }
init_by_ts_block { await null; (globalThis as any).made = ((globalThis as any).made ?? 0) + 1; }
init_worker_by_ts_block { throw new TypeError("init_worker fails"); }
init_worker_by_ts_block { (globalThis as any).made += 10; }
--- config
location /a { content_by_ts_block { ngx.say((globalThis as any).made); } }
location /b { ts_isolate other; content_by_ts_block { ngx.say((globalThis as any).made); } }
--- request eval
["GET /a", "GET /b"]
--- response_body eval
["11\n", "11\n"]

=== what may be done at the start: dictionaries, timers, fetch of another server, logging
--- http_config
ts_shared_dict d 1m;
init_by_ts_block { ngx.shared.d.set("from", "init"); ngx.log(ngx.NOTICE, "init logs"); }
init_worker_by_ts_block { ngx.shared.d.set("id", ngx.worker.id()); const answer = await ngx.sleep(0.001).then(() => "slept"); ngx.shared.d.set("slept", answer); }
--- config
location /a { content_by_ts_block { ngx.say(ngx.shared.d.get("from"), " ", ngx.shared.d.get("id"), " ", ngx.shared.d.get("slept")); } }
--- request
GET /a
--- response_body
init 0 slept
--- error_log
init logs

=== a request's ngx in a timer after it is over: what needs no request goes on
--- config
location /a {
    content_by_ts_block {
        const g = globalThis as any;
        if (ngx.var.arg_look) { ngx.say(g.said.join(", ")); return; }
        g.said = [];
        ngx.timer.at(0.02, async () => {
            g.said.push(ngx.get_phase());
            try { ngx.say("x"); } catch (e) { g.said.push(e.message); }
            try { await ngx.location.capture("/"); } catch (e) { g.said.push(e.message); }
            await ngx.sleep(0.001);
            g.said.push(ngx.md5("x").slice(0, 4), typeof ngx.now());
        });
        ngx.say("ok");
    }
}
location /wait { content_by_ts_block { await ngx.sleep(0.08); ngx.say("waited"); } }
--- request eval
["GET /a", "GET /wait", "GET /a?look=1"]
--- response_body eval
["ok\n", "waited\n", "timer, no request found, no request found, 9dd4, number\n"]
