# ngx.location.capture and capture_multi: every option, and what happens at the edges.

=== args: of the uri, given as text, as a table, and both
--- config
location /dump {
    content_by_ts_block {
        await ngx.req.read_body();
        const h = ngx.req.get_headers();
        ngx.print(`${ngx.req.get_method()} ${ngx.var.uri} args=${ngx.var.args} length=${h["content-length"]} x-a=${h["x-a"]} body=${ngx.req.get_body_data()}`);
    }
}
location = /a {
    content_by_ts_block {
        await ngx.req.read_body();
        const t = async (...args) => { try { const res = await ngx.location.capture(...args); return `${res.status} ${res.body}`; } catch (e) { return e.message; } };
        for (const [uri, args] of [["/dump"], ["/dump?a=1"], ["/dump", "b=2"], ["/dump?a=1", "b=2"], ["/dump?a=1", { b: "x y", c: true }], ["/dump", {}], ["/dump?", ""], ["/dump", 12], ["/dump", { l: [1, 2] }]]) {
            ngx.say(/args=(\S*)/.exec(await t(uri, { args }))[1]);
        }
        for (const args of [() => {}, true]) ngx.say(await t("/dump", { args }));
    }
}
--- request
GET /a
--- response_body
undefined
a=1
b=2
a=1&b=2
a=1&b=x%20y&c
undefined
undefined
12
l=1&l=2
Bad args option value
Bad args option value

=== method and body: the body goes along with POST and PUT, or whenever it is given or asked for
--- api: ngx.location.capture
--- config
location /dump {
    content_by_ts_block {
        await ngx.req.read_body();
        const h = ngx.req.get_headers();
        ngx.print(`${ngx.req.get_method()} ${ngx.var.uri} args=${ngx.var.args} length=${h["content-length"]} x-a=${h["x-a"]} body=${ngx.req.get_body_data()}`);
    }
}
location = /a {
    content_by_ts_block {
        await ngx.req.read_body();
        const t = async (...args) => { try { const res = await ngx.location.capture(...args); return `${res.status} ${res.body}`; } catch (e) { return e.message; } };
        const { HTTP_POST, HTTP_PUT, HTTP_DELETE, HTTP_OPTIONS, HTTP_PATCH } = ngx;
        for (const options of [{}, { method: HTTP_POST }, { method: HTTP_PUT }, { method: HTTP_POST, body: "own" }, { body: "own" }, { method: HTTP_PUT, body: "" }, { method: HTTP_DELETE }, { method: HTTP_DELETE, always_forward_body: true }, { always_forward_body: true }, { method: HTTP_OPTIONS, body: 12 }, { method: HTTP_PATCH, body: ["a", ["b"], new Uint8Array([99])] }, { method: "PURGE" }]) {
            ngx.say((await t("/dump", options)).replace(" /dump args=undefined", "").replace(" x-a=undefined", ""));
        }
    }
}
--- request
POST /a
main
--- response_body
200 GET length=undefined body=undefined
200 POST length=4 body=main
200 PUT length=4 body=main
200 POST length=3 body=own
200 GET length=3 body=own
200 PUT length=0 body=undefined
200 DELETE length=undefined body=undefined
200 DELETE length=4 body=main
200 GET length=4 body=main
200 OPTIONS length=2 body=12
200 PATCH length=3 body=abc
200 PURGE length=undefined body=undefined

=== the main request's body is still there afterwards
--- config
location /dump {
    content_by_ts_block {
        await ngx.req.read_body();
        const h = ngx.req.get_headers();
        ngx.print(`${ngx.req.get_method()} ${ngx.var.uri} args=${ngx.var.args} length=${h["content-length"]} x-a=${h["x-a"]} body=${ngx.req.get_body_data()}`);
    }
}
location = /a {
    content_by_ts_block {
        await ngx.req.read_body();
        const t = async (...args) => { try { const res = await ngx.location.capture(...args); return `${res.status} ${res.body}`; } catch (e) { return e.message; } };
        await t("/dump", { method: ngx.HTTP_POST, body: "other" });
        ngx.say(ngx.req.get_body_data(), " ", ngx.req.get_method(), " ", ngx.req.get_headers()["content-length"]);
    }
}
--- request
POST /a
main
--- response_body
main POST 4

