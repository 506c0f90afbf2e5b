// Every error that the gateway itself answers, as JSON.

import type { Ngx } from 'tsresty/ngx';

const reasons: Readonly<Record<number, string>> = {
  400: 'bad request',
  401: 'a valid token is needed',
  403: 'forbidden',
  404: 'not found',
  405: 'method not allowed',
  413: 'the body is too large',
  429: 'too many requests',
  502: 'the service cannot be reached',
  503: 'the service is unavailable',
  504: 'the service takes too long',
};

export default function error(ngx: Ngx): void {
  const { status } = ngx;
  const reason = reasons[status] ?? 'internal error';
  ngx.header['Content-Type'] = 'application/json';
  ngx.say(JSON.stringify({ error: reason, status, request_id: ngx.var.request_id }));
}
