// What the table of functions cannot find out: what a function is called here where the name differs, and what is
// refused and why.

/** Our spelling, where it is not Lua's. A block that shows it has to use this one. */
export const HERE: Readonly<Record<string, string>> = {
  'Core constants': 'ngx.OK',
  'HTTP method constants': 'ngx.HTTP_GET',
  'HTTP status constants': 'ngx.HTTP_OK',
  'Nginx log level constants': 'ngx.ERR',
  'ngx.var.VARIABLE': 'ngx.var',
  'ngx.header.HEADER': 'ngx.header',
  'ngx.shared.DICT': 'ngx.shared',
  'ndk.set_var.DIRECTIVE': 'ndk.set_var',
  'ngx.base64.encode_base64url': 'ngx.encode_base64url',
  'ngx.base64.decode_base64url': 'ngx.decode_base64url',
  'resty.core.ctx.get_ctx_table': 'ngx.get_ctx_table',
  'resty.core.time.monotonic_msec': 'performance.now',
  'resty.core.time.monotonic_time': 'performance.now',
};

const POINTER = 'of the TLS group: a pointer is of no use without FFI';
const LATER = 'not yet: comes with the phases of TLS';

/** Refused, and why. A name that ends in ":" or "." stands for all that begin with it. */
export const REFUSED: Readonly<Record<string, string>> = {
  'tcpsock:getsslpointer': POINTER,
  'tcpsock:getsslctx': POINTER,
};

/** Nobody's yet, and when. */
export const NOT_YET: Readonly<Record<string, string>> = {
  'ngx.ssl': LATER,
  'ngx.ssl.': LATER,
  'ngx.ocsp': LATER,
  'ngx.ocsp.': LATER,
  'ngx.proxyssl.': LATER,
};
