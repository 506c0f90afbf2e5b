# ngx.socket.tcp: connect, send, the ways to receive, timeouts, errors and lifetime.

=== a conversation with another location
--- api: ngx.socket.tcp, tcpsock:connect, tcpsock:send, tcpsock:receive, tcpsock:close
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.tcp();
        ngx.say("connected: ", await sock.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT));
        const sent = await sock.send("GET /foo HTTP/1.0\r\nHost: localhost\r\n\r\n");
        ngx.say("sent: ", sent);
        const head: string[] = [];
        for (let line = await sock.receive(); line !== ""; line = await sock.receive()) head.push(line);
        ngx.say(head[0], " | ", head.find((line) => line.startsWith("Content-Length")));
        ngx.say("body: ", await sock.receive());
        ngx.say("close: ", sock.close());
    }
}
location /foo { return 200 "foo\n"; }
--- request
GET /a
--- response_body
connected: 1
sent: 38
HTTP/1.1 200 OK | Content-Length: 4
body: foo
close: 1

=== a line that the end of the connection cuts off comes with the error
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await sock.send("x");
        for (let i = 0; i < 3; i++) {
            try { ngx.say("[", await sock.receive(), "]"); }
            catch (e) { ngx.say(e.name, " ", e.message, " ", e.code, " [", e.partial, "]"); }
        }
    }
}
--- request
GET /a
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval: "one\r\ntwo"
--- response_body
[one]
NgxError closed CLOSED [two]
NgxError closed CLOSED []
--- error_log
attempt to receive data on a closed socket

=== receive("*a") takes all, and nothing where there is nothing
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await sock.send("x");
        ngx.say("first: ", await sock.receive("*l"));
        ngx.say("all: ", JSON.stringify(await sock.receive("*a")));
        ngx.say("again: ", JSON.stringify(await sock.receive("*a")));
        try { await sock.receive(); } catch (e) { ngx.say(e.message, " [", e.partial, "]"); }
    }
}
--- request
GET /a
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval: "head\r\nb\r\nc\n"
--- response_body
first: head
all: "b\r\nc\n"
again: ""
closed []

=== receive(n) takes exactly so many bytes
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await sock.send("x");
        ngx.say(await sock.receive(3), "|", await sock.receive("2" as never), "|", await sock.receive(0), "|", await sock.receive(1));
        try { await sock.receive(10); } catch (e) { ngx.say(e.message, " [", e.partial, "]"); }
    }
}
--- request
GET /a
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply chomp
abcdefghi
--- response_body
abc|de||f
closed [ghi]

=== receive(n) over many pieces
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await sock.send("x");
        const text = await sock.receive(1000000);
        ngx.say(text.length, " ", text === "0123456789".repeat(100000), " ", await sock.receive("*a"));
    }
}
--- request
GET /a
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval: "0123456789".repeat(100000) + "end"
--- response_body
1000000 true end

=== carriage returns are no part of a line
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await sock.send("x");
        ngx.say(JSON.stringify([await sock.receive(), await sock.receive(), await sock.receive()]));
        try { await sock.receive(); } catch (e) { ngx.say(JSON.stringify(e.partial)); }
    }
}
--- request
GET /a
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval: "a\rb\r\r\n\r\n\n\rc\r"
--- response_body
["ab","",""]
"c"

=== text is UTF-8, bytes are what came
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await sock.send("x");
        ngx.say(await sock.receive());
        ngx.say([...await sock.receive_buffer()].join(" "));
        ngx.say([...await sock.receive_buffer(2)].join(" "), " ", [...await sock.receiveany_buffer(1)].join(" "));
        ngx.say(JSON.stringify(await sock.receive(2)));
        try { await sock.receive_buffer(9); } catch (e) { ngx.say(e.message, " ", e.partial instanceof Uint8Array, " ", [...e.partial].join(" ")); }
    }
}
--- request
GET /a
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval: "gr\xc3\xbc\xc3\x9fe \xe2\x82\xac\n\xc3\xbc\r\n\xff\xfe\x00\xc3(\xe9"
--- response_body
grüße €
195 188
255 254 0
"�("
closed true 233

=== receiveany gives what there is, up to its limit
--- api: tcpsock:receiveany
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await sock.send("x");
        ngx.say(await sock.receive(1), "|", await sock.receiveany(4), "|", await sock.receiveany(4), "|", await sock.receiveany(100));
        try { await sock.receiveany(1); } catch (e) { ngx.say(e.message, " [", e.partial, "]"); }
    }
}
--- request
GET /a
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply chomp
abcdefghijkl
--- response_body
a|bcde|fghi|jkl
closed []

=== receiveany takes no more than ts_socket_buffer_size
--- config
location /a {
    ts_socket_buffer_size 3;
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await sock.send("x");
        ngx.say(await sock.receiveany(100), "|", await sock.receiveany(2), "|", await sock.receive());
    }
}
--- request
GET /a
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply
abcdefghijkl
--- response_body
abc|de|fghijkl

