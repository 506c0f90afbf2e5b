# ngx.shared: dictionaries that all workers share.

=== get and set: each type comes back as it went in
--- master
--- http_config
ts_shared_dict d 1m;
--- config
location /a {
    content_by_ts_block {
        const { d } = ngx.shared;
        ngx.say([d.set("s", "text"), d.set("n", 3.25), d.set("b", false), d.set("e", "")].join());
        for (const key of ["s", "n", "b", "e", "absent"]) ngx.say(key, " ", typeof d.get(key), " ", d.get(key));
        d.set("s", undefined);
        ngx.say(d.get("s"));
        ngx.say(d.set(42, "number key"), " ", d.get("42"));
    }
}
--- request
GET /a
--- response_body
true,true,true,true
s string text
n number 3.25
b boolean false
e string 
absent undefined undefined
undefined
true number key

=== it lasts from request to request
--- http_config
ts_shared_dict d 1m;
--- config
location /set { content_by_ts_block { ngx.shared.d.set("k", ngx.var.arg_v); } }
location /get { content_by_ts_block { ngx.say(ngx.shared.d.get("k")); } }
--- request eval
["GET /set?v=1", "GET /get", "GET /set?v=2", "GET /get"]
--- response_body eval
["", "1\n", "", "2\n"]

=== bytes
--- http_config
ts_shared_dict d 1m;
--- config
location /a {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.set("k", new Uint8Array([0, 255, 195, 164]));
        ngx.say([...d.get_buffer("k")].join(" "), " ", d.get("k").length, " ", d.get_buffer("absent"));
        d.set("t", "ä");
        ngx.say([...d.get_buffer("t")].join(" "), " ", d.get("t"));
    }
}
--- request
GET /a
--- response_body
0 255 195 164 3 undefined
195 164 ä

=== expiry, get_stale, ttl, expire
--- http_config
ts_shared_dict d 1m;
--- config
location /a {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.set("short", 1, 0.2, 7);
        d.set("long", 2, 100);
        d.set("ever", 3);
        ngx.say(d.get("short"), " ", d.ttl("long") > 99, " ", d.ttl("ever"));
        await ngx.sleep(0.25);
        ngx.say(d.get("short"), " ", JSON.stringify(d.get_stale("short")));
        ngx.say(JSON.stringify(d.get_stale("long")), " ", d.get_stale("absent"));
        d.expire("long", 0.05);
        ngx.say(d.ttl("long") <= 0.05);
        await ngx.sleep(0.1);
        ngx.say(d.get("long"));
        for (const f of [() => d.ttl("absent"), () => d.expire("absent", 1)]) try { f(); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- response_body
1 true 0
undefined {"value":1,"flags":7,"stale":true}
{"value":2,"flags":0,"stale":false} undefined
true
undefined
not found
not found

=== flags
--- http_config
ts_shared_dict d 1m;
--- config
location /a {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.set("f", "v", 0, 199);
        d.set("g", "w");
        ngx.say(JSON.stringify(d.get_with_flags("f")), JSON.stringify(d.get_with_flags("g")), d.get_with_flags("absent"));
    }
}
--- request
GET /a
--- response_body
{"value":"v","flags":199}{"value":"w","flags":0}undefined

=== add, replace, delete
--- http_config
ts_shared_dict d 1m;
--- config
location /a {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        ngx.say([d.replace("k", 0), d.add("k", 1), d.add("k", 2), d.get("k"), d.replace("k", 3), d.get("k")].join());
        ngx.say(d.delete("k"), " ", d.get("k"), " ", d.delete("k"));
        ngx.say([d.safe_add("k", 4), d.safe_add("k", 5), d.get("k"), d.safe_set("k", 6), d.get("k")].join());
        d.set("x", 1, 0.02);
        await ngx.sleep(0.05);
        ngx.say([d.replace("x", 2), d.add("x", 3), d.get("x")].join());
    }
}
--- request
GET /a
--- response_body
false,true,false,1,true,3
undefined undefined undefined
true,false,4,true,6
false,true,3

