# realip: the client's address as a trusted proxy reports it.

=== the header of a trusted proxy wins, that of another does not count
--- http_config
set_real_ip_from 127.0.0.1;
--- config
location /a { return 200 "$remote_addr via $realip_remote_addr\n"; }
location /b {
    set_real_ip_from 10.0.0.0/8; # its server has been believed before
    add_header X-IP "$remote_addr via $realip_remote_addr" always;
}
--- more_headers
X-Real-IP: 192.0.2.1
--- request eval
["GET /a", "GET /b"]
--- error_code eval
[200, 404]
--- response_body eval
["192.0.2.1 via 127.0.0.1\n", null]
--- response_headers eval
[null, "X-IP: 192.0.2.1 via 127.0.0.1"]
--- error_log
open() "$TEST_NGINX_SERVER_ROOT/html/b" failed (2: No such file or directory), client: 192.0.2.1, server: localhost

=== the location's own settings come in after the rewrite phase
--- config
location /in {
    set $before "$connection $realip_remote_addr";
    set_real_ip_from 127.0.0.0/8;
    real_ip_header X-Client;
    add_header X-IP "$remote_addr from $realip_remote_addr" always;
    allow 192.0.2.7;
    deny all;
}
location /out { add_header X-IP $remote_addr always; deny all; }
--- more_headers
X-Client: 192.0.2.7
X-Client: 192.0.2.8
--- request eval
["GET /in", "GET /out"]
--- error_code eval
[404, 403]
--- response_headers eval
["X-IP: 192.0.2.7 from 127.0.0.1", "X-IP: 127.0.0.1"]

=== a kept connection has its own address again for the next request
--- http_config
set_real_ip_from 127.0.0.1;
log_format ip '$uri is $remote_addr';
--- config
access_log logs/access.log ip;
location / { return 200 $remote_addr; }
--- pipelined_requests eval
["GET /one", "GET /two", "GET /three"]
--- more_headers eval
["X-Real-IP: 192.0.2.1", "X-Other: 1", "X-Real-IP: 192.0.2.3"]
--- response_body eval
["192.0.2.1", "127.0.0.1", "192.0.2.3"]
--- access_log
/one is 192.0.2.1
/two is 127.0.0.1
/three is 192.0.2.3

=== X-Forwarded-For: the last address, or recursively the last that is not trusted
--- http_config
set_real_ip_from 127.0.0.1;
set_real_ip_from 10.0.0.0/8;
--- config
location /last { real_ip_header X-Forwarded-For; add_header X-IP $remote_addr always; }
location /walk { real_ip_header X-Forwarded-For; real_ip_recursive on; add_header X-IP $remote_addr always; }
location /all {
    set_real_ip_from 0.0.0.0/0;
    set_real_ip_from ::/0;
    real_ip_header X-Forwarded-For;
    real_ip_recursive on;
    add_header X-IP $remote_addr always;
}
--- request eval
["/last", "/walk", "/walk", "/walk", "/walk", "/walk", "/all", "/all"].map((uri) => `GET ${uri}/x`)
--- more_headers eval
[
  "X-Forwarded-For: 192.0.2.1, 10.0.0.2",
  "X-Forwarded-For: 192.0.2.1, 10.0.0.2",
  "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 10.0.0.2 ,10.0.0.3, ",
  "X-Forwarded-For: 192.0.2.1, nonsense, 10.0.0.2",
  "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: , 10.0.0.2",
  "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: nonsense",
  "X-Forwarded-For: 10.0.0.9, 10.0.0.8",
  "X-Forwarded-For:",
]
--- error_code eval
Array(8).fill(404)
--- response_headers eval
["10.0.0.2", "192.0.2.1", "192.0.2.1", "10.0.0.2", "10.0.0.2", "127.0.0.1", "10.0.0.9", "127.0.0.1"].map((ip) => `X-IP: ${ip}`)

=== written in another way, X-Forwarded-For is a header like others
--- http_config
set_real_ip_from 127.0.0.1;
real_ip_header x-forwarded-for;
--- config
location / { return 200 $remote_addr; }
--- request
GET /
--- more_headers
X-Forwarded-For: 192.0.2.1
X-Forwarded-For: 192.0.2.2
--- response_body chomp
192.0.2.1

=== addresses may have ports and brackets, and are written as nginx writes them
--- http_config
set_real_ip_from 127.0.0.1;
--- config
location / { return 200 "$remote_addr|$remote_port|$realip_remote_addr"; }
--- request eval
Array(10).fill("GET /")
--- more_headers eval
["192.0.2.1:8080", "2001:DB8:0:0:1:0:0:1", "[2001:db8::1]:443", "[::1]", "::ffff:1.2.3.4", "0:0:0:0:0:0:1:2", "2001:0:3:4:5:6:7:8", "[192.0.2.1]:1", "192.0.2.1:0", "192.0.2.1:65536"].map((ip) => `X-Real-IP: ${ip}`)
--- response_body_like eval
["192\\.0\\.2\\.1\\|8080", "2001:db8::1:0:0:1\\|", "2001:db8::1\\|443", "::1\\|", "::ffff:1\\.2\\.3\\.4\\|", "::0\\.1\\.0\\.2\\|", "2001:0:3:4:5:6:7:8\\|", "192\\.0\\.2\\.1\\|1", "127\\.0\\.0\\.1\\|\\d+", "127\\.0\\.0\\.1\\|\\d+"].map((text) => `^${text}\\|127\\.0\\.0\\.1$`)

=== redirects and subrequests keep what has been replaced
--- http_config
set_real_ip_from 127.0.0.1;
set_real_ip_from 192.0.2.0/24;
--- config
recursive_error_pages on;
location /a { error_page 404 /b; }
location /b { error_page 405 = @c; return 405; }
location @c { return 200 "$remote_addr via $realip_remote_addr $realip_remote_port"; }
--- request
GET /a
--- more_headers
X-Real-IP: 192.0.2.1
--- response_body_like
^192\.0\.2\.1 via 127\.0\.0\.1 \d+$

=== by name, and over a unix socket
--- http_config
server {
    listen unix:$TEST_NGINX_SERVER_ROOT/real.sock;
    set_real_ip_from unix:;
    location / { return 200 "$remote_addr|$remote_port|$realip_remote_addr|$realip_remote_port"; }
    location /not { set_real_ip_from 127.0.0.1; return 200 $remote_addr; }
}
--- config
set_real_ip_from localhost;
location /name { return 200 $remote_addr; }
location / { proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/real.sock; }
--- request eval
["GET /name", "GET /x", "GET /not"]
--- more_headers
X-Real-IP: 192.0.2.1
--- response_body eval
["192.0.2.1", "192.0.2.1||unix:|", "192.0.2.1"]

=== bits beyond a network's are told
--- http_config
set_real_ip_from 10.1.2.3/8;
--- config
location / { return 204; }
--- request
GET /
--- error_code: 204
--- error_log
[warn]
low address bits of 10.1.2.3/8 are meaningless in

=== a second real_ip_header is refused
--- config
real_ip_header X-A;
real_ip_header X-B;
--- must_die
--- error_log
"real_ip_header" directive is duplicate in

=== a name without an address is refused
--- config
set_real_ip_from no-such-host.invalid;
--- must_die
--- error_log
host not found in set_real_ip_from "no-such-host.invalid" in

=== real_ip_recursive is on or off
--- config
real_ip_recursive maybe;
--- must_die
--- error_log
invalid value "maybe" in "real_ip_recursive" directive, it must be "on" or "off" in
