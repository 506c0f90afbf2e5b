# The request line: what is accepted, what is refused and with which status.

=== methods are known or not, all are passed on
--- config
location / { return 200 "$request_method\n"; }
--- request eval
["GET /", "POST /", "PUT /", "DELETE /", "OPTIONS /", "PATCH /", "PROPFIND /", "MKCOL /", "COPY /", "MOVE /", "LOCK /",
 "UNLOCK /", "PROPPATCH /", "FOO_BAR /", "M-SEARCH /"]
--- error_code eval
[200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200]
--- response_body eval
["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "PROPPATCH",
 "FOO_BAR", "M-SEARCH"].map((m) => `${m}\n`)

=== HEAD has the headers of GET and no body
--- config
location / { return 200 "text\n"; }
--- request
HEAD /
--- response_headers
Content-Length: 5
--- response_body

=== TRACE is refused
--- config
location / { return 200 "text\n"; }
--- request
TRACE /
--- error_code: 405
--- response_body_like: 405 Not Allowed

=== CONNECT is refused
--- config
location / { return 200 "text\n"; }
--- raw_request eval
"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\nConnection: close\r\n\r\n"
--- error_code: 405

=== a method in lower case is refused
--- config
location / { return 200 "text\n"; }
--- raw_request eval
"get / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
--- error_code: 400
--- error_log
client sent invalid method while reading client request line, client: 127.0.0.1, server: localhost, request: "get / HTTP/1.1"

=== the whole answer to a bad request
--- config
server_tokens off;
--- raw_request eval
"\x01\r\n\r\n"
--- error_code: 400
--- raw_response_headers_like
^HTTP/1\.1 400 Bad Request\r\nServer: nginx\r\nDate: [^\r]+ GMT\r\nContent-Type: text/html\r\nContent-Length: 150\r\nConnection: close\r\n$
--- response_body eval
`<html>\r
<head><title>400 Bad Request</title></head>\r
<body>\r
<center><h1>400 Bad Request</h1></center>\r
<hr><center>nginx</center>\r
</body>\r
</html>\r
`

=== HTTP/0.9: a method and a path, an answer without head
--- config
location / { return 200 "[$server_protocol] $uri [$request]\n"; }
--- raw_request eval
"GET /old\r\n"
--- http09
--- response_body
[] /old [GET /old]

=== HTTP/0.9 with any method but GET
--- config
location / { return 200 "text\n"; }
--- raw_request eval
"POST /old\r\n"
--- http09
--- response_body_like: 400 Bad Request
--- error_log
client sent invalid method in HTTP/0.9 request while reading client request line

=== HTTP/1.0 answers with HTTP/1.1 and closes
--- config
location / { return 200 "$server_protocol\n"; }
--- raw_request eval
"GET / HTTP/1.0\r\n\r\n"
--- raw_response_headers_like
^HTTP/1\.1 200 OK\r\n
--- response_headers
Connection: close
--- response_body
HTTP/1.0

=== versions
--- config
location / { return 200 "$server_protocol\n"; }
--- raw_request eval
"GET / HTTP/1.2\r\nHost: localhost\r\nConnection: close\r\n\r\n"
--- response_body
HTTP/1.2

=== version 2.0 is not supported
--- config
location / { return 200 "text\n"; }
--- raw_request eval
"GET / HTTP/2.0\r\nHost: localhost\r\n\r\n"
--- error_code: 505
--- response_body_like: 505 HTTP Version Not Supported
--- error_log
client sent invalid version while reading client request line

=== version 0.9 cannot be named
--- config
location / { return 200 "text\n"; }
--- raw_request eval
"GET / HTTP/0.9\r\nHost: localhost\r\n\r\n"
--- error_code: 400

=== a version that is none
--- config
location / { return 200 "text\n"; }
--- raw_request eval
"GET / HTTQ/1.1\r\nHost: localhost\r\n\r\n"
--- error_code: 400
--- error_log
client sent invalid request while reading client request line

=== the length of a version has a limit
--- config
location / { return 200 "$server_protocol\n"; }
--- raw_request eval
"GET / HTTP/1.999\r\nHost: localhost\r\n\r\nGET / HTTP/1.1000\r\nHost: localhost\r\n\r\n"
--- error_code eval
[200, 400]
--- response_body eval
["HTTP/1.999\n", /400 Bad Request/]

