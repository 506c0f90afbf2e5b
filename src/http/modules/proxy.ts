// proxy_pass and its family: requests are passed to HTTP servers. How, is in ../upstream/exchange.ts; this file says
// what the request looks like, and reads the settings.

import type { Args } from '../../conf/args.ts';
import { ComplexValue } from '../../conf/complex.ts';
import {
  type ConfOf,
  type Directive,
  HTTP_ANY,
  LIMIT_EXCEPT,
  LOCATION,
  LOCATION_IF,
  type OwnConf,
} from '../../conf/directive.ts';
import { custom, enumeration, flag, number, value } from '../../conf/kinds.ts';
import {
  cacheDirectives,
  cacheDirectories,
  checkCache,
  convertHead,
  startCaches,
  stopCaches,
} from '../cache/directives.ts';
import { askThroughCache, cachedEtag, cachedLastModified } from '../cache/serve.ts';
import { parseSendLowat } from '../core_values.ts';
import { finalize } from '../engine.ts';
import { escapeUri } from '../escape.ts';
import { Location } from '../location.ts';
import { logError } from '../log.ts';
import { defineModule } from '../module.ts';
import { AGAIN, OK, type Rc } from '../rc.ts';
import { HTTP_10, HTTP_11, HTTP_20, type HttpRequest } from '../request.ts';
import { CHUNKED } from '../upstream/body_sender.ts';
import { checkSizes, mergePass, passingDirectives, passingSettings } from '../upstream/directives.ts';
import { Exchange } from '../upstream/exchange.ts';
import { Http1Codec } from '../upstream/http1.ts';
import { Http2Codec } from '../upstream/http2.ts';
import { Http2Head } from '../upstream/http2_head.ts';
import type { Http2Request } from '../upstream/http2_sender.ts';
import { exchangeOf } from '../upstream/of_request.ts';
import { RequestHeaders, setHeaderDirective } from '../upstream/request_headers.ts';
import {
  type CookieFlagRules,
  parseCookieFlags,
  parseRule,
  parseRules,
  RewriteRule,
  type RewriteRules,
  type Rules,
  rewriteBy,
  rewriteCookie,
} from '../upstream/rewrites.ts';
import { HIDDEN_ACCEL_HEADERS, NEXT_UPSTREAM, type UpstreamSettings } from '../upstream/settings.ts';
import { sslDirectives, sslSettings } from '../upstream/ssl_directives.ts';
import { startAt } from '../upstream/start.ts';
import { parseTarget, type Target, targetOf } from '../upstream/target.ts';
import { nameUpstream, type Upstream } from '../upstream/upstreams.ts';

/** What proxy_pass says. */
interface Pass {
  /** Set where the URL holds variables; then the fields below are unused. */
  readonly value: ComplexValue | null;
  readonly url: string;
  readonly target: Target | null;
  readonly upstream: Upstream | null;
  /** What `target.uri` takes the place of. */
  readonly location: string;
}

function ownConf(args: Args): OwnConf {
  return args.own(proxy);
}

const directives = {
  proxy_pass: custom<Pass | null>({
    in: LOCATION | LOCATION_IF | LIMIT_EXCEPT,
    default: null,
    parse: parsePass,
    merge: mergePass,
  }),

  // the request
  proxy_method: value<ComplexValue | null>({ in: HTTP_ANY, default: null, parse: (args) => args.complex(1) }),
  proxy_http_version: enumeration<number>({
    in: HTTP_ANY,
    default: HTTP_11,
    values: { '1.0': HTTP_10, '1.1': HTTP_11, '2': HTTP_20 },
  }),
  proxy_set_header: setHeaderDirective(),
  proxy_set_body: value<ComplexValue | null>({
    in: HTTP_ANY,
    default: null,
    parse: (args) => args.complex(1),
  }),

  ...passingDirectives('proxy', NEXT_UPSTREAM),
  ...sslDirectives('proxy'),

  ...cacheDirectives('proxy', ownConf, NEXT_UPSTREAM),
  proxy_cache_convert_head: convertHead,
  proxy_pass_trailers: flag({ in: HTTP_ANY, default: false }),
  proxy_redirect: rules<Rules>(2, parseRedirect),
  proxy_cookie_domain: rules<Rules>(2, (args, seen) => parseRules(args, seen, 'domain')),
  proxy_cookie_path: rules<Rules>(2, (args, seen) => parseRules(args, seen, 'prefix')),
  proxy_cookie_flags: rules<CookieFlagRules>(4, parseCookieFlags),

  // Tuning of nginx's hash tables and socket buffers: checked, then without effect.
  proxy_headers_hash_max_size: number({ in: HTTP_ANY, default: 512 }),
  proxy_headers_hash_bucket_size: number({ in: HTTP_ANY, default: 64 }),
  proxy_send_lowat: value({ in: HTTP_ANY, default: 0, parse: parseSendLowat }),
};

