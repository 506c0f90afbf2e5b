# ngx.shared: what is stored, under which keys, and what is refused.

=== set and get: types stay what they are
--- api: ngx.shared.DICT, ngx.shared.DICT.get, ngx.shared.DICT.set
--- http_config
ts_shared_dict d 1m;
--- config
location = /set-and {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        d.set("s", "text"); d.set("n", 3.25); d.set("t", true); d.set("f", false); d.set("e", "");
        for (const key of ["s", "n", "t", "f", "e"]) ngx.say(typeof d.get(key), " ", d.get(key), "|");
    }
}
location = /numbers-at {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        for (const n of [1e300, -0, NaN, Infinity, -Infinity, Number.MAX_SAFE_INTEGER, 0.1]) {
            d.set("n", n);
            ngx.say(Object.is(d.get("n"), n), " ", Object.is(d.get_with_flags("n").value, n), " ", Object.is(d.get_stale("n").value, n));
        }
    }
}
location = /text-any {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        d.set("k", "a\0b ä 日本 😀");
        ngx.say(d.get("k") === "a\0b ä 日本 😀", " ", d.get_with_flags("k").value === d.get("k"), " ", d.get_buffer("k").length);
    }
}
location = /bytes-are {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        d.set("k", new Uint8Array([0, 255, 65]));
        ngx.say(d.get_buffer("k").join(), " ", d.get("k").length, " ", d.get("k").endsWith("A"), " ", d.get_buffer("absent"));
        d.set("k", new Uint8Array([1, 2, 3, 4]).buffer);
        ngx.say(d.get_buffer("k").join());
        d.set("k", new Uint16Array([258]));
        ngx.say(d.get_buffer("k").join());
    }
}
location = /a-megabyte {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        ngx.say(t(() => d.set("k", "x".repeat(2000000))), " ", d.get("k"));
    }
}
location = /keys-numbers {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        d.set(5, "five"); d.set(true, "yes"); d.set(1.5, "half");
        ngx.say(d.get("5"), d.get(5), " ", d.get("true"), " ", d.get("1.5"));
        ngx.say(d.get_keys().sort().join());
    }
}
location = /keys-what {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        for (const key of [undefined, null, "", {}, [], () => {}]) ngx.say(t(() => d.get(key)), ", ", t(() => d.set(key, 1)));
    }
}
--- request
GET /set-and
--- response_body
string text|
number 3.25|
boolean true|
boolean false|
string |

=== numbers at the edges
--- request
GET /numbers-at
--- response_body
true true true
true true true
true true true
true true true
true true true
true true true
true true true

=== text: any character, and zero bytes
--- request
GET /text-any
--- response_body
true true 18

=== bytes are what they are in get_buffer, and text in get
--- request
GET /bytes-are
--- response_body
0,255,65 3 true undefined
1,2,3,4
2,1

=== a megabyte does not fit, and says so
--- request
GET /a-megabyte
--- response_body
no memory undefined

=== keys: numbers and booleans are text
--- request
GET /keys-numbers
--- response_body
fivefive yes half
1.5,5,true

=== keys: what is none
--- request
GET /keys-what
--- response_body
nil key, nil key
nil key, nil key
empty key, empty key
bad key type: object, bad key type: object
bad key type: array, bad key type: array
bad key type: function, bad key type: function

=== keys: as long as 65535 bytes
--- http_config
ts_shared_dict d 1m;
--- config
location = /keys-as {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        const most = "k".repeat(65535);
        ngx.say(t(() => d.set(most, "long")), " ", d.get(most));
        ngx.say(t(() => d.set(most + "k", 1)), ", ", t(() => d.get(most + "k")), ", ", t(() => d.delete(most + "k")));
        ngx.say(t(() => d.set("ä".repeat(32768), 1)));
    }
}
location = /keys-that {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        const a = "x".repeat(5000);
        d.set(a + "1", 1); d.set(a + "2", 2);
        ngx.say(d.get(a + "1"), d.get(a + "2"), " ", d.get_keys().every((key) => key.length === 5001));
    }
}
location = /values-what {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        for (const value of [{}, [], () => {}, Symbol("x"), 1n]) ngx.say(t(() => d.set("k", value)), " ", t(() => d.lpush("l", value)));
    }
}
location = /set-with {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        d.set("a", 1); d.set("b", 2); d.set("c", 3);
        ngx.say(d.set("a", undefined), d.set("b", null), d.safe_set("c", undefined), " ", d.get("a"), d.get("b"), d.get("c"), " ", d.set("never", undefined));
    }
}
location = /add-only {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        ngx.say(d.add("k", 1), d.add("k", 2), " ", d.get("k"));
        d.set("x", 1, 0.001);
        await ngx.sleep(0.005);
        ngx.say(d.add("x", 2), " ", d.get("x"));
        ngx.say(t(() => d.add("n")), ", ", t(() => d.add("n", null)));
    }
}
location = /replace-only {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        ngx.say(d.replace("k", 1), " ", d.get("k"));
        d.set("k", 1);
        ngx.say(d.replace("k", 2), " ", d.get("k"));
        d.set("x", 1, 0.001);
        await ngx.sleep(0.005);
        ngx.say(d.replace("x", 2), " ", d.get("x"), " ", t(() => d.replace("k")));
    }
}
location = /safe-add {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        ngx.say(d.safe_add("k", 1), d.safe_add("k", 2), " ", d.get("k"), " ", d.safe_set("k", 3), " ", d.get("k"), " ", t(() => d.safe_add("n")));
    }
}
--- request
GET /keys-as
--- response_body
true long
key too long, key too long, key too long
key too long