=== arguments that no read takes
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
        const of = async (f: () => unknown) => { try { await f(); ngx.say("no"); } catch (e) { ngx.say(e.message); } };
        await of(() => sock.receive("*x" as never));
        await of(() => sock.receive("" as never));
        await of(() => sock.receive(-1));
        await of(() => sock.receive({} as never));
        await of(() => sock.receiveany(0));
        await of(() => sock.receiveany("x" as never));
        await of(() => sock.receiveuntil(""));
        await of(() => sock.receiveuntil({} as never));
        await of(() => sock.receiveuntil("x", { inclusive: 1 } as never));
        await of(() => sock.settimeout(-1));
        await of(() => sock.settimeouts(1, "x" as never, 1));
        await of(() => sock.settimeouts(1, undefined as never, null as never)); // as configured
    }
}
--- request
GET /a
--- response_body
bad argument #1 to 'receive' (bad pattern argument)
bad argument #1 to 'receive' (bad pattern argument: )
bad argument #1 to 'receive' (bad number argument)
bad argument #1 to 'receive' (bad argument)
bad argument #1 to 'receiveany' (bad max argument)
bad argument #1 to 'receiveany' (bad max argument)
pattern is empty
bad argument #1 to 'receiveuntil' (string expected, got object)
bad "inclusive" option value type: number
bad timeout value
bad timeout value
no

=== receiveuntil reads up to the pattern, again and again
--- api: tcpsock:receiveuntil
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await sock.send("x");
        const read = sock.receiveuntil("--");
        ngx.say(await read(), "|", await read(), "|", await read(), "|");
        try { await read(); } catch (e) { ngx.say(e.message, " [", e.partial, "]"); }
    }
}
--- request
GET /a
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply chomp
one--two----three-
--- response_body
one|two||
closed [three-]

=== receiveuntil finds patterns that begin again within themselves
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await sock.send("x");
        for (const pattern of ["abcabd", "aa", "aaaaad", "--abc", "abcabdabcabe"]) {
            ngx.say(pattern, ": ", await sock.receiveuntil(pattern)());
        }
    }
}
--- request
GET /a
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply chomp
abcabcabdbaaaaaaaaaaadhello---abcabcabdabcabdabcabe!
--- response_body
abcabd: abc
aa: b
aaaaad: aaaa
--abc: hello-
abcabdabcabe: abcabd

=== receiveuntil across pieces of any size
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
        await sock.send("GET /slow HTTP/1.0\r\n\r\n");
        await sock.receiveuntil("\r\n\r\n")();
        const read = sock.receiveuntil("aab");
        ngx.say(await read(), "|", await read(), "|", await sock.receive("*a"));
    }
}
location /slow {
    ts_http10_buffering off;
    content_by_ts_block {
        for (const piece of ["xa", "a", "aa", "b", "y", "aa", "b", "a", "ab"]) {
            ngx.print(piece);
            await ngx.flush(true);
            await ngx.sleep(0.01);
        }
    }
}
--- request
GET /a
--- response_body
xaa|y|aab

=== receiveuntil with a size gives pieces, and undefined at the pattern
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await sock.send("x");
        const read = sock.receiveuntil("--");
        for (let i = 0; i < 7; i++) ngx.say(JSON.stringify(await read(4)) ?? "undefined");
        ngx.say(await sock.receive("*a"));
    }
}
--- request
GET /a
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply chomp
hello, world-x--abcd--rest
--- response_body
"hell"
"o, w"
"orld"
"-x"
undefined
"abcd"
""
rest

=== receiveuntil with a size, byte by byte, and the pattern included
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await sock.send("x");
        const read = sock.receiveuntil("\r\n", { inclusive: true });
        ngx.say(JSON.stringify(await read()));
        const pieces: unknown[] = [];
        for (let piece = await read(1); piece !== undefined; piece = await read(1)) pieces.push(piece);
        ngx.say(JSON.stringify(pieces));
    }
}
--- request
GET /a
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval: "one\r\na\rb\r\n"
--- response_body
"one\r\n"
["a","\r","b","\r\n"]

=== receiveuntil as an asynchronous iterator
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await sock.send("x");
        for await (const line of sock.receiveuntil("\n")) ngx.say("[", line, "]");
        ngx.say("end");
    }
}
--- request
GET /a
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply
a

bc
--- response_body
[a]
[]
[bc]
end

=== what is left when the iterator meets the end is not lost
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await sock.send("x");
        try {
            for await (const bytes of sock.receiveuntil_buffer(new Uint8Array([59]))) ngx.say(bytes.length);
        } catch (e) { ngx.say(e.message, " ", [...e.partial].join(" ")); }
    }
}
--- request
GET /a
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply chomp
abc;;de
--- response_body
3
0
closed 100 101

