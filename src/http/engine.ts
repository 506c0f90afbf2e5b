// Walks requests through the phases and ends them. A server's steps come first, then, once its location is found, the
// location's. What a handler's answer means depends on the phase, as in nginx's checkers; finalize() is its end for all.

import { Timer } from '../core/timers.ts';
import { enterLocation, findLocation } from './find_location.ts';
import { logError } from './log.ts';
import { output, runHeaderFilters } from './output.ts';
import { mapUriToPath } from './path.ts';
import {
  ACCESS,
  CONTENT,
  GENERIC,
  POST_ACCESS,
  POST_REWRITE,
  phaseOf,
  REWRITE,
  type Step,
} from './phases.ts';
import { AGAIN, DECLINED, DONE, ERROR, OK, type Rc, RESTART } from './rc.ts';
import { internalRedirect, namedLocation } from './redirect.ts';
import type { HttpRequest } from './request.ts';
import { specialResponse } from './special_response.ts';

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
function locate(r: HttpRequest): boolean {
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
function switchLocation(r: HttpRequest, current: Step): void {
  const { chain } = r.loc;
  let next = 0;
  while (next < chain.length && (chain[next] as Step).order <= current.order) next++;
  r.steps = chain;
  r.step = next;
}

/** Judges a step's answer. True: walk on. */
function settle(r: HttpRequest, step: Step, rc: Rc): boolean {
  if (rc === AGAIN || rc === DONE) return false;
  if (rc === RESTART) return true;
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
      if (rc === 403) logError(r, 'error', 'access forbidden by rule');
      refuse(r, rc);
      return false;
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
      r.headersOut.remove(r.method === 'CONNECT' ? 'Proxy-Authenticate' : 'WWW-Authenticate');
      return nextPhase(r, step);
    }
    if (rc === 403 || rc === UNAUTHORIZED || rc === PROXY_AUTH_REQUIRED) {
      if (r.accessCode !== UNAUTHORIZED && r.accessCode !== PROXY_AUTH_REQUIRED) r.accessCode = rc;
      return nextStep(r, step);
    }
  }
  refuse(r, rc);
  return false;
}

/** Ends the request that an access handler has refused; one without the right password waits for it (auth_delay). */
function refuse(r: HttpRequest, rc: Rc): void {
  const { auth_delay: delayMs } = r.loc.core;
  if ((rc !== UNAUTHORIZED && rc !== PROXY_AUTH_REQUIRED) || delayMs === 0) {
    finalize(r, rc);
    return;
  }
  logError(r, 'info', 'delaying unauthorized request');
  new Timer(refuseNow, r).set(delayMs);
}

function refuseNow(r: HttpRequest): void {
  finalize(r, r.method === 'CONNECT' ? PROXY_AUTH_REQUIRED : UNAUTHORIZED);
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
    const path = mapUriToPath(r);
    if (path !== null) logError(r, 'error', `directory index of "${path}" is forbidden`);
    finalize(r, 403);
    return;
  }
  logError(r, 'debug', 'no handler found');
  finalize(r, 404);
}

/** nginx's own: close the connection without an answer. */
export const CLOSE = 444;
export const CLIENT_CLOSED = 499;
export const REQUEST_TIMEOUT = 408;
const UNAUTHORIZED = 401;
const PROXY_AUTH_REQUIRED = 407;

/**
 * Ends the request with a handler's answer. DONE and AGAIN leave it to its owner. A status becomes an error page or
 * nginx's own; a failure closes the connection.
 */
