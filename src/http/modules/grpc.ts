// grpc_pass and its family: requests are passed to gRPC servers, or to any that speak HTTP/2. Bodies go on as they come,
// both ways; trailers are passed on.

import type { Args } from '../../conf/args.ts';
import type { ComplexValue } from '../../conf/complex.ts';
import type { ConfOf } from '../../conf/directive.ts';
import type { Address } from '../../core/addresses.ts';
import { escapeUri } from '../escape.ts';
import { defineModule } from '../module.ts';
import { AGAIN, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import {
  addressAt,
  addressOf,
  connectionDirectives,
  type Pass,
  passDirective,
  responseDirectives,
  responseSettings,
} from '../upstream/directives.ts';
import { Exchange } from '../upstream/exchange.ts';
import { Http2Codec } from '../upstream/http2.ts';
import { Http2Head } from '../upstream/http2_head.ts';
import type { Http2Request } from '../upstream/http2_sender.ts';
import { RequestHeaders, type SetHeader, setHeaderDirective } from '../upstream/request_headers.ts';
import { GRPC_NEXT_UPSTREAM, HIDDEN_ACCEL_HEADERS, type UpstreamSettings } from '../upstream/settings.ts';
import { sslDirectives, sslSettings } from '../upstream/ssl_directives.ts';
import { startAt } from '../upstream/start.ts';
import { nameUpstream } from '../upstream/upstreams.ts';

/** Where a request goes. */
interface Target {
  readonly schema: string;
  /** TLS is spoken. */
  readonly secure: boolean;
  /** What :authority says unless it is set. */
  readonly host: string;
  readonly address: Address;
}

interface GrpcPass extends Pass {
  /** null: `value` is to tell. */
  readonly target: Target | null;
  /** What is sent beside the client's headers, unless the configuration sets it. */
  readonly usual: readonly SetHeader[];
}

const directives = {
  grpc_pass: passDirective(parsePass),
  grpc_set_header: setHeaderDirective(),
  ...connectionDirectives('grpc', GRPC_NEXT_UPSTREAM),
  ...responseDirectives('grpc'),
  ...sslDirectives('grpc'),
};

/** What a location that passes requests needs at hand. */
interface Prepared {
  readonly pass: GrpcPass;
  readonly settings: UpstreamSettings;
  readonly headers: RequestHeaders;
}

/** mergeConf adds what requests use. */
interface Conf extends ConfOf<typeof directives> {
  readonly prepared: Prepared | null;
}

class Ctx {
  target: Target | null = null;
  headers: RequestHeaders | null = null;
}

export const grpc = defineModule({
  name: 'grpc',
  directives,
  newCtx: (): Ctx => new Ctx(),
  variables: { grpc_internal_trailers: { get: internalTrailers, volatile: true } },
  mergeConf: (_outer, merged): Conf => ({
    ...merged,
    prepared: merged.grpc_pass === null ? null : prepare(merged, merged.grpc_pass),
  }),
  phases: {
    content: { when: (conf) => conf.grpc_pass !== null, run: passRequest, exclusive: true },
  },
});

function prepare(conf: ConfOf<typeof directives>, pass: GrpcPass): Prepared {
  const settings = {
    ...responseSettings(conf, 'grpc', ['date', 'server', ...HIDDEN_ACCEL_HEADERS]),
    passTrailers: true,
    passEarlyHints: true,
    ssl: pass.target === null || pass.target.secure ? sslSettings(conf, 'grpc') : null,
  };
  const set = conf.grpc_set_header;
  const names = new Set(set.map(({ name }) => name.toLowerCase()));
  const usual = pass.usual.filter(({ name }) => !names.has(name.toLowerCase()));
  return { pass, settings, headers: new RequestHeaders([...set, ...usual]) };
}

/** A client that takes no trailers is told of none by the upstream either. */
function internalTrailers(r: HttpRequest): string | undefined {
  const te = r.headersIn.get('te');
  return te !== undefined && /trailers/i.test(te) ? 'trailers' : undefined;
}

function passRequest(r: HttpRequest, conf: ConfOf<typeof directives>): Rc {
  const { pass, settings, headers } = (conf as Conf).prepared as Prepared;
  const target = pass.target ?? evaluateTarget(r, pass.value as ComplexValue);
  if (target === null) return 500;
  const ctx = grpc.startCtx(r);
  ctx.target = target;
  ctx.headers = headers;
  const codec = new Http2Codec(createRequest, true);
  codec.head = r.method === 'HEAD';
  const u = new Exchange(r, settings, codec, target.schema);
  u.secure = target.secure;
  u.alpn = 'h2';
  if (r.body === null && r.bodyReader !== null) u.stream();
  if (u.finished) return AGAIN;
  if (pass.upstream === null) startAt(u, target.address);
  else u.start(pass.upstream);
  return AGAIN;
}

function createRequest(u: Exchange): Http2Request | null {
  const { r } = u;
  const ctx = grpc.ctx(r) as Ctx;
  const target = ctx.target as Target;
  const headers = ctx.headers as RequestHeaders;
  const host = headers.host === null ? '' : headers.host.evaluate(r);
  const head = new Http2Head(r, {
    method: r.method,
    secure: target.secure,
    path: r.validUnparsedUri ? r.unparsedUri : escapeUri(r.uri) + (r.args === '' ? '' : `?${r.args}`),
    authority: host === '' ? target.host : host,
  });
  head.addSet(headers);
  head.addPassed(headers);
  return head.failed ? null : { block: head.block, body: null };
}

const SCHEME = /^grpcs?:\/\//i;

function evaluateTarget(r: HttpRequest, value: ComplexValue): Target | null {
  const url = value.evaluate(r);
  const scheme = SCHEME.exec(url)?.[0] ?? '';
  const address = addressOf(r, url.slice(scheme.length));
  return address === null ? null : targetAt(scheme, scheme, address);
}

function targetAt(scheme: string, schema: string, address: Address): Target {
  const { kind, written, port, noPort } = address;
  const host = kind === 'unix' ? 'localhost' : noPort ? written : `${written}:${port}`;
  return { schema: schema || 'grpc://', secure: scheme.toLowerCase() === 'grpcs://', host, address };
}

function parsePass(args: Args): GrpcPass {
  const header = (name: string, value: string): SetHeader => ({
    name,
    value: args.cf.variables.compile(value, args.place()),
  });
  const usual = [header('Content-Length', '$content_length'), header('TE', '$grpc_internal_trailers')];
  const url = args.text(1);
  const value = args.complex(1);
  if (value.constant === null) return { value, upstream: null, target: null, usual };
  const scheme = SCHEME.exec(url)?.[0] ?? '';
  const address = addressAt(args, url.slice(scheme.length));
  const target = targetAt(scheme, scheme.toLowerCase(), address);
  return { value: null, upstream: nameUpstream(args, address), target, usual };
}