=== incr: a number that is there, an initial value, its time to live
--- http_config
ts_shared_dict d 1m;
--- config
location /a {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.set("n", 5);
        ngx.say(d.incr("n", 2), " ", d.incr("n", -0.5), " ", d.get("n"), " ", d.incr("new", 1, 10), " ", d.incr("new", 1, 10));
        ngx.say(d.incr("ttl", 1, 0, 0.03), " ", d.ttl("ttl") <= 0.03);
        await ngx.sleep(0.06);
        ngx.say(d.incr("ttl", 1, 0, 0.03));
        d.set("s", "text");
        for (const f of [() => d.incr("absent", 1), () => d.incr("s", 1), () => d.incr("n", undefined as never)]) {
            try { f(); } catch (e) { ngx.say(e.message, " ", e.code); }
        }
    }
}
--- request
GET /a
--- response_body
7 6.5 6.5 11 12
1 true
1
not found NOT_FOUND
not a number NOT_A_NUMBER
bad "value" argument: number expected, got nil BAD_VALUE_ARGUMENT_NUMBER_EXPECTED_GOT_NIL

=== lists
--- http_config
ts_shared_dict d 1m;
--- config
location /a {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        ngx.say([d.lpush("l", "b"), d.lpush("l", 1), d.rpush("l", "c"), d.llen("l"), d.llen("none")].join());
        ngx.say([d.lpop("l"), d.rpop("l"), d.lpop("l"), d.lpop("l"), d.rpop("none")].map(String).join());
        ngx.say(d.llen("l"), " ", d.get("l"));
        d.set("s", 1);
        d.rpush("l", "x");
        for (const f of [() => d.lpush("s", 1), () => d.llen("s"), () => d.lpop("s"), () => d.get("l"), () => d.rpush("l", true as never)]) {
            try { f(); ngx.say("no"); } catch (e) { ngx.say(e.message); }
        }
    }
}
--- request
GET /a
--- response_body
1,2,3,3,0
1,c,b,undefined,undefined
0 undefined
value not a list
value not a list
value not a list
value is a list
bad value type

=== keys
--- http_config
ts_shared_dict d 1m;
--- config
location /a {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        for (let i = 0; i < 1100; i++) d.set("k" + i, i);
        ngx.say(d.get_keys().length, " ", d.get_keys(0).length, " ", d.get_keys(5).length);
        ngx.say(new Set(d.get_keys(0)).has("k77"));
    }
}
--- request
GET /a
--- response_body
1024 1100 5
true

=== flush_all marks all as expired, flush_expired frees them
--- http_config
ts_shared_dict d 1m;
--- config
location /a {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        for (const key of ["a", "b", "c"]) d.set(key, key);
        d.flush_all();
        ngx.say(d.get("a"), " ", d.get_keys().length, " ", d.get_stale("b").value);
        d.set("d", 1);
        ngx.say([d.flush_expired(2), d.flush_expired(), d.flush_expired(), d.get("d")].join());
    }
}
--- request
GET /a
--- response_body
undefined 0 b
2,1,0,1

=== capacity and free space
--- http_config
ts_shared_dict d 1m;
--- config
location /a {
    content_by_ts_block {
        const { d } = ngx.shared;
        ngx.say(d.capacity(), " ", d.free_space() > 0, " ", d.free_space() <= d.capacity());
    }
}
--- request
GET /a
--- response_body
1048576 true true

