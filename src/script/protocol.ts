// What host and guest say to each other across the isolate's border. Numbers travel in one block of shared memory, text
// in one string per visit and direction; a record's lengths say where its pieces are cut from that string.
//
//   host → guest   pump(text, from): records IN …   the ints from IN_AT on
//   guest → host   text                             the ints from OUT_AT up to mem[OUT_END]
//
// Every record starts with its kind and has a fixed number of ints, but for those that say a count.

/** Ints of shared memory an isolate has. */
export const MEM_INTS = 1 << 16;
/** Bytes of text behind the ints. */
export const TAIL_BYTES = 1 << 15;
/**
 * Characters. A text this long crosses the border in an array, where it is copied: by itself isolated-vm would make an
 * external string of it (from 1024 bytes on), which V8 counts among the old objects, whose memory it does not count,
 * and which only a full collection ends: the worker would grow by each of them. Arguments of the guest's calls are
 * copied anyway.
 */
export const LONG_TEXT = 512;

// Words at the start of the shared memory.
/** The records of this visit that have been handled whole. */
export const HANDLED = 0;
/** Whose code is running: the slot of a request, 0 for none. */
export const SLOT = 1;
/** The block that is running; -1 for none. */
export const BLOCK = 2;
/** Where the first record to handle stands, and its text: set by the host before a visit. */
export const FROM_INT = 3;
export const FROM_TEXT = 4;
/** Where the records for the host end. */
export const OUT_END = 5;
/** Set by a synchronous call that fails: what it returned is the message of the error. Or that was one too many. */
export const FAULT = 6;
export const REFUSED = 1;
export const OVERTIME = 2;
/** The records of this visit. */
export const COUNT = 7;
/** All records have been taken up: what runs now are continuations of promises. */
export const IDLE = 8;
/**
 * The text that belongs to the records for the host stands behind the ints in the shared memory, a byte a character, as
 * long as it fits and has no characters beyond 255: this many. What is there survives the isolate. -1: it has to be
 * fetched with one more entry.
 */
export const TAIL = 10;
/** How many requests wait that have said something and not handed it over: the host asks for it after the visit. */
export const UNSENT = 11;
/** Since when a visit on the worker's own thread lasts: milliseconds, in 31 bits, never 0; 0 between visits. */
export const SINCE = 12;

/** How a call of a socket came out: see CALL_SOCKET. Others: see CALL_PIECE, CALL_BEGIN. */
export const OUTCOME = 13;
/** A visit is to end with the first record whose code may go on after an `await`: see guest/visit.ts. */
export const CAREFUL = 14;
/** Functions of timers that have begun and not ended; while the worker exits also those that are still to begin. */
export const TIMERS_RUNNING = 15;

export const IN_AT = 16;
/**
 * What the guest may take for granted of its sockets until its visit ends, since nothing happens to them meanwhile: for
 * each a word that the host keeps, and for each pool how many connections are idle in it (see guest/near.ts). Only of
 * visits on the worker's own thread.
 */
export const SOCKET_CELLS_AT = 8192;
export const SOCKET_CELLS = 4096;
export const POOL_CELLS_AT = SOCKET_CELLS_AT + SOCKET_CELLS;
export const POOL_CELLS = 256;
/** A socket's word is its number above these bits; 0: nobody has it. What is sent now is taken at once. */
export const CELL_WRITABLE = 1;
/** It is connected, nothing that has come waits to be read, and nobody waits for more. */
export const CELL_QUIET = 2;
export const CELL_BITS = 2;
const IN_LIMIT = 1 << 14;
export const OUT_AT = IN_LIMIT;

/** What recover() is asked where no visit was cut off, instead of whose code ran: what is written is wanted, no more. */
export const NOTHING_LOST = -1;

