// auth_request: whether a request may go on is what a subrequest's status says.

import type { Args } from '../../conf/args.ts';
import type { ComplexValue, Variable } from '../../conf/complex.ts';
import { type ConfOf, HTTP_ANY } from '../../conf/directive.ts';
import { list, value } from '../../conf/kinds.ts';
import { resume } from '../engine.ts';
import { logError } from '../log.ts';
import { defineModule } from '../module.ts';
import { AGAIN, ERROR, OK, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import { subrequest } from '../subrequest.ts';
import { exchangeOf } from '../upstream/of_request.ts';

interface Assignment {
  readonly variable: Variable;
  readonly value: ComplexValue;
}

const directives = {
  auth_request: value<string>({
    in: HTTP_ANY,
    default: '',
    parse: (args) => (args.text(1) === 'off' ? '' : args.text(1)),
  }),
  auth_request_set: list<Assignment>({ in: HTTP_ANY, args: [2, 2], item: parseAssignment }),
};

type Conf = ConfOf<typeof directives>;

interface Asking {
  /** The handler has answered AGAIN. */
  waits: boolean;
  /** The subrequest, once it is over. */
  answer: HttpRequest | null;
}

export const authRequest = defineModule({
  name: 'auth_request',
  directives,
  newCtx: (): Asking => ({ waits: false, answer: null }),
  phases: { access: { when: (conf) => conf.auth_request !== '', run: askServer } },
});

const UNAUTHORIZED = 401;
const FORBIDDEN = 403;

function askServer(r: HttpRequest, conf: Conf): Rc {
  let ctx = authRequest.ctx(r);
  if (ctx === undefined) {
    ctx = authRequest.startCtx(r);
    const asked = { uri: conf.auth_request, args: '', capture: false, prepare, onDone };
    if (subrequest(r, asked) === null) return ERROR;
  }
  if (ctx.answer !== null) return judge(r, conf, ctx.answer);
  ctx.waits = true;
  return AGAIN;
}

/** The body is the request's own: it is neither read nor sent for this. */
function prepare(sr: HttpRequest): void {
  sr.headerOnly = true;
  sr.body = { chunks: [], file: null, length: 0 };
}

function onDone(sr: HttpRequest): void {
  const r = sr.parent as HttpRequest;
  const ctx = authRequest.ctx(r);
  if (ctx === undefined) return;
  ctx.answer = sr;
  if (ctx.waits) resume(r);
}

function judge(r: HttpRequest, conf: Conf, answer: HttpRequest): Rc {
  for (const { variable, value: source } of conf.auth_request_set) variable.write(r, source.evaluate(answer));
  const { status } = answer.headersOut;
  if (status === FORBIDDEN) return FORBIDDEN;
  if (status === UNAUTHORIZED) {
    for (const challenge of challenges(answer)) r.headersOut.add('WWW-Authenticate', challenge);
    return UNAUTHORIZED;
  }
  if (status >= 200 && status < 300) return OK;
  logError(r, 'error', `auth request unexpected status: ${status}`);
  return 500;
}

/** Of the answer; else of the upstream's, which an error page may stand for. */
function challenges(answer: HttpRequest): string[] {
  const own = valuesOf(answer.headersOut.list);
  return own.length > 0 ? own : valuesOf(exchangeOf(answer)?.response.headers ?? []);
}

function valuesOf(headers: readonly string[]): string[] {
  const values: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i]?.toLowerCase() === 'www-authenticate') values.push(headers[i + 1] as string);
  }
  return values;
}

function parseAssignment(args: Args): Assignment {
  const name = args.text(1);
  if (!name.startsWith('$')) args.failWhole(`invalid variable name "${name}"`);
  const variable = args.cf.variables.addWeak(name.slice(1), { get: noValue, changeable: true }, args.place());
  return { variable, value: args.complex(2) };
}

function noValue(): undefined {
  return undefined;
}
