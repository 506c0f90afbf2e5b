# ngx.socket.udp.

=== a datagram there and one back
--- api: ngx.socket.udp, udpsock:setpeername, udpsock:send, udpsock:receive, udpsock:close
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.udp();
        ngx.say("connected: ", await sock.setpeername("127.0.0.1", $TEST_NGINX_RAND_PORT_1));
        ngx.say("sent: ", sock.send("hello"));
        ngx.say("received: ", await sock.receive());
        ngx.say("closed: ", sock.close());
    }
}
--- request
GET /a
--- udp_listen: $TEST_NGINX_RAND_PORT_1
--- udp_reply eval: (query) => query + "!"
--- response_body
connected: 1
sent: 1
received: hello!
closed: 1

=== several datagrams keep their borders
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.udp();
        await sock.setpeername("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        sock.send("x");
        await ngx.sleep(0.05);
        ngx.say(await sock.receive(), "|", await sock.receive(), "|", await sock.receive());
    }
}
--- request
GET /a
--- udp_listen: $TEST_NGINX_RAND_PORT_1
--- udp_reply eval: ["one", "two", "three"]
--- response_body
one|two|three

=== receive(size) cuts what is longer, and the rest is lost
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.udp();
        await sock.setpeername("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        sock.send("x");
        ngx.say(await sock.receive(3), "|", await sock.receive(100));
    }
}
--- request
GET /a
--- udp_listen: $TEST_NGINX_RAND_PORT_1
--- udp_reply eval: ["abcdef", "second"]
--- response_body
abc|second

=== a datagram is read whole, unless less is asked for
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.udp();
        await sock.setpeername("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        sock.send("x");
        ngx.say((await sock.receive()).length);
        sock.send("x");
        ngx.say((await sock.receive(100000)).length);
    }
}
--- request
GET /a
--- udp_listen: $TEST_NGINX_RAND_PORT_1
--- udp_reply eval: "x".repeat(9000)
--- response_body
9000
9000