=== a line ended by LF alone
--- config
location / { return 200 "$uri [$http_x]\n"; }
--- raw_request eval
"GET /a HTTP/1.1\nHost: localhost\nX: y\nConnection: close\n\n"
--- response_body
/a [y]

=== empty lines before the request
--- config
location / { return 200 "$request\n"; }
--- raw_request eval
"\r\n\r\nGET /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
--- response_body
GET /a HTTP/1.1

=== CR without LF after the version
--- config
location / { return 200 "text\n"; }
--- raw_request eval
"GET /a HTTP/1.1\rHost: localhost\r\n\r\n"
--- error_code: 400

=== several spaces between the parts
--- config
location / { return 200 "[$uri] [$request]\n"; }
--- raw_request eval
"GET   /a   HTTP/1.1   \r\nHost: localhost\r\nConnection: close\r\n\r\n"
--- response_body
[/a] [GET   /a   HTTP/1.1   ]

=== a space within the URI
--- config
location / { return 200 "[$uri]\n"; }
--- raw_request eval
"GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n"
--- error_code: 400
--- error_log
client sent invalid request while reading client request line

=== control characters in the URI
--- config
location / { return 200 "[$uri]\n"; }
--- raw_request eval
"GET /a\x01b HTTP/1.1\r\nHost: localhost\r\n\r\n"
--- error_code: 400

=== a NUL in the URI, plain
--- config
location / { return 200 "[$uri]\n"; }
--- raw_request eval
"GET /a\0b HTTP/1.1\r\nHost: localhost\r\n\r\n"
--- error_code: 400

=== a NUL in the URI, encoded
--- config
location / { return 200 "[$uri]\n"; }
--- request
GET /a%00b
--- error_code: 400

=== a path without a slash
--- config
location / { return 200 "[$uri]\n"; }
--- raw_request eval
"GET a HTTP/1.1\r\nHost: localhost\r\n\r\n"
--- error_code: 400

=== an asterisk
--- config
location / { return 200 "[$uri]\n"; }
--- raw_request eval
"OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
--- error_code: 400

=== the absolute form: its host counts, not the Host header
--- config
server_name abs.test;
location / { return 200 "$uri $host $http_host $request_uri $args\n"; }
--- raw_request eval
"GET http://Abs.Test:8080/a/../b?c HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
--- response_body
/b abs.test localhost /a/../b?c c

=== the absolute form without a path
--- config
location / { return 200 "$uri [$request_uri] [$args] $host\n"; }
--- raw_request eval
"GET http://one.test HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
--- response_body
/ [/] [] one.test

=== the absolute form with arguments only
--- config
location / { return 200 "$uri [$request_uri] [$args] $host\n"; }
--- raw_request eval
"GET http://one.test?a=b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
--- response_body
/ [?a=b] [a=b] one.test

=== the absolute form: other schemes, IPv6 and what is broken
--- config
location / { return 200 "$host $uri\n"; }
--- raw_request eval
"GET foo://[::1]:80/a HTTP/1.1\r\nHost: x\r\n\r\n" +
"GET http://a.test:80x/ HTTP/1.1\r\nHost: x\r\n\r\n"
--- error_code eval
[200, 400]
--- response_body eval
["[::1] /a\n", /400 Bad Request/]

=== dot segments
--- config
location / { return 200 "$uri\n"; }
--- request eval
["GET /a/../b", "GET /a/./b", "GET /a/b/..", "GET /a/b/.", "GET /a/..b", "GET /a/b../c", "GET /.", "GET /a/%2e%2e/b",
 "GET /a%2f..%2fb", "GET /a/b/../../c/"]
--- error_code eval
[200, 200, 200, 200, 200, 200, 200, 200, 200, 200]
--- response_body eval
["/b\n", "/a/b\n", "/a/\n", "/a/b/\n", "/a/..b\n", "/a/b../c\n", "/\n", "/b\n", "/b\n", "/c/\n"]

=== dot segments that leave the root
--- config
location / { return 200 "$uri\n"; }
--- request eval
["GET /..", "GET /../a", "GET /a/../../b", "GET /%2e%2e/a"]
--- error_code eval
[400, 400, 400, 400]
--- error_log
client sent invalid request while reading client request line

