# ngx.pipe: processes that scripts start, in isolates that are granted programs.

=== spawn: a program with its arguments, its number, what it writes, and how it ended
--- api: ngx.pipe.spawn, proc:pid, proc:wait, proc:stdout_read_all
--- http_config
ts_isolate main exec=/bin/sh;
--- config
location /t {
    content_by_ts_block {
        const proc = ngx.pipe.spawn(["/bin/sh", "-c", 'echo "$$ [$0] [$1] [$2]"; exit 3', "zero", "a b", 7]);
        const out = await proc.stdout_read_all();
        ngx.say(out.replace(`${proc.pid()} `, "pid "), JSON.stringify(await proc.wait()));
    }
}
--- request
GET /t
--- response_body
pid [zero] [a b] [7]
{"ok":false,"reason":"exit","status":3}

=== wait: an exit with 0, a signal, a process that is over
--- http_config
ts_isolate main exec=/bin/sh;
--- config
location /t {
    content_by_ts_block {
        const fails = (f) => f().catch((e) => `${e.name} ${e.code} ${e.message}`);
        const good = ngx.pipe.spawn(["sh", "-c", "exit 0"]);
        ngx.say(JSON.stringify(await good.wait()));
        ngx.say(await fails(() => good.wait()));
        ngx.say(JSON.stringify(await ngx.pipe.spawn(["sh", "-c", "kill -9 $$"]).wait()));
    }
}
--- request
GET /t
--- response_body
{"ok":true,"reason":"exit","status":0}
NgxError EXITED exited
{"ok":false,"reason":"signal","status":9}

=== wait: not for longer than its timeout, which another wait has anew
--- api: proc:set_timeouts
--- http_config
ts_isolate main exec=/bin/cat;
--- config
location /t {
    content_by_ts_block {
        const proc = ngx.pipe.spawn(["cat"], { wait_timeout: 1 });
        await proc.wait().catch((e) => ngx.say(e.message));
        proc.set_timeouts(undefined, undefined, undefined, 0);
        const ended = proc.wait();
        await proc.wait().catch((e) => ngx.say(e.message));
        proc.shutdown("stdin");
        ngx.say((await ended).ok);
        proc.set_timeouts(1, 1, 1, 1);
    }
}
--- request
GET /t
--- response_body
timeout
pipe busy waiting
true

=== stdout_read_line: without its end, CR or not; what is left at the end of the stream is no line
--- api: proc:stdout_read_line
--- http_config
ts_isolate main exec=/bin/sh;
--- config
location /t {
    content_by_ts_block {
        const proc = ngx.pipe.spawn(["sh", "-c", 'printf "one\r\n\ntwo\nrest"']);
        for (let i = 0; i < 3; i++) ngx.say("[", await proc.stdout_read_line(), "]");
        for (let i = 0; i < 2; i++) {
            await proc.stdout_read_line().catch((e) => ngx.say(e.message, " [", e.partial, "]"));
        }
        ngx.say("[", await proc.stdout_read_all(), "]");
    }
}
--- request
GET /t
--- response_body
[one]
[]
[two]
closed [rest]
closed []
[]

=== stdout_read_bytes: exactly so many
--- api: proc:stdout_read_bytes
--- http_config
ts_isolate main exec=/bin/sh;
--- config
location /t {
    content_by_ts_block {
        const proc = ngx.pipe.spawn(["sh", "-c", "printf abcd; printf efg"]);
        ngx.say(await proc.stdout_read_bytes(2), " ", await proc.stdout_read_bytes("3"), " [", await proc.stdout_read_bytes(0), "]");
        await proc.stdout_read_bytes(3).catch((e) => ngx.say(e.message, " ", e.partial));
        for (const len of [-1, "x", undefined]) {
            try { proc.stdout_read_bytes(len as number); } catch (e) { ngx.say(e.message); }
        }
    }
}
--- request
GET /t
--- response_body
ab cde []
closed fg
bad len argument
bad len argument
bad len argument

