// Each testdata/*.conf is a configuration, a divider line, and its tree as outline() writes it; where there is a fault,
// the whole text of the error follows what had been read before it.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from './parse.ts';
import { print } from './print.ts';
import { outline } from './testdata/outline.ts';

const DIVIDER = '\n----------\n';
const directory = `${import.meta.dirname}/testdata`;
const files = readdirSync(directory).filter((file) => file.endsWith('.conf'));

describe.each(files)('%s', (file) => {
  const [config = '', expected] = readFileSync(`${directory}/${file}`, 'latin1').split(DIVIDER);
  const tree = parse(config, file);

  test('is read', () => {
    const { error } = tree;
    const fault = error === null ? '' : `[emerg] ${error.message} in ${tree.file}:${error.line}\n`;
    expect(outline(tree.directives, true) + fault).toBe(expected);
  });

  test('survives being printed', () => {
    const again = parse(print(tree.directives), file);
    expect(again.error).toBeNull();
    expect(outline(again.directives, false)).toBe(outline(tree.directives, false));
  });
});
