# ngx.req.socket: the request's body as a stream, and the client's connection.

=== the body in pieces
--- api: ngx.req.socket
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.req.socket();
        ngx.say(await sock.receive(5), "|", await sock.receive(), "|", await sock.receive("*a"));
    }
}
--- request
POST /a
hello world
second line
--- response_body
hello| world|second line

=== the end of the body is the end of the stream
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.req.socket();
        try { await sock.receive(100); } catch (e) { ngx.say(e.message, " [", e.partial, "]"); }
        try { await sock.receive(); } catch (e) { ngx.say(e.message, " [", e.partial, "]"); }
    }
}
--- request
POST /a
hello
--- response_body
closed [hello]
closed []

=== a body that comes slowly, read by a pattern
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.req.socket();
        const pieces: unknown[] = [];
        const read = sock.receiveuntil("\r\n--b");
        for (let piece = await read(4); piece !== undefined; piece = await read(4)) pieces.push(piece);
        ngx.say(JSON.stringify(pieces), " ", await sock.receiveany(10));
    }
}
--- request eval
[["POST /a\n", "one ", { value: "two\r", delay_before: 0.02 }, { value: "\n-", delay_before: 0.02 }, { value: "-b--", delay_before: 0.02 }]]
--- response_body
["one ","two"] --

=== bytes
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.req.socket();
        ngx.say([...await sock.receive_buffer(2)].join(" "), " ", [...await sock.receive_buffer("*a")].join(" "));
    }
}
--- request eval
"POST /a\n\xff\xfe\x00\xc3\xbc"
--- response_body
255 254 0 195 188

=== a large body
--- config
client_max_body_size 10m;
location /a {
    content_by_ts_block {
        const sock = ngx.req.socket();
        let size = 0;
        let pieces = 0;
        try { for (;;) { size += (await sock.receive_buffer(100000)).length; pieces++; } }
        catch (e) { size += e.partial.length; }
        ngx.say(size, " ", pieces);
    }
}
--- request eval
"POST /a\n" + "0123456789".repeat(123456)
--- response_body
1234560 12

=== a chunked body
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.req.socket();
        ngx.say(await sock.receive("*a"));
    }
}
--- raw_request eval
["POST /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n", "3\r\nabc\r\n", "4\r\ndefg\r\n0\r\n\r\n"]
--- response_body
abcdefg

=== no body
--- config
location /a {
    content_by_ts_block {
        try { ngx.req.socket(); ngx.say("no"); } catch (e) { ngx.say(e.message); }
    }
}
--- request eval
["GET /a", "POST /a"]
--- response_body eval
["no body\n", "no body\n"]

=== a body that has been read, or dropped, or is being read
--- config
location /read {
    content_by_ts_block {
        await ngx.req.read_body();
        try { ngx.req.socket(); ngx.say("no"); } catch (e) { ngx.say(e.message); }
    }
}
location /twice {
    content_by_ts_block {
        const sock = ngx.req.socket();
        try { ngx.req.socket(); ngx.say("no"); } catch (e) { ngx.say(e.message); }
        ngx.say(await sock.receive("*a"));
    }
}
--- request eval
["POST /read\nbody", "POST /twice\nbody"]
--- response_body eval
["request body already exists\n", "request body already exists\nbody\n"]

=== phases in which there is a body to read
--- config
location /rewrite { rewrite_by_ts_block { ngx.say(await ngx.req.socket().receive(4)); } content_by_ts_block { ngx.say("c"); } }
location /access { access_by_ts_block { ngx.ctx.first = await ngx.req.socket().receive(2); } content_by_ts_block { ngx.say(ngx.ctx.first); } }
location /filter {
    content_by_ts_block { ngx.say("x"); }
    header_filter_by_ts_block { try { ngx.req.socket(); } catch (e) { ngx.header["X-Error"] = e.message; } }
}
location /log {
    return 200 "x";
    log_by_ts_block { try { ngx.req.socket(); } catch (e) { ngx.log(ngx.NOTICE, "said: ", e.message); } }
}
--- request eval
["POST /rewrite\nbody", "POST /access\nbody", "POST /filter\nbody", "POST /log\nbody"]
--- response_body eval
["body\n", "bo\n", "x\n", "x"]
--- response_headers_like eval
["", "", "X-Error: API disabled in the context of header_filter_by_ts\\*", ""]
--- error_log
said: API disabled in the context of log_by_ts*

