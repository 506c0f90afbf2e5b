// Health checks of gRPC servers, against servers on node:http2.

import { once } from 'node:events';
import { createServer } from 'node:http2';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { HealthCheckSettings } from './health_check.ts';
import { GrpcProbe } from './health_grpc.ts';
import { DEFAULT_MATCH } from './match.ts';
import { closeAll, deadPort, onCloseAll } from './testing.ts';
import { type Answer, bodyOf, peer, securePeer } from './testing_http2.ts';
import { Certificates } from './testing_ssl.ts';
import type { SharedPeer } from './zone_memory.ts';

const probes: GrpcProbe[] = [];
let certificates: Certificates;

beforeAll(() => {
  certificates = new Certificates().sign('good', 'good.test');
});
afterAll(() => certificates.remove());
afterEach(() => {
  for (const probe of probes.splice(0)) probe.close();
  closeAll();
});

const SETTINGS: HealthCheckSettings = {
  ...{ intervalMs: 60_000, jitterMs: 0, fails: 1, passes: 1, uri: '/', port: 0, keepaliveMs: 0 },
  ...{ mandatory: false, persistent: false, match: DEFAULT_MATCH, https: false, grpc: null },
};

interface Asking {
  readonly service?: string;
  readonly status?: number;
  readonly settings?: Partial<HealthCheckSettings>;
}

function probeOf({ service = '', status = 0, settings = {} }: Asking): GrpcProbe {
  const probe = new GrpcProbe({ ...SETTINGS, ...settings }, 'u', { service, status });
  probes.push(probe);
  return probe;
}

function ask(probe: GrpcProbe, port: number): Promise<string | null> {
  const to = { name: `127.0.0.1:${port}`, host: '127.0.0.1', port, path: null } as SharedPeer;
  return new Promise((resolve) => probe.ask(to, resolve));
}

/** Answers with a serving status, or none, and a grpc-status. */
function answers(serving: number | null, grpcStatus = '0', status = 200): Answer {
  return (stream) => {
    stream.respond({ ':status': status, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': grpcStatus }));
    stream.end(serving === null ? '' : Buffer.from([0, 0, 0, 0, 2, 8, serving]));
  };
}

test.each([
  ['a server that serves', answers(1), {}, null],
  ['one that does not', answers(2), {}, 'checking gRPC serving status'],
  ['one that does not know', answers(null), {}, 'checking gRPC serving status'],
  ['an error', answers(null, '5'), {}, 'checking gRPC status'],
  ['the error that is wanted', answers(null, '12'), { status: 12 }, null],
  ['a server that serves, where an error would do too', answers(1), { status: 12 }, null],
  ['no gRPC', answers(1, '0', 404), {}, 'checking status code'],
  ['a reset', (stream) => stream.close(2), {}, 'connecting to upstream'],
] as [string, Answer, Asking, string | null][])('%s', async (_title, answer, asking, failure) => {
  const { port } = await peer(answer);
  const found = await ask(probeOf(asking), port);
  if (failure === null) expect(found).toBe(null);
  else expect(found).toContain(failure);
});

test('an error without a body', async () => {
  const { port } = await peer((stream) => {
    stream.respond({ ':status': 200, 'grpc-status': '12' }, { endStream: true });
  });
  expect(await ask(probeOf({}), port)).toBe('checking gRPC status');
  expect(await ask(probeOf({ status: 12 }), port)).toBe(null);
});

test('the service that is asked for', async () => {
  const long = 's'.repeat(200);
  for (const [service, wanted] of [
    ['', '\0\0\0\0\0'],
    ['a.B', '\0\0\0\0\x05\x0a\x03a.B'],
    [long, `\0\0\0\0\xcb\x0a\xc8\x01${long}`],
  ] as const) {
    let said = '';
    const { port } = await peer(async (stream, headers) => {
      said = `${headers[':method']} ${headers[':path']} ${headers[':authority']} ${headers.te} `;
      said += await bodyOf(stream);
      answers(1)(stream, headers);
    });
    expect(await ask(probeOf({ service }), port)).toBe(null);
    expect(said).toBe(`POST /grpc.health.v1.Health/Check u trailers ${wanted}`);
  }
});

test('nobody listens', async () => {
  expect(await ask(probeOf({}), await deadPort())).toContain(
    'connecting to upstream (111: Connection refused)',
  );
});

test('a server that says nothing', async () => {
  const { port } = await peer(() => {});
  expect(await ask(probeOf({ settings: { intervalMs: 50 } }), port)).toBe('waiting for the response');
});

test('a connection for each check, or one that is kept', async () => {
  const made = await peer(answers(1));
  for (let n = 0; n < 2; n++) await ask(probeOf({}), made.port);
  expect(made.sessions).toBe(2);
  const keeping = probeOf({ settings: { keepaliveMs: 60_000 } });
  for (let n = 0; n < 3; n++) expect(await ask(keeping, made.port)).toBe(null);
  expect(made.sessions).toBe(3);
});

test('over a unix socket', async () => {
  const server = createServer();
  server.on('stream', answers(1));
  const path = `${certificates.dir}/health.sock`;
  server.listen(path);
  await once(server, 'listening');
  onCloseAll(() => server.close());
  const to = { name: `unix:${path}`, host: path, port: 0, path } as SharedPeer;
  expect(await new Promise((resolve) => probeOf({}).ask(to, resolve))).toBe(null);
});

test('over TLS', async () => {
  const options = { cert: certificates.text('good.crt'), key: certificates.text('good.key') };
  const { port } = await securePeer(answers(1), options);
  expect(await ask(probeOf({ settings: { https: true } }), port)).toBe(null);
});
