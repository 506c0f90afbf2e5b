// Reading server, location and limit_except blocks into the objects they configure.

import type { Args } from '../conf/args.ts';
import { LIMIT_EXCEPT, LOCATION, SERVER } from '../conf/directive.ts';
import { Scope } from '../conf/reader.ts';
import { Location, Server } from './location.ts';
import { HttpMain } from './main.ts';
import { HttpRegex } from './regex.ts';

export function readServer(args: Args): null {
  const main = args.scope.subject;
  if (!(main instanceof HttpMain)) throw new TypeError('a server outside of http');
  const server = new Server(main, args.place());
  main.servers.push(server);
  const scope = new Scope(SERVER, args.scope, server.location);
  server.location.scope = scope;
  args.readBlock(scope);
  return null;
}

export function readLocation(args: Args): null {
  const outer = args.scope.subject;
  if (!(outer instanceof Location)) throw new TypeError('a location outside of server');
  const location = newLocation(args);
  if (args.scope.context === LOCATION) checkNesting(args, outer, location);
  outer.inner.push(location);
  const scope = new Scope(LOCATION, args.scope, location);
  location.scope = scope;
  args.readBlock(scope);
  return null;
}

const MODIFIED = /^(=|\^~|~\*|~)(.*)$/s;

function newLocation(args: Args): Location {
  let modifier = '';
  let name = args.text(1);
  if (args.count === 2) {
    modifier = name;
    name = args.text(2);
    if (!['=', '^~', '~', '~*'].includes(modifier)) args.failWhole(`invalid location modifier "${modifier}"`);
  } else {
    const split = MODIFIED.exec(name);
    if (split !== null) [, modifier = '', name = ''] = split;
  }
  const location = new Location(name, args.place());
  location.exact = modifier === '=';
  location.noregex = modifier === '^~';
  location.named = modifier === '' && name.startsWith('@');
  if (modifier.startsWith('~'))
    location.regex = new HttpRegex(args.cf, name, modifier === '~*', args.place());
  return location;
}

function checkNesting(args: Args, outer: Location, location: Location): void {
  if (outer.exact) {
    args.failWhole(`location "${location.name}" cannot be inside the exact location "${outer.name}"`);
  }
  if (outer.named) {
    args.failWhole(`location "${location.name}" cannot be inside the named location "${outer.name}"`);
  }
  if (location.named) args.failWhole(`named location "${location.name}" can be on the server level only`);
  if (location.regex === null && !location.name.startsWith(outer.name)) {
    args.failWhole(`location "${location.name}" is outside location "${outer.name}"`);
  }
}

const METHODS = [
  'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'MKCOL', 'COPY', 'MOVE', 'OPTIONS', 'PROPFIND', 'PROPPATCH', 'LOCK',
  'UNLOCK', 'PATCH',
]; // biome-ignore format: a list

export function readLimitExcept(args: Args): null {
  const outer = args.scope.subject;
  if (!(outer instanceof Location)) throw new TypeError('limit_except outside of a location');
  if (outer.limitExcept !== null) args.fail('is duplicate');
  const methods: string[] = [];
  for (const word of args.texts()) {
    const method = word.toUpperCase();
    if (!METHODS.includes(method)) args.failWhole(`invalid method "${word}"`);
    methods.push(method);
  }
  if (methods.includes('GET')) methods.push('HEAD');
  outer.limitExceptMethods = methods;
  outer.limitExcept = readInner(args, outer, LIMIT_EXCEPT);
  return null;
}

/** Reads an `if` or limit_except block: a location without a name of its own, inside `outer`. */
export function readInner(args: Args, outer: Location, context: number): Location {
  const inner = new Location(outer.name, args.place());
  inner.noname = true;
  inner.level = context;
  inner.exact = outer.exact;
  inner.named = outer.named;
  inner.noregex = outer.noregex;
  inner.regex = outer.regex;
  outer.inner.push(inner);
  const scope = new Scope(context, args.scope, inner);
  inner.scope = scope;
  args.readBlock(scope);
  return inner;
}