=== a long pattern
--- config
location /a {
    content_by_ts_block {
        const pattern = "a".repeat(500) + "b";
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
        await sock.send("GET /long HTTP/1.0\r\n\r\n");
        await sock.receiveuntil("\r\n\r\n")();
        ngx.say(await sock.receiveuntil(pattern)(), "|", await sock.receive());
    }
}
location /long {
    ts_http10_buffering off;
    content_by_ts_block {
        ngx.print("xy", "a".repeat(300));
        await ngx.flush(true);
        await ngx.sleep(0.01);
        ngx.say("a".repeat(203), "brest");
    }
}
--- request
GET /a
--- response_body
xyaaa|rest

=== several ways to read take turns
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await sock.send("x");
        const read = sock.receiveuntil("--");
        ngx.say(await read(2), "|", await sock.receive(3), "|", await read(2), "|", await sock.receive(), "|", await sock.receive("*a"));
    }
}
--- request
GET /a
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval: "abcd-e-f\r\n--tail"
--- response_body
ab|cd-|e-|f|--tail

=== a read timeout leaves the connection as it is
--- api: tcpsock:settimeout
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.tcp();
        await sock.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
        await sock.send("GET /slow HTTP/1.0\r\n\r\n");
        await sock.receiveuntil("\r\n\r\n")();
        sock.settimeout(50);
        try { await sock.receive(); } catch (e) { ngx.say(e.message, " ", e.code, " [", e.partial, "]"); }
        sock.settimeout(3000);
        ngx.say("then: ", await sock.receive());
    }
}
location /slow {
    ts_http10_buffering off;
    content_by_ts_block {
        ngx.print("hel");
        await ngx.flush(true);
        await ngx.sleep(0.3);
        ngx.say("lo");
    }
}
--- request
GET /a
--- response_body
timeout TIMEOUT [hel]
then: lo
--- error_log eval
/ts tcp socket read timed out, upstream: 127\.0\.0\.1:\d+\(127\.0\.0\.1\), client: 127\.0\.0\.1, server: localhost, request: "GET \/a/

=== settimeouts has a time for each
--- api: tcpsock:settimeouts
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.tcp();
        sock.settimeouts(3000, 3000, 40);
        await sock.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await sock.send("x");
        const before = performance.now();
        try { await sock.receive(); } catch (e) { ngx.say(e.message, " ", performance.now() - before < 500); }
    }
}
--- request
GET /a
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply_delay: 5s
--- tcp_reply: late
--- response_body
timeout true

=== ts_socket_read_timeout, and nothing in the log with ts_socket_log_errors off
--- config
location /a {
    ts_socket_read_timeout 40ms;
    ts_socket_log_errors off;
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await sock.send("x");
        try { await sock.receiveuntil("z")(); } catch (e) { ngx.say(e.message); }
        sock.settimeout(60000);
        sock.settimeout(0);
        try { await sock.receive(); } catch (e) { ngx.say(e.message); }
        sock.close();
        try { await sock.receive(); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply_delay: 5s
--- tcp_reply: late
--- response_body
timeout
timeout
closed
--- no_error_log
[error]

=== data that comes in slowly does not time out
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.tcp();
        sock.settimeout(400);
        await sock.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
        await sock.send("GET /slow HTTP/1.0\r\n\r\n");
        await sock.receiveuntil("\r\n\r\n")();
        ngx.say(await sock.receive("*a"));
    }
}
location /slow {
    ts_http10_buffering off;
    content_by_ts_block {
        for (let i = 0; i < 5; i++) { ngx.print(i); await ngx.flush(true); await ngx.sleep(0.12); }
    }
}
--- request
GET /a
--- response_body
01234

=== one read at a time
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        const first = sock.receive();
        for (const f of [() => sock.receive(), () => sock.receiveany(1), () => sock.close(), () => sock.setkeepalive(), () => sock.connect("127.0.0.1", 1)]) {
            try { await f(); ngx.say("no"); } catch (e) { ngx.say(e.message); }
        }
        await sock.send("x");
        ngx.say(await first);
    }
}
--- request
GET /a
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply
hello
--- response_body
socket busy reading
socket busy reading
socket busy reading
socket busy reading
socket busy reading
hello

=== busy connecting
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.tcp();
        const first = sock.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
        try { await sock.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT); } catch (e) { ngx.say(e.message); }
        ngx.say(await first);
    }
}
--- request
GET /a
--- response_body
socket busy connecting
1

