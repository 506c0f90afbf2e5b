# A content block may return a Response: whole, or a stream that is sent piece by piece.

=== status, headers, text
--- config
location /a { content_by_ts_block { return new Response("hellö\n", { status: 201, headers: { "X-A": "1" } }); } }
--- request
GET /a
--- error_code: 201
--- response_headers
X-A: 1
Content-Type: text/plain;charset=UTF-8
Content-Length: 7
--- response_body
hellö

=== bytes, JSON, a form, a blob
--- config
location /bytes { content_by_ts_block { return new Response(new Uint8Array([65, 66, 10])); } }
location /json { content_by_ts_block { return Response.json({ a: [1] }); } }
location /query { content_by_ts_block { return new Response(new URLSearchParams({ a: "b c" })); } }
location /blob { content_by_ts_block { return new Response(new Blob(["<p>"], { type: "text/html" })); } }
--- request eval
["GET /bytes", "GET /json", "GET /query", "GET /blob"]
--- response_body eval
["AB\n", '{"a":[1]}', "a=b+c", "<p>"]
--- response_headers eval
["Content-Length: 3", "Content-Type: application/json", "Content-Type: application/x-www-form-urlencoded;charset=UTF-8", "Content-Type: text/html"]

=== of a block that awaits, and of one that does not
--- config
location /a { content_by_ts_block { await null; return new Response("later"); } }
location /b { content_by_ts_block { return new Response("now"); } }
location /c { content_by_ts_block { return Promise.resolve(new Response("promised")); } }
--- request eval
["GET /a", "GET /b", "GET /c"]
--- response_body eval
["later", "now", "promised"]

=== no body
--- config
location /a { content_by_ts_block { return new Response(null, { status: 204 }); } }
location /b { content_by_ts_block { return new Response(); } }
location /c { content_by_ts_block { return Response.redirect("http://other.test/x", 307); } }
--- request eval
["GET /a", "GET /b", "GET /c"]
--- error_code eval
[204, 200, 307]
--- response_headers eval
["! Content-Length", "Content-Length: 0", "Location: http://other.test/x"]
--- response_body eval
[null, "", null]

=== several cookies, bytes in a header, what belongs to a connection
--- config
location /a {
    content_by_ts_block {
        const headers = new Headers([["set-cookie", "a=1"], ["set-cookie", "b=2"], ["connection", "upgrade"], ["transfer-encoding", "gzip"], ["x-u", "\u00c3\u00a4"]]);
        return new Response("x", { headers });
    }
}
--- request
GET /a
--- raw_response_headers_like eval
/Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n[^]*x-u: \u00c3\u00a4\r\n/i
--- raw_response_headers_unlike: gzip|upgrade
--- response_body chomp
x

=== Response.error cannot be sent
--- config
location /a { content_by_ts_block { return Response.error(); } }
--- request
GET /a
--- error_code: 500
--- error_log
a block cannot answer with Response.error()

=== one that has been read cannot be sent
--- config
location /a { content_by_ts_block { const r = new Response("x"); await r.text(); return r; } }
--- request
GET /a
--- error_code: 500
--- error_log
Body is unusable: Body has already been read

=== after something was said already, what is returned follows
--- config
location /a { content_by_ts_block { ngx.header["X-A"] = "1"; ngx.status = 201; return new Response("x", { headers: { "x-b": "2" } }); } }
--- request
GET /a
--- error_code: 200
--- response_headers
X-A: 1
X-B: 2
--- response_body chomp
x

=== a stream: chunk by chunk
--- config
location /a {
    content_by_ts_block {
        let n = 0;
        const stream = new ReadableStream({ pull(c) { if (n === 3) c.close(); else c.enqueue(new TextEncoder().encode(`chunk ${++n}\n`)); } });
        return new Response(stream, { headers: { "content-type": "text/plain" } });
    }
}
--- request
GET /a
--- response_headers
Content-Type: text/plain
! Content-Length
--- response_body
chunk 1
chunk 2
chunk 3

