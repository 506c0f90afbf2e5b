// What a handler answers. An HTTP status may stand in their place: it ends the request with it.

export type Rc = number;

/** Done here: the next phase. */
export const OK = 0;
/** Failed, already logged: the connection is closed. */
export const ERROR = -1;
/** Waiting: the handler calls resume() or resumeWith() later. */
export const AGAIN = -2;
/** The request has another owner now, who will finalize it. */
export const DONE = -4;
/** Nothing to say: the next handler. */
export const DECLINED = -5;
/** The request starts over: an internal redirect has set where. */
export const RESTART = -6;
