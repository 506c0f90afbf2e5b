// What is wrong with scripts, as faults of the configuration: all of it is told, each to the column.

import { ConfError, excerpt } from '../conf/error.ts';
import { toLatin1, toText } from '../core/text.ts';
import type { Mistake } from './host/mistakes.ts';

export class ScriptFault extends ConfError {
  readonly #remarks: readonly string[];

  constructor({ message, place, notes }: Mistake) {
    super(toLatin1(message), place.file === '' ? null : { ...place, file: toLatin1(place.file) });
    this.#remarks = notes;
  }

  /** The message says the place itself. */
  override line(): string {
    return this.message;
  }

  override print(text: string | undefined): string {
    const lines = [this.line()];
    if (this.place !== null && text !== undefined) {
      // Columns count characters.
      const characters = toText(text);
      lines.push(...excerpt(characters, this.place).map(toLatin1));
    }
    for (const remark of this.#remarks) lines.push(`    note: ${toLatin1(remark)}`);
    return lines.join('\n');
  }
}

/** Several at once. */
export class ScriptFaults extends ConfError {
  override readonly all: readonly ConfError[];
  override readonly program = 'tsresty';

  constructor(all: readonly ConfError[]) {
    super(all.map((fault) => fault.line()).join('\n'), null);
    this.all = all;
  }
}