/** mergeConf adds what requests use. */
interface Conf extends ConfOf<typeof directives> {
  readonly prepared: Prepared | null;
}

class Ctx {
  target: Target | null = null;
  upstream: Upstream | null = null;
  conf: Conf | null = null;
  prepared: Prepared | null = null;
  codec: Http1Codec | Http2Codec | null = null;
  /** $proxy_internal_body_length; -1 for none. */
  bodyLength = -1;
  chunked = false;
}

export const proxy = defineModule({
  name: 'proxy',
  directives,
  newCtx: (): Ctx => new Ctx(),
  variables: {
    proxy_host: { get: (r) => ctxOf(r)?.target?.hostHeader, changeable: true, volatile: true },
    proxy_port: { get: (r) => ctxOf(r)?.target?.port, changeable: true, volatile: true },
    proxy_add_x_forwarded_for: { get: forwardedFor },
    proxy_internal_body_length: { get: bodyLength, volatile: true },
    proxy_internal_chunked: { get: (r) => (ctxOf(r)?.chunked ? 'chunked' : undefined), volatile: true },
  },
  mergeConf: (_outer, merged, level) => {
    checkCache(merged, 'proxy', level, false);
    return withPrepared(merged);
  },
  directories: (conf) => [
    ...(passes(conf) ? [conf.proxy_temp_path] : []),
    ...cacheDirectories(conf, 'proxy'),
  ],
  initWorker: (main, worker) => startCaches(main, worker, 'proxy'),
  exitWorker: stopCaches,
  phases: { content: { when: passes, run: passRequest, exclusive: true } },
});

function ctxOf(r: HttpRequest): Ctx | undefined {
  return proxy.ctx(r);
}

function passes(conf: ConfOf<typeof directives>): boolean {
  return conf.proxy_pass !== null;
}

function forwardedFor(r: HttpRequest): string {
  const addr = r.connection.remoteAddr;
  const forwarded = r.headersIn.joined('x-forwarded-for');
  return forwarded === undefined ? addr : `${forwarded}, ${addr}`;
}

function bodyLength(r: HttpRequest): string | undefined {
  const ctx = ctxOf(r);
  return ctx === undefined || ctx.bodyLength === -1 ? undefined : String(ctx.bodyLength);
}

function passRequest(r: HttpRequest, baseConf: ConfOf<typeof directives>): Rc {
  const conf = baseConf as Conf;
  const pass = conf.proxy_pass as Pass;
  const ctx = proxy.startCtx(r);
  ctx.conf = conf;
  ctx.prepared = conf.prepared;
  ctx.upstream = pass.upstream;
  ctx.target = pass.value === null ? pass.target : evaluateTarget(r, pass.value);
  if (ctx.target === null) return 500;
  const modern = conf.proxy_http_version === HTTP_20;
  ctx.codec = modern ? new Http2Codec(createHttp2Request, false) : new Http1Codec(createRequest);
  const u = new Exchange(r, (conf.prepared as Prepared).settings, ctx.codec, ctx.target.schema);
  u.secure = ctx.target.secure;
  if (modern) u.alpn = 'h2';
  u.passBody = conf.proxy_set_body === null && conf.proxy_pass_request_body;
  const unread = r.body === null && r.bodyReader !== null;
  const streams = u.passBody && !conf.proxy_request_buffering;
  if (unread && streams && (!r.chunked || conf.proxy_http_version !== HTTP_10)) u.stream();
  else if (unread) {
    r.bodyReader?.read(r, bodyRead);
    return AGAIN;
  }
  if (!u.finished) begin(r, u);
  return AGAIN;
}