=== a subrequest has no body of its own
--- config
location /sub { content_by_ts_block { try { ngx.req.socket(); ngx.say("no"); } catch (e) { ngx.say(e.message); } } }
location /a { content_by_ts_block { ngx.print((await ngx.location.capture("/sub", { method: "POST", body: "x" })).body); } }
--- request
POST /a
body
--- response_body
attempt to read the request body in a subrequest

=== a timer has none at all
--- config
location /a {
    content_by_ts_block {
        const mine = ngx;
        ngx.timer.at(0, () => {
            try { mine.req.socket(); } catch (e) { mine.log(mine.NOTICE, "timer: ", e.message); }
        });
        ngx.say("ok");
    }
}
--- request
POST /a
body
--- response_body
ok
--- error_log
timer: no request found

=== a read timeout, after which one can read on
--- config
location /a {
    client_body_timeout 30ms;
    content_by_ts_block {
        const sock = ngx.req.socket();
        sock.settimeout(60);
        try { await sock.receive(6); } catch (e) { ngx.say(e.message, " [", e.partial, "]"); }
        sock.settimeout(2000);
        ngx.say(await sock.receive(3));
    }
}
--- request eval
[["POST /a\n", "abc", { value: "def", delay_before: 0.3 }]]
--- response_body
timeout [abc]
def
--- error_log
ts tcp socket read timed out

=== ts_socket_read_timeout holds for the body too
--- config
location /a {
    ts_socket_read_timeout 50ms;
    content_by_ts_block {
        try { await ngx.req.socket().receive(6); } catch (e) { ngx.say(e.message); }
    }
}
--- raw_request eval
"POST /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 6\r\n\r\nabc"
--- response_body
timeout

=== the client goes away in the middle of the body
--- config
location /a {
    content_by_ts_block {
        try { await ngx.req.socket().receive(100); } catch (e) { ngx.log(ngx.NOTICE, "it said: ", e.message, " [", e.partial, "]"); }
    }
}
--- raw_request eval
"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc"
--- shutdown
--- ignore_response
--- error_log
it said: client aborted [abc]

=== what is not read of the body does not become the next request
--- config
location /a {
    content_by_ts_block {
        ngx.say(await ngx.req.socket().receive(3));
    }
}
--- raw_request eval
"POST /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 39\r\n\r\nabcGET /evil HTTP/1.1\r\nHost: x\r\n\r\n12345"
--- response_body
abc
--- no_access_log
evil

=== Expect: 100-continue is answered when the body is read
--- config
location /a { content_by_ts_block { ngx.print(await ngx.req.socket().receive("*a")); } }
--- raw_request eval
["POST /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n", { value: "ok", delay_before: 0.1 }]
--- error_code eval
[100, 200]
--- response_body eval
["", "ok"]

=== a body's socket can only be read
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.req.socket() as any;
        ngx.say(typeof sock.send, " ", typeof sock.close, " ", typeof sock.setkeepalive, " ", typeof sock.connect);
        const kept = sock.receive("*a");
        try { await sock.receive(); } catch (e) { ngx.say(e.message); }
        ngx.say(await kept);
    }
}
--- request eval
[["POST /a\n", "a", { value: "b", delay_before: 0.05 }]]
--- response_body
undefined undefined undefined undefined
socket busy reading
ab

=== raw: the connection both ways, after the head has been sent
--- config
location /a {
    content_by_ts_block {
        ngx.status = 101;
        ngx.header["Upgrade"] = "mysock";
        ngx.send_headers();
        await ngx.flush(true);
        const sock = ngx.req.socket(true);
        for (let i = 0; i < 3; i++) {
            const line = await sock.receive();
            await sock.send(["got ", line, "\n"]);
        }
    }
}
location /client {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
        await sock.send("GET /a HTTP/1.1\r\nHost: x\r\nUpgrade: mysock\r\nConnection: upgrade\r\n\r\none\ntwo\n");
        ngx.say((await sock.receive()).trim());
        await sock.receiveuntil("\r\n\r\n")();
        ngx.say(await sock.receive(), ", ", await sock.receive());
        await sock.send("three\n");
        ngx.print(await sock.receive("*a"));
    }
}
--- request
GET /client
--- response_body
HTTP/1.1 101 Switching Protocols
got one, got two
got three


