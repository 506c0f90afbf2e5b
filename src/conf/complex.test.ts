import { expect, test } from 'vitest';
import { type Evaluated, Variables } from './complex.ts';

test('names that only requests speak of take no room for good', () => {
  const variables = new Variables();
  variables.addFamily('arg_', (suffix) => ({ get: () => `value of ${suffix}` }));
  variables.finish();
  const r: Evaluated = { vars: [], captures: null };
  for (let i = 0; i < 2000; i++) expect(variables.find(`arg_${i}`)?.read(r)).toBe(`value of ${i}`);
  expect(variables.find('arg_1999')).toBe(variables.find('ARG_1999'));
  expect(variables.find('other')).toBeUndefined();
  expect(variables.count).toBe(0);
  expect(r.vars).toHaveLength(0);
});
