# ngx.sleep, ngx.timer, setTimeout and setInterval.

=== sleep waits, and others are answered meanwhile
--- api: ngx.sleep
--- config
location /a {
    content_by_ts_block {
        const before = performance.now();
        await ngx.sleep(0.1);
        const ms = performance.now() - before;
        ngx.say(ms >= 99 && ms < 1000);
        await ngx.sleep(0);
        await ngx.sleep("0.001");
        ngx.say("ok");
    }
}
--- request
GET /a
--- response_body
true
ok

=== sleep refuses what is no duration
--- config
location /a {
    content_by_ts_block {
        for (const sec of [-1, "abc", undefined, NaN]) {
            try { await ngx.sleep(sec as never); ngx.say("no"); } catch (e) { ngx.say(e.message); }
        }
    }
}
--- request
GET /a
--- response_body
invalid sleep duration "-1"
bad argument #1 to 'sleep' (number expected, got string)
bad argument #1 to 'sleep' (number expected, got undefined)
invalid sleep duration "NaN"

=== many sleeps at once
--- config
location /a {
    content_by_ts_block {
        const order: number[] = [];
        await Promise.all([0.12, 0.04, 0.08].map(async (sec, i) => { await ngx.sleep(sec); order.push(i); }));
        ngx.say(order.join(" "));
    }
}
--- request
GET /a
--- response_body
1 2 0

=== timer.at runs later, with its arguments, in a phase of its own
--- api: ngx.timer.at
--- config
location /a {
    content_by_ts_block {
        ngx.timer.at(0.05, (premature, a, b) => {
            ngx.log(ngx.NOTICE, "timer: ", premature, " ", a, " ", b, " ", ngx.get_phase());
        }, "one", 2);
        ngx.say("registered");
    }
}
--- request
GET /a
--- response_body
registered
--- error_log
timer: false one 2 timer

=== the phase in a timer is its own while the request that made it waits, and what goes on then is the request's
--- config
location /a {
    content_by_ts_block {
        const seen: string[] = [];
        await new Promise<void>((resolve) => {
            ngx.timer.at(0, () => {
                seen.push(ngx.get_phase());
                resolve();
            });
        });
        ngx.say(seen[0], " ", ngx.get_phase());
    }
}
--- request
GET /a
--- response_body
timer content

=== timer.at(0) runs at once, after the block
--- config
location /a {
    content_by_ts_block {
        let ran = false;
        ngx.timer.at(0, () => { ran = true; });
        ngx.say(ran);
        await ngx.sleep(0.05);
        ngx.say(ran);
    }
}
--- request
GET /a
--- response_body
false
true

=== a timer may wait, and start another
--- http_config
ts_shared_dict log 1m;
--- config
location /a {
    content_by_ts_block {
        ngx.shared.log.flush_all();
        const tick = async (_premature: boolean, n: number) => {
            await ngx.sleep(0.001);
            ngx.shared.log.rpush("ticks", n);
            if (n < 3) ngx.timer.at(0, tick, n + 1);
        };
        ngx.timer.at(0, tick, 1);
        while (ngx.shared.log.llen("ticks") < 3) await ngx.sleep(0.005);
        ngx.say([1, 2, 3].map(() => ngx.shared.log.lpop("ticks")).join(" "));
    }
}
--- request
GET /a
--- response_body
1 2 3

=== timer.every runs again and again
--- api: ngx.timer.every
--- http_config
init_worker_by_ts_block { globalThis.count = 0; ngx.timer.every(0.02, () => { globalThis.count++; }); }
--- config
location /a {
    content_by_ts_block {
        const from = globalThis.count;
        while (globalThis.count < from + 3) await ngx.sleep(0.01);
        ngx.say("ticks");
    }
}
--- request
GET /a
--- response_body
ticks

=== in a timer there is no request: what it captured says so
--- config
location /a {
    content_by_ts_block {
        const outer = ngx;
        ngx.timer.at(0.02, () => {
            for (const f of [() => outer.var.uri, () => outer.say("x"), () => outer.req.get_headers()]) {
                try { f(); outer.log(ngx.NOTICE, "no"); } catch (e) { outer.log(ngx.NOTICE, "timer says: ", e.message); }
            }
        });
        ngx.say("ok");
    }
}
--- request
GET /a
--- response_body
ok
--- grep_error_log eval
/timer says: [a-z ]+/g
--- grep_error_log_out
timer says: no request found
timer says: no request found
timer says: no request found

=== a timer that throws is logged with its place, and hurts nobody
--- config
location /a {
    content_by_ts_block {
        ngx.timer.at(0, () => { throw new TypeError("in a timer"); });
        ngx.timer.at(0, async () => { await null; throw new Error("in a waiting timer"); });
        await ngx.sleep(0.02);
        ngx.say("ok");
    }
}
--- request
GET /a
--- response_body
ok
--- error_log eval
[/\[error\] .*\[ts\] content_by_ts\(nginx\.conf:6:39\): TypeError: in a timer/, /nginx\.conf:7:57\): in a waiting timer/]

