import type { RequestKind } from './faults';

export interface LoggedRequest {
  method: string;
  /** Path and query. */
  path: string;
  status: number;
}

export interface PracticeCounters {
  /** Requests by what they were after. */
  requests: Record<RequestKind, number>;
  /** Requests for candles: klines and archive files, without their CHECKSUMs. */
  candleRequests: number;
  /** Weight spent since the start. */
  weightUsed: number;
}

const KEPT = 4_096;

/** Counts requests and remembers the newest ones. A status of 0 is an answer that never came. */
export class RequestLog {
  private readonly ring: LoggedRequest[] = [];
  private next = 0;
  private readonly requests: Record<RequestKind, number> = {
    ping: 0,
    time: 0,
    exchangeInfo: 0,
    klines: 0,
    archive: 0,
    checksum: 0,
    listing: 0,
    stream: 0,
    other: 0,
  };
  weightUsed = 0;

  add(kind: RequestKind, request: LoggedRequest): void {
    this.requests[kind]++;
    this.ring[this.next++ % KEPT] = request;
  }

  counters(): PracticeCounters {
    return {
      requests: { ...this.requests },
      candleRequests: this.requests.klines + this.requests.archive,
      weightUsed: this.weightUsed,
    };
  }

  /** Oldest first. */
  newest(): LoggedRequest[] {
    const start = this.next % KEPT;
    return this.next <= KEPT ? [...this.ring] : [...this.ring.slice(start), ...this.ring.slice(0, start)];
  }
}