=== a connection that is refused
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.tcp();
        try { await sock.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1); } catch (e) { ngx.say(e.message, " ", e.code); }
        try { await sock.send("x"); } catch (e) { ngx.say(e.message); }
        try { sock.close(); } catch (e) { ngx.say(e.message); }
        try { sock.getreusedtimes(); } catch (e) { ngx.say(e.message); }
        try { sock.setkeepalive(); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- response_body
connection refused CONNECTION_REFUSED
closed
closed
closed
closed
--- error_log eval
[/\[error\].*connect\(\) failed \(111: Connection refused\), upstream: 127\.0\.0\.1:\d+\(127\.0\.0\.1\), client/, "attempt to send data on a closed socket"]

=== a refused connection is not logged with ts_socket_log_errors off
--- config
location /a {
    ts_socket_log_errors off;
    content_by_ts_block {
        try { await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- response_body
connection refused
--- no_error_log
[error]

=== connect refuses what is no address
--- config
location /a {
    content_by_ts_block {
        const of = async (...args: unknown[]) => {
            const sock = ngx.socket.tcp();
            try { await sock.connect(...args as [string, number]); ngx.say("no"); } catch (e) { ngx.say(e.message); }
        };
        await of("127.0.0.1");
        await of("127.0.0.1", "x");
        await of("127.0.0.1", 65536);
        await of("127.0.0.1", -1);
        await of(undefined, 80);
        await of("", 80);
        await of("unix:", 0);
        await of("[::1", 80);
        await of("127.0.0.1", 80, { pool_size: 0 });
        await of("127.0.0.1", 80, { pool_size: "x" });
        await of("127.0.0.1", 80, { backlog: -1 });
        await of("127.0.0.1", 80, { pool: {} });
        await of("unix:/x", { pool: true });
    }
}
--- request
GET /a
--- response_body
missing the port number
missing the port number
bad port number: 65536
bad port number: -1
bad argument #1 to 'connect' (string expected, got undefined)
failed to parse host name "": no host
failed to parse host name "unix:": no path in the unix domain socket
failed to parse host name "[::1": invalid host
bad argument #3 to 'connect' (bad "pool_size" option value: 0)
bad argument #3 to 'connect' (bad "pool_size" option type: string)
bad argument #3 to 'connect' (bad "backlog" option value: -1)
bad argument #3 to 'connect' (bad "pool" option type: object)
bad argument #2 to 'connect' (bad "pool" option type: boolean)

=== a socket can connect again, with or without a close before
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.tcp();
        for (let i = 0; i < 3; i++) {
            await sock.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
            await sock.send("GET /foo?" + i + " HTTP/1.0\r\n\r\n");
            ngx.say(await sock.receive(15), (await sock.receive("*a")).slice(-1));
            if (i === 0) sock.close();
        }
    }
}
location /foo { return 200 $args; }
--- request
GET /a
--- response_body
HTTP/1.1 200 OK0
HTTP/1.1 200 OK1
HTTP/1.1 200 OK2

=== a unix socket
--- api: ngx.socket.stream
--- http_config
server {
    listen unix:$TEST_NGINX_HTML_DIR/s.sock;
    location / { return 200 "by unix"; }
}
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.stream();
        ngx.say(await sock.connect("unix:$TEST_NGINX_HTML_DIR/s.sock"));
        await sock.send("GET / HTTP/1.0\r\n\r\n");
        await sock.receiveuntil("\r\n\r\n")();
        ngx.say(await sock.receive("*a"));
        const other = ngx.socket.tcp();
        try { await other.connect("unix:$TEST_NGINX_HTML_DIR/none.sock"); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- response_body
1
by unix
no such file or directory
--- error_log eval
/\[crit\].*connect\(\) to unix:\S+none\.sock failed \(2: No such file or directory\), upstream: unix:\S+none\.sock\(unix:\S+none\.sock\), client/

=== IPv6
--- http_config
server {
    listen [::1]:$TEST_NGINX_RAND_PORT_2;
    location / { return 200 "$server_addr"; }
}
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("[::1]", $TEST_NGINX_RAND_PORT_2);
        await sock.send("GET / HTTP/1.0\r\n\r\n");
        await sock.receiveuntil("\r\n\r\n")();
        ngx.say(await sock.receive("*a"));
    }
}
--- request
GET /a
--- response_body
::1

=== a name without a resolver
--- api: ngx.socket.connect
--- config
location /a {
    content_by_ts_block {
        try { await ngx.socket.connect("blah.example.com", 80); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- response_body
no resolver defined to resolve "blah.example.com"

=== a name that the resolver finds
--- config
location /a {
    resolver 127.0.0.1:$TEST_NGINX_RAND_PORT_1 ipv6=off;
    content_by_ts_block {
        const sock = await ngx.socket.connect("some.example", $TEST_NGINX_SERVER_PORT);
        await sock.send("GET /foo HTTP/1.0\r\n\r\n");
        ngx.say(await sock.receive());
    }
}
location /foo { return 204; }
--- request
GET /a
--- udp_listen: $TEST_NGINX_RAND_PORT_1
--- udp_reply eval: (query) => query.slice(0, 2) + "\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00" + query.slice(12) + "\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\x7f\x00\x00\x01"
--- response_body
HTTP/1.1 204 No Content

=== a name that the resolver does not find
--- config
location /a {
    resolver 127.0.0.1:$TEST_NGINX_RAND_PORT_1 ipv6=off;
    content_by_ts_block {
        try { await ngx.socket.connect("none.example", 80); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- udp_listen: $TEST_NGINX_RAND_PORT_1
--- udp_reply eval: (query) => query.slice(0, 2) + "\x81\x83\x00\x01\x00\x00\x00\x00\x00\x00" + query.slice(12)
--- response_body
none.example could not be resolved (3: Host not found)

=== a resolver that does not answer
--- config
location /a {
    resolver 127.0.0.1:$TEST_NGINX_RAND_PORT_1 ipv6=off;
    resolver_timeout 100ms;
    content_by_ts_block {
        try { await ngx.socket.connect("slow.example", 80); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- udp_listen: $TEST_NGINX_RAND_PORT_1
--- response_body
slow.example could not be resolved (110: Operation timed out)

=== bind: the local address
--- api: tcpsock:bind
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.tcp();
        ngx.say(sock.bind("127.0.0.7"));
        await sock.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
        await sock.send("GET /who HTTP/1.0\r\n\r\n");
        await sock.receiveuntil("\r\n\r\n")();
        ngx.say(await sock.receive("*a"));
        for (const args of [["localhost"], ["127.0.0.1", 70000], ["127.0.0.1", "x"], []]) {
            try { sock.bind(...args as [string, number]); ngx.say("no"); } catch (e) { ngx.say(e.message); }
        }
    }
}
location /who { return 200 $remote_addr; }
--- request
GET /a
--- response_body
true
127.0.0.7
bad address
bad port number: 70000
expecting port to be anumber but got type: string
bad argument #1 to 'bind' (string expected, got undefined)

=== bind to an address that is not ours
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.tcp();
        sock.bind("192.0.2.1");
        try { await sock.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- response_body
cannot assign requested address
--- error_log eval
/\[crit\].*bind\(192\.0\.2\.1\) failed \(99: Cannot assign requested address\), upstream: /

=== send takes text, bytes, numbers and nested arrays
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        const sent = [
            await sock.send("ü"), await sock.send(["a", ["b", [12, 3.5]], new Uint8Array([33]), "€"]), await sock.send(new Uint8Array([255, 0]).buffer),
            await sock.send(42), await sock.send(true), await sock.send(null), await sock.send(""), await sock.send([]),
        ];
        ngx.say(sent.join(" "));
        ngx.say(await sock.receive());
    }
}
--- request
GET /a
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_query eval: "\xc3\xbcab123.5!\xe2\x82\xac\xff\x0042truenull"
--- tcp_reply
ok
--- response_body
2 11 2 2 4 4 0 0
ok

=== send refuses what is no data
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
        for (const data of [{}, [undefined], ["a", [null]], [true], Symbol("x"), () => 1]) {
            try { await sock.send(data as never); ngx.say("no"); } catch (e) { ngx.say(e.message); }
        }
    }
}
--- request
GET /a
--- response_body
bad argument #1 to 'send' (string, number, boolean, nil, or array table expected, got object)
bad argument #1 to 'send' (bad data type undefined found)
bad argument #1 to 'send' (bad data type null found)
bad argument #1 to 'send' (bad data type boolean found)
bad argument #1 to 'send' (string, number, boolean, nil, or array table expected, got symbol)
bad argument #1 to 'send' (string, number, boolean, nil, or array table expected, got function)

=== a large send waits until all has been taken
--- config
client_max_body_size 20m;
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
        const size = 8 * 1024 * 1024;
        await sock.send("POST /count HTTP/1.0\r\nContent-Length: " + size + "\r\n\r\n");
        const sending = sock.send("x".repeat(size));
        try { await sock.send("y"); ngx.say("sent at once"); } catch (e) { ngx.say(e.message); }
        try { sock.close(); } catch (e) { ngx.say(e.message); }
        ngx.say(await sending);
        await sock.receiveuntil("\r\n\r\n")();
        ngx.say(await sock.receive("*a"));
    }
}
location /count {
    content_by_ts_block {
        await ngx.sleep(0.2);
        const body = ngx.req.socket();
        let n = 0;
        try { for (;;) n += (await body.receiveany(65536)).length; } catch (e) { ngx.print(n, " ", e.message); }
    }
}
--- request
GET /a
--- response_body
socket busy writing
socket busy writing
8388608
8388608 closed

=== a send that nobody takes times out
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.tcp();
        sock.settimeouts(1000, 60, 1000);
        await sock.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
        await sock.send("POST /stuck HTTP/1.0\r\nContent-Length: 33554432\r\n\r\n");
        try { await sock.send("x".repeat(33554432)); ngx.say("no"); } catch (e) { ngx.say(e.message); }
        try { await sock.send("x"); } catch (e) { ngx.say(e.message); }
    }
}
location /stuck {
    client_max_body_size 40m;
    content_by_ts_block { await ngx.sleep(0.3); }
}
--- request
GET /a
--- response_body
timeout
closed
--- error_log
ts tcp socket write timed out

=== after the peer has closed its side one can still send
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
        await sock.send("GET /foo HTTP/1.0\r\n\r\n");
        await sock.receive("*a");
        try { await sock.receive(); } catch (e) { ngx.say(e.message); }
        ngx.say(await sock.send("more"));
        ngx.say(sock.close());
    }
}
location /foo { return 204; }
--- request
GET /a
--- response_body
closed
4
1

