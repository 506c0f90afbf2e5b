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
