// A request on its way through the phases: what came in, what goes out, and where it stands.
// Every field is set in the constructor, so that all requests have one shape. Text from the wire is latin1: a character
// is a byte.

import type { Evaluated } from '../conf/complex.ts';
import type { Connection } from './connection.ts';
import { HeadersIn, HeadersOut } from './headers.ts';
import type { Location, Server } from './location.ts';
import type { Step } from './phases.ts';
import type { Postponed } from './postpone.ts';
import type { ByteRanges } from './ranges.ts';
import type { BodyReader, RequestBody } from './request_body.ts';
import type { Sink } from './sink.ts';
import type { Subrequest } from './subrequest.ts';

export const HTTP_09 = 9;
export const HTTP_10 = 1000;
export const HTTP_11 = 1001;
export const HTTP_20 = 2000;

/** A location change counts against this: nginx's NGX_HTTP_MAX_URI_CHANGES. */
const MAX_URI_CHANGES = 10;

export class HttpRequest implements Evaluated {
  readonly connection: Connection;
  /** Where the response goes: the connection's writer, a stream's, or a subrequest's buffer. */
  sink: Sink;
  readonly main: HttpRequest;
  readonly parent: HttpRequest | null;
  /** What the parent asked for; null for a main request. */
  readonly sub: Subrequest | null;

  // The request line. uri is decoded and normalised; unparsedUri is as it came, arguments included.
  requestLine = '';
  method = '';
  httpVersion = HTTP_11;
  /** Of an absolute-form request line, else empty. */
  schema = '';
  unparsedUri = '';
  uri = '';
  args = '';
  /** $args has a value even where it is empty: it was given one. */
  argsSet = false;

  headersIn = new HeadersIn();
  /** The name the client asked for: from the request line or the Host header, checked, in lower case, without port. */
  host = '';
  /** The port in the Host header or the request line, "" for none. */
  requestPort = '';
  /** Content-Length; -1 for none. */
  contentLength = -1;
  chunked = false;
  keepalive = false;
  /** Its first bytes were read together with the request before it: $pipe. */
  pipelined = false;
  /** Expect: 100-continue asked for and not answered yet. */
  expectContinue = false;
  /** Read already; null until then. */
  body: RequestBody | null = null;
  /** It is to become a file: that it is written to one is worth no warning. */
  bodyBecomesFile = false;
  /** How the body is read; null where there is nothing left to read. */
  bodyReader: BodyReader | null = null;
  /** Of the request line and headers, for $request_length; the body's bytes are added as they come. */
  requestLength = 0;

  readonly headersOut = new HeadersOut();
  headerSent = false;
  /** No body follows: HEAD, 304, 204, and what else only has a head. */
  headerOnly = false;
  /** The last of the body has been given to the output. */
  outputDone = false;
  /** Its end will not come from the upstream, and is done without: nginx calls that complete, too. */
  cutShort = false;
  /** Bytes given to the connection, head included, and of the body alone. */
  bytesSent = 0;
  bodyBytesSent = 0;
  /** Ranges may be answered from this response. */
  allowRanges = false;
  /** The parts of the body that are sent; null for all of it. */
  ranges: ByteRanges | null = null;
  /** Of them, only a single one. */
  singleRange = false;
  /** The response is an upstream's, which has judged the request's conditions itself. */
  disableNotModified = false;
  /** X-Accel-Charset: the charset that an upstream says its response has; empty for none. */
  overrideCharset = '';

  server: Server;
  loc: Location;
  /** The steps being walked, and the position in them. */
  steps: readonly Step[] = [];
  step = 0;
  /** Where header filters stand while one waits. */
  headerFilter = 0;
  /** A header filter is waiting; output is held until it is done. */
  held: Held[] | null = null;

  /** A body filter holds some of the body back: the request is not over before releaseBody(). */
  bodyHeld = false;
  /** It was to be finalized meanwhile. */
  finalizeHeld = false;
  /** Where its output stands among that of subrequests, or of its parent; null: it is alone. */
  postponed: Postponed | null = null;

  /** The last exchange with an upstream (http/upstream/exchange.ts); null for none. Outlives internal redirects. */
  upstream: object | null = null;
  /** Modules' state (CtxSlot). Forgotten at an internal redirect. */
  ctx: unknown[] = [];
  vars: (string | null | undefined)[];
  captures: readonly (string | undefined)[] | null = null;

