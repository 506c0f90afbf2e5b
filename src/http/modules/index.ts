// The HTTP modules in nginx's order. Phase handlers of one phase run in this order; filters in the reverse one: the
// last filter of the list is the first to see a response.

import { core } from '../core.ts';
import type { AnyHttpModule } from '../module.ts';
import { rewrite } from './rewrite.ts';

export const httpModules: readonly AnyHttpModule[] = [core, rewrite];