// Records to the guest.
/** kind, slot, segment, flags, length of: method, uri, args, client address; the ctx lent to it, 0 for none. */
export const START = 1;
export const START_INTS = 9;
/** kind, operation, status (0: done, 1: failed), kind of value, length, length of what comes beside it. */
export const RESULT = 2;
export const RESULT_INTS = 6;
/** kind, slot: the request is over; forget it. */
export const END = 3;
export const END_INTS = 2;
/**
 * kind, slot, segment, number, flags (LAST_PIECE, ASCII_PIECE, UNREAD_PIECE, WHOLE_PIECE, MAY_WAIT), length: a piece of
 * the body for body filters. Several of a request may come in one visit; each has an answer, in their order.
 */
export const CHUNK = 4;
export const CHUNK_INTS = 6;
/** kind, slot: the client has gone. */
export const ABORT = 5;
export const ABORT_INTS = 2;
/** kind, block, phase: a block that belongs to no request (init, init_worker, exit_worker). */
export const ALONE = 6;
export const ALONE_INTS = 3;

// Flags of START.
/** The request will not come back: forget it when the segment is done. */
export const FINAL = 1;
export const SUBREQUEST = 2;
/** The response head has been sent already. */
export const HEAD_SENT = 4;
/** Underscores in the names of response headers stay as they are. */
export const KEEP_UNDERSCORES = 8;
/** Its blocks may go on after they have returned. */
export const MAY_WAIT = 16;
/** Of CHUNK: the body ends with it. */
export const LAST_PIECE = 1;
/** Of CHUNK: all of it is ASCII, so that its text is its bytes. */
export const ASCII_PIECE = 2;
/** Of CHUNK: its bytes did not come along, CALL_PIECE gives them. Most filters look at few pieces. */
export const UNREAD_PIECE = 4;
/** Of CHUNK: no character that a later piece completes begins in it. */
export const WHOLE_PIECE = 8;

// Records to the host.
/** kind, slot, lane (1: of filters), action, code, length of: text, text. */
export const DONE = 1;
export const DONE_INTS = 7;
/** kind, slot, flags, status (0: as it is), count of headers, length of the body; then for each header: length of its
 * name, count of values (-1: remove it), the lengths of the values. */
export const RESPONSE = 2;
export const RESPONSE_INTS = 6;
/** kind, slot, operation, code, slot of the request whose code asks, count of arguments; then for each its kind and
 * length. The first slot is 0 where the operation outlives the request (fetch). */
export const OPERATION = 3;
export const OPERATION_INTS = 6;
/** kind, operation: the guest no longer waits for it. */
export const CANCEL = 4;
export const CANCEL_INTS = 2;
/** kind, slot, KEPT, REPLACED or APPENDED, last, kind, length: a body filter's answer. */
export const FILTERED = 5;
export const FILTERED_INTS = 6;

// What a body filter has made of a piece.
/** Nothing: the host has it still. */
export const KEPT = 0;
export const REPLACED = 1;
/** It is as it was, and text follows it. */
export const APPENDED = 2;

// Flags of RESPONSE.
/** Send the head if it has not been sent. */
export const SEND = 1;
export const LAST = 2;
/** The body is bytes, one a character; else text. */
export const BYTES = 4;
/** Do not wait for more. */
export const FLUSH = 8;
/** The body is a stream: if the client goes, the request ends, and whoever feeds the stream hears of it. */
export const STREAM = 16;

// Actions of DONE: how a segment ended.
/** All blocks ran to their end. */
export const NEXT = 0;
/** ngx.exit(code). */
export const EXIT = 1;
/** ngx.exec, ngx.req.set_uri(uri, true): text is the uri, and the arguments. */
export const EXEC = 2;
/** A block threw: 500. */
export const THROWN = 3;
/** The value that a set block returned, in text; code 0: undefined. */
export const VALUE = 4;
/** The response has been given out by the blocks: nothing is to follow. */
export const ANSWERED = 5;
/** ngx.req.set_uri(uri, true). */
export const JUMP = 6;

// Kinds of value.
export const UNDEFINED = 0;
export const TEXT = 1;
export const RAW = 2;
export const NUMBER = 3;
export const BOOLEAN = 4;
export const JSON_TEXT = 5;
/** Of an argument: the number stands in the place of a length. */
export const INTEGER = 6;

