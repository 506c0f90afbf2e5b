# setkeepalive: pools of idle connections, and connects that queue for a place in one.

=== a connection comes back from the pool
--- api: tcpsock:setkeepalive, tcpsock:getreusedtimes
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.tcp();
        const ports: string[] = [];
        for (let i = 0; i < 3; i++) {
            ngx.print(await sock.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT), " ", sock.getreusedtimes(), " ");
            await sock.send("GET /port HTTP/1.1\r\nHost: x\r\n\r\n");
            await sock.receiveuntil("\r\n\r\n")();
            ports.push(await sock.receive(5));
            ngx.say(sock.setkeepalive());
        }
        ngx.say(new Set(ports).size);
    }
}
location /port {
    set $padded "00000$remote_port";
    if ($padded ~ "(.....)$") { set $padded $1; }
    return 200 $padded;
}
--- request
GET /a
--- response_body_like eval
/^1 \d 1\n1 \d 1\n1 \d 1\n1\n$/

=== times of reuse are counted
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.tcp();
        const times: number[] = [];
        for (let i = 0; i < 4; i++) {
            await sock.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, { pool: "p" + ngx.var.pid + ngx.var.connection });
            times.push(sock.getreusedtimes());
            sock.setkeepalive();
        }
        ngx.say(times.join(" "));
    }
}
--- request
GET /a
--- response_body
0 1 2 3

=== a connection to the worker itself that is kept does not keep it from quitting
--- master
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
        ngx.say(sock.setkeepalive());
    }
}
--- request
GET /a
--- response_body
1
--- shutdown_error_log eval
[/worker process \d+ exited with code 0/]

=== a socket is closed after setkeepalive
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
        ngx.say(sock.setkeepalive());
        const of = async (f: () => unknown) => { try { ngx.say(String(await f())); } catch (e) { ngx.say(e.message); } };
        await of(() => sock.setkeepalive());
        await of(() => sock.send("x"));
        await of(() => sock.receive());
        await of(() => sock.getreusedtimes());
        await of(() => sock.close());
        await of(() => sock.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT));
    }
}
--- request
GET /a
--- response_body
1
closed
closed
closed
closed
closed
1

=== pools outlive requests
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, { pool: "kept" });
        ngx.say(sock.getreusedtimes() > 0);
        sock.setkeepalive();
    }
}
--- pipelined_requests eval
["GET /a", "GET /a", "GET /a"]
--- response_body_like eval
[/^(true|false)$/, /^true$/, /^true$/]

=== different names are different pools, for the same peer
--- config
location /a {
    content_by_ts_block {
        const times: number[] = [];
        const id = ngx.var.connection;
        for (const pool of [id + "a", id + "b", id + "a", id + "b"]) {
            const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, { pool });
            times.push(sock.getreusedtimes());
            sock.setkeepalive();
        }
        ngx.say(times.join(" "));
    }
}
--- request
GET /a
--- response_body
0 0 1 1

=== one name is one pool, for different peers; a number is a name too
--- http_config
server { listen $TEST_NGINX_RAND_PORT_2; location / { return 200 "second"; } }
--- config
location /a {
    content_by_ts_block {
        const pool = Number(ngx.var.connection);
        const one = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_2, { pool });
        one.setkeepalive();
        const two = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, { pool: String(pool) });
        await two.send("GET / HTTP/1.0\r\n\r\n");
        ngx.say(two.getreusedtimes(), " ", (await two.receive("*a")).slice(-6));
    }
}
--- request
GET /a
--- response_body
1 second

=== the default name is host and port as they were given
--- config
location /a {
    resolver 127.0.0.1:$TEST_NGINX_RAND_PORT_1 ipv6=off;
    content_by_ts_block {
        const first = await ngx.socket.connect("some.example", $TEST_NGINX_SERVER_PORT, { pool_size: 3 });
        first.setkeepalive();
        const second = await ngx.socket.connect("some.example", $TEST_NGINX_SERVER_PORT);
        const third = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, { pool: "some.example:$TEST_NGINX_SERVER_PORT" });
        ngx.say(second.getreusedtimes() > 0, " ", third.getreusedtimes());
    }
}
--- request
GET /a
--- udp_listen: $TEST_NGINX_RAND_PORT_1
--- udp_reply eval: (query) => query.slice(0, 2) + "\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00" + query.slice(12) + "\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\x7f\x00\x00\x01"
--- response_body
true 0

