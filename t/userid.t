# userid: a cookie to know clients again by.

=== who has none gets one, with all that is set
--- config
userid on;
userid_service 16909060;
location / { return 200 "[$uid_got] [$uid_set]"; }
location /all {
    userid_name who;
    userid_domain example.com;
    userid_path /all;
    userid_expires max;
    userid_flags secure httponly samesite=lax;
    userid_p3p 'policyref="/p3p.xml"';
    userid_mark =;
    return 204;
}
location /none { userid_domain none; userid_p3p none; userid_expires off; userid_mark off; userid_flags off; return 204; }
location /hour { userid_expires 1h; return 204; }
location /log { userid log; return 200 "[$uid_got] [$uid_set]"; }
--- request eval
["GET /", "GET /all", "GET /none", "GET /hour", "GET /log"]
--- error_code eval
[200, 204, 204, 204, 200]
--- response_body_like eval
["^\\[\\] \\[uid=04030201[0-9A-F]{24}\\]$", "^$", "^$", "^$", "^\\[\\] \\[\\]$"]
--- response_headers_like eval
[
  "Set-Cookie: uid=AQIDB[\\w+/]{17}==; path=/",
  "Set-Cookie: who=AQIDB[\\w+/]{17}==; expires=Thu, 31-Dec-37 23:55:55 GMT; domain=example.com; path=/all; secure; httponly; samesite=lax\nP3P: policyref=\"/p3p.xml\"",
  "Set-Cookie: uid=AQIDB[\\w+/]{17}==; path=/",
  "Set-Cookie: uid=AQIDB[\\w+/]{17}==; expires=\\w{3}, \\d\\d-\\w{3}-\\d\\d \\d\\d:\\d\\d:\\d\\d GMT; path=/",
  "Content-Length: 5",
]

=== who has one keeps it
--- config
userid on;
location / { return 200 "[$uid_got] [$uid_set]"; }
location /log { userid log; return 200 "[$uid_got] [$uid_set]"; }
location /off { userid off; return 200 "[$uid_got] [$uid_set]"; }
location /v1 { userid v1; return 200 "[$uid_got] [$uid_set]"; }
--- request eval
["GET /", "GET /log", "GET /off", "GET /v1"]
--- more_headers
Cookie: a=b; UID=AAECAwQFBgcICQoLDA0ODw==; c=d
--- response_body eval
[...Array(2).fill("[uid=03020100070605040B0A09080F0E0D0C] []"), "[] []", "[uid=03020100070605040B0A09080F0E0D0C] []"]
--- response_headers eval
Array(4).fill("! Set-Cookie")

=== a mark is put where there is another
--- config
userid on;
userid_mark Z;
location / { return 200 "[$uid_set]"; }
--- request eval
["GET /", "GET /"]
--- more_headers eval
["Cookie: uid=AAECAwQFBgcICQoLDA0ODw==", "Cookie: uid=AAECAwQFBgcICQoLDA0ODwZ="]
--- response_body eval
["[uid=03020100070605040B0A09080F0E0D0C]", "[]"]
--- response_headers eval
["Set-Cookie: uid=AAECAwQFBgcICQoLDA0ODwZ=; path=/", "! Set-Cookie"]

=== what is no cookie of ours is replaced, and told
--- config
userid on;
location / { return 200 "[$uid_got]"; }
--- request eval
["GET /", "GET /", "GET /"]
--- more_headers eval
["Cookie: x=y; uid=short", "Cookie: uid=!AECAwQFBgcICQoLDA0ODw==", "Cookie: uid=AAECAwQFBgcICQoLAAAAAA=="]
--- response_body eval
Array(3).fill("[]")
--- response_headers_like eval
Array(3).fill("Set-Cookie: uid=[\\w+/]{22}==; path=/")
--- error_log
client sent too short userid cookie "x=y; uid=short", client: 127.0.0.1
client sent invalid userid cookie "uid=!AECAwQFBgcICQoLDA0ODw==", client: 127.0.0.1

=== $uid_reset makes a new one
--- config
userid on;
set $uid_reset $arg_reset;
location / { return 200 "$uid_got"; }
--- request eval
["GET /?reset=0", "GET /?reset=1", "GET /?reset=log"]
--- more_headers
Cookie: uid=AAECAwQFBgcICQoLDA0ODw==
--- response_body eval
Array(3).fill("uid=03020100070605040B0A09080F0E0D0C")
--- raw_response_headers_like eval
["^(?![\\s\\S]*Set-Cookie)", "Set-Cookie: uid=(?!AAECAwQFBgcICQoLDA0ODw)", "Set-Cookie: uid=(?!AAECAwQFBgcICQoLDA0ODw)"]
--- error_log
userid cookie "uid=03020100070605040B0A09080F0E0D0C" was reset, client: 127.0.0.1

=== a mark is one letter
--- config
userid_mark xy;
--- must_die
--- error_log
"userid_mark" directive value must be "off" or a single letter, digit or "=" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== other words are refused
--- config
userid maybe;
--- must_die
--- error_log
invalid value "maybe" in

=== so are other flags
--- config
userid_flags samesite=sometimes;
--- must_die
--- error_log
invalid value "samesite=sometimes" in
