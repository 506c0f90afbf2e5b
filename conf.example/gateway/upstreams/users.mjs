// users.mjs PORT: the service behind /api/users.
import http from 'node:http';

const users = [
  { id: '1', name: 'ada', city: 'London' },
  { id: '2', name: 'grace', city: 'New York' },
];

const server = http.createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://users');
  const id = /^\/api\/users\/(\w+)$/.exec(pathname)?.[1];
  if (pathname === '/api/users') return answer(response, 200, users);
  const user = users.find((u) => u.id === (id === 'me' ? request.headers['x-user-id'] : id));
  if (user === undefined) return answer(response, 404, { error: 'no such user', status: 404 });
  answer(response, 200, user);
});

function answer(response, status, value) {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(`${JSON.stringify(value)}\n`);
}

server.listen(Number(process.argv[2]), '127.0.0.1', () => console.log(server.address().port));