// Operations.
export const OP_SLEEP = 1;
export const OP_FLUSH = 2;
export const OP_READ_BODY = 3;
export const OP_CAPTURE = 4;
export const OP_TIMER = 5;
export const OP_FETCH = 6;
export const OP_FETCH_BODY = 7;
export const OP_CRYPTO = 8;
export const OP_METRICS = 9;
/** Has no result. */
export const OP_METRIC = 10;
/**
 * A call of a socket that has to wait, begun by CALL_SOCKET. As a record, without a number of its own: a call of a socket
 * whose outcome the guest knows, or waits for: the arguments of CALL_SOCKET.
 */
export const OP_SOCKET = 60;
/** number of another operation: a wait that is to end now. Has no result. */
export const OP_WAKE = 11;
/** A piece of a fetch's request body, by the fetch's number. */
export const OP_FETCH_SEND = 40;
/** Nobody reads the rest of a fetch's response. Has no result. */
export const OP_FETCH_CLOSE = 41;
/** What a fetch comes to: status, flags, url (empty: that of the request), reason, headers, with a NUL between. */
export const FETCH_MORE = 1;
/** The body's Content-Encoding has been undone. */
export const FETCH_DECODED = 2;
/** The body has come as a whole, and is ASCII. */
export const FETCH_ASCII = 4;
/** The next piece of the client's body. */
export const OP_BODY_PULL = 42;
/** Compression: a stream is opened, fed and ended by its number. */
export const OP_ZLIB = 43;
/** Nobody wants what a compression stream has left. Has no result. */
export const OP_ZLIB_CLOSE = 44;
/** A function that is run on another thread: pool, module, name, arguments. */
export const OP_THREAD = 45;

// Phases: bits, in the order of PHASE_NAMES.
export const PHASE_NAMES = [
  'init',
  'init_worker',
  'exit_worker',
  'set',
  'server_rewrite',
  'rewrite',
  'access',
  'precontent',
  'content',
  'header_filter',
  'body_filter',
  'log',
  'timer',
  'balancer',
] as const;
export type PhaseName = (typeof PHASE_NAMES)[number];

export const INIT = 1 << 0;
export const INIT_WORKER = 1 << 1;
export const EXIT_WORKER = 1 << 2;
export const SET = 1 << 3;
export const SERVER_REWRITE = 1 << 4;
export const REWRITE = 1 << 5;
export const ACCESS = 1 << 6;
export const PRECONTENT = 1 << 7;
export const CONTENT = 1 << 8;
export const HEADER_FILTER = 1 << 9;
export const BODY_FILTER = 1 << 10;
export const LOG = 1 << 11;
export const TIMER = 1 << 12;
export const BALANCER = 1 << 13;

/** One block of a segment. */
export interface SegmentStep {
  /** A phase bit. */
  readonly phase: number;
  readonly block: number;
}

/** What the guest is told when it starts. */
export interface Boot {
  readonly prefix: string;
  readonly confFile: string;
  /** What `-V` says. */
  readonly configure: string;
  /** -1: the privileged agent's. */
  readonly workerId: number;
  readonly workerCount: number;
  /** The arguments of `tsresty run`; null for a worker. */
  readonly command: readonly string[] | null;
  readonly pid: number;
  readonly masterPid: number;
  /** There is no master. */
  readonly single: boolean;
  /** An isolate for ngx.run_worker_thread. */
  readonly thread: boolean;
  readonly sharedDicts: readonly string[];
  /** Those that the isolate was not granted. */
  readonly withheld: readonly string[];
  /** Its name. */
  readonly isolate: string;
  readonly maxPendingTimers: number;
  readonly maxRunningTimers: number;
  /** How many compiled patterns ngx.re keeps. */
  readonly regexCacheEntries: number;
  readonly segments: readonly (readonly SegmentStep[])[];
}

// Synchronous calls. A guest calls `call(code, slot, a, b, c, d)`; the answer is a plain value.
/** What a flush throws when the client has gone: of no more interest than that, where no block catches it. */
export const CLIENT_GONE = 'nginx output filter error';

