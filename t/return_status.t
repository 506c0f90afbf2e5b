# return, and the pages nginx has for each status.

=== return sends its text with the default type
--- config
location /a { return 200 "hello $arg_x\n"; }
--- request
GET /a?x=1
--- response_body
hello 1
--- response_headers
Content-Type: text/plain
Content-Length: 8

=== the type of the text comes from the extension, then from default_type
--- config
default_type application/json;
location / { return 201 '{"a":1}'; }
location /none { types { } return 201 '{"a":1}'; }
--- request eval
["GET /a", "GET /a.html", "GET /none/a.html"]
--- error_code eval
[201, 201, 201]
--- response_headers eval
["Content-Type: application/json", "Content-Type: text/html", "Content-Type: application/json"]
--- response_body eval
['{"a":1}', '{"a":1}', '{"a":1}']

=== a status without text has the built-in page
--- config
server_tokens off;
location /a { return 404; }
--- request
GET /a
--- response_body eval
`<html>\r
<head><title>404 Not Found</title></head>\r
<body>\r
<center><h1>404 Not Found</h1></center>\r
<hr><center>nginx</center>\r
</body>\r
</html>\r
`
--- response_headers
Content-Type: text/html
Content-Length: 146
Server: nginx
--- error_code: 404

=== server_tokens on and build name the version in page and header alike
--- config
location /a { return 404; }
--- request
GET /a
--- response_body_like
<hr><center>nginx/\d+\.\d+\.\d+</center>
--- response_headers_like
Server: nginx/\d+\.\d+\.\d+
--- error_code: 404

=== the title of each client error page
--- config
location ~ ^/(\d+)$ {
    set $s $1;
    if ($s = 400) { return 400; }
    if ($s = 401) { return 401; }
    if ($s = 402) { return 402; }
    if ($s = 403) { return 403; }
    if ($s = 405) { return 405; }
    if ($s = 406) { return 406; }
    if ($s = 409) { return 409; }
    if ($s = 410) { return 410; }
    if ($s = 411) { return 411; }
    if ($s = 412) { return 412; }
    if ($s = 413) { return 413; }
    if ($s = 414) { return 414; }
    if ($s = 415) { return 415; }
    if ($s = 416) { return 416; }
    if ($s = 421) { return 421; }
    if ($s = 429) { return 429; }
}
--- request eval
[400, 401, 402, 403, 405, 406, 409, 410, 411, 412, 413, 414, 415, 416, 421, 429].map((s) => `GET /${s}`)
--- error_code eval
[400, 401, 402, 403, 405, 406, 409, 410, 411, 412, 413, 414, 415, 416, 421, 429]
--- response_body_like eval
["400 Bad Request", "401 Authorization Required", "402 Payment Required", "403 Forbidden", "405 Not Allowed",
 "406 Not Acceptable", "409 Conflict", "410 Gone", "411 Length Required",
 "412 Precondition Failed", "413 Request Entity Too Large", "414 Request-URI Too Large",
 "415 Unsupported Media Type", "416 Requested Range Not Satisfiable", "421 Misdirected Request",
 "429 Too Many Requests"].map((t) => `<head><title>${t}</title></head>\r\n<body>\r\n<center><h1>${t}</h1></center>`)

=== the title of each server error page
--- config
location /500 { return 500; }
location /501 { return 501; }
location /502 { return 502; }
location /503 { return 503; }
location /504 { return 504; }
location /505 { return 505; }
location /507 { return 507; }
--- request eval
[500, 501, 502, 503, 504, 505, 507].map((s) => `GET /${s}`)
--- error_code eval
[500, 501, 502, 503, 504, 505, 507]
--- response_body_like eval
["500 Internal Server Error", "501 Not Implemented", "502 Bad Gateway", "503 Service Temporarily Unavailable",
 "504 Gateway Time-out", "505 HTTP Version Not Supported", "507 Insufficient Storage"]
 .map((t) => `<head><title>${t}</title></head>\r\n<body>\r\n<center><h1>${t}</h1></center>`)

=== the reason phrase of the status line
--- config
location /200 { return 200; }
location /201 { return 201; }
location /202 { return 202; }
location /204 { return 204; }
location /206 { return 206; }
location /301 { return 301 /; }
location /302 { return 302 /; }
location /303 { return 303 /; }
location /304 { return 304; }
location /307 { return 307 /; }
location /308 { return 308 /; }
location /401 { return 401; }
location /405 { return 405; }
location /413 { return 413; }
location /503 { return 503; }
--- request eval
[200, 201, 202, 204, 206, 301, 302, 303, 304, 307, 308, 401, 405, 413, 503].map((s) => `GET /${s}`)
--- error_code eval
[200, 201, 202, 204, 206, 301, 302, 303, 304, 307, 308, 401, 405, 413, 503]
--- raw_response_headers_like eval
["200 OK", "201 Created", "202 Accepted", "204 No Content", "206 Partial Content",
 "301 Moved Permanently", "302 Moved Temporarily", "303 See Other", "304 Not Modified", "307 Temporary Redirect",
 "308 Permanent Redirect", "401 Unauthorized", "405 Not Allowed", "413 Request Entity Too Large",
 "503 Service Temporarily Unavailable"].map((t) => `^HTTP/1.1 ${t}\r\n`)

