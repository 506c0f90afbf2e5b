# ngx.exit in each phase: what becomes of the request.

=== in rewrite, access and precontent: OK and DECLINED end the phase, a status the request
--- config
error_page 404 /404;
location = /404 { internal; return 404 "my page\n"; }
location /rewrite { rewrite_by_ts_block { ngx.exit(Number(ngx.var.arg_c)); } content_by_ts_block { ngx.say("content"); } }
location /access { access_by_ts_block { await null; ngx.exit(Number(ngx.var.arg_c)); } content_by_ts_block { ngx.say("content"); } }
location /precontent { precontent_by_ts_block { ngx.exit(Number(ngx.var.arg_c)); } content_by_ts_block { ngx.say("content"); } }
location /said { rewrite_by_ts_block { ngx.say("said"); ngx.exit(Number(ngx.var.arg_c)); } content_by_ts_block { ngx.say("content"); } }
--- request eval
["rewrite", "access", "precontent"].flatMap((p) => [0, -5, 200, 204, 301, 403, 404, 503].map((c) => `GET /${p}?c=${c}`))
--- error_code eval
[1, 2, 3].flatMap(() => [200, 200, 200, 204, 301, 403, 404, 503])
--- response_body_like eval
[1, 2, 3].flatMap(() => [/^content$/m, /^content$/m, /^$/, /^$/, /301 Moved/, /403 Forbidden/, /^my page$/m, /503 Service/])

=== in rewrite after output: the request has its answer
--- request eval
[0, -5, 200, 301, 404, 500].map((c) => `GET /said?c=${c}`)
--- error_code eval
[200, 200, 200, 200, 200, 200]
--- response_body eval
Array(6).fill("said\n")
--- error_log
attempt to set status 404 via ngx.exit after sending out the response status 200

=== in rewrite after output: what closes the connection
--- request eval
[408, 444, 499].map((c) => `GET /said?c=${c}`)
--- ignore_response
--- no_error_log
[alert]

