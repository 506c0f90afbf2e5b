# ngx.thread: light threads.

=== spawn: the function runs at once until it first waits, with its arguments
--- api: ngx.thread.spawn
--- config
location /a {
    content_by_ts_block {
        ngx.say("before");
        const t = ngx.thread.spawn(async (a, b) => {
            ngx.say("in thread ", a, " ", b);
            await ngx.sleep(0.001);
            ngx.say("thread goes on");
        }, "x", 7);
        ngx.say("after ", typeof t);
    }
}
--- request
GET /a
--- response_body
before
in thread x 7
after object
thread goes on

=== wait: the value of the function
--- api: ngx.thread.wait
--- config
location /a {
    content_by_ts_block {
        const t = ngx.thread.spawn(async (n) => { await ngx.sleep(0.001); return n * 2; }, 21);
        ngx.say(await ngx.thread.wait(t));
    }
}
--- request
GET /a
--- response_body
42

=== wait: a thread that has ended already keeps its value, also that of a plain function
--- config
location /a {
    content_by_ts_block {
        const t = ngx.thread.spawn(() => "done at once");
        await ngx.sleep(0.001);
        ngx.say(await ngx.thread.wait(t));
    }
}
--- request
GET /a
--- response_body
done at once

=== wait: the first of several, then the others
--- config
location /a {
    content_by_ts_block {
        const run = async (name, s) => { await ngx.sleep(s); return name; };
        const a = ngx.thread.spawn(run, "a", 0.2);
        const b = ngx.thread.spawn(run, "b", 0.001);
        ngx.say(await ngx.thread.wait(a, b));
        ngx.say(await ngx.thread.wait(a));
    }
}
--- request
GET /a
--- response_body
b
a

