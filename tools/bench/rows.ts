// The table of DESIGN.md section 8, row by row: what is done, against whom, and what it may cost.
// Both gateways get the same configuration, but for the language of the script.

import type { Load } from './load.ts';

export interface Row {
  readonly name: string;
  readonly title: string;
  readonly against: Peer;
  // The first bar and the aim, as a ratio of processor time per request; a row without bar only informs.
  readonly bar: number | undefined;
  readonly aim: number | undefined;
  // Directives of the http block, then of its server.
  readonly http?: string;
  readonly server: string;
  readonly lua?: Script;
  readonly ts?: Script;
  readonly tls?: true;
  // A file server, or the script of this name.
  readonly upstream?: true | 'echo' | 'fastcgi';
  readonly load: Omit<Load, 'url' | 'script'> & { readonly path: string; readonly post?: true | '1MB' };
}

export type Peer =
  | 'nginx'
  | 'nginx + lua'
  | 'fastify'
  | 'fastify + @fastify/http-proxy'
  | 'fastify + @fastify/reply-from'
  | 'http-proxy';

export interface Script {
  readonly http?: string;
  readonly server: string;
}

const hello: Row = {
  name: 'hello',
  title: 'content_by hello',
  against: 'nginx + lua',
  bar: 2.2,
  aim: 1.3,
  server: '',
  lua: { server: 'location / { content_by_lua_block { ngx.say("hello world") } }' },
  ts: { server: 'location / { content_by_ts_block { ngx.say("hello world"); } }' },
  load: { path: '/' },
};

const proxied = `location /p/ {
      proxy_pass http://upstream_1/;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header X-Real-IP $remote_addr;
    }`;

function postRow(name: string, title: string, directives: string): Row {
  return {
    name,
    title,
    against: 'nginx',
    bar: 2.5,
    aim: undefined,
    http: 'client_max_body_size 0;',
    server: proxied.replace('}', `${directives} }`),
    upstream: 'echo',
    load: { path: '/p/', post: '1MB', connections: 8 },
  };
}

function scriptRow(name: string, title: string, handler: string, bar?: number, aim?: number): Row {
  const post = handler !== 'jwt';
  return {
    name,
    title,
    against: 'nginx + lua',
    bar,
    aim,
    server: 'client_body_buffer_size 64k;',
    lua: {
      http: 'lua_package_path "$prefix/?.lua;;";',
      server: `location / { content_by_lua_block { require("heavy").${handler}() } }`,
    },
    ts: {
      server: `location / { content_by_ts_block {
        import { ${handler} } from "./heavy.ts";
        return ${handler}(ngx);
      } }`,
    },
    load: { path: '/', ...(post ? { post: true } : {}) },
  };
}

function staticRow(size: string, bar: number, aim: number, connections: number): Row {
  return {
    name: `static-${size.toLowerCase()}`,
    title: `static file, ${size}`,
    against: 'nginx',
    bar,
    aim,
    http: 'sendfile on;\n  tcp_nopush on;',
    server: 'location / { root files; }',
    load: { path: `/${size}`, connections },
  };
}

function proxyRow(size: string, bar: number, aim: number, connections: number): Row {
  return {
    name: `proxy-${size.toLowerCase()}`,
    title: `proxy_pass, keep-alive, ${size}`,
    against: 'nginx',
    bar,
    aim,
    server: proxied,
    upstream: true,
    load: { path: `/p/${size}`, connections },
  };
}

function cacheRow(size: string, bar: number, aim: number, connections: number): Row {
  return {
    name: `cache-${size.toLowerCase()}`,
    title: `cache hit, ${size}`,
    against: 'nginx',
    bar,
    aim,
    http: 'proxy_cache_path cache levels=1:2 keys_zone=c:10m;\n  sendfile on;',
    server: `location /p/ { proxy_pass http://upstream_1/; proxy_cache c; proxy_cache_valid 200 1h; }`,
    upstream: true,
    load: { path: `/p/${size}`, connections },
  };
}

function gzipRow(level: number): Row {
  return {
    ...staticRow('50KB', 2, 1.5, 32),
    name: `gzip-${level}`,
    title: `static file, 50 KB of HTML, gzip_comp_level ${level}`,
    aim: undefined,
    http: `types { text/html html; }\n  gzip on;\n  gzip_comp_level ${level};`,
    load: { path: '/page.html', header: 'Accept-Encoding: gzip' },
  };
}

