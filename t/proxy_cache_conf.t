# Mistakes in the settings of caching.

=== proxy_cache_path: no keys_zone
--- http_config
proxy_cache_path cache levels=1;
--- config
location / { proxy_pass http://127.0.0.1:1; }
--- must_die
--- error_log
"proxy_cache_path" must have "keys_zone" parameter in

=== proxy_cache_path: keys_zone without a size
--- http_config
proxy_cache_path cache keys_zone=z;
--- config
location / { proxy_pass http://127.0.0.1:1; }
--- must_die
--- error_log
invalid keys zone size "keys_zone=z" in

=== proxy_cache_path: a keys_zone that is no size
--- http_config
proxy_cache_path cache keys_zone=z:1x;
--- config
location / { proxy_pass http://127.0.0.1:1; }
--- must_die
--- error_log
invalid keys zone size "keys_zone=z:1x" in

=== proxy_cache_path: a keys_zone that is too small
--- http_config
proxy_cache_path cache keys_zone=z:1k;
--- config
location / { proxy_pass http://127.0.0.1:1; }
--- must_die
--- error_log
keys zone "keys_zone=z:1k" is too small in

=== proxy_cache_path: levels of three digits
--- http_config
proxy_cache_path cache keys_zone=z:1m levels=3;
--- config
location / { proxy_pass http://127.0.0.1:1; }
--- must_die
--- error_log
invalid "levels" "levels=3" in

=== proxy_cache_path: four levels
--- http_config
proxy_cache_path cache keys_zone=z:1m levels=1:1:1:1;
--- config
location / { proxy_pass http://127.0.0.1:1; }
--- must_die
--- error_log
invalid "levels" "levels=1:1:1:1" in

=== proxy_cache_path: empty levels
--- http_config
proxy_cache_path cache keys_zone=z:1m levels=1:;
--- config
location / { proxy_pass http://127.0.0.1:1; }
--- must_die
--- error_log
invalid "levels" "levels=1:" in

=== proxy_cache_path: inactive
--- http_config
proxy_cache_path cache keys_zone=z:1m inactive=x;
--- config
location / { proxy_pass http://127.0.0.1:1; }
--- must_die
--- error_log
invalid inactive value "inactive=x" in

=== proxy_cache_path: max_size
--- http_config
proxy_cache_path cache keys_zone=z:1m max_size=x;
--- config
location / { proxy_pass http://127.0.0.1:1; }
--- must_die
--- error_log
invalid max_size value "max_size=x" in

=== proxy_cache_path: min_free
--- http_config
proxy_cache_path cache keys_zone=z:1m min_free=x;
--- config
location / { proxy_pass http://127.0.0.1:1; }
--- must_die
--- error_log
invalid min_free value "min_free=x" in

=== proxy_cache_path: use_temp_path
--- http_config
proxy_cache_path cache keys_zone=z:1m use_temp_path=x;
--- config
location / { proxy_pass http://127.0.0.1:1; }
--- must_die
--- error_log
invalid use_temp_path value "use_temp_path=x", it must be "on" or "off" in

=== proxy_cache_path: loader_files
--- http_config
proxy_cache_path cache keys_zone=z:1m loader_files=x;
--- config
location / { proxy_pass http://127.0.0.1:1; }
--- must_die
--- error_log
invalid loader_files value "loader_files=x" in

=== proxy_cache_path: loader_sleep
--- http_config
proxy_cache_path cache keys_zone=z:1m loader_sleep=x;
--- config
location / { proxy_pass http://127.0.0.1:1; }
--- must_die
--- error_log
invalid loader_sleep value "loader_sleep=x" in

=== proxy_cache_path: loader_threshold
--- http_config
proxy_cache_path cache keys_zone=z:1m loader_threshold=x;
--- config
location / { proxy_pass http://127.0.0.1:1; }
--- must_die
--- error_log
invalid loader_threshold value "loader_threshold=x" in

=== proxy_cache_path: manager_files
--- http_config
proxy_cache_path cache keys_zone=z:1m manager_files=x;
--- config
location / { proxy_pass http://127.0.0.1:1; }
--- must_die
--- error_log
invalid manager_files value "manager_files=x" in

=== proxy_cache_path: manager_sleep
--- http_config
proxy_cache_path cache keys_zone=z:1m manager_sleep=x;
--- config
location / { proxy_pass http://127.0.0.1:1; }
--- must_die
--- error_log
invalid manager_sleep value "manager_sleep=x" in

=== proxy_cache_path: manager_threshold
--- http_config
proxy_cache_path cache keys_zone=z:1m manager_threshold=x;
--- config
location / { proxy_pass http://127.0.0.1:1; }
--- must_die
--- error_log
invalid manager_threshold value "manager_threshold=x" in

=== proxy_cache_path: an unknown parameter
--- http_config
proxy_cache_path cache keys_zone=z:1m size=1;
--- config
location / { proxy_pass http://127.0.0.1:1; }
--- must_die
--- error_log
invalid parameter "size=1" in

=== proxy_cache_path: a zone that there is already
--- http_config
proxy_cache_path cache keys_zone=z:1m; proxy_cache_path cache2 keys_zone=z:1m;
--- config
location / { proxy_pass http://127.0.0.1:1; }
--- must_die
--- error_log
duplicate zone "z" in

=== proxy_cache_path: a zone of another size
--- http_config
proxy_cache_path cache keys_zone=z:1m; proxy_cache_path cache2 keys_zone=z:2m;
--- config
location / { proxy_pass http://127.0.0.1:1; }
--- must_die
--- error_log
the size 2097152 of shared memory zone "z" conflicts with already declared size 1048576 in

=== proxy_cache_path: a zone of another module
--- http_config
proxy_cache_path cache keys_zone=z:1m; fastcgi_cache_path cache2 keys_zone=z:1m;
--- config
location / { proxy_pass http://127.0.0.1:1; }
--- must_die
--- error_log
the shared memory zone "z" is already declared for a different use in

=== proxy_cache: a zone of another module
--- http_config
fastcgi_cache_path cache keys_zone=z:1m;
--- config
location / { proxy_pass http://127.0.0.1:1; proxy_cache z; }
--- must_die
--- error_log
the shared memory zone "z" is already declared for a different use in

=== proxy_cache_path: a directory that is another cache's
--- http_config
proxy_cache_path cache keys_zone=z:1m; proxy_cache_path cache/ keys_zone=y:1m;
--- config
location / { proxy_pass http://127.0.0.1:1; }
--- must_die
--- error_log eval
/the same path name "\S+\/cache" used in \S+:3 and in \S+:3/

=== proxy_cache_path: a directory for temporary files
--- http_config
proxy_temp_path cache; proxy_cache_path cache keys_zone=z:1m;
--- config
location / { proxy_pass http://127.0.0.1:1; }
--- must_die
--- error_log eval
/the same path name "\S+\/cache" used in \S+:3 and in \S+:3/

=== proxy_cache_path: the directory that is for temporary files unless another one is said
--- http_config
proxy_cache_path proxy_temp keys_zone=z:1m;
--- config
location / { proxy_pass http://127.0.0.1:1; }
--- must_die
--- error_log eval
/the same path name "\S+\/proxy_temp" used /

=== a directory for temporary files with two sorts of levels
--- http_config
proxy_temp_path temp 1 2; client_body_temp_path temp 1;
--- config
location / { proxy_pass http://127.0.0.1:1; }
--- must_die
--- error_log eval
/the same path name "\S+\/temp" in \S+:3 has the different levels than in \S+:3/

=== a cache without a location that passes to it must be there, too
--- config
location / { proxy_cache y; }
--- must_die
--- error_log
"proxy_cache" zone "y" is unknown

=== fastcgi_cache_use_stale: what is not said of FastCGI servers
--- config
location / { fastcgi_pass 127.0.0.1:1; fastcgi_cache_use_stale error http_502; }
--- must_die
--- error_log
invalid value "http_502" in

=== scgi_cache_use_stale: what is not said of SCGI servers
--- config
location / { scgi_pass 127.0.0.1:1; scgi_cache_use_stale http_504; }
--- must_die
--- error_log
invalid value "http_504" in

=== uwsgi_cache_use_stale: what is not said of uWSGI servers
--- config
location / { uwsgi_pass 127.0.0.1:1; uwsgi_cache_use_stale http_502; }
--- must_die
--- error_log
invalid value "http_502" in

=== a cache of FastCGI, SCGI or uWSGI without a key
--- http_config
fastcgi_cache_path f levels= keys_zone=f:1m; scgi_cache_path s keys_zone=s:1m; uwsgi_cache_path u keys_zone=u:1m;
--- config
location / { return 200 ok; }
location /f { fastcgi_pass 127.0.0.1:1; fastcgi_cache f; }
location /s { scgi_pass 127.0.0.1:1; scgi_cache s; }
location /u { uwsgi_pass 127.0.0.1:1; uwsgi_cache u; }
--- request
GET /
--- error_log
no "fastcgi_cache_key" for "fastcgi_cache" in
no "scgi_cache_key" for "scgi_cache" in
no "uwsgi_cache_key" for "uwsgi_cache" in

=== a cache with a key
--- http_config
fastcgi_cache_path f keys_zone=f:1m;
--- config
location / { return 200 ok; }
location /f { fastcgi_pass 127.0.0.1:1; fastcgi_cache f; fastcgi_cache_key $uri; }
--- request
GET /
--- no_error_log
no "fastcgi_cache_key"

=== a reload cannot move a cache
--- http_config
fastcgi_cache_path g keys_zone=f:1m;
--- config
location / { return 200 moved; }
location /f { fastcgi_pass 127.0.0.1:1; fastcgi_cache f; fastcgi_cache_key $uri; }
--- reload_fails
--- request
GET /
--- response_body: ok
--- error_log eval
/\[emerg\] .*cache "f" uses the "\S+\/g" cache path while previously it used the "\S+\/f" cache path/

=== a reload cannot change the levels of a cache
--- http_config
fastcgi_cache_path f levels=1 keys_zone=f:1m;
--- config
location / { return 200 moved; }
location /f { fastcgi_pass 127.0.0.1:1; fastcgi_cache f; fastcgi_cache_key $uri; }
--- reload_fails
--- request
GET /
--- response_body: ok
--- error_log eval
/\[emerg\] .*cache "f" had previously different levels/

=== with another size it is another zone
--- http_config
fastcgi_cache_path g keys_zone=f:2m;
--- config
location / { return 200 moved; }
location /f { fastcgi_pass 127.0.0.1:1; fastcgi_cache f; fastcgi_cache_key $uri; }
--- request
GET /
--- response_body: moved

=== proxy_cache: an unknown zone
--- http_config
proxy_cache_path cache keys_zone=z:1m;
--- config
location / { proxy_pass http://127.0.0.1:1; proxy_cache y; }
--- must_die
--- error_log
"proxy_cache" zone "y" is unknown

=== proxy_cache: twice
--- http_config
proxy_cache_path cache keys_zone=z:1m;
--- config
location / { proxy_pass http://127.0.0.1:1; proxy_cache z; proxy_cache z; }
--- must_die
--- error_log
"proxy_cache" directive is duplicate in

=== proxy_cache: with proxy_store
--- http_config
proxy_cache_path cache keys_zone=z:1m;
--- config
location / { proxy_pass http://127.0.0.1:1; proxy_store on; proxy_cache z; }
--- must_die
--- error_log
"proxy_cache" directive is incompatible with "proxy_store" in

=== proxy_store with it
--- http_config
proxy_cache_path cache keys_zone=z:1m;
--- config
location / { proxy_pass http://127.0.0.1:1; proxy_cache z; proxy_store on; }
--- must_die
--- error_log
"proxy_store" directive is incompatible with "proxy_cache" in

=== proxy_cache_valid: no time
--- http_config
proxy_cache_path cache keys_zone=z:1m;
--- config
location / { proxy_pass http://127.0.0.1:1; proxy_cache_valid 200 x; }
--- must_die
--- error_log
invalid time value "x" in

=== proxy_cache_valid: no status
--- http_config
proxy_cache_path cache keys_zone=z:1m;
--- config
location / { proxy_pass http://127.0.0.1:1; proxy_cache_valid 99 1m; }
--- must_die
--- error_log
invalid status "99" in

=== proxy_cache_use_stale
--- http_config
proxy_cache_path cache keys_zone=z:1m;
--- config
location / { proxy_pass http://127.0.0.1:1; proxy_cache_use_stale errors; }
--- must_die
--- error_log
invalid value "errors" in

=== proxy_cache_methods
--- http_config
proxy_cache_path cache keys_zone=z:1m;
--- config
location / { proxy_pass http://127.0.0.1:1; proxy_cache_methods PUT; }
--- must_die
--- error_log
invalid value "PUT" in

=== proxy_cache_min_uses
--- http_config
proxy_cache_path cache keys_zone=z:1m;
--- config
location / { proxy_pass http://127.0.0.1:1; proxy_cache_min_uses x; }
--- must_die
--- error_log
"proxy_cache_min_uses" directive invalid number in

=== proxy_cache_lock
--- http_config
proxy_cache_path cache keys_zone=z:1m;
--- config
location / { proxy_pass http://127.0.0.1:1; proxy_cache_lock x; }
--- must_die
--- error_log
invalid value "x" in "proxy_cache_lock" directive, it must be "on" or "off" in

=== proxy_store: empty
--- http_config
proxy_cache_path cache keys_zone=z:1m;
--- config
location / { proxy_pass http://127.0.0.1:1; proxy_store ""; }
--- must_die
--- error_log
empty path in

=== proxy_store_access
--- http_config
proxy_cache_path cache keys_zone=z:1m;
--- config
location / { proxy_pass http://127.0.0.1:1; proxy_store_access user:x; }
--- must_die
--- error_log
invalid value "user:x" in

=== proxy_store_access says each once
--- config
location / { proxy_pass http://127.0.0.1:1; proxy_store_access group:r all:r:w; }
--- must_die
--- error_log
invalid value "all:r:w" in

=== slice
--- http_config
proxy_cache_path cache keys_zone=z:1m;
--- config
location / { slice x; }
--- must_die
--- error_log
"slice" directive invalid value in

=== proxy_temp_file_write_size
--- http_config
proxy_cache_path cache keys_zone=z:1m;
--- config
location / { proxy_pass http://127.0.0.1:1; proxy_temp_file_write_size 1k; }
--- must_die
--- error_log
"proxy_temp_file_write_size" must be equal to or greater than the maximum of the value of "proxy_buffer_size" and one of the "proxy_buffers"
