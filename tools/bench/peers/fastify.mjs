// fastify.mjs PORT UPSTREAM: a handler that says hello, and @fastify/http-proxy for everything under /p/.
import proxy from '@fastify/http-proxy';
import Fastify from 'fastify';

const [port, upstream] = process.argv.slice(2);
const fastify = Fastify();
fastify.get('/', async () => 'hello world\n');
fastify.register(proxy, { upstream, prefix: '/p' });
await fastify.listen({ port: Number(port), host: '127.0.0.1' });