=== HEAD has no body
--- config
location /dump {
    content_by_ts_block {
        await ngx.req.read_body();
        const h = ngx.req.get_headers();
        ngx.print(`${ngx.req.get_method()} ${ngx.var.uri} args=${ngx.var.args} length=${h["content-length"]} x-a=${h["x-a"]} body=${ngx.req.get_body_data()}`);
    }
}
location = /a {
    content_by_ts_block {
        await ngx.req.read_body();
        const t = async (...args) => { try { const res = await ngx.location.capture(...args); return `${res.status} ${res.body}`; } catch (e) { return e.message; } };
        const res = await ngx.location.capture("/dump", { method: ngx.HTTP_HEAD });
        ngx.say(res.status, " [", res.body, "] ", res.truncated);
    }
}
--- request
GET /a
--- response_body
200 [] false

=== options that are wrong
--- config
location /dump {
    content_by_ts_block {
        await ngx.req.read_body();
        const h = ngx.req.get_headers();
        ngx.print(`${ngx.req.get_method()} ${ngx.var.uri} args=${ngx.var.args} length=${h["content-length"]} x-a=${h["x-a"]} body=${ngx.req.get_body_data()}`);
    }
}
location = /a {
    content_by_ts_block {
        await ngx.req.read_body();
        const t = async (...args) => { try { const res = await ngx.location.capture(...args); return `${res.status} ${res.body}`; } catch (e) { return e.message; } };
        for (const options of [{ method: 99999 }, { method: {} }, { body: {} }, { body: () => {} }, { vars: "x" }, { vars: { a: {} } }, { vars: { a: true } }, { vars: { a: [1] } }, { headers: "x" }, { headers: { a: {} } }, { ctx: "x" }, { share_all_vars: 1 }, { copy_all_vars: "yes" }, "x", 12]) ngx.say(await t("/dump", options));
    }
}
--- request
GET /a
--- response_body
Bad http request method
Bad http request method
Bad http request body
Bad http request body
Bad vars option value
attempt to use bad variable value type object
attempt to use bad variable value type boolean
attempt to use bad variable value type array
Bad headers option value
attempt to use bad header value type object
Bad ctx option value type string, expected a Lua table
Bad share_all_vars option value
Bad copy_all_vars option value
expecting table as the 2nd argument for subrequest 0, but got string
expecting table as the 2nd argument for subrequest 0, but got number

=== uris that are none, or lead upwards
--- config
location /dump {
    content_by_ts_block {
        await ngx.req.read_body();
        const h = ngx.req.get_headers();
        ngx.print(`${ngx.req.get_method()} ${ngx.var.uri} args=${ngx.var.args} length=${h["content-length"]} x-a=${h["x-a"]} body=${ngx.req.get_body_data()}`);
    }
}
location = /a {
    content_by_ts_block {
        await ngx.req.read_body();
        const t = async (...args) => { try { const res = await ngx.location.capture(...args); return `${res.status} ${res.body}`; } catch (e) { return e.message; } };
        for (const uri of ["", "../x", "/../x", "/dump/%2e%2e/x", "/a%00b", "dump", "@named", 12, {}, undefined]) ngx.say(await t(uri));
    }
}
--- request
GET /a
--- response_body
unsafe uri in argument #1: 
unsafe uri in argument #1: ../x
unsafe uri in argument #1: /../x
unsafe uri in argument #1: /dump/%2e%2e/x
unsafe uri in argument #1: /a%00b
unsafe uri in argument #1: dump
unsafe uri in argument #1: @named
bad argument #1 to 'capture' (string expected, got number)
bad argument #1 to 'capture' (string expected, got object)
bad argument #1 to 'capture' (string expected, got undefined)

