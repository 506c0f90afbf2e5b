// URLPattern, when a script first asks for it. Its regular expressions run in the isolate, under its limits.

import { URLPattern } from 'urlpattern-polyfill/urlpattern';
import type { GlobalsOf } from '../web/lazy.ts';
import { webClass } from '../web/web_class.ts';

webClass(URLPattern, 'URLPattern');

export const globals = { URLPattern } satisfies GlobalsOf<'urlpattern'>;
