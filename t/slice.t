# slice: large responses in parts.

=== all of it, in slices
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
map $http_range $part { ~bytes=(.+) $1; }
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    location / { root html; add_header X-Range $http_range; }
    location /status { add_header Content-Range "bytes 0-3/10"; if ($http_range != "bytes=0-3") { return 200 "x"; } return 206 "abcd"; }
    location /etag { add_header Content-Range "bytes $part/10"; add_header ETag $http_range; return 206 "abcd"; }
    location /crange { add_header Content-Range "bytes"; return 206 "abcd"; }
    location /length { add_header Content-Range "bytes 0-3/*"; return 206 "abcd"; }
    location /other { add_header Content-Range "bytes 1-4/10"; return 206 "abcd"; }
}
--- config
slice 4;
proxy_set_header Range $slice_range;
add_header X-Cache $upstream_cache_status;
location / {
    proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    proxy_cache z;
    proxy_cache_key $arg_u$slice_range;
    proxy_cache_valid 200 206 1m;
}
location /plain/ { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/; }
--- user_files
>>> a.txt
0123456789abcdef
--- request eval
(u => [`GET /a.txt?u=${u}`, `GET /a.txt?u=${u}`])(Date.now())
--- more_headers eval
["X: y", "X: y"]
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT"]
--- response_body eval
["0123456789abcdef\n", "0123456789abcdef\n"]

=== without a cache
--- request eval
(u => [`GET /plain/a.txt?u=${u}`])(Date.now())
--- more_headers eval
["X: y"]
--- response_body eval
["0123456789abcdef\n"]

=== a range within one slice, and its neighbours
--- request eval
(u => [`GET /a.txt?u=${u}`, `GET /a.txt?u=${u}`, `GET /a.txt?u=${u}`])(Date.now())
--- more_headers eval
["Range: bytes=5-5", "Range: bytes=6-7", "Range: bytes=8-8"]
--- error_code eval
[206, 206, 206]
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT", "X-Cache: MISS"]
--- response_body eval
["5", "67", "8"]

=== a range over several slices
--- request eval
(u => [`GET /a.txt?u=${u}`, `GET /a.txt?u=${u}`])(Date.now())
--- more_headers eval
["Range: bytes=2-13", "Range: bytes=2-13"]
--- error_code eval
[206, 206]
--- response_headers eval
["Content-Range: bytes 2-13/17", "Content-Range: bytes 2-13/17"]
--- response_body eval
["23456789abcd", "23456789abcd"]

=== a range to the end
--- request eval
(u => [`GET /a.txt?u=${u}`])(Date.now())
--- more_headers eval
["Range: bytes=9-"]
--- error_code eval
[206]
--- response_headers eval
["Content-Range: bytes 9-16/17"]
--- response_body eval
["9abcdef\n"]

=== the last bytes
--- request eval
(u => [`GET /a.txt?u=${u}`])(Date.now())
--- more_headers eval
["Range: bytes=-4"]
--- error_code eval
[206]
--- response_headers eval
["Content-Range: bytes 13-16/17"]
--- response_body eval
["def\n"]

=== several ranges: all of it
--- request eval
(u => [`GET /a.txt?u=${u}`])(Date.now())
--- more_headers eval
["Range: bytes=1-2,5-6"]
--- response_body eval
["0123456789abcdef\n"]

=== a range that cannot be had
--- request eval
(u => [`GET /a.txt?u=${u}`])(Date.now())
--- more_headers eval
["Range: bytes=100-200"]
--- error_code eval
[416]

=== a HEAD
--- request eval
(u => [`HEAD /a.txt?u=${u}`])(Date.now())
--- more_headers eval
["X: y"]
--- response_headers eval
["Content-Length: 17"]

=== a HEAD fetches one slice only
--- request eval
(u => [`HEAD /a.txt?u=${u}`, `GET /a.txt?u=${u}`])(Date.now())
--- more_headers eval
["X: y", "Range: bytes=5-5"]
--- error_code eval
[200, 206]
--- response_headers eval
["X-Cache: MISS", "X-Cache: MISS"]

=== what is not modified fetches one slice only
--- request eval
(u => [`GET /a.txt?u=${u}`, `GET /a.txt?u=${u}`])(Date.now())
--- more_headers eval
["If-None-Match: *", "Range: bytes=5-5"]
--- error_code eval
[304, 206]
--- response_headers eval
["X-Cache: MISS", "X-Cache: MISS"]

