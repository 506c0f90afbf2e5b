// What comes with fetch: URLs, events, bodies, requests and responses. Also how a content block's Response is sent, and
// how ngx.request is made.

export { answerWith, isResponse } from '../web/answer.ts';
export { incomingRequest } from '../web/incoming.ts';

import { AbortController, AbortSignal } from '../web/abort.ts';
import { Blob, File } from '../web/blob.ts';
import { structuredClone } from '../web/clone.ts';
import { CustomEvent, ErrorEvent, Event, EventTarget, PromiseRejectionEvent } from '../web/events.ts';
import { fetch } from '../web/fetch.ts';
import { FormData } from '../web/form_data.ts';
import { Headers } from '../web/headers.ts';
import type { GlobalsOf } from '../web/lazy.ts';
import { Request } from '../web/request.ts';
import { Response } from '../web/response.ts';
import { URL, URLSearchParams } from '../web/url.ts';

export const globals = {
  AbortController,
  AbortSignal,
  Blob,
  CustomEvent,
  ErrorEvent,
  Event,
  EventTarget,
  File,
  FormData,
  Headers,
  PromiseRejectionEvent,
  Request,
  Response,
  URL,
  URLSearchParams,
  fetch,
  structuredClone,
} satisfies GlobalsOf<'web'>;
