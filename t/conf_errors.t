# What a wrong configuration is told: nginx's words, the file and the line.

=== an unknown directive
--- config
nonsense on;
--- must_die: 1
--- error_log eval
/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[emerg\] \d+#\d+: unknown directive "nonsense" in $TEST_NGINX_SERVER_ROOT\/conf\/nginx\.conf:4$/

=== the line is the one the directive begins on, or the one it ends on
--- config
location / {

    default_type
        a
        b;
}
--- must_die
--- error_log
invalid number of arguments in "default_type" directive in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:8

=== a directive in the wrong place
--- config
listen_to 80;
server { }
--- must_die
--- error_log
unknown directive "listen_to" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== server within server
--- config
server { }
--- must_die
--- error_log
"server" directive is not allowed here in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== location in http
--- http_config
location / { }
--- config
return 200;
--- must_die
--- error_log
"location" directive is not allowed here in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:3

=== an http directive in main
--- main_config
gzip on;
--- config
return 200;
--- must_die
--- error_log
"gzip" directive is not allowed here in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:2

=== http twice
--- main_config
http { }
--- config
return 200;
--- must_die
--- error_log
"http" directive is duplicate in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:3

=== too few arguments
--- config
root;
--- must_die
--- error_log
invalid number of arguments in "root" directive in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== too many arguments
--- config
root a b;
--- must_die
--- error_log
invalid number of arguments in "root" directive in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== a block directive without a block
--- config
location /;
--- must_die
--- error_log
directive "location" has no opening "{" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== a directive that is not ended
--- config
root a
--- must_die
--- error_log
unexpected "}" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:5

