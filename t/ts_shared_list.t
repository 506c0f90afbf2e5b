# ngx.shared: lists.

=== lpush and rpush give the length; lpop and rpop what was there
--- api: ngx.shared.DICT.lpush, ngx.shared.DICT.rpush, ngx.shared.DICT.lpop, ngx.shared.DICT.rpop, ngx.shared.DICT.llen
--- http_config
ts_shared_dict d 1m;
--- config
location = /lpush-and {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        ngx.say(d.lpush("l", "b"), d.lpush("l", "a"), d.rpush("l", "c"), d.llen("l"), " ", d.lpop("l"), d.rpop("l"), d.lpop("l"), " ", d.lpop("l"), " ", d.llen("l"));
    }
}
location = /what-is {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        d.rpush("l", 5); d.rpush("l", "5"); d.rpush("l", "ä"); d.rpush("l", new Uint8Array([65, 66])); d.rpush("l", "");
        ngx.say(typeof d.lpop("l"), " ", typeof d.lpop("l"), " ", d.lpop("l"), " ", d.lpop("l"), " [", d.lpop("l"), "]");
    }
}
location = /what-cannot {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        for (const value of [true, undefined, null, {}]) ngx.say(t(() => d.lpush("l", value)), ", ", t(() => d.rpush("l", value)));
        ngx.say(d.llen("l"));
    }
}
location = /a-list {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        d.rpush("l", 1);
        ngx.say(t(() => d.get("l")), ", ", t(() => d.get_stale("l")), ", ", t(() => d.get_with_flags("l")), ", ", t(() => d.incr("l", 1)), ", ", d.add("l", 1));
    }
}
location = /a-value {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        d.set("k", "text");
        ngx.say(t(() => d.lpush("k", 1)), ", ", t(() => d.rpush("k", 1)), ", ", t(() => d.lpop("k")), ", ", t(() => d.rpop("k")), ", ", t(() => d.llen("k")));
    }
}
location = /set-and {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        d.rpush("l", 1); d.set("l", "value");
        d.rpush("m", 1); d.replace("m", "other");
        d.rpush("e", 1); d.lpop("e");
        ngx.say(d.get("l"), " ", d.get("m"), " ", d.add("e", "free"), " ", d.get("e"));
    }
}
location = /a-list-may {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        d.rpush("l", 1); d.rpush("l", 2);
        ngx.say(d.ttl("l"));
        d.expire("l", 0.15);
        ngx.say(d.llen("l"));
        await ngx.sleep(0.16);
        ngx.say(d.llen("l"), " ", d.lpop("l"), " ", d.rpush("l", 3), " ", d.ttl("l"));
    }
}
--- request
GET /lpush-and
--- response_body
1233 acb undefined 0

=== what is pushed keeps its type
--- request
GET /what-is
--- response_body
number string ä AB []

=== what cannot be pushed
--- request
GET /what-cannot
--- response_body
bad value type, bad value type
bad value type, bad value type
bad value type, bad value type
bad value type, bad value type
0

=== a list is no value
--- request
GET /a-list
--- response_body
value is a list, value is a list, value is a list, not a number, false

=== a value is no list
--- request
GET /a-value
--- response_body
value not a list, value not a list, value not a list, value not a list, value not a list

=== set and replace put a value in a list's place; an emptied list is gone
--- request
GET /set-and
--- response_body
value other true free

=== a list may expire, as a whole
--- request
GET /a-list-may
--- response_body
0
2
0 undefined 1 0

=== a thousand in order
--- http_config
ts_shared_dict d 1m;
--- config
location = /a-thousand {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        for (let i = 0; i < 1000; i++) d.rpush("l", i);
        let sorted = true;
        for (let i = 0; i < 1000; i++) if (d.lpop("l") !== i) sorted = false;
        ngx.say(sorted, " ", d.llen("l"));
    }
}
location = /keys-of {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        for (const key of ["", undefined, "k".repeat(65536)]) ngx.say(t(() => d.lpush(key, 1)), ", ", t(() => d.llen(key)), ", ", t(() => d.rpop(key)));
    }
}
location = /a-list {
    content_by_ts_block {
        const { d } = ngx.shared;
        d.flush_all();
        d.flush_expired();
        const t = (f) => { try { const v = f(); return typeof v === "object" ? JSON.stringify(v) : String(v); } catch (e) { return e.message; } };
        let error = "";
        for (let i = 0; i < 200 && error === ""; i++) { try { d.rpush("l", "x".repeat(20000)); } catch (e) { error = e.message; } }
        ngx.say(error, " ", d.llen("l") > 10, " ", d.lpop("l").length);
    }
}
--- request
GET /a-thousand
--- response_body
true 0

=== keys of lists are refused as others
--- request
GET /keys-of
--- response_body
empty key, empty key, empty key
nil key, nil key, nil key
key too long, key too long, key too long

=== a list that does not fit
--- request
GET /a-list
--- response_body
no memory true 20000