=== a full dictionary: set drops what was not used for long, safe_set does not
--- http_config
ts_shared_dict small 100k;
--- config
location /a {
    content_by_ts_block {
        const d = ngx.shared.small;
        d.flush_all();
        d.flush_expired();
        const value = "x".repeat(1000);
        let forced = 0;
        for (let i = 0; i < 200; i++) if (d.set_with_info("k" + i, value).forcible) forced++;
        ngx.say(forced > 0, " ", d.get("k0"), " ", d.get("k199") === value);
        try { for (let i = 0; i < 200; i++) d.safe_set("s" + i, value); } catch (e) { ngx.say(e.message); }
        ngx.say(d.get("k199") === value);
        try { d.set("big", "x".repeat(200_000)); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- response_body
true undefined true
no memory
true
no memory

=== keys and values that are none
--- http_config
ts_shared_dict d 1m;
--- config
location /a {
    content_by_ts_block {
        const { d } = ngx.shared;
        const calls: (() => unknown)[] = [
            () => d.get(""), () => d.get(undefined as never), () => d.set("x".repeat(65536), 1),
            () => d.set("k", {} as never), () => d.add("k", undefined as never), () => d.set("k", 1, -1),
        ];
        for (const f of calls) try { f(); ngx.say("no"); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- response_body
empty key
nil key
key too long
bad value type
attempt to add or replace nil values
bad "exptime" argument

=== a key of 65535 bytes
--- http_config
ts_shared_dict d 1m;
--- config
location /a {
    content_by_ts_block {
        const key = "k".repeat(65535);
        ngx.shared.d.set(key, "long");
        ngx.say(ngx.shared.d.get(key), " ", ngx.shared.d.get(key.slice(1)));
    }
}
--- request
GET /a
--- response_body
long undefined

=== a dictionary that was not declared; several that were
--- http_config
ts_shared_dict one 1m;
ts_shared_dict two 1m;
--- config
location /a {
    content_by_ts_block {
        ngx.shared.one.set("k", 1);
        ngx.shared.two.set("k", 2);
        ngx.say(ngx.shared.three, " ", ngx.shared.one.get("k"), " ", ngx.shared.two.get("k"), " ", Object.keys(ngx.shared).join());
    }
}
--- request
GET /a
--- response_body
undefined 1 2 one,two

=== in every phase
--- http_config
ts_shared_dict d 1m;
init_by_ts_block { ngx.shared.d.set("init", 1); }
init_worker_by_ts_block { ngx.shared.d.set("init_worker", 2); }
--- config
location /a {
    rewrite_by_ts_block { ngx.shared.d.set("r", 3); }
    header_filter_by_ts_block { ngx.header["X-R"] = ngx.shared.d.get("r"); }
    content_by_ts_block { ngx.say(ngx.shared.d.get("init"), ngx.shared.d.get("init_worker"), ngx.shared.d.get("log") ?? "-"); }
    log_by_ts_block { ngx.log(ngx.NOTICE, "in log: ", ngx.shared.d.incr("r", 1)); }
}
--- request
GET /a
--- response_body
12-
--- response_headers
X-R: 3
--- error_log
in log: 4

=== a size that is too small, or none
--- http_config
ts_shared_dict d 4k;
--- config
--- must_die
--- error_log
[emerg] 
invalid ts shared dict size "4k"

=== a name twice
--- http_config
ts_shared_dict d 1m;
ts_shared_dict d 2m;
--- config
--- must_die
--- error_log
ts_shared_dict "d" is already defined as "d"

=== workers share it, and what they count is exact
--- main_config
worker_processes 2;
events { }
--- http_config
ts_shared_dict d 1m;
--- config
location /count { content_by_ts_block { ngx.shared.d.incr("n", 1, 0); } }
location /all {
    content_by_ts_block {
        ngx.shared.d.set("n", 0);
        const port = ngx.var.server_port;
        await Promise.all(Array.from({ length: 40 }, () => fetch(`http://127.0.0.1:${port}/count`)));
        ngx.say(ngx.shared.d.get("n"));
    }
}
--- request
GET /all
--- response_body
40

=== a method without its dictionary
--- http_config
ts_shared_dict dogs 1m;
--- config
location /t {
    content_by_ts_block {
        const { get, set, incr, get_keys } = ngx.shared.dogs;
        const t = (f) => { try { ngx.say(f()); } catch (e) { ngx.say(e.name, " ", e.message); } };
        t(() => get("k"));
        t(() => set.call(null, "k", 1));
        t(() => incr.call({}, "k", 1));
        t(() => get_keys.call([1]));
        t(() => set.call(ngx.shared.dogs, "k", 1));
    }
}
--- request
GET /t
--- response_body
NgxError bad "zone" argument
NgxError bad "zone" argument
NgxError bad "zone" argument
NgxError bad "zone" argument
true
