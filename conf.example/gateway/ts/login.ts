// POST /api/login {"user": …, "password": …} → {"token": …, "expires_in": …}

import type { Ngx } from 'tsresty/ngx';
import { sign } from './jwt.ts';

const lifetime = 3600;

// The accounts of the example; yours come from a database, with their passwords hashed.
const accounts = new Map([
  ['ada', { id: '1', password: 'analytical' }],
  ['grace', { id: '2', password: 'compiler' }],
]);

export default async function login(ngx: Ngx): Promise<void> {
  if (ngx.req.get_method() !== 'POST') {
    ngx.header.Allow = 'POST';
    ngx.exit(405);
  }
  const { user, password } = await credentials(ngx);
  const account = accounts.get(user);
  if (account === undefined || account.password !== password) ngx.exit(401);

  const now = ngx.time();
  const claims = { sub: account.id, name: user, iat: now, exp: now + lifetime };
  const token = await sign(claims, ngx.var.jwt_secret ?? '');
  ngx.header['Cache-Control'] = 'no-store';
  ngx.say(JSON.stringify({ token, expires_in: lifetime }));
}

async function credentials(ngx: Ngx): Promise<{ user: string; password: string }> {
  await ngx.req.read_body();
  let body: unknown;
  try {
    body = JSON.parse(ngx.req.get_body_data() ?? '');
  } catch {
    ngx.exit(400);
  }
  if (typeof body !== 'object' || body === null) ngx.exit(400);
  const { user, password } = body as Record<string, unknown>;
  return { user: String(user), password: String(password) };
}
