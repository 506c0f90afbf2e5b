# return with a status: the built-in pages.

=== return sends its text
--- config
location /a { return 200 "hello $arg_x\n"; }
--- request
GET /a?x=1
--- response_body
hello 1
--- response_headers
Content-Type: text/plain
Content-Length: 8

=== a status without text has the built-in page
--- config
location /a { return 404; }
server_tokens off;
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
--- error_code: 404
