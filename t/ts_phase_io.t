# Every phase can wait: in each of them fetch, a connection of the script's own and a dictionary.

=== set
--- user_files
>>> io.ts
export async function io(ngx: any, phase: string, port: number): Promise<string> {
    const fetched = await (await fetch(`http://127.0.0.1:${port}/back?by=fetch`)).text();
    const sock = await ngx.socket.connect("127.0.0.1", port);
    await sock.send("GET /back?by=socket HTTP/1.0\r\n\r\n");
    await sock.receiveuntil("\r\n\r\n")();
    const read = await sock.receive("*a");
    return `${phase}: ${fetched} ${read} ${ngx.shared.counts.incr(phase, 1, 0) > 0}`;
}
--- http_config
ts_shared_dict counts 1m;
ts_package_path $TEST_NGINX_HTML_DIR;
server {
    listen $TEST_NGINX_RAND_PORT_2;
    location /back { return 200 $arg_by; }
}
--- config
location /set {
    set_by_ts_block $said {
        import { io } from "io";
        return await io(ngx, "set", $TEST_NGINX_RAND_PORT_2);
    }
    return 200 $said;
}
location /rewrite {
    rewrite_by_ts_block {
        import { io } from "io";
        ngx.ctx.said = await io(ngx, "rewrite", $TEST_NGINX_RAND_PORT_2);
    }
    content_by_ts_block { ngx.print(ngx.ctx.said); }
}
location /access {
    access_by_ts_block {
        import { io } from "io";
        ngx.ctx.said = await io(ngx, "access", $TEST_NGINX_RAND_PORT_2);
    }
    content_by_ts_block { ngx.print(ngx.ctx.said); }
}
location /precontent {
    precontent_by_ts_block {
        import { io } from "io";
        ngx.ctx.said = await io(ngx, "precontent", $TEST_NGINX_RAND_PORT_2);
    }
    content_by_ts_block { ngx.print(ngx.ctx.said); }
}
location /content {
    content_by_ts_block {
        import { io } from "io";
        ngx.print(await io(ngx, "content", $TEST_NGINX_RAND_PORT_2));
    }
}
location /header_filter {
    return 200 "body";
    header_filter_by_ts_block {
        import { io } from "io";
        ngx.header["X-Said"] = await io(ngx, "header_filter", $TEST_NGINX_RAND_PORT_2);
    }
}
location /body_filter {
    return 200 "body";
    header_filter_by_ts_block { ngx.header["Content-Length"] = undefined; }
    body_filter_by_ts_block {
        import { io } from "io";
        if (ngx.arg[1] !== "") ngx.arg[1] = await io(ngx, "body_filter", $TEST_NGINX_RAND_PORT_2);
    }
}
location /log {
    return 200 "body";
    log_by_ts_block {
        import { io } from "io";
        ngx.log(ngx.NOTICE, "said ", await io(ngx, "log", $TEST_NGINX_RAND_PORT_2));
    }
}
location /timer {
    content_by_ts_block {
        import { io } from "io";
        const said = new Promise((done) => ngx.timer.at(0, async () => {
            const mine = globalThis.ngx;
            done(await io(mine, mine.get_phase(), $TEST_NGINX_RAND_PORT_2));
        }));
        ngx.print(await said);
    }
}
--- request
GET /set
--- response_body chomp
set: fetch socket true

=== rewrite
--- request
GET /rewrite
--- response_body chomp
rewrite: fetch socket true

=== access
--- request
GET /access
--- response_body chomp
access: fetch socket true

=== precontent
--- request
GET /precontent
--- response_body chomp
precontent: fetch socket true

=== content
--- request
GET /content
--- response_body chomp
content: fetch socket true

=== header_filter
--- request
GET /header_filter
--- response_headers
X-Said: header_filter: fetch socket true
--- response_body chomp
body

=== body_filter
--- request
GET /body_filter
--- response_body chomp
body_filter: fetch socket true

=== log
--- request
GET /log
--- response_body chomp
body
--- error_log
said log: fetch socket true

=== timer
--- request
GET /timer
--- response_body chomp
timer: fetch socket true

=== server_rewrite
--- user_files
>>> io.ts
export async function io(ngx: any, phase: string, port: number): Promise<string> {
    const fetched = await (await fetch(`http://127.0.0.1:${port}/back?by=fetch`)).text();
    const sock = await ngx.socket.connect("127.0.0.1", port);
    await sock.send("GET /back?by=socket HTTP/1.0\r\n\r\n");
    await sock.receiveuntil("\r\n\r\n")();
    const read = await sock.receive("*a");
    return `${phase}: ${fetched} ${read} ${ngx.shared.counts.incr(phase, 1, 0) > 0}`;
}
--- http_config
ts_shared_dict counts 1m;
ts_package_path $TEST_NGINX_HTML_DIR;
server {
    listen $TEST_NGINX_RAND_PORT_2;
    location /back { return 200 $arg_by; }
}
upstream chosen {
    server 0.0.0.1;
    balancer_by_ts_block {
        import { io } from "io";
        ngx.ctx.said = await io(ngx, "balancer", $TEST_NGINX_RAND_PORT_2);
        ngx.balancer.set_current_peer("127.0.0.1", $TEST_NGINX_RAND_PORT_2);
    }
}
--- config
server_rewrite_by_ts_block {
    import { io } from "io";
    if (ngx.var.uri === "/server_rewrite") ngx.ctx.said = await io(ngx, "server_rewrite", $TEST_NGINX_RAND_PORT_2);
}
location /server_rewrite { content_by_ts_block { ngx.print(ngx.ctx.said); } }
location /balancer {
    proxy_pass http://chosen/back?by=proxy;
    header_filter_by_ts_block { ngx.header["X-Said"] = ngx.ctx.said; }
}
--- request
GET /server_rewrite
--- response_body chomp
server_rewrite: fetch socket true

=== balancer
--- request
GET /balancer
--- response_headers
X-Said: balancer: fetch socket true
--- response_body chomp
proxy

=== init, init_worker and exit_worker
--- http_config
ts_shared_dict counts 1m;
init_by_ts_block {
    const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
    await sock.send("GET / HTTP/1.0\r\n\r\n");
    ngx.shared.counts.set("init", (await sock.receive("*a")).slice(-4) + " " + await (await fetch("http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/")).text());
}
init_worker_by_ts_block {
    const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
    await sock.send("GET / HTTP/1.0\r\n\r\n");
    ngx.shared.counts.set("init_worker", (await sock.receive("*a")).slice(-4) + " " + await (await fetch("http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/")).text());
}
exit_worker_by_ts_block {
    const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
    await sock.send("GET / HTTP/1.0\r\n\r\n");
    ngx.shared.counts.set("exit", (await sock.receive("*a")).slice(-4) + " " + await (await fetch("http://127.0.0.1:$TEST_NGINX_RAND_PORT_1/")).text());
    ngx.log(ngx.NOTICE, "at the end ", ngx.shared.counts.get("exit"));
}
--- config
location /a { content_by_ts_block { ngx.say(ngx.shared.counts.get("init"), ", ", ngx.shared.counts.get("init_worker")); } }
--- request
GET /a
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval: "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\npeer"
--- response_body
peer peer, peer peer
--- shutdown_error_log
at the end peer peer