/** A line: level, message, stack, and what is told of nobody's; with the level alone, whether it is enabled. */
export const CALL_LOG = 1;
export const CALL_VAR_GET = 2;
export const CALL_VAR_SET = 3;
export const CALL_CAPTURE_GET = 4;
export const CALL_REQ_HEADERS = 5;
export const CALL_REQ_SET_HEADER = 6;
export const CALL_REQ_SET_METHOD = 7;
export const CALL_REQ_SET_URI = 8;
export const CALL_REQ_SET_ARGS = 9;
export const CALL_REQ_RAW_HEADER = 10;
export const CALL_REQ_INFO = 11;
export const CALL_BODY_DATA = 12;
export const CALL_BODY_RAW = 13;
export const CALL_BODY_FILE = 14;
export const CALL_BODY_SET = 15;
export const CALL_BODY_SET_FILE = 16;
export const CALL_BODY_DISCARD = 17;
export const CALL_RESP_HEADERS = 18;
export const CALL_RESP_HEADER = 19;
export const CALL_RESP_STATUS = 20;
/** Act on what is in the shared memory and in this text now: the script asks for something that depends on it. */
export const CALL_OUT = 21;
/** Keep the records in the shared memory, and this text of theirs, to be acted on when the visit is over. */
export const CALL_KEEP = 38;
/**
 * Begin operations now: with this text, their records stand behind OUT_END, up to here, and are not there for anybody
 * else. Results of this slot that are known when all have begun come back at once: the answer is their text, OUTCOME
 * says how many they are, and their RESULT records have taken the place.
 */
export const CALL_BEGIN = 24;
export const CALL_DIGEST = 22;
export const CALL_DECODE = 23;
export const CALL_WORKER = 25;
/** What ngx.errlog asks: "check", "filter" with a level, "logs" with a count, "sys", "raw" with level and text. */
export const CALL_ERRLOG = 26;
export const CALL_METRIC = 27;
export const CALL_RANDOM = 28;
export const CALL_VERIFY = 32;
export const CALL_URL = 33;
export const CALL_REGEX = 34;
export const CALL_SET_ARGUMENT = 35;
export const CALL_PARSE_URI = 36;
/** A piece that body filters have before them, by its number; OUTCOME says whether all of it is ASCII. */
export const CALL_PIECE = 37;
/** Line of the response's reason. */
export const CALL_RESP_REASON = 50;
/** The conditions of the request (If-None-Match …) are not looked at. */
export const CALL_BYPASS_IF = 51;
/** What ngx.upstream asks: "upstreams"; "servers" and "peers" of a name; "set" of "name NUL id". Then: backup, down. */
export const CALL_UPSTREAM = 52;
/** Where the request is being passed. */
export const CALL_UPSTREAM_NAME = 53;
export const CALL_BODY_INIT = 29;
export const CALL_BODY_APPEND = 30;
export const CALL_BODY_FINISH = 31;
/** With one of the operations below first. */
export const CALL_BALANCER = 80;

export const BALANCER_PEER = 1;
export const BALANCER_MORE_TRIES = 2;
export const BALANCER_LAST_FAILURE = 3;
export const BALANCER_TIMEOUTS = 4;
export const BALANCER_KEEPALIVE = 5;
export const BALANCER_RECREATE = 6;
export const BALANCER_TLS = 7;
export const BALANCER_BIND = 8;

/** Of `tsresty run`: descriptor, text, whether it is bytes; or -1 and an exit code. */
export const CALL_TERMINAL = 90;
/** As CALL_LOG, of a block's error. */
export const CALL_REPORT = 63;
export const CALL_NOW = 60;
/** Whether to decrypt, and bytes: what the encrypted-session module makes of them; undefined where there is no key. */
export const CALL_SESSION = 62;
/** The name of the encoding that a label means; undefined for none. */
export const CALL_ENCODING = 61;

/**
 * Parts of the guest that are compiled when a script first uses a global of theirs, and the modules of the guest's
 * program that they use without having copies of their own.
 */
