# Static files: type, conditional requests, ranges, index, redirects of directories, links.

=== a file and its headers
--- user_files
>>> a.txt 202401021530.45
hello
--- config
location / { }
--- request
GET /a.txt
--- response_body
hello
--- response_headers
Content-Type: text/plain
Content-Length: 6
Last-Modified: Tue, 02 Jan 2024 15:30:45 GMT
ETag: "65942c25-6"
Accept-Ranges: bytes

=== HEAD
--- request
HEAD /a.txt
--- response_body
--- response_headers
Content-Length: 6
ETag: "65942c25-6"

=== POST, PUT and DELETE are not allowed
--- request eval
["POST /a.txt\nx", "PUT /a.txt\nx", "DELETE /a.txt"]
--- error_code eval
[405, 405, 405]
--- response_body_like eval
["405 Not Allowed", "405 Not Allowed", "405 Not Allowed"]

=== OPTIONS too
--- request
OPTIONS /a.txt
--- error_code: 405

=== a file that is not there
--- request
GET /none.txt
--- error_code: 404
--- error_log eval
/\[error\] \d+#\d+: \*\d+ open\(\) ".*\/html\/none\.txt" failed \(2: No such file or directory\), client: 127\.0\.0\.1, server: localhost, request: "GET \/none\.txt HTTP\/1\.1", host: "localhost"$/

=== log_not_found off
--- config
log_not_found off;
--- request
GET /none.txt
--- error_code: 404
--- no_error_log
[error]

=== an empty file
--- config
location / { }
--- user_files
>>> empty
--- request
GET /empty
--- response_headers
Content-Length: 0
--- response_body

=== a file name with all that a name can hold
--- config
location / { }
--- user_files eval
[["with space.txt", "1"], ["plus+.txt", "2"], ["\xc3\xbc.txt", "3"], ["quote'.txt", "4"], ["percent%41.txt", "5"]]
--- request eval
["GET /with%20space.txt", "GET /plus+.txt", "GET /%C3%BC.txt", "GET /quote'.txt", "GET /percent%2541.txt"]
--- response_body eval
["1", "2", "3", "4", "5"]

=== types by extension, in any case
--- config
types { text/html html; image/png png; application/x-mine mine two; }
default_type application/octet-stream;
location /over { types { text/x-over html; } }
--- user_files
>>> a.html
a
>>> a.PNG
a
>>> a.mine
a
>>> a.two
a
>>> a.unknown
a
>>> a
a
>>> a.html.gz
a
>>> over/a.html
a
>>> dir.html/a
a
--- request eval
["a.html", "a.PNG", "a.mine", "a.two", "a.unknown", "a", "a.html.gz", "over/a.html", "dir.html/a"].map((f) => `GET /${f}`)
--- response_headers eval
["text/html", "image/png", "application/x-mine", "application/x-mine", "application/octet-stream",
 "application/octet-stream", "application/octet-stream", "text/x-over", "application/octet-stream"].map((t) => `Content-Type: ${t}`)

=== without types there are three
--- config
location / { }
--- user_files
>>> a.html
a
>>> a.gif
a
>>> a.jpg
a
>>> a.css
a
--- request eval
["a.html", "a.gif", "a.jpg", "a.css"].map((f) => `GET /${f}`)
--- response_headers eval
["text/html", "image/gif", "image/jpeg", "text/plain"].map((t) => `Content-Type: ${t}`)

=== charset is added to text only
--- config
charset utf-8;
types { text/html html; application/x-bin bin; }
location /off { charset off; }
--- user_files
>>> a.html
a
>>> a.bin
a
>>> off/a.html
a
--- request eval
["GET /a.html", "GET /a.bin", "GET /off/a.html"]
--- response_headers eval
["Content-Type: text/html; charset=utf-8", "Content-Type: application/x-bin", "Content-Type: text/html"]

=== etag off
--- config
etag off;
--- user_files
>>> a.txt
hello
--- request
GET /a.txt
--- response_headers
! ETag
--- response_headers_like
Last-Modified: .+ GMT

=== a directory is redirected to its name with a slash
--- config
location / { }
--- user_files
>>> dir/index.html
index
--- request
GET /dir?a=b
--- error_code: 301
--- response_headers
Location: http://localhost:$TEST_NGINX_SERVER_PORT/dir/?a=b
--- response_body_like: 301 Moved Permanently

