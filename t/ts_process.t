# ngx.process and ngx.worker.

=== type: a worker; the master's pid
--- master
--- api: ngx.process.type, ngx.process.get_master_pid
--- config
location /a {
    content_by_ts_block {
        const { process, worker } = ngx;
        const master = process.get_master_pid();
        ngx.say(process.type(), " ", Number.isInteger(master) && master > 1, " ", master === worker.pid());
    }
}
--- request
GET /a
--- response_body
worker true false

=== a single process is its own master
--- main_config
master_process off;
--- config
location /a {
    content_by_ts_block {
        const { process, worker } = ngx;
        ngx.say(process.type(), " ", process.get_master_pid() === worker.pid(), " ", worker.count());
    }
}
--- request
GET /a
--- response_body
single true 1

=== signal_graceful_exit: the worker ends what it does, another takes its place
--- master
--- api: ngx.process.signal_graceful_exit
--- http_config
ts_shared_dict d 1m;
--- config
location /leave {
    content_by_ts_block {
        ngx.shared.d.set("pid", ngx.worker.pid());
        ngx.process.signal_graceful_exit();
        await ngx.sleep(0.02);
        ngx.say("still here, exiting ", ngx.worker.exiting());
    }
}
location /look { content_by_ts_block { ngx.say(ngx.shared.d.get("pid") !== ngx.worker.pid(), " ", ngx.worker.exiting()); } }
--- request eval
["GET /leave", "GET /look"]
--- response_body eval
["still here, exiting true\n", "true false\n"]
--- error_log
gracefully shutting down

=== signal_graceful_exit is not for an isolate of its own
--- config
location /a {
    ts_isolate tenant;
    content_by_ts_block {
        try { ngx.process.signal_graceful_exit(); ngx.say("no"); } catch (e) { ngx.say(e.message); }
        ngx.say(ngx.worker.exiting());
    }
}
--- request
GET /a
--- response_body
not allowed in an isolate of its own
false

=== the privileged agent: one more process, which runs init_worker
--- master
--- api: ngx.process.enable_privileged_agent
--- main_config
worker_processes 2;
--- http_config
ts_shared_dict d 1m;
init_by_ts_block { ngx.shared.d.set("enabled", ngx.process.enable_privileged_agent(100)); }
init_worker_by_ts_block {
    const type = ngx.process.type();
    ngx.shared.d.incr(type, 1, 0);
    if (type === "privileged agent") ngx.shared.d.set("id", `${ngx.worker.id()} of ${ngx.worker.count()}`);
}
--- config
location /a {
    content_by_ts_block {
        const { d } = ngx.shared;
        while (d.get("id") === undefined || d.get("worker") < 2) await ngx.sleep(0.005);
        ngx.say(d.get("enabled"), ", workers: ", d.get("worker"), ", agents: ", d.get("privileged agent"), ", id ", d.get("id"));
    }
}
--- timeout: 30
--- request
GET /a
--- response_body
true, workers: 2, agents: 1, id undefined of 2
--- error_log
: start privileged agent process

=== enable_privileged_agent: in init only, with a number
--- http_config
ts_shared_dict d 1m;
init_by_ts_block {
    const said = [];
    for (const connections of ["1", -1, NaN, null]) {
        try { ngx.process.enable_privileged_agent(connections); said.push("no"); } catch (e) { said.push(e.message); }
    }
    ngx.shared.d.set("init", said.join("\n"));
}
init_worker_by_ts_block {
    try { ngx.process.enable_privileged_agent(); } catch (e) { ngx.shared.d.set("init_worker", e.message); }
}
--- config
location /a {
    content_by_ts_block {
        ngx.say(ngx.shared.d.get("init"));
        ngx.say(ngx.shared.d.get("init_worker"));
        try { ngx.process.enable_privileged_agent(); } catch (e) { ngx.say(e.name, ": ", e.message); }
    }
}
--- request
GET /a
--- response_body
bad 'connections' argument: number expected and greater than 0
bad 'connections' argument: number expected and greater than 0
bad 'connections' argument: number expected and greater than 0
bad 'connections' argument: number expected and greater than 0
API disabled in the current context
NgxError: API disabled in the current context
--- no_error_log
start privileged agent

