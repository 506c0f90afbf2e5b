# The global coroutine: functions that stop at a yield until somebody resumes them.

=== create, resume, yield: values go both ways
--- api: coroutine.create, coroutine.resume, coroutine.yield
--- config
location /t {
    content_by_ts_block {
        const co = coroutine.create(async (a, b) => {
            ngx.say("begins with ", a, " ", b);
            const c = await coroutine.yield("first");
            ngx.say("goes on with ", c);
            const [d, e] = await coroutine.yield(1, 2);
            ngx.say("and with ", d, e);
            ngx.say(await coroutine.yield(), " for nothing");
            return "the end";
        });
        ngx.say(await coroutine.resume(co, "x", "y"));
        ngx.say(JSON.stringify(await coroutine.resume(co, "z")));
        ngx.say(await coroutine.resume(co, 3, 4));
        ngx.say(await coroutine.resume(co));
    }
}
--- request
GET /t
--- response_body
begins with x y
first
goes on with z
[1,2]
and with 34
undefined
undefined for nothing
the end

=== status: suspended, running, normal, dead
--- api: coroutine.status, coroutine.running
--- config
location /t {
    content_by_ts_block {
        const outer = coroutine.create(async () => {
            ngx.say("outer ", coroutine.status(outer), " ", coroutine.running() === outer);
            const inner = coroutine.create(async () => {
                ngx.say("outer ", coroutine.status(outer), ", inner ", coroutine.status(inner), " ", coroutine.running() === inner);
                await ngx.sleep(0.001);
                ngx.say("outer ", coroutine.status(outer), ", inner ", coroutine.status(inner), " ", coroutine.running() === inner);
                await coroutine.yield();
            });
            await coroutine.resume(inner);
            ngx.say("outer ", coroutine.status(outer), ", inner ", coroutine.status(inner), " ", coroutine.running() === outer);
        });
        ngx.say("outer ", coroutine.status(outer), " ", coroutine.running());
        await coroutine.resume(outer);
        ngx.say("outer ", coroutine.status(outer), " ", coroutine.running());
    }
}
--- request
GET /t
--- response_body
outer suspended undefined
outer running true
outer normal, inner running true
outer normal, inner running true
outer running, inner suspended true
outer dead undefined

=== resume: what is not suspended is not resumed
--- config
location /t {
    content_by_ts_block {
        const message = (promise) => promise.then(() => "resumed", (e) => `${e.name}: ${e.message}`);
        const co = coroutine.create(async () => {
            ngx.say(await message(coroutine.resume(co)));
            await coroutine.resume(coroutine.create(async () => ngx.say(await message(coroutine.resume(co)))));
        });
        await coroutine.resume(co);
        ngx.say(await message(coroutine.resume(co)));
        const thread = ngx.thread.spawn(async () => ngx.sleep(0.001));
        ngx.say(await message(coroutine.resume(thread as any)), ", ", coroutine.status(thread as any));
        await ngx.thread.wait(thread);
        ngx.say(coroutine.status(thread as any));
        for (const call of [() => coroutine.create(1 as any), () => coroutine.wrap({} as any), () => coroutine.resume(null as any), () => coroutine.status("x" as any)]) {
            try { call(); } catch (e) { ngx.say(e.message); }
        }
    }
}
--- request
GET /t
--- response_body
NgxError: cannot resume running coroutine
NgxError: cannot resume normal coroutine
NgxError: cannot resume dead coroutine
NgxError: cannot resume running coroutine, running
dead
bad argument #1 to 'create' (function expected)
bad argument #1 to 'wrap' (function expected)
bad argument #1 to 'resume' (coroutine expected)
bad argument #1 to 'status' (coroutine expected)

=== wrap: a function that resumes
--- api: coroutine.wrap
--- config
location /t {
    content_by_ts_block {
        const next = coroutine.wrap(async (from) => {
            for (let i = from; i < from + 2; i++) await coroutine.yield(i);
            return "end";
        });
        ngx.say(await next(7), await next(), await next());
        await next().catch((e) => ngx.say(e.message));
    }
}
--- request
GET /t
--- response_body
78end
cannot resume dead coroutine

=== errors come out where it is resumed, also of a call of the API
--- config
location /t {
    content_by_ts_block {
        const co = coroutine.create(async () => { await coroutine.yield(); throw new RangeError("own"); });
        await coroutine.resume(co);
        await coroutine.resume(co).catch((e) => ngx.say(e instanceof RangeError, " ", e.message, " ", coroutine.status(co)));
        await coroutine.wrap(() => ngx.req.set_method(99))().catch((e) => ngx.say(e.name, " ", e.message));
    }
}
--- request
GET /t
--- response_body
true own dead
NgxError unsupported HTTP method: 99

=== generators: their own yield is the coroutine's
--- config
location /t {
    content_by_ts_block {
        const plain = coroutine.wrap(function* (a) { const b = yield a + 1; const c = yield b + 1; return c + 1; });
        ngx.say(await plain(1), " ", await plain(10), " ", await plain(100));
        const waiting = coroutine.wrap(async function* () {
            await ngx.sleep(0.001);
            yield "a";
            ngx.say(await coroutine.yield("b"));
            return "c";
        });
        ngx.say(await waiting(), await waiting(), await waiting("d"));
        ngx.say(JSON.stringify(await coroutine.wrap(() => [1, 2])()));
    }
}
--- request
GET /t
--- response_body
2 11 101
d
abc
[1,2]

