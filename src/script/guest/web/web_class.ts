// What Web IDL asks of every class: members of the prototype are enumerable, and the class has a tag. Its name, too: the
// bundler takes another where a class speaks of itself.

import { defineProperty, getOwnPropertyDescriptor, hasOwn, keepInstanceOf, ownKeys } from '../builtins.ts';

export function webClass(made: { readonly prototype: object }, name: string): void {
  const { prototype } = made;
  defineProperty(made, 'name', { value: name, configurable: true });
  keepInstanceOf(made);
  for (const key of ownKeys(prototype)) {
    const own = getOwnPropertyDescriptor(prototype, key);
    if (own !== undefined && typeof key === 'string' && key !== 'constructor') {
      defineProperty(prototype, key, { ...own, enumerable: true });
    }
  }
  if (!hasOwn(prototype, Symbol.toStringTag)) {
    defineProperty(prototype, Symbol.toStringTag, { value: name, configurable: true });
  }
}
