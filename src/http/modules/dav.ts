// dav_methods: PUT, DELETE, MKCOL, COPY and MOVE of files and directories (WebDAV's, without its properties).

import { closeSync, linkSync, type Stats, unlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { type ConfOf, HTTP_ANY } from '../../conf/directive.ts';
import { bitmask, flag, number, value } from '../../conf/kinds.ts';
import { diskPath } from '../../core/disk_path.ts';
import { errnoOf, errnoText, errorText } from '../../core/errno.ts';
import { parseHttpTime } from '../../core/http_time.ts';
import { parseAccess } from '../core_values.ts';
import { finalize } from '../engine.ts';
import { escapeUri } from '../escape.ts';
import { logError } from '../log.ts';
import { defineModule } from '../module.ts';
import { directoryAccess } from '../move_file.ts';
import { sendHeader } from '../output.ts';
import { mapUriToPath } from '../path.ts';
import { DECLINED, DONE, OK, type Rc } from '../rc.ts';
import type { HttpRequest } from '../request.ts';
import { createTempFile, nextTempNumber, writeAll } from '../temp_file.ts';
import { parseUnsafeUri } from '../upstream/unsafe_uri.ts';
import {
  copyFile,
  copyTree,
  davError,
  deletePath,
  linkInfo,
  makeDirectory,
  renameDirectory,
  renameFile,
} from './dav_files.ts';

const METHODS = { off: 1, put: 2, delete: 4, mkcol: 8, copy: 16, move: 32 };

const directives = {
  dav_methods: bitmask({ in: HTTP_ANY, default: METHODS.off, values: METHODS }),
  create_full_put_path: flag({ in: HTTP_ANY, default: false }),
  min_delete_depth: number({ in: HTTP_ANY, default: 0 }),
  dav_access: value<number>({ in: HTTP_ANY, args: [1, 3], default: 0o600, parse: parseAccess }),
};

type Conf = ConfOf<typeof directives>;

export const dav = defineModule({
  name: 'dav',
  directives,
  phases: { content: { when: (conf: Conf) => (conf.dav_methods & ~METHODS.off) !== 0, run: doMethod } },
});

const { EISDIR, EEXIST, ENOENT, ENOTDIR } = constants.errno;
const BAD_REQUEST = 400;
const FORBIDDEN = 403;
const NOT_FOUND = 404;
const CONFLICT = 409;
const PRECONDITION_FAILED = 412;
const UNSUPPORTED_MEDIA_TYPE = 415;
const CREATED = 201;
const NO_CONTENT = 204;

function doMethod(r: HttpRequest, conf: Conf): Rc {
  switch (r.method) {
    case 'PUT':
      return (conf.dav_methods & METHODS.put) === 0 ? DECLINED : readPut(r);
    case 'DELETE':
      return (conf.dav_methods & METHODS.delete) === 0 ? DECLINED : deleteOne(r, conf);
    case 'MKCOL':
      return (conf.dav_methods & METHODS.mkcol) === 0 ? DECLINED : makeCollection(r, conf);
    case 'COPY':
      return (conf.dav_methods & METHODS.copy) === 0 ? DECLINED : copyOrMove(r, conf);
    case 'MOVE':
      return (conf.dav_methods & METHODS.move) === 0 ? DECLINED : copyOrMove(r, conf);
    default:
      return DECLINED;
  }
}

function refuse(r: HttpRequest, rc: Rc, message: string): Rc {
  logError(r, 'error', message);
  return rc;
}

function hasBody(r: HttpRequest): boolean {
  return r.contentLength > 0 || r.chunked;
}

function readPut(r: HttpRequest): Rc {
  if (r.uri.endsWith('/')) return refuse(r, CONFLICT, 'cannot PUT to a collection');
  if (r.headersIn.get('content-range') !== undefined) return refuse(r, 501, 'PUT with range is unsupported');
  r.bodyBecomesFile = true;
  if (r.bodyReader === null || r.body !== null) put(r, OK);
  else r.bodyReader.read(r, put);
  return DONE;
}

function put(r: HttpRequest, rc: Rc): void {
  finalize(r, rc === OK ? storeBody(r, dav.conf(r)) : rc);
}

function storeBody(r: HttpRequest, conf: Conf): Rc {
  if (r.contentLength === -1 && !r.chunked) return refuse(r, 500, 'PUT request body must be in a file');
  const path = mapUriToPath(r);
  if (path === null) return 500;
  const before = linkInfo(path);
  if (!(before instanceof Error) && before.isDirectory()) {
    return refuse(r, CONFLICT, `"${path}" could not be created ${errnoText(EISDIR)}`);
  }
  const from = bodyFile(r);
  if (from === null) return 500;
  const date = r.headersIn.get('date');
  const pathAccess = conf.create_full_put_path ? conf.dav_access : -1;
  const time = date === undefined ? -1 : parseHttpTime(date);
  if (!renameFile(r, from, path, { access: conf.dav_access, pathAccess, time })) {
    remove(r, from);
    return 500;
  }
  const { headersOut } = r;
  headersOut.status = NO_CONTENT;
  if (before instanceof Error) {
    headersOut.status = CREATED;
    headersOut.location = escapeUri(r.uri);
    headersOut.contentLength = 0;
  }
  r.headerOnly = true;
  return sendHeader(r);
}

/** The body in a file of its own; null: it cannot be, which has been logged. */
function bodyFile(r: HttpRequest): string | null {
  const { body } = r;
  if (body?.file) {
    // That one is removed with the request: this is another name of it.
    const name = `${body.file}.${nextTempNumber()}`;
    try {
      linkSync(diskPath(body.file), diskPath(name));
    } catch (e) {
      logError(r, 'crit', `link() "${body.file}" failed ${errorText(e)}`);
      return null;
    }
    return name;
  }
  const made = createTempFile(r, r.loc.core.client_body_temp_path);
  if (made === null) return null;
  try {
    writeAll(made.fd, body?.chunks ?? []);
    return made.name;
  } catch (e) {
    logError(r, 'crit', `pwritev() "${made.name}" failed ${errorText(e)}`);
    remove(r, made.name);
    return null;
  } finally {
    closeSync(made.fd);
  }
}

function remove(r: HttpRequest, path: string): void {
  try {
    unlinkSync(diskPath(path));
  } catch (e) {
    logError(r, 'crit', `unlink() "${path}" failed ${errorText(e)}`);
  }
}

function deleteOne(r: HttpRequest, conf: Conf): Rc {
  if (hasBody(r)) return refuse(r, UNSUPPORTED_MEDIA_TYPE, 'DELETE with body is unsupported');
  const { min_delete_depth: least } = conf;
  if (least > 0) {
    const depth = r.uri.split('/').length - 1;
    const deep = r.uri.endsWith('/') ? depth - 1 : depth;
    if (deep < least) return refuse(r, CONFLICT, `insufficient URI depth:${depth} to DELETE`);
  }
  const path = mapUriToPath(r);
  if (path === null) return 500;
  const info = linkInfo(path);
  if (info instanceof Error) {
    return davError(r, info, errnoOf(info) === ENOTDIR ? CONFLICT : NOT_FOUND, 'lstat', path);
  }
  if (!info.isDirectory()) {
    const depth = depthOf(r, 0);
    if (depth !== 0 && depth !== Number.POSITIVE_INFINITY) {
      return refuse(r, BAD_REQUEST, '"Depth" header must be 0 or infinity');
    }
    const rc = deletePath(r, path, false);
    return rc === OK ? NO_CONTENT : rc;
  }
  if (!r.uri.endsWith('/')) {
    return refuse(r, CONFLICT, `DELETE "${path}" failed ${errnoText(EISDIR)}`);
  }
  if (depthOf(r, Number.POSITIVE_INFINITY) !== Number.POSITIVE_INFINITY) {
    return refuse(r, BAD_REQUEST, '"Depth" header must be infinity');
  }
  const rc = deletePath(r, path.slice(0, -1), true);
  return rc === OK ? NO_CONTENT : rc;
}

/** -1: the header says something else, which has been logged. */
function depthOf(r: HttpRequest, usual: number): number {
  const given = r.headersIn.get('depth');
  if (given === undefined) return usual;
  if (given === '0' || given === '1') return Number(given);
  if (given === 'infinity') return Number.POSITIVE_INFINITY;
  logError(r, 'error', `client sent invalid "Depth" header: "${given}"`);
  return -1;
}

function makeCollection(r: HttpRequest, conf: Conf): Rc {
  if (hasBody(r)) return refuse(r, UNSUPPORTED_MEDIA_TYPE, 'MKCOL with body is unsupported');
  if (!r.uri.endsWith('/')) return refuse(r, CONFLICT, 'MKCOL can create a collection only');
  const path = mapUriToPath(r);
  if (path === null) return 500;
  const rc = makeDirectory(r, path.slice(0, -1), directoryAccess(conf.dav_access), CONFLICT);
  if (rc !== OK) return rc;
  r.headersOut.location = escapeUri(r.uri);
  return CREATED;
}

function copyOrMove(r: HttpRequest, conf: Conf): Rc {
  if (hasBody(r)) return refuse(r, UNSUPPORTED_MEDIA_TYPE, 'COPY and MOVE with body are unsupported');
  const given = r.headersIn.get('destination');
  if (given === undefined) return refuse(r, BAD_REQUEST, 'client sent no "Destination" header');
  const wanted = destinationUri(r, given);
  if (typeof wanted === 'number') return wanted;
  const moves = r.method === 'MOVE';
  const depth = depthOf(r, Number.POSITIVE_INFINITY);
  if (depth !== Number.POSITIVE_INFINITY && (moves || depth !== 0)) {
    return refuse(r, BAD_REQUEST, `"Depth" header must be ${moves ? '' : '0 or '}infinity`);
  }
  const over = r.headersIn.get('overwrite') ?? 'T';
  if (!/^[TtFf]$/.test(over)) {
    return refuse(r, BAD_REQUEST, `client sent invalid "Overwrite" header: "${over}"`);
  }
  const from = pathOf(r, r.uri);
  const mapped = pathOf(r, wanted);
  if (from === null || mapped === null) return 500;
  const slash = mapped.endsWith('/');
  const to = slash ? mapped.slice(0, -1) : mapped;
  const related = checkRelation(r, from, to, slash, given);
  if (related !== OK) return related;

  const old = linkInfo(to);
  if (old instanceof Error) {
    if (errnoOf(old) !== ENOENT) return davError(r, old, NOT_FOUND, 'lstat', to);
  } else {
    if (old.isDirectory() && !slash) return refuse(r, CONFLICT, notToCollection(r, given));
    if (over === 'F' || over === 'f') {
      return refuse(r, PRECONDITION_FAILED, `"${to}" could not be created ${errnoText(EEXIST)}`);
    }
  }
  const info = linkInfo(from);
  if (info instanceof Error) return davError(r, info, NOT_FOUND, 'lstat', from);
  if (info.isDirectory()) {
    if (!r.uri.endsWith('/')) return refuse(r, BAD_REQUEST, `"${r.uri}" is collection`);
    if (!(old instanceof Error)) {
      const rc = deletePath(r, to, old.isDirectory());
      if (rc !== OK) return rc;
    }
    return collectionTo(r, from.slice(0, -1), to, info, moves);
  }
  const how = { access: 0, pathAccess: conf.dav_access, time: -1 };
  const done = moves ? renameFile(r, from, to, how) : copyFile(r, from, to, info);
  return done ? NO_CONTENT : 500;
}

function collectionTo(r: HttpRequest, from: string, to: string, info: Stats, moves: boolean): Rc {
  if (moves && renameDirectory(from, to)) return CREATED;
  const made = makeDirectory(r, to, info.mode & 0o777, NOT_FOUND);
  if (made !== OK) return made;
  if (!copyTree(r, from, to)) return 500;
  const rc = moves ? deletePath(r, from, true) : OK;
  return rc === OK ? CREATED : rc;
}

/** The uri that the Destination header names, or the status of what is wrong with it. */
function destinationUri(r: HttpRequest, given: string): string | Rc {
  const invalid = (): Rc => refuse(r, BAD_REQUEST, `client sent invalid "Destination" header: "${given}"`);
  let at = 0;
  if (!given.startsWith('/')) {
    if (r.host === '') return refuse(r, BAD_REQUEST, 'client sent no "Host" header');
    const scheme = r.connection.https === '' ? 'http://' : 'https://';
    if (!given.startsWith(scheme)) return invalid();
    if (!given.startsWith(r.host, scheme.length)) {
      const other = 'is handled by different repository than the source URI';
      return refuse(r, BAD_REQUEST, `"Destination" URI "${given}" ${other}`);
    }
    at = given.indexOf('/', scheme.length + r.host.length);
    if (at === -1) return invalid();
  }
  const target = parseUnsafeUri(r, given.slice(at));
  if (target === null) return invalid();
  if (r.uri.endsWith('/') !== given.endsWith('/')) {
    const both = 'should be either collections or non-collections';
    return refuse(r, CONFLICT, `both URI "${r.uri}" and "Destination" URI "${given}" ${both}`);
  }
  const { root } = r.loc.core;
  return root.alias && !root.regex && target.uri.length < root.aliasLength ? invalid() : target.uri;
}

function pathOf(r: HttpRequest, uri: string): string | null {
  const own = r.uri;
  r.uri = uri;
  const path = mapUriToPath(r);
  r.uri = own;
  return path === null ? null : path.replace(/\/{2,}/g, '/');
}

function notToCollection(r: HttpRequest, given: string): string {
  return `"${r.uri}" could not be ${r.method}ed to collection "${given}"`;
}

/** Neither may be the other, nor a collection be put into itself. */
function checkRelation(r: HttpRequest, from: string, to: string, slash: boolean, given: string): Rc {
  const source = from.endsWith('/') ? from.slice(0, -1) : from;
  if (source === to) {
    const both = `both URI "${r.uri}" and "Destination" URI "${given}"`;
    return refuse(r, FORBIDDEN, `${both} point to the same location`);
  }
  const inside = to.startsWith(`${source}/`) || source.startsWith(`${to}/`);
  return slash && inside ? refuse(r, FORBIDDEN, notToCollection(r, given)) : OK;
}
