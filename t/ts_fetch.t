# fetch: requests and responses whose bodies are streams, redirects, aborts, codings; Request, Response and Headers.

=== a response is there with its head; its body comes as it is sent
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { content_by_ts_block { for (const x of ["one", "two", "three"]) { ngx.print(x); await ngx.flush(true); await ngx.sleep(0.03); } } } }
--- config
location /a {
    content_by_ts_block {
        const started = performance.now();
        const res = await fetch("http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/");
        const headAt = performance.now() - started;
        const seen = []; for await (const c of res.body!.pipeThrough(new TextDecoderStream())) seen.push(c);
        ngx.say(seen.join("|"), " ", headAt < performance.now() - started - 40, " ", res.bodyUsed);
    }
}
--- request
GET /a
--- response_body
one|two|three true true

=== a large body, to a slow reader: the other side waits
--- main_config
worker_processes 1;
--- timeout: 10
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { content_by_ts_block { const piece = "x".repeat(65536); for (let i = 0; i < 256; i++) { ngx.print(piece); await ngx.flush(true); globalThis.sent = i + 1; } } } }
--- config
location /a {
    content_by_ts_block {
        const res = await fetch("http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/");
        await ngx.sleep(0.2);
        const held = globalThis.sent < 250;
        let size = 0; for await (const c of res.body!) size += c.length;
        ngx.say(held, " ", size === 256 * 65536);
    }
}
--- request
GET /a
--- response_body
true true

=== more than one message of body, whole: text, json, arrayBuffer, bytes, blob
--- http_config
ts_cpu_limit 20s;
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { content_by_ts_block { ngx.print('["', "ä".repeat(300000)); await ngx.flush(true); ngx.print('"]'); } } }
--- config
location /a {
    content_by_ts_block {
        const get = () => fetch("http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/");
        const text = await (await get()).text();
        ngx.say(text.length, " ", (await (await get()).json())[0].length, " ", (await (await get()).arrayBuffer()).byteLength, " ", (await (await get()).bytes()).length, " ", (await (await get()).blob()).size);
    }
}
--- request
GET /a
--- response_body
300004 300000 600004 600004 600004

=== a request body that is a stream
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { content_by_ts_block { ngx.say(ngx.var.http_transfer_encoding, " ", ngx.var.http_content_length, " ", await ngx.request.text()); } } }
--- config
location /a {
    content_by_ts_block {
        let n = 0;
        const body = new ReadableStream({ async pull(c) { await ngx.sleep(0.005); if (n === 3) c.close(); else c.enqueue(new TextEncoder().encode(`<${++n}>`)); } });
        ngx.print(await (await fetch("http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/", { method: "POST", body, duplex: "half" } as any)).text());
        try { await fetch("http://x/", { method: "POST", body: new ReadableStream() }); } catch (e) { ngx.say(e.name, ": ", e.message); }
        const fixed = ReadableStream.from([new Uint8Array([65, 66])]);
        ngx.print(await (await fetch("http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/", { method: "PUT", body: fixed, duplex: "half", headers: { "content-length": "2" } } as any)).text());
    }
}
--- request
GET /a
--- response_body
chunked undefined <1><2><3>
TypeError: RequestInit: duplex option is required when sending a body.
undefined 2 AB

=== a request body that fails fails the fetch
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { content_by_ts_block { try { await ngx.request.text(); } finally { ngx.log(ngx.WARN, "the other side has seen it"); } } } }
--- config
location /a {
    content_by_ts_block {
        let n = 0;
        const body = new ReadableStream({ pull(c) { if (n++ === 0) c.enqueue(new Uint8Array(10)); else throw new RangeError("no more"); } });
        try { await fetch("http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/", { method: "POST", body, duplex: "half" } as any); } catch (e) { ngx.say(e.name, ": ", e.message); }
    }
}
--- request
GET /a
--- response_body
RangeError: no more