export const CHUNKS = ['web', 'streams', 'crypto', 'urlpattern', 'pipe', 'coroutine'] as const;
export type ChunkName = (typeof CHUNKS)[number];
export const SHARED_MODULES = [
  'bridge',
  'builtins',
  'dom_exception',
  'encoding',
  'errors',
  'lazy',
  'log',
  'nobody',
  'operations',
  'request',
  'resp',
  'socket_calls',
  'text',
  'thread',
  'timer',
  'var',
  'web_class',
] as const;
/**
 * A call of a socket: what (SOCK_…), the socket, the operation that it becomes if it has to wait, arguments. OUTCOME
 * says what the answer is: the value; nothing yet, since the operation has begun; the message of an error, a zero, and
 * what had been read; or a value that ends at the pattern of receiveuntil.
 */
export const CALL_SOCKET = 40;
export const ANSWERED_NOW = 0;
export const BEGUN = 1;
export const FAILED = 2;
export const BOUNDARY = 3;

export const SOCK_CONNECT = 1;
export const SOCK_SEND = 2;
export const SOCK_RECEIVE = 3;
export const SOCK_CLOSE = 4;
export const SOCK_KEEPALIVE = 5;
export const SOCK_REUSED = 6;
export const SOCK_TIMEOUTS = 7;
export const SOCK_HANDSHAKE = 8;
export const SOCK_SESSION = 9;
export const SOCK_SET_OPTION = 10;
export const SOCK_GET_OPTION = 11;
export const SOCK_UDP_PEER = 12;
export const SOCK_UDP_SEND = 13;
export const SOCK_UDP_RECEIVE = 14;
export const SOCK_UDP_CLOSE = 15;
export const SOCK_REQUEST = 16;
export const SOCK_DROP = 17;
export const SOCK_UDP_TIMEOUT = 18;
export const SOCK_ADDRESS = 19;
export const SOCK_DESCRIPTOR = 20;
/** An idle connection of a pool, by the pool's word: the socket's word, and timeouts. */
export const SOCK_TAKE = 22;
/** Bytes that were handed over, and have not been read. */
export const SOCK_UNREAD = 21;
// Of ngx.pipe: processes live as sockets do.
export const SOCK_PIPE_SPAWN = 30;
export const SOCK_PIPE_TIMEOUTS = 31;
export const SOCK_PIPE_READ = 32;
export const SOCK_PIPE_WRITE = 33;
export const SOCK_PIPE_SHUTDOWN = 34;
export const SOCK_PIPE_WAIT = 35;
export const SOCK_PIPE_KILL = 36;

// What is beside a read's result: these bits as a digit, then bytes that came after it, which are the guest's from now on.
/** The pattern was reached. */
export const READ_BOUNDARY = 1;
/** Those bytes are ASCII. */
export const READ_ASCII = 2;

// What SOCK_RECEIVE reads.
export const READ_LINE = 1;
export const READ_ALL = 2;
export const READ_EXACT = 3;
export const READ_ANY = 4;
export const READ_UNTIL = 5;

// Calls to a shared dictionary.
export const DICT_GET = 1;
export const DICT_GET_BYTES = 2;
export const DICT_GET_FLAGS = 3;
export const DICT_GET_STALE = 4;
export const DICT_SET = 5;
export const DICT_SET_INFO = 6;
export const DICT_SAFE_SET = 7;
export const DICT_ADD = 8;
export const DICT_SAFE_ADD = 9;
export const DICT_REPLACE = 10;
export const DICT_DELETE = 11;
export const DICT_INCR = 12;
export const DICT_LPUSH = 13;
export const DICT_RPUSH = 14;
export const DICT_LPOP = 15;
export const DICT_RPOP = 16;
export const DICT_LLEN = 17;
export const DICT_TTL = 18;
export const DICT_EXPIRE = 19;
export const DICT_FLUSH_ALL = 20;
export const DICT_FLUSH_EXPIRED = 21;
export const DICT_GET_KEYS = 22;
export const DICT_CAPACITY = 23;
export const DICT_FREE_SPACE = 24;
export const DICT_ADD_INFO = 25;
export const DICT_REPLACE_INFO = 26;
export const DICT_INCR_INFO = 27;
