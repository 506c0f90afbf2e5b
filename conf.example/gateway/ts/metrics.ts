// Counts every request, by route: a label must not grow with what clients ask for.

import type { Ngx } from 'tsresty/ngx';

const routes = ['/api/login', '/api/users', '/api/orders', '/health', '/metrics'];

const requests = ngx.metrics.counter('gateway_requests_total', 'Requests by route, method and status', [
  'route',
  'method',
  'status',
]);
const seconds = ngx.metrics.histogram(
  'gateway_request_seconds',
  'Time from the first byte of a request to the last of its answer',
  ['route'],
  [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
);

export function record(ngx: Ngx): void {
  const uri = /^[^?]*/.exec(ngx.var.request_uri ?? '')?.[0] ?? '';
  const route = routes.find((r) => uri === r || uri.startsWith(`${r}/`)) ?? 'other';
  requests.inc(1, [route, ngx.var.request_method ?? '', String(ngx.status)]);
  seconds.observe(Number(ngx.var.request_time), [route]);
}

export async function show(ngx: Ngx): Promise<void> {
  ngx.header['Content-Type'] = 'text/plain; version=0.0.4';
  ngx.print(await ngx.metrics.metric_data());
}
