# ngx.var and ngx.ctx.

=== variables are read: built-in, of the request, set in the configuration, captured
--- api: ngx.var.VARIABLE
--- config
set $own "v";
location ~ ^/a/(\d+)(?:/(?<rest>.*))?$ {
    content_by_ts_block {
        const v = ngx.var;
        ngx.say(v.uri, " ", v.request_method, " ", v.arg_x, " ", v.http_x_y, " ", v.own);
        ngx.say(v[0], " ", v[1], " ", v[2], " ", v.rest, " ", v[3], " ", v.nothing_like_it);
    }
}
--- request
GET /a/12/z%20y?x=q
--- more_headers
X-Y: header
--- response_body
/a/12/z y GET q header v
undefined 12 z y z y undefined undefined

=== an unset variable is undefined, an empty one is empty
--- config
location /a {
    set $empty "";
    content_by_ts_block {
        ngx.say(typeof ngx.var.arg_x, " ", typeof ngx.var.http_nope, " ", typeof ngx.var.cookie_c);
        ngx.say(typeof ngx.var.empty, " ", ngx.var.empty === "");
    }
}
--- request
GET /a
--- response_body
undefined undefined undefined
string true

=== names are looked up in any case
--- config
location /a { content_by_ts_block { ngx.say(ngx.var.URI, " ", ngx.var.Request_Method); } }
--- request
GET /a
--- response_body
/a GET

=== variables are written, and seen by the configuration
--- config
location /a {
    set $x 1;
    set $y 1;
    rewrite_by_ts_block { ngx.var.x = 41 + 1; ngx.var.y = true; }
    return 200 "unused";
}
location /b {
    set $x 1;
    access_by_ts_block { ngx.var.x = "äöü"; }
    add_header X-X $x;
    content_by_ts_block { ngx.say(ngx.var.x); }
}
--- request
GET /b
--- response_body
äöü
--- response_headers
X-X: äöü

=== undefined empties a variable
--- config
location /a {
    set $x 1;
    content_by_ts_block { ngx.var.x = undefined; ngx.say("[", ngx.var.x ?? "", "]"); }
}
--- request
GET /a
--- response_body
[]

=== writing $args changes the arguments, $limit_rate and the like are taken
--- config
location /a {
    content_by_ts_block {
        ngx.var.args = "b=2&c=3";
        ngx.say(ngx.var.args, " ", ngx.var.arg_b, " ", ngx.req.get_uri_args().c, " ", ngx.var.arg_a);
    }
}
--- request
GET /a?a=1
--- response_body
b=2&c=3 2 3 undefined

=== a variable that nobody defined cannot be written
--- config
location /a { content_by_ts_block { ngx.var.nobody = 1; } }
--- request
GET /a
--- error_code: 500
--- error_log
variable "nobody" not found for writing; maybe it is a built-in variable that is not changeable or you forgot to use "set $nobody '';" in the config file to define it first

=== nor can an argument, a header or a cookie
--- config
location /t {
    content_by_ts_block {
        for (const name of ["arg_zone", "http_zone", "cookie_zone"]) {
            try {
                ngx.var[name] = "x";
            } catch (e) {
                ngx.say(e.message.slice(0, 50));
            }
        }
    }
}
--- request
GET /t?zone=1
--- response_body
variable "arg_zone" not found for writing; maybe i
variable "http_zone" not found for writing; maybe 
variable "cookie_zone" not found for writing; mayb

=== $args that were emptied are empty, those that were not there are none
--- config
location /t {
    content_by_ts_block {
        const show = () => ngx.say(`[${ngx.var.args}] [${ngx.var.query_string}] [${ngx.var.is_args}]`);
        show();
        ngx.req.set_uri_args("");
        show();
        ngx.var.args = "b=2";
        show();
        ngx.var.args = "";
        show();
        ngx.var.args = undefined;
        show();
    }
}
--- request eval
["GET /t", "GET /t?a=1"]
--- response_body eval
["[undefined] [undefined] []\n[] [] []\n[b=2] [b=2] [?]\n[] [] []\n[undefined] [undefined] []\n",
 "[a=1] [a=1] [?]\n[] [] []\n[b=2] [b=2] [?]\n[] [] []\n[undefined] [undefined] []\n"]

=== a built-in variable cannot be written; the error can be caught
--- config
location /a {
    content_by_ts_block {
        try { ngx.var.host = "x"; } catch (e) { ngx.say(e.name, ": ", e.message); }
    }
}
--- request
GET /a
--- response_body
NgxError: variable "host" not changeable

=== an object is no variable's value
--- config
location /a {
    set $x "";
    content_by_ts_block {
        try { ngx.var.x = { a: 1 }; } catch (e) { ngx.say(e instanceof Error, " ", ngx.var.x === ""); }
    }
}
--- request
GET /a
--- response_body
true true

=== map, geo and other computed variables are asked for when they are read
--- http_config
map $x $mapped { default none; a is-a; b is-b; }
--- config
location /a {
    set $x "";
    content_by_ts_block {
        ngx.var.x = "b";
        ngx.say(ngx.var.mapped);
    }
}
--- request
GET /a
--- response_body
is-b

=== variables of the response, in log
--- config
location /a {
    content_by_ts_block { ngx.status = 201; ngx.header["X-Y"] = "z"; ngx.say("12345"); }
    log_by_ts_block {
        ngx.log(ngx.NOTICE, [ngx.var.status, ngx.var.sent_http_x_y, ngx.var.body_bytes_sent, ngx.var.request_completion].join("|"));
    }
}
--- request
GET /a
--- error_code: 201
--- error_log
201|z|6|OK