=== unix sockets
--- http_config
server { listen unix:$TEST_NGINX_HTML_DIR/s.sock; }
--- config
location /a {
    content_by_ts_block {
        const times: number[] = [];
        const path = "unix:$TEST_NGINX_HTML_DIR/s.sock";
        const id = ngx.var.connection;
        for (const pool of [id, id, id + "x"]) {
            const sock = await ngx.socket.connect(path, { pool });
            times.push(sock.getreusedtimes());
            sock.setkeepalive();
        }
        const sock = await ngx.socket.connect(path);
        sock.setkeepalive();
        times.push((await ngx.socket.connect(path)).getreusedtimes() > 0 ? 1 : 0);
        ngx.say(times.join(" "));
    }
}
--- request
GET /a
--- response_body
0 1 0 1

=== the peer closes an idle connection
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.tcp();
        const pool = ngx.var.connection;
        await sock.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1, { pool });
        await sock.send("x");
        await sock.receive();
        sock.setkeepalive();
        await ngx.sleep(0.15);
        await sock.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1, { pool });
        ngx.say(sock.getreusedtimes());
    }
}
--- request
GET /a
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply
bye
--- response_body
0

=== the peer sends something on an idle connection
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.tcp();
        const pool = ngx.var.connection;
        await sock.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1, { pool });
        await sock.send("x");
        sock.setkeepalive();
        await ngx.sleep(0.2);
        await sock.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1, { pool });
        ngx.say(sock.getreusedtimes());
    }
}
--- request
GET /a
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_no_close
--- tcp_reply_delay: 50ms
--- tcp_reply: unasked
--- response_body
0

=== unread data
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.tcp();
        await sock.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1, { pool: ngx.var.connection });
        await sock.send("x");
        await sock.receive(1);
        try { sock.setkeepalive(); } catch (e) { ngx.say(e.message); }
        ngx.say(await sock.receive());
        ngx.say(sock.setkeepalive());
    }
}
--- request
GET /a
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_no_close
--- tcp_reply
hello
--- response_body
unread data in buffer
ello
1

=== data that nobody has asked for
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.tcp();
        await sock.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await sock.send("x");
        await ngx.sleep(0.1);
        try { sock.setkeepalive(); } catch (e) { ngx.say(e.message); }
        try { await sock.receive(); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_no_close
--- tcp_reply
hello
--- response_body
connection in dubious state
closed

=== a connection that the peer has closed is not kept
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.tcp();
        await sock.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await sock.send("x");
        await sock.receive();
        await ngx.sleep(0.1);
        try { sock.setkeepalive(); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply
bye
--- response_body
closed

=== the pool is full: the connection used longest ago is closed
--- config
location /a {
    content_by_ts_block {
        const pool = ngx.var.connection;
        const open = () => ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, { pool });
        const port = async (sock: Awaited<ReturnType<typeof open>>) => {
            await sock.send("GET /port HTTP/1.1\r\nHost: x\r\n\r\n");
            const [, length] = /Content-Length: (\d+)/.exec(await sock.receiveuntil("\r\n\r\n")() as string) as RegExpExecArray;
            return sock.receive(Number(length));
        };
        const socks = [await open(), await open(), await open()];
        const ports = [await port(socks[0]), await port(socks[1]), await port(socks[2])];
        for (const sock of socks) sock.setkeepalive(1000, 2);
        const again = [await open(), await open(), await open()];
        ngx.say(again.map((sock) => sock.getreusedtimes()).join(" "));
        ngx.say(await port(again[0]) === ports[2], " ", await port(again[1]) === ports[1]);
    }
}
location /port { return 200 $remote_port; }
--- request
GET /a
--- response_body
1 1 0
true true

=== ts_socket_pool_size
--- config
location /a {
    ts_socket_pool_size 1;
    content_by_ts_block {
        const pool = ngx.var.connection;
        const open = () => ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, { pool });
        for (const sock of [await open(), await open()]) sock.setkeepalive();
        ngx.say((await open()).getreusedtimes(), " ", (await open()).getreusedtimes());
    }
}
--- request
GET /a
--- response_body
1 0

