# dav_methods: PUT, DELETE, MKCOL, COPY and MOVE. Directories are open to all, as workers may be someone else.

=== PUT makes a file, or replaces it
--- config
absolute_redirect off;
client_body_buffer_size 1k;
location / { dav_methods PUT DELETE; }
--- user_files
>>> x
--- init
fs.chmodSync('$TEST_NGINX_HTML_DIR', 0o777);
--- request eval
["DELETE /file", "PUT /file\nfirst", "GET /file", "PUT /file\nsecond", "GET /file", `PUT /big%20one\n${"b".repeat(5000)}`, "GET /big%20one", "DELETE /big%20one", "GET /big%20one"]
--- error_code_like eval
["^(204|404)$", "^201$", "^200$", "^204$", "^200$", "^201$", "^200$", "^204$", "^404$"]
--- response_body eval
[null, "", "first", "", "second", "", "b".repeat(5000), "", null]
--- response_headers eval
[null, "Location: /file\nContent-Length: 0", "Content-Length: 5", "! Content-Length\n! Location", "Content-Length: 6", "Location: /big%20one", "Content-Length: 5000", "! Content-Length", null]
--- no_error_log
a client request body is buffered

=== what cannot be PUT
--- config
location / { dav_methods PUT; }
location /off/ { dav_methods off; }
--- user_files
>>> dir/x
--- init
fs.chmodSync('$TEST_NGINX_HTML_DIR', 0o777);
fs.chmodSync('$TEST_NGINX_HTML_DIR/dir', 0o777);
--- request eval
["PUT /dir/\nx", "PUT /dir\nx", "PUT /missing/x\nx", "PUT /off/x\nx", "PUT /ranged\nx", "DELETE /dir/x"]
--- more_headers eval
["X: 1", "X: 1", "X: 1", "X: 1", "Content-Range: bytes 0-0/9", "X: 1"]
--- error_code eval
[409, 409, 500, 405, 501, 405]
--- error_log eval
["cannot PUT to a collection", /\/html\/dir" could not be created \(21: Is a directory\)/, /rename\(\) "[^"]*" to "[^"]*\/html\/missing\/x" failed \(2: No such file or directory\)/, "PUT with range is unsupported", "[crit]"]

=== create_full_put_path, dav_access and the time of the Date header
--- config
location / { dav_methods PUT DELETE; create_full_put_path on; dav_access user:rw group:r; }
location /seen { alias $TEST_NGINX_HTML_DIR/new/deep/file; }
--- init
fs.chmodSync('$TEST_NGINX_HTML_DIR', 0o777);
--- request eval
["PUT /new/deep/file\nx", "GET /seen", "DELETE /new/"]
--- more_headers
Date: Thu, 01 Jan 2026 00:00:00 GMT
--- error_code eval
[201, 200, 204]
--- response_headers eval
[null, "Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT", null]

=== MKCOL, COPY, MOVE and DELETE of collections
--- config
location / { dav_methods MKCOL COPY MOVE DELETE; }
--- user_files
>>> start/x
--- init
fs.chmodSync('$TEST_NGINX_HTML_DIR', 0o777);
fs.chmodSync('$TEST_NGINX_HTML_DIR/start', 0o777);
--- raw_request eval
[
  "MKCOL /c/", "MKCOL /c/", "MKCOL /c", "MKCOL /no/where/", "COPY /start/ Destination: /c/copy/", "GET /c/copy/x",
  "MOVE /c/ Destination: /m/", "GET /m/copy/x", "GET /c/copy/x", "COPY /m/ Destination: /m/in/", "COPY /m/ Destination: /m/",
  "COPY /m/ Destination: /n", "DELETE /m", "DELETE /m/", "GET /m/copy/x",
].map((line, i, all) => {
  const [, method, uri, more = ""] = /^(\S+) (\S+) ?(.*)/.exec(line);
  return `${method} ${uri} HTTP/1.1\r\nHost: localhost\r\n${more === "" ? "" : `${more}\r\n`}${i === all.length - 1 ? "Connection: close\r\n" : ""}\r\n`;
}).join("")
--- error_code eval
[201, 405, 409, 409, 201, 200, 201, 200, 404, 403, 403, 409, 409, 204, 404]
--- error_log eval
["MKCOL can create a collection only", "mkdir() ", "should be either collections or non-collections", "point to the same location", /DELETE "[^"]*\/html\/m" failed \(21: Is a directory\)/]

=== COPY and MOVE of files
--- config
location / { dav_methods COPY MOVE; }
--- user_files
>>> a
one
--- init
fs.chmodSync('$TEST_NGINX_HTML_DIR', 0o777);
--- request eval
[
  "COPY /a", "COPY /a", "COPY /a", "COPY /a", "COPY /a", "COPY /a", "COPY /a", "GET /b",
  "MOVE /b", "GET /d/e/f", "GET /b", "MOVE /none", "MOVE /a",
]
--- more_headers eval
[
  "X: 1", "Destination: http://elsewhere/x", "Destination: ftp://localhost/x", "Destination: /../x",
  "Destination: http://localhost:1/b", "Destination: /b\r\nOverwrite: F", "Destination: /b\r\nOverwrite: maybe", "X: 1",
  "Destination: /d/e/f", "X: 1", "X: 1", "Destination: /x", "Destination: /x\r\nDepth: 1",
]
--- error_code eval
[400, 400, 400, 400, 204, 412, 400, 200, 204, 200, 404, 404, 400]
--- response_body eval
[null, null, null, null, "", null, null, "one\n", "", "one\n", null, null, null]
--- error_log
client sent no "Destination" header
"Destination" URI "http://elsewhere/x" is handled by different repository than the source URI
client sent invalid "Destination" header: "ftp://localhost/x"
client sent invalid "Destination" header: "/../x"
client sent invalid "Overwrite" header: "maybe"
"Depth" header must be infinity

=== min_delete_depth
--- config
location / { dav_methods PUT DELETE; min_delete_depth 2; }
--- user_files
>>> dir/inner/x
--- init
fs.chmodSync('$TEST_NGINX_HTML_DIR', 0o777);
fs.chmodSync('$TEST_NGINX_HTML_DIR/dir', 0o777);
fs.chmodSync('$TEST_NGINX_HTML_DIR/dir/inner', 0o777);
--- request eval
["PUT /dir/inner/y\nx", "DELETE /top", "DELETE /dir/", "DELETE /dir/inner/y"]
--- error_code eval
[201, 409, 409, 204]
--- error_log
insufficient URI depth:1 to DELETE
insufficient URI depth:2 to DELETE

=== bodies where there should be none
--- config
location / { dav_methods DELETE MKCOL COPY MOVE; }
--- init
fs.chmodSync('$TEST_NGINX_HTML_DIR', 0o777);
--- request eval
["DELETE /x\nbody", "MKCOL /x/\nbody", "COPY /x\nbody"]
--- error_code eval
[415, 415, 415]
--- error_log
DELETE with body is unsupported
MKCOL with body is unsupported
COPY and MOVE with body are unsupported

=== other methods are refused
--- config
dav_methods PUT PROPFIND;
--- must_die
--- error_log
invalid value "PROPFIND" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== so are other rights
--- config
dav_access user:x;
--- must_die
--- error_log
invalid value "user:x" in
