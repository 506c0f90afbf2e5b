// The phases, and the steps that a configuration makes of them: flat arrays, walked by the engine.

import type { Handler } from './module.ts';
import type { Rc } from './rc.ts';
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
