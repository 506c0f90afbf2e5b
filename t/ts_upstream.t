# ngx.upstream: the upstreams of the configuration.

=== get_upstreams: of blocks, and of what proxy_pass names
--- api: ngx.upstream.get_upstreams
--- http_config
upstream one { server 127.0.0.1:$TEST_NGINX_SERVER_PORT; }
upstream two { server 127.0.0.2; server 127.0.0.3 backup; }
--- config
location /p { proxy_pass http://127.0.0.9:1984; }
location /q { proxy_pass http://one; }
location /a { content_by_ts_block { ngx.say(ngx.upstream.get_upstreams().join()); } }
--- request
GET /a
--- response_body
one,two,127.0.0.9:1984

=== get_servers: as the configuration has them
--- api: ngx.upstream.get_servers
--- http_config
upstream u {
    server 127.0.0.2:81;
    server 127.0.0.3 weight=7 max_fails=200 fail_timeout=23s down;
    server unix:/tmp/none.sock backup;
}
--- config
location /a { content_by_ts_block { for (const server of ngx.upstream.get_servers("u")) ngx.say(JSON.stringify(server)); } }
--- request
GET /a
--- response_body
{"name":"127.0.0.2:81","addr":"127.0.0.2:81","weight":1,"max_fails":1,"fail_timeout":10}
{"name":"127.0.0.3","addr":"127.0.0.3:80","weight":7,"max_fails":200,"fail_timeout":23,"down":true}
{"name":"unix:/tmp/none.sock","addr":"unix:/tmp/none.sock","weight":1,"max_fails":1,"fail_timeout":10,"backup":true}

=== get_primary_peers and get_backup_peers
--- api: ngx.upstream.get_primary_peers, ngx.upstream.get_backup_peers
--- http_config
upstream u {
    server 127.0.0.2:81 weight=2;
    server 127.0.0.3:82 down;
    server 127.0.0.4:83 backup;
}
--- config
location /a {
    content_by_ts_block {
        for (const peer of ngx.upstream.get_primary_peers("u")) ngx.say(JSON.stringify(peer));
        for (const peer of ngx.upstream.get_backup_peers("u")) ngx.say("backup ", peer.id, " ", peer.name);
    }
}
--- request
GET /a
--- response_body
{"id":0,"name":"127.0.0.2:81","weight":2,"current_weight":0,"effective_weight":2,"conns":0,"fails":0,"max_fails":1,"fail_timeout":10}
{"id":1,"name":"127.0.0.3:82","weight":1,"current_weight":0,"effective_weight":1,"conns":0,"fails":0,"max_fails":1,"fail_timeout":10,"down":true}
backup 0 127.0.0.4:83

=== fails are counted, and connections
--- http_config
upstream u { server 127.0.0.1:1; server 127.0.0.1:$TEST_NGINX_SERVER_PORT backup; }
--- config
location /up { content_by_ts_block { ngx.print(ngx.upstream.get_backup_peers("u")[0].conns); } }
location /p/ { proxy_pass http://u/; }
location /a {
    content_by_ts_block {
        const { body } = await ngx.location.capture("/p/up");
        const [peer] = ngx.upstream.get_primary_peers("u");
        ngx.upstream.set_peer_down("u", false, 0, false);
        ngx.say(body, " ", peer.fails >= 1, " ", Math.abs(peer.accessed - ngx.time()) <= 5, " ", ngx.upstream.get_primary_peers("u")[0].fails);
    }
}
--- request
GET /a
--- response_body
1 true true 0

=== set_peer_down takes a peer out, and in again
--- api: ngx.upstream.set_peer_down
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_SERVER_PORT; server 127.0.0.1:$TEST_NGINX_RAND_PORT_1 backup; }
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { return 200 "backup"; } }
--- config
location /up { return 200 "primary"; }
location /p/ { proxy_pass http://u/; }
location /a {
    content_by_ts_block {
        const ask = async () => (await ngx.location.capture("/p/up")).body;
        const { upstream } = ngx;
        const said = [await ask()];
        said.push(upstream.set_peer_down("u", false, 0, true), await ask(), upstream.get_primary_peers("u")[0].down);
        said.push(upstream.set_peer_down("u", false, 0, false), await ask(), upstream.get_primary_peers("u")[0].down);
        ngx.say(said.join(" "));
    }
}
--- request
GET /a
--- response_body_like: ^primary true backup true true primary

=== what is not there
--- http_config
upstream u { server 127.0.0.2; }
--- config
location /a {
    content_by_ts_block {
        const { upstream } = ngx;
        for (const call of [() => upstream.get_servers("none"), () => upstream.get_primary_peers("none"), () => upstream.set_peer_down("none", false, 0, true), () => upstream.set_peer_down("u", false, 7, true), () => upstream.set_peer_down("u", true, 0, true), () => upstream.set_peer_down("u", false, "x", true), () => upstream.get_servers(), () => upstream.get_backup_peers("u").length]) {
            try { ngx.say(call()); } catch (e) { ngx.say(e.message); }
        }
    }
}
--- request
GET /a
--- response_body
upstream not found
upstream not found
upstream not found
bad peer id
no backup peers
bad argument #3 (number expected, got string)
bad argument #1 (string expected, got undefined)
0

=== current_upstream_name: where the request was passed
--- api: ngx.upstream.current_upstream_name
--- http_config
upstream u { server 127.0.0.1:$TEST_NGINX_SERVER_PORT; }
--- config
location /up { return 200 "up\n"; }
location /named/ {
    access_by_ts_block { ngx.ctx.before = ngx.upstream.current_upstream_name(); }
    proxy_pass http://u/;
    header_filter_by_ts_block { ngx.header["X-Upstream"] = `${ngx.ctx.before} ${ngx.upstream.current_upstream_name()}`; }
}
location /addressed/ {
    proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/;
    header_filter_by_ts_block { ngx.header["X-Upstream"] = ngx.upstream.current_upstream_name() === `127.0.0.1:${ngx.var.server_port}`; }
}
--- request eval
["GET /named/up", "GET /addressed/up"]
--- response_headers eval
["X-Upstream: undefined u", "X-Upstream: true"]

=== upstreams are not for an isolate of its own, but for the name
--- http_config
upstream u { server 127.0.0.2; }
--- config
location /a {
    ts_isolate tenant;
    content_by_ts_block {
        for (const call of [() => ngx.upstream.get_upstreams(), () => ngx.upstream.set_peer_down("u", false, 0, true), () => ngx.upstream.current_upstream_name()]) {
            try { ngx.say(call()); } catch (e) { ngx.say(e.message); }
        }
    }
}
--- request
GET /a
--- response_body
not allowed in an isolate of its own
not allowed in an isolate of its own
undefined
