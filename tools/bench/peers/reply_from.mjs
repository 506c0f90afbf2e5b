// reply_from.mjs PORT UPSTREAM: @fastify/reply-from, as a route of one's own uses it.
import replyFrom from '@fastify/reply-from';
import Fastify from 'fastify';

const [port, upstream] = process.argv.slice(2);
const fastify = Fastify();
fastify.register(replyFrom, { base: upstream });
fastify.get('/p/*', (request, reply) => reply.from(`/${request.params['*']}`));
await fastify.listen({ port: Number(port), host: '127.0.0.1' });
