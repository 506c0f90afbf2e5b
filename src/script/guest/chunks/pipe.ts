// ngx.pipe, when a script first asks for it.

export { pipeApi } from '../pipe.ts';

import type { GlobalsOf } from '../web/lazy.ts';

export const globals = {} satisfies GlobalsOf<'pipe'>;