=== the head and each chunk reach the client when they are there
--- config
location /a {
    content_by_ts_block {
        const slow = new ReadableStream({ async start(c) { for (const x of ["a", "b", "c"]) { c.enqueue(new TextEncoder().encode(x)); await ngx.sleep(0.02); } c.close(); } });
        return new Response(slow);
    }
}
location /t {
    content_by_ts_block {
        const res = await fetch("http://127.0.0.1:$TEST_NGINX_SERVER_PORT/a");
        const seen = [];
        for await (const c of res.body!) seen.push(new TextDecoder().decode(c));
        ngx.say(seen.join("|"));
    }
}
--- request
GET /t
--- response_body
a|b|c

=== of HEAD, the body is not read
--- config
location /a {
    content_by_ts_block {
        return new Response(new ReadableStream({ pull(c) { c.enqueue(new Uint8Array([65])); c.close(); } }), { headers: { "x-a": "1", "content-length": "1" } });
    }
}
--- request
HEAD /a
--- response_headers
X-A: 1
Content-Length: 1
--- response_body

=== a length that is said is sent
--- config
location /a {
    content_by_ts_block {
        return new Response(ReadableStream.from([new Uint8Array([65, 66])]), { headers: { "content-length": "2" } });
    }
}
--- request
GET /a
--- response_headers
Content-Length: 2
! Transfer-Encoding
--- response_body chomp
AB

=== a stream that fails after the head: the connection is closed, and it is logged
--- config
location /a {
    content_by_ts_block {
        let n = 0;
        return new Response(new ReadableStream({ pull(c) { if (n++ === 0) c.enqueue(new TextEncoder().encode("some")); else throw new RangeError("the source broke"); } }));
    }
}
--- raw_request eval
"GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
--- ignore_response
--- error_log eval
[/\[error\].*content_by_ts\(.*nginx\.conf:\d+:\d+\): RangeError: the source broke/]

=== what a failing stream has sent is not ended as if it were whole
--- config
location /a {
    content_by_ts_block {
        let n = 0;
        return new Response(new ReadableStream({ async pull(c) { if (n++ === 0) c.enqueue(new TextEncoder().encode("some")); else { await ngx.sleep(0.01); c.error(new Error("broke")); } } }));
    }
}
location /t {
    content_by_ts_block {
        const res = await fetch("http://127.0.0.1:$TEST_NGINX_SERVER_PORT/a");
        try { ngx.say(await res.text()); } catch (e) { ngx.say(res.status, " ", e.name, ": ", e.message); }
    }
}
--- request
GET /t
--- response_body
200 TypeError: terminated
--- error_log
broke

=== chunks have to be bytes
--- config
location /a { content_by_ts_block { return new Response(ReadableStream.from(["text"])); } }
--- request
GET /a
--- ignore_response
--- error_log
a chunk of a body has to be a Uint8Array

=== a stream with back-pressure: the source is not asked faster than the client reads
--- main_config
worker_processes 1;
--- timeout: 10
--- config
location /a {
    content_by_ts_block {
        let n = 0;
        const chunk = new Uint8Array(65536).fill(65);
        return new Response(new ReadableStream({ pull(c) { globalThis.pulled = ++n; c.enqueue(chunk); if (n === 256) c.close(); } }, { highWaterMark: 0 }));
    }
}
location /t {
    content_by_ts_block {
        const res = await fetch("http://127.0.0.1:$TEST_NGINX_SERVER_PORT/a");
        await ngx.sleep(0.3);
        const held = globalThis.pulled < 250;
        let size = 0;
        for await (const c of res.body!) size += c.length;
        ngx.say(held, " ", size === 256 * 65536, " ", globalThis.pulled);
    }
}
--- request
GET /t
--- response_body
true true 256