function begin(r: HttpRequest, u: Exchange): void {
  const { cache } = u.settings;
  if (cache === null) start(r, u);
  else askThroughCache(u, cache, usualKey, start);
}

/** Where there is no proxy_cache_key. */
function usualKey(r: HttpRequest): string {
  const { conf, target } = ctxOf(r) as Ctx;
  const { schema, hostHeader, address } = target as Target;
  const host = address.kind === 'unix' ? `unix:${address.host}:` : hostHeader;
  return schema + host + requestUri(r, conf?.proxy_pass as Pass, target as Target);
}

function bodyRead(r: HttpRequest, rc: Rc): void {
  const u = exchangeOf(r);
  if (rc !== OK) finalize(r, rc);
  else if (u !== null) begin(r, u);
}

function evaluateTarget(r: HttpRequest, url: ComplexValue): Target | null {
  const evaluated = url.evaluate(r);
  const target = parseTarget(evaluated);
  if (typeof target === 'string') {
    logError(r, 'error', target === 'invalid URL prefix' ? `${target} in "${evaluated}"` : target);
    return null;
  }
  return target.uri.startsWith('?') ? { ...target, uri: `/${target.uri}` } : target;
}

function start(r: HttpRequest, u: Exchange): void {
  const { upstream, target } = ctxOf(r) as Ctx;
  if (upstream === null) startAt(u, (target as Target).address);
  else u.start(upstream);
}

function createRequest(u: Exchange): Rc {
  const { r } = u;
  const ctx = ctxOf(r) as Ctx;
  const conf = ctx.conf as Conf;
  const prepared = ctx.prepared as Prepared;
  const target = ctx.target as Target;
  const method = requestMethod(u, ctx, conf);
  const { uri } = u;
  if (uri === '') return 500;

  const body = conf.proxy_set_body === null ? '' : conf.proxy_set_body.evaluate(r);
  ctx.chunked = conf.proxy_set_body === null && r.chunked && u.streaming;
  ctx.bodyLength = conf.proxy_set_body !== null ? body.length : ctx.chunked ? -1 : r.contentLength;
  u.framing = ctx.chunked ? CHUNKED : null;

  const headers = u.cacheable ? prepared.cacheHeaders : prepared.headers;
  const modern = conf.proxy_http_version === HTTP_11;
  let name = headers.host === null ? '' : headers.host.evaluate(r);
  if (headers.host === null || (name === '' && modern)) name = target.hostHeader;
  let head = `${method} ${uri}${modern ? ' HTTP/1.1\r\n' : ' HTTP/1.0\r\n'}`;
  if (name !== '') head += `Host: ${name}\r\n`;
  for (const header of headers.set) {
    const evaluated = header.value.evaluate(r);
    if (evaluated !== '') head += `${header.name}: ${evaluated}\r\n`;
  }
  if (u.cacheable) for (const [own, value] of conditions(u, headers)) head += `${own}: ${value}\r\n`;
  if (ctx.bodyLength !== -1 && !headers.sets('content-length')) {
    head += `Content-Length: ${ctx.bodyLength}\r\n`;
  }
  if (ctx.chunked && !headers.sets('transfer-encoding')) head += 'Transfer-Encoding: chunked\r\n';
  if (conf.proxy_pass_request_headers) {
    const { headersIn } = r;
    for (let i = 0, n = headersIn.count; i < n; i++) {
      if (headers.passes(headersIn, i)) head += `${headersIn.line(i)}\r\n`;
    }
  }
  u.head = `${head}\r\n${body}`;
  return OK;
}

