# Subrequests: ngx.location.capture and capture_multi.

=== status, headers, body
--- config
location /main {
    content_by_ts_block {
        const res = await ngx.location.capture("/sub?x=1");
        ngx.say(res.status, " ", res.header["X-Sub"], " ", res.header["content-type"], " ", res.truncated);
        ngx.print(res.body);
    }
}
location /sub {
    content_by_ts_block { ngx.status = 201; ngx.header["X-Sub"] = "yes"; ngx.say("args: ", ngx.var.args, " ", ngx.is_subrequest); }
}
--- request
GET /main
--- response_body
201 yes text/plain false
args: x=1 true

=== of what is no script: return, files, nothing; access rules are not for subrequests
--- config
location /main {
    content_by_ts_block {
        for (const uri of ["/ret", "/f.txt", "/none.txt", "/denied"]) {
            const res = await ngx.location.capture(uri);
            ngx.say(uri, " ", res.status, " ", res.body.length < 20 ? res.body.trim() : "page");
        }
    }
}
location /ret { return 202 "text"; }
location /denied { deny all; access_by_ts_block { ngx.exit(401); } }
--- user_files
>>> denied
guarded
>>> f.txt
of a file
--- request
GET /main
--- response_body
/ret 202 text
/f.txt 200 of a file
/none.txt 404 
/denied 200 guarded

=== methods and bodies
--- config
location /main {
    content_by_ts_block {
        const echo = async (options: object) => (await ngx.location.capture("/echo", options)).body.trim();
        await ngx.req.read_body();
        ngx.say(await echo({}));
        ngx.say(await echo({ method: ngx.HTTP_POST, body: "own" }));
        ngx.say(await echo({ method: ngx.HTTP_PUT }));
        ngx.say(await echo({ method: ngx.HTTP_DELETE }));
        ngx.say(await echo({ always_forward_body: true }));
        ngx.say(await echo({ method: ngx.HTTP_PATCH, body: new Uint8Array([104, 105]) }));
    }
}
location /echo {
    content_by_ts_block {
        await ngx.req.read_body();
        ngx.say(ngx.req.get_method(), " ", ngx.req.get_body_data() ?? "none");
    }
}
--- request
POST /main
hello
--- response_body
GET none
POST own
PUT hello
DELETE none
GET hello
PATCH hi

=== arguments: in the uri, as text, as a table
--- config
location /main {
    content_by_ts_block {
        for (const [uri, args] of [["/s?a=1", undefined], ["/s", "b=2"], ["/s?a=1", { c: "x y", d: [1, 2] }]] as const)
            ngx.say((await ngx.location.capture(uri, { args })).body);
    }
}
location /s { return 200 "$args"; }
--- request
GET /main
--- response_body
a=1
b=2
a=1&c=x%20y&d=1&d=2

=== variables: own, given, copied, shared
--- config
location /main {
    set $v main;
    content_by_ts_block {
        const get = async (options: object) => (await ngx.location.capture("/s", options)).body;
        ngx.say("own ", await get({}), " ", ngx.var.v);
        ngx.say("given ", await get({ vars: { v: "given" } }), " ", ngx.var.v);
        ngx.say("copied ", await get({ copy_all_vars: true }), " ", ngx.var.v);
        ngx.say("shared ", await get({ share_all_vars: true }), " ", ngx.var.v);
    }
}
location /s {
    content_by_ts_block { ngx.print(ngx.var.v === "" ? "empty" : ngx.var.v); ngx.var.v = "changed"; }
}
--- request
GET /main
--- response_body
own empty main
given given main
copied main main
shared main changed

=== ctx is handed over
--- config
location /main {
    content_by_ts_block {
        const ctx = { n: 1 };
        await ngx.location.capture("/s", { ctx });
        const own = await ngx.location.capture("/s", { ctx: ngx.ctx });
        ngx.say(ctx.n, " ", ngx.ctx.n, " ", own.status);
    }
}
location /s { content_by_ts_block { ngx.ctx.n = (ngx.ctx.n ?? 10) + 1; } }
--- request
GET /main
--- response_body
2 11 200