=== the client goes: the stream is cancelled
--- config
location /a {
    content_by_ts_block {
        const stream = new ReadableStream({
            async pull(c) { await ngx.sleep(0.005); c.enqueue(new TextEncoder().encode("tick\n")); },
            cancel(reason) { ngx.log(ngx.WARN, "cancelled: ", reason.name); },
        });
        return new Response(stream);
    }
}
location /t {
    content_by_ts_block {
        const controller = new AbortController();
        const res = await fetch("http://127.0.0.1:$TEST_NGINX_SERVER_PORT/a", { signal: controller.signal });
        const reader = res.body!.getReader();
        await reader.read();
        controller.abort();
        try { for (;;) await reader.read(); } catch (e) { ngx.say(e.name); }
    }
}
--- request
GET /t
--- response_body
AbortError
--- error_log
cancelled: AbortError

=== the client goes while the stream is silent
--- config
location /a {
    content_by_ts_block {
        const stream = new ReadableStream({
            start(c) { c.enqueue(new TextEncoder().encode("one\n")); },
            cancel(reason) { ngx.log(ngx.WARN, "silent one cancelled: ", reason.name); },
        });
        return new Response(stream);
    }
}
location /t {
    content_by_ts_block {
        const controller = new AbortController();
        const res = await fetch("http://127.0.0.1:$TEST_NGINX_SERVER_PORT/a", { signal: controller.signal });
        await res.body!.getReader().read();
        controller.abort();
        ngx.say("gone");
    }
}
--- request
GET /t
--- response_body
gone
--- error_log
silent one cancelled: AbortError

=== what was fetched is passed on as it comes
--- http_config
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    location / { content_by_ts_block { ngx.header["X-Up"] = "up"; ngx.header["Content-Type"] = "text/csv"; ngx.status = 203; for (let i = 0; i < 3; i++) { ngx.say(i); await ngx.flush(true); await ngx.sleep(0.01); } } }
}
--- config
location /a { content_by_ts_block { return fetch("http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/"); } }
--- request
GET /a
--- error_code: 203
--- response_headers
X-Up: up
Content-Type: text/csv
--- response_body
0
1
2

=== through a transform
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { return 200 "quiet words"; } }
--- config
location /a {
    content_by_ts_block {
        const res = await fetch("http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/");
        const loud = new TransformStream<string, string>({ transform(c, to) { to.enqueue(c.toUpperCase()); } });
        return new Response(res.body!.pipeThrough(new TextDecoderStream()).pipeThrough(loud).pipeThrough(new TextEncoderStream()), { status: res.status });
    }
}
--- request
GET /a
--- response_body chomp
QUIET WORDS

=== header and body filters see it
--- config
location /a {
    content_by_ts_block { return new Response(ReadableStream.from(["a", "b"].map((x) => new TextEncoder().encode(x)))); }
    header_filter_by_ts_block { ngx.header["X-F"] = "filtered"; }
    body_filter_by_ts_block { ngx.arg[1] = ngx.arg[1].toUpperCase(); }
}
--- request
GET /a
--- response_headers
X-F: filtered
--- response_body chomp
AB

=== in other phases what is returned is nothing
--- config
location /a { access_by_ts_block { return new Response("no"); } content_by_ts_block { ngx.say("content"); } }
--- request
GET /a
--- response_body
content

=== ngx.request: method, url, headers, a body once
--- config
location /a {
    content_by_ts_block {
        const q = ngx.request;
        ngx.say(q === ngx.request, " ", q instanceof Request, " ", q.method, " ", new URL(q.url).pathname, " ", q.headers.get("x-h"), " ", q.bodyUsed);
        const data = await q.json();
        ngx.say(data.a, " ", q.bodyUsed);
        try { await q.text(); } catch (e) { ngx.say(e.name); }
        try { q.headers.set("a", "b"); } catch (e) { ngx.say(e.name); }
    }
}
--- more_headers
X-H: h
--- request
POST /a?x
{"a":"ü"}
--- response_body
true true POST /a h false
ü true
TypeError
TypeError

=== ngx.request's body as a stream
--- config
location /a {
    content_by_ts_block {
        let size = 0, chunks = 0;
        for await (const c of ngx.request.body!) { size += c.length; chunks++; }
        ngx.say(size, " ", chunks > 1, " ", ngx.request.bodyUsed);
    }
}
--- request eval
"POST /a\n" + "x".repeat(300000)
--- response_body
300000 true true