/** What is to be cached is asked for as a whole, if it is not what the cache has. */
function conditions(u: Exchange, headers: RequestHeaders): [name: string, value: string][] {
  const modified = headers.sets('if-modified-since') ? undefined : cachedLastModified(u);
  const etag = headers.sets('if-none-match') ? undefined : cachedEtag(u);
  const asked: [string, string][] = [];
  if (modified !== undefined) asked.push(['If-Modified-Since', modified]);
  if (etag !== undefined) asked.push(['If-None-Match', etag]);
  return asked;
}

/** The method; u.uri is set too, to nothing where there is none, which has been logged. */
function requestMethod(u: Exchange, ctx: Ctx, conf: Conf): string {
  const { r } = u;
  const method = u.method || (conf.proxy_method === null ? r.method : conf.proxy_method.evaluate(r));
  if (ctx.codec !== null) ctx.codec.head = method.toUpperCase() === 'HEAD';
  u.uri = requestUri(r, conf.proxy_pass as Pass, ctx.target as Target);
  if (u.uri === '') logError(r, 'error', 'zero length URI to proxy');
  return method;
}

function createHttp2Request(u: Exchange): Http2Request | null {
  const { r } = u;
  const ctx = ctxOf(r) as Ctx;
  const conf = ctx.conf as Conf;
  const prepared = ctx.prepared as Prepared;
  const target = ctx.target as Target;
  const method = requestMethod(u, ctx, conf);
  const path = u.uri;
  if (path === '') return null;
  u.uri = ''; // as in nginx, whose log does not tell it
  const body = conf.proxy_set_body === null ? null : conf.proxy_set_body.evaluate(r);
  ctx.bodyLength = body !== null ? body.length : r.chunked && u.streaming ? -1 : r.contentLength;
  const headers = u.cacheable ? prepared.cacheHeaders : prepared.headers;
  const host = headers.host === null ? '' : headers.host.evaluate(r);
  const authority = host === '' ? target.hostHeader : host;
  const head = new Http2Head(r, { method, secure: target.secure, path, authority });
  head.addSet(headers);
  if (u.cacheable) for (const [name, value] of conditions(u, headers)) head.add(name, value);
  if (ctx.bodyLength !== -1 && !headers.sets('content-length')) {
    head.add('content-length', String(ctx.bodyLength));
  }
  if (conf.proxy_pass_request_headers) head.addPassed(headers);
  return head.failed ? null : { block: head.block, body };
}