=== an escaped uri is decoded once
--- config
location /dump {
    content_by_ts_block {
        await ngx.req.read_body();
        const h = ngx.req.get_headers();
        ngx.print(`${ngx.req.get_method()} ${ngx.var.uri} args=${ngx.var.args} length=${h["content-length"]} x-a=${h["x-a"]} body=${ngx.req.get_body_data()}`);
    }
}
location = /a {
    content_by_ts_block {
        await ngx.req.read_body();
        const t = async (...args) => { try { const res = await ngx.location.capture(...args); return `${res.status} ${res.body}`; } catch (e) { return e.message; } };
        ngx.say(await t("/du%6dp/x%20y%2520"));
        ngx.say(await t("/dump/\u00e4"));
    }
}
--- request
GET /a
--- response_body
200 GET /dump/x y%20 args=undefined length=undefined x-a=undefined body=undefined
200 GET /dump/ä args=undefined length=undefined x-a=undefined body=undefined

=== headers: those of the request, and changes to them
--- config
location /dump {
    content_by_ts_block {
        await ngx.req.read_body();
        const h = ngx.req.get_headers();
        ngx.print(`${ngx.req.get_method()} ${ngx.var.uri} args=${ngx.var.args} length=${h["content-length"]} x-a=${h["x-a"]} body=${ngx.req.get_body_data()}`);
    }
}
location = /a {
    content_by_ts_block {
        await ngx.req.read_body();
        const t = async (...args) => { try { const res = await ngx.location.capture(...args); return `${res.status} ${res.body}`; } catch (e) { return e.message; } };
        const x = async (headers) => /x-a=(\S+)/.exec(await t("/dump", { headers }))[1];
        ngx.say(await x(), " ", await x({ "X-A": "own" }), " ", await x({ "x-a": ["1", "2"] }), " ", await x({ "X-B": 1 }), " ", ngx.req.get_headers()["x-a"]);
    }
}
--- more_headers
X-A: orig
--- request
GET /a
--- response_body
orig own 1,2 orig orig

=== variables: a subrequest has its own
--- config
location = /var {
    set $a "own";
    content_by_ts_block { ngx.print(`${ngx.var.a},${ngx.var.b}`); ngx.var.a = "changed"; }
}
location = /bare { content_by_ts_block { ngx.print(`${ngx.var.a},${ngx.var.b}`); ngx.var.a = "changed"; } }
location = /a {
    set $a "main";
    set $b "mb";
    content_by_ts_block {
        const t = async (uri, options) => { try { return (await ngx.location.capture(uri, options)).body; } catch (e) { return e.message; } };
        ngx.say(await t("/var"), " ", await t("/bare"), " ", ngx.var.a);
    }
}
--- request
GET /a
--- response_body
own, , main

=== copy_all_vars: it sees the asker's, and changes stay with it
--- config
location = /var {
    set $a "own";
    content_by_ts_block { ngx.print(`${ngx.var.a},${ngx.var.b}`); ngx.var.a = "changed"; }
}
location = /bare { content_by_ts_block { ngx.print(`${ngx.var.a},${ngx.var.b}`); ngx.var.a = "changed"; } }
location = /a {
    set $a "main";
    set $b "mb";
    content_by_ts_block {
        const t = async (uri, options) => { try { return (await ngx.location.capture(uri, options)).body; } catch (e) { return e.message; } };
        ngx.say(await t("/bare", { copy_all_vars: true }), " ", await t("/var", { copy_all_vars: true }), " ", ngx.var.a);
    }
}
--- request
GET /a
--- response_body
main,mb own,mb main