=== redirects by status and method
--- http_config
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    location ~ ^/(\d+)$ { content_by_ts_block { ngx.header["Location"] = "/to?x=1"; ngx.exit(Number(ngx.var[1])); } }
    location /to { content_by_ts_block { const text = await ngx.request.text(); ngx.say(ngx.req.get_method(), " ", ngx.var.content_type, " ", text); } }
    location /loop { return 302 /loop; }
}
--- config
location /a {
    content_by_ts_block {
        const base = "http://127.0.0.1:$TEST_NGINX_RAND_PORT_1";
        for (const [status, method] of [[301, "POST"], [302, "POST"], [302, "PUT"], [303, "PUT"], [307, "POST"], [308, "PATCH"]] as const) {
            const res = await fetch(`${base}/${status}#frag`, { method, body: "b", headers: { "content-type": "t/x" } });
            ngx.print(status, " ", res.redirected, " ", res.url.slice(base.length), " ", await res.text());
        }
        const manual = await fetch(`${base}/302`, { redirect: "manual" }); ngx.say(manual.status, " ", manual.headers.get("location")!.endsWith("/to?x=1"), " ", manual.redirected);
        for (const [path, redirect] of [["/302", "error"], ["/loop", "follow"]] as const) try { await fetch(base + path, { redirect }); } catch (e) { ngx.say(e.message, ": ", e.cause.message); }
        try { await fetch(base, { redirect: "elsewhere" as any }); } catch (e) { ngx.say(e.name); }
        try { await fetch(`${base}/307`, { method: "POST", body: ReadableStream.from([new Uint8Array(1)]), duplex: "half" } as any); } catch (e) { ngx.say(e.cause.message); }
    }
}
--- request
GET /a
--- response_body
301 true /to?x=1 GET undefined 
302 true /to?x=1 GET undefined 
302 true /to?x=1 PUT t/x b
303 true /to?x=1 GET undefined 
307 true /to?x=1 POST t/x b
308 true /to?x=1 PATCH t/x b
302 true false
fetch failed: unexpected redirect
fetch failed: redirect count exceeded
TypeError
a body that is a stream cannot be sent again to where it is redirected

=== credentials are not carried to another origin
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { return 302 http://127.0.0.1:$TEST_NGINX_RAND_PORT_2/; } }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2; location / { return 200 "[$http_authorization][$http_cookie][$http_x_other]"; } }
--- config
location /a { content_by_ts_block { return fetch("http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/", { headers: { authorization: "secret", cookie: "c=1", "x-other": "o" } }); } }
--- request
GET /a
--- response_body chomp
[][][o]

=== aborted before, while waiting for the head, and while the body comes
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location /slow { content_by_ts_block { await ngx.sleep(2); } } location /body { content_by_ts_block { ngx.print("start"); await ngx.flush(true); await ngx.sleep(2); } } }
--- config
location /a {
    content_by_ts_block {
        const base = "http://127.0.0.1:$TEST_NGINX_RAND_PORT_1";
        try { await fetch(base, { signal: AbortSignal.abort(new RangeError("before")) }); } catch (e) { ngx.say(e.name, ": ", e.message); }
        const c = new AbortController(); setTimeout(() => c.abort("my reason"), 20);
        try { await fetch(`${base}/slow`, { signal: c.signal }); } catch (e) { ngx.say(e); }
        try { await fetch(`${base}/slow`, { signal: AbortSignal.timeout(20) }); } catch (e) { ngx.say(e.name, " ", e.code); }
        const res = await fetch(`${base}/body`, { signal: AbortSignal.timeout(400) }); ngx.say(res.status);
        try { await res.text(); } catch (e) { ngx.say(e.name, " ", e instanceof DOMException); }
        const d = new AbortController(); const later = await fetch(`${base}/body`, { signal: AbortSignal.any([d.signal, AbortSignal.timeout(5000)]) });
        const reader = later.body!.getReader(); ngx.say(new TextDecoder().decode((await reader.read()).value)); d.abort();
        try { await reader.read(); } catch (e) { ngx.say(e.name); }
    }
}
--- request
GET /a
--- response_body
RangeError: before
my reason
TimeoutError 23
200
TimeoutError true
start
AbortError

