# Web globals and fetch, in blocks; ngx.metrics.

=== what there is, and what there is not
--- config
location /a {
    content_by_ts_block {
        const there = ["console", "URL", "URLSearchParams", "TextEncoder", "TextDecoder", "atob", "btoa", "structuredClone",
            "queueMicrotask", "setTimeout", "setInterval", "clearTimeout", "clearInterval", "AbortController", "AbortSignal",
            "Event", "EventTarget", "Headers", "Request", "Response", "fetch", "crypto", "performance"];
        const not = ["process", "require", "module", "Buffer", "global", "Deno", "Bun", "importScripts", "XMLHttpRequest"];
        ngx.say(there.filter((name) => !(name in globalThis)).join(), "|", not.filter((name) => name in globalThis).join());
    }
}
--- request
GET /a
--- response_body
|

=== URL and URLSearchParams
--- config
location /a {
    content_by_ts_block {
        const u = new URL("../x?a=1&a=2#f", "https://user:pw@Exämple.test:8443/dir/file");
        ngx.say(u.href);
        ngx.say(u.searchParams.getAll("a").join(), " ", u.port, " ", u.origin, " ", u.hash);
        const p = new URLSearchParams({ b: "ä ö", a: "1" });
        p.append("a", "2");
        p.sort();
        ngx.say(p.toString(), " ", [...p].length, " ", URL.canParse("no url"));
        try { new URL("no url"); } catch (e) { ngx.say(e instanceof TypeError); }
    }
}
--- request
GET /a
--- response_body
https://user:pw@xn--exmple-cua.test:8443/x?a=1&a=2#f
1,2 8443 https://xn--exmple-cua.test:8443 #f
a=1&a=2&b=%C3%A4+%C3%B6 3 false
true

=== text and bytes
--- config
location /a {
    content_by_ts_block {
        ngx.say([...new TextEncoder().encode("ä€")].join(" "), " ", new TextDecoder().decode(new Uint8Array([0xe2, 0x82, 0xac])));
        ngx.say(btoa("hello"), " ", atob("aGVsbG8="), " ", new TextDecoder("latin1").decode(new Uint8Array([228])));
        try { new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([255])); } catch (e) { ngx.say(e.name); }
        try { btoa("€"); } catch (e) { ngx.say(e.name); }
    }
}
--- request
GET /a
--- response_body
195 164 226 130 172 €
aGVsbG8= hello ä
TypeError
InvalidCharacterError

=== structuredClone, events, abort signals, microtasks
--- config
location /a {
    content_by_ts_block {
        const clone = structuredClone({ d: new Date(0), m: new Map([[1, { a: [1n] }]]) });
        ngx.say(clone.d.getTime(), " ", clone.m.get(1).a[0]);
        const order: string[] = [];
        queueMicrotask(() => order.push("microtask"));
        order.push("block");
        await null;
        const controller = new AbortController();
        controller.signal.addEventListener("abort", () => order.push("aborted"));
        controller.abort(new Error("reason"));
        ngx.say(order.join(), " ", controller.signal.aborted, " ", controller.signal.reason.message);
        const target = new EventTarget();
        target.addEventListener("x", (e) => order.push(e.type));
        target.dispatchEvent(new Event("x"));
        ngx.say(order.at(-1));
    }
}
--- request
GET /a
--- response_body
0 1
block,microtask,aborted true reason
x

