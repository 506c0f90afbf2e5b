// The grammar of an HTTP/1 request head, as nginx reads it: request line, header lines, complex uris, host names.
// Nothing here knows of connections or settings. Results are left in one object per parser that the caller reads at
// once, so that a head costs no allocation but the strings that are asked for.

import { AGAIN, OK } from '../rc.ts';

export const INVALID_METHOD = 10;
export const INVALID_REQUEST = 11;
export const INVALID_VERSION = 12;
export const INVALID_09_METHOD = 13;
/** The empty line at the end of the head. */
export const HEADER_DONE = 1;
export const INVALID_HEADER = 14;

const NUL = 0;
const LF = 10;
const CR = 13;
const SPACE = 32;
const HASH = 35;
const PERCENT = 37;
const PLUS = 43;
const DASH = 45;
const DOT = 46;
const SLASH = 47;
const ZERO = 48;
const NINE = 57;
const COLON = 58;
const QUESTION = 63;
const UPPER_H = 72;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const UNDERSCORE = 95;
const DEL = 127;

// What a byte may be part of.
const METHOD = 1;
/** In a uri, without a meaning of its own. */
const USUAL = 2;
const ALPHA = 4;
const DIGIT = 8;
/** In a host name of a request line. */
const HOST = 16;
/** Between the brackets of an IPv6 address. */
const LITERAL = 32;
/** In a header name, "_" not counted. */
const NAME = 64;
/** In the name of a Host header. */
const REG_NAME = 128;

