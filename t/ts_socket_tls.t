# tcpsock:sslhandshake and ts_ssl_*.

=== TLS, without a look at the certificate
--- api: tcpsock:sslhandshake
--- certificates
root ca
server by=root name=a.example
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.tcp();
        await sock.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        const session = await sock.sslhandshake();
        ngx.say(typeof session, " ", JSON.stringify(session), " ", Object.getOwnPropertyNames(session).length);
        ngx.say(await sock.send("hello\n"));
        ngx.say(await sock.receive("*a"));
    }
}
--- request
GET /a
--- tcp_tls: server
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval: (query, tls) => `got ${query.trim()} by ${tls.protocol}, name "${tls.servername}"`
--- response_body
object {} 0
6
got hello by TLSv1.3, name ""

=== the session is not wanted; the name is sent
--- certificates
root ca
server by=root name=a.example
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        ngx.say(await sock.sslhandshake(false, "a.example"));
        await sock.send("x");
        ngx.say(await sock.receive());
    }
}
--- request
GET /a
--- tcp_tls: server
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval: (query, tls) => tls.servername + "\n"
--- response_body
true
a.example

=== verified, the name too
--- certificates
root ca
server by=root name=a.example
--- config
location /a {
    ts_ssl_trusted_certificate $TEST_NGINX_HTML_DIR/root.crt;
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        ngx.say(typeof await sock.sslhandshake(undefined, "a.example", true));
        await sock.send("x");
        ngx.say(await sock.receive(2));
    }
}
--- request
GET /a
--- tcp_tls: server
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply: ok
--- response_body
object
ok

=== another name than the certificate's
--- certificates
root ca
server by=root name=a.example
--- config
location /a {
    ts_ssl_trusted_certificate $TEST_NGINX_HTML_DIR/root.crt;
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        try { await sock.sslhandshake(undefined, "b.example", true); ngx.say("no"); } catch (e) { ngx.say(e.message); }
        try { await sock.send("x"); } catch (e) { ngx.say(e.message); }
        const other = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        ngx.say(typeof await other.sslhandshake(undefined, "b.example", false));
        const third = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        ngx.say(typeof await third.sslhandshake(undefined, undefined, true));
    }
}
--- request
GET /a
--- tcp_tls: server
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- response_body
certificate host mismatch
closed
object
object
--- error_log
ts ssl certificate does not match host "b.example"

=== nothing is trusted unless it is said
--- certificates
root ca
server by=root name=a.example
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        try { await sock.sslhandshake(undefined, "a.example", true); ngx.say("no"); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- tcp_tls: server
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- response_body_like eval
/^2[01]: unable to (get local issuer certificate|verify the first certificate)$/
--- error_log eval
/ts ssl certificate verify error: \(2[01]: unable to .*\), upstream: 127\.0\.0\.1/

=== a certificate that signs itself, and ts_socket_log_errors off
--- certificates
alone name=a.example
--- config
location /a {
    ts_socket_log_errors off;
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        try { await sock.sslhandshake(undefined, "a.example", true); ngx.say("no"); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- tcp_tls: alone
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- response_body
18: self-signed certificate
--- no_error_log
[error]

=== ts_ssl_verify_depth
--- certificates
root ca
outer ca by=root
inner ca by=outer
server by=inner name=a.example
--- config
ts_ssl_trusted_certificate $TEST_NGINX_HTML_DIR/root.crt;
location /one {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        try { await sock.sslhandshake(undefined, "a.example", true); ngx.say("no"); } catch (e) { ngx.say(e.message); }
    }
}
location /two {
    ts_ssl_verify_depth 2;
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        ngx.say(typeof await sock.sslhandshake(undefined, "a.example", true));
    }
}
--- request eval
["GET /one", "GET /two"]
--- tcp_tls: server
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- response_body eval
["22: certificate chain too long\n", "object\n"]

=== ts_ssl_crl
--- certificates
root ca
server by=root name=a.example
other by=root name=b.example
root.crl revokes=server
--- config
ts_ssl_trusted_certificate $TEST_NGINX_HTML_DIR/root.crt;
location /with {
    ts_ssl_crl $TEST_NGINX_HTML_DIR/root.crl;
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        try { await sock.sslhandshake(undefined, "a.example", true); ngx.say("no"); } catch (e) { ngx.say(e.message); }
    }
}
location /without {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        ngx.say(typeof await sock.sslhandshake(undefined, "a.example", true));
    }
}
--- request eval
["GET /with", "GET /without"]
--- tcp_tls: server
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- response_body eval
["23: certificate revoked\n", "object\n"]

