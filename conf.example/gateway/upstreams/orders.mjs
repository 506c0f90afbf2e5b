// orders.mjs PORT: the service behind /api/orders. It shows and takes the orders of X-User-ID, which the gateway sets.
import http from 'node:http';

const orders = [
  { id: 1, user: '1', item: 'a difference engine' },
  { id: 2, user: '2', item: 'a moth' },
];

const server = http.createServer(async (request, response) => {
  const user = request.headers['x-user-id'];
  if (request.method === 'GET')
    return answer(
      response,
      200,
      orders.filter((o) => o.user === user),
    );
  if (request.method !== 'POST') return answer(response, 405, { error: 'method not allowed', status: 405 });
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  const order = { id: orders.length + 1, user, item: String(JSON.parse(body).item) };
  orders.push(order);
  answer(response, 201, order);
});

function answer(response, status, value) {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(`${JSON.stringify(value)}\n`);
}

server.listen(Number(process.argv[2]), '127.0.0.1', () => console.log(server.address().port));
