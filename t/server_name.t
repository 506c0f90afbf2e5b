# Which server answers: listen, default_server and every form of server_name.

=== exact names choose the server, whatever their case
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT; server_name first.test; return 200 "first\n"; }
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT; server_name second.test Third.Test; return 200 "second\n"; }
--- config
return 200 "main\n";
--- request eval
["GET /", "GET /", "GET /", "GET /"]
--- more_headers eval
["Host: first.test", "Host: SECOND.test", "Host: third.test", "Host: localhost"]
--- response_body eval
["first\n", "second\n", "second\n", "main\n"]

=== an unknown name goes to the first server of the address
--- request
GET /
--- more_headers
Host: unknown.test
--- response_body
first

=== default_server wins over the first
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT; server_name first.test; return 200 "first\n"; }
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT default_server; server_name second.test; return 200 "second\n"; }
--- config
return 200 "main\n";
--- request eval
["GET /", "GET /"]
--- more_headers eval
["Host: unknown.test", "Host: first.test"]
--- response_body eval
["second\n", "first\n"]

=== the port of the Host header plays no part
--- request
GET /
--- more_headers
Host: first.test:99
--- response_body
first

=== a dot at the end of the Host header is taken off
--- request
GET /
--- more_headers
Host: first.test.
--- response_body
first

=== wildcards: exact before the longest leading before the longest trailing
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT; server_name none.test; return 200 "default\n"; }
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT; server_name *.example.test; return 200 "*.example.test\n"; }
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT; server_name *.b.example.test; return 200 "*.b.example.test\n"; }
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT; server_name a.example.*; return 200 "a.example.*\n"; }
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT; server_name a.*; return 200 "a.*\n"; }
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT; server_name exact.example.test; return 200 "exact\n"; }
--- config
return 200 "main\n";
--- request eval
["GET /", "GET /", "GET /", "GET /", "GET /", "GET /", "GET /"]
--- more_headers eval
["Host: exact.example.test", "Host: x.example.test", "Host: a.b.example.test", "Host: a.example.org",
 "Host: a.org", "Host: example.test", "Host: a"]
--- response_body eval
["exact\n", "*.example.test\n", "*.b.example.test\n", "a.example.*\n", "a.*\n", "default\n", "default\n"]

=== a name that begins with a dot means the name itself and everything below it
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT; server_name none.test; return 200 "default\n"; }
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT; server_name .dot.test; return 200 "dot\n"; }
--- config
return 200 "main\n";
--- request eval
["GET /", "GET /", "GET /"]
--- more_headers eval
["Host: dot.test", "Host: a.b.dot.test", "Host: xdot.test"]
--- response_body eval
["dot\n", "dot\n", "default\n"]

=== regular expressions come after wildcards, in the order written, and give captures
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT; server_name none.test; return 200 "default\n"; }
server {
    listen 127.0.0.1:$TEST_NGINX_SERVER_PORT;
    server_name ~^(?<user>[a-z]+)\.users\.test$;
    return 200 "user $user of $server_name\n";
}
server {
    listen 127.0.0.1:$TEST_NGINX_SERVER_PORT;
    server_name ~^(.+)\.users\.test$;
    return 200 "other $1\n";
}
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT; server_name *.w.users.test; return 200 "wildcard\n"; }
--- config
return 200 "main\n";
--- request eval
["GET /", "GET /", "GET /", "GET /"]
--- more_headers eval
["Host: anna.users.test", "Host: 42.users.test", "Host: x.w.users.test", "Host: ANNA.users.test"]
--- response_body eval
["user anna of ~^(?<user>[a-z]+)\\.users\\.test$\n", "other 42\n", "wildcard\n",
 "user anna of ~^(?<user>[a-z]+)\\.users\\.test$\n"]

=== an empty server_name takes requests without a Host header
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT; server_name named.test; return 200 "named\n"; }
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT; server_name ""; return 200 "empty [$host]\n"; }
--- config
return 200 "main\n";
--- raw_request eval
"GET / HTTP/1.0\r\n\r\n"
--- response_body
empty []

=== $server_name is the first name of the server, $host the one that was asked for
--- http_config
server {
    listen 127.0.0.1:$TEST_NGINX_SERVER_PORT;
    server_name one.test two.test;
    return 200 "$server_name $host $http_host\n";
}
--- config
return 200 "main\n";
--- request
GET /
--- more_headers
Host: TWO.test:81
--- response_body
one.test two.test TWO.test:81

=== $hostname as a server_name
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT; server_name $hostname; return 200 "$server_name\n"; }
--- config
return 200 "main\n";
--- request
GET /
--- more_headers
Host: unknown.test
--- response_body_like
^[^$]\S*$

=== two ports are two sets of servers
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; server_name localhost; return 200 "other port\n"; }
--- config
location /main { return 200 "main port\n"; }
location /other { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_set_header Host localhost; }
--- request eval
["GET /main", "GET /other"]
--- response_body eval
["main port\n", "other port\n"]

=== the same name on the same address: the first stays, with a warning
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT; server_name same.test; return 200 "first\n"; }
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT; server_name same.test; return 200 "second\n"; }
--- config
return 200 "main\n";
--- request
GET /
--- more_headers
Host: same.test
--- response_body
first
--- error_log
conflicting server name "same.test" on 127.0.0.1:$TEST_NGINX_SERVER_PORT, ignored

=== server_names_hash sizes are accepted
--- http_config
server_names_hash_bucket_size 256;
server_names_hash_max_size 1024;
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT; server_name aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.test; return 200 "long\n"; }
--- config
return 200 "main\n";
--- request
GET /
--- more_headers
Host: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.test
--- response_body
long

=== a unix socket is a listen address
--- http_config
server { listen unix:$TEST_NGINX_SERVER_ROOT/logs/spec.sock; return 200 "$server_addr|$server_port|$remote_addr|$remote_port\n"; }
--- config
location / { proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/logs/spec.sock:/; }
--- request
GET /
--- response_body
unix:$TEST_NGINX_SERVER_ROOT/logs/spec.sock||unix:|