=== share_all_vars: they are the same
--- config
location = /var {
    set $a "own";
    content_by_ts_block { ngx.print(`${ngx.var.a},${ngx.var.b}`); ngx.var.a = "changed"; }
}
location = /bare { content_by_ts_block { ngx.print(`${ngx.var.a},${ngx.var.b}`); ngx.var.a = "changed"; } }
location = /a {
    set $a "main";
    set $b "mb";
    content_by_ts_block {
        const t = async (uri, options) => { try { return (await ngx.location.capture(uri, options)).body; } catch (e) { return e.message; } };
        ngx.say(await t("/bare", { share_all_vars: true }), " ", ngx.var.a, " ", await t("/var", { share_all_vars: true }), " ", ngx.var.a);
    }
}
--- request
GET /a
--- response_body
main,mb changed own,mb changed

=== vars: given ones, alone and with the others
--- config
location = /var {
    set $a "own";
    content_by_ts_block { ngx.print(`${ngx.var.a},${ngx.var.b}`); ngx.var.a = "changed"; }
}
location = /bare { content_by_ts_block { ngx.print(`${ngx.var.a},${ngx.var.b}`); ngx.var.a = "changed"; } }
location = /a {
    set $a "main";
    set $b "mb";
    content_by_ts_block {
        const t = async (uri, options) => { try { return (await ngx.location.capture(uri, options)).body; } catch (e) { return e.message; } };
        const vars = { a: "given", b: 12 };
        ngx.say(await t("/bare", { vars }), " ", ngx.var.a, " ", await t("/bare", { vars, copy_all_vars: true }), " ", ngx.var.a, " ", await t("/bare", { vars: { a: "given" }, share_all_vars: true }), " ", ngx.var.a, ngx.var.b);
    }
}
--- request
GET /a
--- response_body
given,12 main given,12 main given,mb changedmb

=== vars: one that there is none of, and one that cannot be set
--- config
location = /var {
    set $a "own";
    content_by_ts_block { ngx.print(`${ngx.var.a},${ngx.var.b}`); ngx.var.a = "changed"; }
}
location = /bare { content_by_ts_block { ngx.print(`${ngx.var.a},${ngx.var.b}`); ngx.var.a = "changed"; } }
location = /a {
    set $a "main";
    set $b "mb";
    content_by_ts_block {
        const t = async (uri, options) => { try { return (await ngx.location.capture(uri, options)).body; } catch (e) { return e.message; } };
        ngx.say(await t("/bare", { vars: { zzz: "x" } }), "; ", await t("/bare", { vars: { uri: "/x" } }), "; ", await t("/bare", { vars: { a: 7 } }));
    }
}
--- request
GET /a
--- response_body
failed to adjust the subrequest: -1; failed to adjust the subrequest: 500; 7,
--- error_log
variable "zzz" cannot be assigned a value (maybe you forgot to define it first?)
variable "uri" not changeable

=== ctx: its own, or the one that is lent, both ways
--- config
location = /ctx { content_by_ts_block { ngx.print(ngx.ctx.from ?? "nobody"); ngx.ctx.left = "by sub"; } }
location = /a {
    content_by_ts_block {
        const { location } = ngx;
        ngx.ctx.from = "main";
        ngx.say((await location.capture("/ctx")).body, " ", ngx.ctx.left);
        const lent = { from: "lent" };
        ngx.say((await location.capture("/ctx", { ctx: lent })).body, " ", lent.left, " ", ngx.ctx.left);
        ngx.say((await location.capture("/ctx", { ctx: ngx.ctx })).body, " ", ngx.ctx.left);
    }
}
--- request
GET /a
--- response_body
nobody undefined
lent by sub undefined
main by sub

