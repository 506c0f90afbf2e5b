// rewrite, return, set, if, break. The directives of a server or location, those inside its `if` blocks among them, are
// compiled to one array of instructions: an `if` that is false jumps behind the instructions of its block.

import type { Args } from '../../conf/args.ts';
import type { ComplexValue, Variable } from '../../conf/complex.ts';
import {
  type ConfOf,
  type Directive,
  HTTP,
  LOCATION,
  LOCATION_IF,
  SERVER,
  SERVER_IF,
} from '../../conf/directive.ts';
import { custom, flag } from '../../conf/kinds.ts';
import type { Scope } from '../../conf/reader.ts';
import { errnoText, isAbsent } from '../../core/errno.ts';
import { parseNumber } from '../../core/sizes.ts';
import { escapeArgs, unescapeRedirect } from '../escape.ts';
import { updateLocation } from '../find_location.ts';
import { Location } from '../location.ts';
import { logError } from '../log.ts';
import { CtxSlot, defineModule } from '../module.ts';
import { infoOf } from '../open_file.ts';
import { sendText } from '../output.ts';
import { AGAIN, DECLINED, OK, type Rc } from '../rc.ts';
import { readInner } from '../read_blocks.ts';
import { HttpRegex } from '../regex.ts';
import type { HttpRequest } from '../request.ts';
import { discardBody } from '../request_body.ts';

const PLACES = SERVER | SERVER_IF | LOCATION | LOCATION_IF;

type Codes = readonly Instruction[] | null;

const directives = {
  rewrite: instruction({ in: PLACES, args: [2, 3], parse: parseRewrite }),
  return: instruction({ in: PLACES, args: [1, 2], parse: parseReturn }),
  break: instruction({ in: PLACES, args: [0, 0], parse: parseBreak }),
  set: instruction({ in: PLACES, args: [2, 2], parse: parseSet }),
  if: {
    ...instruction({ in: SERVER | LOCATION, args: [1, Number.POSITIVE_INFINITY], parse: parseIf }),
    body: 'block',
  } as Directive<Codes, 'codes'>,
  rewrite_log: flag({ in: HTTP | PLACES, default: false }),
  uninitialized_variable_warn: flag({ in: HTTP | PLACES, default: true }),
};

type Conf = ConfOf<typeof directives>;

/** Where the instructions go on once one of another module, which had to wait, is done. */
interface Suspended {
  at: number;
  quote: boolean;
  /** An `if` block has become the location; the engine learns of it when all instructions have been run. */
  entered: boolean;
}

const suspended = new CtxSlot<Suspended>();

export const rewrite = defineModule({
  name: 'rewrite',
  directives,
  phases: {
    serverRewrite: { when: hasCodes, run: runCodes },
    rewrite: { when: hasCodes, run: runLocationCodes },
  },
});

function hasCodes(conf: Conf): boolean {
  return conf.codes !== null;
}

// The server's own level is a location too, where no other matches; its instructions have been run by then.
function runLocationCodes(r: HttpRequest, conf: Conf): Rc {
  return r.loc === r.server.location ? DECLINED : runCodes(r, conf);
}

type Kind = 'rewrite' | 'return' | 'break' | 'set' | 'if' | 'call';

/** One instruction; one class for all kinds, so that the loop sees objects of one shape. */
class Instruction {
  readonly kind: Kind;
  /** Where an `if` that is false goes on. */
  next = 0;
  condition: Condition | null = null;
  /** The location that an `if` block in a location is. */
  location: Location | null = null;
  variable: Variable | null = null;
  value: Value | null = null;
  status = 0;
  rewrite: Rewrite | null = null;
  call: ((r: HttpRequest) => Rc) | null = null;

  constructor(kind: Kind) {
    this.kind = kind;
  }
}

interface Rewrite {
  readonly regex: HttpRegex;
  readonly path: Value;
  /** What follows the question mark of the replacement; null where it has none. */
  readonly args: Value | null;
  /** The request's arguments follow. */
  readonly addArgs: boolean;
  /** 301 or 302; 0 where the uri is rewritten. */
  readonly status: number;
  readonly breaks: boolean;
  /** Nothing after it is run. */
  readonly last: boolean;
}

function runCodes(r: HttpRequest, conf: Conf): Rc {
  const { steps, step } = r;
  // Captures are escaped at first, until a rewrite has matched: nginx's e->quote.
  const state = suspended.get(r) ?? { at: 0, quote: true, entered: false };
  const rc = runFrom(r, conf, state);
  if (rc === AGAIN) {
    suspended.set(r, state);
    r.steps = steps;
    r.step = step;
    return AGAIN;
  }
  if (state.at !== 0) suspended.set(r, undefined);
  if (state.entered) goOnInside(r);
  return rc;
}

function runFrom(r: HttpRequest, conf: Conf, state: Suspended): Rc {
  const codes = conf.codes as readonly Instruction[];
  const log = conf.rewrite_log;
  for (let { at } = state; at < codes.length; at++) {
    const code = codes[at] as Instruction;
    switch (code.kind) {
      case 'set':
        code.variable?.write(r, (code.value as Value).evaluate(r, state.quote));
        break;
      case 'if':
        if (!(code.condition as Condition).test(r, state.quote, log)) at = code.next - 1;
        else if (code.location !== null) {
          r.loc = code.location;
          updateLocation(r);
          state.entered = true;
        }
        break;
      case 'break':
        if (r.uriChanged) {
          r.uriRewritten = true;
          r.uriChanged = false;
        }
        return DECLINED;
      case 'return':
        return doReturn(r, code);
      case 'rewrite': {
        const rule = code.rewrite as Rewrite;
        if (!matches(r, rule.regex, r.uri, log)) break;
        const rc = doRewrite(r, rule, log);
        if (rc !== DECLINED || rule.last) return rc;
        state.quote = false;
        break;
      }
      case 'call': {
        state.at = at + 1;
        const rc = (code.call as (r: HttpRequest) => Rc)(r);
        if (rc !== OK) return rc;
        break;
      }
    }
  }
  return DECLINED;
}

function matches(r: HttpRequest, regex: HttpRegex, subject: string, log: boolean): boolean {
  const matched = regex.exec(r, subject);
  if (!matched) r.captures = null;
  if (log) {
    logError(r, 'notice', `"${regex.pattern}" ${matched ? 'matches' : 'does not match'} "${subject}"`);
  }
  return matched;
}

// The engine goes on in the `if` block's own chain, behind this step: see switchLocation.
function goOnInside(r: HttpRequest): void {
  r.steps = r.loc.chain;
  r.step = -1;
}

function doReturn(r: HttpRequest, { status, value }: Instruction): Rc {
  if (value === null && status >= 400) return status;
  // Before the text is made, as nginx does: "100 Continue" is sent even for a redirect, and $content_length changes.
  const discarded = discardBody(r);
  if (discarded !== OK) return discarded;
  if (value === null) return status;
  r.headersOut.status = status; // $status in the text is this one
  const text = value.evaluate(r, false);
  if (!REDIRECTS.includes(status)) return sendText(r, status, text);
  r.headersOut.location = text;
  return status;
}

const REDIRECTS = [301, 302, 303, 307, 308];

function doRewrite(r: HttpRequest, rule: Rewrite, log: boolean): Rc {
  r.internal = true;
  r.validUnparsedUri = false;
  if (rule.breaks) {
    r.uriRewritten = true;
    r.uriChanged = false;
  } else {
    r.uriChanged = true;
  }
  return rule.status === 0 ? rewriteUri(r, rule, log) : redirect(r, rule, log);
}

function redirect(r: HttpRequest, rule: Rewrite, log: boolean): Rc {
  let target = unescapeRedirect(rule.path.evaluate(r, true));
  if (rule.addArgs && r.args !== '') target += (rule.args === null ? '?' : '&') + r.args;
  if (log) logError(r, 'notice', `rewritten redirect: "${target}"`);
  r.headersOut.location = target;
  return rule.status;
}

function rewriteUri(r: HttpRequest, rule: Rewrite, log: boolean): Rc {
  const uri = rule.path.evaluate(r, false);
  if (rule.args !== null) {
    const args = rule.args.evaluate(r, true);
    r.args = rule.addArgs && r.args !== '' ? `${args}&${r.args}` : args;
  } else if (!rule.addArgs) {
    r.args = '';
  }
  if (log) logError(r, 'notice', `rewritten data: "${uri}", args: "${r.args}"`);
  r.uri = uri;
  if (uri !== '') return DECLINED;
  logError(r, 'error', 'the rewritten URI has a zero length');
  return 500;
}

/** A value whose captures may have to be escaped, as nginx does where the request's own uri was. */
class Value {
  readonly #value: ComplexValue;
  readonly #hasCaptures: boolean;

  constructor(value: ComplexValue) {
    this.#value = value;
    this.#hasCaptures = value.parts.some((part) => typeof part === 'number');
  }

  evaluate(r: HttpRequest, quote: boolean): string {
    if (!quote || !this.#hasCaptures || r.parent !== null || !QUOTED_PATH.test(r.unparsedUri)) {
      return this.#value.evaluate(r);
    }
    return this.#value.evaluateWith(r, escapeCapture);
  }
}

const QUOTED_PATH = /^[^?]*[%+]/;