export function finalize(r: HttpRequest, rc: Rc): void {
  if (rc === DONE || rc === AGAIN || r.finalized) return;
  if (rc === RESTART) {
    runPhases(r);
    return;
  }
  if (r.sub !== null && r.sub.options.judge !== undefined) rc = r.sub.options.judge(r, rc);
  if (rc === ERROR || rc === REQUEST_TIMEOUT || rc === CLIENT_CLOSED || rc === CLOSE || r.aborted) {
    terminate(r, rc);
    return;
  }
  if (rc >= 300 || rc === 201 || rc === 204) {
    if (r.headerSent) {
      terminate(r, ERROR); // too late for another answer
      return;
    }
    finalize(r, specialResponse(r, rc));
    return;
  }
  if (rc === OK && r.held === null && !r.outputDone && r.headerSent) output(r, '', true);
  if (r.held !== null) return; // a header filter waits: resumeHeader() comes back here
  if (r.bodyHeld || r.filterWritable !== null || (r.postponed !== null && !r.postponed.passes(r))) {
    r.finalizeHeld = true;
    return;
  }
  finish(r, rc === DECLINED ? OK : rc);
}

function finish(r: HttpRequest, rc: Rc): void {
  if (postAction(r)) return;
  r.finalized = true;
  cleanUp(r);
  if (rc === ERROR) r.sink.terminate(r, rc);
  else r.sink.end(r);
}

function terminate(r: HttpRequest, rc: Rc): void {
  if (rc > 0 && r.headersOut.status === 0) r.headersOut.status = rc;
  if (rc !== CLOSE && postAction(r)) return;
  r.finalized = true;
  cleanUp(r);
  r.sink.terminate(r, rc);
}

/** Ends a subrequest that nobody wants any more. */
export function abandon(sr: HttpRequest): void {
  sr.finalized = true;
  cleanUp(sr);
}

function cleanUp(r: HttpRequest): void {
  const { cleanups } = r;
  if (cleanups === null) return;
  r.cleanups = null;
  for (let i = cleanups.length - 1; i >= 0; i--) cleanups[i]?.(r);
}

/** Runs the log phase, once: for the sink, when the response has left. */
export function logRequest(r: HttpRequest): void {
  if (r.logged) return;
  r.logged = true;
  r.action = 'logging request';
  r.step = 0;
  resumeLog(r);
  if (r.counted === null) return;
  r.counted.release();
  r.counted = null;
}

/** Goes on after a log handler that answered AGAIN, since those behind it may want what it sets. */
export function resumeLog(r: HttpRequest): void {
  const { logSteps } = r.loc;
  while (r.step < logSteps.length) {
    const step = logSteps[r.step] as Step;
    r.step++;
    if ((step.run as (r: HttpRequest, conf: unknown) => Rc)(r, step.conf) === AGAIN) return;
  }
}

/** Runs post_action once the response is complete; the client sees nothing of it. */
function postAction(r: HttpRequest): boolean {
  const { post_action: target } = r.loc.core;
  if (target === '' || r.parent !== null || (r.postAction && r.uriChanges === 0)) return false;
  r.postAction = true;
  r.headerOnly = true;
  finalize(r, target.startsWith('/') ? internalRedirect(r, target, '') : namedLocation(r, target));
  return true;
}

/** A header filter that answered AGAIN is done: the rest of the filters run, then what was held goes out. */
export function resumeHeader(r: HttpRequest): void {
  if (r.held === null) return;
  const rc = runHeaderFilters(r);
  if (rc === AGAIN) return;
  const { held } = r;
  r.held = null;
  if (rc !== OK) {
    finalize(r, rc);
    return;
  }
  for (const { data, last } of held) output(r, data, last);
  if (r.outputDone) finalize(r, OK);
  else r.onWritable?.(r);
}

/** A body filter that waited for the client (r.filterWritable) has given it all. */
export function bodyFilterDone(r: HttpRequest): void {
  if (r.finalizeHeld && !r.bodyHeld) {
    r.finalizeHeld = false;
    finalize(r, OK);
  } else {
    r.onWritable?.(r);
  }
}

/** A body filter that held some of the body back has let it go. */
export function releaseBody(r: HttpRequest): void {
  r.bodyHeld = false;
  if (!r.finalizeHeld) return;
  r.finalizeHeld = false;
  finalize(r, OK);
}
