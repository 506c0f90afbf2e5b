# ngx.errlog: what has been logged lately, and lines without a place.

=== get_logs: level, time and line of what was logged, and then no more
--- api: ngx.errlog.get_logs
--- http_config
ts_capture_error_log 32k;
--- config
location /a {
    content_by_ts_block {
        ngx.errlog.get_logs(0);
        const from = ngx.now();
        ngx.log(ngx.ERR, "first");
        ngx.log(ngx.WARN, "second ä");
        const logs = ngx.errlog.get_logs();
        ngx.say(logs.length, " ", logs[0], " ", logs[3], " ", logs[1] >= from && logs[1] <= ngx.now());
        ngx.say(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[error\] \d+#\d+: \*\d+ \[ts\] content_by_ts\(nginx\.conf:\d+:\d+\): first, client: 127\.0\.0\.1, server: localhost, request: "GET \/a HTTP\/1\.1"/.test(logs[2]));
        ngx.say(/\[warn\] .*: second ä, client/.test(logs[5]));
        ngx.say(ngx.errlog.get_logs().length);
    }
}
--- request
GET /a
--- response_body
6 4 5 true
true
true
0

=== get_logs: at most ten unless told otherwise, the oldest first
--- http_config
ts_capture_error_log 32k;
--- config
location /a {
    content_by_ts_block {
        ngx.errlog.get_logs(0);
        const numbers = (logs) => logs.filter((_, i) => i % 3 === 2).map((line) => /line (\d+)/.exec(line)[1]).join();
        for (let i = 1; i <= 15; i++) ngx.log(ngx.ERR, "line ", i);
        ngx.say(numbers(ngx.errlog.get_logs(3)));
        ngx.say(numbers(ngx.errlog.get_logs()));
        ngx.say(numbers(ngx.errlog.get_logs()));
        for (let i = 1; i <= 12; i++) ngx.log(ngx.ERR, "line ", i);
        ngx.say(numbers(ngx.errlog.get_logs(0)));
    }
}
--- request
GET /a
--- response_body
1,2,3
4,5,6,7,8,9,10,11,12,13
14,15
1,2,3,4,5,6,7,8,9,10,11,12

=== also what nginx's own parts log
--- http_config
ts_capture_error_log 32k;
--- config
location /missing { root $TEST_NGINX_SERVER_ROOT/nowhere; }
location /a {
    content_by_ts_block {
        ngx.errlog.get_logs(0);
        await ngx.location.capture("/missing/x");
        const logs = ngx.errlog.get_logs();
        ngx.say(logs.length, " ", logs[2].includes("No such file or directory"));
    }
}
--- request
GET /a
--- response_body
3 true

=== lines that error_log does not take are not kept either
--- log_level: warn
--- http_config
ts_capture_error_log 32k;
--- config
location /a {
    content_by_ts_block {
        ngx.errlog.get_logs(0);
        ngx.log(ngx.INFO, "too light");
        ngx.log(ngx.WARN, "heavy");
        ngx.say(ngx.errlog.get_logs().length);
    }
}
--- request
GET /a
--- response_body
3

=== set_filter_level
--- api: ngx.errlog.set_filter_level
--- http_config
ts_capture_error_log 32k;
--- config
location /a {
    content_by_ts_block {
        const { errlog } = ngx;
        errlog.get_logs(0);
        ngx.say(errlog.set_filter_level(ngx.WARN));
        ngx.log(ngx.INFO, "info");
        ngx.log(ngx.WARN, "warn");
        ngx.log(ngx.ERR, "err");
        ngx.say(errlog.get_logs().filter((_, i) => i % 3 === 0).join());
        errlog.set_filter_level(ngx.DEBUG);
        ngx.log(ngx.INFO, "info");
        ngx.say(errlog.get_logs()[0]);
    }
}
--- request
GET /a
--- response_body
true
5,4
7

=== set_filter_level: what is no level
--- http_config
ts_capture_error_log 32k;
--- config
location /a {
    content_by_ts_block {
        for (const level of [undefined, -1, 9, 1.5, "4"]) {
            try { ngx.errlog.set_filter_level(level); ngx.say("no"); } catch (e) { ngx.say(e.message); }
        }
    }
}
--- request
GET /a
--- response_body
missing "level" argument
bad log level: -1
bad log level: 9
bad log level: 1.5
bad log level: string

=== the oldest lines make room
--- http_config
ts_capture_error_log 4k;
--- config
location /a {
    content_by_ts_block {
        ngx.errlog.get_logs(0);
        for (let i = 0; i < 40; i++) ngx.log(ngx.ERR, "line ", i, " ", "x".repeat(200));
        const logs = ngx.errlog.get_logs(0);
        const kept = logs.length / 3;
        ngx.say(kept > 5 && kept < 20, " ", logs.at(-1).includes("line 39 "), " ", logs[2].includes(`line ${40 - kept} `));
    }
}
--- request
GET /a
--- response_body
true true true

=== without ts_capture_error_log
--- config
location /a {
    content_by_ts_block {
        const { errlog } = ngx;
        for (const call of [() => errlog.get_logs(), () => errlog.set_filter_level(ngx.ERR)]) {
            try { call(); ngx.say("no"); } catch (e) { ngx.say(e.message); }
        }
    }
}
--- request
GET /a
--- response_body
directive "ts_capture_error_log" is not set
directive "ts_capture_error_log" is not set

=== what others log is not for an isolate of its own
--- http_config
ts_capture_error_log 32k;
--- config
location /a {
    ts_isolate tenant;
    content_by_ts_block {
        try { ngx.errlog.get_logs(); ngx.say("no"); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- response_body
directive "ts_capture_error_log" is not set

=== a size below 4096
--- http_config
ts_capture_error_log 3k;
--- config
--- must_die
--- error_log
invalid capture error log size "3k", minimum size is 4096

=== no size
--- http_config
ts_capture_error_log;
--- config
--- must_die
--- error_log
invalid number of arguments in "ts_capture_error_log" directive

=== get_sys_filter_level: that of the location
--- api: ngx.errlog.get_sys_filter_level
--- config
location /a {
    error_log logs/a.log warn;
    content_by_ts_block { ngx.say(ngx.errlog.get_sys_filter_level()); }
}
location /b {
    error_log logs/a.log error;
    error_log logs/b.log debug;
    content_by_ts_block { ngx.say(ngx.errlog.get_sys_filter_level()); }
}
--- request eval
["GET /a", "GET /b"]
--- response_body eval
["5\n", "8\n"]

=== raw_log: no place in front
--- api: ngx.errlog.raw_log
--- config
location /a {
    content_by_ts_block {
        ngx.errlog.raw_log(ngx.ERR, "as it is ä");
        ngx.say("ok");
    }
}
--- request
GET /a
--- response_body
ok
--- error_log eval
/\[error\] \d+#\d+: \*\d+ as it is \xc3\xa4, client: 127\.0\.0\.1/

=== raw_log: a level that error_log does not take
--- log_level: error
--- config
location /a {
    content_by_ts_block { ngx.errlog.raw_log(ngx.WARN, "too light for it"); ngx.say("ok"); }
}
--- request
GET /a
--- response_body
ok
--- no_error_log
too light for it

=== raw_log: bad arguments
--- config
location /a {
    content_by_ts_block {
        for (const args of [["4", "x"], [ngx.ERR, 123], [ngx.ERR], [9, "x"], [-1, "x"]]) {
            try { ngx.errlog.raw_log(...args); ngx.say("no"); } catch (e) { ngx.say(e.message); }
        }
    }
}
--- request
GET /a
--- response_body
bad argument #1 to 'raw_log' (must be a number)
bad argument #2 to 'raw_log' (must be a string)
bad argument #2 to 'raw_log' (must be a string)
bad log level
bad log level

=== raw_log where there is no request
--- http_config
init_worker_by_ts_block { ngx.errlog.raw_log(ngx.ERR, "from init_worker"); }
--- config
location /a { return 204; }
--- request
GET /a
--- error_code: 204
--- error_log eval
/\[error\] \d+#\d+: from init_worker, context: init_worker_by_ts\*$/m
