=== tenants: globals and modules are their own
--- config
location = /a { ts_isolate a; content_by_ts_block { (globalThis as any).name = "a"; ngx.say("set"); } }
location = /b { ts_isolate b; content_by_ts_block { ngx.say((globalThis as any).name); } }
location = /a2 { ts_isolate a; content_by_ts_block { ngx.say((globalThis as any).name); } }
location = /common { content_by_ts_block { ngx.say((globalThis as any).name); } }
--- request eval
["GET /a", "GET /b", "GET /a2", "GET /common"]
--- response_body eval
["set\n", "undefined\n", "a\n", "undefined\n"]

=== a tenant sees the dictionaries that it is granted
--- http_config
ts_shared_dict one 1m;
ts_shared_dict two 1m;
--- config
location = /set { content_by_ts_block { ngx.shared.one.set("k", "v"); ngx.shared.two.set("k", "w"); ngx.say(Object.keys(ngx.shared).join()); } }
location = /t {
    ts_isolate a dicts=two;
    content_by_ts_block { ngx.say(ngx.shared.two.get("k"), " ", Object.keys(ngx.shared).join()); ngx.say(ngx.shared.one.get("k")); }
}
location = /none { ts_isolate b; content_by_ts_block { ngx.say(Object.keys(ngx.shared).length); } }
--- request eval
["GET /set", "GET /t", "GET /none"]
--- error_code eval
[200, 500, 200]
--- response_body eval
["one,two\n", null, "0\n"]
--- error_log
ts_isolate "a" is not granted ts_shared_dict "one" (dicts=one)

=== dicts of a name hold wherever it is used
--- http_config
ts_shared_dict one 1m;
--- config
location = /a { ts_isolate a dicts=one; content_by_ts_block { ngx.shared.one.set("k", 1); ngx.say("set"); } }
location = /b { ts_isolate a; content_by_ts_block { ngx.say(ngx.shared.one.get("k")); } }
--- request eval
["GET /a", "GET /b"]
--- response_body eval
["set\n", "1\n"]

=== a grant of what there is not
--- config
location = /t { ts_isolate a dicts=missing; content_by_ts_block { ngx.say(1); } }
--- must_die
--- error_log
ts_isolate "a" is granted an unknown ts_shared_dict "missing" in

=== parameters that differ
--- config
location = /a { ts_isolate a memory=32m; content_by_ts_block { ngx.say(1); } }
location = /b { ts_isolate a memory=64m; content_by_ts_block { ngx.say(1); } }
--- must_die
--- error_log
"memory" of ts_isolate "a" is different elsewhere in

=== a parameter that there is not
--- config
location = /a { ts_isolate a disk=32m; content_by_ts_block { ngx.say(1); } }
--- must_die
--- error_log
invalid parameter "disk=32m" in

=== a list of destinations that is none
--- config
location = /a { ts_isolate a connect=10.0.0.0/40; content_by_ts_block { ngx.say(1); } }
--- must_die
--- error_log
invalid parameter "connect=10.0.0.0/40" in

