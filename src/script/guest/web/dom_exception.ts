// DOMException: what web APIs throw.

import { create, defineProperty, Error_ } from '../builtins.ts';

/** The constant of each code, from 1 on, and the name of the exceptions that have it; some are not thrown any more. */
const CODES: readonly (readonly [constant: string, name: string])[] = [
  ['INDEX_SIZE_ERR', 'IndexSizeError'],
  ['DOMSTRING_SIZE_ERR', ''],
  ['HIERARCHY_REQUEST_ERR', 'HierarchyRequestError'],
  ['WRONG_DOCUMENT_ERR', 'WrongDocumentError'],
  ['INVALID_CHARACTER_ERR', 'InvalidCharacterError'],
  ['NO_DATA_ALLOWED_ERR', ''],
  ['NO_MODIFICATION_ALLOWED_ERR', 'NoModificationAllowedError'],
  ['NOT_FOUND_ERR', 'NotFoundError'],
  ['NOT_SUPPORTED_ERR', 'NotSupportedError'],
  ['INUSE_ATTRIBUTE_ERR', 'InUseAttributeError'],
  ['INVALID_STATE_ERR', 'InvalidStateError'],
  ['SYNTAX_ERR', 'SyntaxError'],
  ['INVALID_MODIFICATION_ERR', 'InvalidModificationError'],
  ['NAMESPACE_ERR', 'NamespaceError'],
  ['INVALID_ACCESS_ERR', 'InvalidAccessError'],
  ['VALIDATION_ERR', ''],
  ['TYPE_MISMATCH_ERR', 'TypeMismatchError'],
  ['SECURITY_ERR', 'SecurityError'],
  ['NETWORK_ERR', 'NetworkError'],
  ['ABORT_ERR', 'AbortError'],
  ['URL_MISMATCH_ERR', 'URLMismatchError'],
  ['QUOTA_EXCEEDED_ERR', 'QuotaExceededError'],
  ['TIMEOUT_ERR', 'TimeoutError'],
  ['INVALID_NODE_TYPE_ERR', 'InvalidNodeTypeError'],
  ['DATA_CLONE_ERR', 'DataCloneError'],
];
const codeOf: Record<string, number> = create(null);

export class DOMException extends Error_ {
  readonly #name: string;

  constructor(message = '', name = 'Error') {
    super(message);
    this.#name = name;
  }

  override get name(): string {
    return this.#name;
  }

  get code(): number {
    return codeOf[this.#name] ?? 0;
  }
}
defineProperty(DOMException.prototype, 'name', { enumerable: false });
defineProperty(DOMException.prototype, Symbol.toStringTag, { value: 'DOMException', configurable: true });
for (let i = 0; i < CODES.length; i++) {
  const [constant, name] = CODES[i] as (typeof CODES)[number];
  const value = { value: i + 1, enumerable: true };
  defineProperty(DOMException, constant, value);
  defineProperty(DOMException.prototype, constant, value);
  if (name !== '') codeOf[name] = i + 1;
}