=== crypto
--- config
location /a {
    content_by_ts_block {
        const hex = (b: ArrayBuffer) => [...new Uint8Array(b)].map((x) => x.toString(16).padStart(2, "0")).join("");
        const data = new TextEncoder().encode("hello");
        ngx.say(hex(await crypto.subtle.digest("SHA-256", data)));
        const key = await crypto.subtle.importKey("raw", new TextEncoder().encode("key"), { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
        const mac = await crypto.subtle.sign("HMAC", key, data);
        ngx.say(hex(mac), " ", await crypto.subtle.verify("HMAC", key, mac, data), " ", await crypto.subtle.verify("HMAC", key, mac, new Uint8Array(5)));
        ngx.say(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID()), " ", crypto.randomUUID() !== crypto.randomUUID());
        ngx.say(new Set(crypto.getRandomValues(new Uint8Array(64))).size > 20);
    }
}
--- request
GET /a
--- response_body
2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
9307b3b915efb5171ff14d8cb55fbcc798c6c0ef1456d66ded1a6aa723a58b7b true false
true true
true

=== Headers, Request, Response
--- config
location /a {
    content_by_ts_block {
        const h = new Headers({ "X-A": "1" });
        h.append("x-a", "2");
        ngx.say(h.get("X-a"), " ", h.has("x-b"), " ", [...h.keys()].join());
        const r = new Response('{"a":1}', { status: 201, headers: h });
        ngx.say(r.status, " ", r.ok, " ", r.headers.get("x-a"), " ", (await r.clone().json()).a, " ", await r.text(), " ", r.bodyUsed);
        const q = new Request("http://x.test/y", { method: "POST", body: "b" });
        ngx.say(q.method, " ", q.url, " ", await q.text());
    }
}
--- request
GET /a
--- response_body
1, 2 false x-a
201 true 1, 2 1 {"a":1} true
POST http://x.test/y b

=== fetch: text, JSON, status, headers
--- http_config
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    location /json { default_type application/json; add_header X-Up up; return 200 '{"n":42,"t":"ä"}'; }
    location /missing { return 404 "gone"; }
    location /bytes { content_by_ts_block { ngx.print(new Uint8Array([0, 255, 10])); } }
}
--- config
location /a {
    content_by_ts_block {
        const base = "http://127.0.0.1:$TEST_NGINX_RAND_PORT_1";
        const res = await fetch(`${base}/json`);
        const data = await res.json() as { n: number; t: string };
        ngx.say(res.status, " ", res.ok, " ", res.headers.get("x-up"), " ", data.n, " ", data.t, " ", res.url.endsWith("/json"));
        const missing = await fetch(`${base}/missing`);
        ngx.say(missing.status, " ", missing.ok, " ", await missing.text());
        ngx.say([...new Uint8Array(await (await fetch(`${base}/bytes`)).arrayBuffer())].join(" "));
    }
}
--- request
GET /a
--- response_body
200 true up 42 ä true
404 false gone
0 255 10

=== fetch: method, headers, body
--- http_config
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    location / { content_by_ts_block {
        await ngx.req.read_body();
        ngx.say(ngx.req.get_method(), " ", ngx.var.http_x_h, " ", ngx.var.content_type, " ", ngx.req.get_body_data());
    } }
}
--- config
location /a {
    content_by_ts_block {
        const url = "http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/";
        ngx.print(await (await fetch(url, { method: "POST", headers: { "X-H": "h" }, body: "größe" })).text());
        ngx.print(await (await fetch(url, { method: "PUT", body: new URLSearchParams({ a: "b c" }) })).text());
        ngx.print(await (await fetch(new Request(url, { method: "DELETE" }))).text());
    }
}
--- request
GET /a
--- response_body
POST h text/plain;charset=UTF-8 größe
PUT undefined application/x-www-form-urlencoded;charset=UTF-8 a=b+c
DELETE undefined undefined undefined

=== fetch: redirects
--- http_config
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    location /from { return 302 /to; }
    location /to { return 200 "arrived"; }
}
--- config
location /a {
    content_by_ts_block {
        const url = "http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/from";
        const res = await fetch(url);
        ngx.say(res.status, " ", res.redirected, " ", await res.text());
        ngx.say((await fetch(url, { redirect: "manual" })).status);
        try { await fetch(url, { redirect: "error" }); } catch (e) { ngx.say(e.name); }
    }
}
--- request
GET /a
--- response_body
200 true arrived
302
TypeError

=== fetch: nobody listens, a scheme that is none, an abort
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { content_by_ts_block { await ngx.sleep(2); } } }
--- config
location /a {
    content_by_ts_block {
        try { await fetch("http://127.0.0.1:$TEST_NGINX_RAND_PORT_2/"); } catch (e) { ngx.say(e.name, ": ", e.message); }
        try { await fetch("file:///etc/passwd"); } catch (e) { ngx.say(e.name); }
        try { await fetch("http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/", { signal: AbortSignal.timeout(50) }); } catch (e) { ngx.say(e.name); }
    }
}
--- request
GET /a
--- response_body
TypeError: fetch failed
TypeError
TimeoutError