=== and nothing of what was said is sent
--- config
location /said { rewrite_by_ts_block { ngx.say("said"); ngx.exit(Number(ngx.var.arg_c)); } content_by_ts_block { ngx.say("content"); } }
location /content { content_by_ts_block { ngx.say("said"); ngx.exit(Number(ngx.var.arg_c)); } }
location /sent { content_by_ts_block { ngx.say("sent"); await ngx.flush(true); ngx.say("said"); ngx.exit(444); } }
location /probe {
    content_by_ts_block {
        for (const uri of ["/said?c=444", "/said?c=408", "/content?c=499", "/content?c=-1", "/content?c=100", "/sent"]) {
            const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
            await sock.send(`GET ${uri} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
            const got = await sock.receive("*a");
            ngx.say(uri, " ", got.length === 0 ? "nothing" : got.slice(got.indexOf("\r\n\r\n") + 4).replace(/\s+/g, " "));
        }
    }
}
--- request
GET /probe
--- response_body
/said?c=444 nothing
/said?c=408 nothing
/content?c=499 nothing
/content?c=-1 nothing
/content?c=100 nothing
/sent 5 sent 

=== in content
--- config
location /content { content_by_ts_block { ngx.exit(Number(ngx.var.arg_c)); } }
location /status { content_by_ts_block { ngx.status = 418; ngx.exit(Number(ngx.var.arg_c)); } }
location /filter { content_by_ts_block { ngx.say("content"); } header_filter_by_ts_block { ngx.exit(Number(ngx.var.arg_c)); } }
location /late { content_by_ts_block { ngx.say("content"); } header_filter_by_ts_block { await ngx.sleep(0.005); ngx.exit(Number(ngx.var.arg_c)); } }
location /body { content_by_ts_block { ngx.say("content"); } body_filter_by_ts_block { try { ngx.exit(403); } catch (e) { ngx.arg[1] = e.message; } } header_filter_by_ts_block { ngx.header.content_length = undefined; } }
location /log { content_by_ts_block { ngx.say("content"); } log_by_ts_block { try { ngx.exit(403); } catch (e) { ngx.log(ngx.NOTICE, "said: ", e.message); } } }
location /set { set_by_ts_block $x { try { ngx.exit(403); } catch (e) { return e.message; } } return 200 "$x\n"; }
error_page 404 /404;
location = /404 { internal; return 404 "my page\n"; }
--- request eval
[0, 200, 201, 204, 206, 302, 304, 404, 413, 500, 600].map((c) => `GET /content?c=${c}`)
--- error_code eval
[200, 200, 201, 204, 206, 302, 304, 404, 413, 500, 600]

=== in content: a status below 200 closes the connection
--- request
GET /content?c=100
--- ignore_response
--- no_error_log
[alert]

=== in content: ngx.status stays where one is set, unless there is a page for the status
--- request eval
[0, 200, 201, 404].map((c) => `GET /status?c=${c}`)
--- error_code eval
[418, 418, 418, 404]

=== in header filters, at once and after a wait: OK goes on, a status is sent instead
--- request eval
["filter", "late"].flatMap((p) => [0, 200, 206, 204, 302, 403, 404, 503].map((c) => `GET /${p}?c=${c}`))
--- error_code eval
[1, 2].flatMap(() => [200, 200, 206, 204, 302, 403, 404, 503])
--- response_body_like eval
[1, 2].flatMap(() => [/^content$/m, /^$/, /^$/, /^$/, /302 Found/, /403 Forbidden/, /^my page$/m, /503 Service/])

=== in body filters, log and set it is refused
--- request eval
["GET /body", "GET /log", "GET /set"]
--- response_body eval
["API disabled in the context of body_filter_by_ts*", "content\n", "API disabled in the context of set_by_ts*\n"]
--- error_log
said: API disabled in the context of log_by_ts*

=== in timers it leaves the function, and nothing else
--- config
location /a {
    content_by_ts_block {
        const g = globalThis as any;
        g.seen = [];
        ngx.timer.at(0, () => { g.seen.push("one"); g.ngx.exit(0); g.seen.push("wrong"); });
        ngx.timer.at(0, async () => { await g.ngx.sleep(0.001); g.seen.push("two"); g.ngx.exit(500); g.seen.push("wrong"); });
        ngx.timer.at(0.01, () => { g.seen.push(`three ${g.ngx.get_phase()}`); });
        while (g.seen.length < 3) await ngx.sleep(0.005);
        ngx.say(g.seen.sort().join(", "), ", ", ngx.timer.running_count());
    }
}
--- request eval
["GET /a", "GET /a"]
--- response_body_like eval
Array(2).fill(/^one, three timer, two, /)
--- no_error_log
[error]

=== a catch cannot undo it
--- config
location /a {
    access_by_ts_block {
        try { ngx.exit(403); } catch {}
        try { ngx.say("on"); ngx.log(ngx.ERR, "came here"); } finally { ngx.ctx.f = 1; }
    }
    content_by_ts_block { ngx.say("content"); }
}
location /b { content_by_ts_block { try { ngx.exit(402); } catch {} ngx.log(ngx.NOTICE, "runs on"); } }
location /c { content_by_ts_block { try { ngx.exit(402); } finally { try { ngx.say("discarded"); } catch {} } } }
location /d { content_by_ts_block { await Promise.all([ngx.sleep(0.001).then(() => ngx.exit(403)), ngx.sleep(0.02).then(() => ngx.log(ngx.ERR, "came here"))]); } }
--- request eval
["GET /a", "GET /b", "GET /c", "GET /d"]
--- error_code eval
[403, 402, 402, 403]
--- no_error_log
came here

=== in a function that nobody waits for
--- config
location /a { content_by_ts_block { void (async () => { await ngx.sleep(0.005); ngx.exit(403); })(); await ngx.sleep(5); ngx.say("late"); } }
location /b { access_by_ts_block { void (async () => { await ngx.sleep(0.005); ngx.exit(402); })(); await ngx.sleep(5); } content_by_ts_block { ngx.say("no"); } }
location /c { access_by_ts_block { void (async () => { await ngx.sleep(0.005); ngx.exit(ngx.OK); })(); await ngx.sleep(5); } content_by_ts_block { ngx.say("content"); } }
--- request eval
["GET /a", "GET /b", "GET /c"]
--- error_code eval
[403, 402, 200]
--- timeout: 2

=== exec in each phase that has it
--- config
location /rewrite { rewrite_by_ts_block { ngx.exec("/target", "from=rewrite"); } content_by_ts_block { ngx.say("no"); } }
location /access { access_by_ts_block { await ngx.sleep(0.001); ngx.exec("/target?from=access"); } content_by_ts_block { ngx.say("no"); } }
location /precontent { precontent_by_ts_block { ngx.exec("@named"); } content_by_ts_block { ngx.say("no"); } }
location /content { content_by_ts_block { ngx.exec("/target", { from: "content" }); } }
location /sub { content_by_ts_block { const a = await ngx.location.capture("/content"); ngx.print("sub: ", a.body); } }
location /twice { content_by_ts_block { ngx.ctx.lost = 1; ngx.exec("/content"); } }
location /loop { content_by_ts_block { ngx.exec("/loop"); } }
location /file { content_by_ts_block { ngx.exec("/f.txt"); } }
location /target { content_by_ts_block { ngx.say(ngx.var.arg_from, " ", ngx.req.is_internal(), " ", ngx.ctx.lost ?? "no ctx"); } }
location @named { content_by_ts_block { ngx.say("named ", ngx.var.uri); } }
--- user_files
>>> f.txt
a file
--- request eval
["GET /rewrite", "GET /access", "GET /precontent", "GET /content", "GET /sub", "GET /twice", "GET /file", "GET /loop"]
--- error_code eval
[200, 200, 200, 200, 200, 200, 200, 500]
--- response_body eval
["rewrite true no ctx\n", "access true no ctx\n", "named /precontent\n", "content true no ctx\n", "sub: content true no ctx\n", "content true no ctx\n", "a file\n", null]
--- error_log
rewrite or internal redirection cycle while internally redirecting to "/loop"

=== exec from server_rewrite
--- config
server_rewrite_by_ts_block { if (ngx.var.uri === "/go") ngx.exec("/target"); }
location /target { return 200 "arrived\n"; }
--- request
GET /go
--- response_body
arrived

=== redirect in each phase that has it
--- config
server_rewrite_by_ts_block { if (ngx.var.uri === "/server") ngx.redirect("/x", 301); }
location /rewrite { rewrite_by_ts_block { ngx.redirect("/x"); } content_by_ts_block { } }
location /access { access_by_ts_block { await null; ngx.redirect("/x", 303); } content_by_ts_block { } }
location /precontent { precontent_by_ts_block { ngx.redirect("/x", 307); } content_by_ts_block { } }
location /content { content_by_ts_block { ngx.header["X-A"] = "kept"; ngx.redirect("/x", 308); } }
--- request eval
["GET /server", "GET /rewrite", "GET /access", "GET /precontent", "GET /content"]
--- error_code eval
[301, 302, 303, 307, 308]
--- response_headers eval
["Location: /x", "Location: /x", "Location: /x", "Location: /x", "Location: /x\nX-A: kept"]

=== eof in each phase that has it
--- config
location /rewrite { rewrite_by_ts_block { ngx.say("r"); ngx.eof(); await ngx.sleep(0.005); ngx.log(ngx.NOTICE, "rewrite goes on"); } content_by_ts_block { ngx.log(ngx.ERR, "must not run"); } }
location /access { access_by_ts_block { ngx.print("a"); ngx.eof(); } content_by_ts_block { ngx.log(ngx.ERR, "must not run"); } }
location /nothing { access_by_ts_block { ngx.eof(); } content_by_ts_block { ngx.log(ngx.ERR, "must not run"); } }
location /twice { content_by_ts_block { ngx.eof(); try { ngx.eof(); } catch (e) { ngx.log(ngx.NOTICE, "said: ", e.message); } } }
--- request eval
["GET /rewrite", "GET /access", "GET /nothing", "GET /twice"]
--- response_body eval
["r\n", "a", "", ""]
--- error_log
rewrite goes on
said: seen eof
--- no_error_log
must not run

=== output in earlier phases is the answer
--- config
server_rewrite_by_ts_block { if (ngx.var.uri === "/server") ngx.say("server"); }
location /server { content_by_ts_block { ngx.log(ngx.ERR, "must not run"); } }
location /rewrite { rewrite_by_ts_block { ngx.say("rewrite"); } access_by_ts_block { ngx.log(ngx.ERR, "must not run"); } content_by_ts_block { ngx.log(ngx.ERR, "must not run"); } }
location /access { access_by_ts_block { ngx.say("access"); await ngx.sleep(0.001); } return 200 "wrong"; }
location /precontent { precontent_by_ts_block { ngx.send_headers(); } content_by_ts_block { ngx.log(ngx.ERR, "must not run"); } }
--- request eval
["GET /server", "GET /rewrite", "GET /precontent"]
--- response_body eval
["server\n", "rewrite\n", ""]
--- no_error_log
must not run

=== in content DECLINED closes the connection, whether something was said or not
--- config
ts_http10_buffering off;
location /a { content_by_ts_block { ngx.exit(ngx.DECLINED); } }
location /b { content_by_ts_block { ngx.say("said"); ngx.exit(ngx.DECLINED); } }
location /c { content_by_ts_block { ngx.say("said"); await ngx.flush(true); ngx.exit(ngx.DECLINED); } }
location /all {
    content_by_ts_block {
        for (const name of ["a", "b", "c"]) {
            const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
            await sock.send(`GET /${name} HTTP/1.0\r\n\r\n`);
            const answer = await sock.receive("*a");
            ngx.say(name, " [", answer.slice(answer.indexOf("\r\n\r\n") + 4).trim(), "]");
        }
    }
}
--- request
GET /all
--- response_body
a []
b []
c [said]

=== exit: a status that is undefined lets nobody in
--- config
location /a {
    access_by_ts_block { ngx.exit((ngx as any).HTTP_FORBIDEN); }
    content_by_ts_block { ngx.say("content"); }
}
location /none {
    access_by_ts_block { ngx.exit(); }
    content_by_ts_block { ngx.say("content"); }
}
--- request eval
["GET /a", "GET /none"]
--- error_code eval
[500, 200]
--- response_body eval
[null, "content\n"]
--- error_log
bad argument to 'exit' (number expected, got undefined)
