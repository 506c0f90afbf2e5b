# scgi_pass.

=== a request and its response
--- config
location / { scgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; scgi_param SCGI 1; scgi_param E ""; scgi_param F "" if_not_empty; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_query eval
"105:CONTENT_LENGTH\x002\0SCGI\x001\0E\0\0HTTP_HOST\0localhost\0HTTP_X_A\x001, 2\0HTTP_CONNECTION\0close\0HTTP_CONTENT_LENGTH\x002\0,ab"
--- tcp_reply eval
"A: b\r\n\r\nok\n"
--- raw_request eval
"POST / HTTP/1.1\r\nHost: localhost\r\nX-A: 1\r\nX-A: 2\r\nConnection: close\r\nContent-Length: 2\r\n\r\nab"
--- response_headers
A: b
--- response_body
ok

=== a status line
--- config
location / { scgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 404 Nothing\r\nA: b\r\n\r\nok\n"
--- request
GET /
--- error_code: 404
--- raw_response_headers_like: ^HTTP/1\.1 404 Nothing\r\n
--- response_body
ok

=== Status, in two pieces
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
["Sta", "tus: 403 No\r\n\r\nok\n"]
--- request
GET /
--- error_code: 403
--- raw_response_headers_like: ^HTTP/1\.1 403 No\r\n
--- response_body
ok

=== a body shorter than its length
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"Content-Length: 5\r\n\r\nok\n"
--- request
GET /
--- ignore_response
--- error_log
upstream prematurely closed connection while reading upstream

=== a body longer than its length
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"Content-Length: 2\r\n\r\nok\n"
--- request
GET /
--- response_body chomp
ok
--- error_log
upstream sent more data than specified in "Content-Length" header

=== no header
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"A b\r\n\r\n"
--- request
GET /
--- error_code: 502
--- error_log
upstream sent invalid header: "A\x20..."

=== a body in chunks is read first
--- config
location / { scgi_request_buffering off; scgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_query_len: 97
--- tcp_reply eval
(query) => "\r\n" + query.slice(0, query.indexOf("HTTP_")).replaceAll("\0", " ") + query.slice(query.indexOf(",") + 1) + "\n"
--- raw_request eval
["POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", "1\r\nc\r\n0\r\n\r\n"]
--- response_body
90:CONTENT_LENGTH 3 abc

=== a wrong size
--- config
scgi_busy_buffers_size 1k;
--- must_die
--- error_log
"scgi_busy_buffers_size" must be equal to or greater than the maximum of the value of "scgi_buffer_size" and one of the "scgi_buffers"

=== a HEAD is cached where the whole body has come
--- http_config
scgi_cache_path cache keys_zone=one:1m;
--- config
location / {
    scgi_pass 127.0.0.1:$TEST_NGINX_RAND_PORT_1; scgi_param METHOD $request_method; scgi_param URI "$uri;";
    scgi_cache one; scgi_cache_key $uri$arg_u; scgi_cache_valid 1m;
    add_header X-Cache $upstream_cache_status;
}
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
(query) => `Content-Length: 4\r\n\r\n${query.includes('HEAD') && query.includes('/part;') ? '' : 'body'}`
--- request eval
(u => [`HEAD /part?u=${u}`, `GET /part?u=${u}`, `HEAD /whole?u=${u}`, `GET /whole?u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: MISS", "X-Cache: MISS", "X-Cache: HIT"]
--- response_body eval
["", "body", "", "body"]
