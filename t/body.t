# The request's body: length, chunks, buffers, files, limits; also where nobody wants it.

=== a body with a length reaches the upstream as it is
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_query eval
/^POST \/a HTTP\/1\.1\r\nHost: [^\r]*\r\nContent-Length: 11\r\n\r\nhello\0\xff\r\nyz$/
--- tcp_reply eval
"HTTP/1.0 200 OK\r\n\r\ndone\n"
--- request eval
"POST /a\nhello\0\xff\r\nyz"
--- response_body
done

=== chunks are put together, their extensions and trailers dropped
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/echo; add_header X-Body "$request_body"; add_header X-Trailer "$http_x_trailer"; }
location /echo { return 200 "$http_content_length $http_transfer_encoding\n"; }
--- more_headers
Transfer-Encoding: chunked
--- request eval
"POST /\n5;a=b\r\nhello\r\n1 \r\n \r\nA;x=\"1;2\"\r\n0123456789\r\n000\r\nX-Trailer: 1\r\n\r\n"
--- response_body eval
"16 \n"
--- response_headers
X-Body: hello 0123456789
! X-Trailer

=== chunk sizes in upper and lower case hex
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/echo; }
location /echo { return 200 "$http_content_length\n"; }
--- more_headers
Transfer-Encoding: CHUNKED
--- request eval
"POST /\n1a\r\n" + "x".repeat(26) + "\r\n1A\r\n" + "y".repeat(26) + "\r\n0\r\n\r\n"
--- response_body
52

=== broken chunks
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/echo; }
location /echo { return 200 "reached\n"; }
--- more_headers
Transfer-Encoding: chunked
--- request eval
["x\r\n", "-1\r\n", "5\r\nhello0\r\n\r\n", "\r\n", " 1\r\na\r\n0\r\n\r\n", "0x1\r\na\r\n0\r\n\r\n",
 "fffffffffffffffff\r\na", "1\r\na\rX0\r\n\r\n"].map((body) => `POST /\n${body}`)
--- error_code eval
Array(8).fill(400)
--- error_log
client sent invalid chunked body

=== chunks split at every byte
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/echo; add_header X-Body "$request_body"; }
location /echo { return 200 "$http_content_length\n"; }
--- raw_request eval
["POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
 ...[..."5;e=\"x\"\r\nhello\r\n3\r\nabc\r\n0\r\nT: v\r\n\r\n"].map((value, i) => ({ value, delay_before: i % 8 === 0 ? 0.01 : 0.001 }))]
--- response_body
8
--- response_headers
X-Body: helloabc

=== the request after a chunked body is found
--- config
location /p { proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/echo; }
location /echo { return 200 "$http_content_length\n"; }
location / { return 200 "$uri\n"; }
--- raw_request eval
["/p", "/discarded", "/p"].map((uri) => `POST ${uri} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n`).join('') +
"GET /last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
--- response_body eval
["3\n", "/discarded\n", "3\n", "/last\n"]

=== client_max_body_size
--- config
client_max_body_size 10;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/echo; }
location /off { client_max_body_size 0; return 200 "off\n"; }
location /echo { return 200 "reached\n"; }
--- request eval
["POST /\n0123456789", "POST /\n0123456789a", "POST /off\n0123456789a"]
--- error_code eval
[200, 413, 200]
--- response_body_like eval
["reached", "413 Request Entity Too Large", "off"]
--- error_log
client intended to send too large body: 11 bytes

=== client_max_body_size holds where the body is not read, too
--- config
client_max_body_size 10;
location / { return 200 "ok\n"; }
--- request
POST /
0123456789a
--- error_code: 413

=== a chunked body that grows too large
--- config
client_max_body_size 10;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/echo; }
location /echo { return 200 "reached\n"; }
--- more_headers
Transfer-Encoding: chunked
--- request eval
"POST /\n8\r\n01234567\r\n8\r\n01234567\r\n0\r\n\r\n"
--- error_code: 413
--- error_log
client intended to send too large chunked body: 8+8 bytes

=== a body larger than the buffer goes to a file
--- config
client_body_buffer_size 1k;
location / {
    proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/echo;
    add_header X-File $request_body_file;
    add_header X-Body "[$request_body]";
}
location /echo { return 200 "$http_content_length\n"; }
--- request eval
["POST /\n" + "x".repeat(5000), "POST /\n" + "x".repeat(100)]
--- response_body eval
["5000\n", "100\n"]
--- response_headers_like eval
["X-File: .*client_body_temp/\\d{10}\nX-Body: \\[\\]", "X-Body: \\[x{100}\\]"]
--- error_log
[warn]
a client request body is buffered to a temporary file

=== client_body_in_file_only keeps each body in a file
--- config
location / {
    client_body_in_file_only on;
    client_body_temp_path logs/bodies 1 2;
    proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/echo;
    add_header X-File $request_body_file;
}
location /echo { return 200 "$http_content_length\n"; }
--- request
POST /
hello
--- response_body
5
--- response_headers_like
X-File: .*/logs/bodies/\d/\d\d/\d{10}
--- error_log
[notice]
a client request body is buffered to a temporary file

=== client_body_in_single_buffer
--- config
location / {
    client_body_in_single_buffer on;
    proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/echo;
    add_header X-Body $request_body;
}
location /echo { return 200 "$http_content_length\n"; }
--- request eval
[["POST /\nhel", { value: "lo", delay_before: 0.02 }]]
--- response_body
5
--- response_headers
X-Body: hello

=== a large body comes through whole
--- config
client_max_body_size 2m;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/echo; }
location /echo { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_query_len: 1000071
--- tcp_reply eval
(query) => {
  const body = query.slice(query.indexOf("\r\n\r\n") + 4);
  return `HTTP/1.0 200 OK\r\n\r\n${body.length} ${body === "0123456789".repeat(100000)}\n`;
}
--- request eval
"POST /\n" + "0123456789".repeat(100000)
--- response_body
1000000 true

=== client_body_timeout: 408 is logged
--- config
client_body_timeout 100ms;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/echo; }
location /echo { return 200 "reached\n"; }
--- raw_request eval
"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n12345"
--- ignore_response
--- access_log
"POST / HTTP/1.1" 408 0
--- no_access_log
reached

=== the client leaves in the middle of its body
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/echo; }
location /echo { return 200 "reached\n"; }
--- raw_request eval
"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n12345"
--- shutdown
--- ignore_response
--- error_log
client prematurely closed connection
--- access_log
"POST / HTTP/1.1" 400 0

=== a GET with a body
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/echo; add_header X-Body $request_body; }
location /echo { return 200 "$request_method $http_content_length\n"; }
--- request
GET /
hello
--- response_body
GET 5
--- response_headers
X-Body: hello

=== an empty POST
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/echo; add_header X-Body "[$request_body]"; }
location /echo { return 200 "[$http_content_length]\n"; }
--- request eval
["POST /", "POST /", "POST /\n0\r\n\r\n"]
--- more_headers eval
["Content-Length: 0", "X: y", "Transfer-Encoding: chunked"]
--- response_body eval
["[0]\n", "[]\n", "[0]\n"]
--- response_headers eval
["X-Body: []", "X-Body: []", "X-Body: []"]

=== $content_length, $content_type and $request_length of a request with a body
--- config
location / { return 200 "$content_length $content_type $request_length\n"; }
--- more_headers
Content-Type: text/x-test
--- request
POST /
hello
--- response_body
5 text/x-test 101