=== fetch goes where it may
--- config
location = /plain { return 200 "plain"; }
location = /to { return 302 http://127.0.0.1:$server_port/plain; }
location = /network { ts_isolate a connect=127.0.0.0/8; content_by_ts_block { ngx.say(await (await fetch(`http://127.0.0.1:${ngx.var.server_port}/plain`)).text()); } }
location = /name { ts_isolate b connect=localhost; content_by_ts_block { ngx.say(await (await fetch(`http://localhost:${ngx.var.server_port}/plain`)).text()); } }
location = /other {
    ts_isolate c connect=localhost,10.0.0.0/8;
    content_by_ts_block {
        try { await fetch(`http://127.0.0.1:${ngx.var.server_port}/plain`); ngx.say("reached"); }
        catch (error) { ngx.say((error as any).cause.message); }
    }
}
location = /redirect {
    ts_isolate d connect=localhost;
    content_by_ts_block {
        try { await fetch(`http://localhost:${ngx.var.server_port}/to`); ngx.say("reached"); }
        catch (error) { ngx.say((error as any).cause.message); }
    }
}
location = /port {
    ts_isolate e connect=127.0.0.1:1;
    content_by_ts_block {
        try { await fetch(`http://127.0.0.1:${ngx.var.server_port}/plain`); ngx.say("reached"); }
        catch (error) { ngx.say((error as any).cause.message); }
    }
}
--- request eval
["GET /network", "GET /name", "GET /other", "GET /redirect", "GET /port"]
--- response_body eval
["plain\n", "plain\n", "permission denied\n", "permission denied\n", "permission denied\n"]

=== sockets go where they may
--- config
location = /may {
    ts_isolate a connect=127.0.0.1,unix:/tmp/x;
    content_by_ts_block { const sock = ngx.socket.tcp(); await sock.connect("127.0.0.1", Number(ngx.var.server_port)); ngx.say("connected"); }
}
location = /not {
    ts_isolate b connect=none;
    content_by_ts_block {
        const sock = ngx.socket.tcp();
        const udp = ngx.socket.udp();
        for (const to of ["127.0.0.1", "unix:/tmp/x", "[::1]"]) {
            try { await sock.connect(to, 1); ngx.say("connected"); } catch (error) { ngx.say((error as Error).message); }
        }
        try { await udp.setpeername("127.0.0.1", 53); ngx.say("peer"); } catch (error) { ngx.say((error as Error).message); }
    }
}
--- request eval
["GET /may", "GET /not"]
--- response_body eval
["connected\n", "permission denied\npermission denied\npermission denied\npermission denied\n"]

=== what isolates use is among the metrics, for those who are no tenants
--- http_config
ts_cpu_limit 50ms;
--- config
location = /loop { ts_isolate a; content_by_ts_block { for (;;); } }
location = /metrics { content_by_ts_block {
    const later = setTimeout(() => {}, 60000);
    const text = await ngx.metrics.metric_data();
    clearTimeout(later);
    const value = (name: string, isolate: string) => Number(new RegExp(`^tsresty_isolate_${name}\\{isolate="${isolate}"\\} (.*)$`, "m").exec(text)?.[1]);
    ngx.say(value("cut_offs_total", "a") >= 1, " ", value("cut_offs_total", "main"), " ", value("ends_total", "main"));
    ngx.say(value("visits_total", "main") > 0, " ", value("heap_bytes", "main") > 1e5, " ", value("cpu_seconds_total", "main") > 0, " ", value("operations", "main"));
} }
location = /tenant { ts_isolate b; content_by_ts_block { ngx.say((await ngx.metrics.metric_data()).includes("tsresty_isolate")); } }
--- request eval
["GET /loop", "GET /metrics", "GET /tenant"]
--- error_code eval
[500, 200, 200]
--- response_body eval
[null, "true 0 0\ntrue true true 2\n", "false\n"]

=== a tenant can make no file but its own a request's body
--- user_files
>>> secret
the secret
--- config
location = /tenant { ts_isolate tenant; content_by_ts_block {
    await ngx.req.read_body();
    for (const name of ["$TEST_NGINX_HTML_DIR/secret", "/dev/zero", "/etc/passwd"])
        try { ngx.req.set_body_file(name); ngx.say("done"); } catch (e) { ngx.say(e.message.replace(/.*\//, "")); }
} }
location = /main { content_by_ts_block {
    await ngx.req.read_body();
    for (const name of ["$TEST_NGINX_HTML_DIR/secret", "/dev/zero", "$TEST_NGINX_HTML_DIR"])
        try { ngx.req.set_body_file(name); ngx.say(ngx.var.http_content_length); } catch (e) { ngx.say(e.message.replace(/.*\//, "")); }
} }
--- request eval
["POST /tenant\nx", "POST /main\nx"]
--- response_body eval
["secret\" failed\nzero\" failed\npasswd\" failed\n", "11\nzero\" failed\nhtml\" failed\n"]
