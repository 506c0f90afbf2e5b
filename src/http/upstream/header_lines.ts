// The header lines of a response that comes as text: HTTP/1 and CGI.

import { HEADER_DONE, header, INVALID_HEADER, parseHeaderLine } from '../http1/parse.ts';
import { logError } from '../log.ts';
import { AGAIN, OK, type Rc } from '../rc.ts';
import { INVALID_HEAD } from './codec.ts';
import type { Exchange } from './exchange.ts';

/** Up to where the lines have been read; after OK the end of the head. */
export let readTo = 0;

/** Reads the lines from `pos` on. AGAIN: the next one is not whole yet; INVALID_HEAD: one is wrong, which is logged. */
export function readHeaderLines(u: Exchange, text: string, pos: number): Rc {
  const plain = text.indexOf('\0', pos) === -1;
  readTo = pos;
  for (;;) {
    const from = readTo;
    const rc = parseHeaderLine(text, from, true, plain);
    if (rc !== AGAIN && (rc !== OK || header.invalid) && text.startsWith('HTTP/', from)) {
      // A second status line, as IIS and scripts that make whole responses send it, is passed over.
      const end = text.indexOf('\n', from);
      if (end === -1) return AGAIN;
      readTo = end + 1;
      continue;
    }
    if (rc === OK) {
      readTo = header.next;
      const name = nameAt(u, text, from, header.nameEnd);
      if (!u.response.add(u, name, text.slice(header.valueStart, header.valueEnd))) return INVALID_HEAD;
      continue;
    }
    if (rc === HEADER_DONE) {
      readTo = header.next;
      return OK;
    }
    if (rc !== INVALID_HEADER) return AGAIN;
    const code = text.charCodeAt(header.errorAt).toString(16).padStart(2, '0');
    const sent = text.slice(from, header.errorAt);
    logError(u.r, 'error', `upstream sent invalid header: "${sent}\\x${code}..."`);
    return INVALID_HEAD;
  }
}

const MAX_LAST_NAMES = 64;

/** The name in the text; one that came at this place before is that string again, whose hash is known. */
function nameAt(u: Exchange, text: string, from: number, to: number): string {
  const { lastNames } = u.settings;
  const at = u.response.fates.length;
  const last = lastNames[at];
  if (last !== undefined && last.length === to - from && text.startsWith(last, from)) return last;
  const name = text.slice(from, to);
  if (at < MAX_LAST_NAMES && at <= lastNames.length) lastNames[at] = name;
  return name;
}