=== percent encoding is decoded once
--- config
location / { return 200 "$uri\n"; }
--- request eval
["GET /%41%62", "GET /%2541", "GET /a%20b", "GET /a+b", "GET /%c3%bc", "GET /a%3Fb?c", "GET /a%23b"]
--- response_body eval
["/Ab\n", "/%41\n", "/a b\n", "/a+b\n", "/\xc3\xbc\n", "/a?b\n", "/a#b\n"]

=== broken percent encoding
--- config
location / { return 200 "$uri\n"; }
--- request eval
["GET /%", "GET /%4", "GET /%zz", "GET /a%4x"]
--- error_code eval
[400, 400, 400, 400]

=== what is after the question mark is not decoded and may hold anything
--- config
location / { return 200 "$uri|$args|$arg_x\n"; }
--- request eval
["GET /a?x=%41%zz&y=/../", "GET /a?", "GET /a?x?y", "GET /a?%00"]
--- response_body eval
["/a|x=%41%zz&y=/../|%41%zz\n", "/a||\n", "/a|x?y|\n", "/a|%00|\n"]

=== a fragment is cut off
--- config
location / { return 200 "$uri|$args|$request_uri\n"; }
--- request eval
["GET /a#b", "GET /a?c#d"]
--- response_body eval
["/a||/a#b\n", "/a|c|/a?c#d\n"]

=== merge_slashes
--- config
location / { return 200 "$uri|$request_uri\n"; }
--- request
GET //a///b////
--- response_body
/a/b/|//a///b////

=== merge_slashes off
--- http_config
merge_slashes off;
--- config
location / { return 200 "$uri\n"; }
--- request
GET //a///b//../c
--- response_body
//a///b/c

=== bytes above ASCII are taken as they are
--- config
location / { return 200 "$uri|$args\n"; }
--- request eval
"GET /\xff\xfe?\x80"
--- response_body eval
"/\xff\xfe|\x80\n"

=== a request line longer than the buffers
--- config
location / { return 200 "ok\n"; }
--- raw_request eval
"GET /" + "a".repeat(9000) + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
--- error_code: 414
--- response_body_like: 414 Request-URI Too Large
--- error_log
client sent too long URI while reading client request line

=== a request line that needs a large buffer
--- config
location / { return 200 "$request_length $uri\n"; }
--- raw_request eval
"GET /" + "a".repeat(8000) + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
--- response_body eval
"8054 /" + "a".repeat(8000) + "\n"

=== client_header_buffer_size and large_client_header_buffers set the limit
--- http_config
client_header_buffer_size 64;
large_client_header_buffers 2 512;
--- config
location / { return 200 "ok\n"; }
--- raw_request eval
"GET /" + "a".repeat(480) + " HTTP/1.1\r\nHost: localhost\r\n\r\n" +
"GET /" + "a".repeat(510) + " HTTP/1.1\r\nHost: localhost\r\n\r\n"
--- error_code eval
[200, 414]

=== a request line that arrives byte by byte
--- config
location / { return 200 "$request\n"; }
--- raw_request eval
[..."GET /slow HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"].map((value, i) => ({ value, delay_before: i % 20 === 0 ? 0.01 : 0 }))
--- response_body
GET /slow HTTP/1.1

=== a TLS hello on a plain port
--- config
location / { return 200 "ok\n"; }
--- raw_request eval
"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + "x".repeat(64)
--- error_code: 400
--- error_log eval
"client sent invalid method while reading client request line, client: 127.0.0.1, server: localhost, request: \"\x16\x03\x01"

=== nothing is sent
--- config
location / { return 200 "ok\n"; }
--- raw_request eval
""
--- shutdown
--- ignore_response
--- no_error_log
[error]
client sent invalid

=== the client leaves in the middle of the request line
--- config
location / { return 200 "ok\n"; }
--- raw_request eval
"GET /a"
--- shutdown
--- ignore_response
--- error_log
client prematurely closed connection while reading client request line

=== client_header_timeout: 408 is logged, the connection closed
--- config
client_header_timeout 100ms;
location / { return 200 "ok\n"; }
--- raw_request eval
"GET / HTTP/1.1\r\nHost: localhost\r\n"
--- ignore_response
--- access_log
"GET / HTTP/1.1" 408 0
--- error_log
client timed out (110: Connection timed out) while reading client request headers
