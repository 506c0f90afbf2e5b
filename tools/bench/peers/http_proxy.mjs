// http_proxy.mjs PORT UPSTREAM: the http-proxy package, with connections to the upstream kept alive.
import http from 'node:http';
import httpProxy from 'http-proxy';

const [port, upstream] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
const proxy = httpProxy.createProxyServer({ target: upstream, agent });
proxy.on('error', (error, _request, response) => {
  response.writeHead?.(502);
  response.end(error.message);
});
const server = http.createServer((request, response) => {
  request.url = request.url.slice('/p'.length);
  proxy.web(request, response);
});
server.listen(Number(port), '127.0.0.1');
