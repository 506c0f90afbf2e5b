# What is wrong in a script, and where: refused at the start, 500 at run time, calls that a phase has no place for.

=== a syntax error: directive, file, line and column
--- config
location /a {
    content_by_ts_block {
        const x = ;
    }
}
--- must_die
--- error_log
[emerg]
content_by_ts_block in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:6:19: unexpected ";"

=== a syntax error on the line of the brace
--- config
location /a { access_by_ts_block { const y = 1 +; } }
--- must_die
--- error_log
access_by_ts_block in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4:49: unexpected ";"

=== a syntax error behind imports
--- user_files
>>> lib.ts
export const x = 1;
--- config
location /a {
    content_by_ts_block { import { x } from "../html/lib.ts"; ngx.say(x x); }
}
--- must_die
--- error_log
content_by_ts_block in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:5:73: expected ")" but found "x"

=== a syntax error behind text that is not ASCII
--- config
location /a { content_by_ts_block { ngx.say("äöü€"); const = 1; } }
--- must_die
--- error_log
content_by_ts_block in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4:60: expected identifier but found "="

=== a syntax error in a second block
--- config
location /a {
    rewrite_by_ts_block { ngx.ctx.a = 1; }

    log_by_ts_block {

        if (ngx.ctx.a {
        }
    }
}
--- must_die
--- error_log
log_by_ts_block in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:9:23: expected ")" but found "{"

=== a syntax error in a file
--- user_files
>>> h.ts
export default function (ngx: Ngx) {
  return ngx.say("x"));
}
--- config
location /a { content_by_ts_file html/h.ts; }
--- must_die
--- error_log
html/h.ts:2:22: expected ";" but found ")"