=== a connection that the peer resets
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
        await sock.send("GET /reset HTTP/1.0\r\n\r\n");
        try { await sock.receive(); } catch (e) { ngx.say(e.message); }
        try { await sock.send("x"); } catch (e) { ngx.say(e.message); }
    }
}
location /reset {
    reset_timedout_connection on;
    return 444;
}
--- request
GET /a
--- response_body
connection reset by peer
broken pipe

=== two sockets do not mix
--- config
location /a {
    content_by_ts_block {
        const open = async (n: number) => {
            const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
            await sock.send("GET /foo?" + n + " HTTP/1.0\r\n\r\n");
            return sock;
        };
        const [one, two] = await Promise.all([open(1), open(2)]);
        const last = async (sock: typeof one) => (await sock.receive("*a")).slice(-1);
        ngx.say((await Promise.all([last(two), last(one)])).join(" "));
    }
}
location /foo { return 200 $args; }
--- request
GET /a
--- response_body
2 1

=== a socket of one request cannot be used from another
--- user_files
>>> kept.ts
export const kept: { sock?: any } = {};
--- http_config
ts_package_path $TEST_NGINX_HTML_DIR;
--- config
location /make {
    content_by_ts_block {
        import { kept } from "kept";
        kept.sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
        ngx.say("made");
    }
}
location /use {
    content_by_ts_block {
        import { kept } from "kept";
        const { sock } = kept;
        const of = async (f: () => unknown) => { try { await f(); ngx.say("no"); } catch (e) { ngx.say(e.message); } };
        await of(() => sock.connect("127.0.0.1", 1));
        await of(() => sock.send("x"));
        await of(() => sock.receive());
        await of(() => sock.receiveany(1));
        await of(() => sock.receiveuntil("x"));
        await of(() => sock.close());
        await of(() => sock.setkeepalive());
        await of(() => sock.getreusedtimes());
        await of(() => sock.settimeout(1));
    }
}
--- request eval
["GET /make", "GET /use"]
--- response_body eval
["made\n", "bad request\n".repeat(9)]