=== a range that begins where no number reaches
--- request eval
(u => [`GET /a.txt?u=${u}`])(Date.now())
--- more_headers eval
["Range: bytes=99999999999999999999-"]
--- error_code eval
[416]
--- response_headers eval
["Content-Range: bytes */17\nContent-Length: 197\n! Last-Modified"]

=== what is no slice goes through as it is
--- request eval
(u => [`GET /none?u=${u}`])(Date.now())
--- more_headers eval
["X: y"]
--- error_code eval
[404]

=== the next slice fails: status
--- request eval
`GET /status?u=${Date.now()}`
--- ignore_response
--- error_log
unexpected status code 200 in slice response

=== the next slice fails: etag
--- request eval
`GET /etag?u=${Date.now()}`
--- ignore_response
--- error_log
etag mismatch in slice response

=== a first slice that is wrong: crange
--- request eval
`GET /crange?u=${Date.now()}`
--- ignore_response
--- error_log
invalid range in slice response

=== a first slice that is wrong: length
--- request eval
`GET /length?u=${Date.now()}`
--- ignore_response
--- error_log
no complete length in slice response

=== a first slice that is wrong: other
--- request eval
`GET /other?u=${Date.now()}`
--- ignore_response
--- error_log
unexpected range in slice response: 1-5, expected: 0-5

=== slices of 64 KB
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
map $http_range $part { ~bytes=(.+) $1; }
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    location / { root html; add_header X-Range $http_range; }
    location /status { add_header Content-Range "bytes 0-3/10"; if ($http_range != "bytes=0-3") { return 200 "x"; } return 206 "abcd"; }
    location /etag { add_header Content-Range "bytes $part/10"; add_header ETag $http_range; return 206 "abcd"; }
    location /crange { add_header Content-Range "bytes"; return 206 "abcd"; }
    location /length { add_header Content-Range "bytes 0-3/*"; return 206 "abcd"; }
    location /other { add_header Content-Range "bytes 1-4/10"; return 206 "abcd"; }
}
--- config
slice 64k;
proxy_set_header Range $slice_range;
add_header X-Cache $upstream_cache_status;
location / {
    proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    proxy_cache z;
    proxy_cache_key $arg_u$slice_range;
    proxy_cache_valid 200 206 1m;
}
location /plain/ { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/; }
--- user_files eval
[["big.txt", "0123456789abcdef".repeat(50000)]]
--- request eval
(u => [`GET /big.txt?u=${u}`, `GET /big.txt?u=${u}`, `GET /big.txt?u=${u}`])(Date.now())
--- more_headers eval
["X: y", "Range: bytes=100000-500000", "X: y"]
--- error_code eval
[200, 206, 200]
--- response_body eval
(all => [all, all.slice(100000, 500001), all])("0123456789abcdef".repeat(50000))

=== slices of a megabyte, a range through a file that is sent in pieces
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
map $http_range $part { ~bytes=(.+) $1; }
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    location / { root html; add_header X-Range $http_range; }
    location /status { add_header Content-Range "bytes 0-3/10"; if ($http_range != "bytes=0-3") { return 200 "x"; } return 206 "abcd"; }
    location /etag { add_header Content-Range "bytes $part/10"; add_header ETag $http_range; return 206 "abcd"; }
    location /crange { add_header Content-Range "bytes"; return 206 "abcd"; }
    location /length { add_header Content-Range "bytes 0-3/*"; return 206 "abcd"; }
    location /other { add_header Content-Range "bytes 1-4/10"; return 206 "abcd"; }
}
--- config
slice 300k;
proxy_set_header Range $slice_range;
add_header X-Cache $upstream_cache_status;
location / {
    proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    proxy_cache z;
    proxy_cache_key $arg_u$slice_range;
    proxy_cache_valid 200 206 1m;
}
location /plain/ { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/; }
--- user_files eval
[["big.txt", "0123456789abcdef".repeat(50000)]]
--- request eval
(u => [`GET /big.txt?u=${u}`, `GET /big.txt?u=${u}`, `GET /big.txt?u=${u}`])(Date.now())
--- more_headers eval
["X: y", "Range: bytes=10-700000", "Range: bytes=310000-310009"]
--- error_code eval
[200, 206, 206]
--- response_body eval
(all => [all, all.slice(10, 700001), all.slice(310000, 310010)])("0123456789abcdef".repeat(50000))