=== raw: before the head has been sent, everything is the script's
--- config
location /a {
    content_by_ts_block {
        ngx.status = 101;
        const sock = ngx.req.socket(true);
        ngx.log(ngx.NOTICE, "sent ", await sock.send("HTTP/1.1 207 Own\r\nX-Own: yes\r\nContent-Length: 5\r\n\r\nhello"));
    }
}
--- request
GET /a
--- error_code: 207
--- response_headers
X-Own: yes
! Server
--- response_body chomp
hello
--- error_log
sent 56

=== raw: the body belongs to what is read
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.req.socket(true);
        const body = await sock.receive(5);
        const behind = await sock.receive();
        await sock.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n" + body + behind);
    }
}
--- raw_request eval
["POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe", "llo12", "345\n"]
--- response_body chomp
hello12345

=== raw: a body that has been read before is not there again
--- config
location /a {
    content_by_ts_block {
        await ngx.req.read_body();
        const sock = ngx.req.socket(true);
        const behind = await sock.receive();
        await sock.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n" + ngx.req.get_body_data() + behind);
    }
}
--- raw_request eval
"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhellomore\n"
--- response_body chomp
hellomore

=== raw: chunks come as they are
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.req.socket(true);
        const raw = await sock.receiveuntil("0\r\n\r\n")();
        await sock.send("HTTP/1.0 200 OK\r\n\r\n" + JSON.stringify(raw));
    }
}
--- raw_request eval
"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
--- response_body chomp
"3\r\nabc\r\n"

=== raw: twice
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.req.socket(true);
        try { ngx.req.socket(true); } catch (e) { await sock.send("HTTP/1.0 200 OK\r\n\r\n" + e.message + "\n"); }
    }
}
--- request
GET /a
--- response_body
duplicate call

=== raw: while somebody reads the body
--- config
location /a {
    content_by_ts_block {
        const body = ngx.req.socket();
        const reading = body.receive(5);
        try { ngx.req.socket(true); ngx.say("no"); } catch (e) { ngx.say(e.message); }
        ngx.say(await reading);
    }
}
--- request eval
[["POST /a\n", "he", { value: "llo", delay_before: 0.05 }]]
--- response_body
pending request body reading in some other thread
hello

=== raw: nothing else can be said
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.req.socket(true);
        const said: string[] = [];
        const of = async (f: () => unknown) => { try { await f(); said.push("no"); } catch (e) { said.push(e.message); } };
        await of(() => ngx.say("x"));
        await of(() => ngx.print("x"));
        await of(() => ngx.flush(true));
        await of(() => ngx.eof());
        said.push(String(ngx.headers_sent));
        await sock.send("HTTP/1.0 200 OK\r\n\r\n" + said.join("\n") + "\n");
    }
}
--- request
GET /a
--- response_body
raw request socket acquired
raw request socket acquired
raw request socket acquired
raw request socket acquired
true

=== raw: what was said before leaves first
--- config
location /a {
    content_by_ts_block {
        ngx.header["Content-Length"] = 10;
        ngx.print("first");
        const sock = ngx.req.socket(true);
        await sock.send("after");
    }
}
--- request
GET /a
--- response_headers
Content-Length: 10
--- response_body chomp
firstafter

=== raw: bytes, and much of them
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.req.socket(true);
        await sock.send("HTTP/1.0 200 OK\r\n\r\n");
        let sent = 0;
        for (let i = 0; i < 20; i++) sent += await sock.send(new Uint8Array(100000).fill(120));
        await sock.send(new Uint8Array([255, 10]));
        ngx.log(ngx.NOTICE, "sent ", sent);
    }
}
--- request
GET /a
--- response_body eval
"x".repeat(2000000) + "\xff\n"
--- error_log
sent 2000000

=== raw: the client closes
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.req.socket(true);
        try { await sock.receive(); } catch (e) { ngx.log(ngx.NOTICE, "then: ", e.message, " [", e.partial, "]"); }
    }
}
--- raw_request eval
"GET /a HTTP/1.1\r\nHost: x\r\n\r\nhalf"
--- shutdown
--- ignore_response
--- error_log
then: closed [half]

=== raw: the connection ends with the request
--- config
location /a {
    keepalive_timeout 60s;
    content_by_ts_block {
        await ngx.req.socket(true).send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }
}
--- raw_request eval
"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
--- response_body chomp
ok

=== raw: a timeout
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.req.socket(true);
        sock.settimeouts(0, 1000, 40);
        try { await sock.receive(3); } catch (e) { await sock.send("HTTP/1.0 200 OK\r\n\r\n" + e.message + " [" + e.partial + "]\n"); }
    }
}
--- raw_request eval
"GET /a HTTP/1.1\r\nHost: x\r\n\r\nab"
--- response_body
timeout [ab]