=== the size given to connect goes before the one of setkeepalive
--- config
location /a {
    content_by_ts_block {
        const pool = ngx.var.connection;
        const open = () => ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, { pool, pool_size: 1 });
        for (const sock of [await open(), await open()]) sock.setkeepalive(1000, 20);
        ngx.say((await open()).getreusedtimes(), " ", (await open()).getreusedtimes());
    }
}
--- request
GET /a
--- response_body
1 0

=== the pool's size has to be a number above zero
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, { pool: ngx.var.connection });
        const of = (f: () => unknown) => { try { ngx.say(String(f())); } catch (e) { ngx.say(e.message); } };
        of(() => sock.setkeepalive(0, 0));
        of(() => sock.setkeepalive(0, -2));
        of(() => sock.setkeepalive("x" as never));
        of(() => sock.setkeepalive(1, "x" as never));
        of(() => sock.setkeepalive(undefined, undefined));
    }
}
--- request
GET /a
--- response_body
bad argument #2 to 'setkeepalive' (bad "pool_size" option value: 0)
bad argument #2 to 'setkeepalive' (bad "pool_size" option value: -2)
bad argument #1 to 'setkeepalive' (number expected, got string)
bad argument #2 to 'setkeepalive' (number expected, got string)
1

=== an idle connection is closed after its time
--- config
location /a {
    content_by_ts_block {
        const pool = ngx.var.connection;
        const open = () => ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, { pool });
        const sock = await open();
        sock.setkeepalive(50);
        await ngx.sleep(0.15);
        ngx.say((await open()).getreusedtimes());
    }
}
--- request
GET /a
--- response_body
0

=== ts_socket_keepalive_timeout, and a time of one's own
--- config
location /a {
    ts_socket_keepalive_timeout 50ms;
    content_by_ts_block {
        const open = (pool: string) => ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, { pool: pool + ngx.var.connection });
        (await open("configured")).setkeepalive();
        (await open("own")).setkeepalive(5000);
        (await open("unlimited")).setkeepalive(0);
        await ngx.sleep(0.15);
        for (const pool of ["configured", "own", "unlimited"]) ngx.say(pool, " ", (await open(pool)).getreusedtimes());
    }
}
--- request
GET /a
--- response_body
configured 0
own 1
unlimited 1

=== no more connections than pool_size: a connect waits for its place
--- config
location /a {
    content_by_ts_block {
        const options = { pool: ngx.var.connection, pool_size: 1, backlog: 1 };
        const open = () => ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, options);
        const first = await open();
        let connected = false;
        const second = open().then((sock) => { connected = true; return sock; });
        await ngx.sleep(0.05);
        ngx.say(connected);
        first.setkeepalive();
        ngx.say((await second).getreusedtimes());
    }
}
--- request
GET /a
--- response_body
false
1

=== a place that becomes free because a connection is closed
--- config
location /a {
    content_by_ts_block {
        const options = { pool: ngx.var.connection, pool_size: 1, backlog: 2 };
        const open = () => ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, options);
        const first = await open();
        const order: number[] = [];
        const waiting = [1, 2].map(async (n) => { const sock = await open(); order.push(n); ngx.say(n, " ", sock.getreusedtimes()); sock.close(); });
        first.close();
        await Promise.all(waiting);
        ngx.say(order.join(" "));
    }
}
--- request
GET /a
--- response_body
1 0
2 0
1 2

