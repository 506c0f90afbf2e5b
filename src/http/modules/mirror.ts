// mirror: copies of the request are sent elsewhere in the background, and what comes back is dropped.

import type { Args } from '../../conf/args.ts';
import { type ConfOf, HTTP_ANY } from '../../conf/directive.ts';
import { custom, flag } from '../../conf/kinds.ts';
import { finalize, resume } from '../engine.ts';
import { defineModule } from '../module.ts';
import { AGAIN, DECLINED, OK, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import { subrequest } from '../subrequest.ts';

const OFF: readonly string[] = [];

const directives = {
  mirror: custom<readonly string[]>({
    in: HTTP_ANY,
    default: OFF,
    inherit: true,
    parse: parseMirror,
  }),
  mirror_request_body: flag({ in: HTTP_ANY, default: true }),
};

type Conf = ConfOf<typeof directives>;

interface Mirroring {
  bodyRead: boolean;
}

export const mirror = defineModule({
  name: 'mirror',
  directives,
  newCtx: (): Mirroring => ({ bodyRead: false }),
  phases: { precontent: { when: (conf) => conf.mirror.length > 0, run: sendCopies } },
});

function sendCopies(r: HttpRequest, conf: Conf): Rc {
  if (r !== r.main) return DECLINED;
  const ctx = mirror.ctx(r);
  if (ctx === undefined && conf.mirror_request_body && r.body === null && r.bodyReader !== null) {
    mirror.startCtx(r);
    r.bodyReader.read(r, onBody);
    return AGAIN;
  }
  if (ctx !== undefined && !ctx.bodyRead) return AGAIN;
  for (const uri of conf.mirror) {
    const copy = subrequest(r, { uri, args: r.args, method: r.method, capture: false, onDone, prepare });
    if (copy === null) return 500;
  }
  return DECLINED;
}

function onBody(r: HttpRequest, rc: Rc): void {
  const ctx = mirror.ctx(r);
  if (ctx === undefined) return;
  ctx.bodyRead = true;
  if (rc === OK) resume(r);
  else finalize(r, rc);
}

function prepare(copy: HttpRequest): void {
  copy.headerOnly = true;
  if (copy.body !== null) copy.contentLength = copy.body.length;
}

function onDone(): void {}

function parseMirror(args: Args, seen: readonly string[] | undefined): readonly string[] {
  const uri = args.text(1);
  if (uri === 'off') {
    if (seen !== undefined) args.fail('is duplicate');
    return OFF;
  }
  if (seen === OFF) args.fail('is duplicate');
  return [...(seen ?? []), uri];
}