=== keys that differ only behind what is compared first
--- request
GET /keys-that
--- response_body
12 true

=== values: what is none
--- request
GET /values-what
--- response_body
bad value type bad value type
bad value type bad value type
bad value type bad value type
bad value type bad value type
bad value type bad value type

=== set with undefined or null deletes
--- request
GET /set-with
--- response_body
truetruetrue undefinedundefinedundefined true

=== add: only where there is nothing
--- api: ngx.shared.DICT.add
--- request
GET /add-only
--- response_body
truefalse 1
true 2
attempt to add or replace nil values, attempt to add or replace nil values

=== replace: only where there is something
--- api: ngx.shared.DICT.replace
--- request
GET /replace-only
--- response_body
false undefined
true 2
false undefined attempt to add or replace nil values

=== safe_add and safe_set
--- api: ngx.shared.DICT.safe_set, ngx.shared.DICT.safe_add
--- request
GET /safe-add
--- response_body
truefalse 1 true 3 attempt to add or replace nil values

=== delete
--- api: ngx.shared.DICT.delete
--- http_config
ts_shared_dict d 1m;
--- config
location = /delete {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        d.set("k", 1);
        ngx.say(d.delete("k"), " ", d.get("k"), " ", d.delete("k"));
        d.rpush("l", 1);
        d.delete("l");
        ngx.say(d.llen("l"));
    }
}
location = /flags-kept {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        d.set("a", 1, 0, 7); d.set("b", 1); d.add("c", 1, 0, 3); d.set("f", 1, 0, "5"); d.set("g", 1, 0, 2.7);
        ngx.say(["a", "b", "c", "f", "g"].map((key) => d.get_with_flags(key).flags).join());
        d.set("a", 2);
        ngx.say(JSON.stringify(d.get_with_flags("a")), " ", d.get_with_flags("absent"));
    }
}
location = /with-info {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        ngx.say(JSON.stringify(d.set_with_info("k", 1)), JSON.stringify(d.add_with_info("k", 2)), JSON.stringify(d.add_with_info("n", 2)), JSON.stringify(d.replace_with_info("k", 3)), JSON.stringify(d.replace_with_info("zz", 3)));
        ngx.say(d.get("k"), JSON.stringify(d.incr_with_info("k", 4)), JSON.stringify(d.incr_with_info("i", 4, 1)));
    }
}
location = /when-it {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        const big = "x".repeat(20000);
        let forced = 0;
        for (let i = 0; i < 100; i++) { d.get("first"); if (d.set_with_info(`k${i}`, big).forcible) forced++; if (i === 0) d.set("first", "kept"); }
        ngx.say(forced > 0, " ", d.get("k99") === big, " ", d.get("k1"));
        let refused = "";
        for (let i = 0; i < 100 && refused === ""; i++) refused = (() => { try { d.safe_set(`s${i}`, big); return ""; } catch (e) { return e.message; } })();
        ngx.say(refused, " ", d.get("k99") === big);
    }
}
location = /capacity-and {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        ngx.say(d.capacity(), " ", d.free_space() > 0 && d.free_space() <= d.capacity());
        const before = d.free_space();
        for (let i = 0; i < 20; i++) d.set(`k${i}`, "x".repeat(20000));
        ngx.say(d.free_space() < before - 300000);
    }
}
location = /get-keys {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        for (let i = 0; i < 1100; i++) d.set(`k${i}`, i);
        ngx.say(d.get_keys().length, " ", d.get_keys(3).length, " ", d.get_keys(0).length, " ", new Set(d.get_keys(0)).size);
        d.set("gone", 1, 0.001);
        await ngx.sleep(0.005);
        ngx.say(d.get_keys(0).includes("gone"), " ", t(() => d.get_keys("x")));
    }
}
location = /there-are {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        ngx.say(ngx.shared.nope, " ", Object.keys(ngx.shared).join(), " ", "toString" in ngx.shared);
        ngx.say(Reflect.set(ngx.shared, "nope", {}), " ", Reflect.set(ngx.shared, "d", 1), " ", typeof ngx.shared.d.get, " ", ngx.shared.nope);
    }
}
--- request
GET /delete
--- response_body
undefined undefined undefined
0

=== flags: kept beside the value, 0 unless given
--- request
GET /flags-kept
--- response_body
7,0,3,5,2
{"value":2,"flags":0} undefined

=== with_info: whether anything was evicted
--- request
GET /with-info
--- response_body
{"ok":true,"forcible":false}{"ok":false,"forcible":false}{"ok":true,"forcible":false}{"ok":true,"forcible":false}{"ok":false,"forcible":false}
3{"value":7,"forcible":false}{"value":5,"forcible":false}

=== when it is full, set evicts what was not used for long and says so; safe_set throws
--- request
GET /when-it
--- response_body
true true undefined
no memory true

=== capacity and free_space
--- api: ngx.shared.DICT.capacity, ngx.shared.DICT.free_space
--- request
GET /capacity-and
--- response_body
1048576 true
true

=== get_keys: at most 1024, or as many as asked for, or all
--- api: ngx.shared.DICT.get_keys
--- request
GET /get-keys
--- response_body
1024 3 1100 1100
false bad "max_count" argument: number expected, got string

=== there are only the dictionaries that were declared
--- request
GET /there-are
--- response_body
undefined d false
false false function undefined
