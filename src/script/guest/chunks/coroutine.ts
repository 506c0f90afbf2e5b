// The global `coroutine`, when a script first asks for it.

import { coroutine } from '../coroutine.ts';
import type { GlobalsOf } from '../web/lazy.ts';

export const globals = { coroutine } satisfies GlobalsOf<'coroutine'>;
