// add_before_body and add_after_body: what subrequests answer stands before and behind a response.

import { type ConfOf, HTTP_ANY } from '../../conf/directive.ts';
import { text } from '../../conf/kinds.ts';
import { UNKNOWN } from '../headers.ts';
import { defineModule } from '../module.ts';
import type { BodyFilter } from '../output.ts';
import { include, includeBehind } from '../postpone.ts';
import { ERROR, OK, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import { hasType, typeSet } from '../type_set.ts';

const directives = {
  add_before_body: text({ in: HTTP_ANY, default: '' }),
  add_after_body: text({ in: HTTP_ANY, default: '' }),
  addition_types: typeSet(HTTP_ANY, ['text/html']),
};

type Conf = ConfOf<typeof directives>;

interface Addition {
  /** The subrequests have been asked for. */
  begun: boolean;
}

export const addition = defineModule({
  name: 'addition',
  directives,
  newCtx: (): Addition => ({ begun: false }),
  headerFilter: { when: addsAny, run: makeRoom },
  bodyFilter: { when: addsAny, passing: true, includes: true, build: buildAddition },
});

function addsAny(conf: Conf): boolean {
  return conf.add_before_body !== '' || conf.add_after_body !== '';
}

function makeRoom(r: HttpRequest, conf: Conf): Rc {
  const { headersOut } = r;
  if (headersOut.status !== 200 || r !== r.main) return OK;
  if (!hasType(conf.addition_types, headersOut.contentType)) return OK;
  addition.startCtx(r);
  headersOut.contentLength = UNKNOWN;
  r.forbidRanges();
  headersOut.weakenEtag();
  return OK;
}

function buildAddition(conf: Conf, next: BodyFilter): BodyFilter {
  const { add_before_body: before, add_after_body: after } = conf;
  return (r, data, last) => {
    const ctx = addition.ctx(r);
    if (ctx === undefined || ctx.begun || r.headerOnly) return next(r, data, last);
    ctx.begun = true;
    if (after !== '') includeBehind(r, after);
    if (before !== '' && include(r, { uri: before, args: '' }) === null) return ERROR;
    return next(r, data, last);
  };
}