=== a status nginx has no page for is sent bare
--- config
location /a { return 599; }
location /b { return 299; }
--- request eval
["GET /a", "GET /b"]
--- error_code eval
[599, 299]
--- response_body eval
["", ""]
--- raw_response_headers_like eval
["^HTTP/1.1 599 \r\n", "^HTTP/1.1 299 \r\n"]

=== 204 and 304 have no body, whatever text is given
--- config
location /a { return 204 "text"; }
location /b { return 304; }
--- request eval
["GET /a", "GET /b"]
--- error_code eval
[204, 304]
--- response_headers eval
["! Content-Length\n! Content-Type\n! Transfer-Encoding", "Content-Length: 0\n! Transfer-Encoding"]

=== 408 is logged but not sent
--- config
location /a { return 408; }
--- request
GET /a
--- ignore_response
--- access_log
"GET /a HTTP/1.1" 408 0 "-"

=== 444 closes the connection without an answer
--- config
location /a { return 444; }
--- request
GET /a
--- ignore_response
--- access_log
"GET /a HTTP/1.1" 444 0 "-"

=== a redirect by status and URL
--- config
location /301 { return 301 http://example.test/a?b=$arg_x; }
location /302 { return 302 https://example.test/; }
location /303 { return 303 http://example.test/; }
location /307 { return 307 http://example.test/; }
location /308 { return 308 http://example.test/; }
--- request eval
["GET /301?x=1", "GET /302", "GET /303", "GET /307", "GET /308"]
--- error_code eval
[301, 302, 303, 307, 308]
--- response_headers eval
["Location: http://example.test/a?b=1", "Location: https://example.test/", "Location: http://example.test/",
 "Location: http://example.test/", "Location: http://example.test/"]
--- response_body_like eval
["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"]
 .map((t) => `<center><h1>${t}</h1></center>`)

=== a URL alone is a 302
--- config
location /a { return http://example.test/x; }
location /b { return https://example.test/x; }
location /c { return $scheme://example.test/x; }
--- request eval
["GET /a", "GET /b", "GET /c"]
--- error_code eval
[302, 302, 302]
--- response_headers eval
["Location: http://example.test/x", "Location: https://example.test/x", "Location: http://example.test/x"]

=== a local path in a redirect becomes absolute
--- config
location /a { return 301 /b?c; }
location /b { absolute_redirect off; return 301 /c; }
location /c { port_in_redirect off; return 302 /d; }
location /d { server_name_in_redirect on; return 302 /e; }
--- server_name: first.test
--- request eval
["GET /a", "GET /b", "GET /c", "GET /d"]
--- error_code eval
[301, 301, 302, 302]
--- response_headers eval
["Location: http://localhost:$TEST_NGINX_SERVER_PORT/b?c", "Location: /c", "Location: http://localhost/d",
 "Location: http://first.test:$TEST_NGINX_SERVER_PORT/e"]

=== return in the server comes before any location
--- config
return 503 "closed\n";
location / { return 200 "open\n"; }
--- request
GET /a
--- error_code: 503
--- response_body
closed

=== return drops the request's body and the connection goes on
--- config
location /a { return 200 "a\n"; }
--- pipelined_requests eval
["POST /a\nsome body", "POST /a\nanother body"]
--- response_body eval
["a\n", "a\n"]

=== an error page for a browser that hides short ones
--- config
location /a { return 404; }
location /off { msie_padding off; return 404; }
--- request eval
["GET /a", "GET /off"]
--- error_code eval
[404, 404]
--- response_body_like eval
["(<!-- a padding to disable MSIE and Chrome friendly error page -->\r\n){6}$", "^(?!.*padding)"]
--- more_headers eval
["User-Agent: Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)", "User-Agent: Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)"]

=== text with return is no error page
--- config
error_page 404 /page;
location /page { return 200 "page\n"; }
location /a { return 404 "text\n"; }
location /b { return 404; }
--- request eval
["GET /a", "GET /b"]
--- error_code eval
[404, 404]
--- response_body eval
["text\n", "page\n"]

=== invalid codes are refused
--- config
location /a { return 1000; }
--- must_die
--- error_log
invalid return code "1000" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== the status is known in the text
--- config
location / { return 402 "$status\n"; }
--- request
GET /
--- error_code: 402
--- response_body
402

=== msie_refresh: a page in place of a redirect
--- config
msie_refresh on;
location /a { return 301 "/b c#%<d>"; }
location /page { error_page 404 https://example.com/; return 404; }
location /see { return 303 /b; }
location /off { msie_refresh off; return 302 /b; }
--- request eval
["GET /a", "GET /page", "HEAD /a", "GET /see", "GET /off", "GET /a", "GET /a"]
--- more_headers eval
[..."12345", "no", "Opera"].map((x) => `User-Agent: ${{ no: "MSIE 6", Opera: "MSIE 6.0 Opera" }[x] ?? "MSIE 6.0"}`)
--- error_code eval
[200, 200, 200, 303, 302, 301, 301]
--- response_headers eval
["Content-Type: text/html\n! Location\nContent-Length: 101", "! Location", "Content-Length: 101",
  "Location: http://localhost:$TEST_NGINX_SERVER_PORT/b", "Location: http://localhost:$TEST_NGINX_SERVER_PORT/b", null, null]
--- response_body eval
['<html><head><meta http-equiv="Refresh" content="0; URL=/b%20c#%%3Cd%3E"></head><body></body></html>\r\n',
  '<html><head><meta http-equiv="Refresh" content="0; URL=https://example.com/"></head><body></body></html>\r\n',
  "", null, null, null, null]