=== waiting in a coroutine holds up nobody but who resumed it
--- config
location /t {
    content_by_ts_block {
        const done = ngx.semaphore.new();
        const waits = coroutine.wrap(async () => {
            ngx.say("waits");
            await done.wait(10);
            ngx.say("has waited");
        });
        const other = coroutine.wrap(async () => {
            await ngx.sleep(0.001);
            ngx.say((await ngx.location.capture("/sub")).body, " meanwhile");
            done.post();
        });
        await Promise.all([waits(), other()]);
    }
}
location /sub { return 200 sub; }
--- request
GET /t
--- response_body
waits
sub meanwhile
has waited

=== two that feed each other: a filter between a producer and a consumer
--- config
location /t {
    content_by_ts_block {
        const produce = coroutine.create(async () => { for (const x of "abc") await coroutine.yield(x); });
        const filter = coroutine.create(async () => {
            for (let n = 1; ; n++) {
                const x = await coroutine.resume(produce);
                if (x === undefined) return;
                await coroutine.yield(`${n}:${x}`);
            }
        });
        for (let x; (x = await coroutine.resume(filter)) !== undefined; ) ngx.say(x);
        ngx.say(coroutine.status(produce), " ", coroutine.status(filter));
    }
}
--- request
GET /t
--- response_body
1:a
2:b
3:c
dead dead

=== outside of coroutines yield gives way to others
--- config
location /t {
    content_by_ts_block {
        const thread = ngx.thread.spawn(async () => {
            for (let i = 0; i < 2; i++) { ngx.say("thread ", i); ngx.say(await coroutine.yield("ignored")); }
        });
        for (let i = 0; i < 2; i++) { ngx.say("main ", i); await coroutine.yield(); }
        await ngx.thread.wait(thread);
    }
}
--- request
GET /t
--- response_body
thread 0
main 0
undefined
thread 1
main 1
undefined

=== threads: each has coroutines of its own, and takes along what they wait for
--- config
location /t {
    content_by_ts_block {
        let ready = 0;
        const never = ngx.semaphore.new();
        const run = async (name) => {
            const own = coroutine.running();
            const co = coroutine.create(async () => {
                ngx.say(name, " ", coroutine.running() === co);
                await ngx.sleep(0.001);
                await coroutine.yield();
                await never.wait(1000);
                ngx.log(ngx.ERR, "not reached");
            });
            await coroutine.resume(co);
            ngx.say(name, " ", typeof own, " ", coroutine.running() === own);
            ready++;
            await coroutine.resume(co);
        };
        const threads = [ngx.thread.spawn(run, "a"), ngx.thread.spawn(run, "b")];
        while (ready < 2) await coroutine.yield();
        ngx.say(never.count());
        for (const thread of threads) ngx.say(ngx.thread.kill(thread), " ", coroutine.status(thread as any), " ", never.count());
    }
}
--- request
GET /t
--- response_body
a true
b true
a object true
b object true
-2
true dead -1
true dead 0
--- no_error_log
not reached

=== exit in a coroutine ends the request; one that is never resumed again is forgotten
--- config
location = /exit {
    content_by_ts_block {
        await coroutine.resume(coroutine.create(async () => { await ngx.sleep(0.001); ngx.exit(403); }));
        ngx.say("not reached");
    }
}
location = /left {
    content_by_ts_block {
        for (let i = 0; i < 300; i++) {
            const co = coroutine.create(async () => { await coroutine.yield(i); ngx.log(ngx.ERR, "not reached"); });
            await coroutine.resume(co);
        }
        ngx.say("left");
    }
}
--- request eval
["GET /exit", "GET /left"]
--- error_code eval
[403, 200]
--- response_body_like eval
["403 Forbidden", "left"]
--- no_error_log
[error]

=== phases: in all of them
--- config
location /t {
    set_by_ts_block $set { return await coroutine.wrap(async () => coroutine.running() !== undefined)(); }
    access_by_ts_block { ngx.ctx.access = await coroutine.wrap(async function* () { yield ngx.get_phase(); })(); }
    content_by_ts_block { ngx.say(ngx.var.set, " ", ngx.ctx.access); }
    header_filter_by_ts_block { ngx.header.X = await coroutine.wrap(async () => { await ngx.sleep(0.001); return ngx.get_phase(); })(); }
    log_by_ts_block { ngx.log(ngx.WARN, await coroutine.wrap(async () => { await coroutine.yield("in "); })(), ngx.get_phase()); }
}
--- request
GET /t
--- response_body
true access
--- response_headers
X: header_filter
--- error_log
in log

=== a thread belongs to the coroutine that has spawned it
--- config
location /a {
    content_by_ts_block {
        let thread: any;
        const co = coroutine.create(async () => {
            thread = ngx.thread.spawn(async () => { await ngx.sleep(0.01); return "its value"; });
            await coroutine.yield();
            return await ngx.thread.wait(thread);
        });
        await coroutine.resume(co);
        for (const f of [() => ngx.thread.wait(thread), () => ngx.thread.kill(thread)]) {
            try { await f(); } catch (e) { ngx.say(e.message); }
        }
        ngx.say(await coroutine.resume(co));
    }
}
--- request
GET /a
--- response_body
only the parent coroutine can wait on the thread
killer not parent
its value
