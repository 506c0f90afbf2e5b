// What carries the requests of fetch, and what it tells of them: the client of our own for plain http, undici otherwise.

/** A request under way. */
export interface Transfer {
  pause(): void;
  resume(): void;
  /** Nothing of it is wanted any more, nor told. */
  abort(): void;
}

export interface TransferUser {
  /** `headers`: a name in lower case, its value, the next name, … */
  head(status: number, headers: readonly string[], statusText: string): void;
  /** A piece of the body: those bytes, until this returns. */
  data(bytes: Buffer, from: number, to: number): void;
  end(): void;
  failed(error: Error): void;
  /** All that has come at a time has been told. */
  settle(): void;
}
