# What scripts do with a connection whose state they need not ask for: bytes that come along with a result, calls that are
# told when the visit is over, and what comes of them.

=== what came behind a head is read piece by piece, and some of it later
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { content_by_ts_block { const sock = ngx.req.socket(true); await sock.send("head\r\n\r\none\rtwo\r\n12345äöü|rest"); await ngx.sleep(0.05); await sock.send(" of it\nend"); } } }
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.tcp();
        await sock.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await sock.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        ngx.say(await sock.receiveuntil("\r\n\r\n")());
        ngx.say(JSON.stringify(await sock.receive()));
        ngx.say(await sock.receive(5), (await sock.receive_buffer(1)).length, (await sock.receive(1)) === "\ufffd");
        ngx.say(await sock.receiveuntil("|", { inclusive: true })());
        ngx.say(await sock.receive("*l"));
        ngx.say(await sock.receive("*a"));
        ngx.say(sock.close());
    }
}
--- request
GET /a
--- response_body
head
"onetwo"
123451true
öü|
rest of it
end
1

=== what came along and was not read hinders keepalive, and is still there
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { content_by_ts_block { const sock = ngx.req.socket(true); await sock.send("line\nunread"); await ngx.sleep(1); } } }
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.tcp();
        await sock.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await sock.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        ngx.say(await sock.receive());
        try { sock.setkeepalive(1000, 10); ngx.say("kept"); } catch (e) { ngx.say(e.message); }
        ngx.say(await sock.receive(6));
        ngx.say(sock.close());
        for (const f of [() => sock.receive(1), () => sock.send("x"), async () => sock.setkeepalive(), async () => sock.close(), async () => sock.getreusedtimes()]) try { await f(); ngx.say("done"); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- response_body
line
unread data in buffer
unread
1
closed
closed
closed
closed
closed
--- error_log
attempt to receive data on a closed socket
attempt to send data on a closed socket

=== a connection is taken out of the pool, used and put back again and again, also by several at once
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; keepalive_requests 1000; location / { return 200 "$arg_n"; } }
--- config
location /a {
    content_by_ts_block {
        const ask = async (n) => {
            const sock = ngx.socket.tcp();
            sock.settimeouts(1000, 1000, 1000);
            await sock.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
            sock.settimeout(2000);
            const times = sock.getreusedtimes();
            await sock.send(`GET /?n=${n} HTTP/1.1\r\nHost: x\r\n\r\n`);
            await sock.receiveuntil("\r\n\r\n")();
            const body = await sock.receive(1);
            sock.setkeepalive(60000, 2);
            return `${body}${times}`;
        };
        for (let i = 0; i < 4; i++) ngx.print(await ask(i), " ");
        ngx.say((await Promise.all([4, 5, 6].map(ask))).join(" "));
        const sock = ngx.socket.tcp(), other = ngx.socket.tcp(), third = ngx.socket.tcp();
        await sock.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await other.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await third.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        ngx.say(sock.getreusedtimes() > 0, other.getreusedtimes() > 0, third.getreusedtimes());
        ngx.say(sock.setkeepalive(60000, 2), await sock.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1), sock.getreusedtimes() > 0, sock.close());
        ngx.say(other.close(), third.close());
    }
}
--- request
GET /a
--- response_body
00 11 22 33 44 50 60
truetrue0
11true1
11

=== reads that are not waited for
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { content_by_ts_block { const sock = ngx.req.socket(true); await sock.send("abc"); await ngx.sleep(1); } } }
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.tcp();
        await sock.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await sock.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        const first = sock.receive(3);
        for (const f of [() => sock.receive(3), async () => sock.setkeepalive(1000, 10), async () => sock.close(), () => sock.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1)]) try { await f(); ngx.say("done"); } catch (e) { ngx.say(e.message); }
        ngx.say(await first, sock.close());
    }
}
--- request
GET /a
--- response_body
socket busy reading
socket busy reading
socket busy reading
socket busy reading
abc1

=== more calls in one go than there is room for; then nothing is out of order
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; location / { content_by_ts_block { const sock = ngx.req.socket(true); let n = 0, sum = 0; for (;;) { const line = await sock.receive().catch(() => ""); if (line === "end" || line === "") break; if (Number(line) === n) n++; sum += line.length; } await sock.send(`${n} ${sum}\n`); } } }
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.tcp();
        await sock.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await sock.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        let sent = 0;
        for (let i = 0; i < 5000; i++) { sock.settimeout(3000 + i); sent += await sock.send(`${i}\n`); }
        await sock.send("end\n");
        ngx.say(sent, " ", await sock.receive());
    }
}
--- request
GET /a
--- response_body
23890 5000 18890
