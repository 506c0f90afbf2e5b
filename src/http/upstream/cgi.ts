// What FastCGI, SCGI and uwsgi have in common: how a request comes to its upstream, and heads as CGI programs write them.

import type { Args } from '../../conf/args.ts';
import { askThroughCache } from '../cache/serve.ts';
import { finalize } from '../engine.ts';
import { logError } from '../log.ts';
import { AGAIN, OK, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import { unprefixed } from '../unprefixed.ts';
import { type Codec, INVALID_HEAD } from './codec.ts';
import { addressOf, type Pass, parsePass } from './directives.ts';
import { Exchange } from './exchange.ts';
import { readHeaderLines, readTo } from './header_lines.ts';
import { exchangeOf } from './of_request.ts';
import { type Param, Params, type UsualParams, usualParams } from './params.ts';
import { LOCATION } from './response.ts';
import {
  FT_ERROR,
  FT_HTTP_403,
  FT_HTTP_404,
  FT_HTTP_429,
  FT_HTTP_500,
  FT_HTTP_503,
  FT_INVALID_HEADER,
  FT_NON_IDEMPOTENT,
  FT_OFF,
  FT_TIMEOUT,
  FT_UPDATING,
  type UpstreamSettings,
} from './settings.ts';
import { startAt } from './start.ts';

export const CGI_NEXT_UPSTREAM = {
  error: FT_ERROR,
  timeout: FT_TIMEOUT,
  invalid_header: FT_INVALID_HEADER,
  non_idempotent: FT_NON_IDEMPOTENT,
  http_500: FT_HTTP_500,
  http_503: FT_HTTP_503,
  http_403: FT_HTTP_403,
  http_404: FT_HTTP_404,
  http_429: FT_HTTP_429,
  updating: FT_UPDATING,
  off: FT_OFF,
};

export interface CgiPass extends Pass {
  /** TLS is spoken. */
  readonly secure: boolean;
  readonly usual: UsualParams;
}

export function parseCgiPass(args: Args): CgiPass {
  return { ...parsePass(args, args.text(1)), secure: false, usual: usualParams(args) };
}

/** What of a module's configuration is read here, without the module's prefix. */
interface CgiConf {
  readonly param: readonly Param[];
  readonly pass_request_headers: boolean;
  readonly pass_request_body: boolean;
  readonly request_buffering: boolean;
}

/** What a location needs at hand that passes requests. */
export class CgiSettings {
  readonly pass: CgiPass;
  readonly settings: UpstreamSettings;
  readonly passHeaders: boolean;
  readonly passBody: boolean;
  readonly requestBuffering: boolean;
  readonly #params: Params;
  readonly #cacheableParams: Params;

  /** `conf` is the merged configuration of `module`. */
  constructor(conf: object, module: string, pass: CgiPass, settings: UpstreamSettings) {
    const own = unprefixed(conf, module) as unknown as CgiConf;
    this.pass = pass;
    this.settings = settings;
    this.passHeaders = own.pass_request_headers;
    this.passBody = own.pass_request_body;
    this.requestBuffering = own.request_buffering;
    this.#params = new Params(own.param, pass.usual.all);
    this.#cacheableParams = new Params(own.param, pass.usual.cacheable);
  }

  /** What the upstream is told of the request: name, value, name, value … */
  params(u: Exchange): string[] {
    const params = u.cacheable ? this.#cacheableParams : this.#params;
    return params.collect(u.r, this.passHeaders);
  }
}

export interface CgiCodec extends Codec {
  readonly cgi: CgiSettings;
  /** Where an address may have a scheme: obeys it, and answers what is behind it. */
  takeScheme?(u: Exchange, address: string): string;
}

/** Passes a request on; `mayStream`: its body may go on as it comes. */
export function passCgi(r: HttpRequest, codec: CgiCodec, schema: string, mayStream: boolean): Rc {
  const { settings, passBody, requestBuffering, pass } = codec.cgi;
  const u = new Exchange(r, settings, codec, schema);
  u.secure = pass.secure;
  u.passBody = passBody;
  if (r.body === null && r.bodyReader !== null) {
    if (!mayStream || requestBuffering || !passBody) {
      r.bodyReader.read(r, bodyRead);
      return AGAIN;
    }
    u.stream();
  }
  if (!u.finished) begin(r, u);
  return AGAIN;
}

function bodyRead(r: HttpRequest, rc: Rc): void {
  const u = exchangeOf(r);
  if (rc !== OK) finalize(r, rc);
  else if (u !== null) begin(r, u);
}

function begin(r: HttpRequest, u: Exchange): void {
  const { cache } = u.settings;
  if (cache === null) start(r, u);
  else askThroughCache(u, cache, noKey, start);
}

/** Only proxy has a key that need not be said. */
function noKey(): string {
  return '';
}

function start(r: HttpRequest, u: Exchange): void {
  const codec = u.codec as CgiCodec;
  const { value, upstream } = codec.cgi.pass;
  if (upstream !== null) {
    u.start(upstream);
    return;
  }
  const text = value?.evaluate(r) ?? '';
  const address = addressOf(r, codec.takeScheme?.(u, text) ?? text);
  if (address === null) u.finish(500);
  else startAt(u, address);
}

/** The head of a response: header lines, of which "Status" says what a status line would. */
export class CgiHead {
  /** Where it ends. */
  end = 0;
  #pos = 0;

  reset(pos = 0): void {
    this.#pos = pos;
  }

  /** Parses `text`, which begins as it did when it was parsed before. */
  parse(u: Exchange, text: string): Rc {
    const rc = readHeaderLines(u, text, this.#pos);
    this.#pos = readTo;
    if (rc !== OK) return rc;
    this.end = readTo;
    return judge(u);
  }
}

function judge(u: Exchange): Rc {
  const { response, state } = u;
  if (response.status !== 0) return OK; // a status line has said so
  const given = response.get('status');
  if (given !== undefined) {
    if (!/^[0-9]{3}/.test(given)) {
      logError(u.r, 'error', `upstream sent invalid status "${given}"`);
      return INVALID_HEAD;
    }
    response.status = Number(given.slice(0, 3));
    response.statusLine = given.length > 3 ? given : '';
  } else if (response.has(LOCATION)) {
    response.status = 302;
    response.statusLine = '302 Moved Temporarily';
  } else {
    response.status = 200;
    response.statusLine = '200 OK';
  }
  if (state !== null && state.status === 0) state.status = response.status;
  return OK;
}