=== ts_ssl_protocols
--- certificates
root ca
server by=root name=a.example
--- config
location /old {
    ts_ssl_protocols TLSv1.2;
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await sock.sslhandshake();
        await sock.send("x");
        ngx.say(await sock.receive());
    }
}
location /both {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await sock.sslhandshake();
        await sock.send("x");
        ngx.say(await sock.receive());
    }
}
--- request eval
["GET /old", "GET /both"]
--- tcp_tls: server
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval: (query, tls) => tls.protocol + "\n"
--- response_body eval
["TLSv1.2\n", "TLSv1.3\n"]

=== no version in common
--- certificates
root ca
server by=root name=a.example
--- config
location /a {
    ts_ssl_protocols TLSv1.2;
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        try { await sock.sslhandshake(); ngx.say("no"); } catch (e) { ngx.say(e.message, " ", e.code); }
    }
}
--- request
GET /a
--- tcp_tls: server TLSv1.3
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- response_body
handshake failed HANDSHAKE_FAILED
--- error_log
SSL_do_handshake() failed

=== ts_ssl_ciphers
--- certificates
root ca
server by=root name=a.example
--- config
location /a {
    ts_ssl_protocols TLSv1.2;
    ts_ssl_ciphers ECDHE-ECDSA-AES256-GCM-SHA384;
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await sock.sslhandshake();
        await sock.send("x");
        ngx.say(await sock.receive());
    }
}
--- request
GET /a
--- tcp_tls: server
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval: (query, tls) => tls.cipher + "\n"
--- response_body
ECDHE-ECDSA-AES256-GCM-SHA384

=== ts_ssl_conf_command: several, in the order written
--- certificates
root ca
server by=root name=a.example
--- config
location /a {
    ts_ssl_conf_command MaxProtocol TLSv1.2;
    ts_ssl_conf_command CipherString ECDHE-ECDSA-AES128-GCM-SHA256;
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await sock.sslhandshake();
        await sock.send("x");
        ngx.say(await sock.receive());
    }
}
--- request
GET /a
--- tcp_tls: server
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval: (query, tls) => tls.protocol + " " + tls.cipher + "\n"
--- response_body
TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256

=== a session is resumed
--- api: tcpsock:getsslsession
--- certificates
root ca
server by=root name=a.example
--- config
ts_ssl_trusted_certificate $TEST_NGINX_HTML_DIR/root.crt;
location /old {
    ts_ssl_protocols TLSv1.2;
    content_by_ts_block {
        let session: any;
        for (let i = 0; i < 2; i++) {
            const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
            session = await sock.sslhandshake(session, "a.example", true);
            await sock.send("x");
            ngx.say(await sock.receive());
        }
    }
}
location /new {
    content_by_ts_block {
        let session: any;
        for (let i = 0; i < 2; i++) {
            const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
            await sock.sslhandshake(session, "a.example", true);
            await sock.send("x");
            ngx.say(await sock.receive());
            if (i === 0) session = sock.getsslsession();
        }
    }
}
--- request eval
["GET /old", "GET /new"]
--- tcp_tls: server
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval: (query, tls) => tls.protocol + " " + tls.reused + "\n"
--- response_body eval
["TLSv1.2 false\nTLSv1.2 true\n", "TLSv1.3 false\nTLSv1.3 true\n"]

=== a session that is resumed proves no other name
--- certificates
root ca
server by=root name=a.example
--- config
ts_ssl_trusted_certificate $TEST_NGINX_HTML_DIR/root.crt;
ts_ssl_protocols TLSv1.2;
location /a {
    content_by_ts_block {
        const shake = async (session: any, name: string, verify: boolean) => {
            const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
            return sock.sslhandshake(session, name, verify);
        };
        const session = await shake(undefined, "b.example", false);
        try { await shake(session, "b.example", true); ngx.say("no"); } catch (e) { ngx.say(e.message); }
        const verified = await shake(undefined, "a.example", true);
        ngx.say(typeof await shake(verified, "a.example", true));
    }
}
--- request
GET /a
--- tcp_tls: server
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- response_body
certificate host mismatch
object