=== a body that is cancelled ends its connection
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { content_by_ts_block { return new Response(new ReadableStream({ async pull(c) { await ngx.sleep(0.01); c.enqueue(new Uint8Array(100)); }, cancel() { ngx.log(ngx.WARN, "the sender was told"); } })); } } }
--- config
location /a {
    content_by_ts_block {
        const res = await fetch("http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/");
        const reader = res.body!.getReader(); await reader.read(); await reader.cancel(); ngx.say((await reader.read()).done);
    }
}
--- request
GET /a
--- response_body
true
--- error_log
the sender was told

=== Content-Encoding is undone
--- http_config
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    location / {
        content_by_ts_block {
            const format = ngx.var.arg_f!;
            ngx.header["Content-Encoding"] = ngx.var.arg_e ?? format; ngx.header["X-Accept"] = ngx.var.http_accept_encoding;
            const stream = new Blob(["packed ".repeat(1000)]).stream().pipeThrough(new CompressionStream((format === "br" ? "brotli" : format) as any));
            ngx.print(await new Response(stream).bytes());
        }
    }
    location /twice { content_by_ts_block { ngx.header["Content-Encoding"] = "deflate, gzip"; ngx.print(await new Response(new Blob(["twice"]).stream().pipeThrough(new CompressionStream("deflate")).pipeThrough(new CompressionStream("gzip"))).bytes()); } }
    location /bad { content_by_ts_block { ngx.header["Content-Encoding"] = "gzip"; ngx.print("no gzip at all"); } }
    location /unknown { content_by_ts_block { ngx.header["Content-Encoding"] = "x-own"; ngx.print("as it is"); } }
}
--- config
location /a {
    content_by_ts_block {
        const base = "http://127.0.0.1:$TEST_NGINX_RAND_PORT_1";
        for (const q of ["f=gzip", "f=deflate", "f=deflate-raw&e=deflate", "f=br", "f=gzip&e=x-gzip"]) {
            const res = await fetch(`${base}/?${q}`); const text = await res.text();
            ngx.say(q, " ", text === "packed ".repeat(1000), " ", res.headers.get("content-encoding"), " ", res.headers.get("x-accept"));
        }
        ngx.say(await (await fetch(`${base}/twice`)).text(), " ", await (await fetch(`${base}/unknown`)).text());
        try { await (await fetch(`${base}/bad`)).text(); } catch (e) { ngx.say(e.name); }
    }
}
--- request
GET /a
--- response_body
f=gzip true gzip gzip, deflate, br
f=deflate true deflate gzip, deflate, br
f=deflate-raw&e=deflate true deflate gzip, deflate, br
f=br true br gzip, deflate, br
f=gzip&e=x-gzip true x-gzip gzip, deflate, br
twice as it is
TypeError

=== a response whose coding was undone is passed on without it
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { content_by_ts_block { ngx.header["Content-Encoding"] = "gzip"; ngx.header["X-A"] = "1"; ngx.print(await new Response(new Blob(["plain"]).stream().pipeThrough(new CompressionStream("gzip"))).bytes()); } } }
--- config
location /a { content_by_ts_block { const res = await fetch("http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/"); return new Response(res.body, res); } }
--- request
GET /a
--- response_headers
X-A: 1
! Content-Encoding
! Content-Length
--- response_body chomp
plain