=== the forms of that redirect
--- config
server_name first.test second.test;
location /rel/ { absolute_redirect off; }
location /noport/ { port_in_redirect off; }
location /name/ { server_name_in_redirect on; }
location /all/ { server_name_in_redirect on; port_in_redirect off; }
--- server_name: zero.test
--- user_files
>>> rel/d/x
x
>>> noport/d/x
x
>>> name/d/x
x
>>> all/d/x
x
--- request eval
["GET /rel/d", "GET /noport/d", "GET /name/d", "GET /all/d"]
--- more_headers eval
["Host: second.test", "Host: second.test:99", "Host: second.test", "Host: second.test"]
--- error_code eval
[301, 301, 301, 301]
--- response_headers eval
["Location: /rel/d/", "Location: http://second.test/noport/d/",
 "Location: http://zero.test:$TEST_NGINX_SERVER_PORT/name/d/", "Location: http://zero.test/all/d/"]

=== the redirect escapes what the URI decoded
--- config
location / { absolute_redirect off; }
--- user_files eval
[["a b%?/x", "x"]]
--- request
GET /a%20b%25%3f
--- error_code: 301
--- response_headers
Location: /a%20b%25%3F/

=== index: the first that exists
--- config
index none.html $arg_i.html second.html;
--- user_files
>>> second.html
second
>>> dyn.html
dyn
--- request eval
["GET /", "GET /?i=dyn"]
--- response_body eval
["second\n", "dyn\n"]

=== index with an absolute name is a URI
--- config
location /dir/ { index none /other; }
location /other { return 200 "other: $uri\n"; }
--- user_files
>>> dir/x
x
--- request
GET /dir/
--- response_body
other: /other

=== the index is looked for as a location again
--- config
location / { }
location = /dir/index.html { return 200 "location: $uri\n"; }
--- user_files
>>> dir/index.html
the file
--- request
GET /dir/
--- response_body
location: /dir/index.html

=== a directory without an index
--- config
location / { }
--- user_files
>>> dir/x
x
--- request
GET /dir/
--- error_code: 403
--- error_log eval
/directory index of ".*\/html\/dir\/" is forbidden/

=== a slash after a file
--- config
location / { }
--- user_files
>>> file
x
--- request
GET /file/
--- error_code: 404
--- error_log
(20: Not a directory)

=== a file that may not be read
--- master
--- config
location / { }
--- user_files
>>> secret
x
>>> closed/x
x
--- init
fs.chmodSync('$TEST_NGINX_HTML_DIR/secret', 0o000);
fs.chmodSync('$TEST_NGINX_HTML_DIR/closed', 0o000);
--- request eval
["GET /secret", "GET /closed/x"]
--- error_code eval
[403, 403]
--- error_log
(13: Permission denied)

=== symbolic links are followed
--- config
location / { }
location /off/ { disable_symlinks on; }
location /owner/ { disable_symlinks if_not_owner; }
location /from/ { disable_symlinks on from=$document_root/from; }
--- user_files
>>> real
real
>>> off/x
x
>>> owner/x
x
--- init
fs.symlinkSync('real', '$TEST_NGINX_HTML_DIR/link');
fs.symlinkSync('../real', '$TEST_NGINX_HTML_DIR/off/link');
fs.symlinkSync('../real', '$TEST_NGINX_HTML_DIR/owner/link');
fs.symlinkSync('off', '$TEST_NGINX_HTML_DIR/from');
--- request eval
["GET /link", "GET /off/link", "GET /off/x", "GET /owner/link", "GET /from/x", "GET /from/link"]
--- error_code eval
[200, 403, 200, 200, 200, 403]

=== root with variables, root without a slash, alias
--- config
location /var/ { root html/$arg_d; }
location /al/ { alias html/real/; }
location /file { alias html/real/one; }
location ~ ^/re/(\w+)$ { alias html/real/$1; }
location /noslash { alias html/real; }
--- user_files
>>> dyn/var/x
dynamic
>>> real/one
one
--- request eval
["GET /var/x?d=dyn", "GET /al/one", "GET /file", "GET /re/one", "GET /noslash/one"]
--- response_body eval
["dynamic\n", "one\n", "one\n", "one\n", "one\n"]