=== a block where none belongs
--- config
root a { }
--- must_die
--- error_log
directive "root" is not terminated by ";" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== the end of the file within a block
--- post_main_config
stream_nonsense {
--- config
return 200;
--- must_die
--- error_log
unknown directive "stream_nonsense" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:8

=== a brace is missing
--- config
include $TEST_NGINX_HTML_DIR/part.conf;
--- user_files
>>> part.conf
location / {
--- must_die
--- error_log
unexpected end of file, expecting "}" in $TEST_NGINX_HTML_DIR/part.conf:2

=== a brace too many
--- config
include $TEST_NGINX_HTML_DIR/part.conf;
--- user_files
>>> part.conf
location / { } }
--- must_die
--- error_log
unexpected "}" in $TEST_NGINX_HTML_DIR/part.conf:1

=== the end of the file within a directive
--- config
include $TEST_NGINX_HTML_DIR/part.conf;
--- user_files
>>> part.conf
location / { }
root a
--- must_die
--- error_log
unexpected end of file, expecting ";" or "}" in $TEST_NGINX_HTML_DIR/part.conf:3

=== a quote that is not closed
--- config
include $TEST_NGINX_HTML_DIR/part.conf;
--- user_files
>>> part.conf
return 200 "abc;
--- must_die
--- error_log
unexpected end of file, expecting ";" or "}" in $TEST_NGINX_HTML_DIR/part.conf:2

=== text right after a quote
--- config
return 200 "a"b;
--- must_die
--- error_log
unexpected "b" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== a semicolon without a directive
--- config
;
--- must_die
--- error_log
unexpected ";" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== a brace without a directive
--- config
{ }
--- must_die
--- error_log
unexpected "{" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== a word that is too long
--- config eval
'return 200 "' + 'x'.repeat(5000) + '";\n'
--- must_die
--- error_log
too long parameter, probably missing terminating """ character in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== a word that is too long, without quotes
--- config eval
'return 200 ' + 'x'.repeat(5000) + ';\n'
--- must_die
--- error_log
too long parameter "xxxxxxxxxx..." started in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== a flag that is neither on nor off
--- config
etag maybe;
--- must_die
--- error_log
invalid value "maybe" in "etag" directive, it must be "on" or "off" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== a size that is none
--- config
client_max_body_size 1x;
--- must_die
--- error_log
"client_max_body_size" directive invalid value in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== a time that is none
--- config
client_body_timeout 1q;
--- must_die
--- error_log
"client_body_timeout" directive invalid value in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== a number that is none
--- config
keepalive_requests many;
--- must_die
--- error_log
invalid number in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== a choice that does not exist
--- config
satisfy some;
--- must_die
--- error_log
invalid value "some" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== one of several choices that does not exist
--- config
keepalive_disable msie6 lynx;
--- must_die
--- error_log
invalid value "lynx" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== a name that JavaScript's objects have is no choice
--- config
keepalive_disable constructor;
--- must_die
--- error_log
invalid value "constructor" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== what was warned of before is told with the error
--- http_config
upstream u { server 127.0.0.1; hash $uri; random; }
--- config
satisfy some;
--- must_die
--- error_log
load balancing method redefined in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:3
invalid value "some" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:5

=== the same setting twice
--- config
root a;
root b;
--- must_die
--- error_log
"root" directive is duplicate in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:5

=== a port that is none
--- http_config
server { listen 127.0.0.1:99999; }
--- config
return 200;
--- must_die
--- error_log
invalid port in "127.0.0.1:99999" of the "listen" directive in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:3

=== an unknown parameter of listen
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1 nonsense; }
--- config
return 200;
--- must_die
--- error_log
invalid parameter "nonsense" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:3

=== a host of listen that does not exist
--- http_config
server { listen no-such-host.invalid:80; }
--- config
return 200;
--- must_die
--- error_log
host not found in "no-such-host.invalid:80" of the "listen" directive in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:3

=== default_server twice
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT default_server; }
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT default_server; }
--- config
return 200;
--- must_die
--- error_log
a duplicate default server for 127.0.0.1:$TEST_NGINX_SERVER_PORT in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== the same listen twice in one server
--- config
listen 127.0.0.1:$TEST_NGINX_SERVER_PORT;
--- must_die
--- error_log
a duplicate listen 127.0.0.1:$TEST_NGINX_SERVER_PORT in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== a port that is in use
--- config
listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply: x
--- timeout: 5
--- must_die
--- error_log
bind() to 127.0.0.1:$TEST_NGINX_RAND_PORT_1 failed (98: Address already in use)
still could not bind()

=== an invalid server name
--- config
server_name *x.test;
--- must_die
--- error_log
server name "*x.test" is invalid in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== a regular expression that is none
--- config
location ~ ^(a { }
--- must_die
--- error_log eval
/pcre2_compile\(\) failed: .* in "\^\(a" in .*\/conf\/nginx\.conf:4/

=== an unknown location modifier
--- config
location ~~ /a { }
--- must_die
--- error_log
invalid location modifier "~~" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== a name in proxy_pass without a scheme
--- config
location / { proxy_pass localhost; }
--- must_die
--- error_log
invalid URL prefix in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== proxy_pass with a URI in a location by pattern
--- config
location ~ a { proxy_pass http://127.0.0.1/x; }
--- must_die
--- error_log
"proxy_pass" cannot have URI part in location given by regular expression, or inside named location, or inside "if" statement, or inside "limit_except" block in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== proxy_pass twice
--- config
location / { proxy_pass http://127.0.0.1:1; proxy_pass http://127.0.0.1:2; }
--- must_die
--- error_log
"proxy_pass" directive is duplicate in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== an upstream without servers
--- http_config
upstream u { }
--- config
location / { proxy_pass http://u; }
--- must_die
--- error_log
no servers are inside upstream in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:3

=== the same upstream twice
--- http_config
upstream u { server 127.0.0.1:1; }
upstream u { server 127.0.0.1:1; }
--- config
location / { proxy_pass http://u; }
--- must_die
--- error_log
duplicate upstream "u" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== an unknown parameter of an upstream's server
--- http_config
upstream u { server 127.0.0.1:1 heavy; }
--- config
location / { proxy_pass http://u; }
--- must_die
--- error_log
invalid parameter "heavy" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:3

=== backup with ip_hash
--- http_config
upstream u { ip_hash; server 127.0.0.1:1; server 127.0.0.1:2 backup; }
--- config
location / { proxy_pass http://u; }
--- must_die
--- error_log
balancing method does not support parameter "backup" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:3

=== a port for an upstream name
--- http_config
upstream u { server 127.0.0.1:1; }
--- config
location / { proxy_pass http://u:81; }
--- must_die
--- error_log
upstream "u" may not have port 81 in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:5

=== an unknown log level
--- config
error_log logs/x loud;
--- must_die
--- error_log
invalid log level "loud" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== a log that cannot be opened
--- config
access_log $TEST_NGINX_SERVER_ROOT/none/x.log;
--- must_die
--- error_log
open() "$TEST_NGINX_SERVER_ROOT/none/x.log" failed (2: No such file or directory)

=== an invalid value of error_page
--- config
error_page 404 =x /y;
--- must_die
--- error_log
invalid value "=x" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== if without a condition
--- config
if () { }
--- must_die
--- error_log
invalid condition ")" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== if without parentheses
--- config
if $uri { }
--- must_die
--- error_log
invalid condition "$uri" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== if with an operator that is none
--- config
if ($uri == a) { }
--- must_die
--- error_log
unexpected "==" in condition in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== limit_except in a server
--- config
limit_except GET { }
--- must_die
--- error_log
"limit_except" directive is not allowed here in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== try_files twice
--- config
location / { try_files a b; try_files c d; }
--- must_die
--- error_log
"try_files" directive is duplicate in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== worker_processes that is no number
--- main_config
worker_processes some;
--- config
return 200;
--- must_die
--- error_log
"worker_processes" directive invalid value in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:2

=== worker_connections outside of events
--- main_config
worker_connections 10;
--- config
return 200;
--- must_die
--- error_log
"worker_connections" directive is not allowed here in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:2

=== events twice
--- main_config
events { }
events { }
--- config
return 200;
--- must_die
--- error_log
"events" directive is duplicate in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:3

=== an unknown event method
--- main_config
events { use nonsense; }
--- config
return 200;
--- must_die
--- error_log
invalid event type "nonsense" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:2

=== a group or user that does not exist
--- main_config
user no_such_user_here;
--- config
return 200;
--- must_die
--- error_log
getpwnam("no_such_user_here") failed in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:2

=== load_module after the first block
--- main_config
load_module $TEST_NGINX_HTML_DIR/none.so;
--- config
return 200;
--- must_die
--- error_log
"load_module" directive is specified too late in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:2

=== directives take several lines, comments, and every kind of quote
--- config
location / { # a comment { }
    return # another;
        200
        'single "inside" \'escaped\'
'
    ;
}
--- request
GET /
--- response_body
single "inside" 'escaped'

=== escapes in words and in quotes
--- config
location /a { return 200 a\ b\;c\{d\}\"e\\n\t\n; }
location /b { return 200 "\"q\" 's' \\ \t|\x\n"; }
location /c { return 200 '"q" \'s\' $uri ${uri}x\n'; }
--- request eval
["GET /a", "GET /b", "GET /c"]
--- response_body eval
["a\\ b\\;c\\{d\\}\"e\\n\t\n", "\"q\" 's' \\ \t|\\x\n", "\"q\" 's' /c /cx\n"]

=== no space is needed before a brace or a semicolon
--- config
location /a{return 200 a;}location /b{return 200 b;}
--- request eval
["GET /a", "GET /b"]
--- response_body eval
["a", "b"]

=== carriage returns are white space
--- config eval
"location /a {\r\n return 200 a;\r\n}\r\n"
--- request
GET /a
--- response_body chomp
a

=== a reload with an error keeps the configuration that was
--- config
location / { return 200 "good\n"; }
--- request
GET /
--- response_body
good

=== this one
--- config
location / { return 200 "bad\n"; }
nonsense;
--- reload_fails
--- request
GET /
--- response_body
good
--- error_log
[emerg]
unknown directive "nonsense" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:5

=== deprecated settings are warned of, and work
--- config
listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1 http2;
location / { return 200 "ok\n"; }
--- request
GET /
--- response_body
ok
--- error_log
[warn]
the "listen ... http2" directive is deprecated, use the "http2" directive instead in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== a rate that is no size is refused
--- config
location / { limit_rate -1; }
--- must_die
--- error_log
"limit_rate" directive invalid value in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf

=== aio
--- config
aio maybe;
--- must_die
--- error_log
"aio" directive invalid value in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf

=== directio
--- config
directio 4z;
--- must_die
--- error_log
"directio" directive invalid value in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf

=== parameters of open_file_cache
--- config
open_file_cache_min_uses 0;
open_file_cache max=0;
--- must_die
--- error_log
invalid "open_file_cache" parameter "max=0" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf

=== open_file_cache without max
--- config
open_file_cache inactive=10s;
--- must_die
--- error_log
"open_file_cache" must have the "max" parameter in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf

=== keepalive_disable takes one or two
--- config
keepalive_disable none msie6 safari;
--- must_die
--- error_log
invalid number of arguments in "keepalive_disable" directive in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf

=== large_client_header_buffers below connection_pool_size
--- config
large_client_header_buffers 2 256;
--- must_die
--- error_log
the "large_client_header_buffers" size must be equal to or greater than "connection_pool_size" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf
