// The phases: flat arrays of steps, walked by an index. A server's steps come first, then, once its location is found,
// the location's. What a handler's answer means depends on the phase, as in nginx's checkers.

import { finalize } from './finalize.ts';
import { enterLocation, findLocation } from './find_location.ts';
import { logError } from './log.ts';
import type { Handler } from './module.ts';
import { AGAIN, DECLINED, DONE, OK, type Rc } from './rc.ts';
import type { HttpRequest } from './request.ts';

export const PHASES = [
  'postRead',
  'serverRewrite',
  'rewrite',
  'preaccess',
  'access',
  'precontent',
  'content',
  'log',
] as const;
export type Phase = (typeof PHASES)[number];

/** How an answer is judged. */
export const GENERIC = 0;
export const REWRITE = 1;
export const ACCESS = 2;
export const CONTENT = 3;
export const POST_REWRITE = 4;
export const POST_ACCESS = 5;

export interface Step {
  readonly run: (r: HttpRequest, conf: never) => Rc;
  readonly conf: unknown;
  readonly check: number;
  /** Phase and place in it: the same handler has the same order in every chain. */
  readonly order: number;
  readonly join: Handler<never>['join'] | undefined;
}

/** The phase of a step. */
export function phaseOf(step: Step): number {
  return Math.floor(step.order / 1000);
}

/** Starts a main request or a subrequest at its server's first step. */
export function startPhases(r: HttpRequest): void {
  r.steps = r.server.chain;
  r.step = 0;
  runPhases(r);
}

/** Walks on from where the request stands. */
export function runPhases(r: HttpRequest): void {
  for (;;) {
    const step = r.steps[r.step];
    if (step === undefined) {
      if (r.steps !== r.server.chain) {
        noContent(r);
        return;
      }
      if (!locate(r)) return;
      continue;
    }
    if (step.check === ACCESS && r.parent !== null) {
      r.step++; // as in nginx, subrequests are not asked for access
      continue;
    }
    if (!settle(r, step, (step.run as (r: HttpRequest, conf: unknown) => Rc)(r, step.conf))) return;
  }
}

/** A handler that answered AGAIN is asked once more: it keeps its state in its ctx. */
export function resume(r: HttpRequest): void {
  if (!r.finalized) runPhases(r);
}

/** A handler that answered AGAIN has its answer now. */
export function resumeWith(r: HttpRequest, rc: Rc): void {
  if (r.finalized) return;
  const step = r.steps[r.step];
  if (step === undefined || settle(r, step, rc)) runPhases(r);
}

/** Finds the location for r.uri and enters its chain. False: the request has been finalized. */
export function locate(r: HttpRequest): boolean {
  r.uriChanged = false;
  const rc = enterLocation(r, findLocation(r));
  if (rc !== OK) {
    finalize(r, rc);
    return false;
  }
  r.steps = r.loc.chain;
  r.step = 0;
  return true;
}

/** An `if` or limit_except block has become the request's location: its chain goes on behind the current step. */
export function switchLocation(r: HttpRequest, current: Step): void {
  const { chain } = r.loc;
  let next = 0;
  while (next < chain.length && (chain[next] as Step).order <= current.order) next++;
  r.steps = chain;
  r.step = next;
}

/** Judges a step's answer. True: walk on. */
function settle(r: HttpRequest, step: Step, rc: Rc): boolean {
  if (rc === AGAIN || rc === DONE) return false;
  switch (step.check) {
    case GENERIC:
      if (rc === DECLINED) return nextStep(r, step);
      if (rc === OK) return nextPhase(r, step);
      break;
    case REWRITE:
      if (rc === DECLINED) return nextStep(r, step);
      break;
    case ACCESS:
      return settleAccess(r, step, rc);
    case POST_REWRITE:
      return postRewrite(r);
    case POST_ACCESS:
      if (r.accessCode === 0) return nextStep(r, step);
      rc = r.accessCode;
      r.accessCode = 0;
      break;
    case CONTENT:
      if (rc === DECLINED) return nextStep(r, step);
      break;
  }
  finalize(r, rc);
  return false;
}

function nextStep(r: HttpRequest, step: Step): boolean {
  if (r.steps[r.step] === step) r.step++;
  else switchLocation(r, step);
  return true;
}

function nextPhase(r: HttpRequest, step: Step): boolean {
  const phase = phaseOf(step);
  while (r.step < r.steps.length && phaseOf(r.steps[r.step] as Step) === phase) r.step++;
  return true;
}

function settleAccess(r: HttpRequest, step: Step, rc: Rc): boolean {
  if (rc === DECLINED) return nextStep(r, step);
  if (r.loc.core.satisfy === 'all') {
    if (rc === OK) return nextStep(r, step);
  } else {
    if (rc === OK) {
      r.accessCode = 0;
      r.headersOut.remove('WWW-Authenticate');
      return nextPhase(r, step);
    }
    if (rc === 403 || rc === 401 || rc === 423) {
      if (r.accessCode !== 401) r.accessCode = rc;
      return nextStep(r, step);
    }
  }
  finalize(r, rc);
  return false;
}

function postRewrite(r: HttpRequest): boolean {
  if (!r.uriChanged) {
    r.step++;
    return true;
  }
  r.uriChanges--;
  if (r.uriChanges === 0) {
    logError(r, 'error', `rewrite or internal redirection cycle while processing "${r.uri}"`);
    finalize(r, 500);
    return false;
  }
  return locate(r);
}

function noContent(r: HttpRequest): void {
  if (r.uri.endsWith('/')) {
    finalize(r, 403);
    return;
  }
  logError(r, 'debug', 'no handler found');
  finalize(r, 404);
}
