import { MARKETS, type Market } from '@shared/market';
import type { RequestKind } from './fault-rules';
import type { IpBudget } from './ip-budget';

export interface LoggedRequest {
  method: string;
  /** Path and query. */
  path: string;
  status: number;
}

export interface PracticeCounters {
  /** Requests by what they were after. */
  requests: Record<RequestKind, number>;
  /** Requests for candles and trades: klines, aggTrades and archive files, without their CHECKSUMs. */
  candleRequests: number;
  /** Weight spent since the start, in all markets together and in each. */
  weightUsed: number;
  weight: Record<Market, number>;
  /** Requests refused with 429 and 418 because of their weight; those of fault rules are not counted. */
  refused: { tooMuch: number; banned: number };
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
    aggTrades: 0,
    archive: 0,
    checksum: 0,
    listing: 0,
    stream: 0,
    other: 0,
  };

  constructor(private readonly budgets: Readonly<Record<Market, IpBudget>>) {}

  add(kind: RequestKind, request: LoggedRequest): void {
    this.requests[kind]++;
    this.ring[this.next++ % KEPT] = request;
  }

  counters(): PracticeCounters {
    const { klines, aggTrades, archive } = this.requests;
    const { spot, um, cm } = this.budgets;
    const sum = (of: (budget: IpBudget) => number) => MARKETS.reduce((all, each) => all + of(this.budgets[each]), 0);
    return {
      requests: { ...this.requests },
      candleRequests: klines + aggTrades + archive,
      weightUsed: sum(({ spent }) => spent),
      weight: { spot: spot.spent, um: um.spent, cm: cm.spent },
      refused: { tooMuch: sum(({ refused }) => refused.tooMuch), banned: sum(({ refused }) => refused.banned) },
    };
  }

  /** Oldest first. */
  newest(): LoggedRequest[] {
    const start = this.next % KEPT;
    return this.next <= KEPT ? [...this.ring] : [...this.ring.slice(start), ...this.ring.slice(0, start)];
  }
}
