// FormData, and both of its forms on the wire: multipart/form-data and application/x-www-form-urlencoded.

import { charCodeAt, indexOf, slice, TypeError_, toLowerCase, toText } from '../builtins.ts';
import { decodeRaw, encodeRaw } from '../text.ts';
import { Blob, blobOf, File, rawOfBlob } from './blob.ts';
import { webClass } from './web_class.ts';

type Entry = readonly [name: string, value: string | File];

let entriesOf: (form: FormData) => Entry[];

function wellFormed(value: unknown): string {
  return toText(value).toWellFormed();
}

function entry(name: unknown, value: unknown, filename: unknown, given: boolean): Entry {
  const key = wellFormed(name);
  if (!(value instanceof Blob)) {
    if (given) throw new TypeError_('FormData: a filename is for a Blob');
    return [key, wellFormed(value)];
  }
  if (value instanceof File && !given) return [key, value];
  const options = {
    type: value.type,
    ...(value instanceof File ? { lastModified: value.lastModified } : {}),
  };
  return [key, new File([value], given ? filename : 'blob', options)];
}

export class FormData {
  #list: Entry[] = [];

  static {
    entriesOf = (form) => form.#list;
  }

  constructor(form?: unknown) {
    if (form !== undefined) throw new TypeError_('FormData: there are no forms here');
  }

  append(name: unknown, value: unknown, filename: unknown = undefined): void {
    if (arguments.length < 2) throw new TypeError_('FormData.append: two arguments are needed');
    if (arguments.length < 2) throw new TypeError_('FormData.append: a name and a value are needed');
    this.#list.push(entry(name, value, filename, filename !== undefined));
  }

  delete(name: unknown): void {
    if (arguments.length < 1) throw new TypeError_('FormData.delete: an argument is needed');
    const key = wellFormed(name);
    this.#list = this.#list.filter(([own]) => own !== key);
  }

  get(name: unknown): string | File | null {
    if (arguments.length < 1) throw new TypeError_('FormData.get: an argument is needed');
    const key = wellFormed(name);
    return this.#list.find(([own]) => own === key)?.[1] ?? null;
  }

  getAll(name: unknown): (string | File)[] {
    if (arguments.length < 1) throw new TypeError_('FormData.getAll: an argument is needed');
    const key = wellFormed(name);
    return this.#list.filter(([own]) => own === key).map(([, value]) => value);
  }

  has(name: unknown): boolean {
    if (arguments.length < 1) throw new TypeError_('FormData.has: an argument is needed');
    const key = wellFormed(name);
    return this.#list.some(([own]) => own === key);
  }

  set(name: unknown, value: unknown, filename: unknown = undefined): void {
    if (arguments.length < 2) throw new TypeError_('FormData.set: two arguments are needed');
    if (arguments.length < 2) throw new TypeError_('FormData.set: a name and a value are needed');
    const made = entry(name, value, filename, filename !== undefined);
    const at = this.#list.findIndex(([own]) => own === made[0]);
    if (at === -1) {
      this.#list.push(made);
      return;
    }
    this.#list = this.#list.filter(([own], i) => own !== made[0] || i <= at);
    this.#list[at] = made;
  }

  forEach(
    callback: (value: string | File, name: string, form: FormData) => void,
    self: unknown = undefined,
  ): void {
    if (typeof callback !== 'function') throw new TypeError_('FormData.forEach: the callback is no function');
    for (const [name, value] of this) callback.call(self, value, name, this);
  }

  *entries(): Generator<[string, string | File]> {
    for (let i = 0; i < this.#list.length; i++) {
      const [name, value] = this.#list[i] as Entry;
      yield [name, value];
    }
  }

  *keys(): Generator<string> {
    for (const [name] of this.entries()) yield name;
  }

  *values(): Generator<string | File> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): Generator<[string, string | File]> {
    return this.entries();
  }
}
webClass(FormData, 'FormData');

const NEWLINES = /\r\n|\r|\n/g;

