# random_index: any file of a directory.

=== one of the files, no directory and nothing hidden
--- config
location / { random_index on; }
--- user_files
>>> one/file.txt
the file
>>> one/.hidden
hidden
>>> one/inner/x
inner
>>> two/a
found
>>> two/b
found
>>> none/inner/x
inner
--- request eval
["GET /one/", "HEAD /one/", "GET /two/?a=b", "GET /none/", "GET /missing/", "GET /one/inner"]
--- error_code eval
[200, 200, 200, 403, 404, 301]
--- response_body eval
["the file\n", "", "found\n", null, null, null]
--- response_headers eval
["Content-Type: text/plain", "Content-Length: 9", null, null, null, null]
--- error_log
directory index of "$TEST_NGINX_SERVER_ROOT/html/none/" is forbidden
opendir() "$TEST_NGINX_SERVER_ROOT/html/missing" failed (2: No such file or directory), client: 127.0.0.1

=== it comes before index
--- config
location / { random_index on; index first.html; }
location /dir/only { return 200 "$uri $args"; }
--- user_files
>>> dir/only
x
>>> other/first.html
first
--- request eval
["GET /dir/?q", "GET /other/"]
--- response_body eval
["/dir/only q", "first\n"]

=== only in locations
--- config
random_index on;
--- must_die
--- error_log
"random_index" directive is not allowed here in