const QUOTED_PATH = /^[^?#]*%/;

/** What stands in the request line: see proxy_pass in nginx's documentation. */
function requestUri(r: HttpRequest, pass: Pass, { uri }: Target): string {
  if (pass.value !== null && uri !== '') return uri;
  if (uri === '' && r.validUnparsedUri) return r.unparsedUri;
  const replaces = !r.uriRewritten && uri !== '';
  const rest = replaces ? r.uri.slice(Math.min(pass.location.length, r.uri.length)) : r.uri;
  const escaped = r.internal || QUOTED_PATH.test(r.unparsedUri) ? escapeUri(rest) : rest;
  return (r.uriRewritten ? '' : uri) + escaped + (r.args === '' ? '' : `?${r.args}`);
}

const HIDDEN_HEADERS = ['date', 'server', 'x-pad', ...HIDDEN_ACCEL_HEADERS];

/** The client's conditions and ranges are met by the cache. */
const CONDITIONS = [
  'if-modified-since',
  'if-unmodified-since',
  'if-none-match',
  'if-match',
  'range',
  'if-range',
];

/** What a location that passes requests needs at hand. */
interface Prepared {
  readonly settings: UpstreamSettings;
  readonly headers: RequestHeaders;
  /** Of requests whose responses may be cached. */
  readonly cacheHeaders: RequestHeaders;
}

function withPrepared(conf: ConfOf<typeof directives>): Conf {
  checkSizes(conf, 'proxy');
  return { ...conf, prepared: conf.proxy_pass === null ? null : prepare(conf, conf.proxy_pass) };
}

function prepare(conf: ConfOf<typeof directives>, pass: Pass): Prepared {
  const redirects = redirectsOf(conf.proxy_redirect, pass);
  const cookies = {
    domains: rulesOf(conf.proxy_cookie_domain),
    paths: rulesOf(conf.proxy_cookie_path),
    flags: conf.proxy_cookie_flags === 'off' ? [] : (conf.proxy_cookie_flags ?? []),
  };
  const hasCookies = cookies.domains.length + cookies.paths.length + cookies.flags.length > 0;
  const settings: UpstreamSettings = {
    ...passingSettings(conf, 'proxy', HIDDEN_HEADERS, conf.proxy_cache_convert_head),
    passTrailers: conf.proxy_pass_trailers,
    passEarlyHints: true,
    ssl: pass.value !== null || pass.target?.secure ? sslSettings(conf, 'proxy') : null,
    rewriteRedirect:
      redirects.length === 0 ? null : (r, given, prefix) => rewriteBy(redirects, r, given, prefix),
    rewriteCookie: hasCookies ? (r, cookie) => rewriteCookie(cookies, r, cookie) : null,
  };
  const headers = new RequestHeaders(conf.proxy_set_header);
  const cacheHeaders =
    settings.cache === null ? headers : new RequestHeaders(conf.proxy_set_header, CONDITIONS);
  return { settings, headers, cacheHeaders };
}

function rulesOf(rules: Rules | null): RewriteRules {
  return rules === null || rules === 'off' ? [] : rules;
}

function redirectsOf(rules: Rules | null, pass: Pass): RewriteRules {
  if (rules !== null) return rulesOf(rules);
  return pass.value === null ? [defaultRedirect(pass)] : [];
}

function defaultRedirect({ url, target, location }: Pass): RewriteRule {
  const literal = (given: string): ComplexValue => new ComplexValue(given, [given]);
  return target?.uri === ''
    ? new RewriteRule(literal(`${url}/`), literal('/'))
    : new RewriteRule(literal(url), literal(location));
}

function parsePass(args: Args, seen: Pass | null | undefined): Pass {
  if (seen) args.fail('is duplicate');
  const location = args.scope.subject;
  if (!(location instanceof Location)) throw new TypeError('proxy_pass outside of a location');
  if (location.name.endsWith('/')) location.autoRedirect = true;
  const url = args.text(1);
  const compiled = args.complex(1);
  if (compiled.constant === null) {
    return { value: compiled, url, target: null, upstream: null, location: location.name };
  }
  const target = targetOf(args, url);
  const upstream = nameUpstream(args, target.address);
  const nameless = location.named || location.regex !== null || location.noname;
  if (nameless && target.uri !== '') {
    args.failWhole(
      '"proxy_pass" cannot have URI part in location given by regular expression, or inside named location, ' +
        'or inside "if" statement, or inside "limit_except" block',
    );
  }
  return { value: null, url, target, upstream, location: nameless ? '' : location.name };
}

/** null: none are given. */
function rules<T>(most: number, parse: (args: Args, seen: T | null | undefined) => T): Directive<T | null> {
  return custom<T | null>({ in: HTTP_ANY, args: [1, most], default: null, inherit: true, parse });
}

function parseRedirect(args: Args, seen: Rules | null | undefined): Rules {
  if (args.count === 2) {
    return seen === 'off' ? args.fail('is duplicate') : [...(seen ?? []), parseRule(args, 'prefix')];
  }
  if (args.text(1) !== 'default') return parseRules(args, seen, 'prefix');
  if (seen === 'off') args.fail('is duplicate');
  const pass = (args.scope.ownConf(proxy).proxy_pass ?? null) as Pass | null;
  if (pass === null) {
    return args.failWhole('"proxy_redirect default" should be placed after the "proxy_pass" directive');
  }
  if (pass.value !== null) {
    return args.failWhole(
      '"proxy_redirect default" cannot be used with "proxy_pass" directive with variables',
    );
  }
  return [...(seen ?? []), defaultRedirect(pass)];
}