=== request headers go along
--- config
location /main { content_by_ts_block { ngx.print((await ngx.location.capture("/s", { headers: { "X-More": "m" } })).body); } }
location /s { content_by_ts_block { ngx.say(ngx.var.http_x_own, " ", ngx.var.http_x_more); } }
--- request
GET /main
--- more_headers
X-Own: o
--- response_body
o m

=== repeated response headers are an array
--- config
location /main {
    content_by_ts_block {
        const { header } = await ngx.location.capture("/s");
        ngx.say(header["Set-Cookie"].join("|"), " ", header.x_one);
    }
}
location /s { content_by_ts_block { ngx.header["Set-Cookie"] = ["a", "b"]; ngx.header["X-One"] = 1; } }
--- request
GET /main
--- response_body
a|b 1

=== a body of bytes
--- config
location /main {
    content_by_ts_block {
        const res = await ngx.location.capture("/s");
        ngx.say([...res.body_buffer].join(" "), " ", res.body.length);
    }
}
location /s { content_by_ts_block { ngx.print(new Uint8Array([0, 255, 254, 10])); } }
--- request
GET /main
--- response_body
0 255 254 10 4

=== through proxy_pass
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { return 200 "up: $request_uri $http_host"; } }
--- config
location /main { content_by_ts_block { ngx.say((await ngx.location.capture("/up/x?y=1")).body); } }
location /up/ { proxy_set_header Host backend.test; proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/; }
--- request
GET /main
--- response_body
up: /x?y=1 backend.test

=== in rewrite and access, with their own output afterwards
--- config
location /main {
    set $user "";
    rewrite_by_ts_block { ngx.var.user = (await ngx.location.capture("/who")).body; }
    access_by_ts_block { if ((await ngx.location.capture("/may/" + ngx.var.user)).status !== 200) ngx.exit(403); }
    content_by_ts_block { ngx.say("hello ", ngx.var.user); }
}
location /who { return 200 "$arg_x"; }
location /may/ann { return 200; }
--- request
GET /main
--- error_code: 403

=== in header_filter and body_filter
--- config
location / {
    header_filter_by_ts_block { ngx.header.content_length = undefined; ngx.header["X-Sub"] = (await ngx.location.capture("/s")).body; }
    body_filter_by_ts_block { if (ngx.arg[1] !== "") ngx.arg[1] = (await ngx.location.capture("/s")).body + ngx.arg[1]; }
}
location /s { return 200 "sub"; }
--- user_files
>>> f.txt
-file
--- request
GET /f.txt
--- response_headers
X-Sub: sub
--- response_body
sub-file

=== capture_multi answers in the order asked, and runs them side by side
--- config
location /main {
    content_by_ts_block {
        const before = ngx.now();
        const [a, b, c] = await ngx.location.capture_multi([
            ["/slow?n=a&t=0.3"], ["/slow?n=b&t=0.1", { args: "x=1" }], ["/slow?n=c&t=0.3"],
        ]);
        ngx.say(a.body, b.body, c.body, " ", ngx.now() - before < 0.59);
    }
}
location /slow { content_by_ts_block { await ngx.sleep(Number(ngx.var.arg_t)); ngx.print(ngx.var.arg_n, ngx.var.arg_x ?? ""); } }
--- request
GET /main
--- response_body
ab1c true

=== Promise.all of captures
--- config
location /main {
    content_by_ts_block {
        const all = await Promise.all(["a", "b", "c"].map((n) => ngx.location.capture("/s", { args: { n } })));
        ngx.say(all.map((res) => res.body).join(""));
    }
}
location /s { return 200 "$arg_n"; }
--- request
GET /main
--- response_body
abc

=== nested: a subrequest that captures
--- config
location ~ ^/n/(\d+)$ {
    content_by_ts_block {
        const n = Number(ngx.var[1]);
        if (n === 0) { ngx.print("0"); return; }
        ngx.print(n, " ", (await ngx.location.capture(`/n/${n - 1}`)).body);
    }
}
--- request
GET /n/5
--- response_body chomp
5 4 3 2 1 0