=== sessions that there are none of
--- certificates
root ca
server by=root name=a.example
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.tcp();
        const of = async (f: () => unknown) => { try { ngx.say(String(await f())); } catch (e) { ngx.say(e.message); } };
        await of(() => sock.getsslsession());
        await of(() => sock.sslhandshake());
        await sock.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await of(() => sock.getsslsession());
        sock.close();
        await of(() => sock.getsslsession());
        await of(() => sock.sslhandshake());
        await sock.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await of(() => sock.sslhandshake({} as never, 5 as never).then((session) => typeof session));
    }
}
--- request
GET /a
--- tcp_tls: server
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- response_body
socket is never created nor connected
socket is never created nor connected
no session
closed
closed
object

=== a second handshake comes back at once; a connection in the pool stays secure
--- certificates
root ca
server by=root name=a.example
--- config
location /a {
    content_by_ts_block {
        const pool = ngx.var.connection;
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1, { pool });
        await sock.sslhandshake(undefined, "a.example");
        ngx.say(await sock.sslhandshake(false), " ", typeof await sock.sslhandshake());
        ngx.say(sock.setkeepalive());
        await sock.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1, { pool });
        ngx.say(sock.getreusedtimes(), " ", await sock.sslhandshake(false));
        await sock.send("x");
        ngx.say(await sock.receive());
    }
}
--- request
GET /a
--- tcp_tls: server TLSv1.2
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval: (query, tls) => tls.servername + "\n"
--- response_body
true object
1
1 true
a.example