=== a block that does not end
--- config
location /a { content_by_ts_block { ngx.say("x");
--- must_die
--- error_log
[emerg]

=== a throw is a 500, and a line that says where
--- config
location /a {
    content_by_ts_block {
        ngx.say("never sent");
        throw new Error("boom");
    }
}
--- request
GET /a
--- error_code: 500
--- response_body_like: 500 Internal Server Error
--- error_log eval
/\[error\] \d+#\d+: \*\d+ \[ts\] content_by_ts\(nginx\.conf:7:15\): boom, client: 127\.0\.0\.1, server: localhost, request: "GET \/a HTTP\/1\.1", host: "localhost"/

=== a syntax error in a reload leaves what was
--- config
location /a { content_by_ts_block { ngx.say(1 2); } }
--- reload_fails
--- request
GET /a
--- error_code: 500
--- error_log
[emerg]
content_by_ts_block in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4:47: expected ")" but found "2"

=== a stack, mapped: blocks, files, names
--- user_files
>>> lib.ts
export interface Unused { readonly a: string }

export function fail(what: string): never {
  throw new RangeError(`no ${what}`);
}
--- config
location /a {
    content_by_ts_block {
        import { fail } from "../html/lib.ts";
        const outer = (): void => { fail("luck"); };
        outer();
    }
}
--- request
GET /a
--- error_code: 500
--- error_log eval
["[ts] content_by_ts(html/lib.ts:4:9): RangeError: no luck", "at fail (html/lib.ts:4:9)", "at outer (nginx.conf:7:37)", "(nginx.conf:8:9)"]

=== an error after a wait
--- config
location /a {
    access_by_ts_block {
        await ngx.sleep(0.001);
        (undefined as never as { x: number }).x;
    }
    content_by_ts_block { ngx.say("no"); }
}
--- request
GET /a
--- error_code: 500
--- error_log
[ts] access_by_ts(nginx.conf:7:47): TypeError: Cannot read properties of undefined (reading 'x')

=== an error in each phase
--- config
location /rewrite { rewrite_by_ts_block { throw new Error("in rewrite"); } content_by_ts_block { ngx.say("no"); } }
location /access { access_by_ts_block { throw new Error("in access"); } content_by_ts_block { ngx.say("no"); } }
location /precontent { precontent_by_ts_block { throw new Error("in precontent"); } content_by_ts_block { ngx.say("no"); } }
location /content { content_by_ts_block { throw new Error("in content"); } }
location /header { header_filter_by_ts_block { throw new Error("in header_filter"); } content_by_ts_block { ngx.say("no"); } }
location /log { log_by_ts_block { throw new Error("in log"); } content_by_ts_block { ngx.say("yes"); } }
--- request eval
["GET /rewrite", "GET /access", "GET /precontent", "GET /content", "GET /header", "GET /log"]
--- error_code eval
[500, 500, 500, 500, 500, 200]
--- error_log
rewrite_by_ts(nginx.conf:4:49): in rewrite
access_by_ts(nginx.conf:5:47): in access
precontent_by_ts(nginx.conf:6:55): in precontent
content_by_ts(nginx.conf:7:49): in content
header_filter_by_ts(nginx.conf:8:54): in header_filter
log_by_ts(nginx.conf:9:41): in log

=== an error in a body filter closes the connection
--- config
location /a {
    ts_http10_buffering off; content_by_ts_block { ngx.print("one"); await ngx.flush(true); ngx.print("two"); }
    body_filter_by_ts_block { if (ngx.arg[1] === "two") throw new Error("in body_filter"); }
}
--- raw_request eval
"GET /a HTTP/1.0\r\n\r\n"
--- response_body chomp
one
--- error_log
body_filter_by_ts(nginx.conf:6:63): in body_filter

=== errors at the start of a worker are logged, and it goes on
--- http_config
init_by_ts_block { throw new Error("in init"); }
init_worker_by_ts_block { await null; throw new Error("in init_worker"); }
--- config
location /a { content_by_ts_block { ngx.say("serves"); } }
--- request
GET /a
--- response_body
serves
--- error_log
init_by_ts(nginx.conf:3:26): in init
init_worker_by_ts(nginx.conf:4:45): in init_worker

=== error_page for a 500 of a script
--- config
error_page 500 /oops;
location /oops { internal; return 200 "sorry\n"; }
location /a { content_by_ts_block { throw new Error("boom"); } }
--- request
GET /a
--- error_code: 500
--- response_body
sorry
--- error_log
boom

=== anything may be thrown
--- config
location ~ ^/(\d)$ {
    content_by_ts_block {
        switch (ngx.var[1]) {
            case "1": throw "a string";
            case "2": throw { a: 1 };
            case "3": throw undefined;
            case "4": throw null;
            case "5": throw Object.create(null);
            case "6": throw new (class Own extends Error { override name = "Own"; })("of a class");
            case "7": await Promise.reject(7);
        }
    }
}
--- request eval
["GET /1", "GET /2", "GET /3", "GET /4", "GET /5", "GET /6", "GET /7"]
--- error_code eval
[500, 500, 500, 500, 500, 500, 500]
--- error_log
: a string,
: { a: 1 },
: undefined,
: null,
: Own: of a class,
: 7,

=== what the API throws has a name, a code, and Lua's message
--- config
location /a {
    content_by_ts_block {
        try { ngx.var.nothing_here = 1; } catch (e) { ngx.say(e.name, " ", e instanceof Error, " ", e.code.slice(0, 21)); }
    }
}
--- request
GET /a
--- response_body
NgxError true VARIABLE_NOTHING_HERE

=== a call that a phase has no place for: log
--- config
location /a {
    content_by_ts_block { ngx.say("ok"); }
    log_by_ts_block {
        const calls: Record<string, () => unknown> = {
            say: () => ngx.say("x"), flush: () => ngx.flush(true), exit: () => ngx.exit(200), exec: () => ngx.exec("/b"),
            redirect: () => ngx.redirect("/b"), eof: () => ngx.eof(), send_headers: () => ngx.send_headers(),
            capture: () => ngx.location.capture("/b"), read_body: () => ngx.req.read_body(), set_uri: () => ngx.req.set_uri("/b"),
            set_header: () => ngx.req.set_header("a", "b"), arg: () => ngx.arg[1],
        };
        for (const [name, f] of Object.entries(calls)) {
            try { f(); ngx.log(ngx.NOTICE, "phase ", name, " allowed"); } catch (e) { ngx.log(ngx.NOTICE, "phase ", name, ": ", e.message, ";"); }
        }
    }
}
--- request
GET /a
--- response_body
ok
--- grep_error_log eval
/phase \w+[: ].*?;/g
--- grep_error_log_out
phase say: API disabled in the context of log_by_ts*;
phase flush: API disabled in the context of log_by_ts*;
phase exit: API disabled in the context of log_by_ts*;
phase exec: API disabled in the context of log_by_ts*;
phase redirect: API disabled in the context of log_by_ts*;
phase eof: API disabled in the context of log_by_ts*;
phase send_headers: API disabled in the context of log_by_ts*;
phase capture: API disabled in the context of log_by_ts*;
phase read_body: API disabled in the context of log_by_ts*;
phase set_uri: API disabled in the context of log_by_ts*;
phase set_header: API disabled in the context of log_by_ts*;
phase arg: API disabled in the context of log_by_ts*;

=== calls that a header filter and a body filter have no place for
--- config
location /a {
    content_by_ts_block { ngx.say("ok"); }
    header_filter_by_ts_block {
        const seen: string[] = [];
        for (const f of [() => ngx.say("x"), () => ngx.redirect("/"), () => ngx.exec("/"), () => ngx.arg[1], () => ngx.req.read_body()]) {
            try { f(); seen.push("allowed"); } catch (e) { seen.push(e.message); }
        }
        ngx.header["X-Seen"] = [...new Set(seen)];
    }
    body_filter_by_ts_block {
        if (ngx.arg[2]) return;
        for (const f of [() => ngx.say("x"), () => ngx.exit(500), () => ngx.flush(), () => ngx.send_headers()]) {
            try { f(); ngx.log(ngx.ERR, "allowed"); } catch (e) { ngx.log(ngx.NOTICE, e.message); }
        }
    }
}
--- request
GET /a
--- response_body
ok
--- response_headers
X-Seen: API disabled in the context of header_filter_by_ts*
--- no_error_log
allowed

=== ngx.arg belongs to body filters
--- config
location /a { content_by_ts_block { try { ngx.arg[1]; } catch (e) { ngx.say(e.message); } } }
--- request
GET /a
--- response_body
API disabled in the context of content_by_ts*

=== one that is not caught is a 500 with the place of the call
--- config
location /a {
    content_by_ts_block {
        ngx.say(ngx.arg[1]);
    }
}
--- request
GET /a
--- error_code: 500
--- error_log
content_by_ts(nginx.conf:6:21): API disabled in the context of content_by_ts*

=== a directive where it is not allowed, and without what it needs
--- config
content_by_ts_block { ngx.say("x"); }
--- must_die
--- error_log
"content_by_ts_block" directive is not allowed here in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== a directive without a block
--- config
location /a { content_by_ts_block "ngx.say(1)"; }
--- must_die
--- error_log
[emerg]
content_by_ts_block

=== a flag that is none
--- config
location /a { ts_need_request_body maybe; content_by_ts_block { } }
--- must_die
--- error_log
invalid value "maybe" in "ts_need_request_body" directive, it must be "on" or "off" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4