=== ngx.ctx lasts from phase to phase
--- api: ngx.ctx
--- config
location /a {
    rewrite_by_ts_block { ngx.ctx.foo = 76; }
    access_by_ts_block { ngx.ctx.foo = ngx.ctx.foo + 3; }
    content_by_ts_block { ngx.say(ngx.ctx.foo); }
}
--- request
GET /a
--- response_body
79

=== each request has a ctx of its own
--- config
location /a { content_by_ts_block { ngx.say(ngx.ctx.n ?? "none"); ngx.ctx.n = 1; } }
--- pipelined_requests eval
["GET /a", "GET /a"]
--- response_body eval
["none\n", "none\n"]

=== ngx.ctx takes anything, functions too, and may be replaced
--- config
location /a {
    rewrite_by_ts_block { ngx.ctx = { f: (x: number) => x * 2, m: new Map([["k", 21]]) }; }
    content_by_ts_block { ngx.say(ngx.ctx.f(ngx.ctx.m.get("k"))); }
}
--- request
GET /a
--- response_body
42

=== ngx.ctx takes no number
--- config
location /a {
    content_by_ts_block {
        try { ngx.ctx = 5; } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- response_body
ctx should be a table while getting a number

=== a subrequest has a ctx of its own
--- config
location /sub {
    content_by_ts_block { ngx.print("sub: ", ngx.ctx.blah ?? "none"); ngx.ctx.blah = 32; ngx.say(" ", ngx.ctx.blah); }
}
location /main {
    content_by_ts_block {
        ngx.ctx.blah = 73;
        ngx.say("main pre: ", ngx.ctx.blah);
        const res = await ngx.location.capture("/sub");
        ngx.print(res.body);
        ngx.say("main post: ", ngx.ctx.blah);
    }
}
--- request
GET /main
--- response_body
main pre: 73
sub: none 32
main post: 73

=== an internal redirect begins with an empty ctx
--- config
location /new {
    rewrite_by_ts_block { ngx.ctx.bar = "hello"; }
    content_by_ts_block { ngx.say(ngx.ctx.foo ?? "none", " ", ngx.ctx.bar); }
}
location /orig {
    rewrite_by_ts_block { ngx.ctx.foo = 13; ngx.exec("/new"); }
}
location /err {
    error_page 404 /new;
    content_by_ts_block { ngx.ctx.foo = 14; ngx.exit(404); }
}
--- request eval
["GET /orig", "GET /err"]
--- error_code eval
[200, 404]
--- response_body eval
["none hello\n", "none hello\n"]

=== without a request there are no variables, and the ctx is nobody's
--- http_config
init_worker_by_ts_block {
    globalThis.seen = [];
    try { globalThis.seen.push(ngx.var.uri); } catch (e) { globalThis.seen.push(e.message); }
    try { globalThis.seen.push(ngx.req.get_method()); } catch (e) { globalThis.seen.push(e.message); }
    try { ngx.say("x"); } catch (e) { globalThis.seen.push(e.message); }
}
--- config
location /a { content_by_ts_block { ngx.say(globalThis.seen.join("\n")); } }
--- request
GET /a
--- response_body
no request found
no request found
no request found

=== reflection finds nothing behind ngx
--- config
location /a {
    content_by_ts_block {
        const own = [ngx, ngx.var, ngx.req, ngx.header].map((x) => Reflect.ownKeys(x).length);
        ngx.say(own.join(" "), " ", typeof globalThis.process, " ", typeof globalThis.require);
    }
}
--- request
GET /a
--- response_body
0 0 0 0 undefined undefined

=== get_ctx_table: ngx.ctx, made of a table that is given where there is none yet
--- api: resty.core.ctx.get_ctx_table
--- config
location /t {
    rewrite_by_ts_block {
        const own = { made: "here" };
        ngx.say(ngx.get_ctx_table(own) === own, ngx.ctx === own, ngx.get_ctx_table({}) === own);
    }
}
location /u {
    content_by_ts_block {
        try { ngx.get_ctx_table(7 as any); } catch (e) { ngx.say(e.message); }
        ngx.get_ctx_table().x = 1;
        ngx.say(ngx.ctx.x, " ", ngx.get_ctx_table() === ngx.ctx);
    }
}
--- request eval
["GET /t", "GET /u"]
--- response_body eval
["truetruetrue\n", "ctx should be a table while getting a number\n1 true\n"]

=== a variable of a header is what the header is now, also where the configuration uses it
--- http_config
map $http_x_twice $mapped { default none; two second; }
--- config
location /t {
    add_header X-Mapped $mapped;
    content_by_ts_block {
        const seen: unknown[] = [];
        const look = () => seen.push([ngx.var.http_x_once, ngx.var.http_x_twice, ngx.var.cookie_a, ngx.var.sent_http_content_type].join());
        look();
        ngx.req.set_header("X-Once", "one");
        ngx.req.set_header("X-Twice", "two");
        ngx.req.set_header("Cookie", "a=b");
        ngx.header.content_type = "text/x";
        look();
        for (const name of ["X-Once", "X-Twice", "Cookie"]) ngx.req.clear_header(name);
        look();
        ngx.say(seen.join("\n"));
    }
}
--- request
GET /t
--- response_body
,,,
one,two,b,text/x
,,,text/x
