# The variables of the core.

=== the request line
--- master
--- config
location / { return 200 "$request|$request_method|$request_uri|$uri|$document_uri|$args|$query_string|$is_args|$server_protocol|$scheme|$https\n"; }
--- request eval
["GET /a%20b?c=d", "POST /", "GET /x?"]
--- response_body eval
["GET /a%20b?c=d HTTP/1.1|GET|/a%20b?c=d|/a b|/a b|c=d|c=d|?|HTTP/1.1|http|\n", "POST / HTTP/1.1|POST|/|/|/||||HTTP/1.1|http|\n",
 "GET /x? HTTP/1.1|GET|/x?|/x|/x||||HTTP/1.1|http|\n"]

=== addresses and ports
--- config
location / { return 200 "$remote_addr $remote_port $server_addr $server_port\n"; }
--- request
GET /
--- response_body_like
^127\.0\.0\.1 [1-9]\d+ 127\.0\.0\.1 $TEST_NGINX_SERVER_PORT\n$

=== $binary_remote_addr has four bytes
--- config
location / { default_type x; return 200 $binary_remote_addr; }
--- request
GET /
--- response_body eval
"\x7f\0\0\x01"

=== $host, $http_host, $server_name
--- config
location / { return 200 "$host|$http_host|$server_name\n"; }
--- request eval
["GET /", "GET /", "GET / HTTP/1.0"]
--- more_headers eval
["Host: A.Test:1", "Host: localhost", "Host: x."]
--- response_body eval
["a.test|A.Test:1|localhost\n", "localhost|localhost|localhost\n", "x|x.|localhost\n"]

=== $host is the server's name where none is asked for
--- config
location / { return 200 "$host|$http_host|\n"; }
--- raw_request eval
"GET / HTTP/1.0\r\n\r\n"
--- response_body
localhost||

=== $request_port and $is_request_port
--- config
location / { return 200 "[$request_port] [$is_request_port]\n"; }
--- request eval
["GET /", "GET /"]
--- more_headers eval
["Host: a.test:81", "Host: a.test"]
--- response_body eval
["[81] [:]\n", "[] []\n"]

=== $arg_: by name in any case, the first of several, not decoded
--- config
location / { return 200 "$arg_a|$arg_B|$arg_long_name|\n"; }
--- request eval
["GET /?a=1&b=2", "GET /?A=1&B=2", "GET /?a=1&a=2", "GET /?a=%20+&b", "GET /?xa=1&a=2", "GET /?long_name=x", "GET /?a=1;b=2", "GET /?b=&a=="]
--- response_body eval
["1|2||\n", "1|2||\n", "1|||\n", "%20+|||\n", "2|||\n", "||x|\n", "1;b=2|||\n", "=|||\n"]

=== $http_: hyphens become underscores
--- config
location / { return 200 "$http_x_some_name|$http_user_agent|$http_none|\n"; }
--- request
GET /
--- more_headers
X-Some-Name: 1
User-Agent: u
--- response_body
1|u||

=== $cookie_
--- config
location / { return 200 "$cookie_a|$cookie_b|$cookie_c|\n"; }
--- request eval
["GET /", "GET /", "GET /", "GET /"]
--- more_headers eval
["Cookie: a=1; b=2", "Cookie: xa=0;a=1;b=\"q\"", "Cookie: a=1\nCookie: b=2; c=3", "Cookie: a; b==; c"]
--- response_body eval
["1|2||\n", "1|\"q\"||\n", "1|2|3|\n", "|=||\n"]

=== $sent_http_ in a header that is added
--- config
location / { default_type text/x; add_header X-A 1; add_header X-Type "$sent_http_content_type $sent_http_content_length [$sent_http_x_none]"; return 200 "hello"; }
--- request
GET /
--- response_headers
X-Type: text/x 5 []

=== $sent_http_ in the log
--- http_config
log_format own '$sent_http_content_type|$sent_http_content_length|$sent_http_connection|$sent_http_keep_alive|$sent_http_transfer_encoding|$sent_http_location|$sent_http_last_modified|$sent_http_x_a';
--- config
access_log logs/access.log own;
location / { add_header X-A 1; }
location /r { return 301 /x; }
--- user_files
>>> a 202401021530.45
hello
--- request eval
["GET /a", "GET /r"]
--- error_code eval
[200, 301]
--- access_log
text/plain|6|close|-|-|-|Tue, 02 Jan 2024 15:30:45 GMT|1
text/html|169|close|-|-|http://localhost:$TEST_NGINX_SERVER_PORT/x|-|-

=== $document_root, $realpath_root, $request_filename
--- config
root $TEST_NGINX_HTML_DIR/link;
location / { return 200 "$document_root|$realpath_root|$request_filename\n"; }
location /al/ { alias $TEST_NGINX_HTML_DIR/real/; return 200 "$document_root|$realpath_root|$request_filename\n"; }
--- user_files
>>> real/x
x
--- init
fs.symlinkSync('real', '$TEST_NGINX_HTML_DIR/link')
--- request eval
["GET /a/b", "GET /al/b"]
--- response_body eval
["$TEST_NGINX_HTML_DIR/link|$TEST_NGINX_HTML_DIR/real|$TEST_NGINX_HTML_DIR/link/a/b\n",
 "$TEST_NGINX_HTML_DIR/real/|$TEST_NGINX_HTML_DIR/real|$TEST_NGINX_HTML_DIR/real/b\n"]

