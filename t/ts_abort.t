# The client goes away: ts_check_client_abort and ngx.on_abort.

=== with ts_check_client_abort the request ends, and what it waited for
--- config
location /a {
    ts_check_client_abort on;
    content_by_ts_block { await ngx.sleep(0.6); ngx.log(ngx.ERR, "went on"); }
    log_by_ts_block { ngx.log(ngx.NOTICE, "ended with ", ngx.var.status); }
}
--- request
GET /a
--- timeout: 0.2
--- abort
--- ignore_response
--- error_log
ended with 499
--- no_error_log
went on

=== without it the block runs to its end
--- config
location /a { content_by_ts_block { await ngx.sleep(0.4); ngx.log(ngx.NOTICE, "went on"); ngx.say("to nobody"); } }
--- request
GET /a
--- timeout: 0.2
--- abort
--- ignore_response
--- error_log
went on

=== without it a flush says that nobody is there any more; uncaught that is no error
--- config
location /caught {
    content_by_ts_block {
        try {
            for (let pause = 0.2; ; pause *= 1.5) { ngx.say("tick"); await ngx.flush(true); await ngx.sleep(pause); }
        } catch (e) {
            ngx.log(ngx.NOTICE, "caught ", e.message, " ", e.code);
            await ngx.sleep(0.02);
            ngx.say("to nobody");
            ngx.log(ngx.NOTICE, "went on");
        }
    }
}
location /uncaught {
    content_by_ts_block {
        for (let pause = 0.2; ; pause *= 1.5) { ngx.say("tick"); await ngx.flush(true); await ngx.sleep(pause); }
    }
    log_by_ts_block { ngx.log(ngx.NOTICE, "ended: ", ngx.var.status); }
}
--- request eval
["GET /caught", "GET /uncaught"]
--- timeout: 0.15
--- abort
--- ignore_response
--- error_log eval
[
    "caught nginx output filter error NGINX_OUTPUT_FILTER_ERROR",
    "went on",
    /\[info\] .* nginx output filter error, client: .* "GET \/uncaught/,
    "ended: 200",
]
--- no_error_log
[error]

=== with an on_abort that does not exit, a flush that waits is told
--- config
location /a {
    ts_check_client_abort on;
    content_by_ts_block {
        ngx.on_abort(() => { ngx.log(ngx.NOTICE, "on abort called"); });
        try {
            for (;;) { ngx.say("x".repeat(1e6)); await ngx.flush(true); }
        } catch (e) {
            ngx.log(ngx.NOTICE, "flush says ", e.message);
        }
    }
    log_by_ts_block { ngx.log(ngx.NOTICE, "logged"); }
}
location /b {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
        await sock.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
        await sock.receive();
        await ngx.sleep(0.3);
        sock.close(); // with what has come and was not read: a reset
        ngx.say("closed");
    }
}
--- request
GET /b
--- response_body
closed
--- error_log
on abort called
flush says client aborted
logged

=== on_abort is called, and may end the request
--- api: ngx.on_abort
--- config
location /a {
    ts_check_client_abort on;
    content_by_ts_block {
        ngx.on_abort(() => { ngx.log(ngx.NOTICE, "on abort called"); ngx.exit(499); });
        await ngx.sleep(0.6);
        ngx.log(ngx.ERR, "went on");
    }
}
--- request
GET /a
--- timeout: 0.2
--- abort
--- ignore_response
--- error_log
on abort called
--- no_error_log
went on