=== If-Modified-Since
--- config
location / { }
location /before { if_modified_since before; }
location /off { if_modified_since off; }
--- user_files
>>> a 202401021530.45
hello
>>> before 202401021530.45
hello
>>> off 202401021530.45
hello
--- request eval
["GET /a", "GET /a", "GET /a", "GET /a", "GET /before", "GET /before", "GET /off", "POST /a"]
--- more_headers eval
["Tue, 02 Jan 2024 15:30:45 GMT", "Tue, 02 Jan 2024 15:30:46 GMT", "Tue, 02 Jan 2024 15:30:44 GMT", "nonsense",
 "Tue, 02 Jan 2024 15:30:46 GMT", "Tue, 02 Jan 2024 15:30:44 GMT", "Tue, 02 Jan 2024 15:30:45 GMT",
 "Tue, 02 Jan 2024 15:30:45 GMT"].map((d) => `If-Modified-Since: ${d}`)
--- error_code eval
[304, 200, 200, 200, 304, 200, 200, 405]

=== the headers of a 304
--- config
location / { add_header X-Added yes; expires 1h; }
--- user_files
>>> a.html 202401021530.45
hello
--- request
GET /a.html
--- more_headers
If-Modified-Since: Tue, 02 Jan 2024 15:30:45 GMT
--- error_code: 304
--- response_headers
Last-Modified: Tue, 02 Jan 2024 15:30:45 GMT
ETag: "65942c25-6"
X-Added: yes
Cache-Control: max-age=3600
! Content-Type
! Content-Length
! Accept-Ranges
--- response_body

=== dates in the old forms
--- config
location / { }
--- user_files
>>> a 202401021530.45
hello
--- request eval
["GET /a", "GET /a", "GET /a"]
--- more_headers eval
["Tuesday, 02-Jan-24 15:30:45 GMT", "Tue Jan  2 15:30:45 2024", "Tue, 2 Jan 2024 15:30:45 GMT"].map((d) => `If-Modified-Since: ${d}`)
--- error_code eval
[304, 304, 200]

=== If-None-Match
--- request eval
Array(8).fill("GET /a")
--- more_headers eval
['"65942c25-6"', 'W/"65942c25-6"', '"x", "65942c25-6"', '*', '"x"', '65942c25-6', '"x"\nIf-Modified-Since: Tue, 02 Jan 2024 15:30:45 GMT',
 '"65942c25-6"\nIf-Modified-Since: Tue, 02 Jan 2024 15:30:44 GMT'].map((v) => `If-None-Match: ${v}`)
--- error_code eval
[304, 304, 304, 304, 200, 200, 200, 200]

=== If-Unmodified-Since
--- request eval
["GET /a", "GET /a", "GET /a"]
--- more_headers eval
["If-Unmodified-Since: Tue, 02 Jan 2024 15:30:45 GMT", "If-Unmodified-Since: Tue, 02 Jan 2024 15:30:46 GMT",
 "If-Unmodified-Since: Tue, 02 Jan 2024 15:30:44 GMT"]
--- error_code eval
[200, 200, 412]
--- response_body_like eval
["hello", "hello", "412 Precondition Failed"]

=== If-Match
--- request eval
Array(5).fill("GET /a")
--- more_headers eval
['"65942c25-6"', '*', '"x", "65942c25-6"', '"x"', 'W/"65942c25-6"'].map((v) => `If-Match: ${v}`)
--- error_code eval
[200, 200, 200, 412, 412]

=== a range
--- config
location / { }
--- user_files eval
[["a", "0123456789", 202401021530.45]]
--- request eval
Array(6).fill("GET /a")
--- more_headers eval
["0-0", "2-5", "5-", "-3", "0-100", "-100"].map((r) => `Range: bytes=${r}`)
--- error_code eval
[206, 206, 206, 206, 206, 206]
--- response_body eval
["0", "2345", "56789", "789", "0123456789", "0123456789"]
--- response_headers eval
["0-0", "2-5", "5-9", "7-9", "0-9", "0-9"].map((r) => `Content-Range: bytes ${r}/10\n! Accept-Ranges`)

=== ranges that cannot be satisfied
--- request eval
Array(3).fill("GET /a")
--- more_headers eval
["10-", "10-20", "20-30"].map((r) => `Range: bytes=${r}`)
--- error_code eval
[416, 416, 416]
--- response_headers eval
Array(3).fill("Content-Range: bytes */10\n! Last-Modified\n! ETag\n! Accept-Ranges")
--- response_body_like eval
Array(3).fill("416 Requested Range Not Satisfiable")

=== ranges that are none
--- request eval
Array(6).fill("GET /a")
--- more_headers eval
["bytes=", "bytes=a-b", "bytes=5-2", "bytes=-", "bytes=1-2x", "bytes=-0"].map((r) => `Range: ${r}`)
--- error_code eval
[200, 416, 416, 416, 416, 416]