=== a client's certificate: setclientcert
--- api: tcpsock:setclientcert
--- user_files
>>> none
--- certificates
root ca
server by=root name=a.example
client by=root name=me.example
--- config
location /cert.pem { alias $TEST_NGINX_HTML_DIR/client.crt; }
location /key.pem { alias $TEST_NGINX_HTML_DIR/client.key; }
location /a {
    content_by_ts_block {
        const cert = (await ngx.location.capture("/cert.pem")).body;
        const key = (await ngx.location.capture("/key.pem")).body;
        const ask = async (...args: string[]) => {
            const sock = ngx.socket.tcp();
            sock.setclientcert(...args);
            await sock.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
            await sock.sslhandshake();
            await sock.send("x");
            return sock.receive();
        };
        ngx.say(await ask(cert, key));
        ngx.say(await ask());
        const sock = ngx.socket.tcp();
        try { sock.setclientcert(cert); } catch (e) { ngx.say(e.message); }
        try { sock.setclientcert(1 as never, key); } catch (e) { ngx.say(e.message); }
        try { sock.setclientcert(cert, {} as never); } catch (e) { ngx.say(e.message); }
        sock.setclientcert("nonsense", "nonsense");
        await sock.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        try { await sock.sslhandshake(); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- tcp_tls: server client=root
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval: (query, tls) => "client: " + tls.client + "\n"
--- response_body
client: me.example
client: 
client certificate must be supplied with corresponding private key
bad cert arg: string expected, got number
bad pkey arg: string expected, got object
ssl set client certificate failed

=== ts_ssl_certificate and ts_ssl_certificate_key
--- certificates
root ca
server by=root name=a.example
client by=root name=us.example
--- config
location /a {
    ts_ssl_certificate $TEST_NGINX_HTML_DIR/client.crt;
    ts_ssl_certificate_key $TEST_NGINX_HTML_DIR/client.key;
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await sock.sslhandshake();
        await sock.send("x");
        ngx.say(await sock.receive());
    }
}
--- request
GET /a
--- tcp_tls: server client=root
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply eval: (query, tls) => "client: " + tls.client + "\n"
--- response_body
client: us.example

=== settrustedstore
--- api: tcpsock:settrustedstore
--- certificates
root ca
server by=root name=a.example
--- config
location /root.pem { alias $TEST_NGINX_HTML_DIR/root.crt; }
location /a {
    content_by_ts_block {
        const root = (await ngx.location.capture("/root.pem")).body;
        const ask = async (...args: string[]) => {
            const sock = ngx.socket.tcp();
            sock.settrustedstore(...args);
            await sock.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
            try { return typeof await sock.sslhandshake(undefined, "a.example", true); } catch (e) { return e.message.slice(0, 1); }
        };
        ngx.say(await ask(root), " ", await ask());
    }
}
--- request
GET /a
--- tcp_tls: server
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- response_body
object 2

=== a handshake that is not answered times out
--- config
location /a {
    content_by_ts_block {
        const sock = ngx.socket.tcp();
        sock.settimeouts(60, 1000, 1000);
        await sock.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        try { await sock.sslhandshake(); ngx.say("no"); } catch (e) { ngx.say(e.message); }
        try { await sock.receive(); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_query_len: 100000
--- response_body
timeout
closed

=== a peer that speaks no TLS
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_SERVER_PORT);
        try { await sock.sslhandshake(); ngx.say("no"); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- response_body
handshake failed
--- error_log eval
/\[error\].*SSL_do_handshake\(\) failed \(SSL: error:0A00010B:SSL routines::wrong version number\), upstream: \S+, client: /

=== a peer that closes the connection instead of a handshake
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        try { await sock.sslhandshake(); ngx.say("no"); } catch (e) { ngx.say(e.message); }
    }
}
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_reply:
--- request
GET /a
--- response_body
handshake failed
--- error_log
peer closed connection in SSL handshake

=== much data, both ways
--- certificates
root ca
server by=root name=a.example
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        await sock.sslhandshake();
        ngx.say(await sock.send("x".repeat(1000000)));
        const read = sock.receiveuntil("END");
        ngx.say((await read() as string).length, " ", await sock.receive("*a"));
        try { await sock.receive(); } catch (e) { ngx.say(e.message); }
    }
}
--- request
GET /a
--- tcp_tls: server
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- tcp_query_len: 1000000
--- tcp_reply eval: (query) => query + "ENDrest"
--- response_body
1000000
1000000 rest
closed

=== busy during the handshake
--- certificates
root ca
server by=root name=a.example
--- config
location /a {
    content_by_ts_block {
        const sock = await ngx.socket.connect("127.0.0.1", $TEST_NGINX_RAND_PORT_1);
        const shaking = sock.sslhandshake(false);
        for (const f of [() => sock.send("x"), () => sock.receive(), () => sock.close(), () => sock.sslhandshake()]) {
            try { await f(); ngx.say("no"); } catch (e) { ngx.say(e.message); }
        }
        ngx.say(await shaking);
    }
}
--- request
GET /a
--- tcp_tls: server
--- tcp_listen: $TEST_NGINX_RAND_PORT_1
--- response_body
socket busy connecting
socket busy connecting
socket busy connecting
socket busy connecting
true

=== a file that is not there
--- config
location /a { ts_ssl_trusted_certificate none.crt; }
--- must_die
--- error_log eval
/\[emerg\].*none\.crt.*2: No such file or directory/

=== a file that holds no certificate
--- user_files
>>> bad.crt
\-----BEGIN CERTIFICATE-----
bad
\-----END CERTIFICATE-----
--- config
location /a { ts_ssl_certificate $TEST_NGINX_HTML_DIR/bad.crt; }
--- must_die
--- error_log eval
/\[emerg\].*cannot load certificate ".*bad\.crt"/

=== protocols that there are none of
--- config
location /a { ts_ssl_protocols TLSv7; }
--- must_die
--- error_log
invalid value "TLSv7"

=== ts_ssl_conf_command: a command that Node has no way for
--- config
location /a { ts_ssl_conf_command Protocol TLSv1.2; }
--- must_die
--- error_log
the "Protocol" command of "ts_ssl_conf_command" is not supported

=== ts_ssl_conf_command: a value that there is not
--- config
location /a { ts_ssl_conf_command MinProtocol TLSv7; }
--- must_die
--- error_log
SSL_CONF_cmd("MinProtocol", "TLSv7") failed

=== ts_ssl_conf_command: a file that is not there
--- config
location /a { ts_ssl_conf_command PrivateKey none.key; }
--- must_die
--- error_log
SSL_CONF_cmd("PrivateKey", "none.key") failed

=== ciphers that there are none of
--- config
location /a { ts_ssl_ciphers NONSENSE; }
--- must_die
--- error_log
SSL_CTX_set_cipher_list("NONSENSE") failed