=== metrics of the privileged agent are among those of all
--- master
--- http_config
init_by_ts_block { ngx.process.enable_privileged_agent(); }
init_worker_by_ts_block {
    ngx.metrics.counter("starts", "Starts", ["type"]).inc(1, [ngx.process.type()]);
}
--- config
location /a {
    content_by_ts_block {
        let lines;
        do lines = (await ngx.metrics.metric_data()).match(/^starts\{.*$/gm);
        while (lines.length < 2);
        ngx.say(lines.sort().join("\n"));
    }
}
--- timeout: 30
--- request
GET /a
--- response_body
starts{type="privileged agent"} 1
starts{type="worker"} 1

=== worker: pid, id, count, exiting of one worker
--- api: ngx.worker.pid, ngx.worker.id, ngx.worker.count, ngx.worker.exiting
--- main_config
worker_processes 1;
--- config
location /a {
    content_by_ts_block {
        const { worker } = ngx;
        ngx.say(worker.pid() === Number(ngx.var.pid), " ", worker.id(), " ", worker.count(), " ", worker.exiting());
    }
}
--- request
GET /a
--- response_body
true 0 1 false

=== worker: each has a number of its own, and pids lists all
--- master
--- api: ngx.worker.pids
--- main_config
worker_processes 3;
--- http_config
ts_shared_dict d 1m;
init_worker_by_ts_block {
    const { d } = ngx.shared;
    d.set(`pid${ngx.worker.id()}`, ngx.worker.pid());
    ngx.timer.every(0.01, () => d.set(`view${ngx.worker.id()}`, ngx.worker.pids().join()));
}
--- config
location /a {
    content_by_ts_block {
        const { d } = ngx.shared;
        const all = () => [0, 1, 2].map((id) => d.get(`pid${id}`)).join();
        while (![0, 1, 2].every((id) => d.get(`view${id}`) === all())) await ngx.sleep(0.005);
        ngx.say(ngx.worker.count(), " ", new Set(ngx.worker.pids()).size, " ", ngx.worker.pids().includes(ngx.worker.pid()));
    }
}
--- request
GET /a
--- response_body
3 3 true

=== pids: not while a worker starts
--- http_config
ts_shared_dict d 1m;
init_worker_by_ts_block {
    try { ngx.worker.pids(); ngx.shared.d.set("said", "no"); } catch (e) { ngx.shared.d.set("said", e.message); }
}
--- config
location /a { content_by_ts_block { ngx.say(ngx.shared.d.get("said"), " ", ngx.worker.pids().length); } }
--- request
GET /a
--- response_body
API disabled in the current context 1

=== config: what is known of the program and its configuration
--- api: ngx.config.subsystem, ngx.config.debug, ngx.config.prefix, ngx.config.nginx_version, ngx.config.nginx_configure, ngx.config.ngx_lua_version
--- config
location /a {
    content_by_ts_block {
        const { config } = ngx;
        ngx.say(config.subsystem, " ", config.debug, " ", config.nginx_version, " ", config.ngx_lua_version);
        ngx.say(config.prefix() === "$TEST_NGINX_SERVER_ROOT/", " ", config.nginx_configure().startsWith("--with-http_realip_module "), " ", Object.isFrozen(config));
    }
}
--- request
GET /a
--- response_body
http false 1031005 10032
true true true

=== config: is that of the whole program in timers as well
--- master
--- config
location /a {
    content_by_ts_block {
        let seen;
        ngx.timer.at(0, () => { seen = `${ngx.config.subsystem} ${ngx.worker.id()} ${ngx.process.type()}`; });
        while (seen === undefined) await ngx.sleep(0.001);
        ngx.say(seen);
    }
}
--- request
GET /a
--- response_body
http 0 worker