=== stdout_read_any: what there is, no more than asked for and than a buffer has
--- api: proc:stdout_read_any
--- http_config
ts_isolate main exec=/bin/sh;
--- config
location /t {
    content_by_ts_block {
        const proc = ngx.pipe.spawn(["sh", "-c", "printf abcdefgh; cat"], { buffer_size: 4 });
        const first = await proc.stdout_read_any(1);
        ngx.say(first, " ", await proc.stdout_read_bytes(2), " ", await proc.stdout_read_any(100));
        proc.shutdown("stdin");
        ngx.say(await proc.stdout_read_any(100));
        await proc.stdout_read_any(1).catch((e) => ngx.say(e.message, " [", e.partial, "]"));
        for (const max of [0, -1, "x", undefined]) {
            try { proc.stdout_read_any(max as number); } catch (e) { ngx.say(e.message); }
        }
    }
}
--- request
GET /t
--- response_body
a bc defg
h
closed []
bad max argument
bad max argument
bad max argument
bad max argument

=== stderr is a stream of its own
--- api: proc:stderr_read_all, proc:stderr_read_line, proc:stderr_read_bytes, proc:stderr_read_any
--- http_config
ts_isolate main exec=/bin/sh;
--- config
location /t {
    content_by_ts_block {
        const proc = ngx.pipe.spawn(["sh", "-c", "echo out; printf 'line\nabcdefghij' >&2"]);
        ngx.say(await proc.stderr_read_line(), " ", await proc.stderr_read_bytes(3), " ", await proc.stderr_read_any(2));
        ngx.print(await proc.stderr_read_all(), " ", await proc.stdout_read_all());
    }
}
--- request
GET /t
--- response_body
line abc de
fghij out

=== merge_stderr: in the order in which it was written
--- http_config
ts_isolate main exec=/bin/sh;
--- config
location /t {
    content_by_ts_block {
        const proc = ngx.pipe.spawn(["sh", "-c", 'echo "1 $1"; echo 2 >&2; echo 3; exit 4', "sh", "a  $(b)"], { merge_stderr: true });
        ngx.print(await proc.stdout_read_all());
        await proc.stderr_read_line().catch((e) => ngx.say(e.message));
        try { proc.shutdown("stderr"); } catch (e) { ngx.say(e.message); }
        ngx.say((await proc.wait()).status);
    }
}
--- request
GET /t
--- response_body
1 a  $(b)
2
3
merged to stdout
merged to stdout
4

=== reading bytes: what is no text stays as it is
--- http_config
ts_isolate main exec=/bin/sh;
--- config
location /t {
    content_by_ts_block {
        const proc = ngx.pipe.spawn(["sh", "-c", String.raw`printf '\377\376\n\377ab\303\251'`]);
        const show = (b) => ngx.say(b instanceof Uint8Array, " ", [...b].join());
        show(await proc.stdout_read_line_buffer());
        show(await proc.stdout_read_bytes_buffer(1));
        show(await proc.stdout_read_any_buffer(2));
        show(await proc.stdout_read_all_buffer());
        const text = ngx.pipe.spawn(["sh", "-c", String.raw`printf '\303\251 \377' >&2`]);
        ngx.say(await text.stderr_read_bytes(2), " ", [...await text.stderr_read_all_buffer()].join());
    }
}
--- request
GET /t
--- response_body
true 255,254
true 255
true 97,98
true 195,169
é 32,255

