# auth_basic: passwords in every form the file may have them.

=== no password, a wrong one, the right one
--- config
location / { auth_basic "the realm"; auth_basic_user_file $TEST_NGINX_HTML_DIR/users; try_files /ok =404; }
--- user_files
>>> users
joe:{PLAIN}secret
>>> ok
ok
--- request eval
["GET /", "GET /", "GET /", "GET /"]
--- more_headers eval
["X: y", "Authorization: Basic am9lOndyb25n", "Authorization: Basic YW5uOnNlY3JldA==", "Authorization: Basic am9lOnNlY3JldA=="]
--- error_code eval
[401, 401, 401, 200]
--- response_headers eval
['WWW-Authenticate: Basic realm="the realm"', 'WWW-Authenticate: Basic realm="the realm"',
 'WWW-Authenticate: Basic realm="the realm"', "! WWW-Authenticate"]

=== what the log says
--- request eval
["GET /", "GET /", "GET /"]
--- more_headers eval
["X: y", "Authorization: Basic am9lOndyb25n", "Authorization: Basic YW5uOnNlY3JldA=="]
--- error_code eval
[401, 401, 401]
--- error_log
[info]
no user/password was provided for basic authentication, client: 127.0.0.1
[error]
user "joe": password mismatch, client: 127.0.0.1
user "ann" was not found in "$TEST_NGINX_HTML_DIR/users", client: 127.0.0.1