  /** Came from an internal redirect, error_page, subrequest: may enter internal locations. */
  internal = false;
  /** A rewrite has set uri: the location is looked for again after the rewrite phase. */
  uriChanged = false;
  /** rewrite … break: uri is no longer the one that the location was found by, so an alias has no meaning. */
  uriRewritten = false;
  /** index found a file in an alias of a regular expression location: uri is to be appended. */
  addUriToAlias = false;
  /** unparsedUri still stands for uri (a proxy may pass it on as it came). */
  validUnparsedUri = true;
  /** Location changes that are left. */
  uriChanges = MAX_URI_CHANGES + 1;
  /** Subrequests may nest this deep: NGX_HTTP_MAX_SUBREQUESTS and one more. */
  subrequests = 51;
  /** error_page: the status that the page stands for, so that it is not replaced by the page's own. 0 for none. */
  errorStatus = 0;
  errorPage = false;
  /** A named location or an error page may not be left by another error page unless recursive_error_pages. */
  expectTested = false;
  /** post_action is being run: nothing is sent any more. */
  postAction = false;
  /** satisfy any: an access handler's refusal, held until all have been asked. */
  accessCode = 0;
  discardBody = false;
  /** Subrequests that its response does not wait for, but its connection: it is not over before they are. */
  background = 0;
  /** Whether the client takes gzip, once that has been asked: see gzip_ok.ts. */
  gzipOk = 0;
  /** The response depends on it. */
  gzipVary = false;
  /** What limit_req and limit_conn have made of the main request; 0: nothing. */
  limitReqStatus = 0;
  limitConnStatus = 0;
  /** limit_conn counts it until it has been sent and logged. */
  counted: Counted | null = null;
  logged = false;
  finalized = false;
  /** The client has gone: nothing more can be sent. */
  aborted = false;
  /** limit_rate in bytes a second; 0 for none, -1 until it is taken from the location. */
  limitRate = -1;
  limitRateAfter = -1;
  /** What is going on, for the error log: "while ACTION, client: …". */
  action = '';
  /** The upstream that the request is being sent to, for the error log: "http://127.0.0.1:80/x". */
  upstreamUrl = '';
  /** Milliseconds since 1970 when the first byte came. */
  readonly startTime: number;
  /** $request_id and other things made once. */
  requestId = '';
  /** Called when the client goes away while the request waits. */
  onAbort: ((r: HttpRequest) => void) | null = null;
  /** Called when the client has taken nothing for send_timeout; without it the request ends. */
  onSendTimeout: ((r: HttpRequest) => void) | null = null;
  /** Called when the output can take more after it has answered AGAIN. */
  onWritable: ((r: HttpRequest) => void) | null = null;
  /** Called instead: a body filter has more to give, and the request is not over before bodyFilterDone(). */
  filterWritable: ((r: HttpRequest) => void) | null = null;
  /** Body filters are to hand on what they hold back: see flushOutput(). */
  flushing = false;
  /** Run when the request ends, last added first. */
  cleanups: ((r: HttpRequest) => void)[] | null = null;

  constructor(
    connection: Connection,
    sink: Sink,
    server: Server,
    parent: HttpRequest | null,
    sub: Subrequest | null,
  ) {
    this.connection = connection;
    this.sink = sink;
    this.server = server;
    this.loc = server.location;
    this.parent = parent;
    this.sub = sub;
    this.main = parent === null ? this : parent.main;
    this.vars = parent === null ? new Array(server.main.variableCount) : parent.vars;
    this.startTime = parent === null ? Date.now() : parent.startTime;
  }

  /** No part of this response can be asked for, an upstream's offer notwithstanding (ngx_http_clear_accept_ranges). */
  forbidRanges(): void {
    this.allowRanges = false;
    this.headersOut.remove('Accept-Ranges');
  }

  /** The extension of the uri's last segment, in lower case, without the dot; empty for none. */
  get exten(): string {
    const { uri } = this;
    for (let i = uri.length - 1; i >= 0; i--) {
      const code = uri.charCodeAt(i);
      if (code === 47) return '';
      if (code === 46) return uri.charCodeAt(i - 1) === 47 ? '' : uri.slice(i + 1);
    }
    return '';
  }

  onEnd(cleanup: (r: HttpRequest) => void): void {
    if (this.cleanups === null) this.cleanups = [cleanup];
    else this.cleanups.push(cleanup);
  }
}

/** Something that is counted of a request. */
export interface Counted {
  release(): void;
}

/** Output that came while a header filter waited. */
interface Held {
  readonly data: string | Buffer;
  readonly last: boolean;
}
