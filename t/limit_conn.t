# limit_conn: requests that are answered at a time.

=== one that is being answered counts, by key
--- http_config
limit_conn_zone $arg_k zone=one:1m;
limit_conn_zone $server_name zone=all:1m;
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    location / { limit_conn one 1; add_header X-Status "$limit_conn_status" always; root html; }
}
--- config
add_header X-Status "$limit_conn_status" always;
location / { limit_conn one 1; root html; }
location /outer { limit_conn one 1; proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/a?k=$arg_k; }
location /dry { limit_conn one 1; proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/dryrun?k=$arg_k; }
location /dryrun { limit_conn one 1; limit_conn_dry_run on; alias html/a; }
location /status { limit_conn one 1; proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/inner429?k=$arg_k; }
location /inner429 { limit_conn one 1; limit_conn_status 429; limit_conn_log_level notice; alias html/a; }
location /two { limit_conn one 2; proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/two2?k=$arg_k; }
location /two2 { limit_conn one 2; proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/two3?k=$arg_k; }
location /two3 { limit_conn one 2; alias html/a; }
location /page { limit_conn one 1; error_page 404 /a; alias html/none; }
location /several { limit_conn all 5; limit_conn one 1; proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/several2?k=$arg_k; }
location /several2 { limit_conn all 5; limit_conn one 1; alias html/a; }
--- user_files
>>> a
a
--- request eval
["GET /outer?k=1", "GET /outer", "GET /a?k=1", "GET /outer?k=1"]
--- error_code eval
[503, 200, 200, 503]
--- response_headers eval
["X-Status: REJECTED, PASSED", "! X-Status", "X-Status: PASSED", "X-Status: REJECTED, PASSED"]
--- error_log eval
[/\[error\] \d+#\d+: \*\d+ limiting connections by zone "one", client: 127.0.0.1, server: , request: "GET \/a\?k=1 HTTP\/1.[01]"/]

=== limit_conn_dry_run
--- request
GET /dry?k=1
--- response_headers
X-Status: REJECTED_DRY_RUN, PASSED
--- error_log
limiting connections, dry run, by zone "one"

=== limit_conn_status, limit_conn_log_level
--- request
GET /status?k=1
--- error_code: 429
--- error_log eval
[/\[notice\] .* limiting connections by zone "one"/]

=== up to the number, and each is given back
--- request eval
["GET /two?k=1", "GET /two?k=2", "GET /two?k=1", "GET /a?k=1"]
--- error_code eval
[503, 503, 503, 200]
--- response_headers eval
["X-Status: REJECTED, PASSED, PASSED", null, "X-Status: REJECTED, PASSED, PASSED", "X-Status: PASSED"]

=== an internal redirect does not count once more
--- request eval
["GET /page?k=3", "GET /page?k=3"]
--- error_code eval
[404, 404]

=== what one zone refuses does not stay counted in another
--- request eval
[1, 2, 3, 4, 5, 6].map(() => "GET /several?k=1")
--- error_code eval
[503, 503, 503, 503, 503, 503]
--- error_log
limiting connections by zone "one"
--- no_error_log
by zone "all"

=== a key of more than 255 bytes
--- request eval
`GET /a?k=${'x'.repeat(256)}`
--- error_log eval
[`the value of the "$arg_k" key is more than 255 bytes: "${'x'.repeat(256)}"`]

=== counted until a script's answer is complete
--- http_config
limit_conn_zone $arg_k zone=ts:1m;
--- config
location / { limit_conn ts 1; content_by_ts_block {
    const inner = await ngx.location.capture("/inner?k=1");
    const other = await fetch(`http://127.0.0.1:${ngx.var.server_port}/a?k=1`);
    ngx.say(inner.status, " ", other.status);
} }
location /inner { limit_conn ts 1; return 204; }
location /a { limit_conn ts 1; content_by_ts_block { ngx.say("a"); } }
--- request eval
["GET /?k=1", "GET /a?k=1"]
--- response_body eval
["204 503\n", "a\n"]
--- error_log
limiting connections by zone "ts"

=== limit_conn_zone: one parameter
--- http_config
limit_conn_zone $arg_k;
--- config
location / { return 200; }
--- must_die
--- error_log
invalid number of arguments in "limit_conn_zone" directive in

=== limit_conn_zone: no zone
--- http_config
limit_conn_zone $arg_k zone=:32k;
--- config
location / { return 200; }
--- must_die
--- error_log
"limit_conn_zone" must have "zone" parameter in

=== limit_conn_zone: no size
--- http_config
limit_conn_zone $arg_k zone=z;
--- config
location / { return 200; }
--- must_die
--- error_log
invalid zone size "zone=z" in

=== limit_conn_zone: too small
--- http_config
limit_conn_zone $arg_k zone=z:1k;
--- config
location / { return 200; }
--- must_die
--- error_log
zone "zone=z:1k" is too small in

=== limit_conn_zone: a rate
--- http_config
limit_conn_zone $arg_k rate=1r/s;
--- config
location / { return 200; }
--- must_die
--- error_log
invalid parameter "rate=1r/s" in

=== limit_conn_zone: twice
--- http_config
limit_conn_zone $arg_k zone=z:32k; limit_conn_zone $uri zone=z:32k;
--- config
location / { return 200; }
--- must_die
--- error_log
limit_conn_zone "z" is already bound to key "$arg_k" in

=== limit_conn: a zone that is nowhere
--- http_config
limit_conn_zone $arg_k zone=z:32k;
--- config
location / { limit_conn y 1; }
--- must_die
--- error_log
zero size shared memory zone "y"

=== limit_conn: a zone of limit_req
--- http_config
limit_conn_zone $arg_k zone=z:32k; limit_req_zone $uri zone=y:32k rate=1r/s;
--- config
location / { limit_conn y 1; }
--- must_die
--- error_log
the shared memory zone "y" is already declared for a different use

=== limit_conn: not a number
--- http_config
limit_conn_zone $arg_k zone=z:32k;
--- config
location / { limit_conn z x; }
--- must_die
--- error_log
invalid number of connections "x" in

=== limit_conn: none
--- http_config
limit_conn_zone $arg_k zone=z:32k;
--- config
location / { limit_conn z 0; }
--- must_die
--- error_log
invalid number of connections "0" in

=== limit_conn: too many
--- http_config
limit_conn_zone $arg_k zone=z:32k;
--- config
location / { limit_conn z 65536; }
--- must_die
--- error_log
connection limit must be less 65536 in

=== limit_conn: twice the same zone
--- http_config
limit_conn_zone $arg_k zone=z:32k;
--- config
location / { limit_conn z 1; limit_conn z 2; }
--- must_die
--- error_log
"limit_conn" directive is duplicate in

=== limit_conn_status: out of bounds
--- http_config
limit_conn_zone $arg_k zone=z:32k;
--- config
location / { limit_conn_status 600; }
--- must_die
--- error_log
value must be between 400 and 599 in

=== limit_conn_log_level: none of them
--- http_config
limit_conn_zone $arg_k zone=z:32k;
--- config
location / { limit_conn_log_level debug; }
--- must_die
--- error_log
invalid value "debug" in

=== a reload with another key is refused
--- http_config
limit_conn_zone $arg_k zone=r:32k;
--- config
location / { return 204; }
--- request
GET /
--- error_code: 204

=== another key
--- http_config
limit_conn_zone $uri zone=r:32k;
--- config
location / { return 200; }
--- reload_fails
--- request
GET /
--- error_code: 204
--- error_log
[emerg]
limit_conn_zone "r" uses the "$uri" key while previously it used the "$arg_k" key
