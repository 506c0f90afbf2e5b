// The frames of HTTP/2 (RFC 9113, 4 and 6): how they are written, and what is wrong with one by its head alone.

export const DATA = 0;
export const HEADERS = 1;
export const RST_STREAM = 3;
export const SETTINGS = 4;
const PUSH_PROMISE = 5;
export const PING = 6;
export const GOAWAY = 7;
export const WINDOW_UPDATE = 8;
export const CONTINUATION = 9;

export const END_STREAM = 1;
export const ACK = 1;
export const END_HEADERS = 4;
export const PADDED = 8;
const PRIORITY = 32;

/** The longest payload: SETTINGS_MAX_FRAME_SIZE as it is at first, and stays. */
export const FRAME_SIZE = 16_384;

export function frameHead(length: number, type: number, flags: number, stream: number): string {
  return String.fromCharCode(length >> 16, (length >> 8) & 255, length & 255, type, flags) + number32(stream);
}

export function number32(n: number): string {
  return String.fromCharCode((n >>> 24) & 255, (n >> 16) & 255, (n >> 8) & 255, n & 255);
}

/** A header block in as many frames as it takes. */
export function headerFrames(block: string, stream: number, endStream: boolean): string {
  let text = '';
  for (let from = 0; from < block.length; from += FRAME_SIZE) {
    const part = block.slice(from, from + FRAME_SIZE);
    const last = from + FRAME_SIZE >= block.length ? END_HEADERS : 0;
    const ends = from === 0 && endStream ? END_STREAM : 0;
    text += frameHead(part.length, from === 0 ? HEADERS : CONTINUATION, last | ends, stream) + part;
  }
  return text;
}

/** How long the padding's length and the priority are, which go before content or headers. */
export function prefixOf(type: number, flags: number): number {
  if (type !== DATA && type !== HEADERS) return 0;
  const priority = type === HEADERS && (flags & PRIORITY) !== 0 ? 5 : 0;
  return priority + ((flags & PADDED) === 0 ? 0 : 1);
}

function wrongLength(what: string, length: number): string {
  return `${what} frame with invalid length: ${length}`;
}

function ofStream(what: string, stream: number): string {
  return `${what} frame with non-zero stream id: ${stream}`;
}

/** What is wrong with a frame that begins so, in nginx's words; null: nothing yet. */
export function faultOfFrame(type: number, flags: number, stream: number, length: number): string | null {
  const ack = (flags & ACK) !== 0;
  switch (type) {
    case DATA:
      return length < prefixOf(type, flags) ? 'too short http2 frame' : null;
    case HEADERS:
      return length < prefixOf(type, flags) ? wrongLength('headers', length) : null;
    case RST_STREAM:
      return length === 4 ? null : wrongLength('rst stream', length);
    case SETTINGS:
      if (stream !== 0) return ofStream('settings', stream);
      if (ack) return length === 0 ? null : `settings frame with ack flag and non-zero length: ${length}`;
      return length % 6 === 0 ? null : wrongLength('settings', length);
    case PUSH_PROMISE:
      return 'unexpected push promise frame';
    case PING:
      if (stream !== 0) return ofStream('ping', stream);
      if (length !== 8) return wrongLength('ping', length);
      return ack ? 'ping frame with ack flag' : null;
    case GOAWAY:
      if (stream !== 0) return ofStream('goaway', stream);
      return length < 8 ? wrongLength('goaway', length) : null;
    case WINDOW_UPDATE:
      return length === 4 ? null : wrongLength('window update', length);
    default:
      return null;
  }
}
