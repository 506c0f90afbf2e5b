# proxy_cache: what is cached, under which key, and what is answered from it. Each run of a block has keys of its own: u.

=== what Cache-Control lets live is answered from the cache
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    add_header Cache-Control $arg_cc always;
    add_header Expires $arg_ex always;
    add_header X-Accel-Expires $arg_xa always;
    add_header Set-Cookie $arg_sc always;
    add_header Vary $arg_v always;
    add_header X-Seen "$http_range|$http_if_none_match|$http_if_modified_since" always;
    if ($arg_e = 403) { return 403 "failed\n"; }
    if ($arg_e = 404) { return 404 "failed\n"; }
    if ($arg_e = 429) { return 429 "failed\n"; }
    if ($arg_e = 500) { return 500 "failed\n"; }
    if ($arg_e = 502) { return 502 "failed\n"; }
    if ($arg_e = 503) { return 503 "failed\n"; }
    if ($arg_e = 504) { return 504 "failed\n"; }
    location / { return 200 "$request_method $arg_b\n"; }
    location /file { alias html/; add_header Cache-Control $arg_cc; add_header Vary $arg_v; }
    location /redirected { add_header Cache-Control $arg_cc; add_header X-Accel-Redirect /inside; return 200 "not this\n"; }
    location /moved { return 301 /elsewhere; }
    location /missing { return 404 "no\n"; }
}
--- config
proxy_cache z;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- request eval
(u => [`GET /?cc=max-age=60&b=1&u=${u}`, `GET /?b=2&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT"]
--- response_body eval
["GET 1\n", "GET 1\n"]

=== without a word of its age nothing is cached
--- request eval
(u => [`GET /?b=1&u=${u}`, `GET /?b=1&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: MISS"]

=== not cached: Cache-Control: no-cache
--- request eval
(u => [`GET /?cc=no-cache&u=${u}`, `GET /?cc=no-cache&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: MISS"]

=== not cached: Cache-Control: no-store
--- request eval
(u => [`GET /?cc=no-store&u=${u}`, `GET /?cc=no-store&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: MISS"]

=== not cached: Cache-Control: private
--- request eval
(u => [`GET /?cc=private&u=${u}`, `GET /?cc=private&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: MISS"]

=== not cached: Cache-Control: max-age=0
--- request eval
(u => [`GET /?cc=max-age=0&u=${u}`, `GET /?cc=max-age=0&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: MISS"]

=== not cached: Cache-Control: s-maxage goes before max-age
--- request eval
(u => [`GET /?cc=s-maxage=0,max-age=60&u=${u}`, `GET /?cc=s-maxage=0,max-age=60&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: MISS"]

=== not cached: an age that is no number
--- request eval
(u => [`GET /?cc=max-age=6x&u=${u}`, `GET /?cc=max-age=6x&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: MISS"]

=== not cached: Expires in the past
--- request eval
(u => [`GET /?ex=Thu,%2001%20Jan&u=${u}`, `GET /?ex=Thu,%2001%20Jan&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: MISS"]

=== not cached: X-Accel-Expires: 0
--- request eval
(u => [`GET /?xa=0&cc=max-age=60&u=${u}`, `GET /?xa=0&cc=max-age=60&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: MISS"]

=== not cached: Set-Cookie is for one client only
--- request eval
(u => [`GET /?cc=max-age=60&sc=a&u=${u}`, `GET /?cc=max-age=60&sc=a&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: MISS"]

=== not cached: Vary: * matches nothing
--- request eval
(u => [`GET /?cc=max-age=60&v=*&u=${u}`, `GET /?cc=max-age=60&v=*&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: MISS"]

=== cached: a * in a list is a name like others
--- request eval
(u => [`GET /?cc=max-age=60&v=X-A,*&u=${u}`, `GET /?cc=max-age=60&v=X-A,*&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT"]

=== not cached: a Vary that is too long
--- request eval
(u => [`GET /?cc=max-age=60&v=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa&u=${u}`, `GET /?cc=max-age=60&v=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: MISS"]

=== cached: s-maxage
--- request eval
(u => [`GET /?cc=s-maxage=60&u=${u}`, `GET /?cc=s-maxage=60&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT"]

=== cached: s-maxage before max-age
--- request eval
(u => [`GET /?cc=max-age=0,s-maxage=60&u=${u}`, `GET /?cc=max-age=0,s-maxage=60&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT"]

=== cached: in capitals
--- request eval
(u => [`GET /?cc=MAX-AGE=60&u=${u}`, `GET /?cc=MAX-AGE=60&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT"]

=== cached: X-Accel-Expires
--- request eval
(u => [`GET /?xa=60&u=${u}`, `GET /?xa=60&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT"]

=== cached: X-Accel-Expires at a time
--- request eval
(u => [`GET /?xa=@4000000000&u=${u}`, `GET /?xa=@4000000000&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT"]

=== cached: X-Accel-Expires over Cache-Control
--- request eval
(u => [`GET /?xa=60&cc=no-cache&u=${u}`, `GET /?xa=60&cc=no-cache&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT"]

=== cached: more than a second fits
--- request eval
(u => [`GET /?cc=max-age=99999999999999999999&u=${u}`, `GET /?cc=max-age=99999999999999999999&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT"]

=== X-Accel-Expires goes before what is known already
--- request eval
(u => [`GET /?cc=max-age=60&xa=@1&u=${u}`, `GET /?cc=max-age=60&xa=@1&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: EXPIRED"]

=== what is expired when it comes is asked for again
--- request eval
(u => [`GET /?xa=@1&b=1&u=${u}`, `GET /?b=2&cc=max-age=9&u=${u}`, `GET /?b=3&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: EXPIRED", "X-Cache: HIT"]
--- response_body eval
["GET 1\n", "GET 2\n", "GET 2\n"]

=== another key, another entry
--- request eval
(u => [`GET /?cc=max-age=60&b=1&u=${u}`, `GET /?cc=max-age=60&b=1&u=x&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", null]

=== HEAD fetches all, and a GET finds it
--- request eval
(u => [`HEAD /?cc=max-age=60&u=${u}`, `GET /?x&u=${u}`, `HEAD /?y&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT", "X-Cache: HIT"]
--- response_body eval
[null, "GET \n", null]

=== POST is not cached
--- request eval
(u => [`POST /?cc=max-age=60&u=${u}`, `POST /?cc=max-age=60&u=${u}`])(Date.now())
--- response_headers eval
["! X-Cache", "! X-Cache"]

=== X-Accel-Expires is not passed on
--- request eval
(u => [`GET /?xa=60&u=${u}`, `GET /?x&u=${u}`])(Date.now())
--- response_headers eval
["! X-Accel-Expires", "! X-Accel-Expires"]

=== a range of what comes from the upstream, and of what is cached
--- request eval
(u => [`GET /file/a.txt?cc=max-age=60&u=${u}`, `GET /file/a.txt?cc=max-age=60&u=${u}`, `GET /file/a.txt?cc=max-age=60&u=${u}`])(Date.now())
--- more_headers eval
["Range: bytes=2-4", "Range: bytes=2-4", "X: y"]
--- error_code eval
[206, 206, 200]
--- response_headers eval
["X-Cache: MISS\nContent-Range: bytes 2-4/11", "X-Cache: HIT\nContent-Range: bytes 2-4/11", "X-Cache: HIT\n! Content-Range"]
--- response_body eval
["234", "234", "0123456789\n"]
--- user_files
>>> a.txt 202401021530.45
0123456789

=== several ranges of what is cached
--- request eval
(u => [`GET /file/a.txt?cc=max-age=60&u=${u}`, `GET /file/a.txt?cc=max-age=60&u=${u}`])(Date.now())
--- more_headers eval
["X: y", "Range: bytes=0-1,5-6"]
--- error_code eval
[200, 206]
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT"]
--- user_files
>>> a.txt 202401021530.45
0123456789

=== a range that cannot be had
--- request eval
(u => [`GET /file/a.txt?cc=max-age=60&u=${u}`, `GET /file/a.txt?cc=max-age=60&u=${u}`])(Date.now())
--- more_headers eval
["X: y", "Range: bytes=50-60"]
--- error_code eval
[200, 416]
--- response_headers eval
["X-Cache: MISS", "Content-Range: bytes */11\n! Last-Modified"]
--- user_files
>>> a.txt 202401021530.45
0123456789

=== If-Range that does not hold
--- request eval
(u => [`GET /file/a.txt?cc=max-age=60&u=${u}`, `GET /file/a.txt?cc=max-age=60&u=${u}`])(Date.now())
--- more_headers eval
["X: y", "Range: bytes=0-1\nIf-Range: \"other\""]
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT"]
--- user_files
>>> a.txt 202401021530.45
0123456789

=== If-Modified-Since is answered by the cache
--- request eval
(u => [`GET /file/a.txt?cc=max-age=60&u=${u}`, `GET /file/a.txt?cc=max-age=60&u=${u}`, `GET /file/a.txt?cc=max-age=60&u=${u}`])(Date.now())
--- more_headers eval
["If-Modified-Since: Tue, 02 Jan 2020 15:30:45 GMT", "If-Modified-Since: Tue, 02 Jan 2024 15:30:45 GMT", "If-Modified-Since: Tue, 02 Jan 2020 15:30:45 GMT"]
--- error_code eval
[200, 304, 200]
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT", "X-Cache: HIT"]
--- user_files
>>> a.txt 202401021530.45
0123456789

=== If-None-Match is answered by the cache
--- request eval
(u => [`GET /file/a.txt?cc=max-age=60&u=${u}`, `GET /file/a.txt?cc=max-age=60&u=${u}`])(Date.now())
--- more_headers eval
["If-None-Match: \"x\"", "If-None-Match: *"]
--- error_code eval
[200, 304]
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT"]
--- user_files
>>> a.txt 202401021530.45
0123456789

=== If-Unmodified-Since
--- request eval
(u => [`GET /file/a.txt?cc=max-age=60&u=${u}`, `GET /file/a.txt?cc=max-age=60&u=${u}`])(Date.now())
--- more_headers eval
["X: y", "If-Unmodified-Since: Tue, 02 Jan 2020 15:30:45 GMT"]
--- error_code eval
[200, 412]
--- user_files
>>> a.txt 202401021530.45
0123456789

=== the upstream is not told of ranges and conditions
--- request eval
(u => [`GET /?cc=max-age=60&u=${u}`])(Date.now())
--- more_headers eval
["Range: bytes=0-1\nIf-None-Match: \"a\"\nIf-Modified-Since: Tue, 02 Jan 2024 15:30:45 GMT"]
--- response_headers eval
["X-Seen: ||"]

=== proxy_cache_valid for what says nothing itself
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    add_header Cache-Control $arg_cc always;
    add_header Expires $arg_ex always;
    add_header X-Accel-Expires $arg_xa always;
    add_header Set-Cookie $arg_sc always;
    add_header Vary $arg_v always;
    add_header X-Seen "$http_range|$http_if_none_match|$http_if_modified_since" always;
    if ($arg_e = 403) { return 403 "failed\n"; }
    if ($arg_e = 404) { return 404 "failed\n"; }
    if ($arg_e = 429) { return 429 "failed\n"; }
    if ($arg_e = 500) { return 500 "failed\n"; }
    if ($arg_e = 502) { return 502 "failed\n"; }
    if ($arg_e = 503) { return 503 "failed\n"; }
    if ($arg_e = 504) { return 504 "failed\n"; }
    location / { return 200 "$request_method $arg_b\n"; }
    location /file { alias html/; add_header Cache-Control $arg_cc; add_header Vary $arg_v; }
    location /redirected { add_header Cache-Control $arg_cc; add_header X-Accel-Redirect /inside; return 200 "not this\n"; }
    location /moved { return 301 /elsewhere; }
    location /missing { return 404 "no\n"; }
}
--- config
proxy_cache z;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
proxy_cache_valid 200 301 1m;
--- request eval
(u => [`GET /?b=1&u=${u}`, `GET /?b=2&u=${u}`, `GET /?b=3&cc=no-cache&w=&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT", "X-Cache: HIT"]
--- response_body eval
["GET 1\n", "GET 1\n", "GET 1\n"]

=== proxy_cache_valid does not hold for what forbids it
--- request eval
(u => [`GET /?cc=no-cache&u=${u}`, `GET /?x&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: MISS"]

=== proxy_cache_valid of another status
--- request eval
(u => [`GET /missing?a&u=${u}`, `GET /missing?b&u=${u}`])(Date.now())
--- error_code eval
[404, 404]
--- response_headers eval
["X-Cache: MISS", "X-Cache: MISS"]

=== a redirect is cached
--- request eval
(u => [`GET /moved?a&u=${u}`, `GET /moved?b&u=${u}`])(Date.now())
--- error_code eval
[301, 301]
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT"]

=== proxy_cache_valid any
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    add_header Cache-Control $arg_cc always;
    add_header Expires $arg_ex always;
    add_header X-Accel-Expires $arg_xa always;
    add_header Set-Cookie $arg_sc always;
    add_header Vary $arg_v always;
    add_header X-Seen "$http_range|$http_if_none_match|$http_if_modified_since" always;
    if ($arg_e = 403) { return 403 "failed\n"; }
    if ($arg_e = 404) { return 404 "failed\n"; }
    if ($arg_e = 429) { return 429 "failed\n"; }
    if ($arg_e = 500) { return 500 "failed\n"; }
    if ($arg_e = 502) { return 502 "failed\n"; }
    if ($arg_e = 503) { return 503 "failed\n"; }
    if ($arg_e = 504) { return 504 "failed\n"; }
    location / { return 200 "$request_method $arg_b\n"; }
    location /file { alias html/; add_header Cache-Control $arg_cc; add_header Vary $arg_v; }
    location /redirected { add_header Cache-Control $arg_cc; add_header X-Accel-Redirect /inside; return 200 "not this\n"; }
    location /moved { return 301 /elsewhere; }
    location /missing { return 404 "no\n"; }
}
--- config
proxy_cache z;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
proxy_cache_valid any 1m;
--- request eval
(u => [`GET /missing?a&u=${u}`, `GET /missing?b&u=${u}`])(Date.now())
--- error_code eval
[404, 404]
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT"]
--- response_body eval
["no\n", "no\n"]

=== proxy_cache_valid 0 caches nothing
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    add_header Cache-Control $arg_cc always;
    add_header Expires $arg_ex always;
    add_header X-Accel-Expires $arg_xa always;
    add_header Set-Cookie $arg_sc always;
    add_header Vary $arg_v always;
    add_header X-Seen "$http_range|$http_if_none_match|$http_if_modified_since" always;
    if ($arg_e = 403) { return 403 "failed\n"; }
    if ($arg_e = 404) { return 404 "failed\n"; }
    if ($arg_e = 429) { return 429 "failed\n"; }
    if ($arg_e = 500) { return 500 "failed\n"; }
    if ($arg_e = 502) { return 502 "failed\n"; }
    if ($arg_e = 503) { return 503 "failed\n"; }
    if ($arg_e = 504) { return 504 "failed\n"; }
    location / { return 200 "$request_method $arg_b\n"; }
    location /file { alias html/; add_header Cache-Control $arg_cc; add_header Vary $arg_v; }
    location /redirected { add_header Cache-Control $arg_cc; add_header X-Accel-Redirect /inside; return 200 "not this\n"; }
    location /moved { return 301 /elsewhere; }
    location /missing { return 404 "no\n"; }
}
--- config
proxy_cache z;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
proxy_cache_valid 200 0;
--- request eval
(u => [`GET /?a&u=${u}`, `GET /?b&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: MISS"]

=== proxy_cache_bypass asks, and renews
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    add_header Cache-Control $arg_cc always;
    add_header Expires $arg_ex always;
    add_header X-Accel-Expires $arg_xa always;
    add_header Set-Cookie $arg_sc always;
    add_header Vary $arg_v always;
    add_header X-Seen "$http_range|$http_if_none_match|$http_if_modified_since" always;
    if ($arg_e = 403) { return 403 "failed\n"; }
    if ($arg_e = 404) { return 404 "failed\n"; }
    if ($arg_e = 429) { return 429 "failed\n"; }
    if ($arg_e = 500) { return 500 "failed\n"; }
    if ($arg_e = 502) { return 502 "failed\n"; }
    if ($arg_e = 503) { return 503 "failed\n"; }
    if ($arg_e = 504) { return 504 "failed\n"; }
    location / { return 200 "$request_method $arg_b\n"; }
    location /file { alias html/; add_header Cache-Control $arg_cc; add_header Vary $arg_v; }
    location /redirected { add_header Cache-Control $arg_cc; add_header X-Accel-Redirect /inside; return 200 "not this\n"; }
    location /moved { return 301 /elsewhere; }
    location /missing { return 404 "no\n"; }
}
--- config
proxy_cache z;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
proxy_cache_valid 200 301 1m; proxy_cache_bypass $arg_nc;
--- request eval
(u => [`GET /?b=1&u=${u}`, `GET /?b=2&nc=1&u=${u}`, `GET /?b=3&u=${u}`, `GET /?b=4&nc=0&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: BYPASS", "X-Cache: HIT", "X-Cache: HIT"]
--- response_body eval
["GET 1\n", "GET 2\n", "GET 2\n", "GET 2\n"]

=== proxy_no_cache stores nothing
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    add_header Cache-Control $arg_cc always;
    add_header Expires $arg_ex always;
    add_header X-Accel-Expires $arg_xa always;
    add_header Set-Cookie $arg_sc always;
    add_header Vary $arg_v always;
    add_header X-Seen "$http_range|$http_if_none_match|$http_if_modified_since" always;
    if ($arg_e = 403) { return 403 "failed\n"; }
    if ($arg_e = 404) { return 404 "failed\n"; }
    if ($arg_e = 429) { return 429 "failed\n"; }
    if ($arg_e = 500) { return 500 "failed\n"; }
    if ($arg_e = 502) { return 502 "failed\n"; }
    if ($arg_e = 503) { return 503 "failed\n"; }
    if ($arg_e = 504) { return 504 "failed\n"; }
    location / { return 200 "$request_method $arg_b\n"; }
    location /file { alias html/; add_header Cache-Control $arg_cc; add_header Vary $arg_v; }
    location /redirected { add_header Cache-Control $arg_cc; add_header X-Accel-Redirect /inside; return 200 "not this\n"; }
    location /moved { return 301 /elsewhere; }
    location /missing { return 404 "no\n"; }
}
--- config
proxy_cache z;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
proxy_cache_valid 200 301 1m; proxy_no_cache $arg_ns $arg_other;
--- request eval
(u => [`GET /?b=1&ns=1&u=${u}`, `GET /?b=2&u=${u}`, `GET /?b=3&ns=1&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: MISS", "X-Cache: HIT"]

=== proxy_cache_min_uses
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    add_header Cache-Control $arg_cc always;
    add_header Expires $arg_ex always;
    add_header X-Accel-Expires $arg_xa always;
    add_header Set-Cookie $arg_sc always;
    add_header Vary $arg_v always;
    add_header X-Seen "$http_range|$http_if_none_match|$http_if_modified_since" always;
    if ($arg_e = 403) { return 403 "failed\n"; }
    if ($arg_e = 404) { return 404 "failed\n"; }
    if ($arg_e = 429) { return 429 "failed\n"; }
    if ($arg_e = 500) { return 500 "failed\n"; }
    if ($arg_e = 502) { return 502 "failed\n"; }
    if ($arg_e = 503) { return 503 "failed\n"; }
    if ($arg_e = 504) { return 504 "failed\n"; }
    location / { return 200 "$request_method $arg_b\n"; }
    location /file { alias html/; add_header Cache-Control $arg_cc; add_header Vary $arg_v; }
    location /redirected { add_header Cache-Control $arg_cc; add_header X-Accel-Redirect /inside; return 200 "not this\n"; }
    location /moved { return 301 /elsewhere; }
    location /missing { return 404 "no\n"; }
}
--- config
proxy_cache z;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
proxy_cache_valid 200 301 1m; proxy_cache_min_uses 3;
--- request eval
(u => [`GET /?a&u=${u}`, `GET /?b&u=${u}`, `GET /?c&u=${u}`, `GET /?d&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: MISS", "X-Cache: MISS", "X-Cache: HIT"]

=== proxy_cache_methods POST
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    add_header Cache-Control $arg_cc always;
    add_header Expires $arg_ex always;
    add_header X-Accel-Expires $arg_xa always;
    add_header Set-Cookie $arg_sc always;
    add_header Vary $arg_v always;
    add_header X-Seen "$http_range|$http_if_none_match|$http_if_modified_since" always;
    if ($arg_e = 403) { return 403 "failed\n"; }
    if ($arg_e = 404) { return 404 "failed\n"; }
    if ($arg_e = 429) { return 429 "failed\n"; }
    if ($arg_e = 500) { return 500 "failed\n"; }
    if ($arg_e = 502) { return 502 "failed\n"; }
    if ($arg_e = 503) { return 503 "failed\n"; }
    if ($arg_e = 504) { return 504 "failed\n"; }
    location / { return 200 "$request_method $arg_b\n"; }
    location /file { alias html/; add_header Cache-Control $arg_cc; add_header Vary $arg_v; }
    location /redirected { add_header Cache-Control $arg_cc; add_header X-Accel-Redirect /inside; return 200 "not this\n"; }
    location /moved { return 301 /elsewhere; }
    location /missing { return 404 "no\n"; }
}
--- config
proxy_cache z;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
proxy_cache_valid 200 301 1m; proxy_cache_methods POST;
--- request eval
(u => [`POST /?b=1&u=${u}`, `POST /?b=2&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT"]
--- response_body eval
["POST 1\n", "POST 1\n"]

=== proxy_cache_convert_head off: HEAD is HEAD
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    add_header Cache-Control $arg_cc always;
    add_header Expires $arg_ex always;
    add_header X-Accel-Expires $arg_xa always;
    add_header Set-Cookie $arg_sc always;
    add_header Vary $arg_v always;
    add_header X-Seen "$http_range|$http_if_none_match|$http_if_modified_since" always;
    if ($arg_e = 403) { return 403 "failed\n"; }
    if ($arg_e = 404) { return 404 "failed\n"; }
    if ($arg_e = 429) { return 429 "failed\n"; }
    if ($arg_e = 500) { return 500 "failed\n"; }
    if ($arg_e = 502) { return 502 "failed\n"; }
    if ($arg_e = 503) { return 503 "failed\n"; }
    if ($arg_e = 504) { return 504 "failed\n"; }
    location / { return 200 "$request_method $arg_b\n"; }
    location /file { alias html/; add_header Cache-Control $arg_cc; add_header Vary $arg_v; }
    location /redirected { add_header Cache-Control $arg_cc; add_header X-Accel-Redirect /inside; return 200 "not this\n"; }
    location /moved { return 301 /elsewhere; }
    location /missing { return 404 "no\n"; }
}
--- config
proxy_cache z;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
proxy_cache_valid 200 301 1m; proxy_cache_convert_head off;
--- request eval
(u => [`HEAD /?b=1&u=${u}`, `HEAD /?b=2&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT"]

=== proxy_cache off
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    add_header Cache-Control $arg_cc always;
    add_header Expires $arg_ex always;
    add_header X-Accel-Expires $arg_xa always;
    add_header Set-Cookie $arg_sc always;
    add_header Vary $arg_v always;
    add_header X-Seen "$http_range|$http_if_none_match|$http_if_modified_since" always;
    if ($arg_e = 403) { return 403 "failed\n"; }
    if ($arg_e = 404) { return 404 "failed\n"; }
    if ($arg_e = 429) { return 429 "failed\n"; }
    if ($arg_e = 500) { return 500 "failed\n"; }
    if ($arg_e = 502) { return 502 "failed\n"; }
    if ($arg_e = 503) { return 503 "failed\n"; }
    if ($arg_e = 504) { return 504 "failed\n"; }
    location / { return 200 "$request_method $arg_b\n"; }
    location /file { alias html/; add_header Cache-Control $arg_cc; add_header Vary $arg_v; }
    location /redirected { add_header Cache-Control $arg_cc; add_header X-Accel-Redirect /inside; return 200 "not this\n"; }
    location /moved { return 301 /elsewhere; }
    location /missing { return 404 "no\n"; }
}
--- config
proxy_cache z;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_cache off; proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
proxy_cache_valid 200 301 1m;
--- request eval
(u => [`GET /?b=1&u=${u}`, `GET /?b=2&u=${u}`])(Date.now())
--- response_headers eval
["! X-Cache", "! X-Cache"]

=== proxy_cache with a variable
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    add_header Cache-Control $arg_cc always;
    add_header Expires $arg_ex always;
    add_header X-Accel-Expires $arg_xa always;
    add_header Set-Cookie $arg_sc always;
    add_header Vary $arg_v always;
    add_header X-Seen "$http_range|$http_if_none_match|$http_if_modified_since" always;
    if ($arg_e = 403) { return 403 "failed\n"; }
    if ($arg_e = 404) { return 404 "failed\n"; }
    if ($arg_e = 429) { return 429 "failed\n"; }
    if ($arg_e = 500) { return 500 "failed\n"; }
    if ($arg_e = 502) { return 502 "failed\n"; }
    if ($arg_e = 503) { return 503 "failed\n"; }
    if ($arg_e = 504) { return 504 "failed\n"; }
    location / { return 200 "$request_method $arg_b\n"; }
    location /file { alias html/; add_header Cache-Control $arg_cc; add_header Vary $arg_v; }
    location /redirected { add_header Cache-Control $arg_cc; add_header X-Accel-Redirect /inside; return 200 "not this\n"; }
    location /moved { return 301 /elsewhere; }
    location /missing { return 404 "no\n"; }
}
--- config
proxy_cache $arg_zone;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
proxy_cache_valid 200 301 1m;
--- request eval
(u => [`GET /?zone=z&u=${u}`, `GET /?zone=z&u=${u}`, `GET /?zone=off&u=${u}`, `GET /?x&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT", "! X-Cache", "! X-Cache"]

=== proxy_cache names no cache
--- request eval
(u => [`GET /?zone=y&u=${u}`])(Date.now())
--- error_code eval
[500]
--- error_log
cache "y" not found, client

=== proxy_ignore_headers Cache-Control
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    add_header Cache-Control $arg_cc always;
    add_header Expires $arg_ex always;
    add_header X-Accel-Expires $arg_xa always;
    add_header Set-Cookie $arg_sc always;
    add_header Vary $arg_v always;
    add_header X-Seen "$http_range|$http_if_none_match|$http_if_modified_since" always;
    if ($arg_e = 403) { return 403 "failed\n"; }
    if ($arg_e = 404) { return 404 "failed\n"; }
    if ($arg_e = 429) { return 429 "failed\n"; }
    if ($arg_e = 500) { return 500 "failed\n"; }
    if ($arg_e = 502) { return 502 "failed\n"; }
    if ($arg_e = 503) { return 503 "failed\n"; }
    if ($arg_e = 504) { return 504 "failed\n"; }
    location / { return 200 "$request_method $arg_b\n"; }
    location /file { alias html/; add_header Cache-Control $arg_cc; add_header Vary $arg_v; }
    location /redirected { add_header Cache-Control $arg_cc; add_header X-Accel-Redirect /inside; return 200 "not this\n"; }
    location /moved { return 301 /elsewhere; }
    location /missing { return 404 "no\n"; }
}
--- config
proxy_cache z;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
proxy_cache_valid 200 301 1m; proxy_ignore_headers Cache-Control Expires X-Accel-Expires Set-Cookie Vary;
--- request eval
(u => [`GET /?cc=no-cache&u=${u}`, `GET /?cc=no-cache&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT"]

=== proxy_ignore_headers Expires
--- request eval
(u => [`GET /?ex=Thu&u=${u}`, `GET /?ex=Thu&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT"]

=== proxy_ignore_headers X-Accel-Expires
--- request eval
(u => [`GET /?xa=0&u=${u}`, `GET /?xa=0&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT"]

=== proxy_ignore_headers Set-Cookie
--- request eval
(u => [`GET /?sc=a&u=${u}`, `GET /?sc=a&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT"]

=== proxy_ignore_headers Vary
--- request eval
(u => [`GET /?v=*&u=${u}`, `GET /?v=*&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT"]

=== proxy_cache_max_range_offset: far ranges go past the cache
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    add_header Cache-Control $arg_cc always;
    add_header Expires $arg_ex always;
    add_header X-Accel-Expires $arg_xa always;
    add_header Set-Cookie $arg_sc always;
    add_header Vary $arg_v always;
    add_header X-Seen "$http_range|$http_if_none_match|$http_if_modified_since" always;
    if ($arg_e = 403) { return 403 "failed\n"; }
    if ($arg_e = 404) { return 404 "failed\n"; }
    if ($arg_e = 429) { return 429 "failed\n"; }
    if ($arg_e = 500) { return 500 "failed\n"; }
    if ($arg_e = 502) { return 502 "failed\n"; }
    if ($arg_e = 503) { return 503 "failed\n"; }
    if ($arg_e = 504) { return 504 "failed\n"; }
    location / { return 200 "$request_method $arg_b\n"; }
    location /file { alias html/; add_header Cache-Control $arg_cc; add_header Vary $arg_v; }
    location /redirected { add_header Cache-Control $arg_cc; add_header X-Accel-Redirect /inside; return 200 "not this\n"; }
    location /moved { return 301 /elsewhere; }
    location /missing { return 404 "no\n"; }
}
--- config
proxy_cache z;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
proxy_cache_max_range_offset 4;
--- request eval
(u => [`GET /file/a.txt?cc=max-age=60&u=${u}`, `GET /file/a.txt?cc=max-age=60&u=${u}`, `GET /file/a.txt?cc=max-age=60&u=${u}`])(Date.now())
--- more_headers eval
["Range: bytes=5-6", "Range: bytes=1-2", "Range: bytes=1-2"]
--- error_code eval
[206, 206, 206]
--- response_headers eval
["X-Cache: MISS", "X-Cache: MISS", "X-Cache: HIT"]
--- user_files
>>> a.txt 202401021530.45
0123456789

=== proxy_cache_max_range_offset: ranges from the end
--- request eval
(u => [`GET /file/a.txt?cc=max-age=60&u=${u}`, `GET /file/a.txt?cc=max-age=60&u=${u}`])(Date.now())
--- more_headers eval
["Range: bytes=-2", "Range: bytes=-2"]
--- error_code eval
[206, 206]
--- response_headers eval
["X-Cache: MISS", "X-Cache: MISS"]
--- user_files
>>> a.txt 202401021530.45
0123456789

=== proxy_force_ranges on what is cached
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    add_header Cache-Control $arg_cc always;
    add_header Expires $arg_ex always;
    add_header X-Accel-Expires $arg_xa always;
    add_header Set-Cookie $arg_sc always;
    add_header Vary $arg_v always;
    add_header X-Seen "$http_range|$http_if_none_match|$http_if_modified_since" always;
    if ($arg_e = 403) { return 403 "failed\n"; }
    if ($arg_e = 404) { return 404 "failed\n"; }
    if ($arg_e = 429) { return 429 "failed\n"; }
    if ($arg_e = 500) { return 500 "failed\n"; }
    if ($arg_e = 502) { return 502 "failed\n"; }
    if ($arg_e = 503) { return 503 "failed\n"; }
    if ($arg_e = 504) { return 504 "failed\n"; }
    location / { return 200 "$request_method $arg_b\n"; }
    location /file { alias html/; add_header Cache-Control $arg_cc; add_header Vary $arg_v; }
    location /redirected { add_header Cache-Control $arg_cc; add_header X-Accel-Redirect /inside; return 200 "not this\n"; }
    location /moved { return 301 /elsewhere; }
    location /missing { return 404 "no\n"; }
}
--- config
proxy_cache z;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
proxy_force_ranges on;
--- request eval
(u => [`GET /?cc=max-age=60&b=12345&u=${u}`, `GET /?x&u=${u}`])(Date.now())
--- more_headers eval
["Range: bytes=1-2", "Range: bytes=1-2"]
--- error_code eval
[206, 206]
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT"]
--- response_body eval
["ET", "ET"]

=== proxy_hide_header and add_header are of now, not of then
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    add_header Cache-Control $arg_cc always;
    add_header Expires $arg_ex always;
    add_header X-Accel-Expires $arg_xa always;
    add_header Set-Cookie $arg_sc always;
    add_header Vary $arg_v always;
    add_header X-Seen "$http_range|$http_if_none_match|$http_if_modified_since" always;
    if ($arg_e = 403) { return 403 "failed\n"; }
    if ($arg_e = 404) { return 404 "failed\n"; }
    if ($arg_e = 429) { return 429 "failed\n"; }
    if ($arg_e = 500) { return 500 "failed\n"; }
    if ($arg_e = 502) { return 502 "failed\n"; }
    if ($arg_e = 503) { return 503 "failed\n"; }
    if ($arg_e = 504) { return 504 "failed\n"; }
    location / { return 200 "$request_method $arg_b\n"; }
    location /file { alias html/; add_header Cache-Control $arg_cc; add_header Vary $arg_v; }
    location /redirected { add_header Cache-Control $arg_cc; add_header X-Accel-Redirect /inside; return 200 "not this\n"; }
    location /moved { return 301 /elsewhere; }
    location /missing { return 404 "no\n"; }
}
--- config
proxy_cache z;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
proxy_hide_header X-Seen; add_header X-Arg 1;
--- request eval
(u => [`GET /?cc=max-age=60&sc=&u=${u}`, `GET /?x&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS\n! X-Seen", "X-Cache: HIT\n! X-Seen\nX-Arg: 1"]

=== proxy_buffering off caches nothing
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    add_header Cache-Control $arg_cc always;
    add_header Expires $arg_ex always;
    add_header X-Accel-Expires $arg_xa always;
    add_header Set-Cookie $arg_sc always;
    add_header Vary $arg_v always;
    add_header X-Seen "$http_range|$http_if_none_match|$http_if_modified_since" always;
    if ($arg_e = 403) { return 403 "failed\n"; }
    if ($arg_e = 404) { return 404 "failed\n"; }
    if ($arg_e = 429) { return 429 "failed\n"; }
    if ($arg_e = 500) { return 500 "failed\n"; }
    if ($arg_e = 502) { return 502 "failed\n"; }
    if ($arg_e = 503) { return 503 "failed\n"; }
    if ($arg_e = 504) { return 504 "failed\n"; }
    location / { return 200 "$request_method $arg_b\n"; }
    location /file { alias html/; add_header Cache-Control $arg_cc; add_header Vary $arg_v; }
    location /redirected { add_header Cache-Control $arg_cc; add_header X-Accel-Redirect /inside; return 200 "not this\n"; }
    location /moved { return 301 /elsewhere; }
    location /missing { return 404 "no\n"; }
}
--- config
proxy_cache z;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
proxy_cache_valid 200 301 1m; proxy_buffering off;
--- request eval
(u => [`GET /?b=1&u=${u}`, `GET /?b=2&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: MISS"]

=== the key is too long for proxy_buffer_size
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    add_header Cache-Control $arg_cc always;
    add_header Expires $arg_ex always;
    add_header X-Accel-Expires $arg_xa always;
    add_header Set-Cookie $arg_sc always;
    add_header Vary $arg_v always;
    add_header X-Seen "$http_range|$http_if_none_match|$http_if_modified_since" always;
    if ($arg_e = 403) { return 403 "failed\n"; }
    if ($arg_e = 404) { return 404 "failed\n"; }
    if ($arg_e = 429) { return 429 "failed\n"; }
    if ($arg_e = 500) { return 500 "failed\n"; }
    if ($arg_e = 502) { return 502 "failed\n"; }
    if ($arg_e = 503) { return 503 "failed\n"; }
    if ($arg_e = 504) { return 504 "failed\n"; }
    location / { return 200 "$request_method $arg_b\n"; }
    location /file { alias html/; add_header Cache-Control $arg_cc; add_header Vary $arg_v; }
    location /redirected { add_header Cache-Control $arg_cc; add_header X-Accel-Redirect /inside; return 200 "not this\n"; }
    location /moved { return 301 /elsewhere; }
    location /missing { return 404 "no\n"; }
}
--- config
proxy_cache z;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
proxy_cache_valid 200 301 1m; proxy_buffer_size 4k; proxy_cache_key $args;
--- request eval
(u => [`GET /?a=kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk&u=${u}`])(Date.now())
--- response_headers eval
["! X-Cache"]
--- error_log
proxy_buffer_size 4096 is not enough for cache key, it should be increased to at least 5120

=== without proxy_cache_key it is the uri that the upstream gets
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    add_header Cache-Control $arg_cc always;
    add_header Expires $arg_ex always;
    add_header X-Accel-Expires $arg_xa always;
    add_header Set-Cookie $arg_sc always;
    add_header Vary $arg_v always;
    add_header X-Seen "$http_range|$http_if_none_match|$http_if_modified_since" always;
    if ($arg_e = 403) { return 403 "failed\n"; }
    if ($arg_e = 404) { return 404 "failed\n"; }
    if ($arg_e = 429) { return 429 "failed\n"; }
    if ($arg_e = 500) { return 500 "failed\n"; }
    if ($arg_e = 502) { return 502 "failed\n"; }
    if ($arg_e = 503) { return 503 "failed\n"; }
    if ($arg_e = 504) { return 504 "failed\n"; }
    location / { return 200 "$request_method $arg_b\n"; }
    location /file { alias html/; add_header Cache-Control $arg_cc; add_header Vary $arg_v; }
    location /redirected { add_header Cache-Control $arg_cc; add_header X-Accel-Redirect /inside; return 200 "not this\n"; }
    location /moved { return 301 /elsewhere; }
    location /missing { return 404 "no\n"; }
}
--- config
add_header X-Cache $upstream_cache_status;
proxy_cache z;
proxy_cache_valid 200 1m;
location /x/ { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/k/; }
location /y/ { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/k/; }
--- request eval
(u => [`GET /x/a?b=1&u=${u}`, `GET /y/a?b=1&u=${u}`, `GET /y/a?b=2&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT", "X-Cache: MISS"]

=== X-Accel-Redirect is followed, and not cached
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    add_header Cache-Control $arg_cc always;
    add_header Expires $arg_ex always;
    add_header X-Accel-Expires $arg_xa always;
    add_header Set-Cookie $arg_sc always;
    add_header Vary $arg_v always;
    add_header X-Seen "$http_range|$http_if_none_match|$http_if_modified_since" always;
    if ($arg_e = 403) { return 403 "failed\n"; }
    if ($arg_e = 404) { return 404 "failed\n"; }
    if ($arg_e = 429) { return 429 "failed\n"; }
    if ($arg_e = 500) { return 500 "failed\n"; }
    if ($arg_e = 502) { return 502 "failed\n"; }
    if ($arg_e = 503) { return 503 "failed\n"; }
    if ($arg_e = 504) { return 504 "failed\n"; }
    location / { return 200 "$request_method $arg_b\n"; }
    location /file { alias html/; add_header Cache-Control $arg_cc; add_header Vary $arg_v; }
    location /redirected { add_header Cache-Control $arg_cc; add_header X-Accel-Redirect /inside; return 200 "not this\n"; }
    location /moved { return 301 /elsewhere; }
    location /missing { return 404 "no\n"; }
}
--- config
proxy_cache z;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
location /inside { internal; return 200 "inside\n"; add_header X-Cache $upstream_cache_status; }
--- request eval
(u => [`GET /redirected?cc=max-age=60&u=${u}`, `GET /redirected?cc=max-age=60&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: MISS"]
--- response_body eval
["inside\n", "inside\n"]

=== intercepted errors are cached with proxy_cache_valid
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    add_header Cache-Control $arg_cc always;
    add_header Expires $arg_ex always;
    add_header X-Accel-Expires $arg_xa always;
    add_header Set-Cookie $arg_sc always;
    add_header Vary $arg_v always;
    add_header X-Seen "$http_range|$http_if_none_match|$http_if_modified_since" always;
    if ($arg_e = 403) { return 403 "failed\n"; }
    if ($arg_e = 404) { return 404 "failed\n"; }
    if ($arg_e = 429) { return 429 "failed\n"; }
    if ($arg_e = 500) { return 500 "failed\n"; }
    if ($arg_e = 502) { return 502 "failed\n"; }
    if ($arg_e = 503) { return 503 "failed\n"; }
    if ($arg_e = 504) { return 504 "failed\n"; }
    location / { return 200 "$request_method $arg_b\n"; }
    location /file { alias html/; add_header Cache-Control $arg_cc; add_header Vary $arg_v; }
    location /redirected { add_header Cache-Control $arg_cc; add_header X-Accel-Redirect /inside; return 200 "not this\n"; }
    location /moved { return 301 /elsewhere; }
    location /missing { return 404 "no\n"; }
}
--- config
proxy_cache z;
proxy_cache_key $arg_u;
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
proxy_intercept_errors on; error_page 404 /page; proxy_cache_valid 404 1m; location /page { return 404 "page\n"; }
--- request eval
(u => [`GET /missing?a&u=${u}`, `GET /missing?b&u=${u}`])(Date.now())
--- error_code eval
[404, 404]
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT"]
--- response_body eval
["page\n", "page\n"]

=== an upstream that cannot be reached is cached as 502
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
--- config
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_2; proxy_cache z; proxy_cache_key $arg_u; proxy_cache_valid 502 1m; }
--- request eval
(u => [`GET /?a&u=${u}`, `GET /?b&u=${u}`])(Date.now())
--- error_code eval
[502, 502]
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT"]
--- error_log
connect() failed (111: Connection refused) while connecting to upstream

=== a body that breaks off is no failure that is cached
--- http_config
proxy_cache_path cache levels=1:2 keys_zone=z:1m;
map $arg_whole $port { default $TEST_NGINX_RAND_PORT_2; 1 $TEST_NGINX_RAND_PORT_1; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 "whole\n"; }
--- config
add_header X-Cache $upstream_cache_status always;
location / { proxy_pass http://127.0.0.1:$port; proxy_cache z; proxy_cache_key $arg_u; proxy_cache_valid any 1m; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_2
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal"
--- request eval
(u => [`GET /?u=${u}`, `GET /?whole=1&u=${u}`])(Date.now())
--- response_headers eval
["X-Cache: MISS", "X-Cache: MISS"]
--- response_body eval
["hal", "whole\n"]
--- error_log
upstream prematurely closed connection
