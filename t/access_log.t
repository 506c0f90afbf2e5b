# access_log and log_format.

=== combined is the format without a choice
--- config
location / { return 200 "hello\n"; }
--- request
GET /a?b
--- more_headers
Referer: http://from.test/
User-Agent: spec/1.0
--- access_log eval
/^127\.0\.0\.1 - - \[\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "GET \/a\?b HTTP\/1\.1" 200 6 "http:\/\/from\.test\/" "spec\/1\.0"$/

=== a format of our own
--- http_config
log_format own '$remote_addr|$request_method|$uri|$args|$status|$body_bytes_sent|$http_x';
--- config
access_log logs/access.log own;
location / { return 201 "hello\n"; }
--- request
GET /a?b=c
--- more_headers
X: y
--- error_code: 201
--- access_log eval
/^127\.0\.0\.1\|GET\|\/a\|b=c\|201\|6\|y$/

=== an empty variable is a hyphen
--- http_config
log_format own '[$args] [$http_x] [$upstream_addr] [$remote_user]';
--- config
access_log logs/access.log own;
location / { return 200; }
--- request
GET /
--- access_log
[-] [-] [-] [-]

=== a format over several arguments is one
--- http_config
log_format own '$request_method '
               '"$uri" '
               end;
--- config
access_log logs/access.log own;
location / { return 200; }
--- request
GET /a
--- access_log eval
/^GET "\/a" end$/

=== default escaping
--- http_config
log_format own '$arg_a $http_x';
--- config
access_log logs/access.log own;
location / { return 200; }
--- request
GET /?a="\x
--- more_headers eval
"X: q\"b\\c\x01\xff\xc3\xbc"
--- access_log eval
String.raw`\x22\x5Cx q\x22b\x5Cc\x01\xFF\xC3\xBC`

=== escape=json
--- http_config
log_format own escape=json '{"a":"$http_x","none":"$http_none"}';
--- config
access_log logs/access.log own;
location / { return 200; }
--- request
GET /
--- more_headers eval
"X: q\"b\\c\t\x01\xc3\xbc"
--- access_log eval
`{"a":"q\\"b\\\\c\\t\\u0001\xc3\xbc","none":""}`

=== escape=none
--- http_config
log_format own escape=none '$http_x [$http_none]';
--- config
access_log logs/access.log own;
location / { return 200; }
--- request
GET /
--- more_headers eval
"X: q\"b\\c\x01\xff"
--- access_log eval
"q\"b\\c\x01\xff []"

=== several logs, each with its format
--- http_config
log_format one 'one $uri';
log_format two 'two $uri';
--- config
access_log logs/access.log one;
access_log logs/access.log two;
location / { return 200; }
--- request
GET /a
--- access_log
one /a
two /a

=== off, and a log of a location in place of the server's
--- http_config
log_format server 'server $uri';
log_format location 'location $uri';
--- config
access_log logs/access.log server;
location /a { return 200; }
location /off { access_log off; return 200; }
location /own { access_log logs/access.log location; return 200; }
--- request eval
["GET /a", "GET /off", "GET /own"]
--- access_log
server /a
location /own
--- no_access_log
server /off
server /own

=== if= decides by a variable
--- http_config
log_format own 'logged $uri';
map $arg_log $wanted { default 1; no 0; empty ""; }
--- config
access_log logs/access.log own if=$wanted;
location / { return 200; }
--- request eval
["GET /a", "GET /b?log=no", "GET /c?log=empty"]
--- access_log
logged /a
--- no_access_log
logged /b
logged /c

=== a path with variables
--- http_config
log_format own 'in $arg_f: $uri';
--- config
access_log $TEST_NGINX_SERVER_ROOT/logs/$arg_f.log own;
location /show/ { access_log off; alias $TEST_NGINX_SERVER_ROOT/logs/; }
location / { return 200; }
--- request eval
["GET /a?f=one", "GET /b?f=two", "GET /c?f=one", "GET /show/one.log", "GET /show/two.log"]
--- response_body_like eval
["", "", "", "^(in one: /a\nin one: /c\n)+$", "^(in two: /b\n)+$"]

=== a path with variables whose directory does not exist
--- config
access_log $TEST_NGINX_SERVER_ROOT/logs/$arg_f/x.log;
location / { return 200; }
--- request
GET /?f=none
--- error_log eval
/\[crit\] .* open\(\) ".*\/logs\/none\/x\.log" failed \(2: No such file or directory\) while logging request/

=== buffer= holds lines back until flush= or the buffer is full
--- http_config
log_format own 'buffered $uri';
--- config
access_log logs/access.log own buffer=4k flush=100ms;
location / { return 200; }
--- request
GET /a
--- access_log
buffered /a

=== gzip writes a compressed log
--- http_config
log_format own 'zipped $uri';
--- config
location = /a { access_log $TEST_NGINX_SERVER_ROOT/logs/zip.gz own gzip buffer=1k flush=50ms; return 200; }
location = /wait { access_log off; proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
location = /show { access_log off; default_type x; alias $TEST_NGINX_SERVER_ROOT/logs/zip.gz; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply_delay: 300ms
--- tcp_reply eval
"HTTP/1.0 200 OK\r\n\r\nok"
--- request eval
["GET /a", "GET /wait", "GET /show"]
--- response_body_like eval
["", "ok", "^\x1f\x8b"]

=== syslog: a datagram with a header
--- http_config
log_format own 'sys $uri';
--- config
access_log syslog:server=127.0.0.1:$TEST_NGINX_RAND_PORT_1,facility=local7,severity=info,tag=spec,nohostname own;
location / { return 200; }
--- udp_listen: $TEST_NGINX_RAND_PORT_1
--- udp_reply
--- udp_query eval
/^<190>\w{3} [ \d]\d \d\d:\d\d:\d\d spec: sys \/a$/
--- request
GET /a

=== the request that broke off is logged with what is known
--- http_config
log_format own '$status [$request] [$request_method] [$uri] $body_bytes_sent';
access_log logs/access.log own;
--- config
location / { return 200; }
--- raw_request eval
"GET /a HTTP/1.1\r\nHost: localhost\r\nBad"
--- shutdown
--- ignore_response
--- access_log
400 [GET /a HTTP/1.1] [GET] [/a] 0

=== lengths and times
--- http_config
log_format own '$bytes_sent $body_bytes_sent $request_length $request_time $msec $connection $connection_requests $pipe';
--- config
access_log logs/access.log own;
location / { return 200 "hello"; }
--- request
GET /
--- access_log eval
/^1[4-7]\d 5 5\d 0\.\d{3} \d{10}\.\d{3} \d+ 1 \.$/

=== $pipe is p for a pipelined request
--- http_config
log_format own '$uri pipe=$pipe';
--- config
access_log logs/access.log own;
location / { return 200; }
--- pipelined_requests eval
["GET /a", "GET /b"]
--- error_code eval
[200, 200]
--- access_log
/a pipe=.
/b pipe=p

=== $time_local and $time_iso8601
--- http_config
log_format own '$time_iso8601 [$time_local]';
--- config
access_log logs/access.log own;
location / { return 200; }
--- request
GET /
--- access_log eval
/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d \[\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]$/

=== where an internal redirect ends is what logs
--- http_config
log_format a 'a $uri';
log_format b 'b $uri $request_uri';
--- config
location /a { access_log logs/access.log a; rewrite ^ /b last; }
location /b { access_log logs/access.log b; return 200; }
--- request
GET /a
--- access_log
b /b /a
--- no_access_log
a /a

=== a client that leaves before anything was sent to it, though a response had begun
--- http_config
log_format own '$status $bytes_sent';
--- config
access_log logs/access.log own;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_no_close
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"
--- request
GET /a
--- timeout: 0.2
--- abort
--- ignore_response
--- access_log
499 0

=== an unknown format is refused
--- config
access_log logs/access.log nope;
--- must_die
--- error_log
unknown log format "nope" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== an unknown variable in a format is refused
--- http_config
log_format own '$no_such_variable';
--- config
access_log logs/access.log own;
--- must_die
--- error_log
unknown "no_such_variable" variable

=== the same format twice is refused
--- http_config
log_format own '$uri';
log_format own '$args';
--- config
location / { }
--- must_die
--- error_log
duplicate "log_format" name "own" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4
