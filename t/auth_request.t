# auth_request: a subrequest's status says whether a request may go on.

=== 2xx lets it pass, 401 and 403 are passed on, all else is an error
--- config
location /200 { auth_request /auth/200; }
location /204 { auth_request /auth/204; }
location /401 { auth_request /auth/401; }
location /403 { auth_request /auth/403; }
location /404 { auth_request /auth/404; }
location /301 { auth_request /auth/301; }
location /off { auth_request /auth/403; location /off/in { auth_request off; } }
location /auth/200 { return 200 "not seen"; }
location /auth/204 { return 204; }
location /auth/401 { return 401; }
location /auth/403 { return 403; }
location /auth/404 { return 404; }
location /auth/301 { return 301 /elsewhere; }
--- user_files
>>> 200
ok
>>> 204
ok
>>> 401
>>> 403
>>> off/in
in
--- request eval
["GET /200", "GET /204", "GET /401", "GET /403", "GET /404", "GET /301", "GET /off/in", "GET /off/x"]
--- error_code eval
[200, 200, 401, 403, 500, 500, 200, 403]
--- response_body eval
["ok\n", "ok\n", null, null, null, null, "in\n", null]
--- error_log
auth request unexpected status: 404, client: 127.0.0.1
auth request unexpected status: 301, client: 127.0.0.1

=== the upstream is asked without the body, which is kept for the request
--- http_config
server {
    listen unix:$TEST_NGINX_SERVER_ROOT/auth.sock;
    location / { add_header X-User "$request_method $http_x_uri [$http_content_length]"; return 204; }
    location /echo { proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/auth.sock:/body; }
    location /body { return 200 "body of $content_length"; }
}
--- config
location / {
    auth_request /auth;
    auth_request_set $user $upstream_http_x_user;
    auth_request_set $of_auth "$upstream_status for $uri";
    add_header X-Auth "$user, $of_auth";
    proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/auth.sock:/echo;
}
location = /auth {
    internal;
    proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/auth.sock;
    proxy_pass_request_body off;
    proxy_set_header Content-Length "";
    proxy_set_header X-Uri $request_uri;
}
--- request
POST /x?y
body
--- response_headers
X-Auth: GET /x?y [], 204 for /auth
--- response_body chomp
body of 4

=== a challenge is passed on, with all of its headers
--- http_config
server {
    listen unix:$TEST_NGINX_SERVER_ROOT/auth.sock;
    location / {
        add_header WWW-Authenticate 'Basic realm="one"' always;
        add_header WWW-Authenticate 'Bearer realm="two"' always;
        return 401;
    }
}
--- config
location / { auth_request /auth; }
location = /auth { proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/auth.sock; }
location /page { auth_request /caught; error_page 401 /login; }
location = /caught {
    proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/auth.sock;
    proxy_intercept_errors on;
    error_page 401 /own401;
}
location = /own401 { return 401; }
location = /login { return 200 "log in"; }
--- request eval
["GET /x", "GET /page"]
--- error_code eval
[401, 401]
--- response_headers eval
Array(2).fill('WWW-Authenticate: Basic realm="one", Bearer realm="two"')
--- response_body eval
[null, "log in"]

=== satisfy any: one of them is enough
--- config
location / {
    satisfy any;
    allow 192.0.2.1;
    deny all;
    auth_request /auth;
    error_page 404 =200 /done;
}
location = /auth { return 403; }
location = /done { return 200 "done"; }
location /keyed { satisfy any; deny all; auth_request /keyed_auth; }
location /keyed_auth { return 204; }
--- user_files
>>> keyed
in
--- request eval
["GET /x", "GET /keyed"]
--- error_code eval
[403, 200]

=== values are set where they are used, after redirects too
--- config
location / {
    auth_request /auth;
    auth_request_set $who "$uri";
    auth_request_set $again "[$who]";
    error_page 404 = /shown;
}
location = /auth { return 204; }
location = /shown { return 200 "$who $again"; }
--- request
GET /x
--- response_body chomp
/auth [/auth]

=== a name that is no variable is refused
--- config
auth_request_set who 1;
--- must_die
--- error_log
invalid variable name "who" in $TEST_NGINX_SERVER_ROOT/conf/nginx.conf:4

=== a second one is refused
--- config
auth_request /a;
auth_request off;
--- must_die
--- error_log
"auth_request" directive is duplicate in