=== on_abort takes one function
--- config
location /a {
    ts_check_client_abort on;
    content_by_ts_block {
        try { ngx.on_abort(1 as never); } catch (e) { ngx.say(e.message); }
        ngx.on_abort(() => {});
        try { ngx.on_abort(() => {}); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- response_body
function expected
duplicate call

=== on_abort that does not exit lets the block go on
--- config
location /a {
    ts_check_client_abort on;
    content_by_ts_block {
        ngx.on_abort(() => { ngx.log(ngx.NOTICE, "on abort called"); });
        await ngx.sleep(0.4);
        ngx.log(ngx.NOTICE, "went on");
    }
}
--- request
GET /a
--- timeout: 0.2
--- abort
--- ignore_response
--- error_log
on abort called
went on

=== on_abort without ts_check_client_abort
--- config
location /a {
    content_by_ts_block { try { ngx.on_abort(() => {}); ngx.say("no"); } catch (e) { ngx.say(e.message); } }
}
--- request
GET /a
--- response_body
ts_check_client_abort is off

=== on_abort in each phase that has it; each phase has its own
--- config
location /rewrite { ts_check_client_abort on; rewrite_by_ts_block { ngx.on_abort(() => { ngx.log(ngx.NOTICE, "in rewrite"); ngx.exit(499); }); await ngx.sleep(0.6); } content_by_ts_block { ngx.log(ngx.ERR, "went on"); } log_by_ts_block { ngx.log(ngx.NOTICE, "rewrite ended with ", ngx.var.status); } }
location /access { ts_check_client_abort on; rewrite_by_ts_block { ngx.on_abort(() => ngx.log(ngx.ERR, "wrong one")); } access_by_ts_block { await ngx.sleep(0.6); } content_by_ts_block { ngx.log(ngx.ERR, "went on"); } log_by_ts_block { ngx.log(ngx.NOTICE, "access ended with ", ngx.var.status); } }
location /precontent { ts_check_client_abort on; precontent_by_ts_block { ngx.on_abort(() => { ngx.log(ngx.NOTICE, "in precontent"); ngx.exit(408); }); await ngx.sleep(0.6); } content_by_ts_block { ngx.log(ngx.ERR, "went on"); } log_by_ts_block { ngx.log(ngx.NOTICE, "precontent ended with ", ngx.var.status); } }
--- request
GET /rewrite
--- timeout: 0.2
--- abort
--- ignore_response
--- error_log
client prematurely closed connection
in rewrite
rewrite ended with 499
--- no_error_log
went on

=== what an earlier phase has registered is forgotten
--- request
GET /access
--- timeout: 0.2
--- abort
--- ignore_response
--- error_log
access ended with 499
--- no_error_log
wrong one
went on

=== another status
--- request
GET /precontent
--- timeout: 0.2
--- abort
--- ignore_response
--- error_log
in precontent
precontent ended with 408
--- no_error_log
went on

=== a callback that waits: the block does not end before it, and it may do I/O
--- config
location /a {
    ts_check_client_abort on;
    content_by_ts_block {
        ngx.on_abort(async () => {
            ngx.log(ngx.NOTICE, "callback starts");
            const r = await ngx.location.capture("/s");
            await ngx.sleep(0.3);
            ngx.log(ngx.NOTICE, "callback ends: ", r.body);
        });
        await ngx.sleep(0.35);
        ngx.log(ngx.NOTICE, "block ends");
    }
    log_by_ts_block { ngx.log(ngx.NOTICE, "request ends"); }
}
location /s { return 200 "sub"; }
--- request
GET /a
--- timeout: 0.2
--- abort
--- ignore_response
--- grep_error_log eval: /(?:callback|block|request) (?:starts|ends)/g
--- grep_error_log_out
callback starts
block ends
callback ends
request ends
--- error_log
request ends

=== a callback that throws is logged, the block goes on
--- config
location /a {
    ts_check_client_abort on;
    content_by_ts_block {
        ngx.on_abort(() => { throw new Error("in the callback"); });
        await ngx.sleep(0.45);
        ngx.log(ngx.NOTICE, "went on");
    }
}
location /b {
    ts_check_client_abort on;
    content_by_ts_block {
        ngx.on_abort(async () => { await ngx.sleep(0.01); throw new Error("in the late callback"); });
        await ngx.sleep(0.45);
        ngx.log(ngx.NOTICE, "went on");
    }
}
--- request
GET /a
--- timeout: 0.2
--- abort
--- ignore_response
--- error_log
in the callback
went on

=== and one that throws later
--- request
GET /b
--- timeout: 0.2
--- abort
--- ignore_response
--- error_log
in the late callback
went on

=== exit from a callback stops what waits: sleep, fetch, subrequests, timers of the web
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { content_by_ts_block { await ngx.sleep(3); } } }
--- config
location /a {
    ts_check_client_abort on;
    content_by_ts_block {
        ngx.on_abort(() => ngx.exit(499));
        const waits = [ngx.sleep(0.45), fetch("http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/"), ngx.location.capture("/slow")];
        await Promise.race(waits);
        ngx.log(ngx.ERR, "went on");
    }
    log_by_ts_block { ngx.log(ngx.NOTICE, "ended with ", ngx.status); }
}
location /slow { content_by_ts_block { await ngx.sleep(0.5); ngx.log(ngx.ERR, "subrequest went on"); } }
--- request
GET /a
--- timeout: 0.2
--- abort
--- ignore_response
--- wait: 0.4
--- error_log
ended with 499
--- no_error_log
went on

=== no callback is called where the client stays
--- config
location /a { ts_check_client_abort on; content_by_ts_block { ngx.on_abort(() => ngx.log(ngx.ERR, "called")); await ngx.sleep(0.02); ngx.say("done"); } }
--- request eval
["GET /a", "GET /a"]
--- response_body eval
["done\n", "done\n"]
--- no_error_log
called

=== nor for a client that goes on a kept connection
--- pipelined_requests eval
["GET /a", "GET /a"]
--- response_body eval
["done\n", "done\n"]
--- no_error_log
called

=== a block that waits before a proxied location
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { content_by_ts_block { await ngx.sleep(0.45); ngx.log(ngx.NOTICE, "upstream done"); ngx.say("x"); } } }
--- config
ts_check_client_abort on;
location /kept { proxy_ignore_client_abort on; access_by_ts_block { await ngx.sleep(0.001); } proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; log_by_ts_block { ngx.log(ngx.NOTICE, "kept ended with ", ngx.var.upstream_status); } }
location /left { access_by_ts_block { await ngx.sleep(0.001); } proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; log_by_ts_block { ngx.log(ngx.NOTICE, "left ended with ", ngx.status); } }
--- request
GET /kept
--- timeout: 0.2
--- abort
--- ignore_response
--- error_log
kept ended with 200

=== one whose upstream is left
--- request
GET /left
--- timeout: 0.2
--- abort
--- ignore_response
--- error_log
left ended with 499

=== off is the default, and an inner location may differ
--- config
ts_check_client_abort on;
location /off { ts_check_client_abort off; content_by_ts_block { try { ngx.on_abort(() => {}); } catch (e) { ngx.log(ngx.NOTICE, e.message); } await ngx.sleep(0.45); ngx.log(ngx.NOTICE, "ran to its end"); } }
--- request
GET /off
--- timeout: 0.2
--- abort
--- ignore_response
--- error_log
ts_check_client_abort is off
ran to its end

=== ts_check_client_abort holds for its own location: not behind ngx.exec
--- config
location /a {
    ts_check_client_abort on;
    content_by_ts_block { await ngx.sleep(0.001); ngx.exec("/b"); }
}
location /b { content_by_ts_block { await ngx.sleep(0.4); ngx.log(ngx.NOTICE, "went on"); ngx.say("to nobody"); } }
--- request
GET /a
--- timeout: 0.2
--- abort
--- ignore_response
--- error_log
went on