=== $status, $body_bytes_sent, $bytes_sent before and after
--- http_config
log_format own '$status $body_bytes_sent';
--- config
access_log logs/access.log own;
location / { add_header X-Status "[$status]" always; return 404; }
--- request
HEAD /
--- error_code: 404
--- response_headers
X-Status: [404]
--- access_log
404 0

=== $request_id is 32 hex digits and the same all through a request
--- config
location / { add_header X-Id $request_id; return 200 $request_id; }
--- request
GET /
--- response_body_like: ^[0-9a-f]{32}$
--- response_headers_like
X-Id: [0-9a-f]{32}

=== $request_id differs from request to request
--- config
location / { return 200 "$request_id\n"; }
--- pipelined_requests eval
["GET /", "GET /"]
--- error_code eval
[200, 200]
--- response_body_like eval
["^[0-9a-f]{32}$", "^[0-9a-f]{32}$"]

=== $request_length, $request_time, $msec, $time_local, $time_iso8601
--- config
location / { return 200 "$request_length|$request_time|$msec|$time_local|$time_iso8601\n"; }
--- request
GET /
--- response_body_like
^54\|\d\.\d{3}\|\d{10}\.\d{3}\|\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d\n$

=== $request_completion
--- http_config
log_format own '[$request_completion] $uri';
--- config
access_log logs/access.log own;
location / { return 200 "x"; }
location /early { add_header X-C "[$request_completion]"; return 200 "x"; }
--- request eval
["GET /a", "GET /early"]
--- response_headers eval
["! X-C", "X-C: []"]
--- access_log
[OK] /a
[] /early

=== $request_completion: an upstream that breaks off leaves a response that is complete all the same
--- http_config
log_format own '[$request_completion] $status $body_bytes_sent';
--- config
access_log logs/access.log own;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"
--- request
GET /a
--- ignore_response
--- access_log
[OK] 200 3
--- error_log
upstream prematurely closed connection

=== $content_length and $content_type
--- config
location / { return 200 "$content_length|$content_type|\n"; }
--- request eval
["GET /", "POST /\nabc"]
--- more_headers eval
["X: y", "Content-Type: a/b"]
--- response_body eval
["||\n", "3|a/b|\n"]

=== $connection, $connection_requests, $connection_time, $pid, $nginx_version, $hostname
--- config
location / { return 200 "$connection|$connection_requests|$connection_time|$pid|$nginx_version|$hostname\n"; }
--- request
GET /
--- response_body_like
^[1-9]\d*\|1\|\d\.\d{3}\|[1-9]\d+\|\d+\.\d+\.\d+\|\S+\n$

=== $limit_rate can be read and set
--- config
limit_rate 100k;
location / { return 200 "$limit_rate\n"; }
location /set { set $limit_rate 5k; return 200 "$limit_rate\n"; }
--- request eval
["GET /", "GET /set"]
--- response_body eval
["0\n", "5120\n"]

=== $args can be set
--- config
location / { set $args "a=2&$args"; return 200 "$arg_a $args $query_string $is_args $request_uri\n"; }
--- request
GET /?a=1
--- response_body
2 a=2&a=1 a=2&a=1 ? /?a=1

=== $remote_user
--- config
location / { return 200 "[$remote_user]\n"; }
--- request eval
["GET /", "GET /"]
--- more_headers eval
["X: y", "Authorization: Basic am9lOnNlY3JldA=="]
--- response_body eval
["[]\n", "[joe]\n"]

=== $proxy_protocol_addr and $proxy_protocol_port by a listener that takes the header
--- http_config
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1 proxy_protocol;
    return 200 "$proxy_protocol_addr|$proxy_protocol_port|$proxy_protocol_server_addr|$proxy_protocol_server_port|$remote_addr\n";
}
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- request
GET /
--- error_code: 502
--- error_log
broken header: "GET / HTTP/1.1

=== braces and neighbours
--- config
location / { set $a x; return 200 "${a}b$a-$a.${a}_$a/\n"; }
--- request
GET /
--- response_body
xbx-x.x_x/

=== an unknown variable is refused
--- config
location / { return 200 $nonsense; }
--- must_die
--- error_log
unknown "nonsense" variable

=== a variable that may not be changed
--- config
location / { set $uri /x; return 200; }
--- must_die
--- error_log
the duplicate "uri" variable in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== a name without $
--- config
location / { set uri x; }
--- must_die
--- error_log
invalid variable name "uri" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== a brace that is not closed
--- config
location / { return 200 "${a"; }
--- must_die
--- error_log
the closing bracket in "a" variable is missing in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== $ alone
--- config
location / { return 200 "$"; }
--- must_die
--- error_log
invalid variable name in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4
