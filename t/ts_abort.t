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

=== on_abort is called, and may end the request
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