=== a body that is sent in pieces is read as it comes
--- config
location /a {
    content_by_ts_block {
        const reader = ngx.request.body!.pipeThrough(new TextDecoderStream()).getReader();
        const first = await reader.read();
        ngx.log(ngx.WARN, "first: ", first.value);
        let rest = "";
        for (;;) { const { done, value } = await reader.read(); if (done) break; rest += value; }
        ngx.say(first.value, "|", rest);
    }
}
--- raw_request eval
["POST /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n", { value: "3\r\ntwo\r\n", delay_before: 0.05 }, "0\r\n\r\n"]
--- response_body
one|two
--- error_log
first: one

=== a body in a file, read before
--- config
client_body_buffer_size 1k;
location /a {
    content_by_ts_block {
        await ngx.req.read_body();
        const text = await ngx.request.text();
        ngx.say(ngx.req.get_body_file() !== undefined, " ", text.length, " ", text === "0123456789".repeat(20000));
    }
}
--- request eval
"POST /a\n" + "0123456789".repeat(20000)
--- response_body
true 200000 true

=== a body that nobody reads to its end
--- config
location /a { content_by_ts_block { const reader = ngx.request.body!.getReader(); await reader.read(); await reader.cancel(); return new Response("enough\n"); } }
--- request eval
"POST /a\n" + "x".repeat(200000)
--- response_body
enough

=== an echo: the client's body is the response's
--- config
location /a { content_by_ts_block { return new Response(ngx.request.body); } }
--- request eval
"POST /a\n" + "0123456789".repeat(30000)
--- response_body eval
"0123456789".repeat(30000)

=== the client's body is handed on to a fetch
--- http_config
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    client_max_body_size 2m;
    location / { content_by_ts_block { const text = await ngx.request.text(); ngx.say(ngx.req.get_method(), " ", text.length, " ", ngx.var.http_x_h, " ", ngx.var.http_transfer_encoding); } }
}
--- config
client_max_body_size 2m;
location /a { content_by_ts_block { return fetch(new Request("http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/", ngx.request)); } }
--- more_headers
X-H: h
--- request eval
"PUT /a\n" + "x".repeat(1000000)
--- response_body
PUT 1000000 h undefined

=== a body that is looked at before the content phase is still there for others
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { content_by_ts_block { ngx.say("got ", await ngx.request.text()); } } }
--- config
client_body_buffer_size 1k;
location /a {
    access_by_ts_block { const seen = await ngx.request.text(); if (!seen.startsWith("good")) ngx.exit(403); }
    proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/;
}
location /b {
    rewrite_by_ts_block { let n = 0; for await (const c of ngx.request.body!) n += c.length; ngx.ctx.n = n; }
    content_by_ts_block { ngx.say(ngx.ctx.n, " ", ngx.req.get_body_data(), " ", ngx.request.bodyUsed); }
}
--- request eval
["POST /a\ngood", "POST /a\nbad", "POST /a\ngood" + "x".repeat(100000), "POST /b\nbody"]
--- error_code eval
[200, 403, 200, 200]
--- response_body eval
["got good\n", null, "got good" + "x".repeat(100000) + "\n", "4 body true\n"]

=== a GET has no body
--- config
location /a { content_by_ts_block { ngx.say(ngx.request.body, " ", await ngx.request.text() === ""); } }
--- request
GET /a
--- response_body
null true

=== server-sent events
--- config
location /a {
    content_by_ts_block {
        let n = 0;
        const events = new ReadableStream<string>({ async pull(c) { if (n === 2) { c.close(); return; } await ngx.sleep(0.01); c.enqueue(`data: ${++n}\n\n`); } });
        return new Response(events.pipeThrough(new TextEncoderStream()), { headers: { "content-type": "text/event-stream" } });
    }
}
--- request
GET /a
--- response_headers
Content-Type: text/event-stream
--- response_body eval
"data: 1\n\ndata: 2\n\n"
