// ssi: server side includes. A page is text with commands; it goes out piece by piece, and stands still where a command
// has to wait for a subrequest. Variables, blocks and captures belong to the whole response: they are in the state of the
// main request. The commands themselves are in ssi_commands.ts.

import { type ConfOf, HTTP_ANY, LOCATION_IF } from '../../conf/directive.ts';
import { flag, size } from '../../conf/kinds.ts';
import { strftime } from '../../core/strftime.ts';
import { finalize } from '../engine.ts';
import { UNKNOWN } from '../headers.ts';
import { CtxSlot, defineModule } from '../module.ts';
import type { BodyFilter } from '../output.ts';
import { AGAIN, ERROR, OK, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import { hasType, typeSet } from '../type_set.ts';
import { FAILED, runCommand } from './ssi_commands.ts';
import { DEFAULT_TIME_FORMAT, Page } from './ssi_page.ts';
import { COMMAND, END } from './ssi_parser.ts';

const directives = {
  ssi: flag({ in: HTTP_ANY | LOCATION_IF, default: false }),
  ssi_silent_errors: flag({ in: HTTP_ANY, default: false }),
  // How buffers and files are treated: ours are not shared with anybody.
  ssi_ignore_recycled_buffers: flag({ in: HTTP_ANY, default: false }),
  ssi_min_file_chunk: size({ in: HTTP_ANY, default: 1024 }),
  ssi_value_length: size({ in: HTTP_ANY, default: 255 }),
  ssi_types: typeSet(HTTP_ANY, ['text/html']),
  ssi_last_modified: flag({ in: HTTP_ANY, default: false }),
};

type Conf = ConfOf<typeof directives>;

export const ssi = defineModule({
  name: 'ssi',
  directives,
  variables: {
    date_local: { get: (r) => date(r, false), volatile: true },
    date_gmt: { get: (r) => date(r, true), volatile: true },
  },
  headerFilter: { when: (conf) => conf.ssi, run: startPage },
  bodyFilter: { when: (conf) => conf.ssi, passing: true, includes: true, build: buildPages },
});

const pages = new CtxSlot<Page>();

/** That of r; of a main request without one, that of the subrequest which was the first to have one. */
function pageOf(r: HttpRequest): Page | undefined {
  return pages.get(r);
}

const LONGEST_DATE = 2047;

function date(r: HttpRequest, gmt: boolean): string | undefined {
  const text = strftime(pageOf(r)?.timeFormat ?? DEFAULT_TIME_FORMAT, Math.floor(Date.now() / 1000), gmt);
  return text.length === 0 || text.length > LONGEST_DATE ? undefined : text;
}

function startPage(r: HttpRequest, conf: Conf): Rc {
  const { headersOut, main } = r;
  if (headersOut.contentLength === 0 || !hasType(conf.ssi_types, headersOut.contentType)) return OK;
  if (r.sub?.options.capture && r.postponed === null) return OK; // scripts get pages as they are written
  const known = pageOf(main);
  const page = new Page(r, conf.ssi_value_length, known);
  pages.set(r, page);
  if (r !== main) {
    if (known === undefined) pages.set(main, page);
    return OK;
  }
  headersOut.contentLength = UNKNOWN;
  r.forbidRanges();
  headersOut.loosenValidators(conf.ssi_last_modified);
  return OK;
}

function buildPages(conf: Conf, next: BodyFilter): BodyFilter {
  const silent = conf.ssi_silent_errors;

  /** Goes on with the piece that the parser has. */
  function read(page: Page): Rc {
    const { parser } = page;
    for (;;) {
      const found = parser.next();
      if (page.active) page.out += parser.literal;
      else if (page.inBlock) page.addToBlock(parser.literal);
      if (found === END) break;
      const rc = found === COMMAND ? runCommand(page) : FAILED;
      if (rc === OK) continue;
      if (rc === ERROR) return ERROR;
      if (rc === AGAIN) {
        wait(page);
        return page.last ? OK : AGAIN;
      }
      if (!silent) page.out += page.errorMessage;
    }
    if (!page.last) return page.flush();
    const { out } = page;
    page.out = '';
    return next(page.r, out, true);
  }

  function wait(page: Page): void {
    page.waits = true;
    if (page.r.postponed !== null) page.r.postponed.onTurn = goOn;
  }

  function goOn(r: HttpRequest): void {
    const page = pageOf(r) as Page;
    page.waits = false;
    let rc = read(page);
    while (!page.waits && rc !== ERROR) {
      const piece = page.waiting.shift();
      if (piece === undefined) return;
      page.last = piece.last;
      page.parser.take(piece.data);
      rc = read(page);
    }
    if (rc === ERROR) finalize(r, ERROR);
  }

  return (r, data, last) => {
    const page = pageOf(r);
    if (page === undefined || page.r !== r || r.headerOnly) return next(r, data, last);
    if (data.length > 0 && r.postponed !== null) r.postponed.given = true; // though it may come to nothing
    if (data.length === 0 && !last) return page.waits ? AGAIN : next(r, data, last); // a flush
    if (page.waits) {
      page.waiting.push({ data: typeof data === 'string' ? data : data.toString('latin1'), last });
      return last ? OK : AGAIN;
    }
    if (typeof data !== 'string' && page.active && page.parser.isLiteral(data)) return next(r, data, last);
    page.next = next;
    page.last = last;
    page.parser.take(typeof data === 'string' ? data : data.toString('latin1'));
    return read(page);
  };
}