export const rows: readonly Row[] = [
  {
    name: 'return',
    title: '`return 200`',
    against: 'nginx',
    bar: 1.8,
    aim: 1.3,
    server: 'location / { return 200 "hello world\\n"; }',
    load: { path: '/' },
  },
  {
    name: 'return-close',
    title: '`return 200`, a connection for each request',
    against: 'nginx',
    bar: undefined,
    aim: undefined,
    server: 'location / { return 200 "hello world\\n"; }',
    load: { path: '/', header: 'Connection: close' },
  },
  hello,
  {
    name: 'phases',
    title: 'access + content + shared dict incr + JSON of the arguments',
    against: 'nginx + lua',
    bar: 2.2,
    aim: 1.2,
    server: '',
    lua: {
      http: 'lua_shared_dict d 10m;',
      server: `location / {
      access_by_lua_block { ngx.ctx.n = ngx.shared.d:incr("k", 1, 0) }
      content_by_lua_block {
        local cjson = require "cjson"
        ngx.header["Content-Type"] = "application/json"
        ngx.say(cjson.encode({ n = ngx.ctx.n, uri = ngx.var.uri, args = ngx.req.get_uri_args() }))
      }
    }`,
    },
    ts: {
      http: 'ts_shared_dict d 10m;',
      server: `location / {
      access_by_ts_block { ngx.ctx.n = ngx.shared.d.incr("k", 1, 0); }
      content_by_ts_block {
        ngx.header["Content-Type"] = "application/json";
        ngx.say(JSON.stringify({ n: ngx.ctx.n, uri: ngx.var.uri, args: ngx.req.get_uri_args() }));
      }
    }`,
    },
    load: { path: '/items?a=1&b=two&c=%20three' },
  },
  scriptRow('script', 'script-heavy: the next three in one request', 'all', 1.0, 0.5),
  scriptRow('script-json', 'parse and rewrite 20 KB of JSON', 'json'),
  scriptRow('script-jwt', 'sign and verify a JWT (HS256)', 'jwt'),
  scriptRow('script-template', 'parse 20 KB of JSON, render a template', 'template'),
  staticRow('1KB', 2.5, 1.5, 32),
  staticRow('100KB', 2, 1.5, 32),
  staticRow('10MB', 1.5, 1.2, 8),
  {
    ...staticRow('1KB', 2.5, 1.5, 32),
    name: 'limits',
    title: 'static file, 1KB, with limit_req and limit_conn',
    aim: undefined,
    http: `limit_req_zone $binary_remote_addr zone=r:1m rate=1000000r/s;
  limit_conn_zone $binary_remote_addr zone=c:1m;
  sendfile on;
  tcp_nopush on;`,
    server: 'location / { root files; limit_req zone=r burst=1000000 nodelay; limit_conn c 1000; }',
  },
  gzipRow(1),
  gzipRow(6),
  proxyRow('1KB', 2.5, 1.5, 32),
  proxyRow('1MB', 2, 1.3, 8),
  {
    ...proxyRow('1KB', 2.5, 1.5, 32),
    name: 'proxy-close',
    title: 'proxy_pass, a connection for each request, 1KB',
    aim: undefined,
    server: proxied.replace('proxy_http_version 1.1', 'proxy_http_version 1.0'),
  },
  {
    name: 'fastcgi',
    title: 'fastcgi_pass, keep-alive, 1KB',
    against: 'nginx',
    bar: 2.5,
    aim: undefined,
    server: `location /p/ {
      fastcgi_pass upstream_1;
      fastcgi_keep_conn on;
      fastcgi_param SCRIPT_FILENAME /srv/www$fastcgi_script_name;
      fastcgi_param QUERY_STRING $query_string;
      fastcgi_param REQUEST_METHOD $request_method;
      fastcgi_param CONTENT_TYPE $content_type;
      fastcgi_param CONTENT_LENGTH $content_length;
      fastcgi_param REQUEST_URI $request_uri;
      fastcgi_param DOCUMENT_URI $document_uri;
      fastcgi_param SERVER_PROTOCOL $server_protocol;
      fastcgi_param REMOTE_ADDR $remote_addr;
      fastcgi_param SERVER_NAME $server_name;
    }`,
    upstream: 'fastcgi',
    load: { path: '/p/index.php?a=1', connections: 32 },
  },
  postRow('post-buffered', 'POST of 1 MB, proxied, buffered', ''),
  postRow('post-unbuffered', 'POST of 1 MB, proxied, unbuffered', 'proxy_request_buffering off;'),
  {
    name: 'websocket',
    title: 'upgraded connection, messages of 1 KB echoed',
    against: 'nginx',
    bar: 2.5,
    aim: undefined,
    server: proxied.replace('Connection ""', 'Connection upgrade; proxy_set_header Upgrade $http_upgrade'),
    upstream: 'echo',
    load: { path: '/p/', connections: 32, echo: true },
  },
  cacheRow('1KB', 2.5, 2, 32),
  cacheRow('1MB', 2.5, 1.3, 8),
  {
    name: 'cosocket',
    title: 'tcp cosocket round trip, kept connection: send, a head, a body of 1 KB',
    against: 'nginx + lua',
    bar: 2.5,
    aim: undefined,
    server: '',
    lua: {
      server: `location / { content_by_lua_block {
        local sock = ngx.socket.tcp()
        assert(sock:connect("127.0.0.1", $upstream_port))
        assert(sock:send("GET /1KB HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"))
        assert(sock:receiveuntil("\\r\\n\\r\\n")())
        local body = assert(sock:receive(1000))
        assert(sock:setkeepalive(60000, 100))
        ngx.say(#body)
      } }`,
    },
    ts: {
      server: `location / { content_by_ts_block {
        const sock = ngx.socket.tcp();
        await sock.connect("127.0.0.1", $upstream_port);
        await sock.send("GET /1KB HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n");
        await sock.receiveuntil("\\r\\n\\r\\n")();
        const body = await sock.receive(1000);
        sock.setkeepalive(60000, 100);
        ngx.say(body.length);
      } }`,
    },
    upstream: true,
    load: { path: '/', connections: 32 },
  },
  {
    name: 'fetch',
    title: 'fetch of 1 KB from a server on this machine (Lua: by hand over a cosocket)',
    against: 'nginx + lua',
    bar: 2.5,
    aim: undefined,
    server: '',
    lua: {
      server: `location / { content_by_lua_block {
        local sock = ngx.socket.tcp()
        assert(sock:connect("127.0.0.1", $upstream_port))
        assert(sock:send("GET /1KB HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nConnection: keep-alive\\r\\n\\r\\n"))
        local status = assert(sock:receive("*l")):match("^HTTP/1.1 (%d+)")
        local headers = {}
        repeat
          local line = assert(sock:receive("*l"))
          local name, value = line:match("^(.-):%s*(.*)$")
          if name then headers[name:lower()] = value end
        until line == ""
        local body = assert(sock:receive(tonumber(headers["content-length"])))
        assert(sock:setkeepalive(60000, 100))
        ngx.say(status, " ", #body)
      } }`,
    },
    ts: {
      server: `location / { content_by_ts_block {
        const response = await fetch("http://127.0.0.1:$upstream_port/1KB");
        const body = await response.text();
        ngx.say(response.status, " ", body.length);
      } }`,
    },
    upstream: true,
    load: { path: '/', connections: 32 },
  },
  {
    name: 'capture',
    title: 'capture of 3 subrequests',
    against: 'nginx + lua',
    bar: 2.5,
    aim: undefined,
    server: 'location /s { return 200 "hello\\n"; }',
    lua: {
      server: `location / { content_by_lua_block {
        local a, b, c = ngx.location.capture_multi({ { "/s1" }, { "/s2" }, { "/s3" } })
        ngx.print(a.body, b.body, c.body)
      } }`,
    },
    ts: {
      server: `location / { content_by_ts_block {
        const [a, b, c] = await ngx.location.capture_multi([["/s1"], ["/s2"], ["/s3"]]);
        ngx.print(a.body, b.body, c.body);
      } }`,
    },
    load: { path: '/', connections: 32 },
  },
  {
    name: 'body-filter',
    title: 'body filter over a response of 50 KB, 1 KB of it at the end of its own',
    against: 'nginx + lua',
    bar: 2.5,
    aim: undefined,
    server: '',
    lua: {
      http: 'init_by_lua_block { trailer = string.rep("x", 1000) }',
      server: `location / {
        root files;
        header_filter_by_lua_block { ngx.header.content_length = nil }
        body_filter_by_lua_block { if ngx.arg[2] then ngx.arg[1] = ngx.arg[1] .. trailer end }
      }`,
    },
    ts: {
      http: 'init_by_ts_block { globalThis.trailer = "x".repeat(1000); }',
      server: `location / {
        root files;
        header_filter_by_ts_block { ngx.header.content_length = undefined; }
        body_filter_by_ts_block { if (ngx.arg[2]) ngx.arg[1] += globalThis.trailer; }
      }`,
    },
    load: { path: '/50KB', connections: 32 },
  },
  {
    name: 'tls',
    title: 'TLS, keep-alive hello',
    against: 'nginx',
    bar: 1.8,
    aim: 1.4,
    tls: true,
    server: 'location / { return 200 "hello world\\n"; }',
    load: { path: '/' },
  },
  {
    name: 'http2',
    title: 'HTTP/2 hello',
    against: 'nginx',
    bar: 3,
    aim: 2,
    tls: true,
    http: 'http2 on;',
    server: 'location / { return 200 "hello world\\n"; }',
    load: { path: '/', http2: true },
  },
  // What a gateway does is proxying: beside that, what a script's answer costs against a handler's.
  {
    ...hello,
    name: 'fastify',
    title: 'content_by hello',
    against: 'fastify',
    bar: undefined,
    aim: undefined,
  },
  {
    ...proxyRow('1KB', 0.5, 0.25, 32),
    name: 'fastify-proxy',
    against: 'fastify + @fastify/http-proxy',
  },
  {
    ...proxyRow('1KB', 0.5, 0.25, 32),
    name: 'reply-from',
    against: 'fastify + @fastify/reply-from',
  },
  { ...proxyRow('1KB', 0.5, 0.25, 32), name: 'http-proxy', against: 'http-proxy' },
];

// These are no ratio of requests: memory.ts, isolates.ts and big_conf.ts measure them.
export const otherRows = ['memory', 'isolates', 'load'] as const;
// Only when asked for: soak.ts.
export const longRows = ['soak'] as const;
