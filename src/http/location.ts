// Servers and locations as a cycle holds them: configuration merged, chains built, ready to be walked.

import { LOCATION, nextSlot } from '../conf/directive.ts';
import type { Place } from '../conf/error.ts';
import type { Scope } from '../conf/reader.ts';
import type { CoreConf } from './core.ts';
import type { LocationTree } from './location_tree.ts';
import type { HttpMain } from './main.ts';
import type { BodyFilter, HeaderStep } from './output.ts';
import type { Step } from './phases.ts';
import type { HttpRegex } from './regex.ts';

/** The core module's slot: the engine reads its configuration as `loc.core`. */
export const CORE_SLOT = nextSlot();

export class Location {
  /** As written: "/a", "@name"; the pattern for a regular expression, "" for a server's own. */
  readonly name: string;
  /** Merged configuration of each module, by slot. */
  readonly conf: unknown[] = [];
  /** conf of the core module, which the engine itself reads. */
  core!: CoreConf;
  /** The steps from the rewrite phase on. */
  chain: readonly Step[] = [];
  headerFilters: readonly HeaderStep[] = [];
  /** The head of the body filters, which ends in the sink. */
  bodyFilter!: BodyFilter;
  /** Of the body filters, those behind postpone: what sees a response and its subrequests' as one. */
  outerFilter!: BodyFilter;
  /** None of them keeps what it is given. */
  outerPassing = true;
  /** No body filter keeps what it is given (BodyFilterSpec.passing). */
  passing = true;
  /** None keeps it longer than the request lasts (BodyFilterSpec.borrowing). */
  borrowing = true;
  /** A body filter may hold some of it back until flushOutput(). */
  holding = false;
  logSteps: readonly Step[] = [];
  /** What alone makes its responses: the handler of the content phase that is exclusive; null for none. */
  handler: Step['run'] | null = null;
  /** Nested locations; null for none. */
  tree: LocationTree | null = null;
  /** An `if` or limit_except block: it has no name to be found by. */
  noname = false;
  exact = false;
  /** ^~ */
  noregex = false;
  named = false;
  /** Ends in "/" and passes to an upstream: a request without the slash is redirected to it. */
  autoRedirect = false;
  /** Of a server's own: CONNECT requests are for one of its locations to tunnel. */
  allowConnect = false;
  /** What runs for methods that limit_except names not; null for none. */
  limitExcept: Location | null = null;
  /** Methods that are not limited, when limitExcept is set. */
  limitExceptMethods: readonly string[] = [];
  /** Of a regular expression location. */
  regex: HttpRegex | null = null;
  /** The blocks inside, in the order written, `if` and limit_except among them. */
  readonly inner: Location[] = [];
  /** The kind of block: LOCATION, LOCATION_IF, LIMIT_EXCEPT, SERVER_IF, SERVER. */
  level = LOCATION;
  /** What the block says itself; only while the configuration is read. */
  scope: Scope | null = null;
  readonly place: Place | null;

  constructor(name: string, place: Place | null = null) {
    this.name = name;
    this.place = place;
  }
}

export class Server {
  readonly main: HttpMain;
  /** The server's own level: what holds where no location matches. */
  readonly location: Location;
  /** postRead and serverRewrite. */
  chain: readonly Step[] = [];
  /** The first of server_name, for redirects and $server_name; empty for none. */
  name = '';
  named: ReadonlyMap<string, Location> = new Map();

  constructor(main: HttpMain, place: Place | null = null) {
    this.main = main;
    this.location = new Location('', place);
  }
}