=== bytes, and what send takes
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.udp();
        await sock.setpeername("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        sock.send(["ü", 12, [new Uint8Array([255, 0])]]);
        ngx.say([...await sock.receive_buffer()].join(" "));
        sock.send(true);
        ngx.say(await sock.receive());
        sock.send(null);
        ngx.say(await sock.receive());
        sock.send(3.5);
        ngx.say(await sock.receive());
        try { sock.send({} as never); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- udp_listen: $TEST_NGINX_RAND_PORT_1
--- udp_reply eval: (query) => query
--- response_body
195 188 49 50 255 0
true
null
3.5
bad argument #1 to 'send' (string, number, boolean, nil, or array table expected, got object)

=== a receive that gets nothing times out, and can be repeated
--- api: udpsock:settimeout
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.udp();
        sock.settimeout(40);
        await sock.setpeername("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        sock.send("x");
        try { await sock.receive(); } catch (e) { ngx.say(e.message, " ", e.code); }
        sock.settimeout(2000);
        ngx.say(await sock.receive());
    }
}
--- request
GET /a
--- udp_listen: $TEST_NGINX_RAND_PORT_1
--- udp_reply_delay: 150ms
--- udp_reply: late
--- response_body
timeout TIMEOUT
late
--- error_log eval
/ts udp socket read timed out, upstream: 127\.0\.0\.1:\d+\(127\.0\.0\.1\), client: 127\.0\.0\.1/

=== ts_socket_read_timeout, and nothing in the log with ts_socket_log_errors off
--- config
location /a {
    ts_socket_read_timeout 40ms;
    ts_socket_log_errors off;
    content_by_ts_block {
        const sock = ngx.socket.udp();
        await sock.setpeername("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        sock.send("x");
        try { await sock.receive(); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- udp_listen: $TEST_NGINX_RAND_PORT_1
--- response_body
timeout
--- no_error_log
[error]

=== nobody listens there
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.udp();
        await sock.setpeername("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        sock.send("x");
        try { await sock.receive(); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- response_body
connection refused
--- error_log eval
/\[error\].*(send|recv)\(\) failed \(111: Connection refused\), upstream: 127\.0\.0\.1:\d+\(127\.0\.0\.1\), client/

=== without a peer
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.udp();
        const of = async (f: () => unknown) => { try { ngx.say(String(await f())); } catch (e) { ngx.say(e.message); } };
        await of(() => sock.send("x"));
        await of(() => sock.receive());
        await of(() => sock.close());
        await sock.setpeername("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await of(() => sock.close());
        await of(() => sock.send("x"));
    }
}
--- request
GET /a
--- response_body
closed
closed
closed
1
closed
--- error_log eval
["attempt to send data on a closed socket, client", "attempt to receive data on a closed socket, client"]

=== one receive at a time
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.udp();
        await sock.setpeername("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        sock.send("x");
        const first = sock.receive();
        for (const f of [() => sock.receive(), () => sock.send("y"), () => sock.close(), () => sock.setpeername("127.0.0.1", 1)]) {
            try { await f(); ngx.say("no"); } catch (e) { ngx.say(e.message); }
        }
        ngx.say(await first);
    }
}
--- request
GET /a
--- udp_listen: $TEST_NGINX_RAND_PORT_1
--- udp_reply_delay: 30ms
--- udp_reply: hello
--- response_body
socket busy
socket busy
socket busy
socket busy
hello

=== another peer for the same socket
--- http_config
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.udp();
        await sock.setpeername("127.0.0.1", $TEST_NGINX_RAND_PORT_2);
        await sock.setpeername("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        sock.send("x");
        ngx.say(await sock.receive());
    }
}
--- request
GET /a
--- udp_listen: $TEST_NGINX_RAND_PORT_1
--- udp_reply: right
--- response_body
right

=== several sockets at once
--- config
location /a {
    content_by_ts_block {
        const ask = async (n: number) => {
            const sock = ngx.socket.udp();
            await sock.setpeername("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
            sock.send(n);
            return sock.receive();
        };
        ngx.say((await Promise.all([1, 2, 3].map(ask))).join(" "));
    }
}
--- request
GET /a
--- udp_listen: $TEST_NGINX_RAND_PORT_1
--- udp_reply eval: (query) => "re" + query
--- response_body
re1 re2 re3

=== peers that there cannot be
--- config
location /a {
    content_by_ts_block {
        const of = async (...args: unknown[]) => {
            const sock = ngx.socket.udp();
            try { await sock.setpeername(...args as [string, number]); ngx.say("no"); } catch (e) { ngx.say(e.message); }
        };
        await of("127.0.0.1", 65536);
        await of("127.0.0.1", -1);
        await of("127.0.0.1");
        await of(undefined, 1);
        await of("no.such.name", 53);
        await of("", 53);
        await of("unix:/tmp/x.sock");
    }
}
--- request
GET /a
--- response_body
bad port number: 65536
bad port number: -1
bad argument #2 to 'setpeername' (number expected, got undefined)
bad argument #1 to 'setpeername' (string expected, got undefined)
no resolver defined to resolve "no.such.name"
failed to parse host name "": no host
unix datagram sockets are not supported

=== a name
--- config
location /a {
    resolver 127.0.0.1:$TEST_NGINX_RAND_PORT_1 ipv6=off;
    content_by_ts_block {
        const sock = ngx.socket.udp();
        await sock.setpeername("some.example", $TEST_NGINX_RAND_PORT_1);
        sock.send("0123456789ab");
        ngx.say((await sock.receive_buffer()).length);
    }
}
--- request
GET /a
--- udp_listen: $TEST_NGINX_RAND_PORT_1
--- udp_reply eval: (query) => query.slice(0, 2) + "\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00" + query.slice(12) + "\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\x7f\x00\x00\x01"
--- response_body
28

=== bind
--- api: udpsock:bind
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.udp();
        ngx.say(sock.bind("127.0.0.1"));
        await sock.setpeername("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        sock.send("x");
        ngx.say(await sock.receive());
        try { sock.bind("nonsense"); } catch (e) { ngx.say(e.message); }
        const other = ngx.socket.udp();
        other.bind("192.0.2.1");
        try { await other.setpeername("127.0.0.1", $TEST_NGINX_RAND_PORT_1); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- udp_listen: $TEST_NGINX_RAND_PORT_1
--- udp_reply: ok
--- response_body
true
ok
bad address
cannot assign requested address

=== a socket of a request that has ended
--- user_files
>>> kept_udp.ts
export const kept: { sock?: any } = {};
--- http_config
ts_package_path $TEST_NGINX_HTML_DIR;
--- config
location /make {
    content_by_ts_block {
        import { kept } from "kept_udp";
        kept.sock = ngx.socket.udp();
        await kept.sock.setpeername("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        ngx.say("made");
    }
}
location /use {
    content_by_ts_block {
        import { kept } from "kept_udp";
        const { sock } = kept;
        for (const f of [() => sock.send("x"), () => sock.receive(), () => sock.close(), () => sock.setpeername("127.0.0.1", 1)]) {
            try { await f(); ngx.say("no"); } catch (e) { ngx.say(e.message); }
        }
    }
}
--- request eval
["GET /make", "GET /use"]
--- response_body eval
["made\n", "bad request\n".repeat(4)]

=== in a timer
--- config
location /a {
    content_by_ts_block {
        ngx.timer.at(0, async () => {
            const sock = ngx.socket.udp();
            await sock.setpeername("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
            sock.send("from a timer");
            ngx.log(ngx.NOTICE, "timer received ", await sock.receive());
            sock.close();
        });
        ngx.say("ok");
    }
}
--- request
GET /a
--- udp_listen: $TEST_NGINX_RAND_PORT_1
--- udp_reply eval: (query) => query + ", back"
--- response_body
ok
--- error_log
timer received from a timer, back