=== headers that are sent, and those of the connection that are not
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { content_by_ts_block { const h = ngx.req.get_headers(); ngx.say([h.host, h.accept, h.user_agent, h.x_a, h.upgrade, h.expect, h.te, h.content_length, h.cookie].join("|")); } } }
--- config
location /a {
    content_by_ts_block {
        const base = "http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/";
        ngx.print((await (await fetch(base)).text()).replace(/:\d+/, ""));
        ngx.print(await (await fetch(base, { method: "POST", body: "four", headers: [["host", "other.test"], ["accept", "x/y"], ["user-agent", "me"], ["x-a", "1"], ["x-a", "2"], ["upgrade", "h2c"], ["connection", "x"], ["expect", "100-continue"], ["te", "trailers"], ["transfer-encoding", "chunked"], ["content-length", "99"], ["cookie", "a=b"]] })).text());
    }
}
--- request
GET /a
--- response_body
127.0.0.1|*/*|tsresty||||||
other.test|x/y|me|1, 2||||4|a=b

=== Request: what it takes from another, what it refuses
--- config
location /a {
    content_by_ts_block {
        const first = new Request("http://h/p?q#f", { method: "post", body: "b", headers: { a: "1" }, redirect: "manual", keepalive: true });
        const second = new Request(first, { headers: { b: "2" } });
        ngx.say([second.method, second.url, second.redirect, second.headers.get("a"), second.headers.get("b"), second.headers.get("content-type"), second.keepalive, first.bodyUsed, await second.text()].join());
        for (const [input, init] of [["http://u:p@h/", {}], ["/relative", {}], ["http://h/", { method: "GET", body: "x" }], ["http://h/", { method: "CONNECT" }], ["http://h/", { method: "a b" }], ["http://h/", { headers: { "a b": "c" } }], ["http://h/", { headers: { a: "b\nc" } }], ["http://h/", { headers: { a: "€" } }], ["http://h/", { signal: {} }], ["http://h/", { mode: "other" }]] as any[])
            try { new Request(input, init); ngx.say("taken"); } catch (e) { ngx.print(e.name, " "); }
        ngx.say();
        const c = new AbortController(); const q = new Request("http://h/", { signal: c.signal }); c.abort(); ngx.say(q.signal.aborted, " ", q.signal !== c.signal, " ", new Request("http://h/").signal.aborted);
        ngx.say([q.cache, q.credentials, q.mode, q.destination, q.referrer, q.referrerPolicy, q.integrity, q.duplex].join(), " ", String(q));
    }
}
--- request
GET /a
--- response_body
POST,http://h/p?q#f,manual,,2,,true,true,b
TypeError TypeError TypeError TypeError TypeError TypeError TypeError TypeError TypeError TypeError 
true true false
default,same-origin,cors,,about:client,,,half [object Request]

=== Response: static methods, what it refuses, clones
--- config
location /a {
    content_by_ts_block {
        const r = new Response("x", { status: 299, statusText: "Own" }); const copy = r.clone();
        ngx.say([r.status, r.ok, r.statusText, r.type, r.url === "", r.redirected, await r.text(), r.bodyUsed, copy.bodyUsed, await copy.text()].join());
        const j = Response.json([1], { status: 201, headers: { a: "b" } }); ngx.say(j.status, " ", j.headers.get("content-type"), " ", j.headers.get("a"), " ", (await j.json())[0]);
        const d = Response.redirect("http://h/x y", 308); ngx.say(d.status, " ", d.headers.get("location")); try { d.headers.set("a", "b"); } catch (e) { ngx.say(e.name); }
        const e = Response.error(); ngx.say(e.type, " ", e.status, " ", e.body);
        for (const make of [() => new Response("", { status: 600 }), () => new Response("x", { status: 204 }), () => Response.redirect("http://h", 200), () => Response.redirect("no url"), () => new Response("", { statusText: "a\n" }), () => Response.json(undefined), () => Response.json(1n as any), async () => { await r.clone(); }])
            try { await make(); ngx.say("made"); } catch (e) { ngx.print(e.name, " "); }
        ngx.say();
        const s = new Response(ReadableStream.from([new Uint8Array([65])])); const t = s.clone(); ngx.say(await s.text(), await t.text(), s.body !== t.body);
    }
}
--- request
GET /a
--- response_body
299,true,Own,default,true,false,x,true,false,x
201 application/json b 1
308 http://h/x%20y
TypeError
error 0 null
RangeError TypeError RangeError TypeError TypeError TypeError TypeError TypeError 
AAtrue

=== a body can be read once, however it is read
--- config
location /a {
    content_by_ts_block {
        const r = new Response("x"); const reader = r.body!.getReader();
        try { await r.text(); } catch (e) { ngx.say(e.name, " locked"); }
        reader.releaseLock(); ngx.say(await r.text(), r.bodyUsed);
        const q = new Response("y"); await q.text(); ngx.say(q.body!.locked, " ", (await q.body!.getReader().read()).done);
        try { new Response(q.body); } catch (e) { ngx.say(e.name); }
        const n = new Response(null); ngx.say(await n.text() === "", n.bodyUsed, await n.text() === "");
        ngx.say((await new Response("\ufeffbom").text()).length, " ", (await new Response(new Uint8Array([0xff])).text()));
        try { await new Response("{").json(); } catch (e) { ngx.say(e.name); }
    }
}
--- request
GET /a
--- response_body
TypeError locked
xtrue
false true
TypeError
truefalsetrue
3 �
SyntaxError

=== Headers
--- config
location /a {
    content_by_ts_block {
        const h = new Headers([["B", " x\t"], ["a", "1"], ["b", "y"], ["set-cookie", "p=1"], ["Set-Cookie", "q=2"]]);
        ngx.say([...h].map((p) => p.join("=")).join("|"), " ", h.getSetCookie().length, " ", h.get("SET-COOKIE"));
        h.delete("A"); h.set("b", ""); ngx.say(h.has("a"), JSON.stringify(h.get("b")), h.get("none"), " ", [...h.keys()].join(), " ", [...h.values()].join());
        const seen: string[] = []; h.forEach((v, k, self) => seen.push(k + (self === h))); ngx.say(seen.join());
        for (const bad of [[["a"]], [["a", "b", "c"]], "text", null, 7, [1], { "": "x" }] as any[]) try { new Headers(bad); ngx.print("made "); } catch (e) { ngx.print(e.name, " "); }
        ngx.say(String(h), " ", new Headers(h).get("set-cookie"));
    }
}
--- request
GET /a
--- response_body
a=1|b=x, y|set-cookie=p=1|set-cookie=q=2 2 p=1, q=2
false""null b,set-cookie,set-cookie ,p=1,q=2
btrue,set-cookietrue,set-cookietrue
TypeError TypeError TypeError TypeError TypeError TypeError TypeError [object Headers] p=1, q=2

=== what cannot be fetched
--- config
location /a {
    content_by_ts_block {
        for (const url of ["http://127.0.0.1:$TEST_NGINX_RAND_PORT_3/", "ftp://h/", "file:///etc/passwd", "blob:x"]) try { await fetch(url); } catch (e) { ngx.say(e.name, ": ", e.message, ": ", e.cause.message.replace(/127.*/, "…")); }
        try { await fetch("nonsense"); } catch (e) { ngx.say(e.name, ": ", e.message); }
    }
}
--- request
GET /a
--- response_body
TypeError: fetch failed: connect ECONNREFUSED …
TypeError: fetch failed: unknown scheme "ftp:"
TypeError: fetch failed: unknown scheme "file:"
TypeError: fetch failed: unknown scheme "blob:"
TypeError: Failed to parse URL from nonsense

