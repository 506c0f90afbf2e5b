// nginx's own answers: error pages and redirects, unless error_page names another (ngx_http_special_response.c).

import { NGINX_VERSION } from '../core/version.ts';
import type { ErrorPage } from './core_values.ts';
import { escapeRefresh } from './escape.ts';
import { output, sendHeader } from './output.ts';
import { ERROR, OK, type Rc } from './rc.ts';
import { internalRedirect, namedLocation } from './redirect.ts';
import { HTTP_10, type HttpRequest } from './request.ts';

// Title and heading of each page; where they differ, the heading has two lines.
const PAGES: ReadonlyMap<number, string> = new Map([
  [301, '301 Moved Permanently'],
  [302, '302 Found'],
  [303, '303 See Other'],
  [307, '307 Temporary Redirect'],
  [308, '308 Permanent Redirect'],
  [400, '400 Bad Request'],
  [401, '401 Authorization Required'],
  [402, '402 Payment Required'],
  [403, '403 Forbidden'],
  [404, '404 Not Found'],
  [405, '405 Not Allowed'],
  [406, '406 Not Acceptable'],
  [407, '407 Proxy Authentication Required'],
  [408, '408 Request Time-out'],
  [409, '409 Conflict'],
  [410, '410 Gone'],
  [411, '411 Length Required'],
  [412, '412 Precondition Failed'],
  [413, '413 Request Entity Too Large'],
  [414, '414 Request-URI Too Large'],
  [415, '415 Unsupported Media Type'],
  [416, '416 Requested Range Not Satisfiable'],
  [421, '421 Misdirected Request'],
  [429, '429 Too Many Requests'],
  [494, '400 Request Header Or Cookie Too Large'],
  [495, '400 The SSL certificate error'],
  [496, '400 No required SSL certificate was sent'],
  [497, '400 The plain HTTP request was sent to HTTPS port'],
  [498, '404 Not Found'],
  [500, '500 Internal Server Error'],
  [501, '501 Not Implemented'],
  [502, '502 Bad Gateway'],
  [503, '503 Service Temporarily Unavailable'],
  [504, '504 Gateway Time-out'],
  [505, '505 HTTP Version Not Supported'],
  [507, '507 Insufficient Storage'],
]);
// nginx's own codes, which the client sees as 400.
const BAD_REQUESTS = [494, 495, 496, 497];

const SIGNATURES = {
  on: `nginx/${NGINX_VERSION}`,
  build: `nginx/${NGINX_VERSION}`,
  off: 'nginx',
} as const;

const MSIE_PADDING = '<!-- a padding to disable MSIE and Chrome friendly error page -->\r\n'.repeat(6);

// After these the connection cannot be trusted to stand at the start of a request.
const LAST_ON_CONNECTION = [400, 413, 414, 497, 495, 496, 500, 501];

const built = new Map<string, string>();

function page(status: number, tokens: keyof typeof SIGNATURES): string {
  const key = `${status}${tokens}`;
  let html = built.get(key);
  if (html === undefined) {
    html = buildPage(status, tokens);
    built.set(key, html);
  }
  return html;
}

function buildPage(status: number, tokens: keyof typeof SIGNATURES): string {
  const title = PAGES.get(status);
  if (title === undefined) return '';
  const heading = BAD_REQUESTS.includes(status)
    ? `<center><h1>400 Bad Request</h1></center>\r\n<center>${title.slice(4)}</center>`
    : `<center><h1>${title}</h1></center>`;
  return (
    `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n${heading}\r\n` +
    `<hr><center>${SIGNATURES[tokens]}</center>\r\n</body>\r\n</html>\r\n`
  );
}

/** Answers with `status`: through error_page where it has one, else with nginx's own page. */
export function specialResponse(r: HttpRequest, status: number): Rc {
  r.errorStatus = status;
  if (r.keepalive && LAST_ON_CONNECTION.includes(status)) r.keepalive = false;
  r.headersOut.contentType = '';
  const { core } = r.loc;
  if (!r.errorPage && core.error_page.length > 0 && r.uriChanges !== 0) {
    if (!core.recursive_error_pages) r.errorPage = true;
    for (const candidate of core.error_page) {
      if (candidate.status === status) return sendErrorPage(r, candidate);
    }
  }
  r.expectTested = true;
  if (core.msie_refresh && (status === 301 || status === 302) && isMsie(r)) return sendRefresh(r);
  if (BAD_REQUESTS.includes(status)) r.errorStatus = 400;
  return sendSpecial(r, status);
}

function sendErrorPage(r: HttpRequest, errorPage: ErrorPage): Rc {
  const { overwrite } = errorPage;
  if (overwrite !== 0 && overwrite !== 200) r.expectTested = true;
  if (overwrite >= 0) r.errorStatus = overwrite;
  const target = errorPage.value.evaluate(r);
  if (target.startsWith('/')) {
    if (r.method !== 'HEAD') r.method = 'GET';
    const question = target.indexOf('?');
    if (question === -1) return internalRedirect(r, target, '');
    return internalRedirect(r, target.slice(0, question), target.slice(question + 1));
  }
  if (target.startsWith('@')) return namedLocation(r, target);
  r.expectTested = true;
  if (![301, 302, 303, 307, 308].includes(overwrite)) r.errorStatus = 302;
  r.headersOut.location = target;
  if (r.loc.core.msie_refresh && isMsie(r)) return sendRefresh(r);
  return sendSpecial(r, r.errorStatus);
}

function sendSpecial(r: HttpRequest, status: number): Rc {
  const { headersOut } = r;
  const { core } = r.loc;
  let body = page(status, core.server_tokens);
  if (body !== '') {
    if (core.msie_padding && status >= 400 && r.httpVersion >= HTTP_10 && friendlyPages(r))
      body += MSIE_PADDING;
    headersOut.contentType = 'text/html';
  }
  headersOut.contentLength = body.length;
  headersOut.clearValidators();
  r.forbidRanges();
  const rc = sendHeader(r);
  if (rc === ERROR || rc > OK) return rc;
  return output(r, body, true);
}

/** A page that leads to where the Location would have. */
function sendRefresh(r: HttpRequest): Rc {
  const { headersOut } = r;
  const url = escapeRefresh(headersOut.location);
  const body = `<html><head><meta http-equiv="Refresh" content="0; URL=${url}"></head><body></body></html>\r\n`;
  r.errorStatus = 200;
  headersOut.location = '';
  headersOut.clearValidators();
  r.forbidRanges();
  headersOut.contentType = 'text/html';
  headersOut.contentLength = body.length;
  const rc = sendHeader(r);
  if (rc === ERROR || rc > OK || r.headerOnly) return rc;
  return output(r, body, true);
}

export function isMsie(r: HttpRequest): boolean {
  const agent = r.headersIn.get('user-agent') ?? '';
  return /MSIE .{3}/.test(agent) && !agent.includes('Opera');
}

/** Browsers that replace short error pages by their own. */
function friendlyPages(r: HttpRequest): boolean {
  const agent = r.headersIn.get('user-agent') ?? '';
  return isMsie(r) || (agent.includes('Chrome/') && !/Opera|Gecko\//.test(agent));
}
