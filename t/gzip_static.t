# gzip_static: files that are compressed already.

=== on: for who takes it
--- config
location / { gzip_static on; root html; }
location /always/ { gzip_static always; gzip_vary on; alias html/; }
location /vary/ { gzip_static on; gzip_vary on; alias html/; }
location /both/ { gzip_static on; gzip on; alias html/; }
--- user_files eval
((gzip) => [["a.html", "as it is\n"], ["a.html.gz", gzip("packed\n")], ["only.html.gz", gzip("only\n")], ["b.html", "b".repeat(100)], ["dir.html", "beside a directory\n"]])
((text) => process.getBuiltinModule("node:zlib").gzipSync(text).toString("latin1"))
--- init
fs.mkdirSync("$TEST_NGINX_HTML_DIR/dir.html.gz", { recursive: true });
--- request
GET /a.html
--- more_headers
Accept-Encoding: gzip
--- response_headers
Content-Type: text/html
Content-Encoding: gzip
Content-Length: 27
Accept-Ranges: bytes
! Vary
--- raw_response_headers_like
ETag: "[0-9a-f]+-1b"
--- response_body_like eval
"^\\x1f\\x8b"

=== on: not for others, with POST, for a directory, or where there is none
--- request eval
["GET /a.html", "POST /a.html", "GET /dir.html", "GET /b.html", "GET /only.html", "GET /both/b.html", "GET /both/a.html"]
--- more_headers eval
["", ...Array(6).fill("Accept-Encoding: gzip")]
--- error_code eval
[200, 405, 200, 200, 200, 200, 200]
--- response_headers eval
["! Content-Encoding", null, "! Content-Encoding", "! Content-Encoding", "Content-Encoding: gzip", "Content-Encoding: gzip", "Content-Encoding: gzip\nContent-Length: 27"]

=== Vary: where there is a file that others would get
--- request eval
["GET /vary/a.html", "GET /vary/a.html", "GET /vary/b.html", "GET /always/a.html"]
--- more_headers eval
["", "Accept-Encoding: gzip", "", ""]
--- response_headers eval
["Vary: Accept-Encoding", "Vary: Accept-Encoding", "! Vary", "! Vary"]

=== always
--- request eval
["GET /always/a.html", "GET /always/b.html", "HEAD /always/only.html"]
--- response_headers eval
["Content-Encoding: gzip", "! Content-Encoding", "Content-Encoding: gzip\nContent-Length: 25"]

=== a range of the packed file
--- request
GET /a.html
--- more_headers
Accept-Encoding: gzip
Range: bytes=0-1
--- error_code: 206
--- response_headers
Content-Range: bytes 0-1/27
Content-Encoding: gzip
--- response_body eval
"\x1f\x8b"

=== 304
--- request
GET /a.html
--- more_headers
Accept-Encoding: gzip
If-None-Match: *
--- error_code: 304
--- response_headers
! Content-Encoding

=== a name that is too long is none
--- request eval
`GET /${"x".repeat(253)}`
--- more_headers
Accept-Encoding: gzip
--- error_code: 404

=== gzip_static: another word
--- config
location / { gzip_static maybe; }
--- must_die
--- error_log
invalid value "maybe" in
