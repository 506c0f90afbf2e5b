// What became of one attempt at a peer, for $upstream_addr and its like.

export class AttemptState {
  /** null: no attempt, but the mark between those before and after an internal redirect. */
  peer: string | null = null;
  /** 0: none. */
  status = 0;
  // Milliseconds; -1 where it has not come to that.
  connectTime = 0;
  headerTime = 0;
  responseTime = 0;
  queueTime = 0;
  responseLength = 0;
  bytesReceived = 0;
  bytesSent = 0;

  begin(): void {
    this.connectTime = -1;
    this.headerTime = -1;
    this.responseTime = -1;
    this.queueTime = -1;
  }
}
