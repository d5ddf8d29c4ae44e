import { MARKETS, type Market } from '@shared/market';
import { answerAggTrades } from './agg-trades';
import type { CandleBook } from './candle-book';
import { answerExchangeInfo } from './exchange-info';
import type { RequestKind } from './fault-rules';
import { answerFuturesInfo } from './futures-info';
import { answerFuturesKlines, chargedLimit, futuresKlinesWeight } from './futures-klines';
import type { IpBudget } from './ip-budget';
import { answerKlines } from './klines';
import { Query } from './query';
import { jsonReply, type Reply } from './replies';
import type { TradeTape } from './trade-tape';

export type RestKind = Extract<RequestKind, 'ping' | 'time' | 'exchangeInfo' | 'klines' | 'aggTrades'>;

/** One address serves all markets, since their paths differ. */
const ROOTS: Readonly<Record<Market, string>> = { spot: '/api/v3/', um: '/fapi/v1/', cm: '/dapi/v1/' };
const KINDS: ReadonlySet<string> = new Set<RestKind>(['ping', 'time', 'exchangeInfo', 'klines', 'aggTrades']);
const SPOT_WEIGHTS: Readonly<Record<RestKind, number>> = {
  ping: 1,
  time: 1,
  exchangeInfo: 20,
  klines: 2,
  aggTrades: 4,
};

/** The market that a path belongs to, and what it is after there. */
export function restRoute(path: string): { market: Market; kind: RestKind | 'other' } | null {
  const market = MARKETS.find((each) => path.startsWith(ROOTS[each]));
  if (!market) return null;
  const name = path.slice(ROOTS[market].length);
  return { market, kind: KINDS.has(name) ? (name as RestKind) : 'other' };
}

/** Weight of a request. */
export function restWeight(market: Market, kind: RestKind, search: string): number {
  if (market === 'spot') return SPOT_WEIGHTS[kind];
  if (kind === 'klines') return futuresKlinesWeight(chargedLimit(search));
  return kind === 'aggTrades' ? 20 : 1;
}

export interface RestApiParts {
  book: CandleBook;
  tape: TradeTape;
  budgets: Readonly<Record<Market, IpBudget>>;
  /** See `PracticeOptions.futuresTradesDepthMs`. */
  futuresTradesDepthMs: number;
}

/** Answers of the three markets' REST calls. */
export class RestApi {
  constructor(private readonly parts: RestApiParts) {}

  /** Throws `ExchangeError` for what the exchange refuses. `timeUnit` is the X-MBX-TIME-UNIT header. */
  async answer(
    market: Market,
    kind: RestKind,
    search: string,
    timeUnit: string | undefined,
    now: number,
  ): Promise<Reply> {
    const { book, tape, budgets, futuresTradesDepthMs } = this.parts;
    switch (kind) {
      case 'ping':
      case 'time':
        new Query(search).finish();
        return jsonReply(kind === 'ping' ? '{}' : { serverTime: now });
      case 'exchangeInfo':
        return market === 'spot'
          ? answerExchangeInfo(book, search, now, budgets.spot.limit)
          : answerFuturesInfo(book, market, now, budgets[market].limit);
      case 'klines':
        return market === 'spot'
          ? answerKlines(book, search, timeUnit, now)
          : answerFuturesKlines(book, market, search, now);
      case 'aggTrades':
        return answerAggTrades(tape, market, book.listed[market], search, timeUnit, now, futuresTradesDepthMs);
    }
  }
}
