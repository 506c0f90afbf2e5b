# error_log: form of a line, levels, files for parts of the configuration.

=== the form of a line, with all that belongs to a request
--- config
location / { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/up/; }
--- request
GET /a?b
--- more_headers
Host: example.test
Referer: http://from.test/
--- error_code: 502
--- error_log eval
/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[error\] \d+#\d+: \*\d+ connect\(\) failed \(111: Connection refused\) while connecting to upstream, client: 127\.0\.0\.1, server: localhost, request: "GET \/a\?b HTTP\/1\.1", upstream: "http:\/\/127\.0\.0\.1:$TEST_NGINX_RAND_PORT_1\/up\/a\?b", host: "example\.test", referrer: "http:\/\/from\.test\/"$/

=== a level keeps what is below it away
--- log_level: crit
--- config
location / { }
--- request
GET /none
--- error_code: 404
--- no_error_log
[error]

=== info shows what the client did wrong
--- log_level: info
--- config
location / { return 200; }
--- request
GET /
--- more_headers
X_Y: 1
--- error_log
[info]
client sent invalid header line: "X_Y: 1" while reading client request headers

=== a file of a location
--- config
location /a { error_log logs/own.log error; }
location /show { access_log off; alias $TEST_NGINX_SERVER_ROOT/logs/own.log; }
--- request eval
["GET /a", "GET /show"]
--- error_code eval
[404, 200]
--- response_body_like eval
["404", "html/a\" failed \\(2: No such file or directory\\), client: 127.0.0.1, server: localhost, request: \"GET /a HTTP/1.1\", host: \"localhost\"\n$"]
--- no_error_log
html/a"

=== two logs at one level of the configuration
--- config
error_log logs/error.log error;
error_log logs/second.log crit;
location /show { alias $TEST_NGINX_SERVER_ROOT/logs/second.log; }
--- request eval
["GET /none", "GET /show"]
--- error_code eval
[404, 200]
--- response_body eval
[/404/, ""]
--- error_log
html/none" failed

=== the server of the line is the one that was chosen
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT; server_name first.test other.test; }
--- config
location / { }
--- request
GET /none
--- more_headers
Host: other.test
--- error_code: 404
--- error_log
server: first.test, request: "GET /none HTTP/1.1", host: "other.test"

=== an unknown level is refused
--- config
error_log logs/x.log loud;
--- must_die
--- error_log
invalid log level "loud" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== syslog
--- config
location / { error_log syslog:server=127.0.0.1:$TEST_NGINX_RAND_PORT_1,tag=spec error; }
--- udp_listen: $TEST_NGINX_RAND_PORT_1
--- udp_reply
--- udp_query eval
/^<187>\w{3} [ \d]\d \d\d:\d\d:\d\d \S+ spec: \d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[error\] \d+#\d+: \*\d+ open\(\) "\S+\/none" failed \(2: No such file or directory\), client/
--- request
GET /none
--- error_code: 404

=== what workers say when they start and go
--- master
--- config
location / { return 200; }
--- request
GET /
--- shutdown_error_log
signal 3 (SIGQUIT) received
gracefully shutting down
exiting
exited with code 0
--- no_shutdown_error_log
[alert]
[error]

=== the main error_log by main_config
--- main_config
error_log logs/error.log notice;
--- config
location / { return 200; }
--- request
GET /
--- more_headers
X_Y: 1
--- no_error_log
[info]