=== another unit is ignored
--- request eval
["GET /a", "GET /a", "GET /a"]
--- more_headers eval
["Range: lines=0-1", "Range: BYTES=0-1", "Range: bytes 0-1"]
--- error_code eval
[200, 206, 200]

=== several ranges are a multipart answer
--- request
GET /a
--- more_headers
Range: bytes=0-1, 4-5,-1
--- error_code: 206
--- response_headers_like
Content-Type: multipart/byteranges; boundary=\d{20}
--- response_body eval
/^\r\n--(\d{20})\r\nContent-Type: text\/plain\r\nContent-Range: bytes 0-1\/10\r\n\r\n01\r\n--\1\r\nContent-Type: text\/plain\r\nContent-Range: bytes 4-5\/10\r\n\r\n45\r\n--\1\r\nContent-Type: text\/plain\r\nContent-Range: bytes 9-9\/10\r\n\r\n9\r\n--\1--\r\n$/

=== several ranges whose sum is more than the file
--- request
GET /a
--- more_headers
Range: bytes=0-9,0-9
--- error_code: 200
--- response_body chomp
0123456789

=== of several ranges only one can be satisfied
--- request
GET /a
--- more_headers
Range: bytes=0-1,20-30
--- error_code: 206
--- response_headers
Content-Range: bytes 0-1/10
--- response_body chomp
01

=== max_ranges
--- config
location / { max_ranges 1; }
location /zero { max_ranges 0; }
--- user_files eval
[["a", "0123456789"], ["zero", "0123456789"]]
--- request eval
["GET /a", "GET /a", "GET /zero"]
--- more_headers eval
["Range: bytes=0-1", "Range: bytes=0-1,3-4", "Range: bytes=0-1"]
--- error_code eval
[206, 200, 200]

=== If-Range
--- config
location / { }
--- user_files
>>> a 202401021530.45
hello
--- request eval
Array(5).fill("GET /a")
--- more_headers eval
['"65942c25-6"', 'Tue, 02 Jan 2024 15:30:45 GMT', '"x"', 'Tue, 02 Jan 2024 15:30:44 GMT', 'W/"65942c25-6"'].map((v) => `Range: bytes=0-1\nIf-Range: ${v}`)
--- error_code eval
[206, 206, 200, 200, 200]

=== a range of a HEAD
--- request
HEAD /a
--- more_headers
Range: bytes=0-1
--- error_code: 206
--- response_headers
Content-Length: 2
Content-Range: bytes 0-1/6

=== text from return has no ranges
--- config
location / { return 200 "0123456789"; }
--- request
GET /
--- more_headers
Range: bytes=0-1
--- response_body chomp
0123456789
--- response_headers
! Accept-Ranges

=== a file of some megabytes, whole and in part
--- config
location / { }
--- user_files eval
[["big", "0123456789abcdef".repeat(200000)]]
--- request eval
["GET /big", "GET /big", "GET /big"]
--- more_headers eval
["X: y", "Range: bytes=3199990-", "Range: bytes=1600000-1600015"]
--- error_code eval
[200, 206, 206]
--- response_body eval
["0123456789abcdef".repeat(200000), "6789abcdef", "0123456789abcdef"]

=== output_buffers without sendfile, and limit_rate in between
--- config
location / { sendfile off; output_buffers 1 1k; }
location /on/ { sendfile on; sendfile_max_chunk 1k; tcp_nopush on; }
--- user_files eval
[["big", "0123456789".repeat(5000)], ["on/big", "0123456789".repeat(5000)]]
--- request eval
["GET /big", "GET /on/big"]
--- response_body eval
["0123456789".repeat(5000), "0123456789".repeat(5000)]

=== limit_rate slows down
--- http_config
log_format time "$uri $body_bytes_sent $request_time";
--- config
limit_rate 4k;
limit_rate_after 4k;
access_log logs/access.log time;
--- user_files eval
[["big", "x".repeat(10000)]]
--- request
GET /big
--- response_headers
Content-Length: 10000
--- access_log eval
/^\/big 10000 (0\.[2-9]|1\.)/

=== open_file_cache serves the same
--- config
open_file_cache max=10 inactive=10s;
open_file_cache_errors on;
open_file_cache_min_uses 1;
open_file_cache_valid 10s;
--- user_files
>>> a
hello
--- request eval
["GET /a", "GET /a", "GET /none", "GET /none"]
--- error_code eval
[200, 200, 404, 404]
