// Lets nobody through without a token, and tells the services who it is in X-User-ID.

import type { Ngx } from 'tsresty/ngx';
import { verify } from './jwt.ts';

const open = new Set(['/api/login']);

export async function authenticate(ngx: Ngx): Promise<void> {
  // The services trust this header: nobody but us may set it.
  ngx.req.clear_header('X-User-ID');
  if (open.has(ngx.var.uri ?? '')) return;

  const token = /^Bearer +(\S+)$/i.exec(ngx.var.http_authorization ?? '')?.[1];
  const claims = token === undefined ? undefined : await verify(token, ngx.var.jwt_secret ?? '', ngx.time());
  if (claims === undefined) {
    ngx.header['WWW-Authenticate'] = 'Bearer realm="api"';
    ngx.exit(401);
  }
  ngx.req.set_header('X-User-ID', claims.sub);
}
