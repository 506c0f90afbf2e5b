# valid_referers: $invalid_referer.

=== names, wildcards, paths and patterns
--- config
location / {
    valid_referers example.com *.example.org www.example.* own.com/path/ .both.net ~\.google\.;
    return 200 "[$invalid_referer]";
}
--- request eval
Array(22).fill("GET /")
--- more_headers eval
[
  "http://example.com/a", "https://EXAMPLE.com", "HTTP://example.com:8080/a", "http://www.example.com",
  "http://www.example.org/", "http://example.org/", "http://www.example.net/", "http://own.com/path/x",
  "http://own.com/Path/x", "http://own.com:80/path/", "http://own.com", "http://both.net", "http://a.both.net",
  "http://www.google.com/", "http://x/a.google.b", "http://other.com/example.com", "example.com", "ftp://example.com",
  "http://a.b", "http://", `http://${"a".repeat(257)}.example.org`, `http://${"a".repeat(200)}.example.org`,
].map((text) => `Referer: ${text}`)
--- response_body eval
["", "", "", "", "", "1", "", "", "1", "", "1", "", "", "", "", "1", "1", "1", "1", "1", "1", ""].map((text) => `[${text}]`)

=== none and blocked
--- config
location /none { valid_referers none example.com; return 200 "[$invalid_referer]"; }
location /blocked { valid_referers blocked example.com; return 200 "[$invalid_referer]"; }
location /neither { valid_referers example.com; return 200 "[$invalid_referer]"; }
location /unset { return 200 "[$invalid_referer]"; }
--- request eval
["/none", "/none", "/none", "/blocked", "/blocked", "/blocked", "/neither", "/unset"].map((uri) => `GET ${uri}`)
--- more_headers eval
["X: 1", "Referer: hidden", "Referer:", "X: 1", "Referer: hidden", "Referer: http://x.com/", "X: 1", "Referer: http://x.com/"]
--- response_body eval
["[]", "[1]", "[1]", "[1]", "[]", "[1]", "[1]", "[]"]

=== names of the server, its patterns too, and what inner blocks inherit
--- config
server_name one.com *.two.com ~^three\d\.com$;
valid_referers server_names ~four;
location / { return 200 "[$invalid_referer]"; }
location /own { valid_referers five.com; return 200 "[$invalid_referer]"; }
location /if { if ($invalid_referer) { return 403; } return 200 "ok"; }
--- request eval
["/", "/", "/", "/", "/", "/own", "/own", "/own", "/own", "/if"].map((uri) => `GET ${uri}`)
--- more_headers eval
["one.com", "www.two.com", "three3.com", "x.com/four", "two.com", "one.com", "three3.com", "x.com/four", "five.com", "two.com"]
  .map((text) => `Referer: http://${text}`)
--- response_body eval
["[]", "[]", "[]", "[]", "[1]", "[1]", "[]", "[]", "[]", null]
--- error_code eval
[200, 200, 200, 200, 200, 200, 200, 200, 200, 403]

=== names twice are refused
--- config
valid_referers a.com A.com/x;
--- must_die
--- error_log
conflicting parameter "a.com" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== wildcards in the middle are refused
--- config
valid_referers a.*.com;
--- must_die
--- error_log
invalid hostname or wildcard "a.*.com" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== none alone says nothing
--- config
location / { valid_referers none blocked; }
--- must_die
--- error_log
the "none" or "blocked" referers are specified in the "valid_referers" directive without any valid referer

=== an empty one is refused
--- config
valid_referers "";
--- must_die
--- error_log
invalid referer "" in

=== an empty pattern is refused
--- config
valid_referers ~;
--- must_die
--- error_log
empty regex in "~" in