=== raw, with ts_check_client_abort: a read that waits is told, and without one on_abort is called
--- config
ts_check_client_abort on;
location /reading {
    content_by_ts_block {
        const sock = ngx.req.socket(true);
        ngx.on_abort(() => ngx.log(ngx.NOTICE, "called for nothing"));
        await sock.receive(5);
        await sock.send("x\n");
        try { await sock.receive(); } catch (e) { ngx.log(ngx.NOTICE, "the read says ", e.message); }
    }
}
location /sleeping {
    content_by_ts_block {
        const sock = ngx.req.socket(true);
        ngx.on_abort(() => { ngx.log(ngx.NOTICE, "on_abort was called"); ngx.exit(499); });
        await sock.receive(5);
        await sock.send("x\n");
        await ngx.sleep(10);
    }
}
location /client {
    content_by_ts_block {
        for (const path of ["/reading", "/sleeping"]) {
            const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
            await sock.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\nhello");
            ngx.say(await sock.receive());
            await ngx.sleep(0.05);
            sock.close();
        }
    }
}
--- request
GET /client
--- response_body
x
x
--- error_log eval
[/the read says client aborted/, /on_abort was called/]
--- no_error_log
called for nothing

=== no raw socket while what was said waits for its length
--- config
location /a {
    content_by_ts_block {
        ngx.say("before");
        await ngx.flush(true);
        try { ngx.req.socket(true); } catch (e) { ngx.say(e.message); }
    }
}
--- raw_request eval
"GET /a HTTP/1.0\r\n\r\n"
--- response_body
before
http 1.0 buffering

=== a protocol of the script's own behind a 101
--- config
location /a {
    content_by_ts_block {
        ngx.status = 101;
        ngx.header.Upgrade = "echo";
        ngx.send_headers();
        await ngx.flush(true);
        const sock = ngx.req.socket(true);
        await sock.send("got " + await sock.receive() + "\n");
    }
}
--- raw_request eval
"GET /a HTTP/1.1\r\nHost: x\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\nhello\n"
--- ignore_response
--- error_code: 101
--- raw_response_headers_like: ^HTTP/1.1 101 Switching Protocols\r\n

=== behind a 101 there is no body to be read: what comes is the other protocol's
--- config
location /a {
    content_by_ts_block {
        ngx.status = 101;
        ngx.send_headers();
        await ngx.flush(true);
        await ngx.req.read_body();
        const sock = ngx.req.socket(true);
        ngx.log(ngx.NOTICE, `got ${await sock.receive(5)}, ${ngx.req.get_body_data()}`);
    }
}
--- raw_request eval
["GET /a HTTP/1.1\r\nHost: x\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\nhel", { value: "lo", delay_before: 0.1 }]
--- ignore_response
--- error_log
got hello, undefined

=== what a script leaves of the body is dropped, and the connection goes on
--- config
location /a { content_by_ts_block { ngx.say("[", await ngx.req.socket().receive(3), "]"); } }
location /b { return 200 "next\n"; }
--- raw_request eval
["POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n3\r\nefg\r\n0\r\n\r\n" +
 "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\nabcdef", "ghGET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"]
--- response_body eval
["[abc]\n", "[abc]\n", "next\n"]

=== a read that fails tells where nobody caught it
--- config
location /a {
    ts_socket_log_errors off;
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
        sock.settimeout(10);
        await sock.receive();
    }
}
--- request
GET /a
--- error_code: 500
--- error_log eval
/\[ts\] content_by_ts\(nginx\.conf:9:9\): timeout, client/

=== a client that closes its side in the middle of the body is answered
--- config
location /a {
    content_by_ts_block {
        try { await ngx.req.socket().receive(100); } catch (e) { ngx.say(e.message, " [", e.partial, "]"); }
    }
}
--- raw_request eval
"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc"
--- shutdown
--- response_headers
Connection: close
--- response_body
client aborted [abc]

=== getfd: the number of the descriptor
--- config
location /a {
    content_by_ts_block {
        const fd = ngx.req.socket().getfd();
        const raw = ngx.req.socket(true);
        await raw.send(fd > 2 && raw.getfd() === fd ? "the same\n" : "not the same\n");
    }
}
--- request
POST /a
hello
--- http09
--- response_body
the same
