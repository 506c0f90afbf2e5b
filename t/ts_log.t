# ngx.log and console: lines of the error log.

=== each level, with the place of the call
--- api: ngx.log
--- log_level: debug
--- config
location /a {
    content_by_ts_block {
        ngx.log(ngx.DEBUG, "at debug");
        ngx.log(ngx.INFO, "at info");
        ngx.log(ngx.NOTICE, "at notice");
        ngx.log(ngx.WARN, "at warn");
        ngx.log(ngx.ERR, "at err");
    }
}
--- request
GET /a
--- error_log eval
[/\[debug\] .*\[ts\] content_by_ts\(nginx\.conf:6:\d+\): at debug, client: /, /\[info\] .*nginx\.conf:7:\d+\): at info/, /\[notice\] .*nginx\.conf:8:\d+\): at notice/, /\[warn\] .*nginx\.conf:9:\d+\): at warn/, /\[error\] .*nginx\.conf:10:\d+\): at err, client: 127\.0\.0\.1, server: localhost, request: "GET \/a HTTP\/1\.1", host: "localhost"/]

=== crit and alert
--- config
location /a { content_by_ts_block { ngx.log(ngx.CRIT, "at crit"); ngx.log(ngx.ALERT, "at alert"); ngx.log(ngx.EMERG, "at emerg"); } }
--- request
GET /a
--- error_log eval
[/\[crit\] .*at crit/, /\[alert\] .*at alert/, /\[emerg\] .*at emerg/]

=== STDERR has no name, and every error log takes it
--- log_level: emerg
--- config
location /a {
    content_by_ts_block { ngx.log(ngx.STDERR, "at stderr"); ngx.timer.at(0, () => ngx.log(ngx.STDERR, "in a timer")); }
}
--- request
GET /a
--- error_log eval
[/ \[\] \d+#\d+: \*\d+ \[ts\] content_by_ts\(nginx\.conf:\d+:\d+\): at stderr, client: /, / \[\] .*in a timer/]

=== what is below the level of error_log is not written
--- log_level: warn
--- config
location /a {
    content_by_ts_block { ngx.log(ngx.NOTICE, "too quiet"); console.log("as quiet"); ngx.log(ngx.WARN, "loud enough"); }
}
location /b {
    error_log logs/error.log notice;
    content_by_ts_block { ngx.log(ngx.NOTICE, "heard here"); }
}
--- request eval
["GET /a", "GET /b"]
--- error_log
loud enough
heard here
--- no_error_log
too quiet
as quiet

=== values of all kinds
--- config
location /a {
    content_by_ts_block { ngx.log(ngx.NOTICE, "values: ", 1, " ", 2.5, " ", true, " ", null, " ", undefined, " ", { a: [1, "b"] }, " ", [3]); }
}
--- request
GET /a
--- error_log
values: 1 2.5 true null undefined { a: [ 1, "b" ] } [ 3 ]

=== a level that is none
--- config
location /a { content_by_ts_block { for (const level of [9, -1, "x", undefined]) try { ngx.log(level as never, "x"); } catch (e) { ngx.say(e.message); } } }
--- request
GET /a
--- response_body
bad log level: 9
bad log level: -1
bad log level: string
bad log level: undefined

=== console
--- config
location /a {
    content_by_ts_block {
        console.log("log %s %d", "text", 42, { a: 1 });
        console.info("info line"); console.warn("warn line"); console.error(new Error("an error").message);
        console.assert(1 === 1, "not this"); console.assert(false, "this");
    }
}
--- request
GET /a
--- error_log eval
[/\[notice\] .*nginx\.conf:6:\d+\): log text 42 \{ a: 1 \}/, /\[info\] .*info line/, /\[warn\] .*warn line/, /\[error\] .*an error/, /Assertion failed: this/]
--- no_error_log
not this

=== from a module, and from a timer
--- user_files
>>> lib.ts
export function note(): void {
  ngx.log(ngx.NOTICE, "from the module");
}
--- config
location /a {
    content_by_ts_block {
        import { note } from "../html/lib.ts";
        note();
        ngx.timer.at(0, () => { ngx.log(ngx.NOTICE, "from the timer"); });
        ngx.say("ok");
    }
}
--- request
GET /a
--- response_body
ok
--- error_log eval
[/html\/lib\.ts:2:7\)?: from the module/, /nginx\.conf:8:\d+\): from the timer/]

=== a line keeps its line ends to itself
--- config
location /a { content_by_ts_block { ngx.log(ngx.WARN, "one\ntwo"); ngx.say("ok"); } }
--- request
GET /a
--- response_body
ok
--- error_log
one