=== more connects than the backlog holds
--- config
location /a {
    content_by_ts_block {
        const options = { pool: ngx.var.connection, pool_size: 2, backlog: 0 };
        const open = () => ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, options);
        const first = await open();
        await open();
        try { await open(); } catch (e) { ngx.say(e.message, " ", e.code); }
        first.close();
        ngx.say((await open()).getreusedtimes());
    }
}
--- request
GET /a
--- response_body
too many waiting connect operations TOO_MANY_WAITING_CONNECT_OPERATIONS
0

=== backlog alone: ts_socket_pool_size is the size
--- config
location /a {
    ts_socket_pool_size 1;
    content_by_ts_block {
        const options = { pool: ngx.var.connection, backlog: 0 };
        const open = () => ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, options);
        await open();
        try { await open(); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- response_body
too many waiting connect operations

=== a connect that waits too long
--- config
location /a {
    content_by_ts_block {
        const options = { pool: ngx.var.connection, pool_size: 1, backlog: 1 };
        const first = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, options);
        const second = ngx.socket.tcp();
        second.settimeouts(60, 1000, 1000);
        try { await second.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, options); } catch (e) { ngx.say(e.message); }
        first.close();
        ngx.say((await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, options)).getreusedtimes());
    }
}
--- request
GET /a
--- response_body
timeout
0
--- error_log eval
/ts tcp socket queued connect timed out, when trying to connect to 127\.0\.0\.1:\d+/

=== ts_socket_connect_timeout holds for waiting connects
--- config
location /a {
    ts_socket_connect_timeout 60ms;
    content_by_ts_block {
        const options = { pool: ngx.var.connection, pool_size: 1, backlog: 1 };
        await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, options);
        try { await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, options); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- response_body
timeout

=== connects that fail do not count, and let the next one try
--- config
location /a {
    content_by_ts_block {
        const options = { pool: ngx.var.connection, pool_size: 1, backlog: 2 };
        for (let i = 0; i < 3; i++) {
            try { await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1, options); } catch (e) { ngx.say(e.message); }
        }
        const first = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, options);
        const bad = ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1, options).catch((e) => e.message);
        const unknown = ngx.socket.connect("no.such.name", 80, options).catch((e) => e.message);
        first.close();
        ngx.say(await bad);
        ngx.say(await unknown);
        ngx.say((await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, options)).getreusedtimes());
    }
}
--- request
GET /a
--- response_body
connection refused
connection refused
connection refused
connection refused
no resolver defined to resolve "no.such.name"
0

=== a request that ends frees its places
--- config
location /hold {
    content_by_ts_block {
        await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, { pool: "held", pool_size: 1, backlog: 1 });
        ngx.say("held");
        await ngx.flush(true);
        await ngx.sleep(0.1);
    }
}
location /a {
    content_by_ts_block {
        const holding = ngx.location.capture("/hold");
        await ngx.sleep(0.03);
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, { pool: "held", pool_size: 1, backlog: 1 });
        ngx.say((await holding).body, sock.getreusedtimes());
    }
}
--- request
GET /a
--- response_body
held
0

=== connections that were made before the pool count once they are kept
--- config
location /a {
    content_by_ts_block {
        const pool = ngx.var.connection;
        const plain = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, { pool });
        const limited = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, { pool, pool_size: 2, backlog: 0 });
        plain.setkeepalive();
        const back = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, { pool, pool_size: 2, backlog: 0 });
        ngx.say(back.getreusedtimes());
        try { await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, { pool, pool_size: 2, backlog: 0 }); } catch (e) { ngx.say(e.message); }
        limited.close();
    }
}
--- request
GET /a
--- response_body
1
too many waiting connect operations

=== isolates do not share their connections
--- config
location /one {
    ts_isolate one;
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, { pool: "shared?" });
        ngx.say(sock.getreusedtimes() > 0);
        sock.setkeepalive();
    }
}
location /two {
    ts_isolate two;
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, { pool: "shared?" });
        ngx.say(sock.getreusedtimes() > 0);
        sock.close();
    }
}
--- pipelined_requests eval
["GET /one", "GET /one", "GET /two"]
--- response_body_like eval
[/^(true|false)$/, /^true$/, /^false$/]
