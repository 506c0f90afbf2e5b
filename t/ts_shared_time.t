# ngx.shared: what expires.

=== a value is gone when its time is over, but can still be had as stale
--- api: ngx.shared.DICT.get_stale
--- http_config
ts_shared_dict d 1m;
--- config
location = /a-value {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        d.set("k", "v", 0.15, 3);
        ngx.say(d.get("k"), " ", JSON.stringify(d.get_stale("k")));
        await ngx.sleep(0.16);
        ngx.say(d.get("k"), " ", d.get_with_flags("k"), " ", JSON.stringify(d.get_stale("k")));
    }
}
location = /get-stale {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        ngx.say(d.get_stale("k"));
    }
}
location = /exptime-milliseconds {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        d.set("a", 1, 0.0004); d.set("b", 1, 0); d.set("c", 1, "100"); d.set("e", 1, 1e9);
        ngx.say(d.ttl("b"), " ", d.ttl("c") > 99, " ", d.ttl("e") > 9e8);
    }
}
location = /exptime-what {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        for (const exptime of [-1, "x", {}, NaN]) ngx.say(t(() => d.set("k", 1, exptime)));
        ngx.say(d.get("k"));
    }
}
location = /ttl {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        d.set("k", 1, 10);
        const ttl = d.ttl("k");
        ngx.say(ttl > 9.9 && ttl <= 10, " ", t(() => d.ttl("none")));
        d.set("k", 1);
        d.set("x", 1, 0.002);
        await ngx.sleep(0.006);
        ngx.say(d.ttl("k"), " ", d.ttl("x") < 0, " ", d.get("x"));
        d.expire("x", 5);
        ngx.say(d.get("x"));
        d.flush_all();
        ngx.say(t(() => d.ttl("x")), " ", t(() => d.expire("x", 1)));
    }
}
location = /expire-changes {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        d.set("k", "v", 0, 4);
        d.expire("k", 5);
        ngx.say(d.ttl("k") > 4, " ", JSON.stringify(d.get_with_flags("k")));
        d.expire("k", 0);
        ngx.say(d.ttl("k"));
        d.expire("k", 0.002);
        await ngx.sleep(0.006);
        ngx.say(d.get("k"));
    }
}
location = /expire-of {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        d.set("k", 1);
        ngx.say(t(() => d.expire("none", 1)), ", ", t(() => d.expire("k", "x")), ", ", t(() => d.expire("k")));
        const before = d.ttl("k");
        d.expire("k", 9);
        d.expire("k", -1);
        ngx.say(before, " ", d.ttl("k"));
    }
}
--- request
GET /a-value
--- response_body
v {"value":"v","flags":3,"stale":false}
undefined undefined {"value":"v","flags":3,"stale":true}

=== get_stale of what never was
--- request
GET /get-stale
--- response_body
undefined

=== exptime: milliseconds count, 0 is for ever, text is a number
--- request
GET /exptime-milliseconds
--- response_body
0 true true

=== exptime: what is none
--- request
GET /exptime-what
--- response_body
bad "exptime" argument
bad "exptime" argument: number expected, got string
bad "exptime" argument: number expected, got object
bad "exptime" argument: number expected, got number
undefined

=== ttl
--- api: ngx.shared.DICT.ttl
--- request
GET /ttl
--- response_body
true not found
0 true undefined
1
not found not found

=== expire changes when, and nothing else
--- api: ngx.shared.DICT.expire
--- request
GET /expire-changes
--- response_body
true {"value":"v","flags":4}
0
undefined

=== expire: of nothing, and bad arguments
--- request
GET /expire-of
--- response_body
not found, bad "exptime" argument: number expected, got string, bad "exptime" argument
0 0

=== set anew takes the old time away
--- http_config
ts_shared_dict d 1m;
--- config
location = /set-anew {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        d.set("k", 1, 0.005);
        d.set("k", 2);
        await ngx.sleep(0.01);
        ngx.say(d.get("k"), " ", d.ttl("k"));
    }
}
location = /flush-all {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        d.set("a", 1); d.set("b", "x", 100); d.rpush("l", 1);
        d.flush_all();
        ngx.say(d.get("a"), d.get("b"), " ", d.llen("l"), " ", d.get_keys().length, " ", d.get_stale("a").stale);
        d.flush_expired();
        ngx.say(d.get_stale("a"));
    }
}
location = /flush-expired {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        for (let i = 0; i < 5; i++) d.set(`k${i}`, i, 0.001);
        d.set("stays", 1);
        await ngx.sleep(0.006);
        ngx.say(d.flush_expired(2), " ", d.flush_expired(), " ", d.flush_expired(), " ", d.get("stays"), " ", t(() => d.flush_expired("x")));
    }
}
--- request
GET /set-anew
--- response_body
2 0

=== flush_all: all is gone, stale values can be had until they are removed
--- api: ngx.shared.DICT.flush_all
--- request
GET /flush-all
--- response_body
undefinedundefined 0 0 true
undefined

=== flush_expired: removes what has expired, at most so many, and says how many
--- api: ngx.shared.DICT.flush_expired
--- request
GET /flush-expired
--- response_body
2 3 0 1 bad "max_count" argument: number expected, got string

=== two dictionaries have nothing to do with each other
--- http_config
ts_shared_dict d 1m;
ts_shared_dict other 100k;
--- config
location /a {
    content_by_ts_block {
        const { d, other } = ngx.shared;
        d.set("k", 1);
        other.set("k", 2);
        d.flush_all();
        ngx.say(d.get("k"), " ", other.get("k"), " ", other.capacity());
    }
}
--- request
GET /a
--- response_body
undefined 2 102400