=== write: text, numbers, bytes, arrays of them; the process reads until stdin is shut down
--- api: proc:write, proc:shutdown
--- http_config
ts_isolate main exec=/bin/cat;
--- config
location /t {
    content_by_ts_block {
        const proc = ngx.pipe.spawn(["cat"]);
        ngx.say(await proc.write("é"), await proc.write(12), await proc.write(["a", ["b", 3], new Uint8Array([33])]), await proc.write(""));
        ngx.say(proc.shutdown("stdin"), proc.shutdown("stdin"));
        ngx.say(await proc.stdout_read_all());
        await proc.write("x").catch((e) => ngx.say(e.message));
        for (const data of [true, undefined, {}, ["a", null]]) {
            try { proc.write(data as string); } catch (e) { ngx.say(e.message); }
        }
        try { proc.shutdown("all" as "stdin"); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /t
--- response_body
2240
truetrue
é12ab3!
closed
bad data arg: string, number, or table expected, got boolean
bad data arg: string, number, or table expected, got undefined
bad data arg: string, number, or table expected, got object
bad value in the data arg: string, number, or table expected, got null
bad shutdown arg: all

=== write: waits until the process has taken it, and for no longer than its timeout
--- http_config
ts_isolate main exec=/bin/cat;
--- config
location /t {
    content_by_ts_block {
        const big = "0123456789abcdef".repeat(1 << 17);
        const proc = ngx.pipe.spawn(["cat"], { write_timeout: 20, stdout_read_timeout: 0 });
        await proc.write(big).catch((e) => ngx.say(e.message));
        proc.set_timeouts(0);
        const writing = proc.write("end");
        await proc.write("x").catch((e) => ngx.say(e.message));
        const reading = proc.stdout_read_all();
        ngx.say(await writing);
        proc.shutdown("stdin");
        ngx.say(await reading === `${big}end`);
    }
}
--- request
GET /t
--- response_body
timeout
pipe busy writing
3
true

=== write: to a process that does not read it
--- http_config
ts_isolate main exec=/bin/sleep,/bin/true;
--- config
location /t {
    content_by_ts_block {
        const proc = ngx.pipe.spawn(["sleep", "1000"], { write_timeout: 1 });
        const big = "x".repeat(1 << 22);
        for (let i = 0; i < 2; i++) await proc.write(big).catch((e) => ngx.say(e.message));
        const writing = proc.write("more").catch((e) => ngx.say(e.message));
        proc.shutdown("stdin");
        await writing;
        const gone = ngx.pipe.spawn(["true"]);
        await gone.stdout_read_all();
        await gone.write(big).catch((e) => ngx.say(e.message));
    }
}
--- request
GET /t
--- response_body
timeout
timeout
aborted
closed

=== reads time out with what has come; the next one goes on
--- http_config
ts_isolate main exec=/bin/sh;
--- config
location /t {
    content_by_ts_block {
        const opts = { stdout_read_timeout: 500, stderr_read_timeout: 1 };
        const proc = ngx.pipe.spawn(["sh", "-c", "printf abc; read x; echo $x; echo err >&2"], opts);
        await proc.stdout_read_line().catch((e) => ngx.say(e.message, " [", e.partial, "]"));
        await proc.stderr_read_all().catch((e) => ngx.say(e.message, " [", e.partial, "]"));
        proc.set_timeouts(null, 0, 0);
        await proc.write("more\n");
        ngx.say(await proc.stdout_read_line(), " ", await proc.stderr_read_line());
    }
}
--- request
GET /t
--- response_body
timeout [abc]
timeout []
more err

=== one reads, writes or waits at a time; shutdown ends who waits
--- http_config
ts_isolate main exec=/bin/sleep;
--- config
location /t {
    content_by_ts_block {
        const proc = ngx.pipe.spawn(["sleep", "1000"]);
        const out = proc.stdout_read_line().catch((e) => ngx.say("out ", e.message));
        const err = proc.stderr_read_any(1).catch((e) => ngx.say("err ", e.message));
        await proc.stdout_read_all().catch((e) => ngx.say(e.message));
        proc.shutdown("stdout");
        await out;
        proc.shutdown("stderr");
        await err;
        await proc.stdout_read_all().catch((e) => ngx.say(e.message));
        proc.shutdown("stdout");
    }
}
--- request
GET /t
--- response_body
pipe busy reading
out aborted
err aborted
closed

=== kill: a signal by its number
--- api: proc:kill
--- http_config
ts_isolate main exec=/bin/sh,/bin/sleep;
--- config
location /t {
    content_by_ts_block {
        const proc = ngx.pipe.spawn(["sleep", "1000"]);
        for (const signal of [1000, -1, "9", undefined]) {
            try { proc.kill(signal as number); } catch (e) { ngx.say(e.message); }
        }
        ngx.say(proc.kill(0), " ", proc.kill(15), " ", JSON.stringify(await proc.wait()));
        try { proc.kill(9); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /t
--- response_body
invalid signal
invalid signal
bad signal arg: number expected, got 9
bad signal arg: number expected, got undefined
true true {"ok":false,"reason":"signal","status":15}
exited

=== after its end a process has nothing left to be read, written or shut down
--- http_config
ts_isolate main exec=/bin/echo;
--- config
location /t {
    content_by_ts_block {
        const proc = ngx.pipe.spawn(["echo", "unread"]);
        await proc.wait();
        const calls = [() => proc.stdout_read_all(), () => proc.stderr_read_line(), () => proc.write("x"), () => proc.shutdown("stdout")];
        for (const call of calls) await (async () => call())().catch((e) => ngx.say(e.message));
        ngx.say(typeof proc.pid());
    }
}
--- request
GET /t
--- response_body
closed
closed
closed
closed
number

=== a thread reads while another waits for the end: it gets all of it
--- http_config
ts_isolate main exec=/bin/sh;
--- config
location /t {
    content_by_ts_block {
        const proc = ngx.pipe.spawn(["sh", "-c", "head -c 300000 /dev/zero"]);
        const reader = ngx.thread.spawn(async () => (await proc.stdout_read_all()).length);
        ngx.say((await proc.wait()).ok, " ", await ngx.thread.wait(reader));
    }
}
--- request
GET /t
--- response_body
true 300000

=== a read that is killed leaves what it had for the next one
--- http_config
ts_isolate main exec=/bin/sh;
--- config
location /t {
    content_by_ts_block {
        const proc = ngx.pipe.spawn(["sh", "-c", "printf abc; read x; echo def"]);
        const begun = await proc.stdout_read_bytes(1);
        const thread = ngx.thread.spawn(async () => { await proc.stdout_read_line(); });
        ngx.thread.kill(thread);
        await proc.write("\n");
        ngx.say(begun, " ", await proc.stdout_read_line());
    }
}
--- request
GET /t
--- response_body
a bcdef

=== a process that writes more than anybody reads has to wait
--- http_config
ts_isolate main exec=/bin/sh;
--- config
location /t {
    content_by_ts_block {
        const proc = ngx.pipe.spawn(["sh", "-c", "head -c 5000000 /dev/zero"], { wait_timeout: 300 });
        ngx.say((await proc.stdout_read_bytes(10)).length);
        await proc.wait().catch((e) => ngx.say(e.message));
        ngx.say((await proc.stdout_read_all()).length, " ", (await proc.wait()).ok);
    }
}
--- request
GET /t
--- response_body
10
timeout
4999990 true

=== environ: instead of the worker's environment
--- master
--- main_config
env FROM_CONF=yes;
--- http_config
ts_isolate main exec=/usr/bin/env;
--- config
location /t {
    content_by_ts_block {
        const own = await ngx.pipe.spawn(["env"]).stdout_read_all();
        ngx.say(/^FROM_CONF=yes$/m.test(own), " ", /NODE_CHANNEL|TSRESTY/.test(own));
        ngx.print(await ngx.pipe.spawn(["env"], { environ: ["A=1", "B=x=y", "C="] }).stdout_read_all());
        for (const environ of ["A=1", [1], ["A"], ["=A"], [["A=1"]]]) {
            try { ngx.pipe.spawn(["env"], { environ: environ as string[] }); } catch (e) { ngx.say(e.message); }
        }
    }
}
--- request
GET /t
--- response_body
true false
A=1
B=x=y
C=
bad environ option: table expected, got string
bad value at index 0 of environ option: string expected, got number
bad value at index 0 of environ option: 'name=[value]' format expected, got 'A'
bad value at index 0 of environ option: 'name=[value]' format expected, got '=A'
bad value at index 0 of environ option: string expected, got array

=== environ: the linker's variables make any program another, and need a grant of all
--- http_config
ts_isolate main exec=/bin/echo;
--- config
location /t {
    content_by_ts_block {
        for (const name of ["LD_PRELOAD", "LD_LIBRARY_PATH", "XLD_PRELOAD"]) {
            try { ngx.print(await ngx.pipe.spawn(["/bin/echo", name], { environ: [`${name}=/none`] }).stdout_read_all()); } catch (e) { ngx.say(e.message); }
        }
        ngx.print((await ngx.location.capture("/any")).body);
    }
}
location /any { ts_isolate any exec=*; content_by_ts_block { ngx.print(await ngx.pipe.spawn(["/bin/echo", "any"], { environ: ["LD_LIBRARY_PATH=/none"] }).stdout_read_all()); } }
--- request
GET /t
--- response_body
ts_isolate "main" is not granted the linker's environment, LD_* (exec=*)
ts_isolate "main" is not granted the linker's environment, LD_* (exec=*)
XLD_PRELOAD
any

=== spawn: bad arguments; a string is no command for a shell
--- http_config
ts_isolate main exec=*;
--- config
location /t {
    content_by_ts_block {
        const bad = (args, options) => { try { ngx.pipe.spawn(args, options); ngx.say("no error"); } catch (e) { ngx.say(e.message); } };
        bad("echo hi"); bad(undefined); bad({}); bad([]);
        bad(["true"], { buffer_size: 0 }); bad(["true"], { buffer_size: "x" });
        bad(["true"], { write_timeout: -1 }); bad(["true"], { stdout_read_timeout: 2 ** 32 });
        bad(["true"], { stderr_read_timeout: "x" }); bad(["true"], { wait_timeout: -0.5 });
        bad(["true", "a\0b"]); bad(["true"], { environ: ["A=\0"] });
        bad(["/no/such/file"]); bad(["no-such-program"]); bad(["/etc/passwd"]); bad(["/etc"]); bad([""]);
        const proc = ngx.pipe.spawn(["/bin/true"]);
        try { proc.set_timeouts(0, 0, 0, -1); } catch (e) { ngx.say(e.message); }
        const { pid, wait } = proc;
        for (const f of [pid, () => wait.call({})]) { try { ngx.say(f()); } catch (e) { ngx.say(e.message); } }
    }
}
--- request
GET /t
--- response_body
bad args arg: table expected, got string
bad args arg: table expected, got undefined
bad args arg: table expected, got object
bad args arg: non-empty table expected
bad buffer_size option
bad buffer_size option
bad write_timeout option
bad stdout_read_timeout option
bad stderr_read_timeout option
bad wait_timeout option
string without zero bytes expected
string without zero bytes expected
No such file or directory
No such file or directory
Permission denied
Permission denied
No such file or directory
bad wait_timeout option
not a process instance
not a process instance

=== without a grant no process is started, and the error says what would grant it
--- config
location /t {
    content_by_ts_block {
        try { ngx.pipe.spawn(["/bin/echo", "hi"]); } catch (e) { ngx.say(e.name, ": ", e.message); }
        try { ngx.pipe.spawn(["no-such-program"]); } catch (e) { ngx.say(e.message); }
    }
}
location /tenant {
    ts_isolate t exec=/bin/true,/usr/bin/env;
    content_by_ts_block {
        for (const name of ["true", "/bin/true", "env", "/bin/false", "/bin/../bin/true", "sh"]) {
            try { ngx.say((await ngx.pipe.spawn([name]).wait()).ok); } catch (e) { ngx.say(e.message); }
        }
    }
}
location /none {
    ts_isolate n exec=none;
    content_by_ts_block { ngx.pipe.spawn(["/bin/true"]); }
}
--- request eval
["GET /t", "GET /tenant", "GET /none"]
--- error_code eval
[200, 200, 500]
--- response_body_like eval
["^NgxError: ts_isolate \"main\" is not granted the program \"/bin/echo\" \\(exec=/bin/echo\\)\nts_isolate \"main\" is not granted the program \"no-such-program\" \\(exec=PATH\\)\n$", "^true\ntrue\ntrue\nts_isolate \"t\" is not granted the program \"/bin/false\" \\(exec=/bin/false\\)\nts_isolate \"t\" is not granted the program \"/bin/../bin/true\" \\(exec=/bin/../bin/true\\)\nts_isolate \"t\" is not granted the program \"sh\" \\(exec=/(usr/)?bin/sh\\)\n$", "500"]
--- error_log
ts_isolate "n" is not granted the program "/bin/true" (exec=/bin/true)

=== a grant has to be an absolute path
--- http_config
ts_isolate main exec=/bin/true,sh;
--- config
location /t { content_by_ts_block { ngx.say(1); } }
--- must_die
--- error_log
invalid parameter "exec=/bin/true,sh" in

=== a process ends with its request, and leaves nothing behind
--- http_config
ts_isolate main exec=/bin/sh,/bin/sleep;
ts_shared_dict pids 1m;
--- config
location = /start {
    content_by_ts_block {
        const proc = ngx.pipe.spawn(["sleep", "1000"]);
        ngx.thread.spawn(async () => { await proc.wait(); ngx.log(ngx.ERR, "not reached"); });
        ngx.shared.pids.set("pid", proc.pid());
        ngx.exit(200);
    }
}
location = /fails {
    content_by_ts_block {
        ngx.shared.pids.set("pid", ngx.pipe.spawn(["sleep", "1000"]).pid());
        throw new Error("on purpose");
    }
}
location = /gone {
    content_by_ts_block {
        const pid = ngx.shared.pids.get("pid");
        const wait = ngx.pipe.spawn(["sh", "-c", `while kill -0 ${pid} 2>/dev/null; do sleep 0.01; done`]);
        ngx.say((await wait.wait()).ok);
    }
}
--- request eval
["GET /start", "GET /gone", "GET /fails", "GET /gone"]
--- error_code eval
[200, 200, 500, 200]
--- response_body eval
[null, "true\n", null, "true\n"]
--- no_error_log
not reached

=== a process ends with its isolate
--- http_config
ts_isolate main exec=/bin/sh;
ts_shared_dict pids 1m;
--- config
location = /start {
    ts_isolate small memory=16m cpu=20s dicts=pids exec=/bin/sleep;
    content_by_ts_block {
        globalThis.proc = globalThis.ngx.pipe.spawn(["sleep", "1000"]);
        ngx.shared.pids.set("pid", globalThis.proc.pid());
        const all = [];
        for (;;) all.push(new Array(10000).fill(all.length));
    }
}
location = /gone {
    content_by_ts_block {
        const pid = ngx.shared.pids.get("pid");
        const wait = ngx.pipe.spawn(["sh", "-c", `while kill -0 ${pid} 2>/dev/null; do sleep 0.01; done`]);
        ngx.say((await wait.wait()).ok);
    }
}
--- request eval
["GET /start", "GET /gone"]
--- error_code eval
[500, 200]
--- response_body eval
[null, "true\n"]
--- error_log
[alert]
isolate "small" ended: out of memory

=== the global ngx: a process that belongs to no request outlives the one that started it
--- http_config
ts_isolate main exec=/bin/cat;
--- config
location = /start {
    content_by_ts_block {
        globalThis.proc = globalThis.ngx.pipe.spawn(["cat"]);
        ngx.say(await globalThis.proc.write("kept\n"));
    }
}
location = /read { content_by_ts_block { ngx.say(await globalThis.proc.stdout_read_line()); } }
--- request eval
["GET /start", "GET /read"]
--- response_body eval
["5\n", "kept\n"]

=== phases: everywhere but while the configuration is initialised
--- http_config
ts_isolate main exec=/bin/echo;
init_by_ts_block {
    try { ngx.pipe.spawn(["echo"]); } catch (e) { globalThis.refused = e.message; }
}
init_worker_by_ts_block {
    globalThis.started = await ngx.pipe.spawn(["echo", "in init_worker"]).stdout_read_line();
}
--- config
location = /t {
    rewrite_by_ts_block { ngx.ctx.rewrite = await ngx.pipe.spawn(["echo", "in rewrite"]).stdout_read_line(); }
    content_by_ts_block { ngx.say(globalThis.refused); ngx.say(globalThis.started); ngx.say(ngx.ctx.rewrite); }
    log_by_ts_block { ngx.log(ngx.WARN, await ngx.pipe.spawn(["echo", "in log"]).stdout_read_line()); }
}
--- request
GET /t
--- response_body
API disabled in the current context
in init_worker
in rewrite
--- error_log
in log

=== nothing of the worker is open in a process, which runs as the worker's user
--- http_config
ts_isolate main exec=/bin/ls,/bin/grep;
ts_shared_dict held 1m;
--- config
location = /t {
    content_by_ts_block {
        ngx.shared.held.set("k", "v");
        const list = await ngx.pipe.spawn(["ls", "-l", "/proc/self/fd"]).stdout_read_all();
        const open = list.match(/\d+ -> \S+/g).map((line) => line.split(" -> "));
        const other = open.filter(([fd, to]) => +fd > 2 && to !== "/dev/null" && !/^\/proc\/\d+\/fd$/.test(to));
        ngx.say(open.length >= 3, " [", other.join(), "]");
        const owner = async (pid) => await ngx.pipe.spawn(["grep", "^[UG]id", `/proc/${pid}/status`]).stdout_read_all();
        ngx.say(await owner(ngx.worker.pid()) === await owner("self"));
    }
}
--- request
GET /t
--- response_body
true []
true