=== connections are closed when their request ends
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
        await sock.send("GET /told HTTP/1.1\r\nHost: x\r\n\r\n");
        await sock.receive();
        ngx.say("done");
    }
}
location /told {
    ts_http10_buffering off;
    ts_check_client_abort on;
    content_by_ts_block {
        ngx.on_abort(() => { ngx.log(ngx.NOTICE, "the connection was closed"); ngx.exit(499); });
        ngx.say("x");
        await ngx.flush(true);
        await ngx.sleep(10);
    }
}
--- request
GET /a
--- response_body
done
--- error_log
the connection was closed

=== what a request waits for ends with it
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
        sock.receive().then(() => ngx.log(ngx.ERR, "came"), (e) => ngx.log(ngx.ERR, "failed ", e.message));
        ngx.say("done");
    }
}
--- request
GET /a
--- response_body
done
--- wait: 0.1
--- no_error_log
[error]

=== sockets in a timer
--- config
location /a {
    content_by_ts_block {
        ngx.timer.at(0, async () => {
            const sock = ngx.socket.tcp();
            await sock.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
            await sock.send("GET /foo HTTP/1.0\r\n\r\n");
            ngx.log(ngx.NOTICE, "timer read ", await sock.receive());
            sock.close();
        });
        ngx.say("ok");
    }
}
location /foo { return 204; }
--- request
GET /a
--- response_body
ok
--- error_log
timer read HTTP/1.1 204 No Content

=== a timer's errors tell of the timer and its client
--- http_config
ts_socket_connect_timeout 1s;
--- config
location /a {
    content_by_ts_block {
        ngx.timer.at(0, async () => {
            try { await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1); }
            catch (e) { ngx.log(ngx.NOTICE, "caught ", e.message); }
        });
        ngx.say("ok");
    }
}
--- request
GET /a
--- response_body
ok
--- error_log eval
[/caught connection refused/, /connect\(\) failed \(111: Connection refused\), upstream: 127\.0\.0\.1:\d+\(127\.0\.0\.1\), context: ngx\.timer, client: 127\.0\.0\.1/]

=== options of a connection
--- api: tcpsock:getoption, tcpsock:setoption
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.tcp();
        const of = (f: () => unknown) => { try { ngx.say(String(f())); } catch (e) { ngx.say(e.message); } };
        of(() => sock.getoption("keepalive"));
        await sock.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
        of(() => sock.getoption("keepalive"));
        of(() => sock.setoption("keepalive", true));
        of(() => sock.getoption("keepalive"));
        of(() => sock.getoption("tcp-nodelay"));
        of(() => sock.setoption("tcp-nodelay", 0));
        of(() => sock.getoption("tcp-nodelay"));
        of(() => sock.setoption("sndbuf" as never, 1024));
        of(() => sock.getoption("nonsense" as never));
        of(() => (sock as any).setoption());
        of(() => (sock as any).setoption("keepalive"));
        sock.close();
        of(() => sock.setoption("keepalive", true));
    }
}
--- request
GET /a
--- response_body
socket is never created nor connected
0
true
1
1
true
0
unsupported option sndbuf
unsupported option nonsense
missing the "option" argument
missing the "value" argument
closed