=== wait: throws the thread's error, which is logged as well
--- config
location /a {
    content_by_ts_block {
        const t = ngx.thread.spawn(async () => { await ngx.sleep(0.001); throw new Error("no luck"); });
        try { await ngx.thread.wait(t); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- response_body
no luck
--- error_log
user thread aborted: no luck

=== a thread's error ends neither the request nor the other threads
--- config
location /a {
    content_by_ts_block {
        ngx.thread.spawn(() => { throw new TypeError("mine alone"); });
        ngx.thread.spawn(async () => { await ngx.sleep(0.001); ngx.say("other thread"); });
        ngx.say("main");
    }
}
--- request
GET /a
--- response_body
main
other thread
--- error_log
user thread aborted: TypeError: mine alone

=== wait: a second time is refused
--- config
location /a {
    content_by_ts_block {
        const t = ngx.thread.spawn(() => 1);
        ngx.say(await ngx.thread.wait(t));
        try { await ngx.thread.wait(t); } catch (e) { ngx.say(e.message, " ", e.code); }
    }
}
--- request
GET /a
--- response_body
1
already waited or killed ALREADY_WAITED_OR_KILLED

=== wait: what is no thread, and none at all
--- config
location /a {
    content_by_ts_block {
        for (const args of [[], [{}], [Promise.resolve()], [undefined]]) {
            try { ngx.thread.wait(...args); ngx.say("no"); } catch (e) { ngx.say(e.message); }
        }
    }
}
--- request
GET /a
--- response_body
at least one coroutine should be specified
attempt to wait on a coroutine that is not a user thread
attempt to wait on a coroutine that is not a user thread
attempt to wait on a coroutine that is not a user thread

=== wait: only the parent may
--- config
location /a {
    content_by_ts_block {
        let inner;
        const outer = ngx.thread.spawn(async () => {
            inner = ngx.thread.spawn(async () => { await ngx.sleep(0.01); return "inner"; });
            return await ngx.thread.wait(inner);
        });
        const sibling = ngx.thread.spawn(async () => {
            await ngx.sleep(0.001);
            try { ngx.thread.wait(inner); } catch (e) { return `sibling: ${e.message}`; }
        });
        try { ngx.thread.wait(inner); } catch (e) { ngx.say("main: ", e.message); }
        ngx.say(await ngx.thread.wait(sibling));
        ngx.say("parent: ", await ngx.thread.wait(outer));
    }
}
--- request
GET /a
--- response_body
main: only the parent coroutine can wait on the thread
sibling: only the parent coroutine can wait on the thread
parent: inner

=== kill: stops the operation that the thread waits for
--- api: ngx.thread.kill
--- config
location /a {
    content_by_ts_block {
        const t = ngx.thread.spawn(async () => { await ngx.sleep(30); ngx.say("never"); });
        await ngx.sleep(0.001);
        ngx.say(ngx.thread.kill(t));
    }
}
--- request
GET /a
--- response_body
true
--- timeout: 2

=== kill: whichever function of the thread waits, behind then() and Promise.all
--- config
location /a {
    content_by_ts_block {
        const log = [];
        const helper = async (s) => { await ngx.sleep(0.001); await ngx.sleep(s); log.push("helper"); };
        const t = ngx.thread.spawn(async () => {
            await ngx.sleep(0.001).then(() => Promise.all([helper(30), ngx.sleep(0.001).then(() => ngx.sleep(30))]));
            log.push("thread");
        });
        await ngx.sleep(0.02);
        ngx.thread.kill(t);
        ngx.say("left ", log.length);
    }
}
--- request
GET /a
--- response_body
left 0
--- timeout: 2

=== kill: other threads are not hurt, though they were woken by the one that is killed
--- config
location /a {
    content_by_ts_block {
        let open;
        const gate = new Promise((resolve) => { open = resolve; });
        const a = ngx.thread.spawn(async () => { await ngx.sleep(0.001); open(); await ngx.sleep(30); });
        const b = ngx.thread.spawn(async () => { await gate; await ngx.sleep(0.02); return "b lives"; });
        await ngx.sleep(0.01);
        ngx.thread.kill(a);
        ngx.say(await ngx.thread.wait(b));
    }
}
--- request
GET /a
--- response_body
b lives
--- timeout: 2

=== kill: code that waited for a plain promise comes no further either
--- config
location /a {
    content_by_ts_block {
        let open;
        const gate = new Promise((resolve) => { open = resolve; });
        const t = ngx.thread.spawn(async () => {
            await gate;
            try { ngx.say("printed"); } catch { ngx.say("printed in catch"); }
        });
        ngx.thread.kill(t);
        open();
        await ngx.sleep(0.001);
        ngx.say("end");
    }
}
--- request
GET /a
--- response_body
end

=== kill: twice, after the end, and after wait
--- config
location /a {
    content_by_ts_block {
        const kill = (t) => { try { return ngx.thread.kill(t); } catch (e) { return e.message; } };
        const a = ngx.thread.spawn(() => ngx.sleep(30));
        ngx.say(kill(a), ", ", kill(a));
        const b = ngx.thread.spawn(() => 1);
        await ngx.sleep(0.001);
        ngx.say(kill(b), ", ", kill(b));
        const c = ngx.thread.spawn(() => 1);
        await ngx.thread.wait(c);
        ngx.say(kill(c));
        ngx.say(kill({}), ", ", kill());
    }
}
--- request
GET /a
--- response_body
true, already waited or killed
already terminated, already waited or killed
already waited or killed
not user thread, not user thread
--- timeout: 2

=== a function that waits for nothing has ended with spawn
--- config
location /a {
    content_by_ts_block {
        const seen = (t) => { try { return `${coroutine.status(t)} ${ngx.thread.kill(t)}`; } catch (e) { return e.message; } };
        ngx.say(seen(ngx.thread.spawn(() => { ngx.say("one"); })));
        const two = ngx.thread.spawn((x) => x, 2);
        ngx.say(coroutine.status(two), " ", await ngx.thread.wait(two), " ", coroutine.status(two));
        const three = ngx.thread.spawn(() => { throw new Error("three"); });
        ngx.log(ngx.NOTICE, "behind three: ", coroutine.status(three));
        await ngx.thread.wait(three).catch((e) => ngx.say(e.message));
        ngx.say(coroutine.status(ngx.thread.spawn(async () => { await ngx.sleep(0.001); })));
    }
}
--- request
GET /a
--- response_body
one
already terminated
zombie 2 dead
three
running
--- grep_error_log eval
/user thread aborted: three|behind three: \w+/g
--- grep_error_log_out
user thread aborted: three
behind three: zombie

=== kill: a killed thread cannot be waited for
--- config
location /a {
    content_by_ts_block {
        const t = ngx.thread.spawn(() => ngx.sleep(30));
        ngx.thread.kill(t);
        try { await ngx.thread.wait(t); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- response_body
already waited or killed
--- timeout: 2

=== kill: only the parent may
--- config
location /a {
    content_by_ts_block {
        const a = ngx.thread.spawn(async () => { await ngx.sleep(0.02); return "a lives"; });
        const b = ngx.thread.spawn(async () => {
            await ngx.sleep(0.001);
            try { ngx.thread.kill(a); } catch (e) { return e.message; }
        });
        ngx.say(await ngx.thread.wait(b));
        ngx.say(await ngx.thread.wait(a));
    }
}
--- request
GET /a
--- response_body
killer not parent
a lives

=== kill: a subrequest ends where it stands
--- config
location = /sub {
    content_by_ts_block {
        ngx.on_abort(() => {});
        await ngx.sleep(30);
    }
    ts_check_client_abort on;
}
location /a {
    content_by_ts_block {
        const t = ngx.thread.spawn(async () => (await ngx.location.capture("/sub")).status);
        await ngx.sleep(0.005);
        ngx.say(ngx.thread.kill(t));
    }
}
--- request
GET /a
--- response_body
true
--- timeout: 2

=== kill: a thread's own threads go on
--- config
location /a {
    content_by_ts_block {
        const t = ngx.thread.spawn(async () => {
            ngx.thread.spawn(async () => { await ngx.sleep(0.01); ngx.say("grandchild"); });
            await ngx.sleep(30);
        });
        ngx.thread.kill(t);
        ngx.say("killed");
    }
}
--- request
GET /a
--- response_body
killed
grandchild
--- timeout: 2

=== the request ends when all threads have ended, in each phase
--- config
location /a {
    rewrite_by_ts_block {
        ngx.thread.spawn(async () => { await ngx.sleep(0.005); ngx.ctx.log = ["rewrite"]; });
    }
    access_by_ts_block {
        ngx.thread.spawn(async () => { await ngx.sleep(0.005); ngx.ctx.log.push("access"); });
    }
    content_by_ts_block { ngx.say(ngx.ctx.log.join(" ")); }
}
--- request
GET /a
--- response_body
rewrite access

=== exit in a thread ends the request and all of its threads
--- config
location /a {
    content_by_ts_block {
        ngx.thread.spawn(async () => { await ngx.sleep(30); });
        ngx.thread.spawn(async () => { await ngx.sleep(0.001); ngx.exit(403); });
        await ngx.sleep(30);
    }
}
--- request
GET /a
--- error_code: 403
--- response_body_like: 403 Forbidden
--- timeout: 2

=== exit in the first steps of a thread: spawn does not return
--- config
location /a {
    content_by_ts_block {
        ngx.ctx.log = "";
        try {
            ngx.thread.spawn(() => ngx.exit(410));
            ngx.ctx.log = "came back";
        } finally {
            ngx.log(ngx.WARN, `log: "${ngx.ctx.log}"`);
        }
    }
}
--- request
GET /a
--- error_code: 410
--- response_body_like: 410 Gone

=== ngx.exit(ngx.OK) of a thread in access stops the other threads and lets content run
--- config
location /a {
    access_by_ts_block {
        ngx.thread.spawn(async () => { await ngx.sleep(0.02); ngx.ctx.late = true; });
        ngx.thread.spawn(async () => { await ngx.sleep(0.001); ngx.exit(ngx.OK); });
        await ngx.sleep(30);
    }
    content_by_ts_block { await ngx.sleep(0.04); ngx.say("content ", ngx.ctx.late); }
}
--- request
GET /a
--- response_body
content undefined
--- timeout: 2

=== the block's own error ends the request; its threads are stopped
--- config
location /a {
    content_by_ts_block {
        ngx.thread.spawn(async () => { await ngx.sleep(30); });
        throw new Error("main broke");
    }
}
--- request
GET /a
--- error_code: 500
--- response_body_like: 500 Internal
--- error_log
main broke
--- timeout: 2

=== threads in a timer
--- http_config
ts_shared_dict d 1m;
--- config
location /a {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        ngx.timer.at(0, async () => {
            const slow = ngx.thread.spawn(async () => { await ngx.sleep(30); });
            const t = ngx.thread.spawn(async () => { await ngx.sleep(0.001); return "from a timer's thread"; });
            d.set("said", `${await ngx.thread.wait(slow, t)} ${ngx.thread.kill(slow)}`);
        });
        while (d.get("said") === undefined) await ngx.sleep(0.005);
        ngx.say(d.get("said"));
    }
}
--- request
GET /a
--- response_body
from a timer's thread true

=== a hundred threads
--- config
location /a {
    content_by_ts_block {
        let sum = 0;
        const threads = [];
        for (let i = 1; i <= 100; i++) {
            threads.push(ngx.thread.spawn(async (n) => { await ngx.sleep(0.001 * (n % 7)); sum += n; return n; }, i));
        }
        let waited = 0;
        for (const t of threads) waited += await ngx.thread.wait(t);
        ngx.say(sum, " ", waited);
    }
}
--- request
GET /a
--- response_body
5050 5050

=== the race of two backends: the loser is killed
--- config
location /a {
    content_by_ts_block {
        const ask = async (name, s) => { await ngx.sleep(s); return name; };
        const a = ngx.thread.spawn(ask, "slow", 30);
        const b = ngx.thread.spawn(ask, "fast", 0.001);
        const winner = await ngx.thread.wait(a, b);
        ngx.thread.kill(a);
        ngx.say(winner);
    }
}
--- request
GET /a
--- response_body
fast
--- timeout: 2

=== it has no properties to find the request by
--- config
location /a {
    content_by_ts_block {
        const t = ngx.thread.spawn(() => 1);
        ngx.say(Reflect.ownKeys(t).length, " ", t.constructor === Object);
    }
}
--- request
GET /a
--- response_body
0 true

=== threads within a header filter hold the head back
--- config
location /a {
    header_filter_by_ts_block {
        ngx.thread.spawn(async () => { await ngx.sleep(0.005); ngx.header["X-Late"] = "yes"; });
    }
    return 200 "body\n";
}
--- request
GET /a
--- response_headers
X-Late: yes
--- response_body
body

=== what a script does to Error does not matter
--- config
location /a {
    content_by_ts_block {
        const before = [Error.stackTraceLimit, Error.prepareStackTrace];
        Error.prepareStackTrace = () => "mine";
        const t = ngx.thread.spawn(async () => { await ngx.sleep(0.001); await ngx.sleep(30); });
        await ngx.sleep(0.01);
        ngx.say(new Error("x").stack, " ", ngx.thread.kill(t), " ", Error.stackTraceLimit === before[0]);
        Error.prepareStackTrace = before[1];
    }
}
--- request
GET /a
--- response_body
mine true true
--- timeout: 2

=== kill: a fetch is given up, and its server notices
--- http_config
ts_shared_dict d 1m;
--- config
location /slow {
    ts_check_client_abort on;
    content_by_ts_block {
        ngx.on_abort(() => { ngx.shared.d.set("gone", true); ngx.exit(499); });
        ngx.shared.d.set("asked", true);
        await ngx.sleep(30);
    }
}
location /a {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        const t = ngx.thread.spawn(async () => (await fetch(`http://127.0.0.1:${ngx.var.server_port}/slow`)).status);
        while (d.get("asked") !== true) await ngx.sleep(0.002);
        ngx.thread.kill(t);
        while (d.get("gone") !== true) await ngx.sleep(0.002);
        ngx.say("gone");
    }
}
--- request
GET /a
--- response_body
gone
--- timeout: 2

=== kill: a socket's read is given up
--- config
location /a {
    content_by_ts_block {
        const socket = ngx.socket.tcp();
        await socket.connect("127.0.0.1", Number(ngx.var.server_port));
        const t = ngx.thread.spawn(async () => { await socket.receive(); ngx.say("never"); });
        await ngx.sleep(0.002);
        ngx.say(ngx.thread.kill(t));
        socket.settimeout(30);
        try { await socket.receive(); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- response_body
true
timeout
--- timeout: 2
--- error_log
socket read timed out

=== a timer that a thread sets outlives it
--- config
location /a {
    content_by_ts_block {
        let fired = false;
        const t = ngx.thread.spawn(async () => { ngx.timer.at(0.005, () => { fired = true; }); await ngx.sleep(30); });
        ngx.thread.kill(t);
        while (!fired) await ngx.sleep(0.002);
        ngx.say("fired");
    }
}
--- request
GET /a
--- response_body
fired
--- timeout: 2

=== a thread in an endless loop: its request is cut off, the next one runs
--- http_config
ts_cpu_limit 100ms;
--- config
location /a {
    content_by_ts_block {
        ngx.thread.spawn(async () => { await ngx.sleep(0.001); for (;;); });
        await ngx.sleep(30);
    }
}
location /b { content_by_ts_block { ngx.say(await ngx.thread.wait(ngx.thread.spawn(() => "fine"))); } }
--- request eval
["GET /a", "GET /b"]
--- error_code eval
[500, 200]
--- response_body_like eval
["500 Internal", "fine"]
--- error_log
cut off after 100 ms
--- timeout: 3

=== redirect and exec in a thread end the request
--- config
location /a { content_by_ts_block { ngx.thread.spawn(async () => { await ngx.sleep(0.001); ngx.redirect("/there"); }); await ngx.sleep(30); } }
location /b { content_by_ts_block { ngx.thread.spawn(async () => { await ngx.sleep(0.001); ngx.exec("/there"); }); await ngx.sleep(30); } }
location /there { return 200 "there\n"; }
--- request eval
["GET /a", "GET /b"]
--- error_code eval
[302, 200]
--- response_body_like eval
["302 Found", "^there$"]
--- timeout: 2