=== a response that is cut short
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { content_by_ts_block { ngx.header["Content-Length"] = 100; ngx.print("some"); await ngx.flush(true); ngx.exit(444); } } }
--- config
location /a {
    content_by_ts_block {
        const res = await fetch("http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/");
        try { ngx.say(await res.text()); } catch (e) { ngx.say(res.status, " ", e.name, ": ", e.message); }
    }
}
--- request
GET /a
--- response_body
200 TypeError: terminated

=== HEAD, 204, 304 have no body
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { return 200 "body"; } location /204 { return 204; } location /304 { return 304; } }
--- config
location /a {
    content_by_ts_block {
        const base = "http://127.0.0.1:$TEST_NGINX_RAND_PORT_1";
        const head = await fetch(base, { method: "HEAD" }); ngx.say(head.headers.get("content-length"), " [", await head.text(), "]");
        for (const path of ["/204", "/304"]) { const r = await fetch(base + path); ngx.say(r.status, " ", r.body); }
    }
}
--- request
GET /a
--- response_body
4 []
204 null
304 null

=== many at once
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { return 200 "$arg_n"; } }
--- config
location /a {
    content_by_ts_block {
        const all = await Promise.all(Array.from({ length: 50 }, async (_, n) => await (await fetch(`http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/?n=${n}`)).text()));
        ngx.say(all.every((text, n) => text === String(n)));
    }
}
--- request
GET /a
--- response_body
true