function escapeCapture(value: string | undefined, variable: Variable | null): string {
  if (value === undefined) return '';
  return variable === null ? escapeArgs(value) : value;
}

interface Condition {
  test(r: HttpRequest, quote: boolean, log: boolean): boolean;
}

class IsTrue implements Condition {
  readonly #variable: Variable;

  constructor(variable: Variable) {
    this.#variable = variable;
  }

  test(r: HttpRequest): boolean {
    const value = this.#variable.read(r);
    return value !== undefined && value !== '' && value !== '0';
  }
}

class Equals implements Condition {
  readonly #variable: Variable;
  readonly #value: Value;
  readonly #wanted: boolean;

  constructor(variable: Variable, value: Value, wanted: boolean) {
    this.#variable = variable;
    this.#value = value;
    this.#wanted = wanted;
  }

  test(r: HttpRequest, quote: boolean): boolean {
    return ((this.#variable.read(r) ?? '') === this.#value.evaluate(r, quote)) === this.#wanted;
  }
}

class Matches implements Condition {
  readonly #variable: Variable;
  readonly #regex: HttpRegex;
  readonly #wanted: boolean;

  constructor(variable: Variable, regex: HttpRegex, wanted: boolean) {
    this.#variable = variable;
    this.#regex = regex;
    this.#wanted = wanted;
  }

  test(r: HttpRequest, _quote: boolean, log: boolean): boolean {
    return matches(r, this.#regex, this.#variable.read(r) ?? '', log) === this.#wanted;
  }
}

class FileIs implements Condition {
  readonly #path: Value;
  readonly #kind: string;
  readonly #wanted: boolean;

  constructor(path: Value, kind: string, wanted: boolean) {
    this.#path = path;
    this.#kind = kind;
    this.#wanted = wanted;
  }

  test(r: HttpRequest, quote: boolean): boolean {
    return fileIs(r, this.#path.evaluate(r, quote), this.#kind) === this.#wanted;
  }
}

const OWNER_EXECUTES = 0o100;

function fileIs(r: HttpRequest, path: string, kind: string): boolean {
  const found = infoOf(r, path);
  if (typeof found === 'number') {
    if (!isAbsent(found)) {
      logError(r, 'crit', `stat() "${path}" failed ${errnoText(found)}`);
    }
    return false;
  }
  if (kind === 'f') return found.isFile();
  if (kind === 'd') return found.isDirectory();
  return kind === 'e' ? found.isFile() || found.isDirectory() : (found.mode & OWNER_EXECUTES) !== 0;
}

interface Spec {
  readonly in: number;
  readonly args: readonly [min: number, max: number];
  readonly parse: (args: Args) => void;
}

/** A directive that adds an instruction. */
function instruction(spec: Spec): Directive<Codes, 'codes'> {
  return custom<Codes, 'codes'>({
    in: spec.in,
    args: spec.args,
    into: 'codes',
    default: null,
    parse(args) {
      spec.parse(args);
      return isIf(args.scope) ? null : codesOf(args.scope);
    },
  });
}

const compiled = new WeakMap<Scope, Instruction[]>();

function isIf(scope: Scope): boolean {
  return scope.context === SERVER_IF || scope.context === LOCATION_IF;
}

/** The instructions of a block; those of an `if` are its parent's. */
function codesOf(scope: Scope): Instruction[] {
  if (isIf(scope) && scope.parent !== null) return codesOf(scope.parent);
  let codes = compiled.get(scope);
  if (codes === undefined) {
    codes = [];
    compiled.set(scope, codes);
  }
  return codes;
}

function add(args: Args, kind: Kind): Instruction {
  const code = new Instruction(kind);
  codesOf(args.scope).push(code);
  return code;
}

/** An instruction of another module. It answers OK, or AGAIN and calls resume() when it is done, or ends the request. */
export function addInstruction(args: Args, call: (r: HttpRequest) => Rc): void {
  add(args, 'call').call = call;
  // What this module's own directives get from their parsers.
  if (!isIf(args.scope)) args.scope.ownConf(rewrite).codes = codesOf(args.scope);
}

const ELSEWHERE = /^(?:https?:\/\/|\$scheme)/;
const FLAGS: ReadonlyMap<string, readonly [status: number, breaks: boolean]> = new Map([
  ['last', [0, false]],
  ['break', [0, true]],
  ['redirect', [302, false]],
  ['permanent', [301, false]],
]);

function parseRewrite(args: Args): void {
  let replacement = args.text(2);
  if (replacement === '') args.failWhole('empty replacement');
  const regex = new HttpRegex(args.cf, args.text(1), false, args.place());
  const addArgs = !replacement.endsWith('?');
  if (!addArgs) replacement = replacement.slice(0, -1);
  let last = false;
  let status = 0;
  let breaks = false;
  if (ELSEWHERE.test(replacement)) {
    status = 302;
    last = true;
  }
  if (args.count === 3) {
    const given = FLAGS.get(args.text(3)) ?? args.failWhole(`invalid parameter "${args.text(3)}"`);
    status = given[0] || status;
    breaks = given[1];
    last = true;
  }
  const question = replacement.indexOf('?');
  const split = question !== -1 && status === 0;
  add(args, 'rewrite').rewrite = {
    regex,
    path: compile(args, split ? replacement.slice(0, question) : replacement),
    args: question === -1 ? null : compile(args, replacement.slice(question + 1)),
    addArgs,
    status,
    breaks,
    last,
  };
}

function compile(args: Args, text: string): Value {
  return new Value(args.cf.variables.compile(text, args.place()));
}

function parseReturn(args: Args): void {
  let status = parseNumber(args.text(1));
  let text = args.text(2);
  let given = args.count === 2;
  if (status === -1 && args.count === 1 && ELSEWHERE.test(args.text(1))) {
    status = 302;
    text = args.text(1);
    given = true;
  }
  if (status === -1 || status > 999) args.failWhole(`invalid return code "${args.text(1)}"`);
  const code = add(args, 'return');
  code.status = status;
  // Without a text, an error has the page of its status.
  if (status < 400 || (given && text !== '')) code.value = compile(args, text);
}

function parseBreak(args: Args): void {
  add(args, 'break');
}

/** The variable that the first argument declares, as `set` does. */
export function declareVariable(args: Args): Variable {
  const name = args.text(1);
  if (!name.startsWith('$')) args.failWhole(`invalid variable name "${name}"`);
  if (name === '$') args.failWhole('invalid variable name "$"');
  const own = name.slice(1).toLowerCase();
  const spec = {
    get: (r: unknown): string => uninitialized(r as HttpRequest, own),
    changeable: true,
  };
  return args.cf.variables.addWeak(own, spec, args.place());
}

function parseSet(args: Args): void {
  const variable = declareVariable(args);
  const value = compile(args, args.text(2));
  const code = add(args, 'set');
  code.variable = variable;
  code.value = value;
}

function uninitialized(r: HttpRequest, name: string): string {
  if (rewriteConf(r).uninitialized_variable_warn) {
    logError(r, 'warn', `using uninitialized "${name}" variable`);
  }
  return '';
}

function rewriteConf(r: HttpRequest): Conf {
  return rewrite.conf(r);
}

function parseIf(args: Args): void {
  const { subject } = args.scope;
  if (!(subject instanceof Location)) throw new TypeError('an if outside of server and location');
  const condition = parseCondition(args);
  const inLocation = args.scope.context === LOCATION;
  const code = add(args, 'if');
  code.condition = condition;
  const inner = readInner(args, subject, inLocation ? LOCATION_IF : SERVER_IF);
  if (inLocation) code.location = inner;
  code.next = codesOf(args.scope).length;
}

function parseCondition(args: Args): Condition {
  const words = args.texts();
  const invalid = (word: string | undefined): never => args.failWhole(`invalid condition "${word}"`);
  const first = words[0] ?? '';
  if (!first.startsWith('(')) return invalid(first);
  if (first === '(') words.shift();
  else words[0] = first.slice(1);
  const end = words.at(-1) ?? '';
  if (!end.endsWith(')')) return invalid(end);
  if (end === ')') words.pop();
  else words[words.length - 1] = end.slice(0, -1);
  const [left = ')', operator = '', right = ''] = words;
  if (left.length > 1 && left.startsWith('$')) {
    if (words.length !== 1 && words.length !== 3) return invalid(left);
    const variable = args.cf.variables.reference(left.slice(1), args.place());
    return words.length === 1 ? new IsTrue(variable) : comparison(args, variable, operator, right);
  }
  const test = /^(!?)-(.)$/s.exec(left);
  if (test === null || words.length !== 2) return invalid(left);
  const [, not, kind = ''] = test;
  if (!'fdex'.includes(kind)) return invalid(left);
  return new FileIs(compile(args, operator), kind, not === '');
}

function comparison(args: Args, variable: Variable, operator: string, right: string): Condition {
  switch (operator) {
    case '=':
    case '!=':
      return new Equals(variable, compile(args, right), operator === '=');
    case '~':
    case '~*':
    case '!~':
    case '!~*': {
      const regex = new HttpRegex(args.cf, right, operator.endsWith('*'), args.place());
      return new Matches(variable, regex, !operator.startsWith('!'));
    }
    default:
      return args.failWhole(`unexpected "${operator}" in condition`);
  }
}