=== too many pending timers
--- api: ngx.timer.pending_count
--- http_config
ts_max_pending_timers 2;
--- config
location /a {
    content_by_ts_block {
        const before = ngx.timer.pending_count();
        let message = "";
        try { for (let i = 0; i < 3; i++) ngx.timer.at(0.05, () => {}); } catch (e) { message = e.message; }
        ngx.say(before, " ", ngx.timer.pending_count(), " ", message);
        await ngx.sleep(0.1);
        ngx.say(ngx.timer.pending_count(), " ", ngx.timer.running_count());
    }
}
--- request
GET /a
--- response_body
0 2 too many pending timers
0 0

=== too many running timers
--- api: ngx.timer.running_count
--- http_config
ts_max_running_timers 1;
--- config
location /a {
    content_by_ts_block {
        for (let i = 0; i < 2; i++) ngx.timer.at(0, async () => { await ngx.sleep(0.05); });
        await ngx.sleep(0.02);
        ngx.say(ngx.timer.running_count());
        await ngx.sleep(0.08);
        ngx.say(ngx.timer.running_count());
    }
}
--- request
GET /a
--- response_body
1
0
--- error_log
[alert]
1 ts_max_running_timers are not enough

=== every needs a delay, at a function
--- config
location /a {
    content_by_ts_block {
        try { ngx.timer.every(0, () => {}); } catch (e) { ngx.say(e.message); }
        try { ngx.timer.at(1, undefined as never); } catch (e) { ngx.say(e.message); }
        try { ngx.timer.at(NaN, () => {}); } catch (e) { ngx.say(e.message); }
        try { ngx.timer.every(-1, () => {}); } catch (e) { ngx.say(e.message); }
        try { ngx.timer.every(0.0009, () => {}); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- response_body
delay cannot be zero
function expected
invalid delay "NaN"
delay cannot be zero
delay cannot be zero

=== a delay below zero is none
--- config
location /a {
    content_by_ts_block {
        ngx.timer.at(-3600, (premature) => { ngx.log(ngx.WARN, "at once, premature: ", premature); });
        ngx.say("ok");
    }
}
--- request
GET /a
--- response_body
ok
--- error_log
at once, premature: false

=== whose timer it is stands behind its lines, also of what it starts and of what it throws
--- http_config
init_worker_by_ts_block {
    ngx.log(ngx.WARN, "worker 1");
    ngx.timer.at(0, () => ngx.log(ngx.WARN, "worker 2"));
    await ngx.sleep(0.02);
    ngx.log(ngx.WARN, "worker 3 ", ngx.get_phase());
}
--- config
location /a {
    content_by_ts_block {
        const outer = ngx;
        ngx.timer.at(0.02, async () => {
            outer.log(ngx.WARN, "timer 1");
            await ngx.sleep(0.01);
            ngx.errlog.raw_log(ngx.WARN, "timer 2");
            ngx.timer.at(0, async () => { await ngx.sleep(0.01); throw new Error("timer 3"); });
        });
        ngx.say("ok");
    }
}
--- request
GET /a
--- response_body
ok
--- error_log eval
[
    /init_worker_by_ts\(nginx.conf:\d+:\d+\): worker 1, context: init_worker_by_ts\*$/m,
    /init_worker_by_ts\(nginx.conf:\d+:\d+\): worker 2, context: ngx\.timer$/m,
    /init_worker_by_ts\(nginx.conf:\d+:\d+\): worker 3 init_worker, context: init_worker_by_ts\*$/m,
    /content_by_ts\(nginx.conf:\d+:\d+\): timer 1, context: ngx\.timer, client: 127\.0\.0\.1, server: [\d.]+:\d+$/m,
    /: timer 2, context: ngx\.timer, client: 127\.0\.0\.1, server: [\d.]+:\d+$/m,
    /content_by_ts\(nginx.conf:\d+:\d+\): timer 3, context: ngx\.timer, client: 127\.0\.0\.1, server: [\d.]+:\d+$/m,
]

=== the lines of a timer's sockets say so too
--- http_config
init_worker_by_ts_block {
    ngx.timer.at(0, async () => { await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1).catch(() => {}); });
}
--- config
location /a {
    content_by_ts_block {
        ngx.timer.at(0, async () => {
            const sock = ngx.socket.udp();
            sock.settimeout(20);
            await sock.setpeername("127.0.0.1", $TEST_NGINX_RAND_PORT_2);
            await sock.receive().catch(() => {});
        });
        ngx.say("ok");
    }
}
--- request
GET /a
--- response_body
ok
--- error_log eval
[
    /connect\(\) failed \(111: Connection refused\), .*context: ngx\.timer$/m,
    /ts udp socket read timed out, .*context: ngx\.timer, client: 127\.0\.0\.1, server: [\d.]+:\d+$/m,
]

=== a timer's sockets have the settings of the location where it was set
--- config
location /a {
    ts_socket_read_timeout 20ms;
    ts_socket_log_errors   off;
    content_by_ts_block {
        ngx.timer.at(0.01, async () => {
            const udp = ngx.socket.udp();
            await udp.setpeername("127.0.0.1", $TEST_NGINX_RAND_PORT_2);
            await udp.receive().catch((e) => ngx.log(ngx.NOTICE, "datagram: ", e.message));
            ngx.timer.at(0, async () => {
                const tcp = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
                await tcp.receive().catch((e) => ngx.log(ngx.NOTICE, "line: ", e.message));
            });
        });
        ngx.say("ok");
    }
}
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_no_close
--- tcp_reply:
--- request
GET /a
--- response_body
ok
--- error_log
datagram: timeout
line: timeout
--- no_error_log
[error]

=== exit leaves the timer, with the ngx of its request too
--- config
location /a {
    content_by_ts_block {
        const outer = ngx;
        ngx.timer.at(0.02, (_premature, own: Ngx) => {
            ngx.timer.at(0, () => own.log(ngx.WARN, "later"));
            own.log(ngx.WARN, "before");
            own.exit(Number(own === outer) * 403);
            own.log(ngx.WARN, "behind");
        }, $EACH);
        ngx.say("ok");
    }
}
--- each: ngx globalThis.ngx
--- request
GET /a
--- response_body
ok
--- error_log
before
later
--- no_error_log
behind
[error]

=== timers run early when the worker exits, and are told so
--- config
location /a {
    content_by_ts_block {
        ngx.timer.at(3600, (premature) => { ngx.log(ngx.WARN, "premature: ", premature, " ", ngx.worker.exiting()); });
        ngx.say("ok");
    }
}
--- request
GET /a
--- response_body
ok
--- shutdown_error_log
premature: true true

=== exit_worker runs at the end of a worker
--- http_config
exit_worker_by_ts_block { ngx.log(ngx.WARN, "goodbye from ", ngx.get_phase()); }
--- config
location /a { return 200 "x"; }
--- request
GET /a
--- shutdown_error_log
goodbye from exit_worker

=== setTimeout, clearTimeout, setInterval, clearInterval
--- config
location /a {
    content_by_ts_block {
        const seen: string[] = [];
        await new Promise<void>((done) => {
            const gone = setTimeout(() => seen.push("wrong"), 5);
            clearTimeout(gone);
            setTimeout((a: string, b: string) => seen.push(a + b), 1, "ti", "mer");
            let n = 0;
            const id = setInterval(() => { seen.push(`i${++n}`); if (n === 2) { clearInterval(id); done(); } }, 20);
        });
        await ngx.sleep(0.05);
        ngx.say(seen.join(" "));
    }
}
--- request
GET /a
--- response_body
timer i1 i2

=== sleep in init_worker, a timer from init_worker
--- http_config
init_worker_by_ts_block {
    globalThis.seen = ["start"];
    ngx.timer.at(0, () => { globalThis.seen.push("timer " + ngx.get_phase()); });
    await ngx.sleep(0.02);
    globalThis.seen.push("slept");
}
--- config
location /a { content_by_ts_block { ngx.say(globalThis.seen.join(", ")); } }
--- request
GET /a
--- response_body
start, timer timer, slept

=== what a timer begins with the ngx of a request outlives the request
--- http_config
ts_shared_dict d 1m;
--- config
location /slow { content_by_ts_block { await ngx.sleep(0.1); ngx.say("slow"); } }
location /begin {
    content_by_ts_block {
        const runs = new Promise<void>((begun) => {
            ngx.timer.at(0, async () => {
                begun();
                await ngx.sleep(0.1);
                ngx.shared.d.rpush("ended", "sleep");
            });
        });
        ngx.timer.at(0, async () => {
            const s = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
            await s.send("GET /slow HTTP/1.0\r\n\r\n");
            await s.receive("*a");
            await s.close();
            ngx.shared.d.rpush("ended", "socket");
        });
        await runs;
        ngx.say("begun");
    }
}
location /ended {
    content_by_ts_block {
        for (let i = 0; i < 500 && (ngx.shared.d.llen("ended") < 2 || ngx.timer.running_count() > 0); i++) await ngx.sleep(0.01);
        const ended = [ngx.shared.d.lpop("ended"), ngx.shared.d.lpop("ended")].sort();
        ngx.say(ended.join(), " ", ngx.timer.running_count());
    }
}
--- request eval
["GET /begin", "GET /ended"]
--- response_body eval
["begun\n", "sleep,socket 0\n"]