=== status: whatever the subrequest comes to
--- config
location /status { content_by_ts_block { ngx.exit(Number(ngx.var.arg_s)); } }
location = /throws { content_by_ts_block { throw new Error("mine"); } }
location = /redirect { content_by_ts_block { ngx.redirect("/there", 301); } }
location = /rewrite { rewrite ^ /status?s=404 last; }
location = /return { return 403 "no\n"; }
location = /empty { content_by_ts_block { } }
location = /a {
    content_by_ts_block {
        const answers = [];
        for (const uri of ["/status?s=404", "/status?s=204", "/status?s=500", "/status?s=302", "/throws", "/redirect", "/rewrite", "/return", "/none", "/empty"]) {
            const { status, header } = await ngx.location.capture(uri);
            answers.push(header.location === undefined ? status : `${status}>${header.location}`);
        }
        ngx.say(answers.join(" "), " ", ngx.status);
    }
}
--- request
GET /a
--- response_body
404 204 500 302 500 301>/there 404 403 404 200 0

=== a status instead of a response: neither nginx's page nor error_page's, header filters see it
--- config
error_page 404 500 502 =200 /page;
location = /page { return 200 page; }
location = /return { return 404; }
location = /text { return 404 text; }
location = /exit { access_by_ts_block { ngx.log(ngx.ERR, "not asked"); } content_by_ts_block { ngx.exit(404); } }
location = /failure { content_by_ts_block { ngx.exit(ngx.ERROR); } }
location = /throws { content_by_ts_block { throw new Error("thrown"); } }
location = /moved { content_by_ts_block { ngx.redirect("/there"); } }
location = /late { content_by_ts_block { await ngx.sleep(0.001); ngx.exit(500); } }
location = /filter { return 500; header_filter_by_ts_block { ngx.header["X-Seen"] = ngx.status; } }
location = /waiting { return 500; header_filter_by_ts_block { await ngx.sleep(0.001); ngx.header["X-Seen"] = ngx.status; } }
location = /refusing { return 200 no; header_filter_by_ts_block { await ngx.sleep(0.001); ngx.exit(403); } }
location = /unreachable { proxy_pass http://127.0.0.1:1; }
location = /own { content_by_ts_block { ngx.status = 404; ngx.say("own"); } }
location = /a {
    content_by_ts_block {
        const names = ["return", "text", "exit", "failure", "throws", "moved", "late", "filter", "waiting", "refusing", "unreachable", "own"];
        for (const name of names) {
            const { status, body, truncated, header } = await ngx.location.capture(`/${name}`);
            ngx.say(name, " ", status, " [", body.trim(), "] ", truncated, " ", header["X-Seen"] ?? header.location ?? header["Content-Type"]);
        }
    }
}
--- request
GET /a
--- response_body
return 404 [] true undefined
text 404 [text] false text/plain
exit 404 [] true undefined
failure 500 [] true undefined
throws 500 [] true undefined
moved 302 [] true /there
late 500 [] true undefined
filter 500 [] true 500
waiting 500 [] true 500
refusing 403 [] true undefined
unreachable 502 [] true undefined
own 404 [own] false text/plain
--- error_log
thrown
connect() failed
--- no_error_log
not asked

=== header: by any spelling, repeated ones as an array
--- config
location = /h { content_by_ts_block { ngx.header["X-Multi"] = ["1", "2"]; ngx.header.content_type = "text/x"; ngx.say("b"); } }
location = /a {
    content_by_ts_block {
        const { header } = await ngx.location.capture("/h");
        ngx.say(header["X-Multi"].join(), " ", header.x_multi.join(), " ", header["Content-Type"], " ", header["x-none"]);
    }
}
--- request
GET /a
--- response_body
1,2 1,2 text/x undefined

=== truncated: an upstream that breaks off
--- config
location = /whole { proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/static; }
location = /static { return 200 "all of it"; }
location = /broken { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/; }
location = /a {
    content_by_ts_block {
        for (const uri of ["/whole", "/broken", "/static"]) {
            const { status, body, truncated } = await ngx.location.capture(uri);
            ngx.say(status, " ", body, " ", truncated);
        }
    }
}
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"
--- request
GET /a
--- response_body
200 all of it false
200 only this true
200 all of it false
--- error_log
upstream prematurely closed connection

=== what a subrequest knows of itself
--- api: ngx.is_subrequest
--- config
location = /sub {
    content_by_ts_block {
        const { var: v } = ngx;
        ngx.print([ngx.is_subrequest, ngx.req.is_internal(), ngx.get_phase(), v.uri, v.request_uri, v.server_protocol, v.request_method, ngx.req.get_method()].join(" "));
    }
}
location = /a { content_by_ts_block { ngx.say((await ngx.location.capture("/sub?y=2", { method: ngx.HTTP_DELETE })).body, "; ", ngx.is_subrequest); } }
--- request
GET /a?x=1
--- response_body
true true content /sub /a?x=1 HTTP/1.1 GET DELETE; false

=== filters of the subrequest's location work on what is captured, those of the asker's on the whole
--- config
location = /sub {
    return 200 "sub";
    header_filter_by_ts_block { ngx.header["X-Sub"] = "1"; }
    body_filter_by_ts_block { ngx.arg[1] = ngx.arg[1].toUpperCase(); }
}
location = /a {
    content_by_ts_block { const { body, header } = await ngx.location.capture("/sub"); ngx.print(`${body} ${header["X-Sub"]} main`); }
    body_filter_by_ts_block { if (ngx.arg[1] !== "") ngx.arg[1] = `[${ngx.arg[1]}]`; }
}
--- request
GET /a
--- response_headers
! X-Sub
--- response_body chomp
[SUB 1 main]

=== capture_multi: in the order asked, each with its options
--- api: ngx.location.capture_multi
--- config
location = /sub { content_by_ts_block { await ngx.sleep(Number(ngx.var.arg_s)); ngx.print(ngx.var.arg_n, ngx.req.get_method()); } }
location = /a {
    content_by_ts_block {
        const results = await ngx.location.capture_multi([["/sub?n=a&s=0.02"], ["/sub", { args: "n=b&s=0", method: ngx.HTTP_POST }], ["/none"]]);
        ngx.say(results.map(({ status, body }) => `${status}${status === 200 ? body : ""}`).join(" "));
    }
}
--- request
GET /a
--- response_body
200aGET 200bPOST 404

=== capture_multi: wrong arguments
--- config
location = /sub { return 200 "sub"; }
location = /a {
    content_by_ts_block {
        for (const args of [[], [[]], [["/sub"]], ["/sub"], [[[]]], [[["/sub", {}, 1]]], [[["/sub"], [12]]], [[["/../x"]]], [[["/sub"], ["/sub", "x"]]]]) {
            try { await ngx.location.capture_multi(...args); ngx.say("no"); } catch (e) { ngx.say(e.message); }
        }
    }
}
--- request
GET /a
--- response_body
only array-like tables are allowed, but got undefined
at least one subrequest should be specified
the query argument 0 is not a table, but a string
only array-like tables are allowed, but got string
query argument 0 expecting one or two arguments
query argument 0 expecting one or two arguments
bad argument #2 to 'capture' (string expected, got number)
unsafe uri in argument #1: /../x
expecting table as the 2nd argument for subrequest 1, but got string

=== as many as fifty deep, then it ends
--- config
location /deep {
    content_by_ts_block {
        const n = Number(ngx.var.arg_n);
        if (n === 0) { ngx.print("bottom"); return; }
        try { ngx.print((await ngx.location.capture("/deep", { args: { n: n - 1 } })).body); } catch (e) { ngx.print(e.message); }
    }
}
--- request eval
["GET /deep?n=49", "GET /deep?n=60"]
--- response_body eval
["bottom", "failed to issue subrequest: -1"]
--- error_log
subrequests cycle while processing

=== two hundred at once
--- config
location = /sub { content_by_ts_block { await ngx.sleep(0.001); ngx.print(ngx.var.arg_i); } }
location = /a {
    content_by_ts_block {
        const results = await ngx.location.capture_multi(Array.from({ length: 200 }, (_, i) => ["/sub", { args: { i } }]));
        ngx.say(results.every(({ status, body }, i) => status === 200 && body === String(i)));
    }
}
--- request
GET /a
--- response_body
true

=== 300 KB of body, bytes untouched
--- config
location = /sub { content_by_ts_block { const b = new Uint8Array(300000); for (let i = 0; i < b.length; i++) b[i] = i & 255; ngx.print(b); } }
location = /a {
    content_by_ts_block {
        const { body_buffer: b } = await ngx.location.capture("/sub");
        let right = b.length === 300000;
        for (let i = 0; i < b.length; i++) if (b[i] !== (i & 255)) right = false;
        ngx.say(right);
    }
}
--- request
GET /a
--- response_body
true

=== in phases that have no subrequests
--- http_config
ts_shared_dict d 1m;
init_worker_by_ts_block { try { ngx.location.capture("/x"); } catch (e) { ngx.shared.d.set("init_worker", e.message); } }
--- config
location = /a {
    content_by_ts_block {
        let said;
        ngx.timer.at(0, () => { try { globalThis.ngx.location.capture("/x"); } catch (e) { said = e.message; } });
        while (said === undefined) await ngx.sleep(0.001);
        ngx.say(said, "; ", ngx.shared.d.get("init_worker"));
    }
    log_by_ts_block { try { ngx.location.capture("/x"); } catch (e) { ngx.log(ngx.WARN, `log: ${e.message}`); } }
}
--- request
GET /a
--- response_body
no request found; no request found
--- error_log
log: API disabled in the context of log_by_ts*

=== method: HEAD has no body
--- config
location /t {
    content_by_ts_block {
        for (const uri of ["/return", "/script", "/none"]) {
            const { status, body, truncated, header } = await ngx.location.capture(uri, { method: ngx.HTTP_HEAD });
            ngx.say(status, " [", body, "] ", truncated, " ", header["X-Seen"]);
        }
    }
}
location /return { return 200 "text"; }
location /script { content_by_ts_block { ngx.header["X-Seen"] = ngx.req.get_method(); ngx.say("text"); } }
--- request
GET /t
--- response_body
200 [] false undefined
200 [] false HEAD
404 [] false undefined

=== what needs no waiting is answered within the visit, beside what does, and a long row of it holds up nobody
--- http_config
ts_cpu_limit 250ms;
--- config
location /s { return 200 "s"; }
location /late { content_by_ts_block { await ngx.sleep(0.01); ngx.print("late "); } }
location /ts { content_by_ts_block { ngx.print(" ts "); } }
location /mixed { content_by_ts_block { const all = await ngx.location.capture_multi([["/late"], ["/s"], ["/ts"], ["/none", { method: ngx.HTTP_HEAD }]]); ngx.say(all.map(({ body, status, header }) => `${status} ${header.Content_Type} ${body}`).join("; ")); } }
location /row { content_by_ts_block { let n = 0; for (let i = 0; i < 50000; i++) n += (await ngx.location.capture("/s")).body.length; ngx.say(n); } }
location /first { content_by_ts_block { ngx.say("first"); const { body } = await ngx.location.capture("/s?a"); ngx.say(body); } }
--- request eval
["GET /mixed", "GET /row", "GET /first"]
--- response_body eval
["200 text/plain late ; 200 text/plain s; 200 text/plain  ts ; 404 undefined \n", "50000\n", "first\ns\n"]
--- no_error_log
cut off

=== a subrequest that ends before it has a status: 500, truncated
--- config
location /error { content_by_ts_block { ngx.exit(ngx.ERROR); } }
location /said { content_by_ts_block { ngx.say("lost"); ngx.exit(ngx.ERROR); } }
location /t {
    content_by_ts_block {
        for (const uri of ["/error", "/said"]) {
            const { status, body, truncated } = await ngx.location.capture(uri);
            ngx.say(status, " [", body, "] ", truncated);
        }
    }
}
--- request
GET /t
--- response_body
500 [] true
500 [] true