=== $remote_user is what was sent, right or wrong
--- config
location / { auth_basic r; auth_basic_user_file $TEST_NGINX_HTML_DIR/users; try_files /ok =404; }
location /open { return 200 "$remote_user\n"; }
--- user_files
>>> users
joe:{PLAIN}secret
>>> ok
ok
--- request eval
["GET /", "GET /open"]
--- more_headers eval
["Authorization: Basic am9lOnNlY3JldA==", "Authorization: Basic am9lOndyb25n"]
--- response_body eval
["ok\n", "joe\n"]
--- access_log
127.0.0.1 - joe [

=== apr1, SSHA, SHA and PLAIN passwords
--- config
location / { auth_basic r; auth_basic_user_file $TEST_NGINX_HTML_DIR/users; try_files /ok =404; }
--- user_files
>>> users
# a comment

apr1:$apr1$saltsalt$xx013OFx2cRtDjpNeiZXf.
ssha:{SSHA}EfVjnyJSUVXLC0NXPuQhKDjHjYdzYWx0
sha:{SHA}nU4eI71bcnBGqeO0t9tXvY1u5oQ=
plain:{PLAIN}pass
>>> ok
ok
--- request eval
Array(8).fill("GET /")
--- more_headers eval
["apr1:pass", "ssha:pass", "sha:pass", "plain:pass", "apr1:past", "ssha:past", "sha:past", "plain:past"]
  .map((p) => `Authorization: Basic ${btoa(p)}`)
--- error_code eval
[200, 200, 200, 200, 401, 401, 401, 401]

=== passwords by crypt(3): DES, MD5, SHA-256 and SHA-512
--- config
location / { auth_basic r; auth_basic_user_file $TEST_NGINX_HTML_DIR/users; try_files /ok =404; }
--- user_files
>>> users
des:sa5JEXtYx/rm6
md5:$1$saltsalt$hZR.9zfJXcVTsa9iTxnQR1
sha256:$5$saltsalt$9k0iflfLhuazVMAUTm0egnVlpP5ays5xBLqSJuoPfB9
sha512:$6$saltsalt$KN.twvCyfwE67paW76hS2/bacYkY9PxIhxqYG9vL5bZmIwWBGDJ6mu4HlCosKUBfQwVXKXxXVXPcqdwd1Ip0X/
>>> ok
ok
--- request eval
Array(8).fill("GET /")
--- more_headers eval
["des:pass", "md5:pass", "sha256:pass", "sha512:pass", "des:past", "md5:past", "sha256:past", "sha512:past"]
  .map((p) => `Authorization: Basic ${btoa(p)}`)
--- error_code eval
[200, 200, 200, 200, 401, 401, 401, 401]

=== a user without a password, an unknown scheme, broken base64
--- config
location / { auth_basic r; auth_basic_user_file $TEST_NGINX_HTML_DIR/users; try_files /ok =404; }
--- user_files
>>> users
joe:{PLAIN}secret
empty:{PLAIN}
>>> ok
ok
--- request eval
Array(6).fill("GET /")
--- more_headers eval
["Basic am9l", "Bearer am9lOnNlY3JldA==", "Basic !!!", "Basic", "basic am9lOnNlY3JldA==", "Basic   am9lOnNlY3JldA=="].map((v) => `Authorization: ${v}`)
--- error_code eval
[401, 401, 401, 401, 200, 200]

=== a password with a colon
--- config
location / { auth_basic r; auth_basic_user_file $TEST_NGINX_HTML_DIR/users; try_files /ok =404; }
--- user_files
>>> users
joe:{PLAIN}se
>>> ok
ok
--- request
GET /
--- more_headers eval
`Authorization: Basic ${btoa("joe:se:cret")}`
--- error_code: 401

=== text after the password is a comment
--- config
location / { auth_basic r; auth_basic_user_file $TEST_NGINX_HTML_DIR/users; try_files /ok =404; }
--- user_files
>>> users
joe:{PLAIN}secret:Joe Doe
>>> ok
ok
--- request
GET /
--- more_headers eval
`Authorization: Basic ${btoa("joe:secret")}`
--- response_body
ok

=== off within a closed server
--- config
auth_basic r;
auth_basic_user_file $TEST_NGINX_HTML_DIR/users;
location /open { auth_basic off; }
location /closed { }
--- user_files
>>> users
joe:{PLAIN}secret
>>> open
ok
>>> closed
ok
--- request eval
["GET /open", "GET /closed"]
--- error_code eval
[200, 401]

=== the realm and the file by variables
--- config
location / { auth_basic "for $arg_r"; auth_basic_user_file $TEST_NGINX_HTML_DIR/$arg_f; try_files /ok =404; }
--- user_files
>>> users
joe:{PLAIN}secret
>>> ok
ok
--- request eval
["GET /?r=x&f=users", "GET /?r=x&f=users", "GET /?r=off"]
--- more_headers eval
["X: y", "Authorization: Basic am9lOnNlY3JldA==", "X: y"]
--- error_code eval
[401, 200, 401]
--- response_headers eval
['WWW-Authenticate: Basic realm="for x"', "! WWW-Authenticate", 'WWW-Authenticate: Basic realm="for off"']

=== a realm that a variable makes "off"
--- config
location / { auth_basic $arg_r; auth_basic_user_file $TEST_NGINX_HTML_DIR/users; try_files /ok =404; }
--- user_files
>>> users
joe:{PLAIN}secret
>>> ok
ok
--- request eval
["GET /?r=off", "GET /?r=on"]
--- error_code eval
[200, 401]

=== a file that is missing
--- config
location / { auth_basic r; auth_basic_user_file $TEST_NGINX_HTML_DIR/none; try_files /ok =404; }
--- request
GET /
--- more_headers
Authorization: Basic am9lOnNlY3JldA==
--- error_code: 403
--- error_log
/html/none" failed (2: No such file or directory)

=== a user name that is only the beginning of another
--- config
location / { auth_basic r; auth_basic_user_file $TEST_NGINX_HTML_DIR/users; try_files /ok =404; }
--- user_files
>>> users
joey:{PLAIN}secret
joe:{PLAIN}other
>>> ok
ok
--- request eval
["GET /", "GET /"]
--- more_headers eval
[`Authorization: Basic ${btoa("joe:secret")}`, `Authorization: Basic ${btoa("joe:other")}`]
--- error_code eval
[401, 200]