=== tcp_nodelay off is kept
--- config
location /a {
    tcp_nodelay off;
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
        ngx.say(sock.getoption("tcp-nodelay"));
    }
}
--- request
GET /a
--- response_body
0

=== nothing of the worker shows through a socket
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
        ngx.say(JSON.stringify(sock), " ", Object.getOwnPropertyNames(sock).length, " ", Reflect.ownKeys(ngx.socket).length);
        const Made = sock.constructor as any;
        try { new Made({ slot: 0 }).close(); ngx.say("no"); } catch (e) { ngx.say("refused"); }
    }
}
--- request
GET /a
--- response_body
{} 0 0
refused

=== bad values of the directives
--- config
location /a {
    ts_socket_pool_size many;
}
--- must_die
--- error_log
"ts_socket_pool_size" directive invalid number

=== ts_socket_send_lowat is taken, and has no effect
--- config
location /a {
    ts_socket_send_lowat 1k;
    return 200 ok;
}
--- request
GET /a
--- response_body chomp
ok
--- error_log
"ts_send_lowat" is not supported, ignored

=== killing a thread stops what it waits for, and the socket can be read again
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        const thread = ngx.thread.spawn(() => sock.receive());
        await ngx.sleep(0.01);
        try { await sock.receive(); } catch (e) { ngx.say(e.message); }
        ngx.thread.kill(thread);
        await sock.send("x");
        ngx.say(await sock.receive());
        const connecting = ngx.thread.spawn(async () => ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, { pool: "k", pool_size: 1, backlog: 1 }));
        ngx.thread.kill(connecting);
        ngx.say((await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, { pool: "k", pool_size: 1, backlog: 0 })).getreusedtimes());
    }
}
--- request
GET /a
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply
hello
--- response_body
socket busy reading
hello
0

=== the client goes away: what was waited for is given up
--- config
location /a {
    ts_check_client_abort on;
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
        await sock.send("GET /told HTTP/1.1\r\nHost: x\r\n\r\n");
        await sock.receive("*a");
    }
}
location /client {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
        await sock.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
        await ngx.sleep(0.15);
        sock.close();
        ngx.say("closed");
    }
}
location /told {
    ts_check_client_abort on;
    content_by_ts_block {
        ngx.on_abort(() => { ngx.log(ngx.NOTICE, "the connection was closed too"); ngx.exit(499); });
        await ngx.sleep(10);
    }
}
--- request
GET /client
--- response_body
closed
--- error_log
the connection was closed too

=== a read of more than a worker is to hold fails
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
        await sock.send("GET /endless HTTP/1.0\r\n\r\n");
        try { await sock.receive("*a"); ngx.say("no"); } catch (e) { ngx.say(e.message); }
        try { await sock.receive(1); } catch (e) { ngx.say(e.message); }
    }
}
location /endless {
    ts_http10_buffering off;
    content_by_ts_block {
        const megabyte = "x".repeat(1048576);
        for (let i = 0; i < 80; i++) { ngx.print(megabyte); await ngx.flush(true); }
    }
}
--- request
GET /a
--- timeout: 10s
--- response_body
no memory
closed

=== the types of sockets, as they are used
--- http_config
ts_check_types on;
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, { pool_size: 20, backlog: 100 });
        const sent: number = await sock.send(["GET /none HTTP/1.0\r\n", 1, [new Uint8Array(0)], "\r\n\r\n"]);
        const read = sock.receiveuntil("\r\n", { inclusive: true });
        const piece: string | undefined = await read(5);
        const use = async () => {
            for await (const line of sock.receiveuntil_buffer("\n")) ngx.say(line.length);
            await sock.sslhandshake(await sock.sslhandshake(undefined, "x", true));
            const yes: true = await sock.sslhandshake(false);
            sock.setkeepalive(1, 2);
            const udp = ngx.socket.udp();
            await udp.setpeername("127.0.0.1", 9);
            await ngx.req.socket(true).send([yes ? "x" : 1, await udp.receive(1)]);
            return (await ngx.req.socket().receive_buffer("*a")).byteLength;
        };
        ngx.say(piece, " ", sent, " ", typeof use);
    }
}
--- request
GET /a
--- response_body
HTTP/ 25 function

=== and as they are not
--- http_config
ts_check_types on;
--- config
location /a {
    content_by_ts_block {
        await ngx.req.socket().send("x");
        const n: number = await ngx.socket.tcp().receive(3);
        ngx.socket.tcp().setoption("sndbuf", 1);
        ngx.say(n);
    }
}
--- must_die
--- error_log
nginx.conf:7:32: TS2339: Property 'send' does not exist on type 'RequestSocket'.
nginx.conf:8:15: TS2322: Type 'string' is not assignable to type 'number'.
nginx.conf:9:36: TS2345: Argument of type '"sndbuf"' is not assignable