=== fetch in every phase
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { return 200 "$arg_p"; } }
--- config
set $base http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/?p=;
location /a {
    rewrite_by_ts_block { ngx.ctx.seen = await (await fetch(ngx.var.base + "r")).text(); }
    access_by_ts_block { ngx.ctx.seen += await (await fetch(ngx.var.base + "a")).text(); }
    content_by_ts_block { ngx.ctx.seen += await (await fetch(ngx.var.base + "c")).text(); ngx.say(ngx.ctx.seen); }
    header_filter_by_ts_block { ngx.header["X-H"] = await (await fetch(ngx.var.base + "h")).text(); }
    body_filter_by_ts_block { if (ngx.arg[1]) ngx.arg[1] = await (await fetch(ngx.var.base + "b")).text() + ngx.arg[1]; }
    log_by_ts_block { ngx.log(ngx.NOTICE, "logged ", await (await fetch("http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/?p=l")).text()); }
}
--- request
GET /a
--- response_headers
X-H: h
--- response_body
brac
--- error_log
logged l

=== metrics: counters, gauges and histograms in Prometheus's text form
--- main_config
worker_processes 1;
--- http_config
init_worker_by_ts_block {
    globalThis.requests = ngx.metrics.counter("t_requests_total", "Requests", ["path"]);
    globalThis.level = ngx.metrics.gauge("t_level", "A level");
    globalThis.times = ngx.metrics.histogram("t_seconds", "Times", [], [0.1, 1]);
}
--- config
location /hit { content_by_ts_block { globalThis.requests.inc(1, [ngx.var.arg_p]); globalThis.level.set(5); globalThis.level.dec(2); globalThis.times.observe(0.5); } }
location /metrics {
    content_by_ts_block {
        const text = await ngx.metrics.metric_data();
        const lines = text.split("\n");
        ngx.say(lines.filter((l) => /^# (HELP|TYPE) t_requests/.test(l)).join("\n"));
        ngx.say(lines.filter((l) => l.startsWith("t_level")).join());
        ngx.say(lines.filter((l) => /t_requests_total\{path="a"\} \d+/.test(l)).length, " ", /t_seconds_bucket\{le="1"\} \d+/.test(text));
    }
}
--- request eval
["GET /hit?p=a", "GET /hit?p=a", "GET /hit?p=b", "GET /metrics"]
--- response_body eval
["", "", "", "# HELP t_requests_total Requests\n# TYPE t_requests_total counter\nt_level 3\n1 true\n"]

=== arguments that a function needs, and how many it says that it has
--- config
location = /needs {
    content_by_ts_block {
        const form = new FormData(), headers = new Headers(), target = new EventTarget(), query = new URLSearchParams();
        const uses = {
            atob: [globalThis, 1], btoa: [globalThis, 1], append: [form, 2], delete: [form, 1], get: [form, 1], getAll: [form, 1],
            has: [form, 1], set: [form, 2], addEventListener: [target, 2], removeEventListener: [target, 2],
        };
        const wrong = [];
        const look = (on, name, count) => {
            if (on[name].length !== count) wrong.push(`${name} has ${on[name].length}`);
            for (let n = 0; n < count; n++) try { on[name](...["a", "b"].slice(0, n)); wrong.push(`${name}, ${n}`); } catch (e) { if (!(e instanceof TypeError)) wrong.push(`${name}: ${e.name}`); }
        };
        for (const [name, [on, count]] of Object.entries(uses)) look(on, name, count);
        for (const name of ["append", "set", "get", "has", "delete"]) { look(headers, name, uses[name][1]); look(query, name, uses[name][1]); }
        for (const on of [form, headers, query]) look(on, "forEach", 1);
        look(URL, "canParse", 1);
        ngx.say(wrong.length === 0 ? "right" : wrong.join("\n"));
    }
}
--- request
GET /needs
--- response_body
right