/** In a name or filename, between quotes. */
function escapeName(name: string): string {
  return encodeRaw(name).replace(/\n/g, '%0A').replace(/\r/g, '%0D').replace(/"/g, '%22');
}

/** The form as multipart/form-data, bytes one a character. */
export function toMultipart(form: FormData): { raw: string; type: string } {
  let boundary = '----formdata-tsresty-';
  for (let i = 0; i < 4; i++) boundary += Math.floor(Math.random() * 0x1000000).toString(36);
  let raw = '';
  for (const [name, value] of entriesOf(form)) {
    const disposition = `form-data; name="${escapeName(name.replace(NEWLINES, '\r\n'))}"`;
    raw += `--${boundary}\r\nContent-Disposition: ${disposition}`;
    if (typeof value === 'string') {
      raw += `\r\n\r\n${encodeRaw(value.replace(NEWLINES, '\r\n'))}\r\n`;
    } else {
      const type = value.type === '' ? 'application/octet-stream' : value.type;
      raw += `; filename="${escapeName(value.name)}"\r\nContent-Type: ${type}\r\n\r\n${rawOfBlob(value)}\r\n`;
    }
  }
  return { raw: `${raw}--${boundary}--\r\n`, type: `multipart/form-data; boundary=${boundary}` };
}

function fail(why: string): never {
  throw new TypeError_(`Failed to parse body as FormData: ${why}`);
}

/** A parameter of a header's value: `boundary=x`, `name="a b"`. */
function parameter(text: string, wanted: string): string | undefined {
  const parameters = /;[\t ]*([^=;\s]+)[\t ]*=[\t ]*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))/g;
  for (const [, name, quoted, plain] of text.matchAll(parameters)) {
    if (toLowerCase(name ?? '') === wanted) return quoted ?? plain ?? '';
  }
  return undefined;
}

function unescapeName(name: string): string {
  return decodeRaw(
    name.replace(/%(0A|0D|22)/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
  );
}

/** A form from bytes one a character, by the value of their Content-Type. */
export function parseForm(
  raw: string,
  type: string,
  parseQuery: (text: string) => [string, string][],
): FormData {
  const form = new FormData();
  const essence = toLowerCase(type.split(';')[0] ?? '').trim();
  if (essence === 'application/x-www-form-urlencoded') {
    for (const [name, value] of parseQuery(decodeRaw(raw))) form.append(name, value);
    return form;
  }
  if (essence !== 'multipart/form-data') fail(`the type is "${type}"`);
  const boundary = parameter(type, 'boundary');
  if (boundary === undefined || boundary === '') fail('the type has no boundary');
  parseMultipart(form, raw, `--${boundary}`);
  return form;
}

function parseMultipart(form: FormData, raw: string, delimiter: string): void {
  let at = raw.startsWith(delimiter) ? 0 : indexOf(raw, `\r\n${delimiter}`) + 2;
  if (at === 1) fail('the boundary is not there');
  for (;;) {
    at += delimiter.length;
    if (slice(raw, at, at + 2) === '--') return;
    // Blanks may stand behind a boundary.
    while (charCodeAt(raw, at) === 32 || charCodeAt(raw, at) === 9) at++;
    if (slice(raw, at, at + 2) !== '\r\n') fail('a boundary is not followed by a line end');
    const headersFrom = at + 2;
    let headersEnd = indexOf(raw, '\r\n\r\n', at);
    if (headersEnd === -1) fail('a part has no end of its headers');
    if (headersEnd < headersFrom) headersEnd = headersFrom;
    const bodyFrom = headersEnd + (headersEnd === headersFrom ? 2 : 4);
    const bodyEnd = indexOf(raw, `\r\n${delimiter}`, bodyFrom - 2);
    if (bodyEnd === -1) fail('a part does not end');
    addPart(form, slice(raw, headersFrom, headersEnd), slice(raw, bodyFrom, Math.max(bodyFrom, bodyEnd)));
    at = bodyEnd + 2;
  }
}

function addPart(form: FormData, head: string, body: string): void {
  let name: string | undefined;
  let filename: string | undefined;
  let type = '';
  for (const line of head.split('\r\n')) {
    const colon = indexOf(line, ':');
    if (colon === -1) fail('a header of a part has no colon');
    const value = slice(line, colon + 1).trim();
    switch (toLowerCase(slice(line, 0, colon))) {
      case 'content-disposition':
        if (!/^form-data(?:;|$)/i.test(value)) fail('a part is not form-data');
        name = parameter(value, 'name');
        filename = parameter(value, 'filename');
        break;
      case 'content-type':
        type = value;
        break;
    }
  }
  if (name === undefined) fail('a part has no name');
  if (filename === undefined) form.append(unescapeName(name), decodeRaw(body));
  else {
    const blob = blobOf(body, type === '' ? 'text/plain' : type);
    form.append(unescapeName(name), blob, unescapeName(filename));
  }
}
