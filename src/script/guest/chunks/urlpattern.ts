// URLPattern, when a script first asks for it. Its regular expressions run in the isolate, under its limits.

import { URLPattern } from 'urlpattern-polyfill/urlpattern';
import type { GlobalsOf } from '../web/lazy.ts';

export const globals = { URLPattern } satisfies GlobalsOf<'urlpattern'>;