=== in an isolate that is visited on a thread, since it had to be cut off
--- http_config
ts_cpu_limit 100ms;
--- config
location /loop { content_by_ts_block { for (;;) {} } }
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
        await sock.send("GET /foo HTTP/1.0\r\n\r\n");
        await sock.receiveuntil("\r\n\r\n")();
        ngx.say(await sock.receive(2), " ", await sock.receive("*a"));
        try { await sock.receive(); } catch (e) { ngx.say(e.message); }
        ngx.say(sock.close());
    }
}
location /foo { return 200 "foobar"; }
--- request eval
["GET /loop", "GET /a", "GET /a"]
--- error_code eval
[500, 200, 200]
--- response_body_like eval
[/500/, /^fo obar\nclosed\n1\n$/, /^fo obar\nclosed\n1\n$/]

=== getfd: the number of the descriptor
--- api: tcpsock:getfd
--- config
location /t {
    content_by_ts_block {
        const [a, b] = [ngx.socket.tcp(), ngx.socket.tcp()];
        try { a.getfd(); } catch (e) { ngx.say(e.message); }
        await a.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
        await b.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
        ngx.say(a.getfd() > 2, b.getfd() > 2, a.getfd() === a.getfd(), a.getfd() !== b.getfd());
        a.close();
        try { a.getfd(); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /t
--- response_body
socket is never created nor connected
truetruetruetrue
closed

=== what is called while a connection is being made
--- config
location /a {
    ts_socket_log_errors off;
    content_by_ts_block {
        const sock = ngx.socket.tcp();
        const failed = async (f: () => unknown) => {
            try { ngx.say(await f()); } catch (e) { ngx.say(e.message); }
        };
        const connecting = failed(() => sock.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT));
        await failed(() => sock.receive());
        await failed(() => sock.receiveuntil("x")());
        await failed(() => sock.send("x"));
        await failed(() => sock.getreusedtimes());
        await failed(() => sock.setkeepalive());
        await failed(() => sock.sslhandshake());
        await failed(() => sock.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT));
        await failed(() => sock.close());
        await connecting;
    }
}
--- request
GET /a
--- response_body
socket busy connecting
socket busy connecting
socket busy connecting
0
socket busy connecting
socket busy connecting
socket busy connecting
socket busy connecting
1

=== a handshake that takes too long
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.tcp();
        await sock.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        sock.settimeout(10);
        try { await sock.sslhandshake(); } catch (e) { ngx.say(e.message); }
    }
}
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply_delay: 3
--- request
GET /a
--- response_body
timeout
--- no_error_log
[error]

=== a read by a pattern of a socket that is closed is not worth a line in the log
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
        const read = sock.receiveuntil("x");
        sock.close();
        try { await read(); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- response_body
closed
--- no_error_log
[error]

=== the size of a pool only matters where there is none yet
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.tcp();
        const pool = crypto.randomUUID();
        await sock.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, { pool });
        for (const size of [0, -1]) {
            try { sock.setkeepalive(1000, size); } catch (e) { ngx.say(e.message); }
        }
        ngx.say(sock.setkeepalive(1000, 3));
        await sock.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT, { pool });
        ngx.say(sock.getreusedtimes(), " ", sock.setkeepalive(1, 0));
    }
}
--- request
GET /a
--- response_body
bad argument #2 to 'setkeepalive' (bad "pool_size" option value: 0)
bad argument #2 to 'setkeepalive' (bad "pool_size" option value: -1)
1
1 1

=== a peer that resets the connection is told of once, in the answer and in the log
--- http_config
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    location / { reset_timedout_connection on; return 444; }
}
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await sock.send("GET / HTTP/1.0\r\n\r\n");
        for (const f of [() => sock.receive(), () => sock.receive(), () => sock.send("x"), () => sock.close()]) {
            try { ngx.say(await f()); } catch (e) { ngx.say(e.message); }
        }
    }
}
--- request
GET /a
--- response_body
connection reset by peer
closed
broken pipe
closed
--- error_log eval
[/\[error\].*recv\(\) failed \(104: Connection reset by peer\), client/, /\[error\].*send\(\) failed \(32: Broken pipe\), client/]

=== what is sent to a peer that has closed the connection
--- http_config
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    location / { return 444; }
}
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await sock.send("GET / HTTP/1.0\r\n\r\n");
        try { await sock.receive(); } catch (e) { ngx.say(e.message); }
        try { for (;;) await sock.send("x"); } catch (e) { ngx.say(e.message); }
        try { await sock.send("x"); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- response_body
closed
broken pipe
closed
--- error_log eval
[/\[error\].*send\(\) failed \(32: Broken pipe\), client/, "attempt to send data on a closed socket"]

=== a peer that resets the connection while much is sent: the send is told, what follows finds it closed
--- http_config
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    location / { reset_timedout_connection on; return 444; }
}
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        try { await sock.send("POST / HTTP/1.0\r\n\r\n" + "x".repeat(30_000_000)); } catch (e) { ngx.say(e.message); }
        try { await sock.receive(1); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- response_body_like eval
/^(connection reset by peer|broken pipe)\nclosed\n$/
--- error_log
send() failed
