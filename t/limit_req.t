# limit_req: rates of requests. Keys have the time in them, since each block runs twice.

=== more than the rate are refused, by key
--- http_config
limit_req_zone $arg_k zone=one:1m rate=1r/m;
limit_req_zone "$arg_k $arg_l" zone=two:1m rate=1r/m;
--- config
add_header X-Status "$limit_req_status" always;
location / { limit_req zone=one; return 204; }
location /a { limit_req zone=one; root html; }
location /burst { limit_req zone=one burst=2 nodelay; root html; }
location /none { root html; }
location /both { limit_req zone=one burst=1 nodelay; limit_req zone=two; root html; }
location /status { limit_req zone=one; limit_req_status 429; root html; }
location /level { limit_req zone=one; limit_req_log_level warn; root html; }
location /dry { limit_req zone=one; limit_req_dry_run on; root html; }
location /slow { limit_req zone=one burst=5; limit_req_dry_run on; root html; }
location /page { limit_req zone=one; error_page 503 /a; root html; }
--- user_files
>>> a
a
>>> burst
b
>>> none
n
>>> both
c
>>> status
s
>>> level
l
>>> dry
d
>>> slow
w
>>> page
p
--- request eval
(k => [`GET /a?k=${k}`, `GET /a?k=${k}`, `GET /a?k=x${k}`, "GET /a", "GET /a", "GET /none"])(Date.now())
--- error_code eval
[200, 503, 200, 200, 200, 200]
--- response_headers eval
["X-Status: PASSED", "X-Status: REJECTED", "X-Status: PASSED", "! X-Status", "! X-Status", "! X-Status"]
--- error_log eval
[/\[error\] \d+#\d+: \*\d+ limiting requests, excess: (0\.9\d\d|1\.000) by zone "one", client: 127.0.0.1, server: localhost, request: "GET \/a\?k=\d+ HTTP\/1.1"/]

=== burst lets so many more pass
--- request eval
(k => [1, 2, 3, 4].map(() => `GET /burst?k=${k}`))(Date.now())
--- error_code eval
[200, 200, 200, 503]
--- error_log eval
[/limiting requests, excess: (2\.9\d\d|3\.000) by zone "one"/]

=== of several zones each one limits, and one that refuses leaves the others uncounted
--- request eval
(k => [`GET /both?k=${k}&l=1`, `GET /both?k=${k}&l=1`, `GET /both?k=${k}&l=2`, `GET /both?k=${k}&l=3`])(Date.now())
--- error_code eval
[200, 503, 200, 503]
--- error_log eval
[/limiting requests, excess: (0\.9\d\d|1\.000) by zone "two"/, /limiting requests, excess: (1\.9\d\d|2\.000) by zone "one"/]

=== limit_req_status
--- request eval
(k => [`GET /status?k=${k}`, `GET /status?k=${k}`])(Date.now())
--- error_code eval
[200, 429]

=== limit_req_log_level
--- request eval
(k => [`GET /level?k=${k}`, `GET /level?k=${k}`])(Date.now())
--- error_code eval
[200, 503]
--- error_log
[warn]

=== limit_req_dry_run: refused
--- request eval
(k => [`GET /dry?k=${k}`, `GET /dry?k=${k}`])(Date.now())
--- response_headers eval
["X-Status: PASSED", "X-Status: REJECTED_DRY_RUN"]
--- error_log eval
[/\[error\].* limiting requests, dry run, excess: (0\.9\d\d|1\.000) by zone "one"/]

=== limit_req_dry_run: delayed
--- request eval
(k => [`GET /slow?k=${k}`, `GET /slow?k=${k}`])(Date.now())
--- response_headers eval
["X-Status: PASSED", "X-Status: DELAYED_DRY_RUN"]
--- error_log eval
[/\[warn\].* delaying request, dry run, excess: (0\.9\d\d|1\.000), by zone "one"/]

=== an error page is not limited once more
--- request eval
(k => [`GET /page?k=${k}`, `GET /page?k=${k}`])(Date.now())
--- error_code eval
[200, 503]
--- response_body eval
["p\n", "a\n"]

=== HEAD, and a key of many bytes
--- request eval
(k => [`HEAD /a?k=${k}`, `HEAD /a?k=${k}`, `GET /a?k=${k}`.padEnd(900, 'x'), `GET /a?k=${k}`.padEnd(900, 'x'), `GET /a?k=${k}`.padEnd(899, 'x') + 'y'])(Date.now())
--- error_code eval
[200, 503, 200, 503, 200]

=== what is more than the rate waits, as the burst says
--- http_config
limit_req_zone $arg_k zone=fast:1m rate=20r/s;
log_format status "$uri $limit_req_status";
--- config
add_header X-Status "$limit_req_status" always;
add_header X-Time $request_time always;
location / { limit_req zone=fast burst=5; root html; }
location /delay1 { limit_req zone=fast burst=5 delay=1; root html; }
--- user_files
>>> a
a
>>> delay1
z
--- request eval
(k => [`GET /a?k=${k}`, `GET /a?k=${k}`])(Date.now())
--- response_headers eval
["X-Status: PASSED", null]
--- response_body eval
["a\n", "a\n"]

=== all at once: the first passes, the others wait their turn
--- config
add_header X-Status "$limit_req_status" always;
add_header X-Time $request_time always;
location / { limit_req zone=slow burst=5; root html; }
location /delay1 { limit_req zone=slow burst=5 delay=1; root html; }
--- http_config
limit_req_zone $arg_k zone=slow:1m rate=2r/s;
--- user_files
>>> a
a
>>> delay1
z
--- pipelined_requests eval
(k => [`GET /a?k=${k}`, `GET /a?k=${k}`])(Date.now())
--- response_headers_like eval
["X-Status: PASSED", "X-Status: DELAYED\nX-Time: 0\\.[1-5]\\d+"]
--- error_log eval
[/\[warn\].* delaying request, excess: [01]\.\d\d\d, by zone "slow", client/]

=== delay= lets so many pass at once
--- pipelined_requests eval
(k => [`GET /delay1?k=${k}`, `GET /delay1?k=${k}`])(Date.now())
--- response_headers eval
["X-Status: PASSED", "X-Status: PASSED"]

=== a client that leaves while it waits
--- http_config
limit_req_zone $arg_k zone=crawl:1m rate=1r/m;
--- config
location / { limit_req zone=crawl burst=5; root html; }
location /first { limit_req zone=crawl burst=5; return 200; root html; }
--- user_files
>>> a
a
--- raw_request eval
(k => `GET /a?k=${k} HTTP/1.1\r\nHost: x\r\n\r\nGET /a?k=${k} HTTP/1.1\r\nHost: x\r\n\r\n`)(Date.now())
--- shutdown
--- response_body
a
--- error_log
client prematurely closed connection

=== with a script's content
--- http_config
limit_req_zone $arg_k zone=ts:1m rate=1r/m;
--- config
location / { limit_req zone=ts; content_by_ts_block { ngx.say(ngx.var.limit_req_status ?? "-"); } }
--- request eval
(k => [`GET /?k=${k}`, `GET /?k=${k}`])(Date.now())
--- error_code eval
[200, 503]
--- response_body_like eval
["^PASSED\n$", "503 Service"]

=== limit_req_zone: no zone
--- http_config
limit_req_zone $arg_k rate=1r/s rate=2r/s;
--- config
location / { return 200; }
--- must_die
--- error_log
"limit_req_zone" must have "zone" parameter in

=== limit_req_zone: too few parameters
--- http_config
limit_req_zone $arg_k zone=z:1m;
--- config
location / { return 200; }
--- must_die
--- error_log
invalid number of arguments in "limit_req_zone" directive in

=== limit_req_zone: no size
--- http_config
limit_req_zone $arg_k zone=z rate=1r/s;
--- config
location / { return 200; }
--- must_die
--- error_log
invalid zone size "zone=z" in

=== limit_req_zone: a size that is none
--- http_config
limit_req_zone $arg_k zone=z:1y rate=1r/s;
--- config
location / { return 200; }
--- must_die
--- error_log
invalid zone size "zone=z:1y" in

=== limit_req_zone: too small
--- http_config
limit_req_zone $arg_k zone=z:31k rate=1r/s;
--- config
location / { return 200; }
--- must_die
--- error_log
zone "zone=z:31k" is too small in

=== limit_req_zone: a rate of nothing
--- http_config
limit_req_zone $arg_k zone=z:32k rate=0r/s;
--- config
location / { return 200; }
--- must_die
--- error_log
invalid rate "rate=0r/s" in

=== limit_req_zone: a rate in hours
--- http_config
limit_req_zone $arg_k zone=z:32k rate=1r/h;
--- config
location / { return 200; }
--- must_die
--- error_log
invalid rate "rate=1r/h" in

=== limit_req_zone: an unknown parameter
--- http_config
limit_req_zone $arg_k zone=z:32k sync;
--- config
location / { return 200; }
--- must_die
--- error_log
invalid parameter "sync" in

=== limit_req_zone: an unknown variable
--- http_config
limit_req_zone $nonesuch zone=z:32k rate=1r/s;
--- config
location / { return 200; }
--- must_die
--- error_log
unknown "nonesuch" variable

=== limit_req_zone: twice
--- http_config
limit_req_zone $arg_k zone=z:32k rate=1r/s;
limit_req_zone $uri zone=z:32k rate=1r/s;
--- config
location / { return 200; }
--- must_die
--- error_log
limit_req_zone "z" is already bound to key "$arg_k" in

=== limit_req_zone: two sizes
--- http_config
limit_req_zone $arg_k zone=z:32k rate=1r/s;
limit_req_zone $uri zone=z:64k rate=1r/s;
--- config
location / { return 200; }
--- must_die
--- error_log
the size 65536 of shared memory zone "z" conflicts with already declared size 32768 in

=== limit_req_zone: a zone of limit_conn
--- http_config
limit_req_zone $arg_k zone=z:32k rate=1r/s;
limit_conn_zone $uri zone=z:32k;
--- config
location / { return 200; }
--- must_die
--- error_log
the shared memory zone "z" is already declared for a different use in

=== limit_req: no zone
--- http_config
limit_req_zone $arg_k zone=z:32k rate=1r/s;
--- config
location / { limit_req burst=5; }
--- must_die
--- error_log
"limit_req" must have "zone" parameter in

=== limit_req: a zone that is nowhere
--- http_config
limit_req_zone $arg_k zone=z:32k rate=1r/s;
--- config
location / { limit_req zone=y; }
--- must_die
--- error_log
zero size shared memory zone "y"

=== limit_req: a burst that is none
--- http_config
limit_req_zone $arg_k zone=z:32k rate=1r/s;
--- config
location / { limit_req zone=z burst=0; }
--- must_die
--- error_log
invalid burst value "burst=0" in

=== limit_req: a delay that is none
--- http_config
limit_req_zone $arg_k zone=z:32k rate=1r/s;
--- config
location / { limit_req zone=z delay=x; }
--- must_die
--- error_log
invalid delay value "delay=x" in

=== limit_req: an unknown parameter
--- http_config
limit_req_zone $arg_k zone=z:32k rate=1r/s;
--- config
location / { limit_req zone=z soon; }
--- must_die
--- error_log
invalid parameter "soon" in

=== limit_req: twice the same zone
--- http_config
limit_req_zone $arg_k zone=z:32k rate=1r/s;
--- config
location / { limit_req zone=z; limit_req zone=z; }
--- must_die
--- error_log
"limit_req" directive is duplicate in

=== limit_req_status: out of bounds
--- http_config
limit_req_zone $arg_k zone=z:32k rate=1r/s;
--- config
location / { limit_req_status 200; }
--- must_die
--- error_log
value must be between 400 and 599 in

=== limit_req_log_level: none of them
--- http_config
limit_req_zone $arg_k zone=z:32k rate=1r/s;
--- config
location / { limit_req_log_level crit; }
--- must_die
--- error_log
invalid value "crit" in

=== a reload with another key is refused
--- http_config
limit_req_zone $arg_k zone=r:32k rate=1r/s;
--- config
location / { return 204; }
--- request
GET /
--- error_code: 204

=== another key
--- http_config
limit_req_zone $uri zone=r:32k rate=1r/s;
--- config
location / { return 200; }
--- reload_fails
--- request
GET /
--- error_code: 204
--- error_log
[emerg]
limit_req "r" uses the "$uri" key while previously it used the "$arg_k" key