=== exec within a subrequest; a status that it comes to, without a page
--- config
location /main {
    content_by_ts_block {
        ngx.print((await ngx.location.capture("/exec")).body);
        const bad = await ngx.location.capture("/bad");
        ngx.say(bad.status, " [", bad.body, "] ", bad.truncated);
        ngx.say((await ngx.location.capture("/throws")).status);
    }
}
location /exec { content_by_ts_block { ngx.exec("/target"); } }
location /target { content_by_ts_block { ngx.say("target"); } }
location /bad { error_page 404 /own; content_by_ts_block { ngx.exit(404); } }
location /own { return 200 "own page"; }
location /throws { content_by_ts_block { throw new Error("within"); } }
--- request
GET /main
--- response_body
target
404 [] true
500
--- error_log
within

=== a uri that is not safe
--- config
location /main {
    content_by_ts_block {
        for (const uri of ["/../x", "x", "/a/../../b"]) {
            try { await ngx.location.capture(uri); ngx.say("no"); } catch (e) { ngx.say(e.message); }
        }
    }
}
--- request
GET /main
--- response_body
unsafe uri in argument #1: /../x
unsafe uri in argument #1: x
unsafe uri in argument #1: /a/../../b

=== options that are none
--- config
location /main {
    content_by_ts_block {
        const f = async (run: () => unknown) => { try { await run(); ngx.say("no"); } catch (e) { ngx.say(e.message); } };
        await f(() => ngx.location.capture("/s", { method: 3 }));
        await f(() => ngx.location.capture("/s", { share_all_vars: 1 as never }));
        await f(() => ngx.location.capture("/s", { ctx: 5 as never }));
        await f(() => ngx.location.capture(undefined as never));
        await f(() => ngx.location.capture_multi([]));
    }
}
--- request
GET /main
--- response_body
Bad http request method
Bad share_all_vars option value
Bad ctx option value type number, expected a Lua table
bad argument #1 to 'capture' (string expected, got undefined)
at least one subrequest should be specified

=== a capture that calls itself ends
--- config
location /main {
    content_by_ts_block {
        const res = await ngx.location.capture("/main").catch((e) => ({ status: 0, body: e.message }));
        ngx.print(res.status === 200 ? res.body : `end ${res.status}`);
    }
}
--- request
GET /main
--- response_body_like: ^end
--- error_log
subrequests cycle while processing "/main"

=== the client sees only the main request's status
--- config
location /main {
    content_by_ts_block { await ngx.location.capture("/s"); ngx.status = 201; ngx.say("main"); }
}
location /s { return 500; }
--- request
GET /main
--- error_code: 201
--- response_body
main

=== nothing can be smuggled into the request that an upstream gets
--- config
location /p { proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/seen; }
location /seen { return 200 "$request_uri $http_x_inj$http_a\n"; }
location = /capture {
    content_by_ts_block {
        const ask = async (uri, options) => {
            try { ngx.print((await ngx.location.capture(uri, options)).body); } catch (e) { ngx.say(e.message); }
        };
        await ask("/p", { method: "GET /x HTTP/1.1\r\nX-Inj: 1\r\n\r\nPUT" });
        await ask("/p", { method: "" });
        await ask("/p", { args: "a b\r\nX-Inj: 1\x7f" });
        await ask("/p?a HTTP/1.1\r\nX-Inj: 1");
        await ask("/p", { headers: { A: "1\r\nX-Inj: 2", "B\nX-Inj": "3" } });
    }
}
location = /exec { content_by_ts_block { ngx.exec("/p", "a b\r\nX-Inj: 1"); } }
location = /set {
    rewrite_by_ts_block {
        ngx.req.set_uri_args("a b\r\nX-Inj: 1");
        ngx.req.set_uri("/p d\r\nX-Inj: 1", true, true);
    }
}
--- request eval
["GET /capture", "GET /exec", "GET /set"]
--- response_body eval
["Bad http request method\nBad http request method\n/seen?a%20b%0D%0AX-Inj:%201%7F \n/seen?a%20HTTP/1.1%0D%0AX-Inj:%201 \n/seen 1%0D%0AX-Inj: 2\n", "/seen?a%20b%0D%0AX-Inj:%201 \n", "/seen%20d%0D%0AX-Inj:%201?a%20b%0D%0AX-Inj:%201 \n"]
