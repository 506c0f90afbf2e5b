// A request's body as scripts read and replace it.

import { statSync } from 'node:fs';
import { errorText } from '../../core/errno.ts';
import { logError } from '../../http/log.ts';
import type { HttpRequest } from '../../http/request.ts';
import type { RequestBody } from '../../http/request_body.ts';
import { closeTempFile, createTempFile, removeTempFile, writeAll } from '../../http/temp_file.ts';
import { exchangeOf } from '../../http/upstream/of_request.ts';
import { Refusal } from './request.ts';

/** Of a request that has none, when it has been read. */
export const NO_BODY: RequestBody = { chunks: [], file: null, length: 0 };

export function bodyBytes(r: HttpRequest, most: number): Buffer | undefined {
  const { body } = r;
  if (body === null || body.chunks === null || body.length === 0) return undefined;
  const bytes = Buffer.concat(body.chunks);
  return most > 0 ? bytes.subarray(0, most) : bytes;
}

export function bodyRead(r: HttpRequest): void {
  if (r.discardBody) throw new Refusal('request body already discarded asynchronously');
  if (r.body !== null) return;
  // Who passes a request on has read its body, also where there is none.
  if (r.bodyReader !== null || exchangeOf(r) === null) throw new Refusal('request body not read yet');
  r.body = NO_BODY;
}

export function setBody(r: HttpRequest, bytes: Buffer): void {
  bodyRead(r);
  r.body = { chunks: bytes.length === 0 ? [] : [bytes], file: null, length: bytes.length };
  lengthHeader(r, bytes.length);
}

/** Bytes that the worker holds for a body that a script puts together. */
const MAX_DRAFT = 64 * 1024 * 1024;

/** A body that a script puts together: in memory up to `inMemory` bytes, else in a file that goes with the request. */
export class BodyDraft {
  readonly #inMemory: number;
  #raw = '';

  constructor(inMemory: number) {
    this.#inMemory = inMemory;
  }

  append(raw: string): void {
    if (this.#raw.length + raw.length > MAX_DRAFT) throw new Refusal('no memory');
    this.#raw += raw;
  }

  /** Makes it the body of `r`. */
  finish(r: HttpRequest): void {
    const bytes = Buffer.from(this.#raw, 'latin1');
    if (bytes.length <= this.#inMemory) setBody(r, bytes);
    else setBodyInFile(r, bytes);
  }
}

function setBodyInFile(r: HttpRequest, bytes: Buffer): void {
  bodyRead(r);
  const made = createTempFile(r, r.loc.core.client_body_temp_path);
  if (made === null) throw new Refusal('fail to write file');
  r.onEnd((ended) => {
    closeTempFile(ended, made.fd, made.name);
    removeTempFile(ended, made.name);
  });
  try {
    writeAll(made.fd, [bytes]);
  } catch (error) {
    logError(r, 'crit', `write() "${made.name}" failed ${errorText(error)}`);
    throw new Refusal('fail to write file');
  }
  logError(r, 'warn', `a client request body is buffered to a temporary file ${made.name}`);
  r.body = { chunks: null, file: made.name, length: bytes.length };
  lengthHeader(r, bytes.length);
}

/** `anyFile`: else it may only be the one that the body is in; tenants have no business with others. */
export function setBodyFile(r: HttpRequest, file: string, anyFile: boolean): void {
  bodyRead(r);
  const stat = anyFile || file === r.body?.file ? statSync(file, { throwIfNoEntry: false }) : undefined;
  if (stat?.isFile() !== true) throw new Refusal(`open() "${file}" failed`);
  r.body = { chunks: null, file, length: stat.size };
  lengthHeader(r, stat.size);
}

export function lengthHeader(r: HttpRequest, length: number): void {
  r.headersIn = r.headersIn.clone();
  r.headersIn.set('Content-Length', [String(length)]);
  r.headersIn.set('Transfer-Encoding', []);
  r.contentLength = length;
  r.chunked = false;
}
