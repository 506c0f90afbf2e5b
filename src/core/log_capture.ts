// The latest lines of the error log, kept for scripts (ts_capture_error_log) until they take them. Of the whole process,
// as there is one ngx.errlog; the oldest lines make room for new ones.

/** What a line costs beside its text. */
const HEADER_BYTES = 16;

interface Captured {
  readonly rank: number;
  /** Seconds since 1970, with milliseconds. */
  readonly at: number;
  readonly line: string;
}

export class LogCapture {
  readonly #maxBytes: number;
  #lines: Captured[] = [];
  #bytes = 0;
  /** Lines of less weight than this are not kept; 8 is [debug]. */
  rank = 8;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** `rank`: 0 for ngx.STDERR, 1 for [emerg] … 8 for [debug]. */
  add(rank: number, line: string): void {
    const bytes = line.length + HEADER_BYTES;
    if (rank > this.rank || bytes > this.#maxBytes) return;
    this.#bytes += bytes;
    let over = 0;
    while (this.#bytes > this.#maxBytes) {
      this.#bytes -= (this.#lines[over] as Captured).line.length + HEADER_BYTES;
      over++;
    }
    if (over > 0) this.#lines.splice(0, over);
    this.#lines.push({ rank, at: Date.now() / 1000, line });
  }

  /** Takes the oldest `most` lines (0: all) out: level, time and text, one after the other. */
  take(most: number): (number | string)[] {
    const taken = this.#lines.splice(0, most > 0 ? most : this.#lines.length);
    for (const { line } of taken) this.#bytes -= line.length + HEADER_BYTES;
    return taken.flatMap(({ rank, at, line }) => [rank, at, line]);
  }
}