const CLASS = new Uint8Array(256);
for (let code = 0; code < 256; code++) {
  const char = String.fromCharCode(code);
  let bits = 0;
  if (/[A-Z_-]/.test(char)) bits |= METHOD;
  if (code > SPACE && code !== DEL && !'#%+./?'.includes(char)) bits |= USUAL;
  if (/[A-Za-z]/.test(char)) bits |= ALPHA;
  if (/[0-9]/.test(char)) bits |= DIGIT;
  if (/[A-Za-z0-9.-]/.test(char)) bits |= HOST;
  if (/[A-Za-z0-9:.~_!$&'()*+,;=-]/.test(char)) bits |= LITERAL;
  if (/[A-Za-z0-9-]/.test(char)) bits |= NAME;
  if (/[A-Za-z0-9.~_!$&'()*+,;=%-]/.test(char)) bits |= REG_NAME;
  CLASS[code] = bits;
}

function is(code: number, bits: number): boolean {
  return ((CLASS[code] as number) & bits) !== 0;
}

/** Where the parts of a request line stand; -1 for a part that it has not. */
class RequestLine {
  /** The first byte behind leading line breaks, and the end of the line without its line break. */
  start = 0;
  end = 0;
  /** Behind the line break. */
  next = 0;
  methodEnd = -1;
  uriStart = 0;
  uriEnd = 0;
  argsStart = -1;
  schemaStart = -1;
  schemaEnd = -1;
  hostStart = -1;
  hostEnd = -1;
  /** major * 1000 + minor. */
  version = 0;
  /** Has "//", "/." or "#": its path must be normalised. */
  complex = false;
  /** Has "%". */
  quoted = false;
  /** Absolute form without a path: "http://host?args". */
  emptyPath = false;
}

export const line = new RequestLine();

// States of the request line before its uri.
const METHOD_START = 0;
const IN_METHOD = 1;
const BEFORE_URI = 2;
const IN_SCHEMA = 3;
const SCHEMA_SLASH = 4;
const SCHEMA_SLASH_SLASH = 5;
const BEFORE_HOST = 6;
const HOST_START = 7;
const IN_HOST = 8;
const HOST_END = 9;
const IN_LITERAL = 10;
const PORT_START = 11;
const IN_PORT = 12;

/**
 * Parses the request line that starts at `from` (line breaks before it are skipped) and leaves its parts in `line`.
 * AGAIN: `s` ends before the line does; it is to be parsed from `from` again when more has come.
 */
export function parseRequestLine(s: string, from: number): number {
  line.methodEnd = -1;
  line.argsStart = -1;
  line.schemaStart = -1;
  line.schemaEnd = -1;
  line.hostStart = -1;
  line.hostEnd = -1;
  line.complex = false;
  line.quoted = false;
  line.emptyPath = false;
  line.version = 1000;
  const to = s.length;
  let state = METHOD_START;
  let connect = false;
  let p = from;
  line.start = p;
  while (p < to) {
    const code = s.charCodeAt(p);
    switch (state) {
      case METHOD_START:
        line.start = p;
        if (code === CR || code === LF) break;
        if (!is(code, METHOD)) return INVALID_METHOD;
        state = IN_METHOD;
        break;

      case IN_METHOD:
        if (is(code, METHOD)) break;
        if (code !== SPACE) return INVALID_METHOD;
        line.methodEnd = p;
        connect = p - line.start === 7 && s.startsWith('CONNECT', line.start);
        state = connect ? BEFORE_HOST : BEFORE_URI;
        break;

      case BEFORE_URI:
        if (code === SLASH) return parseUri(s, p);
        if (is(code, ALPHA)) {
          line.schemaStart = p;
          state = IN_SCHEMA;
        } else if (code !== SPACE) {
          return INVALID_REQUEST;
        }
        break;

      case IN_SCHEMA:
        if (is(code, ALPHA | DIGIT) || code === PLUS || code === DASH || code === DOT) break;
        if (code !== COLON) return INVALID_REQUEST;
        line.schemaEnd = p;
        state = SCHEMA_SLASH;
        break;

      case SCHEMA_SLASH:
      case SCHEMA_SLASH_SLASH:
        if (code !== SLASH) return INVALID_REQUEST;
        state = state === SCHEMA_SLASH ? SCHEMA_SLASH_SLASH : HOST_START;
        break;

      case BEFORE_HOST:
      case HOST_START:
        if (code === SPACE && state === BEFORE_HOST) break;
        line.hostStart = p;
        if (code === OPEN_BRACKET) {
          state = IN_LITERAL;
          break;
        }
        state = IN_HOST;
        continue;

      case IN_LITERAL:
        if (code === CLOSE_BRACKET) state = HOST_END;
        else if (!is(code, LITERAL)) return INVALID_REQUEST;
        break;

      case IN_HOST:
        if (is(code, HOST)) break;
        state = HOST_END;
        continue;

      case HOST_END:
        if (code === COLON) {
          state = PORT_START;
          break;
        }
        return connect ? INVALID_REQUEST : parseAfterHost(s, p);

      case PORT_START:
        state = IN_PORT;
        if (is(code, DIGIT)) break;
        if (connect) return INVALID_REQUEST;
        continue;

      case IN_PORT:
        if (is(code, DIGIT)) break;
        if (!connect) return parseAfterHost(s, p);
        if (code !== SPACE) return INVALID_REQUEST;
        line.hostEnd = p;
        return parseProtocol(s, p + 1, true);
    }
    p++;
  }
  return AGAIN;
}

/** What stands behind the host of an absolute form: a path, arguments, or nothing. */
function parseAfterHost(s: string, p: number): number {
  line.hostEnd = p;
  switch (s.charCodeAt(p)) {
    case SLASH:
      return parseUri(s, p);
    case QUESTION:
      line.uriStart = p;
      line.argsStart = p + 1;
      line.emptyPath = true;
      return parseUriRest(s, p + 1);
    case SPACE:
      // The path is "/": one of those behind the schema stands for it.
      line.uriStart = line.schemaEnd + 1;
      line.uriEnd = line.schemaEnd + 2;
      return parseProtocol(s, p + 1, false);
    default:
      return INVALID_REQUEST;
  }
}

/** The uri up to a byte behind which nothing but its end matters. */
function parseUri(s: string, start: number): number {
  line.uriStart = start;
  let afterSlash = true;
  let p = start + 1;
  for (const to = s.length; p < to; p++) {
    const code = s.charCodeAt(p);
    if (is(code, USUAL)) {
      afterSlash = false;
      continue;
    }
    switch (code) {
      case SLASH:
        if (afterSlash) {
          line.complex = true;
          return parseUriRest(s, p + 1);
        }
        afterSlash = true;
        continue;
      case DOT:
        if (!afterSlash) continue;
        line.complex = true;
        return parseUriRest(s, p + 1);
      case PERCENT:
        line.quoted = true;
        return parseUriRest(s, p + 1);
      case QUESTION:
        line.argsStart = p + 1;
        return parseUriRest(s, p + 1);
      case PLUS:
        continue;
      default:
        return parseUriRest(s, p);
    }
  }
  return AGAIN;
}

function parseUriRest(s: string, from: number): number {
  for (let p = from, to = s.length; p < to; p++) {
    const code = s.charCodeAt(p);
    if (code > SPACE) {
      if (code === HASH) line.complex = true;
      else if (code === DEL) return INVALID_REQUEST;
      continue;
    }
    line.uriEnd = p;
    if (code === SPACE) return parseProtocol(s, p + 1, false);
    if (code === CR || code === LF) return finishLine(s, p, 9);
    return INVALID_REQUEST;
  }
  return AGAIN;
}

/** "HTTP/1.1" and the end of the line, or the end alone: HTTP/0.9. */
function parseProtocol(s: string, from: number, connect: boolean): number {
  const to = s.length;
  let p = from;
  while (p < to && s.charCodeAt(p) === SPACE) p++;
  if (p === to) return AGAIN;
  const first = s.charCodeAt(p);
  if (first === CR || first === LF) return finishLine(s, p, 9);
  if (first !== UPPER_H) return INVALID_REQUEST;
  for (let i = 1; i < 5; i++) {
    if (p + i === to) return AGAIN;
    if (s.charCodeAt(p + i) !== 'HTTP/'.charCodeAt(i)) return INVALID_REQUEST;
  }
  if (connect) {
    line.uriStart = p + 4;
    line.uriEnd = p + 5;
  }
  return parseVersion(s, p + 5);
}

function parseVersion(s: string, from: number): number {
  const to = s.length;
  let p = from;
  let major = 0;
  for (; ; p++) {
    if (p === to) return AGAIN;
    const code = s.charCodeAt(p);
    if (code === DOT && p > from) break;
    if (code < ZERO || code > NINE || (p === from && code === ZERO)) return INVALID_REQUEST;
    major = major * 10 + (code - ZERO);
    if (major > 1) return INVALID_VERSION;
  }
  const minorStart = ++p;
  let minor = 0;
  for (; ; p++) {
    if (p === to) return AGAIN;
    const code = s.charCodeAt(p);
    if (code < ZERO || code > NINE) {
      if (p === minorStart) return INVALID_REQUEST;
      break;
    }
    if (minor > 99) return INVALID_REQUEST;
    minor = minor * 10 + (code - ZERO);
  }
  while (s.charCodeAt(p) === SPACE) p++;
  return p === to ? AGAIN : finishLine(s, p, major * 1000 + minor);
}

function finishLine(s: string, at: number, version: number): number {
  const code = s.charCodeAt(at);
  let p = at;
  if (code === CR) {
    p++;
    if (p === s.length) return AGAIN;
  }
  if (s.charCodeAt(p) !== LF) return INVALID_REQUEST;
  line.end = at;
  line.next = p + 1;
  line.version = version;
  const get = line.methodEnd - line.start === 3 && s.startsWith('GET', line.start);
  return version === 9 && !get ? INVALID_09_METHOD : OK;
}

/** A header line that has been parsed. */
class HeaderLine {
  nameEnd = 0;
  valueStart = 0;
  valueEnd = 0;
  /** Behind the line break. */
  next = 0;
  /** The name has a byte that it must not have; such lines are ignored, unless told otherwise. */
  invalid = false;
  /** The byte that made the line INVALID_HEADER. */
  errorAt = 0;
}

export const header = new HeaderLine();

/**
 * Parses the header line that starts at `from` and leaves its parts in `header`. `plain`: `s` is known to hold no NUL.
 * AGAIN: the line is not complete.
 */
export function parseHeaderLine(s: string, from: number, underscores: boolean, plain: boolean): number {
  // The usual line, found by searching; whatever it might get wrong is left to the machine below.
  const to = s.length;
  let p = from;
  while (p < to && is(s.charCodeAt(p), NAME)) p++;
  if (!plain || p === from || s.charCodeAt(p) !== COLON) return parseAnyHeaderLine(s, from, underscores);
  const nameEnd = p++;
  while (s.charCodeAt(p) === SPACE) p++;
  const end = s.indexOf('\n', p);
  if (end === -1) return parseAnyHeaderLine(s, from, underscores);
  const cr = s.indexOf('\r', p);
  let valueEnd = end;
  if (cr !== -1 && cr < end) {
    if (cr !== end - 1) return parseAnyHeaderLine(s, from, underscores);
    valueEnd = cr;
  }
  while (valueEnd > p && s.charCodeAt(valueEnd - 1) === SPACE) valueEnd--;
  header.nameEnd = nameEnd;
  header.valueStart = p;
  header.valueEnd = valueEnd;
  header.next = end + 1;
  header.invalid = false;
  return OK;
}

// States of a header line.
const IN_NAME = 0;
const BEFORE_VALUE = 1;
const IN_VALUE = 2;
const AFTER_VALUE = 3;
const ALMOST_DONE = 4;

/** Any line, byte by byte. */
export function parseAnyHeaderLine(s: string, from: number, underscores: boolean): number {
  const to = s.length;
  if (from === to) return AGAIN;
  header.errorAt = from;
  header.invalid = false;
  const first = s.charCodeAt(from);
  if (first === LF) return endOfHead(from + 1);
  if (first === CR) {
    if (from + 1 === to) return AGAIN;
    return s.charCodeAt(from + 1) === LF ? endOfHead(from + 2) : INVALID_HEADER;
  }
  if (first === COLON) return INVALID_HEADER;
  let state = IN_NAME;
  for (let p = from; p < to; p++) {
    const code = s.charCodeAt(p);
    switch (state) {
      case IN_NAME:
        if (is(code, NAME)) break;
        if (code === COLON) {
          header.nameEnd = p;
          state = BEFORE_VALUE;
        } else if (code === CR || code === LF) {
          header.nameEnd = p;
          header.valueStart = p;
          header.valueEnd = p;
          if (code === LF) return endOfHeader(p);
          state = ALMOST_DONE;
        } else if (code <= SPACE || code === DEL) {
          header.errorAt = p;
          return INVALID_HEADER;
        } else if (code !== UNDERSCORE || !underscores) {
          header.invalid = true;
        }
        break;

      case BEFORE_VALUE:
        if (code === SPACE) break;
        header.valueStart = p;
        state = IN_VALUE;
        p--;
        break;

      case IN_VALUE:
        if (code === SPACE) {
          header.valueEnd = p;
          state = AFTER_VALUE;
        } else if (code === CR || code === LF) {
          header.valueEnd = p;
          if (code === LF) return endOfHeader(p);
          state = ALMOST_DONE;
        } else if (code === NUL) {
          header.errorAt = p;
          return INVALID_HEADER;
        }
        break;

      case AFTER_VALUE:
        if (code === SPACE) break;
        if (code === LF) return endOfHeader(p);
        if (code === CR) {
          state = ALMOST_DONE;
        } else if (code === NUL) {
          header.errorAt = p;
          return INVALID_HEADER;
        } else {
          state = IN_VALUE;
        }
        break;

      case ALMOST_DONE:
        if (code === CR) break;
        if (code === LF) return endOfHeader(p);
        header.errorAt = header.valueEnd;
        return INVALID_HEADER;
    }
  }
  return AGAIN;
}

function endOfHeader(at: number): number {
  header.next = at + 1;
  return OK;
}

function endOfHead(next: number): number {
  header.next = next;
  return HEADER_DONE;
}

/** A path that has been decoded and normalised. */
class Uri {
  path = '';
  /** Where the arguments are in the text that was parsed; -1 for none. */
  argsStart = -1;
  argsEnd = -1;
}

export const uri = new Uri();

const IN_SEGMENT = 0;
const AFTER_SLASH = 1;
const AFTER_DOT = 2;
const AFTER_DOT_DOT = 3;
const QUOTED = 4;
const QUOTED_SECOND = 5;

let scratch = Buffer.allocUnsafeSlow(1024);

/**
 * Decodes and normalises the uri at s[from, to): "%xx", "//", "/./", "/../"; "#" ends it. The path is left in `uri`.
 * `prefix`: "/" where an absolute form has no path.
 */
export function parseComplexUri(
  s: string,
  from: number,
  to: number,
  prefix: string,
  mergeSlashes: boolean,
): number {
  if (scratch.length < to - from + 1) scratch = Buffer.allocUnsafeSlow((to - from + 1) * 2);
  const out = scratch;
  let u = 0;
  if (prefix !== '') out[u++] = SLASH;
  uri.argsStart = -1;
  uri.argsEnd = -1;
  let state = IN_SEGMENT;
  let quotedState = IN_SEGMENT;
  let high = 0;
  for (let p = from; p < to; p++) {
    let code = s.charCodeAt(p);
    if (state === QUOTED) {
      high = hexDigit(code);
      if (high === -1) return INVALID_REQUEST;
      state = QUOTED_SECOND;
      continue;
    }
    if (state === QUOTED_SECOND) {
      const low = hexDigit(code);
      if (low === -1) return INVALID_REQUEST;
      code = high * 16 + low;
      if (code === NUL) return INVALID_REQUEST;
      if (code === PERCENT || code === HASH || code === QUESTION) {
        state = IN_SEGMENT;
        out[u++] = code;
        continue;
      }
      state = quotedState; // a decoded "/" or "." counts as one
    } else if (code === PERCENT) {
      quotedState = state;
      state = QUOTED;
      continue;
    } else if (code === QUESTION || code === HASH) {
      u = leaveDots(state, u);
      if (u === -1) return INVALID_REQUEST;
      uri.path = out.toString('latin1', 0, u);
      if (code === HASH) return OK;
      uri.argsStart = p + 1;
      const hash = s.indexOf('#', p);
      uri.argsEnd = hash === -1 || hash > to ? to : hash;
      return OK;
    }
    if (code === SLASH) {
      if (state === AFTER_DOT) u--;
      else if (state === AFTER_DOT_DOT) u = leaveDots(state, u);
      else if (state === IN_SEGMENT || !mergeSlashes) out[u++] = code;
      if (u === -1) return INVALID_REQUEST;
      state = AFTER_SLASH;
      continue;
    }
    out[u++] = code;
    if (code === DOT && state === AFTER_SLASH) state = AFTER_DOT;
    else if (code === DOT && state === AFTER_DOT) state = AFTER_DOT_DOT;
    else state = IN_SEGMENT;
  }
  if (state === QUOTED || state === QUOTED_SECOND) return INVALID_REQUEST;
  u = leaveDots(state, u);
  if (u === -1) return INVALID_REQUEST;
  uri.path = out.toString('latin1', 0, u);
  return OK;
}

/** Takes back a "." or "..", the latter with the segment before it; -1 where there is none. */
function leaveDots(state: number, length: number): number {
  if (state === AFTER_DOT) return length - 1;
  if (state !== AFTER_DOT_DOT) return length;
  for (let u = length - 4; u >= 0; u--) if (scratch[u] === SLASH) return u + 1;
  return -1;
}

function hexDigit(code: number): number {
  if (code >= ZERO && code <= NINE) return code - ZERO;
  const lower = code | 0x20;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/** A host that has been checked. */
class Host {
  /** In lower case, without a dot at its end. */
  name = '';
  /** As written, "" for none. */
  port = '';
}

export const host = new Host();

/** Checks "name:port" and leaves its parts in `host`; false: invalid. */
export function validateHost(text: string): boolean {
  const { length } = text;
  let nameEnd = length;
  let lastDot = length;
  let upper = false;
  let p = 0;
  const literal = text.charCodeAt(0) === OPEN_BRACKET;
  const allowed = literal ? LITERAL : REG_NAME;
  if (literal) p = 1;
  for (; p < length; p++) {
    const code = text.charCodeAt(p);
    if (code === DOT) {
      if (lastDot === p - 1) return false;
      lastDot = p;
    } else if (!is(code, allowed)) {
      break;
    } else if (code >= 65 && code <= 90) {
      upper = true;
    }
  }
  if (literal) {
    if (text.charCodeAt(p) !== CLOSE_BRACKET) return false;
    p++;
  }
  nameEnd = p;
  let port = 0;
  if (p < length) {
    if (text.charCodeAt(p) !== COLON) return false;
    for (p++; p < length; p++) {
      const digit = text.charCodeAt(p) - ZERO;
      if (digit < 0 || digit > 9) return false;
      port = port * 10 + digit;
      if (port > 65535) return false;
    }
  }
  host.port = port === 0 ? '' : String(port);
  if (lastDot === nameEnd - 1) nameEnd--;
  if (nameEnd === 0) return false;
  const name = nameEnd === length ? text : text.slice(0, nameEnd);
  host.name = upper ? name.toLowerCase() : name;
  return true;
}
