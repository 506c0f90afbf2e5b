# ngx.shared: counters.

=== incr: adds, and gives the new number
--- api: ngx.shared.DICT.incr
--- http_config
ts_shared_dict d 1m;
--- config
location = /incr-adds {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        d.set("n", 10);
        ngx.say(d.incr("n", 1), " ", d.incr("n", 1.5), " ", d.incr("n", -20), " ", d.incr("n", "3"), " ", d.get("n"));
    }
}
location = /incr-without {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        d.set("s", "1"); d.set("b", true); d.rpush("l", 1);
        ngx.say(t(() => d.incr("none", 1)), ", ", t(() => d.incr("s", 1)), ", ", t(() => d.incr("b", 1)), ", ", t(() => d.incr("l", 1)));
    }
}
location = /incr-init {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        ngx.say(d.incr("n", 1, 5), " ", d.incr("n", 1, 5), " ", d.incr("z", 2, 0), " ", d.incr("t", 1, "7"));
        d.set("x", 100, 0.001);
        await ngx.sleep(0.005);
        ngx.say(d.incr("x", 1, 0), " ", d.ttl("x"));
    }
}
location = /incr-init-does {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        d.set("s", "1");
        ngx.say(t(() => d.incr("s", 1, 5)), " ", d.get("s"));
    }
}
location = /incr-init-ttl {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        d.incr("n", 1, 0, 10);
        const first = d.ttl("n");
        d.incr("n", 1, 0, 100);
        ngx.say(first > 9 && first <= 10, " ", d.ttl("n") <= 10, " ", d.get("n"));
        d.incr("m", 1, 0, 0.002);
        await ngx.sleep(0.01);
        ngx.say(d.get("m"), " ", d.incr("m", 1, 0, 0.5), " ", d.incr("forever", 1, 0, 0), d.ttl("forever"));
    }
}
location = /incr-bad {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        for (const args of [[], ["x"], [{}], [1, "a"], [1, {}], [1, 0, "a"], [1, 0, -1], [1, undefined, 1]]) ngx.say(t(() => d.incr("n", ...args)));
    }
}
location = /incr-keeps {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        d.set("n", 1, 5, 9);
        d.incr("n", 1);
        ngx.say(JSON.stringify(d.get_with_flags("n")), " ", d.ttl("n") > 4);
    }
}
--- request
GET /incr-adds
--- response_body
11 12.5 -7.5 -4.5 -4.5

=== incr: without a number there
--- request
GET /incr-without
--- response_body
not found, not a number, not a number, not a number

=== incr: init, where there is nothing
--- request
GET /incr-init
--- response_body
6 7 2 8
1 0

=== incr: init does not help against what is no number
--- request
GET /incr-init-does
--- response_body
not a number 1

=== incr: init_ttl counts from the first
--- request
GET /incr-init-ttl
--- response_body
true true 2
undefined 1 10

=== incr: bad arguments
--- request
GET /incr-bad
--- response_body
bad "value" argument: number expected, got nil
bad "value" argument: number expected, got string
bad "value" argument: number expected, got object
bad init arg: number expected, got string
bad init arg: number expected, got object
bad init_ttl arg: number expected, got string
bad "init_ttl" argument
must provide "init" when providing "init_ttl"

=== incr keeps time to live and flags
--- request
GET /incr-keeps
--- response_body
{"value":2,"flags":9} true

=== incr: large numbers
--- http_config
ts_shared_dict d 1m;
--- config
location = /incr-large {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        d.set("n", Number.MAX_SAFE_INTEGER - 1);
        ngx.say(d.incr("n", 1), " ", d.incr("f", 0.1, 0.2));
    }
}
--- request
GET /incr-large
--- response_body
9007199254740991 0.30000000000000004

=== a counter that many requests count at once
--- http_config
ts_shared_dict d 1m;
--- config
location /count { content_by_ts_block { ngx.shared.d.incr("n", 1, 0); } }
location /a {
    content_by_ts_block {
        ngx.shared.d.delete("n");
        await Promise.all(Array.from({ length: 30 }, () => ngx.location.capture("/count")));
        ngx.say(ngx.shared.d.get("n"));
    }
}
--- request
GET /a
--- response_body
30
