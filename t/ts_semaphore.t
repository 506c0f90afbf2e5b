# ngx.semaphore: requests, timers and threads of one isolate wait for each other.

=== new, count: resources from the start
--- api: ngx.semaphore, ngx.semaphore.new, sema:count
--- config
location /a {
    content_by_ts_block {
        const { semaphore } = ngx;
        ngx.say(semaphore.new().count(), " ", semaphore.new(3).count(), " ", semaphore.new("2").count());
        try { semaphore.new(-1); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- response_body
0 3 2
no negative number

=== wait takes what is there at once, even with no time to wait
--- api: sema:wait
--- config
location /a {
    content_by_ts_block {
        const sema = ngx.semaphore.new(2);
        ngx.say(await sema.wait(0), " ", sema.count());
        ngx.say(await sema.wait(1), " ", sema.count());
        try { await sema.wait(0); } catch (e) { ngx.say(e.message, " ", e.code, " ", sema.count()); }
    }
}
--- request
GET /a
--- response_body
true 1
true 0
timeout TIMEOUT 0

=== wait: gives up when the time is over
--- config
location /a {
    content_by_ts_block {
        const sema = ngx.semaphore.new();
        const from = ngx.now();
        try { await sema.wait(0.05); } catch (e) { ngx.say(e.message, " ", ngx.now() - from >= 0.045); }
        ngx.say(sema.count());
        sema.post();
        ngx.say(sema.count());
    }
}
--- request
GET /a
--- response_body
timeout true
0
1

=== wait: what is no time
--- config
location /a {
    content_by_ts_block {
        const sema = ngx.semaphore.new();
        for (const s of [-1, undefined, "x", {}]) {
            try { sema.wait(s); ngx.say("no"); } catch (e) { ngx.say(e.message); }
        }
    }
}
--- request
GET /a
--- response_body
no negative number
no negative number
no negative number
no negative number

=== post wakes a thread that waits
--- api: sema:post
--- config
location /a {
    content_by_ts_block {
        const sema = ngx.semaphore.new();
        ngx.thread.spawn(async () => { ngx.say("waits"); await sema.wait(5); ngx.say("woken"); });
        ngx.say("posts, count ", sema.count());
        ngx.say(sema.post(), " ", sema.count());
        await ngx.sleep(0.01);
        ngx.say("count ", sema.count());
    }
}
--- request
GET /a
--- response_body
waits
posts, count -1
true 0
woken
count 0

=== post: only positive numbers
--- config
location /a {
    content_by_ts_block {
        const sema = ngx.semaphore.new();
        for (const n of [0, -3, 0.5, "x"]) {
            try { sema.post(n); ngx.say("no"); } catch (e) { ngx.say(e.message); }
        }
        sema.post(3);
        sema.post("2");
        ngx.say(sema.count());
        for (const who of [undefined, null, {}]) {
            try { sema.post.call(who); ngx.say("no"); } catch (e) { ngx.say(e.message); }
        }
    }
}
--- request
GET /a
--- response_body
positive number required
positive number required
positive number required
positive number required
5
not a semaphore instance
not a semaphore instance
not a semaphore instance

=== first come, first served
--- config
location /a {
    content_by_ts_block {
        const sema = ngx.semaphore.new();
        for (const name of ["a", "b", "c"]) ngx.thread.spawn(async () => { await sema.wait(5); ngx.say(name); });
        sema.post(2);
        await ngx.sleep(0.01);
        ngx.say("count ", sema.count());
        sema.post();
    }
}
--- request
GET /a
--- response_body
a
b
count -1
c

=== who comes later does not overtake one that is being woken
--- config
location /a {
    content_by_ts_block {
        const sema = ngx.semaphore.new();
        const log = [];
        ngx.thread.spawn(async () => { await sema.wait(5); log.push("first"); });
        sema.post();
        try { await sema.wait(0); log.push("overtook"); } catch (e) { log.push(e.message); }
        await ngx.sleep(0.01);
        ngx.say(log.join(" "));
    }
}
--- request
GET /a
--- response_body
timeout first

=== across requests: one waits, another posts
--- user_files
>>> ../conf/state.ts
export const sema = ngx.semaphore.new();
--- config
location /wait {
    content_by_ts_block {
        import { sema } from "./state.ts";
        const other = ngx.location.capture("/post");
        await sema.wait(5);
        ngx.say("got it; ", (await other).body);
    }
}
location /post {
    content_by_ts_block {
        import { sema } from "./state.ts";
        await ngx.sleep(0.005);
        sema.post();
        ngx.print("posted, count ", sema.count());
    }
}
--- request
GET /wait
--- response_body
got it; posted, count 0

=== a timer posts
--- config
location /a {
    content_by_ts_block {
        const sema = ngx.semaphore.new();
        ngx.timer.at(0, () => sema.post());
        ngx.say(await sema.wait(5));
    }
}
--- request
GET /a
--- response_body
true

=== a timer waits
--- config
location /a {
    content_by_ts_block {
        const sema = ngx.semaphore.new();
        const done = ngx.semaphore.new();
        ngx.timer.at(0, async () => { await sema.wait(5); done.post(); });
        await ngx.sleep(0.01);
        ngx.say(sema.count());
        sema.post();
        ngx.say(await done.wait(5), " ", sema.count());
    }
}
--- request
GET /a
--- response_body
-1
true 0

=== a killed waiter leaves its place, and what was kept for it goes to the next
--- config
location /a {
    content_by_ts_block {
        const sema = ngx.semaphore.new();
        const log = [];
        const a = ngx.thread.spawn(async () => { await sema.wait(30); log.push("a"); });
        ngx.thread.spawn(async () => { await sema.wait(5); log.push("b"); });
        ngx.say(sema.count());
        sema.post();
        ngx.thread.kill(a);
        await ngx.sleep(0.01);
        ngx.say(log.join(), " ", sema.count());
    }
}
--- request
GET /a
--- response_body
-2
b 0
--- timeout: 2

=== a request that is over no longer waits
--- user_files
>>> ../conf/left.ts
export const sema = ngx.semaphore.new();
--- config
location /leave {
    content_by_ts_block {
        import { sema } from "./left.ts";
        sema.wait(30).catch(() => {});
        ngx.say(sema.count());
    }
}
location /look {
    content_by_ts_block {
        import { sema } from "./left.ts";
        ngx.say(sema.count());
    }
}
--- request eval
["GET /leave", "GET /look"]
--- response_body eval
["-1\n", "0\n"]

=== a critical section: never more than two at a time
--- config
location /a {
    content_by_ts_block {
        const sema = ngx.semaphore.new(2);
        let inside = 0;
        let most = 0;
        const threads = [];
        for (let i = 0; i < 9; i++) {
            threads.push(ngx.thread.spawn(async () => {
                await sema.wait(5);
                most = Math.max(most, ++inside);
                await ngx.sleep(0.002);
                inside--;
                sema.post();
            }));
        }
        for (const t of threads) await ngx.thread.wait(t);
        ngx.say(most, " ", inside, " ", sema.count());
    }
}
--- request
GET /a
--- response_body
2 0 2
