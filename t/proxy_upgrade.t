# Upgraded connections.

=== the upstream's bytes follow its head
--- config
location = /set-header-connection-upgrade-set-header-upgrade-http-upgrad { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_set_header Connection upgrade; proxy_set_header Upgrade $http_upgrade; }
location = /plain { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;  }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nhello"
--- raw_request eval
"GET /set-header-connection-upgrade-set-header-upgrade-http-upgrad HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"
--- ignore_response
--- raw_response_headers_like
^HTTP/1\.1 101 Switching Protocols\r\n[^]*Connection: upgrade\r\nUpgrade: x\r\n

=== the client's bytes behind its request pass
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nhello"
--- raw_request eval
"GET /set-header-connection-upgrade-set-header-upgrade-http-upgrad HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nearly"
--- ignore_response
--- raw_response_headers_like
^HTTP/1\.1 101

=== an upgrade that nobody has asked for
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nhello"
--- raw_request eval
"GET /plain HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
--- ignore_response
--- raw_response_headers_like
^HTTP/1\.1 101

=== one that is refused is an answer
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"
--- raw_request eval
"GET /set-header-connection-upgrade-set-header-upgrade-http-upgrad HTTP/1.1\r\nHost: a\r\nConnection: upgrade, close\r\nUpgrade: x\r\n\r\n"
--- response_body
ok

=== an upgrade in a subrequest-like redirect stays one
--- config
location /x { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; proxy_set_header Connection upgrade; proxy_set_header Upgrade $http_upgrade; }
location / { rewrite ^ /x last; }
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval
"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nhello"
--- raw_request eval
"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"
--- ignore_response
--- raw_response_headers_like
^HTTP/1\.1 101
